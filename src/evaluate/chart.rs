//! The three pictures of an evaluation.

use crate::stance::Stance;

use super::calibration::CalibrationBins;
use super::curve::{Curve, CurvePoint};
use super::plot::{CAPTION, Plot, SMALL, TITLE};
use super::svg::{Anchor, BLUE, GREY, INK, PALE, RUST, Svg};

/// Least distance in pixels between two thresholds named on the curve.
const APART: f64 = 36.0;
/// Thresholds with less coverage are not named: the curve jumps there, for want of rows.
const LEAST_COVERAGE: f64 = 0.05;
/// A darker cell has light letters.
const DARK: f64 = 0.8;

/// Reliability: how many rows of a confidence are right. Bars on the diagonal are well calibrated.
pub(super) fn reliability(bins: &CalibrationBins) -> String {
    let mut plot = Plot::new("Reliability of the confidence", "confidence", "share of rows that are right");
    let (rows, error) = (bins.rows(), bins.error());
    plot.caption(&format!("{rows} rows, however unlikely; expected calibration error {error:.3}"), None);
    plot.over(-0.02, Anchor::End, "rows");
    let width = 1.0 / bins.bins().len() as f64;
    for (index, bin) in bins.bins().iter().enumerate() {
        let left = index as f64 * width;
        plot.over(left + width / 2.0, Anchor::Middle, &bin.rows.to_string());
        let (x, y) = Plot::at(left, bin.accuracy());
        plot.svg.rect((x + 2.0, y), (Plot::length(width) - 4.0, Plot::length(bin.accuracy())), PALE);
    }
    plot.svg.line(&[Plot::at(0.0, 0.0), Plot::at(1.0, 1.0)], GREY, 1.5, "6 4");
    for bin in bins.bins().iter().filter(|bin| bin.rows > 0) {
        plot.svg.dot(Plot::at(bin.confidence(), bin.accuracy()), 4.0, BLUE);
    }
    plot.svg.finish()
}

/// Precision against recall as the threshold falls, with some thresholds named and the model's own marked.
pub(super) fn precision_coverage(curve: &Curve) -> String {
    let mut plot =
        Plot::new("Precision against coverage", "coverage: share of the labelled rows found (recall)", "precision");
    let CurvePoint { threshold, precision, recall, .. } = curve.own;
    let own = format!("the model's own threshold {threshold:.2}: precision {precision:.3}, recall {recall:.3}");
    plot.caption(&own, Some(RUST));
    plot.over(0.0, Anchor::Start, "numbers at the curve: least confidence of a row");
    let place = |point: &CurvePoint| Plot::at(point.recall, point.precision);
    let line: Vec<_> = curve.points.iter().map(place).collect();
    plot.svg.line(&line, BLUE, 2.0, "");
    let mut named = vec![place(&curve.own)];
    for point in curve.points.iter().filter(|point| is_named(point)) {
        let at = place(point);
        if named.iter().all(|other| f64::hypot(other.0 - at.0, other.1 - at.1) > APART) {
            plot.svg.dot(at, 3.0, BLUE);
            plot.svg.text((at.0 + 8.0, at.1 + 4.0), Anchor::Start, SMALL, INK, &format!("{:.1}", point.threshold));
            named.push(at);
        }
    }
    plot.svg.dot(place(&curve.own), 5.0, RUST);
    plot.svg.finish()
}

fn is_named(point: &CurvePoint) -> bool {
    let tenths = point.threshold * 10.0;
    (tenths - tenths.round()).abs() < 1e-6 && point.recall >= LEAST_COVERAGE
}

/// Side of a cell of the confusion matrix.
const CELL: f64 = 116.0;
/// Upper left corner of its first cell.
const FIRST: (f64, f64) = (112.0, 116.0);

/// The labels given against the labels of the corpus, where the pair was found.
pub(super) fn confusion(confusion: &[[usize; 3]; 3], macro_f1: f64) -> String {
    let title = "Labels where the pair was found";
    let mut svg = Svg::new(title, 500, 500);
    svg.bold((FIRST.0, 28.0), TITLE, title);
    let caption = format!("macro-F1 {macro_f1:.3}; shares are of the column");
    svg.text((FIRST.0, 50.0), Anchor::Start, CAPTION, INK, &caption);
    let centre = FIRST.0 + 1.5 * CELL;
    svg.text((centre, 80.0), Anchor::Middle, CAPTION, INK, "label in the corpus");
    svg.upward((24.0, FIRST.1 + 1.5 * CELL), CAPTION, "label given by the model");
    for stance in Stance::ALL {
        let middle = (stance.index() as f64 + 0.5) * CELL;
        svg.text((FIRST.0 + middle, FIRST.1 - 10.0), Anchor::Middle, SMALL, INK, stance.name());
        svg.text((FIRST.0 - 10.0, FIRST.1 + middle + 4.0), Anchor::End, SMALL, INK, stance.name());
        for labelled in Stance::ALL {
            let whole: usize = confusion.iter().map(|row| row[labelled.index()]).sum();
            cell(&mut svg, (stance, labelled), confusion[stance.index()][labelled.index()], whole);
        }
    }
    svg.finish()
}

/// One cell: the darker, the more of its column's `whole` it holds.
fn cell(svg: &mut Svg, (given, labelled): (Stance, Stance), count: usize, whole: usize) {
    let share = count as f64 / whole.max(1) as f64;
    let corner = (FIRST.0 + labelled.index() as f64 * CELL, FIRST.1 + given.index() as f64 * CELL);
    let colour = if share > DARK { "#ffffff" } else { INK };
    let middle = (corner.0 + CELL / 2.0, corner.1 + CELL / 2.0);
    svg.rect((corner.0 + 1.0, corner.1 + 1.0), (CELL - 2.0, CELL - 2.0), &shade(share));
    svg.text(middle, Anchor::Middle, 20, colour, &count.to_string());
    svg.text((middle.0, middle.1 + 22.0), Anchor::Middle, SMALL, colour, &format!("{:.1}%", 100.0 * share));
}

/// From nearly white to blue.
fn shade(share: f64) -> String {
    let [red, green, blue] = [(238.0, 43.0), (243.0, 108.0), (250.0, 176.0)].map(|(light, dark)| {
        let mixed: f64 = light + (dark - light) * share;
        mixed.round()
    });
    format!("rgb({red},{green},{blue})")
}

#[cfg(test)]
mod tests {
    use super::super::counts::Tally;
    use super::*;

    #[test]
    fn a_bar_and_a_dot_stand_where_the_bin_is() {
        let mut bins = CalibrationBins::default();
        for right in [true, false] {
            bins.add(0.75, right);
        }
        let svg = reliability(&bins);
        // Confidence 0.75 and accuracy 0.5 in a square of 410 at (72, 92).
        for part in ["cx=\"379.5\" cy=\"297.0\"", "height=\"205.0\"", "calibration error 0.250", "2 rows"] {
            assert!(svg.contains(part), "{part} is not in {svg}");
        }
        assert_eq!(svg.matches("<circle").count(), 1, "no dot for an empty bin");
    }

    #[test]
    fn the_own_threshold_is_marked_and_crowded_names_are_left_out() {
        let point = |threshold, precision, recall| CurvePoint { threshold, rows: Tally::default(), precision, recall };
        let points = vec![
            point(0.9, 1.0, 0.1),
            point(0.8, 0.99, 0.11),
            point(0.7, 0.5, 0.04),
            point(0.55, 0.8, 0.5),
            point(0.3, 0.6, 0.7),
        ];
        let svg = precision_coverage(&Curve { points, own: point(0.37, 0.7, 0.6) });
        assert!(svg.contains("own threshold 0.37: precision 0.700, recall 0.600"), "{svg}");
        for (name, times) in [(">0.9<", 1), (">0.8<", 2), (">0.7<", 0), (">0.3<", 1), (">0.5<", 0), (">0.55<", 0)] {
            assert_eq!(
                svg.matches(name).count(),
                times,
                "{name}: 0.8 is a tick of both axes, and too near to 0.9 on the curve"
            );
        }
    }

    #[test]
    fn cells_hold_counts_and_shares_of_their_column() {
        let svg = confusion(&[[9, 0, 1], [0, 0, 0], [3, 0, 4]], 0.5);
        for part in [">9<", ">75.0%<", ">25.0%<", ">80.0%<", "macro-F1 0.500"] {
            assert!(svg.contains(part), "{part} is not in {svg}");
        }
        assert_eq!((shade(0.0), shade(1.0)), ("rgb(238,243,250)".to_owned(), "rgb(43,108,176)".to_owned()));
    }
}
