//! `demarche evaluate` and `train` as a user meets them: the files of a report, and a model beside another one. The
//! figures themselves are tested where they are made, in `src/evaluate`.

use std::path::Path;
use std::process::Output;

use assert_cmd::Command;
use serde_json::Value;

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/corpus");
const PICTURES: [&str; 3] = ["reliability.svg", "confusion.svg", "precision-coverage.svg"];

fn demarche(args: &[&str]) -> Output {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("demarche"));
    let output = command.args(args).output().expect("the binary runs");
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// A corpus of two files of the project's, too small for a good model.
fn small_corpus(folder: &Path) -> String {
    let corpus = folder.join("corpus");
    std::fs::create_dir(&corpus).expect("a folder");
    for file in ["mixed.jsonl", "neutral.jsonl"] {
        std::fs::copy(Path::new(CORPUS).join(file), corpus.join(file)).expect("a copy");
    }
    corpus.to_str().expect("a path").to_owned()
}

#[test]
fn a_report_is_written_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let corpus = small_corpus(folder.path());
    let report = folder.path().join("new").join("report");
    let path = report.to_str().expect("a path");
    demarche(&["evaluate", "--corpus", &corpus, "--part", "all", "--report", path, "--baseline", "default"]);
    let read =
        |file: &str| std::fs::read_to_string(report.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    for picture in PICTURES {
        let content = read(picture);
        let document = roxmltree::Document::parse(&content).unwrap_or_else(|error| panic!("{picture}: {error}"));
        assert!(document.root_element().has_tag_name(("http://www.w3.org/2000/svg", "svg")), "{picture}");
        assert!(document.descendants().any(|node| node.tag_name().name() == "text"), "{picture}");
    }
    let page = read("index.html");
    let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
    let document = roxmltree::Document::parse_with_options(&page, options).expect("the page is XML too");
    let named = |name: &str| document.descendants().filter(|node| node.tag_name().name() == name).count();
    assert_eq!((named("svg"), named("table")), (PICTURES.len(), 5), "pictures and tables");
    for outside in ["src=", "href=", "url(", "<script", "@import"] {
        assert!(!page.contains(outside), "the page asks for something outside: {outside}");
    }
    let json: Value = serde_json::from_str(&read("report.json")).expect("JSON");
    assert_eq!(json["bins"].as_array().map(Vec::len), Some(10));
    assert!(json["curve"]["points"].as_array().is_some_and(|points| points.len() > 10), "{json}");
    assert_eq!(json["curve"]["own"]["right"], json["evaluation"]["rows"]["right"]);
    assert_eq!(json["curve"]["own"]["threshold"], json["model"]["threshold"]);
}

#[test]
fn a_model_beside_itself_is_not_worse() {
    let folder = tempfile::tempdir().expect("a folder");
    let corpus = small_corpus(folder.path());
    let output = demarche(&["evaluate", "--corpus", &corpus, "--baseline", "default"]);
    assert!(text(&output.stdout).contains("Beside the baseline") && output.stderr.is_empty(), "{output:?}");
    let alone: Value =
        serde_json::from_slice(&demarche(&["evaluate", "--corpus", &corpus, "--format", "json"]).stdout).expect("JSON");
    assert!(alone.get("rows").is_some(), "without a baseline the figures stand alone: {alone}");
}

#[test]
fn a_model_of_few_articles_is_told_to_be_worse() {
    let folder = tempfile::tempdir().expect("a folder");
    let corpus = small_corpus(folder.path());
    let model = folder.path().join("model");
    let model = model.to_str().expect("a path");
    let trained = text(&demarche(&["train", "--corpus", &corpus, "--output", model]).stdout);
    let command = format!("demarche evaluate --model {model} --corpus {corpus} --baseline default");
    for part in ["cross-validated candidates", "precision 0.", "recall 0.", "F1 0.", "held-out rows", &command] {
        assert!(trained.contains(part), "{part:?} is not in {trained}");
    }
    let args = ["evaluate", "--model", model, "--corpus", CORPUS, "--baseline", "default"];
    let output = demarche(&args);
    assert!(text(&output.stdout).contains("worse"), "the table marks it");
    let warnings = text(&output.stderr);
    for figure in ["recall of rows", "F1 of rows", "F1 of opposed", "F1 of rows where act occurs"] {
        assert!(warnings.contains(&format!("warning: worse than the baseline: {figure} ")), "{figure}: {warnings}");
    }
    let json = demarche(&[&args[..], &["--format", "json"]].concat()).stdout;
    let json: Value = serde_json::from_slice(&json).expect("JSON");
    let worse = json["baseline"]["comparison"]["figures"].as_array().expect("figures").iter();
    let worse = worse.filter(|figure| figure["verdict"] == "worse").count();
    assert!(worse >= 3 && json["evaluation"]["rows"] != json["baseline"]["evaluation"]["rows"], "{json}");
}

#[test]
fn a_baseline_or_report_that_cannot_be_used() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    std::fs::write(&file, "no folder").expect("a file");
    let file = file.to_str().expect("a path");
    for (args, code) in [(["--baseline", file], 64), (["--report", file], 1)] {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("demarche"));
        let output = command.args(["evaluate", "--corpus", CORPUS]).args(args).output().expect("the binary runs");
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {stderr}");
        assert!(stderr.contains(file), "{args:?}: {stderr}");
    }
}
