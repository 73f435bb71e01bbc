//! The tagger and parser as their user trains them: mistakes in a treebank, damaged files, the same bytes each time.

use demarche::syntax::SyntaxModel;
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
