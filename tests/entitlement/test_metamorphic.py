"""What must not matter, and what must matter in one direction only: metamorphic tests of the whole decision."""

from __future__ import annotations

import copy
import random
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from tests.entitlement.registers import snapshot_of_known
from tests.oracle.load import Known, Register, Row
from tests.oracle.states import make_case

from haqdar.cases.deciding import TABLES, Deciding, decide_state
from haqdar.entitlement.stored import BeforeTheSnapshot
from haqdar.law import load_lawbook

LAW = Path(__file__).parents[2] / "law" / "mp"
DAY = date(2016, 10, 1)
SEEDS = (3, 8, 21)

Decide = Callable[[Known], duckdb.DuckDBPyConnection]


@pytest.fixture
def decide(tmp_path: Path, settings: Any) -> Decide:
    """Decides a known register; the answer's tables are those of the run."""
    settings.HAQDAR_HOME = tmp_path / "home"
    lawbook = load_lawbook(LAW)
    count = iter(range(100))

    def work(known: Known) -> duckdb.DuckDBPyConnection:
        snapshot = snapshot_of_known(known, DAY, lawbook.on(DAY).vocabulary)
        deciding = Deciding(snapshot, lawbook, DAY, tmp_path / f"out-{next(count)}")
        decide_state(deciding)
        duck = duckdb.connect()
        deciding.attach(duck)
        files = ", ".join(f"'{deciding.file('cell', d)}'" for d in snapshot.districts)
        decisions = ", ".join(f"'{deciding.file('decision', d)}'" for d in snapshot.districts)
        # cells are numbered by district, so the pair of both names one
        duck.execute(
            f"CREATE TABLE verdicts AS SELECT d.member_id, c.* EXCLUDE (filename) FROM read_parquet([{decisions}], filename = true) d"
            f" JOIN read_parquet([{files}], filename = true, union_by_name = true) c ON c.cell_no = d.cell_no"
            " AND replace(c.filename, '/cell/', '/decision/') = d.filename"
        )
        return duck

    return work


def known(seed: int) -> Known:
    case = make_case(seed)
    register = Register()
    import tempfile

    for delivery in case.deliveries:
        with tempfile.TemporaryDirectory() as folder:
            delivery.write(Path(folder))
            register.load(Path(folder), delivery.delivered_on)
    return register.known_on(date(2999, 1, 1))


def changed(state: Known, change: Callable[[dict[str, dict[Any, Row]]], None]) -> Known:
    rows = copy.deepcopy(state.rows)
    change(rows)
    return replace(state, rows=rows)


def rows_of(duck: duckdb.DuckDBPyConnection, columns: str = "*", exclude: str = "") -> list[Any]:
    """Every row of the outcome, in a fixed order."""
    without = f" EXCLUDE ({exclude})" if exclude and columns == "*" else ""
    found = []
    for table in ("worklist", "forecast", "entitlement"):
        found.append(duck.execute(f"SELECT {columns}{without} FROM {table} ORDER BY ALL").fetchall())
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_the_order_of_rows_does_not_matter(seed: int, decide: Decide) -> None:
    state = known(seed)

    def shuffle(rows: dict[str, dict[Any, Row]]) -> None:
        for table, entries in rows.items():
            pairs = list(entries.items())
            random.Random(seed).shuffle(pairs)
            rows[table] = dict(pairs)

    assert rows_of(decide(state)) == rows_of(decide(changed(state, shuffle)))


@pytest.mark.parametrize("seed", SEEDS)
def test_splitting_and_joining_districts_does_not_matter(seed: int, decide: Decide) -> None:
    state = known(seed)

    def split(rows: dict[str, dict[Any, Row]]) -> None:
        bodies = [row for row in rows["areas"].values() if row["kind"] in ("block", "ulb")]
        for number, row in enumerate(bodies):
            code = f"N{number}"
            rows["areas"][(code,)] = {**row, "area_code": code, "kind": "district", "parent_code": "S23"}
            row["parent_code"] = code

    def join(rows: dict[str, dict[Any, Row]]) -> None:
        for row in rows["areas"].values():
            if row["kind"] in ("block", "ulb"):
                row["parent_code"] = "D0"

    whole = decide(state)
    for change in (split, join):
        other = decide(changed(state, change))
        assert rows_of(other, exclude="district_code") == rows_of(whole, exclude="district_code")


@pytest.mark.parametrize("seed", SEEDS)
def test_growing_older_never_ends_an_old_age_criterion(seed: int, decide: Decide) -> None:
    state = known(seed)

    def older(rows: dict[str, dict[Any, Row]]) -> None:
        for row in rows["residents"].values():
            if row["born_on"]:
                born = date.fromisoformat(row["born_on"])
                row["born_on"] = (
                    f"{born.year - 7:04d}-{'02-28' if (born.month, born.day) == (2, 29) else born.strftime('%m-%d')}"
                )

    before, after = decide(state), decide(changed(state, older))
    entitled = "SELECT member_id FROM verdicts WHERE ssp_old_verdict"
    old = {row[0] for row in before.execute(entitled).fetchall()}
    assert old
    assert old <= {row[0] for row in after.execute(entitled).fetchall()}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_son_ends_the_pension_for_parents_of_daughters_and_nothing_else(seed: int, decide: Decide) -> None:
    state = known(seed)
    before = decide(state)
    mothers = {
        f"{row[0]:09d}"
        for row in before.execute(
            "SELECT member_id FROM verdicts WHERE kanya_verdict AND sex = 'F'"
        ).fetchall()
    }
    if not mothers:
        pytest.skip("nobody in this State has the pension for parents of daughters")

    def born(rows: dict[str, dict[Any, Row]]) -> None:
        template = next(iter(rows["residents"].values()))
        for number, mother in enumerate(sorted(mothers)):
            member = f"{999_000_000 + number:09d}"
            rows["residents"][(member,)] = {
                **dict.fromkeys(template, ""),
                "member_id": member,
                "family_id": rows["residents"][(mother,)]["family_id"],
                "sex": "M",
                "born_on": "2015-01-01",
                "mother_id": mother,
            }

    after = decide(changed(state, born))
    lost = after.execute(
        "SELECT member_id, kanya_verdict FROM verdicts WHERE sex = 'F' ORDER BY 1"
    ).fetchall()
    assert all(verdict is False for member, verdict in lost if f"{member:09d}" in mothers)
    others = "SELECT * EXCLUDE (cell_no, people, living_sons) FROM verdicts WHERE sex <> 'F' AND member_id < 999000000"
    masked = f"SELECT * EXCLUDE (kanya_true, kanya_unknown, kanya_verdict, kanya_paise, kanya_possible_paise) FROM ({others}) ORDER BY ALL"
    assert after.execute(masked).fetchall() == before.execute(masked).fetchall()


def test_an_interrupted_run_goes_on_with_the_districts_left(tmp_path: Path, settings: Any) -> None:
    settings.HAQDAR_HOME = tmp_path / "home"
    lawbook = load_lawbook(LAW)
    snapshot = snapshot_of_known(known(3), DAY, lawbook.on(DAY).vocabulary)
    assert len(snapshot.districts) > 1
    whole = Deciding(snapshot, lawbook, DAY, tmp_path / "whole")
    decide_state(whole)
    halted = Deciding(snapshot, lawbook, DAY, tmp_path / "halted")

    class PowerCut(Exception):
        pass

    def cut(_: str) -> None:
        raise PowerCut

    with pytest.raises(PowerCut):
        decide_state(halted, cut)
    done: list[str] = [mark.stem for mark in (halted.out / "done").glob("*.json")]
    assert done
    written = {d: halted.file("decision", d).stat().st_mtime_ns for d in done}
    decide_state(halted)
    assert {d: halted.file("decision", d).stat().st_mtime_ns for d in done} == written
    for district in snapshot.districts:
        for table in TABLES:
            assert halted.file(table, district).read_bytes() == whole.file(table, district).read_bytes()
    with pytest.raises(BeforeTheSnapshot):
        decide_state(Deciding(snapshot, lawbook, date(2016, 9, 1), tmp_path / "early"))
    # the same folder for another day is decided anew
    later = Deciding(snapshot, lawbook, date(2016, 11, 1), halted.out)
    decide_state(later)
    assert halted.file("decision", snapshot.districts[0]).exists()
    assert {d: halted.file("decision", d).stat().st_mtime_ns for d in done} != written


def test_holders_of_an_ended_scheme_are_stopped_or_moved_never_forgotten(
    tmp_path: Path, settings: Any
) -> None:
    settings.HAQDAR_HOME = tmp_path / "home"
    ended = tmp_path / "law"
    shutil.copytree(LAW, ended, ignore=shutil.ignore_patterns("proposals", "examples"))
    scheme = ended / "schemes" / "ignoaps.yaml"
    scheme.write_text(
        scheme.read_text("utf-8").replace(
            "holds: {from: 2012-04-01}", "holds: {from: 2012-04-01, until: 2016-09-30}"
        ),
        "utf-8",
    )
    lawbook = load_lawbook(ended)
    state = known(3)
    snapshot = snapshot_of_known(state, DAY, lawbook.on(DAY).vocabulary)
    changes = tmp_path / "changes.parquet"
    with duckdb.connect() as duck:
        # one holder by our own change, the others by the registers
        member = next(int(row["member_id"]) for row in state.rows["residents"].values())
        duck.execute(
            f"COPY (SELECT {member}::INTEGER AS member_id, 1::INTEGER AS pension_group, 'IGNOAPS' AS scheme,"
            f" 27500::BIGINT AS paise) TO '{changes}' (FORMAT parquet)"
        )
    deciding = Deciding(snapshot, lawbook, DAY, tmp_path / "out", changes)
    decide_state(deciding)
    holders = {
        int(row["member_id"])
        for row in state.rows["pensioners"].values()
        if row["scheme"] == "IGNOAPS" and row["since"] <= DAY.isoformat()
    } | {member}
    assert len(holders) > 1
    with duckdb.connect() as duck:
        deciding.attach(duck)
        rows = duck.execute(
            "SELECT member_id, action, reason FROM decided WHERE from_scheme = 'IGNOAPS'"
        ).fetchall()
    assert {member for member, _, _ in rows} == holders
    assert {(action, reason) for _, action, reason in rows} <= {
        ("stop", "scheme_ended"),
        ("move", "status_lost"),
    }
    assert ("stop", "scheme_ended") in {(action, reason) for _, action, reason in rows}
