//! The state of the parser: the arc-hybrid system (Kuhlmann, Gómez-Rodríguez and Satta, ACL 2011) with the dynamic
//! oracle of Goldberg and Nivre ("Training deterministic parsers with non-deterministic oracles", TACL 2013) and
//! features after Zhang and Nivre (ACL 2011). Knows no weights.

use super::perceptron::{Feature, feature};
use super::relation::Relation;
use super::tagger::{Tag, Word};
use super::treebank::Analysis;

/// What the parser does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Move {
    /// The next word goes onto the stack.
    Shift,
    /// The next word is the head of the stack's top.
    Left,
    /// The word below is the head of the stack's top.
    Right,
}

impl Move {
    pub(super) const ALL: [Self; 3] = [Self::Shift, Self::Left, Self::Right];
}

/// The state of the parser. The root stands behind the last word, and behind it what is no word.
#[derive(Debug)]
pub(super) struct State {
    length: u16,
    /// By word, root and no word: what the features see of it.
    seen: Vec<Seen>,
    stack: Vec<u16>,
    next: u16,
    heads: Vec<u16>,
}

/// What the features see of a word.
#[derive(Debug, Clone, Copy)]
struct Seen {
    word: u32,
    tag: u8,
    /// To its head, once it has one.
    relation: u8,
    /// How many dependents it has on each side.
    left: u8,
    right: u8,
    leftmost: u16,
    rightmost: u16,
    /// The kinds of dependents it has, a bit each.
    has: u16,
}

/// The bit of a kind of dependents: what a verb has already tells whether it still wants a subject.
fn kind(relation: Relation) -> u16 {
    1 << match relation {
        Relation::Nsubj => 0,
        Relation::Nsubjpass => 1,
        Relation::Aux => 2,
        Relation::Auxpass => 3,
        Relation::Mark => 4,
        Relation::Dobj => 5,
        Relation::Attr | Relation::Oprd => 6,
        Relation::Ccomp | Relation::Xcomp => 7,
        Relation::Prep | Relation::Agent | Relation::Dative => 8,
        Relation::Det | Relation::Poss => 9,
        Relation::Conj | Relation::Cc => 10,
        _ => 11,
    }
}

/// The features' values of the root and of no word, apart from those of tags and relations.
const ROOT_TAG: u8 = 41;
const NO_TAG: u8 = 40;
const NO_RELATION: u8 = 60;

/// Number of templates.
pub(super) const FEATURES: usize = 39;

impl State {
    pub(super) fn new(words: &[Word], tags: &[Tag]) -> Self {
        let length = words.len() as u16;
        let none = length + 1;
        let unattached = Seen {
            word: 0,
            tag: NO_TAG,
            relation: NO_RELATION,
            left: 0,
            right: 0,
            leftmost: none,
            rightmost: none,
            has: 0,
        };
        let dependent = |(word, tag): (&Word, &Tag)| Seen {
            word: word.whole,
            tag: *tag as u8,
            relation: Relation::Dep as u8,
            ..unattached
        };
        let mut seen: Vec<Seen> = words.iter().zip(tags).map(dependent).collect();
        seen.extend([Seen { word: 1, tag: ROOT_TAG, ..unattached }, unattached]);
        Self { length, seen, stack: Vec::with_capacity(words.len()), next: 0, heads: vec![length; words.len()] }
    }

    /// The heads found, and what each word is to its head.
    pub(super) fn finish(self) -> (Vec<u16>, Vec<Relation>) {
        let words = &self.seen[..usize::from(self.length)];
        let relations = words.iter().map(|seen| Relation::ALL[usize::from(seen.relation)]).collect();
        (self.heads, relations)
    }

    fn root(&self) -> u16 {
        self.length
    }

    pub(super) fn is_done(&self) -> bool {
        self.is_at_root() && self.stack.is_empty()
    }

    /// Whether no other move can be taken than to shift.
    pub(super) fn must_shift(&self) -> bool {
        self.stack.is_empty() && !self.is_at_root()
    }

    /// Whether only the root is left to be a head.
    pub(super) fn is_at_root(&self) -> bool {
        self.next == self.root()
    }

    /// Which moves can be taken.
    pub(super) fn allowed(&self) -> [bool; 3] {
        [!self.is_at_root(), !self.stack.is_empty(), self.stack.len() >= 2]
    }

    /// Takes a move that is allowed; the relation is that of an arc.
    pub(super) fn take(&mut self, next: Move, relation: Relation) {
        let head = match next {
            Move::Shift => {
                self.stack.push(self.next);
                self.next += 1;
                return;
            }
            Move::Left => self.next,
            Move::Right => self.top(1),
        };
        let Some(word) = self.stack.pop() else { return };
        self.heads[word as usize] = head;
        self.seen[word as usize].relation = relation as u8;
        let head_seen = &mut self.seen[head as usize];
        head_seen.has |= kind(relation);
        if word < head {
            head_seen.leftmost = word;
            head_seen.left = head_seen.left.saturating_add(1);
        } else {
            head_seen.rightmost = word;
            head_seen.right = head_seen.right.saturating_add(1);
        }
    }

    /// Whether the stack's top is a finite verb or an infinitive.
    pub(super) fn is_clause(&self) -> bool {
        const CLAUSES: [u8; 5] = [Tag::Vb as u8, Tag::Vbd as u8, Tag::Vbp as u8, Tag::Vbz as u8, Tag::Md as u8];
        self.stack.last().is_some_and(|&top| CLAUSES.contains(&self.seen[top as usize].tag))
    }

    /// The word at a depth of the stack.
    fn top(&self, depth: usize) -> u16 {
        self.stack.len().checked_sub(depth + 1).map_or(self.length + 1, |at| self.stack[at])
    }

    /// The features of the state.
    pub(super) fn features(&self) -> [Feature; FEATURES] {
        let none = self.length + 1;
        let see = |at: u16| &self.seen[usize::from(at.min(none))];
        let (s0, s1, b0) = (self.top(0), self.top(1), self.next);
        let [top, below, third] = [see(s0), see(s1), see(self.top(2))];
        let [first, second, b2] = [see(b0), see(b0 + 1), see(b0 + 2)];
        let (s0w, s1w, b0w, b1w) = (top.word, below.word, first.word, second.word);
        let [s0t, s1t, s2t] = [top, below, third].map(|seen| u32::from(seen.tag));
        let [b0t, b1t, b2t] = [first, second, b2].map(|seen| u32::from(seen.tag));
        let [l0, r0] = [see(top.leftmost), see(top.rightmost)];
        let [l1, r1] = [see(below.leftmost), see(below.rightmost)];
        let lb = see(first.leftmost);
        let tag = |seen: &Seen| u32::from(seen.tag);
        let relation = |seen: &Seen| u32::from(seen.relation);
        let has = |seen: &Seen| u32::from(seen.has);
        let gap = |a: u16, b: u16| if a == none || b == none { 9 } else { u32::from(b.saturating_sub(a).min(8)) };
        let valence = |seen: &Seen| u32::from(seen.left.min(3)) * 4 + u32::from(seen.right.min(3));
        [
            feature(1, s0w, s0t, 0),
            feature(2, s0t, 0, 0),
            feature(3, s1w, s1t, 0),
            feature(4, s1t, s0t, 0),
            feature(5, b0w, b0t, 0),
            feature(6, b0t, s0t, 0),
            feature(7, b1w, b1t, 0),
            feature(8, b0t, b1t, b2t),
            feature(9, s0w, b0w, 0),
            feature(10, s0w, b0t, s0t),
            feature(11, s0t, b0w, b0t),
            feature(12, s0w, s1w, 0),
            feature(13, s0t, s1w, s1t),
            feature(14, s0w, s1t, s0t),
            feature(15, s0t, b0t, b1t),
            feature(16, s1t, s0t, b0t),
            feature(17, s2t, s1t, s0t),
            feature(18, s0t, tag(l0), b0t),
            feature(19, s0t, tag(r0), b0t),
            feature(20, s1t, tag(r1), s0t),
            feature(21, s1t, tag(l1), s0t),
            feature(22, s0t, tag(lb), b0t),
            feature(23, s0w, gap(s0, b0), b0t),
            feature(24, s0t, b0t, gap(s0, b0) * 16 + gap(s1, s0)),
            feature(25, s0w, valence(top), 1),
            feature(26, s0t, valence(top), b0t),
            feature(27, s1w, valence(below), s0t),
            feature(28, s1t, valence(below), s0t),
            feature(29, s0w, relation(l0), relation(r0)),
            feature(30, s1w, relation(l1), relation(r1)),
            feature(31, s1t, relation(r1), s0t * 64 + b0t),
            feature(32, s0t, relation(l0), relation(r0) * 64 + b0t),
            feature(33, r0.word, s0t, b0t),
            feature(34, s1w, b0w, s0t),
            // "that", "because", "which": what opens a clause tells what the clause is.
            feature(35, l0.word, s0t, s1t),
            feature(36, l0.word, s1w, 0),
            feature(37, b0t, has(first), s0t),
            feature(38, s0t, has(top), b0t),
            feature(39, s1t, has(below), s0t),
        ]
    }

    /// How many arcs of `gold` each move makes unreachable.
    pub(super) fn costs(&self, gold: &Analysis) -> [usize; 3] {
        let head = |word: u16| gold.heads[word as usize];
        let (next, root) = (self.next as usize, self.root() as usize);
        let Some(&top) = self.stack.last() else { return [0, 1, 1] };
        let below = self.stack.len().checked_sub(2).map(|at| self.stack[at] as usize);
        let waiting = (next..root).filter(|&word| gold.heads[word] == top as usize).count();
        let in_buffer = |head: usize| head >= next;
        let left = usize::from(Some(head(top)) == below || in_buffer(head(top)) && head(top) != next) + waiting;
        let right = usize::from(in_buffer(head(top))) + waiting;
        let shift = if next < root {
            let lost = self.stack.iter().filter(|&&word| head(word) == next).count();
            let above = self.stack[..self.stack.len() - 1].iter().any(|&word| word as usize == head(self.next));
            lost + usize::from(above)
        } else {
            usize::MAX
        };
        [shift, left, right]
    }

    /// The gold relation of the stack's top, if the move gives it its gold head.
    pub(super) fn gold_relation(&self, next: Move, gold: &Analysis) -> Option<Relation> {
        let head = match next {
            Move::Shift => return None,
            Move::Left => self.next,
            Move::Right => self.top(1),
        };
        let top = *self.stack.last()? as usize;
        (gold.heads[top] == head as usize).then_some(gold.relations[top])
    }
}
