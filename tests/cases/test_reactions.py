"""One event after the other, decided for whom it touches, comes to the same as deciding everybody."""

from __future__ import annotations

import os
import random
import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import override_settings
from django.utils import timezone
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tests.oracle.states import StateMaker, merged
from tests.registry.folders import write

from haqdar.access.actors import platform
from haqdar.base.month import Month
from haqdar.base.refusal import Refusal
from haqdar.cases.deciding import Deciding, decide_state
from haqdar.cases.models import MonthRun, StandingDecision
from haqdar.entitlement.registers import REGISTERS
from haqdar.entitlement.snapshot import snapshot_of
from haqdar.jobs import reactions
from haqdar.law import load_lawbook
from haqdar.registry.actions import load_folder
from haqdar.registry.events import checked
from haqdar.registry.models import WITHDRAWN, EventBelief
from haqdar.sources.layout import EVENT_KINDS

OFFICER = platform("officer")
EXAMPLES = int(os.environ.get("REACTION_EXAMPLES", "8"))
Worklist = dict[tuple[int, int], set[tuple[Any, ...]]]


def everybody(day: date) -> Worklist:
    """The work list of a full run of all registers, by way of a snapshot: rows by person and group."""
    lawbook = load_lawbook(settings.HAQDAR_LAW)
    with (
        tempfile.TemporaryDirectory() as folder,
        duckdb.connect() as duck,
        override_settings(HAQDAR_HOME=Path(folder)),
    ):
        duck.execute("CREATE SCHEMA given")
        for register in REGISTERS.values():
            with connection.cursor() as cursor:
                cursor.execute(register.query(timezone.localdate()))
                rows = [dict(zip(register.schema.names, row, strict=True)) for row in cursor.fetchall()]
            duck.register("incoming", pa.Table.from_pylist(rows, schema=register.schema))
            duck.execute(f"CREATE TABLE given.{register.relation} AS FROM incoming")
            duck.unregister("incoming")
        snapshot = snapshot_of(
            duck, lambda name: f"FROM given.{name}", timezone.localdate(), day, lawbook.on(day).vocabulary
        )
        deciding = Deciding(snapshot, lawbook, day, Path(folder) / "run")
        decide_state(deciding)
        deciding.attach(duck)
        return by_person(
            duck.execute(
                "SELECT member_id, pension_group, action, from_scheme, from_paise, to_scheme, to_paise, reason, area_code"
                " FROM worklist WHERE action NOT IN ('ghost', 'duplicate')"
            ).fetchall()
        )


def standing(touched: set[int]) -> Worklist:
    """The standing decisions as rows of a work list; `touched` collects whose they are."""
    rows: list[tuple[Any, ...]] = []
    for row in StandingDecision.objects.filter(replaced_at__isnull=True):
        of = (row.member_id, row.pension_group)
        if row.action not in ("", "goes_on"):
            rows.append((*of, row.action, row.from_scheme, row.from_paise, row.to_scheme, row.to_paise, row.reason,
                         row.area_code))  # fmt: skip
        if row.missing:
            rows.append(
                (*of, "undecided", row.from_scheme, row.from_paise, None, None, row.missing, row.area_code)
            )
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT unnest(touched) FROM cases_reaction")
        touched |= {member for (member,) in cursor.fetchall()}
    return by_person(rows)


def by_person(rows: list[tuple[Any, ...]]) -> Worklist:
    found: Worklist = {}
    for member_id, group, *rest in rows:
        found.setdefault((member_id, group), set()).add(tuple(rest))
    return found


def posted_run(day: date) -> MonthRun:
    """A run of the month before `day`, posted now."""
    now = timezone.now()
    return MonthRun.objects.create(
        month=Month.of(day).previous().first_day, version=1, known_on=now.date(), law_hash="", snapshot_hash="",
        inputs_hash="", state="complete", posted=True, manifest={}, started_at=now, finished_at=now, actor="test",
    )  # fmt: skip


class Life:
    """A small State in the database, to which things happen one by one."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.random = random.Random(seed)
        self.folder = folder
        self.maker = StateMaker(seed)
        self.tables = self.maker.first()
        self.loads = 0
        self.load(self.tables)
        self.day = self.maker.day
        self.people = [int(row["member_id"]) for row in self.tables["residents"]]

    def load(self, tables: dict[str, list[dict[str, str]]]) -> None:
        self.loads += 1
        place = self.folder / str(self.loads)
        load_folder(
            write(place, **{name: rows for name, rows in tables.items() if rows}),
            self.maker.delivered_on,
            place,
        )

    def event(self, kind: str) -> None:
        """Something happens near the day of determination to anybody, with anybody."""
        happened_on = self.day + timedelta(days=self.random.choice([-900, -366, -40, -2, -1, 0, 1, 20]))
        reported_on = happened_on + timedelta(days=self.random.choice([0, 1, 40, 366]))
        spouse = self.random.choice([None, *self.random.choices(self.people, k=3)])
        try:
            event = checked(OFFICER, self.random.choice(self.people), kind, happened_on, reported_on, spouse)
        except Refusal:
            return
        foreseen = reactions.foresee(event)
        number = reactions.record_event(OFFICER, event)
        self.agrees(number, foreseen)

    def withdrawal(self) -> None:
        """Any event, of a file or of the desk, turns out to be a mistake."""
        latest = {row.event_id: row for row in EventBelief.objects.order_by("event_id", "belief_no")}
        believed = [row for row in latest.values() if row.kind != WITHDRAWN]
        if not believed:
            return
        row = self.random.choice(believed)
        reactions.withdraw_event(OFFICER, row.member_id, row.fingerprint)

    def delivery(self) -> None:
        """Corrections, births, cards, moves to other places: a file of a department."""
        tables = self.maker.later(self.tables)
        # what a file does not repeat is known all the same; a third file has something to repeat, too
        self.tables = merged(self.tables, tables)
        self.load(tables)
        reactions.carry_on()

    def agrees(self, number: int, foreseen: reactions.Outlook) -> None:
        """What the preview said is what stands afterwards."""
        after = {
            (row.member_id, row.pension_group): (row.action, row.to_scheme, row.to_paise, row.reason)
            for row in StandingDecision.objects.filter(change_id=number, replaced_at__isnull=True)
            if row.action or row.missing
        }
        assert after == {
            key: (d.action, d.to_scheme, d.to_paise, d.reason) for key, d in foreseen.after.items()
        }


STEPS = st.lists(
    st.sampled_from([*EVENT_KINDS, "death", "death", "withdrawal", "withdrawal", "delivery"]), max_size=8
)


@pytest.mark.django_db
# the children of a husband count for his wife: found when the spouses of parents were left out
@example(
    seed=356,
    steps=["death", "delivery", "divorce", "withdrawal", "death", "delivery", "divorce", "remarriage"],
)
@given(seed=st.integers(1, 10_000), steps=STEPS)
@hypothesis_settings(
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_the_sum_of_the_increments_is_the_full_run(seed: int, steps: list[str]) -> None:
    with transaction.atomic(), tempfile.TemporaryDirectory() as folder:
        life = Life(seed, Path(folder))
        before = everybody(life.day)
        posted_run(life.day)
        for step in steps:
            if step == "withdrawal":
                life.withdrawal()
            elif step == "delivery":
                life.delivery()
            else:
                life.event(step)
        touched: set[int] = set()
        since = standing(touched)
        overlaid = {key: rows for key, rows in before.items() if key[0] not in touched} | since
        assert overlaid == everybody(life.day), (seed, steps)
        transaction.set_rollback(True)
