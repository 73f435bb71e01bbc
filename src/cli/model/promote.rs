//! `demarche model promote`: a model answers only if it is not worse than the one that answers.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::anyhow;
use demarche::classify::Classifier;
use demarche::corpus::{CorpusArticle, Part};
use demarche::evaluate::{ComparedFigure, Comparison, Verdict};
use demarche::party::Registry;
use demarche::server::Versions;

use crate::cli::corpus::read_checked;
use crate::cli::evaluate::{measure, told};
use crate::cli::sources::{load_model, load_parties};
use crate::cli::{Exit, Outcome};

/// Let a model answer, if it is not worse than the one that answers now.
///
/// In: a model folder, a folder of versions as of `demarche serve --models`, and labelled articles. Both models are
/// measured on the held-out articles. Out: if no figure over all of them is worse by more than chance explains, the
/// model is copied to the versions and the link `current` names it, in one step; running servers take it up. Otherwise
/// the exit code is 1, with the figures on standard error, and nothing has changed. Where no link is yet, the model
/// built in is compared with.
///
/// Figures of single phenomena only warn: they are so many that of equally good models one is often worse by chance.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  demarche train --corpus data/corpus --output models/new\n  \
                        demarche model promote models/new --models models/versions --corpus data/corpus --keep 4")]
pub(super) struct Args {
    /// Folder of the trained model.
    #[arg(value_name = "MODEL")]
    model: PathBuf,
    /// Folder of versions with the link `current`.
    #[arg(long, value_name = "DIR")]
    models: PathBuf,
    /// Folder of labelled articles.
    #[arg(long, value_name = "DIR", default_value = "data/corpus")]
    corpus: PathBuf,
    /// Folder of party tables, instead of the ones built in.
    #[arg(long, value_name = "DIR")]
    parties: Option<PathBuf>,
    /// Remove the oldest versions, so that at most this many stay, with the new one and the one before.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(2..=8))]
    keep: Option<u8>,
}

/// Runs `demarche model promote`.
pub(super) fn run(args: &Args) -> Outcome {
    let versions = Versions::of(&args.models);
    let (mut new, current) = (load_model(Some(&args.model))?, load_model(versions.current()?.as_deref())?);
    let registry = Arc::new(load_parties(args.parties.as_deref())?);
    let articles = held_out(args, &registry)?;
    let articles: Vec<&CorpusArticle> = articles.iter().collect();
    let measured = |what, model| measure(what, &Classifier::new(Arc::clone(&registry), Arc::new(model)), &articles);
    let (new_measured, before) = (measured("measuring", new.clone()), measured("the one that answers", current));
    let comparison = Comparison::of(&before, &new_measured);
    require_not_worse(&comparison)?;
    let placed = versions.promote(&mut new, args.keep.map(usize::from))?;
    for folder in &placed.removed {
        writeln!(io::stdout(), "{} is removed", folder.display())?;
    }
    writeln!(io::stdout(), "{} answers now", placed.folder.display())?;
    Ok(())
}

fn held_out(args: &Args, registry: &Registry) -> Result<Vec<CorpusArticle>, Exit> {
    let mut articles = read_checked(&args.corpus, registry)?;
    articles.retain(|article| article.part() == Part::Test);
    if articles.is_empty() {
        return Err(anyhow!("{}: no article is held out, so nothing can be measured", args.corpus.display()).into());
    }
    Ok(articles)
}

/// Tells every figure that is worse.
fn require_not_worse(comparison: &Comparison) -> Outcome {
    let worse = |figures: &[ComparedFigure]| {
        let worse = figures.iter().filter(|figure| figure.verdict == Verdict::Worse).map(told);
        worse.collect::<Vec<_>>()
    };
    for figure in worse(&comparison.by_phenomenon) {
        eprintln!("warning: worse than the model that answers, F1 of rows where a phenomenon occurs: {figure}");
    }
    let worse = worse(&comparison.figures);
    for figure in &worse {
        eprintln!("worse than the model that answers: {figure}");
    }
    if worse.is_empty() {
        Ok(())
    } else {
        Err(anyhow!("the model is worse than the one that answers, which stays").into())
    }
}
