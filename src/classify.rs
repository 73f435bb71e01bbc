//! The pipeline: a text in, rows out. No I/O, nothing async.

mod attribution;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;

use crate::features::{self, SparseVector, Vocabulary};
use crate::model::{Label, Model, Prediction};
use crate::party::{Form, Linker, Mentions, PartyId, Registry};
use crate::relation::{Candidate, CueLink, Cues, Issue, Parsed, Proposals, propose};
use crate::stance::{Evidence, Modality, PartyCode, Row, Span, Stance, Target, Voice};
use crate::syntax::SyntaxModel;
use crate::text::{Document, SentenceKind};

/// A sentence whose stance is less likely than this says nothing.
const LEAST_EVIDENCE: f64 = 0.05;
/// Most sentences of a text that is an excerpt and no article.
const FEW_SENTENCES: usize = 2;

/// What is asked of the pipeline. Borrowed from the caller; already validated at the edge.
#[derive(Debug, Clone, Default)]
pub struct Request<'a> {
    /// Headline; read for the issue and for names only.
    pub title: &'a str,
    /// The text; offsets of the answer count its bytes.
    pub text: &'a str,
    /// Day of publication, at which officials are resolved.
    pub date: Option<Date>,
    /// The issue in free words; `None`: it is recognised in the text.
    pub issue: Option<&'a str>,
    /// The party whose own words the text is.
    pub speaker: Option<&'a str>,
    /// Only positions toward this target; every party then has at most one row.
    pub target: Option<Target>,
    /// Only these holders; empty: all.
    pub holders: Vec<PartyCode>,
    /// Rows below this confidence are left out; `None`: the model's threshold.
    pub min_confidence: Option<f64>,
    /// Whether to keep rows that do not count.
    pub include_uncounted: bool,
    /// Whether evidence tells its terms: what each feature adds to the logit.
    pub explain: bool,
}

/// What the pipeline found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Analysis {
    /// Rows, the most confident first.
    pub rows: Vec<Row>,
    /// Every party mentioned, with how often, the most mentioned first.
    pub parties: Vec<(PartyCode, u32)>,
    /// The issue as given or recognised.
    pub issue: Option<String>,
}

/// A part of an article's way, for those who watch it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Sentences, tokens and quotations are found.
    Text,
    /// Parties are found.
    Mentions,
    /// Sentences are parsed and candidates proposed.
    Candidates,
    /// Candidates are turned into features and labelled.
    Labels,
    /// Labelled candidates become rows.
    Rows,
}

impl Stage {
    /// Its name in traces and metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Mentions => "mentions",
            Self::Candidates => "candidates",
            Self::Labels => "labels",
            Self::Rows => "rows",
        }
    }
}

/// A text with its mentions and candidates: all that is known before the model speaks.
#[derive(Debug)]
pub struct Reading<'t> {
    /// The text's sentences and tokens.
    pub document: Document<'t>,
    /// The parties named.
    pub mentions: Mentions,
    /// The pairs to be labelled, and the sentences that hold them.
    pub proposals: Proposals,
}

impl Reading<'_> {
    /// The names of a candidate's features.
    #[must_use]
    pub fn features(&self, candidate: &Candidate) -> Vec<String> {
        features::names(&self.document, &self.mentions, self.sentence_of(candidate), candidate)
    }

    /// The candidate's features among those of `vocabulary`.
    #[must_use]
    pub fn vector(&self, vocabulary: &Vocabulary, candidate: &Candidate) -> SparseVector {
        let parsed = self.sentence_of(candidate);
        vocabulary.vector_of(|sink| features::visit_names(&self.document, &self.mentions, parsed, candidate, sink))
    }

    fn sentence_of(&self, candidate: &Candidate) -> &Parsed {
        let at = self.proposals.sentences.partition_point(|parsed| parsed.sentence < candidate.sentence);
        &self.proposals.sentences[at]
    }
}

/// Reads a text up to its candidates, parsed by `syntax`. Training and serving share this road.
///
/// # Panics
/// Never: only who cancels gets no reading.
#[must_use]
pub fn read<'t>(registry: &Registry, syntax: &SyntaxModel, request: &Request<'t>) -> Reading<'t> {
    read_watched(registry, syntax, request, &|| false, &mut |_| ()).expect("nobody cancels")
}

fn read_watched<'t>(
    registry: &Registry,
    syntax: &SyntaxModel,
    request: &Request<'t>,
    cancelled: &dyn Fn() -> bool,
    begins: &mut dyn FnMut(Stage),
) -> Option<Reading<'t>> {
    begins(Stage::Text);
    let document = Document::new(request.text);
    begins(Stage::Mentions);
    let mentions = Linker::new(registry, request.date).link(&document);
    begins(Stage::Candidates);
    let issue = Issue::new(request.issue, registry);
    let owner = request.speaker.and_then(|code| registry.id(code));
    let proposals = propose(syntax, &document, &mentions, &issue, owner, cancelled)?;
    Some(Reading { document, mentions, proposals })
}

/// A registry of parties and a model, ready to read.
#[derive(Debug, Clone)]
pub struct Classifier {
    registry: Arc<Registry>,
    model: Arc<Model>,
}

/// A candidate with what the model says of it.
struct Scored<'r> {
    candidate: &'r Candidate,
    features: SparseVector,
    prediction: Prediction,
    stance: Stance,
    probability: f64,
    link: &'r CueLink,
}

impl Scored<'_> {
    fn counts(&self) -> bool {
        Candidate::voice(self.link) != Voice::AttributedByOther && self.link.modality.counts()
    }
}

impl Classifier {
    /// A classifier of these parts.
    #[must_use]
    pub fn new(registry: Arc<Registry>, model: Arc<Model>) -> Self {
        Self { registry, model }
    }

    /// The parties it knows.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The model that labels.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Reads one article.
    #[must_use]
    pub fn classify(&self, request: &Request<'_>) -> Analysis {
        self.classify_unless(request, &|| false).unwrap_or_default()
    }

    /// Reads one article, asking `cancelled` between sentences; `None` if it said yes.
    #[must_use]
    pub fn classify_unless(&self, request: &Request<'_>, cancelled: &dyn Fn() -> bool) -> Option<Analysis> {
        self.classify_watched(request, cancelled, &mut |_| ())
    }

    /// The same, telling `begins` at the beginning of each stage: there is no clock in the pipeline, whoever watches
    /// has one.
    #[must_use]
    pub fn classify_watched(
        &self,
        request: &Request<'_>,
        cancelled: &dyn Fn() -> bool,
        begins: &mut dyn FnMut(Stage),
    ) -> Option<Analysis> {
        let reading = read_watched(&self.registry, SyntaxModel::embedded(), request, cancelled, begins)?;
        begins(Stage::Labels);
        let threshold = request.min_confidence.unwrap_or_else(|| self.threshold(&reading.document));
        let mut likely: Vec<Scored<'_>> = Vec::new();
        for candidate in &reading.proposals.candidates {
            if cancelled() {
                return None;
            }
            let scored = self.score(&reading, candidate);
            if scored.probability >= LEAST_EVIDENCE.min(threshold) && (scored.counts() || request.include_uncounted) {
                likely.push(scored);
            }
        }
        begins(Stage::Rows);
        let mut groups: BTreeMap<(PartyId, Option<PartyId>), Vec<Scored<'_>>> = BTreeMap::new();
        let own: Vec<bool> =
            likely.iter().map(|scored| !attribution::is_of_another(scored, &likely, &reading)).collect();
        for (scored, _) in likely.into_iter().zip(own).filter(|(_, own)| *own) {
            if self.is_asked_for(scored.candidate, request) {
                groups.entry((scored.candidate.holder, scored.candidate.target)).or_default().push(scored);
            }
        }
        let rows = groups.into_values().map(|group| self.row(&reading, group, request.explain));
        let mut rows: Vec<Row> = rows.filter(|row| row.confidence >= threshold).collect();
        rows.sort_by(|a, b| {
            b.confidence.total_cmp(&a.confidence).then_with(|| (&a.holder, &a.target).cmp(&(&b.holder, &b.target)))
        });
        let issue = request.issue.map(str::to_owned).or(reading.proposals.issue);
        Some(Analysis { rows, parties: self.count_parties(&reading.mentions), issue })
    }

    /// The least confidence of a row, if the request names none. Who asks about a sentence or two has picked them; an
    /// article is mostly sentences without any stance, each of which is a chance to be wrong.
    fn threshold(&self, document: &Document<'_>) -> f64 {
        let prose = document.sentences.iter().filter(|sentence| sentence.kind == SentenceKind::Prose);
        let manifest = self.model.manifest();
        if prose.count() <= FEW_SENTENCES { manifest.threshold_short } else { manifest.threshold }
    }

    fn is_asked_for(&self, candidate: &Candidate, request: &Request<'_>) -> bool {
        let code = |id| &self.registry.get(id).code;
        let holder = request.holders.is_empty() || request.holders.contains(code(candidate.holder));
        let target = match (&request.target, candidate.target) {
            (None, _) | (Some(Target::Issue), None) => true,
            (Some(Target::Party(wanted)), Some(id)) => wanted == code(id),
            _ => false,
        };
        holder && target
    }

    fn score<'r>(&self, reading: &Reading<'_>, candidate: &'r Candidate) -> Scored<'r> {
        let features = reading.vector(self.model.vocabulary(), candidate);
        let prediction = self.model.predict(&features);
        let (stance, probability) = prediction.stance();
        let link = deciding_cue(candidate, stance);
        Scored { candidate, features, prediction, stance, probability, link }
    }

    /// One row of all the sentences of one pair. Sentences that count outweigh those that do not. The row stands unless
    /// each of them misleads ("noisy or"; Pearl, "Probabilistic Reasoning in Intelligent Systems", 1988).
    fn row(&self, reading: &Reading<'_>, mut group: Vec<Scored<'_>>, explain: bool) -> Row {
        if group.iter().any(Scored::counts) {
            group.retain(Scored::counts);
        }
        group.sort_by(|a, b| {
            b.probability.total_cmp(&a.probability).then(a.candidate.sentence.cmp(&b.candidate.sentence))
        });
        let mut scores = [0.0; 3];
        for scored in &group {
            for (score, probability) in scores.iter_mut().zip(&scored.prediction.probabilities[1..]) {
                *score += probability;
            }
        }
        let sum: f64 = scores.iter().sum();
        let scores = scores.map(|score| score / sum);
        let stance = Stance::ALL
            .into_iter()
            .max_by(|a, b| scores[a.index()].total_cmp(&scores[b.index()]))
            .unwrap_or(group[0].stance);
        let best = group.iter().find(|scored| scored.stance == stance).unwrap_or(&group[0]);
        let misleads = |scored: &Scored<'_>| 1.0 - scored.prediction.probabilities[stance.index() + 1];
        let evidence = group.iter().map(|scored| self.evidence(reading, scored, stance, explain));
        Row {
            holder: self.registry.get(best.candidate.holder).code.clone(),
            target: best.candidate.target.map_or(Target::Issue, |id| Target::Party(self.registry.get(id).code.clone())),
            stance,
            scores,
            confidence: 1.0 - group.iter().map(misleads).product::<f64>(),
            voice: Candidate::voice(best.link),
            modality: best.link.modality,
            speaker: best.candidate.holder_span(&reading.mentions),
            evidence: evidence.collect(),
        }
    }

    fn evidence(&self, reading: &Reading<'_>, scored: &Scored<'_>, stance: Stance, explain: bool) -> Evidence {
        let document = &reading.document;
        let label = Label::Stance(stance);
        let target = scored.candidate.target_mention.map(|index| reading.mentions.list[index].span);
        let issue = scored.candidate.issue_token.map(|token| document.tokens[token].span);
        Evidence {
            sentence: document.sentences[scored.candidate.sentence].span,
            cue: Some(document.span_of(scored.link.cue.tokens.clone())).filter(|span| *span != Span::default()),
            holder: scored.candidate.holder_span(&reading.mentions),
            target: target.or(issue),
            logit: scored.prediction.logits[label.index()],
            intercept: self.model.intercept(label),
            terms: if explain { self.model.explain(&scored.features, label) } else { vec![] },
        }
    }

    fn count_parties(&self, mentions: &Mentions) -> Vec<(PartyCode, u32)> {
        let mut counts: BTreeMap<PartyId, u32> = BTreeMap::new();
        for mention in mentions.list.iter().filter(|mention| mention.form != Form::Place) {
            *counts.entry(mention.party).or_default() += 1;
        }
        let mut parties: Vec<(PartyCode, u32)> =
            counts.into_iter().map(|(id, count)| (self.registry.get(id).code.clone(), count)).collect();
        parties.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        parties
    }
}

/// The cue that a reader would point at: one whose class usually carries `stance`, in the closest roles.
fn deciding_cue(candidate: &Candidate, stance: Stance) -> &CueLink {
    let rank = |link: &&CueLink| {
        let usual = Cues::get().class(&link.cue).stance();
        let fits = usual == Some(stance) && !link.negated && !link.reversed
            || (link.negated || link.reversed) && usual == Some(Stance::Aligned) && stance == Stance::Opposed;
        (!fits, link.nested, !matches!(link.modality, Modality::Asserted | Modality::Future))
    };
    candidate.cues.iter().min_by_key(rank).unwrap_or(&candidate.cues[0])
}
