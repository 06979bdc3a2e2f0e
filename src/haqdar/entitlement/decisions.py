"""Decisions read as they were made: the bits that a run stored of a person, and the law whose bits they are.

A run's record (`entitlement.record`) names everybody's cell; the cell holds the facts and, of every scheme, the criteria that
were true and unknown, the verdict and the amount. The person's own ages come from the spans of the run's snapshot. Nothing
here decides what was decided. Only where the record of a run is gone is it made once more, from the same snapshot by the same
law, and says so (`Decision.basis`).
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import duckdb
from django.conf import settings

from haqdar.base.duck import connect_duck
from haqdar.base.month import Month, completed_years
from haqdar.base.refusal import Refusal
from haqdar.entitlement.explain import Facts, birthdays, decide
from haqdar.entitlement.gather import quoted
from haqdar.entitlement.record import laws_folder, run_folder
from haqdar.entitlement.snapshot import NoSnapshot, Snapshot
from haqdar.entitlement.spans import AGES, PARTS
from haqdar.law import LawBook, LawInForce, load_lawbook

Basis = Literal["stored", "snapshot", "registers"]
"""Where a decision was read from: the run's own record, or made again from its snapshot or from the registers."""

_LOCAL = threading.local()


class LawNotKept(Refusal):
    """The law of a run is neither archived nor the one in use."""

    code = "law_not_kept"
    en = "The law of this run ({hash}) is not kept in {folder}. Restore the folder from a backup; today's law is not used in its place."
    hi = "इस गणना का क़ानून ({hash}) {folder} में नहीं है। बैकअप से फ़ोल्डर वापस लाएँ; उसकी जगह आज का क़ानून नहीं लगाया जाता।"


@dataclass(frozen=True)
class Decision:
    """What was decided about one person on one day, and the facts it was decided on.

    `stored` has the columns of the determination, `later` the facts on the coming days on which something changes by
    itself. `basis` tells whether the bits were stored or had to be made again.
    """

    member_id: int
    facts: Facts
    stored: Mapping[str, object]
    later: Sequence[Facts]
    basis: Basis


def law_of_hash(law_hash: str) -> LawBook:
    """The law book with this hash: the files kept with a run, else the law in use if it is the same. Raises `LawNotKept`."""
    for folder in (laws_folder(law_hash), Path(settings.HAQDAR_LAW)):
        if (folder / "state.yaml").is_file():
            book = load_lawbook(folder)
            # files that were touched since are another law
            if book.hash == law_hash:
                return book
    raise LawNotKept(hash=law_hash[:12], folder=laws_folder(law_hash).parent)


def decision_of(
    law: LawInForce, month: Month, inputs_hash: str, snapshot_hash: str, member_id: int
) -> Decision | None:
    """The decision of one run about one resident; None where its snapshot is not kept, or does not know them.

    `law` must be the law of the run in force on the month's first day.
    """
    snapshot = Path(settings.HAQDAR_HOME) / "snapshots" / snapshot_hash[:16]
    day = month.first_day
    kept = _cell(run_folder(month, inputs_hash), member_id) if is_recorded(month, inputs_hash) else None
    district = kept[0] if kept is not None else None
    spans = _spans(snapshot, member_id, district)
    now = _on(spans, day)
    if now is None:
        return None
    later = _later(law, spans, day)
    if kept is None:
        return Decision(member_id, now, decide(law, [now])[0], later, "snapshot")
    # a cell stands for everybody alike; the person's own ages come from the own birth dates
    facts = {name: kept[1][name] for name, _ in law.vocabulary.columns} | {
        name: now[name] for name in ("day", *AGES, *AGES.values())
    }
    return Decision(member_id, facts, kept[1], later, "stored")


def is_recorded(month: Month, inputs_hash: str) -> bool:
    """Whether the record of a run is kept, so that everybody it knew is in it."""
    return (run_folder(month, inputs_hash) / "manifest.json").is_file()


def record_rows(month: Month, inputs_hash: str, table: str, member_id: int) -> list[dict[str, object]]:
    """A resident's rows of one table of a run's record (see ``cases.deciding``); empty where the record is gone."""
    if not is_recorded(month, inputs_hash):
        return []
    return _all(
        f"FROM read_parquet('{quoted(run_folder(month, inputs_hash) / table)}/*/*.parquet', hive_partitioning = false) WHERE member_id = $member",
        {"member": member_id},
    )


def _cell(run: Path, member_id: int) -> tuple[str, dict[str, object]] | None:
    """The person's district (a folder's name) and row among the stored cells of a run; None for somebody it did not know."""
    found = _one(
        f"SELECT filename, cell_no FROM read_parquet('{quoted(run / 'decision')}/*/*.parquet', filename = true,"
        " hive_partitioning = false) WHERE member_id = $member",
        {"member": member_id},
    )
    if found is None:
        return None
    district = Path(str(found["filename"])).parent.name
    cell = _one(
        f"FROM read_parquet('{quoted(run / 'cell' / district / 'part.parquet')}', hive_partitioning = false)"
        " WHERE cell_no = $cell",
        {"cell": found["cell_no"]},
    )
    return (district, cell) if cell is not None else None


def _spans(folder: Path, member_id: int, district: str | None) -> list[dict[str, object]]:
    """A resident's stretches of days in which nothing but age changes, each with its facts, in order of time.

    `folder` is a snapshot's, `district` the folder below it that they lie in, None where that is not known.
    """
    try:
        snapshot = Snapshot.open(folder)
    except NoSnapshot:
        return []
    rows: list[dict[str, object]] = []
    for part in PARTS:
        rows += _all(
            f"SELECT * FROM read_parquet('{quoted(folder / part / (district or '*'))}/*.parquet', filename = true,"
            " hive_partitioning = false) WHERE member_id = $member",
            {"member": member_id},
        )
    if not rows:
        return []
    # profiles are numbered within their district
    profiles = folder / "profile" / Path(str(rows[0]["filename"])).parent.name / "part.parquet"
    numbers = ", ".join(str(row["profile_no"]) for row in rows)
    facts = {
        profile["profile_no"]: profile
        for profile in _all(
            f"FROM read_parquet('{quoted(profiles)}', hive_partitioning = false) WHERE profile_no IN ({numbers})",
            {},
        )
    }
    # of somebody about whom nothing is known to change, no days are kept
    for_ever = {"from_day": snapshot.first_day, "until_day": None}
    spans = [{**facts[row["profile_no"]], **for_ever, **row} for row in rows]
    return sorted(spans, key=lambda span: str(span["from_day"]))


def _on(spans: Sequence[Mapping[str, object]], day: date) -> dict[str, object] | None:
    """The facts of a day; ages are those of the day."""
    for span in reversed(spans):
        from_day, until_day = span["from_day"], span["until_day"]
        assert isinstance(from_day, date)
        if from_day <= day and (until_day is None or (isinstance(until_day, date) and day < until_day)):
            facts = {**span, "day": day}
            for age, born in AGES.items():
                value = facts[born]
                facts[age] = completed_years(value, day) if isinstance(value, date) else None
            return facts
    return None


def _later(law: LawInForce, spans: Sequence[Mapping[str, object]], day: date) -> list[Facts]:
    """The facts on every later day on which they change by themselves: birthdays, beginnings and ends of what is recorded."""
    days: set[date] = set()
    for span in spans:
        from_day = span["from_day"]
        assert isinstance(from_day, date)
        if from_day > day:
            days.add(from_day)
    # a spouse may change with a span, so birthdays are asked for in each of them
    for start in [day, *sorted(days)]:
        facts = _on(spans, start)
        if facts is not None:
            days |= set(birthdays(law, facts, start))
    return [facts for coming in sorted(days) if (facts := _on(spans, coming)) is not None]


def _one(sql: str, values: dict[str, object]) -> dict[str, object] | None:
    rows = _all(sql, values)
    return rows[0] if rows else None


def _all(sql: str, values: dict[str, object]) -> list[dict[str, object]]:
    answer = _duck().execute(sql, values)
    names = [column[0] for column in answer.description]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def _duck() -> duckdb.DuckDBPyConnection:
    """A small in-memory engine of this thread; readers of files need no more."""
    if not hasattr(_LOCAL, "duck"):
        _LOCAL.duck = connect_duck(threads=1, memory_limit="512MB")
    duck: duckdb.DuckDBPyConnection = _LOCAL.duck
    return duck
