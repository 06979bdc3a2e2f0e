"""Reasons from stored bits are the reasons of a decision made now, on the same day by the same law, for random people."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from django.conf import settings
from tests.oracle.states import make_case

from haqdar.access.actors import platform
from haqdar.base.month import Month
from haqdar.cases.queries import run_of
from haqdar.entitlement.decisions import decision_of, law_of_hash
from haqdar.entitlement.explain import explain, explain_stored
from haqdar.entitlement.queries import check_member, decide_from_registers
from haqdar.jobs.month import run_month
from haqdar.law import load_lawbook
from haqdar.registry.actions import load_folder

OFFICER = platform("officer")
SEEDS = range(1, int(os.environ.get("REASONS_SEEDS", "2")) + 1)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.django_db(transaction=True)
def test_stored_bits_give_the_reasons_of_a_decision_made_now(seed: int, home: Path, tmp_path: Path) -> None:
    case = make_case(seed)
    for number, delivery in enumerate(case.deliveries):
        delivery.write(tmp_path / f"in-{number}")
        load_folder(tmp_path / f"in-{number}", delivery.delivered_on, tmp_path / f"in-{number}")
    known_on = case.deliveries[0].delivered_on
    month = Month.of(case.runs[0].determined_on)
    run_month(month, tmp_path / "out", known_on=known_on)
    run = run_of(OFFICER, month)
    assert run is not None
    law = law_of_hash(run.law_hash).on(month.first_day)
    assert law.hash == load_lawbook(settings.HAQDAR_LAW).hash
    members = _members(home)
    assert members
    for member_id in members:
        stored = decision_of(law, month, run.inputs_hash, run.snapshot_hash, member_id)
        assert stored is not None and stored.basis == "stored"
        facts = check_member(OFFICER, member_id, month.first_day, known_on).facts
        names = ["day", "born_on", "partner_born_on", *(name for name, _ in law.vocabulary.columns)]
        assert _plain(stored.facts, names) == _plain(facts, names), member_id
        reasons = explain_stored(law, stored.facts, stored.stored, stored.later)
        # decided now on the facts of now: the same verdicts, sentences, days
        assert reasons == explain(law, facts, stored.later), member_id
        registers = decide_from_registers(law, member_id, month.first_day, known_on)
        assert reasons == explain_stored(law, registers.facts, registers.stored, registers.later), member_id


def _members(home: Path) -> list[int]:
    rows = duckdb.connect().execute(
        f"SELECT member_id FROM read_parquet('{home}/runs/*/*/decision/*/*.parquet') ORDER BY hash(member_id) LIMIT 30"
    )
    return [row[0] for row in rows.fetchall()]


def _plain(facts: Any, names: list[str]) -> dict[str, object]:
    # numbers of one value may come as different types from files and from the engine
    return {
        name: value if isinstance(value := facts[name], bool | str | date | None) else float(value)
        for name in names
    }
