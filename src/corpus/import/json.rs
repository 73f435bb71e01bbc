//! JSON read field by field, so that a mistake is told with the path of its field and what is allowed there.
//! serde's derived readers know neither the task nor the path.

use serde_json::Value;

use super::error::{ImportError, Place, Problem};

/// A value with its place in the export.
#[derive(Debug, Clone)]
pub(super) struct Node<'v> {
    pub(super) place: &'v Place,
    pub(super) path: String,
    pub(super) value: &'v Value,
}

impl<'v> Node<'v> {
    /// The whole of a task.
    pub(super) fn root(place: &'v Place, value: &'v Value) -> Self {
        Self { place, path: String::new(), value }
    }

    /// The field `name`; `None` if it is absent or null.
    pub(super) fn get(&self, name: &str) -> Option<Self> {
        let value = self.value.get(name).filter(|value| !value.is_null())?;
        Some(Self { place: self.place, path: self.path_of(name), value })
    }

    /// The field `name`, which must be there; `allowed` says what belongs there.
    pub(super) fn need(&self, name: &str, allowed: &'static str) -> Result<Self, ImportError> {
        self.get(name).ok_or_else(|| self.missing(name, allowed))
    }

    /// That the field `name` is not there.
    pub(super) fn missing(&self, name: &str, allowed: &'static str) -> ImportError {
        ImportError {
            place: self.place.clone(),
            field: self.path_of(name),
            problem: Box::new(Problem::Missing(allowed)),
        }
    }

    pub(super) fn text(&self) -> Result<&'v str, ImportError> {
        self.value.as_str().ok_or_else(|| self.wrong_type("a string is allowed"))
    }

    /// A string or a whole number, as ids come.
    pub(super) fn name(&self) -> Result<String, ImportError> {
        match self.value {
            Value::String(name) => Ok(name.clone()),
            _ => self.number().map(|number| number.to_string()).map_err(|_| self.wrong_type(NAME)),
        }
    }

    /// A whole number; doccano's export goes through a table, which writes some of them as `3.0`.
    pub(super) fn number(&self) -> Result<usize, ImportError> {
        let whole = self.value.as_u64().or_else(|| match self.value.as_f64() {
            Some(number) if number >= 0.0 && number.fract() == 0.0 => format!("{number:.0}").parse().ok(),
            _ => None,
        });
        let whole = whole.and_then(|number| usize::try_from(number).ok());
        whole.ok_or_else(|| self.wrong_type("a whole number from 0 is allowed"))
    }

    pub(super) fn items(&self) -> Result<Vec<Self>, ImportError> {
        let items = self.value.as_array().ok_or_else(|| self.wrong_type("an array is allowed"))?;
        let node = |(index, value)| Self { place: self.place, path: format!("{}[{index}]", self.path), value };
        Ok(items.iter().enumerate().map(node).collect())
    }

    /// An array of strings, or one string.
    pub(super) fn texts(&self) -> Result<Vec<&'v str>, ImportError> {
        match self.value {
            Value::String(text) => Ok(vec![text]),
            _ => self.items()?.iter().map(Node::text).collect(),
        }
    }

    pub(super) fn error(&self, problem: Problem) -> ImportError {
        let field = if self.path.is_empty() { "task" } else { &self.path };
        ImportError { place: self.place.clone(), field: field.to_owned(), problem: Box::new(problem) }
    }

    pub(super) fn wrong_type(&self, allowed: &'static str) -> ImportError {
        let found = match self.value {
            Value::Null => "null",
            Value::Bool(_) => "a truth value",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
        };
        self.error(Problem::WrongType { found, allowed })
    }

    fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }
}

const NAME: &str = "a string or a whole number is allowed";
