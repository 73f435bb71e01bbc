"""Rows of the peers and of demarche on the held-out part of the corpus, counted alike: a row is right if its holder,
its target and its stance are labelled. Each at its own threshold, and then at the same recall, for thresholds differ in
what they are for.

    python benches/peers/score.py DEMARCHE [PEER...]      the binary, and files that peer.py wrote
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import peer

RECALLS = [0.2, 0.3, 0.4, 0.5]
LEAST = 0.02  # confidence of a row that is looked at


def of_demarche(binary, articles, *flags):
    """What `demarche classify` answers: the rows of each article with their confidence."""
    with tempfile.TemporaryDirectory() as folder:
        asked, answered = pathlib.Path(folder, "articles.jsonl"), pathlib.Path(folder, "rows.jsonl")
        asked.write_text("".join(json.dumps(article) + "\n" for article in articles))
        command = [binary, "classify", "--input", asked, "--output", answered, *flags]
        subprocess.run(command, check=True, capture_output=True)
        answers = {answer["id"]: answer for answer in map(json.loads, answered.read_text().splitlines())}
    return [dict(rows_of(answers[article["id"]])) for article in articles]


def rows_of(answer):
    for country in answer.get("countries", []):
        for row in country["stances"]:
            target = code(row["target"]["party"]) if "party" in row["target"] else peer.ISSUE
            stance = row["stance"].removeprefix("STANCE_").lower()
            yield (code(country["party"]), target, stance), row["confidence"]


def code(party):
    return party.get("regionCode") or party["blocCode"]


def of_peer(model, articles, threshold):
    own, model.threshold = model.threshold, threshold
    found = [{row[:3]: row[3] for row in model.rows(it["text"], it["speaker"])} for it in articles]
    model.threshold = own
    return found


def tally(found, truths):
    """Right rows, rows given."""
    return sum(len(truth & rows.keys()) for rows, truth in zip(found, truths, strict=True)), sum(map(len, found))


def precision_at(recall, found, truths):
    """Of the most confident rows that reach the recall; None if all do not."""
    rows = sorted(
        (
            (confidence, row in truth)
            for rows, truth in zip(found, truths, strict=True)
            for row, confidence in rows.items()
        ),
        reverse=True,
    )
    wanted, right = recall * sum(map(len, truths)), 0
    for given, (_, is_right) in enumerate(rows, start=1):
        right += is_right
        if right >= wanted:
            return right / given
    return None


def show(name, truths, found, everything):
    right, given = tally(found, truths)
    wanted = sum(map(len, truths))
    on_empty = [len(rows) for rows, truth in zip(found, truths, strict=True) if not truth]
    figures = [right / max(given, 1), right / wanted, 2 * right / (given + wanted), sum(on_empty) / len(on_empty)]
    figures += [precision_at(recall, everything, truths) for recall in RECALLS]
    print(f"| {name} | {' | '.join('-' if figure is None else f'{figure:.2f}' for figure in figures)} |")


def main():
    binary, *peers = sys.argv[1:]
    articles = list(peer.corpus(held_out=True))
    truths = [peer.labelled_rows(article) for article in articles]
    columns = ["", "precision", "recall", "F1", "rows an article without any stance"]
    columns += [f"precision at recall {recall}" for recall in RECALLS]
    print(f"| {' | '.join(columns)} |\n|{' --- |' * len(columns)}")
    least = of_demarche(binary, articles, "--min-confidence", str(LEAST))
    show("demarche", truths, of_demarche(binary, articles), least)
    for path in peers:
        model = peer.load(path)
        name = f"peer, {model.kind}"
        show(name, truths, of_peer(model, articles, model.threshold), of_peer(model, articles, LEAST))
    print(f"\n{len(articles)} held-out articles, {sum(map(len, truths))} rows")


main()
