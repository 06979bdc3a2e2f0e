"""Measures the determination on DuckDB and on Spark Connect, side by side, over the same Parquet.

    python tests/scale/engines.py [PEOPLE …] [--snapshot FOLDER] [--engine spark://HOST:PORT=NAME=PID …]

For every size: people are drawn (unknowns included) and written as Parquet; then each engine decides them, Parquet to
Parquet, three times in turn, and the answers are compared. With a snapshot, the whole job of `haqdar decide` is measured over
it as well. The engines are DuckDB, a Sail server that is started here, and the servers named. Prints a table in Markdown for
docs/beyond-one-machine.md.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb

from haqdar.config.cli_support import start_django
from haqdar.entitlement.compile import determination_sql, verdict_long_sql
from haqdar.entitlement.engines import SparkEngine
from haqdar.law import load_lawbook

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 3
STATEMENTS = {
    "all criteria and verdicts of everybody": determination_sql,
    "what is possible, as rows": verdict_long_sql,
}

PEOPLE = """
    SELECT CAST(100000000 + i AS INTEGER) AS member_id, DATE '2016-10-01' AS day, draw(i, 1) > 0.05 AS alive, draw(i, 2) < 0.02 AS migrated_out,
           CASE WHEN draw(i, 3) < 0.48 THEN 'F' WHEN draw(i, 3) < 0.999 THEN 'M' ELSE 'T' END AS sex,
           CASE WHEN draw(i, 4) > 0.01 THEN CAST(floor(90 * draw(i, 5) * draw(i, 6)) AS INTEGER) END AS age,
           CASE WHEN draw(i, 7) < 0.02 THEN NULL WHEN draw(i, 7) < 0.45 THEN 'never_married' WHEN draw(i, 7) < 0.92 THEN 'married'
                WHEN draw(i, 7) < 0.98 THEN 'widowed' WHEN draw(i, 7) < 0.99 THEN 'deserted' ELSE 'divorced' END AS marital_status,
           draw(i, 8) < 0.4 AS bpl, CASE WHEN draw(i, 9) > 0.03 THEN draw(i, 10) < 0.03 END AS destitute,
           CASE WHEN draw(i, 11) > 0.05 THEN draw(i, 12) < 0.02 END AS income_tax_payer,
           CASE WHEN draw(i, 13) < 0.03 THEN CAST(floor(100 * draw(i, 14)) AS DOUBLE) ELSE 0.0 END AS disability_percent,
           draw(i, 15) < 0.001 AS intellectual_disability, draw(i, 16) < 0.001 AS multiple_disability, draw(i, 17) < 0.02 AS wife_died,
           CAST(floor(3 * draw(i, 18)) AS INTEGER) AS living_daughters, CAST(floor(3 * draw(i, 19)) AS INTEGER) AS living_sons,
           draw(i, 20) < 0.2 AS partner_present,
           CASE WHEN draw(i, 20) < 0.2 AND draw(i, 21) > 0.01 THEN CAST(floor(90 * draw(i, 22)) AS INTEGER) END AS partner_age,
           CASE WHEN draw(i, 20) < 0.2 AND draw(i, 23) > 0.05 THEN draw(i, 24) < 0.02 END AS partner_income_tax_payer
    FROM range({people}) t(i)"""


class Duck:
    """DuckDB over the same Parquet, with the verbs of `SparkEngine` that are measured."""

    def __init__(self, duck: duckdb.DuckDBPyConnection) -> None:
        self.duck = duck

    def attach(self, name: str, folder: Path) -> None:
        self.duck.execute(f"CREATE OR REPLACE VIEW {name} AS FROM '{folder}/*.parquet'")

    def write(self, select: str, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.duck.execute(f"COPY ({select}) TO '{folder}/part.parquet' (FORMAT parquet)")

    def close(self) -> None:
        self.duck.close()


@contextmanager
def sail() -> Iterator[tuple[str, int]]:
    """A Sail server in a process of its own: its address and process number."""
    code = (
        "import sys; from pysail.spark import SparkConnectServer; s = SparkConnectServer('127.0.0.1', 0);"
        "s.start(background=True); print(s.listening_address[1], flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield f"spark://127.0.0.1:{int(process.stdout.readline())}", process.pid
    finally:
        process.communicate(timeout=60)


def peak_gib(pid: int) -> float:
    """Peak resident memory of a process and clears it, so that the next reading is the next step's."""
    status = Path(f"/proc/{pid}/status").read_text()
    peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    return peak / 1024**2


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(people: int, engines: dict[str, tuple[Duck | SparkEngine, int]], work: Path) -> None:
    """Print the rows of one size."""
    law = load_lawbook(ROOT / "law" / "mp").on(date(2016, 10, 1))
    facts = work / "facts"
    facts.mkdir()
    with duckdb.connect(config={"threads": 2, "memory_limit": "3GB"}) as duck:
        duck.execute("CREATE MACRO draw(i, k) AS (hash(i * 31 + k) % 1000003) / 1000003.0")
        duck.execute(
            f"COPY ({PEOPLE.format(people=people)}) TO '{facts}/part.parquet' (FORMAT parquet, COMPRESSION zstd)"
        )
    size = sum(f.stat().st_size for f in facts.iterdir()) / 1024**2
    for engine, _ in engines.values():
        engine.attach("facts", facts)
    for title, compiled in STATEMENTS.items():
        statement = compiled(law, "facts")
        times: dict[str, list[tuple[float, float, float]]] = {name: [] for name in engines}
        for _ in range(ROUNDS):
            for place, (name, (engine, pid)) in enumerate(engines.items()):
                peak_gib(pid)
                before, started = cpu_seconds(pid), time.perf_counter()
                engine.write(statement, work / f"out-{place}")
                times[name].append((time.perf_counter() - started, cpu_seconds(pid) - before, peak_gib(pid)))
        first = work / "out-0"
        for place, name in enumerate(engines):
            wall, cpu, memory = (statistics.median(column) for column in zip(*times[name], strict=True))
            equal = "" if place == 0 else differing(first, work / f"out-{place}")
            print(
                f"| {people:,} ({size:,.0f} MB) | {title} | {name} | {wall:.2f} | {cpu:.2f} | {memory:.2f} | {equal} |"
            )
    shutil.rmtree(facts)


def measure_state(folder: Path, engines: dict[str, tuple[Duck | SparkEngine, int]], work: Path) -> None:
    """Print the rows of the whole job over a snapshot."""
    start_django()
    from haqdar.cases.cluster import ClusterRun, decide_on_cluster
    from haqdar.cases.deciding import TABLES, Deciding, decide_state
    from haqdar.entitlement.snapshot import Snapshot

    snapshot, lawbook, day = Snapshot.open(folder), load_lawbook(ROOT / "law" / "mp"), date(2016, 10, 1)
    times: dict[str, list[tuple[float, float, float]]] = {name: [] for name in engines}
    for _ in range(ROUNDS):
        for place, (name, (engine, pid)) in enumerate(engines.items()):
            out = work / f"state-{place}"
            shutil.rmtree(out, ignore_errors=True)
            peak_gib(pid)
            before, started = cpu_seconds(pid), time.perf_counter()
            if isinstance(engine, SparkEngine):
                decide_on_cluster(engine, ClusterRun(folder, lawbook, day, out))
            else:
                decide_state(Deciding(snapshot, lawbook, day, out))
            times[name].append((time.perf_counter() - started, cpu_seconds(pid) - before, peak_gib(pid)))
    for place, name in enumerate(engines):
        wall, cpu, memory = (statistics.median(column) for column in zip(*times[name], strict=True))
        equal = (
            [differing(work / "state-0" / t, work / f"state-{place}" / t) for t in TABLES] if place else [""]
        )
        print(
            f"| {snapshot.residents:,} in {len(snapshot.districts)} districts | the whole job | {name} | {wall:.2f} | {cpu:.2f}"
            f" | {memory:.2f} | {', '.join(sorted(set(equal)))} |"
        )


def differing(one: Path, other: Path) -> str:
    """Whether two folders of Parquet hold the same rows, however often and in whatever order."""
    with duckdb.connect(config={"threads": 2, "memory_limit": "4GB"}) as duck:
        rows = "read_parquet('{}/**/*.parquet', hive_partitioning = true, hive_types_autocast = false)"
        found = [
            {row[0] for row in duck.execute(f"DESCRIBE FROM {rows.format(f)}").fetchall()}
            for f in (one, other)
        ]
        names = sorted(found[0] & found[1])
        counts = []
        for folder in (one, other):
            values = ", ".join(f"CAST({name} AS VARCHAR)" for name in names)
            counts.append(
                duck.execute(
                    f"SELECT count(*), sum(hash({values})), bit_xor(hash({values})) FROM {rows.format(folder)}"
                ).fetchone()
            )
    return "equal" if counts[0] == counts[1] else f"DIFFERENT {counts}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("people", type=int, nargs="*")
    parser.add_argument("--snapshot", type=Path, help="folder of a snapshot for 2016-10")
    parser.add_argument(
        "--engine", action="append", default=[], help="spark://HOST:PORT=NAME=PID of another server"
    )
    chosen = parser.parse_args()
    (ROOT / "build").mkdir(exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix="engines-", dir=ROOT / "build"))
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(
        f"{date.today()}, {platform.machine()}, {os.cpu_count()} cores, load average {load}; median of {ROUNDS}\n"
    )
    print(
        "| people (Parquet) | statement | engine | wall s | CPU s | peak GiB | rows |\n|---|---|---|---|---|---|---|"
    )
    try:
        with sail() as (address, pid), duckdb.connect(config={"threads": 2, "memory_limit": "3GB"}) as duck:
            engines: dict[str, tuple[Duck | SparkEngine, int]] = {
                "DuckDB": (Duck(duck), os.getpid()),
                "Sail": (SparkEngine(address, work), pid),
            }
            for given in chosen.engine:
                other, name, number = given.split("=")
                engines[name] = (SparkEngine(other, work), int(number))
            try:
                for people in chosen.people:
                    measure(people, engines, work)
                if chosen.snapshot:
                    measure_state(chosen.snapshot.absolute(), engines, work)
            finally:
                for engine, _ in engines.values():
                    engine.close()
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
