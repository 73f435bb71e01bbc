//! SVG by hand: the four elements that the pictures need. plotters was looked at and left out: without its fonts it
//! guesses the size of texts, a confusion matrix is no chart of its, and three small pictures are no shorter with it.
//!
//! Every style is an attribute, no style sheet: several pictures can stand in one page without touching each other.

/// Where a text stands against its point.
#[derive(Debug, Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// A place in the picture, in pixels from its upper left corner.
pub(super) type Point = (f64, f64);

/// Colours, on a light background.
pub(super) const INK: &str = "#222222";
pub(super) const FAINT: &str = "#dddddd";
pub(super) const GREY: &str = "#777777";
pub(super) const BLUE: &str = "#2b6cb0";
pub(super) const PALE: &str = "#bcd6f0";
pub(super) const RUST: &str = "#c2410c";

/// A picture under way.
#[derive(Debug)]
pub(super) struct Svg {
    elements: Vec<String>,
}

impl Svg {
    pub(super) fn new(title: &str, width: u32, height: u32) -> Self {
        let head = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
             height=\"{height}\" role=\"img\" font-family=\"Helvetica, Arial, 'DejaVu Sans', sans-serif\">\n\
             <title>{}</title>\n<rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>",
            escape(title)
        );
        Self { elements: vec![head] }
    }

    pub(super) fn rect(&mut self, (x, y): Point, (width, height): (f64, f64), fill: &str) {
        self.elements.push(format!(
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" fill=\"{fill}\"/>"
        ));
    }

    /// A line through `points`; `dash` is empty for a solid one.
    pub(super) fn line(&mut self, points: &[Point], colour: &str, width: f64, dash: &str) {
        let points: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let dash = if dash.is_empty() { String::new() } else { format!(" stroke-dasharray=\"{dash}\"") };
        self.elements.push(format!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\"{dash}/>",
            points.join(" ")
        ));
    }

    pub(super) fn dot(&mut self, (x, y): Point, radius: f64, fill: &str) {
        self.elements.push(format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius}\" fill=\"{fill}\"/>"));
    }

    pub(super) fn text(&mut self, at: Point, anchor: Anchor, size: u32, colour: &str, text: &str) {
        self.elements.push(words(at, anchor, size, colour, "", text));
    }

    pub(super) fn bold(&mut self, at: Point, size: u32, text: &str) {
        self.elements.push(words(at, Anchor::Start, size, INK, " font-weight=\"bold\"", text));
    }

    /// A text that reads upwards, its middle at `(x, y)`.
    pub(super) fn upward(&mut self, (x, y): Point, size: u32, text: &str) {
        let turned = format!(" transform=\"rotate(-90 {x:.1} {y:.1})\"");
        self.elements.push(words((x, y), Anchor::Middle, size, INK, &turned, text));
    }

    pub(super) fn finish(mut self) -> String {
        self.elements.push("</svg>\n".to_owned());
        self.elements.join("\n")
    }
}

fn words((x, y): Point, anchor: Anchor, size: u32, colour: &str, more: &str, text: &str) -> String {
    let anchor = match anchor {
        Anchor::Start => "start",
        Anchor::Middle => "middle",
        Anchor::End => "end",
    };
    format!(
        "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" font-size=\"{size}\" fill=\"{colour}\"{more}>{}</text>",
        escape(text)
    )
}

/// `text` as it must stand in XML and HTML, in an element or between double quotes.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_escaped_and_closed() {
        let mut svg = Svg::new("a < b & \"c\"", 100, 50);
        svg.line(&[(0.0, 0.04), (1.0, 2.0)], BLUE, 1.5, "4 3");
        svg.text((1.0, 2.0), Anchor::End, 12, INK, "1 > 0");
        let text = svg.finish();
        for part in [
            "<title>a &lt; b &amp; &quot;c&quot;</title>",
            "points=\"0.0,0.0 1.0,2.0\"",
            "stroke-dasharray=\"4 3\"",
            "text-anchor=\"end\"",
            ">1 &gt; 0</text>\n</svg>",
        ] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
    }
}
