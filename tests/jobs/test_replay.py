"""Replays of random States: the same knowledge gives the same decisions, later knowledge the ledger's own corrections."""

from __future__ import annotations

import csv
import os
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from tests.oracle.states import make_case

from haqdar.access.actors import Actor, NotYourFunction
from haqdar.base.month import Month
from haqdar.cases.reasons import NotDecidedYet
from haqdar.jobs.month import run_month
from haqdar.jobs.replay import replay_month
from haqdar.registry.actions import load_folder

# States with two or three deliveries between which much becomes known; REPLAY_SEEDS=1-40 tries more.
_FIRST, _, _LAST = os.environ.get("REPLAY_SEEDS", "").partition("-")
CHOSEN = [2, 6, 10]
SEEDS = [
    seed
    for seed in (range(int(_FIRST), int(_LAST or _FIRST) + 1) if _FIRST else CHOSEN)
    if len(make_case(seed).deliveries) > 1
]
Key = tuple[int, int]


@dataclass
class Books:
    """One random State: its month was run with the first delivery's knowledge, the next month with the last one's."""

    month: Month
    early: date
    late: date
    folder: Path


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def fetched(sql: str, *values: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


@pytest.fixture(params=SEEDS)
def books(request: pytest.FixtureRequest, transactional_db: None, tmp_path: Path) -> Books:
    case = make_case(request.param)
    for number, delivery in enumerate(case.deliveries):
        delivery.write(tmp_path / f"in-{number}")
        load_folder(tmp_path / f"in-{number}", delivery.delivered_on, tmp_path / f"in-{number}")
    days = [delivery.delivered_on for delivery in case.deliveries]
    month = Month.of(case.runs[0].determined_on)
    run_month(month, tmp_path / "first", known_on=days[0], sanction_starts=True)
    return Books(month, days[0], days[-1], tmp_path)


def test_a_replay_with_the_same_knowledge_and_law_finds_no_difference(books: Books) -> None:
    before = _books_hash()
    done = replay_month(books.month, books.folder / "same", books.early)
    assert rows(books.folder / "same" / "differences.csv") == []
    assert done.compared > 0
    assert _books_hash() == before


def test_a_replay_with_later_knowledge_is_what_redetermination_posts(books: Books) -> None:
    replay_month(books.month, books.folder / "replay", books.late)
    replayed: dict[Key, int] = defaultdict(int)
    for row in rows(books.folder / "replay" / "differences.csv"):
        replayed[int(row["member_id"]), int(row["group"])] = int(Decimal(row["difference"]) * 100)
    run_month(books.month.next(), books.folder / "next", known_on=books.late, sanction_starts=True)
    # the month's work list under the later knowledge, as files only
    run_month(books.month, books.folder / "again", known_on=books.late)
    posted: dict[Key, int] = defaultdict(int)
    for member, group, paise in fetched(
        "SELECT d.member_id, d.pension_group, sum(d.paise)::bigint FROM payments_due d"
        " JOIN cases_month_run r ON r.id = d.run_id WHERE r.month = %s AND d.for_month = %s GROUP BY 1, 2",
        books.month.next().first_day,
        books.month.first_day,
    ):
        posted[member, group] = paise
    # Redetermination leaves alone what was paid under notice and what nobody can decide; it pays nothing for the past to
    # somebody without an award now, and an award that the registers bring reaches back to its first day only.
    left_alone = {
        (member, group) for member, group in fetched("SELECT member_id, pension_group FROM cases_notice")
    }
    for folder in ("first", "again"):
        left_alone |= {
            (int(row["member_id"]), int(row["group"]))
            for row in rows(books.folder / folder / "worklist.csv")
            if row["action"] == "undecided"
        }
    holders = {
        (member, group)
        for member, group in fetched(
            "SELECT member_id, pension_group FROM payments_due d JOIN cases_month_run r ON r.id = d.run_id"
            " WHERE d.kind = 'regular' AND r.state = 'complete'"
        )
    }
    young = {member for (member,) in fetched(
        "SELECT member_id FROM registry_pension_belief WHERE since > %s", books.month.first_day
    )}  # fmt: skip
    compared = {
        key
        for key in {*replayed, *posted}
        if key in holders and key not in left_alone and key[0] not in young
    }
    print(
        "COMPARED",
        len(compared),
        sum(1 for k in compared if posted[k] or replayed[k]),
        len(replayed),
        len(posted),
    )
    assert {key: replayed[key] for key in compared} == {key: posted[key] for key in compared}


def _books_hash() -> list[Any]:
    return [
        fetched(f"SELECT count(*), sum(hashtext(t::text)::bigint) FROM {table} t")
        for table in (
            "cases_month_run",
            "cases_work_item",
            "cases_award_change",
            "cases_notice",
            "payments_due",
        )
    ]


@pytest.mark.django_db
def test_only_the_state_and_the_auditor_replay(tmp_path: Path) -> None:
    secretary = Actor(user_id=7, name="secretary", roles=frozenset({"secretary"}), area_paths=("/S/",))
    with pytest.raises(NotYourFunction):
        replay_month(Month(2016, 10), tmp_path, date(2017, 1, 1), actor=secretary)
    auditor = Actor(user_id=8, name="auditor", roles=frozenset({"auditor"}), area_paths=None)
    with pytest.raises(NotDecidedYet):
        replay_month(Month(2016, 10), tmp_path, date(2017, 1, 1), actor=auditor)
