"""The physical floor: the people's columns decoded from Parquet and nothing decided, by DuckDB and by pyarrow.

    python -m tests.scale.peers.floor duckdb|pyarrow PEOPLE RESULT WARM DAY

RESULT is written by nobody; no contender that reads every column can be faster than this.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
from tests.scale.peers.job import Watch, contend


def by_duckdb(people: Path, result: Path, day: date, watch: Watch) -> None:
    with watch.phase("read"), duckdb.connect(config={"threads": 2}) as duck:
        columns = duck.execute(f"DESCRIBE FROM read_parquet('{people}')").fetchall()
        # max and sum look at every value; a count alone would not
        looks = [
            f"sum({name})"
            if kind in ("INTEGER", "DOUBLE")
            else f"sum(length({name}))"
            if kind == "VARCHAR"
            else f"count_if({name})"
            if kind == "BOOLEAN"
            else f"max({name} + 1)"
            for name, kind, *_ in columns
        ]
        duck.execute(f"SELECT {', '.join(looks)} FROM read_parquet('{people}')").fetchall()


def by_pyarrow(people: Path, result: Path, day: date, watch: Watch) -> None:
    with watch.phase("read"):
        pq.read_table(people)


if __name__ == "__main__":
    contend({"duckdb": by_duckdb, "pyarrow": by_pyarrow}[sys.argv.pop(1)])
