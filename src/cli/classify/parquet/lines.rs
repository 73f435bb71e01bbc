//! Lines of JSON as columns: what a line says of its article, as text.

use std::io;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_schema::{DataType, Field as Column, Schema, SchemaRef};

use super::BATCH;
use crate::cli::classify::line::{self, Field};
use crate::cli::classify::lines::Line;
use crate::cli::classify::source::{Batch, Form, Lines, Source, Unread};

/// Lines, some at a time, with their columns.
pub(crate) struct LineColumns {
    lines: Lines,
}

impl LineColumns {
    pub(crate) fn new(lines: Lines) -> Self {
        Self { lines }
    }

    /// `id` and the fields of an article.
    pub(crate) fn columns() -> SchemaRef {
        let names = std::iter::once("id").chain(Field::ALL.map(Field::name));
        Arc::new(Schema::new(names.map(|name| Column::new(name, DataType::Utf8, true)).collect::<Vec<_>>()))
    }
}

impl Source for LineColumns {
    fn size(&self) -> Option<u64> {
        self.lines.size()
    }

    fn next(&mut self) -> io::Result<Option<Batch>> {
        let mut articles = Vec::with_capacity(BATCH);
        let mut values: Vec<[Option<String>; Field::ALL.len() + 1]> = Vec::with_capacity(BATCH);
        while articles.len() < BATCH
            && let Some((line, size)) = self.lines.next_line()?
        {
            values.push(if let Line::Whole(line) = &line { line::values(line) } else { Default::default() });
            articles.push(Unread { form: Form::Line(line), size });
        }
        if articles.is_empty() {
            return Ok(None);
        }
        let column = |at: usize| -> ArrayRef {
            Arc::new(values.iter_mut().map(|values| values[at].take()).collect::<StringArray>())
        };
        let columns = (0..=Field::ALL.len()).map(column).collect();
        let columns = RecordBatch::try_new(Self::columns(), columns).map_err(io::Error::other)?;
        Ok(Some(Batch { columns: Some(columns), articles }))
    }
}
