#!/usr/bin/env python3
"""Analyses the sentences of `demarche syntax sentences` with spaCy and prints CoNLL-U.

usage: demarche syntax sentences | annotate.py > corpus.conllu

Needs spaCy and its English model en_core_web_sm (both MIT). The tokens are demarche's own; the name of a party
becomes one masked word, whose head is that of its own topmost token.
"""
import json
import sys

import en_core_web_sm
from spacy.tokens import Doc

BATCH = 256


def collapse(doc, units):
    """Rows (form, tag, head, relation) of one sentence; heads count from 1, 0 is the root."""
    unit_of = [0] * len(doc)
    for number, (start, end, _) in enumerate(units):
        for token in range(start, end):
            unit_of[token] = number
    rows = []
    for number, (start, end, mask) in enumerate(units):
        tops = [t for t in doc[start:end] if t.head.i == t.i or not start <= t.head.i < end]
        top = tops[0] if tops else doc[start]
        head = 0 if top.head.i == top.i else unit_of[top.head.i] + 1
        rows.append((mask or doc[start].text, top.tag_, head, "ROOT" if head == 0 else top.dep_))
    return rows


def main():
    nlp = en_core_web_sm.load(exclude=["ner", "lemmatizer"])
    lines = [json.loads(line) for line in sys.stdin]
    # One sentence a document: the parser must not cut it again.
    for start in range(0, len(lines), BATCH):
        batch = lines[start : start + BATCH]
        docs = [Doc(nlp.vocab, words=line["tokens"], spaces=line["spaces"]) for line in batch]
        for _, component in nlp.pipeline:
            docs = list(component.pipe(docs))
        for line, doc in zip(batch, docs):
            print(f"# sent_id = {line['id']}")
            for number, (form, tag, head, relation) in enumerate(collapse(doc, line["units"]), 1):
                print(f"{number}\t{form}\t_\t_\t{tag}\t_\t{head}\t{relation}\t_\t_")
            print()


if __name__ == "__main__":
    main()
