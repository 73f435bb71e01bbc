from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Stance(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STANCE_UNSPECIFIED: _ClassVar[Stance]
    STANCE_ALIGNED: _ClassVar[Stance]
    STANCE_NEUTRAL: _ClassVar[Stance]
    STANCE_OPPOSED: _ClassVar[Stance]

class Voice(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    VOICE_UNSPECIFIED: _ClassVar[Voice]
    VOICE_STATED: _ClassVar[Voice]
    VOICE_ACTED: _ClassVar[Voice]
    VOICE_ATTRIBUTED_BY_OTHER: _ClassVar[Voice]

class Modality(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MODALITY_UNSPECIFIED: _ClassVar[Modality]
    MODALITY_ASSERTED: _ClassVar[Modality]
    MODALITY_CONDITIONAL: _ClassVar[Modality]
    MODALITY_HEDGED: _ClassVar[Modality]
    MODALITY_FUTURE: _ClassVar[Modality]
    MODALITY_PAST: _ClassVar[Modality]

class OffsetEncoding(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OFFSET_ENCODING_UNSPECIFIED: _ClassVar[OffsetEncoding]
    OFFSET_ENCODING_UTF8: _ClassVar[OffsetEncoding]
    OFFSET_ENCODING_UTF16: _ClassVar[OffsetEncoding]
    OFFSET_ENCODING_CODE_POINT: _ClassVar[OffsetEncoding]
STANCE_UNSPECIFIED: Stance
STANCE_ALIGNED: Stance
STANCE_NEUTRAL: Stance
STANCE_OPPOSED: Stance
VOICE_UNSPECIFIED: Voice
VOICE_STATED: Voice
VOICE_ACTED: Voice
VOICE_ATTRIBUTED_BY_OTHER: Voice
MODALITY_UNSPECIFIED: Modality
MODALITY_ASSERTED: Modality
MODALITY_CONDITIONAL: Modality
MODALITY_HEDGED: Modality
MODALITY_FUTURE: Modality
MODALITY_PAST: Modality
OFFSET_ENCODING_UNSPECIFIED: OffsetEncoding
OFFSET_ENCODING_UTF8: OffsetEncoding
OFFSET_ENCODING_UTF16: OffsetEncoding
OFFSET_ENCODING_CODE_POINT: OffsetEncoding

class Party(_message.Message):
    __slots__ = ("region_code", "bloc_code", "display_name")
    REGION_CODE_FIELD_NUMBER: _ClassVar[int]
    BLOC_CODE_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    region_code: str
    bloc_code: str
    display_name: str
    def __init__(self, region_code: _Optional[str] = ..., bloc_code: _Optional[str] = ..., display_name: _Optional[str] = ...) -> None: ...

class Target(_message.Message):
    __slots__ = ("party", "issue")
    PARTY_FIELD_NUMBER: _ClassVar[int]
    ISSUE_FIELD_NUMBER: _ClassVar[int]
    party: Party
    issue: str
    def __init__(self, party: _Optional[_Union[Party, _Mapping]] = ..., issue: _Optional[str] = ...) -> None: ...

class Span(_message.Message):
    __slots__ = ("start_offset", "end_offset")
    START_OFFSET_FIELD_NUMBER: _ClassVar[int]
    END_OFFSET_FIELD_NUMBER: _ClassVar[int]
    start_offset: int
    end_offset: int
    def __init__(self, start_offset: _Optional[int] = ..., end_offset: _Optional[int] = ...) -> None: ...

class TermContribution(_message.Message):
    __slots__ = ("term", "contribution")
    TERM_FIELD_NUMBER: _ClassVar[int]
    CONTRIBUTION_FIELD_NUMBER: _ClassVar[int]
    term: str
    contribution: float
    def __init__(self, term: _Optional[str] = ..., contribution: _Optional[float] = ...) -> None: ...

class Evidence(_message.Message):
    __slots__ = ("text", "start_offset", "end_offset", "cue", "holder", "target", "logit", "intercept", "top_terms")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    START_OFFSET_FIELD_NUMBER: _ClassVar[int]
    END_OFFSET_FIELD_NUMBER: _ClassVar[int]
    CUE_FIELD_NUMBER: _ClassVar[int]
    HOLDER_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    LOGIT_FIELD_NUMBER: _ClassVar[int]
    INTERCEPT_FIELD_NUMBER: _ClassVar[int]
    TOP_TERMS_FIELD_NUMBER: _ClassVar[int]
    text: str
    start_offset: int
    end_offset: int
    cue: Span
    holder: Span
    target: Span
    logit: float
    intercept: float
    top_terms: _containers.RepeatedCompositeFieldContainer[TermContribution]
    def __init__(self, text: _Optional[str] = ..., start_offset: _Optional[int] = ..., end_offset: _Optional[int] = ..., cue: _Optional[_Union[Span, _Mapping]] = ..., holder: _Optional[_Union[Span, _Mapping]] = ..., target: _Optional[_Union[Span, _Mapping]] = ..., logit: _Optional[float] = ..., intercept: _Optional[float] = ..., top_terms: _Optional[_Iterable[_Union[TermContribution, _Mapping]]] = ...) -> None: ...

class Scores(_message.Message):
    __slots__ = ("aligned", "neutral", "opposed")
    ALIGNED_FIELD_NUMBER: _ClassVar[int]
    NEUTRAL_FIELD_NUMBER: _ClassVar[int]
    OPPOSED_FIELD_NUMBER: _ClassVar[int]
    aligned: float
    neutral: float
    opposed: float
    def __init__(self, aligned: _Optional[float] = ..., neutral: _Optional[float] = ..., opposed: _Optional[float] = ...) -> None: ...

class StanceRow(_message.Message):
    __slots__ = ("target", "stance", "scores", "confidence", "voice", "modality", "speaker", "evidence")
    TARGET_FIELD_NUMBER: _ClassVar[int]
    STANCE_FIELD_NUMBER: _ClassVar[int]
    SCORES_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    VOICE_FIELD_NUMBER: _ClassVar[int]
    MODALITY_FIELD_NUMBER: _ClassVar[int]
    SPEAKER_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    target: Target
    stance: Stance
    scores: Scores
    confidence: float
    voice: Voice
    modality: Modality
    speaker: str
    evidence: _containers.RepeatedCompositeFieldContainer[Evidence]
    def __init__(self, target: _Optional[_Union[Target, _Mapping]] = ..., stance: _Optional[_Union[Stance, str]] = ..., scores: _Optional[_Union[Scores, _Mapping]] = ..., confidence: _Optional[float] = ..., voice: _Optional[_Union[Voice, str]] = ..., modality: _Optional[_Union[Modality, str]] = ..., speaker: _Optional[str] = ..., evidence: _Optional[_Iterable[_Union[Evidence, _Mapping]]] = ...) -> None: ...

class CountryStances(_message.Message):
    __slots__ = ("party", "mentions", "stances")
    PARTY_FIELD_NUMBER: _ClassVar[int]
    MENTIONS_FIELD_NUMBER: _ClassVar[int]
    STANCES_FIELD_NUMBER: _ClassVar[int]
    party: Party
    mentions: int
    stances: _containers.RepeatedCompositeFieldContainer[StanceRow]
    def __init__(self, party: _Optional[_Union[Party, _Mapping]] = ..., mentions: _Optional[int] = ..., stances: _Optional[_Iterable[_Union[StanceRow, _Mapping]]] = ...) -> None: ...

class MentionedParty(_message.Message):
    __slots__ = ("party", "mentions")
    PARTY_FIELD_NUMBER: _ClassVar[int]
    MENTIONS_FIELD_NUMBER: _ClassVar[int]
    party: Party
    mentions: int
    def __init__(self, party: _Optional[_Union[Party, _Mapping]] = ..., mentions: _Optional[int] = ...) -> None: ...

class ModelRef(_message.Message):
    __slots__ = ("name", "version", "content_hash")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    CONTENT_HASH_FIELD_NUMBER: _ClassVar[int]
    name: str
    version: str
    content_hash: str
    def __init__(self, name: _Optional[str] = ..., version: _Optional[str] = ..., content_hash: _Optional[str] = ...) -> None: ...
