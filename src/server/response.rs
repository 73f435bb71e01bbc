//! What the pipeline found, as a response of the contract. Byte offsets are converted here, once.
//!
//! Knows no socket; the command line prints the same response.

use std::collections::HashMap;

use crate::classify::{Analysis, Classifier};
use crate::party::Registry;
use crate::proto::{self, ClassifyResponse, CountryStances, MentionedParty, target::Kind};
use crate::stance::{Evidence, Modality, Row, Span, Stance, Target, TermContribution, Voice};
use crate::text::OffsetMap;

use super::answer::model_ref;
use super::party::party_message;
use super::request::Valid;

/// The answer to a request.
#[must_use]
pub fn response(classifier: &Classifier, valid: &Valid<'_>, analysis: &Analysis) -> ClassifyResponse {
    let text = valid.request.text;
    let issue = analysis.issue.clone().unwrap_or_default();
    let writer =
        Writer { registry: classifier.registry(), text, offsets: OffsetMap::new(text, valid.encoding), issue: &issue };
    let countries = writer.countries(analysis);
    let mentioned = writer.mentioned(analysis);
    ClassifyResponse { countries, mentioned, model: Some(model_ref(classifier.model().manifest())), issue }
}

/// What every part of one response needs.
struct Writer<'a> {
    registry: &'a Registry,
    text: &'a str,
    offsets: OffsetMap<'a>,
    issue: &'a str,
}

impl Writer<'_> {
    /// Rows grouped by holder; they come most confident first, so the groups do too.
    fn countries(&self, analysis: &Analysis) -> Vec<CountryStances> {
        let mentions: HashMap<&str, u32> = analysis.parties.iter().map(|(code, count)| (&**code, *count)).collect();
        let mut places: HashMap<&str, usize> = HashMap::new();
        let mut countries: Vec<CountryStances> = vec![];
        for row in &analysis.rows {
            let holder = &*row.holder;
            let place = *places.entry(holder).or_insert(countries.len());
            if place == countries.len() {
                let mentions = mentions.get(holder).copied().unwrap_or_default();
                let party = Some(party_message(self.registry, holder));
                countries.push(CountryStances { party, mentions, stances: vec![] });
            }
            countries[place].stances.push(self.row(row));
        }
        countries
    }

    fn mentioned(&self, analysis: &Analysis) -> Vec<MentionedParty> {
        let without = analysis.parties.iter().filter(|(code, _)| analysis.rows.iter().all(|row| row.holder != *code));
        without
            .map(|(code, mentions)| MentionedParty {
                party: Some(party_message(self.registry, code)),
                mentions: *mentions,
            })
            .collect()
    }

    fn row(&self, row: &Row) -> proto::StanceRow {
        let [aligned, neutral, opposed] = row.scores;
        proto::StanceRow {
            target: Some(self.target(&row.target)),
            stance: stance(row.stance).into(),
            scores: Some(proto::Scores { aligned, neutral, opposed }),
            confidence: row.confidence,
            voice: voice(row.voice).into(),
            modality: modality(row.modality).into(),
            speaker: row.speaker.map(|span| self.slice(span).to_owned()).unwrap_or_default(),
            evidence: row.evidence.iter().map(|evidence| self.evidence(evidence)).collect(),
        }
    }

    fn target(&self, target: &Target) -> proto::Target {
        let kind = match target {
            Target::Party(code) => Kind::Party(party_message(self.registry, code)),
            Target::Issue => Kind::Issue(self.issue.to_owned()),
        };
        proto::Target { kind: Some(kind) }
    }

    fn evidence(&self, evidence: &Evidence) -> proto::Evidence {
        let proto::Span { start_offset, end_offset } = self.span(evidence.sentence);
        proto::Evidence {
            text: self.slice(evidence.sentence).to_owned(),
            start_offset,
            end_offset,
            cue: evidence.cue.map(|span| self.span(span)),
            holder: evidence.holder.map(|span| self.span(span)),
            target: evidence.target.map(|span| self.span(span)),
            logit: evidence.logit,
            intercept: evidence.intercept,
            top_terms: evidence.terms.iter().map(term).collect(),
        }
    }

    fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }

    fn span(&self, span: Span) -> proto::Span {
        let convert = |offset: usize| u32::try_from(self.offsets.convert(offset)).unwrap_or(u32::MAX);
        let range = span.range();
        proto::Span { start_offset: convert(range.start), end_offset: convert(range.end) }
    }
}

fn term(term: &TermContribution) -> proto::TermContribution {
    proto::TermContribution { term: term.term.clone(), contribution: term.contribution }
}

fn stance(stance: Stance) -> proto::Stance {
    match stance {
        Stance::Aligned => proto::Stance::Aligned,
        Stance::Neutral => proto::Stance::Neutral,
        Stance::Opposed => proto::Stance::Opposed,
    }
}

fn voice(voice: Voice) -> proto::Voice {
    match voice {
        Voice::Stated => proto::Voice::Stated,
        Voice::Acted => proto::Voice::Acted,
        Voice::AttributedByOther => proto::Voice::AttributedByOther,
    }
}

fn modality(modality: Modality) -> proto::Modality {
    match modality {
        Modality::Asserted => proto::Modality::Asserted,
        Modality::Conditional => proto::Modality::Conditional,
        Modality::Hedged => proto::Modality::Hedged,
        Modality::Future => proto::Modality::Future,
        Modality::Past => proto::Modality::Past,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::Request;
    use crate::model::Model;
    use crate::stance::PartyCode;
    use crate::text::OffsetEncoding;
    use std::sync::Arc;

    const TEXT: &str = "😀 Été. «China backs it», said Ms Hé.";

    fn span(words: &str) -> Span {
        let start = TEXT.find(words).expect("words of the text");
        Span::new(start, start + words.len())
    }

    fn row(holder: &str, target: Target) -> Row {
        let sentence = span("«China backs it», said Ms Hé.");
        let terms = vec![TermContribution { term: "cue:back".to_owned(), contribution: 1.5 }];
        let (cue, holder_span) = (Some(span("backs")), Some(span("China")));
        let evidence = Evidence { sentence, cue, holder: holder_span, target: None, logit: 2.0, intercept: 0.5, terms };
        Row {
            holder: holder.into(),
            target,
            stance: Stance::Aligned,
            scores: [0.7, 0.2, 0.1],
            confidence: 0.9,
            voice: Voice::Stated,
            modality: Modality::Future,
            speaker: Some(span("Ms Hé")),
            evidence: vec![evidence],
        }
    }

    fn answer(encoding: OffsetEncoding) -> ClassifyResponse {
        let (registry, model) = (Registry::embedded().expect("parties"), Model::embedded().expect("a model"));
        let classifier = Classifier::new(Arc::new(registry), Arc::new(model));
        let code = PartyCode::from;
        let rows = vec![row("CN", Target::Issue), row("WEST", Target::Party(code("CN"))), row("CN", Target::Issue)];
        let parties = vec![(code("CN"), 3), (code("WEST"), 2), (code("XX"), 1)];
        let analysis = Analysis { rows, parties, issue: Some("it".to_owned()) };
        let request = Request { text: TEXT, ..Request::default() };
        response(&classifier, &Valid { request, encoding }, &analysis)
    }

    #[test]
    fn evidence_is_the_text_at_its_offsets_in_every_unit() {
        let utf16: Vec<u16> = TEXT.encode_utf16().collect();
        let points: Vec<char> = TEXT.chars().collect();
        for encoding in [OffsetEncoding::Utf8, OffsetEncoding::Utf16, OffsetEncoding::CodePoint] {
            let answer = answer(encoding);
            let evidence = &answer.countries[0].stances[0].evidence[0];
            let slice = |start: u32, end: u32| {
                let range = start as usize..end as usize;
                match encoding {
                    OffsetEncoding::Utf8 => TEXT[range].to_owned(),
                    OffsetEncoding::Utf16 => String::from_utf16_lossy(&utf16[range]),
                    OffsetEncoding::CodePoint => points[range].iter().collect(),
                }
            };
            assert_eq!(slice(evidence.start_offset, evidence.end_offset), evidence.text, "{encoding:?}");
            assert_eq!(evidence.text, "«China backs it», said Ms Hé.");
            let cue = evidence.cue.expect("a cue");
            assert_eq!(slice(cue.start_offset, cue.end_offset), "backs", "{encoding:?}");
        }
    }

    #[test]
    fn groups_rows_by_holder_and_lists_the_others() {
        let answer = answer(OffsetEncoding::Utf8);
        let stances: Vec<_> =
            answer.countries.iter().map(|country| (country.mentions, country.stances.len())).collect();
        assert_eq!(stances, [(3, 2), (2, 1)]);
        assert_eq!(answer.mentioned.len(), 1);
        let row = &answer.countries[0].stances[0];
        assert_eq!((row.speaker.as_str(), row.modality()), ("Ms Hé", proto::Modality::Future));
        assert_eq!(row.target.clone().and_then(|target| target.kind), Some(Kind::Issue("it".to_owned())));
    }
}
