//! The names of a candidate's features.

use crate::lexicon::Lexicon;
use crate::party::{Form, Mention, Mentions, Role};
use crate::relation::{Candidate, Cue, CueKind, Cues, Parsed, Path};
use crate::stance::{Modality, Stance};
use crate::syntax::{Relation, Tree};
use crate::text::Document;

/// Longest zone between holder and target that is read whole, in words.
const ZONE: usize = 14;
/// Names of a path's length; the last stands for all that are longer.
const LENGTHS: [&str; 7] = ["0", "1", "2", "3", "4", "5", "6"];

/// Receives the names of features, one after the other, perhaps twice; built in one buffer, so that prediction allocates
/// none.
struct Names<'s> {
    buffer: String,
    sink: &'s mut dyn FnMut(&str),
}

impl Names<'_> {
    fn add(&mut self, parts: &[&str]) {
        self.buffer.clear();
        for part in parts {
            self.buffer.push_str(part);
        }
        (self.sink)(&self.buffer);
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
struct Reader<'a> {
    document: &'a Document<'a>,
    mentions: &'a Mentions,
    tree: &'a Tree,
    cues: &'a [Cue],
    candidate: &'a Candidate,
    /// "p": toward a party; "c": toward one that the context names; "i": toward the issue.
    kind: &'static str,
    /// The same, for ways that are not the closest.
    other_kind: &'static str,
    /// By word of the tree: which party of the pair it names.
    masks: Vec<Option<&'static str>>,
    stems: &'a [String],
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
        Self { document, mentions, tree, cues: &parsed.cues, candidate, kind, other_kind, masks, stems: &parsed.stems }
    }

    /// The base form of a word; the parties of the pair masked as such.
    fn stem(&self, word: usize) -> &str {
        self.masks[word].unwrap_or(&self.stems[word])
    }

    /// The classes of the cues that start at a word.
    fn classes(&self, word: usize) -> impl Iterator<Item = &'a Cue> + '_ {
        let tokens = self.tree.units[word].tokens.clone();
        self.cues.iter().filter(move |cue| tokens.contains(&cue.tokens.start))
    }

    /// "not-", "un-" or "", as the candidate's link to the cue says.
    fn sign(&self, cue: &Cue) -> &'static str {
        let same = |link: &&crate::relation::CueLink| link.cue.tokens.start == cue.tokens.start;
        match self.candidate.cues.iter().find(same).map(|link| (link.negated, link.reversed)) {
            Some((true, _)) => "not-",
            Some((false, true)) => "un-",
            _ => "",
        }
    }

    /// What the words above `word` on the path, and its own negation, make of it: "not-" below "refused to", "un-"
    /// below "suspended".
    fn sign_of(&self, path: &Path, word: usize) -> &'static str {
        let mut sign = self.sign_above(path);
        let down = path.pivot.into_iter().chain(path.target_side.iter().rev().map(|step| step.word));
        for above in down {
            if self.is_negated(above) {
                sign = "not-";
            }
            if above == word {
                return sign;
            }
            if Lexicon::get().shifters.has(self.tree.units[above].word(self.document)) {
                sign = if sign.is_empty() { "un-" } else { "" };
            }
        }
        if self.is_negated(word) { "not-" } else { "" }
    }

    /// What the verbs that control the pivot make of it: "not-" in "refused to provide".
    fn sign_above(&self, path: &Path) -> &'static str {
        let Some(mut at) = path.pivot else { return "" };
        while matches!(self.tree.relations[at], Relation::Xcomp | Relation::Acl)
            && let Some(head) = self.tree.head(at)
        {
            let reverses = Lexicon::get().shifters.has(self.tree.units[head].word(self.document));
            if reverses || self.is_negated(head) {
                return "not-";
            }
            if self.tree.relations[at] == Relation::Acl {
                break;
            }
            at = head;
        }
        ""
    }

    /// The sign of the word closest to the target on the closest way.
    fn path_sign(&self) -> &'static str {
        let Some(path) = self.candidate.paths.first() else { return "" };
        let lowest = path.target_side.first().map(|step| step.word).or(path.pivot);
        lowest.map_or("", |word| self.sign_of(path, word))
    }

    fn is_negated(&self, word: usize) -> bool {
        self.tree.dependents(word).any(|dependent| {
            self.tree.relations[dependent] == Relation::Neg
                || matches!(self.tree.units[dependent].word(self.document), "no" | "neither" | "never" | "cannot")
                || self.tree.units[dependent].word(self.document).ends_with("n't")
        })
    }

    fn path(&self, names: &mut Names<'_>, path: &Path, closest: bool) {
        let kind = if closest { self.kind } else { self.other_kind };
        let bound = if path.is_bound { "" } else { "~" };
        let shape = Self::shape(path);
        names.add(&[kind, ":shape:", bound, &shape]);
        if closest {
            names.add(&[kind, ":closest:", bound, &path.holder_role, ">", &path.target_role]);
            names.add(&[kind, ":length:", LENGTHS[path.length().min(LENGTHS.len() - 1)]]);
        }
        let declares_neutrality = self.declares_neutrality(path);
        for (side, word, role) in path.words() {
            let sign = self.sign_of(path, word);
            let stem = self.stem(word);
            names.add(&[kind, ":", side, ":", sign, stem]);
            names.add(&[kind, ":", side, ":", sign, stem, "|", bound, &path.holder_role, ">", role]);
            for cue in self.classes(word) {
                let stance = Cues::get().class(cue).stance();
                if !declares_neutrality || stance.is_none_or(|stance| stance == Stance::Neutral) {
                    self.class(names, kind, path, side, role, cue, sign);
                }
            }
            self.kids(names, kind, path, side, word, sign);
        }
        if closest {
            self.lowest_subject(names, path);
        }
    }

    /// The positions that the words of the path usually carry, from the pivot down to the target: "opposed>aligned"
    /// for "rejected support for".
    fn polarities(&self, names: &mut Names<'_>, path: &Path) {
        let kind = self.kind;
        let usual = |word: usize| {
            let cue = self.classes(word).find(|cue| Cues::get().class(cue).stance().is_some())?;
            let stance = Cues::get().class(cue).stance()?;
            let above = self.sign_of(path, word);
            Some(format!("{}{}", if above.is_empty() { self.sign(cue) } else { above }, stance.name()))
        };
        let target_side = path.target_side.iter().rev().map(|step| step.word);
        let down: Vec<usize> = path.pivot.into_iter().chain(target_side).collect();
        let below = down.last().and_then(|&lowest| self.cue_below(path, lowest, 2));
        let mut chain: Vec<String> = down.iter().copied().chain(below).filter_map(usual).collect();
        if self.declares_neutrality(path) {
            chain.retain(|usual| usual.ends_with(Stance::Neutral.name()));
        }
        let bound = if path.is_bound { "" } else { "~" };
        let sequence = chain.join(">");
        names.add(&[kind, ":polarities:", &sequence]);
        names.add(&[kind, ":polarities:", &sequence, "|", bound, &path.holder_role]);
        names.add(&[kind, ":polarities:", &sequence, "|", bound, &path.holder_role, "|", self.target_name()]);
        if let Some(nearest) = chain.last() {
            names.add(&[kind, ":nearest:", nearest, "|", bound, &path.holder_role]);
        }
    }

    /// Whether the path speaks of neutrality: then verbs such as "uphold" and "reject" only carry it.
    fn declares_neutrality(&self, path: &Path) -> bool {
        let is_neutral =
            |word: usize| self.classes(word).any(|cue| Cues::get().class(cue).stance() == Some(Stance::Neutral));
        let lowest = path.target_side.first().map(|step| step.word).or(path.pivot);
        let below = lowest.and_then(|word| self.cue_below(path, word, 2));
        path.words().any(|(_, word, _)| is_neutral(word)) || below.is_some_and(is_neutral)
    }

    /// The first word with a stance of its own among the objects, complements and adjectives of `word`, off the path:
    /// "independent" in "uphold an independent stance".
    fn cue_below(&self, path: &Path, word: usize, depth: usize) -> Option<usize> {
        let carried = |below: usize| {
            matches!(
                self.tree.relations[below],
                Relation::Dobj | Relation::Attr | Relation::Amod | Relation::Oprd | Relation::Xcomp
            ) && !path.words().any(|(_, on_path, _)| on_path == below)
        };
        let has_stance = |below: usize| self.classes(below).any(|cue| Cues::get().class(cue).stance().is_some());
        let below: Vec<usize> = self.tree.dependents(word).filter(|&below| carried(below)).collect();
        below.iter().copied().find(|&below| has_stance(below)).or_else(|| {
            let deeper = below.iter().find_map(|&below| self.cue_below(path, below, depth.checked_sub(1)?));
            deeper.filter(|_| depth > 0)
        })
    }

    /// The roles along the path, without its words.
    fn shape(path: &Path) -> String {
        let mut shape = path.holder_role.clone();
        let target = path.target_side.iter().map(|step| step.role.as_str()).chain([path.target_role.as_str()]);
        for role in target.take(4) {
            shape.push('|');
            shape.push_str(role);
        }
        shape
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one name")]
    fn class(&self, names: &mut Names<'_>, kind: &str, path: &Path, side: &str, role: &str, cue: &Cue, above: &str) {
        let bound = if path.is_bound { "" } else { "~" };
        let class = Cues::get().class(cue);
        let sign = if above.is_empty() { self.sign(cue) } else { above };
        let form = form_name(cue);
        let usual = class.stance().map_or("none", Stance::name);
        let name = &class.name;
        let holder = &path.holder_role;
        names.add(&[kind, ":class:", side, ":", sign, name]);
        names.add(&[kind, ":class:", side, ":", sign, name, form, "|", bound, holder, ">", role]);
        names.add(&[kind, ":class:", side, ":", sign, name, form, "|", bound, holder]);
        names.add(&[kind, ":usual:", side, ":", sign, usual, form, "|", bound, holder, ">", role]);
        names.add(&[kind, ":usual:", sign, usual, "|", bound, holder, "|", self.target_name()]);
        names.add(&[kind, ":cue:", sign, Cues::get().lemma(self.document, cue), "|", bound, holder, ">", role]);
    }

    /// What hangs on a word of the path: its objects, complements, particles.
    fn kids(&self, names: &mut Names<'_>, kind: &str, path: &Path, side: &str, word: usize, above: &str) {
        let on_path = |dependent: usize| path.words().any(|(_, word, _)| word == dependent);
        for dependent in self.tree.dependents(word) {
            let relation = self.tree.relations[dependent];
            let telling = matches!(
                relation,
                Relation::Dobj
                    | Relation::Attr
                    | Relation::Oprd
                    | Relation::Xcomp
                    | Relation::Prt
                    | Relation::Prep
                    | Relation::Amod
                    | Relation::Advmod
                    | Relation::Ccomp
                    | Relation::Aux
                    | Relation::Mark
            );
            if !telling || on_path(dependent) {
                continue;
            }
            let stem = self.stem(dependent);
            if stem == "HOLDER" {
                continue;
            }
            names.add(&[kind, ":kid:", side, ":", above, relation.name(), ":", stem]);
            if matches!(relation, Relation::Dobj | Relation::Prt | Relation::Attr | Relation::Xcomp) {
                names.add(&[kind, ":with:", above, self.stem(word), "+", stem]);
            }
            for cue in self.classes(dependent) {
                let class = Cues::get().class(cue);
                let usual = class.stance().map_or("none", Stance::name);
                let sign = if above.is_empty() { self.sign(cue) } else { above };
                names.add(&[kind, ":kid-class:", side, ":", relation.name(), ":", sign, &class.name]);
                names.add(&[kind, ":kid-usual:", side, ":", sign, usual, "|", &path.holder_role]);
            }
            if relation == Relation::Prep {
                for object in self.tree.dependents(dependent).filter(|&object| !on_path(object)) {
                    names.add(&[kind, ":kid:", side, ":prep:", stem, "_", self.stem(object)]);
                }
            }
        }
    }

    /// Who is the subject of the verb closest above the target.
    fn lowest_subject(&self, names: &mut Names<'_>, path: &Path) {
        let kind = self.kind;
        let verb = path.words().map(|(_, word, _)| word).find(|&word| self.tree.tags[word].is_verb());
        let Some(verb) = verb else { return };
        let subject = self
            .tree
            .dependents(verb)
            .find(|&word| matches!(self.tree.relations[word], Relation::Nsubj | Relation::Nsubjpass));
        let subject = match subject {
            None => "none",
            Some(word) => match (self.masks[word], self.tree.units[word].word(self.document)) {
                (Some(mask), _) => mask,
                (None, "we" | "i") => "WE",
                (None, _) if self.tree.units[word].mask.is_some() => "PARTY",
                (None, _) => "other",
            },
        };
        let pivot = if Some(verb) == path.pivot { "pivot" } else { "below" };
        names.add(&[kind, ":subject:", pivot, ":", subject]);
        for cue in self.classes(verb) {
            let class = Cues::get().class(cue);
            names.add(&[kind, ":subject:", pivot, ":", subject, "|", self.sign(cue), &class.name]);
        }
    }

    fn target_name(&self) -> &'static str {
        match self.candidate.target_mention {
            Some(index) => role_name(&self.mentions.list[index]),
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
    }

    fn links(&self, names: &mut Names<'_>) {
        let kind = self.kind;
        let mut usual: Vec<(Stance, bool)> = Vec::new();
        for link in &self.candidate.cues {
            let class = Cues::get().class(&link.cue);
            let polarity = class.stance().map_or("none", Stance::name);
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
        grams(names, &[self.kind, ":", self.path_sign(), "word:"], &words);
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
                grams(names, &[kind, ":", self.path_sign(), "between-", order, ":"], &words);
            }
        }
        let length = self.tree.units.len();
        let around = |from: usize, to: usize| (from..to).map(|word| self.stem(word)).collect::<Vec<&str>>();
        grams(names, &[kind, ":after-target:"], &around(target + 1, length.min(target + 3)));
        grams(names, &[kind, ":before-target:"], &around(target.saturating_sub(2), target));
    }
}

/// Unigrams and bigrams of a zone.
fn grams(names: &mut Names<'_>, zone: &[&str], words: &[&str]) {
    let mut parts = zone.to_vec();
    let length = parts.len();
    for (at, word) in words.iter().enumerate() {
        parts.truncate(length);
        parts.push(word);
        names.add(&parts);
        if let Some(next) = words.get(at + 1) {
            parts.extend(["_", next]);
            names.add(&parts);
        }
    }
}

/// The grammatical form of the cue: nouns tie more loosely than verbs.
fn form_name(cue: &Cue) -> &'static str {
    match cue.kind {
        CueKind::Noun => ".noun",
        CueKind::Phrase => ".phrase",
        CueKind::Gerund => ".gerund",
        CueKind::Verb | CueKind::Participle => "",
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
