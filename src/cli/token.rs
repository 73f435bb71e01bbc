//! `demarche token`: a new bearer token for a caller of the server.

use std::io::{self, Write};

use demarche::server::issue_token;

use super::{Exit, Outcome};

/// Make a bearer token for a caller of the server.
///
/// In: the caller's name. Out: on standard error the token, which is shown this once and kept nowhere; on standard
/// output the line for the server's file of tokens (--token-file), which holds only its hash.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  demarche token press-desk >> tokens\n  demarche serve --token-file tokens")]
pub(crate) struct Args {
    /// Who will call: 1 to 64 letters, digits, '-', '_' or '.'. It stands in the log beside each call.
    #[arg(value_name = "NAME")]
    name: String,
}

pub(crate) fn run(args: &Args) -> Outcome {
    let (token, line) = issue_token(&args.name).map_err(Exit::usage)?;
    writeln!(io::stderr(), "{token}")?;
    writeln!(io::stdout(), "{line}")?;
    Ok(())
}
