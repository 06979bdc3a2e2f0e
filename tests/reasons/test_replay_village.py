"""A month replayed with what became known later: golden rows, in rupees, each with the record that explains it."""

from __future__ import annotations

import csv
import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

from django.db import connection
from tests.reasons.village import EARLY, HUSBAND, LAME, LATE, OLD, WIFE, load

from haqdar.base.month import Month
from haqdar.jobs.replay import replay_month

OCTOBER = Month(2016, 10)


def rows(folder: Path, name: str = "differences.csv") -> list[dict[str, str]]:
    with (folder / name).open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_death_a_certificate_and_a_correction_known_late(village: Path) -> None:
    out = village / "replay"
    done = replay_month(OCTOBER, out, LATE)
    found = {int(row["member_id"]): row for row in rows(out)}
    decided = {
        member: (
            row["kind"], row["then_action"], row["then_scheme"], row["then_amount"],
            row["now_action"], row["now_scheme"], row["now_amount"], row["difference"], row["due_difference"],
        )
        for member, row in found.items()
    }  # fmt: skip
    assert decided == {
        HUSBAND: ("loses", "continue", "IGNOAPS", "275.00", "stop", "", "", "-275.00", "-275.00"),
        WIFE: ("more", "continue", "IGNOAPS", "200.00", "move", "IGNWPS", "300.00", "100.00", "100.00"),
        # an award starts with an officer's sanction, so nothing was due yet
        LAME: ("gains", "", "", "", "start", "IGNDPS", "300.00", "300.00", "0.00"),
        OLD: ("more", "continue", "IGNWPS", "300.00", "move", "IGNOAPS", "500.00", "200.00", "200.00"),
    }
    assert found[HUSBAND]["facts"] == "alive: true → false"
    assert "events.csv line 2, delivery " in found[HUSBAND]["sources"]
    assert "known from 2016-11-10 (own death 2016-09-12)" in found[HUSBAND]["sources"]
    assert found[WIFE]["facts"] == "marital_status: married → widowed; partner_age: 66 → ?; " + (
        "partner_income_tax_payer: false → ?; partner_present: true → false"
    )
    assert "(spouse death 2016-09-12)" in found[WIFE]["sources"]
    assert found[LAME]["facts"] == "disability_percent: 0.0 → 85.0"
    assert found[LAME]["sources"].startswith("pwd.csv line 2, delivery ")
    assert found[OLD]["facts"] == "age: 63 → 80"
    assert "residents.csv line 2" in found[OLD]["sources"]
    assert {row["why"] for row in found.values()} == {"facts"}
    total = next(total for total in done.totals if total.of == "all")
    assert (total.persons, total.difference_paise, total.due_difference_paise) == (4, 32500, 2500)
    schemes = {
        row["name"]: (row["persons"], row["difference"])
        for row in rows(out, "totals.csv")
        if row["by"] == "scheme"
    }
    assert schemes == {
        "IGNOAPS": ("3", "25.00"),
        "IGNWPS": ("2", "0.00"),
        "IGNDPS": ("1", "300.00"),
    }  # fmt: skip
    summary = json.loads((out / "summary.json").read_text())
    assert (summary["replay"]["known_on"], summary["different"]) == ("2016-11-25", 4)


def test_nothing_in_the_books_changes(village: Path) -> None:
    def books() -> list[Any]:
        found = []
        with connection.cursor() as cursor:
            for table in ("cases_month_run", "cases_work_item", "cases_award_change", "payments_due"):
                cursor.execute(f"SELECT count(*), sum(hashtext(t::text)::bigint) FROM {table} t")
                found.append(cursor.fetchone())
        return found

    before = books()
    replay_month(OCTOBER, village / "replay", LATE)
    assert books() == before


def test_another_law_and_the_law_of_then(village: Path, settings: Any, tmp_path: Path, home: Path) -> None:
    changed = tmp_path / "law"
    shutil.copytree(settings.HAQDAR_LAW, changed)
    file = changed / "schemes" / "ignwps.yaml"
    file.write_text(file.read_text().replace("pay: 300", "pay: 350"))
    assert replay_month(OCTOBER, village / "a", EARLY, changed).different == 1
    (row,) = rows(village / "a")
    assert (int(row["member_id"]), row["then_amount"], row["now_amount"], row["why"]) == (
        OLD,
        "300.00",
        "350.00",
        "law",
    )
    settings.HAQDAR_LAW = changed
    assert replay_month(OCTOBER, village / "b", EARLY).different == 0
    assert replay_month(OCTOBER, village / "c", EARLY, "today").different == 1


def test_a_pruned_snapshot_is_taken_again(village: Path, home: Path) -> None:
    shutil.rmtree(home / "snapshots")
    assert replay_month(OCTOBER, village / "a", EARLY).different == 0


def test_what_was_recorded_long_ago_but_delivered_after_the_run_is_named(village: Path) -> None:
    # the department had recorded the marriage's end before the run; it was delivered after it
    event = f"event_id,member_id,kind,happened_on,reported_on,spouse_id\nE9,{OLD},remarriage,2016-08-01,2016-08-02,\n"
    load({"events.csv": event}, date(2016, 11, 24), village / "third")
    replay_month(OCTOBER, village / "a", date(2016, 9, 26))
    (row,) = rows(village / "a")
    assert (int(row["member_id"]), row["facts"]) == (OLD, "marital_status: widowed → married")
    assert "events.csv line 2" in row["sources"] and "known from 2016-08-02" in row["sources"]
