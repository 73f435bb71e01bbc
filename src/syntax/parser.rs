//! A tree of dependencies, from left to right: the arc-hybrid system (Kuhlmann, Gómez-Rodríguez and Satta, ACL
//! 2011) with the dynamic oracle of Goldberg and Nivre ("Training deterministic parsers with non-deterministic
//! oracles", TACL 2013) and features after Zhang and Nivre (ACL 2011). Linear in the sentence's length.

use super::perceptron::{Feature, WIDTH, feature};
use super::relation::Relation;
use super::tagger::{Tag, Word};
use super::treebank::Analysis;

/// One step of the parser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Step {
    /// The next word goes onto the stack.
    Shift,
    /// The next word is the head of the stack's top.
    Left(Relation),
    /// The word below is the head of the stack's top.
    Right(Relation),
}

impl Step {
    /// "shift", "left:nsubj"
    pub(super) fn name(self) -> String {
        match self {
            Self::Shift => "shift".to_owned(),
            Self::Left(relation) => format!("left:{}", relation.name()),
            Self::Right(relation) => format!("right:{}", relation.name()),
        }
    }

    pub(super) fn parse(name: &str) -> Option<Self> {
        match name.split_once(':') {
            None => (name == "shift").then_some(Self::Shift),
            Some(("left", relation)) => Relation::parse(relation).map(Self::Left),
            Some(("right", relation)) => Relation::parse(relation).map(Self::Right),
            Some(_) => None,
        }
    }
}

/// Which kinds of steps a state allows. Only the root takes the last word, and by no other relation.
#[derive(Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "one a kind of step")]
struct Allowed {
    shift: bool,
    left: bool,
    root: bool,
    right: bool,
}

impl Allowed {
    fn has(self, step: Step) -> bool {
        match step {
            Step::Shift => self.shift,
            Step::Left(Relation::Root) => self.root,
            Step::Left(_) => self.left,
            Step::Right(relation) => self.right && relation != Relation::Root,
        }
    }
}

/// No word.
const NONE: u16 = u16::MAX;

/// The state of the parser. The root stands behind the last word.
#[derive(Debug)]
pub(super) struct State<'a> {
    words: &'a [Word],
    tags: &'a [Tag],
    stack: Vec<u16>,
    next: u16,
    pub(super) heads: Vec<u16>,
    pub(super) relations: Vec<Relation>,
    children: Vec<Children>,
}

/// What is known of a word's dependents.
#[derive(Debug, Clone, Copy)]
struct Children {
    leftmost: u16,
    rightmost: u16,
    left: u8,
    right: u8,
}

const CHILDLESS: Children = Children { leftmost: NONE, rightmost: NONE, left: 0, right: 0 };

/// Number of templates.
const FEATURES: usize = 34;

impl<'a> State<'a> {
    pub(super) fn new(words: &'a [Word], tags: &'a [Tag]) -> Self {
        let length = words.len();
        Self {
            words,
            tags,
            stack: Vec::with_capacity(length),
            next: 0,
            heads: vec![length as u16; length],
            relations: vec![Relation::Dep; length],
            children: vec![CHILDLESS; length + 1],
        }
    }

    fn root(&self) -> u16 {
        self.words.len() as u16
    }

    pub(super) fn is_done(&self) -> bool {
        self.next == self.root() && self.stack.is_empty()
    }

    /// Whether no other step can be taken than to shift.
    pub(super) fn must_shift(&self) -> bool {
        self.stack.is_empty() && self.next < self.root()
    }

    /// Which kinds of steps can be taken.
    fn allowed(&self) -> Allowed {
        let at_root = self.next == self.root();
        let filled = !self.stack.is_empty();
        Allowed { shift: !at_root, left: filled && !at_root, root: filled && at_root, right: self.stack.len() >= 2 }
    }

    /// Whether the step can be taken.
    pub(super) fn allows(&self, step: Step) -> bool {
        self.allowed().has(step)
    }

    pub(super) fn take(&mut self, step: Step) {
        let (head, relation) = match step {
            Step::Shift => {
                self.stack.push(self.next);
                self.next += 1;
                return;
            }
            Step::Left(relation) => (self.next, relation),
            Step::Right(relation) => (self.stack[self.stack.len() - 2], relation),
        };
        let Some(word) = self.stack.pop() else { return };
        self.heads[word as usize] = head;
        self.relations[word as usize] = relation;
        let children = &mut self.children[head as usize];
        if word < head {
            children.leftmost = word;
            children.left = children.left.saturating_add(1);
        } else {
            children.rightmost = word;
            children.right = children.right.saturating_add(1);
        }
    }

    /// Whether the step makes a modifier of a noun of what can be none: a finite verb or an infinitive.
    pub(super) fn is_plausible(&self, step: Step) -> bool {
        let (Step::Left(relation) | Step::Right(relation)) = step else { return true };
        let modifies = matches!(
            relation,
            Relation::Compound | Relation::Amod | Relation::Det | Relation::Poss | Relation::Case | Relation::Pobj
        );
        let tag = self.stack.last().and_then(|&top| self.tags.get(top as usize));
        !modifies || !matches!(tag, Some(Tag::Vb | Tag::Vbd | Tag::Vbp | Tag::Vbz | Tag::Md))
    }

    fn top(&self, depth: usize) -> u16 {
        self.stack.len().checked_sub(depth + 1).map_or(NONE, |at| self.stack[at])
    }

    fn word(&self, at: u16) -> u32 {
        self.words.get(at as usize).map_or(u32::from(at == self.root()), |word| word.whole)
    }

    fn tag(&self, at: u16) -> u32 {
        self.tags.get(at as usize).map_or(40 + u32::from(at == self.root()), |tag| *tag as u32)
    }

    fn children(&self, at: u16) -> Children {
        self.children.get(at as usize).copied().unwrap_or(CHILDLESS)
    }

    fn relation(&self, at: u16) -> u32 {
        self.relations.get(at as usize).map_or(60, |relation| *relation as u32)
    }

    /// The features of the state.
    pub(super) fn features(&self) -> [Feature; FEATURES] {
        let (s0, s1, s2) = (self.top(0), self.top(1), self.top(2));
        let (b0, b1, b2) = (self.next, self.next.saturating_add(1), self.next.saturating_add(2));
        let (s0w, s1w, b0w, b1w) = (self.word(s0), self.word(s1), self.word(b0), self.word(b1));
        let (s0t, s1t, s2t) = (self.tag(s0), self.tag(s1), self.tag(s2));
        let (b0t, b1t, b2t) = (self.tag(b0), self.tag(b1), self.tag(b2));
        let (c0, c1, cb) = (self.children(s0), self.children(s1), self.children(b0));
        let (l0, r0, l1, r1, lb) = (c0.leftmost, c0.rightmost, c1.leftmost, c1.rightmost, cb.leftmost);
        let gap = |a: u16, b: u16| if a == NONE || b == NONE { 9 } else { u32::from(b.saturating_sub(a).min(8)) };
        let valence = |c: Children| u32::from(c.left.min(3)) * 4 + u32::from(c.right.min(3));
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
            feature(18, s0t, self.tag(l0), b0t),
            feature(19, s0t, self.tag(r0), b0t),
            feature(20, s1t, self.tag(r1), s0t),
            feature(21, s1t, self.tag(l1), s0t),
            feature(22, s0t, self.tag(lb), b0t),
            feature(23, s0w, gap(s0, b0), b0t),
            feature(24, s0t, b0t, gap(s0, b0) * 16 + gap(s1, s0)),
            feature(25, s0w, valence(c0), 1),
            feature(26, s0t, valence(c0), b0t),
            feature(27, s1w, valence(c1), s0t),
            feature(28, s1t, valence(c1), s0t),
            feature(29, s0w, self.relation(l0), self.relation(r0)),
            feature(30, s1w, self.relation(l1), self.relation(r1)),
            feature(31, s1t, self.relation(r1), s0t * 64 + b0t),
            feature(32, s0t, self.relation(l0), self.relation(r0) * 64 + b0t),
            feature(33, self.word(r0), s0t, b0t),
            feature(34, s1w, b0w, s0t),
        ]
    }

    /// How many arcs of `gold` each kind of step makes unreachable: shift, left, right.
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

    /// Whether `step` gives the stack's top its gold relation, if it gives it its gold head.
    pub(super) fn is_labelled_right(&self, step: Step, gold: &Analysis) -> bool {
        let Some(&top) = self.stack.last() else { return true };
        let (head, relation) = match step {
            Step::Shift => return true,
            Step::Left(relation) => (self.next, relation),
            Step::Right(relation) => (self.top(1), relation),
        };
        gold.heads[top as usize] != head as usize || gold.relations[top as usize] == relation
    }
}

/// The allowed step of the highest score.
pub(super) fn best_step<S: PartialOrd + Copy>(
    state: &State<'_>,
    steps: &[Step],
    scores: &[S; WIDTH],
    accepts: impl Fn(Step) -> bool,
) -> Option<usize> {
    let allowed = state.allowed();
    let mut best: Option<(usize, S)> = None;
    for (class, (&step, &score)) in steps.iter().zip(scores).enumerate() {
        if best.is_none_or(|(_, best)| score > best) && allowed.has(step) && accepts(step) {
            best = Some((class, score));
        }
    }
    best.map(|(class, _)| class)
}
