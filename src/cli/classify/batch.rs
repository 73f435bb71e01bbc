//! Many articles: lines or rows in, lines or rows out, on all cores, in the order of the input.
//!
//! A reader hands each article to the workers together with a place in the output; the writer waits for
//! the places in order. The queue of places is bounded, so memory is too, however slow one article is.

use std::fs;
use std::io::{self, IsTerminal};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::{Context, anyhow};
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use demarche::proto::{ClassifyRequest, OffsetEncoding};
use indicatif::{ProgressBar, ProgressStyle};

use super::engine::Engine;
use super::parquet::{LineColumns, Parts, Rows};
use super::sink::{self, Done, Sink, Written, to_line};
use super::source::{Lines, Source, Unread};
use crate::cli::exit::{Exit, Outcome};

/// Articles between reader and writer, for each worker.
const AHEAD: usize = 8;

/// What a run over many articles is told.
#[derive(Debug)]
pub(super) struct Run<'a> {
    pub(super) input: &'a Path,
    pub(super) output: Option<&'a Path>,
    pub(super) resume: bool,
    pub(super) template: ClassifyRequest,
}

/// An article to answer and the place where its answer is waited for.
struct Job {
    article: Unread,
    place: Sender<Answer>,
}

/// What comes next in the output.
enum Place {
    /// The columns of the articles that follow.
    Columns(RecordBatch),
    /// An answer, once it is there.
    Answer(Receiver<Answer>),
}

struct Answer {
    written: Written,
    failed: bool,
    size: u64,
}

/// How a run went.
#[derive(Default)]
struct Tally {
    articles: u64,
    failed: u64,
}

pub(super) fn run(mut run: Run<'_>, engine: &dyn Fn() -> Result<Engine, Exit>) -> Outcome {
    run.output = run.output.filter(|output| *output != Path::new("-"));
    if run.output.is_some_and(|output| same_file(run.input, output)) {
        return Err(Exit::usage("--output would overwrite --input"));
    }
    if run.resume && run.output.is_none() {
        return Err(Exit::usage("--resume goes on with a file: give --output"));
    }
    let as_columns = run.output.is_some_and(is_parquet);
    if as_columns && run.template.offset_encoding() == OffsetEncoding::Unspecified {
        // As the Python client counts on Spark, and as Spark's own functions do.
        run.template.set_offset_encoding(OffsetEncoding::CodePoint);
    }
    let no_input = |error| Exit::no_input(run.input.display(), &error);
    let (source, columns) = source(&run, as_columns).map_err(no_input)?;
    let engine = engine()?;
    let (mut sink, done) = open_sink(&run, as_columns, &columns)?;
    let bar = progress(source.size());
    let pump = Pump { engine: &engine, template: &run.template, as_columns };
    let (tally, read) = pump.run(source, &mut *sink, done, &bar)?;
    bar.finish_and_clear();
    read.map_err(no_input)?;
    if tally.failed > 0 {
        return Err(anyhow!("{} of {} lines failed; see their \"error\"", tally.failed, tally.articles).into());
    }
    Ok(())
}

/// The articles, and their columns if they have any.
fn source(run: &Run<'_>, as_columns: bool) -> io::Result<(Box<dyn Source>, SchemaRef)> {
    if is_parquet(run.input) || run.input.is_dir() {
        let rows = Rows::open(run.input, &run.template, as_columns)?;
        let columns = rows.columns();
        return Ok((Box::new(rows), columns));
    }
    let lines = Lines::open(run.input)?;
    let source: Box<dyn Source> = if as_columns { Box::new(LineColumns::new(lines)) } else { Box::new(lines) };
    Ok((source, LineColumns::columns()))
}

fn open_sink(run: &Run<'_>, as_columns: bool, columns: &SchemaRef) -> anyhow::Result<(Box<dyn Sink>, Done)> {
    Ok(match (run.output, as_columns, run.resume) {
        (Some(output), true, true) => boxed(Parts::resume(output, columns)?),
        (Some(output), true, false) => boxed((Parts::create(output, columns)?, Done::default())),
        (Some(output), false, true) => boxed(sink::Lines::resume(output)?),
        (output, _, _) => boxed((sink::Lines::create(output)?, Done::default())),
    })
}

fn boxed<S: Sink + 'static>((sink, done): (S, Done)) -> (Box<dyn Sink>, Done) {
    (Box::new(sink), done)
}

/// Reader, workers and writer.
struct Pump<'a> {
    engine: &'a Engine,
    template: &'a ClassifyRequest,
    as_columns: bool,
}

impl Pump<'_> {
    /// Answers all that is not `done`; gives the tally of all, and apart from it how reading ended.
    fn run(
        &self,
        source: Box<dyn Source>,
        sink: &mut dyn Sink,
        done: Done,
        bar: &ProgressBar,
    ) -> anyhow::Result<(Tally, io::Result<()>)> {
        let threads = self.engine.threads();
        let (job_sender, jobs) = sync_channel(threads * AHEAD);
        let (place_sender, places) = sync_channel(threads * AHEAD);
        let jobs = Mutex::new(jobs);
        let tally = Tally { articles: done.articles, failed: done.failed };
        thread::scope(|scope| {
            let feeder = Feeder { source, template: self.template, bar, jobs: job_sender, places: place_sender };
            let reading = scope.spawn(move || feeder.feed(&done));
            for _ in 0..threads {
                scope.spawn(|| self.work(&jobs));
            }
            let written = write(&places, sink, bar, tally);
            drop(places); // if writing failed, this ends the reader, and the reader the workers
            let read = reading.join().unwrap_or_else(|_| Err(io::Error::other("the reader panicked")));
            let tally = written?;
            sink.finish(read.is_ok())?;
            Ok((tally, read))
        })
    }

    fn work(&self, jobs: &Mutex<Receiver<Job>>) {
        loop {
            // Bound to a name of its own, so that the lock is not held while the article is answered.
            let next = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(Job { article, place }) = next else { return };
            let size = article.size;
            let (id, request) = article.read(self.template);
            let answered = request.and_then(|request| self.engine.classify(request));
            let failed = answered.is_err();
            let written =
                if self.as_columns { Written::Row(Box::new(answered)) } else { Written::Line(to_line(&id, &answered)) };
            let _ = place.send(Answer { written, failed, size });
        }
    }
}

/// Reads articles until the end, or until nobody writes any more.
struct Feeder<'a> {
    source: Box<dyn Source>,
    template: &'a ClassifyRequest,
    bar: &'a ProgressBar,
    jobs: SyncSender<Job>,
    places: SyncSender<Place>,
}

impl Feeder<'_> {
    fn feed(mut self, done: &Done) -> io::Result<()> {
        let mut skip = done.articles;
        while let Some(batch) = self.source.next()? {
            let first = usize::try_from(skip).unwrap_or(usize::MAX).min(batch.articles.len());
            skip -= first as u64;
            let mut articles = batch.articles.into_iter();
            let last = articles.by_ref().take(first).inspect(|article| self.bar.inc(article.size)).last();
            if let (0, Some(last), Some(id)) = (skip, last, &done.last) {
                let found = last.read(self.template).0;
                if found != *id {
                    let message = format!("article {} has the id {found}, its answer {id}", done.articles);
                    return Err(io::Error::other(format!("{message}: the output is not of this input")));
                }
            }
            let rest = batch.columns.map(|columns| columns.slice(first, columns.num_rows() - first));
            let rest = rest.filter(|columns| columns.num_rows() > 0);
            if rest.is_some_and(|columns| self.places.send(Place::Columns(columns)).is_err()) {
                return Ok(());
            }
            for article in articles {
                let (place, answer) = channel();
                if self.places.send(Place::Answer(answer)).is_err() || self.jobs.send(Job { article, place }).is_err() {
                    return Ok(());
                }
            }
        }
        if skip > 0 {
            let message =
                format!("the output has {} answers, which are {skip} more than there are articles", done.articles);
            return Err(io::Error::other(message));
        }
        Ok(())
    }
}

fn write(places: &Receiver<Place>, sink: &mut dyn Sink, bar: &ProgressBar, mut tally: Tally) -> anyhow::Result<Tally> {
    for place in places {
        let answer = match place {
            Place::Columns(columns) => {
                sink.columns(columns)?;
                continue;
            }
            Place::Answer(answer) => answer.recv().context("a worker ended before its article was answered")?,
        };
        sink.put(answer.written)?;
        tally.articles += 1;
        tally.failed += u64::from(answer.failed);
        bar.inc(answer.size);
        bar.set_message(tally.articles.to_string());
    }
    Ok(tally)
}

fn is_parquet(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "parquet")
}

fn same_file(input: &Path, output: &Path) -> bool {
    matches!((fs::canonicalize(input), fs::canonicalize(output)), (Ok(input), Ok(output)) if input == output)
}

/// A bar over the size of the articles, on a terminal only.
fn progress(size: Option<u64>) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = size.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
    let template =
        if size.is_some() { "{bar:30} {percent}% {msg} articles, {eta} left" } else { "{spinner} {msg} articles" };
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
