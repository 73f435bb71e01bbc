//! The labelling scheme: what the labels of spans and relations mean. Documented in `docs/retraining.md`.

use crate::stance::{Modality, Stance, Voice};

use super::error::Problem;

/// What a span marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Words that name a holder.
    Holder,
    /// Words that name a party as a target.
    Target,
    /// Words that name the issue.
    Issue,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Holder => "Holder",
            Self::Target => "Target",
            Self::Issue => "Issue",
        }
    }
}

/// What a relation says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tie {
    pub(super) stance: Stance,
    pub(super) voice: Voice,
    pub(super) modality: Modality,
}

const SPANS: &str = "Holder, Target and Issue are allowed, also with a code: Holder:CN, Target:EU";
const RELATIONS: &str = "a relation takes one of aligned, neutral, opposed, and if need be a voice (stated, acted, \
                         attributed_by_other) and a modality (asserted, conditional, hedged, future, past)";

/// The kind and the code of a span's label: `Holder`, `Target:CN`.
pub(super) fn span(label: &str) -> Result<(Kind, Option<String>), Problem> {
    let (kind, code) = label.split_once(':').map_or((label, ""), |(kind, code)| (kind, code.trim()));
    let kind = match kind.trim().to_ascii_lowercase().as_str() {
        "holder" => Kind::Holder,
        "target" => Kind::Target,
        "issue" if code.is_empty() => Kind::Issue,
        _ => return Err(Problem::Label { found: label.to_owned(), allowed: SPANS }),
    };
    Ok((kind, (!code.is_empty()).then(|| code.to_owned())))
}

/// What the labels of a relation say together; one label may hold several words: `opposed acted`.
///
/// Without a voice it is `stated`, without a modality `asserted`: what most stances are.
pub(super) fn relation(labels: &[&str]) -> Result<Tie, Problem> {
    let (mut stances, mut voices, mut modalities) = (vec![], vec![], vec![]);
    for word in labels.iter().flat_map(|label| label.split([' ', ',', '+', '/'])).filter(|word| !word.is_empty()) {
        let lower = word.to_ascii_lowercase();
        if let Some(stance) = Stance::ALL.into_iter().find(|stance| stance.name() == lower) {
            stances.push(stance);
        } else if let Some(voice) = voice(&lower) {
            voices.push(voice);
        } else if let Some(modality) = modality(&lower) {
            modalities.push(modality);
        } else {
            return Err(Problem::Label { found: word.to_owned(), allowed: RELATIONS });
        }
    }
    let found = labels.join(", ");
    let [stance] = stances[..] else { return Err(Problem::Stances { found, count: stances.len() }) };
    if voices.len() > 1 || modalities.len() > 1 {
        return Err(Problem::Several { found });
    }
    let voice = voices.first().copied().unwrap_or(Voice::Stated);
    Ok(Tie { stance, voice, modality: modalities.first().copied().unwrap_or(Modality::Asserted) })
}

fn voice(word: &str) -> Option<Voice> {
    Some(match word {
        "stated" => Voice::Stated,
        "acted" => Voice::Acted,
        "attributed_by_other" => Voice::AttributedByOther,
        _ => return None,
    })
}

fn modality(word: &str) -> Option<Modality> {
    Some(match word {
        "asserted" => Modality::Asserted,
        "conditional" => Modality::Conditional,
        "hedged" => Modality::Hedged,
        "future" => Modality::Future,
        "past" => Modality::Past,
        _ => return None,
    })
}
