"""States and proposals to try: a generated State in an engine, a law folder with a proposal written by the test."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
from django.conf import settings
from tests.entitlement.registers import snapshot_of_known
from tests.oracle.load import Known, Register
from tests.oracle.states import make_case

from haqdar.cases.difference import hold
from haqdar.entitlement.simulate import Simulation, simulate, trial
from haqdar.entitlement.snapshot import Snapshot
from haqdar.law import load_lawbook

LAW = Path(__file__).resolve().parents[2] / "law" / "mp"

HEAD = """
title: {en: A trial, hi: एक परीक्षण}
purpose: {en: To see what happens, hi: देखने के लिए कि क्या होता है}
from: %s
author: writer
"""


def law_with(
    folder: Path, files: Mapping[str, str], from_on: str = "2014-01-01", name: str = "trial"
) -> Path:
    """A copy of law/mp with one proposal made of `files` (path below the proposal -> YAML)."""
    law = folder / "mp"
    if not law.exists():
        shutil.copytree(LAW, law)
    place = law / "proposals" / name
    place.mkdir(parents=True)
    for path, text in {"proposal.yaml": HEAD % from_on, **files}.items():
        (place / path).parent.mkdir(exist_ok=True)
        (place / path).write_text(text, encoding="utf-8")
    return law


@dataclass(frozen=True)
class State:
    """A generated State: its snapshot, the same as the naive evaluator reads it, and the day to decide."""

    snapshot: Snapshot
    known: Known
    day: date

    def hold(self, duck: duckdb.DuckDBPyConnection) -> None:
        """Creates ``held`` from the registers alone."""
        duck.execute(
            "CREATE OR REPLACE TABLE award_change"
            " (member_id INT, pension_group INT, scheme VARCHAR, paise BIGINT)"
        )
        hold(duck, load_lawbook(LAW), self.day)

    def run(self, law: Path, name: str = "trial", people: Path | None = None) -> Simulation:
        """The proposal `name` of a law folder tried on the State."""
        return simulate(self.snapshot, trial(law, name, self.day), self.hold, people)


def state(seed: int, folder: Path, districts: int = 1) -> State:
    """A generated State as known on its last run's day, its families dealt out to so many districts."""
    settings.HAQDAR_HOME = folder / "home"
    case = make_case(seed)
    register = Register()
    for number, delivery in enumerate(case.deliveries):
        place = folder / f"delivery-{seed}-{number}"
        delivery.write(place)
        register.load(place, delivery.delivered_on)
    run = case.runs[-1]
    known = register.known_on(run.known_on or date(2999, 1, 1))
    if districts > 1:
        areas = known.rows["areas"]
        pattern = next(iter(areas.values()))
        for number in range(districts):
            areas[(f"S{number}",)] = {
                **pattern, "area_code": f"S{number}", "kind": "district", "parent_code": "",
            }  # fmt: skip
        for family in known.rows["families"].values():
            family["area_code"] = f"S{int(family['family_id']) % districts}"
    first_day = run.determined_on
    snapshot = snapshot_of_known(known, first_day, load_lawbook(LAW).on(first_day).vocabulary)
    return State(snapshot, known, run.determined_on)
