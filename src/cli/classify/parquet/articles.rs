//! Articles from the rows of Parquet files.

use std::collections::VecDeque;
use std::fmt::Display;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int32Type, Int64Type};
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, Schema, SchemaRef};
use demarche::proto::ClassifyRequest;
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use serde_json::Value;

use super::BATCH;
use crate::cli::classify::line::{Field, set};
use crate::cli::classify::source::{Batch, Form, Source, Unread};

/// The rows of one file, or of all of a folder in the order of their names.
pub(crate) struct Rows {
    files: VecDeque<PathBuf>,
    reader: Option<ParquetRecordBatchReader>,
    schema: SchemaRef,
    count: u64,
    template: ClassifyRequest,
    with_columns: bool,
}

impl Rows {
    /// The rows of a Parquet file or of a folder of them. `with_columns`: they are wanted beside the answers.
    pub(crate) fn open(input: &Path, template: &ClassifyRequest, with_columns: bool) -> io::Result<Self> {
        let files = files(input)?;
        let (mut schema, mut count) = (None, 0);
        for file in &files {
            let builder = builder(file).map_err(|error| in_file(input, file, error))?;
            let found = SchemaRef::new(Schema::new(builder.schema().fields().clone()));
            count += u64::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or(0);
            if schema.get_or_insert_with(|| found.clone()) != &found {
                return Err(in_file(input, file, "has other columns than the files before it"));
            }
        }
        let Some(schema) = schema else { return Err(io::Error::other("there is no file *.parquet in the folder")) };
        check(&schema)?;
        Ok(Self { files: files.into(), reader: None, schema, count, template: template.clone(), with_columns })
    }

    /// The columns of all files.
    pub(crate) fn columns(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn next_rows(&mut self) -> io::Result<Option<RecordBatch>> {
        loop {
            if let Some(rows) = self.reader.as_mut().and_then(Iterator::next) {
                return rows.map(Some).map_err(io::Error::other);
            }
            let Some(file) = self.files.pop_front() else { return Ok(None) };
            let reader = builder(&file)?.with_batch_size(BATCH).build();
            self.reader = Some(reader.map_err(io::Error::other)?);
        }
    }

    fn articles(&self, rows: &RecordBatch) -> Vec<Unread> {
        let article = |row: usize| {
            let mut request = self.template.clone();
            for field in Field::ALL {
                if let Some(value) = rows.column_by_name(field.name()).and_then(|column| text(column, row)) {
                    set(&mut request, field, value);
                }
            }
            let id = rows.column_by_name("id").map_or(Value::Null, |column| id(column, row));
            Unread { form: Form::Row(id, Box::new(request)), size: 1 }
        };
        (0..rows.num_rows()).map(article).collect()
    }
}

impl Source for Rows {
    fn size(&self) -> Option<u64> {
        Some(self.count)
    }

    fn next(&mut self) -> io::Result<Option<Batch>> {
        let Some(rows) = self.next_rows()? else { return Ok(None) };
        let articles = self.articles(&rows);
        Ok(Some(Batch { columns: self.with_columns.then_some(rows), articles }))
    }
}

/// The file itself, or those of a folder that no dot or underscore hides.
fn files(input: &Path) -> io::Result<Vec<PathBuf>> {
    if !fs::metadata(input)?.is_dir() {
        return Ok(vec![input.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(input)? {
        let entry = entry?;
        let hidden = entry.file_name().to_string_lossy().starts_with(['.', '_']);
        if !hidden && entry.path().extension().is_some_and(|extension| extension == "parquet") {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}

/// Types are those of Parquet itself: what a writer notes of its own memory (dictionaries, large strings) is its affair.
fn builder(file: &Path) -> io::Result<ParquetRecordBatchReaderBuilder<File>> {
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(File::open(file)?, options);
    builder.map_err(io::Error::other)
}

fn check(schema: &Schema) -> io::Result<()> {
    if schema.field_with_name(Field::Text.name()).is_err() {
        let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        return Err(io::Error::other(format!("no column \"text\"; there are {}", names.join(", "))));
    }
    for field in Field::ALL {
        let Ok(column) = schema.field_with_name(field.name()) else { continue };
        let kind = column.data_type();
        if !(*kind == DataType::Utf8 || field == Field::Date && *kind == DataType::Date32) {
            let allowed = if field == Field::Date { "a string or a date" } else { "a string" };
            return Err(io::Error::other(format!("column {:?} is {kind} and must be {allowed}", column.name())));
        }
    }
    Ok(())
}

fn text(column: &dyn Array, row: usize) -> Option<String> {
    if column.is_null(row) {
        return None;
    }
    match column.data_type() {
        DataType::Utf8 => Some(column.as_string::<i32>().value(row).to_owned()),
        DataType::Date32 => day(column.as_primitive::<Date32Type>().value(row)),
        _ => None,
    }
}

/// Days since 1970 as YYYY-MM-DD; what is no day of the calendar is told by its number, which nobody takes for a date.
fn day(days: i32) -> Option<String> {
    let day = jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().try_days(days).ok()?);
    Some(day.map_or_else(|_| days.to_string(), |day| day.to_string()))
}

/// An id as JSON has it; null where it is neither text nor a whole number.
fn id(column: &dyn Array, row: usize) -> Value {
    if column.is_null(row) {
        return Value::Null;
    }
    match column.data_type() {
        DataType::Utf8 => column.as_string::<i32>().value(row).into(),
        DataType::Int32 => column.as_primitive::<Int32Type>().value(row).into(),
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).into(),
        _ => Value::Null,
    }
}

/// Names the file where the input is a folder.
fn in_file(input: &Path, file: &Path, message: impl Display) -> io::Error {
    let name = file.file_name().filter(|_| file != input).map(|name| format!("{}: ", name.display()));
    io::Error::other(format!("{}{message}", name.unwrap_or_default()))
}
