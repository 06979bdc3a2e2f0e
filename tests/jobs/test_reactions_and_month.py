"""What stands between two months is what the next month's run decides, awards of earlier runs included."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.acceptance.test_late_knowledge import FILES, HUSBAND, NEIGHBOUR, WIFE

from haqdar.access.actors import platform
from haqdar.cases.models import MonthRun, StandingDecision, WorkItem
from haqdar.cases.reactions import IN_DOUBT
from haqdar.jobs import reactions
from haqdar.jobs.month import run_month
from haqdar.registry import events
from haqdar.registry.actions import load_folder

OFFICER = platform("officer")


@pytest.mark.django_db(transaction=True)
def test_the_next_run_decides_what_stands(tmp_path: Path, settings: Any) -> None:
    settings.HAQDAR_HOME = tmp_path / "home"
    settings.HAQDAR_HOME.mkdir()
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    load_folder(tmp_path, date(2016, 9, 20), tmp_path)
    # the neighbour is moved by the first run, so that what is held is no longer what the registers say
    (tmp_path / "pensioners.csv").write_text(
        f"member_id,scheme,since,amount\n{NEIGHBOUR},IGNWPS,2012-04-01,200\n"
    )
    load_folder(tmp_path, date(2016, 9, 21), tmp_path)
    run_month("2016-10", tmp_path / "october")
    october = MonthRun.objects.get()
    # what was loaded seconds before the run may be looked at again against it; here only what comes after matters
    MonthRun.objects.update(started_at=october.started_at + IN_DOUBT + timedelta(minutes=1))

    for member, kind, day, spouse in (
        (HUSBAND, "death", date(2016, 10, 3), None),
        (NEIGHBOUR, "remarriage", date(2016, 10, 5), WIFE),
        (WIFE, "migration_out", date(2016, 9, 30), None),
        (WIFE, "migration_in", date(2016, 10, 20), None),
    ):
        event = events.checked(OFFICER, int(member), kind, day, None, int(spouse) if spouse else None)
        reactions.record_event(OFFICER, event)
    reactions.carry_on()
    assert not StandingDecision.objects.exists(), "all of it counts as known before the run"
    MonthRun.objects.update(started_at=october.started_at)
    assert reactions.carry_on() >= 4

    standing = {
        (
            row.member_id,
            row.pension_group,
            row.action,
            row.from_scheme,
            row.from_paise,
            row.to_scheme,
            row.to_paise,
            row.reason,
        )
        for row in StandingDecision.objects.filter(replaced_at=None)
        if row.action not in ("", "goes_on", "continue")
    }
    assert {(member, action) for member, _, action, *_ in standing} == {
        (int(HUSBAND), "stop"),
        (int(WIFE), "move"),
        (int(NEIGHBOUR), "stop"),
    }
    run_month("2016-11", tmp_path / "november")
    november = MonthRun.objects.get(month=date(2016, 11, 1))
    decided = {
        (
            row.member_id,
            row.pension_group,
            row.action,
            row.from_scheme,
            row.from_paise,
            row.to_scheme,
            row.to_paise,
            row.reason,
        )
        for row in WorkItem.objects.filter(run=november)
    }
    assert standing == decided
