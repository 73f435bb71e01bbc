//! Why a task of an export cannot be imported: which task or line, which field, and what is allowed.

use std::fmt;

/// Where in an export something stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The export as a whole.
    Export,
    /// The task of this position, from 1; its id is not known.
    Position(usize),
    /// A task, by its id.
    Task(String),
    /// A line of a JSONL file, from 1.
    Line(usize),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Export => f.write_str("the export"),
            Self::Position(number) => write!(f, "task at position {number}"),
            Self::Task(id) => write!(f, "task {id}"),
            Self::Line(number) => write!(f, "line {number}"),
        }
    }
}

/// A mistake in an export.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {field}: {problem}")]
pub struct ImportError {
    /// The task or line.
    pub place: Place,
    /// The field, as a path: `data.title`, `annotations[0].result[3].value.start`.
    pub field: String,
    /// What is wrong and what is allowed; boxed, so that a result of the way that goes well stays small.
    pub problem: Box<Problem>,
}

/// What is wrong with a field, and what is allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Not JSON.
    #[error("is not JSON: {0}")]
    NotJson(String),
    /// Nothing there.
    #[error("is missing; {0}")]
    Missing(&'static str),
    /// Another type.
    #[error("is {found}; {allowed}")]
    WrongType {
        /// The type found.
        found: &'static str,
        /// What is allowed.
        allowed: &'static str,
    },
    /// No such day.
    #[error("{0:?} is no day; a day as YYYY-MM-DD is allowed")]
    Date(String),
    /// Offsets that do not lie in the text.
    #[error("{start}..{end} is no stretch of a text of {length} characters; 0 <= start < end <= length is allowed")]
    Offsets {
        /// The first.
        start: usize,
        /// The one past the last.
        end: usize,
        /// The length of the text, in code points.
        length: usize,
    },
    /// Offsets that point at other words than the export says.
    #[error(
        "the offsets point at {found:?}, but the span says {expected:?}; the text must be the one that was annotated"
    )]
    OtherWords {
        /// The words at the offsets.
        found: String,
        /// The words that the span carries.
        expected: String,
    },
    /// A label outside the scheme.
    #[error("label {found:?} is not known; {allowed}")]
    Label {
        /// The label.
        found: String,
        /// What is allowed.
        allowed: &'static str,
    },
    /// A relation without exactly one stance.
    #[error("labels {found:?} hold {count} stances; exactly one of aligned, neutral, opposed is needed")]
    Stances {
        /// The labels.
        found: String,
        /// How many stances.
        count: usize,
    },
    /// A relation with two voices or two modalities.
    #[error("labels {found:?} hold several of a kind; at most one voice and one modality are allowed")]
    Several {
        /// The labels.
        found: String,
    },
    /// A direction outside the tool's.
    #[error("direction {0:?} is not known; right, left and bi are allowed")]
    Direction(String),
    /// A relation's end that is no span.
    #[error("{0:?} is the id of no span of this task")]
    NoSpan(String),
    /// Two spans of one id.
    #[error("the id {0:?} occurs twice in this task; the spans of a task need different ones")]
    SpanTwice(String),
    /// A relation between the wrong kinds of spans.
    #[error(
        "goes from the {from} {from_words:?} to the {to} {to_words:?}; a Holder to a Target, an Issue or another \
         Holder is allowed"
    )]
    Ends {
        /// The kind of the first.
        from: &'static str,
        /// Its words.
        from_words: String,
        /// The kind of the second.
        to: &'static str,
        /// Its words.
        to_words: String,
    },
    /// A party toward itself.
    #[error("{from:?} and {to:?} are both {code}; a party takes no position toward itself")]
    Itself {
        /// The words of the holder.
        from: String,
        /// The words of the target.
        to: String,
        /// The code of both.
        code: String,
    },
    /// A code in no table.
    #[error("the code {code:?} of the span {words:?} is in no party table; codes are as in data/parties: CN, EU, NATO")]
    Code {
        /// The code.
        code: String,
        /// The words of the span.
        words: String,
    },
    /// A span that names no party.
    #[error("the span {words:?} names no party of the tables on that date; {GIVE_CODE}")]
    NoParty {
        /// The words of the span.
        words: String,
    },
    /// A span that names several parties.
    #[error("the span {words:?} names {}; mark one party, or {GIVE_CODE}", .codes.join(" and "))]
    Parties {
        /// The words of the span.
        words: String,
        /// The codes of the parties.
        codes: Vec<String>,
    },
    /// Two people's work on one task.
    #[error(
        "{count} annotations that are not cancelled, by {by}; exactly one is allowed: delete the others in Label \
         Studio, or export the one that you decided for"
    )]
    Annotations {
        /// How many.
        count: usize,
        /// Their authors, as the export names them.
        by: String,
    },
    /// An export of spans alone.
    #[error(
        "holds spans without relations (doccano's older form); a stance is a relation of two spans: make a project \
         of type \"Sequence labeling\" with \"Use relation labeling\" and export it as JSONL"
    )]
    WithoutRelations,
    /// No evidence that occurs once.
    #[error("the sentence {0:?} occurs more than once in the text, also with its neighbours; remove the repetition")]
    Evidence(String),
}

/// How a code is given by hand.
const GIVE_CODE: &str =
    "give its code (Label Studio: the span's field \"code\"; both: the label Holder:CN or Target:CN)";
