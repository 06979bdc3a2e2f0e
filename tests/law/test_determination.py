"""The compiled statement against the naive reading, on generated people, unknowns included."""

import random
from datetime import date

import duckdb
import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.law import naive

from haqdar.entitlement.compile import (
    determination_sql,
    failing_reason_sql,
    masks_sql,
    missing_fact_sql,
    missing_rank_sql,
    scheme_columns,
    unsound_facts_sql,
    verdict_long_sql,
)
from haqdar.entitlement.explain import decide
from haqdar.law import LawInForce

ROWS = 6_000


@pytest.fixture(scope="module")
def people() -> list[naive.Row]:
    chance = random.Random(2016)
    return [naive.some_row(chance) for _ in range(ROWS)]


@pytest.fixture(scope="module")
def duck(law: LawInForce, people: list[naive.Row]) -> duckdb.DuckDBPyConnection:
    """An engine with the people as the relation `facts`."""
    connection = duckdb.connect(config={"threads": 2})
    columns = law.vocabulary.columns
    connection.execute(
        "CREATE TABLE facts (member_id INTEGER, day DATE, " + ", ".join(f"{n} {k}" for n, k in columns) + ")"
    )
    rows = [(number, row["day"], *(row[name] for name, _ in columns)) for number, row in enumerate(people)]
    for start in range(0, len(rows), 500):
        literals = ", ".join(
            "(" + ", ".join(sqlglot.exp.convert(value).sql("duckdb") for value in row) + ")"
            for row in rows[start : start + 500]
        )
        connection.execute(f"INSERT INTO facts VALUES {literals}")
    return connection


def _table(duck: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, object]]:
    answer = duck.execute(sql)
    names = [description[0] for description in answer.description]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def test_every_verdict_and_amount_agrees_with_the_naive_reading(
    law: LawInForce, people: list[naive.Row], duck: duckdb.DuckDBPyConnection
) -> None:
    decided = _table(duck, determination_sql(law, "facts") + " ORDER BY member_id")
    assert len(decided) == len(people)
    seen: set[tuple[str, object]] = set()
    for person, row in zip(people, decided, strict=True):
        for code, names in scheme_columns(law).items():
            expected = naive.verdict(code, person)
            rupees = naive.possible_rupees(code, person)
            assert row[names.verdict] is expected, (code, person)
            assert row[names.paise] == (rupees * 100 if rupees and expected else None), (code, person)
            assert row[names.possible_paise] == (rupees * 100 if rupees else None), (code, person)
            seen.add((code, expected))
    # the people are worth something: every scheme is granted, refused and (but for two kinds) left open
    assert {(code, value) for code in scheme_columns(law) for value in (True, False)} <= seen
    assert {code for code, value in seen if value is None} == set(scheme_columns(law)) - {"MRMD"}


def test_every_stop_reason_and_missing_fact_agrees_with_the_naive_reading(
    law: LawInForce, people: list[naive.Row], duck: duckdb.DuckDBPyConnection
) -> None:
    parts = " UNION ALL ".join(
        f"SELECT member_id, '{code}' AS scheme, {n.verdict} AS verdict, {n.true} AS true_mask, "
        f"{n.unknown} AS unknown_mask FROM d"
        for code, n in scheme_columns(law).items()
    )
    rows = _table(
        duck,
        f"WITH d AS ({determination_sql(law, 'facts')}), v AS ({parts}) "
        f"SELECT v.*, {failing_reason_sql(law)} AS reason, {missing_fact_sql(law, facts='f')} AS missing "
        "FROM v JOIN facts f USING (member_id)",
    )
    reasons: set[object] = set()
    for row in rows:
        code, person = str(row["scheme"]), people[int(str(row["member_id"]))]
        assert row["reason"] == naive.failing_reason(code, person), (code, person)
        if row["verdict"] is None:
            assert row["missing"] == naive.missing_fact(code, person), (code, person)
            assert row["missing"] is not None
        reasons |= {row["reason"], row["missing"]}
    assert reasons == {*naive.REASONS, "born_on", "marital_status", "destitute", "income_tax_payer", None}


def test_the_long_form_lists_the_same_verdicts(law: LawInForce, duck: duckdb.DuckDBPyConnection) -> None:
    wide = {
        (row["member_id"], code): row
        for row in _table(duck, determination_sql(law, "facts"))
        for code, names in scheme_columns(law).items()
        if row[names.verdict] is not False
    }
    long_rows = _table(duck, verdict_long_sql(law, "facts"))
    assert {(row["member_id"], row["scheme"]) for row in long_rows} == set(wide)
    assert len(long_rows) == len(wide)
    for row in long_rows:
        names = scheme_columns(law)[str(row["scheme"])]
        other = wide[row["member_id"], row["scheme"]]
        scheme = law.scheme(str(row["scheme"]))
        assert (row["pension_group"], row["rank"]) == (scheme.group, scheme.rank)
        assert [
            row[name] for name in ("verdict", "paise", "possible_paise", "true_mask", "unknown_mask")
        ] == [
            other[name]
            for name in (names.verdict, names.paise, names.possible_paise, names.true, names.unknown)
        ]


def test_doubting_every_fact_changes_nothing_where_facts_are_there(
    law: LawInForce, duck: duckdb.DuckDBPyConnection
) -> None:
    trusting = _table(duck, determination_sql(law, "facts") + " ORDER BY member_id")
    assert trusting == _table(duck, determination_sql(law, "facts", doubt_all=True) + " ORDER BY member_id")


def test_the_columns_have_the_promised_types(law: LawInForce, duck: duckdb.DuckDBPyConnection) -> None:
    kinds = {row[0]: row[1] for row in duck.execute(f"DESCRIBE {determination_sql(law, 'facts')}").fetchall()}
    for names in scheme_columns(law).values():
        assert [
            kinds[name]
            for name in (names.true, names.unknown, names.verdict, names.paise, names.possible_paise)
        ] == ["UINTEGER", "UINTEGER", "BOOLEAN", "BIGINT", "BIGINT"]
    long_kinds = {
        row[0]: row[1] for row in duck.execute(f"DESCRIBE {verdict_long_sql(law, 'facts')}").fetchall()
    }
    assert long_kinds == {
        "member_id": "INTEGER",
        "day": "DATE",
        "pension_group": "SMALLINT",
        "scheme": "VARCHAR",
        "rank": "SMALLINT",
        "verdict": "BOOLEAN",
        "paise": "BIGINT",
        "possible_paise": "BIGINT",
        "true_mask": "UINTEGER",
        "unknown_mask": "UINTEGER",
    }


def test_the_smallest_missing_rank_of_several_schemes_is_the_first_missing_fact(law: LawInForce) -> None:
    ranks = duckdb.sql(
        "SELECT scheme, r FROM (SELECT scheme, "
        + missing_rank_sql(law)
        + " AS r FROM (VALUES ('IGNWPS', 4294967295::UINTEGER), ('SSP-OLD', 4294967295::UINTEGER)) v(scheme, unknown_mask),"
        " (SELECT 50 AS age, NULL AS marital_status, NULL AS destitute, NULL AS income_tax_payer,"
        " FALSE AS partner_present, NULL AS partner_age, NULL AS partner_income_tax_payer)) ORDER BY scheme"
    ).fetchall()
    assert ranks == [("IGNWPS", 1), ("SSP-OLD", 2)]


def test_the_statement_is_the_same_text_every_time_and_any_engine_can_read_it(law: LawInForce) -> None:
    assert determination_sql(law, "facts") == determination_sql(law, "facts")
    for statement in (
        determination_sql(law, "facts"),
        verdict_long_sql(law, "facts"),
        masks_sql(law, "facts"),
    ):
        assert sqlglot.transpile(statement, read="duckdb", write="spark")


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_replacing_an_unknown_by_any_value_never_contradicts_a_known_verdict(
    law: LawInForce, seed: int
) -> None:
    chance = random.Random(seed)
    row = naive.some_row(chance, unknowns=0.6)
    filled = []
    for _ in range(25):
        other = dict(row)
        for fact, values in naive.FILLINGS.items():
            if row[fact] is None and (row["partner_present"] or not fact.startswith("partner_")):
                other[fact] = chance.choice(values)
        filled.append(other)
    first, *others = decide(law, [row, *filled])
    for names in scheme_columns(law).values():
        for other in others:
            if first[names.verdict] is not None:
                assert other[names.verdict] is first[names.verdict]
                assert other[names.paise] == first[names.paise]
            elif other[names.verdict] is True:
                assert int(str(other[names.paise])) <= int(str(first[names.possible_paise]))


def test_a_law_of_many_schemes_needs_more_than_one_mask_word(law: LawInForce) -> None:
    from dataclasses import replace

    from haqdar.law.book import _with_places

    many = []
    for number in range(12):
        for scheme in law.schemes:
            criteria = tuple(
                replace(c, sql=c.sql.replace("60", str(60 + number)).replace("79", str(79 + number)))
                for c in scheme.criteria
            )
            bands = scheme.bands if number == 0 else scheme.bands[:1]
            many.append(replace(scheme, code=f"{scheme.code}-{number}", criteria=criteria, bands=bands))
    large = replace(law, schemes=_with_places(many))
    assert {scheme.word for scheme in large.schemes} > {0}
    assert all(criterion.bit < 32 for scheme in large.schemes for criterion in scheme.criteria)
    row = naive.some_row(random.Random(7), unknowns=0)
    row.update(age=62, bpl=True, alive=True, migrated_out=False)
    (decided,) = decide(large, [row])
    assert decided["ignoaps_0_verdict"] is True
    assert decided["ignoaps_2_verdict"] is True
    assert decided["ignoaps_3_verdict"] is False


def test_facts_that_must_be_known_and_are_not_are_counted(
    law: LawInForce, duck: duckdb.DuckDBPyConnection
) -> None:
    assert duck.execute(unsound_facts_sql(law, "facts")).fetchone() == (0,)
    broken = "(SELECT * REPLACE (CASE WHEN member_id < 7 THEN NULL ELSE bpl END AS bpl) FROM facts)"
    assert duck.execute(unsound_facts_sql(law, broken)).fetchone() == (7,)


def test_the_day_passes_through(law: LawInForce) -> None:
    row = naive.some_row(random.Random(1))
    assert decide(law, [{**row, "day": date(2016, 11, 3)}])[0]["day"] == date(2016, 11, 3)
