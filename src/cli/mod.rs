//! The command line: one file a command. A new command is a file with `Args` and `run`, a variant of
//! [`Command`] and a line in [`Cli::run`].
//!
//! Knows how to read files and print; knows nothing of labels, and of gRPC only `demarche::server`.

mod classify;
mod corpus;
mod evaluate;
mod exit;
mod figures;
mod health;
mod model;
mod progress;
mod serve;
mod sources;
mod syntax;
mod table;
mod token;
mod train;

use clap::{Parser, Subcommand};
use demarche::server::log_filter;
use tracing_subscriber::EnvFilter;

pub(crate) use exit::{Exit, Outcome};

/// Reads news articles and tells which country stands where: aligned, neutral or opposed, toward whom or
/// what, with the evidence.
#[derive(Debug, Parser)]
#[command(name = "demarche", version, propagate_version = true, arg_required_else_help = true)]
#[command(after_help = "Exit codes: 0 fine; 1 a line or the call failed; 2 wrong usage; \
                        64 the configuration, the model or the parties cannot be used; 66 an input file cannot be read.")]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Args),
    Health(health::Args),
    Classify(classify::Args),
    Model(model::Args),
    Train(train::Args),
    Evaluate(evaluate::Args),
    Corpus(corpus::Args),
    Syntax(syntax::Args),
    Token(token::Args),
}

impl Cli {
    /// Runs the command that was given.
    pub(crate) fn run(self) -> Outcome {
        if !matches!(self.command, Command::Serve(_)) {
            // A server's log is one of its settings.
            let filter = std::env::var(EnvFilter::DEFAULT_ENV).ok().and_then(|given| log_filter(&given));
            let filter = filter.unwrap_or_else(|| EnvFilter::new("info,demarche::trace=off"));
            tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
        }
        match self.command {
            Command::Serve(args) => serve::run(&args),
            Command::Health(args) => health::run(&args),
            Command::Classify(args) => classify::run(&args),
            Command::Model(args) => model::run(&args),
            Command::Train(args) => train::run(&args),
            Command::Evaluate(args) => evaluate::run(&args),
            Command::Corpus(args) => corpus::run(&args),
            Command::Syntax(args) => syntax::run(&args),
            Command::Token(args) => token::run(&args),
        }
    }
}
