//! Exports of Label Studio and doccano into the corpus: golden exports, a round trip of the whole corpus through both
//! forms, every mistake with its place, and the command line.

use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::LazyLock;

use assert_cmd::Command;
use demarche::corpus::{
    CorpusArticle, ImportOptions, Imported, LabelledStance, Notes, Tool, check, import, read_corpus,
};
use demarche::party::Registry;
use demarche::text::{Document, OffsetEncoding, OffsetMap};
use serde_json::{Value, json};

static REGISTRY: LazyLock<Registry> = LazyLock::new(|| Registry::embedded().expect("the embedded parties"));

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/import").join(name)
}

fn read(content: &str, tool: Tool) -> Imported {
    let options = ImportOptions { tool, keep_unmarked: true };
    import(content.as_bytes(), options, &REGISTRY).unwrap_or_else(|error| panic!("{error}"))
}

fn named(stance: &LabelledStance) -> String {
    let LabelledStance { holder, target, stance, voice, modality, evidence } = stance;
    format!("{holder}>{target} {stance} {voice:?} {modality:?}: {evidence}")
}

fn sorted(stances: &[LabelledStance]) -> Vec<String> {
    let mut names: Vec<String> = stances.iter().map(named).collect();
    names.sort();
    names
}

#[test]
fn golden_exports() {
    let lake =
        "The Norwegian foreign minister said on Tuesday that Oslo stood with Kenya in the quarrel about the lake 🙂.";
    let chile = "A day later the envoy of Brazil criticised Chile, and the Chilean delegation answered in kind.";
    let wanted = [
        format!("BR>CL opposed Stated Asserted: {chile}"),
        format!("CL>BR opposed Stated Past: {chile}"),
        format!("NO>KE aligned Stated Asserted: {lake}"),
        "PE>ISSUE neutral Acted Asserted: Peru abstained in the vote on the fishing pact.".to_owned(),
    ];
    for (file, tool, ids) in [
        ("label-studio.json", Tool::LabelStudio, ["label-studio-41", "timber-1"]),
        ("doccano.jsonl", Tool::Doccano, ["doccano-12", "doccano-13"]),
    ] {
        let imported = read(&std::fs::read_to_string(data(file)).expect("a golden export"), tool);
        assert!(imported.errors.is_empty(), "{file}: {:?}", imported.errors);
        let found: Vec<&str> = imported.articles.iter().map(|article| article.id.as_str()).collect();
        assert_eq!(found, ids, "{file}");
        assert_eq!(sorted(&imported.articles[0].stances), wanted, "{file}");
        let first = &imported.articles[0];
        assert_eq!(
            (first.synthetic, first.topic.as_str(), first.issue.as_deref()),
            (false, "lakes", Some("the fishing pact"))
        );
        assert_eq!(check(&imported.articles, &REGISTRY), [], "{file}: the check of the corpus");
    }
}

#[test]
fn what_is_left_out_is_counted() {
    let content = std::fs::read_to_string(data("label-studio.json")).expect("a golden export");
    let notes = Notes { not_annotated: 1, cancelled: 1, without_stance: 1, ..Notes::default() };
    assert_eq!(read(&content, Tool::LabelStudio).notes, notes);
    let content = std::fs::read(data("doccano.jsonl")).expect("a golden export");
    let options = ImportOptions { tool: Tool::Doccano, keep_unmarked: false };
    let imported = import(&content, options, &REGISTRY).expect("an export");
    assert_eq!((imported.articles.len(), imported.notes.unmarked), (1, 1));
}

/// A span of a stance with its id, label, code and byte offsets; the words do not matter where the code is given.
type Span<'a> = (String, &'static str, &'a str, usize, usize);

/// The spans and relations that an annotator would make of an article: one pair of spans a stance.
fn annotated(article: &CorpusArticle) -> (Vec<Span<'_>>, Vec<(String, String, String)>) {
    let (mut spans, mut relations) = (Vec::new(), Vec::new());
    for (number, stance) in article.stances.iter().enumerate() {
        let start = article.text.find(&stance.evidence).expect("evidence in its text");
        let first = stance.evidence.split_whitespace().next().expect("a word").len();
        let last = stance.evidence.split_whitespace().next_back().expect("a word").len();
        let end = start + stance.evidence.len();
        let (holder, target) = (format!("h{number}"), format!("t{number}"));
        spans.push((holder.clone(), "Holder", stance.holder.as_str(), start, start + first));
        let kind = if stance.target == "ISSUE" { "Issue" } else { "Target" };
        spans.push((target.clone(), kind, stance.target.as_str(), end - last, end));
        let name = |value: &Value| value.as_str().expect("a name").to_owned();
        let (voice, modality) = (json!(stance.voice), json!(stance.modality));
        relations.push((holder, target, format!("{} {} {}", stance.stance, name(&voice), name(&modality))));
    }
    (spans, relations)
}

fn as_label_studio(article: &CorpusArticle, encoding: OffsetEncoding) -> Value {
    let map = OffsetMap::new(&article.text, encoding);
    let (spans, relations) = annotated(article);
    let mut result = Vec::new();
    for (id, kind, code, start, end) in spans {
        let (from, to, words) = (map.convert(start), map.convert(end), &article.text[start..end]);
        result.push(json!({"id": id, "from_name": "label", "to_name": "text", "type": "labels",
                           "value": {"start": from, "end": to, "text": words, "labels": [kind]}}));
        if kind != "Issue" {
            result.push(json!({"id": id, "from_name": "code", "to_name": "text", "type": "textarea",
                               "value": {"start": from, "end": to, "text": [code]}}));
        }
    }
    for (from, to, labels) in relations {
        let labels: Vec<&str> = labels.split(' ').collect();
        result.push(json!({"from_id": from, "to_id": to, "type": "relation", "direction": "right", "labels": labels}));
    }
    json!({"id": 1, "data": about(article),
           "annotations": [{"id": 5, "completed_by": 1, "was_cancelled": false, "result": result}]})
}

fn as_doccano(article: &CorpusArticle) -> Value {
    let map = OffsetMap::new(&article.text, OffsetEncoding::CodePoint);
    let (spans, relations) = annotated(article);
    let number = |id: &str| usize::from(id.starts_with('t')) + 2 * id[1..].parse::<usize>().expect("a number");
    let mut line = about(article);
    line["entities"] = spans.iter().map(|(id, kind, code, start, end)| {
        let label = if *kind == "Issue" { (*kind).to_owned() } else { format!("{kind}:{code}") };
        json!({"id": number(id), "label": label, "start_offset": map.convert(*start), "end_offset": map.convert(*end)})
    }).collect();
    line["relations"] = relations.iter().map(|(from, to, labels)| {
        json!({"id": number(from), "from_id": number(from), "to_id": number(to), "type": labels})
    }).collect();
    line
}

fn about(article: &CorpusArticle) -> Value {
    json!({"id": article.id, "text": article.text, "title": article.title, "date": article.date, "topic": article.topic,
           "style": article.style, "issue": article.issue, "speaker": article.speaker})
}

/// The corpus with the stances whose evidence is one sentence as the splitter cuts it: nothing else can come back.
fn corpus() -> Vec<CorpusArticle> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/corpus");
    let mut articles = read_corpus(&folder).expect("the corpus");
    for article in &mut articles {
        let document = Document::new(&article.text);
        let is_sentence = |words: &str| document.sentences.iter().any(|s| &article.text[s.span.range()] == words);
        article.stances.retain(|stance| is_sentence(&stance.evidence));
    }
    articles
}

#[test]
fn the_corpus_comes_back_from_both_tools() {
    let articles = corpus();
    let stances: usize = articles.iter().map(|article| article.stances.len()).sum();
    assert!(stances > 8_000, "only {stances} stances have one sentence as evidence");
    for article in &articles {
        let exports = [
            ("Label Studio", Tool::LabelStudio, json!([as_label_studio(article, OffsetEncoding::CodePoint)])),
            ("older Label Studio", Tool::LabelStudio, json!([as_label_studio(article, OffsetEncoding::Utf16)])),
            ("doccano", Tool::Doccano, as_doccano(article)),
        ];
        for (name, tool, export) in exports {
            let imported = read(&export.to_string(), tool);
            assert!(imported.errors.is_empty(), "{name}, {}: {:?}", article.id, imported.errors);
            let again = &imported.articles[0];
            assert_eq!(sorted(&again.stances), sorted(&article.stances), "{name}, {}", article.id);
            assert_eq!((&again.id, &again.issue, &again.speaker), (&article.id, &article.issue, &article.speaker));
        }
    }
}

#[test]
fn characters_outside_the_basic_plane_shift_no_offset() {
    let mut article = corpus().into_iter().find(|article| article.stances.len() > 2).expect("an article with stances");
    article.text = format!("😀🙂 Smiles were seen.\n\n{}", article.text);
    for encoding in [OffsetEncoding::CodePoint, OffsetEncoding::Utf16] {
        let imported = read(&json!([as_label_studio(&article, encoding)]).to_string(), Tool::LabelStudio);
        assert_eq!(sorted(&imported.articles[0].stances), sorted(&article.stances), "{encoding:?}");
    }
    assert_eq!(
        sorted(&read(&as_doccano(&article).to_string(), Tool::Doccano).articles[0].stances),
        sorted(&article.stances)
    );
}

/// A Label Studio export of one task, with the value at a JSON pointer replaced, or removed by null.
fn changed(pointer: &str, value: Value) -> String {
    let text = "Kenya condemned Peru. Kenya and Peru met.";
    let span = |id: &str, label: &str, start: usize, end: usize| json!({"id": id, "type": "labels", "value": {"start": start, "end": end, "text": &text[start..end], "labels": [label]}});
    let relation =
        json!({"type": "relation", "from_id": "h", "to_id": "t", "direction": "right", "labels": ["opposed"]});
    let mut export = json!([{
        "id": 9, "data": {"text": text, "title": "T", "date": "2024-01-31"},
        "annotations": [{"was_cancelled": false, "result": [span("h", "Holder", 0, 5), span("t", "Target", 16, 20), relation]}]
    }]);
    if !pointer.is_empty() {
        *export.pointer_mut(pointer).expect("a field of the export") = value;
    }
    export.to_string()
}

#[test]
fn mistakes_name_task_field_and_what_is_allowed() {
    let result = |rest: &str| format!("/0/annotations/0/result/{rest}");
    let second = json!([{"completed_by": 1, "result": []}, {"completed_by": {"email": "b@x.example"}, "result": []}]);
    let table: [(&str, String, Value, &str); 22] = [
        ("fine", String::new(), json!(null), ""),
        ("no id", "/0/id".into(), json!(null), "task at position 1: id: is missing"),
        ("no data", "/0/data".into(), json!(null), "task 9: data: is missing"),
        ("no text", "/0/data/text".into(), json!(null), "task 9: data.text: is missing"),
        (
            "text of a wrong type",
            "/0/data/text".into(),
            json!(3),
            "task 9: data.text: is a number; a string is allowed",
        ),
        ("no title", "/0/data/title".into(), json!(" "), "task 9: data.title: is missing"),
        ("no date", "/0/data/date".into(), json!(null), "task 9: data.date: is missing; the day"),
        (
            "no day",
            "/0/data/date".into(),
            json!("31.1.2024"),
            "data.date: \"31.1.2024\" is no day; a day as YYYY-MM-DD",
        ),
        (
            "JSON-MIN",
            "/0/annotations".into(),
            json!(null),
            "task 9: annotations: is missing; Label Studio's export \"JSON\"",
        ),
        (
            "two annotators",
            "/0/annotations".into(),
            second,
            "annotations: 2 annotations that are not cancelled, by 1, b@x.example; exactly one",
        ),
        (
            "unknown label",
            result("0/value/labels"),
            json!(["Source"]),
            "result[0].value.labels: label \"Source\" is not known; Holder, Target and Issue",
        ),
        ("two labels", result("0/value/labels"), json!(["Holder", "Target"]), "label \"Holder and Target\""),
        ("past the end", result("1/value/end"), json!(99), "result[1].value: 16..99 is no stretch of a text of 41"),
        ("negative", result("1/value/start"), json!(-1), "result[1].value.start: is a number; a whole number"),
        ("white space at the edge", result("1/value/start"), json!(15), ""),
        (
            "another text",
            result("1/value/text"),
            json!("Chile"),
            "the offsets point at \"Peru\", but the span says \"Chile\"",
        ),
        ("unknown end", result("2/to_id"), json!("z"), "result[2]: \"z\" is the id of no span"),
        (
            "the wrong way",
            result("2/direction"),
            json!("left"),
            "goes from the Target \"Peru\" to the Holder \"Kenya\"",
        ),
        (
            "no direction of theirs",
            result("2/direction"),
            json!("up"),
            "direction \"up\" is not known; right, left and bi",
        ),
        (
            "no stance",
            result("2/labels"),
            json!(["acted"]),
            "result[2].labels: labels \"acted\" hold 0 stances; exactly one",
        ),
        (
            "unknown relation",
            result("2/labels"),
            json!(["against"]),
            "label \"against\" is not known; a relation takes",
        ),
        ("an id twice", result("1/id"), json!("h"), "the id \"h\" occurs twice"),
    ];
    for (name, pointer, value, says) in table {
        let imported = read(&changed(&pointer, value), Tool::LabelStudio);
        let told: Vec<String> = imported.errors.iter().map(ToString::to_string).collect();
        if says.is_empty() {
            assert!(told.is_empty(), "{name}: {told:?}");
        } else {
            assert!(told.len() == 1 && told[0].contains(says), "{name}: {says:?} is not in {told:?}");
            assert!(imported.articles.is_empty(), "{name}");
        }
    }
}

#[test]
fn a_span_is_resolved_or_refused() {
    let line = |text: &str, holder: &str, label: &str| {
        let start = text.find(holder).expect("the holder");
        let target = text.rfind("Peru").expect("the target");
        json!({"id": "a", "text": text, "title": "T", "date": "2024-01-31",
               "entities": [{"id": 1, "label": label, "start_offset": start, "end_offset": start + holder.len()},
                            {"id": 2, "label": "Target", "start_offset": target, "end_offset": target + 4}],
               "relations": [{"id": 1, "from_id": 1, "to_id": 2, "type": "opposed"}]})
        .to_string()
    };
    let table = [
        ("a name", "Kenya criticised Peru.", "Kenya", "Holder", Ok("KE")),
        ("words of a phrase", "The Kenyan foreign minister criticised Peru.", "foreign minister", "Holder", Ok("KE")),
        ("a code", "The visitor criticised Peru.", "The visitor", "Holder:KE", Ok("KE")),
        (
            "nobody",
            "The visitor criticised Peru.",
            "The visitor",
            "Holder",
            Err("the span \"The visitor\" names no party"),
        ),
        (
            "two",
            "Kenya and Ghana criticised Peru.",
            "Kenya and Ghana",
            "Holder",
            Err("names KE and GH; mark one party, or give its code"),
        ),
        (
            "no such code",
            "Kenya criticised Peru.",
            "Kenya",
            "Holder:QQ",
            Err("the code \"QQ\" of the span \"Kenya\" is in no party table"),
        ),
        (
            "itself",
            "Peru criticised Peru.",
            "Peru",
            "Holder",
            Err("are both PE; a party takes no position toward itself"),
        ),
    ];
    for (name, text, holder, label, want) in table {
        let imported = read(&line(text, holder, label), Tool::Doccano);
        match want {
            Ok(code) => assert_eq!(imported.articles[0].stances[0].holder, code, "{name}"),
            Err(says) => {
                let told = imported.errors.first().map(ToString::to_string).unwrap_or_default();
                assert!(told.starts_with("line 1: ") && told.contains(says), "{name}: {says:?} is not in {told:?}");
            }
        }
    }
}

#[test]
fn the_evidence_is_the_targets_sentence_and_occurs_once() {
    let line = |text: &str, target: usize| {
        json!({"id": "a", "text": text, "title": "T", "date": "2024-01-31",
               "entities": [{"id": 1, "label": "Holder:KE", "start_offset": 0, "end_offset": 3},
                            {"id": 2, "label": "Target", "start_offset": target, "end_offset": target + 4}],
               "relations": [{"id": 1, "from_id": 1, "to_id": 2, "type": "opposed"}]})
        .to_string()
    };
    let apart = "Kenya spoke. It condemned Peru. Nobody answered.";
    let imported = read(&line(apart, apart.find("Peru").expect("Peru")), Tool::Doccano);
    assert_eq!(imported.articles[0].stances[0].evidence, "It condemned Peru.");
    let twice = "Kenya spoke. It condemned Peru. Nobody answered. It condemned Peru. Rain fell.";
    let imported = read(&line(twice, twice.rfind("Peru").expect("Peru")), Tool::Doccano);
    assert_eq!(
        (imported.articles[0].stances[0].evidence.as_str(), imported.notes.widened_evidence),
        ("It condemned Peru. Rain fell.", 1)
    );
    let never = "It condemned Peru. It condemned Peru. It condemned Peru. It condemned Peru.";
    let told = read(&line(never, never.rfind("Peru").expect("Peru") - 19), Tool::Doccano).errors;
    assert!(told[0].to_string().contains("occurs more than once in the text"), "{told:?}");
}

fn run(args: &[&str]) -> Output {
    Command::new(assert_cmd::cargo::cargo_bin!("demarche")).args(args).output().expect("the binary runs")
}

#[test]
fn the_command_writes_a_corpus_that_passes_its_check() {
    for (tool, file, counts) in [
        ("label-studio", "label-studio.json", "articles: 2, stances: 4"),
        ("doccano", "doccano.jsonl", "articles: 1, stances: 4"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let output = folder.path().join("mine.jsonl");
        let (export, output) = (data(file), output.to_str().expect("a path"));
        let ran = run(&["corpus", "import", "--from", tool, export.to_str().expect("a path"), "--output", output]);
        let told = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert!(ran.status.success() && told.contains(counts) && told.contains("left out"), "{tool}: {told}");
        let checked = run(&["corpus", "check", folder.path().to_str().expect("a path")]);
        assert!(checked.status.success(), "{tool}: {}", String::from_utf8_lossy(&checked.stderr));
    }
}

#[test]
fn exit_codes_of_import() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).expect("a file");
        path.to_str().expect("a path").to_owned()
    };
    let bad = write("bad.json", &changed("/0/data/title", json!(null)));
    let none = write("none.json", "[]");
    let object = write("object.json", "{}");
    let cut = write("cut.json", "[{");
    let older = write("older.jsonl", r#"{"id": 1, "text": "Kenya left.", "label": [[0, 5, "Holder"]]}"#);
    let out = folder.path().join("out.jsonl").to_str().expect("a path").to_owned();
    let table: [(&str, &str, &str, &str, i32, &str); 9] = [
        ("a mistake", "label-studio", &bad, &out, 1, "bad.json: task 9: data.title: is missing"),
        ("no task", "label-studio", &none, &out, 1, "no annotated article"),
        ("no array", "label-studio", &object, &out, 1, "an array of tasks"),
        ("not JSON", "label-studio", &cut, &out, 1, "is not JSON"),
        ("older doccano", "doccano", &older, &out, 1, "line 1: label: holds spans without relations"),
        ("no such export", "doccano", "/no/such.jsonl", &out, 66, "/no/such.jsonl"),
        ("no such tool", "brat", &bad, &out, 2, "label-studio"),
        ("another ending", "doccano", &older, "out.json", 2, ".jsonl"),
        ("over itself", "doccano", &older, &older, 2, "overwrite"),
    ];
    for (name, tool, export, output, code, says) in table {
        let ran = run(&["corpus", "import", "--from", tool, export, "--output", output]);
        let told = String::from_utf8_lossy(&ran.stderr);
        assert_eq!(ran.status.code(), Some(code), "{name}: {told}");
        assert!(told.contains(says), "{name}: {says:?} is not in {told}");
        assert!(!Path::new(&out).exists(), "{name}: something was written");
    }
}
