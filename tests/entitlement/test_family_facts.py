"""Every kind of family fact (any, none, count, sum over every circle of kin) against a reading in plain Python."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from tests.entitlement.registers import snapshot_of_known
from tests.entitlement.test_occasions import LAW, Naive, known_of, registers_of
from tests.oracle.load import Row
from tests.oracle.month import Tri, any_of, truth
from tests.oracle.states import make_case

from haqdar.entitlement.benefit_facts import benefit_facts_sql
from haqdar.law import LawBook, LawRefused, load_lawbook

OVERS = ("family", "children", "couple_children", "siblings", "parents")
FACTS = "".join(
    f"""
  {over}_{how}:
    type: {kind}
    register: residents
    missing: income_tax_payer
    over: {over}
    {how}: {part}
    en: a fact of the test
    hi: जाँच का तथ्य
"""
    for over in OVERS
    for how, kind, part in (
        ("any", "boolean", "income_tax_payer or age >= 60"),
        ("none", "boolean", "income_tax_payer"),
        ("count", "integer", "destitute"),
        ("sum", "number", "annual_income"),
    )
)


def law_with(folder: Path, facts: str) -> LawBook:
    """The benefits of law/mp-welfare with more facts in their vocabulary."""
    (folder / "schemes").mkdir(parents=True)
    for file in (LAW / "schemes").iterdir():
        (folder / "schemes" / file.name).write_text(file.read_text("utf-8"), "utf-8")
    state = (LAW / "state.yaml").read_text("utf-8")
    (folder / "state.yaml").write_text(state.replace("../mp", str(LAW.parent / "mp")), "utf-8")
    (folder / "vocabulary.yaml").write_text((LAW / "vocabulary.yaml").read_text("utf-8") + facts, "utf-8")
    return load_lawbook(folder)


def kin(naive: Naive, row: Row, over: str, day: date) -> list[Row]:
    residents = naive.facts.residents
    me = row["member_id"]
    parents = {row["mother_id"], row["father_id"]} - {""}
    if over == "family":
        found = {m for m, other in residents.items() if other["family_id"] == row["family_id"]}
    elif over == "children":
        found = set(naive.facts.children.get(me, []))
    elif over == "couple_children":
        halves = {me, naive.on(day).spouse(row)}
        found = {child for half in halves for child in naive.facts.children.get(half, [])}
    elif over == "siblings":
        found = {child for parent in parents for child in naive.facts.children.get(parent, [])} - {me}
    else:
        found = parents & set(residents)
    return [residents[m] for m in sorted(found) if naive.on(day).alive(residents[m])]


def expected(naive: Naive, row: Row, over: str, day: date) -> tuple[Tri, Tri, int | None, float | None]:
    parents = {row["mother_id"], row["father_id"]} & set(naive.facts.residents)
    if over == "parents" and len(parents) != 2:
        return None, None, None, None
    members = kin(naive, row, over, day)
    ages = [naive.on(day).age(member) for member in members]
    taxes = [truth(member["income_tax_payer"]) for member in members]
    old: list[Tri] = [None if age is None else age >= 60 for age in ages]
    some = any_of([any_of([tax, aged]) for tax, aged in zip(taxes, old, strict=True)])
    payer = any_of(taxes)
    poor = [truth(member["destitute"]) for member in members]
    incomes = [naive.income(member["member_id"], day) for member in members]
    return (
        some,
        None if payer is None else not payer,
        None if None in poor else sum(1 for value in poor if value),
        None if None in incomes else float(sum(value for value in incomes if value is not None)),
    )


@pytest.mark.parametrize("seed", range(31, 37))
def test_family_facts_agree_with_a_naive_reading(seed: int, tmp_path: Path, settings: Any) -> None:
    settings.HAQDAR_HOME = tmp_path / "home"
    lawbook = law_with(tmp_path / "law", FACTS)
    case = make_case(seed)
    known = known_of(case, tmp_path).known_on(date(2999, 1, 1))
    invented = registers_of(known, seed)
    day = case.runs[0].determined_on
    snapshot = snapshot_of_known(known, day, lawbook.vocabulary, invented)
    naive = Naive(known, invented)
    columns = ", ".join(f"{over}_{how}" for over in OVERS for how in ("any", "none", "count", "sum"))
    with duckdb.connect() as duck:
        snapshot.attach(duck)
        asks = f"(SELECT member_id, DATE '{day}' AS day FROM person)"
        sql = benefit_facts_sql(asks, lawbook.benefit_vocabulary)
        rows = duck.execute(f"SELECT member_id, {columns} FROM ({sql}) ORDER BY member_id").fetchall()
    assert len(rows) == len(naive.facts.residents)
    kinds = set()
    for member, *values in rows:
        row = naive.facts.residents[f"{member:09d}"]
        wanted = [value for over in OVERS for value in expected(naive, row, over, day)]
        assert values == wanted, member
        kinds.update(map(type, values))
    assert kinds == {bool, int, float, type(None)}


@pytest.mark.parametrize(
    ("fact", "said"),
    [
        ("{type: boolean, over: cousins, any: alive, register: residents, en: a, hi: अ}", "over 'cousins'"),
        ("{type: boolean, over: family, register: residents, en: a, hi: अ}", "exactly one of"),
        ("{type: boolean, over: family, count: alive, register: residents, en: a, hi: अ}", "must be integer"),
        (
            "{type: number, over: family, sum: alive, register: residents, en: a, hi: अ}",
            "no number of a member",
        ),
        ("{type: boolean, over: family, any: age + 1, register: residents, en: a, hi: अ}", "not allowed"),
        (
            "{type: boolean, over: family, any: living_children > 1, register: residents, en: a, hi: अ}",
            "unknown fact",
        ),
    ],
)
def test_a_broken_family_fact_is_refused_where_it_stands(tmp_path: Path, fact: str, said: str) -> None:
    with pytest.raises(LawRefused) as refused:
        law_with(tmp_path / "law", f"  broken: {fact}\n")
    assert [p for p in refused.value.problems if said in p.en and p.hi], refused.value.problems
