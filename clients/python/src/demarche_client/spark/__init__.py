"""Classifies the articles of a Spark DataFrame. Needs pyspark and pyarrow, and the package on every executor.

Each task streams its partition to the servers as its lines are read, and writes each batch as soon as its last answer
is there, so memory is bounded by a batch and the articles under way. Columns pass through as Arrow gives them
(`mapInArrow`): pandas would turn a column of integers with a missing one into floats, and lose digits.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow

from .. import columns as table
from ..answer import Result
from ..article import Article, check
from ..channel import Retry
from ..client import Client
from .schema import ADDED, arrow_type, spark_type

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

# Longer than the usual: a replica that is replaced should cost a task some seconds, not its work.
RETRY = Retry(attempts=8, first=0.2, longest=10.0)


def classify(
    frame: DataFrame,
    address: str | Sequence[str],
    *,
    columns: Mapping[str, str] | None = None,
    client: Mapping[str, Any] | None = None,
    window: int = 64,
    lanes: int | None = None,
    **ask: Any,
) -> DataFrame:
    """The same lines with `stances`, `recognised_issue`, `model` and `error` beside their columns; lazily, as Spark is.

    `address` is one name that stands for all servers (in Kubernetes a headless service), or several IP:PORT. Each task
    opens `lanes` streams, one an address by default, which go round the servers; so a server needs as many streams as
    tasks run at once. `columns` says which column holds the `text`, `title`, `date`, `language`, `uri`, `speaker` and
    `issue`, where not the one of that name. `client` are arguments of `Client`; `ask` is what may be asked of
    `Client.classify`.

    A line whose article fails has an `error` and no stances, after the retries where it may pass. If no server can be
    reached the task fails, and Spark runs it again. Repartition to cores of the executors or more if there are few
    partitions.
    """
    from pyspark.sql.types import StructType

    check(ask)
    found = table.column_map(frame.columns, columns)
    taken = sorted(set(ADDED) & set(frame.columns))
    if taken:
        raise ValueError(f"the columns {', '.join(taken)} are there already: rename or drop them")
    reader = _Reader(address, {"retry": RETRY, **(client or {})}, found, {"window": window, "lanes": lanes}, dict(ask))
    return frame.mapInArrow(reader.read, StructType([*frame.schema.fields, *spark_type(ADDED).fields]))


@dataclass(frozen=True)
class _Reader:
    """What an executor needs; it is sent to all of them."""

    address: str | Sequence[str]
    client: Mapping[str, Any]
    columns: Mapping[str, str]
    stream: Mapping[str, Any]
    ask: Mapping[str, Any]

    def read(self, batches: Iterable[pyarrow.RecordBatch]) -> Iterator[pyarrow.RecordBatch]:
        """A partition. Results come in order, so the oldest batch is complete first."""
        waiting: deque[pyarrow.RecordBatch] = deque()

        def articles() -> Iterator[Article]:
            for batch in batches:
                if batch.num_rows == 0:
                    continue
                waiting.append(batch)
                read = [batch.column(batch.schema.get_field_index(name)) for name in self.columns.values()]
                for line in range(batch.num_rows):
                    values = (column[line].as_py() for column in read)
                    yield table.article(dict(zip(self.columns, values)))

        with Client(self.address, **self.client) as client:
            done: list[dict[str, Any]] = []
            for result in client.stream(articles(), ordered=True, **self.stream, **self.ask):
                done.append(_values(result))
                if len(done) == waiting[0].num_rows:
                    yield _with(waiting.popleft(), done)
                    done = []


def _values(result: Result) -> dict[str, Any]:
    answer = result.answer
    if answer is None:
        return {"error": table.error(result)}
    model = answer.model
    return {
        "stances": [table.stance(row) for row in answer.rows],
        "recognised_issue": answer.issue,
        "model": {"name": model.name, "version": model.version, "content_hash": model.content_hash},
    }


def _with(batch: pyarrow.RecordBatch, done: list[dict[str, Any]]) -> pyarrow.RecordBatch:
    added = [pyarrow.array([values.get(name) for values in done], arrow_type(kind)) for name, kind in ADDED.items()]
    return pyarrow.RecordBatch.from_arrays([*batch.columns, *added], names=[*batch.schema.names, *ADDED])
