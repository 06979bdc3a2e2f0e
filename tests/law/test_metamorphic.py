"""What must not change, or only one way, when the people change: no second reading of the law is needed for it.

People are generated from the vocabulary, so a new fact or scheme is under test as soon as it is declared.
"""

import random
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp
from tests.law.conftest import FOLDER
from tests.law.naive import DAY

from haqdar.entitlement.compile import scheme_columns
from haqdar.entitlement.explain import decide
from haqdar.law import PARTNER_PRESENT, Criterion, Fact, LawInForce, Scheme, load_lawbook

Row = dict[str, object]

LAW = load_lawbook(FOLDER).on(DAY)
SEEDS = st.integers(0, 2**32)


def _numbers(law: LawInForce) -> list[int]:
    """Every number that the law names, with its neighbours."""
    found = set()
    for scheme in law.schemes:
        conditions = [criterion.condition for criterion in scheme.criteria]
        conditions += [band.condition for band in scheme.bands if band.condition is not None]
        for condition in conditions:
            for number in condition.find_all(exp.Literal):
                if not number.is_string:
                    found |= {int(float(str(number.this))) + step for step in (-1, 0, 1)}
    return sorted(found)


NUMBERS = _numbers(LAW)


def _value(chance: random.Random, fact: Fact) -> object:
    if fact.type == "boolean":
        return chance.random() < 0.5
    if fact.type == "one_of":
        return chance.choice([value for value, _ in fact.values])
    near = [number for number in NUMBERS if fact.least <= number <= fact.most]
    number = chance.choice([*near, chance.randint(fact.least, fact.most)])
    return number if fact.type == "integer" else number + chance.choice([0.0, 0.0, -0.5])


def _person(chance: random.Random, unknowns: float = 0.15) -> Row:
    row: Row = {"day": DAY, PARTNER_PRESENT: chance.random() < 0.5}
    for fact in LAW.vocabulary.facts.values():
        lacking = fact.missing is not None and chance.random() < unknowns
        row[fact.code] = None if lacking else _value(chance, fact)
        if fact.partner is not None:
            lacking = fact.missing is not None and chance.random() < unknowns
            row[fact.partner] = _value(chance, fact) if row[PARTNER_PRESENT] and not lacking else None
    if chance.random() < 0.9:
        row.update(alive=True, migrated_out=False)
    return row


def _people(seed: int, count: int = 40, unknowns: float = 0.15) -> tuple[random.Random, list[Row]]:
    chance = random.Random(seed)
    return chance, [_person(chance, unknowns) for _ in range(count)]


def _without_number(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "member_id"}


def _bits(row: Row, scheme: Scheme, criterion: Criterion) -> bool | None:
    names = scheme_columns(LAW)[scheme.code]
    true, unknown = row[names.true], row[names.unknown]
    assert isinstance(true, int)
    assert isinstance(unknown, int)
    return True if true & criterion.flag else None if unknown & criterion.flag else False


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS)
def test_the_order_of_the_people_does_not_matter(seed: int) -> None:
    chance, people = _people(seed)
    order = list(range(len(people)))
    chance.shuffle(order)
    straight = [_without_number(row) for row in decide(LAW, people)]
    shuffled = [_without_number(row) for row in decide(LAW, [people[place] for place in order])]
    assert [straight[place] for place in order] == shuffled


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, cut=st.integers(1, 39))
def test_the_people_may_be_split_anywhere(seed: int, cut: int) -> None:
    _, people = _people(seed)
    whole = [_without_number(row) for row in decide(LAW, people)]
    parts = [_without_number(row) for part in (people[:cut], people[cut:]) for row in decide(LAW, part)]
    assert whole == parts


def _least_ages() -> Iterator[tuple[Scheme, Criterion]]:
    """The criteria that ask for an age of at least so many years."""
    for scheme in LAW.schemes:
        for criterion in scheme.criteria:
            tree = criterion.test.tree
            if isinstance(tree, exp.Anonymous) and str(tree.this).lower() == "couple_any":
                tree = tree.expressions[0]
            if isinstance(tree, exp.GTE) and tree.this.name == "age":
                yield scheme, criterion


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, years=st.integers(1, 60))
def test_growing_older_never_fails_a_lowest_age(seed: int, years: int) -> None:
    asked = list(_least_ages())
    assert len(asked) >= 3
    _, people = _people(seed)
    older = [
        {
            name: value + years if name in ("age", "partner_age") and isinstance(value, int) else value
            for name, value in person.items()
        }
        for person in people
    ]
    for before, after in zip(decide(LAW, people), decide(LAW, older), strict=True):
        for scheme, criterion in asked:
            if _bits(before, scheme, criterion) is True:
                assert _bits(after, scheme, criterion) is True


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS)
def test_an_amount_by_age_never_falls_with_age(seed: int) -> None:
    _, (person,) = _people(seed, 1, unknowns=0)
    paid = [
        row["ignoaps_paise"]
        for row in decide(LAW, [{**person, "age": age} for age in range(55, 100)])
        if row["ignoaps_paise"] is not None
    ]
    assert paid == sorted(paid, key=int)  # type: ignore[call-overload]


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS)
def test_one_more_son_never_gives_and_one_more_daughter_never_takes(seed: int) -> None:
    _, people = _people(seed)
    with_son = [{**person, "living_sons": int(str(person["living_sons"])) + 1} for person in people]
    with_daughter = [
        {**person, "living_daughters": int(str(person["living_daughters"])) + 1} for person in people
    ]
    for now, son, daughter in zip(
        *(decide(LAW, rows) for rows in (people, with_son, with_daughter)), strict=True
    ):
        assert son["kanya_verdict"] is False
        if now["kanya_verdict"] is not False:
            assert daughter["kanya_verdict"] is now["kanya_verdict"]


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS)
def test_what_a_scheme_does_not_ask_does_not_matter_to_it(seed: int) -> None:
    chance, (person,) = _people(seed, 1)
    facts = list(LAW.vocabulary.facts.values())
    changed = [{**person, fact.code: _value(chance, fact)} for fact in facts]
    before, *after = decide(LAW, [person, *changed])
    for fact, row in zip(facts, after, strict=True):
        for scheme in LAW.schemes:
            asked = set().union(*(criterion.test.facts for criterion in scheme.criteria))
            asked |= set().union(*(band.test.facts for band in scheme.bands if band.test is not None))
            if fact.code not in asked:
                names = scheme_columns(LAW)[scheme.code]
                for column in (names.true, names.unknown, names.verdict, names.paise):
                    assert row[column] == before[column], (scheme.code, fact.code)


@pytest.mark.parametrize("scheme", LAW.schemes, ids=lambda scheme: scheme.code)
@settings(max_examples=10, deadline=None)
@given(seed=SEEDS)
def test_learning_a_fact_never_contradicts_what_was_known(scheme: Scheme, seed: int) -> None:
    """Unknown is not no: each criterion and each verdict that was known stays when a gap is filled, with any value."""
    chance, people = _people(seed, 12, unknowns=0.5)
    learnt = []
    for person in people:
        filled = dict(person)
        for fact in LAW.vocabulary.facts.values():
            for column in (fact.code, fact.partner):
                theirs = column is not None and (column == fact.code or person[PARTNER_PRESENT])
                if theirs and column is not None and person[column] is None:
                    filled[column] = _value(chance, fact)
        learnt.append(filled)
    names = scheme_columns(LAW)[scheme.code]
    for before, after in zip(decide(LAW, people), decide(LAW, learnt), strict=True):
        for criterion in scheme.criteria:
            known = _bits(before, scheme, criterion)
            if known is not None:
                assert _bits(after, scheme, criterion) is known
        if before[names.verdict] is not None:
            assert after[names.verdict] is before[names.verdict]
            assert after[names.paise] == before[names.paise]
        elif after[names.verdict] is True:
            assert int(str(after[names.paise])) <= int(str(before[names.possible_paise]))
