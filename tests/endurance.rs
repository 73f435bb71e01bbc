//! What only many calls, many reloads or many starts show. Measures, so it is run by hand, on Linux:
//!
//! `cargo test --release --test endurance -- --ignored --nocapture --test-threads 1`
//!
//! `DEMARCHE_TEST_CALLS` is the number of calls of the soak, by default a million. What was measured:
//! `docs/reliability.md`.
#![cfg(target_os = "linux")]

#[path = "support/artefact.rs"]
mod artefact;
#[path = "support/process.rs"]
mod process;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use artefact::{Artefact, NONE};
use demarche::model::Model;
use demarche::proto::stance_service_client::StanceServiceClient;
use demarche::proto::{Article, ClassifyRequest};
use process::{PATIENCE, Process};
use tempfile::TempDir;
use tokio::time::sleep;
use tonic::transport::Channel;

/// Callers at a time; below what the queue holds.
const CALLERS: u64 = 8;
/// Levels that log no call.
const QUIET: [&str; 2] = ["--log-level", "warn,demarche::cli=info"];
/// Short texts, so that many calls can be made; they differ, so that memory that is kept by text would show.
const TEXTS: [&str; 4] = [
    "China condemned the sanctions of the United States on Tuesday.",
    "Kenya and Ghana voted for the resolution, \"We stand with Ukraine,\" the Kenyan foreign minister said.",
    "Egypt hosted delegations of Brazil and France. Neither side spoke of the war.",
    "The Kremlin rejected the plan; Sergei Lavrov accused NATO of escalation, and Iran backed him.",
];

async fn client(server: &Process) -> StanceServiceClient<Channel> {
    StanceServiceClient::connect(format!("http://{}", server.address)).await.expect("it answers")
}

fn request(number: u64) -> ClassifyRequest {
    let text = format!("{} Report {number}.", TEXTS[number as usize % TEXTS.len()]);
    ClassifyRequest { article: Some(Article { text, ..Article::default() }), ..ClassifyRequest::default() }
}

/// Calls until `goes_on` says no; how often each version of a model answered.
async fn call_while(server: &Process, goes_on: Arc<dyn Fn() -> bool + Send + Sync>) -> BTreeMap<String, u64> {
    let mut callers = vec![];
    for _ in 0..CALLERS {
        let (mut client, goes_on) = (client(server).await, Arc::clone(&goes_on));
        callers.push(tokio::spawn(async move {
            let mut versions: BTreeMap<String, u64> = BTreeMap::new();
            for number in 0.. {
                if !goes_on() {
                    break;
                }
                let answer = client.classify(request(number)).await.expect("no call fails").into_inner();
                *versions.entry(answer.model.expect("every answer tells its model").version).or_default() += 1;
            }
            versions
        }));
    }
    let mut all: BTreeMap<String, u64> = BTreeMap::new();
    for caller in callers {
        for (version, count) in caller.await.expect("a caller") {
            *all.entry(version).or_default() += count;
        }
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a million calls take minutes"]
async fn a_million_calls_leave_no_memory_behind() {
    let wanted = std::env::var("DEMARCHE_TEST_CALLS").map_or(1_000_000, |calls| calls.parse().expect("a number"));
    let server = Arc::new(Process::start(&QUIET));
    let made = Arc::new(AtomicU64::new(0));
    let counting = Arc::clone(&made);
    let began = Instant::now();
    let calling = tokio::spawn({
        let server = Arc::clone(&server);
        async move { call_while(&server, Arc::new(move || counting.fetch_add(1, Relaxed) < wanted)).await }
    });
    // Twenty looks, the first after a twentieth of the calls.
    let mut looks: Vec<(f64, f64)> = vec![];
    while !calling.is_finished() {
        let calls = made.load(Relaxed);
        if calls >= wanted / 20 * (looks.len() as u64 + 1) {
            let resident = server.resident();
            println!("{calls:>9} calls, {resident} kB resident, {:.0?}", began.elapsed());
            looks.push((calls as f64, resident as f64));
        }
        sleep(Duration::from_millis(20)).await;
    }
    let answered: u64 = calling.await.expect("no call fails").values().sum();
    let slope = slope(&looks);
    let rate = answered as f64 / began.elapsed().as_secs_f64();
    println!("{answered} calls, {rate:.0} a second; slope {:.3} bytes a call", slope * 1024.0);
    assert_eq!(answered, wanted);
    assert!(slope * 1024.0 < 4.0, "memory grows by {:.1} bytes a call", slope * 1024.0);
}

/// Of the straight line through the points, by least squares.
fn slope(points: &[(f64, f64)]) -> f64 {
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / points.len() as f64;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let above: f64 = points.iter().map(|point| (point.0 - x) * (point.1 - y)).sum();
    above / points.iter().map(|point| (point.0 - x).powi(2)).sum::<f64>()
}

/// A folder of versions, of which the newest is current.
struct Versions {
    folder: TempDir,
    known: BTreeSet<String>,
}

impl Versions {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut versions = Self { folder, known: BTreeSet::new() };
        versions.add(0);
        versions
    }

    fn path(&self) -> &str {
        self.folder.path().to_str().expect("a path")
    }

    /// Adds a version, makes it current, and takes away the one before the last.
    fn add(&mut self, round: u16) {
        let place = |round: u16| self.folder.path().join(format!("version-{round}"));
        let model = Artefact::built_in().intercept(NONE, f32::from(round) / 100.0);
        let partial = self.folder.path().join(".partial");
        model.write(&partial);
        fs::rename(&partial, place(round)).expect("a folder");
        let next = self.folder.path().join(".next");
        std::os::unix::fs::symlink(format!("version-{round}"), &next).expect("a link");
        fs::rename(next, self.folder.path().join("current")).expect("a link");
        if let Some(old) = round.checked_sub(2) {
            fs::remove_dir_all(place(old)).expect("a folder");
        }
        self.known.insert(model.version());
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a hundred reloads take minutes"]
async fn a_hundred_reloads_under_load() {
    let mut versions = Versions::new();
    let server = Arc::new(Process::start(&[&["--models", versions.path()][..], &QUIET].concat()));
    let stopped = Arc::new(AtomicBool::new(false));
    let calling = tokio::spawn({
        let (server, stopped) = (Arc::clone(&server), Arc::clone(&stopped));
        async move { call_while(&server, Arc::new(move || !stopped.load(Relaxed))).await }
    });
    let reloads = |server: &Process| -> u16 {
        let metrics = server.get("/metrics");
        let count = metrics.lines().find_map(|line| line.strip_prefix("demarche_reloads_total{what=\"models\"} "));
        count.expect("the metric").parse().expect("a number")
    };
    let mut resident = vec![];
    for round in 1..=100 {
        versions.add(round);
        server.signal("HUP");
        let asked = Instant::now();
        while reloads(&server) < round {
            assert!(asked.elapsed() < PATIENCE, "reload {round} does not come:\n{}", server.log());
            sleep(Duration::from_millis(10)).await;
        }
        resident.push(server.resident());
        if round % 10 == 0 {
            println!("{round} reloads, {} kB resident", server.resident());
        }
    }
    stopped.store(true, Relaxed);
    let answers = calling.await.expect("no call fails");
    println!("{} answers by {} versions", answers.values().sum::<u64>(), answers.len());
    assert!(answers.keys().all(|version| versions.known.contains(version)), "{answers:?}");
    assert!(answers.len() > 50, "most versions never answered");
    // The first ten bring memory to where two generations of models fit.
    let most = |part: &[u64]| *part.iter().max().expect("reloads") as f64;
    let (early, late) = (most(&resident[..20]), most(&resident[80..]));
    println!("most resident memory: {early} kB in reloads 1 to 20, {late} kB in 81 to 100");
    assert!(late < early * 1.1, "memory grows with reloads");
}

// On threads of its own, so that the client takes its leave while the server is waited for.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "the figures are those of the machine"]
async fn starts_soon_and_takes_little_memory() {
    let mut starts: Vec<(Duration, u64)> = vec![];
    let mut warm = 0;
    for _ in 0..20 {
        let began = Instant::now();
        let server = Process::start(&QUIET);
        while !ready(&server) {
            std::thread::sleep(Duration::from_millis(1));
        }
        starts.push((began.elapsed(), server.resident()));
        let mut client = client(&server).await;
        for number in 0..1_000 {
            client.classify(request(number)).await.expect("an answer");
        }
        warm = warm.max(server.resident());
        let (status, log) = server.stop();
        assert!(status.success(), "{log}");
    }
    starts.sort();
    let median = starts[starts.len() / 2];
    println!("from exec to ready: best {:?}, median {:?}, worst {:?}", starts[0].0, median.0, starts[19].0);
    println!("resident when ready: {} kB; after 1,000 calls: at most {warm} kB", median.1);
    assert!(warm <= 64 * 1024, "{warm} kB after warm-up");
}

/// Whether `/readyz` says so; the admin server may not have told its address yet.
fn ready(server: &Process) -> bool {
    server.log().contains("the admin server is listening on ") && server.get("/readyz").starts_with("HTTP/1.1 200")
}

#[tokio::test]
#[ignore = "kills twenty-five servers"]
async fn a_server_killed_in_a_reload_starts_again() {
    let mut versions = Versions::new();
    for round in 1..=25 {
        let server = Process::start(&["--models", versions.path()]);
        client(&server).await.classify(request(0)).await.expect("an answer");
        versions.add(round);
        server.signal("HUP");
        sleep(Duration::from_millis(u64::from(round) * 8)).await;
        server.signal("KILL");
    }
}

#[test]
#[ignore = "trains and kills for some minutes"]
fn a_killed_training_leaves_a_whole_model_or_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let corpus = folder.path().join("corpus");
    fs::create_dir(&corpus).expect("a folder");
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/corpus");
    for file in ["agency-acts.jsonl", "agency-asia.jsonl", "agency-eurasia.jsonl", "agency-roundups.jsonl"] {
        fs::copy(from.join(file), corpus.join(file)).expect("a part of the corpus");
    }
    let target = folder.path().join("model");
    let train = |target: &PathBuf| {
        let mut train = Command::new(assert_cmd::cargo::cargo_bin!("demarche"));
        train.arg("train").arg("--corpus").arg(&corpus).arg("--output").arg(target).args(["--columns", "2048"]);
        train.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary runs")
    };
    let began = Instant::now();
    assert!(train(&target).wait().expect("it ends").success(), "a training that is not killed");
    let whole = began.elapsed();
    println!("a whole training takes {whole:?}");
    for round in 1..=25_u32 {
        let mut child = train(&target);
        // Moments over all of it, and most of them where the files are written.
        let share = if round <= 8 { f64::from(round) / 9.0 } else { 0.9 + f64::from(round - 8) * 0.01 };
        std::thread::sleep(whole.mul_f64(share));
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
        Model::open(&target).unwrap_or_else(|error| panic!("killed in round {round}: {error}"));
    }
    let left = fs::read_dir(folder.path()).expect("a folder").count();
    println!("25 killed, the model is whole; {} half-written folders beside it", left - 2);
}
