//! One article, as plain text.

use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::path::Path;

use demarche::proto::{ClassifyRequest, ClassifyResponse};
use demarche::server::Failure;

use super::engine::Engine;
use super::{Format, line};
use crate::cli::exit::{Exit, Outcome};
use crate::cli::table;

/// Most bytes that are read; no text that long is within the limit of code points.
const MAX_BYTES: u64 = 4 << 20;

pub(super) fn run(
    file: Option<&Path>,
    format: Format,
    mut request: ClassifyRequest,
    engine: &dyn Fn() -> Result<Engine, Exit>,
) -> Outcome {
    let bytes = read(file.filter(|file| *file != Path::new("-")))?;
    let engine = engine()?;
    let answered = text(bytes).and_then(|text| {
        request.article.get_or_insert_default().text = text;
        engine.classify(request)
    });
    print(format, &answered)?;
    answered.map(drop).map_err(Exit::from)
}

fn read(file: Option<&Path>) -> Result<Vec<u8>, Exit> {
    let mut bytes = vec![];
    let read = if let Some(file) = file {
        if file.extension().is_some_and(|extension| extension == "jsonl") {
            eprintln!("demarche: {} is read as one plain text; --input reads JSONL", file.display());
        }
        File::open(file).and_then(|file| file.take(MAX_BYTES).read_to_end(&mut bytes))
    } else {
        if io::stdin().is_terminal() {
            eprintln!("demarche: reading the article from the terminal; end it with Ctrl-D");
        }
        io::stdin().lock().take(MAX_BYTES).read_to_end(&mut bytes)
    };
    let name = file.map_or_else(|| "standard input".into(), Path::to_string_lossy);
    read.map(|_| bytes).map_err(|error| Exit::no_input(name, &error))
}

fn text(bytes: Vec<u8>) -> Result<String, Failure> {
    if bytes.len() as u64 == MAX_BYTES {
        return Err(Failure::field(
            "article.text",
            "TEXT_TOO_LONG",
            "has more than 4 MiB, the limit is 200000 code points",
        ));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Failure::field("article.text", "INVALID_UTF8", format!("is not UTF-8 at byte {at}"))
    })
}

/// Prints what a program or a person can use; a failure is also told on standard error, by its caller.
fn print(format: Format, answered: &Result<ClassifyResponse, Failure>) -> Outcome {
    let mut out = io::stdout().lock();
    match (format, answered) {
        (Format::Table, Ok(response)) => writeln!(out, "{}", table::render(response))?,
        (Format::Table, Err(_)) => {}
        (Format::Json, Ok(response)) => writeln!(out, "{}", serde_json::to_string_pretty(response)?)?,
        (Format::Jsonl, Ok(response)) => writeln!(out, "{}", serde_json::to_string(response)?)?,
        (Format::Json | Format::Jsonl, Err(failure)) => writeln!(out, "{}", line::failed(None, failure)?)?,
    }
    Ok(())
}
