//! A task as both tools have it: a text, what is known of the article, marked spans and relations.

use std::ops::Range;

use jiff::civil::Date;

use super::error::{ImportError, Place, Problem};
use super::json::Node;
use super::scheme::{Kind, Tie};

/// One annotated text.
#[derive(Debug)]
pub(super) struct Task {
    pub(super) place: Place,
    pub(super) about: About,
    pub(super) text: String,
    pub(super) spans: Vec<Marked>,
    pub(super) relations: Vec<Related>,
}

/// A marked stretch of the text.
#[derive(Debug)]
pub(super) struct Marked {
    /// Its id in the export.
    pub(super) id: String,
    pub(super) kind: Kind,
    /// Its bytes.
    pub(super) range: Range<usize>,
    /// The code that the annotator gave.
    pub(super) code: Option<String>,
    /// The field it was read from.
    pub(super) field: String,
}

/// A relation of two spans, from the holder to the target.
#[derive(Debug)]
pub(super) struct Related {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) tie: Tie,
    /// The field it was read from.
    pub(super) field: String,
}

/// What is known of an article besides its text.
#[derive(Debug)]
pub(super) struct About {
    pub(super) id: String,
    pub(super) topic: String,
    pub(super) style: String,
    pub(super) date: Date,
    pub(super) title: String,
    pub(super) issue: Option<String>,
    pub(super) speaker: Option<String>,
}

/// `topic` and `style` of an article that names none.
const UNNAMED: &str = "imported";

impl About {
    /// Reads the fields of `first`, or of `second` where `first` has none; `id` is the article's name.
    pub(super) fn read(first: &Node<'_>, second: Option<&Node<'_>>, id: String) -> Result<Self, ImportError> {
        let find = |name: &str| first.get(name).or_else(|| second.and_then(|node| node.get(name)));
        let optional = |name: &str| -> Result<Option<String>, ImportError> {
            let text = find(name).map(|node| node.text()).transpose()?;
            Ok(text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned))
        };
        let required = |name: &str, allowed| optional(name)?.ok_or_else(|| first.missing(name, allowed));
        let day = required("date", "the day of publication as YYYY-MM-DD is needed: officials are resolved at it")?;
        let wrong_day = |_| find("date").unwrap_or_else(|| first.clone()).error(Problem::Date(day.clone()));
        Ok(Self {
            id,
            topic: optional("topic")?.unwrap_or_else(|| UNNAMED.to_owned()),
            style: optional("style")?.unwrap_or_else(|| UNNAMED.to_owned()),
            date: day.parse().map_err(wrong_day)?,
            title: required("title", "the headline is needed")?,
            issue: optional("issue")?,
            speaker: optional("speaker")?,
        })
    }
}
