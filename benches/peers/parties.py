"""Sentences and the parties named in them, in two ways that a user might write: one regular expression of all names,
and spaCy's rule-based components. Both read the project's own party tables."""

import pathlib
import re
import tomllib

import spacy

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
KINDS = ["names", "adjectives", "people", "capitals", "seats", "organs", "metonyms"]
SENTENCE_END = re.compile(r'(?<=[.!?])["”’]?\s+(?=["“‘]?[A-Z0-9])|\n+')
FIRST_PERSON = re.compile(r"\b(?:we|our|us|ours)\b", re.IGNORECASE)


def names():
    """Every surface form with its party's code; a trap, in which a name means something else, has none."""
    found = {}
    for path in sorted((ROOT / "data" / "parties").glob("*.toml")):
        table = tomllib.loads(path.read_text())
        for party in table.get("country", []) + table.get("bloc", []):
            forms = [party["name"]] + [form for kind in KINDS for form in party.get(kind, [])]
            for form in forms:
                found.setdefault(form.removeprefix("the "), party["code"])
            for trap in party.get("traps", []):
                found[trap] = ""
        for official in table.get("official", []):
            for name in [official["name"], *official.get("also", [])]:
                found.setdefault(name, official["party"])
    return found


def as_trie(forms):
    """A regular expression of many words that shares their beginnings: with a plain alternation Python would try one
    after the other."""
    trie = {}
    for form in forms:
        node = trie
        for character in form:
            node = node.setdefault(character, {})
        node[""] = {}

    def pattern(node):
        branches = [re.escape(character) + pattern(child) for character, child in node.items() if character]
        if not branches:
            return ""
        joined = branches[0] if len(branches) == 1 and "" not in node else f"(?:{'|'.join(branches)})"
        return joined + "?" if "" in node else joined

    return pattern(trie)


class RegexFinder:
    """All names as one compiled regular expression, sentences by another."""

    def __init__(self):
        self.names = names()
        self.expression = re.compile(rf"\b{as_trie(self.names)}\b")

    def sentences(self, text):
        """Of each sentence with a name: its span, and the spans of the names with their codes."""
        ends = [match.start() for match in SENTENCE_END.finditer(text)] + [len(text)]
        named = [
            (match.start(), match.end(), self.names.get(match.group(), "")) for match in self.expression.finditer(text)
        ]
        start, at = 0, 0
        for end in ends:
            inside = []
            while at < len(named) and named[at][0] < end:
                if named[at][2]:
                    inside.append(named[at])
                at += 1
            yield start, end, inside
            start = end


class SpacyFinder:
    """spaCy without a trained component: tokenizer, sentencizer, entity ruler of phrases."""

    def __init__(self):
        self.pipeline = spacy.blank("en")
        self.pipeline.max_length = 2_000_000
        self.pipeline.add_pipe("sentencizer")
        ruler = self.pipeline.add_pipe("entity_ruler")
        ruler.add_patterns(
            [{"label": "PARTY" if code else "TRAP", "pattern": form, "id": code} for form, code in names().items()]
        )

    def sentences(self, text):
        """As of the other finder."""
        for sentence in self.pipeline(text).sents:
            named = [(name.start_char, name.end_char, name.ent_id_) for name in sentence.ents if name.ent_id_]
            yield sentence.start_char, sentence.end_char, named


FINDERS = {"regex": RegexFinder, "spacy": SpacyFinder}


def with_first_person(text, sentence, speaker):
    """The names of a sentence, and "we" where the text is a party's own statement."""
    start, end, named = sentence
    if speaker:
        own = [(match.start(), match.end(), speaker) for match in FIRST_PERSON.finditer(text, start, end)]
        named = sorted(named + own)
    return named
