//! The square that two of the pictures share: two figures from 0 to 1, with grid, ticks and named axes.

use super::svg::{Anchor, FAINT, GREY, INK, Point, Svg};

const WIDTH: u32 = 520;
const HEIGHT: u32 = 560;
/// Upper left corner of the square.
const CORNER: Point = (72.0, 92.0);
/// Side of the square.
const SIDE: f64 = 410.0;
/// Ticks an axis, without 0.
const TICKS: u8 = 5;
/// Sizes of letters.
pub(super) const TITLE: u32 = 17;
pub(super) const CAPTION: u32 = 13;
pub(super) const SMALL: u32 = 12;

/// A square with axes.
pub(super) struct Plot {
    pub(super) svg: Svg,
}

impl Plot {
    /// A square without anything in it.
    pub(super) fn new(title: &str, across: &str, up: &str) -> Self {
        let mut plot = Self { svg: Svg::new(title, WIDTH, HEIGHT) };
        plot.svg.bold((CORNER.0, 28.0), TITLE, title);
        for tick in 0..=TICKS {
            let value = f64::from(tick) / f64::from(TICKS);
            plot.svg.line(&[Self::at(value, 0.0), Self::at(value, 1.0)], FAINT, 1.0, "");
            plot.svg.line(&[Self::at(0.0, value), Self::at(1.0, value)], FAINT, 1.0, "");
            let (x, y) = (Self::at(value, 0.0), Self::at(0.0, value));
            plot.svg.text((x.0, x.1 + 18.0), Anchor::Middle, SMALL, INK, &format!("{value:.1}"));
            plot.svg.text((y.0 - 8.0, y.1 + 4.0), Anchor::End, SMALL, INK, &format!("{value:.1}"));
        }
        let middle = Self::at(0.5, 0.5);
        plot.svg.text((middle.0, CORNER.1 + SIDE + 42.0), Anchor::Middle, CAPTION, INK, across);
        plot.svg.upward((24.0, middle.1), CAPTION, up);
        plot
    }

    /// Where two figures stand in the picture.
    pub(super) fn at(across: f64, up: f64) -> Point {
        (CORNER.0 + across * SIDE, CORNER.1 + (1.0 - up) * SIDE)
    }

    /// Length of a share of the axes.
    pub(super) fn length(share: f64) -> f64 {
        share * SIDE
    }

    /// The line under the title; `mark` is the colour of a dot before it.
    pub(super) fn caption(&mut self, text: &str, mark: Option<&str>) {
        let (left, base) = (CORNER.0, 50.0);
        if let Some(colour) = mark {
            self.svg.dot((left + 6.0, base - 4.0), 5.0, colour);
        }
        let left = if mark.is_some() { left + 18.0 } else { left };
        self.svg.text((left, base), Anchor::Start, CAPTION, INK, text);
    }

    /// A small text above the square, over `across`.
    pub(super) fn over(&mut self, across: f64, anchor: Anchor, text: &str) {
        let (x, y) = Self::at(across, 1.0);
        self.svg.text((x, y - 8.0), anchor, SMALL, GREY, text);
    }
}
