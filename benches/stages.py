"""A table of what `cargo bench --bench stages` measured, from what criterion left in `target/criterion`."""

import json
import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDER = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "criterion"
STAGES = ["text", "mentions", "candidates", "labels", "rows", "whole", "aho-corasick", "memchr"]


def figures(folder):
    """Nanoseconds of one round, and what a round reads."""
    estimate = json.loads((folder / "new" / "estimates.json").read_text())["median"]["point_estimate"]
    throughput = json.loads((folder / "new" / "benchmark.json").read_text())["throughput"]
    return estimate, throughput


def stages(group):
    print(f"\n{group.name}\n\n| stage | microseconds an article | share of the whole | times the Aho-Corasick scan |")
    print("| --- | --- | --- | --- |")
    times = {}
    for stage in STAGES:
        nanoseconds, throughput = figures(group / stage)
        times[stage] = nanoseconds / 1000 / throughput["ElementsAndBytes"]["elements"]
    for stage, time in times.items():
        share = f"{100 * time / times['whole']:.0f}%"
        print(f"| {stage} | {time:.2f} | {share} | {time / times['aho-corasick']:.2f} |")
    both = throughput["ElementsAndBytes"]
    print(f"\n{both['elements']} articles of {both['bytes'] / both['elements']:.0f} bytes on average")


def growth(group):
    print(f"\n{group.name}\n\n| bytes of a text | nanoseconds a byte |\n| --- | --- |")
    for length in sorted(int(folder.name) for folder in group.iterdir() if folder.name.isdigit()):
        nanoseconds, throughput = figures(group / str(length))
        print(f"| {length:,} | {nanoseconds / throughput['Bytes']:.1f} |")


def main():
    groups = sorted(FOLDER.glob("stages*")) + sorted(FOLDER.glob("growth*"))
    if not groups:
        sys.exit(f"{FOLDER}: nothing of `cargo bench --bench stages` is there")
    for group in groups:
        if group.name.startswith("stages"):
            stages(group)
        else:
            growth(group)


main()
