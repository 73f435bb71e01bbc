//! `demarche train`: from a labelled corpus to a model folder.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::anyhow;
use demarche::classify::Classifier;
use demarche::corpus::{CorpusArticle, Labelled, Part, check_supply, label_articles};
use demarche::evaluate::{Evaluation, OperatingPoint, evaluate_with, operating_points};
use demarche::model::{Example, FEWEST, Manifest, Model, TrainOptions, cross_validate, sha256, train};
use demarche::party::Registry;
use demarche::syntax::{Jackknife, read_treebank};
use indicatif::ProgressBar;

use super::corpus::read_checked;
use super::progress;
use super::sources::load_parties;
use super::{Exit, Outcome};

/// Precision of candidates out of fold at the threshold for articles.
const ARTICLE_PRECISION: f64 = 0.8;
/// The same for excerpts of a few sentences.
const EXCERPT_PRECISION: f64 = 0.62;

/// Train a model from labelled articles and write it to a folder.
///
/// In: a folder of corpus files (*.jsonl; see data/corpus/README.md), checked first. Out: a model folder with
/// manifest.json, features.txt and weights.safetensors. One article in five, chosen by the hash of its name, is
/// held out and only measured on.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  demarche train --corpus labelled --output models/mine\n  demarche train --treebank data/treebank/corpus.conllu --output models/default\n  demarche serve --model models/mine"
)]
pub(crate) struct Args {
    /// Folder of labelled articles
    #[arg(long, value_name = "DIR", default_value = "data/corpus")]
    corpus: PathBuf,
    /// Folder to write the model to
    #[arg(long, value_name = "DIR")]
    output: PathBuf,
    /// CoNLL-U file that the built-in parser was trained on, if it holds sentences of the corpus: they are then read by
    /// parsers that have not seen them
    #[arg(long, value_name = "FILE")]
    treebank: Option<PathBuf>,
    /// Name of the model
    #[arg(long, default_value = "default")]
    name: String,
    /// Most features
    #[arg(long, default_value_t = TrainOptions::default().columns)]
    columns: usize,
    /// Strength of the L2 penalty
    #[arg(long, default_value_t = TrainOptions::default().alpha)]
    alpha: f64,
    /// Folder of party tables instead of the embedded ones
    #[arg(long, value_name = "DIR")]
    parties: Option<PathBuf>,
}

/// Runs `demarche train`.
pub(crate) fn run(args: &Args) -> Outcome {
    let registry = Arc::new(load_parties(args.parties.as_deref())?);
    let articles = read_checked(&args.corpus, &registry)?;
    let (mut model, chosen) = fit(args, &registry, &articles)?;
    let classifier = Classifier::new(registry, Arc::new(model.clone()));
    let held_out: Vec<&CorpusArticle> = articles.iter().filter(|article| article.part() == Part::Test).collect();
    let bar = progress::bar("measuring", held_out.len());
    let evaluation = evaluate_with(&classifier, &held_out, || bar.inc(1));
    bar.finish_and_clear();
    model.add_metrics(held_out_metrics(&evaluation));
    model.save(&args.output)?;
    writeln!(io::stdout(), "{}", told(args, &model, &chosen, &evaluation))?;
    Ok(())
}

/// What a user sees of a trained model: how good it is, and how to tell whether it is better than the one built in.
fn told(args: &Args, model: &Model, chosen: &Chosen, evaluation: &Evaluation) -> String {
    let figures = |precision, recall, f1| format!("precision {precision:.3}, recall {recall:.3}, F1 {f1:.3}");
    let at = |what, point: &OperatingPoint| {
        let figures = figures(point.precision, point.recall, point.f1);
        format!("cross-validated candidates at the threshold for {what}, {:.2}: {figures}", point.threshold)
    };
    let (output, rows) = (args.output.display(), &evaluation.rows);
    [
        format!("{output}: {} features", model.manifest().features),
        at("articles", &chosen.articles),
        at("texts of at most two sentences", &chosen.excerpts),
        format!("held-out rows: {}", figures(rows.precision(), rows.recall(), rows.f1())),
        "compare it with the model built in:".to_owned(),
        format!("  demarche evaluate --model {output} --corpus {} --baseline default", args.corpus.display()),
    ]
    .join("\n")
}

/// The operating points whose thresholds the model gets.
struct Chosen {
    articles: OperatingPoint,
    excerpts: OperatingPoint,
}

fn fit(args: &Args, registry: &Registry, articles: &[CorpusArticle]) -> Result<(Model, Chosen), Exit> {
    let kept: Vec<&CorpusArticle> = articles.iter().filter(|article| article.part() == Part::Train).collect();
    let labelled = label_articles(&kept, registry, &parsers(args)?);
    let options = TrainOptions { columns: args.columns, alpha: args.alpha, ..TrainOptions::default() };
    eprintln!(
        "{} articles, {} candidates, {} of {} stances reached",
        kept.len(),
        labelled.examples.len(),
        labelled.stances - labelled.missed.len(),
        labelled.stances
    );
    require_supply(&kept, &labelled, options.folds)?;
    let bar: ProgressBar = progress::bar("training", options.folds + 1);
    let (logits, temperature) = cross_validate(&labelled.examples, &options, || bar.inc(1))?;
    let all: Vec<&Example> = labelled.examples.iter().collect();
    let trained = train(&all, &options)?;
    bar.finish_and_clear();
    let points = operating_points(&labelled.examples, &logits, temperature);
    let chosen = Chosen {
        articles: OperatingPoint::least_with(&points, ARTICLE_PRECISION),
        excerpts: OperatingPoint::least_with(&points, EXCERPT_PRECISION),
    };
    let f1 = points.iter().map(|point| point.f1).fold(0.0, f64::max);
    let manifest = Manifest {
        name: args.name.clone(),
        code_version: env!("CARGO_PKG_VERSION").to_owned(),
        settings: settings(&options, temperature),
        threshold: chosen.articles.threshold,
        threshold_short: chosen.excerpts.threshold,
        corpus_sha256: corpus_hash(&kept)?,
        metrics: trained_metrics(&labelled, f1),
        ..Manifest::default()
    };
    Ok((trained.into_model(temperature, manifest), chosen))
}

/// Parsers that have not seen the articles.
fn parsers(args: &Args) -> Result<Jackknife, Exit> {
    let Some(treebank) = &args.treebank else { return Ok(Jackknife::default()) };
    let sentences = read_treebank(treebank)?;
    let bar = progress::bar("parsers", Jackknife::STEPS);
    let parsers = Jackknife::train(&sentences, || bar.inc(1));
    bar.finish_and_clear();
    Ok(parsers)
}

fn trained_metrics(labelled: &Labelled, f1: f64) -> BTreeMap<String, f64> {
    BTreeMap::from([
        ("cross_validated_candidate_f1".to_owned(), f1),
        ("candidates".to_owned(), labelled.examples.len() as f64),
        ("stances_reached".to_owned(), 1.0 - labelled.missed.len() as f64 / labelled.stances.max(1) as f64),
    ])
}

/// Every label with too few examples, told together before anything is fitted.
fn require_supply(articles: &[&CorpusArticle], labelled: &Labelled, folds: usize) -> Outcome {
    let errors = check_supply(articles, labelled, FEWEST, folds);
    for error in &errors {
        eprintln!("{error}");
    }
    if errors.is_empty() { Ok(()) } else { Err(anyhow!("too few examples to train on").into()) }
}

fn settings(options: &TrainOptions, temperature: f64) -> BTreeMap<String, f64> {
    BTreeMap::from([
        ("columns".to_owned(), options.columns as f64),
        ("min_count".to_owned(), options.min_count as f64),
        ("alpha".to_owned(), options.alpha),
        ("folds".to_owned(), options.folds as f64),
        ("bags".to_owned(), options.bags as f64),
        ("temperature".to_owned(), temperature),
    ])
}

fn corpus_hash(articles: &[&CorpusArticle]) -> Result<String, Exit> {
    Ok(sha256(&serde_json::to_vec(articles)?))
}

fn held_out_metrics(evaluation: &Evaluation) -> BTreeMap<String, f64> {
    BTreeMap::from([
        ("held_out_articles".to_owned(), evaluation.articles as f64),
        ("held_out_row_precision".to_owned(), evaluation.rows.precision()),
        ("held_out_row_recall".to_owned(), evaluation.rows.recall()),
        ("held_out_row_f1".to_owned(), evaluation.rows.f1()),
        ("held_out_label_macro_f1".to_owned(), evaluation.label_macro_f1),
        ("held_out_calibration_error".to_owned(), evaluation.calibration_error),
        ("held_out_false_rows_on_empty".to_owned(), evaluation.false_rows_on_empty),
    ])
}
