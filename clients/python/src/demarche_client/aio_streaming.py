"""Drives a `Window` in an event loop: tasks send and read each call, another reads the source."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any, Callable

import grpc

from demarche.v1 import stance_service_pb2 as pb

from . import errors
from .answer import Result
from .article import Article
from .streaming import END_SECONDS
from .window import Lane, Window

# What grpc.aio says of a call that it could not write to, in place of the reason.
BROKEN_WRITE = ("INTERNAL", "Internal error from Core")

OpenCall = Callable[[], Any]


class _Inbox:
    """What the calls have said and the driver has not read. Bounded by the window, as all that is sent is."""

    def __init__(self) -> None:
        self.events: deque[tuple[Lane, _Call, Any]] = deque()
        self.woken = asyncio.Event()

    def put(self, lane: Lane, call: _Call, event: Any) -> None:
        self.events.append((lane, call, event))
        self.woken.set()

    async def wait(self, until: float | None) -> None:
        """Until something has come, or the source has, or that time."""
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self.woken.wait(), None if until is None else max(0.001, until - time.monotonic()))
        self.woken.clear()


class _Call:
    """An open call. Both queues are bounded by the window: no more is sent than it has room for."""

    def __init__(self, open_call: OpenCall, lane: Lane, inbox: _Inbox) -> None:
        self._messages: asyncio.Queue[pb.StreamClassifyRequest | None] = asyncio.Queue()
        self._call, self._lane, self._inbox = open_call(), lane, inbox
        self._tasks = [asyncio.ensure_future(self._write()), asyncio.ensure_future(self._read())]

    def send(self, message: pb.StreamClassifyRequest) -> None:
        self._messages.put_nowait(message)

    async def end(self, unanswered: bool) -> None:
        """Ends it from this side: in good order, or where something is unanswered by giving that up."""
        if not unanswered:
            self._messages.put_nowait(None)
            await asyncio.wait(self._tasks[1:], timeout=END_SECONDS)
        self._call.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _write(self) -> None:
        try:
            while (message := await self._messages.get()) is not None:
                await self._call.write(message)
            await self._call.done_writing()
        except (grpc.RpcError, asyncio.InvalidStateError):
            return  # the reader tells why the call ended

    async def _read(self) -> None:
        try:
            while (message := await self._call.read()) is not grpc.aio.EOF:
                self._inbox.put(self._lane, self, message)
            ended = errors.error("UNAVAILABLE", "the server ended the stream")
        except grpc.aio.AioRpcError as failed:
            ended = errors.from_call(failed)
            if (ended.code, ended.message) == BROKEN_WRITE:
                ended = errors.error("UNAVAILABLE", "the connection broke while an article was sent")
        self._tasks[0].cancel()
        self._inbox.put(self._lane, self, ended)


async def run(articles: AsyncIterator[Article], window: Window, open_call: OpenCall) -> AsyncGenerator[Result, None]:
    """The results of all articles. Closing it ends the calls."""
    inbox = _Inbox()
    source: asyncio.Future[Article | None] | None = None
    more = True
    try:
        while more or not window.empty:
            if more and window.has_room and source is None:
                source = asyncio.ensure_future(_next(articles))
                source.add_done_callback(lambda _: inbox.woken.set())
            for lane, message in window.to_send(time.monotonic()):
                if lane.call is None:
                    lane.call = _Call(open_call, lane, inbox)
                lane.call.send(message)
            if source is not None or window.waits:
                await inbox.wait(window.next_change())
            if source is not None and source.done():
                article, source = source.result(), None
                if article is None:
                    more = False
                else:
                    window.add(article)
            while inbox.events:
                lane, call, event = inbox.events.popleft()
                if lane.call is not call:
                    continue
                if isinstance(event, errors.DemarcheError):
                    window.broke(lane, event, time.monotonic())
                else:
                    window.received(lane, event, time.monotonic())
            for result in window.results():
                yield result
    finally:
        if source is not None:
            source.cancel()
            await asyncio.gather(source, return_exceptions=True)
        for lane in window.lanes:
            if lane.call is not None:
                await lane.call.end(bool(lane.unanswered))


async def _next(articles: AsyncIterator[Article]) -> Article | None:
    async for article in articles:
        return article
    return None
