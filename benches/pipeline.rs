//! Throughput of the whole pipeline, text to rows, on one core: articles and bytes a second.
//!
//! The articles are some of the corpus; besides, those of a JSONL file named by `DEMARCHE_BENCH_ARTICLES`:
//! `DEMARCHE_BENCH_ARTICLES=articles.jsonl cargo bench --bench pipeline`.

mod articles;

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use articles::{Article, sets};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use demarche::classify::Classifier;
use demarche::model::Model;
use demarche::party::Registry;

fn read_all(classifier: &Classifier, articles: &[Article]) -> usize {
    articles.iter().map(|article| black_box(classifier.classify(&article.request())).rows.len()).sum()
}

fn pipeline(criterion: &mut Criterion) {
    let registry = Registry::embedded().expect("the embedded parties");
    let model = Model::embedded().expect("the embedded model");
    let classifier = Classifier::new(Arc::new(registry), Arc::new(model));
    let mut group = criterion.benchmark_group("pipeline");
    group.sample_size(10).measurement_time(Duration::from_secs(8));
    for set in sets() {
        group.throughput(Throughput::ElementsAndBytes { elements: set.articles.len() as u64, bytes: set.bytes() });
        group.bench_function(set.name, |bencher| bencher.iter(|| read_all(&classifier, &set.articles)));
    }
    group.finish();
}

criterion_group!(benches, pipeline);
criterion_main!(benches);
