"""How an answer looks, in a terminal and in a notebook."""

import re

import pytest

from demarche_client import Client, Offsets

TEXT = "😀 A <b>note</b> & more. China condemned the sanctions of the United States."


@pytest.mark.parametrize("offsets", list(Offsets))
def test_the_notebook_shows_the_text_with_its_evidence(address, offsets):
    with Client(address) as client:
        page = client.classify(TEXT, offsets=offsets)._repr_html_()
    body = re.search(r"<p style=[^>]*>(.*?)</p>", page, re.DOTALL).group(1)
    marked = "".join(re.findall(r"<mark [^>]*>(.*?)</mark>", body))
    assert re.sub("<[^>]*>", "", marked) == "China condemned the sanctions of the United States."
    assert {"China", "condemned"} <= set(re.findall("<u>(.*?)</u>", body))
    assert re.sub("<[^>]*>", "", body) == "😀 A &lt;b&gt;note&lt;/b&gt; &amp; more. " + re.sub("<[^>]*>", "", marked)
    assert "<td>China</td>" in page and "opposed" in page


def test_nothing_found_says_so(address):
    with Client(address) as client:
        assert "No position found." in client.classify("It rained all day in the north.")._repr_html_()


def test_the_terminal_shows_a_row_a_line(address):
    with Client(address) as client:
        lines = repr(client.classify(TEXT, issue="the sanctions")).splitlines()
    assert lines[0].startswith("Answer(issue='the sanctions', model='default ")
    assert any(
        re.match(r"  Row\(China opposed -> the sanctions, \d+%, stated: 'China condemned", line) for line in lines
    )
