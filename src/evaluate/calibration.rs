//! How far a confidence can be trusted: rows by ten equal bins of confidence, and the expected calibration error.

use std::ops::AddAssign;

use serde::Serialize;

/// Number of bins, all equally wide.
const BINS: usize = 10;

/// The rows of one bin.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Bin {
    /// Rows.
    pub rows: usize,
    /// Those that are right.
    pub right: usize,
    /// Sum of their confidences.
    pub confidence_sum: f64,
}

impl Bin {
    /// Mean confidence, 0 to 1; 0 without rows.
    #[must_use]
    pub fn confidence(&self) -> f64 {
        self.confidence_sum / self.rows.max(1) as f64
    }

    /// Share that is right, 0 to 1; 0 without rows.
    #[must_use]
    pub fn accuracy(&self) -> f64 {
        self.right as f64 / self.rows.max(1) as f64
    }
}

/// Rows by confidence: bin `n` holds those from `n / 10`, the last one those of 1 too.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct CalibrationBins([Bin; BINS]);

impl CalibrationBins {
    /// The bins, from the least confidence on.
    #[must_use]
    pub fn bins(&self) -> &[Bin] {
        &self.0
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.0.iter().map(|bin| bin.rows).sum()
    }

    /// Counts one row.
    pub fn add(&mut self, confidence: f64, right: bool) {
        let bin = (1..BINS).take_while(|&edge| confidence * BINS as f64 >= edge as f64).count();
        let bin = &mut self.0[bin];
        bin.rows += 1;
        bin.right += usize::from(right);
        bin.confidence_sum += confidence;
    }

    /// Expected calibration error: the mean distance between confidence and accuracy, weighted by the bins' sizes.
    #[must_use]
    pub fn error(&self) -> f64 {
        let distance: f64 = self.0.iter().map(|bin| (bin.confidence_sum - bin.right as f64).abs()).sum();
        distance / self.rows().max(1) as f64
    }
}

impl AddAssign<&Self> for CalibrationBins {
    fn add_assign(&mut self, more: &Self) {
        for (bin, more) in self.0.iter_mut().zip(&more.0) {
            bin.rows += more.rows;
            bin.right += more.right;
            bin.confidence_sum += more.confidence_sum;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bins(rows: impl IntoIterator<Item = (f64, bool)>) -> CalibrationBins {
        let mut bins = CalibrationBins::default();
        for (confidence, right) in rows {
            bins.add(confidence, right);
        }
        bins
    }

    #[test]
    fn error_is_zero_when_confidence_is_right() {
        assert!(bins((0..100).map(|n| (0.75, n % 4 != 0))).error() < 1e-9);
        assert!((bins([(1.0, false)]).error() - 1.0).abs() < 1e-9);
        assert!(bins([]).error() < 1e-9, "no rows, no error");
    }

    #[test]
    fn error_weighs_bins_by_their_rows() {
        // Three rows at 0.95, all right: 0.05 off. One row at 0.35, wrong: 0.35 off.
        let bins = bins([(0.95, true), (0.95, true), (0.95, true), (0.35, false)]);
        assert!((bins.error() - (3.0 * 0.05 + 0.35) / 4.0).abs() < 1e-9, "{}", bins.error());
        assert_eq!((bins.bins()[3].rows, bins.bins()[9].rows, bins.rows()), (1, 3, 4));
    }

    #[test]
    fn an_edge_belongs_to_the_bin_above() {
        for (confidence, bin) in [(0.0, 0), (0.0999, 0), (0.1, 1), (0.5, 5), (0.9, 9), (1.0, 9)] {
            assert_eq!(bins([(confidence, true)]).bins()[bin].rows, 1, "{confidence}");
        }
    }

    #[test]
    fn a_sum_of_bins_is_the_bins_of_all() {
        let mut sum = bins([(0.3, true), (0.8, false)]);
        sum += &bins([(0.35, false)]);
        let all = bins([(0.3, true), (0.8, false), (0.35, false)]);
        assert!((sum.error() - all.error()).abs() < 1e-9 && sum.bins()[3].rows == 2);
    }
}
