"""pandas in and out, against a real server."""

import pytest

from demarche_client import Client

pandas = pytest.importorskip("pandas")
TEXT = "China condemned the sanctions. Egypt hosted delegations from Brazil, Norway and Qatar."


@pytest.fixture
def client(address):
    with Client(address) as client:
        yield client


def test_stances_and_errors_under_the_index_of_their_article(client):
    frame = pandas.DataFrame(
        {"body": [TEXT, None, "It rained.", TEXT], "date": [pandas.Timestamp("2024-03-12"), None, "2024-03-12", None]},
        index=pandas.Index(["a", "b", "c", "d"], name="key"),
    )
    found = client.classify_frame(frame, columns={"text": "body"}, issue="the sanctions")
    assert found.index.name == "key"
    assert list(found.index.unique()) == ["a", "b", "d"]  # "c" holds no stance, so it has no line
    failed = found[found.error_code.notna()]
    assert list(failed.error_reason) == ["TEXT_EMPTY"] and failed.stance.isna().all()
    stances = found[found.error_code.isna()]
    assert ("CN", "opposed", "the sanctions") in set(zip(stances.holder_code, stances.stance, stances.target))
    for key, row in stances.iterrows():
        assert frame.body[key][row.start : row.end] == row.sentence


def test_nothing_in_nothing_out_with_the_same_columns(client):
    empty = client.classify_frame(pandas.DataFrame({"text": []}))
    full = client.classify_frame(pandas.DataFrame({"text": [TEXT]}))
    assert len(empty) == 0 and list(empty.dtypes) == list(full.dtypes)


def test_several_levels_of_index(client):
    index = pandas.MultiIndex.from_tuples([("paper", 1), ("paper", 2)], names=["source", "number"])
    found = client.classify_frame(pandas.DataFrame({"text": [TEXT, ""]}, index=index))
    assert set(found.index) == set(index) and found.index.names == index.names


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        (None, "no column of texts"),
        ({"text": "content"}, "there is no column content; there are body"),
        ({"words": "body"}, "an article has no words; allowed: text"),
    ],
)
def test_columns_that_are_not_there(client, columns, told):
    with pytest.raises(ValueError, match=told):
        client.classify_frame(pandas.DataFrame({"body": [TEXT]}), columns=columns)
