"""The asyncio client: the same calls as `Client`, with await."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import grpc

from demarche.v1 import model_service_pb2 as models
from demarche.v1 import stance_service_pb2 as stances

from . import aio_streaming, errors
from ._methods import Methods
from .answer import Answer, ListedModel, ModelDetails, Result, answer, listed_models, model_details, result
from .article import Article, Ask, Offsets, as_article, check, request
from .channel import Address, Retry, Tls, Token, endpoint, metadata
from .client import DEFAULT_TIMEOUT
from .progress import progress_bar
from .window import Window

if TYPE_CHECKING:
    from typing_extensions import Unpack


class AsyncClient:
    """Asks a server, or several; arguments as for `Client`. Make it where the event loop runs."""

    def __init__(
        self,
        address: Address,
        *,
        tls: Tls | bool = False,
        token: Token | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        retry: Retry = Retry(),  # noqa: B008  (frozen)
    ) -> None:
        place = endpoint(address, tls, retry)
        if place.credentials is None:
            self._channel = grpc.aio.insecure_channel(place.target, place.options)
        else:
            self._channel = grpc.aio.secure_channel(place.target, place.credentials, place.options)
        self._methods = Methods(self._channel)
        self._addresses, self._token, self._timeout, self._retry = place.addresses, token, timeout, retry

    async def close(self) -> None:
        """Ends the connections; calls in flight are cancelled."""
        await self._channel.close(None)

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def classify(self, article: str | Article, *, timeout: float | None = None, **ask: Unpack[Ask]) -> Answer:
        """Reads one article; see `Client.classify`."""
        check(ask)
        article = as_article(article)
        message = await self._call(self._methods.classify, request(article, ask), timeout)
        return answer(message, article.text, ask.get("offsets", Offsets.CODE_POINT))

    async def batch(
        self, articles: Sequence[str | Article], *, timeout: float | None = None, **ask: Unpack[Ask]
    ) -> list[Result]:
        """Reads 1 to 256 articles in one call; see `Client.batch`."""
        check(ask)
        given = [as_article(article) for article in articles]
        batch = stances.BatchClassifyRequest(requests=[request(article, ask) for article in given])
        message = await self._call(self._methods.batch, batch, timeout)
        offsets = ask.get("offsets", Offsets.CODE_POINT)
        return [result(index, *pair, offsets) for index, pair in enumerate(zip(given, message.results))]

    async def stream(
        self,
        articles: Iterable[str | Article] | AsyncIterable[str | Article],
        *,
        ordered: bool = True,
        window: int = 64,
        lanes: int | None = None,
        progress: bool = False,
        timeout: float | None = None,
        **ask: Unpack[Ask],
    ) -> AsyncIterator[Result]:
        """Reads any number of articles; see `Client.stream`. The source may be asynchronous; then its pauses hold
        back nothing. A source that is not must not block.
        """
        check(ask)
        if window < 1 or (lanes is not None and lanes < 1):
            raise ValueError("window and lanes must be at least 1")
        bar = progress_bar(articles) if progress else None
        kept = Window(ask, self._addresses if lanes is None else lanes, window, ordered, self._retry)
        deadline = None if timeout is None else time.monotonic() + timeout

        def open_call() -> Any:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            return self._methods.stream(timeout=left, metadata=metadata(self._token))

        source = _each(articles)
        results = aio_streaming.run(source, kept, open_call)
        try:
            async for found in results:
                if bar is not None:
                    bar.update()
                yield found
        finally:
            await results.aclose()
            await source.aclose()
            if bar is not None:
                bar.close()

    async def model(self, name: str = "", version: str = "", *, timeout: float | None = None) -> ModelDetails:
        """What is known of a model; without name and version, of the one that answers."""
        asked = models.GetModelRequest(name=name, version=version)
        return model_details(await self._call(self._methods.get_model, asked, timeout))

    async def models(self, *, timeout: float | None = None) -> tuple[ListedModel, ...]:
        """The models that are loaded."""
        return listed_models(await self._call(self._methods.list_models, models.ListModelsRequest(), timeout))

    async def _call(self, method: Any, message: Any, timeout: float | None) -> Any:
        deadline = time.monotonic() + (self._timeout if timeout is None else timeout)
        failures = 0
        while True:
            try:
                left = max(0.0, deadline - time.monotonic())
                return await method(message, timeout=left, metadata=metadata(self._token))
            except grpc.aio.AioRpcError as failed:
                error = errors.from_call(failed)
            failures += 1
            pause = self._retry.again(failures, error)
            if pause is None or time.monotonic() + pause >= deadline:
                raise error
            await asyncio.sleep(pause)


async def _each(
    articles: Iterable[str | Article] | AsyncIterable[str | Article],
) -> AsyncGenerator[Article, None]:
    if isinstance(articles, AsyncIterable):
        async for article in articles:
            yield as_article(article)
    else:
        for article in articles:
            yield as_article(article)
