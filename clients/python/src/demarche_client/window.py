"""The articles of a stream that are under way: which are sent, answered, to be sent again. It does no I/O.

`Client.stream` and `AsyncClient.stream` drive it. They read the source only while there is room, so memory is
bounded whatever the length of the source. A stream is carried by several calls ("lanes"); where one breaks, what it
did not answer goes to the others. An article is answered once: what a broken lane still says is not listened to.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from demarche.v1 import stance_service_pb2 as pb

from .answer import Result, result
from .article import Article, Offsets, request
from .channel import Retry
from .errors import DemarcheError, error

# The server ends the whole stream at a larger one.
MAX_MESSAGE_BYTES = 4 * 1024 * 1024


@dataclass
class _Item:
    index: int
    article: Article
    message: pb.StreamClassifyRequest
    failures: int = 0


@dataclass
class Lane:
    """One call. `call` is the driver's own, None while there is none."""

    call: Any = None
    unanswered: dict[int, _Item] = field(default_factory=dict)
    answered: bool = False
    opens_at: float = 0.0


class Window:
    """At most `size` articles a lane. `ordered`: results come in the order of the articles."""

    def __init__(self, ask: Mapping[str, Any], lanes: int, size: int, ordered: bool, retry: Retry) -> None:
        self.lanes = [Lane() for _ in range(lanes)]
        self._ask, self._size, self._ordered, self._retry = ask, size, ordered, retry
        self._offsets: Offsets = ask.get("offsets", Offsets.CODE_POINT)
        self._added = self._yielded = 0
        self._ready: deque[_Item] = deque()
        self._later: list[tuple[float, int, _Item]] = []
        self._finished: dict[int, Result] = {}
        self._breaks = 0

    @property
    def has_room(self) -> bool:
        """Whether another article may be added."""
        return self._added - self._yielded < self._size * len(self.lanes)

    @property
    def waits(self) -> bool:
        """Whether an article is under way that has no result yet."""
        return self._added - self._yielded > len(self._finished)

    @property
    def empty(self) -> bool:
        """Whether every article that was added has been yielded."""
        return self._added == self._yielded

    def add(self, article: Article) -> None:
        """Takes an article up. One that cannot be sent has its result at once."""
        index, self._added = self._added, self._added + 1
        try:
            message = pb.StreamClassifyRequest(id=str(index), request=request(article, self._ask))
        except DemarcheError as bad:
            self._finished[index] = Result(index, article, error=bad)
            return
        if message.ByteSize() > MAX_MESSAGE_BYTES:
            told = f"the request has {message.ByteSize()} bytes; at most {MAX_MESSAGE_BYTES} are allowed"
            self._finished[index] = Result(
                index, article, error=error("OUT_OF_RANGE", told, reason="MESSAGE_TOO_LARGE")
            )
            return
        self._ready.append(_Item(index, article, message))

    def to_send(self, now: float) -> Iterator[tuple[Lane, pb.StreamClassifyRequest]]:
        """What is to be sent now and where: to the lane that has the fewest unanswered."""
        while self._later and self._later[0][0] <= now:
            self._ready.append(heapq.heappop(self._later)[2])
        while self._ready:
            free = [lane for lane in self.lanes if lane.opens_at <= now and len(lane.unanswered) < self._size]
            if not free:
                return
            lane, item = min(free, key=lambda lane: len(lane.unanswered)), self._ready.popleft()
            lane.unanswered[item.index] = item
            yield lane, item.message

    def next_change(self) -> float | None:
        """When there may be something to send, if nothing is received until then."""
        times = [self._later[0][0]] if self._later else []
        if self._ready:
            times += [lane.opens_at for lane in self.lanes if len(lane.unanswered) < self._size]
        return min(times, default=None)

    def received(self, lane: Lane, message: pb.StreamClassifyResponse, now: float) -> None:
        """An answer came."""
        item = lane.unanswered.pop(int(message.id))
        lane.answered, self._breaks = True, 0
        found = result(item.index, item.article, message, self._offsets)
        if found.error is None or found.error.retry_after is None or not self._again(item, found.error, now):
            self._finished[item.index] = found

    def broke(self, lane: Lane, reason: DemarcheError, now: float) -> None:
        """A call ended. Raises `reason` if the stream cannot go on."""
        if lane.unanswered:
            self._breaks += 1
            may_pass = reason.code in ("UNAVAILABLE", "ABORTED") or reason.retry_after is not None
            if not may_pass or self._breaks >= self._retry.attempts * len(self.lanes):
                raise reason
            lane.opens_at = now + self._retry.pause(self._breaks, reason)
        # An article counts as tried if the server took articles at all: one that ends servers must not go round.
        for item in lane.unanswered.values():
            if not lane.answered:
                self._ready.append(item)
            elif not self._again(item, reason, now):
                self._finished[item.index] = Result(item.index, item.article, error=reason)
        lane.call, lane.answered, lane.unanswered = None, False, {}

    def results(self) -> Iterator[Result]:
        """The results that may be yielded."""
        if not self._ordered:
            while self._finished:
                self._yielded += 1
                yield self._finished.pop(next(iter(self._finished)))
        while self._yielded in self._finished:
            self._yielded += 1
            yield self._finished.pop(self._yielded - 1)

    def _again(self, item: _Item, reason: DemarcheError, now: float) -> bool:
        item.failures += 1
        if item.failures >= self._retry.attempts:
            return False
        pause = 0.0 if reason.code == "UNAVAILABLE" else self._retry.pause(item.failures, reason)
        heapq.heappush(self._later, (now + pause, item.index, item))
        return True
