//! Where answers go, in the order of their articles: lines of JSON, or columns beside the articles' own. Knows no model.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Seek, SeekFrom, Write};
use std::path::Path;

use anyhow::{Context, bail};
use arrow_array::RecordBatch;
use demarche::proto::ClassifyResponse;
use demarche::server::Failure;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::line;

/// What became of an article.
pub(super) type Answered = Result<ClassifyResponse, Failure>;

/// An answer in the form in which it is written; made by whoever answers, so that the writer only writes.
pub(super) enum Written {
    /// A line of JSON.
    Line(String),
    /// Values of columns.
    Row(Box<Answered>),
}

/// What an earlier run left behind.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Done {
    /// How many articles are answered.
    pub(super) articles: u64,
    /// How many of them failed.
    pub(super) failed: u64,
    /// The id of the last one, if the output tells it.
    pub(super) last: Option<Value>,
}

/// Takes answers in order.
pub(super) trait Sink {
    /// The columns of the articles whose answers come next.
    fn columns(&mut self, columns: RecordBatch) -> anyhow::Result<()>;

    /// The next answer.
    fn put(&mut self, answer: Written) -> anyhow::Result<()>;

    /// There are no more articles; `complete`: all were read.
    fn finish(&mut self, complete: bool) -> anyhow::Result<()>;
}

/// Lines of JSON, an answer a line.
pub(super) struct Lines {
    writer: Box<dyn Write>,
    /// The file and where its whole lines end, until what stands behind is cut off: not before it is known that the file
    /// is of this input.
    uncut: Option<(File, u64)>,
}

/// Of an answered line, what goes on with it.
#[derive(Deserialize)]
struct AnsweredLine {
    #[serde(default)]
    id: Value,
    error: Option<IgnoredAny>,
}

impl Lines {
    /// Lines to a new file, or to standard output.
    pub(super) fn create(output: Option<&Path>) -> anyhow::Result<Self> {
        let Some(output) = output else { return Ok(Self::to(io::stdout().lock())) };
        let file = File::create(output).with_context(|| output.display().to_string())?;
        Ok(Self::to(file))
    }

    fn to(writer: impl Write + 'static) -> Self {
        Self { writer: Box::new(BufWriter::new(writer)), uncut: None }
    }

    fn cut(&mut self) -> io::Result<()> {
        self.uncut.take().map_or(Ok(()), |(file, end)| file.set_len(end))
    }

    /// Lines after those that a run before has written to this file; a line that was cut off is written anew.
    pub(super) fn resume(output: &Path) -> anyhow::Result<(Self, Done)> {
        let open = || OpenOptions::new().read(true).write(true).create(true).truncate(false).open(output);
        let mut file = open().with_context(|| output.display().to_string())?;
        let (done, end) = answered(&mut BufReader::new(&file)).with_context(|| output.display().to_string())?;
        file.seek(SeekFrom::Start(end))?;
        let uncut = Some((file.try_clone()?, end));
        Ok((Self { uncut, ..Self::to(file) }, done))
    }
}

/// What the whole lines tell, and where the last of them ends.
fn answered(reader: &mut dyn BufRead) -> anyhow::Result<(Done, u64)> {
    let (mut done, mut end, mut bytes) = (Done::default(), 0, Vec::new());
    loop {
        bytes.clear();
        let length = reader.read_until(b'\n', &mut bytes)?;
        if bytes.last() != Some(&b'\n') {
            return Ok((done, end));
        }
        end += length as u64;
        done.articles += 1;
        let Ok(line) = serde_json::from_slice::<AnsweredLine>(&bytes) else {
            bail!("line {} is none of an earlier run's: it cannot be resumed", done.articles);
        };
        done.failed += u64::from(line.error.is_some());
        done.last = Some(line.id);
    }
}

/// An answer as a line of JSON.
pub(super) fn to_line(id: &Value, answered: &Answered) -> String {
    let json = match answered {
        Ok(response) => line::answered(Some(id), response),
        Err(failure) => line::failed(Some(id), failure),
    };
    // Maps with string keys and numbers always become JSON; should it change, the line says so.
    json.unwrap_or_else(|error| format!("{{\"error\":{{\"message\":\"{error}\"}}}}"))
}

impl Sink for Lines {
    fn columns(&mut self, _: RecordBatch) -> anyhow::Result<()> {
        Ok(())
    }

    fn put(&mut self, answer: Written) -> anyhow::Result<()> {
        self.cut()?;
        if let Written::Line(line) = answer {
            writeln!(self.writer, "{line}")?;
        }
        Ok(())
    }

    fn finish(&mut self, complete: bool) -> anyhow::Result<()> {
        if complete {
            self.cut()?;
        }
        Ok(self.writer.flush()?)
    }
}
