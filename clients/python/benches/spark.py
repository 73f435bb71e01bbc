#!/usr/bin/env python3
"""Articles a second through Spark, with one and with two executors of one core each, and two servers.

usage: spark.py ADDRESS ADDRESS [--repeat N]

The articles are those of data/corpus, N times over. A first job of each session starts the executors and is not timed.
Needs pyspark, pyarrow and Java 17. What it prints is in docs/clients.md.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import time

from pyspark.sql import SparkSession, functions

from demarche_client import Article, Client
from demarche_client.spark import classify

CORPUS = pathlib.Path(__file__).parents[3] / "data" / "corpus"
TASKS = 8


def articles(spark, repeat):
    once = spark.read.json(str(CORPUS / "*.jsonl")).select("id", "title", "text", "date")
    return once.withColumn("copy", functions.explode(functions.sequence(functions.lit(1), functions.lit(repeat))))


def with_executors(executors, addresses, repeat):
    builder = SparkSession.builder.master(f"local-cluster[{executors},1,1024]")
    spark = builder.config("spark.ui.enabled", "false").getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    try:
        while spark.sparkContext._jsc.sc().getExecutorMemoryStatus().size() <= executors:  # the driver is one of them
            time.sleep(0.1)
        frame = articles(spark, repeat).repartition(TASKS).cache()
        count = frame.count()
        classify(frame.limit(200).repartition(TASKS), addresses).write.format("noop").mode("overwrite").save()
        start = time.monotonic()
        classify(frame, addresses).write.format("noop").mode("overwrite").save()
        seconds = time.monotonic() - start
    finally:
        spark.stop()
    print(f"{executors} executors: {count} articles in {seconds:.1f} s, {count / seconds:.0f} a second", flush=True)


def without_spark(addresses, repeat):
    spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
    texts = [Article(row.text, title=row.title, date=row.date) for row in articles(spark, repeat).collect()]
    spark.stop()
    with Client(addresses) as client:
        start = time.monotonic()
        count = sum(1 for _ in client.stream(texts))
        seconds = time.monotonic() - start
    print(f"the client alone: {count} articles in {seconds:.1f} s, {count / seconds:.0f} a second", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("addresses", nargs=2, metavar="ADDRESS")
    parser.add_argument("--repeat", type=int, default=10, metavar="N")
    parser.add_argument("--executors", type=int, help=argparse.SUPPRESS)  # a process of its own for each
    given = parser.parse_args()
    os.environ["PYSPARK_PYTHON"] = sys.executable
    if given.executors is None:
        for executors in ("1", "2", "0"):
            subprocess.run([sys.executable, *sys.argv, "--executors", executors], check=True)
    elif given.executors == 0:
        without_spark(given.addresses, given.repeat)
    else:
        with_executors(given.executors, given.addresses, given.repeat)


if __name__ == "__main__":
    main()
