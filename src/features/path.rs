//! Features of the way between a holder and a target: its words, their cues, what hangs on them, and what the words
//! above make of those below.

use crate::lexicon::Lexicon;
use crate::relation::{Cue, CueKind, Cues, Path};
use crate::stance::Stance;
use crate::syntax::Relation;

use super::extract::{Names, Reader};

/// Names of a path's length; the last stands for all that are longer.
const LENGTHS: [&str; 7] = ["0", "1", "2", "3", "4", "5", "6"];

impl Reader<'_> {
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
            if self.shifts(above) {
                sign = turned(sign);
            }
        }
        if self.is_negated(word) { "not-" } else { "" }
    }

    /// What `word` and the words above it make of what hangs on it: "un-" of aid in "suspended aid".
    fn sign_below(&self, path: &Path, word: usize) -> &'static str {
        let sign = self.sign_of(path, word);
        if self.shifts(word) { turned(sign) } else { sign }
    }

    fn shifts(&self, word: usize) -> bool {
        Lexicon::get().shifters.has(self.tree.units[word].word(self.document))
    }

    /// The sign of a cue: what the words above make of it, else what the words before it do.
    fn sign_under(&self, above: &'static str, cue: &Cue) -> &'static str {
        if above.is_empty() { self.sign(cue) } else { above }
    }

    /// What the verbs that control the pivot make of it: "not-" in "refused to provide".
    fn sign_above(&self, path: &Path) -> &'static str {
        let Some(mut at) = path.pivot else { return "" };
        while matches!(self.tree.relations[at], Relation::Xcomp | Relation::Acl)
            && let Some(head) = self.tree.head(at)
        {
            if self.shifts(head) || self.is_negated(head) {
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
    pub(super) fn path_sign(&self) -> &'static str {
        let Some(path) = self.candidate.paths.first() else { return "" };
        path.lowest().map_or("", |word| self.sign_of(path, word))
    }

    fn is_negated(&self, word: usize) -> bool {
        self.tree.dependents(word).any(|dependent| {
            self.tree.relations[dependent] == Relation::Neg
                || matches!(self.tree.units[dependent].word(self.document), "no" | "neither" | "never" | "cannot")
                || self.tree.units[dependent].word(self.document).ends_with("n't")
        })
    }

    pub(super) fn path(&self, names: &mut Names<'_>, path: &Path, closest: bool) {
        let kind = if closest { self.kind } else { self.other_kind };
        let bound = if path.is_bound { "" } else { "~" };
        let shape = Self::shape(path);
        names.add(&[kind, ":shape:", bound, &shape]);
        if closest {
            names.add(&[kind, ":closest:", bound, path.holder_role, ">", path.target_role]);
            names.add(&[kind, ":length:", LENGTHS[path.length().min(LENGTHS.len() - 1)]]);
        }
        let declares_neutrality = self.declares_neutrality(path);
        for (side, word, role) in path.words() {
            let sign = self.sign_of(path, word);
            let stem = self.stem(word);
            names.add(&[kind, ":", side, ":", sign, stem]);
            names.add(&[kind, ":", side, ":", sign, stem, "|", bound, path.holder_role, ">", role]);
            for cue in self.classes(word) {
                let stance = Cues::get().class(cue).stance();
                if !declares_neutrality || stance.is_none_or(|stance| stance == Stance::Neutral) {
                    self.class(names, kind, path, side, role, cue, sign);
                }
            }
            self.kids(names, kind, path, side, word, self.sign_below(path, word));
        }
        if closest {
            self.lowest_subject(names, path);
            self.frame(names, path);
        }
    }

    /// The pivot with the kinds of its complements: "called him on Friday" is another calling than "called him a liar".
    fn frame(&self, names: &mut Names<'_>, path: &Path) {
        let Some(pivot) = path.pivot else { return };
        let has = |relation: Relation| self.tree.dependents_by(pivot, relation).next().is_some();
        let mut frame = String::new();
        for relation in
            [Relation::Dobj, Relation::Dative, Relation::Oprd, Relation::Attr, Relation::Ccomp, Relation::Xcomp]
        {
            if has(relation) {
                frame.push('+');
                frame.push_str(relation.name());
            }
        }
        names.add(&[self.kind, ":frame:", self.stem(pivot), &frame]);
        names.add(&[self.kind, ":frame:", &frame, "|", path.holder_role, ">", path.target_role]);
    }

    /// The positions that the words of the path usually carry, from the pivot down to the target: "opposed>aligned"
    /// for "rejected support for".
    pub(super) fn polarities(&self, names: &mut Names<'_>, path: &Path) {
        let kind = self.kind;
        let usual = |word: usize, above: &'static str| {
            let cue = self.classes(word).find(|cue| Cues::get().class(cue).stance().is_some())?;
            let stance = Cues::get().class(cue).stance()?;
            Some(format!("{}{}", self.sign_under(above, cue), stance.name()))
        };
        let target_side = path.target_side.iter().rev().map(|step| step.word);
        let down: Vec<usize> = path.pivot.into_iter().chain(target_side).collect();
        let mut chain: Vec<String> = down.iter().filter_map(|&word| usual(word, self.sign_of(path, word))).collect();
        if let Some(&lowest) = down.last()
            && let Some(below) = self.cue_below(path, lowest, 2)
        {
            chain.extend(usual(below, self.sign_below(path, lowest)));
        }
        if self.declares_neutrality(path) {
            chain.retain(|usual| usual.ends_with(Stance::Neutral.name()));
        }
        let bound = if path.is_bound { "" } else { "~" };
        let sequence = chain.join(">");
        names.add(&[kind, ":polarities:", &sequence]);
        names.add(&[kind, ":polarities:", &sequence, "|", bound, path.holder_role]);
        names.add(&[kind, ":polarities:", &sequence, "|", bound, path.holder_role, "|", self.target_name()]);
        if let Some(nearest) = chain.last() {
            names.add(&[kind, ":nearest:", nearest, "|", bound, path.holder_role]);
        }
    }

    /// Whether the path speaks of neutrality: then verbs such as "uphold" and "reject" only carry it.
    fn declares_neutrality(&self, path: &Path) -> bool {
        let is_neutral =
            |word: usize| self.classes(word).any(|cue| Cues::get().class(cue).stance() == Some(Stance::Neutral));
        let below = path.lowest().and_then(|word| self.cue_below(path, word, 2));
        path.words().any(|(_, word, _)| is_neutral(word)) || below.is_some_and(is_neutral)
    }

    /// The first word with a stance of its own among the objects, complements and adjectives of `word`, off the path:
    /// "independent" in "uphold an independent stance".
    fn cue_below(&self, path: &Path, word: usize, depth: usize) -> Option<usize> {
        let carried = |below: usize| {
            matches!(
                self.tree.relations[below],
                Relation::Dobj | Relation::Attr | Relation::Amod | Relation::Oprd | Relation::Xcomp | Relation::Pobj
            ) && !path.words().any(|(_, on_path, _)| on_path == below)
        };
        let of = |&below: &usize| {
            self.tree.relations[below] == Relation::Prep && self.tree.units[below].word(self.document) == "of"
        };
        let has_stance = |below: usize| self.classes(below).any(|cue| Cues::get().class(cue).stance().is_some());
        let parts = self.tree.dependents(word).filter(of).flat_map(|of| self.tree.dependents_by(of, Relation::Pobj));
        let below: Vec<usize> = self.tree.dependents(word).chain(parts).filter(|&below| carried(below)).collect();
        below.iter().copied().find(|&below| has_stance(below)).or_else(|| {
            let deeper = below.iter().find_map(|&below| self.cue_below(path, below, depth.checked_sub(1)?));
            deeper.filter(|_| depth > 0)
        })
    }

    /// The roles along the path, without its words.
    fn shape(path: &Path) -> String {
        let mut shape = path.holder_role.to_owned();
        let target = path.target_side.iter().map(|step| step.role).chain([path.target_role]);
        for role in target.take(4) {
            shape.push('|');
            shape.push_str(role);
        }
        shape
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one name")]
    fn class(
        &self,
        names: &mut Names<'_>,
        kind: &str,
        path: &Path,
        side: &str,
        role: &str,
        cue: &Cue,
        above: &'static str,
    ) {
        let bound = if path.is_bound { "" } else { "~" };
        let class = Cues::get().class(cue);
        let sign = self.sign_under(above, cue);
        let form = form_name(cue);
        let usual = class.usual_name();
        let name = &class.name;
        let holder = path.holder_role;
        names.add(&[kind, ":class:", side, ":", sign, name]);
        names.add(&[kind, ":class:", side, ":", sign, name, form, "|", bound, holder, ">", role]);
        names.add(&[kind, ":class:", side, ":", sign, name, form, "|", bound, holder]);
        names.add(&[kind, ":usual:", side, ":", sign, usual, form, "|", bound, holder, ">", role]);
        names.add(&[kind, ":usual:", sign, usual, "|", bound, holder, "|", self.target_name()]);
        names.add(&[kind, ":cue:", sign, Cues::get().lemma(self.document, cue), "|", bound, holder, ">", role]);
    }

    /// What hangs on a word of the path: its objects, complements, particles.
    fn kids(&self, names: &mut Names<'_>, kind: &str, path: &Path, side: &str, word: usize, above: &'static str) {
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
                let usual = class.usual_name();
                let sign = self.sign_under(above, cue);
                names.add(&[kind, ":kid-class:", side, ":", relation.name(), ":", sign, &class.name]);
                names.add(&[kind, ":kid-usual:", side, ":", sign, usual, "|", path.holder_role]);
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
}

/// What a word such as "suspend" makes of a sign.
fn turned(sign: &str) -> &'static str {
    if sign.is_empty() { "un-" } else { "" }
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
