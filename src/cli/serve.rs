//! `demarche serve`: the gRPC server.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use anyhow::Context;
use demarche::server::{Models, ServerConfig, follow, serve};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::sources::Sources;
use super::{Exit, Outcome};

/// For jobs that are still running when everything else has ended.
const LAST_JOBS: Duration = Duration::from_millis(500);

/// Serve the contract (demarche.v1) over gRPC, with health checks and reflection.
///
/// In: gRPC calls on the address. Out: answers to them; on standard output the bound address and a
/// command to try; on standard error the log. SIGTERM and Ctrl-C drain: calls in flight are finished.
/// SIGHUP loads models and parties again; so does a change of the link DIR/current or of a party table.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  demarche serve --listen 127.0.0.1:50051\n\n\
    The log is set by RUST_LOG: RUST_LOG=warn, RUST_LOG=demarche=debug.")]
pub(crate) struct Args {
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:50051", env = "DEMARCHE_LISTEN")]
    listen: SocketAddr,
    #[command(flatten)]
    sources: Sources,
    /// Folder of model folders, at most 8, with a link `current` to the one that answers; callers may ask
    /// for the others by name and version.
    #[arg(long, value_name = "DIR", conflicts_with = "model")]
    models: Option<PathBuf>,
    /// Seconds that calls in flight may go on after SIGTERM or Ctrl-C.
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(..=3_600))]
    drain_seconds: u64,
}

pub(crate) fn run(args: &Args) -> Outcome {
    let models = Models::open(args.sources.source(args.models.as_deref())).map_err(Exit::configuration)?;
    let models = Arc::new(models);
    let config = ServerConfig { drain: Duration::from_secs(args.drain_seconds), ..ServerConfig::default() };
    let runtime = Runtime::new().context("cannot start threads")?;
    let served = runtime.block_on(async {
        let listener = TcpListener::bind(args.listen).await;
        let listener = listener.map_err(|error| Exit::configuration(format!("{}: {error}", args.listen)))?;
        let stop = stop_signal()?;
        follow(&models, reload_signal()?).context("cannot start a thread")?;
        let bound = listener.local_addr().context("the bound address cannot be read")?;
        println!("{}", greeting(bound));
        Ok(serve(listener, models, config, stop).await?)
    });
    // Dropping the runtime would wait for a job without bound.
    runtime.shutdown_timeout(LAST_JOBS);
    served
}

fn greeting(bound: SocketAddr) -> String {
    format!(
        "demarche is listening on {bound}\n\n\
         Try, in another terminal:\n  \
         echo 'China condemned the sanctions of the United States.' | demarche classify --server {bound}\n  \
         grpcurl -plaintext -d '{{\"article\":{{\"text\":\"China condemned the sanctions of the United States.\"}}}}' \
         {bound} demarche.v1.StanceService/Classify\n"
    )
}

/// Says when SIGHUP came. One that comes while the last is still waited for tells nothing new.
#[cfg(unix)]
fn reload_signal() -> anyhow::Result<Receiver<()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut hangup = signal(SignalKind::hangup()).context("cannot listen for signals")?;
    let (say, asked) = sync_channel(1);
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            let _ = say.try_send(());
        }
    });
    Ok(asked)
}

/// Nothing here says that models should be loaded again but their files.
#[cfg(not(unix))]
fn reload_signal() -> anyhow::Result<Receiver<()>> {
    Ok(sync_channel(1).1)
}

/// Ends at SIGTERM or Ctrl-C. The handlers are installed at once, before the address is announced.
#[cfg(unix)]
fn stop_signal() -> anyhow::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let install = |kind| signal(kind).context("cannot listen for signals");
    let (mut terminate, mut interrupt) = (install(SignalKind::terminate())?, install(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Ends at Ctrl-C.
#[cfg(not(unix))]
fn stop_signal() -> anyhow::Result<impl Future<Output = ()>> {
    Ok(async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::error!(%error, "cannot listen for Ctrl-C; end the process by other means");
            std::future::pending::<()>().await;
        }
    })
}
