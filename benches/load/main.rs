//! A load generator, and beside the server in the same run a no-op on the same stack: what the transport alone can do.
//!
//! `cargo bench --bench load -- --help`
//!
//! Closed loop: as many callers as told, each of which calls again when it is answered; gives the throughput. Open loop:
//! calls at a fixed rate whether or not the last were answered, each timed from when it was due, so that a server that
//! stalls is charged for everything that had to wait (no coordinated omission); gives the percentiles. The client runs
//! on the same cores as the servers and takes its share of them. Servers take turns, round by round.

#[path = "../articles/mod.rs"]
mod articles;
mod closed;
mod lanes;
mod noop;
mod open;
mod payload;
mod report;
mod server;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::{Parser, ValueEnum};
use lanes::Lanes;
use payload::Payload;
use report::Measured;
use server::Server;
use tokio::runtime::Runtime;

/// For caches and connections to warm up, before each measurement; not counted.
const WARM_UP: Duration = Duration::from_millis(300);

/// Measures servers under load, beside a no-op on the same stack.
#[derive(Debug, Parser)]
struct Args {
    /// Measure the server at this address instead of starting `demarche serve`
    #[arg(long, value_name = "HOST:PORT")]
    server: Option<String>,
    /// The binary to start; by default the one that cargo built beside this, with the tests' features in it
    #[arg(long, value_name = "FILE", default_value = env!("CARGO_BIN_EXE_demarche"), hide_default_value = true)]
    binary: PathBuf,
    /// Another server to measure: it is started, and its first line on standard output must end in its address, or in
    /// several with commas between
    #[arg(long, value_name = "NAME=COMMAND")]
    peer: Vec<String>,
    /// Which calls to measure
    #[arg(long, value_enum, default_value_t = Which::Both)]
    method: Which,
    /// Connections to each server; a stream each
    #[arg(long, default_value_t = 4)]
    connections: usize,
    /// Callers on each connection in the closed loop; on a stream, articles under way
    #[arg(long, default_value_t = 4)]
    callers: usize,
    /// Seconds of each measurement in each round
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// Rounds
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Rate of the open loop as a share of the same server's throughput in the closed one
    #[arg(long, default_value_t = 0.5)]
    load: f64,
    /// Rate of the open loop in calls a second, the same for all servers; instead of --load
    #[arg(long)]
    rate: Option<f64>,
    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
    /// Be the no-op server: what the load generator starts
    #[arg(long, hide = true)]
    noop: bool,
    /// Cargo says so
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Which {
    Unary,
    Stream,
    Both,
}

/// How an article is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    Unary,
    Stream,
}

impl Which {
    fn methods(self) -> &'static [Method] {
        match self {
            Self::Unary => &[Method::Unary],
            Self::Stream => &[Method::Stream],
            Self::Both => &[Method::Unary, Method::Stream],
        }
    }
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let runtime = Runtime::new().context("cannot start threads")?;
    if args.noop {
        return runtime.block_on(noop::serve());
    }
    ensure!(args.connections * args.callers * args.rounds > 0, "connections, callers and rounds: at least one of each");
    ensure!(args.seconds > 0.0 && args.load > 0.0, "--seconds and --load must be above 0");
    let measured = runtime.block_on(measure_all(&args))?;
    if args.json { report::json(&measured) } else { report::table(&measured, &args) }
}

/// Every server by every method.
async fn measure_all(args: &Args) -> anyhow::Result<Vec<Measured>> {
    let payloads: Arc<[Payload]> = payload::payloads().into();
    let servers = servers(args)?;
    let mut measured = vec![];
    for &method in args.method.methods() {
        let mut all = vec![];
        for server in &servers {
            let lanes = Lanes::connect(&server.addresses, method, args.connections, Arc::clone(&payloads)).await?;
            all.push((server, lanes, Measured::new(server.name.clone(), method)));
        }
        for _ in 0..args.rounds {
            for (server, lanes, measured) in &mut all {
                closed::run(lanes, args.callers, WARM_UP).await?;
                let before = server.cpu();
                let samples = closed::run(lanes, args.callers, Duration::from_secs_f64(args.seconds)).await?;
                measured
                    .add_closed(&samples, server.cpu().zip(before).map(|(after, before)| after.saturating_sub(before)));
            }
        }
        for _ in 0..args.rounds {
            for (_, lanes, measured) in &mut all {
                let rate = args.rate.unwrap_or(args.load * measured.throughput());
                open::run(lanes, rate, WARM_UP).await?;
                measured.add_open(rate, open::run(lanes, rate, Duration::from_secs_f64(args.seconds)).await?);
            }
        }
        measured.extend(all.into_iter().map(|(server, _, measured)| measured.with_memory(server.peak_memory())));
    }
    Ok(measured)
}

/// The no-op, the server, the peers.
fn servers(args: &Args) -> anyhow::Result<Vec<Server>> {
    let mut noop = Command::new(std::env::current_exe().context("where am I")?);
    noop.arg("--noop");
    let mut servers = vec![Server::start("no-op", noop)?];
    servers.push(match &args.server {
        Some(address) => Server::running(address),
        None => Server::start("demarche", demarche(&args.binary))?,
    });
    for peer in &args.peer {
        let (name, command) = peer.split_once('=').with_context(|| format!("--peer {peer:?}: NAME=COMMAND"))?;
        let mut words = command.split_whitespace();
        let mut command = Command::new(words.next().with_context(|| format!("--peer {peer:?}: no command"))?);
        command.args(words);
        servers.push(Server::start(name, command)?);
    }
    Ok(servers)
}

/// The server as it is, but for its log, which has a line a call: the no-op writes none.
fn demarche(binary: &Path) -> Command {
    let mut command = Command::new(binary);
    command.args(["serve", "--listen", "127.0.0.1:0", "--log-level", "warn"]);
    command.env_remove(articles::VARIABLE); // it takes such variables for settings
    command
}
