"""A whole State decided from a snapshot: district by district, a few at a time, in bounded memory.

What is written to the folder of a run, each table as ``<table>/district=<code>/part.parquet``:

    decision   member_id, cell_no: everybody
    cell       every cell with the facts it stands for, how many people, and of every scheme the criteria that are true and
               unknown, the verdict and the amount (`entitlement.compile.determination_sql`)
    decided    a row for each person and group with anything held, entitled or undecided, and what is to be done
    suspect    ghosts and duplicates
    forecast   the contract's forecast

A district is marked done when its files are complete; a run that was interrupted goes on with the districts that are not.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import astuple, dataclass
from datetime import date
from pathlib import Path
from urllib.parse import unquote

import duckdb

from haqdar.base.files import atomic_write, sha256_of
from haqdar.cases.difference import decide, hold, look_ahead, worklist_sql
from haqdar.cases.sharing import NOTHING_JUDGED, find_shared
from haqdar.entitlement.compile import determination_sql, scheme_columns
from haqdar.entitlement.gather import quoted
from haqdar.entitlement.snapshot import Snapshot, each_district, engine, workers
from haqdar.entitlement.spans import AGES, profile_columns
from haqdar.law import LawBook, LawInForce

#: Raised when the computation changes in a way that may give other results from the same inputs.
ENGINE_VERSION = "3"

TABLES = {
    # in the order of the snapshot, which is that of the members
    "decision": "SELECT member_id, cell_no FROM lived",
    "cell": "SELECT * FROM cell ORDER BY cell_no",
    "decided": "SELECT * FROM decided ORDER BY member_id, pension_group, action",
    "suspect": "SELECT * FROM suspect ORDER BY ALL",
    "forecast": "SELECT * FROM forecast ORDER BY member_id, pension_group",
}
WITH_DISTRICT = ("decided", "suspect", "forecast")

#: ``award_change`` where no earlier run changed an award.
NO_CHANGES = (
    "CREATE OR REPLACE TABLE award_change AS SELECT CAST(NULL AS INTEGER) AS member_id, CAST(NULL AS INTEGER) AS pension_group,"
    " CAST(NULL AS VARCHAR) AS scheme, CAST(NULL AS BIGINT) AS paise WHERE false"
)


@dataclass(frozen=True)
class Deciding:
    """What is decided: a snapshot under a law on a day, the awards as `changes` (Parquet of ``award_change``) left them.

    `judged` is Parquet of `judged.read_judged`: which payees share an account lawfully, and which were judged to be one person.
    """

    snapshot: Snapshot
    lawbook: LawBook
    day: date
    out: Path
    changes: Path | None = None
    judged: Path | None = None

    @property
    def key(self) -> str:
        """What the results follow from; a folder with the marks of another key is decided anew."""
        changes = sha256_of(self.changes) if self.changes is not None else "-"
        judged = sha256_of(self.judged) if self.judged is not None else "-"
        parts = (ENGINE_VERSION, self.snapshot.hash, self.lawbook.hash, self.day.isoformat(), changes, judged)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def file(self, table: str, district: str) -> Path:
        """The file of one of `TABLES` for a district (a folder's name, as in `Snapshot.districts`)."""
        return self.out / table / f"district={district}" / "part.parquet"

    def attach(self, duck: duckdb.DuckDBPyConnection) -> None:
        """Make the State's ``decided``, ``entitlement``, ``worklist`` and ``forecast`` tables of `duck`."""
        for table in WITH_DISTRICT:
            files = ", ".join(
                f"'{quoted(self.file(table, district))}'" for district in self.snapshot.districts
            )
            duck.execute(
                f"CREATE OR REPLACE TABLE {table} AS FROM read_parquet([{files}], hive_partitioning = false)"
            )
        law = self.lawbook.on(self.day)
        duck.execute(f"CREATE OR REPLACE TABLE worklist AS {worklist_sql(law, 'decided', 'suspect')}")
        duck.execute("""
            CREATE OR REPLACE TABLE entitlement AS
            SELECT member_id, pension_group, best_scheme AS scheme, best_paise AS paise, area_code, district_code
            FROM decided WHERE best_scheme IS NOT NULL""")


def decide_state(deciding: Deciding, step: Callable[[str], None] = lambda _: None) -> None:
    """Decide every district that is not done yet; `step` is called with each that is. Raises `BeforeTheSnapshot`."""
    deciding.snapshot.must_serve(deciding.day)
    deciding.out.mkdir(parents=True, exist_ok=True)
    for left in deciding.out.glob("*/district=*"):
        if left.name.removeprefix("district=") not in deciding.snapshot.districts:
            shutil.rmtree(left)  # of a run on another snapshot that did not come to its end
    key = deciding.key
    shared = deciding.out / "shared.parquet"
    mark = deciding.out / "shared.json"
    if not _is_done(mark, key):
        with closing(engine()) as duck:
            deciding.snapshot.attach(duck)
            _hold(duck, deciding)
            duck.execute(NOTHING_JUDGED)
            if deciding.judged is not None:
                duck.execute(f"INSERT INTO judged FROM read_parquet('{quoted(deciding.judged)}')")
            find_shared(duck)
            with atomic_write(shared) as path:
                duck.execute(f"COPY (FROM shared ORDER BY member_id) TO '{quoted(path)}' (FORMAT parquet)")
        _done(mark, key)

    mine = threading.local()
    threads = max(1, workers() // max(1, len(deciding.snapshot.districts)))

    def work(district: str) -> None:
        mark = deciding.out / "done" / f"{district}.json"
        if not _is_done(mark, key):
            # an engine for each worker, not for each district: memory once asked for is used again
            if not hasattr(mine, "duck"):
                mine.duck = open_engines.enter_context(closing(engine("1500MB", threads)))
            decide_district(deciding, district, mine.duck, shared)
            mark.parent.mkdir(exist_ok=True)
            _done(mark, key)
        step(district)

    with ExitStack() as open_engines:
        each_district(deciding.snapshot.districts, work, f"decide {deciding.day}")


def decide_district(deciding: Deciding, district: str, duck: duckdb.DuckDBPyConnection, shared: Path) -> None:
    """Decide one district in an empty `duck` and write its files; `shared` names payees who share an identity."""
    law = deciding.lawbook.on(deciding.day)
    deciding.snapshot.attach_lives(duck, district)
    duck.execute(f"CREATE OR REPLACE TABLE shared AS FROM read_parquet('{quoted(shared)}')")
    _hold(duck, deciding)
    if deciding.changes is not None:
        # what this platform changed is listed for the whole State; the district's people are those of its spans
        duck.execute("DELETE FROM held WHERE member_id NOT IN (SELECT member_id FROM span)")
    decide(duck, deciding.lawbook, deciding.day)
    duck.execute(f"CREATE OR REPLACE TABLE cell AS {cell_sql(law)}")
    code = unquote(district)
    for table in TABLES:
        if table != "forecast":
            _write(duck, deciding, table, district, code)
    look_ahead(duck, deciding.lawbook, deciding.day)
    _write(duck, deciding, "forecast", district, code)


def cell_columns(law: LawInForce) -> list[str]:
    """The columns of ``cell`` after cell_no and people: the facts, then what each scheme's criteria say of them."""
    return [*_facts_of(law), *(name for names in scheme_columns(law).values() for name in astuple(names))]


def cell_sql(law: LawInForce) -> str:
    """SQL: the table ``cell`` of those that `decide` counted."""
    facts = _facts_of(law)
    columns = ", ".join(f"{'f' if name in facts else 'd'}.{name}" for name in cell_columns(law))
    return f"""
        WITH facts AS MATERIALIZED (SELECT f.* FROM now_facts f JOIN alike a ON a.case_no = f.member_id
                                    WHERE a.pension_group IS NULL)
        SELECT f.cell_no, c.people, {columns}
        FROM ({determination_sql(law, "facts")}) d
        JOIN facts f ON f.member_id = d.member_id JOIN counted c ON c.cell_no = f.cell_no"""


def _facts_of(law: LawInForce) -> list[str]:
    return [*profile_columns(law.vocabulary), *AGES]


def _hold(duck: duckdb.DuckDBPyConnection, deciding: Deciding) -> None:
    duck.execute(NO_CHANGES)
    if deciding.changes is not None:
        duck.execute(f"INSERT INTO award_change FROM read_parquet('{quoted(deciding.changes)}')")
    hold(duck, deciding.lawbook, deciding.day)


def _write(duck: duckdb.DuckDBPyConnection, deciding: Deciding, table: str, district: str, code: str) -> None:
    file = deciding.file(table, district)
    file.parent.mkdir(parents=True, exist_ok=True)
    select = TABLES[table]
    if table in WITH_DISTRICT:
        named = "NULL::VARCHAR" if code == "-" else "'" + code.replace("'", "''") + "'"
        select = select.replace("SELECT *", f"SELECT {named} AS district_code, *", 1)
    duck.execute(f"COPY ({select}) TO '{quoted(file)}' (FORMAT parquet, COMPRESSION snappy)")


def _is_done(mark: Path, key: str) -> bool:
    try:
        return bool(json.loads(mark.read_text())["key"] == key)
    except (OSError, ValueError, KeyError):
        return False


def _done(mark: Path, key: str) -> None:
    with atomic_write(mark) as path:
        path.write_text(json.dumps({"key": key}) + "\n")
