//! The names of a candidate's features.

use crate::lexicon::Lexicon;
use crate::party::{Form, Mention, Mentions, Role};
use crate::relation::{Candidate, Cue, CueLink, Cues, IssueNamed, Overlap, Parsed, Stems, cues_at};
use crate::stance::{Modality, Stance};
use crate::syntax::{Relation, Tree};
use crate::text::Document;

/// Longest zone between holder and target that is read whole, in words.
const ZONE: usize = 14;

/// How many words before a preposition whoever acts may stand.
const REACH_OF_AUTHOR: usize = 5;

/// Receives the names of features, one after the other, perhaps twice; built in one buffer, so that prediction allocates
/// none.
pub(super) struct Names<'s> {
    buffer: String,
    sink: &'s mut dyn FnMut(&str),
}

impl Names<'_> {
    pub(super) fn add(&mut self, parts: &[&str]) {
        self.buffer.clear();
        for part in parts {
            self.buffer.push_str(part);
        }
        (self.sink)(&self.buffer);
    }

    /// The words of a zone, alone and in pairs; `zone` are the parts of its name.
    fn grams(&mut self, zone: &[&str], words: &[&str]) {
        self.buffer.clear();
        for part in zone {
            self.buffer.push_str(part);
        }
        let length = self.buffer.len();
        for (at, word) in words.iter().enumerate() {
            self.buffer.truncate(length);
            self.buffer.push_str(word);
            (self.sink)(&self.buffer);
            if let Some(next) = words.get(at + 1) {
                self.buffer.push('_');
                self.buffer.push_str(next);
                (self.sink)(&self.buffer);
            }
        }
    }
}

/// Gives the names of the candidate's features to `sink`, some of them twice. `parsed` is its sentence.
pub fn visit_names(
    document: &Document<'_>,
    mentions: &Mentions,
    parsed: &Parsed,
    candidate: &Candidate,
    sink: &mut dyn FnMut(&str),
) {
    let reader = Reader::new(document, mentions, parsed, candidate);
    let mut names = Names { buffer: String::with_capacity(64), sink };
    for (number, path) in candidate.paths.iter().enumerate() {
        reader.path(&mut names, path, number == 0);
    }
    if let Some(path) = candidate.paths.first() {
        reader.polarities(&mut names, path);
    }
    reader.pair(&mut names);
    reader.links(&mut names);
    reader.sentence(&mut names);
    reader.between(&mut names);
    reader.directed(&mut names);
}

/// The names of the candidate's features, each once, in alphabetical order.
#[must_use]
pub fn names(document: &Document<'_>, mentions: &Mentions, parsed: &Parsed, candidate: &Candidate) -> Vec<String> {
    let mut names = Vec::with_capacity(256);
    visit_names(document, mentions, parsed, candidate, &mut |name| names.push(name.to_owned()));
    names.sort_unstable();
    names.dedup();
    names
}

/// A candidate with all that its features are read from.
pub(super) struct Reader<'a> {
    pub(super) document: &'a Document<'a>,
    mentions: &'a Mentions,
    pub(super) tree: &'a Tree,
    cues: &'a [Cue],
    pub(super) candidate: &'a Candidate,
    /// "p": toward a party; "c": toward one that the context names; "i": toward the issue.
    pub(super) kind: &'static str,
    /// The same, for ways that are not the closest.
    pub(super) other_kind: &'static str,
    /// By word of the tree: which party of the pair it names.
    pub(super) masks: Vec<Option<&'static str>>,
    stems: &'a Stems,
    overlap: Option<Overlap>,
}

impl<'a> Reader<'a> {
    fn new(document: &'a Document<'a>, mentions: &'a Mentions, parsed: &'a Parsed, candidate: &'a Candidate) -> Self {
        let tree = &parsed.tree;
        let mut masks = vec![None; tree.units.len()];
        let first = mentions.list.partition_point(|mention| mention.sentence < parsed.sentence);
        for mention in mentions.list[first..].iter().take_while(|mention| mention.sentence == parsed.sentence) {
            let mask = if mention.party == candidate.holder {
                "HOLDER"
            } else if Some(mention.party) == candidate.target {
                "TARGET"
            } else {
                "PARTY"
            };
            if let Some(word) = tree.unit_of(mention.tokens.start) {
                masks[word] = masks[word].or(Some(mask));
            }
        }
        let (kind, other_kind) = match (candidate.target, candidate.is_contextual) {
            (None, _) => ("i", "i2"),
            (Some(_), true) => ("c", "c2"),
            (Some(_), false) => ("p", "p2"),
        };
        Self {
            document,
            mentions,
            tree,
            cues: &parsed.cues,
            candidate,
            kind,
            other_kind,
            masks,
            stems: &parsed.stems,
            overlap: parsed.overlap,
        }
    }

    /// The base form of a word; the parties of the pair masked as such.
    pub(super) fn stem(&self, word: usize) -> &str {
        self.masks[word].unwrap_or_else(|| self.stems.get(word))
    }

    /// The classes of the cues that start at a word.
    pub(super) fn classes(&self, word: usize) -> impl Iterator<Item = &'a Cue> + '_ {
        cues_at(self.tree, self.cues, word)
    }

    /// "not-", "un-" or "", as the candidate's link to the cue says.
    pub(super) fn sign(&self, cue: &Cue) -> &'static str {
        let same = |link: &&CueLink| link.cue.tokens.start == cue.tokens.start;
        match self.candidate.cues.iter().find(same).map(|link| (link.negated, link.reversed)) {
            Some((true, _)) => "not-",
            Some((false, true)) => "un-",
            _ => "",
        }
    }

    pub(super) fn target_name(&self) -> &'static str {
        match self.candidate.target_mention {
            Some(index) => role_name(&self.mentions.list[index]),
            None if self.candidate.issue_named == IssueNamed::Other => "other-issue",
            None if self.candidate.issue_token.is_some() => "issue",
            None => "unnamed",
        }
    }

    fn pair(&self, names: &mut Names<'_>) {
        let (candidate, kind) = (self.candidate, self.kind);
        let holder = candidate.holder_mention.map_or("owner", |index| role_name(&self.mentions.list[index]));
        names.add(&[kind, ":holder:", holder]);
        names.add(&[kind, ":target:", self.target_name()]);
        names.add(&[kind, ":pair:", holder, ">", self.target_name()]);
        if candidate.speaks {
            names.add(&[kind, ":speaks"]);
        }
        if candidate.holder_listed {
            names.add(&[kind, ":holder-listed"]);
        }
        if candidate.target_listed {
            names.add(&[kind, ":target-listed"]);
        }
        if let Some(token) = candidate.issue_token {
            let word = self.document.lower(token);
            let word = if Lexicon::get().issues.has(word) { word } else { "given" };
            names.add(&["issue-word:", word]);
        }
        if let Some(overlap) = self.overlap.filter(|_| candidate.target.is_none()) {
            self.issue(names, overlap);
        }
    }

    /// How much of the given issue the sentence names, and whether it is the holder's own.
    fn issue(&self, names: &mut Names<'_>, overlap: Overlap) {
        let kind = self.kind;
        let amount = |count: usize| ["0", "1", "2", "many"][count.min(3)];
        let whose = if self.candidate.holder_in_issue { "own" } else { "other" };
        let words = amount(overlap.words);
        names.add(&[kind, ":issue-given"]);
        names.add(&[kind, ":issue-words:", words]);
        names.add(&[kind, ":issue-of:", whose]);
        if let Some(path) = self.candidate.paths.first() {
            names.add(&[kind, ":issue-words:", words, "|", path.holder_role]);
            names.add(&[kind, ":issue-of:", whose, "|", path.holder_role]);
        }
        names.add(&[kind, ":issue-words:", words, ">", self.target_name()]);
        names.add(&[kind, ":issue-parties:", amount(overlap.parties)]);
        for link in &self.candidate.cues {
            let usual = Cues::get().class(&link.cue).usual_name();
            names.add(&[kind, ":issue-words:", words, "|", usual]);
            names.add(&[kind, ":issue-of:", whose, "|", usual]);
        }
    }

    /// The preposition that leads to the target, and whether another party stands before it: in "the policy of the West
    /// toward Cuba" the West acts, and Cuba is only whom it acts upon.
    fn directed(&self, names: &mut Names<'_>) {
        let Some(target) = self.masks.iter().position(|&mask| mask == Some("TARGET")) else { return };
        let relations = &self.tree.relations;
        let is_joined = |&word: &usize| relations[word] == Relation::Conj;
        let first = self.tree.up(target).find(|word| !is_joined(word)).unwrap_or(target);
        let Some(preposition) = self.tree.head(first).filter(|_| relations[first] == Relation::Pobj) else { return };
        let before = preposition.saturating_sub(REACH_OF_AUTHOR)..preposition;
        let by = if before.clone().any(|word| self.masks[word] == Some("PARTY")) {
            "|by-other"
        } else if before.clone().any(|word| self.masks[word] == Some("HOLDER")) {
            "|by-holder"
        } else {
            ""
        };
        names.add(&[self.kind, ":directed:", self.stem(preposition), by]);
        names.add(&[self.kind, ":directed", by]);
    }

    fn links(&self, names: &mut Names<'_>) {
        let kind = self.kind;
        let mut usual: Vec<(Stance, bool)> = Vec::new();
        for link in &self.candidate.cues {
            let class = Cues::get().class(&link.cue);
            let polarity = class.usual_name();
            if link.modality != Modality::Asserted {
                names.add(&[kind, ":modality:", modality_name(link.modality), "|", polarity]);
            }
            if link.nested {
                names.add(&[kind, ":nested|", polarity]);
            }
            usual.extend(class.stance().map(|stance| (stance, link.negated)));
        }
        usual.sort_unstable_by_key(|&(stance, negated)| (stance.index(), negated));
        usual.dedup();
        if usual.len() > 1 {
            names.add(&[kind, ":mixed"]);
        }
        if usual.is_empty() {
            names.add(&[kind, ":no-cue"]);
        }
        for cue in self.cues {
            let linked = self.candidate.cues.iter().any(|link| link.cue.tokens.start == cue.tokens.start);
            if !linked {
                names.add(&[kind, ":elsewhere:", &Cues::get().class(cue).name]);
            }
        }
    }

    /// All words of the sentence, alone and in pairs.
    fn sentence(&self, names: &mut Names<'_>) {
        let words: Vec<&str> = (0..self.tree.units.len()).map(|word| self.stem(word)).collect();
        names.grams(&[self.kind, ":", self.path_sign(), "word:"], &words);
        if let Some(root) = (0..words.len()).find(|&word| self.tree.head(word).is_none()) {
            names.add(&[self.kind, ":root:", words[root]]);
        }
    }

    /// The words between holder and target, and around the target.
    fn between(&self, names: &mut Names<'_>) {
        let kind = self.kind;
        let here = |index: Option<usize>| {
            let mention =
                self.mentions.list.get(index?).filter(|mention| mention.sentence == self.candidate.sentence)?;
            self.tree.unit_of(mention.tokens.start)
        };
        let holder = here(self.candidate.holder_mention);
        let target = here(self.candidate.target_mention)
            .or_else(|| self.candidate.issue_token.and_then(|token| self.tree.unit_of(token)));
        let Some(target) = target else { return };
        if let Some(holder) = holder {
            let (zone, order) =
                if holder < target { (holder + 1..target, "ht") } else { (target + 1..holder.max(target + 1), "th") };
            let bucket = match zone.len() {
                0..=3 => "near",
                4..=8 => "mid",
                9..=14 => "far",
                _ => "very-far",
            };
            names.add(&[kind, ":distance:", order, "-", bucket]);
            if zone.len() <= ZONE {
                let words: Vec<&str> = zone.map(|word| self.stem(word)).collect();
                names.grams(&[kind, ":", self.path_sign(), "between-", order, ":"], &words);
            }
        }
        let length = self.tree.units.len();
        let around = |from: usize, to: usize| (from..to).map(|word| self.stem(word)).collect::<Vec<&str>>();
        names.grams(&[kind, ":after-target:"], &around(target + 1, length.min(target + 3)));
        names.grams(&[kind, ":before-target:"], &around(target.saturating_sub(2), target));
    }
}

fn modality_name(modality: Modality) -> &'static str {
    match modality {
        Modality::Asserted => "asserted",
        Modality::Conditional => "conditional",
        Modality::Hedged => "hedged",
        Modality::Future => "future",
        Modality::Past => "past",
    }
}

fn role_name(mention: &Mention) -> &'static str {
    match (mention.role, mention.form) {
        (Role::State, Form::Anaphor) => "anaphor",
        (Role::State, _) if mention.person => "person",
        (Role::State, _) if mention.phrase.len() > mention.tokens.len() + 1 => "government",
        (Role::State, _) => "state",
        (Role::Act, _) => "act",
        (Role::Place, _) => "place",
        (Role::Other, Form::People) => "people",
        (Role::Other, _) if mention.possessive => "possessor",
        (Role::Other, _) => "other",
    }
}
