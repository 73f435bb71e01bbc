//! The relations of a dependency tree: the `ClearNLP` set, folded to what matters here.

/// What a word is to its head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are those of the `ClearNLP` guidelines")]
#[repr(u8)]
pub enum Relation {
    Root,
    Acl,
    Advcl,
    Advmod,
    Agent,
    Amod,
    Appos,
    Attr,
    Aux,
    Auxpass,
    Case,
    Cc,
    Ccomp,
    Compound,
    Conj,
    Dative,
    Dep,
    Det,
    Dobj,
    Mark,
    Neg,
    Nsubj,
    Nsubjpass,
    Oprd,
    Parataxis,
    Pcomp,
    Pobj,
    Poss,
    Prep,
    Prt,
    Punct,
    Relcl,
    Xcomp,
}

/// Names in the order of the variants.
const NAMES: [&str; 33] = [
    "root",
    "acl",
    "advcl",
    "advmod",
    "agent",
    "amod",
    "appos",
    "attr",
    "aux",
    "auxpass",
    "case",
    "cc",
    "ccomp",
    "compound",
    "conj",
    "dative",
    "dep",
    "det",
    "dobj",
    "mark",
    "neg",
    "nsubj",
    "nsubjpass",
    "oprd",
    "parataxis",
    "pcomp",
    "pobj",
    "poss",
    "prep",
    "prt",
    "punct",
    "relcl",
    "xcomp",
];

impl Relation {
    /// All of them.
    pub const ALL: [Self; 33] = [
        Self::Root,
        Self::Acl,
        Self::Advcl,
        Self::Advmod,
        Self::Agent,
        Self::Amod,
        Self::Appos,
        Self::Attr,
        Self::Aux,
        Self::Auxpass,
        Self::Case,
        Self::Cc,
        Self::Ccomp,
        Self::Compound,
        Self::Conj,
        Self::Dative,
        Self::Dep,
        Self::Det,
        Self::Dobj,
        Self::Mark,
        Self::Neg,
        Self::Nsubj,
        Self::Nsubjpass,
        Self::Oprd,
        Self::Parataxis,
        Self::Pcomp,
        Self::Pobj,
        Self::Poss,
        Self::Prep,
        Self::Prt,
        Self::Punct,
        Self::Relcl,
        Self::Xcomp,
    ];

    /// The lower-case name, as in the treebank.
    #[must_use]
    pub fn name(self) -> &'static str {
        NAMES[self as usize]
    }

    /// The relation of this name; finer ones of the `ClearNLP` set are folded.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let folded = match name {
            "ROOT" => "root",
            "acomp" => "attr",
            "csubj" => "nsubj",
            "csubjpass" => "nsubjpass",
            "nmod" => "compound",
            "npadvmod" => "advmod",
            "nummod" => "amod",
            "predet" | "preconj" | "quantmod" => "det",
            "expl" | "intj" | "meta" => "dep",
            other => other,
        };
        Self::ALL.into_iter().find(|relation| relation.name() == folded)
    }
}
