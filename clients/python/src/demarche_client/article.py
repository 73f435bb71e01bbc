"""What is asked: an article and what is wanted of it, as a request of the contract. It knows no connection."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypedDict, Union

from demarche.v1 import stance_service_pb2 as pb
from demarche.v1 import types_pb2

from .errors import InvalidArgument

Date = Union[str, datetime.date]


class Offsets(Enum):
    """The unit of all offsets of an answer."""

    CODE_POINT = "code points"
    UTF8 = "bytes of UTF-8"
    UTF16 = "units of UTF-16"


@dataclass(frozen=True)
class Article:
    """A text to read, and what is known of it.

    `text` has 1 to 200,000 code points. `id` is the caller's own and comes back with the result. `date` is the
    day of publication, "YYYY-MM-DD" or a date: give it, since officials are resolved at it. `speaker` is the
    party whose words a speech or an official statement is. `issue` is the issue at hand in free words.
    """

    text: str
    id: str | None = None
    title: str | None = None
    date: Date | None = None
    language: str | None = None
    uri: str | None = None
    speaker: str | None = None
    issue: str | None = None


class Ask(TypedDict, total=False):
    """What may be asked of an article. The first six hold for articles that do not say so themselves.

    Parties are codes: "CN", "UN", "EU" (CLDR regions), "NATO", "G7" (blocs). `target`: only positions toward this
    party. `holders`: only these parties' positions. `min_confidence`: 0 to 1; without it the model's own threshold.
    `explain`: what decided, term by term. `include_uncounted`: also rows that do not count. `offsets`: code points
    by default, as Python slices.
    """

    title: str
    date: Date
    language: str
    uri: str
    speaker: str
    issue: str
    target: str
    holders: Sequence[str]
    min_confidence: float
    explain: bool
    include_uncounted: bool
    model_name: str
    model_version: str
    offsets: Offsets


_ENCODINGS = {
    Offsets.CODE_POINT: types_pb2.OFFSET_ENCODING_CODE_POINT,
    Offsets.UTF8: types_pb2.OFFSET_ENCODING_UTF8,
    Offsets.UTF16: types_pb2.OFFSET_ENCODING_UTF16,
}
_PASSED_ON = ("min_confidence", "explain", "include_uncounted", "model_name", "model_version")


def check(ask: Mapping[str, Any]) -> None:
    """Refuses what cannot be asked, with what can."""
    unknown = sorted(set(ask) - set(Ask.__annotations__))
    if unknown:
        raise TypeError(f"unknown: {', '.join(unknown)}; allowed: {', '.join(Ask.__annotations__)}")
    if not isinstance(ask.get("offsets", Offsets.CODE_POINT), Offsets):
        raise TypeError(f"offsets must be one of {', '.join(map(str, Offsets))}")
    if isinstance(ask.get("holders"), str):
        raise TypeError('holders must be a list of codes, such as ["CN", "NATO"]')


def as_article(given: str | Article) -> Article:
    """A bare text as an article."""
    if isinstance(given, Article):
        return given
    if isinstance(given, str):
        return Article(given)
    raise TypeError(f"an article must be a str or an Article, not {type(given).__name__}")


def request(article: Article, ask: Mapping[str, Any]) -> pb.ClassifyRequest:
    """The request; InvalidArgument if it cannot be written down, as a text with half a surrogate pair."""

    def either(name: str) -> Any:
        own = getattr(article, name)
        return ask.get(name) if own is None else own

    speaker, target = either("speaker"), ask.get("target")
    try:
        return pb.ClassifyRequest(
            article=pb.Article(
                text=article.text,
                title=either("title") or "",
                publish_date=_day(either("date")),
                language_code=either("language") or "",
                uri=either("uri") or "",
                speaker=_party(speaker) if speaker else None,
            ),
            issue=either("issue") or "",
            target=_party(target) if target else None,
            holders=[_party(code) for code in ask.get("holders") or ()],
            offset_encoding=_ENCODINGS[ask.get("offsets", Offsets.CODE_POINT)],
            **{name: ask[name] for name in _PASSED_ON if name in ask},
        )
    except (TypeError, ValueError) as bad:
        raise InvalidArgument("INVALID_ARGUMENT", f"not a request: {bad}", reason="NOT_A_REQUEST") from bad


def _day(date: Date | None) -> str:
    if isinstance(date, datetime.datetime):
        date = date.date()
    return date.isoformat() if isinstance(date, datetime.date) else date or ""


def _party(code: str) -> types_pb2.Party:
    """Regions have two letters; codes of blocs are longer or hold a digit ("G7")."""
    if len(code) == 2 and code.isalpha():
        return types_pb2.Party(region_code=code)
    return types_pb2.Party(bloc_code=code)
