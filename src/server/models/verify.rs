//! A loaded model tried on a sentence before anybody's article: does it classify at all?
//!
//! It also warms up: what the pipeline makes once, at first use, is made here.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::classify::{Analysis, Classifier, Request};
use crate::stance::Row;

/// Read by every model; what it makes of it is the model's affair, so long as the numbers are numbers.
const SENTENCE: &str = "China condemned the sanctions of the United States, and Beijing said it backs Russia.";
/// How far the scores of a row may be from 1.
const TOLERANCE: f64 = 1e-6;

/// Tries a classifier, or tells what is wrong with it.
pub(super) fn verify(classifier: &Classifier) -> Result<(), String> {
    // Every row, however unlikely: parties of one's own may know neither state, and then there is none.
    let request = Request {
        text: SENTENCE,
        min_confidence: Some(f64::MIN_POSITIVE),
        include_uncounted: true,
        explain: true,
        ..Request::default()
    };
    let analysis: Analysis = catch_unwind(AssertUnwindSafe(|| classifier.classify(&request)))
        .map_err(|_| "panicked; this is a bug".to_owned())?;
    analysis.rows.iter().try_for_each(check)
}

fn check(row: &Row) -> Result<(), String> {
    let sum: f64 = row.scores.iter().sum();
    let probabilities = row.scores.iter().chain([&row.confidence]);
    let logits = row.evidence.iter().map(|evidence| evidence.logit);
    if !probabilities.clone().all(|probability| (0.0..=1.0).contains(probability)) {
        return Err(format!("gave the probabilities {:?}", probabilities.collect::<Vec<_>>()));
    }
    if (sum - 1.0).abs() > TOLERANCE {
        return Err(format!("gave scores that sum to {sum}, not to 1"));
    }
    if !logits.clone().all(f64::is_finite) {
        return Err(format!("gave the logits {:?}", logits.collect::<Vec<_>>()));
    }
    Ok(())
}
