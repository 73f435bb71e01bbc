//! Throughput of the whole pipeline, text to rows, on one core: articles and bytes a second.
//!
//! The articles are the corpus's; besides, those of a JSONL file named by `DEMARCHE_BENCH_ARTICLES`:
//! `DEMARCHE_BENCH_ARTICLES=articles.jsonl cargo bench`.

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime};
use demarche::classify::{Classifier, Request};
use demarche::corpus::read_corpus;
use demarche::model::Model;
use demarche::party::Registry;
use serde::Deserialize;

/// Most articles of a file: enough for a figure, few enough for many rounds.
const MOST: usize = 500;

/// What a line of either kind of file has.
#[derive(Deserialize)]
struct Article {
    text: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    date: String,
}

fn invented() -> Vec<Article> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/corpus");
    let articles = read_corpus(&folder).expect("the corpus");
    articles
        .into_iter()
        .map(|article| Article { text: article.text, title: article.title, date: article.date })
        .collect()
}

fn from_file(path: &str) -> Vec<Article> {
    let content = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let lines = content.lines().filter(|line| !line.trim().is_empty()).take(MOST);
    lines.map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{path}: {error}: {line}"))).collect()
}

fn read_all(classifier: &Classifier, articles: &[Article]) -> usize {
    let rows = articles.iter().map(|article| {
        let date = article.date.parse().ok();
        let request = Request { title: &article.title, text: &article.text, date, ..Request::default() };
        black_box(classifier.classify(&request)).rows.len()
    });
    rows.sum()
}

fn measure(group: &mut BenchmarkGroup<'_, WallTime>, classifier: &Classifier, name: &str, articles: &[Article]) {
    let bytes = articles.iter().map(|article| article.text.len() as u64).sum();
    group.throughput(Throughput::ElementsAndBytes { elements: articles.len() as u64, bytes });
    group.bench_function(name, |bencher| bencher.iter(|| read_all(classifier, articles)));
}

fn pipeline(criterion: &mut Criterion) {
    let registry = Registry::embedded().expect("the embedded parties");
    let model = Model::embedded().expect("the embedded model");
    let classifier = Classifier::new(Arc::new(registry), Arc::new(model));
    let mut group = criterion.benchmark_group("pipeline");
    group.sample_size(10).measurement_time(Duration::from_secs(8));
    measure(&mut group, &classifier, "invented articles", &invented());
    if let Ok(path) = std::env::var("DEMARCHE_BENCH_ARTICLES") {
        measure(&mut group, &classifier, "named file", &from_file(&path));
    }
    group.finish();
}

criterion_group!(benches, pipeline);
criterion_main!(benches);
