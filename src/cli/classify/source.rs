//! Where articles come from, some at a time. Knows no answer.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use arrow_array::RecordBatch;
use demarche::proto::ClassifyRequest;
use demarche::server::Failure;
use serde_json::Value;

use super::line;
use super::lines::{self, Line, MAX_LINE};

/// Articles that are read together.
pub(super) struct Batch {
    /// Their columns, a row an article, if they are wanted.
    pub(super) columns: Option<RecordBatch>,
    /// The articles in order.
    pub(super) articles: Vec<Unread>,
}

/// An article before anybody looked at it.
pub(super) struct Unread {
    pub(super) form: Form,
    /// What it adds to the size of its source.
    pub(super) size: u64,
}

/// How an article came.
pub(super) enum Form {
    /// A line of JSON.
    Line(Line),
    /// A row of a table: its id, and what it asks.
    Row(Value, Box<ClassifyRequest>),
}

impl Unread {
    /// Its id, null if it has none, and what it asks.
    pub(super) fn read(self, template: &ClassifyRequest) -> (Value, Result<ClassifyRequest, Failure>) {
        match self.form {
            Form::Line(Line::Whole(line)) => line::read(&line, template),
            Form::Line(Line::TooLong) => {
                let message = format!("the line has more than {} MiB", MAX_LINE >> 20);
                (Value::Null, Err(Failure::unreadable("LINE_TOO_LONG", message)))
            }
            Form::Row(id, request) => (id, Ok(*request)),
        }
    }
}

/// Articles, until there are no more.
pub(super) trait Source: Send {
    /// The size of all articles together, if it is known.
    fn size(&self) -> Option<u64>;

    /// The next ones; `None` at the end.
    fn next(&mut self) -> io::Result<Option<Batch>>;
}

/// The lines of a file that are not blank, one at a time.
pub(super) struct Lines {
    reader: Box<dyn BufRead + Send>,
    size: Option<u64>,
}

impl Lines {
    /// The lines of a file, or of standard input if it is `-`.
    pub(super) fn open(input: &Path) -> io::Result<Self> {
        if input == Path::new("-") {
            return Ok(Self { reader: Box::new(BufReader::new(io::stdin())), size: None });
        }
        let file = File::open(input)?;
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let size = metadata.is_file().then_some(metadata.len());
        Ok(Self { reader: Box::new(BufReader::with_capacity(1 << 16, file)), size })
    }

    /// The next line that is not blank.
    pub(super) fn next_line(&mut self) -> io::Result<Option<(Line, u64)>> {
        while let Some((line, size)) = lines::next(&mut *self.reader)? {
            if !matches!(&line, Line::Whole(line) if line.trim_ascii().is_empty()) {
                return Ok(Some((line, size)));
            }
        }
        Ok(None)
    }
}

impl Source for Lines {
    fn size(&self) -> Option<u64> {
        self.size
    }

    fn next(&mut self) -> io::Result<Option<Batch>> {
        let line = self.next_line()?;
        Ok(line.map(|(line, size)| Batch { columns: None, articles: vec![Unread { form: Form::Line(line), size }] }))
    }
}
