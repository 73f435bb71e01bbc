//! `demarche health`: whether a server serves, as an exit code.

use std::path::PathBuf;

use demarche::server::probe;

use super::{Exit, Outcome};

/// Ask a server whether it serves (grpc.health.v1), for health checks of containers.
///
/// In: the server's address. Out: nothing but the exit code: 0 if it says SERVING, 1 with the reason on standard
/// error if it does not, cannot be reached or is silent for some seconds. No token is needed.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  demarche health\n  demarche health https://localhost:50051 --ca ca.pem")]
pub(crate) struct Args {
    /// The server: host:port, or https://host:port for TLS.
    #[arg(value_name = "ADDR", default_value = "127.0.0.1:50051")]
    address: String,
    /// Certificate of the authority that the server's comes from, PEM; for https://.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Ask for one service, such as demarche.v1.StanceService, instead of the whole server.
    #[arg(long, value_name = "NAME", default_value = "")]
    service: String,
}

/// Runs `demarche health`.
pub(crate) fn run(args: &Args) -> Outcome {
    let read = |path: &PathBuf| std::fs::read(path).map_err(|error| Exit::no_input(path.display(), &error));
    let ca = args.ca.as_ref().map(read).transpose()?;
    // One thread: it runs in the container's own share of processor and memory, beside the server.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(probe(&args.address, ca.as_deref(), &args.service))?;
    Ok(())
}
