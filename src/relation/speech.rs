//! Who speaks: direct quotations with their speakers, reported speech, "according to".

use crate::lexicon::Lexicon;
use crate::party::{Mention, PartyId, Role};
use crate::text::{Document, SentenceKind};

/// Whose words a stretch of tokens is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speech {
    /// The writer's own.
    Narration,
    /// Those of the mention of this index.
    Mention(usize),
    /// Those of the party whose statement the whole text is.
    Owner(PartyId),
    /// Those of somebody who is no state.
    Stranger,
}

/// A reporting verb or "according to", with its speaker.
#[derive(Debug, Clone, Copy)]
struct Report {
    /// First token of the speaker's phrase or of the verb, whichever comes first.
    start: usize,
    /// One past the verb or the phrase, whichever comes last.
    end: usize,
    speaker: Option<usize>,
}

/// The speaker of every token.
pub(super) struct Speakers {
    by_token: Vec<Speech>,
}

impl Speakers {
    /// Reads the whole document; `owner` is the party whose statement it is.
    pub(super) fn new(document: &Document<'_>, mentions: &[Mention], owner: Option<PartyId>) -> Self {
        let ground = owner.map_or(Speech::Narration, Speech::Owner);
        let mut speakers = Self { by_token: vec![ground; document.tokens.len()] };
        let reports: Vec<Vec<Report>> =
            (0..document.sentences.len()).map(|sentence| reports(document, mentions, sentence)).collect();
        for (sentence, reports) in reports.iter().enumerate() {
            speakers.mark_sentence(document, sentence, reports);
        }
        speakers.mark_quotes(document, &reports);
        speakers
    }

    /// Whose words `token` is.
    pub(super) fn of(&self, token: usize) -> Speech {
        self.by_token.get(token).copied().unwrap_or(Speech::Narration)
    }

    /// Reported speech within one sentence: what follows a reporting verb, and what stands before ", X said".
    fn mark_sentence(&mut self, document: &Document<'_>, sentence: usize, reports: &[Report]) {
        let tokens = document.sentences[sentence].tokens.clone();
        for (number, report) in reports.iter().enumerate() {
            let speech = speech(*report);
            if is_parenthetical(document, report, tokens.start) {
                let from = if number == 0 { tokens.start } else { reports[number - 1].end };
                self.by_token[from.min(report.start)..report.start].fill(speech);
            }
            self.by_token[report.end.min(tokens.end)..tokens.end].fill(speech);
        }
    }

    /// Quotations without a report in their own sentence: of the sentence before or after, in the same
    /// paragraph, or of the paragraph before if this one only goes on quoting.
    fn mark_quotes(&mut self, document: &Document<'_>, reports: &[Vec<Report>]) {
        let mut last: Option<(usize, Speech)> = None;
        for sentence in 0..document.sentences.len() {
            if document.sentences[sentence].kind == SentenceKind::Furniture {
                continue;
            }
            if let Some(report) = reports[sentence].last() {
                last = Some((document.sentences[sentence].paragraph, speech(*report)));
                self.mark_quoted(document, sentence, speech(reports[sentence][0]), true);
                continue;
            }
            let tokens = document.sentences[sentence].tokens.clone();
            if document.quotes_among(&tokens).is_empty() {
                continue;
            }
            let paragraph = document.sentences[sentence].paragraph;
            let before = last.filter(|&(of, _)| of == paragraph).map(|(_, speech)| speech);
            let after = || following(document, reports, sentence);
            let continued =
                || last.filter(|&(of, _)| of + 1 == paragraph && opens_with_quote(document, sentence)).map(|(_, s)| s);
            if let Some(speech) = before.or_else(after).or_else(continued) {
                self.mark_quoted(document, sentence, speech, false);
                last = Some((paragraph, speech));
            }
        }
    }

    /// Gives the quoted tokens of a sentence to `speech`; if `only_ground`, those that nobody has yet.
    fn mark_quoted(&mut self, document: &Document<'_>, sentence: usize, speech: Speech, only_ground: bool) {
        let tokens = document.sentences[sentence].tokens.clone();
        for quote in document.quotes_among(&tokens) {
            for at in quote.first_token.max(tokens.start)..quote.last_token.min(tokens.end) {
                if !only_ground || matches!(self.by_token[at], Speech::Narration) {
                    self.by_token[at] = speech;
                }
            }
        }
    }
}

/// "..., X said": the report stands behind what was said.
fn is_parenthetical(document: &Document<'_>, report: &Report, start: usize) -> bool {
    report.start > start && matches!(document.lower(report.start - 1), "," | "\"" | "”" | "’" | "?" | "!" | "—" | "–")
}

fn speech(report: Report) -> Speech {
    report.speaker.map_or(Speech::Stranger, Speech::Mention)
}

/// The report in a later sentence of the same paragraph.
fn following(document: &Document<'_>, reports: &[Vec<Report>], sentence: usize) -> Option<Speech> {
    let paragraph = document.sentences[sentence].paragraph;
    (sentence + 1..document.sentences.len())
        .take_while(|&next| document.sentences[next].paragraph == paragraph)
        .find_map(|next| reports[next].first().map(|report| speech(*report)))
}

fn opens_with_quote(document: &Document<'_>, sentence: usize) -> bool {
    matches!(document.lower(document.sentences[sentence].tokens.start), "\"" | "“")
}

/// The reports of one sentence, in order.
fn reports(document: &Document<'_>, mentions: &[Mention], sentence: usize) -> Vec<Report> {
    let lexicon = Lexicon::get();
    let tokens = document.sentences[sentence].tokens.clone();
    let quotes = document.quotes_among(&tokens);
    let mut reports = Vec::new();
    for at in tokens.clone() {
        let word = document.lower(at);
        let inside = quotes.iter().any(|quote| quote.first_token <= at && at < quote.last_token);
        if inside {
            continue;
        }
        if word == "according" && document.lower(at + 1) == "to" {
            let speaker = mention_from(document, mentions, at + 2).filter(|&index| mentions[index].role == Role::State);
            let end = speaker.map_or(at + 2, |index| mentions[index].phrase.end);
            reports.push(Report { start: at, end, speaker });
        } else if lexicon.reporting.has(word) && reports_speech(document, at, tokens.end) {
            reports.push(report_of_verb(document, mentions, at, &tokens));
        }
    }
    reports
}

/// Verbs that always report, and others that do so only before "that" or a quotation.
fn reports_speech(document: &Document<'_>, at: usize, end: usize) -> bool {
    let always = matches!(
        document.lower(at),
        "said"
            | "says"
            | "say"
            | "told"
            | "added"
            | "stated"
            | "declared"
            | "announced"
            | "insisted"
            | "stressed"
            | "warned"
            | "noted"
            | "saying"
            | "claimed"
            | "argued"
            | "adding"
            | "reiterated"
            | "wrote"
            | "remarked"
    );
    always
        || (at + 1..end.min(at + 4)).any(|next| matches!(document.lower(next), "that" | "\"" | "“" | ":"))
        || matches!(document.lower(at.saturating_sub(1)), "he" | "she") && document.lower(at + 1) == "."
}

fn report_of_verb(
    document: &Document<'_>,
    mentions: &[Mention],
    verb: usize,
    sentence: &std::ops::Range<usize>,
) -> Report {
    if let Some(index) = speaker_before(document, mentions, verb, sentence.start) {
        return Report { start: mentions[index].phrase.start.min(verb), end: verb + 1, speaker: Some(index) };
    }
    // "said the minister": only after a quotation or a comma.
    let inverted = verb > sentence.start && matches!(document.lower(verb - 1), "," | "\"" | "”" | "’");
    if inverted && let Some(index) = mention_from(document, mentions, verb + 1) {
        let speaker = (mentions[index].role == Role::State).then_some(index);
        return Report { start: verb, end: mentions[index].phrase.end, speaker };
    }
    let mut start = verb;
    while start > sentence.start && !matches!(document.lower(start - 1), "," | "\"" | "”") {
        start -= 1;
    }
    Report { start, end: verb + 1, speaker: None }
}

/// The state that is the subject of the reporting verb at `verb`.
fn speaker_before(document: &Document<'_>, mentions: &[Mention], verb: usize, start: usize) -> Option<usize> {
    let lexicon = Lexicon::get();
    let mut at = verb;
    let mut commas = 0;
    while at > start {
        if let Some(index) = ending_at(mentions, at, start) {
            let mention = &mentions[index];
            return (mention.role == Role::State && !is_oblique(document, mention, start)).then_some(index);
        }
        let word = document.lower(at - 1);
        let skip = lexicon.auxiliaries.has(word)
            || lexicon.chain.has(word)
            || word.ends_with("ly")
            || lexicon.actions.has(word)
            || lexicon.reporting.has(word)
            || matches!(
                word,
                "and"
                    | "who"
                    | "which"
                    | "that"
                    | "statement"
                    | "communique"
                    | "a"
                    | "issued"
                    | "released"
                    | "in"
                    | "week"
                    | "month"
                    | "year"
                    | "morning"
                    | "late"
                    | "early"
                    | "of"
                    | "its"
                    | "own"
                    | "the"
            );
        if word == "," && commas < 1 {
            commas += 1;
            // Past an apposition: "Wang, a seasoned diplomat, said".
            let opening = (at.saturating_sub(25).max(start)..at - 1).rev().find(|&token| document.lower(token) == ",");
            at = opening.unwrap_or(at - 1);
        } else if skip {
            at -= 1;
        } else {
            return None;
        }
    }
    None
}

/// The last mention whose phrase ends at `at`, of those that begin at `start` or later.
fn ending_at(mentions: &[Mention], at: usize, start: usize) -> Option<usize> {
    let before = mentions.partition_point(|mention| mention.phrase.start < at);
    let near = (0..before).rev().take_while(|&index| mentions[index].phrase.start >= start);
    near.into_iter().find(|&index| mentions[index].phrase.end == at)
}

fn is_oblique(document: &Document<'_>, mention: &Mention, start: usize) -> bool {
    let lexicon = Lexicon::get();
    let mut before = mention.phrase.start;
    if before > start && lexicon.determiners.has(document.lower(before - 1)) {
        before -= 1;
    }
    before > start && lexicon.prepositions.has(document.lower(before - 1)) && document.lower(before - 1) != "as"
}

/// The mention whose phrase starts at `at`, past an article and a title.
fn mention_from(document: &Document<'_>, mentions: &[Mention], at: usize) -> Option<usize> {
    let skip = usize::from(Lexicon::get().determiners.has(document.lower(at)));
    let found = |at: usize| {
        let index = mentions.partition_point(|mention| mention.phrase.start < at);
        mentions.get(index).filter(|mention| mention.phrase.start == at).map(|_| index)
    };
    found(at).or_else(|| found(at + skip)).or_else(|| {
        (at + 1..at + 6).find_map(|next| {
            let plain = (at..next).all(|token| {
                document.tokens.get(token).is_some_and(|t| t.capitalised)
                    || Lexicon::get().modifiers.has(document.lower(token))
                    || Lexicon::get().government_people.has(document.lower(token))
                    || document.lower(token) == ","
            });
            plain.then(|| found(next)).flatten()
        })
    })
}
