//! What the check of a corpus finds between articles, and what training says of a corpus that is too small.

use std::path::Path;
use std::process::Output;
use std::time::{Duration, Instant};

use assert_cmd::Command;
use demarche::corpus::{CorpusArticle, Fault, Labelled, Part, StanceFault, SupplyError, check, check_supply};
use demarche::model::{Example, Label};
use demarche::party::Registry;
use demarche::stance::Stance;
use serde_json::{Value, json};

const EVIDENCE: &str = "Kenya condemned the attack by Russia.";

/// An article of its own text.
fn article(id: &str, filler: &str, stance: &str, issue: Option<&str>) -> Value {
    let text = format!("{EVIDENCE} {}", format!("Nothing else was said about {filler} on that day. ").repeat(5));
    let target = if issue.is_some() { "ISSUE" } else { "RU" };
    json!({"id": id, "synthetic": false, "topic": "t", "style": "agency", "date": "2024-01-31", "title": "T", "issue": issue,
           "phenomena": [], "text": text,
           "stances": [{"holder": "KE", "target": target, "stance": stance, "voice": "stated", "modality": "asserted", "evidence": EVIDENCE}]})
}

fn parse(articles: &[Value]) -> Vec<CorpusArticle> {
    let parse = |(index, value): (usize, &Value)| {
        let mut article: CorpusArticle = serde_json::from_value(value.clone()).expect("an article");
        (article.file, article.line) = ("mine.jsonl".into(), index + 1);
        article
    };
    articles.iter().enumerate().map(parse).collect()
}

/// A name of the wanted part.
fn name(part: Part, number: usize) -> String {
    let names = (0..).map(|number| format!("a-{number}"));
    let is_in = |id: &String| parse(&[article(id, "it", "opposed", None)])[0].part() == part;
    names.filter(is_in).nth(number).expect("endless")
}

#[test]
fn articles_are_compared() {
    let registry = Registry::embedded().expect("the embedded parties");
    let train = |number| name(Part::Train, number);
    let (one, two, held) = (train(0), train(1), name(Part::Test, 0));
    let with = |id: &str, filler: &str, stance: &str| article(id, filler, stance, None);
    let about = |id: &str, filler: &str, stance: &str, issue| article(id, filler, stance, Some(issue));
    let mut shouted = with(&two, "rain", "opposed");
    shouted["text"] = json!(shouted["text"].as_str().expect("a text").replace(". ", ".\n\n").replace("that", "THAT"));
    let table: [(&str, [Value; 2], &[&str]); 8] = [
        ("two texts", [with(&one, "rain", "opposed"), with(&two, "snow", "opposed")], &[]),
        ("the same text", [with(&one, "rain", "opposed"), with(&two, "rain", "opposed")], &["remove one of them"]),
        ("but for case and space", [with(&one, "rain", "opposed"), shouted], &["remove one of them"]),
        ("other labels", [with(&one, "rain", "opposed"), with(&two, "rain", "aligned")], &["with other labels"]),
        (
            "a leak",
            [with(&one, "rain", "opposed"), with(&held, "rain", "opposed")],
            &["same text", "held-out part and in the training part"],
        ),
        (
            "a sentence",
            [with(&one, "rain", "opposed"), with(&two, "snow", "aligned")],
            &["KE > RU: labelled aligned, but opposed in the same sentence of"],
        ),
        (
            "one issue",
            [about(&one, "rain", "opposed", "the war"), about(&two, "snow", "aligned", "the war")],
            &["KE > ISSUE: labelled aligned"],
        ),
        ("two issues", [about(&one, "rain", "opposed", "the war"), about(&two, "snow", "aligned", "the pact")], &[]),
    ];
    for (case, articles, says) in table {
        let told: Vec<String> = check(&parse(&articles), &registry).iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), says.len(), "{case}: {told:?}");
        for (line, part) in told.iter().zip(says) {
            assert!(line.starts_with("mine.jsonl:2: ") && line.contains("mine.jsonl:1"), "{case}: {line}");
            assert!(line.contains(part), "{case}: {part:?} is not in {line}");
        }
    }
}

#[test]
fn faults_are_typed() {
    let registry = Registry::embedded().expect("the embedded parties");
    let (one, two) = (name(Part::Train, 0), name(Part::Train, 1));
    let pair = |filler: &str| parse(&[article(&one, "rain", "opposed", None), article(&two, filler, "aligned", None)]);
    let found = check(&pair("snow"), &registry);
    let [mistake] = &found[..] else { panic!("{found:?}") };
    let Fault::Stance { fault: StanceFault::Elsewhere { stance, other, twin, .. }, .. } = &mistake.fault else {
        panic!("{mistake}")
    };
    assert_eq!((*stance, *other, &twin.id, twin.line), (Stance::Aligned, Stance::Opposed, &one, 1));
    assert!(matches!(check(&pair("rain"), &registry)[0].fault, Fault::OtherLabels { .. }));
}

#[test]
fn supply_is_told_by_label() {
    let articles = parse(&[article("a", "rain", "opposed", None), article("b", "snow", "aligned", None)]);
    let articles: Vec<&CorpusArticle> = articles.iter().collect();
    let example = |label: Label| Example { features: vec![], label, article: 0 };
    let labelled = |missed: Vec<(usize, usize)>| {
        let mut examples = vec![example(Label::Stance(Stance::Opposed)); 12];
        examples.extend(vec![example(Label::None); 12]);
        Labelled { examples, missed, stances: 2 }
    };
    let errors = check_supply(&articles, &labelled(vec![(1, 0)]), 10, 1);
    assert_eq!(errors.len(), 2, "{errors:?}");
    let told = errors[0].to_string();
    for part in ["0 of 1 stances labelled aligned", "at least 10", "mine.jsonl:2: no example"] {
        assert!(told.contains(part), "{part:?} is not in {told}");
    }
    assert_eq!(errors[1], SupplyError::MissingClass(Stance::Neutral));
    let folded = check_supply(&articles, &labelled(vec![(1, 0)]), 10, 4);
    assert!(folded.iter().any(|error| matches!(error, SupplyError::TooFewNone { least: 0, .. })), "{folded:?}");
    assert_eq!(check_supply(&[], &Labelled::default(), 10, 4), [SupplyError::NoArticle]);
}

fn run(args: &[&str]) -> Output {
    Command::new(assert_cmd::cargo::cargo_bin!("demarche")).args(args).output().expect("the binary runs")
}

#[test]
fn training_refuses_a_corpus_that_is_too_small() {
    let folder = tempfile::tempdir().expect("a folder");
    let line = article(&name(Part::Train, 0), "rain", "opposed", None).to_string();
    std::fs::write(folder.path().join("mine.jsonl"), line).expect("a file");
    let (corpus, output) = (folder.path().to_str().expect("a path"), folder.path().join("model"));
    let ran = run(&["train", "--corpus", corpus, "--output", output.to_str().expect("a path")]);
    let told = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(ran.status.code(), Some(1), "{told}");
    for part in
        ["no stance of the training part is labelled neutral", "labelled opposed", "too few examples to train on"]
    {
        assert!(told.contains(part), "{part:?} is not in {told}");
    }
    assert!(!output.exists(), "a model was written");
}

#[test]
fn the_projects_corpus_passes_quickly() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/corpus");
    let start = Instant::now();
    let ran = run(&["corpus", "check", folder.to_str().expect("a path")]);
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    // 0.4 s on two cores alone; the limit leaves room for the other tests that run beside it.
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}
