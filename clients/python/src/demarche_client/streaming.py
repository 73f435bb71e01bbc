"""Drives a `Window` with threads: one reads the answers of each call, gRPC's own sends, the caller's does the rest."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Generator, Iterator
from typing import Any, Callable

import grpc

from demarche.v1 import stance_service_pb2 as pb

from . import errors
from .answer import Result
from .article import Article
from .window import Lane, Window

# How long a server that has answered all may take to end the stream.
END_SECONDS = 5.0

OpenCall = Callable[[Iterator[pb.StreamClassifyRequest]], Any]


class _Call:
    """An open call. Both queues are bounded by the window: no more is sent than it has room for."""

    def __init__(self, open_call: OpenCall, lane: Lane, events: queue.SimpleQueue[tuple[Lane, _Call, Any]]) -> None:
        self._messages: queue.SimpleQueue[pb.StreamClassifyRequest | None] = queue.SimpleQueue()
        self._call = open_call(iter(self._messages.get, None))
        self._lane, self._events = lane, events
        self._reader = threading.Thread(target=self._read, daemon=True, name="demarche-stream")
        self._reader.start()

    def send(self, message: pb.StreamClassifyRequest) -> None:
        self._messages.put(message)

    def end(self, unanswered: bool) -> None:
        """Ends it from this side: in good order, or where something is unanswered by giving that up."""
        self._messages.put(None)
        if not unanswered:
            self._reader.join(END_SECONDS)
        self._call.cancel()
        self._reader.join()

    def _read(self) -> None:
        try:
            for message in self._call:
                self._events.put((self._lane, self, message))
            ended = errors.error("UNAVAILABLE", "the server ended the stream")
        except grpc.RpcError as failed:
            ended = errors.from_call(failed)
        self._messages.put(None)  # or gRPC's sender would wait for ever
        self._events.put((self._lane, self, ended))


def run(articles: Iterator[Article], window: Window, open_call: OpenCall) -> Generator[Result, None, None]:
    """The results of all articles. Closing it ends the calls."""
    events: queue.SimpleQueue[tuple[Lane, _Call, Any]] = queue.SimpleQueue()
    more = True
    try:
        while more or not window.empty:
            if more and window.has_room:
                article = next(articles, None)
                if article is None:
                    more = False
                else:
                    window.add(article)
            for lane, message in window.to_send(time.monotonic()):
                if lane.call is None:
                    lane.call = _Call(open_call, lane, events)
                lane.call.send(message)
            wait = window.waits and not (more and window.has_room)
            for lane, call, event in _received(events, window, wait):
                if lane.call is not call:
                    continue
                if isinstance(event, errors.DemarcheError):
                    window.broke(lane, event, time.monotonic())
                else:
                    window.received(lane, event, time.monotonic())
            yield from window.results()
    finally:
        for lane in window.lanes:
            if lane.call is not None:
                lane.call.end(bool(lane.unanswered))


def _received(
    events: queue.SimpleQueue[tuple[Lane, _Call, Any]], window: Window, wait: bool
) -> Iterator[tuple[Lane, _Call, Any]]:
    """All that has come; if there is nothing else to do, the next that comes before something is to be sent."""
    try:
        if wait:
            change = window.next_change()
            yield events.get(timeout=None if change is None else max(0.001, change - time.monotonic()))
        while True:
            yield events.get_nowait()
    except queue.Empty:
        return
