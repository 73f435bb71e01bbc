"""A job for `spark-submit`: articles in Parquet or JSON lines to Parquet with their stances.

    spark-submit "$(python -c 'import demarche_client.spark.job as job; print(job.__file__)')" \\
        --input articles/ --output stances/ --address 10.0.0.1:50051 --address 10.0.0.2:50051

The token, where the servers want one, comes from the variable DEMARCHE_TOKEN of the driver.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import Any

from pyspark.sql import SparkSession

from demarche_client.channel import Tls
from demarche_client.columns import ARTICLE_COLUMNS
from demarche_client.spark import RETRY, classify


def arguments() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="job.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--input", required=True, metavar="PATH", help="file or folder, as Spark reads it")
    parser.add_argument(
        "--format", choices=("parquet", "json"), default="parquet", help="of the input; json: JSON lines"
    )
    parser.add_argument("--output", required=True, metavar="PATH", help="folder of Parquet files")
    parser.add_argument(
        "--mode",
        choices=("error", "overwrite"),
        default="error",
        help="what to do if the output exists; default: %(default)s",
    )
    parser.add_argument(
        "--address",
        required=True,
        action="append",
        metavar="HOST:PORT",
        help="of a server; several: --address once each",
    )
    parser.add_argument("--ca", metavar="FILE", help="use TLS and trust these authorities; a path on every executor")
    parser.add_argument("--server-name", metavar="NAME", help="name in the servers' certificate")
    parser.add_argument("--partitions", type=int, metavar="N", help="spread the articles over so many tasks first")
    parser.add_argument(
        "--window", type=int, default=64, metavar="N", help="articles under way a stream; default: %(default)s"
    )
    parser.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="NAME=COLUMN",
        help=f"where the input has another name for one of {', '.join(ARTICLE_COLUMNS)}: text=body",
    )
    parser.add_argument("--issue", default="", help="the issue at hand, for articles that name none")
    parser.add_argument("--min-confidence", type=float, default=0.0, metavar="P", help="0 to 1; 0: the model's own")
    parser.add_argument("--include-uncounted", action="store_true", help="also rows that do not count")
    return parser


def run(spark: SparkSession, given: argparse.Namespace) -> None:
    """Reads, classifies, writes."""
    frame = spark.read.format(given.format).load(given.input)
    if given.partitions:
        frame = frame.repartition(given.partitions)
    client: dict[str, Any] = {"token": os.environ.get("DEMARCHE_TOKEN"), "retry": RETRY}
    if given.ca or given.server_name:
        client["tls"] = Tls(ca=given.ca, server_name=given.server_name)
    classified = classify(
        frame,
        given.address[0] if len(given.address) == 1 else given.address,
        columns=_columns(given.column),
        client=client,
        window=given.window,
        issue=given.issue,
        min_confidence=given.min_confidence,
        include_uncounted=given.include_uncounted,
    )
    classified.write.mode(given.mode).parquet(given.output)


def _columns(pairs: list[str]) -> dict[str, str]:
    for pair in pairs:
        if "=" not in pair:
            raise ValueError(f"--column {pair}: write NAME=COLUMN, such as text=body")
    return dict(pair.split("=", 1) for pair in pairs)


def main() -> None:
    """The command."""
    given = arguments().parse_args()
    spark = SparkSession.builder.appName("demarche").getOrCreate()
    try:
        run(spark, given)
    except ValueError as wrong:
        sys.exit(f"job.py: {wrong}")
    finally:
        spark.stop()


if __name__ == "__main__":
    main()
