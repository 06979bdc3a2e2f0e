"""The law on a day: dated values, overlays, heads of account, calendar."""

import doctest
import importlib
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from haqdar.base.month import Month
from haqdar.law import (
    STOP_REASONS,
    LawInForce,
    NoLawInForce,
    UnknownScheme,
    load_lawbook,
    scheme_groups,
)

Spoil = Callable[..., Path]


def test_the_nine_schemes_stand_in_the_published_order(law: LawInForce) -> None:
    assert [(scheme.code, scheme.group) for scheme in law.schemes] == [
        ("IGNOAPS", 1),
        ("IGNWPS", 1),
        ("IGNDPS", 1),
        ("SSP-OLD", 1),
        ("SSP-WIDOW", 1),
        ("SSP-DESERTED", 1),
        ("SSP-PWD", 1),
        ("KANYA", 2),
        ("MRMD", 3),
    ]
    assert [scheme.rank for scheme in law.schemes] == list(range(1, 10))
    assert [scheme.code for scheme in law.group(2)] == ["KANYA"]
    assert law.scheme("SSP-OLD").column == "ssp_old"
    with pytest.raises(UnknownScheme, match="IGNWPX"):
        law.scheme("IGNWPX")


def test_scheme_groups_lists_every_code(folder: Path, law: LawInForce) -> None:
    assert scheme_groups(folder) == {scheme.code: scheme.group for scheme in law.schemes}


def test_every_scheme_asks_alive_and_resident_first(law: LawInForce) -> None:
    for scheme in law.schemes:
        assert [criterion.code for criterion in scheme.criteria[:2]] == ["alive", "resident"]
        assert [criterion.bit for criterion in scheme.criteria[:2]] == [0, 1]
        assert len({criterion.bit for criterion in scheme.criteria}) == len(scheme.criteria)
        assert scheme.mask == sum(1 << criterion.bit for criterion in scheme.criteria)
        assert {criterion.stop_reason for criterion in scheme.criteria} <= set(STOP_REASONS)


def test_nothing_is_in_force_before_the_law_begins(folder: Path) -> None:
    book = load_lawbook(folder)
    with pytest.raises(NoLawInForce):
        book.on(date(2012, 3, 31))
    assert book.on(date(2012, 4, 1)) is book.on(date(2040, 1, 1))
    assert book.on(date(2012, 4, 1)).day_until is None


def test_a_proposal_changes_the_law_from_its_date_only(folder: Path) -> None:
    book = load_lawbook(folder, folder / "proposals" / "widow-500")
    assert book.hash != load_lawbook(folder).hash
    before, after = book.on(date(2017, 3, 31)), book.on(date(2017, 4, 1))
    assert (before.day_from, before.day_until) == (date(2012, 4, 1), date(2017, 3, 31))
    assert (after.day_from, after.day_until) == (date(2017, 4, 1), None)
    assert [band.paise for band in before.scheme("IGNWPS").bands] == [30000]
    assert [band.paise for band in after.scheme("IGNWPS").bands] == [50000]
    assert before.scheme("IGNWPS").criterion("age").sql == "age BETWEEN 40 AND 79"
    assert after.scheme("IGNWPS").criterion("age").sql == "age BETWEEN 35 AND 79"
    assert after.scheme("IGNWPS").criterion("age").since == date(2017, 4, 1)
    assert "500" in after.scheme("IGNWPS").criterion("age").order.en
    assert after.scheme("IGNWPS").criterion("widow").since == date(2012, 4, 1)


def test_the_hash_changes_with_any_deciding_byte_and_not_with_examples(folder: Path, spoilt: Spoil) -> None:
    assert load_lawbook(folder) is load_lawbook(folder)
    first = load_lawbook(folder).hash
    assert load_lawbook(spoilt("examples/women.yaml", "300", "301")).hash == first
    assert load_lawbook(spoilt("schemes/mrmd.yaml", "pay: 500", "pay: 600")).hash != first


def test_a_scheme_that_ended_is_no_longer_there(spoilt: Spoil) -> None:
    book = load_lawbook(
        spoilt(
            "schemes/mrmd.yaml", "holds: {from: 2012-04-01}", "holds: {from: 2012-04-01, until: 2014-12-31}"
        )
    )
    assert "MRMD" in [scheme.code for scheme in book.on(date(2014, 12, 31)).schemes]
    assert "MRMD" not in [scheme.code for scheme in book.on(date(2015, 1, 1)).schemes]
    assert book.on(date(2013, 1, 1)).day_until == date(2014, 12, 31)


def test_there_is_a_head_for_every_scheme_category_and_area(law: LawInForce) -> None:
    heads = [
        share.head
        for scheme in law.schemes
        for category in ("GEN", "SC", "ST")
        for rural in (True, False)
        for share in law.heads_for(scheme.code, category, rural)
    ]
    # nine schemes by three categories by two kinds of area, and the State's own part of the 275
    assert len(heads) == len(set(heads)) == 9 * 3 * 2 + 3 * 2
    assert all(head[3:7] == "2235" and len(head) == 28 for head in heads)


def test_other_backward_classes_and_unknown_categories_are_booked_as_general(law: LawInForce) -> None:
    general = law.heads_for("IGNWPS", "GEN", rural=True)
    assert law.heads_for("IGNWPS", "OBC", rural=True) == general
    assert law.heads_for("IGNWPS", None, rural=True) == general
    assert law.heads_for("IGNWPS", "SC", rural=True) != general
    assert law.heads_for("IGNWPS", "GEN", rural=False) != general


def test_the_275_rupees_are_200_from_the_union_and_75_from_the_state(law: LawInForce) -> None:
    assert law.scheme("IGNOAPS").split(27500) == (("union", 20000), ("state", 7500))
    assert law.scheme("IGNOAPS").split(50000) == (("union", 50000),)
    assert law.scheme("IGNOAPS").split(12345) == (("union", 12345),)
    assert law.scheme("SSP-OLD").split(15000) == (("state", 15000),)
    assert {share.component: share.part_of(27500) for share in law.heads_for("IGNOAPS", "ST", True)} == {
        "union": 20000,
        "state": 7500,
    }
    assert law.heads_for("IGNOAPS", "ST", True)[0].part_of(1) is None


def test_the_calendar_gives_the_days_of_a_month(law: LawInForce) -> None:
    month = Month(2016, 1)
    assert law.calendar.day("cut_off", month) == date(2015, 12, 10)
    assert law.calendar.day("credit", month) == date(2016, 1, 1)
    days = [law.calendar.day(step, month) for step, _, _ in law.calendar.steps]
    assert days == sorted(days)


def test_notice_and_recovery_are_the_laws(law: LawInForce) -> None:
    assert law.notice_days == 30
    assert law.recovery_share == Fraction(1, 2)
    assert law.redetermine_from is None


def test_dated_notice_changes_on_its_day(spoilt: Spoil) -> None:
    folder = spoilt("state.yaml", "notice_days: 30", "notice_days: {2012-04-01: 30, 2018-01-01: 45}")
    path = folder / "state.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("source:\n", "source:\n  2018-01-01: {en: An order, hi: एक आदेश}\n", 1), encoding="utf-8"
    )
    book = load_lawbook(folder)
    assert [book.on(day).notice_days for day in (date(2017, 12, 31), date(2018, 1, 1))] == [30, 45]


@pytest.mark.parametrize("module", ["texts", "state"])
def test_the_examples_in_docstrings_hold(module: str) -> None:
    failed, tried = doctest.testmod(importlib.import_module(f"haqdar.law.{module}"))
    assert tried
    assert not failed
