//! doccano's export of a sequence-labelling project with relations: JSONL, a text a line, offsets in code points.
//!
//! doccano writes the fields of a text's metadata beside its own; files made by hand keep them under `meta`, and
//! both are read. An annotator who saw no stance and one who never opened the text leave the same line, so lines
//! without a span are left out unless the user says that they were read.

use serde_json::Value;

use crate::text::OffsetEncoding;

use super::Notes;
use super::error::{ImportError, Place, Problem};
use super::json::Node;
use super::offsets::bytes;
use super::scheme;
use super::task::{About, Marked, Related, Task};

/// The texts of an export, each read or refused.
pub(super) fn read(content: &[u8], keep_unmarked: bool, notes: &mut Notes) -> Vec<Result<Task, ImportError>> {
    let mut tasks = Vec::new();
    for (index, line) in content.split(|&byte| byte == b'\n').enumerate() {
        if line.trim_ascii().is_empty() {
            continue;
        }
        match read_line(&Place::Line(index + 1), line) {
            Ok(task) if task.spans.is_empty() && !keep_unmarked => notes.unmarked += 1,
            read => tasks.push(read),
        }
    }
    tasks
}

fn read_line(place: &Place, line: &[u8]) -> Result<Task, ImportError> {
    let no_json = |error: serde_json::Error| ImportError {
        place: place.clone(),
        field: "JSON".to_owned(),
        problem: Box::new(Problem::NotJson(error.to_string())),
    };
    let value: Value = serde_json::from_slice(line).map_err(no_json)?;
    let task = Node::root(place, &value);
    if !value.is_object() {
        return Err(task.wrong_type("an object with text, entities and relations, one a line"));
    }
    let text = task.need("text", "the article is needed")?.text()?;
    if let (None, Some(older)) = (task.get("entities"), task.get("label").or_else(|| task.get("labels"))) {
        return Err(older.error(Problem::WithoutRelations));
    }
    let entities = task.need("entities", "an array of spans is needed; export a project with relations as JSONL")?;
    let relations = task.need("relations", "an array of relations is needed; allow relations in the project")?;
    let (spans, relations) = (read_spans(&entities, text)?, read_relations(&relations)?);
    let about = About::read(&task, task.get("meta").as_ref(), name(&task)?)?;
    Ok(Task { place: place.clone(), about, text: text.to_owned(), spans, relations })
}

/// A name of the user's own stays; a number of doccano's gets a prefix, so that two tools' numbers do not collide.
fn name(task: &Node<'_>) -> Result<String, ImportError> {
    let id = task.need("id", "the name of the article is needed")?;
    Ok(if id.value.is_string() { id.name()? } else { format!("doccano-{}", id.name()?) })
}

fn read_spans(entities: &Node<'_>, text: &str) -> Result<Vec<Marked>, ImportError> {
    let read = |entity: Node<'_>| {
        let start = entity.need("start_offset", "the offset of the span is needed")?.number()?;
        let end = entity.need("end_offset", "the offset after the span is needed")?.number()?;
        let outside = Problem::Offsets { start, end, length: text.chars().count() };
        let range = bytes(text, start, end, OffsetEncoding::CodePoint).ok_or_else(|| entity.error(outside))?;
        let label = entity.need("label", "Holder, Target or Issue is needed")?;
        let (kind, code) = scheme::span(label.text()?).map_err(|problem| label.error(problem))?;
        let id = entity.need("id", "the id of the span is needed")?.name()?;
        Ok(Marked { id, kind, range, code, field: entity.path })
    };
    entities.items()?.into_iter().map(read).collect()
}

fn read_relations(relations: &Node<'_>) -> Result<Vec<Related>, ImportError> {
    let read = |relation: Node<'_>| {
        let from = relation.need("from_id", "the id of a span is needed")?.name()?;
        let to = relation.need("to_id", "the id of a span is needed")?.name()?;
        let label = relation.need("type", "one of aligned, neutral, opposed is needed")?;
        let tie = scheme::relation(&[label.text()?]).map_err(|problem| label.error(problem))?;
        Ok(Related { from, to, tie, field: relation.path })
    };
    relations.items()?.into_iter().map(read).collect()
}
