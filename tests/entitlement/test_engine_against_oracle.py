"""The engine and the naive evaluator agree on every row of generated, adversarial States."""

from __future__ import annotations

import csv
import os
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from tests.entitlement.registers import snapshot_of_known
from tests.oracle.load import Register
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
        snapshot = snapshot_of_known(known, first_day, lawbook.on(first_day).vocabulary)
        deciding = Deciding(snapshot, lawbook, run.determined_on, tmp_path / f"run-{number}")
        decide_state(deciding)
        with duckdb.connect() as duck:
            deciding.attach(duck)
            write_decisions(duck, tmp_path, all_rows=True)
        expected = Month(known, run.determined_on)
        for name, rows in (
            ("entitlements.csv", expected.entitlements()),
            ("worklist.csv", expected.worklist(all_rows=True)),
            ("forecast.csv", expected.forecast()),
        ):
            with (tmp_path / name).open(newline="") as file:
                found = sorted(tuple(row.items()) for row in csv.DictReader(file))
            assert found == sorted(tuple(row.items()) for row in rows), (seed, run, name)
