"""What can go wrong, as exceptions; it knows the two forms in which the contract tells an error.

A call that fails raises a `DemarcheError`. An item of a batch or a stream that fails carries one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from google.rpc import code_pb2, error_details_pb2, status_pb2

from demarche.v1 import stance_service_pb2 as pb


@dataclass(frozen=True)
class FieldViolation:
    """A bad field: its path in `ClassifyRequest`, the reason for programs, the description for people."""

    field: str
    reason: str
    description: str


class DemarcheError(Exception):
    """An article that was not answered.

    `code` is the name of the gRPC status, `reason` the server's own ("TEXT_EMPTY"; empty if the error did not
    come from a demarche server), `fields` the bad fields, `metadata` the particulars of the reason, and
    `retry_after` the seconds after which the same request may be tried again (None: it would fail again, or
    nobody knows).
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        reason: str = "",
        fields: tuple[FieldViolation, ...] = (),
        metadata: Mapping[str, str] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.reason, self.fields = code, message, reason, fields
        self.metadata: dict[str, str] = dict(metadata or {})
        self.retry_after = retry_after

    def __str__(self) -> str:
        return f"{self.code}{f' ({self.reason})' if self.reason else ''}: {self.message}"

    def __reduce__(self) -> tuple[Any, ...]:
        state = {"fields": self.fields, "metadata": self.metadata, "retry_after": self.retry_after}
        return (type(self), (self.code, self.message), {"reason": self.reason, **state})


class InvalidArgument(DemarcheError):
    """A field is bad; `fields` tells which."""


class Unauthenticated(DemarcheError):
    """The token is missing or unknown."""


class NotFound(DemarcheError):
    """The model that was asked for is not loaded, or several fit."""


class Unimplemented(DemarcheError):
    """The text is not in English."""


class ResourceExhausted(DemarcheError):
    """The server is overloaded, also after the retries; or the answer is too large."""


class Unavailable(DemarcheError):
    """No server answers, also after the retries."""


class DeadlineExceeded(DemarcheError):
    """The answer took longer than `timeout`."""


_CLASSES: dict[str, type[DemarcheError]] = {
    "INVALID_ARGUMENT": InvalidArgument,
    "UNAUTHENTICATED": Unauthenticated,
    "NOT_FOUND": NotFound,
    "UNIMPLEMENTED": Unimplemented,
    "RESOURCE_EXHAUSTED": ResourceExhausted,
    "UNAVAILABLE": Unavailable,
    "DEADLINE_EXCEEDED": DeadlineExceeded,
}


def error(code: str, message: str, **particulars: Any) -> DemarcheError:
    """The exception of the class that belongs to `code`."""
    return _CLASSES.get(code, DemarcheError)(code, message, **particulars)


def from_item(item: pb.ClassifyError) -> DemarcheError:
    """The error of an item of a batch or a stream."""
    return error(
        _code_name(item.code),
        item.message,
        reason=item.reason,
        fields=tuple(FieldViolation(v.field, v.reason, v.description) for v in item.field_violations),
        metadata=item.metadata,
        retry_after=item.retry_after_ms / 1000 or None,
    )


def from_call(failed: Any) -> DemarcheError:
    """The error of a call or of a stream as a whole (`grpc.RpcError`), with the details that the server sent."""
    code: str = failed.code().name
    message: str = failed.details() or "no details"
    found: dict[str, Any] = {}
    for key, value in failed.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            found = _particulars(status_pb2.Status.FromString(value))
    return error(code, message, **found)


def _particulars(status: status_pb2.Status) -> dict[str, Any]:
    info, bad, retry = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest(), error_details_pb2.RetryInfo()
    found: dict[str, Any] = {}
    for detail in status.details:
        if detail.Unpack(info):
            found.update(reason=info.reason, metadata=info.metadata)
        elif detail.Unpack(bad):
            found["fields"] = tuple(FieldViolation(v.field, v.reason, v.description) for v in bad.field_violations)
        elif detail.Unpack(retry):
            found["retry_after"] = retry.retry_delay.ToTimedelta().total_seconds()
    return found


def _code_name(number: int) -> str:
    return code_pb2.Code.Name(number) if number in code_pb2.Code.values() else "UNKNOWN"
