"""The ground floor: months and ages, money as people read it, refusals, files that are whole or absent."""

import hashlib
import stat
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haqdar.base.files import atomic_write, sha256_of
from haqdar.base.money import group_indian, indian, rupees
from haqdar.base.month import BadMonth, Month, completed_years
from haqdar.base.refusal import Refusal, WrongUsage

months = st.builds(Month, st.integers(1900, 2100), st.integers(1, 12))
days = st.dates(date(1900, 1, 1), date(2100, 12, 31))


@given(months, st.integers(-600, 600))
def test_months_add_up_and_read_back(month: Month, n: int) -> None:
    assert month.plus(n).plus(-n) == month
    assert month.next().previous() == month
    assert Month.parse(str(month)) == month
    assert (month.plus(n) > month) == (n > 0)
    assert month.last_day + timedelta(days=1) == month.next().first_day


@pytest.mark.parametrize(
    "text", ["2016-13", "2016-1", "16-10", "2016/10", "", "2016-00", "0000-01", "२०१६-१०"]
)
def test_a_text_that_is_no_month_is_refused_with_the_form(text: str) -> None:
    with pytest.raises(BadMonth, match="2016-10") as refusal:
        Month.parse(text)
    assert refusal.value.exit_code == 2


@given(days, days)
def test_a_year_is_completed_on_the_birthday(born_on: date, day: date) -> None:
    years = completed_years(born_on, day)
    try:
        birthday = born_on.replace(year=born_on.year + years)
    except ValueError:
        birthday = date(born_on.year + years, 3, 1)
    try:
        following = born_on.replace(year=born_on.year + years + 1)
    except ValueError:
        following = date(born_on.year + years + 1, 3, 1)
    assert birthday <= day < following


@given(st.integers(-(10**15), 10**15))
def test_grouping_changes_no_digit(n: int) -> None:
    assert int(group_indian(n).replace(",", "")) == n
    assert round(float(rupees(n)) * 100) == n or abs(n) > 10**14


@pytest.mark.parametrize(
    ("paise", "text"),
    [(0, "₹0"), (30000, "₹300"), (10_030_000, "₹1,00,300"), (-12345, "-₹123.45"), (10**9, "₹1,00,00,000")],
)
def test_money_as_people_read_it(paise: int, text: str) -> None:
    assert indian(paise) == text


class AlreadyAwarded(Refusal):
    """An example."""

    en = "{name} already holds {scheme}."
    hi = "{name} को {scheme} पहले से मिल रही है।"


def test_a_refusal_has_code_and_both_sentences() -> None:
    refusal = AlreadyAwarded(name="Savitri", scheme="IGNWPS")
    assert refusal.code == "already_awarded"
    assert str(refusal) == refusal.sentence("en") == "Savitri already holds IGNWPS."
    assert refusal.sentence("hi") == "Savitri को IGNWPS पहले से मिल रही है।"
    assert (refusal.exit_code, WrongUsage("a", "b").exit_code) == (1, 2)
    assert refusal.values == {"name": "Savitri", "scheme": "IGNWPS"}


def interrupted(path: Path, text: str) -> None:
    with atomic_write(path) as draft:
        draft.write_text(text)
        raise RuntimeError


def test_a_file_is_whole_or_absent(tmp_path: Path) -> None:
    path = tmp_path / "bills.csv"
    with pytest.raises(RuntimeError):
        interrupted(path, "half")
    assert list(tmp_path.iterdir()) == []
    with atomic_write(path) as draft:
        draft.write_text("whole")
    with pytest.raises(RuntimeError):
        interrupted(path, "other")
    assert path.read_text() == "whole"
    assert list(tmp_path.iterdir()) == [path]
    assert stat.S_IMODE(path.stat().st_mode) & 0o600 == 0o600
    assert sha256_of(path) == hashlib.sha256(b"whole").hexdigest()
