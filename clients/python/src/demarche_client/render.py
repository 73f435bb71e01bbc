"""How an answer looks in a notebook: the text with its evidence highlighted, and a table of the rows."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Callable

from .article import Offsets

if TYPE_CHECKING:
    from .answer import Answer, Row

# Background of the sentences and of the table's cells, by stance; legible on light and dark pages.
_COLOURS = {"aligned": "#2e7d3240", "neutral": "#75757540", "opposed": "#c6282840", "unknown": "#75757540"}


def shortened(text: str, width: int = 80) -> str:
    """At most `width` characters, with an ellipsis where something is left out."""
    return text if len(text) <= width else text[: width - 1] + "…"


def html(answer: Answer) -> str:
    """The answer as HTML. The text is escaped; nothing in it is taken as markup."""
    rows = "".join(_table_row(row) for row in answer.rows) or '<tr><td colspan="5">No position found.</td></tr>'
    issue = f"<p>Issue: {escape(answer.issue)}</p>" if answer.issue else ""
    head = "".join(f"<th>{name}</th>" for name in ("Holder", "Stance", "Toward", "Confidence", "Voice"))
    return (
        f'<div class="demarche">{issue}<p style="white-space:pre-wrap">{_marked(answer)}</p>'
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _table_row(row: Row) -> str:
    stance = f'<td style="background:{_COLOURS[row.stance]}">{escape(row.stance)}</td>'
    cells = [escape(str(row.holder)), None, escape(str(row.target)), f"{row.confidence:.0%}", escape(row.voice)]
    return "<tr>" + "".join(stance if cell is None else f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _marked(answer: Answer) -> str:
    """The text, cut wherever something starts or ends: sentences get a background, holder, cue and target a line."""
    place = _code_point(answer.text, answer.offsets)
    sentences: list[tuple[int, int, str, str]] = []
    words: list[tuple[int, int]] = []
    for row in answer.rows:
        label = f"{row.holder} {row.stance} toward {row.target}"
        for sentence in row.evidence:
            sentences.append((place(sentence.start), place(sentence.end), row.stance.value, label))
            spans = (sentence.cue, sentence.holder, sentence.target)
            words.extend((place(span.start), place(span.end)) for span in spans if span)
    cuts = {0, len(answer.text), *(at for start, end, *_ in sentences for at in (start, end))}
    cuts.update(at for span in words for at in span)
    edges = sorted(cuts)
    pieces = []
    for start, end in zip(edges, edges[1:]):
        piece = escape(answer.text[start:end])
        if any(first <= start and end <= last for first, last in words):
            piece = f"<u>{piece}</u>"
        within = [(stance, label) for first, last, stance, label in sentences if first <= start and end <= last]
        if within:
            title = escape("; ".join(dict.fromkeys(label for _, label in within)), quote=True)
            style = f"background:{_COLOURS[within[0][0]]};color:inherit"
            piece = f'<mark style="{style}" title="{title}">{piece}</mark>'
        pieces.append(piece)
    return "".join(pieces)


def _code_point(text: str, offsets: Offsets) -> Callable[[int], int]:
    """Converts an offset of the answer into one that slices `text`."""
    if offsets is Offsets.UTF8:
        utf8 = text.encode()
        return lambda at: len(utf8[:at].decode())
    if offsets is Offsets.UTF16:
        utf16 = text.encode("utf-16-le")
        return lambda at: len(utf16[: 2 * at].decode("utf-16-le"))
    return lambda at: at
