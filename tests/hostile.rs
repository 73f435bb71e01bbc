//! Bad input: texts, lines, models, party tables and corpora as nobody should send them. Each gives an answer or
//! a typed error within a second, and no panic. What `tests/rpc.rs` and `tests/cli.rs` refuse by field is not
//! repeated here.

#[path = "support/pipeline.rs"]
mod pipeline;

use std::fmt::Write;
use std::path::Path;
use std::process::Output;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use assert_cmd::Command;
use demarche::proto::{Article, ClassifyRequest};
use demarche::server::{Error, answer};
use pipeline::classifier;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The longest that any answer may take to compute.
const SOON: Duration = Duration::from_secs(1);

/// Name, text, and whether it is answered; what is not answered is refused with a typed error.
fn texts() -> Vec<(&'static str, String, bool)> {
    let countries = ["China", "Russia", "Kenya", "Brazil", "France", "Japan", "Peru", "Norway", "Chad", "India"];
    let in_a_row = |glue: &str| countries.iter().cycle().take(10_000).copied().collect::<Vec<_>>().join(glue);
    let filled = |piece: &str, length: usize| piece.chars().cycle().take(length).collect::<String>();
    vec![
        ("empty", String::new(), false),
        ("only spaces", " \t\r\n\u{a0}\u{2003}".repeat(100), false),
        ("200,001 code points", filled("word ", 200_001), false),
        ("Chinese", "中国外交部发言人表示，中国反对美国的制裁。".repeat(20), false),
        ("Russian", "Министерство иностранных дел России осудило новые санкции. ".repeat(20), false),
        (
            "French",
            "La Chine a condamné mardi les sanctions américaines contre la Russie et ses alliés. ".repeat(20),
            false,
        ),
        ("200,000 code points", filled("China condemned the attack by Russia. ", 200_000), true),
        ("200,000 of four bytes", filled("😀 ", 200_000), true),
        ("10,000 countries in a row", in_a_row(" "), true),
        ("10,000 countries with commas", format!("{} condemned Israel.", in_a_row(", ")), true),
        ("10,000 countries with and", format!("Turkey supports {}.", in_a_row(" and ")), true),
        ("one sentence of 100,000 characters", format!("China condemned {}", filled("the attack of ", 100_000)), true),
        (
            "one sentence of names and cues",
            filled("China condemned Russia and supports Kenya against France, ", 199_900),
            true,
        ),
        ("one word", filled("China", 199_900), true),
        ("quotation marks", filled("\"", 199_900), true),
        ("open quotations", filled("“China condemned ", 199_900), true),
        ("nested brackets", filled("(China ", 199_900), true),
        ("line ends only between names", filled("China\nRussia\r\nKenya\r", 199_900), true),
        ("full stops", filled("U.S. ", 199_900), true),
        ("pronouns", format!("Sergei Lavrov spoke. {}", filled("He condemned it. ", 199_900)), true),
        ("they", filled("Chad and Niger met. They rejected the plan. ", 199_900), true),
        (
            "both sides",
            format!("China and Russia met. {}", filled("Both sides condemned the two countries. ", 199_900)),
            true,
        ),
        ("negations", format!("China did {}condemn Russia.", filled("not ", 199_900)), true),
        ("commas", filled("China, ", 199_900), true),
        (
            "HTML",
            "<div><p>China &amp; Russia <b>condemned</b>&nbsp;it.<br/></p></div><script>x()</script>".repeat(200),
            true,
        ),
        ("unclosed HTML", filled("<p China <a href=\"", 199_900), true),
        (
            "pronouns with cues",
            format!("Russia and Kenya met. {}", filled("He said it condemned them. ", 199_900)),
            true,
        ),
        (
            "ministries",
            format!("China spoke. {}", filled("The ministry said the minister backed the president. ", 199_900)),
            true,
        ),
        ("names of one letter", filled("A. B. C. ", 199_900), true),
        ("capitalised words", filled("Wang Li Bo ", 199_900), true),
        ("officials", filled("Sergei Lavrov condemned Joe Biden. ", 199_900), true),
        ("officials in one sentence", filled("Sergei Lavrov and Joe Biden, ", 199_900), true),
        ("blank lines", format!("China{}Russia", "\n".repeat(199_900)), true),
        ("spaces", format!("China{}Russia", " ".repeat(199_900)), true),
        ("cues", filled("condemned supports rejected ", 199_900), true),
        ("NUL bytes", "China\0condemned\0Russia\0.\0".repeat(2_000), true),
        ("combining marks", format!("China{} condemned Russia.", "\u{301}".repeat(50_000)), true),
        ("bidirectional overrides", "\u{202e}China condemned\u{202c} Russia. ".repeat(2_000), true),
        ("byte-order marks", "\u{feff}China\u{feff} condemned Russia. ".repeat(2_000), true),
        ("private use and noncharacters", "\u{e000}\u{ffff}\u{10ffff} China condemned Russia. ".repeat(2_000), true),
    ]
}

/// How long this thread has computed: what else the machine does is not the text's fault. Where the system does not
/// tell, the time that has passed.
fn computed() -> Duration {
    static BEGIN: LazyLock<Instant> = LazyLock::new(Instant::now);
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|told| told.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| BEGIN.elapsed(), Duration::from_nanos)
}

#[test]
fn texts_are_answered_or_refused_soon() {
    assert_ne!(classifier().registry().parties().len(), 0); // loading is not what is timed
    let mut slow = String::new();
    for (name, text, is_answered) in texts() {
        let article = Article { text, ..Article::default() };
        let request = ClassifyRequest { article: Some(article), explain: true, ..ClassifyRequest::default() };
        let before = computed();
        let answered = answer(classifier(), &request, &|| false);
        let took = computed().saturating_sub(before);
        assert!(!matches!(answered, Err(Error::Panicked { .. })), "{name}: a panic");
        assert_eq!(answered.is_ok(), is_answered, "{name}: {:?}", answered.err());
        if std::env::var_os("DEMARCHE_TEST_TIMES").is_some() {
            eprintln!("{took:>12.1?}  {name}");
        }
        if took > SOON {
            writeln!(slow, "{name}: {took:?}").expect("a string takes all");
        }
    }
    assert!(slow.is_empty(), "took too long:\n{slow}");
}

fn demarche(args: &[&str], stdin: &[u8]) -> Output {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("demarche"));
    command.args(args).write_stdin(stdin).output().expect("the binary runs")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The output ended with `code`, says `says`, and did not panic.
fn assert_refused(name: &str, output: &Output, code: i32, says: &str) {
    let told = stderr(output);
    assert_eq!(output.status.code(), Some(code), "{name}: {told}");
    assert!(told.contains(says), "{name}: {says:?} is not in {told}");
    assert!(!told.contains("panicked"), "{name}: {told}");
}

#[test]
fn bad_lines_are_answered_in_their_place() {
    let deep = |field: &str| format!(r#"{{"id":1,"text":"x","{field}":{}{}}}"#, "[".repeat(10_000), "]".repeat(10_000));
    let (ignored, title) = (deep("more"), deep("title"));
    let table: [(&str, &[u8], Option<&str>); 11] = [
        ("lone leading surrogate", br#"{"id":1,"text":"China \ud83d condemned Russia."}"#, Some("INVALID_JSON")),
        ("lone trailing surrogate", br#"{"id":1,"text":"China \udc00 condemned Russia."}"#, Some("INVALID_JSON")),
        ("surrogates the wrong way round", br#"{"id":1,"text":"China \udc00\ud83d."}"#, Some("INVALID_JSON")),
        ("escaped NUL", br#"{"id":1,"text":"China \u0000 condemned Russia."}"#, None),
        ("raw NUL", b"{\"id\":1,\"text\":\"China \0 condemned Russia.\"}", Some("INVALID_JSON")),
        ("not UTF-8", b"{\"id\":1,\"text\":\"China \xff\xfe\"}", Some("INVALID_JSON")),
        ("nested 10,000 deep where it is not read", ignored.as_bytes(), None),
        ("nested 10,000 deep where it is read", title.as_bytes(), Some("INVALID_JSON")),
        ("an array", br#"["id", "text"]"#, Some("INVALID_JSON")),
        ("cut off", br#"{"id":1,"text":"China cond"#, Some("INVALID_JSON")),
        ("numbers beyond measure", br#"{"id":1e999999,"text":"China"}"#, Some("INVALID_JSON")),
    ];
    let input: Vec<u8> = table.iter().flat_map(|(_, line, _)| [line, b"\n".as_slice()].concat()).collect();
    let output = demarche(&["classify", "--input", "-"], &input);
    let told = String::from_utf8(output.stdout.clone()).expect("output is UTF-8");
    assert_eq!(told.lines().count(), table.len(), "{told}");
    for ((name, _, reason), line) in table.iter().zip(told.lines()) {
        let answer: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{name}: {line}"));
        assert_eq!(answer["error"]["reason"].as_str(), *reason, "{name}: {answer}");
    }
    assert_refused("all lines", &output, 1, "9 of 11 lines failed");
}

const FILES: [&str; 3] = ["manifest.json", "features.txt", "weights.safetensors"];

/// How a good model folder is spoilt.
type Spoil = fn(&Path);

fn remove(folder: &Path, file: &str) {
    std::fs::remove_file(folder.join(file)).expect("a file");
}

/// Changes the bytes of a file.
fn change(folder: &Path, file: &str, change: impl FnOnce(&mut Vec<u8>)) {
    let path = folder.join(file);
    let mut content = std::fs::read(&path).expect("a file");
    change(&mut content);
    std::fs::write(&path, content).expect("a file");
}

/// Changes a field of the manifest.
fn set(folder: &Path, field: &str, value: Value) {
    change(folder, FILES[0], |content| {
        let mut manifest: Value = serde_json::from_slice(content).expect("a manifest");
        manifest[field] = value;
        *content = serde_json::to_vec(&manifest).expect("JSON");
    });
}

/// Changes the weights and tells the manifest the new hash, as one would who means harm.
fn forge(folder: &Path, how: impl FnOnce(&mut Vec<u8>)) {
    change(folder, FILES[2], how);
    let weights = std::fs::read(folder.join(FILES[2])).expect("the weights");
    let mut hash = String::new();
    for byte in Sha256::digest(&weights) {
        write!(hash, "{byte:02x}").expect("a string takes all");
    }
    set(folder, "weights_sha256", json!(hash));
}

fn last_number(weights: &mut [u8], number: f32) {
    let at = weights.len() - 4;
    weights[at..].copy_from_slice(&number.to_le_bytes());
}

#[test]
fn spoilt_models_are_refused_with_a_reason() {
    let table: [(&str, Spoil, &str); 20] = [
        ("no manifest", |dir| remove(dir, FILES[0]), "manifest.json"),
        ("no features", |dir| remove(dir, FILES[1]), "features.txt"),
        ("no weights", |dir| remove(dir, FILES[2]), "weights.safetensors"),
        ("an empty manifest", |dir| change(dir, FILES[0], Vec::clear), "manifest.json"),
        ("a truncated manifest", |dir| change(dir, FILES[0], |bytes| bytes.truncate(100)), "manifest.json"),
        ("a manifest in prose", |dir| change(dir, FILES[0], |bytes| *bytes = b"a model".to_vec()), "manifest.json"),
        ("an unknown field", |dir| set(dir, "surprise", json!(1)), "unknown field `surprise`"),
        ("another schema", |dir| set(dir, "schema", json!(99)), "schema 99"),
        ("other labels", |dir| set(dir, "labels", json!(["pro", "contra"])), "labels"),
        ("no feature", |dir| set(dir, "features", json!(0)), "0 features"),
        ("features beyond measure", |dir| set(dir, "features", json!(1_u64 << 40)), "features; 1 to"),
        ("fewer features", |dir| set(dir, "features", json!(7)), "the manifest says 7"),
        ("a threshold of 2", |dir| set(dir, "threshold", json!(2.0)), "thresholds 2 and"),
        ("truncated features", |dir| change(dir, FILES[1], |bytes| bytes.truncate(500)), "truncated or altered"),
        ("truncated weights", |dir| change(dir, FILES[2], |bytes| bytes.truncate(500)), "truncated or altered"),
        ("a wrong hash", |dir| set(dir, "weights_sha256", json!("00")), "the manifest says 00"),
        ("truncated weights, right hash", |dir| forge(dir, |bytes| bytes.truncate(500)), "weights.safetensors"),
        (
            "a header of 2^63 bytes",
            |dir| forge(dir, |bytes| bytes[..8].copy_from_slice(&(1_u64 << 63).to_le_bytes())),
            "weights",
        ),
        ("NaN", |dir| forge(dir, |bytes| last_number(bytes, f32::NAN)), "not finite"),
        ("infinity", |dir| forge(dir, |bytes| last_number(bytes, f32::INFINITY)), "not finite"),
    ];
    for (name, spoil, says) in table {
        let dir = tempfile::tempdir().expect("a folder");
        for file in FILES {
            let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/default").join(file);
            std::fs::copy(from, dir.path().join(file)).expect("a file of the default model");
        }
        spoil(dir.path());
        let model = dir.path().to_str().expect("a path");
        let started = Instant::now();
        for args in [&["serve", "--listen", "127.0.0.1:0", "--model", model][..], &["model", "show", "--model", model]]
        {
            assert_refused(name, &demarche(args, b"China condemned Russia."), 64, says);
        }
        assert!(started.elapsed() < 2 * SOON, "{name}: took {:?}", started.elapsed());
    }
}

#[test]
fn malformed_party_tables_are_refused_with_file_and_line() {
    const GOOD: &str = "[[country]]\ncode = \"XA\"\nname = \"Xanadu\"\n";
    let table: [(&str, &str, &str); 10] = [
        ("not TOML", "[[country]]\ncode = \"XB\nname = 1\n", "bad.toml:2: "),
        ("an unknown key", "[[country]]\ncode = \"XB\"\nname = \"B\"\ncapitol = \"x\"\n", "bad.toml:4: unknown field"),
        ("an unknown table", "[[planet]]\ncode = \"XB\"\n", "bad.toml:1: unknown field"),
        ("no name", "\n[[country]]\ncode = \"XB\"\n", "bad.toml:2: missing field `name`"),
        ("a number for a name", "[[country]]\ncode = \"XB\"\nname = 7\n", "bad.toml:3: invalid type"),
        ("a code twice", "[[country]]\ncode = \"XA\"\nname = \"B\"\n", "bad.toml:2: "),
        ("an unknown member", "[[bloc]]\ncode = \"XX_BLOC\"\nname = \"Bloc\"\nmembers = [\"QQ\"]\n", "bad.toml:4: "),
        (
            "an official of nobody",
            "[[official]]\nparty = \"QQ\"\nname = \"A B\"\nsurname = \"B\"\nterms = []\n",
            "bad.toml:2: ",
        ),
        (
            "no day",
            "[[official]]\nparty = \"XA\"\nname = \"A B\"\nsurname = \"B\"\nterms = [{office=\"x\", from=\"soon\"}]\n",
            "bad.toml:5: ",
        ),
        (
            "an impossible day",
            "[[official]]\nparty = \"XA\"\nname = \"A B\"\nsurname = \"B\"\nterms = [{office=\"x\", from=2001-02-30}]\n",
            "bad.toml:5: ",
        ),
    ];
    for (name, content, says) in table {
        let dir = tempfile::tempdir().expect("a folder");
        std::fs::write(dir.path().join("a.toml"), GOOD).expect("a file");
        std::fs::write(dir.path().join("bad.toml"), content).expect("a file");
        let parties = dir.path().to_str().expect("a path");
        assert_refused(name, &demarche(&["classify", "--parties", parties], b"Xanadu condemned Russia."), 64, says);
    }
}

/// A corpus line that is fine, with some fields in place of its own.
fn corpus_line(fields: &Value) -> String {
    let evidence = "Kenya condemned the attack by Russia.";
    let text = format!("{evidence} {}", "Nothing else was said on that day by anybody. ".repeat(5));
    let stance = json!({"holder": "KE", "target": "RU", "stance": "opposed", "voice": "stated", "modality": "asserted", "evidence": evidence});
    let mut line = json!({"id": "a-1", "synthetic": true, "topic": "t", "style": "agency", "date": "2024-01-31", "title": "T",
                          "phenomena": [], "text": text, "stances": [stance]});
    for (name, value) in fields.as_object().expect("fields") {
        match name.strip_prefix("stance_") {
            Some("label") => line["stances"][0]["stance"] = value.clone(),
            Some(inner) => line["stances"][0][inner] = value.clone(),
            None => line[name] = value.clone(),
        }
    }
    line.to_string()
}

#[test]
fn every_mistake_of_a_corpus_is_told_with_file_and_line() {
    let dir = tempfile::tempdir().expect("a folder");
    let table: Vec<(String, &str)> = vec![
        (corpus_line(&json!({})), ""),
        (corpus_line(&json!({})), "id \"a-1\" occurs twice"),
        ("not JSON".to_owned(), "not a JSON object"),
        (r#"{"id": "cut"#.to_owned(), "EOF"),
        (r#"{"id": "\ud83d"}"#.to_owned(), "column"),
        (corpus_line(&json!({"id": "b", "surprise": 1})), "unknown field `surprise`"),
        (corpus_line(&json!({"id": "c", "date": "2024-02-30"})), "c: date \"2024-02-30\""),
        (corpus_line(&json!({"id": "d", "topic": " "})), "d: topic is empty"),
        (corpus_line(&json!({"id": "e", "text": "Short."})), "e: 1 words"),
        (corpus_line(&json!({"id": "f", "speaker": "QQ"})), "f: speaker \"QQ\""),
        (corpus_line(&json!({"id": "g", "stance_holder": "QQ"})), "g: QQ > RU: holder"),
        (corpus_line(&json!({"id": "h", "stance_target": "issue"})), "h: KE > issue: target"),
        (corpus_line(&json!({"id": "i", "stance_target": "KE"})), "i: KE > KE: a party"),
        (corpus_line(&json!({"id": "j", "stance_evidence": "Kenya said so."})), "j: KE > RU: evidence occurs 0 times"),
        (corpus_line(&json!({"id": "k", "stance_evidence": "Nothing else"})), "k: KE > RU: evidence occurs 5 times"),
        (corpus_line(&json!({"id": "l", "stance_evidence": ""})), "l: KE > RU: evidence is empty"),
        (corpus_line(&json!({"id": "m", "stance_label": "hostile"})), "unknown variant `hostile`"),
    ];
    let lines: Vec<&str> = table.iter().map(|(line, _)| line.as_str()).collect();
    std::fs::write(dir.path().join("bad.jsonl"), lines.join("\n")).expect("a file");
    let corpus = dir.path().to_str().expect("a path");
    for args in [&["corpus", "check", corpus][..], &["evaluate", "--corpus", corpus]] {
        let output = demarche(args, b"");
        for (number, (_, says)) in table.iter().enumerate().filter(|(_, (_, says))| !says.is_empty()) {
            let place = format!("bad.jsonl:{}: ", number + 1);
            let told = stderr(&output);
            let found = told.lines().any(|line| line.contains(&place) && line.contains(says));
            assert!(found, "no line says {place:?} and {says:?}:\n{told}");
        }
        assert_refused("all mistakes", &output, 1, "mistakes in the corpus");
        assert!(!stderr(&output).contains("bad.jsonl:1:"), "line 1 is fine: {}", stderr(&output));
    }
    assert_refused("no folder", &demarche(&["corpus", "check", "/no/such/folder"], b""), 66, "/no/such/folder");
}

#[test]
fn a_corpus_without_mistakes_is_summed_up() {
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("good.jsonl"), corpus_line(&json!({}))).expect("a file");
    let corpus = dir.path().to_str().expect("a path");
    let output = demarche(&["corpus", "check", corpus], b"");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", stderr(&output));
    for part in ["1 articles", "6 sentences", "2 countries", "1 stances", "0 aligned, 0 neutral, 1 opposed"] {
        assert!(told.contains(part), "{part:?} is not in {told}");
    }
}
