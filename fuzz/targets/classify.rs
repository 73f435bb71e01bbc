//! Any request, answered in process: an answer whose offsets and sums are exact, or a typed error.
//!
//! Input: a byte of switches, then text, title, issue, date, language, speaker, target and holder, NUL between.

use std::sync::{Arc, LazyLock};

use demarche::classify::Classifier;
use demarche::model::Model;
use demarche::party::Registry;
use demarche::proto::{
    Article, ClassifyRequest, ClassifyResponse, Evidence, OffsetEncoding, Party, StanceRow, party::Id,
};
use demarche::server::{Error, answer};

use super::fields;

static CLASSIFIER: LazyLock<Classifier> = LazyLock::new(|| {
    let registry = Registry::embedded().expect("the embedded parties");
    Classifier::new(Arc::new(registry), Arc::new(Model::embedded().expect("the embedded model")))
});

/// Runs one input.
pub(crate) fn run(data: &[u8]) {
    let Some((&switches, data)) = data.split_first() else { return };
    let request = request(switches, data);
    match answer(&CLASSIFIER, &request, &|| false) {
        Ok(response) => check(&request, &response),
        Err(Error::Invalid(violations)) => assert!(!violations.is_empty(), "refused without a reason"),
        Err(Error::LanguageUnsupported { .. }) => {}
        Err(error) => panic!("{error:?}"),
    }
}

fn request(switches: u8, data: &[u8]) -> ClassifyRequest {
    let is_on = |bit: u8| switches & 1 << bit != 0;
    let [text, title, issue, day, language, speaker, target, holder] =
        fields::<8>(data).map(|field| String::from_utf8_lossy(field).into_owned());
    let party = |code: String| {
        let id = if is_on(5) { Id::BlocCode(code) } else { Id::RegionCode(code) };
        Party { id: Some(id), ..Party::default() }
    };
    let given = |code: String| (!code.is_empty()).then(|| party(code));
    let article = Article {
        text,
        title,
        publish_date: day,
        language_code: language,
        speaker: given(speaker),
        ..Article::default()
    };
    ClassifyRequest {
        article: Some(article),
        issue,
        target: given(target),
        holders: given(holder).into_iter().collect(),
        offset_encoding: i32::from(switches & 3),
        explain: is_on(2),
        include_uncounted: is_on(3),
        min_confidence: if is_on(4) { 0.0 } else { 0.01 },
        ..ClassifyRequest::default()
    }
}

/// Panics unless offsets, scores and sums of an answer are exact.
pub(crate) fn check(request: &ClassifyRequest, response: &ClassifyResponse) {
    let text = &request.article.as_ref().expect("given").text;
    let cut = cutter(text, request.offset_encoding());
    let rows = response.countries.iter().flat_map(|country| &country.stances);
    for row in rows {
        check_row(row);
        for evidence in &row.evidence {
            let sentence = cut(evidence.start_offset, evidence.end_offset);
            assert_eq!(sentence.as_deref(), Some(&*evidence.text), "evidence is not the text at its offsets");
            for span in [evidence.cue, evidence.holder, evidence.target].into_iter().flatten() {
                let words = cut(span.start_offset, span.end_offset);
                assert!(words.is_some_and(|words| !words.is_empty()), "{span:?} is no stretch of the text");
            }
            if request.explain {
                check_sum(evidence);
            }
        }
    }
}

fn check_row(row: &StanceRow) {
    let scores = row.scores.expect("scores");
    let scores = [scores.aligned, scores.neutral, scores.opposed];
    assert!((scores.iter().sum::<f64>() - 1.0).abs() < 1e-9, "scores {scores:?}");
    assert!(scores.iter().chain([&row.confidence]).all(|score| (0.0..=1.0).contains(score)), "{row:?}");
    let own = scores[usize::try_from(row.stance).expect("a stance") - 1];
    assert!(scores.iter().all(|score| *score <= own), "the stance is not the strongest of {scores:?}");
    assert!(!row.evidence.is_empty(), "a row without evidence");
}

fn check_sum(evidence: &Evidence) {
    let sum: f64 = evidence.top_terms.iter().map(|term| term.contribution).sum();
    assert!((evidence.intercept + sum - evidence.logit).abs() < 1e-6, "the contributions miss the logit");
}

/// Cuts the text by the caller's own units.
fn cutter(text: &str, encoding: OffsetEncoding) -> Box<dyn Fn(u32, u32) -> Option<String> + '_> {
    match encoding {
        OffsetEncoding::Unspecified | OffsetEncoding::Utf8 => {
            Box::new(|start, end| text.get(start as usize..end as usize).map(str::to_owned))
        }
        OffsetEncoding::Utf16 => {
            let units: Vec<u16> = text.encode_utf16().collect();
            Box::new(move |start, end| String::from_utf16(units.get(start as usize..end as usize)?).ok())
        }
        OffsetEncoding::CodePoint => {
            let points: Vec<char> = text.chars().collect();
            Box::new(move |start, end| Some(points.get(start as usize..end as usize)?.iter().collect()))
        }
    }
}
