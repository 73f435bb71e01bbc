//! The codebook's decided cases as short invented texts with the exact rows that must come out of the default
//! model. Every row is found well above the threshold, so that a model trained anew keeps it; if one does not,
//! the case is one line of [`CASES`] to drop, and a loss to be told.

#[path = "support/pipeline.rs"]
mod pipeline;

use demarche::classify::Request;
use demarche::party::Linker;
use demarche::stance::{Row, Span, Target};
use demarche::text::Document;
use pipeline::classifier;

/// Name with the codebook's number, text, issue ("" if none is given), rows as "HOLDER>TARGET label" in order.
type Case = (&'static str, &'static str, &'static str, &'static [&'static str]);

#[rustfmt::skip]
const CASES: &[Case] = &[
    // Rows.
    ("3 abstention", "Vietnam abstained.", "the resolution", &["VN>ISSUE neutral"]),
    ("3 abstention with criticism of the text", "South Africa abstained, saying the text was not balanced.", "the resolution", &["ZA>ISSUE neutral"]),
    ("3 abstention with criticism of a clause", "Kenya abstained, calling the wording of one clause unfortunate.", "the resolution on Ukraine", &["KE>ISSUE neutral"]),
    ("3 among those who abstained", "Kenya was among the countries that abstained.", "the resolution", &["KE>ISSUE neutral"]),
    ("5 denial that attacks the accuser", "Russia dismissed the American accusation as a fiction written by warmongers in Washington.", "", &["RU>US opposed"]),
    ("7 ultimatum", "North Korea threatened to destroy South Korea unless the drills were cancelled.", "", &["KP>KR opposed"]),
    ("12 sanctions", "Canada imposed sanctions on Belarus on Friday.", "", &["CA>BY opposed"]),
    ("12 diplomats expelled", "Poland expelled three Russian diplomats.", "", &["PL>RU opposed"]),
    ("12 ambassador recalled", "Kenya recalled its ambassador to Ethiopia on Monday.", "", &["KE>ET opposed"]),
    ("12 aid taken back", "Denmark announced the suspension of its aid to Egypt on Friday.", "", &["DK>EG opposed"]),
    ("12 vote for", "Kenya voted in favour of the resolution.", "the resolution", &["KE>ISSUE aligned"]),
    ("12 vote against", "Belarus voted against the resolution.", "the resolution", &["BY>ISSUE opposed"]),
    ("12 a list that votes", "Brazil and Chile voted for the resolution.", "the resolution", &["BR>ISSUE aligned", "CL>ISSUE aligned"]),
    ("15 bloc, not handed down", "The European Union imposed sanctions on Belarus.", "", &["EU>BY opposed"]),
    ("15 G7", "The G7 accused Russia of blackmail.", "", &["G7>RU opposed"]),
    ("16 Brussels is the EU", "Brussels accused China of dumping.", "", &["EU>CN opposed"]),
    ("18 seat of power", "The Kremlin accused Ukraine of lying.", "", &["RU>UA opposed"]),
    ("25 demonym of an act", "Mali denounced the French provocation.", "", &["ML>FR opposed"]),
    ("accusation", "Rwanda accused Congo of bombing a refugee camp near the border.", "", &["RW>CD opposed"]),
    ("support of a state", "Japan voiced its full support for the Philippines.", "", &["JP>PH aligned"]),
    ("support of a measure", "Chile backed the proposal.", "the proposal", &["CL>ISSUE aligned"]),
    ("welcome", "India welcomed the ceasefire plan.", "the ceasefire plan", &["IN>ISSUE aligned"]),
    ("rejection", "Mexico rejected the proposal.", "the proposal", &["MX>ISSUE opposed"]),
    // Nothing.
    ("1 attendance", "Talks on the war were held in Jeddah on Saturday, attended by more than 40 countries, including China, India and the United States.", "", &[]),
    ("1 telephone call", "The foreign ministers of Brazil and Kenya spoke by telephone on Monday and exchanged views on the situation in Sudan.", "", &[]),
    ("1 visit", "President Kamau Otieno of Kenya visited Norway on Tuesday and met the prime minister in Oslo.", "", &[]),
    ("4 declined to comment", "Egypt declined to comment.", "the dam", &[]),
    ("5 bare denial", "Iran denied the accusation.", "", &[]),
    ("5 denial of an act", "Russia denied that it had attacked Ukraine and called the report false.", "", &[]),
    ("7 conditional", "Turkey would back the plan if its concerns were met.", "the plan", &[]),
    ("8 hedged", "Kenya may join the sanctions against Sudan, an official said.", "", &[]),
    ("7 imagined", "Had Chad objected, Niger would have rejected the proposal.", "the proposal", &[]),
    ("8 not yet", "Kenya has not yet recognised Kosovo.", "", &[]),
    ("8 undecided", "Japan is weighing whether to support the resolution and no decision has been taken.", "the resolution", &[]),
    ("11 analyst", "An analyst in London said Serbia was drifting into Moscow's arms and that Hungary was a Kremlin ally.", "", &[]),
    ("13 passive without an agent", "North Korea was condemned for the missile test.", "", &[]),
    ("16 venues", "The delegations met in Geneva and will meet again in Vienna next week.", "", &[]),
    ("17 carbon neutral", "Costa Rica wants to become carbon neutral by 2050.", "", &[]),
    ("22 restraint", "Indonesia urged dialogue and called on all parties to show restraint.", "the conflict", &[]),
    ("23 congratulation", "Nepal congratulated Japan on its national day.", "", &[]),
    ("23 thanks", "Nepal thanked Japan for its condolences after the earthquake.", "", &[]),
    ("24 past", "In 2003 France had opposed the war.", "the war", &[]),
    ("25 demonym of goods", "Sales of Chinese goods in Mexico rose by a tenth last year.", "", &[]),
    ("26 sport", "England beat France 2-1 in Doha on Saturday night.", "", &[]),
    ("26 Georgia the US state", "A judge in Atlanta, Georgia, rejected the claim against the company on Friday.", "", &[]),
    ("26 given names, a bird and plates", "Chad Turner and Jordan Peters opened a restaurant that serves turkey on fine china.", "", &[]),
];

#[test]
fn decided_cases() {
    let mut failures = Vec::new();
    for (name, text, issue, wanted) in CASES {
        let request = Request { text, issue: (!issue.is_empty()).then_some(issue), ..Request::default() };
        let rows = classifier().classify(&request).rows;
        let mut found: Vec<String> = rows.iter().map(named).collect();
        found.sort();
        if found != *wanted {
            let confidences: Vec<String> =
                rows.iter().map(|row| format!("{} {:.2}", named(row), row.confidence)).collect();
            failures.push(format!("{name}: {text}\n    wanted {wanted:?}\n    found  {confidences:?}"));
        }
    }
    assert!(failures.is_empty(), "{} of {} cases:\n{}", failures.len(), CASES.len(), failures.join("\n"));
}

fn named(row: &Row) -> String {
    let target = match &row.target {
        Target::Party(code) => code,
        Target::Issue => "ISSUE",
    };
    format!("{}>{target} {}", row.holder, row.stance)
}

/// The words of a first-person statement are the speaker's (case 29), and nobody's if no speaker is known.
#[test]
fn first_person_is_the_speaker() {
    let text = "We stand with Ukraine.";
    let rows = |speaker| {
        let rows = classifier().classify(&Request { text, speaker, ..Request::default() }).rows;
        rows.iter().map(named).collect::<Vec<_>>()
    };
    assert_eq!(rows(Some("NO")), ["NO>UA aligned"]);
    assert!(rows(None).is_empty(), "{:?}", rows(None));
}

/// Filters only leave rows out: what is left is what stood there before.
#[test]
fn filters_only_leave_out() {
    let text = "Canada imposed sanctions on Belarus on Friday. Mali denounced the French provocation.";
    let rows = |request: Request<'_>| classifier().classify(&request).rows.iter().map(named).collect::<Vec<_>>();
    assert_eq!(rows(Request { text, ..Request::default() }).len(), 2);
    assert_eq!(rows(Request { text, holders: vec!["ML".into()], ..Request::default() }), ["ML>FR opposed"]);
    let target = Some(Target::Party("BY".into()));
    assert_eq!(rows(Request { text, target, ..Request::default() }), ["CA>BY opposed"]);
    assert!(rows(Request { text, min_confidence: Some(1.0), ..Request::default() }).is_empty());
}

/// The text without what its sentences at `spans` say. The parties named there stay named, for later sentences may speak of
/// them.
fn without(text: &str, date: Option<jiff::civil::Date>, spans: &[Span]) -> String {
    let document = Document::new(text);
    let registry = classifier().registry();
    let mentions = Linker::new(registry, date).link(&document).list;
    let mut rest = text.to_owned();
    for span in spans.iter().rev() {
        let inside = mentions.iter().filter(|mention| span.range().contains(&mention.span.range().start));
        let names: Vec<&str> = inside.map(|mention| registry.get(mention.party).name.as_str()).collect();
        rest.replace_range(span.range(), &format!("It was a day for {}.", names.join(", ")));
    }
    rest
}

/// Without the sentences that a row rests on there is no such row.
#[test]
fn without_its_evidence_a_row_is_gone() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("data/corpus");
    let articles = demarche::corpus::read_corpus(&folder).expect("the corpus");
    let (mut rows, mut stayed) = (0, Vec::new());
    for article in articles.iter().step_by(7) {
        let date = article.date.parse().ok();
        let rows_of = |text: &str| classifier().classify(&Request { text, date, ..Request::default() }).rows;
        for row in rows_of(&article.text) {
            let mut spans: Vec<_> = row.evidence.iter().map(|evidence| evidence.sentence).collect();
            spans.sort_unstable();
            let rest = without(&article.text, date, &spans);
            rows += 1;
            if rows_of(&rest).iter().any(|other| named(other) == named(&row)) {
                stayed.push(format!("{}: {}", article.id, named(&row)));
            }
        }
    }
    assert!(rows > 200, "only {rows} rows");
    assert!(stayed.is_empty(), "{} of {rows} rows stayed:\n{}", stayed.len(), stayed.join("\n"));
}

/// Terms are many times the answer, and cost time: they come only when asked for.
#[test]
fn terms_are_told_only_when_asked_for() {
    let text = "Canada imposed sanctions on Belarus on Friday.";
    let terms = |explain| {
        let rows = classifier().classify(&Request { text, explain, ..Request::default() }).rows;
        rows.iter().flat_map(|row| &row.evidence).map(|evidence| evidence.terms.len()).sum::<usize>()
    };
    assert_eq!(terms(false), 0);
    assert!(terms(true) > 5, "{} terms", terms(true));
}
