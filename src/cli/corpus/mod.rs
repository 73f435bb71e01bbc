//! `demarche corpus`: labelled articles checked, and made from the exports of annotation tools.

mod import;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::Subcommand;
use demarche::corpus::{CorpusArticle, CorpusError, Summary, check_folder};
use demarche::party::Registry;

use super::sources::load_parties;
use super::{Exit, Outcome};

/// Check a corpus of labelled articles, or make one from an annotation tool's export.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check a corpus: every mistake with its file, line and reason.
    ///
    /// In: a folder of corpus files (*.jsonl; see data/corpus/README.md). Out: a line on standard error for each
    /// mistake, or a summary of the corpus on standard output if there is none.
    #[command(after_help = "Example:\n  demarche corpus check data/corpus\n\n\
                            Exit codes: 0 no mistake; 1 mistakes; 66 a file or the folder cannot be read.")]
    Check(Check),
    Import(import::Args),
}

#[derive(Debug, clap::Args)]
struct Check {
    /// Folder of labelled articles
    #[arg(value_name = "DIR", default_value = "data/corpus")]
    corpus: PathBuf,
    /// Folder of party tables, instead of the ones built in
    #[arg(long, value_name = "DIR")]
    parties: Option<PathBuf>,
}

/// Runs `demarche corpus`.
pub(crate) fn run(args: &Args) -> Outcome {
    match &args.command {
        Command::Check(args) => check(args),
        Command::Import(args) => import::run(args),
    }
}

fn check(check: &Check) -> Outcome {
    let registry = load_parties(check.parties.as_deref())?;
    let articles = read_checked(&check.corpus, &registry)?;
    writeln!(io::stdout(), "{}: {}", check.corpus.display(), Summary::of(&articles, &registry))?;
    Ok(())
}

/// The articles of a folder without any mistake; mistakes go to standard error.
pub(crate) fn read_checked(folder: &Path, registry: &Registry) -> Result<Vec<CorpusArticle>, Exit> {
    let (articles, mistakes) = check_folder(folder, registry).map_err(unreadable)?;
    if mistakes.is_empty() {
        return Ok(articles);
    }
    for mistake in &mistakes {
        eprintln!("{mistake}");
    }
    Err(anyhow!("{}: {} in the corpus", folder.display(), count(mistakes.len())).into())
}

fn count(mistakes: usize) -> String {
    if mistakes == 1 { "1 mistake".to_owned() } else { format!("{mistakes} mistakes") }
}

fn unreadable(error: CorpusError) -> Exit {
    match error {
        CorpusError::Unreadable { path, source } => Exit::no_input(path, &source),
        other => other.into(),
    }
}
