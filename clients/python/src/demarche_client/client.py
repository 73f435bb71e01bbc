"""The synchronous client. It may be used from several threads."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

import grpc

from demarche.v1 import model_service_pb2 as models
from demarche.v1 import stance_service_pb2 as stances

from . import errors, streaming
from ._methods import Methods
from .answer import Answer, ListedModel, ModelDetails, Result, answer, listed_models, model_details, result
from .article import Article, Ask, Offsets, as_article, check, request
from .channel import Address, Retry, Tls, Token, endpoint, metadata
from .progress import progress_bar
from .window import Window

if TYPE_CHECKING:
    import pandas
    from typing_extensions import Unpack

DEFAULT_TIMEOUT = 20.0


class Client:
    """Asks a server, or several.

    `address` is HOST:PORT, `https://HOST:PORT` for TLS, or several IP:PORT. A name may stand for several addresses;
    calls go round all of them. `token` is a bearer token, or a function that gives one; without TLS it travels in
    the clear. `timeout` is in seconds and holds for a call with all its retries, not for a stream.

    >>> with Client("127.0.0.1:50051") as client:                                              # doctest: +SKIP
    ...     client.classify("China condemned the sanctions of the United States.")
    """

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
            self._channel = grpc.insecure_channel(place.target, place.options)
        else:
            self._channel = grpc.secure_channel(place.target, place.credentials, place.options)
        self._methods = Methods(self._channel)
        self._addresses, self._token, self._timeout, self._retry = place.addresses, token, timeout, retry

    def close(self) -> None:
        """Ends the connections; calls in flight are cancelled."""
        self._channel.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def classify(self, article: str | Article, *, timeout: float | None = None, **ask: Unpack[Ask]) -> Answer:
        """Reads one article: `classify(text, issue="the ceasefire", date="2024-03-12")`.

        `Ask` has all that may be asked. Raises `DemarcheError`.
        """
        check(ask)
        article = as_article(article)
        message = self._call(self._methods.classify, request(article, ask), timeout)
        return answer(message, article.text, ask.get("offsets", Offsets.CODE_POINT))

    def batch(
        self, articles: Sequence[str | Article], *, timeout: float | None = None, **ask: Unpack[Ask]
    ) -> list[Result]:
        """Reads 1 to 256 articles, of at most 3 MiB in all, in one call. A result each, in the same order.

        Raises `DemarcheError` if there is no answer to the batch as a whole. `stream` takes any number.
        """
        check(ask)
        given = [as_article(article) for article in articles]
        batch = stances.BatchClassifyRequest(requests=[request(article, ask) for article in given])
        message = self._call(self._methods.batch, batch, timeout)
        offsets = ask.get("offsets", Offsets.CODE_POINT)
        return [result(index, *pair, offsets) for index, pair in enumerate(zip(given, message.results))]

    def stream(
        self,
        articles: Iterable[str | Article],
        *,
        ordered: bool = True,
        window: int = 64,
        lanes: int | None = None,
        progress: bool = False,
        timeout: float | None = None,
        **ask: Unpack[Ask],
    ) -> Iterator[Result]:
        """Reads any number of articles; an article that fails is a result with its error.

        The source is read as results are taken, at most `window` articles ahead for each of `lanes` calls (one an
        address by default; the server allows some 64 streams at once). A pause of the source holds back what is
        already answered until its next article. `ordered=False` yields results as they come. Where a call breaks, the
        articles that it did not answer are sent again. `progress` needs tqdm. Raises `DemarcheError` if the stream
        as a whole cannot go on.
        """
        check(ask)
        if window < 1 or (lanes is not None and lanes < 1):
            raise ValueError("window and lanes must be at least 1")
        bar = progress_bar(articles) if progress else None
        kept = Window(ask, self._addresses if lanes is None else lanes, window, ordered, self._retry)
        deadline = None if timeout is None else time.monotonic() + timeout
        return self._stream(iter(articles), kept, deadline, bar)

    def _stream(
        self, articles: Iterator[str | Article], window: Window, deadline: float | None, bar: Any
    ) -> Iterator[Result]:
        def open_call(messages: Iterator[stances.StreamClassifyRequest]) -> Any:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            return self._methods.stream(messages, timeout=left, metadata=metadata(self._token))

        with closing(streaming.run(map(as_article, articles), window, open_call)) as results:
            try:
                for found in results:
                    if bar is not None:
                        bar.update()
                    yield found
            finally:
                if bar is not None:
                    bar.close()

    def classify_frame(self, frame: pandas.DataFrame, **options: Any) -> pandas.DataFrame:
        """Reads the articles of a pandas DataFrame; see `demarche_client.frames.classify_frame`."""
        from .frames import classify_frame

        return classify_frame(self, frame, **options)

    def model(self, name: str = "", version: str = "", *, timeout: float | None = None) -> ModelDetails:
        """What is known of a model; without name and version, of the one that answers."""
        asked = models.GetModelRequest(name=name, version=version)
        return model_details(self._call(self._methods.get_model, asked, timeout))

    def models(self, *, timeout: float | None = None) -> tuple[ListedModel, ...]:
        """The models that are loaded."""
        return listed_models(self._call(self._methods.list_models, models.ListModelsRequest(), timeout))

    def _call(self, method: Any, message: Any, timeout: float | None) -> Any:
        deadline = time.monotonic() + (self._timeout if timeout is None else timeout)
        failures = 0
        while True:
            try:
                left = max(0.0, deadline - time.monotonic())
                return method(message, timeout=left, metadata=metadata(self._token))
            except grpc.RpcError as failed:
                error = errors.from_call(failed)
            failures += 1
            pause = self._retry.again(failures, error)
            if pause is None or time.monotonic() + pause >= deadline:
                raise error
            time.sleep(pause)
