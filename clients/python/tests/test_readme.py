"""The README's examples, run as they stand but for the address."""

import pathlib
import re

README = (pathlib.Path(__file__).parents[1] / "README.md").read_text("utf-8")


def test_the_examples_run(address, capsys):
    names = {}
    examples = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert len(examples) == 3
    for example in examples:
        exec(compile(example.replace("127.0.0.1:50051", address), "README.md", "exec"), names)
        if example is examples[0]:
            expected = re.search(r"```text\n(.*?)```", README, re.DOTALL).group(1)
            assert capsys.readouterr().out == expected
