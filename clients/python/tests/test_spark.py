"""Real Spark: a driver and two executors as processes of their own, two servers, one of which is killed half-way.

Slow. `python -m pytest -m slow tests/test_spark.py`; needs Java 17, pyspark and pyarrow.
"""

import json
import os
import subprocess
import sys
import threading
import time
import urllib.request

import pytest

pyspark = pytest.importorskip("pyspark")
parquet = pytest.importorskip("pyarrow.parquet")

from demarche_client import Retry  # noqa: E402
from demarche_client.spark import classify, job  # noqa: E402

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]

# `DEMARCHE_SPARK_MASTER=local[2]` where executors cannot be processes of their own.
MASTER = os.environ.get("DEMARCHE_SPARK_MASTER", "local-cluster[2,1,1024]")
TEXT = "China condemned the sanctions. Kenya voted for the resolution. Peru hosted the talks. "
BEYOND_A_FLOAT = 2**53 + 1  # a double cannot hold it: ids must come out as they went in


@pytest.fixture(scope="module")
def spark():
    os.environ["PYSPARK_PYTHON"] = sys.executable
    session = (
        pyspark.sql.SparkSession.builder.master(MASTER)
        .config("spark.ui.enabled", "false")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", "500")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


def articles(path, count, text):
    """JSON lines: every hundredth article is empty, every third has no date."""
    with open(path, "w", encoding="utf-8") as file:
        for number in range(count):
            line = {"id": BEYOND_A_FLOAT + number, "body": "" if number % 100 == 7 else text, "tags": [{"a b": number}]}
            if number % 3:
                line["date"] = "2024-03-12"
            file.write(json.dumps(line) + "\n")


def job_arguments(tmp_path, addresses, *more):
    places = [f"--address={address}" for address in addresses]
    inout = ["--input", str(tmp_path / "in.jsonl"), "--format", "json", "--output", str(tmp_path / "out")]
    return [*inout, *places, "--column", "text=body", "--issue", "the sanctions", *more]


def kill_when(condition, server):
    """Kills the server as soon as the condition holds; the list gets the time of it."""
    killed = []

    def watch():
        end = time.monotonic() + 300
        while time.monotonic() < end:
            if condition():
                server.kill()
                killed.append(time.monotonic())
                return
            time.sleep(0.05)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    return thread, killed


def answered(admin):
    """Articles that the server has read, by its own metrics."""
    with urllib.request.urlopen(f"http://{admin}/metrics", timeout=20) as page:
        lines = page.read().decode().splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith("demarche_articles_total{"))


def test_a_server_killed_half_way_loses_and_repeats_nothing(spark, start, tmp_path):
    count = 3000
    articles(tmp_path / "in.jsonl", count, TEXT * 20)
    doomed, stays = (start("--admin-listen", "127.0.0.1:0") for _ in range(2))
    # Half of what it would read if both lived; each of the two has half of the articles.
    thread, killed = kill_when(lambda: answered(doomed.admin) >= count / 4, doomed)
    given = job.arguments().parse_args(job_arguments(tmp_path, [doomed.address, stays.address], "--partitions", "6"))
    job.run(spark, given)
    ended = time.monotonic()
    thread.join()
    assert killed and killed[0] < ended, "the server was not killed while the job ran"
    assert answered(stays.admin) > count / 4, "the other server did not read"
    rows = spark.read.parquet(given.output).collect()
    assert sorted(row.id for row in rows) == [BEYOND_A_FLOAT + number for number in range(count)]
    for row in rows:
        number = row.id - BEYOND_A_FLOAT
        assert row.tags[0]["a b"] == number
        if number % 100 == 7:
            assert (row.error.code, row.error.reason, row.stances) == ("INVALID_ARGUMENT", "TEXT_EMPTY", None)
        else:
            assert row.error is None and row.model.name == "default"
            assert {(s.holder_code, s.stance) for s in row.stances} >= {("CN", "opposed")}
            assert all(row.body[s.start : s.end] == s.sentence for s in row.stances)


def test_executors_are_two(spark):
    if MASTER.startswith("local-cluster"):
        memory = spark.sparkContext._jsc.sc().getExecutorMemoryStatus()
        assert memory.size() == 3  # with the driver


@pytest.mark.parametrize("partitions", [1, 7])
def test_any_partitioning_gives_the_same(spark, address, tmp_path, partitions):
    frame = spark.createDataFrame([(n, TEXT if n % 2 else "") for n in range(40)], "id int, text string")
    rows = classify(frame.repartition(partitions), address).collect()
    assert sorted(row.id for row in rows) == list(range(40))
    assert all((row.error is None) == bool(row.id % 2) for row in rows)


def test_no_server_fails_the_job(spark, tmp_path):
    frame = spark.createDataFrame([(1, TEXT)], "id int, text string")
    with pytest.raises(Exception, match="UNAVAILABLE"):
        classify(frame, "127.0.0.1:1", client={"retry": Retry(attempts=2)}).collect()


@pytest.mark.parametrize(
    ("columns", "named", "told"),
    [("id int, body string", None, "no column of texts"), ("text string, error int", None, "rename or drop")],
)
def test_a_frame_that_cannot_be_read_is_refused_at_once(spark, columns, named, told):
    with pytest.raises(ValueError, match=told):
        classify(spark.createDataFrame([], columns), "127.0.0.1:1", columns=named)


def test_spark_submit(address, tmp_path):
    """The command as a person runs it, in a process of its own."""
    articles(tmp_path / "in.jsonl", 20, TEXT)
    submit = os.path.join(os.path.dirname(pyspark.__file__), "bin", "spark-submit")
    command = [submit, "--master", "local[1]", "--conf", "spark.ui.enabled=false", job.__file__]
    environment = {**os.environ, "PYSPARK_PYTHON": sys.executable, "PYSPARK_DRIVER_PYTHON": sys.executable}
    done = subprocess.run(
        [*command, *job_arguments(tmp_path, [address])], env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert parquet.read_table(tmp_path / "out").num_rows == 20
