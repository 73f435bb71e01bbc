//! `demarche`: reads news articles and tells which country stands where.

mod cli;

use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Exit};

fn main() -> ExitCode {
    let cli = Cli::parse();
    match cli.run() {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read the output, `head` for one, has had enough.
        Err(exit) if exit.is_closed_pipe() => ExitCode::SUCCESS,
        Err(Exit { code, error }) => {
            eprintln!("demarche: {error:#}");
            ExitCode::from(code)
        }
    }
}
