"""What comes back, as frozen dataclasses made from the messages of the contract. It knows no connection."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from demarche.v1 import model_service_pb2, stance_service_pb2, types_pb2

from . import render
from .article import Article, Offsets
from .errors import DemarcheError, from_item


class Stance(str, Enum):
    """The position of a party toward a target. A value the client does not know yet is UNKNOWN."""

    ALIGNED = "aligned"
    NEUTRAL = "neutral"
    OPPOSED = "opposed"
    UNKNOWN = "unknown"

    __str__ = str.__str__


@dataclass(frozen=True)
class Party:
    """A state or a bloc: its code ("CN", "EU", "NATO") and its English name."""

    code: str
    name: str

    def __str__(self) -> str:
        return self.name or self.code


@dataclass(frozen=True)
class Span:
    """A stretch of the article's text, `text[start:end]`."""

    start: int
    end: int


@dataclass(frozen=True)
class Term:
    """A feature and what it added to the logit of the row's stance."""

    name: str
    contribution: float


@dataclass(frozen=True)
class Evidence:
    """A sentence that carries a position: `text[start:end]` of the article."""

    text: str
    start: int
    end: int
    cue: Span | None
    holder: Span | None
    target: Span | None
    logit: float
    intercept: float
    terms: tuple[Term, ...] = field(repr=False)


@dataclass(frozen=True)
class Scores:
    """Calibrated probabilities of the three stances; they sum to 1."""

    aligned: float
    neutral: float
    opposed: float


@dataclass(frozen=True)
class Row:
    """One party's position toward one target.

    `target` is a `Party`, or the issue as a str. `confidence`, 0 to 1, is the calibrated probability that the
    position is stated in the text. `voice` is "stated", "acted" or "attributed_by_other"; `modality` "asserted",
    "conditional", "hedged", "future" or "past". `evidence` has at least one sentence, the strongest first.
    """

    holder: Party
    target: Party | str
    stance: Stance
    confidence: float
    scores: Scores
    voice: str
    modality: str
    speaker: str
    evidence: tuple[Evidence, ...]

    def __repr__(self) -> str:
        return (
            f"Row({self.holder} {self.stance} -> {self.target}, {self.confidence:.0%}, {self.voice}: "
            f"{render.shortened(self.evidence[0].text)!r})"
        )


@dataclass(frozen=True)
class Mention:
    """A party and how many times the text mentions it."""

    party: Party
    count: int


@dataclass(frozen=True)
class Model:
    """A model: name, version and the SHA-256 of its weights."""

    name: str
    version: str
    content_hash: str = field(repr=False)


@dataclass(frozen=True)
class ModelDetails:
    """What is known of a loaded model; `metrics` are on held-out articles, `threshold` is its least confidence."""

    model: Model
    labels: tuple[str, ...]
    languages: tuple[str, ...]
    corpus_hash: str
    code_version: str
    features: int
    threshold: float
    metrics: dict[str, float]


@dataclass(frozen=True)
class ListedModel:
    """A loaded model, and whether it answers requests that name none."""

    model: Model
    current: bool


@dataclass(frozen=True)
class Answer:
    """The positions found in an article.

    `rows` are by holder, the most confident holder first. `holders` are the parties with a position, `mentioned`
    those without. `issue` is as it was given or recognised; empty: none was found. In a notebook the text is shown
    with its evidence highlighted.
    """

    rows: tuple[Row, ...]
    holders: tuple[Mention, ...]
    mentioned: tuple[Mention, ...]
    issue: str
    model: Model
    text: str = field(repr=False)
    offsets: Offsets = field(default=Offsets.CODE_POINT, repr=False)

    def __repr__(self) -> str:
        model = f"{self.model.name} {self.model.version}"
        rows = "".join(f"\n  {row!r}," for row in self.rows)
        return f"Answer(issue={self.issue!r}, model={model!r}, {len(self.rows)} rows:{rows})"

    def _repr_html_(self) -> str:
        return render.html(self)


@dataclass(frozen=True)
class Result:
    """What became of one article of a batch or a stream: an answer or an error, never both.

    `index` counts the articles as they were given, from 0.
    """

    index: int
    article: Article = field(repr=False)
    answer: Answer | None = None
    error: DemarcheError | None = None

    def unwrap(self) -> Answer:
        """The answer; raises the error."""
        if self.answer is None:
            assert self.error is not None
            raise self.error
        return self.answer


def answer(message: stance_service_pb2.ClassifyResponse, text: str, offsets: Offsets) -> Answer:
    """The answer to the article with this text."""
    return Answer(
        rows=tuple(_row(_party(country.party), row) for country in message.countries for row in country.stances),
        holders=tuple(Mention(_party(country.party), country.mentions) for country in message.countries),
        mentioned=tuple(Mention(_party(mention.party), mention.mentions) for mention in message.mentioned),
        issue=message.issue,
        model=_model(message.model),
        text=text,
        offsets=offsets,
    )


def result(
    index: int,
    article: Article,
    message: stance_service_pb2.ClassifyResult | stance_service_pb2.StreamClassifyResponse,
    offsets: Offsets,
) -> Result:
    """What the server says became of an article of a batch or a stream."""
    if message.HasField("response"):
        return Result(index, article, answer=answer(message.response, article.text, offsets))
    return Result(index, article, error=from_item(message.error))


def model_details(message: model_service_pb2.GetModelResponse) -> ModelDetails:
    """What GetModel tells."""
    return ModelDetails(
        model=_model(message.model),
        labels=tuple(message.labels),
        languages=tuple(message.languages),
        corpus_hash=message.corpus_hash,
        code_version=message.code_version,
        features=message.features,
        threshold=message.threshold,
        metrics=dict(message.metrics),
    )


def listed_models(message: model_service_pb2.ListModelsResponse) -> tuple[ListedModel, ...]:
    """What ListModels tells."""
    return tuple(ListedModel(_model(one.model), one.current) for one in message.models)


def _model(message: types_pb2.ModelRef) -> Model:
    return Model(message.name, message.version, message.content_hash)


def _party(message: types_pb2.Party) -> Party:
    return Party(message.region_code or message.bloc_code, message.display_name)


def _row(holder: Party, message: types_pb2.StanceRow) -> Row:
    target = message.target
    return Row(
        holder=holder,
        target=_party(target.party) if target.HasField("party") else target.issue,
        stance=Stance(_word(types_pb2.Stance, message.stance)),
        confidence=message.confidence,
        scores=Scores(message.scores.aligned, message.scores.neutral, message.scores.opposed),
        voice=_word(types_pb2.Voice, message.voice),
        modality=_word(types_pb2.Modality, message.modality),
        speaker=message.speaker,
        evidence=tuple(_evidence(sentence) for sentence in message.evidence),
    )


def _evidence(message: types_pb2.Evidence) -> Evidence:
    def span(name: str) -> Span | None:
        found = getattr(message, name)
        return Span(found.start_offset, found.end_offset) if message.HasField(name) else None

    return Evidence(
        text=message.text,
        start=message.start_offset,
        end=message.end_offset,
        cue=span("cue"),
        holder=span("holder"),
        target=span("target"),
        logit=message.logit,
        intercept=message.intercept,
        terms=tuple(Term(term.term, term.contribution) for term in message.top_terms),
    )


def _word(enum: object, number: int) -> str:
    """`STANCE_ALIGNED` as "aligned". Enums are open: a number from a newer server is "unknown"."""
    descriptor = enum.DESCRIPTOR  # type: ignore[attr-defined]
    value = descriptor.values_by_number.get(number)
    if value is None or number == 0:
        return "unknown"
    name: str = value.name
    return name[len(descriptor.name) + 1 :].lower()
