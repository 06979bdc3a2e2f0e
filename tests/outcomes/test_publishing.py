"""From what was paid and decided to the public table: summed up the tree, small numbers gone, replaced when run again."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from haqdar.access.actors import Actor, NotYourFunction, acting, platform
from haqdar.access.models import Area
from haqdar.base.month import Month
from haqdar.cases.models import Case, MonthRun
from haqdar.outcomes.actions import publish_delays, publish_missing, publish_month
from haqdar.outcomes.models import Figure
from haqdar.outcomes.queries import DELAYS, PENSIONS, all_cells, area, below, months, over_months, root
from haqdar.payments.models import AreaTotal

pytestmark = pytest.mark.django_db

OCTOBER = Month(2016, 10)
ME = platform("test")
AREAS = (
    ("S", "state", None, "/S/"), ("D1", "district", "S", "/S/D1/"), ("D2", "district", "S", "/S/D2/"),
    ("B1", "block", "D1", "/S/D1/B1/"), ("G1", "gp", "B1", "/S/D1/B1/G1/"), ("G2", "gp", "B1", "/S/D1/B1/G2/"),
    ("G3", "gp", "B1", "/S/D1/B1/G3/"), ("B2", "block", "D2", "/S/D2/B2/"), ("G4", "gp", "B2", "/S/D2/B2/G4/"),
)  # fmt: skip


@pytest.fixture
def tree(db: None) -> None:
    for code, kind, parent, path in AREAS:
        Area.objects.create(
            area_code=code, kind=kind, parent_code=parent, name_en=f"Area {code}", name_hi=f"क्षेत्र {code}",
            path=path, depth=path.count("/") - 2,
        )  # fmt: skip


def run(totals: dict[tuple[str | None, str], tuple[int, int]], month: Month = OCTOBER) -> MonthRun:
    MonthRun.objects.filter(month=month.first_day).update(state="superseded")
    made = MonthRun.objects.create(
        month=month.first_day, version=MonthRun.objects.count() + 1, known_on=month.first_day, law_hash="", snapshot_hash="",
        inputs_hash=uuid4().hex, state="complete", posted=True, manifest={}, started_at=timezone.now(),
        finished_at=timezone.now(), actor="test",
    )  # fmt: skip
    for (code, scheme), (persons, paise) in totals.items():
        AreaTotal.objects.create(
            run=made, area_code=code, scheme=scheme, persons=persons, regular_paise=paise, arrears_paise=0,
            recovery_paise=0, withheld_paise=0, instructed_paise=paise,
        )  # fmt: skip
    return made


LARGE: dict[tuple[str | None, str], tuple[int, int]] = {
    ("G1", "IGNOAPS"): (20, 400_000), ("G2", "IGNOAPS"): (30, 600_000), ("G3", "IGNWPS"): (10, 300_000),
    ("G4", "IGNWPS"): (40, 1_260_000),
}  # fmt: skip


def test_figures_are_summed_up_the_tree(tree: None) -> None:
    run(LARGE)
    publish_month(ME, OCTOBER)
    whole = root(PENSIONS, OCTOBER.first_day)
    assert whole is not None
    assert (whole.total.count, whole.total.paise) == (100, 2_600_000)
    assert {name: cell.count for name, cell in whole.cells.items()} == {"IGNOAPS": 50, "IGNWPS": 50}
    assert [(one.area_code, one.total.count) for one in below(PENSIONS, OCTOBER.first_day, "S")] == [
        ("D1", 60),
        ("D2", 40),
    ]
    block = area(PENSIONS, OCTOBER.first_day, "B2")
    # 12,600 rupees, in whole thousands
    assert block is not None and block.total.paise == 1_300_000


def test_small_numbers_are_not_in_the_table_at_all(tree: None) -> None:
    run(LARGE | {("G1", "KANYA"): (2, 100_000)})
    publish_month(ME, OCTOBER)
    one = area(PENSIONS, OCTOBER.first_day, "G1")
    assert one is not None and one.total.count == 22 and not one.by_column
    # what the neighbours would give away is hidden with it
    assert (
        sum(not two.by_column for two in below(PENSIONS, OCTOBER.first_day, "B1")) > 1
        or not (area(PENSIONS, OCTOBER.first_day, "B1") or one).by_column
    )
    assert not Figure.objects.filter(count__gt=0, count__lt=5).exists()
    assert "KANYA" not in {cell["measure"] for cell in all_cells(PENSIONS, OCTOBER.first_day)}


def test_a_repeated_run_replaces_its_month_and_no_other(tree: None) -> None:
    run(LARGE)
    publish_month(ME, OCTOBER)
    run(LARGE | {("G1", "IGNOAPS"): (50, 1_000_000)})
    run(LARGE, OCTOBER.next())
    assert publish_missing(ME) > 0
    publish_month(ME, OCTOBER)
    assert months(PENSIONS) == [OCTOBER.next().first_day, OCTOBER.first_day]
    assert [(when, cell.count) for when, cell in over_months(PENSIONS, "G1")] == [
        (OCTOBER.first_day, 50),
        (OCTOBER.next().first_day, 20),
    ]
    assert [cell.count for _, cell in over_months(PENSIONS, "D1", "IGNOAPS")] == [80, 50]


def test_what_has_no_place_below_is_told_apart(tree: None) -> None:
    run(LARGE | {(None, "IGNOAPS"): (9, 180_000), ("B1", "IGNWPS"): (8, 240_000)})
    publish_month(ME, OCTOBER)
    whole = root(PENSIONS, OCTOBER.first_day)
    assert whole is not None and whole.total.count == 117
    assert [(one.area_code, one.apart) for one in below(PENSIONS, OCTOBER.first_day, "S")] == [
        ("D1", False), ("D2", False), ("S?", True),
    ]  # fmt: skip


def case(code: str, due_on: date, closed_on: date | None, **more: Any) -> None:
    now = timezone.now()
    with acting(ME, "test"):
        Case.objects.create(
            letter="A", kind=more.pop("kind", "application"), opened_on=due_on - timedelta(days=15), area_code=code,
            awaits="" if closed_on else "case.verify", outcome=more.pop("outcome", "sanctioned") if closed_on else "",
            opened_at=now, since_at=now, due_on=due_on, opened_by="test",
            closed_at=timezone.make_aware(timezone.datetime.combine(closed_on, timezone.datetime.min.time()))
            if closed_on else None, **more,
        )  # fmt: skip


def test_delays_are_counted_by_the_month_of_the_limit(tree: None) -> None:
    today = timezone.localdate()
    last = Month.of(today).previous().first_day
    for _ in range(6):
        case("G1", last, last - timedelta(days=1))
        case("G1", last, last + timedelta(days=1))
        case("G1", last, None)
        case("G4", last, None)
        case("G4", today + timedelta(days=40), None)
        case("G1", last, last, kind="start", outcome="lapsed")
        case("G1", last, last, kind="move", outcome="noted")
    publish_delays(ME)
    whole = root(DELAYS, last)
    assert whole is not None
    assert {name: cell.count for name, cell in whole.cells.items()} == {"in_time": 6, "late": 6, "over": 12}
    assert whole.total.paise is None
    ahead = root(DELAYS, Month.of(today + timedelta(days=40)).first_day)
    assert ahead is not None and {name: cell.count for name, cell in ahead.cells.items()} == {"open": 6}
    with acting(ME, "test"):
        Case.objects.filter(area_code="G4").update(closed_at=timezone.now(), awaits="", outcome="rejected")
    publish_delays(ME)
    whole = root(DELAYS, last)
    assert whole is not None and whole.cells["late"].count == 12


def test_only_the_platform_publishes() -> None:
    with pytest.raises(NotYourFunction):
        publish_delays(Actor(user_id=1, name="state", roles=frozenset({"state"}), area_paths=None))
