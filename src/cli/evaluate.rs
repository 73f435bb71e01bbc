//! `demarche evaluate`: a model measured on labelled articles.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::ValueEnum;
use demarche::classify::Classifier;
use demarche::corpus::{CorpusArticle, Part};
use demarche::evaluate::{Baseline, ComparedFigure, Comparison, Measurement, Report};
use serde_json::json;

use super::corpus::read_checked;
use super::sources::Sources;
use super::{Outcome, figures, progress};

/// Measure a model on labelled articles.
///
/// In: a folder of corpus files (*.jsonl; see data/corpus/README.md), checked first, and a model. Out: precision,
/// recall and F1 of rows, by stance and by phenomenon, the confusion of labels and the calibration error. A row is
/// right if its holder, its target and its stance are the labelled ones. With --baseline, the same figures of another
/// model beside them, and a warning on standard error for each figure that is worse by more than chance explains. With
/// --report, pictures and a page of it all.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  demarche evaluate --model models/mine --corpus data/corpus --format json\n  \
                        demarche evaluate --model models/mine --baseline default --report report")]
pub(crate) struct Args {
    #[command(flatten)]
    sources: Sources,
    /// Folder of labelled articles
    #[arg(long, value_name = "DIR", default_value = "data/corpus")]
    corpus: PathBuf,
    /// Which articles to measure on
    #[arg(long, value_enum, default_value_t = Which::Test)]
    part: Which,
    /// Model to compare with: its folder, or "default" for the one built in
    #[arg(long, value_name = "DIR|default")]
    baseline: Option<PathBuf>,
    /// Folder to write index.html, report.json and three pictures to; it is created
    #[arg(long, value_name = "DIR")]
    report: Option<PathBuf>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Which {
    /// The articles that are held out of training.
    Test,
    /// The articles that are trained on: tells how well they are remembered, not how well others are read.
    Train,
    /// All articles.
    All,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// Tables, for reading.
    Table,
    /// Counts and figures as JSON, for programs.
    Json,
}

/// Runs `demarche evaluate`.
pub(crate) fn run(args: &Args) -> Outcome {
    let classifier = args.sources.classifier()?;
    let other = args.baseline.as_ref().map(|model| args.sources.with_model(model).classifier()).transpose()?;
    let articles = read_checked(&args.corpus, classifier.registry())?;
    let kept: Vec<&CorpusArticle> = articles.iter().filter(|article| args.part.holds(article)).collect();
    if let Some(folder) = &args.report {
        make(folder)?; // before the work, not after it
    }
    let measurement = measure("measuring", &classifier, &kept);
    let which = format!("{} articles of {}", args.part.name(), args.corpus.display());
    let mut report = Report::new(classifier.model().manifest().into(), which, &measurement);
    report.baseline = other.map(|other| beside(&other, &kept, &measurement));
    if let Some(folder) = &args.report {
        write(folder, &report)?;
    }
    print(&report, args.format)?;
    if let Some(baseline) = &report.baseline {
        warn(&baseline.comparison);
    }
    Ok(())
}

/// Reads the articles with a bar.
pub(crate) fn measure(what: &'static str, classifier: &Classifier, articles: &[&CorpusArticle]) -> Measurement {
    let bar = progress::bar(what, articles.len());
    let measurement = Measurement::of(classifier, articles, || bar.inc(1));
    bar.finish_and_clear();
    measurement
}

fn beside(classifier: &Classifier, articles: &[&CorpusArticle], model: &Measurement) -> Baseline {
    let baseline = measure("baseline", classifier, articles);
    Baseline {
        model: classifier.model().manifest().into(),
        evaluation: baseline.evaluation(),
        comparison: Comparison::of(&baseline, model),
    }
}

fn print(report: &Report, format: Format) -> Outcome {
    let text = match (format, &report.baseline) {
        (Format::Table, _) => figures::report(report),
        (Format::Json, None) => serde_json::to_string_pretty(&report.evaluation)?,
        (Format::Json, Some(baseline)) => serde_json::to_string_pretty(&json!({
            "model": report.model, "evaluation": report.evaluation, "baseline": baseline,
        }))?,
    };
    writeln!(io::stdout(), "{text}")?; // not println!, which panics when the reader goes away
    Ok(())
}

fn warn(comparison: &Comparison) {
    for figure in comparison.worse() {
        eprintln!("warning: worse than the baseline: {}", told(&figure));
    }
}

/// "F1 of rows 0.300, was 0.400 (margin 0.050)".
pub(crate) fn told(figure: &ComparedFigure) -> String {
    let [name, before, now, _, margin, _] = figure.cells();
    format!("{name} {now}, was {before} (margin {margin})")
}

fn make(folder: &Path) -> Outcome {
    std::fs::create_dir_all(folder).with_context(|| format!("{}", folder.display()))?;
    Ok(())
}

fn write(folder: &Path, report: &Report) -> Outcome {
    for (name, content) in report.files()? {
        let path = folder.join(name);
        std::fs::write(&path, content).with_context(|| format!("{}", path.display()))?;
    }
    Ok(())
}

impl Which {
    fn holds(self, article: &CorpusArticle) -> bool {
        match self {
            Self::Test => article.part() == Part::Test,
            Self::Train => article.part() == Part::Train,
            Self::All => true,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Test => "the held-out",
            Self::Train => "the trained-on",
            Self::All => "all",
        }
    }
}
