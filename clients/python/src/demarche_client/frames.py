"""Articles in and stances out as pandas frames. Needs pandas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pandas

from . import columns as table
from .article import Article

if TYPE_CHECKING:
    from .client import Client

COLUMNS = {
    "holder_code": "string", "holder": "string", "stance": "string", "target_code": "string", "target": "string",
    "confidence": "float64", "aligned": "float64", "neutral": "float64", "opposed": "float64",
    "voice": "string", "modality": "string", "speaker": "string", "sentence": "string",
    "start": "Int64", "end": "Int64",
    "error_code": "string", "error_reason": "string", "error_message": "string",
}  # fmt: skip


def classify_frame(
    client: Client, frame: pandas.DataFrame, *, columns: Mapping[str, str] | None = None, **options: Any
) -> pandas.DataFrame:
    """The stances of all articles of a frame, a line each, under the index of their article.

    Columns named `text`, `title`, `date`, `language`, `uri`, `speaker` and `issue` are read; `columns` gives others:
    `{"text": "body"}`. Of `text` one must be there. `options` are those of `Client.stream`. The result has the columns
    `COLUMNS`; `start` and `end` are those of the sentence in the text. An article without a stance has no line; one
    that failed has one line, with `error_code`, `error_reason` and `error_message` and nothing else.
    """
    found = table.column_map([str(name) for name in frame.columns], columns)
    places: list[int] = []
    lines: list[dict[str, Any]] = []
    for result in client.stream(_Articles(frame, found), **{**options, "ordered": True}):
        failed = table.error(result)
        if failed is not None:
            places.append(result.index)
            lines.append({f"error_{name}": value for name, value in failed.items()})
        for row in result.answer.rows if result.answer else ():
            places.append(result.index)
            lines.append(table.stance(row))
    stances = pandas.DataFrame(lines, columns=list(COLUMNS), index=frame.index.take(places))
    typed: pandas.DataFrame = stances.astype(COLUMNS)
    return typed


class _Articles:
    """The articles of a frame, made as they are asked for; it has a length, for the progress bar."""

    def __init__(self, frame: pandas.DataFrame, found: Mapping[str, str]) -> None:
        self._frame, self._found = frame, found

    def __len__(self) -> int:
        return len(self._frame)

    def __iter__(self) -> Iterator[Article]:
        for values in zip(*(self._frame[column] for column in self._found.values())):
            yield table.article(dict(zip(self._found, values)))
