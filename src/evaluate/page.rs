//! The page of a report: tables and pictures in one file that asks for nothing else, so that it can be mailed. It is
//! HTML and well-formed XML at once, so that a test can read it.

use super::compare::{ComparedFigure, Comparison};
use super::counts::Tally;
use super::report::{Baseline, Report};
use super::svg::escape;

const STYLE: &str = "\
body { font: 15px/1.5 Helvetica, Arial, 'DejaVu Sans', sans-serif; color: #222; background: #fff; \
max-width: 1100px; margin: 2em auto; padding: 0 1em; }
table { border-collapse: collapse; margin: 0.5em 0 1.5em; }
th, td { padding: 0.2em 0.8em; border-bottom: 1px solid #ddd; text-align: right; }
th:first-child, td:first-child { text-align: left; }
.pictures { display: flex; flex-wrap: wrap; gap: 1em; }
.worse { color: #c2410c; font-weight: bold; }
.better { color: #2f6b2f; }";

/// The page; `pictures` are SVG documents.
pub(super) fn page(report: &Report, pictures: [&str; 3]) -> String {
    let heading = format!("Model {} {}", escape(&report.model.name), escape(&report.model.version));
    let evaluation = &report.evaluation;
    let phenomena = evaluation.by_phenomenon.iter().map(|(name, tally)| (name.as_str(), tally));
    let parts = [
        format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n<title>{heading}</title>\n\
             <style>\n{STYLE}\n</style>\n</head>\n<body>\n<h1>{heading}</h1>"
        ),
        format!(
            "<p>On {} ({}), threshold {:.2}. A row is right if its holder, its target and its stance are the labelled \
             ones.</p>",
            escape(&report.articles),
            evaluation.articles,
            report.model.threshold
        ),
        format!("<div class=\"pictures\">\n{}</div>", pictures.concat()),
        report.baseline.as_ref().map(compared).unwrap_or_default(),
        section("Rows by stance", &tallies("Stance", evaluation.rows_by_stance())),
        section("Over all rows", &single_figures(report)),
        section("Rows of the articles in which a phenomenon occurs", &tallies("Phenomenon", phenomena)),
        "</body>\n</html>\n".to_owned(),
    ];
    parts.join("\n")
}

fn section(title: &str, content: &str) -> String {
    format!("<h2>{}</h2>\n{content}", escape(title))
}

fn single_figures(report: &Report) -> String {
    let evaluation = &report.evaluation;
    let figures = [
        ("Macro-F1 of labels where the pair was found", evaluation.label_macro_f1),
        ("Expected calibration error", evaluation.calibration_error),
        ("Rows an article without any stance", evaluation.false_rows_on_empty),
    ];
    table(&["Figure", ""], figures.map(|(name, figure)| row("", &[name.to_owned(), format!("{figure:.3}")])))
}

fn tallies<'a>(what: &str, rows: impl IntoIterator<Item = (&'a str, &'a Tally)>) -> String {
    let rows = rows.into_iter().map(|(name, tally)| {
        let counts = [tally.right, tally.wrong, tally.missed].map(|count| count.to_string());
        let figures = [tally.precision(), tally.recall(), tally.f1()].map(|figure| format!("{figure:.3}"));
        row("", &[&[name.to_owned()][..], &counts, &figures].concat())
    });
    table(&[what, "Right", "Wrong", "Missed", "Precision", "Recall", "F1"], rows)
}

fn compared(Baseline { model, comparison, .. }: &Baseline) -> String {
    let title = format!("Beside model {} {}, threshold {:.2}", model.name, model.version, model.threshold);
    let tables = [("Figure", &comparison.figures), ("F1 where the phenomenon occurs", &comparison.by_phenomenon)];
    let tables = tables.map(|(what, figures)| {
        let header = [what, "Baseline", "Model", "Difference", "Margin", ""];
        table(&header, figures.iter().map(compared_row))
    });
    section(&title, &format!("<p>{}</p>\n{}", escape(Comparison::MARGIN), tables.join("\n")))
}

fn compared_row(figure: &ComparedFigure) -> String {
    row(figure.verdict.name(), &figure.cells())
}

fn table(header: &[&str], rows: impl IntoIterator<Item = String>) -> String {
    let rows: String = rows.into_iter().collect();
    format!("<table>\n<tr>{}</tr>\n{rows}</table>", cells("th", header))
}

fn row(class: &str, texts: &[String]) -> String {
    let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
    format!("<tr{class}>{}</tr>\n", cells("td", texts))
}

fn cells(tag: &str, texts: &[impl AsRef<str>]) -> String {
    let cells: Vec<String> = texts.iter().map(|text| format!("<{tag}>{}</{tag}>", escape(text.as_ref()))).collect();
    cells.concat()
}
