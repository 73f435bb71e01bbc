//! The example `balanced` against two real servers: both are called, and none of the calls is lost with one of them.

#[path = "../examples/balanced.rs"]
#[expect(dead_code, reason = "its `main` is not called here")]
mod balanced;
#[path = "support/process.rs"]
mod process;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use balanced::RoundRobin;
use demarche::proto::{Article, ClassifyRequest};
use process::{PATIENCE, Process};
use tonic::Code;

/// Callers at the same time, so that some calls are under way when a server is killed.
const CALLERS: usize = 16;
/// Calls that the other server must answer afterwards.
const CALLS: usize = 5 * CALLERS;

/// An article of some 10 kB, so that a call lasts.
fn article() -> ClassifyRequest {
    let text =
        "China condemned the sanctions of the United States. Kenya and Ghana voted for the resolution. ".repeat(100);
    ClassifyRequest { article: Some(Article { text, ..Article::default() }), ..ClassifyRequest::default() }
}

/// Calls of `Classify` that have ended on the server, with this code.
fn ended(server: &Process, code: &str) -> usize {
    let counted = format!("demarche_calls_total{{method=\"demarche.v1.StanceService/Classify\",code=\"{code}\"}} ");
    let metrics = server.get("/metrics");
    metrics.lines().find_map(|line| line.strip_prefix(&counted)).map_or(0, |count| count.parse().expect("a count"))
}

/// A call is counted when its answer has left, which the caller may see first.
fn soon(what: impl Fn() -> bool) -> bool {
    let asked = Instant::now();
    while asked.elapsed() < PATIENCE {
        if what() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    false
}

#[tokio::test]
async fn both_are_called_in_turn() {
    let servers = [Process::start(&[]), Process::start(&[])];
    let client = RoundRobin::new(&format!("{},{}", servers[0].address, servers[1].address)).expect("addresses");
    for _ in 0..10 {
        client.classify(article()).await.expect("an answer");
    }
    let counts = || servers.each_ref().map(|server| ended(server, "OK"));
    assert!(soon(|| counts() == [5, 5]), "{:?}", counts());
}

/// Ends one of two servers in this way while both are called.
async fn no_call_is_lost(end: impl FnOnce(Process)) {
    let (stays, goes) = (Process::start(&[]), Process::start(&[]));
    let client = Arc::new(RoundRobin::new(&format!("{},{}", stays.address, goes.address)).expect("addresses"));
    let over = Arc::new(AtomicBool::new(false));
    let call = async |client: Arc<RoundRobin>, over: Arc<AtomicBool>| {
        while !over.load(Ordering::Relaxed) {
            let answer = client.classify(article()).await.expect("an answer");
            assert!(!answer.countries.is_empty());
        }
    };
    let callers: Vec<_> = (0..CALLERS).map(|_| tokio::spawn(call(Arc::clone(&client), Arc::clone(&over)))).collect();
    assert!(soon(|| ended(&goes, "OK") > 0), "the server that is to go is called");
    end(goes);
    let before = ended(&stays, "OK");
    assert!(soon(|| ended(&stays, "OK") >= before + CALLS), "the other goes on");
    over.store(true, Ordering::Relaxed);
    for caller in callers {
        caller.await.expect("no call fails");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_call_is_lost_with_a_server_that_is_killed() {
    no_call_is_lost(drop).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_call_is_lost_with_a_server_that_is_stopped() {
    no_call_is_lost(|server| {
        let (status, log) = server.stop();
        assert_eq!(status.code(), Some(0), "{log}");
    })
    .await;
}

#[tokio::test]
async fn what_would_fail_again_is_not_asked_again() {
    let server = Process::start(&[]);
    let client = RoundRobin::new(&server.address).expect("an address");
    let status = client.classify(ClassifyRequest::default()).await.expect_err("no article");
    assert_eq!(status.code(), Code::InvalidArgument);
    assert!(soon(|| ended(&server, "INVALID_ARGUMENT") > 0), "the call is counted");
    assert_eq!(ended(&server, "INVALID_ARGUMENT"), 1, "one call and no more");
}

#[tokio::test]
async fn nobody_there_is_an_error() {
    let client = RoundRobin::new("127.0.0.1:1,127.0.0.1:2").expect("addresses");
    assert_eq!(client.classify(article()).await.expect_err("nobody").code(), Code::Unavailable);
    assert!(RoundRobin::new("no address").is_err());
}
