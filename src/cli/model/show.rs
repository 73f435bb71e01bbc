//! `demarche model show`: what is known of a model.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::ValueEnum;
use comfy_table::{ContentArrangement, Table, presets};
use demarche::model::Manifest;

use crate::cli::Outcome;
use crate::cli::sources::load_model;

/// Show a model's manifest: version, hashes, labels, metrics on held-out articles.
///
/// In: a model folder, or nothing for the model built in. Out: the manifest, on standard output.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  demarche model show --model models/default --format json")]
pub(super) struct Args {
    /// Folder of a trained model, instead of the one built in.
    #[arg(long, value_name = "DIR")]
    model: Option<PathBuf>,
    /// How to print it.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// A table, for reading.
    Table,
    /// The manifest as JSON, for programs.
    Json,
}

/// Runs `demarche model show`.
pub(super) fn run(args: &Args) -> Outcome {
    let model = load_model(args.model.as_deref())?;
    match args.format {
        Format::Table => writeln!(io::stdout(), "{}", table(model.manifest()))?,
        Format::Json => writeln!(io::stdout(), "{}", serde_json::to_string_pretty(model.manifest())?)?,
    }
    Ok(())
}

fn table(manifest: &Manifest) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["What", "Value"]);
    for (name, value) in [
        ("name", manifest.name.clone()),
        ("version", manifest.version.clone()),
        ("weights, SHA-256", manifest.weights_sha256.clone()),
        ("corpus, SHA-256", manifest.corpus_sha256.clone()),
        ("trained by version", manifest.code_version.clone()),
        ("labels", manifest.labels.join(", ")),
        ("languages", manifest.languages.join(", ")),
        ("features", manifest.features.to_string()),
        ("threshold", format!("{:.3}", manifest.threshold)),
    ] {
        table.add_row([name.to_owned(), value]);
    }
    for (name, value) in &manifest.metrics {
        table.add_row([name.replace('_', " "), format!("{value:.3}")]);
    }
    table
}
