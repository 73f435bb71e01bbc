"""The peer's model: in each sentence every ordered pair of parties, and every party with the issue, as masked text;
TF-IDF of words and pairs of words; logistic regression over none, aligned, neutral, opposed.

    python benches/peers/peer.py regex|spacy FILE      trains on the corpus's training part and writes FILE
"""

import hashlib
import json
import pathlib
import pickle
import sys
import time

import numpy
from parties import FINDERS, ROOT, with_first_person
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline

LABELS = ["none", "aligned", "neutral", "opposed"]
ISSUE = "ISSUE"
COUNTED = {"asserted", "future"}
FOLDS = 4


def corpus(held_out):
    """The articles of one part of the corpus, divided as `demarche train` divides it: by the hash of the name."""
    for path in sorted((ROOT / "data" / "corpus").glob("*.jsonl")):
        for line in path.read_text().splitlines():
            article = json.loads(line)
            if (hashlib.sha256(article["id"].encode()).digest()[0] % 5 == 0) == held_out:
                yield article


def counted(article):
    """The labelled stances that make rows: not those attributed by others, conditional, hedged or past."""
    for stance in article["stances"]:
        if stance["voice"] != "attributed_by_other" and stance["modality"] in COUNTED:
            yield stance


def labelled_rows(article):
    return {(stance["holder"], stance["target"], stance["stance"]) for stance in counted(article)}


def masked(text, start, end, named, holder, target):
    """The sentence with the holder, the target and all other parties as placeholders."""
    parts, at = [], start
    for begin, stop, code in named:
        parts.append(text[at:begin])
        parts.append("HOLDER" if code == holder else "TARGET" if code == target else "PARTY")
        at = stop
    return "".join([*parts, text[at:end]])


class Peer:
    """Finder, model and threshold."""

    def __init__(self, finder):
        self.kind = finder
        self.finder = FINDERS[finder]()
        self.model = make_pipeline(
            TfidfVectorizer(lowercase=False, ngram_range=(1, 2), min_df=2, sublinear_tf=True),
            LogisticRegression(C=10.0, max_iter=1000),
        )
        self.threshold = 0.5

    def __getstate__(self):
        return {"kind": self.kind, "model": self.model, "threshold": self.threshold}

    def __setstate__(self, state):
        self.__dict__.update(state, finder=FINDERS[state["kind"]]())

    def candidates(self, text, speaker=None):
        """Of every pair of a sentence: holder, target, start and end of the sentence, masked text."""
        for sentence in self.finder.sentences(text):
            start, end, _ = sentence
            named = with_first_person(text, sentence, speaker)
            codes = sorted({code for _, _, code in named})
            for holder in codes:
                for target in [*codes, ISSUE]:
                    if target != holder:
                        yield holder, target, start, end, masked(text, start, end, named, holder, target)

    def train(self, articles):
        """Fits, and takes the threshold that gives the best F1 of rows out of fold."""
        texts, labels, groups, candidates = [], [], [], []
        for number, article in enumerate(articles):
            stances = [(article["text"].find(it["evidence"]), it) for it in counted(article)]
            for holder, target, start, end, text in self.candidates(article["text"], article["speaker"]):
                found = (
                    it["stance"]
                    for at, it in stances
                    if (it["holder"], it["target"]) == (holder, target)
                    and at < end
                    and start < at + len(it["evidence"])
                )
                texts.append(text)
                labels.append(LABELS.index(next(found, "none")))
                groups.append(number)
                candidates.append((number, holder, target))
        began = time.monotonic()
        folds = GroupKFold(FOLDS)
        chances = cross_val_predict(self.model, texts, labels, groups=groups, cv=folds, method="predict_proba")
        self.model.fit(texts, labels)
        self.threshold = best_threshold(candidates, chances, articles)
        return len(texts), time.monotonic() - began

    def rows(self, text, speaker=None):
        """The rows of a text, the most confident first: holder, target, stance, confidence, chances, sentences."""
        candidates = list(self.candidates(text, speaker))
        if not candidates:
            return []
        chances = self.model.predict_proba([candidate[4] for candidate in candidates])
        best = best_sentences(((holder, target) for holder, target, *_ in candidates), chances)
        rows = []
        for (holder, target), at in best.items():
            label = 1 + int(numpy.argmax(chances[at][1:]))
            if chances[at][label] >= self.threshold:
                rows.append((holder, target, LABELS[label], chances[at][label], chances[at], candidates[at][2:4]))
        return sorted(rows, key=lambda row: -row[3])


def best_sentences(pairs, chances):
    """Of each pair the sentence in which a stance is most likely."""
    best = {}
    for at, pair in enumerate(pairs):
        if pair not in best or max(chances[at][1:]) > max(chances[best[pair]][1:]):
            best[pair] = at
    return best


def best_threshold(candidates, chances, articles):
    labelled = {(number, *row) for number, article in enumerate(articles) for row in labelled_rows(article)}
    found = []
    for (number, holder, target), at in best_sentences(candidates, chances).items():
        label = 1 + int(numpy.argmax(chances[at][1:]))
        found.append((chances[at][label], (number, holder, target, LABELS[label]) in labelled))
    found.sort(reverse=True)
    right, best = 0, (0.0, 0.5)
    for place, (chance, is_right) in enumerate(found, start=1):
        right += is_right
        best = max(best, (2 * right / (place + len(labelled)), float(chance)))
    return best[1]


def load(path):
    # As `__main__` wrote it, whatever this module is called now.
    sys.modules["__main__"].Peer = Peer
    return pickle.loads(pathlib.Path(path).read_bytes())


def main():
    kind, path = sys.argv[1:]
    peer = Peer(kind)
    examples, seconds = peer.train(list(corpus(held_out=False)))
    pathlib.Path(path).write_bytes(pickle.dumps(peer))
    print(f"{kind}: {examples} examples, trained in {seconds:.0f} s, threshold {peer.threshold:.2f}")


if __name__ == "__main__":
    main()
