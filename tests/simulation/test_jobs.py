"""Simulations from the registers in PostgreSQL: asked for on a page, done by the worker, kept for the page."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from tests.simulation.trials import law_with

from haqdar.access.actors import Actor, NotYourFunction, platform
from haqdar.base.month import Month
from haqdar.entitlement.models import SimulationRun
from haqdar.entitlement.simulation_files import csv_rows, published, tables_of, write_files
from haqdar.jobs.forecasts import forecast_law
from haqdar.jobs.simulations import (
    ask_for_simulation,
    give_up_dead_simulations,
    people_folder,
    simulate_proposal,
    simulation_task,
    simulations,
)
from haqdar.law import LawRefused

OCTOBER = Month(2016, 10)
STATE = platform("State cell")
WIDOW = {"schemes/w.yaml": "code: IGNWPS\nparameters: {minimum_age: 35}\namount: [{pay: 500}]\n"}


@pytest.fixture
def law(tmp_path: Path, settings: Any) -> Path:
    """The State's law with a proposal called trial."""
    settings.HAQDAR_LAW = law_with(tmp_path, WIDOW, "2017-04-01")
    return Path(settings.HAQDAR_LAW)


@pytest.mark.django_db(transaction=True)
def test_the_worker_simulates_what_a_page_asked_for(law: Path) -> None:
    from tests.web import small_state

    small_state.fill()
    number = ask_for_simulation(STATE, "trial", OCTOBER)
    assert SimulationRun.objects.get(pk=number).state == "queued"
    simulation_task(simulation_id=number)
    run = SimulationRun.objects.get(pk=number)
    assert (run.state, run.message_en) == ("done", "")
    assert run.result is not None and run.finished_at is not None
    assert run.result["totals"]["residents"] == 30
    assert len(run.result["forecast"]["then"]) == 6
    assert list(people_folder(number).glob("*/part.parquet"))
    assert [entry.pk for entry in simulations(STATE, "trial")] == [number]
    outlook = forecast_law(2, OCTOBER)
    assert outlook.result["now"] == run.result["forecast"]["now"][:3]


@pytest.mark.django_db
def test_a_broken_proposal_is_refused_when_it_is_asked_for(law: Path) -> None:
    (law / "proposals" / "trial" / "schemes" / "w.yaml").write_text(
        "code: IGNWPS\namount: [{when: age > 99, pay: 5}]\n"
    )
    with pytest.raises(LawRefused, match="gap"):
        ask_for_simulation(STATE, "trial", OCTOBER)
    assert not SimulationRun.objects.exists()


@pytest.mark.django_db
def test_a_proposal_broken_after_it_was_asked_for_fails_with_a_sentence(law: Path) -> None:
    number = ask_for_simulation(STATE, "trial", OCTOBER)
    (law / "proposals" / "trial" / "schemes" / "w.yaml").write_text("code: IGNWPS\nrank: x\n")
    simulation_task(simulation_id=number)
    run = SimulationRun.objects.get(pk=number)
    assert run.state == "failed" and "schemes/w.yaml:2" in run.message_en and run.result is None


@pytest.mark.django_db
def test_only_the_state_department_tries_proposals(law: Path) -> None:
    district = Actor(user_id=4, name="district", roles=frozenset({"district"}), area_paths=("/23/401/",))
    with pytest.raises(NotYourFunction):
        ask_for_simulation(district, "trial", OCTOBER)
    with pytest.raises(NotYourFunction):
        simulations(district)


@pytest.mark.django_db
def test_what_no_worker_has_any_more_is_given_up(law: Path) -> None:
    number = ask_for_simulation(STATE, "trial", OCTOBER)
    assert give_up_dead_simulations() == 0
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing'")
    assert give_up_dead_simulations() == 1
    assert SimulationRun.objects.get(pk=number).state == "failed"


def result() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        (Path(__file__).parents[1] / "web" / "simulation.json").read_text(encoding="utf-8")
    )
    return found


def test_files_give_amounts_in_rupees_and_the_total_last(tmp_path: Path) -> None:
    written = write_files(result(), tmp_path)
    assert {path.name for path in written} == {
        "simulation.json", "district.csv", "sex.csv", "age_band.csv", "category.csv", "place.csv", "cross.csv",
        "schemes.csv", "moves.csv", "paid.csv",
    }  # fmt: skip
    header, rows = csv_rows(result(), "sex")
    total = dict(zip(header, list(rows)[-1], strict=True))
    totals = result()["totals"]
    assert total["gainers"] == totals["gainers"]
    assert total["rupees_after"] == f"{totals['paise_after'] // 100}.{totals['paise_after'] % 100:02d}"
    assert (tmp_path / "schemes.csv").read_text().splitlines()[-1].startswith("total,")


def test_nothing_published_lets_a_small_count_be_seen_or_reckoned() -> None:
    for name, rows in tables_of(published(result())).items():
        hidden = [row for row in rows if all(value is None for key, value in row.items() if key == "gainers")]
        for row in rows:
            for key, value in row.items():
                if isinstance(value, int) and "paise" not in key and key != "pension_group":
                    assert value == 0 or value >= 5, (name, row)
        if "gainers" in rows[0]:
            assert len(hidden) != 1, name


def test_a_snapshot_in_a_folder_needs_no_database(law: Path, tmp_path: Path) -> None:
    from tests.simulation.trials import state

    tried = state(6, tmp_path / "state")
    finished = simulate_proposal("trial", Month.of(tried.day), tried.snapshot.path)
    assert finished.snapshot_hash == tried.snapshot.hash
    assert finished.result["totals"] == tried.run(law).totals
    assert date.fromisoformat(str(finished.result["day"])) == tried.day
