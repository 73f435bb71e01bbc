//! Label Studio's export "JSON": an array of tasks, each with its `data` and its `annotations`.
//!
//! A span is a result of type `labels`; a `textarea` or `choices` of the same id carries its code. Offsets are tried
//! as code points, then as UTF-16 units: versions differ, and each span carries its words, which must be found.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::text::OffsetEncoding;

use super::Notes;
use super::error::{ImportError, Place, Problem};
use super::json::Node;
use super::offsets::bytes;
use super::scheme;
use super::task::{About, Marked, Related, Task};

/// The tasks of an export, each read or refused.
pub(super) fn read(content: &[u8], notes: &mut Notes) -> Result<Vec<Result<Task, ImportError>>, ImportError> {
    let no_json = |error: serde_json::Error| ImportError {
        place: Place::Export,
        field: "JSON".to_owned(),
        problem: Box::new(Problem::NotJson(error.to_string())),
    };
    let export: Value = serde_json::from_slice(content).map_err(no_json)?;
    let root = Node::root(&Place::Export, &export);
    let tasks =
        export.as_array().ok_or_else(|| root.wrong_type("an array of tasks, Label Studio's export \"JSON\""))?;
    let numbered = tasks.iter().enumerate();
    Ok(numbered.filter_map(|(index, task)| read_task(index, task, notes).transpose()).collect())
}

/// A task with its one annotation; `None` if it has none.
fn read_task(index: usize, value: &Value, notes: &mut Notes) -> Result<Option<Task>, ImportError> {
    let unnamed = Place::Position(index + 1);
    let id = Node::root(&unnamed, value).need("id", "the number that Label Studio gave the task is needed")?.name()?;
    let place = Place::Task(id.clone());
    let task = Node::root(&place, value);
    let Some(annotation) = one_annotation(&task, notes)? else { return Ok(None) };
    let data = task.need("data", "an object with text, title and date is needed")?;
    let text = data.need("text", "the article is needed; the configuration shows it as $text")?.text()?;
    let name = data.get("id").map(|id| id.name()).transpose()?.unwrap_or_else(|| format!("label-studio-{id}"));
    let about = About::read(&data, None, name)?;
    let results = annotation.need("result", "an array of spans and relations is needed")?.items()?;
    let spans = read_spans(&results, text)?;
    let relations = read_relations(&results)?;
    notes.other_results += results.iter().filter(|result| !is_known(result, &spans)).count();
    Ok(Some(Task { place: place.clone(), about, text: text.to_owned(), spans, relations }))
}

/// The annotation that was not cancelled, if there is one; two are a mistake.
fn one_annotation<'v>(task: &Node<'v>, notes: &mut Notes) -> Result<Option<Node<'v>>, ImportError> {
    let allowed = "Label Studio's export \"JSON\" has it, \"JSON-MIN\" and \"CSV\" do not";
    let field = task.need("annotations", allowed)?;
    let all = field.items()?;
    let is_cancelled = |annotation: &Node<'_>| annotation.value.get("was_cancelled") == Some(&Value::Bool(true));
    let (cancelled, mut kept): (Vec<_>, Vec<_>) = all.into_iter().partition(is_cancelled);
    notes.cancelled += cancelled.len();
    if kept.len() > 1 {
        let by: Vec<String> = kept.iter().map(author).collect();
        return Err(field.error(Problem::Annotations { count: kept.len(), by: by.join(", ") }));
    }
    notes.not_annotated += usize::from(kept.is_empty() && cancelled.is_empty());
    Ok(kept.pop())
}

/// `completed_by`: a number, or an object with an address.
fn author(annotation: &Node<'_>) -> String {
    let by = annotation.get("completed_by");
    let name = by.and_then(|by| by.get("email").or_else(|| by.get("id")).unwrap_or(by).name().ok());
    name.unwrap_or_else(|| "somebody".to_owned())
}

fn kind<'v>(result: &Node<'v>) -> &'v str {
    result.value.get("type").and_then(Value::as_str).unwrap_or_default()
}

fn is_known(result: &Node<'_>, spans: &[Marked]) -> bool {
    let names_span =
        || result.get("id").and_then(|id| id.name().ok()).is_some_and(|id| spans.iter().any(|s| s.id == id));
    match kind(result) {
        "labels" | "relation" => true,
        "textarea" | "choices" => names_span(),
        _ => false,
    }
}

/// A span before its offsets are understood.
struct Raw<'v> {
    node: Node<'v>,
    start: usize,
    end: usize,
    words: Option<&'v str>,
}

fn read_spans(results: &[Node<'_>], text: &str) -> Result<Vec<Marked>, ImportError> {
    let labels = results.iter().filter(|result| kind(result) == "labels");
    let raw: Vec<Raw<'_>> = labels.map(read_raw).collect::<Result<_, _>>()?;
    let encoding = [OffsetEncoding::CodePoint, OffsetEncoding::Utf16].into_iter().find(|&encoding| {
        raw.iter().all(|span| words_at(text, span, encoding).is_some_and(|found| agrees(found, span.words)))
    });
    let codes = read_codes(results)?;
    raw.iter().map(|span| read_span(span, text, encoding.unwrap_or(OffsetEncoding::CodePoint), &codes)).collect()
}

fn read_raw<'v>(result: &Node<'v>) -> Result<Raw<'v>, ImportError> {
    let value = result.need("value", "an object with start, end, text and labels is needed")?;
    let start = value.need("start", "the offset of the span is needed")?.number()?;
    let end = value.need("end", "the offset after the span is needed")?.number()?;
    let words = value.get("text").map(|text| text.text()).transpose()?;
    Ok(Raw { node: result.clone(), start, end, words })
}

fn words_at<'t>(text: &'t str, span: &Raw<'_>, encoding: OffsetEncoding) -> Option<&'t str> {
    bytes(text, span.start, span.end, encoding).map(|range| &text[range])
}

/// White space is not compared: the browser shows a line end as it likes.
fn agrees(found: &str, words: Option<&str>) -> bool {
    let plain = |text: &str| -> String { text.replace("\\n", " ").split_whitespace().collect() };
    words.is_none_or(|words| plain(words) == plain(found))
}

fn read_span(
    span: &Raw<'_>,
    text: &str,
    encoding: OffsetEncoding,
    codes: &BTreeMap<String, String>,
) -> Result<Marked, ImportError> {
    let value = span.node.need("value", "an object is needed")?;
    let outside = Problem::Offsets { start: span.start, end: span.end, length: text.chars().count() };
    let range = bytes(text, span.start, span.end, encoding).ok_or_else(|| value.error(outside))?;
    if let Some(words) = span.words.filter(|words| !agrees(&text[range.clone()], Some(words))) {
        let problem = Problem::OtherWords { found: text[range].to_owned(), expected: words.to_owned() };
        return Err(value.error(problem));
    }
    let labels = value.need("labels", "an array with one of Holder, Target, Issue is needed")?;
    let (kind, in_label) = scheme::span(&labels.texts()?.join(" and ")).map_err(|problem| labels.error(problem))?;
    let id = span.node.need("id", "the id of the span is needed")?.name()?;
    let code = codes.get(&id).cloned().or(in_label);
    Ok(Marked { id, kind, range, code, field: value.path })
}

/// The codes that annotators wrote or chose, by the id of their span.
fn read_codes(results: &[Node<'_>]) -> Result<BTreeMap<String, String>, ImportError> {
    let mut codes = BTreeMap::new();
    for result in results.iter().filter(|result| matches!(kind(result), "textarea" | "choices")) {
        let field = if kind(result) == "textarea" { "text" } else { "choices" };
        let (Some(id), Some(value)) = (result.get("id"), result.get("value")) else { continue };
        let code = value.need(field, "the code of a party is needed")?.texts()?.concat();
        if !code.trim().is_empty() {
            codes.insert(id.name()?, code.trim().to_owned());
        }
    }
    Ok(codes)
}

fn read_relations(results: &[Node<'_>]) -> Result<Vec<Related>, ImportError> {
    let mut relations = Vec::new();
    for result in results.iter().filter(|result| kind(result) == "relation") {
        let from = result.need("from_id", "the id of a span is needed")?.name()?;
        let to = result.need("to_id", "the id of a span is needed")?.name()?;
        let labels = result.need("labels", "one of aligned, neutral, opposed is needed")?;
        let tie = scheme::relation(&labels.texts()?).map_err(|problem| labels.error(problem))?;
        let field = result.path.clone();
        let forth = Related { from: from.clone(), to: to.clone(), tie, field: field.clone() };
        let back = Related { from: to, to: from, tie, field };
        match result.get("direction").map(|direction| direction.text()).transpose()? {
            None | Some("right") => relations.push(forth),
            Some("left") => relations.push(back),
            Some("bi") => relations.extend([forth, back]),
            Some(other) => return Err(result.error(Problem::Direction(other.to_owned()))),
        }
    }
    Ok(relations)
}
