"""Ask a demarche server which country stands where in a news article.

>>> from demarche_client import Client
>>> Client("127.0.0.1:50051").classify("China condemned the sanctions.", issue="the sanctions")  # doctest: +SKIP
"""

from .aio import AsyncClient
from .answer import (
    Answer,
    Evidence,
    ListedModel,
    Mention,
    Model,
    ModelDetails,
    Party,
    Result,
    Row,
    Scores,
    Span,
    Stance,
    Term,
)
from .article import Article, Offsets
from .channel import Retry, Tls
from .client import Client
from .errors import (
    DeadlineExceeded,
    DemarcheError,
    FieldViolation,
    InvalidArgument,
    NotFound,
    ResourceExhausted,
    Unauthenticated,
    Unavailable,
    Unimplemented,
)

__all__ = [
    "Answer", "Article", "AsyncClient", "Client", "DeadlineExceeded", "DemarcheError", "Evidence", "FieldViolation",
    "InvalidArgument", "ListedModel", "Mention", "Model", "ModelDetails", "NotFound", "Offsets", "Party",
    "ResourceExhausted", "Result", "Retry", "Row", "Scores", "Span", "Stance", "Term", "Tls", "Unauthenticated",
    "Unavailable", "Unimplemented",
]  # fmt: skip
