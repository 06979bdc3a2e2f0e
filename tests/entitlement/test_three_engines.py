"""One meaning everywhere: DuckDB, Spark Connect (Sail) and PostgreSQL read the law as plain Python does.

Every operator that a test of the law may use, with unknowns in every fact; the masks; ages at leap days; integer division.
Each example is one statement of many columns, written once and put into the engines' dialects by SQLGlot.
"""

from __future__ import annotations

import calendar
import random
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import psycopg
import pytest
import sqlglot
from django.conf import settings as django_settings
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp
from tests.law import naive
from tests.law.conftest import FOLDER

from haqdar.entitlement.cells import AgeClasses
from haqdar.entitlement.compile import determination_sql, verdict_long_sql
from haqdar.entitlement.engines import SparkEngine
from haqdar.entitlement.facts import age_sql, birthday_sql
from haqdar.law import LawInForce, load_lawbook
from haqdar.law.expressions import Value
from haqdar.law.expressions import test_of as read_test
from haqdar.law.reading import Problems, read_text

Rows = list[tuple[Any, ...]]
Ask = Callable[[str], Rows]

LAW = load_lawbook(FOLDER).on(date(2016, 10, 1))
COLUMNS = dict(LAW.vocabulary.columns)

# --- the engines ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def engines(spark: SparkEngine, django_db_setup: None) -> Iterator[dict[str, Ask]]:
    """Ways to ask each engine one statement of DuckDB's dialect; rows in the statement's own order."""
    duck = duckdb.connect(config={"threads": 1})
    with psycopg.connect(django_settings.HAQDAR_DSN, autocommit=True) as connection:

        def ask_duck(statement: str) -> Rows:
            return duck.execute(statement).fetchall()

        def ask_spark(statement: str) -> Rows:
            return spark.execute(statement).fetchall()

        def ask_postgres(statement: str) -> Rows:
            return connection.execute(postgres_sql(statement).encode()).fetchall()

        yield {"DuckDB": ask_duck, "Sail": ask_spark, "PostgreSQL": ask_postgres}


def postgres_sql(statement: str) -> str:
    """A statement of DuckDB's dialect in PostgreSQL's, which has no unsigned integers and calls two functions otherwise."""

    def rewrite(part: exp.Expr) -> exp.Expr:
        if isinstance(part, exp.DataType) and part.this == exp.DType.UINT:
            return exp.DataType.build("BIGINT")
        if isinstance(part, exp.DateFromParts):
            parts = (part.args[name] for name in ("year", "month", "day"))
            return exp.Anonymous(
                this="make_date", expressions=[exp.cast(number, "INTEGER") for number in parts]
            )
        return part

    return sqlglot.parse_one(statement, read="duckdb").transform(rewrite).sql("postgres")


def facts_relation(people: Sequence[naive.Row]) -> str:
    """The people as a relation of literals, each fact of its declared type, numbered from 0 as member_id."""
    names = ["member_id", "day", *COLUMNS]
    rows = ", ".join(
        f"({', '.join(map(literal, (number, row.get('day', naive.DAY), *(row[name] for name in COLUMNS))))})"
        for number, row in enumerate(people)
    )
    kinds = {"member_id": "INTEGER", "day": "DATE", **COLUMNS}
    casts = ", ".join(f"CAST({name} AS {kind}) AS {name}" for name, kind in kinds.items())
    return f"(SELECT {casts} FROM (VALUES {rows}) v({', '.join(names)}))"


def literal(value: object) -> str:
    # a double is written with an exponent, or Spark takes it for a decimal
    return f"{value!r}e0" if isinstance(value, float) else exp.convert(value).sql("duckdb")


# --- tests of the law, drawn from the grammar ------------------------------------------------------------------------------
#
# A drawn test is a nested tuple: it is written out as text for the law's reader, and read naively for one person.

NUMBERS = ("age", "living_daughters", "living_sons", "disability_percent")
FLAGS = tuple(name for name, kind in COLUMNS.items() if kind == "BOOLEAN" and not name.startswith("partner_"))
WORDS: dict[str, list[str]] = {"sex": ["F", "M", "T"], "marital_status": naive.STATUSES}
LIMITS: list[Value] = [
    -1,
    0,
    1,
    5,
    6,
    18,
    39,
    40,
    60,
    79,
    80,
    Decimal("39.5"),
    Decimal("79.99"),
    Decimal("0.3"),
]

limits = st.sampled_from(LIMITS).map(lambda value: ("value", value))
parameters = st.sampled_from(["minimum", "percent"]).map(lambda name: ("parameter", name))
BOUND: dict[str, Value] = {"minimum": 40, "percent": Decimal("79.99")}


def number(couple: bool) -> st.SearchStrategy[Any]:
    return st.sampled_from(("age",) if couple else NUMBERS).map(lambda name: ("fact", name))


def leaf(couple: bool) -> st.SearchStrategy[Any]:
    """One comparison; inside couple_… only of the facts that are kept for the husband."""
    fact, other = number(couple), st.one_of(limits, parameters, number(couple))
    sign = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
    comparisons = [
        st.tuples(st.just("compare"), fact, sign, other),
        st.tuples(st.just("compare"), st.one_of(limits, fact), sign, fact),
        st.tuples(st.just("between"), fact, other, other),
        st.tuples(st.just("in"), fact, st.lists(other, min_size=1, max_size=4).map(tuple)),
    ]
    flags = ("income_tax_payer",) if couple else FLAGS
    flag = st.sampled_from(flags).map(lambda name: ("fact", name))
    truth = st.booleans().map(lambda value: ("value", value))
    comparisons += [
        flag,
        st.tuples(st.just("compare"), flag, st.sampled_from(["=", "<>"]), st.one_of(truth, flag)),
    ]
    if not couple:
        for name, words in WORDS.items():
            word = st.sampled_from(words).map(lambda value: ("value", value))
            fact = st.just(("fact", name))
            comparisons += [
                st.tuples(st.just("compare"), fact, st.sampled_from(["=", "<>"]), word),
                st.tuples(st.just("in"), fact, st.lists(word, min_size=1, max_size=3).map(tuple)),
            ]
    return st.one_of(comparisons)


def composed(couple: bool) -> st.SearchStrategy[Any]:
    def grow(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        flag = st.sampled_from(("income_tax_payer",) if couple else FLAGS).map(lambda name: ("fact", name))
        return st.one_of(
            st.tuples(st.just("not"), inner),
            st.tuples(st.sampled_from(["and", "or"]), inner, inner),
            st.tuples(st.just("compare"), flag, st.sampled_from(["=", "<>"]), inner),
        )

    base = leaf(couple)
    if not couple:
        base = st.one_of(
            base, st.tuples(st.sampled_from(["couple_any", "couple_none"]), composed(couple=True))
        )
    return st.recursive(base, grow, max_leaves=5)


def text_of(test: Any) -> str:
    """The test as an officer would write it in the law."""
    kind, *parts = test
    if kind == "fact":
        return str(parts[0])
    if kind == "parameter":
        return f":{parts[0]}"
    if kind == "value":
        return {bool: lambda v: str(v).lower(), str: repr}.get(type(parts[0]), str)(parts[0])
    if kind == "compare":
        return f"{grouped(parts[0])} {parts[1]} {grouped(parts[2])}"
    if kind == "between":
        return f"{text_of(parts[0])} between {text_of(parts[1])} and {text_of(parts[2])}"
    if kind == "in":
        return f"{text_of(parts[0])} in ({', '.join(map(text_of, parts[1]))})"
    if kind == "not":
        return f"not {grouped(parts[0])}"
    if kind in ("couple_any", "couple_none"):
        return f"{kind}({text_of(parts[0])})"
    return f"{grouped(parts[0])} {kind} {grouped(parts[1])}"


def grouped(test: Any) -> str:
    return text_of(test) if test[0] in ("fact", "parameter", "value") else f"({text_of(test)})"


def meaning(test: Any, row: naive.Row, who: str = "") -> Any:
    """What the test says of a person by Kleene's logic: True, False or None."""
    kind, *parts = test
    if kind == "fact":
        return row[who + parts[0]]
    if kind == "parameter":
        return BOUND[parts[0]]
    if kind == "value":
        return parts[0]
    if kind == "compare":
        return compared(meaning(parts[0], row, who), parts[1], meaning(parts[2], row, who))
    if kind == "between":
        value, low, high = (meaning(part, row, who) for part in parts)
        return naive.both(compared(low, "<=", value), compared(value, "<=", high))
    if kind == "in":
        value = meaning(parts[0], row, who)
        return naive.either(*(compared(value, "=", meaning(part, row, who)) for part in parts[1]))
    if kind == "not":
        return naive.negated(meaning(parts[0], row, who))
    if kind in ("couple_any", "couple_none"):
        his = naive.both(row["partner_present"], meaning(parts[0], row, "partner_"))  # type: ignore[arg-type]
        found = naive.either(meaning(parts[0], row), his)
        return found if kind == "couple_any" else naive.negated(found)
    sides = [meaning(part, row, who) for part in parts]
    return naive.both(*sides) if kind == "and" else naive.either(*sides)


def compared(left: Any, sign: str, right: Any) -> bool | None:
    if left is None or right is None:
        return None
    # a register's percent is a double; a limit written as 79.99 means the same double
    left, right = (float(side) if isinstance(side, Decimal) else side for side in (left, right))
    return {
        "=": left == right,
        "<>": left != right,
        "<": left < right,
        "<=": left <= right,
        ">": left > right,
        ">=": left >= right,
    }[sign]


def person() -> st.SearchStrategy[naive.Row]:
    """A person any of whose facts may be unknown, those that registers always know included."""
    kinds: dict[str, st.SearchStrategy[object]] = {
        "BOOLEAN": st.booleans(),
        "INTEGER": st.sampled_from([-1, 0, 1, 5, 6, 18, 39, 40, 41, 60, 79, 80, 110]),
        "DOUBLE": st.sampled_from(
            [
                0.0,
                0.3,
                0.30000000000000004,
                39.0,
                39.5,
                40.0,
                79.98999999999999,
                79.99,
                79.99000000000001,
                80.0,
                100.0,
            ]
        ),
    }
    return st.fixed_dictionaries(
        {
            name: st.none() | (st.sampled_from(WORDS[name]) if name in WORDS else kinds[kind])
            for name, kind in COLUMNS.items()
        }
    )


def sql_of(text: str) -> str:
    """A test of the law as the compiler writes it; fails when the law's reader refuses the text."""
    problems = Problems()
    quoted = text.replace("'", "''")
    node = read_text(f"test: '{quoted}'\n", "schemes/x.yaml", problems).get("test")
    assert node is not None
    test = read_test(node, LAW.vocabulary, BOUND, problems)
    assert test is not None, [str(problem) for problem in problems.found]
    return test.bound(BOUND, LAW.vocabulary).sql("duckdb")


@settings(max_examples=60, deadline=None)
@given(
    tests=st.lists(composed(couple=False), min_size=1, max_size=25),
    people=st.lists(person(), min_size=1, max_size=12),
)
def test_a_test_of_the_law_means_the_same_on_every_engine(
    engines: dict[str, Ask], tests: list[Any], people: list[naive.Row]
) -> None:
    columns = ", ".join(f"({sql_of(text_of(test))}) AS t{place}" for place, test in enumerate(tests))
    statement = f"SELECT {columns} FROM {facts_relation(people)} AS f ORDER BY member_id"
    expected = [tuple(meaning(test, row) for test in tests) for row in people]
    for name, ask in engines.items():
        found = ask(statement)
        wrong = {
            text_of(test)
            for got, want in zip(found, expected, strict=True)
            for test, one, other in zip(tests, got, want, strict=True)
            if one is not other
        }
        assert not wrong, (name, wrong)


AGE, BPL, DESTITUTE, TAX = (
    ("fact", "age"),
    ("fact", "bpl"),
    ("fact", "destitute"),
    ("fact", "income_tax_payer"),
)


@pytest.mark.parametrize(
    ("text", "test"),
    [
        ("bpl = age > 5", ("compare", BPL, "=", ("compare", AGE, ">", ("value", 5)))),
        ("age > 5 = bpl", ("compare", ("compare", AGE, ">", ("value", 5)), "=", BPL)),
        ("bpl = not destitute", ("compare", BPL, "=", ("not", DESTITUTE))),
        ("not bpl = destitute", ("not", ("compare", BPL, "=", DESTITUTE))),
        ("bpl <> destitute = income_tax_payer", ("compare", ("compare", BPL, "<>", DESTITUTE), "=", TAX)),
        ("age between 1 and 5 = bpl", ("compare", ("between", AGE, ("value", 1), ("value", 5)), "=", BPL)),
        ("bpl = sex in ('F')", ("compare", BPL, "=", ("in", ("fact", "sex"), (("value", "F"),)))),
        ("not bpl and destitute or income_tax_payer", ("or", ("and", ("not", BPL), DESTITUTE), TAX)),
        ("income_tax_payer or bpl and not destitute", ("or", TAX, ("and", BPL, ("not", DESTITUTE)))),
        (
            "age not in (5, 6) and not not bpl",
            ("and", ("not", ("in", AGE, (("value", 5), ("value", 6)))), BPL),
        ),
        ("- -40 <= age", ("compare", ("value", 40), "<=", AGE)),
        ("bpl = couple_none(income_tax_payer)", ("compare", BPL, "=", ("couple_none", TAX))),
        # more digits than a double keeps: the same double as 39.5
        (
            "disability_percent > 39.49999999999999999999",
            ("compare", ("fact", "disability_percent"), ">", ("value", 39.5)),
        ),
    ],
)
def test_a_spelling_that_engines_parse_differently_is_written_in_one_that_they_do_not(
    engines: dict[str, Ask], text: str, test: Any
) -> None:
    chance = random.Random(text)
    people = [naive.some_row(chance, unknowns=0.3) for _ in range(60)]
    statement = f"SELECT ({sql_of(text)}) AS t FROM {facts_relation(people)} AS f ORDER BY member_id"
    answers = {name: [row[0] for row in ask(statement)] for name, ask in engines.items()}
    assert answers["Sail"] == answers["DuckDB"] == answers["PostgreSQL"]
    assert answers["DuckDB"] == [meaning(test, row) for row in people]


# --- the whole statement ---------------------------------------------------------------------------------------------------


def of_many_words(law: LawInForce) -> LawInForce:
    """The law with so many schemes that it needs several mask words and their highest bits."""
    from dataclasses import replace

    from haqdar.law.book import _with_places

    many = []
    for shift in range(5):
        for scheme in law.schemes:
            criteria = tuple(
                replace(c, sql=c.sql.replace("60", str(60 + shift)).replace("79", str(79 + shift)))
                for c in scheme.criteria
            )
            many.append(replace(scheme, code=f"{scheme.code}-{shift}", criteria=criteria, rank=len(many) + 1))
    return replace(law, schemes=_with_places(many))


@pytest.mark.parametrize(
    "law", [LAW, of_many_words(LAW)], ids=["the State's law", "a law of several mask words"]
)
def test_verdicts_masks_and_amounts_are_the_same_on_every_engine(
    engines: dict[str, Ask], law: LawInForce
) -> None:
    assert law is LAW or {31} <= {criterion.bit for scheme in law.schemes for criterion in scheme.criteria}
    chance = random.Random(12)
    facts = facts_relation([naive.some_row(chance, unknowns=0.25) for _ in range(300)])
    statements = [determination_sql(law, f"{facts} AS f")]
    if law is LAW:
        statements += [
            determination_sql(law, f"{facts} AS f", doubt_all=True),
            verdict_long_sql(law, f"{facts} AS f"),
        ]
    for statement in statements:
        answers = {name: sorted(ask(statement), key=repr) for name, ask in engines.items()}
        assert len(answers["DuckDB"]) > 100
        assert answers["Sail"] == answers["DuckDB"]
        assert answers["PostgreSQL"] == answers["DuckDB"]


# --- days and whole numbers ------------------------------------------------------------------------------------------------

EDGES = [
    date(y, m, d)
    for y in (1899, 1900, 1904, 1999, 2000, 2015, 2016)
    for m, d in ((2, 28), (3, 1), (12, 31), (1, 1))
]
LEAP = [date(1896, 2, 29), date(1904, 2, 29), date(1956, 2, 29), date(2000, 2, 29), date(2016, 2, 29)]


def completed_years(born_on: date, day: date) -> int:
    """The naive age: one year less before this year's birthday, which is 1 March for 29 February in a common year."""
    return day.year - born_on.year - (1 if day < birthday_in(born_on, day.year) else 0)


def birthday_in(born_on: date, year: int) -> date:
    if (born_on.month, born_on.day) == (2, 29) and not calendar.isleap(year):
        return date(year, 3, 1)
    return born_on.replace(year=year)


def test_ages_and_birthdays_at_leap_days_are_the_same_on_every_engine(engines: dict[str, Ask]) -> None:
    chance = random.Random(29)
    some = [date(1890, 1, 1) + timedelta(days=chance.randrange(46_000)) for _ in range(60)]
    pairs = [(born, day) for born in [*LEAP, *some] for day in chance.sample([*LEAP, *EDGES, *some], 12)]
    pairs += [(born, day) for born in LEAP for day in [*LEAP, *EDGES]]
    pairs += [(day + timedelta(days=off), day) for day in [*LEAP, *EDGES] for off in (-1, 0, 1)]
    rows = ", ".join(f"({place}, DATE '{born}', DATE '{day}')" for place, (born, day) in enumerate(pairs))
    statement = (
        f"SELECT {age_sql('born_on', 'day')} AS age, {birthday_sql('born_on', '18')} AS grown,"
        f" {birthday_sql('born_on', '17')} AS almost, day + 1 AS morrow, {age_sql('NULL::DATE', 'day')} AS nothing"
        f" FROM (VALUES {rows}, ({len(pairs)}, NULL, DATE '2016-10-01')) v(place, born_on, day) ORDER BY place"
    )
    expected: Rows = [
        (
            completed_years(born, day),
            birthday_in(born, born.year + 18),
            birthday_in(born, born.year + 17),
            day + timedelta(days=1),
            None,
        )
        for born, day in pairs
    ]
    expected.append((None, None, None, date(2016, 10, 2), None))
    for name, ask in engines.items():
        wrong = [both for both in zip(ask(statement), expected, strict=True) if both[0] != both[1]]
        assert not wrong, (name, wrong[:3])


def test_ages_folded_into_dates_of_birth_are_the_same_on_every_engine(engines: dict[str, Ask]) -> None:
    classes = AgeClasses((0, 6, 18, 19, 40, 60, 65, 80))
    days = [date(2016, 2, 29), date(2017, 2, 28), date(2017, 3, 1), date(2016, 10, 1), date(2000, 2, 29)]
    people = [
        (birth + timedelta(days=off)) if birth else None
        for birth in (
            None,
            *LEAP,
            *(
                day.replace(year=day.year - years, day=min(day.day, 28))
                for day in days
                for years in classes.edges
            ),
        )
        for off in (-1, 0, 1, 2)
    ]
    rows = ", ".join(
        f"({place}, {f'DATE {chr(39)}{birth}{chr(39)}' if birth else 'NULL'})"
        for place, birth in enumerate(people)
    )
    columns = ", ".join(
        f"{classes.on(day, 'born_on')} AS on_{n}, {classes.at('born_on', f'DATE {chr(39)}{day}{chr(39)}')} AS at_{n}"
        for n, day in enumerate(days)
    )
    statement = f"SELECT {columns} FROM (VALUES {rows}) v(place, born_on) ORDER BY place"

    def class_of(birth: date | None, day: date) -> int:
        if birth is None:
            return 0
        return 1 + sum(completed_years(birth, day) >= edge for edge in classes.edges)

    expected = [tuple(class_of(birth, day) for day in days for _ in range(2)) for birth in people]
    for name, ask in engines.items():
        wrong = [
            both for both in zip(people, ask(statement), expected, strict=True) if tuple(both[1]) != both[2]
        ]
        assert not wrong, (name, wrong[:3])


@settings(max_examples=20, deadline=None)
@given(
    numbers=st.lists(
        st.tuples(st.integers(0, 2**62) | st.none(), st.integers(1, 2**31 - 1)), min_size=1, max_size=40
    )
)
def test_integer_division_and_remainder_are_the_same_on_every_engine(
    engines: dict[str, Ask], numbers: list[tuple[int | None, int]]
) -> None:
    rows = ", ".join(
        f"({place}, {'NULL' if whole is None else whole}, {by})" for place, (whole, by) in enumerate(numbers)
    )
    statement = (
        "SELECT CAST(n // d AS BIGINT) AS whole, n % d AS rest, CAST(n // 400 % 20 AS BIGINT) AS middle"
        " FROM (SELECT place, CAST(a AS BIGINT) AS n, CAST(b AS BIGINT) AS d"
        f" FROM (VALUES {rows}) v(place, a, b)) s ORDER BY place"
    )
    expected: Rows = [
        (None, None, None) if whole is None else (whole // by, whole % by, whole // 400 % 20)
        for whole, by in numbers
    ]
    for name, ask in engines.items():
        assert [tuple(row) for row in ask(statement)] == expected, name
