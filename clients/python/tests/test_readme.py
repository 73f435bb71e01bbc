"""The READMEs' examples, run as they stand but for the address."""

import pathlib
import re

PACKAGE = (pathlib.Path(__file__).parents[1] / "README.md").read_text("utf-8")
PROJECT = (pathlib.Path(__file__).parents[3] / "README.md").read_text("utf-8")


def blocks(text, language):
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def run(example, address, names):
    exec(compile(example.replace("127.0.0.1:50051", address), "README.md", "exec"), names)


def test_the_examples_of_the_package(address, capsys):
    examples, names = blocks(PACKAGE, "python"), {}
    assert len(examples) == 3
    for example in examples:
        run(example, address, names)
        if example is examples[0]:
            assert capsys.readouterr().out == blocks(PACKAGE, "text")[0]


def test_the_example_of_the_project(address, capsys):
    (example,) = blocks(PROJECT, "python")
    run(example, address, {})
    assert "China opposed United States China condemned the sanctions of the United States." in capsys.readouterr().out
