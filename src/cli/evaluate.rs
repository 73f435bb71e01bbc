//! `demarche evaluate`: a model measured on labelled articles.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::ValueEnum;
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use demarche::corpus::{CorpusArticle, Part};
use demarche::evaluate::{Evaluation, Tally, evaluate_with};
use demarche::model::Manifest;
use demarche::stance::Stance;

use super::corpus::read_checked;
use super::sources::Sources;
use super::{Outcome, progress};

/// Measure a model on labelled articles.
///
/// In: a folder of corpus files (*.jsonl; see data/corpus/README.md), checked first, and a model. Out: precision,
/// recall and F1 of rows, by stance and by phenomenon, the confusion of labels and the calibration error. A row is
/// right if its holder, its target and its stance are the labelled ones.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  demarche evaluate --model models/mine --corpus data/corpus --format json")]
pub(crate) struct Args {
    #[command(flatten)]
    sources: Sources,
    /// Folder of labelled articles
    #[arg(long, value_name = "DIR", default_value = "data/corpus")]
    corpus: PathBuf,
    /// Which articles to measure on
    #[arg(long, value_enum, default_value_t = Which::Test)]
    part: Which,
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
    let articles = read_checked(&args.corpus, classifier.registry())?;
    let kept: Vec<&CorpusArticle> = articles.iter().filter(|article| args.part.holds(article)).collect();
    let bar = progress::bar("measuring", kept.len());
    let evaluation = evaluate_with(&classifier, &kept, || bar.inc(1));
    bar.finish_and_clear();
    let mut out = io::stdout(); // not println!, which panics when the reader goes away
    match args.format {
        Format::Table => writeln!(out, "{}", report(classifier.model().manifest(), args, &evaluation))?,
        Format::Json => writeln!(out, "{}", serde_json::to_string_pretty(&evaluation)?)?,
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

fn report(manifest: &Manifest, args: &Args, evaluation: &Evaluation) -> String {
    let (name, version, part) = (&manifest.name, &manifest.version, args.part.name());
    let heading = format!(
        "Model {name} {version} on {part} articles of {} ({}), threshold {:.2}",
        args.corpus.display(),
        evaluation.articles,
        manifest.threshold
    );
    let mut stances = vec![("all", &evaluation.rows)];
    stances.extend(
        Stance::ALL
            .iter()
            .filter_map(|stance| evaluation.by_stance.get_key_value(stance.name()))
            .map(|(name, tally)| (*name, tally)),
    );
    let phenomena = evaluation.by_phenomenon.iter().map(|(name, tally)| (name.as_str(), tally));
    [
        heading,
        format!("\nRows by stance\n{}", tallies("Stance", stances)),
        format!(
            "\nWhere the pair was found: stance given (row) by stance labelled (column)\n{}",
            confusion(evaluation)
        ),
        format!("Macro-F1 of these labels            {:.3}", evaluation.label_macro_f1),
        format!("Expected calibration error          {:.3}", evaluation.calibration_error),
        format!("Rows an article without any stance  {:.3}", evaluation.false_rows_on_empty),
        format!("\nRows of the articles in which a phenomenon occurs\n{}", tallies("Phenomenon", phenomena)),
    ]
    .join("\n")
}

fn tallies<'a>(what: &str, rows: impl IntoIterator<Item = (&'a str, &'a Tally)>) -> Table {
    let mut table = table(&[what, "Right", "Wrong", "Missed", "Precision", "Recall", "F1"]);
    for (name, tally) in rows {
        let counts = [tally.right, tally.wrong, tally.missed].map(|count| count.to_string());
        let figures = [tally.precision(), tally.recall(), tally.f1()].map(|figure| format!("{figure:.3}"));
        table.add_row([name.to_owned()].into_iter().chain(counts).chain(figures));
    }
    table
}

fn confusion(evaluation: &Evaluation) -> Table {
    let [aligned, neutral, opposed] = Stance::ALL.map(Stance::name);
    let mut table = table(&["", aligned, neutral, opposed]);
    for (stance, counts) in Stance::ALL.iter().zip(evaluation.confusion) {
        table.add_row([stance.to_string()].into_iter().chain(counts.map(|count| count.to_string())));
    }
    table
}

/// A table whose first column is words and whose others are numbers.
fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}
