//! The solver on the corpus's matrix, for comparison with scikit-learn's on the same: `benches/peers/training.py` takes
//! the same file and prints the same figures.
//!
//! `cargo bench --bench training -- write matrix.svm`, then `cargo bench --bench training -- fit matrix.svm TIMES`,
//! where every row is taken `TIMES` times. The penalty grows with the rows, so that the same weights are best.

mod clock;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, bail};
use demarche::corpus::{CorpusArticle, Part, label_articles, read_corpus};
use demarche::features::Vocabulary;
use demarche::model::{FittedLogistic, SparseLogistic, SparseRows, TrainOptions};
use demarche::party::Registry;
use demarche::syntax::Jackknife;
use linfa::dataset::DatasetBase;
use linfa::traits::{Fit, PredictInplace};
use ndarray::Array1;
use serde_json::json;
use sprs::{CompressedStorage, CsMat, CsVec};

const CLASSES: usize = 4;
/// As `demarche train` has them.
const LOSS_TOLERANCE: f64 = 5e-5;
const MAX_ITERATIONS: u64 = 300;
const GRADIENT_TOLERANCE: f64 = 1e-3;

fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        // `cargo bench` of everything: the other benchmarks need nothing said.
        [] => {
            println!("training: skipped, nothing was asked for: write FILE, or fit FILE TIMES");
            Ok(())
        }
        ["write", file] => write(Path::new(file)),
        ["fit", file, times] => fit(Path::new(file), times.parse().context("TIMES")?),
        _ => bail!("usage: write FILE, or fit FILE TIMES"),
    }
}

/// Writes the candidates of the training part in the form of `SVMlight`: label, `qid:` article, columns from 0.
fn write(file: &Path) -> anyhow::Result<()> {
    let registry = Registry::embedded()?;
    let articles = read_corpus(&Path::new(env!("CARGO_MANIFEST_DIR")).join("data/corpus"))?;
    let kept: Vec<&CorpusArticle> = articles.iter().filter(|article| article.part() == Part::Train).collect();
    let began = Instant::now();
    let examples = label_articles(&kept, &registry, &Jackknife::default()).examples;
    let seconds = began.elapsed().as_secs_f64();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for name in examples.iter().flat_map(|example| &example.features) {
        *counts.entry(name).or_default() += 1;
    }
    let frequent = counts.into_iter().filter(|(_, count)| *count >= TrainOptions::default().min_count);
    let vocabulary = Vocabulary::new(frequent.map(|(name, _)| name.to_owned()).collect());
    let mut output = BufWriter::new(File::create(file)?);
    for example in &examples {
        write!(output, "{} qid:{}", example.label.index(), example.article)?;
        for (column, value) in vocabulary.vector(&example.features).0 {
            write!(output, " {column}:{value}")?;
        }
        writeln!(output)?;
    }
    output.flush()?;
    println!("{}", json!({ "articles": kept.len(), "candidates": examples.len(), "read_seconds": seconds }));
    Ok(())
}

/// The matrix, the labels and the articles of its rows.
struct Labelled {
    matrix: CsMat<f64>,
    labels: Vec<usize>,
    articles: Vec<usize>,
}

impl Labelled {
    fn read(file: &Path) -> anyhow::Result<Self> {
        let (mut rows, mut labels, mut articles) = (vec![], vec![], vec![]);
        for line in BufReader::new(File::open(file).with_context(|| file.display().to_string())?).lines() {
            let line = line?;
            let mut words = line.split(' ');
            labels.push(words.next().context("no label")?.parse()?);
            articles.push(words.next().and_then(|word| word.strip_prefix("qid:")).context("no qid")?.parse()?);
            let cells = words.map(|word| {
                let (column, value) = word.split_once(':').context("no value")?;
                Ok((column.parse()?, value.parse()?))
            });
            rows.push(cells.collect::<anyhow::Result<Vec<(usize, f64)>>>()?);
        }
        let columns = rows.iter().flatten().map(|(column, _)| column + 1).max().unwrap_or(0);
        let mut matrix = CsMat::empty(CompressedStorage::CSR, columns);
        for (indices, values) in rows.into_iter().map(|row| row.into_iter().unzip()) {
            matrix = matrix.append_outer_csvec(CsVec::new(columns, indices, values).view());
        }
        Ok(Self { matrix, labels, articles })
    }

    /// Those rows whose article is wanted, each so many times.
    fn rows(&self, times: usize, wanted: impl Fn(usize) -> bool) -> DatasetBase<SparseRows, Array1<usize>> {
        let mut matrix = CsMat::empty(CompressedStorage::CSR, self.matrix.cols());
        let mut labels = vec![];
        for _ in 0..times {
            let rows = self.matrix.outer_iterator().zip(&self.labels).zip(&self.articles);
            for ((row, &label), _) in rows.filter(|(_, article)| wanted(**article)) {
                matrix = matrix.append_outer_csvec(row);
                labels.push(label);
            }
        }
        DatasetBase::new(SparseRows(matrix), Array1::from(labels))
    }
}

fn solver(rows: usize, times: usize) -> SparseLogistic {
    SparseLogistic {
        alpha: TrainOptions::default().alpha * times as f64,
        max_iterations: MAX_ITERATIONS,
        gradient_tolerance: GRADIENT_TOLERANCE,
        loss_tolerance: LOSS_TOLERANCE * rows as f64,
    }
}

/// Fits, and of the rows taken once also cross-validates.
fn fit(file: &Path, times: usize) -> anyhow::Result<()> {
    let labelled = Labelled::read(file)?;
    let data = labelled.rows(times, |_| true);
    let solver = solver(data.targets.len(), times);
    let (began, used) = (Instant::now(), clock::now());
    let fitted = solver.fit(&data)?;
    let (seconds, used) = (began.elapsed().as_secs_f64(), clock::now().saturating_sub(used).as_secs_f64());
    let figures = json!({
        "who": "demarche",
        "times": times,
        "rows": data.targets.len(),
        "columns": labelled.matrix.cols(),
        "nonzeros": data.records.0.nnz(),
        "seconds": seconds,
        "cpu_seconds": used,
        "loss_a_row": loss(&fitted, &data, solver.alpha) / data.targets.len() as f64,
        "macro_f1": (times == 1).then(|| cross_validated(&labelled)).transpose()?,
        "peak_mb": peak_mb(),
    });
    println!("{figures}");
    Ok(())
}

/// What the solver minimises: log-likelihood and penalty.
fn loss(fitted: &FittedLogistic, data: &DatasetBase<SparseRows, Array1<usize>>, alpha: f64) -> f64 {
    let mut loss = 0.5 * alpha * fitted.weights.iter().map(|weight| weight * weight).sum::<f64>();
    for (row, &label) in data.records.0.outer_iterator().zip(&data.targets) {
        let mut logits = fitted.intercepts.clone();
        for (column, &value) in row.iter() {
            logits.scaled_add(value, &fitted.weights.row(column));
        }
        loss += logits.mapv(f64::exp).sum().ln() - logits[label];
    }
    loss
}

/// Mean F1 of the four labels, each row labelled by a model that never saw its article.
fn cross_validated(labelled: &Labelled) -> anyhow::Result<f64> {
    let folds = TrainOptions::default().folds;
    let mut counts = [[0_usize; CLASSES]; CLASSES];
    for fold in 0..folds {
        let known = labelled.rows(1, |article| article % folds != fold);
        let fitted = solver(known.targets.len(), 1).fit(&known)?;
        let others = labelled.rows(1, |article| article % folds == fold);
        let mut given = fitted.default_target(&others.records);
        fitted.predict_inplace(&others.records, &mut given);
        for (&label, given) in others.targets.iter().zip(given) {
            counts[label][given] += 1;
        }
    }
    let f1 = |class: usize| {
        let labelled: usize = counts[class].iter().sum();
        let given: usize = counts.iter().map(|row| row[class]).sum();
        2.0 * counts[class][class] as f64 / (labelled + given).max(1) as f64
    };
    Ok((0..CLASSES).map(f1).sum::<f64>() / CLASSES as f64)
}

/// Most memory that was resident, where Linux tells it.
fn peak_mb() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse::<f64>().ok().map(|kilobytes| kilobytes / 1e3)
}
