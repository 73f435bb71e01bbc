//! What a threshold gives on candidates out of fold. `demarche train` chooses the model's thresholds by it: the
//! held-out articles are for measuring only.

use crate::model::{Example, Label, Prediction};

/// What a threshold gives on the candidates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OperatingPoint {
    /// A candidate stands if its likeliest stance has this probability.
    pub threshold: f64,
    /// Right candidates among those that stand.
    pub precision: f64,
    /// Right candidates among those labelled with a stance.
    pub recall: f64,
    /// Harmonic mean of both.
    pub f1: f64,
}

/// Thresholds looked at: every hundredth from 0.10 to 0.80.
const THRESHOLDS: usize = 71;

/// What every hundredth between 0.10 and 0.80 gives; `logits` are those of `examples`.
#[must_use]
pub fn operating_points(examples: &[Example], logits: &[[f64; 4]], temperature: f64) -> [OperatingPoint; THRESHOLDS] {
    let predictions = logits.iter().map(|logits| Prediction::of(logits.map(|logit| logit / temperature)).stance());
    let likeliest = examples.iter().zip(predictions);
    let likeliest: Vec<(f64, bool)> = likeliest
        .map(|(example, (stance, probability))| (probability, example.label == Label::Stance(stance)))
        .collect();
    let wanted = examples.iter().filter(|example| example.label != Label::None).count();
    std::array::from_fn(|step| OperatingPoint::at((10 + step) as f64 / 100.0, &likeliest, wanted))
}

impl OperatingPoint {
    /// `likeliest` are (probability, right or not).
    fn at(threshold: f64, likeliest: &[(f64, bool)], wanted: usize) -> Self {
        let standing = likeliest.iter().filter(|(probability, _)| *probability >= threshold);
        let (right, given) = standing
            .fold((0.0, 0.0), |(right, given), (_, is_right)| (right + f64::from(u8::from(*is_right)), given + 1.0));
        let wanted = wanted as f64;
        Self {
            threshold,
            precision: right / f64::max(given, 1.0),
            recall: right / f64::max(wanted, 1.0),
            f1: 2.0 * right / f64::max(given + wanted, 1.0),
        }
    }

    /// The least threshold whose precision is at least `precision`; the highest if none is.
    #[must_use]
    pub fn least_with(points: &[Self; THRESHOLDS], precision: f64) -> Self {
        *points.iter().find(|point| point.precision >= precision).unwrap_or(&points[THRESHOLDS - 1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stance::Stance;

    #[test]
    fn precision_and_recall_of_candidates() {
        let opposed = Label::Stance(Stance::Opposed);
        let table = [(0.7, opposed), (0.605, Label::None), (0.3, opposed), (0.05, opposed)];
        let examples = table.map(|(_, label)| Example { features: Vec::new(), label, article: 0 });
        // The probability of "opposed"; nearly all of the rest is "none".
        let logits = table.map(|(probability, _): (f64, _)| {
            [(0.998 - probability).ln(), 0.001_f64.ln(), 0.001_f64.ln(), probability.ln()]
        });
        let points = operating_points(&examples, &logits, 1.0);
        for (threshold, precision, recall) in
            [(0.10, 2.0 / 3.0, 2.0 / 3.0), (0.50, 0.5, 1.0 / 3.0), (0.65, 1.0, 1.0 / 3.0), (0.80, 0.0, 0.0)]
        {
            let point = points.iter().find(|point| (point.threshold - threshold).abs() < 1e-9).expect("a point");
            assert!((point.precision - precision).abs() < 1e-9 && (point.recall - recall).abs() < 1e-9, "{point:?}");
        }
        for (precision, threshold) in [(0.6, 0.10), (0.9, 0.61), (1.1, 0.80)] {
            let chosen = OperatingPoint::least_with(&points, precision).threshold;
            assert!((chosen - threshold).abs() < 1e-9, "{precision}: {chosen}");
        }
    }
}
