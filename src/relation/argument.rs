//! Who does what in one sentence: the arguments of its predicates, and the way from a word up to the root.
//! Coordination, relative clauses, control and participles are undone, so that "which borders Iran and has
//! condemned the raid" gives "condemned" the same subject as a plain clause would.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::lexicon::Lexicon;
use crate::syntax::{Relation, Tag, Tree};
use crate::text::Document;

/// Longest way up that is followed.
const LONGEST: usize = 8;
/// Most words that share an argument's role.
const MOST_SHARERS: usize = 40;

/// One step up: the governing word, and what the word below is to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Index of the governing word in the tree.
    pub word: usize,
    /// "subj", "obj", "prep:against", "poss", "ccomp".
    pub role: &'static str,
}

/// The role of what a preposition governs: "prep:against"; "prep:other" for a rare one.
fn preposition_role(preposition: &str) -> &'static str {
    static ROLES: LazyLock<FxHashMap<&str, String>> = LazyLock::new(|| {
        Lexicon::get().prepositions.iter().map(|preposition| (preposition, format!("prep:{preposition}"))).collect()
    });
    ROLES.get(preposition).map_or("prep:other", String::as_str)
}

/// One sentence as a tree over a document.
#[derive(Clone, Copy)]
pub(super) struct Grammar<'a> {
    pub(super) document: &'a Document<'a>,
    pub(super) tree: &'a Tree,
}

impl<'a> Grammar<'a> {
    /// The lower-case word, or the mask of a party's name.
    pub(super) fn word(&self, word: usize) -> &'a str {
        self.tree.units.get(word).map_or("", |unit| unit.word(self.document))
    }

    /// The words above `from`, nearest first, past coordination and prepositions.
    pub(super) fn way_up(&self, from: usize) -> Vec<Step> {
        let mut way = Vec::new();
        let mut at = from;
        while let Some((word, role)) = self.governor(at) {
            if way.len() >= LONGEST {
                break;
            }
            if let Some(role) = role {
                way.push(Step { word, role });
            }
            at = word;
        }
        way
    }

    /// The governing word, and the role that `at` has in it; no role where `at` only shares its head's.
    fn governor(&self, at: usize) -> Option<(usize, Option<&'static str>)> {
        let head = self.tree.head(at)?;
        let relation = self.tree.relations[at];
        Some(match relation {
            Relation::Pobj | Relation::Pcomp => {
                let Some(above) = self.tree.head(head) else {
                    return Some((head, Some(preposition_role(self.word(head)))));
                };
                let agent = self.tree.relations[head] == Relation::Agent;
                let role = if agent { "agent" } else { preposition_role(self.word(head)) };
                // "sanctions on and tariffs against": a preposition beside another shares its governor.
                let above = if self.tree.relations[head] == Relation::Conj { self.tree.head(above)? } else { above };
                (above, Some(role))
            }
            Relation::Conj if self.tree.tags[at].is_verb() == self.tree.tags[head].is_verb() => (head, None),
            Relation::Nsubj => (head, Some("subj")),
            Relation::Nsubjpass => (head, Some("subjpass")),
            Relation::Dobj => (head, Some("obj")),
            other => (head, Some(other.name())),
        })
    }

    /// The words that fill the first role of `predicate`, with that role.
    pub(super) fn holders_of(&self, predicate: usize) -> Vec<(usize, &'static str)> {
        let mut found = Vec::new();
        self.own_arguments(predicate, &mut found);
        if !found.iter().any(|(_, role)| matches!(*role, "subj" | "subjpass" | "poss")) {
            self.inherited_subject(predicate, &mut found, LONGEST);
        }
        let shared: Vec<_> = found
            .iter()
            .flat_map(|&(word, role)| self.sharers(word).into_iter().map(move |word| (word, role)))
            .collect();
        found.extend(shared);
        found
    }

    /// The role that `holder` fills in `predicate`, itself or over a noun that it qualifies: "Iran's air force has
    /// bombed" gives Iran "msubj".
    fn role_in(&self, predicate: usize, holder: usize) -> Option<&'static str> {
        let arguments = self.holders_of(predicate);
        let own = arguments.iter().find(|&&(word, _)| word == holder || self.is_apposition(holder, word));
        if let Some(&(_, role)) = own {
            return Some(role);
        }
        let qualified = arguments.iter().find(|&&(word, _)| self.qualifies(holder, word));
        qualified.and_then(|&(_, role)| match role {
            "subj" => Some("msubj"),
            "agent" | "from" => Some("magent"),
            "subjpass" => Some("msubjpass"),
            _ => None,
        })
    }

    /// "Wang Yi, the Chinese foreign minister": two names of one.
    fn is_apposition(&self, a: usize, b: usize) -> bool {
        let stands_by = |word: usize, head: usize| {
            self.tree.relations[word] == Relation::Appos && self.tree.head(word) == Some(head)
        };
        stands_by(a, b) || stands_by(b, a)
    }

    /// Whether `name` qualifies or possesses `noun`: "Iran's air force", "the Iranian and Syrian armies", "the navy of Iran".
    fn qualifies(&self, name: usize, noun: usize) -> bool {
        let mut at = name;
        for _ in 0..3 {
            let Some(head) = self.tree.head(at) else { return false };
            let above = match self.tree.relations[at] {
                Relation::Poss | Relation::Amod | Relation::Compound | Relation::Conj | Relation::Appos => head,
                Relation::Pobj if self.word(head) == "of" => match self.tree.head(head) {
                    Some(above) => above,
                    None => return false,
                },
                _ => return false,
            };
            if above == noun {
                return true;
            }
            at = above;
        }
        false
    }

    fn own_arguments(&self, predicate: usize, found: &mut Vec<(usize, &'static str)>) {
        for dependent in self.tree.dependents(predicate) {
            match self.tree.relations[dependent] {
                Relation::Nsubj => found.push((self.antecedent(dependent, predicate), "subj")),
                Relation::Nsubjpass => found.push((self.antecedent(dependent, predicate), "subjpass")),
                Relation::Poss => found.push((dependent, "poss")),
                Relation::Amod | Relation::Compound if self.tree.units[dependent].mask.is_some() => {
                    found.push((dependent, "poss"));
                }
                Relation::Agent | Relation::Prep => {
                    let word = self.word(dependent);
                    let role = match (self.tree.relations[dependent], word) {
                        (Relation::Agent, _) | (_, "by") => "agent",
                        (_, "from") => "from",
                        (_, "of") if self.tree.tags[predicate].is_noun() => "of",
                        _ => continue,
                    };
                    found.extend(self.tree.dependents_by(dependent, Relation::Pobj).map(|object| (object, role)));
                }
                _ => {}
            }
        }
    }

    /// "which" and "who" stand for the noun that their clause modifies.
    fn antecedent(&self, subject: usize, verb: usize) -> usize {
        let relative = matches!(self.tree.tags[subject], Tag::Wdt | Tag::Wp);
        let clause = self.tree.up(verb).find(|&word| self.tree.relations[word] == Relation::Relcl);
        match clause.and_then(|clause| self.tree.head(clause)) {
            Some(noun) if relative => noun,
            _ => subject,
        }
    }

    fn inherited_subject(&self, predicate: usize, found: &mut Vec<(usize, &'static str)>, left: usize) {
        let Some(head) = self.tree.head(predicate) else { return };
        let from = match self.tree.relations[predicate] {
            Relation::Acl if self.tree.tags[predicate] == Tag::Vb => {
                self.owner_of_plan(head, found);
                return;
            }
            Relation::Acl => {
                let passive = self.tree.tags[predicate] == Tag::Vbn;
                found.push((head, if passive { "subjpass" } else { "subj" }));
                return;
            }
            Relation::Xcomp | Relation::Advcl if let Some(party) = self.called_on(head, predicate) => {
                found.push((party, "subj"));
                return;
            }
            Relation::Conj | Relation::Xcomp | Relation::Advcl | Relation::Dep | Relation::Auxpass | Relation::Oprd => {
                head
            }
            Relation::Pcomp => match self.tree.head(head) {
                Some(above) => above,
                None => return,
            },
            _ => return,
        };
        if left == 0 || from == predicate {
            return;
        }
        let before = found.len();
        let mut own = Vec::new();
        self.own_arguments(from, &mut own);
        found.extend(
            own.into_iter().filter(|(_, role)| matches!(*role, "subj" | "subjpass")).map(|(word, _)| (word, "subj")),
        );
        if found.len() == before {
            self.inherited_subject(from, found, left - 1);
        }
    }

    /// Who is to act: Syria in "called on Syria to cut the flow".
    fn called_on(&self, verb: usize, infinitive: usize) -> Option<usize> {
        if self.tree.tags[infinitive] != Tag::Vb {
            return None;
        }
        let between = |&word: &usize| (verb..infinitive).contains(&word) && matches!(self.word(word), "on" | "upon");
        let preposition = self.tree.dependents_by(verb, Relation::Prep).find(between)?;
        self.tree.dependents_by(preposition, Relation::Pobj).find(|word| (verb..infinitive).contains(word))
    }

    /// "Iran's decision to leave", "Iran took the decision to leave": whose plan the noun is.
    fn owner_of_plan(&self, noun: usize, found: &mut Vec<(usize, &'static str)>) {
        let mut own = Vec::new();
        self.own_arguments(noun, &mut own);
        if own.is_empty()
            && self.tree.relations[noun] == Relation::Dobj
            && let Some(verb) = self.tree.head(noun)
        {
            self.own_arguments(verb, &mut own);
            own.retain(|(_, role)| *role == "subj");
        }
        found.extend(
            own.into_iter().filter(|(_, role)| matches!(*role, "poss" | "subj" | "of")).map(|(word, _)| (word, "subj")),
        );
    }

    /// The verb that a chain of control ends in: of "agreed to continue to support", "support".
    fn end_of_chain(&self, verb: usize) -> usize {
        let mut at = verb;
        for _ in 0..LONGEST {
            let below = self.tree.dependents_by(at, Relation::Xcomp).find(|&word| self.tree.tags[word] == Tag::Vb);
            match below {
                Some(word) => at = word,
                None => break,
            }
        }
        at
    }

    /// What a noun that two share is a part of: "harmony" for "approaches" in "the harmony of their approaches".
    fn whole_of(&self, noun: usize) -> usize {
        let mut at = noun;
        for _ in 0..LONGEST {
            let of =
                self.tree.head(at).filter(|&head| self.tree.relations[at] == Relation::Pobj && self.word(head) == "of");
            match of.and_then(|of| self.tree.head(of)).filter(|&above| self.tree.tags[above].is_noun()) {
                Some(above) => at = above,
                None => break,
            }
        }
        at
    }

    /// The words coordinated with `word`, without it, from the front of the list on.
    pub(super) fn sharers(&self, word: usize) -> Vec<usize> {
        let mut front = word;
        while self.tree.relations[front] == Relation::Conj
            && let Some(head) = self.tree.head(front)
            && !self.tree.tags[head].is_verb()
        {
            front = head;
        }
        let mut list = vec![front];
        let mut at = 0;
        while at < list.len() && list.len() < MOST_SHARERS {
            list.extend(self.tree.dependents_by(list[at], Relation::Conj));
            at += 1;
        }
        list.retain(|&other| other != word);
        list
    }
}

/// The way from a holder to a target, over the predicate that ties them.
#[derive(Debug, Clone, Default)]
pub struct Path {
    /// Words above the holder, below the pivot.
    pub holder_side: Vec<Step>,
    /// The word where both meet; `None` if they do not.
    pub pivot: Option<usize>,
    /// What the holder's side is to the pivot.
    pub holder_role: &'static str,
    /// What the target's side is to the pivot.
    pub target_role: &'static str,
    /// Words above the target, below the pivot, nearest first; each role is that of the word below.
    pub target_side: Vec<Step>,
    /// Whether the holder is an argument of the pivot.
    pub is_bound: bool,
}

impl Path {
    /// Number of words on it; short ways tie closely.
    #[must_use]
    pub fn length(&self) -> usize {
        self.holder_side.len() + self.target_side.len() + usize::from(!self.is_bound) * 3
    }

    /// The word closest to the target: the first of its side, else the pivot.
    #[must_use]
    pub fn lowest(&self) -> Option<usize> {
        self.target_side.first().map(|step| step.word).or(self.pivot)
    }

    /// The words on the path: those of the target's side, the pivot, those of the holder's side.
    pub fn words(&self) -> impl Iterator<Item = (&'static str, usize, &'static str)> + '_ {
        let target = self.target_side.iter().map(|step| ("t", step.word, step.role));
        let holder = self.holder_side.iter().map(|step| ("h", step.word, step.role));
        target.chain(self.pivot.map(|pivot| ("p", pivot, self.target_role))).chain(holder)
    }

    /// The way between two words of a sentence.
    pub(super) fn between(grammar: Grammar<'_>, holder: usize, target: usize) -> Self {
        let up = grammar.way_up(target);
        for (number, step) in up.iter().enumerate() {
            if let Some(role) = grammar.role_in(step.word, holder) {
                let pivot = match (role, step.role) {
                    (_, "subj" | "subjpass") => grammar.end_of_chain(step.word),
                    ("poss" | "of", "poss" | "prep:of") => grammar.whole_of(step.word),
                    _ => step.word,
                };
                return Self {
                    holder_side: Vec::new(),
                    pivot: Some(pivot),
                    holder_role: role,
                    target_role: step.role,
                    target_side: up[..number].to_vec(),
                    is_bound: true,
                };
            }
        }
        let down = grammar.way_up(holder);
        let meeting = down.iter().enumerate().find_map(|(below, step)| {
            let above = up.iter().position(|other| other.word == step.word);
            if step.word == target {
                return Some((below, 0, "self"));
            }
            above.map(|above| (below, above, up[above].role))
        });
        match meeting {
            Some((below, above, target_role)) => Self {
                pivot: Some(down[below].word),
                holder_role: down[below].role,
                target_role,
                holder_side: down[..below].to_vec(),
                target_side: up[..above].to_vec(),
                is_bound: false,
            },
            None => Self {
                pivot: None,
                holder_role: down.first().map_or("", |step| step.role),
                target_role: up.first().map_or("", |step| step.role),
                holder_side: down.into_iter().take(2).collect(),
                target_side: up.into_iter().take(3).collect(),
                is_bound: false,
            },
        }
    }

    /// The way from a speaker outside the sentence to a word in it.
    pub(super) fn spoken(grammar: Grammar<'_>, target: Option<usize>, root: usize) -> Self {
        let up = target.map(|target| grammar.way_up(target)).unwrap_or_default();
        let (last, rest) = match up.split_last() {
            Some((last, rest)) => (last.clone(), rest.to_vec()),
            None => (Step { word: root, role: "none" }, Vec::new()),
        };
        Self {
            holder_side: Vec::new(),
            pivot: Some(last.word),
            holder_role: "speaker",
            target_role: last.role,
            target_side: rest,
            is_bound: true,
        }
    }

    /// From a holder to its own predicate, for a target that no word names.
    pub(super) fn unnamed(grammar: Grammar<'_>, holder: usize) -> Self {
        let up = grammar.way_up(holder);
        let Some(first) = up.first() else { return Self::default() };
        Self {
            holder_side: Vec::new(),
            pivot: Some(grammar.end_of_chain(first.word)),
            holder_role: first.role,
            target_role: "unnamed",
            target_side: Vec::new(),
            is_bound: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::party::{Linker, Registry};
    use crate::syntax::SyntaxModel;

    /// The way from the first party named to the last, as "holder role > target role: words".
    fn way(text: &str) -> String {
        let registry = Registry::embedded().unwrap_or_else(|error| panic!("{error}"));
        let document = Document::new(text);
        let mentions = Linker::new(&registry, None).link(&document).list;
        let tree = Tree::new(SyntaxModel::embedded(), &document, 0..document.tokens.len(), &mentions);
        let grammar = Grammar { document: &document, tree: &tree };
        let word = |mention: &crate::party::Mention| tree.unit_of(mention.tokens.start);
        let ends = mentions.first().and_then(word).zip(mentions.last().and_then(word));
        let Some((holder, target)) = ends else { return "nobody".to_owned() };
        let path = Path::between(grammar, holder, target);
        let words: Vec<&str> = path.words().map(|(_, word, _)| grammar.word(word)).collect();
        format!("{} > {}: {}", path.holder_role, path.target_role, words.join(" "))
    }

    #[test]
    fn ways_are_those_of_the_plain_clause() {
        let cases = [
            ("active", "China condemned Japan.", "subj > obj: condemned"),
            ("act of a state", "China condemned the Japanese raid.", "subj > obj: raid condemned"),
            ("second verb", "China met nobody and condemned Japan.", "subj > obj: condemned"),
            ("control", "China refused to support Japan.", "subj > obj: support"),
            ("noun", "China voiced support for Japan.", "subj > obj: support voiced"),
            ("possessor", "China's criticism of Japan grew.", "poss > prep:of: criticism"),
            ("called on", "China called on Korea to condemn Japan.", "subj > xcomp: condemn called"),
            ("relative clause", "China, which condemned Japan, left.", "subj > obj: condemned"),
        ];
        let wrong: Vec<String> = cases
            .iter()
            .filter(|(_, text, want)| way(text) != *want)
            .map(|(name, text, want)| format!("{name}: {text}\n    wanted {want}\n    found  {}", way(text)))
            .collect();
        assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    }
}
