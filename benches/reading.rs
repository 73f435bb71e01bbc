//! Reads the first articles of a file so many times: `benches/instructions` counts what that takes.

#[path = "articles/mod.rs"]
mod articles;

use std::path::Path;
use std::sync::Arc;

use articles::Article;
use demarche::classify::Classifier;
use demarche::model::Model;
use demarche::party::Registry;

/// Articles that are read.
const ARTICLES: usize = 40;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (file, rounds) = match args.as_slice() {
        [file, rounds] => (file, rounds.parse::<usize>().expect("ROUNDS: a number")),
        _ => panic!("usage: reading FILE ROUNDS"),
    };
    let articles = articles::from_file(Path::new(file));
    let articles = articles.get(..ARTICLES).expect("as many articles");
    let registry = Registry::embedded().expect("the embedded parties");
    let model = Model::embedded().expect("the embedded model");
    let classifier = Classifier::new(Arc::new(registry), Arc::new(model));
    let rows = |article: &Article| classifier.classify(&article.request()).rows.len();
    let found: usize = (0..rounds).flat_map(|_| articles).map(rows).sum();
    println!("{ARTICLES} articles, {rounds} times: {found} rows");
}
