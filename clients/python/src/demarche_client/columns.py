"""An article from a line of a table, and an answer as plain values; for pandas and for Spark, and without either."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from .answer import Party, Result, Row
from .article import Article

# The columns of an article, by the names that are looked for if no others are given.
ARTICLE_COLUMNS = ("text", "title", "date", "language", "uri", "speaker", "issue")


def column_map(present: Sequence[str], columns: Mapping[str, str] | None) -> dict[str, str]:
    """Which column holds what. Those named must be there; others are taken if they are."""
    given = dict(columns or {})
    unknown = sorted(set(given) - set(ARTICLE_COLUMNS))
    if unknown:
        raise ValueError(f"an article has no {', '.join(unknown)}; allowed: {', '.join(ARTICLE_COLUMNS)}")
    missing = sorted(set(given.values()) - set(present))
    if missing:
        raise ValueError(f"there is no column {', '.join(missing)}; there are {', '.join(present)}")
    found = {name: name for name in ARTICLE_COLUMNS if name in present}
    found.update(given)
    if "text" not in found:
        raise ValueError(f"no column of texts: say columns={{'text': NAME}}; there are {', '.join(present)}")
    return found


def article(values: Mapping[str, Any]) -> Article:
    """An article of the values of its columns. A missing value is left out; a missing text is empty."""
    present = {name: _value(value) for name, value in values.items() if not _is_missing(value)}
    return Article(**{"text": "", **present})


def stance(row: Row) -> dict[str, Any]:
    """A row as a flat record, with its strongest sentence."""
    first, target = row.evidence[0], row.target
    return {
        "holder_code": row.holder.code,
        "holder": row.holder.name,
        "stance": row.stance.value,
        "target_code": target.code if isinstance(target, Party) else None,
        "target": target.name if isinstance(target, Party) else target,
        "confidence": row.confidence,
        "aligned": row.scores.aligned,
        "neutral": row.scores.neutral,
        "opposed": row.scores.opposed,
        "voice": row.voice,
        "modality": row.modality,
        "speaker": row.speaker,
        "sentence": first.text,
        "start": first.start,
        "end": first.end,
    }


def error(result: Result) -> dict[str, str] | None:
    """The error of a result."""
    failed = result.error
    return None if failed is None else {"code": failed.code, "reason": failed.reason, "message": failed.message}


def _is_missing(value: Any) -> bool:
    """None, NaN, NaT and pandas.NA: what is not equal to itself, or cannot say."""
    if value is None:
        return True
    try:
        return bool(value != value)
    except TypeError:
        return True


def _value(value: Any) -> Any:
    return value if isinstance(value, datetime.date) else str(value)
