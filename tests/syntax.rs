//! The tagger and parser as their user trains them: mistakes in a treebank, damaged files, the same bytes each time.

use demarche::syntax::{Analysis, Jackknife, SyntaxModel, measure, read_treebank};
use tempfile::TempDir;

const SENTENCE: &str = "1\t<party>\t_\t_\tNNP\t_\t2\tnsubj\t_\t_\n2\tspoke\t_\t_\tVBD\t_\t0\tROOT\t_\t_\n\n";

fn train(treebank: &str, dir: &TempDir, name: &str) -> assert_cmd::assert::Assert {
    let (input, output) = (dir.path().join("bank.conllu"), dir.path().join(name));
    std::fs::write(&input, treebank).expect("a treebank");
    let mut command = assert_cmd::Command::new(assert_cmd::cargo::cargo_bin!("demarche"));
    command.args(["syntax", "train", "--treebank"]).arg(&input).arg("--output").arg(&output);
    command.assert()
}

#[test]
fn mistakes_in_a_treebank_are_told_with_their_line() {
    let dir = tempfile::tempdir().expect("a folder");
    let cases = [
        ("columns", "1\tspoke\t_\n", "bank.conllu:1: 3 columns, 10 are expected"),
        ("tag", &SENTENCE.replace("VBD", "VERB"), "bank.conllu:2: XPOS \"VERB\""),
        ("relation", &SENTENCE.replace("nsubj", "subject"), "bank.conllu:1: DEPREL \"subject\""),
        ("head", &SENTENCE.replace("\t2\t", "\t7\t"), "bank.conllu:3: HEAD 7 in a sentence of 2 words"),
        ("no number", &SENTENCE.replace("\t2\t", "\ttwo\t"), "bank.conllu:1: HEAD \"two\" is no number"),
    ];
    for (name, treebank, want) in cases {
        let output = train(treebank, &dir, "out").failure().get_output().clone();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains(want), "{name}: {want:?} is not in {said:?}");
        assert!(!dir.path().join("out").exists(), "{name}: a file was written");
    }
}

#[test]
fn training_twice_gives_the_same_bytes() {
    let dir = tempfile::tempdir().expect("a folder");
    let treebank = SENTENCE.repeat(40);
    let files = ["first", "second"].map(|name| {
        train(&treebank, &dir, name).success();
        std::fs::read(dir.path().join(name)).expect("the trained file")
    });
    assert!(files[0] == files[1], "the two files differ");
    assert!(SyntaxModel::from_bytes(&files[0]).is_ok(), "what was written is not read");
}

#[test]
fn damaged_files_are_refused() {
    let file = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/models/syntax/syntax.safetensors.zst"));
    let packed = file.expect("the file");
    let whole = zstd::decode_all(&*packed).expect("what zstd packed");
    let is_read = |bytes: &[u8]| SyntaxModel::from_bytes(&zstd::encode_all(bytes, 1).expect("packed")).is_ok();
    assert!(is_read(&whole), "the built-in file");
    for length in [0, 7, 100, packed.len() / 2, packed.len() - 1] {
        assert!(SyntaxModel::from_bytes(&packed[..length]).is_err(), "packed, cut to {length} bytes");
    }
    for length in [0, 7, 100, whole.len() / 2, whole.len() - 1] {
        assert!(!is_read(&whole[..length]), "cut to {length} bytes");
    }
    let name = whole.windows(7).position(|name| name == b"\"moves\"").expect("the name of a table") + 1;
    let last = whole.len() - 1;
    for (place, byte, fault) in [(name, b'n', "a table that is missing"), (last, 127, "a weight that is too large")] {
        let mut altered = whole.clone();
        altered[place] = byte;
        assert!(!is_read(&altered), "{fault}");
    }
}

/// Sentences of an article, in each of which the party is `relation` to the verb.
fn article(name: &str, relation: &str, sentences: usize) -> String {
    let sentence = |number| format!("# sent_id = {name}.{number}\n{}", SENTENCE.replace("nsubj", relation));
    (0..sentences).map(sentence).collect()
}

#[test]
fn an_article_is_parsed_by_what_has_not_seen_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("bank.conllu");
    let plain: String = (0..4).map(|number| article(&format!("plain-{number}"), "nsubj", 5)).collect();
    std::fs::write(&file, article("odd-1", "dobj", 60) + &plain).expect("a treebank");
    let treebank = read_treebank(&file).expect("a treebank");
    let mut told = 0;
    let parsers = Jackknife::train(&treebank, || told += 1);
    assert_eq!(told, Jackknife::STEPS);
    let odd: Vec<Analysis> = treebank.iter().filter(|sentence| sentence.article == "odd-1").cloned().collect();
    assert_eq!(odd.len(), 60);
    for (reader, sees_it) in [("odd-1", false), ("plain-0", true), ("plain-2", true)] {
        let right = measure(parsers.parser_for(reader), &odd).relations;
        // Of the two words of a sentence the verb is the root either way.
        assert_eq!(right, if sees_it { 120 } else { 60 }, "the parser for {reader}");
    }
    assert!(std::ptr::eq(parsers.parser_for("elsewhere"), SyntaxModel::embedded()), "an article of no treebank");
}

#[test]
fn a_treebank_that_cannot_be_read_ends_the_training_of_a_model() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut command = assert_cmd::Command::new(assert_cmd::cargo::cargo_bin!("demarche"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(["train", "--treebank", "no/such.conllu", "--output"]);
    let output = command.arg(dir.path().join("model")).assert().failure().get_output().clone();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("no/such.conllu"), "{said:?}");
    assert!(!dir.path().join("model").exists(), "a model was written");
}
