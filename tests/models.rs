//! Several models in one server, and their replacement while it answers: real folders, real calls.

#[path = "support/artefact.rs"]
mod artefact;
mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use artefact::{Artefact, NONE};
use demarche::model::Model;
use demarche::proto::model_service_client::ModelServiceClient;
use demarche::proto::{
    ClassifyRequest, ClassifyResponse, GetModelRequest, ListModelsRequest, Party, Stance, StanceRow, party::Id,
};
use demarche::server::{ModelSource, Models, Reload, ServerConfig, Source, follow};
use support::{Server, request};
use tokio::time::{sleep, timeout};
use tonic::{Code, Status};
use tonic_types::StatusExt;

const TEXT: &str = "China condemned the sanctions of the United States.";
/// The place of the label *aligned* among the intercepts.
const ALIGNED: usize = 1;
/// For what takes a second or two, on a machine that does much else.
const SOON: Duration = Duration::from_mins(1);

/// A folder of versions: `first` is current, `second` finds everybody aligned.
struct Versions {
    folder: tempfile::TempDir,
    first: Artefact,
    second: Artefact,
}

impl Versions {
    fn new() -> Self {
        let (first, second) = (Artefact::built_in(), Artefact::built_in().intercept(ALIGNED, 90.0));
        let versions = Self { folder: tempfile::tempdir().expect("a folder"), first, second };
        versions.first.write(&versions.path("first"));
        versions.second.write(&versions.path("second"));
        versions.point("first");
        versions
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Makes the link name this version, in one step as a careful operator does.
    fn point(&self, name: &str) {
        let next = self.path(".next");
        std::os::unix::fs::symlink(name, &next).expect("a link");
        fs::rename(next, self.path("current")).expect("a link");
    }

    fn open(&self) -> Arc<Models> {
        let model = ModelSource::Versions(self.folder.path().to_owned());
        Arc::new(Models::open(Source { model, parties: None }).expect("good models"))
    }
}

fn of_version(version: &str) -> ClassifyRequest {
    ClassifyRequest { model_version: version.to_owned(), ..request(TEXT) }
}

fn version(answer: &ClassifyResponse) -> String {
    answer.model.clone().expect("every answer tells its model").version
}

fn stances(answer: &ClassifyResponse) -> Vec<Stance> {
    answer.countries.iter().flat_map(|country| country.stances.iter().map(StanceRow::stance)).collect()
}

fn reason(status: &Status) -> String {
    status.get_error_details().error_info().unwrap_or_else(|| panic!("no ErrorInfo: {status:?}")).reason.clone()
}

#[tokio::test]
async fn versions_answer_side_by_side() {
    let versions = Versions::new();
    let (first, second) = (versions.first.version(), versions.second.version());
    let server = Server::start_models(versions.open(), ServerConfig::default()).await;
    let client = server.stances().await;
    let calls = (0..40).map(|index| {
        let (mut client, asked) = (client.clone(), if index % 2 == 0 { first.clone() } else { second.clone() });
        tokio::spawn(async move { (client.classify(of_version(&asked)).await.expect("an answer").into_inner(), asked) })
    });
    for call in calls.collect::<Vec<_>>() {
        let (answer, asked) = call.await.expect("a call");
        let want = if asked == first { Stance::Opposed } else { Stance::Aligned };
        assert_eq!(version(&answer), asked);
        assert!(!stances(&answer).is_empty() && stances(&answer).iter().all(|stance| *stance == want), "{answer:?}");
    }

    let mut models = ModelServiceClient::new(server.channel().await);
    let listed = models.list_models(ListModelsRequest {}).await.expect("a list").into_inner().models;
    let listed: Vec<_> = listed.into_iter().map(|one| (one.model.expect("a model").version, one.current)).collect();
    assert_eq!(listed, [(first.clone(), true), (second.clone(), false)]);
    let table = [
        ("", "", Ok(&first)),
        ("default", "", Ok(&first)),
        ("", &*second, Ok(&second)),
        ("default", &*second, Ok(&second)),
        ("other", "", Err("MODEL_NOT_FOUND")),
        ("other", &*second, Err("MODEL_NOT_FOUND")),
        ("default", "second", Err("MODEL_NOT_FOUND")),
    ];
    for (name, asked, want) in table {
        let request = GetModelRequest { name: name.to_owned(), version: asked.to_owned() };
        let found = models.get_model(request).await;
        let found = found.map(|found| found.into_inner().model.expect("a model").version);
        match (&found, want) {
            (Ok(found), Ok(want)) => assert_eq!(found, want, "{name:?} {asked:?}"),
            (Err(status), Err(want)) => assert_eq!((status.code(), &*reason(status)), (Code::NotFound, want)),
            _ => panic!("{name:?} {asked:?}: {found:?}, expected {want:?}"),
        }
    }
    server.stop().await.expect("it ends").expect("a clean end");
}

#[tokio::test]
async fn the_model_built_in_is_listed_alone() {
    let server = Server::start(SOON).await;
    let mut models = ModelServiceClient::new(server.channel().await);
    let listed = models.list_models(ListModelsRequest {}).await.expect("a list").into_inner().models;
    assert!(matches!(&listed[..], [only] if only.current), "{listed:?}");
    let current = models.get_model(GetModelRequest::default()).await.expect("the model").into_inner();
    assert_eq!(listed[0].model, current.model);
}

#[test]
fn several_that_fit_are_not_guessed_between() {
    let versions = Versions::new();
    for (folder, intercept) in [("a", 1.0), ("b", 2.0)] {
        let mut other = Artefact::built_in();
        other.manifest["name"] = "other".into();
        other.intercept(NONE, intercept).write(&versions.path(folder));
    }
    let refused = versions.open().find("other", "").expect_err("two versions of \"other\"");
    assert!(refused.to_string().contains("several models fit model named \"other\""), "{refused}");
}

type Spoil = fn(&mut Artefact);

/// Name, how a good model is spoilt, the file and the words of the refusal.
fn spoilt() -> Vec<(&'static str, Spoil, &'static str, &'static str)> {
    vec![
        (
            "a bit flipped",
            |m| *m.weights.last_mut().expect("bytes") ^= 1,
            "weights.safetensors",
            "truncated or altered",
        ),
        ("weights cut", |m| m.weights.truncate(1_000_000), "weights.safetensors", "truncated or altered"),
        ("weights empty", |m| m.weights.clear(), "weights.safetensors", "truncated or altered"),
        ("features cut", |m| m.features.truncate(1_000), "features.txt", "truncated or altered"),
        ("another schema", |m| m.manifest["schema"] = 99.into(), "manifest.json", "schema 99"),
        ("other labels", |m| m.manifest["labels"] = ["a", "b"].into(), "manifest.json", "labels"),
        ("another count", |m| m.manifest["features"] = 7.into(), "features.txt", "the manifest says 7"),
        ("an unknown field", |m| m.manifest["extra"] = 1.into(), "manifest.json", "unknown field"),
        ("no manifest", |m| m.manifest = "text".into(), "manifest.json", "invalid type"),
        ("not a number", |m| not_finite(m, f32::NAN), "weights.safetensors", "not finite"),
        ("infinite", |m| not_finite(m, f32::INFINITY), "weights.safetensors", "not finite"),
    ]
}

/// Well-formed and sealed, with one number that is none.
fn not_finite(model: &mut Artefact, value: f32) {
    let taken = std::mem::replace(model, Artefact { manifest: 0.into(), features: vec![], weights: vec![] });
    *model = taken.intercept(NONE, value);
}

#[tokio::test]
async fn a_refused_model_leaves_the_old_one_answering() {
    let versions = Versions::new();
    let models = versions.open();
    let server = Server::start_models(Arc::clone(&models), ServerConfig::default()).await;
    let mut client = server.stances().await;
    let first = versions.first.version();
    for (name, spoil, file, says) in spoilt() {
        let mut model = Artefact::built_in().intercept(NONE, 1.0);
        spoil(&mut model);
        model.write(&versions.path("spoilt"));
        versions.point("spoilt");
        let error = models.reload().expect_err(name).to_string();
        assert!(error.contains(&format!("spoilt: {file}")) && error.contains(says), "{name}: {error}");
        let answer = client.classify(request(TEXT)).await.expect(name).into_inner();
        assert_eq!(version(&answer), first, "{name}");
        // Beside a good current one it is in nobody's way.
        versions.point("second");
        models.reload().unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(models.list().models.len(), 2, "{name}");
        versions.point("first");
        models.reload().unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

#[test]
fn a_folder_of_versions_is_refused_with_its_reason() {
    type Change = fn(&Versions);
    let table: [(&str, Change, &str); 6] = [
        ("no link", |v| fs::remove_file(v.path("current")).expect("a link"), "current"),
        ("a dangling link", |v| v.point("none"), "current"),
        ("a link elsewhere", |v| v.point(".."), "must be a link to one of the model folders"),
        ("a link to a hidden folder", |v| hidden(v), "must be a link to one of the model folders"),
        (
            "nine versions",
            |v| (0..7).for_each(|i| v.first.write(&v.path(&i.to_string()))),
            "9 model folders, the limit is 8",
        ),
        ("the same twice", |v| v.first.write(&v.path("again")), "the same name and version"),
    ];
    for (name, change, says) in table {
        let versions = Versions::new();
        let models = versions.open();
        change(&versions);
        let error = models.reload().expect_err(name).to_string();
        assert!(error.contains(says), "{name}: {error}");
        assert_eq!(models.current().model().manifest().version, versions.first.version(), "{name}");
    }
}

fn hidden(versions: &Versions) {
    versions.second.write(&versions.path(".half-copied"));
    versions.point(".half-copied");
}

#[test]
fn the_replaced_model_is_freed_with_its_last_call() {
    let versions = Versions::new();
    let models = versions.open();
    fs::remove_dir_all(versions.path("second")).expect("a folder");
    models.reload().expect("one version");
    let in_flight = models.current();
    let freed = Arc::downgrade(&in_flight);
    Artefact::built_in().intercept(NONE, 1.0).write(&versions.path("first"));
    models.reload().expect("another version");
    assert_ne!(models.current().model().manifest(), in_flight.model().manifest());
    assert!(freed.upgrade().is_some());
    drop(in_flight);
    assert!(freed.upgrade().is_none(), "a replaced model stays in memory");
}

#[tokio::test(flavor = "multi_thread")]
async fn reloads_under_load_lose_no_call() {
    let versions = Versions::new();
    let known = BTreeSet::from([versions.first.version(), versions.second.version()]);
    let models = versions.open();
    let server = Server::start_models(Arc::clone(&models), ServerConfig::default()).await;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let mut calls = vec![];
    for _ in 0..4 {
        let (mut client, stopped) = (server.stances().await, stopped.clone());
        calls.push(tokio::spawn(async move {
            let mut seen = BTreeSet::new();
            while !*stopped.borrow() {
                let answer = client.classify(request(TEXT)).await.expect("a call was lost").into_inner();
                assert!(!stances(&answer).is_empty());
                seen.insert(version(&answer));
            }
            seen
        }));
    }
    for round in 0..20 {
        versions.point(if round % 2 == 0 { "second" } else { "first" });
        let models = Arc::clone(&models);
        tokio::task::spawn_blocking(move || models.reload()).await.expect("no panic").expect("good models");
    }
    stop.send(true).expect("callers");
    for call in calls {
        let seen = call.await.expect("a caller");
        assert!(seen.is_subset(&known), "{seen:?} answered, {known:?} were loaded");
    }
}

#[tokio::test]
async fn follows_the_link_the_parties_and_the_word() {
    let versions = Versions::new();
    let parties = tempfile::tempdir().expect("a folder");
    let tables = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/parties");
    for file in ["blocs.toml", "countries.toml"] {
        fs::copy(tables.join(file), parties.path().join(file)).expect("a table");
    }
    let model = ModelSource::Versions(versions.folder.path().to_owned());
    let models = Models::open(Source { model, parties: Some(parties.path().to_owned()) }).expect("good models");
    let models = Arc::new(models);
    let (word, asked) = sync_channel(1);
    follow(vec![Arc::clone(&models) as Arc<dyn Reload>], asked).expect("a thread");

    versions.point("second");
    until("the link", || models.current().model().manifest().version == versions.second.version()).await;

    let knows = |code: &str| models.current().registry().party(code).is_some();
    assert!(!knows("LEAGUE_OF_TESTS"));
    fs::write(parties.path().join("more.toml"), "[[bloc]]\ncode = \"LEAGUE_OF").expect("a table, half written");
    sleep(Duration::from_secs(4)).await;
    assert!(knows("NATO"), "a table that cannot be read was taken");
    let bloc = "[[bloc]]\ncode = \"LEAGUE_OF_TESTS\"\nname = \"League of Tests\"\nmembers = [\"CN\"]\n";
    fs::write(parties.path().join("more.toml"), bloc).expect("a table");
    until("a party table", || knows("LEAGUE_OF_TESTS")).await;

    // Nothing that is looked at changes here: it needs a word.
    let third = Artefact::built_in().intercept(NONE, 3.0);
    third.write(&versions.path("second"));
    word.send(()).expect("it listens");
    until("a word", || models.current().model().manifest().version == third.version()).await;

    let server = Server::start_models(models, ServerConfig::default()).await;
    let id = Some(Id::BlocCode("LEAGUE_OF_TESTS".to_owned()));
    let target = Some(Party { id, display_name: String::new() });
    let asked = ClassifyRequest { target, ..request(TEXT) };
    server.stances().await.classify(asked).await.expect("the new party is known to the call");
}

async fn until(what: &str, holds: impl Fn() -> bool) {
    let waiting = async {
        while !holds() {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(SOON, waiting).await.unwrap_or_else(|_| panic!("{what} was not followed"));
}

/// Set for the process that is killed: where it writes.
const TARGET: &str = "DEMARCHE_TEST_SAVES_TO";

/// No test: what [`a_killed_save_leaves_a_whole_model`] runs in a process of its own, and kills.
#[test]
fn saves_until_it_is_killed() {
    let Some(target) = std::env::var_os(TARGET) else { return };
    let target = PathBuf::from(target);
    let beside = |name: &str| Model::open(&target.with_file_name(name)).expect("a good model");
    let (mut one, mut other) = (beside("one"), beside("other"));
    loop {
        one.save(&target).expect("it can be written");
        other.save(&target).expect("it can be written");
    }
}

#[test]
fn a_killed_save_leaves_a_whole_model() {
    let folder = tempfile::tempdir().expect("a folder");
    let target = folder.path().join("target");
    let (one, other) = (Artefact::built_in(), Artefact::built_in().intercept(NONE, 1.0));
    one.write(&folder.path().join("one"));
    other.write(&folder.path().join("other"));
    let this = std::env::current_exe().expect("this test");
    let mut found = BTreeSet::new();
    for round in 0..25u64 {
        let mut child = std::process::Command::new(&this)
            .args(["--exact", "saves_until_it_is_killed"])
            .env(TARGET, &target)
            .stdout(std::process::Stdio::null())
            .spawn()
            .expect("this test runs");
        // The first time until there is a model, then at moments of no pattern.
        while !target.exists() && child.try_wait().expect("a child").is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_micros(100_000 + round * round * 331));
        child.kill().expect("it still runs");
        child.wait().expect("it ends");
        let model = Model::open(&target).unwrap_or_else(|error| panic!("killed in round {round}: {error}"));
        found.insert(model.manifest().version.clone());
    }
    assert!(found.is_subset(&BTreeSet::from([one.version(), other.version()])), "{found:?}");
}
