"""Cells: everybody of whom the law says the same on a day, decided once.

The law looks at an age only through the ages it names (60, 65, 80 …). Between two of those all ages are alike; so on a
day of determination a person is a profile (see `spans`), an age class and, where there is one, the husband's age class.
A State of 80 million is some ten thousand such cells a district. The law's statement, the very one that decides a single
person, runs over the cells; people get their cell's result by a join.

An age is completed on a day by everyone born on or before a date, so that the classes of a whole district cost a few
comparisons of dates a person; no age is ever computed (see `born_by`).
"""

from __future__ import annotations

import calendar
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlglot import exp

from haqdar.entitlement.facts import age_sql, birthday_sql
from haqdar.entitlement.spans import profile_columns
from haqdar.law import LawInForce, Vocabulary

_OLDEST = 130


def born_by(day: date, years: int) -> date:
    """The last date of birth of those who have completed `years` years on `day`.

    One born on 29 February completes a year on 1 March of a common year; that is the same as taking the years off the day
    and stepping back from a 29 February that does not exist.

    >>> born_by(date(2016, 10, 1), 60)
    datetime.date(1956, 10, 1)
    >>> born_by(date(2016, 2, 29), 1), born_by(date(2017, 2, 28), 17)
    (datetime.date(2015, 2, 28), datetime.date(2000, 2, 28))
    """
    year = day.year - years
    if year < 1:
        return date.min
    if day.month == 2 and day.day == 29 and not calendar.isleap(year):
        return date(year, 2, 28)
    return date(year, day.month, day.day)


def age_edges(laws: Iterable[LawInForce], column: str = "age") -> tuple[int, ...]:
    """The ages on whose birthday some criterion or amount of `laws` can change, as far as they read `column` (see `AGES`).

    Every age is one where a law compares ages with another fact instead of a number. For a person's own age 0, the day of
    birth, is always one; a husband who counts is born.
    """
    edges = {0} if column == "age" else set()
    for law in laws:
        for scheme in law.schemes:
            for test in [*(c.condition for c in scheme.criteria), *(b.condition for b in scheme.bands)]:
                for node in test.walk() if test is not None else ():
                    found = _edges_of(node, column)
                    if found is None:
                        return tuple(range(_OLDEST))
                    edges |= found
    return tuple(sorted(edge for edge in edges if 0 <= edge < _OLDEST))


def _edges_of(node: exp.Expr, column: str) -> set[int] | None:
    """The ages at which one comparison changes; None if that cannot be said."""
    if isinstance(node, exp.Between):
        compared, limits = node.this, [node.args["low"], node.args["high"]]
        kinds = ["from", "after"]
    elif isinstance(node, exp.In):
        compared, limits = node.this, [limit for limit in node.expressions for _ in range(2)]
        kinds = ["from", "after"] * len(node.expressions)
    elif isinstance(node, exp.EQ | exp.NEQ | exp.LT | exp.LTE | exp.GT | exp.GTE):
        left, right = node.this, node.expression
        if not _is_age(left, column) and not _is_age(right, column):
            return set()
        turned = _is_age(right, column)
        compared, limit = (right, left) if turned else (left, right)
        if isinstance(node, exp.EQ | exp.NEQ):
            limits, kinds = [limit, limit], ["from", "after"]
        else:
            upper = isinstance(node, exp.LTE | exp.GT) if not turned else isinstance(node, exp.GTE | exp.LT)
            limits, kinds = [limit], ["after" if upper else "from"]
    else:
        return set()
    if not _is_age(compared, column):
        return None if any(_is_age(limit, column) for limit in limits) else set()
    edges: set[int] = set()
    for limit, kind in zip(limits, kinds, strict=True):
        value = _number(limit)
        if value is None:
            return None
        edges.add(math.ceil(value) if kind == "from" else math.floor(value) + 1)
    return edges


def _is_age(node: exp.Expr, column: str) -> bool:
    node = node.unnest()
    return isinstance(node, exp.Column) and node.name == column


def _number(node: exp.Expr) -> float | None:
    node = node.unnest()
    if isinstance(node, exp.Neg):
        inner = _number(node.this)
        return None if inner is None else -inner
    return float(node.this) if isinstance(node, exp.Literal) and not node.is_string else None


@dataclass(frozen=True)
class AgeClasses:
    """The classes of one age between its `edges`.

    0: not known; 1: below the first edge; 2: from the first edge on; and so forth.
    """

    edges: tuple[int, ...]

    @property
    def count(self) -> int:
        """How many classes there are."""
        return len(self.edges) + 2

    def on(self, day: date, born_on: str) -> str:
        """SQL: the class of a date of birth on one day."""
        steps = " ".join(
            f"WHEN {born_on} > DATE '{born_by(day, edge)}' THEN {place + 1}"
            for place, edge in enumerate(self.edges)
        )
        return f"CASE {steps} WHEN {born_on} IS NULL THEN 0 ELSE {len(self.edges) + 1} END"

    def at(self, born_on: str, day: str) -> str:
        """SQL: the class of a date of birth on a day that differs from row to row."""
        age = age_sql(born_on, day)
        steps = " ".join(f"WHEN {age} < {edge} THEN {place + 1}" for place, edge in enumerate(self.edges))
        return f"CASE {steps} WHEN {born_on} IS NULL THEN 0 ELSE {len(self.edges) + 1} END"

    def age(self, number: str) -> str:
        """SQL: an age that stands for all of a class."""
        below = min(self.edges, default=0) - 1
        steps = " ".join(f"WHEN {place + 2} THEN {edge}" for place, edge in enumerate(self.edges))
        return f"CAST(CASE {number} WHEN 1 THEN {below} {steps} END AS INTEGER)"

    def birthday(self, born_on: str, first: date, last: date) -> str:
        """SQL: the day after `first` up to `last` on which the class changes; NULL without one."""
        steps = " ".join(
            f"WHEN {born_on} > DATE '{born_by(first, edge)}' AND {born_on} <= DATE '{born_by(last, edge)}' THEN {edge}"
            for edge in self.edges
            if born_by(first, edge) > date.min
        )
        years = f"(CASE {steps} END)" if steps else "CAST(NULL AS INTEGER)"
        return birthday_sql(born_on, years)

    def changes(self, born_on: str, first: date, last: date) -> str:
        """SQL: whether the class changes after `first` up to `last`."""
        windows = (
            f"{born_on} > DATE '{born_by(first, edge)}' AND {born_on} <= DATE '{born_by(last, edge)}'"
            for edge in self.edges
        )
        return " OR ".join(f"({window})" for window in windows) or "false"


@dataclass(frozen=True)
class Cells:
    """Cells under some laws: the classes of the person's own age and of the husband's."""

    own: AgeClasses
    partner: AgeClasses

    @classmethod
    def of(cls, laws: Iterable[LawInForce]) -> Cells:
        """The cells that suit all of `laws`."""
        laws = tuple(laws)
        return cls(*(AgeClasses(age_edges(laws, column)) for column in ("age", "partner_age")))

    @property
    def a_profile(self) -> int:
        """How many cells a profile has."""
        return self.own.count * self.partner.count

    def number(self, own: str, partner: str) -> str:
        """SQL: the number of a cell, from `profile_no` and the two classes."""
        return f"CAST((profile_no * {self.own.count} + {own}) * {self.partner.count} + {partner} AS INTEGER)"

    def lived(self, day: date) -> str:
        """SQL: member_id, place_no and cell_no of everyone in ``steady`` and ``changing`` on one day."""
        number = self.number(self.own.on(day, "born_on"), self.partner.on(day, "partner_born_on"))
        columns = f"SELECT member_id, place_no, {number} AS cell_no"
        return f"{columns} FROM steady UNION ALL {columns} FROM changing WHERE {holds_on(day)}"

    def ahead(self, first: date, last: date, everyone: Iterable[date] = ()) -> str:
        """SQL: member_id, day, place_no and cell_no on each day after `first` up to `last` on which anything changes.

        Own and husbands' birthdays at which a class changes, days on which a new span begins, and the days of `everyone`.
        """
        birthdays = [
            self.own.birthday("born_on", first, last),
            self.partner.birthday("partner_born_on", first, last),
            *(f"DATE '{day}'" for day in everyone),
        ]
        near = " OR ".join(
            [self.own.changes("born_on", first, last), self.partner.changes("partner_born_on", first, last)]
        )
        number = self.number(self.own.at("born_on", "day"), self.partner.at("partner_born_on", "day"))
        columns = f"SELECT DISTINCT member_id, day, place_no, {number} AS cell_no"
        within = f"day > DATE '{first}' AND day <= DATE '{last}'"
        return (
            f"{columns} FROM (SELECT *, unnest([{', '.join(birthdays)}]) AS day FROM steady"
            f" WHERE {'true' if everyone else near}) WHERE {within}"
            f" UNION ALL {columns} FROM (SELECT *, unnest([from_day, {', '.join(birthdays)}]) AS day FROM changing"
            f" WHERE from_day <= DATE '{last}' AND (until_day IS NULL OR until_day > DATE '{first}'))"
            f" WHERE {within} AND from_day <= day AND (until_day IS NULL OR until_day > day)"
        )

    def facts(self, cells: str, vocabulary: Vocabulary, key: str = "cell_no", day: str = "day") -> str:
        """SQL: the facts relation of `cells` (`key`, cell_no, `day`), a row for each, `key` in the place of the member."""
        names = ", ".join(f"p.{name}" for name in profile_columns(vocabulary))
        own, partner = (
            f"(c.cell_no // {self.partner.count} % {self.own.count})",
            f"(c.cell_no % {self.partner.count})",
        )
        return (
            f"SELECT c.{key} AS member_id, c.{day} AS day, {names},"
            f" {self.own.age(own)} AS age, {self.partner.age(partner)} AS partner_age, c.cell_no"
            f" FROM {cells} c JOIN profile p ON p.profile_no = c.cell_no // {self.a_profile}"
        )


def holds_on(day: date) -> str:
    """SQL: whether a row of ``span`` covers the day."""
    return f"from_day <= DATE '{day}' AND (until_day IS NULL OR until_day > DATE '{day}')"
