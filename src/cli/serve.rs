//! `demarche serve`: the gRPC server.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use anyhow::Context;
use clap::{Arg, ArgMatches, Command};
use demarche::server::settings::table::{CONFIG, SETTINGS, Setting};
use demarche::server::settings::{Mistakes, Settings};
use demarche::server::{
    Models, Readiness, Reload, ServerConfig, Telemetry, follow, open_tls, open_tokens, serve, serve_admin,
};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::{Exit, Outcome};

/// For jobs that are still running when everything else has ended.
const LAST_JOBS: Duration = Duration::from_millis(500);

const ABOUT: &str = "Serve the contract (demarche.v1) over gRPC, with health checks and reflection";
const LONG_ABOUT: &str = "Serve the contract (demarche.v1) over gRPC, with health checks and reflection.\n\n\
    In: gRPC calls on the address. Out: answers to them; on standard output the bound address and a command to \
    try; on standard error the log. SIGTERM and Ctrl-C drain: calls in flight are finished. SIGHUP reads \
    models, parties, certificates and tokens again; so do changes of the files, for models of the link DIR/current.";
const AFTER_HELP: &str = "Example:\n  demarche serve --listen 127.0.0.1:50051\n\n\
    Each setting is also a variable, such as DEMARCHE_LISTEN, and a key in the file of --config, such as listen = \
    \"127.0.0.1:50051\". A flag beats a variable, a variable beats the file.";

/// The flags that were given, by the names of the settings. Their values are checked with all others.
#[derive(Debug)]
pub(crate) struct Args {
    flags: BTreeMap<&'static str, String>,
}

/// All settings that have a flag.
fn settings() -> impl Iterator<Item = &'static Setting> {
    [&CONFIG].into_iter().chain(SETTINGS)
}

impl clap::Args for Args {
    fn augment_args(command: Command) -> Command {
        let argument = |setting: &'static Setting| {
            let help = format!("{} [default: {}]", setting.meaning, setting.default);
            let long = format!("{help}\n\nAllowed: {}. Variable: {}", setting.kind, setting.variable());
            Arg::new(setting.name).long(setting.flag()).value_name("VALUE").help(help).long_help(long)
        };
        let command = command.about(ABOUT).long_about(LONG_ABOUT).after_help(AFTER_HELP);
        command.args(settings().map(argument))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl clap::FromArgMatches for Args {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = |setting: &Setting| Some((setting.name, matches.get_one::<String>(setting.name)?.clone()));
        Ok(Self { flags: settings().filter_map(given).collect() })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.flags.extend(Self::from_arg_matches(matches)?.flags);
        Ok(())
    }
}

pub(crate) fn run(args: &Args) -> Outcome {
    let settings = Settings::read(&args.flags, std::env::vars_os()).map_err(Exit::configuration)?;
    let runtime = Runtime::new().context("cannot start threads")?;
    let served = runtime.block_on(watch_and_serve(&settings));
    // Dropping the runtime would wait for a job without bound.
    runtime.shutdown_timeout(LAST_JOBS);
    served
}

async fn watch_and_serve(settings: &Settings) -> Outcome {
    let telemetry = Telemetry::start(&settings.log, settings.traces.as_ref()).map_err(Exit::configuration)?;
    for variable in &settings.ignored {
        tracing::warn!("the variable {variable} is no setting and is ignored; see docs/configuration.md");
    }
    let served = start(settings).await;
    // Blocks until the last spans have left, which other threads carry.
    telemetry.finish();
    served
}

/// Opens everything, tells every mistake together, and serves.
async fn start(settings: &Settings) -> Outcome {
    let mut mistakes = Mistakes::default();
    // Before anything is loaded: until it is handled, SIGHUP ends a process.
    let (stop, asked) = (stop_signal()?, reload_signal()?);
    let readiness = Readiness::default();
    let admin = match settings.admin_listen {
        Some(address) => mistakes.keep(bind(address).await),
        None => None,
    };
    if let Some(listener) = admin {
        let bound = listener.local_addr().context("the bound address cannot be read")?;
        tracing::info!("the admin server is listening on {bound}");
        tokio::spawn(serve_admin(listener, readiness.clone()));
    }
    let listener = mistakes.keep(bind(settings.listen).await);
    let tls = settings.tls.as_ref().and_then(|files| mistakes.keep(open_tls(files))).map(Arc::new);
    let tokens = settings.token_file.as_ref().and_then(|path| mistakes.keep(open_tokens(path))).map(Arc::new);
    let models = mistakes.keep(Models::open(settings.source.clone())).map(Arc::new);
    let (Some(listener), Some(models)) = (listener, models) else { return Err(Exit::configuration(mistakes)) };
    if !mistakes.is_empty() {
        return Err(Exit::configuration(mistakes));
    }
    let reloaded = [
        Some(Arc::clone(&models) as Arc<dyn Reload>),
        tls.clone().map(|tls| tls as _),
        tokens.clone().map(|it| it as _),
    ];
    follow(reloaded.into_iter().flatten().collect(), asked).context("cannot start a thread")?;
    let bound = listener.local_addr().context("the bound address cannot be read")?;
    // Whoever started the server may have stopped reading; that is no reason to end.
    if let Err(error) = writeln!(io::stdout(), "{}", greeting(bound, settings)) {
        tracing::warn!(%error, "standard output is closed; the server is listening on {bound}");
    }
    let defaults = ServerConfig::default();
    let config = ServerConfig {
        workers: settings.workers.unwrap_or(defaults.workers),
        waiting: settings.queue,
        streams: settings.streams,
        pause: settings.pause,
        drain: settings.drain,
        compression: settings.compression,
        reflection: settings.reflection,
        tls,
        tokens,
        readiness,
    };
    Ok(serve(listener, models, config, stop).await?)
}

async fn bind(address: SocketAddr) -> Result<TcpListener, String> {
    TcpListener::bind(address).await.map_err(|error| format!("{address}: {error}"))
}

/// Where the server listens, and what to try: commands that pass whatever guards it.
fn greeting(bound: SocketAddr, settings: &Settings) -> String {
    let (tls, tokens) = (settings.tls.is_some(), settings.token_file.is_some());
    let (scheme, ca, transport) =
        if tls { ("https://", " --ca ca.pem", "-cacert ca.pem") } else { ("", "", "-plaintext") };
    let (token, header) =
        if tokens { ("DEMARCHE_TOKEN=TOKEN ", " -H 'authorization: Bearer TOKEN'") } else { ("", "") };
    let text = "China condemned the sanctions of the United States.";
    format!(
        "demarche is listening on {bound}\n\n\
         Try, in another terminal:\n  \
         echo '{text}' | {token}demarche classify --server {scheme}{bound}{ca}\n  \
         grpcurl {transport}{header} -d '{{\"article\":{{\"text\":\"{text}\"}}}}' \
         {bound} demarche.v1.StanceService/Classify\n"
    )
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

/// There is no such signal; files are looked at all the same, for as long as somebody could ask.
#[cfg(not(unix))]
fn reload_signal() -> anyhow::Result<Receiver<()>> {
    let (say, asked) = sync_channel(1);
    tokio::spawn(async move {
        std::future::pending::<()>().await;
        drop(say);
    });
    Ok(asked)
}
