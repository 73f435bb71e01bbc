"""Single calls, batches and models, by both clients, against a real server."""

import asyncio
import datetime

import pytest

import demarche_client as dc

# The first character is one code point, two UTF-16 units and four bytes.
TEXT = (
    "😀 China condemned the sanctions of the United States. "
    "Côte d’Ivoire said it remained neutral in the dispute. Egypt hosted delegations from Brazil, Norway and Qatar."
)

FRENCH = (
    "Le ministre chinois des affaires étrangères a condamné hier les sanctions que les États-Unis ont décidées contre "
    "son pays. Il a déclaré que cette mesure était contraire au droit et qu’elle ne resterait pas sans réponse."
)


def ask_sync(address, method, *arguments, options=None, **ask):
    with dc.Client(address, **(options or {})) as client:
        return getattr(client, method)(*arguments, **ask)


def ask_async(address, method, *arguments, options=None, **ask):
    async def call():
        async with dc.AsyncClient(address, **(options or {})) as client:
            return await getattr(client, method)(*arguments, **ask)

    return asyncio.run(call())


@pytest.fixture(params=[ask_sync, ask_async], ids=["sync", "asyncio"])
def ask(request, address):
    def ask(*arguments, **options):
        return request.param(options.pop("at", address), *arguments, **options)

    return ask


def test_an_answer(ask):
    answer = ask("classify", TEXT, issue="the dispute", date="2024-03-12")
    positions = {(row.holder.code, str(row.target), row.stance) for row in answer.rows}
    assert ("CN", "United States", dc.Stance.OPPOSED) in positions
    assert ("CI", "the dispute", "neutral") in positions
    assert {mention.party.code for mention in answer.mentioned} >= {"EG", "NO"}
    assert answer.issue == "the dispute" and answer.model.name == "default" and len(answer.model.content_hash) == 64
    for row in answer.rows:
        assert row.scores.aligned + row.scores.neutral + row.scores.opposed == pytest.approx(1)
        assert (row.voice, row.modality) == ("stated", "asserted")


@pytest.mark.parametrize("offsets", list(dc.Offsets))
def test_offsets(ask, offsets):
    answer = ask("classify", TEXT, offsets=offsets)
    encoded = {dc.Offsets.CODE_POINT: TEXT, dc.Offsets.UTF8: TEXT.encode(), dc.Offsets.UTF16: TEXT.encode("utf-16-le")}
    unit = 2 if offsets is dc.Offsets.UTF16 else 1
    coding = {dc.Offsets.UTF8: "utf-8", dc.Offsets.UTF16: "utf-16-le"}.get(offsets)

    def slice_of(start, end):
        piece = encoded[offsets][start * unit : end * unit]
        return piece.decode(coding) if coding else piece

    sentences = [sentence for row in answer.rows for sentence in row.evidence]
    assert sentences
    for sentence in sentences:
        assert slice_of(sentence.start, sentence.end) == sentence.text
    condemned = [s.cue for s in sentences if s.cue and "China" in s.text]
    assert {slice_of(cue.start, cue.end) for cue in condemned} == {"condemned"}


@pytest.mark.parametrize(
    ("ask_for", "holders"),
    [
        ({"target": "US"}, {"CN"}),
        ({"holders": ["CI", "NATO"]}, {"CI"}),
        ({"min_confidence": 1.0}, set()),
        (
            {"title": "On the sanctions", "language": "en", "uri": "a://b", "date": datetime.date(2024, 3, 12)},
            {"CN", "CI"},
        ),
        ({"date": datetime.datetime(2024, 3, 12, 9, 0)}, {"CN", "CI"}),
        ({"model_name": "default"}, {"CN", "CI"}),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else None,
)
def test_what_may_be_asked(ask, ask_for, holders):
    assert {row.holder.code for row in ask("classify", TEXT, **ask_for).rows} == holders


def test_whose_words(ask):
    answer = ask("classify", dc.Article("We condemn the sanctions of the United States.", speaker="CN"))
    assert {row.holder.code for row in answer.rows} == {"CN"}


def test_an_explanation_adds_up(ask):
    plain, explained = (ask("classify", TEXT, explain=explain).rows[0].evidence[0] for explain in (False, True))
    assert plain.terms == ()
    total = explained.intercept + sum(term.contribution for term in explained.terms)
    assert total == pytest.approx(explained.logit)


def test_uncounted_rows(ask):
    text = "Brazil may impose sanctions on Norway."
    counted, all_rows = (ask("classify", text, include_uncounted=more).rows for more in (False, True))
    assert not [row for row in counted if row.holder.code == "BR"]
    assert {row.modality for row in all_rows if row.holder.code == "BR"} == {"hedged"}


def test_the_error_of_a_bad_field(ask):
    with pytest.raises(dc.InvalidArgument) as raised:
        ask("classify", " ", holders=["CN", "NOBODY"])
    error = raised.value
    assert (error.code, error.reason, error.retry_after) == ("INVALID_ARGUMENT", "TEXT_EMPTY", None)
    assert [field.field for field in error.fields] == ["article.text", "holders[1].bloc_code"]
    assert error.metadata["field"] == "article.text"
    assert str(error).startswith("INVALID_ARGUMENT (TEXT_EMPTY): article.text")


@pytest.mark.parametrize(
    ("article", "asked", "kind", "reason"),
    [
        (FRENCH, {}, dc.Unimplemented, "LANGUAGE_UNSUPPORTED"),
        (TEXT, {"model_name": "none"}, dc.NotFound, "MODEL_NOT_FOUND"),
        (TEXT, {"date": "soon"}, dc.InvalidArgument, None),
        ("half a pair: \ud83d", {}, dc.InvalidArgument, "NOT_A_REQUEST"),
    ],
    ids=["French", "no such model", "no date", "no Unicode"],
)
def test_errors(ask, article, asked, kind, reason):
    with pytest.raises(kind) as raised:
        ask("classify", article, **asked)
    assert reason in (None, raised.value.reason)


def test_an_error_survives_a_process_boundary(ask):
    import pickle

    with pytest.raises(dc.DemarcheError) as raised:
        ask("classify", " ")
    copy = pickle.loads(pickle.dumps(raised.value))
    assert type(copy) is dc.InvalidArgument and vars(copy) == vars(raised.value)


@pytest.mark.parametrize(
    ("article", "asked", "told"),
    [
        (TEXT, {"isue": "a typing error"}, "unknown: isue; allowed: .*issue"),
        (TEXT, {"holders": "CN"}, "list of codes"),
        (TEXT, {"offsets": 3}, "offsets must be one of"),
        (b"bytes", {}, "must be a str or an Article, not bytes"),
    ],
)
def test_wrong_use_is_a_type_error(ask, article, asked, told):
    with pytest.raises(TypeError, match=told):
        ask("classify", article, **asked)


def test_a_batch(ask):
    results = ask("batch", [TEXT, "", dc.Article(TEXT, id="third")])
    assert [result.index for result in results] == [0, 1, 2]
    assert results[0].unwrap().rows == results[2].unwrap().rows and results[2].article.id == "third"
    with pytest.raises(dc.InvalidArgument, match="TEXT_EMPTY"):
        results[1].unwrap()


def test_a_batch_of_nothing(ask):
    with pytest.raises(dc.InvalidArgument):
        ask("batch", [])


def test_models(ask):
    details, listed = ask("model"), ask("models")
    assert [one.model for one in listed if one.current] == [details.model]
    assert details.labels == ("none", "aligned", "neutral", "opposed") and details.languages == ("en",)
    assert 0 < details.metrics["held_out_row_f1"] < 1 and 0 < details.threshold < 1


def test_nobody_there(ask):
    with pytest.raises(dc.Unavailable):
        ask("classify", TEXT, at="127.0.0.1:1", options={"retry": dc.Retry(attempts=2, first=0.01)})


def test_a_deadline(ask):
    with pytest.raises(dc.DeadlineExceeded):
        ask("classify", TEXT * 1000, timeout=0.001)
