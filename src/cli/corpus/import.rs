//! `demarche corpus import`: the export of an annotation tool into a corpus file.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::ValueEnum;
use demarche::corpus::{CorpusArticle, ImportOptions, Tool, import};

use super::super::sources::load_parties;
use super::super::{Exit, Outcome};

/// Turn the export of an annotation tool into a corpus file.
///
/// In: Label Studio's export "JSON", or doccano's "JSONL" of a project with relations; docs/retraining.md has the
/// labels to set up there. Out: a corpus file, and on standard error what was left out. With one mistake in the export
/// nothing is written.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  demarche corpus import --from label-studio export.json --output my-corpus/mine.jsonl\n  \
                        demarche corpus check my-corpus\n\n\
                        Exit codes: 0 written; 1 mistakes in the export; 2 wrong usage; 66 the export cannot be read."
)]
pub(super) struct Args {
    /// The tool that wrote the export
    #[arg(long, value_enum, value_name = "TOOL")]
    from: From,
    /// The export
    #[arg(value_name = "EXPORT")]
    export: PathBuf,
    /// Corpus file to write, *.jsonl; an older one is replaced
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
    /// Articles of doccano without a span were read and have no stance; otherwise they are left out
    #[arg(long)]
    keep_unmarked: bool,
    /// Folder of party tables, instead of the ones built in
    #[arg(long, value_name = "DIR")]
    parties: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum From {
    /// Label Studio's export "JSON"
    LabelStudio,
    /// doccano's export "JSONL" of a project with relations
    Doccano,
}

/// Runs `demarche corpus import`.
pub(super) fn run(args: &Args) -> Outcome {
    check_usage(args)?;
    let content = std::fs::read(&args.export).map_err(|error| Exit::no_input(args.export.display(), &error))?;
    let registry = load_parties(args.parties.as_deref())?;
    let tool = match args.from {
        From::LabelStudio => Tool::LabelStudio,
        From::Doccano => Tool::Doccano,
    };
    let options = ImportOptions { tool, keep_unmarked: args.keep_unmarked };
    let name = args.export.display();
    let imported = import(&content, options, &registry).map_err(|error| anyhow!("{name}: {error}"))?;
    eprint!("{}", imported.notes);
    for error in &imported.errors {
        eprintln!("{name}: {error}");
    }
    if !imported.errors.is_empty() {
        return Err(anyhow!("{name}: mistakes in the export: {}; nothing is written", imported.errors.len()).into());
    }
    if imported.articles.is_empty() {
        return Err(anyhow!("{name}: no annotated article; nothing is written").into());
    }
    save(&args.output, &imported.articles)?;
    let stances: usize = imported.articles.iter().map(|article| article.stances.len()).sum();
    eprintln!("{}: articles: {}, stances: {stances}", args.output.display(), imported.articles.len());
    Ok(())
}

fn check_usage(args: &Args) -> Outcome {
    if args.output.extension().is_none_or(|extension| extension != "jsonl") {
        return Err(Exit::usage("--output must end in .jsonl: other files of a corpus folder are not read"));
    }
    if is_same(&args.export, &args.output) {
        return Err(Exit::usage("--output would overwrite the export"));
    }
    if args.keep_unmarked && args.from != From::Doccano {
        return Err(Exit::usage("--keep-unmarked is for doccano; Label Studio tells what was annotated"));
    }
    Ok(())
}

fn is_same(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

fn save(path: &Path, articles: &[CorpusArticle]) -> Outcome {
    let mut lines = String::new();
    for article in articles {
        writeln!(lines, "{}", serde_json::to_string(article)?)?;
    }
    std::fs::write(path, lines).map_err(|error| anyhow!("{}: {error}", path.display()))?;
    Ok(())
}
