"""Replay: a past month decided once more under any state of knowledge, beside what its run decided. Nothing is posted.

The same pieces as the month's run: the snapshot of what was known, the law, the books as they stood before that month. The
law is the one the run was decided by, kept with it, unless another is asked for.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, cast

import duckdb
import psycopg
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from haqdar.access.actions import record
from haqdar.access.actors import Actor, platform, require
from haqdar.base.files import atomic_write, sha256_of
from haqdar.base.month import Month
from haqdar.base.progress import progress
from haqdar.cases import awards, judged, posting
from haqdar.cases import replay as comparing
from haqdar.cases.deciding import Deciding, decide_state
from haqdar.cases.queries import Run, runs_of_month
from haqdar.cases.reasons import NotDecidedYet
from haqdar.entitlement.decisions import law_of_hash
from haqdar.entitlement.gather import quoted
from haqdar.entitlement.snapshot import NoSnapshot, Snapshot, engine, take_snapshot
from haqdar.jobs.month import alone, first_span_day
from haqdar.law import LawBook, load_lawbook
from haqdar.payments import queries as money

STEPS = ("snapshot", "books", "determination", "comparison", "reasons", "files")
Law = Path | Literal["then", "today"]
"""The law kept with the run, today's law, or the law of a folder."""


@dataclass(frozen=True)
class Total:
    """Persons with a difference and the paise a month decided then and in the replay; `of` is all, kind, why, district or scheme."""

    of: str
    name: str
    persons: int
    then_paise: int
    now_paise: int
    due_difference_paise: int | None

    @property
    def difference_paise(self) -> int:
        """What the replay decides more (less when negative)."""
        return self.now_paise - self.then_paise


@dataclass(frozen=True)
class Replayed:
    """A finished replay: the run it is held against, what it was computed from, its files and totals."""

    month: Month
    run: Run
    known_on: date
    law_hash: str
    snapshot_hash: str
    out: Path
    compared: int
    different: int
    totals: list[Total]


def replay_month(
    month: Month, out: Path, known_on: date, law: Law = "then", actor: Actor | None = None
) -> Replayed:
    """Decide `month` with what was known on `known_on`, and write how that differs from its run in force to `out`.

    With the run's own day of knowledge its own snapshot is used, where it is kept. Writes differences.csv, totals.csv and
    summary.json. Raises `NotDecidedYet` where there is no run, ``AnotherRun``, ``LawNotKept``, ``EmptyRegister`` where nobody
    was known.
    """
    actor = actor or platform("command line")
    actor = require(actor, "month.replay")
    runs = runs_of_month(actor, month)
    if not runs:
        raise NotDecidedYet(month=month)
    run = runs[0]
    known_on = min(known_on, timezone.localdate())
    lawbook = _law(law, run)
    in_force = lawbook.on(month.first_day)
    out.mkdir(parents=True, exist_ok=True)
    with (
        alone(),
        progress(len(STEPS), f"replay {month}", "steps") as bar,
        closing(engine()) as duck,
        _working_folder() as folder,
    ):
        then = _snapshot_of(run)
        snapshot = then if known_on == run.known_on else take_snapshot(known_on, first_span_day(month))
        snapshot.attach(duck)
        bar.advance()
        with transaction.atomic():
            _read_books(duck, month, run, known_on)
        read = {name: folder / f"{name}.parquet" for name in ("award_change", "judged")}
        for name, file in read.items():
            duck.execute(f"COPY (FROM {name} ORDER BY ALL) TO '{quoted(file)}' (FORMAT parquet)")
        bar.advance()
        deciding = Deciding(snapshot, lawbook, month.first_day, folder, read["award_change"], read["judged"])
        decide_state(deciding)
        deciding.attach(duck)
        awards.stand_on_posted(duck)
        awards.settle(duck, in_force, month)
        bar.advance()
        comparing.compare(duck)
        bar.advance()
        _reasons(duck, then, lawbook, run, known_on, month)
        bar.advance()
        comparing.totals(duck)
        result = _written(duck, month, run, known_on, lawbook, snapshot, out)
        bar.advance()
    record(
        actor,
        "month.replay",
        "month",
        str(month),
        new={"run": run.version, "known_on": known_on.isoformat(), "law": lawbook.hash},
    )
    return result


@contextmanager
def _working_folder() -> Iterator[Path]:
    """A folder for what is decided, gone afterwards; those of replays that were killed go too. Hold the month's lock."""
    place = settings.HAQDAR_HOME / "tmp"
    place.mkdir(parents=True, exist_ok=True)
    for left in place.glob("replay-*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="replay-", dir=place) as folder:
        yield Path(folder)


def _law(law: Law, run: Run) -> LawBook:
    if law == "then":
        return law_of_hash(run.law_hash)
    return load_lawbook(settings.HAQDAR_LAW if law == "today" else law)


def _postgres() -> psycopg.Connection[tuple[object, ...]]:
    connection.ensure_connection()
    return cast("psycopg.Connection[tuple[object, ...]]", connection.connection)


def _read_books(duck: duckdb.DuckDBPyConnection, month: Month, run: Run, known_on: date) -> None:
    """What earlier months had changed and announced, what was objected to, and what the run itself decided and owed."""
    pg = _postgres()
    awards.read_changes(pg, duck, month, known_on)
    awards.read_sanctioned(pg, duck, month)
    awards.read_objections(pg, duck, known_on)
    judged.read_judged(pg, duck, month.first_day, known_on)
    money.export_posted(pg, duck, month)
    money.export_regular(pg, duck, run.id)
    comparing.read_decided_then(pg, duck, run.id)


def _reasons(
    duck: duckdb.DuckDBPyConnection,
    decided_on: Snapshot,
    lawbook: LawBook,
    run: Run,
    known_on: date,
    month: Month,
) -> None:
    """Why: the facts of everybody with a difference then and in the replay, and what became known in between."""
    duck.execute("CREATE OR REPLACE TABLE asked_member AS SELECT DISTINCT member_id FROM different")
    vocabulary = lawbook.vocabulary
    asked = duck.execute("FROM asked_member").to_arrow_table()
    now = comparing.facts_of_different(duck, vocabulary, month.first_day)
    people = [comparing.concerned(duck)]
    with closing(engine()) as before:
        decided_on.attach(before)
        before.register("asked", asked)
        before.execute("CREATE TABLE asked_member AS FROM asked")
        then = comparing.facts_of_different(before, vocabulary, month.first_day)
        people.append(comparing.concerned(before))
    for name, table in (
        ("facts_now", now),
        ("facts_then", then),
        ("people_now", people[0]),
        ("people_then", people[1]),
    ):
        duck.register("incoming", table)
        duck.execute(f"CREATE OR REPLACE TABLE {name} AS FROM incoming")
        duck.unregister("incoming")
    comparing.changed_facts(duck, vocabulary)
    with transaction.atomic(), _postgres().cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE replay_concerned (member_id int, whose text, other_id int) ON COMMIT DROP"
        )
        posting.copy_rows(
            cursor,
            duck,
            "SELECT member_id, whose, other_id FROM people_now UNION SELECT member_id, whose, other_id FROM people_then",
            "replay_concerned",
            ("member_id", "whose", "other_id"),
        )
        cursor.execute("ANALYZE replay_concerned")
        comparing.read_became_known(_postgres(), duck, run.known_on, known_on, run.finished_at)
    comparing.explain_differences(duck, same_law=lawbook.hash == run.law_hash)


def _snapshot_of(run: Run) -> Snapshot:
    """The snapshot the run was decided on; taken once more where it is no longer kept."""
    try:
        kept = Snapshot.open(settings.HAQDAR_HOME / "snapshots" / run.snapshot_hash[:16])
    except NoSnapshot:
        kept = None
    if kept is not None and kept.hash == run.snapshot_hash:
        return kept
    return take_snapshot(run.known_on, first_span_day(Month.of(run.month)))


def _written(
    duck: duckdb.DuckDBPyConnection,
    month: Month,
    run: Run,
    known_on: date,
    lawbook: LawBook,
    snapshot: Snapshot,
    out: Path,
) -> Replayed:
    different = comparing.write_differences(duck, out / "differences.csv")
    comparing.write_totals(duck, out / "totals.csv")
    rows = duck.execute(
        "SELECT of, name, persons, then_paise, now_paise, due_difference_paise FROM total ORDER BY of, name"
    ).fetchall()
    found = [Total(*row) for row in rows]
    (compared,) = duck.execute("SELECT count(*) FROM replayed").fetchone() or (0,)
    summary = {
        "month": str(month),
        "run": {
            "version": run.version,
            "known_on": run.known_on.isoformat(),
            "law": run.law_hash,
            "snapshot": run.snapshot_hash,
        },
        "replay": {"known_on": known_on.isoformat(), "law": lawbook.hash, "snapshot": snapshot.hash},
        "compared": compared,
        "different": different,
        "totals": [
            {
                "by": total.of,
                "name": total.name,
                "persons": total.persons,
                "then_paise": total.then_paise,
                "now_paise": total.now_paise,
                "difference_paise": total.difference_paise,
                "due_difference_paise": total.due_difference_paise,
            }
            for total in found
        ],
        "sha256": {name: sha256_of(out / name) for name in ("differences.csv", "totals.csv")},
    }
    with atomic_write(out / "summary.json") as draft:
        draft.write_text(json.dumps(summary, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
    return Replayed(month, run, known_on, lawbook.hash, snapshot.hash, out, compared, different, found)
