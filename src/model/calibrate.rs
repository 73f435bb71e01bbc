//! Calibration: one temperature for all labels (Guo et al., "On Calibration of Modern Neural
//! Networks", ICML 2017), and the expected calibration error.

use super::predict::softmax;

/// The temperature that makes `logits` most likely for `labels` (columns), by golden-section search in 0.2 to 5.
#[must_use]
pub fn fit_temperature(logits: &[[f64; 4]], labels: &[usize]) -> f64 {
    let loss = |temperature: f64| -> f64 {
        let losses = logits
            .iter()
            .zip(labels)
            .map(|(logits, &label)| -softmax(&logits.map(|logit| logit / temperature))[label].max(1e-12).ln());
        losses.sum()
    };
    let golden = (5.0_f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (0.2_f64, 5.0_f64);
    for _ in 0..60 {
        let (left, right) = (high - golden * (high - low), low + golden * (high - low));
        if loss(left) < loss(right) { high = right } else { low = left }
    }
    f64::midpoint(low, high)
}

/// Expected calibration error over ten equal bins of confidence: the mean distance between
/// confidence and accuracy, weighted by the bins' sizes. Pairs of (confidence, right or not).
#[must_use]
pub fn expected_calibration_error(predictions: &[(f64, bool)]) -> f64 {
    let mut bins = [(0.0, 0.0, 0usize); 10];
    for &(confidence, right) in predictions {
        let bin = (1..=9).take_while(|&edge| confidence * 10.0 >= f64::from(edge)).count();
        let bin = &mut bins[bin];
        bin.0 += confidence;
        bin.1 += f64::from(u8::from(right));
        bin.2 += 1;
    }
    let distance: f64 = bins.iter().map(|&(confidence, right, _)| (confidence - right).abs()).sum();
    distance / predictions.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_is_zero_when_confidence_is_right() {
        let predictions: Vec<(f64, bool)> = (0..100).map(|n| (0.75, n % 4 != 0)).collect();
        assert!(expected_calibration_error(&predictions) < 1e-9);
        assert!((expected_calibration_error(&[(1.0, false)]) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn overconfident_logits_are_cooled() {
        let logits = vec![[4.0, 0.0, 0.0, 0.0]; 10];
        let labels: Vec<usize> = (0..10).map(|n| usize::from(n >= 6)).collect();
        assert!(fit_temperature(&logits, &labels) > 1.5);
    }
}
