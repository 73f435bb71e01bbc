//! `demarche model`: what is known of a model, and which one answers.

mod init;
mod promote;
mod show;

use clap::Subcommand;

use super::Outcome;

/// Tell about a model, or change the one that answers.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Show(show::Args),
    Init(init::Args),
    Promote(promote::Args),
}

/// Runs `demarche model`.
pub(crate) fn run(args: &Args) -> Outcome {
    match &args.command {
        Command::Show(args) => show::run(args),
        Command::Init(args) => init::run(args),
        Command::Promote(args) => promote::run(args),
    }
}
