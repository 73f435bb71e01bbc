//! Precision against coverage: what a reader gets who asks for rows of a certain confidence only. Coverage is
//! recall, the share of the labelled rows that still come.

use serde::Serialize;

use super::counts::Tally;
use super::evaluation::Measurement;

/// What one threshold gives.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CurvePoint {
    /// Rows stand from this confidence on.
    pub threshold: f64,
    /// The rows that stand, and those that are missed.
    #[serde(flatten)]
    pub rows: Tally,
    /// Share of the rows that are right.
    pub precision: f64,
    /// Share of the labelled rows that are found.
    pub recall: f64,
}

/// Precision and recall as the threshold falls.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Curve {
    /// At every hundredth from the highest that any row reaches to the least that is looked at.
    pub points: Vec<CurvePoint>,
    /// At the model's own threshold.
    pub own: CurvePoint,
}

impl Curve {
    pub(super) fn of(measurement: &Measurement) -> Self {
        let mut rows: Vec<(f64, bool)> = measurement
            .articles
            .iter()
            .flat_map(|article| &article.found)
            .map(|row| (row.confidence, row.right))
            .collect();
        rows.sort_by(|a, b| b.0.total_cmp(&a.0));
        let labelled: usize = measurement.articles.iter().map(|article| article.labelled.len()).sum();
        let least = rows.last().map_or(1.0, |row| row.0);
        let thresholds = (0..=100u8).rev().map(|percent| f64::from(percent) / 100.0);
        let points = thresholds.map(|threshold| CurvePoint::at(threshold, &rows, labelled));
        // One point at or below the least row holds them all; the next ones would repeat it.
        let above = |point: &CurvePoint| point.threshold + 0.01 > least;
        Self {
            points: points.take_while(above).filter(|point| point.rows.right + point.rows.wrong > 0).collect(),
            own: CurvePoint::at(measurement.threshold, &rows, labelled),
        }
    }
}

impl CurvePoint {
    /// `rows` are (confidence, right or not), the most confident first.
    fn at(threshold: f64, rows: &[(f64, bool)], labelled: usize) -> Self {
        let standing = &rows[..rows.partition_point(|row| row.0 >= threshold)];
        let right = standing.iter().filter(|row| row.1).count();
        let rows = Tally { right, wrong: standing.len() - right, missed: labelled - right };
        Self { threshold, rows, precision: rows.precision(), recall: rows.recall() }
    }
}

#[cfg(test)]
mod tests {
    use super::super::rows::made_up::article;
    use super::*;

    #[test]
    fn a_row_more_at_each_step() {
        // Two articles, four labelled rows; by falling confidence: right, right, wrong, right.
        let articles = vec![article(2, &[(0, 0.95), (9, 0.60)]), article(2, &[(0, 0.80), (1, 0.405)])];
        let curve = Measurement { threshold: 0.5, articles }.curve();
        let at = |wanted: f64| {
            let point = curve.points.iter().find(|point| (point.threshold - wanted).abs() < 1e-9);
            point.map(|point| (point.rows.right, point.rows.wrong, point.rows.missed))
        };
        let table = [
            (0.96, None),
            (0.95, Some((1, 0, 3))),
            (0.80, Some((2, 0, 2))),
            (0.61, Some((2, 0, 2))),
            (0.60, Some((2, 1, 2))),
            (0.40, Some((3, 1, 1))),
            (0.39, None),
        ];
        for (threshold, counts) in table {
            assert_eq!(at(threshold), counts, "at {threshold}");
        }
        let own = curve.own;
        assert!((own.precision - 2.0 / 3.0).abs() < 1e-9 && (own.recall - 0.5).abs() < 1e-9, "{own:?}");
    }

    #[test]
    fn no_rows_no_points() {
        let curve = Measurement { threshold: 0.5, articles: vec![article(2, &[])] }.curve();
        assert!(curve.points.is_empty());
        assert_eq!(curve.own.rows, Tally { right: 0, wrong: 0, missed: 2 });
    }
}
