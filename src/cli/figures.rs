//! The tables of `demarche evaluate`.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use demarche::evaluate::{Baseline, ComparedFigure, Comparison, Evaluation, Report, Tally};
use demarche::stance::Stance;

/// The figures of a model, for reading.
pub(super) fn report(report: &Report) -> String {
    let (model, evaluation) = (&report.model, &report.evaluation);
    let phenomena = evaluation.by_phenomenon.iter().map(|(name, tally)| (name.as_str(), tally));
    let parts = [
        format!(
            "Model {} {} on {} ({}), threshold {:.2}",
            model.name, model.version, report.articles, evaluation.articles, model.threshold
        ),
        format!("\nRows by stance\n{}", tallies("Stance", evaluation.rows_by_stance())),
        format!(
            "\nWhere the pair was found: stance given (row) by stance labelled (column)\n{}",
            confusion(evaluation)
        ),
        format!("Macro-F1 of these labels            {:.3}", evaluation.label_macro_f1),
        format!("Expected calibration error          {:.3}", evaluation.calibration_error),
        format!("Rows an article without any stance  {:.3}", evaluation.false_rows_on_empty),
        format!("\nRows of the articles in which a phenomenon occurs\n{}", tallies("Phenomenon", phenomena)),
    ];
    parts.into_iter().chain(report.baseline.as_ref().map(beside)).collect::<Vec<_>>().join("\n")
}

fn beside(baseline: &Baseline) -> String {
    let (model, comparison) = (&baseline.model, &baseline.comparison);
    format!(
        "\nBeside the baseline, model {} {}, threshold {:.2}\n{}\n{}\n{}",
        model.name,
        model.version,
        model.threshold,
        compared("Figure", &comparison.figures),
        compared("F1 where the phenomenon occurs", &comparison.by_phenomenon),
        Comparison::MARGIN
    )
}

fn compared(what: &str, figures: &[ComparedFigure]) -> Table {
    let mut table = table(&[what, "Baseline", "Model", "Difference", "Margin", ""]);
    for figure in figures {
        table.add_row(figure.cells());
    }
    table
}

fn tallies<'a>(what: &str, rows: impl IntoIterator<Item = (&'a str, &'a Tally)>) -> Table {
    let mut table = table(&[what, "Right", "Wrong", "Missed", "Precision", "Recall", "F1"]);
    for (name, tally) in rows {
        let counts = [tally.right, tally.wrong, tally.missed].map(|count| count.to_string());
        let figures = [tally.precision(), tally.recall(), tally.f1()].map(|figure| format!("{figure:.3}"));
        table.add_row([name.to_owned()].into_iter().chain(counts).chain(figures));
    }
    table
}

fn confusion(evaluation: &Evaluation) -> Table {
    let [aligned, neutral, opposed] = Stance::ALL.map(Stance::name);
    let mut table = table(&["", aligned, neutral, opposed]);
    for (stance, counts) in Stance::ALL.iter().zip(evaluation.confusion) {
        table.add_row([stance.to_string()].into_iter().chain(counts.map(|count| count.to_string())));
    }
    table
}

/// A table whose first column is words and whose others are numbers.
fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}
