//! One line of JSONL: an article in, an answer or an error out; and what a line or a row may say of its article. Knows
//! no file and no thread.

use demarche::proto::{ClassifyRequest, ClassifyResponse};
use demarche::server::{Failure, party_of_code};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The fields that are read. Values, not strings, so that a wrong type is told with its field.
///
/// There is no `target`: labelled data has a field of that name, which is the answer, not the question.
#[derive(Debug, Deserialize)]
struct Line {
    id: Option<Value>,
    text: Option<Value>,
    title: Option<Value>,
    date: Option<Value>,
    issue: Option<Value>,
    language: Option<Value>,
    speaker: Option<Value>,
}

impl Line {
    fn fields(self) -> [(Field, Option<Value>); Field::ALL.len()] {
        let values = [self.text, self.title, self.date, self.language, self.speaker, self.issue];
        let mut values = values.into_iter();
        Field::ALL.map(|field| (field, values.next().flatten()))
    }
}

/// What a line, or a row of a table, may say of its article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Text,
    Title,
    Date,
    Language,
    Speaker,
    Issue,
}

impl Field {
    pub(super) const ALL: [Self; 6] = [Self::Text, Self::Title, Self::Date, Self::Language, Self::Speaker, Self::Issue];

    /// Its name in a line or a table.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Title => "title",
            Self::Date => "date",
            Self::Language => "language",
            Self::Speaker => "speaker",
            Self::Issue => "issue",
        }
    }

    /// Its path in `ClassifyRequest`.
    fn path(self) -> &'static str {
        match self {
            Self::Text => "article.text",
            Self::Title => "article.title",
            Self::Date => "article.publish_date",
            Self::Language => "article.language_code",
            Self::Speaker => "article.speaker",
            Self::Issue => "issue",
        }
    }
}

/// A line of which nothing but the id may be readable.
#[derive(Debug, Deserialize)]
struct OnlyId {
    id: Option<Value>,
}

/// An answered line.
#[derive(Serialize)]
struct Answered<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a Value>,
    #[serde(flatten)]
    response: &'a ClassifyResponse,
}

/// A failed line.
#[derive(Serialize)]
struct Failed<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a Value>,
    error: &'a Failure,
}

/// What a line asks: the template with the line's own fields in place of its.
///
/// Also gives the line's id, which is kept even if the rest cannot be read.
pub(super) fn read(line: &[u8], template: &ClassifyRequest) -> (Value, Result<ClassifyRequest, Failure>) {
    // serde would take an array for a struct too, by position.
    if line.trim_ascii_start().first() != Some(&b'{') {
        return (Value::Null, Err(Failure::unreadable("INVALID_JSON", "not a JSON object of an article")));
    }
    match serde_json::from_slice::<Line>(line) {
        Ok(mut fields) => (fields.id.take().unwrap_or(Value::Null), request(fields, template)),
        Err(error) => {
            // Strings that are skipped are not checked, so a lone surrogate in the text leaves the id readable.
            let id = serde_json::from_slice::<OnlyId>(line).ok().and_then(|only| only.id);
            (id.unwrap_or(Value::Null), Err(Failure::unreadable("INVALID_JSON", message(&error))))
        }
    }
}

/// The line that tells an answer.
pub(super) fn answered(id: Option<&Value>, response: &ClassifyResponse) -> serde_json::Result<String> {
    serde_json::to_string(&Answered { id, response })
}

/// The line that tells a failure.
pub(super) fn failed(id: Option<&Value>, error: &Failure) -> serde_json::Result<String> {
    serde_json::to_string(&Failed { id, error })
}

fn request(line: Line, template: &ClassifyRequest) -> Result<ClassifyRequest, Failure> {
    let mut request = template.clone();
    for (field, value) in line.fields() {
        match value {
            None | Some(Value::Null) => {} // null is the same as absent
            Some(Value::String(value)) => set(&mut request, field, value),
            Some(_) => {
                let message = format!("({:?}) must be a string", field.name());
                return Err(Failure::field(field.path(), "WRONG_TYPE", message));
            }
        }
    }
    Ok(request)
}

/// Sets what `field` says of the article; without a value, nothing.
pub(super) fn set(request: &mut ClassifyRequest, field: Field, value: String) {
    let article = request.article.get_or_insert_default();
    match field {
        Field::Text => article.text = value,
        Field::Title => article.title = value,
        Field::Date => article.publish_date = value,
        Field::Language => article.language_code = value,
        Field::Speaker if value.is_empty() => {}
        Field::Speaker => article.speaker = Some(party_of_code(&value)),
        Field::Issue => request.issue = value,
    }
}

/// The id and the fields of a line as text, whatever they are; of a line that cannot be read, none.
pub(super) fn values(line: &[u8]) -> [Option<String>; Field::ALL.len() + 1] {
    let Ok(mut line) = serde_json::from_slice::<Line>(line) else { return Default::default() };
    let id = line.id.take();
    let fields = line.fields().map(|(_, value)| value);
    let mut values = std::iter::once(id).chain(fields).map(|value| match value? {
        Value::Null => None,
        Value::String(value) => Some(value),
        value => Some(value.to_string()),
    });
    std::array::from_fn(|_| values.next().flatten())
}

/// serde counts lines within the one it was given, which misleads; the column is right.
fn message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.split(" at line ").next().unwrap_or_default();
    format!("not a JSON object of an article: {text} at column {}", error.column())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_lines_keep_their_id_and_tell_the_field() {
        let table: [(&str, &[u8], &str, Option<&str>); 8] = [
            ("lone surrogate", br#"{"text":"a \ud800 b","id":"x"}"#, "INVALID_JSON", None),
            ("wrong type", br#"{"id":"x","text":5}"#, "WRONG_TYPE", Some("article.text")),
            ("wrong date type", br#"{"id":"x","text":"t","date":2023}"#, "WRONG_TYPE", Some("article.publish_date")),
            ("invalid UTF-8", b"{\"id\":\"x\",\"text\":\"\xff\"}", "INVALID_JSON", None),
            ("given twice", br#"{"id":"x","text":"a","text":"b"}"#, "INVALID_JSON", None),
            ("cut off, id lost", br#"{"id":"x","text":"a"#, "INVALID_JSON", None),
            ("an array, id lost", br#"["x","text"]"#, "INVALID_JSON", None),
            ("no object, id lost", br#""text""#, "INVALID_JSON", None),
        ];
        for (name, line, reason, field) in table {
            let (id, request) = read(line, &ClassifyRequest::default());
            let failure = request.expect_err(name);
            let want = if name.ends_with("id lost") { Value::Null } else { Value::from("x") };
            assert_eq!((id, &*failure.reason, failure.field.as_deref()), (want, reason, field), "{name}");
        }
    }

    #[test]
    fn a_line_stands_before_the_options() {
        let template = ClassifyRequest { issue: "from the options".to_owned(), ..ClassifyRequest::default() };
        let line = br#"{"id":7,"text":"t","issue":null,"speaker":"NATO","target":"US","other":{"x":"\ud800"}}"#;
        let (id, request) = read(line, &template);
        let request = request.expect("a good line");
        assert_eq!((id, request.issue.as_str(), request.target), (Value::from(7), "from the options", None));
        assert_eq!(request.article.and_then(|article| article.speaker), Some(party_of_code("NATO")));
    }
}
