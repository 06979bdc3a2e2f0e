"""The engine and the naive evaluator agree on every row of generated, adversarial States."""

from __future__ import annotations

import csv
import os
import random
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.entitlement.registers import snapshot_of_known
from tests.oracle.load import Known, Register
from tests.oracle.month import Month
from tests.oracle.states import make_case

from haqdar.cases.deciding import Deciding, decide_state
from haqdar.cases.files import write_decisions
from haqdar.law import load_lawbook

LAW = Path(__file__).parents[2] / "law" / "mp"
SEEDS = range(1, int(os.environ.get("ORACLE_SEEDS", "8")) + 1)


@pytest.mark.parametrize("seed", SEEDS)
def test_engine_agrees_with_naive_evaluator(seed: int, tmp_path: Path, settings: Any) -> None:
    settings.HAQDAR_HOME = tmp_path / "home"
    case = make_case(seed)
    register = Register()
    for number, delivery in enumerate(case.deliveries):
        folder = tmp_path / f"delivery-{number}"
        delivery.write(folder)
        register.load(folder, delivery.delivered_on)
    lawbook = load_lawbook(LAW)
    # spans that begin at the earliest day must serve every later one
    first_day = min(run.determined_on for run in case.runs)
    for number, run in enumerate(case.runs):
        known = register.known_on(run.known_on or date(2999, 1, 1))
        receivers, one_person = what_people_know(known, random.Random(seed))
        snapshot = snapshot_of_known(known, first_day, lawbook.on(first_day).vocabulary)
        judged = written(receivers, one_person, tmp_path / f"judged-{number}.parquet")
        deciding = Deciding(snapshot, lawbook, run.determined_on, tmp_path / f"run-{number}", judged=judged)
        decide_state(deciding)
        with duckdb.connect() as duck:
            deciding.attach(duck)
            write_decisions(duck, tmp_path, all_rows=True)
        expected = Month(known, run.determined_on, receivers, one_person)
        for name, rows in (
            ("entitlements.csv", expected.entitlements()),
            ("worklist.csv", expected.worklist(all_rows=True)),
            ("forecast.csv", expected.forecast()),
        ):
            with (tmp_path / name).open(newline="") as file:
                found = sorted(tuple(row.items()) for row in csv.DictReader(file))
            assert found == sorted(tuple(row.items()) for row in rows), (seed, run, name)


def what_people_know(known: Known, chance: random.Random) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Who receives for whom, often for somebody of the same account, and who was judged to be one person with whom.

    Some payees get the account of somebody else first: States of accidents have too few of them.
    """
    residents = {row["member_id"]: row for row in known.rows["residents"].values()}
    payees = sorted({row["member_id"] for row in known.rows["pensioners"].values()} & residents.keys())
    receivers, one_person = {}, []
    for member_id in payees:
        if chance.random() < 0.2:
            like = residents[chance.choice(payees)]
            residents[member_id].update(ifsc="SBIN0001234", account_no=f"7{like['member_id']}")
            like.update(ifsc="SBIN0001234", account_no=f"7{like['member_id']}")
    for member_id in payees:
        account = residents[member_id]["account_no"]
        near = sorted(one for one, row in residents.items() if account and row["account_no"] == account)
        if near and chance.random() < 0.5:
            receivers[member_id] = chance.choice(near)
        elif chance.random() < 0.1:
            receivers[member_id] = chance.choice(sorted(residents))
        if chance.random() < 0.2:
            others = payees if chance.random() < 0.7 else sorted(residents)
            first, second = sorted((member_id, chance.choice(others)))
            if first != second:
                one_person.append((first, second))
    receivers = {
        member: other for member, other in receivers.items() if member != other and other not in receivers
    }
    return receivers, one_person


def written(receivers: dict[str, str], one_person: list[tuple[str, str]], place: Path) -> Path:
    """Both as Parquet, people of chains of pairs named by the first of them: what `read_judged` makes of the database."""
    named = {one: one for pair in one_person for one in pair}
    for _ in named:
        for first, second in one_person:
            named[first] = named[second] = min(named[first], named[second])
    rows = [
        {
            "member_id": int(member),
            "receiver_id": int(receivers[member]) if member in receivers else None,
            "one_of": int(named[member]) if member in named else None,
        }
        for member in sorted({*receivers, *named})
    ]
    schema = pa.schema([(name, pa.int32()) for name in ("member_id", "receiver_id", "one_of")])
    pq.write_table(pa.Table.from_pylist(rows, schema), place)
    return place
