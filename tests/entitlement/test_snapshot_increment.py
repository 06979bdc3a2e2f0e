"""A snapshot built from the one before is, byte for byte, the snapshot of the same knowledge built anew."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import duckdb
import pytest
import time_machine
from tests.oracle.load import KEY, TABLES, Row
from tests.oracle.states import StateMaker, Tables, merged, written

from haqdar.access.actors import acting, platform
from haqdar.base.refusal import Refusal
from haqdar.entitlement.snapshot import Snapshot, take_snapshot
from haqdar.registry import merges
from haqdar.registry.actions import load_folder

SEEDS = range(1, int(os.environ.get("ORACLE_SEEDS", "6")) + 1)
ROUNDS = 5
ANY = 100.0  # people touched for each resident: however many, an increment is made


class Changing:
    """A State of three districts and a village in none, and small changes to it."""

    def __init__(self, seed: int) -> None:
        self.maker = StateMaker(seed)
        self.random = self.maker.random
        maker = self.maker
        maker.first()
        maker.row("areas", area_code="D8", kind="district", parent_code="S23", name_en="District 8")
        maker.row("areas", area_code="B8", kind="block", parent_code="D8", name_en="Block 8")
        maker.row("areas", area_code="G8", kind="gp", parent_code="B8", name_en="Gram Panchayat")
        maker.row("areas", area_code="B9", kind="block", parent_code="S23", name_en="Block 9")
        maker.row("areas", area_code="G9", kind="gp", parent_code="B9", name_en="Of no district")
        self.merged: list[UUID] = []
        self.everything: Tables = {table: [dict(row) for row in rows] for table, rows in maker.tables.items()}

    def deliver(self, folder: Path, tables: Tables) -> None:
        folder.mkdir()
        for table, rows in tables.items():
            if rows:
                (folder / f"{table}.csv").write_bytes(written(table, rows, self.random, dirty=False))
        load_folder(folder, self.maker.delivered_on, folder / "out")

    def some(self, table: str) -> Row:
        """A copy of some row."""
        return dict(self.random.choice(self.everything[table]))

    def person(self) -> str:
        return self.some("residents")["member_id"]

    def place(self) -> str:
        return self.random.choice(
            [row["area_code"] for row in self.everything["areas"] if row["kind"] in ("gp", "ward")]
        )

    # -- one small change each: the table, and the new row -------------------------------------------------------

    def family_moves(self) -> tuple[str, Row]:
        return "families", {
            **self.some("families"),
            "area_code": self.random.choice([self.place(), "G8", "G9"]),
        }

    def member_moves(self) -> tuple[str, Row]:
        return "residents", {**self.some("residents"), "family_id": self.some("families")["family_id"]}

    def other_spouse(self) -> tuple[str, Row]:
        return "residents", {**self.some("residents"), "spouse_id": self.random.choice([self.person(), ""])}

    def other_parent(self) -> tuple[str, Row]:
        parent = self.random.choice(["mother_id", "father_id"])
        return "residents", {**self.some("residents"), parent: self.random.choice([self.person(), ""])}

    def other_number(self) -> tuple[str, Row]:
        one, other = self.some("residents"), self.some("residents")
        names = self.random.choice([["aadhaar"], ["ifsc", "account_no"]])
        return "residents", {**one, **{name: self.random.choice([other[name], ""]) for name in names}}

    def other_facts(self) -> tuple[str, Row]:
        row = self.some("residents")
        self.maker.correct_resident(row)
        return "residents", row

    def newborn(self) -> tuple[str, Row]:
        born = min(self.maker.past(), self.maker.delivered_on).isoformat()
        row = self.maker.resident(self.some("families")["family_id"], "F", born, mother_id=self.person())
        return "residents", row

    def ghost_appears(self) -> tuple[str, Row]:
        known = {row["member_id"] for row in self.everything["residents"]}
        ghosts = [row["member_id"] for row in self.everything["pensioners"] if row["member_id"] not in known]
        row = self.maker.resident(self.some("families")["family_id"], "F", self.maker.birth(30, 90))
        return "residents", {**row, "member_id": self.random.choice([*ghosts, row["member_id"]])}

    def event(self) -> tuple[str, Row]:
        kind = self.random.choice(
            ["death", "marriage", "remarriage", "desertion", "divorce", "migration_out"]
        )
        spouse_id = self.random.choice([self.person(), ""]) if "marriage" in kind else ""
        self.maker.event(self.person(), kind, self.maker.past(), spouse_id)
        return "events", self.maker.tables["events"][-1]

    def corrected_event(self) -> tuple[str, Row]:
        if not self.everything["events"]:
            return self.event()
        row = self.some("events")
        change: dict[str, str] = self.random.choice(
            [{"member_id": self.person()}, {"spouse_id": self.person()}, {"kind": "migration_in"}]
        )
        return "events", {**row, **change}

    def card(self) -> tuple[str, Row]:
        if self.everything["bpl"] and self.random.random() < 0.5:
            row = self.some("bpl")
            return "bpl", {**row, "valid_to": self.random.choice(["", max(row["valid_from"], "2016-09-30")])}
        self.maker.card(self.some("families")["family_id"])
        return "bpl", self.maker.tables["bpl"][-1]

    def certificate(self) -> tuple[str, Row]:
        self.maker.certificate(self.person())
        return "pwd", self.maker.tables["pwd"][-1]

    def pension(self) -> tuple[str, Row]:
        self.maker.pension(
            self.random.choice([self.person(), self.maker.new_member()]),
            self.random.choice(["IGNOAPS", "KANYA"]),
        )
        return "pensioners", self.maker.tables["pensioners"][-1]

    def few(self) -> Tables:
        """A delivery of a few small changes."""
        self.maker.delivered_on += timedelta(days=self.random.choice([1, 3, 20]))
        self.maker.tables = {table: [] for table in TABLES}
        kinds: list[Callable[[], tuple[str, Row]]] = [
            self.family_moves, self.member_moves, self.other_spouse, self.other_parent, self.other_number, self.other_facts,
            self.newborn, self.ghost_appears, self.event, self.corrected_event, self.card, self.certificate, self.pension,
        ]  # fmt: skip
        rows: dict[tuple[str, ...], tuple[str, Row]] = {}
        for change in self.random.choices(kinds, k=self.random.choice([1, 2, 4, 8])):
            table, row = change()
            rows[(table, *(row[name] for name in KEY[table]))] = table, row
        tables: Tables = {table: [] for table in TABLES}
        for table, row in rows.values():
            tables[table].append(row)
        return tables

    def merges(self) -> None:
        """Two people are found to be one, or a merge is undone."""
        actor = platform("test")
        with time_machine.travel(f"{self.maker.delivered_on}T06:30:00+00:00"), acting(actor, "person.merge"):
            if self.merged and self.random.random() < 0.4:
                merges.part(actor, self.merged.pop())
                return
            one, other = int(self.person()), int(self.person())
            with contextlib.suppress(Refusal):
                key = uuid4()
                merges.join(actor, one, other, key)
                self.merged.append(key)

    def more(self) -> Tables:
        """The next delivery: mostly small, sometimes half of everything."""
        tables = self.few() if self.random.random() < 0.8 else self.maker.later(self.everything)
        self.everything = merged(self.everything, tables)
        return tables


def differences(one: Snapshot, other: Snapshot) -> str:
    """The rows that only one of two snapshots has, for the message of a failed test."""
    found = []
    names = one.manifest["files"].keys() | other.manifest["files"].keys()
    for name in sorted(names):
        if one.manifest["files"].get(name) == other.manifest["files"].get(name):
            continue
        found.append(f"{name}: {one.manifest['files'].get(name)} {other.manifest['files'].get(name)}")
        if all((each.path / name).is_file() for each in (one, other)):
            for sign, a, b in (("+", one, other), ("-", other, one)):
                rows = duckdb.sql(
                    f"FROM '{a.path / name}' EXCEPT ALL FROM '{b.path / name}' LIMIT 5"
                ).fetchall()
                found += [f"  {sign} {row}" for row in rows]
        else:
            there = one if (one.path / name).is_file() else other
            rows = duckdb.sql(f"FROM '{there.path / name}' LIMIT 5").fetchall()
            found.append(f"  only in the {'increment' if there is one else 'full build'}: {rows}")
    return "\n".join(found)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", SEEDS)
def test_an_increment_is_the_full_build(seed: int, tmp_path: Path, settings: Any) -> None:
    settings.HAQDAR_HOME = tmp_path / "home"
    state = Changing(seed)
    first_day = state.maker.day
    state.deliver(tmp_path / "0", state.everything)
    known_on = state.maker.delivered_on
    take_snapshot(known_on, first_day)
    for number in range(1, ROUNDS + 1):
        state.deliver(tmp_path / str(number), state.more())
        for _ in range(state.random.choice([0, 1, 1, 2])):
            state.merges()
        # now and then knowledge is asked for that is older than what the database has by now
        if state.random.random() < 0.75:
            known_on = state.maker.delivered_on
        elif state.random.random() < 0.5:
            known_on = max(known_on, state.maker.delivered_on - timedelta(days=2))
        taken = take_snapshot(known_on, first_day, most=ANY)
        assert taken.manifest["built_on"], (seed, number)
        anew = take_snapshot(known_on, first_day, anew=True)
        assert taken.hash == anew.hash, f"seed {seed}, round {number}\n{differences(taken, anew)}"
        for what in ("known_at", "residents", "districts", "parts"):
            assert taken.manifest[what] == anew.manifest[what], (seed, number, what)
        for what in ("deliveries", "beliefs"):
            assert taken.manifest["origin"][what] == anew.manifest["origin"][what], (seed, number, what)
        anew.verify()


@pytest.mark.django_db(transaction=True)
def test_few_changes_leave_other_districts_untouched(tmp_path: Path, settings: Any) -> None:
    settings.HAQDAR_HOME = tmp_path / "home"
    state = Changing(2)
    state.everything["families"][0]["area_code"] = "G8"
    state.deliver(tmp_path / "0", state.everything)
    before = take_snapshot(state.maker.delivered_on, state.maker.day)
    assert len(before.districts) > 1
    state.maker.delivered_on += timedelta(days=1)
    away = next(
        row
        for row in state.everything["residents"]
        if row["family_id"] == state.everything["families"][0]["family_id"]
    )
    state.deliver(
        tmp_path / "1", {"residents": [{**away, "destitute": "true" if away["destitute"] != "true" else ""}]}
    )
    after = take_snapshot(state.maker.delivered_on, state.maker.day, most=ANY)
    assert after.manifest["built_on"]["snapshot"] == before.hash
    assert after.manifest["built_on"]["districts"] == ["D8"]
    same = before.file("steady", before.districts[0]), after.file("steady", before.districts[0])
    assert same[0].samefile(same[1])
