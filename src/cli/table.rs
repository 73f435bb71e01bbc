//! A response as a table for reading.

use std::io::IsTerminal;

use comfy_table::{Attribute, Cell, Color, ContentArrangement, Table, presets};
use demarche::features::reason;
use demarche::proto::{ClassifyResponse, Evidence, Modality, Party, Stance, StanceRow, Target, Voice, target::Kind};

/// Width where there is no terminal to ask.
const WIDTH: u16 = 120;
/// Most reasons of an explanation that are shown.
const REASONS: usize = 5;

/// The rows as a table, and below it who is mentioned without a stance. Coloured on a terminal only.
pub(super) fn render(response: &ClassifyResponse) -> String {
    let mut lines = vec![];
    if !response.issue.is_empty() {
        lines.push(format!("Issue: {}", clean(&response.issue)));
    }
    if response.countries.is_empty() {
        lines.push("No stance found.".to_owned());
    } else {
        lines.push(rows(response).to_string());
    }
    if !response.mentioned.is_empty() {
        let names: Vec<_> = response.mentioned.iter().map(|mentioned| name(mentioned.party.as_ref())).collect();
        lines.push(format!("Mentioned without a stance: {}.", names.join(", ")));
    }
    lines.join("\n")
}

fn rows(response: &ClassifyResponse) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
    if !std::io::stdout().is_terminal() {
        table.force_no_tty().set_width(WIDTH);
    } else if std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) {
        table.force_no_tty(); // the width is still the terminal's
    }
    table.set_header(["Holder", "Stance", "Toward", "Confidence", "Voice", "Evidence"]);
    for country in &response.countries {
        for row in &country.stances {
            table.add_row([
                Cell::new(name(country.party.as_ref())).add_attribute(Attribute::Bold),
                stance(row),
                Cell::new(target(row.target.as_ref())),
                Cell::new(format!("{:.0}%", row.confidence * 100.0)),
                Cell::new(voice(row)),
                Cell::new(evidence(row)),
            ]);
        }
    }
    table
}

fn stance(row: &StanceRow) -> Cell {
    let (name, color) = match row.stance() {
        Stance::Aligned => ("aligned", Color::Green),
        Stance::Neutral => ("neutral", Color::Yellow),
        Stance::Opposed => ("opposed", Color::Red),
        Stance::Unspecified => ("?", Color::Reset),
    };
    Cell::new(name).fg(color)
}

fn voice(row: &StanceRow) -> String {
    let voice = match row.voice() {
        Voice::Stated => "stated",
        Voice::Acted => "acted",
        Voice::AttributedByOther => "attributed by another",
        Voice::Unspecified => "?",
    };
    match row.modality() {
        Modality::Asserted | Modality::Unspecified => voice.to_owned(),
        Modality::Conditional => format!("{voice}, conditional"),
        Modality::Hedged => format!("{voice}, hedged"),
        Modality::Future => format!("{voice}, announced"),
        Modality::Past => format!("{voice}, past"),
    }
}

/// The strongest sentence, how many more there are, the speaker, and the terms if they were asked for.
fn evidence(row: &StanceRow) -> String {
    let Some(strongest) = row.evidence.first() else { return String::new() };
    let mut lines = vec![clean(&strongest.text)];
    if row.evidence.len() > 1 {
        lines.push(format!("(and {} more)", row.evidence.len() - 1));
    }
    if !row.speaker.is_empty() {
        lines.push(format!("Speaker: {}", clean(&row.speaker)));
    }
    if !strongest.top_terms.is_empty() {
        lines.push(format!("Because: {}", reasons(strongest)));
    }
    lines.join("\n")
}

/// The strongest reasons; contributions of features that say one thing are added up.
fn reasons(evidence: &Evidence) -> String {
    let mut sums: Vec<(String, f64)> = Vec::new();
    for term in &evidence.top_terms {
        let reason = reason(&term.term);
        match sums.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, sum)) => *sum += term.contribution,
            None => sums.push((reason, term.contribution)),
        }
    }
    sums.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    let strongest = sums.iter().take(REASONS);
    strongest.map(|(reason, sum)| format!("{} {sum:+.2}", clean(reason))).collect::<Vec<_>>().join(", ")
}

fn target(target: Option<&Target>) -> String {
    match target.and_then(|target| target.kind.as_ref()) {
        Some(Kind::Party(party)) => name(Some(party)),
        Some(Kind::Issue(issue)) if issue.is_empty() => "the issue".to_owned(),
        Some(Kind::Issue(issue)) => clean(issue),
        None => String::new(),
    }
}

fn name(party: Option<&Party>) -> String {
    use demarche::proto::party::Id;
    let Some(party) = party else { return String::new() };
    match &party.id {
        Some(Id::RegionCode(code) | Id::BlocCode(code)) if party.display_name.is_empty() => clean(code),
        _ => clean(&party.display_name),
    }
}

/// One line without control characters: an article must not be able to steer the terminal.
fn clean(text: &str) -> String {
    let printable = text.chars().map(|character| if character.is_control() { ' ' } else { character });
    printable.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}
