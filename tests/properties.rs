//! What holds for every text: no panic, exact offsets, exact sums, and labels that know no country.
//! The pipeline is the real one. Which label is right, is not tested here.

#[path = "support/exchange.rs"]
mod exchange;
#[path = "support/pipeline.rs"]
mod pipeline;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use demarche::classify::{Analysis, Request};
use demarche::corpus::{CorpusArticle, read_corpus};
use demarche::proto;
use demarche::server::{Valid, response};
use demarche::stance::{Row, Span, Stance, Target};
use demarche::text::{Document, OffsetEncoding};
use exchange::{EXCHANGEABLE, exchange, swap};
use pipeline::classifier;
use proptest::prelude::*;

const ENCODINGS: [OffsetEncoding; 3] = [OffsetEncoding::Utf8, OffsetEncoding::Utf16, OffsetEncoding::CodePoint];

/// What makes the pipeline work: names, cues, speech, lines, and what breaks careless code.
const FRAGMENTS: &[&str] = &[
    "China",
    "Beijing",
    "the Chinese foreign ministry",
    "Russia",
    "Moscow's",
    "the Kremlin",
    "NATO",
    "the West",
    "Côte d'Ivoire",
    "Brasília",
    "U.S. President Joe Biden",
    "Sergei Lavrov",
    "he",
    "the two countries",
    "both sides",
    "his Russian counterpart",
    "condemned",
    "supports",
    "voted against",
    "abstained from",
    "takes no side in",
    "was condemned by",
    "did not",
    "would back",
    "if",
    "said that",
    "according to",
    "accused",
    "imposed sanctions on",
    "stands with",
    "of",
    "and",
    ",",
    ", ",
    "; ",
    ". ",
    "! ",
    "? ",
    ": ",
    "\"",
    "“",
    "”",
    "‘",
    "’",
    "«",
    "»",
    "(",
    ")",
    "-",
    "—",
    "\n",
    "\n\n",
    "\r\n",
    "\r",
    "\t",
    "\0",
    "\u{feff}",
    "\u{200b}",
    "\u{2028}",
    "e\u{301}",
    "İ",
    "ß",
    "ﬁ",
    "😀",
    "👨\u{200d}👩\u{200d}👧",
    "中国",
    "Россия",
    "\u{202e}",
    "\u{fffd}",
    "...",
    "Mr.",
    "U.S.",
    "the resolution",
    "the conflict",
    "Statement by the Ministry of Foreign Affairs of Kenya",
    "We",
    "our country",
    "<p>",
    "&amp;",
];

/// Texts of names, cues and anything else, glued with and without spaces.
fn texts() -> impl Strategy<Value = String> {
    let fragment = prop_oneof![
        12 => proptest::sample::select(FRAGMENTS).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
        1 => "\\PC{0,12}",
    ];
    let glued = (fragment, prop_oneof![4 => Just(" "), 1 => Just("")]);
    proptest::collection::vec(glued, 0..60)
        .prop_map(|parts| parts.into_iter().flat_map(|(part, glue)| [part, glue.to_owned()]).collect())
}

/// Sentences that surely give candidates, with oddities strewn in.
fn telling_texts() -> impl Strategy<Value = String> {
    let holder =
        proptest::sample::select(&["China", "Kenya's foreign minister", "The Kremlin", "Brasília", "“We", "Paris"][..]);
    let cue = proptest::sample::select(
        &["condemned", "supports", "rejected", "voted for", "stands with", "accused", "abstained on"][..],
    );
    let target = proptest::sample::select(
        &["Russia", "the United States", "NATO", "the resolution", "the conflict", "Israel"][..],
    );
    let oddity = proptest::sample::select(&["", "", "", "😀 ", "é", "\r\n", "”", " \"", "\u{202e}", "𝒳 ", "\0"][..]);
    let sentence =
        (oddity.clone(), holder, cue, target, oddity).prop_map(|(a, h, c, t, b)| format!("{a}{h} {c} {t}{b}. "));
    proptest::collection::vec(sentence, 1..8).prop_map(|sentences| sentences.concat())
}

/// Everything that the model gave any probability, whether it counts or not.
fn everything(text: &str) -> Request<'_> {
    Request { text, min_confidence: Some(0.0), include_uncounted: true, explain: true, ..Request::default() }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_and_its_sentences_tile_it(text in texts()) {
        check_tiles(&text)?;
        check_rows(&text, &classifier().classify(&everything(&text)))?;
    }

    #[test]
    fn any_string_is_read(text in any::<String>(), title in any::<String>(), issue in any::<String>()) {
        check_tiles(&text)?;
        let request = Request { title: &title, issue: Some(&issue), speaker: Some("CN"), ..everything(&text) };
        check_rows(&text, &classifier().classify(&request))?;
    }

    #[test]
    fn rows_are_exact(text in telling_texts()) {
        let analysis = classifier().classify(&everything(&text));
        check_rows(&text, &analysis)?;
        for encoding in ENCODINGS {
            check_response(&text, &analysis, encoding)?;
        }
    }
}

#[test]
fn telling_texts_have_rows() {
    let text = "China condemned the United States. Kenya's foreign minister supports NATO.";
    assert!(
        !classifier().classify(&everything(text)).rows.is_empty(),
        "the property `rows_are_exact` looks at nothing"
    );
}

#[test]
fn rows_of_the_corpus_are_exact() {
    for article in corpus() {
        let request = Request {
            min_confidence: Some(0.0),
            include_uncounted: true,
            explain: true,
            ..request(&article, &article.text)
        };
        let analysis = classifier().classify(&request);
        let exact = check_tiles(&article.text).and_then(|()| check_rows(&article.text, &analysis)).and_then(|()| {
            ENCODINGS.into_iter().try_for_each(|encoding| check_response(&article.text, &analysis, encoding))
        });
        exact.unwrap_or_else(|error| panic!("{}: {error}", article.id));
    }
}

fn check_tiles(text: &str) -> Result<(), TestCaseError> {
    let document = Document::new(text);
    let mut at = 0;
    for sentence in &document.sentences {
        prop_assert_eq!(sentence.tile.start, at, "a gap or an overlap before {:?}", sentence);
        prop_assert!(text.get(sentence.tile.range()).is_some(), "{:?} cuts a character", sentence.tile);
        prop_assert!(sentence.tile.contains(sentence.span), "{:?}", sentence);
        at = sentence.tile.end;
    }
    prop_assert_eq!(at as usize, text.len(), "the last sentence does not end the text");
    Ok(())
}

fn check_rows(text: &str, analysis: &Analysis) -> Result<(), TestCaseError> {
    for row in &analysis.rows {
        prop_assert!((row.scores.iter().sum::<f64>() - 1.0).abs() < 1e-9, "scores {:?}", row.scores);
        prop_assert!(row.scores.iter().all(|score| (0.0..=1.0).contains(score)), "scores {:?}", row.scores);
        prop_assert!((0.0..=1.0).contains(&row.confidence), "confidence {}", row.confidence);
        let strongest = row.scores.iter().all(|score| *score <= row.scores[row.stance.index()]);
        prop_assert!(strongest, "{} is not the strongest of {:?}", row.stance, row.scores);
        prop_assert!(!row.evidence.is_empty(), "no evidence: {:?}", row);
        for evidence in &row.evidence {
            let inner = [evidence.cue, evidence.holder, evidence.target, row.speaker];
            for span in inner.into_iter().flatten().chain([evidence.sentence]) {
                let words = text.get(span.range());
                prop_assert!(
                    words.is_some_and(|words| !words.is_empty()),
                    "{span:?} is no stretch of the text: {row:?}"
                );
            }
            prop_assert!(
                evidence.cue.is_none_or(|cue| evidence.sentence.contains(cue)),
                "the cue lies outside: {:?}",
                evidence
            );
            let sum: f64 = evidence.terms.iter().map(|term| term.contribution).sum();
            let difference = evidence.intercept + sum - evidence.logit;
            prop_assert!(difference.abs() < 1e-6, "intercept and contributions miss the logit by {difference}");
        }
    }
    Ok(())
}

/// Evidence and spans, converted as a caller gets them, against the text cut by the caller's own units.
fn check_response(text: &str, analysis: &Analysis, encoding: OffsetEncoding) -> Result<(), TestCaseError> {
    let valid = Valid { request: everything(text), encoding };
    let answer = response(classifier(), &valid, analysis);
    let units = Units::new(text, encoding);
    let mut rows = analysis.rows.iter().collect::<Vec<_>>();
    for country in &answer.countries {
        let code = code(country.party.as_ref());
        for row in &country.stances {
            let at = rows.iter().position(|found| *found.holder == *code).expect("a row of the analysis");
            let found = rows.remove(at);
            for (evidence, inner) in row.evidence.iter().zip(&found.evidence) {
                let sentence = &text[inner.sentence.range()];
                let cut = units.cut(evidence.start_offset, evidence.end_offset);
                prop_assert_eq!(cut.as_deref(), Some(sentence), "{:?}", encoding);
                prop_assert_eq!(&evidence.text, sentence);
                let pairs =
                    [(evidence.cue, inner.cue), (evidence.holder, inner.holder), (evidence.target, inner.target)];
                for (sent, span) in pairs {
                    let cut = sent.map(|sent| units.cut(sent.start_offset, sent.end_offset));
                    let words = span.map(|span| Some(text[span.range()].to_owned()));
                    prop_assert_eq!(cut, words, "{:?}", encoding);
                }
                let sum: f64 = evidence.top_terms.iter().map(|term| term.contribution).sum();
                prop_assert!((evidence.intercept + sum - evidence.logit).abs() < 1e-6);
            }
        }
    }
    prop_assert!(rows.is_empty(), "rows were lost on the way to the response");
    Ok(())
}

/// A text in a caller's own units.
enum Units<'t> {
    Bytes(&'t str),
    Utf16(Vec<u16>),
    Points(Vec<char>),
}

impl<'t> Units<'t> {
    fn new(text: &'t str, encoding: OffsetEncoding) -> Self {
        match encoding {
            OffsetEncoding::Utf8 => Self::Bytes(text),
            OffsetEncoding::Utf16 => Self::Utf16(text.encode_utf16().collect()),
            OffsetEncoding::CodePoint => Self::Points(text.chars().collect()),
        }
    }

    fn cut(&self, start: u32, end: u32) -> Option<String> {
        let range = start as usize..end as usize;
        match self {
            Self::Bytes(text) => text.get(range).map(str::to_owned),
            Self::Utf16(units) => String::from_utf16(units.get(range)?).ok(),
            Self::Points(points) => Some(points.get(range)?.iter().collect()),
        }
    }
}

fn code(party: Option<&proto::Party>) -> String {
    use proto::party::Id;
    match party.and_then(|party| party.id.clone()) {
        Some(Id::RegionCode(code) | Id::BlocCode(code)) => code,
        None => String::new(),
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/corpus")
}

fn corpus() -> Vec<CorpusArticle> {
    read_corpus(&folder()).expect("the corpus")
}

fn request<'a>(article: &'a CorpusArticle, text: &'a str) -> Request<'a> {
    Request {
        title: &article.title,
        text,
        date: article.date.parse().ok(),
        issue: article.issue.as_deref(),
        speaker: article.speaker.as_deref(),
        ..Request::default()
    }
}

/// At a confidence of one half and more a row's evidence is complete: a sentence is left out of it only below half
/// of the strongest one's probability, and such a sentence would not carry a row by itself. So without its evidence
/// a row must go, unless the cut changes how another sentence is read (a quotation loses its beginning, "it" what it
/// stands for): at most one in fifty. Speeches are left out: a cut may take the words that name the speaker.
#[test]
fn a_row_goes_with_its_evidence() {
    let (mut rows, mut stayed) = (0, Vec::new());
    for article in corpus().iter().filter(|article| article.speaker.is_none()) {
        let confident =
            |text: &str| classifier().classify(&Request { min_confidence: Some(0.5), ..request(article, text) });
        for row in &confident(&article.text).rows {
            rows += 1;
            let rest = without(&article.text, row);
            if let Some(other) = confident(&rest).rows.iter().find(|other| same_pair(other, row)) {
                let sentence = &rest[other.evidence[0].sentence.range()];
                stayed.push(format!("{}: {} > {:?}: {sentence}", article.id, row.holder, row.target));
            }
        }
    }
    assert!(rows >= 100, "only {rows} rows: this looks at nothing");
    assert!(stayed.len() * 50 <= rows, "{} of {rows} rows stayed:\n{}", stayed.len(), stayed.join("\n"));
}

fn same_pair(a: &Row, b: &Row) -> bool {
    (&a.holder, &a.target) == (&b.holder, &b.target)
}

/// The text without the sentences that a row rests on.
fn without(text: &str, row: &Row) -> String {
    let mut spans: Vec<Span> = row.evidence.iter().map(|evidence| evidence.sentence).collect();
    spans.sort_unstable();
    spans.dedup();
    let mut rest = text.to_owned();
    for span in spans.iter().rev() {
        rest.replace_range(span.range(), "");
    }
    rest
}

/// Where the linker sees the same mentions after an exchange, with the other country's code, every row is the
/// same with the codes exchanged. (Where it does not, an official, a compound such as "Russian-speaking" or a
/// name trap stands in the text, and the exchange is none.)
#[test]
fn exchanging_countries_keeps_labels() {
    let (mut exchanged, mut lost, mut rows) = (0, 0, 0);
    for article in corpus() {
        let named: Vec<_> = EXCHANGEABLE.iter().filter(|(_, forms)| article.text.contains(forms[0])).collect();
        for (number, first) in named.into_iter().enumerate() {
            let second = &EXCHANGEABLE[(number * 7 + article.text.len()) % EXCHANGEABLE.len()];
            let Some(text) = exchange(&article, first, second) else {
                lost += 1;
                continue;
            };
            let (title, issue) =
                (swap(&article.title, first, second), article.issue.as_deref().map(|issue| swap(issue, first, second)));
            let other = Request { title: &title, issue: issue.as_deref(), ..request(&article, &text) };
            let wanted = rows_by_pair(&classifier().classify(&request(&article, &article.text)), first.0, second.0);
            let found = rows_by_pair(&classifier().classify(&other), "", "");
            assert_same(&wanted, &found, &format!("{}: {} and {} exchanged", article.id, first.0, second.0));
            exchanged += 1;
            rows += wanted.len();
        }
    }
    assert!(exchanged >= 100 && rows >= 100, "only {exchanged} exchanges with {rows} rows; {lost} are none");
    assert!(lost <= exchanged, "only {exchanged} exchanges; in {lost} articles the linker sees other mentions");
    println!("{exchanged} exchanges with {rows} rows; {lost} are none");
}

/// Stance and confidence by holder and target, with two codes exchanged.
fn rows_by_pair(analysis: &Analysis, first: &str, second: &str) -> BTreeMap<(String, String), (Stance, f64)> {
    let other = |code: &str| {
        if code == first {
            second
        } else if code == second {
            first
        } else {
            code
        }
        .to_owned()
    };
    let target = |target: &Target| match target {
        Target::Party(code) => other(code),
        Target::Issue => "ISSUE".to_owned(),
    };
    analysis.rows.iter().map(|row| ((other(&row.holder), target(&row.target)), (row.stance, row.confidence))).collect()
}

fn assert_same(
    wanted: &BTreeMap<(String, String), (Stance, f64)>,
    found: &BTreeMap<(String, String), (Stance, f64)>,
    what: &str,
) {
    let pairs = |rows: &BTreeMap<(String, String), (Stance, f64)>| rows.keys().cloned().collect::<Vec<_>>();
    assert_eq!(pairs(wanted), pairs(found), "{what}");
    for (pair, (stance, confidence)) in wanted {
        let (other, again) = found[pair];
        assert!(
            *stance == other && (confidence - again).abs() < 1e-9,
            "{what}: {pair:?}: {stance} {confidence}, then {other} {again}"
        );
    }
}

/// A model of a part of the corpus, few columns: what is tested is that nothing in it is left to chance.
#[test]
fn training_twice_gives_the_same_bytes() {
    let dir = tempfile::tempdir().expect("a folder");
    let part = dir.path().join("corpus");
    std::fs::create_dir(&part).expect("a folder");
    for file in ["wire.jsonl", "mixed.jsonl", "neutral.jsonl"] {
        std::fs::copy(folder().join(file), part.join(file)).expect("a file of the corpus");
    }
    let [first, second] = ["first", "second"].map(|name| {
        let output = dir.path().join(name);
        let mut command = assert_cmd::Command::new(assert_cmd::cargo::cargo_bin!("demarche"));
        command.args(["train", "--columns", "200", "--corpus"]).arg(&part).arg("--output").arg(&output);
        command.assert().success();
        ["manifest.json", "features.txt", "weights.safetensors"]
            .map(|file| std::fs::read(output.join(file)).expect(file))
    });
    assert!(first == second, "the two models differ");
}
