//! A folder of Parquet files, each whole or not there: so a run that ends early loses no more than its last part. The
//! names are those that Spark gives, and `_SUCCESS` tells that nothing is missing.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use arrow_array::RecordBatch;
use arrow_schema::{Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use super::{BATCH, answers};
use crate::cli::classify::sink::{Answered, Done, Sink, Written};

/// Rows of a part; whole batches, so that a run that goes on cuts where the first would have cut.
const PART: usize = 40 * BATCH;
/// Bytes of a group of rows, which is kept in memory until it is full.
const GROUP: usize = 64 << 20;
/// What tells that no part is missing.
const SUCCESS: &str = "_SUCCESS";

/// Writes answers beside the columns of their articles.
pub(crate) struct Parts {
    folder: PathBuf,
    schema: SchemaRef,
    /// Number of the next part.
    part: usize,
    writer: Option<ArrowWriter<File>>,
    rows: usize,
    /// The articles whose answers come.
    columns: Option<RecordBatch>,
    answers: Vec<Answered>,
}

impl Parts {
    /// A new folder. `articles`: the columns of the articles.
    pub(crate) fn create(folder: &Path, articles: &SchemaRef) -> anyhow::Result<Self> {
        let there = fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
        if there || folder.is_file() {
            bail!("{} is there already: remove it, or go on with --resume", folder.display());
        }
        Self::resume(folder, articles).map(|(parts, _)| parts)
    }

    /// A folder that an earlier run may have filled in part.
    pub(crate) fn resume(folder: &Path, articles: &SchemaRef) -> anyhow::Result<(Self, Done)> {
        let taken = answers::fields().into_iter().find(|field| articles.field_with_name(field.name()).is_ok());
        if let Some(taken) = taken {
            bail!("the articles have a column {:?} already, which an answer would take", taken.name());
        }
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        let fields = articles.fields().iter().map(|field| field.as_ref().clone()).chain(answers::fields());
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let mut parts =
            Self { folder: folder.to_owned(), schema, part: 0, writer: None, rows: 0, columns: None, answers: vec![] };
        let mut done = Done::default();
        while parts.path().is_file() {
            parts.add_done(&mut done).with_context(|| parts.path().display().to_string())?;
            parts.part += 1;
        }
        Ok((parts, done))
    }

    fn add_done(&self, done: &mut Done) -> anyhow::Result<()> {
        let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(self.path())?)?;
        if builder.schema().fields() != self.schema.fields() {
            bail!("has other columns than this run would write: it cannot be resumed");
        }
        let failed = builder.schema().index_of("error")?;
        for rows in builder.build()? {
            let rows = rows?;
            done.articles += rows.num_rows() as u64;
            done.failed += (rows.num_rows() - rows.column(failed).null_count()) as u64;
        }
        Ok(())
    }

    fn path(&self) -> PathBuf {
        self.folder.join(format!("part-{:05}.parquet", self.part))
    }

    /// Hidden from readers until it is whole.
    fn partial(&self) -> PathBuf {
        self.folder.join(format!("_part-{:05}.partial", self.part))
    }

    fn begin(&self) -> anyhow::Result<ArrowWriter<File>> {
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY);
        let properties = properties.set_max_row_group_bytes(Some(GROUP)).build();
        Ok(ArrowWriter::try_new(File::create(self.partial())?, self.schema.clone(), Some(properties))?)
    }

    fn write(&mut self, columns: &RecordBatch) -> anyhow::Result<()> {
        let answers = answers::columns(&std::mem::take(&mut self.answers));
        let all = columns.columns().iter().cloned().chain(answers).collect();
        let rows = RecordBatch::try_new(self.schema.clone(), all)?;
        let writer = match self.writer.take() {
            Some(writer) => writer,
            None => self.begin()?,
        };
        let writer = self.writer.insert(writer);
        writer.write(&rows)?;
        self.rows += rows.num_rows();
        if self.rows >= PART { self.close() } else { Ok(()) }
    }

    fn close(&mut self) -> anyhow::Result<()> {
        let Some(writer) = self.writer.take() else { return Ok(()) };
        writer.into_inner()?.sync_all()?;
        fs::rename(self.partial(), self.path())?;
        self.rows = 0;
        self.part += 1;
        Ok(())
    }
}

impl Sink for Parts {
    fn columns(&mut self, columns: RecordBatch) -> anyhow::Result<()> {
        self.columns = Some(columns);
        Ok(())
    }

    fn put(&mut self, answer: Written) -> anyhow::Result<()> {
        if let Written::Row(answered) = answer {
            self.answers.push(*answered);
        }
        let whole = |columns: &mut RecordBatch| columns.num_rows() == self.answers.len();
        match self.columns.take_if(whole) {
            Some(columns) => self.write(&columns).with_context(|| self.folder.display().to_string()),
            None => Ok(()),
        }
    }

    /// A part that is short because reading failed is left out: a run that goes on makes it whole.
    fn finish(&mut self, complete: bool) -> anyhow::Result<()> {
        if !complete {
            return Ok(());
        }
        self.close()?;
        File::create(self.folder.join(SUCCESS))?.sync_all()?;
        Ok(())
    }
}
