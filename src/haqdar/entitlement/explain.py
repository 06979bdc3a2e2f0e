"""Why a person is entitled, is not, or cannot be decided: every scheme and criterion as sentences.

The verdicts come from the statement that decides the month, now (`explain`) or when a run was made (`explain_stored`);
nothing is evaluated a second way, and both are worded by the same sentences. What will change by itself is found by
deciding the coming days on which a fact changes without anybody's doing: birthdays, ends of cards and certificates.
"""

import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

import duckdb
from sqlglot import exp

from haqdar.base.duck import connect_duck
from haqdar.base.month import completed_years
from haqdar.entitlement.compile import determination_sql
from haqdar.entitlement.wording import CriterionReason, Facts, SchemeReasons, scheme_reasons, shown_value
from haqdar.law import LawInForce

__all__ = [
    "CriterionReason",
    "Facts",
    "SchemeReasons",
    "aged",
    "birthdays",
    "coming_birthdays",
    "decide",
    "explain",
    "explain_stored",
    "shown_value",
]


def explain(law: LawInForce, facts: Facts, later: Sequence[Facts] | None = None) -> list[SchemeReasons]:
    """Every scheme of `law` for one person on the day of `facts`, in rank order, with every criterion, decided now.

    `later` are the person's facts on the coming days on which something changes by itself, in order (default: the
    birthdays at the law's ages). Raises KeyError when a vocabulary column is absent from `facts`.
    """
    rows = [facts, *(coming_birthdays(law, facts) if later is None else later)]
    return scheme_reasons(law, rows, decide(law, rows))


def explain_stored(
    law: LawInForce, facts: Facts, stored: Mapping[str, object], later: Sequence[Facts] | None = None
) -> list[SchemeReasons]:
    """The same sentences for what was decided earlier: `stored` holds the bits, verdicts and amounts of the day.

    `stored` has the columns of `determination_sql`, `law` must be the law they were decided by (kept by its hash). Only
    what comes by itself later is decided now, by that same law.
    """
    coming = list(coming_birthdays(law, facts) if later is None else later)
    return scheme_reasons(law, [facts, *coming], [stored, *decide(law, coming)])


def decide(law: LawInForce, rows: Iterable[Facts]) -> list[dict[str, object]]:
    """The determination of a few facts rows, each a dict of the determination's columns, in the order given."""
    columns = law.vocabulary.columns
    # Written as literals by SQLGlot: each bound parameter costs the engine's client a third of a millisecond.
    tuples = [
        f"({', '.join(_literal(value) for value in [number, row['day'], *(row[name] for name, _ in columns)])})"
        for number, row in enumerate(rows)
    ]
    if not tuples:
        return []
    names = ["member_id", "day", *(name for name, _ in columns)]
    casts = ["CAST(member_id AS INTEGER) AS member_id", "CAST(day AS DATE) AS day"]
    casts += [f"CAST({name} AS {kind}) AS {name}" for name, kind in columns]
    relation = f"(SELECT {', '.join(casts)} FROM (VALUES {', '.join(tuples)}) given({', '.join(names)}))"
    answer = _duck().execute(f"{determination_sql(law, relation, doubt_all=True)} ORDER BY member_id")
    found = [description[0] for description in answer.description]
    return [dict(zip(found, row, strict=True)) for row in answer.fetchall()]


def _literal(value: object) -> str:
    """A fact as an SQL literal; parameters would cost more than the whole statement for so many small values."""
    if value is None:
        return "NULL"
    if isinstance(value, bool | int | float | Decimal):
        return str(value)
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    return "'" + str(value).replace("'", "''") + "'"


_LOCAL = threading.local()


def _duck() -> duckdb.DuckDBPyConnection:
    """An empty in-memory engine of this thread: a check must not wait for another's."""
    if not hasattr(_LOCAL, "duck"):
        _LOCAL.duck = connect_duck(threads=1)
        # planning such small statements well costs more than running them
        _LOCAL.duck.execute("PRAGMA disable_optimizer")
    duck: duckdb.DuckDBPyConnection = _LOCAL.duck
    return duck


def coming_birthdays(law: LawInForce, facts: Facts) -> list[Facts]:
    """The facts on each coming birthday, the person's and the husband's, at which a criterion of the law may change."""
    today = facts["day"]
    assert isinstance(today, date)
    return [aged(facts, day) for day in birthdays(law, facts, today)]


def birthdays(law: LawInForce, facts: Facts, today: date) -> list[date]:
    """The birthdays after `today`, the person's and the husband's, at which a criterion of the law may change."""
    days: set[date] = set()
    for column in ("born_on", "partner_born_on"):
        born_on = facts.get(column)
        if not isinstance(born_on, date):
            continue
        for years in _ages(law):
            day = _birthday(born_on, years)
            if day is not None and day > today:
                days.add(day)
    return sorted(days)


def _ages(law: LawInForce) -> set[int]:
    """Every age at which some test of the law may change its answer."""
    ages: set[int] = set()
    for scheme in law.schemes:
        for condition in (
            *(criterion.condition for criterion in scheme.criteria if "age" in criterion.test.facts),
            *(band.condition for band in scheme.bands),
        ):
            for number in condition.find_all(exp.Literal) if condition is not None else ():
                if not number.is_string and str(number.this).isdigit():
                    ages |= {int(number.this), int(number.this) + 1}
    return {years for years in ages if years <= 130}


def _birthday(born_on: date, years: int) -> date | None:
    """The day on which `years` are completed: 1 March for a leap-day birth in a common year."""
    try:
        return born_on.replace(year=born_on.year + years)
    except ValueError:
        year = born_on.year + years
        return date(year, 2, 28) + timedelta(days=1) if year <= 9999 else None


def aged(facts: Facts, day: date) -> dict[str, object]:
    """The same facts on a later day: only the ages move."""
    later = {**facts, "day": day}
    for column, age in (("born_on", "age"), ("partner_born_on", "partner_age")):
        born_on = facts.get(column)
        if isinstance(born_on, date):
            later[age] = completed_years(born_on, day)
    return later
