//! `demarche model init`: a folder of versions to begin with.

use std::io::{self, Write};
use std::path::PathBuf;

use demarche::model::Model;
use demarche::server::Versions;

use crate::cli::{Exit, Outcome};

/// Begin a folder of model versions with the model built in, for `demarche serve --models`.
///
/// In: a folder, which is created. Out: the model built in as a version of it, with the link `current`. If the link is
/// there already nothing is done, so this may run before every start of a server.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  demarche model init models/versions\n  demarche serve --models models/versions")]
pub(super) struct Args {
    /// Folder of model versions.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

/// Runs `demarche model init`.
pub(super) fn run(args: &Args) -> Outcome {
    let versions = Versions::of(&args.folder);
    if let Some(current) = versions.current()? {
        writeln!(io::stdout(), "{} answers already", current.display())?;
        return Ok(());
    }
    let mut model = Model::embedded().map_err(|error| Exit::configuration(format!("the model built in: {error}")))?;
    let placed = versions.promote(&mut model, None)?;
    writeln!(io::stdout(), "{} answers now", placed.folder.display())?;
    Ok(())
}
