"""How a month's decisions become awards: what changes now, what waits for its notice, what earlier months should have paid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from haqdar.base.month import Month
from haqdar.cases import awards
from haqdar.cases.awards import first_month_after_notice
from haqdar.law import load_lawbook

LAWBOOK = load_lawbook(Path(__file__).parents[2] / "law" / "mp")
OCTOBER = Month(2016, 10)
MEMBER = 100_000_017


@dataclass
class Item:
    """One decision of October for one person in group 1."""

    action: str
    from_scheme: str | None = None
    standing: int | None = None
    to_scheme: str | None = None
    to_paise: int | None = None
    reason: str = ""


def settled(
    item: Item, notice: tuple[str, date, date] | None = None, sanctioned: bool = False
) -> dict[str, list[tuple[object, ...]]]:
    duck = duckdb.connect()
    duck.execute(
        "CREATE TABLE decided (member_id INT, pension_group INT, action VARCHAR, from_scheme VARCHAR, to_scheme VARCHAR,"
        " to_paise BIGINT, standing_paise BIGINT)"
    )
    duck.execute(
        "INSERT INTO decided VALUES (?, 1, ?, ?, ?, ?, ?)",
        [MEMBER, item.action, item.from_scheme, item.to_scheme, item.to_paise, item.standing],
    )
    duck.execute(
        "CREATE TABLE worklist AS SELECT action, member_id, pension_group, ? AS reason FROM decided",
        [item.reason],
    )
    duck.execute("CREATE TABLE sanctioned (member_id INT, pension_group INT)")
    if sanctioned:
        duck.execute("INSERT INTO sanctioned VALUES (?, 1)", [MEMBER])
    duck.execute(
        "CREATE TABLE notice (member_id INT, pension_group INT, kind VARCHAR, given_month DATE, effective_month DATE)"
    )
    if notice:
        duck.execute("INSERT INTO notice VALUES (?, 1, ?, ?, ?)", [MEMBER, *notice])
    awards.settle(duck, LAWBOOK.on(OCTOBER.first_day), OCTOBER)
    return {
        "change": duck.execute("SELECT kind, scheme, paise FROM change").fetchall(),
        "notice": duck.execute("SELECT kind, given_month, effective_month FROM notice_now").fetchall(),
        "settled": duck.execute("SELECT scheme, paise FROM settled").fetchall(),
    }


def test_start_waits_for_its_sanction() -> None:
    start = Item("start", to_scheme="IGNWPS", to_paise=30000, reason="entitled")
    assert settled(start) == {"change": [], "notice": [], "settled": []}
    assert settled(start, sanctioned=True) == {
        "change": [("start", "IGNWPS", 30000)],
        "notice": [],
        "settled": [("IGNWPS", 30000)],
    }


def test_better_scheme_takes_effect_in_the_month_of_eligibility() -> None:
    move = Item("move", "IGNOAPS", 27500, "IGNWPS", 30000, "better_scheme")
    assert settled(move)["settled"] == [("IGNWPS", 30000)]


@pytest.mark.parametrize("reason", ["died", "migrated"])
def test_death_and_migration_stop_at_once(reason: str) -> None:
    assert settled(Item("stop", "IGNOAPS", 27500, reason=reason)) == {
        "change": [("stop", None, None)],
        "notice": [],
        "settled": [],
    }


@pytest.mark.parametrize(
    "item",
    [
        Item("stop", "IGNWPS", 30000, reason="marital_status"),
        Item("move", "IGNWPS", 30000, "IGNOAPS", 20000, "status_lost"),
        Item("revise", "IGNOAPS", 50000, "IGNOAPS", 27500, "age_band"),
    ],
)
def test_whatever_pays_less_waits_for_its_notice(item: Item) -> None:
    result = settled(item)
    assert result["change"] == []
    assert result["notice"] == [(item.action, date(2016, 10, 1), date(2016, 11, 1))]
    assert result["settled"] == [(item.from_scheme, item.standing)]


def test_change_is_made_when_its_notice_has_run_out() -> None:
    stop = Item("stop", "IGNWPS", 30000, reason="marital_status")
    assert settled(stop, ("stop", date(2016, 9, 1), date(2016, 10, 1))) == {
        "change": [("stop", None, None)],
        "notice": [],
        "settled": [],
    }


def test_standing_notice_keeps_its_day() -> None:
    stop = Item("stop", "IGNWPS", 30000, reason="marital_status")
    given_in = ("stop", date(2016, 9, 1), date(2016, 11, 1))
    assert settled(stop, given_in)["notice"] == [given_in]


def test_notice_of_another_change_does_not_count() -> None:
    stop = Item("stop", "IGNWPS", 30000, reason="marital_status")
    result = settled(stop, ("move", date(2016, 9, 1), date(2016, 10, 1)))
    assert result["notice"] == [("stop", date(2016, 10, 1), date(2016, 11, 1))]


def test_undecided_award_goes_on() -> None:
    assert settled(Item("goes_on", "IGNWPS", 30000))["settled"] == [("IGNWPS", 30000)]


@given(
    st.dates(date(2012, 4, 1), date(2030, 12, 31)).map(lambda day: day.replace(day=1)), st.integers(0, 120)
)
def test_notice_never_ends_early_nor_a_month_late(day: date, days: int) -> None:
    effective = first_month_after_notice(day, days)
    assert effective.day == 1
    assert (effective - day).days >= days
    assert (Month.of(effective).previous().first_day - day).days < days


def test_a_pension_without_an_amount_goes_on_as_it_was_paid() -> None:
    duck = duckdb.connect()
    duck.execute(
        "CREATE TABLE decided AS SELECT 1 AS member_id, 1 AS pension_group, 'stop' AS action, 'IGNOAPS' AS from_scheme,"
        " NULL::BIGINT AS from_paise, 20000::BIGINT AS standing_paise"
        " UNION ALL SELECT 2, 1, 'stop', 'IGNOAPS', NULL, 20000 UNION ALL SELECT 3, 1, 'stop', 'IGNOAPS', 20000, 20000"
    )
    duck.execute(
        "CREATE TABLE posted AS FROM (VALUES (1, 1, 'IGNOAPS', 20000::BIGINT, DATE '2016-08-01'),"
        " (1, 1, 'IGNOAPS', 27500, DATE '2016-09-01'), (3, 1, 'IGNOAPS', 27500, DATE '2016-09-01'))"
        " AS t(member_id, pension_group, scheme, paise, for_month)"
    )
    awards.stand_on_posted(duck)
    standing = duck.execute("SELECT standing_paise FROM decided ORDER BY member_id").fetchall()
    assert standing == [(27500,), (20000,), (20000,)]
