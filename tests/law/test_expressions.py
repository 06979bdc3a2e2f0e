"""The closed subset of tests: what is refused, what types it has, and that the engine reads it as we do."""

import random

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.law import naive

from haqdar.law import LawInForce
from haqdar.law.expressions import Value
from haqdar.law.expressions import test_of as read_test
from haqdar.law.reading import Problems, read_text

PARAMETERS: dict[str, Value] = {"minimum_age": 40, "word": "widowed"}


def _read(law: LawInForce, text: str) -> tuple[object, list[str]]:
    problems = Problems()
    quoted = text.replace("'", "''")
    node = read_text(f"\n\ntest: '{quoted}'\n", "schemes/x.yaml", problems).get("test")
    assert node is not None
    test = read_test(node, law.vocabulary, PARAMETERS, problems)
    return test, [str(problem) for problem in problems.found]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("height > 5", "unknown fact 'height'"),
        ("facts.age > 5", "unknown fact 'facts.age'"),
        ("age > :maximum_age", "parameter ':maximum_age' is not declared"),
        ("age", "a test must be true or false"),
        ("age = 'old'", "values of different kinds are compared"),
        ("bpl > 3", "values of different kinds are compared"),
        ("sex > 'F'", "only numbers have an order"),
        ("sex = 'X'", "'X' is no value of sex"),
        ("sex in ('F', 'female')", "'female' is no value of sex"),
        ("1 = 1", "no fact is compared"),
        ("age and bpl", "join only tests"),
        ("not age", "'not' needs a test"),
        ("age is null", "may not ask 'is null'"),
        ("age is not null", "may not ask 'is null'"),
        ("marital_status = null", "may not ask 'is null'"),
        ("coalesce(age, 0) > 5", "is not allowed"),
        ("age + 1 > 5", "is not allowed"),
        ("age > (select 5)", "is not allowed"),
        ("exists (select 1)", "is not allowed"),
        ("age in (select 1)", "'in' needs a list"),
        ("age > 5; drop table facts", "is not allowed"),
        ("age >", "cannot read the test"),
        ("case when bpl then true else false end", "is not allowed"),
        ("cast(age as varchar) = '5'", "is not allowed"),
        ("sex like 'F%'", "is not allowed"),
        ("household_any(bpl)", "the only functions are couple_any(…) and couple_none(…)"),
        ("couple_any(bpl)", "is not kept for the husband"),
        ("couple_any(couple_none(income_tax_payer))", "may not stand inside another"),
        ("couple_any(age)", "'and' and 'or' join only tests"),
        (" or ".join(f"age = {n}" for n in range(17)), "split it into named criteria"),
        ("", "a test must be a text"),
    ],
)
def test_what_is_outside_the_subset_is_refused_with_file_and_line(
    law: LawInForce, text: str, said: str
) -> None:
    test, problems = _read(law, text)
    assert test is None
    assert problems
    assert problems[0].startswith("schemes/x.yaml:3: ")
    if said != "'and' and 'or' join only tests":
        assert said in "\n".join(problems)


@pytest.mark.parametrize(
    "text",
    [
        "bpl",
        "not bpl",
        "age >= :minimum_age",
        "age between :minimum_age and 79",
        "(age < 5 or age > 60) and not bpl",
        "sex in ('F', 'M')",
        "marital_status = :word",
        "disability_percent >= 39.5",
        "couple_any(age >= :minimum_age and not income_tax_payer)",
        "couple_none(income_tax_payer)",
        "living_daughters > living_sons",
        "bpl = true",
        "-1 < age",
    ],
)
def test_what_is_inside_the_subset_is_accepted(law: LawInForce, text: str) -> None:
    test, problems = _read(law, text)
    assert problems == []
    assert test is not None


def test_nothing_of_the_text_survives_into_the_statement(law: LawInForce) -> None:
    test, _ = _read(law, "age >= :minimum_age /* hidden */ -- and more")
    assert test.bound(PARAMETERS, law.vocabulary).sql("duckdb", comments=False) == "age >= 40"  # type: ignore[attr-defined]


# A random test as a pair of its text and the naive meaning; both come from one draw.


def _random_test(chance: random.Random, depth: int, couple: bool = True) -> tuple[str, object]:
    kind = chance.randrange(8 if depth else 4)
    if kind == 0:
        low, high = sorted((chance.randrange(0, 100), chance.randrange(0, 100)))
        return f"age between {low} and {high}", ("between", "age", low, high)
    if kind == 1:
        number = chance.randrange(0, 100)
        sign = chance.choice(["<", "<=", ">", ">=", "=", "<>"])
        fact = chance.choice(["age", "living_sons", "disability_percent"]) if couple else "age"
        return f"{fact} {sign} {number}", ("compare", fact, sign, number)
    if kind == 2 and couple:
        words = chance.sample(naive.STATUSES, chance.randrange(1, 4))
        return f"marital_status in ({', '.join(repr(word) for word in words)})", (
            "in",
            "marital_status",
            *words,
        )
    if kind in (2, 3):
        fact = chance.choice(["bpl", "destitute", "income_tax_payer"]) if couple else "income_tax_payer"
        return fact, ("fact", fact)
    if kind == 4:
        text, meaning = _random_test(chance, depth - 1, couple)
        return f"not ({text})", ("not", meaning)
    if kind == 5 and couple:
        name = chance.choice(["couple_any", "couple_none"])
        text, meaning = _random_test(chance, depth - 1, couple=False)
        return f"{name}({text})", (name, meaning)
    word = "and" if kind == 6 else "or"
    left, meaning_left = _random_test(chance, depth - 1, couple)
    right, meaning_right = _random_test(chance, depth - 1, couple)
    return f"({left}) {word} ({right})", (word, meaning_left, meaning_right)


def _meaning(test: object, row: naive.Row, who: str = "") -> bool | None:
    name, *parts = test  # type: ignore[misc]
    if name == "between":
        return naive.within(row[who + parts[0]], parts[1], parts[2])
    if name == "in":
        return naive.is_one(row[who + parts[0]], *parts[1:])
    if name == "fact":
        return row[who + parts[0]]  # type: ignore[return-value]
    if name == "compare":
        value, number = row[who + parts[0]], parts[2]
        if value is None:
            return None
        return {
            "<": value < number,
            "<=": value <= number,
            ">": value > number,
            ">=": value >= number,
            "=": value == number,
            "<>": value != number,
        }[parts[1]]
    if name == "not":
        return naive.negated(_meaning(parts[0], row, who))
    if name in ("couple_any", "couple_none"):
        any_of = naive.either(
            _meaning(parts[0], row), bool(row["partner_present"]) and _meaning(parts[0], row, "partner_")
        )
        return any_of if name == "couple_any" else naive.negated(any_of)
    sides = [_meaning(part, row, who) for part in parts]
    return naive.both(*sides) if name == "and" else naive.either(*sides)


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_random_tests_mean_in_the_engine_what_they_mean_on_paper(law: LawInForce, seed: int) -> None:
    chance = random.Random(seed)
    text, meaning = _random_test(chance, depth=3)
    test, problems = _read(law, text)
    assert problems == [], text
    sql = test.bound({}, law.vocabulary).sql("duckdb")  # type: ignore[attr-defined]
    people = [naive.some_row(chance, unknowns=0.3) for _ in range(12)]
    columns = law.vocabulary.columns
    import sqlglot

    rows = ", ".join(
        "(" + ", ".join(sqlglot.exp.convert(row[name]).sql("duckdb") for name, _ in columns) + ")"
        for row in people
    )
    casts = ", ".join(f"CAST({name} AS {kind}) AS {name}" for name, kind in columns)
    answers = duckdb.sql(
        f"SELECT ({sql}) FROM (SELECT {casts} FROM (VALUES {rows}) v({', '.join(name for name, _ in columns)}))"
    ).fetchall()
    assert [answer for (answer,) in answers] == [_meaning(meaning, row) for row in people], text
