//! Many articles: JSONL in, JSONL out, on all cores, in the order of the input.
//!
//! A reader hands each line to the workers together with a place in the output; the writer waits for
//! the places in order. The queue of places is bounded, so memory is too, however slow one line is.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, IsTerminal, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::anyhow;
use demarche::proto::ClassifyRequest;
use demarche::server::Failure;
use indicatif::{ProgressBar, ProgressStyle};

use super::engine::Engine;
use super::line;
use super::lines::{self, Line, MAX_LINE};
use crate::cli::exit::{Exit, Outcome};

/// Lines between reader and writer, for each worker.
const AHEAD: usize = 8;

/// A line to answer and the place where its answer is waited for.
struct Job {
    line: Line,
    bytes: u64,
    place: Sender<Done>,
}

/// An answered line.
struct Done {
    json: String,
    failed: bool,
    bytes: u64,
}

/// How a run went.
#[derive(Default)]
struct Tally {
    lines: u64,
    failed: u64,
}

pub(super) fn run(
    input: &Path,
    output: Option<&Path>,
    template: &ClassifyRequest,
    engine: &dyn Fn() -> Result<Engine, Exit>,
) -> Outcome {
    let output = output.filter(|output| *output != Path::new("-"));
    if output.is_some_and(|output| same_file(input, output)) {
        return Err(Exit::usage("--output would overwrite --input"));
    }
    let no_input = |error| Exit::no_input(input.display(), &error);
    let (reader, size) = open(input).map_err(no_input)?;
    let engine = engine()?;
    let mut writer = create(output)?;
    let bar = progress(size);
    let (tally, read) = pump(reader, &mut *writer, &engine, template, &bar)?;
    bar.finish_and_clear();
    read.map_err(no_input)?;
    if tally.failed > 0 {
        return Err(anyhow!("{} of {} lines failed; see their \"error\"", tally.failed, tally.lines).into());
    }
    Ok(())
}

/// Runs reader, workers and writer; gives the tally, and apart from it how reading ended.
fn pump(
    mut reader: Box<dyn BufRead + Send>,
    writer: &mut dyn Write,
    engine: &Engine,
    template: &ClassifyRequest,
    bar: &ProgressBar,
) -> io::Result<(Tally, io::Result<()>)> {
    let threads = engine.threads();
    let (job_sender, jobs) = sync_channel(threads * AHEAD);
    let (place_sender, places) = sync_channel(threads * AHEAD);
    let jobs = Mutex::new(jobs);
    thread::scope(|scope| {
        let reading = scope.spawn(move || feed(&mut *reader, &job_sender, &place_sender));
        for _ in 0..threads {
            scope.spawn(|| work(&jobs, engine, template));
        }
        let written = write(&places, writer, bar);
        drop(places); // if writing failed, this ends the reader, and the reader the workers
        let read = reading.join().unwrap_or_else(|_| Err(io::Error::other("the reader panicked")));
        Ok((written?, read))
    })
}

/// Reads lines until the end, or until nobody writes any more.
fn feed(reader: &mut dyn BufRead, jobs: &SyncSender<Job>, places: &SyncSender<Receiver<Done>>) -> io::Result<()> {
    while let Some((line, bytes)) = lines::next(reader)? {
        if matches!(&line, Line::Whole(line) if line.trim_ascii().is_empty()) {
            continue;
        }
        let (place, answer) = channel();
        if places.send(answer).is_err() || jobs.send(Job { line, bytes, place }).is_err() {
            break;
        }
    }
    Ok(())
}

fn work(jobs: &Mutex<Receiver<Job>>, engine: &Engine, template: &ClassifyRequest) {
    loop {
        // Bound to a name of its own, so that the lock is not held while the line is answered.
        let next = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Job { line, bytes, place }) = next else { return };
        let (json, failed) = answer(line, engine, template);
        let _ = place.send(Done { json, failed, bytes });
    }
}

/// The output line of an input line, and whether it tells a failure.
fn answer(line: Line, engine: &Engine, template: &ClassifyRequest) -> (String, bool) {
    let (id, request) = match line {
        Line::Whole(line) => line::read(&line, template),
        Line::TooLong => {
            let message = format!("the line has more than {} MiB", MAX_LINE >> 20);
            (serde_json::Value::Null, Err(Failure::unreadable("LINE_TOO_LONG", message)))
        }
    };
    let answered = request.and_then(|request| engine.classify(request));
    let json = match &answered {
        Ok(response) => line::answered(Some(&id), response),
        Err(failure) => line::failed(Some(&id), failure),
    };
    // Maps with string keys and numbers always become JSON; should it change, the line says so.
    (json.unwrap_or_else(|error| format!("{{\"error\":{{\"message\":\"{error}\"}}}}")), answered.is_err())
}

fn write(places: &Receiver<Receiver<Done>>, writer: &mut dyn Write, bar: &ProgressBar) -> io::Result<Tally> {
    let mut tally = Tally::default();
    for place in places {
        let done = place.recv().map_err(|_| io::Error::other("a worker ended before its line was answered"))?;
        writeln!(writer, "{}", done.json)?;
        tally.lines += 1;
        tally.failed += u64::from(done.failed);
        bar.inc(done.bytes);
        bar.set_message(tally.lines.to_string());
    }
    writer.flush()?;
    Ok(tally)
}

/// The input, and its size if it has one.
fn open(input: &Path) -> io::Result<(Box<dyn BufRead + Send>, Option<u64>)> {
    if input == Path::new("-") {
        return Ok((Box::new(BufReader::new(io::stdin())), None));
    }
    let file = File::open(input)?;
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    let size = metadata.is_file().then_some(metadata.len());
    Ok((Box::new(BufReader::with_capacity(1 << 16, file)), size))
}

fn create(output: Option<&Path>) -> anyhow::Result<Box<dyn Write>> {
    let Some(output) = output else { return Ok(Box::new(BufWriter::new(io::stdout().lock()))) };
    let file = File::create(output).map_err(|error| anyhow!("{}: {error}", output.display()))?;
    Ok(Box::new(BufWriter::new(file)))
}

fn same_file(input: &Path, output: &Path) -> bool {
    matches!((fs::canonicalize(input), fs::canonicalize(output)), (Ok(input), Ok(output)) if input == output)
}

/// A bar over the bytes, on a terminal only.
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
