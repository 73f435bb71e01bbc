//! A client in Rust that sends its calls round several servers, and on to the next if one is gone.
//!
//! `cargo run --release --example balanced -- 127.0.0.1:50051,127.0.0.1:50052 'China condemned the sanctions.'`
//!
//! tonic's own `Channel::balance_list` picks a server by chance, those that are gone too, and makes no call again.
//! A channel for each address and a counter do better. A name that stands for several addresses is one server here,
//! since a channel keeps to the address it connected to. With TLS, give each `Endpoint` a `tls_config`.

use std::error::Error as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{anyhow, bail};
use demarche::proto::stance_service_client::StanceServiceClient;
use demarche::proto::target::Kind;
use demarche::proto::{Article, ClassifyRequest, ClassifyResponse, Target};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Response, Status};
use tonic_types::StatusExt;

/// How long an answer may take, all attempts together.
const DEADLINE: Duration = Duration::from_secs(20);
/// How often every server is asked, if none answers.
const ROUNDS: usize = 3;
/// The pause between two rounds.
const PAUSE: Duration = Duration::from_millis(200);
/// How long connecting may take: a server whose machine is gone costs so much each time its turn comes.
const CONNECT: Duration = Duration::from_secs(1);
/// A silent peer is noticed after these two together.
const PING: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(10));

/// Servers that are called in turn.
pub(crate) struct RoundRobin {
    servers: Vec<StanceServiceClient<Channel>>,
    turn: AtomicUsize,
}

impl RoundRobin {
    /// Takes `host:port`, several with commas between them. Connects with the first calls.
    ///
    /// # Errors
    /// If one is no address.
    pub(crate) fn new(addresses: &str) -> Result<Self, tonic::transport::Error> {
        let server = |address: &str| {
            let endpoint = Endpoint::from_shared(format!("http://{address}"))?.connect_timeout(CONNECT);
            let endpoint = endpoint.http2_keep_alive_interval(PING.0).keep_alive_timeout(PING.1);
            Ok(StanceServiceClient::new(endpoint.connect_lazy()))
        };
        Ok(Self { servers: addresses.split(',').map(server).collect::<Result<_, _>>()?, turn: AtomicUsize::new(0) })
    }

    /// Classifies one article. It changes nothing on the server, so it may be asked again.
    ///
    /// # Errors
    /// What the last server answered, or why it did not.
    pub(crate) async fn classify(&self, request: ClassifyRequest) -> Result<ClassifyResponse, Status> {
        let answered = tokio::time::timeout(DEADLINE, self.ask(request)).await;
        answered.unwrap_or_else(|_| Err(Status::deadline_exceeded(format!("no server answered in {DEADLINE:?}"))))
    }

    async fn ask(&self, request: ClassifyRequest) -> Result<ClassifyResponse, Status> {
        let servers = self.servers.len();
        let mut turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let mut attempts = 0;
        loop {
            let mut request = Request::new(request.clone());
            request.set_timeout(DEADLINE); // sent along, so that the server stops too
            let answered = self.servers[turn % servers].clone().classify(request).await;
            attempts += 1;
            match answered {
                Err(status) if is_gone(&status) && attempts < ROUNDS * servers => turn = turn.wrapping_add(1),
                answered => return answered.map(Response::into_inner),
            }
            if attempts % servers == 0 {
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Whether the server says that it ends, or said nothing: for a connection that breaks under a call tonic has other
/// codes than UNAVAILABLE, but with a source, which no answer of a server has.
fn is_gone(status: &Status) -> bool {
    status.code() == Code::Unavailable || status.source().is_some()
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [addresses, text] = &arguments[..] else { bail!("usage: balanced ADDRESS[,ADDRESS...] TEXT") };
    let article = Article { text: text.clone(), ..Article::default() };
    let request = ClassifyRequest { article: Some(article), ..ClassifyRequest::default() };
    let answer = RoundRobin::new(addresses)?.classify(request).await.map_err(|status| anyhow!(explain(&status)))?;
    for country in answer.countries {
        let holder = country.party.unwrap_or_default().display_name;
        for row in country.stances {
            let stance = row.stance().as_str_name().trim_start_matches("STANCE_").to_lowercase();
            println!("{holder} is {stance} toward {} ({:.2}):", toward(row.target), row.confidence);
            // Offsets are bytes unless the request asks for another unit.
            let sentence = &row.evidence[0];
            println!("  {}", &text[sentence.start_offset as usize..sentence.end_offset as usize]);
        }
    }
    Ok(())
}

fn toward(target: Option<Target>) -> String {
    match target.and_then(|target| target.kind) {
        Some(Kind::Party(party)) => party.display_name,
        Some(Kind::Issue(issue)) => issue,
        None => String::new(),
    }
}

/// What is wrong, the reason for programs, and when the same call may be made again.
fn explain(status: &Status) -> String {
    let details = status.get_error_details();
    let reason = details.error_info().map_or("none", |info| &info.reason);
    let retry = details.retry_info().and_then(|info| info.retry_delay);
    let retry = retry.map_or_else(String::new, |delay| format!("; try again in {delay:?}"));
    format!("{:?}: {} (reason {reason}){retry}", status.code(), status.message())
}
