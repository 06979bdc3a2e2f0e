"""Contender: this house's engine as it decides a State, each distinct life once; snapshot to Parquet.

    python -m tests.scale.peers.engine_cells kept|rows|month SNAPSHOT RESULT WARM DAY

`kept` and `rows` do the peers' job from the snapshot's spans and profiles. `kept` writes the result in the form in which the
product keeps it, everybody's cell and every cell's verdicts, amounts and best schemes; `rows` writes it out, a wide row a
person, as the peers do. `month` is `haqdar decide`: the whole monthly work, which no peer does: every criterion true or unknown,
the difference to what is held, the work list with reasons, the forecast with exact days. RESULT is a folder.
"""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import closing
from datetime import date
from functools import cache, partial
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "haqdar.config.settings")

from tests.scale.peers.engine import LAW, best_columns, nine, result_sql
from tests.scale.peers.job import COMPRESSION, SCHEMES, Watch, contend

from haqdar.cases.deciding import Deciding, decide_state
from haqdar.entitlement.cells import Cells
from haqdar.entitlement.snapshot import Snapshot, each_district, engine, workers
from haqdar.entitlement.spans import PARTS
from haqdar.law import LawBook, load_lawbook


@cache
def lawbook() -> LawBook:
    """The State's law as it is, kept after the warm-up."""
    return load_lawbook(LAW)


def determine(place: Path, result: Path, day: date, watch: Watch, written_out: bool) -> None:
    """Verdicts, amounts and the best of each group for everybody in the snapshot at `place`."""
    shutil.rmtree(result, ignore_errors=True)
    for table in ("decision", "cell"):
        (result / table).mkdir(parents=True)
    law, snapshot = nine(day), Snapshot.open(place)
    cells = Cells.of([law])
    threads = max(1, workers() // len(snapshot.districts))
    form = f"(FORMAT parquet, COMPRESSION {COMPRESSION})"

    def district(name: str) -> None:
        with closing(engine("1500MB", threads)) as duck:
            for table in (*PARTS, "profile"):
                duck.execute(f"CREATE VIEW {table} AS FROM read_parquet('{snapshot.file(table, name)}')")
            duck.execute(f"CREATE TABLE decision AS SELECT member_id, cell_no FROM ({cells.lived(day)})")
            duck.execute(f"CREATE TABLE alike AS SELECT DISTINCT cell_no, DATE '{day}' AS day FROM decision")
            facts = cells.facts("alike", law.vocabulary)
            verdicts = (
                f"SELECT member_id AS cell_no, * EXCLUDE (member_id) FROM ({result_sql(law, f'({facts})')})"
            )
            duck.execute(f"CREATE TABLE cell AS {verdicts}")
            if written_out:
                rows = "SELECT member_id, c.* EXCLUDE (cell_no) FROM decision JOIN cell c USING (cell_no)"
                duck.execute(f"COPY ({rows}) TO '{result}/decision/{name}.parquet' {form}")
            else:
                for table in ("decision", "cell"):
                    kept = f"SELECT *, '{name}' AS district FROM {table}"
                    duck.execute(f"COPY ({kept}) TO '{result}/{table}/{name}.parquet' {form}")

    with watch.phase("read, decide, write"):
        each_district(snapshot.districts, district, "determine")


def month(place: Path, result: Path, day: date, watch: Watch) -> None:
    shutil.rmtree(result, ignore_errors=True)
    book = lawbook()
    with watch.phase("read, decide, write"):
        decide_state(Deciding(Snapshot.open(place), book, day, result))


def rows_of(form: str, result: Path) -> str:
    """A SELECT of the result's columns for every person, from what `kept`, `rows` or `month` wrote."""
    if form == "rows":
        return f"SELECT * FROM read_parquet('{result}/decision/*.parquet')"
    if form == "kept":
        decision, cell = (f"read_parquet('{result}/{table}/*.parquet')" for table in ("decision", "cell"))
        return f"SELECT * EXCLUDE (cell_no, district) FROM {decision} JOIN {cell} USING (district, cell_no)"
    decision, cell = (
        f"read_parquet('{result}/{table}/*/part.parquet', hive_partitioning = true)"
        for table in ("decision", "cell")
    )
    columns = [
        column
        for stem, _ in SCHEMES
        for column in (f"{stem}_verdict", f"{stem}_paise::INTEGER AS {stem}_paise")
    ]
    return (
        f"SELECT member_id, {', '.join([*columns, *best_columns()])}"
        f" FROM {decision} JOIN {cell} USING (district, cell_no)"
    )


FORMS = {
    "kept": partial(determine, written_out=False),
    "rows": partial(determine, written_out=True),
    "month": month,
}

if __name__ == "__main__":
    contend(FORMS[sys.argv.pop(1)])
