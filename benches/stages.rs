//! Each stage of the pipeline on one core, beside what bounds it: a bare Aho-Corasick scan of the same texts for the same
//! names, and a pass of memchr. Then how the time grows with the text. Times are the processor's.
//!
//! `DEMARCHE_BENCH_ARTICLES=articles.jsonl cargo bench --bench stages`; `benches/stages.py` makes a table of what
//! criterion left.

mod articles;
mod clock;
mod forms;

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use aho_corasick::{AhoCorasick, MatchKind};
use articles::{Article, Set, sets};
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime};
use demarche::classify::{Classifier, Request, Stage};
use demarche::model::Model;
use demarche::party::Registry;

const STAGES: [Stage; 5] = [Stage::Text, Stage::Mentions, Stage::Candidates, Stage::Labels, Stage::Rows];
/// Lengths of the growing text, in bytes.
const LENGTHS: [usize; 4] = [1_000, 10_000, 100_000, 1_000_000];

fn classifier() -> Classifier {
    let registry = Registry::embedded().expect("the embedded parties");
    let model = Model::embedded().expect("the embedded model");
    Classifier::new(Arc::new(registry), Arc::new(model))
}

/// Reads the article; how long it was in `wanted`.
fn time_in(wanted: Stage, classifier: &Classifier, article: &Article) -> Duration {
    let mut spent = Duration::ZERO;
    let mut entered = None;
    let analysis = classifier.classify_watched(&article.request(), &|| false, &mut |stage| {
        let now = clock::now();
        spent += entered.take().map_or(Duration::ZERO, |since| now.saturating_sub(since));
        entered = (stage == wanted).then_some(now);
    });
    spent += entered.map_or(Duration::ZERO, |since| clock::now().saturating_sub(since));
    black_box(analysis);
    spent
}

fn stages(group: &mut BenchmarkGroup<'_, WallTime>, classifier: &Classifier, set: &Set) {
    for stage in STAGES {
        let once = || set.articles.iter().map(|article| time_in(stage, classifier, article)).sum::<Duration>();
        group.bench_function(stage.name(), |bencher| {
            bencher.iter_custom(|rounds| (0..rounds).map(|_| once()).sum());
        });
    }
    let read = |article: &Article| classifier.classify(&article.request()).rows.len();
    let all = || set.articles.iter().map(read).sum::<usize>();
    group.bench_function("whole", |bencher| bencher.iter_custom(|rounds| clock::rounds(rounds, all)));
}

fn limits(group: &mut BenchmarkGroup<'_, WallTime>, set: &Set) {
    let forms = forms::read();
    let names = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&forms).expect("an automaton");
    let count = |article: &Article| names.find_iter(&article.text).count();
    let all = || set.articles.iter().map(count).sum::<usize>();
    group.bench_function("aho-corasick", |bencher| bencher.iter_custom(|rounds| clock::rounds(rounds, all)));
    let stops = |article: &Article| memchr::memchr_iter(b'.', article.text.as_bytes()).count();
    let all = || set.articles.iter().map(stops).sum::<usize>();
    group.bench_function("memchr", |bencher| bencher.iter_custom(|rounds| clock::rounds(rounds, all)));
}

/// All texts one after the other, over again if need be, up to the longest of `LENGTHS`, cut into pieces of `length`.
fn pieces(articles: &[Article], length: usize) -> Vec<String> {
    let whole = LENGTHS[LENGTHS.len() - 1];
    let mut text = String::with_capacity(2 * whole);
    for article in articles.iter().cycle() {
        if text.len() >= whole {
            break;
        }
        text.push_str(&article.text);
        text.push_str("\n\n");
    }
    let cuts: Vec<usize> = (0..=whole).step_by(length).map(|at| text.floor_char_boundary(at)).collect();
    cuts.windows(2).map(|cut| text[cut[0]..cut[1]].to_owned()).collect()
}

/// The same text in pieces of each length: where time is linear, all take as long.
fn growth(criterion: &mut Criterion, classifier: &Classifier, set: &Set) {
    let mut group = criterion.benchmark_group(format!("growth, {}", set.name));
    group.sample_size(10).measurement_time(Duration::from_secs(2)).warm_up_time(Duration::from_millis(500));
    for length in LENGTHS {
        let pieces = pieces(&set.articles, length);
        group.throughput(Throughput::Bytes(pieces.iter().map(|piece| piece.len() as u64).sum()));
        let read = |text: &String| classifier.classify(&Request { text, ..Request::default() }).rows.len();
        let all = || pieces.iter().map(read).sum::<usize>();
        group.bench_function(length.to_string(), |bencher| bencher.iter_custom(|rounds| clock::rounds(rounds, all)));
    }
    group.finish();
}

fn measure(criterion: &mut Criterion) {
    let classifier = classifier();
    for set in sets() {
        let mut group = criterion.benchmark_group(format!("stages, {}", set.name));
        group.sample_size(10).measurement_time(Duration::from_secs(2)).warm_up_time(Duration::from_millis(500));
        group.throughput(Throughput::ElementsAndBytes { elements: set.articles.len() as u64, bytes: set.bytes() });
        stages(&mut group, &classifier, &set);
        limits(&mut group, &set);
        group.finish();
        growth(criterion, &classifier, &set);
    }
}

criterion_group!(benches, measure);
criterion_main!(benches);
