//! Four times what the server can do, sent without waiting for answers. Measures, so it is run by hand:
//!
//! `cargo test --release --test overload -- --ignored --nocapture`

#[path = "support/process.rs"]
mod process;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use demarche::proto::stance_service_client::StanceServiceClient;
use demarche::proto::{Article, ClassifyRequest};
use process::Process;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval, sleep};
use tonic::Code;
use tonic::transport::{Channel, Endpoint};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

/// How long the load lasts.
const LOAD: Duration = Duration::from_secs(10);
/// Connections that the calls are spread over.
const CONNECTIONS: usize = 8;
/// An article of some 4 kB.
const PARAGRAPH: &str = "China condemned the sanctions of the United States, and the minister said that Beijing would \
                         answer them. Kenya and Ghana voted for the resolution on Tuesday. Egypt hosted delegations. ";

/// Code and time of a call.
type Ended = (Code, Duration);

async fn call(mut client: StanceServiceClient<Channel>, ended: mpsc::UnboundedSender<Ended>) {
    let article = Article { text: PARAGRAPH.repeat(24), ..Article::default() };
    let began = Instant::now();
    let answer = client.classify(ClassifyRequest { article: Some(article), ..ClassifyRequest::default() }).await;
    let _ = ended.send((answer.map_or_else(|status| status.code(), |_| Code::Ok), began.elapsed()));
}

/// Calls a second that two callers at a time get out of it.
async fn capacity(client: &StanceServiceClient<Channel>) -> f64 {
    let (sender, mut ended) = mpsc::unbounded_channel();
    let began = Instant::now();
    let callers = (0..2).map(|_| {
        let (client, sender) = (client.clone(), sender.clone());
        tokio::spawn(async move {
            while began.elapsed() < Duration::from_secs(3) {
                call(client.clone(), sender.clone()).await;
            }
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        caller.await.expect("no panic");
    }
    drop(sender);
    let mut count = 0_u32;
    while ended.recv().await.is_some() {
        count += 1;
    }
    f64::from(count) / began.elapsed().as_secs_f64()
}

fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort();
    times.get(times.len().saturating_sub(1) * percent / 100).copied().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures for fifteen seconds, and the figures are those of the machine"]
async fn four_times_the_capacity_is_shed_and_the_rest_is_quick() {
    let server = Process::start(&["--log-level", "warn,demarche::cli=info"]);
    let mut clients = vec![];
    for _ in 0..CONNECTIONS {
        clients.push(StanceServiceClient::connect(format!("http://{}", server.address)).await.expect("it answers"));
    }
    let capacity = capacity(&clients[0]).await;
    let endpoint = Endpoint::from_shared(format!("http://{}", server.address)).expect("an address");
    let mut health = HealthClient::new(endpoint.connect().await.expect("it answers"));
    let probes = tokio::spawn(async move {
        let mut times = vec![];
        let began = Instant::now();
        while began.elapsed() < LOAD {
            let asked = Instant::now();
            health.check(HealthCheckRequest::default()).await.expect("health answers");
            times.push(asked.elapsed());
            sleep(Duration::from_millis(50)).await;
        }
        times
    });

    let before = server.resident();
    let (sender, mut ended) = mpsc::unbounded_channel();
    let mut clock = interval(Duration::from_secs_f64(1.0 / (4.0 * capacity)));
    clock.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let began = Instant::now();
    for client in clients.iter().cycle() {
        clock.tick().await;
        if began.elapsed() > LOAD {
            break;
        }
        tokio::spawn(call(client.clone(), sender.clone()));
    }
    drop(sender);
    let mut by_code: BTreeMap<String, Vec<Duration>> = BTreeMap::new();
    while let Some((code, took)) = ended.recv().await {
        by_code.entry(format!("{code:?}")).or_default().push(took);
    }
    let mut probes = probes.await.expect("no panic");
    println!("capacity: {capacity:.0} calls/s; sent four times that for {LOAD:?}");
    for (code, times) in &mut by_code {
        let (median, late) = (percentile(times, 50), percentile(times, 99));
        println!("{code}: {} calls, median {median:?}, 99th percentile {late:?}", times.len());
    }
    println!("health: 99th percentile {:?}", percentile(&mut probes, 99));
    let after = server.resident();
    println!("resident memory: {before} kB before, {after} kB after");
    let others: Vec<_> = by_code.keys().filter(|code| !["Ok", "ResourceExhausted"].contains(&code.as_str())).collect();
    assert!(others.is_empty(), "other errors than being shed: {others:?}");
    let shed = by_code.get("ResourceExhausted").map_or(0, Vec::len);
    assert!(shed > 0, "nothing was shed");
    assert!(server.get("/metrics").contains(&format!("\ndemarche_shed_total {shed}\n")), "the metrics do not agree");
    assert!(after < before + before / 4, "the load left {} kB behind", after - before);
    assert!(percentile(by_code.get_mut("Ok").expect("some were answered"), 99) < Duration::from_secs(2));
    let (status, log) = server.stop();
    assert!(status.success(), "{log}");
}
