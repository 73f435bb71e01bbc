"""Streams: order, bounds, what fails, servers that go away; against real servers."""

import asyncio
import itertools

import pytest

import demarche_client as dc

TEXT = "China condemned the sanctions of the United States. Peru hosted the talks. "


def stream_sync(address, articles, **options):
    client = options.pop("client", {})
    with dc.Client(address, **client) as client:
        yield from client.stream(articles, **options)


def stream_async(address, articles, **options):
    """The asyncio client, stepped from here."""
    client = options.pop("client", {})
    loop = asyncio.new_event_loop()

    async def results():
        async with dc.AsyncClient(address, **client) as client_:
            inner = client_.stream(articles, **options)
            try:
                async for result in inner:
                    yield result
            finally:
                await inner.aclose()

    generator = results()
    try:
        while True:
            try:
                yield loop.run_until_complete(generator.__anext__())
            except StopAsyncIteration:
                return
    finally:
        loop.run_until_complete(generator.aclose())
        loop.close()


@pytest.fixture(params=[stream_sync, stream_async], ids=["sync", "asyncio"])
def stream(request):
    return request.param


def numbered(count, text=TEXT):
    return (dc.Article("" if number % 10 == 3 else text, id=str(number)) for number in range(count))


@pytest.mark.parametrize("ordered", [True, False])
def test_every_article_has_one_result(stream, address, ordered):
    results = list(stream(address, numbered(300), ordered=ordered, issue="the sanctions"))
    if not ordered:
        results.sort(key=lambda result: result.index)
    assert [result.article.id for result in results] == [str(number) for number in range(300)]
    for number, result in enumerate(results):
        assert result.index == number
        if number % 10 == 3:
            assert result.answer is None and result.error.reason == "TEXT_EMPTY"
        else:
            assert result.error is None and result.answer.issue == "the sanctions"


@pytest.mark.parametrize("ordered", [True, False])
def test_the_source_is_read_no_further_than_the_window(stream, address, ordered):
    read = 0

    def endless():
        nonlocal read
        while True:
            read += 1
            yield TEXT

    results = stream(address, endless(), window=4, lanes=2, ordered=ordered)
    for taken in range(1, 50):
        next(results)
        assert taken <= read <= taken + 8
    results.close()


def test_what_cannot_be_sent_spoils_nothing(stream, address):
    articles = [TEXT, "half a pair: \ud83d", "long " * 1_000_000, TEXT]
    results = list(stream(address, articles))
    reasons = [result.error and result.error.reason for result in results]
    assert reasons == [None, "NOT_A_REQUEST", "MESSAGE_TOO_LARGE", None]


def test_nothing(stream, address):
    assert list(stream(address, [])) == []


def test_an_error_of_the_source_comes_through(stream, address):
    def broken():
        yield TEXT
        raise KeyError("source")

    with pytest.raises(KeyError, match="source"):
        list(stream(address, broken()))


def test_an_asynchronous_source_that_pauses_holds_nothing_back(address):
    async def check():
        answered = asyncio.Event()

        async def source():
            yield TEXT
            await asyncio.wait_for(answered.wait(), 60)  # the first answer must come before the second article
            yield TEXT

        async with dc.AsyncClient(address) as client:
            count = 0
            async for _ in client.stream(source()):
                answered.set()
                count += 1
            return count

    assert asyncio.run(check()) == 2


def test_a_server_killed_on_the_way_loses_and_repeats_nothing(stream, start):
    doomed, stays = start(), start()
    results = []
    for result in stream([doomed.address, stays.address], numbered(600, TEXT * 10)):
        results.append(result)
        if len(results) == 100:
            doomed.kill()
    assert [result.article.id for result in results] == [str(number) for number in range(600)]
    assert all((result.error is None) == (number % 10 != 3) for number, result in enumerate(results))


def test_a_server_that_is_stopped_and_comes_back(stream, start):
    server = start()
    results = []
    for result in stream(server.address, numbered(200), client={"retry": dc.Retry(attempts=10)}, window=8):
        results.append(result)
        if len(results) == 50:
            assert server.stop() == 0
            start(listen=server.address)
    assert [result.article.id for result in results] == [str(number) for number in range(200)]
    assert all((result.error is None) == (number % 10 != 3) for number, result in enumerate(results))


def test_no_server_ends_the_stream(stream):
    with pytest.raises(dc.Unavailable):
        list(stream("127.0.0.1:1", [TEXT] * 10, client={"retry": dc.Retry(attempts=2, first=0.01)}))


def test_a_deadline(stream, address):
    with pytest.raises(dc.DeadlineExceeded):
        list(stream(address, itertools.repeat(TEXT * 100), timeout=0.5))


def test_progress(stream, address, capsys):
    pytest.importorskip("tqdm")
    assert len(list(stream(address, [TEXT] * 5, progress=True))) == 5
    assert "5/5" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [{"window": 0}, {"lanes": 0}])
def test_wrong_bounds(stream, address, wrong):
    with pytest.raises(ValueError, match="at least 1"):
        list(stream(address, [TEXT], **wrong))
