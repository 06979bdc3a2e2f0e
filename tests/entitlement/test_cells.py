"""Ages folded into dates: classes, birthdays and the numbers of cells against plain arithmetic on calendars."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
import sqlglot
from hypothesis import given
from hypothesis import strategies as st

from haqdar.base.month import completed_years
from haqdar.entitlement.cells import AgeClasses, _edges_of, age_edges, born_by
from haqdar.law import load_lawbook

LAW = Path(__file__).parents[2] / "law" / "mp"
DAYS = st.dates(date(1990, 1, 1), date(2060, 12, 31)) | st.sampled_from(
    [date(2016, 2, 29), date(2017, 2, 28), date(2017, 3, 1), date(2016, 3, 1), date(2000, 2, 29)]
)
BIRTHS = st.dates(date(1900, 1, 1), date(2060, 12, 31)) | st.sampled_from(
    [date(1956, 2, 29), date(1956, 2, 28), date(1956, 3, 1), date(2000, 2, 29)]
)


@given(day=DAYS, born_on=BIRTHS, years=st.integers(0, 110))
def test_a_folded_date_says_the_same_as_completed_years(day: date, born_on: date, years: int) -> None:
    assert (born_on <= born_by(day, years)) == (born_on <= day and completed_years(born_on, day) >= years)


@pytest.mark.parametrize(
    ("test", "edges"),
    [
        ("age >= 60", {60}),
        ("age > 60", {61}),
        ("age < 18", {18}),
        ("age <= 18", {19}),
        ("60 <= age", {60}),
        ("60 < age", {61}),
        ("17 >= age", {18}),
        ("age = 6", {6, 7}),
        ("age <> 6", {6, 7}),
        ("age in (6, 8)", {6, 7, 8, 9}),
        ("age between 60 and 64", {60, 65}),
        ("age >= 17.5", {18}),
        ("age <= 17.5", {18}),
        ("age >= -1", {-1}),
        ("living_sons >= 3", set()),
        ("age >= living_sons", None),
        ("living_sons between 1 and age", None),
        ("partner_age >= 60", set()),
    ],
)
def test_edges_are_the_ages_at_which_a_comparison_changes(test: str, edges: set[int] | None) -> None:
    tree = sqlglot.parse_one(test, read="duckdb")
    assert _edges_of(tree, "age") == edges
    if edges:
        before = None
        for age in range(-3, 120):
            (holds,) = duckdb.sql(f"SELECT {test} FROM (SELECT {age} AS age)").fetchone() or (None,)
            if before is not None and holds != before:
                assert age in edges
            before = holds


def test_the_edges_of_the_reference_law() -> None:
    law = load_lawbook(LAW).on(date(2016, 10, 1))
    assert age_edges([law]) == (0, 6, 18, 19, 40, 60, 65, 80)
    assert age_edges([law], "partner_age") == (60,)


@given(
    day=DAYS,
    births=st.lists(st.none() | BIRTHS, min_size=1, max_size=8),
    edges=st.sets(st.integers(0, 100), max_size=6),
)
def test_classes_on_a_day_and_at_a_column_agree_with_plain_ages(
    day: date, births: list[date | None], edges: set[int]
) -> None:
    classes = AgeClasses(tuple(sorted(edges)))
    rows = ", ".join("(NULL::DATE)" if born is None else f"(DATE '{born}')" for born in births)
    found = duckdb.sql(
        f"SELECT {classes.on(day, 'b')} AS fixed, {classes.at('b', 'd')} AS varying, {classes.age('fixed')} AS age"
        f" FROM (SELECT b, DATE '{day}' AS d FROM (VALUES {rows}) t(b))"
    ).fetchall()
    for born, (fixed, varying, age) in zip(births, found, strict=True):
        if born is None:
            assert (fixed, varying, age) == (0, 0, None)
            continue
        years = completed_years(born, day) if born <= day else -1
        assert fixed == varying == 1 + sum(years >= edge for edge in edges)
        # the age that stands for the class lies between the same edges
        assert [age >= edge for edge in sorted(edges)] == [years >= edge for edge in sorted(edges)]


@given(first=DAYS, length=st.integers(1, 62), born_on=BIRTHS, edges=st.sets(st.integers(0, 100), min_size=1))
def test_birthdays_are_the_days_on_which_the_class_changes(
    first: date, length: int, born_on: date, edges: set[int]
) -> None:
    classes, last = AgeClasses(tuple(sorted(edges))), first + timedelta(days=length)
    birthday, changes = duckdb.sql(
        f"SELECT {classes.birthday('b', first, last)}, {classes.changes('b', first, last)}"
        f" FROM (SELECT DATE '{born_on}' AS b)"
    ).fetchone() or (None, None)
    days = [first + timedelta(days=n) for n in range(length + 1)]
    numbers = [
        sum(born_on <= day and completed_years(born_on, day) >= edge for edge in edges) for day in days
    ]
    changed = [day for day, now, before in zip(days[1:], numbers[1:], numbers, strict=False) if now != before]
    assert changes == bool(changed)
    assert [birthday] == (changed or [None])
