//! Calibration: one temperature for all labels (Guo et al., "On Calibration of Modern Neural
//! Networks", ICML 2017). How well it does is measured in `evaluate`.

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overconfident_logits_are_cooled() {
        let logits = vec![[4.0, 0.0, 0.0, 0.0]; 10];
        let labels: Vec<usize> = (0..10).map(|n| usize::from(n >= 6)).collect();
        assert!(fit_temperature(&logits, &labels) > 1.5);
    }
}
