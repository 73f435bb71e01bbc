//! Many articles as lines and as Parquet: the same answers in each form, refusals, and a run that is killed and goes on.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type};
use arrow_array::{Array, ArrayRef, Date32Array, Int64Array, RecordBatch, StringArray};
use assert_cmd::Command;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Value, json};

/// Days from 1970 to 2023-08-08.
const DAY: i32 = 19_577;

fn demarche(arguments: &[&Path]) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("demarche"));
    command.arg("classify").args(arguments);
    command
}

/// Exit code and standard error.
fn run(input: &Path, output: &Path, more: &[&str]) -> (Option<i32>, String) {
    let mut command = demarche(&["--input".as_ref(), input, "--output".as_ref(), output]);
    let output = command.args(more).output().expect("the binary runs");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// A short article of its own for every number, some of which nobody can answer.
fn text(number: i64) -> String {
    let verbs = ["condemned", "welcomed", "discussed", "“rejected”", "backed"];
    match number % 50 {
        7 => String::new(),
        _ => {
            format!(
                "Naïve observers said: China {} the plan of Iran in article {number}.",
                verbs[number.unsigned_abs() as usize % verbs.len()]
            )
        }
    }
}

fn lines(folder: &Path, count: i64) -> PathBuf {
    let line =
        |number| json!({"id": number, "text": text(number), "date": "2023-08-08", "issue": "the plan"}).to_string();
    let path = folder.join("articles.jsonl");
    std::fs::write(&path, (0..count).map(line).collect::<Vec<_>>().join("\n")).expect("a file");
    path
}

/// The articles of [`lines`], and a column of their own.
fn table(numbers: std::ops::Range<i64>) -> RecordBatch {
    let columns: [(&str, ArrayRef); 5] = [
        ("id", Arc::new(numbers.clone().collect::<Int64Array>())),
        ("text", Arc::new(numbers.clone().map(|number| Some(text(number))).collect::<StringArray>())),
        ("date", Arc::new(Date32Array::from(vec![DAY; numbers.clone().count()]))),
        ("issue", Arc::new(StringArray::from(vec!["the plan"; numbers.clone().count()]))),
        ("source", Arc::new(numbers.map(|number| (number % 3 > 0).then_some("wire")).collect::<StringArray>())),
    ];
    RecordBatch::try_from_iter(columns).expect("columns of one length")
}

fn write_parquet(path: &Path, table: &RecordBatch) {
    let mut writer = ArrowWriter::try_new(File::create(path).expect("a file"), table.schema(), None).expect("a writer");
    writer.write(table).expect("it is written");
    writer.close().expect("it is closed");
}

fn parquet(folder: &Path, count: i64) -> PathBuf {
    let path = folder.join("articles.parquet");
    write_parquet(&path, &table(0..count));
    path
}

/// The files of a folder, or the file itself, with their bytes.
fn files(path: &Path) -> Vec<(String, Vec<u8>)> {
    if path.is_file() {
        return vec![(String::new(), std::fs::read(path).expect("a file"))];
    }
    let entries = std::fs::read_dir(path).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut files: Vec<_> = entries
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).expect("a file")))
        .collect();
    files.sort();
    files
}

fn rows(folder: &Path) -> Vec<RecordBatch> {
    let parts = files(folder).into_iter().map(|(name, _)| name).filter(|name| name.starts_with("part-"));
    let read = |name: String| ParquetRecordBatchReaderBuilder::try_new(File::open(folder.join(name)).expect("a part"));
    parts
        .flat_map(|name| read(name).expect("Parquet").build().expect("a reader"))
        .map(|rows| rows.expect("rows"))
        .collect()
}

#[test]
fn answers_are_the_same_in_every_form() {
    let folder = tempfile::tempdir().expect("a folder");
    let (count, path) = (600, folder.path());
    let several = path.join("several");
    std::fs::create_dir(&several).expect("a folder");
    write_parquet(&several.join("a.parquet"), &table(0..100));
    write_parquet(&several.join("b.parquet"), &table(100..count));
    std::fs::write(several.join("_SUCCESS"), "").expect("a file");
    let inputs = [lines(path, count), parquet(path, count), several];
    let outputs: Vec<_> = (0..inputs.len()).map(|at| path.join(format!("{at}.jsonl"))).collect();
    for (input, output) in inputs.iter().zip(&outputs) {
        let (code, told) = run(input, output, &[]);
        assert_eq!(code, Some(1), "{told}");
        assert!(told.contains("12 of 600 lines failed"), "{told}");
        assert_eq!(files(output), files(&outputs[0]), "{}", input.display());
        let columns = output.with_extension("parquet");
        assert_eq!(run(input, &columns, &[]).0, Some(1));
        let own = if input.extension().is_some_and(|extension| extension == "jsonl") { 7 } else { 5 };
        check_columns(&rows(&columns), own, &outputs[0]);
    }
}

/// The answers in columns against those in lines.
fn check_columns(rows: &[RecordBatch], own: usize, lines: &Path) {
    let lines = std::fs::read_to_string(lines).expect("lines");
    let answers: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(rows.iter().map(RecordBatch::num_rows).sum::<usize>(), answers.len());
    let mut answers = answers.iter();
    for batch in rows {
        let columns = batch.schema().fields().iter().map(|field| field.name().clone()).collect::<Vec<_>>();
        assert_eq!(&columns[own..], ["stances", "recognised_issue", "model", "error"]);
        let (stances, error) = (batch.column(own).as_list::<i32>(), batch.column(own + 3).as_struct());
        let texts = batch.column_by_name("text").expect("the articles' own").as_string::<i32>();
        for row in 0..batch.num_rows() {
            let answer = answers.next().expect("an answer a row");
            let reason = error.column(1).as_string::<i32>();
            let reason = error.is_valid(row).then(|| reason.value(row));
            assert_eq!(reason, answer["error"]["reason"].as_str(), "{answer}");
            assert_eq!(stances.is_null(row), reason.is_some(), "{answer}");
            if reason.is_none() {
                check_stances(texts.value(row), &stances.value(row), answer);
            }
        }
    }
}

fn check_stances(text: &str, stances: &ArrayRef, answer: &Value) {
    let stances = stances.as_struct();
    let column = |name: &str| stances.column_by_name(name).expect("a column");
    let told = answer["countries"].as_array().into_iter().flatten();
    let told: Vec<&Value> = told.flat_map(|country| country["stances"].as_array().expect("rows")).collect();
    assert_eq!(stances.len(), told.len(), "{answer}");
    for (at, row) in told.into_iter().enumerate() {
        let confidence = column("confidence").as_primitive::<Float64Type>().value(at);
        assert!((confidence - row["confidence"].as_f64().expect("a number")).abs() < 1e-9, "{answer}");
        let stance = column("stance").as_string::<i32>().value(at);
        assert_eq!(Some(format!("STANCE_{}", stance.to_uppercase()).as_str()), row["stance"].as_str());
        let sentence = column("sentence").as_string::<i32>().value(at);
        let offset = |name| usize::try_from(column(name).as_primitive::<Int32Type>().value(at)).expect("an offset");
        let (start, end) = (offset("start"), offset("end"));
        assert_eq!(text.chars().skip(start).take(end - start).collect::<String>(), sentence);
        assert_eq!(Some(sentence), row["evidence"][0]["text"].as_str());
    }
}

#[test]
fn columns_of_the_articles_pass_through() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = folder.path().join("out.parquet");
    run(&parquet(folder.path(), 300), &output, &[]);
    let wanted = table(0..300);
    let mut first = 0;
    for rows in rows(&output) {
        let wanted = wanted.slice(first, rows.num_rows());
        for (at, name) in ["id", "text", "date", "issue", "source"].into_iter().enumerate() {
            assert_eq!(rows.column(at), wanted.column_by_name(name).expect("a column"), "{name}");
        }
        first += rows.num_rows();
    }
    assert_eq!(first, 300);
    assert!(output.join("_SUCCESS").is_file());
}

#[test]
fn refusals_say_what_is_wrong() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let of = |name: &str, columns: Vec<(&str, ArrayRef)>| {
        write_parquet(&path(name), &RecordBatch::try_from_iter(columns).expect("columns"));
    };
    let numbers: ArrayRef = Arc::new(Int64Array::from(vec![1, 2]));
    let words: ArrayRef = Arc::new(StringArray::from(vec!["a", "b"]));
    of("no-text.parquet", vec![("id", numbers.clone()), ("body", words.clone())]);
    of("numbers.parquet", vec![("text", numbers.clone())]);
    of("taken.parquet", vec![("text", words.clone()), ("error", words.clone())]);
    std::fs::write(path("damaged.parquet"), [b'x'; 100]).expect("a file");
    std::fs::create_dir(path("empty")).expect("a folder");
    std::fs::create_dir(path("mixed")).expect("a folder");
    write_parquet(&path("mixed/a.parquet"), &table(0..3));
    of("mixed/b.parquet", vec![("text", words)]);
    std::fs::create_dir(path("there.parquet")).expect("a folder");
    std::fs::write(path("there.parquet/x"), "").expect("a file");
    std::fs::write(path("other.jsonl"), "{\"id\":\"other\"}\n{\"id\":\"cut").expect("a file");
    std::fs::write(path("more.jsonl"), "{\"id\":0}\n".repeat(9)).expect("a file");
    std::fs::write(path("notes.jsonl"), "not ours\n").expect("a file");
    let good = parquet(folder.path(), 3);
    let good = good.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
    let table: [(&str, &str, &[&str], i32, &str); 11] = [
        ("no-text.parquet", "out.jsonl", &[], 66, "no column \"text\"; there are id, body"),
        ("numbers.parquet", "out.jsonl", &[], 66, "column \"text\" is Int64 and must be a string"),
        ("taken.parquet", "out.parquet", &[], 1, "a column \"error\" already"),
        ("damaged.parquet", "out.jsonl", &[], 66, "Invalid Parquet file"),
        ("empty", "out.jsonl", &[], 66, "no file *.parquet"),
        ("mixed", "out.jsonl", &[], 66, "b.parquet: has other columns"),
        (&good, "there.parquet", &[], 1, "is there already"),
        (&good, "-", &["--resume"], 2, "--resume goes on with a file"),
        (&good, "other.jsonl", &["--resume"], 66, "article 1 has the id 0, its answer \"other\""),
        (&good, "more.jsonl", &["--resume"], 66, "6 more than there are articles"),
        (&good, "notes.jsonl", &["--resume"], 1, "line 1 is none of an earlier run's"),
    ];
    for (input, output, more, code, told) in table {
        let output = if output == "-" { PathBuf::from("-") } else { path(output) };
        let ran = run(&path(input), &output, more);
        assert_eq!(ran.0, Some(code), "{input}: {}", ran.1);
        assert!(ran.1.contains(told), "{input}: {}", ran.1);
    }
    for (name, content) in [("notes.jsonl", "not ours\n"), ("other.jsonl", "{\"id\":\"other\"}\n{\"id\":\"cut")] {
        assert_eq!(std::fs::read_to_string(path(name)).expect("a file"), content, "{name} is left alone");
    }
}

/// Bytes of the output so far.
fn written(output: &Path) -> u64 {
    if output.is_dir() {
        files(output).iter().map(|(_, bytes)| bytes.len() as u64).sum()
    } else {
        output.metadata().map_or(0, |file| file.len())
    }
}

/// Kills a run once its output has so many bytes; tells whether it was still running.
fn kill_at(input: &Path, output: &Path, bytes: u64) -> bool {
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin!("demarche"))
        .args(["classify".as_ref(), "--input".as_ref(), input.as_os_str(), "--output".as_ref(), output.as_os_str()])
        .arg("--resume")
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary runs");
    let begun = Instant::now();
    while written(output) < bytes && begun.elapsed() < Duration::from_mins(1) {
        if child.try_wait().expect("a child").is_some() {
            return false;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().expect("a child");
    child.wait().expect("a child");
    true
}

#[test]
fn a_killed_run_goes_on_to_the_same_bytes() {
    let folder = tempfile::tempdir().expect("a folder");
    let (count, path) = (25_000, folder.path());
    let (lines, parquet) = (lines(path, count), parquet(path, count));
    for (name, input, whole) in [
        ("lines to lines", &lines, "whole.jsonl"),
        ("lines to Parquet", &lines, "whole-a.parquet"),
        ("Parquet to Parquet", &parquet, "whole-b.parquet"),
        ("Parquet to lines", &parquet, "whole-c.jsonl"),
    ] {
        let (whole, pieces) = (path.join(whole), path.join(format!("pieces-{whole}")));
        run(input, &whole, &[]);
        let all = written(&whole);
        let killed = [all / 10, all / 3, all * 4 / 5].map(|bytes| kill_at(input, &pieces, bytes));
        assert!(killed[0], "{name}: it was over before it was killed");
        let (code, told) = run(input, &pieces, &["--resume"]);
        assert_eq!((code, told.contains("500 of 25000 lines failed")), (Some(1), true), "{name}: {told}");
        assert!(files(&pieces) == files(&whole), "{name}: other bytes than of a run that nobody killed");
    }
}

#[test]
fn ids_keep_their_type() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = folder.path().join("out.jsonl");
    run(&parquet(folder.path(), 3), &output, &[]);
    let lines = std::fs::read_to_string(&output).expect("lines");
    let ids: Vec<Value> =
        lines.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON")["id"].clone()).collect();
    assert_eq!(ids, [0, 1, 2]);
}
