"""Mistakes in the law: what counts as one, and that the State's examples notice every one."""

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlglot
from click.testing import CliRunner

from haqdar.config.commands import law as law_command
from haqdar.config.commands.law_proof import MutantsSurvive
from haqdar.entitlement.law_examples import run_examples
from haqdar.entitlement.law_mutants import ExamplesMustAgree, Mutant, run_mutants
from haqdar.entitlement.law_mutations import mutations
from haqdar.law import LawInForce, LawRefused
from haqdar.law.expressions import Value

Spoil = Callable[..., Path]


@pytest.fixture(scope="module")
def mutants() -> list[Mutant]:
    """Every mutant of law/mp."""
    return run_mutants(Path(__file__).resolve().parents[2] / "law" / "mp")


def test_no_mistake_in_the_states_law_would_go_unnoticed(mutants: list[Mutant]) -> None:
    """If this fails you changed the law: `haqdar law mutants` says where an example is missing."""
    surviving = [
        f"{mutant.file}:{mutant.line}: {mutant.where.en}: {mutant.what.en}"
        for mutant in mutants
        if mutant.survives
    ]
    assert surviving == []


def test_every_condition_amount_and_scheme_was_broken(mutants: list[Mutant], law: LawInForce) -> None:
    broken = {mutant.where.en for mutant in mutants}
    for scheme in law.schemes:
        for criterion in scheme.criteria:
            if criterion.code not in ("alive", "resident"):
                assert f"{scheme.code}, condition '{criterion.code}'" in broken
        assert sum(where.startswith(f"{scheme.code}, amount") for where in broken) == len(scheme.bands)
    assert {"every scheme, condition 'alive'", "every scheme, condition 'resident'"} <= broken
    assert "IGNWPS and IGNDPS" in broken


def test_what_changes_nobodys_entitlement_is_told_apart(mutants: list[Mutant]) -> None:
    equal = {f"{mutant.where.en}: {mutant.what.en}" for mutant in mutants if mutant.equal}
    assert "IGNOAPS, amount 1 (₹200): 60 made 59" in equal  # nobody of 59 meets the conditions
    assert "SSP-OLD and SSP-WIDOW: their order exchanged" in equal  # their ages never meet
    assert len(equal) < len(mutants) / 20


def _made(test: str, law: LawInForce, **parameters: Value) -> dict[str, str]:
    tree = sqlglot.parse_one(test, read="duckdb")
    return {
        mutation.what.en: mutation.tree.sql("duckdb", normalize_functions=False)
        for mutation in mutations(tree, parameters, law.vocabulary)
    }


def test_numbers_move_by_one_and_parameters_name_themselves(law: LawInForce) -> None:
    made = _made("age between :low and 79", law, low=40)
    assert made[":low 40 made 41"] == "age BETWEEN 41 AND 79"
    assert made[":low 40 made 39"] == "age BETWEEN 39 AND 79"
    assert made["79 made 80"] == "age BETWEEN 40 AND 80"
    assert made["the whole turned round"] == "NOT (age BETWEEN 40 AND 79)"


def test_connectives_are_exchanged_and_sides_left_out(law: LawInForce) -> None:
    made = _made("bpl or destitute and age >= 60", law)
    assert made["'or' made 'and'"] == "(bpl AND (destitute AND age >= 60))"
    assert made["'and' made 'or'"] == "bpl OR (destitute OR age >= 60)"
    assert made["'bpl' left out"] == "(destitute AND age >= 60)"
    assert made["bpl turned round"] == "NOT bpl OR destitute AND age >= 60"
    assert made["'age >= 60' made 'age > 60'"] == "bpl OR destitute AND age > 60"


def test_words_of_lists_are_left_out_replaced_and_added(law: LawInForce) -> None:
    made = _made("marital_status in ('married', 'widowed')", law)
    assert made["'married' left out of the list"] == "marital_status IN ('widowed')"
    assert (
        made["'married' made 'never_married' in the list"] == "marital_status IN ('widowed', 'never_married')"
    )
    assert made["'divorced' added to the list"] == "marital_status IN ('married', 'widowed', 'divorced')"
    assert _made("sex = 'F'", law)["'F' made 'M'"] == "sex = 'M'"


def test_the_husband_is_left_out_and_any_becomes_none(law: LawInForce) -> None:
    made = _made("couple_any(age >= 60)", law)
    assert made["couple_any made couple_none"] == "couple_none(age >= 60)"
    assert made["couple_any: the husband left out of account"] == "(age >= 60)"
    made = _made("couple_none(income_tax_payer)", law)
    assert made["couple_none: the husband left out of account"] == "NOT (income_tax_payer)"


def _without(spoilt: Spoil, file: str, name: str) -> Path:
    """A copy of the law without one example."""
    copy = spoilt(file, "examples:", "examples:")
    path = copy / file
    blocks = path.read_text(encoding="utf-8").split("\n  - name: ")
    kept = [block for block in blocks if not block.startswith(name)]
    assert len(kept) == len(blocks) - 1
    path.write_text("\n  - name: ".join(kept), encoding="utf-8")
    return copy


def test_a_missing_example_leaves_a_survivor_with_its_place(
    spoilt: Spoil, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HAQDAR_LANGUAGE", "en")
    copy = _without(spoilt, "examples/women.yaml", "A deserted girl of 17 is too young")
    (survivor,) = [mutant for mutant in run_mutants(copy, "SSP-DESERTED") if mutant.survives]
    lines = (copy / survivor.file).read_text(encoding="utf-8").splitlines()
    assert survivor.file == "schemes/ssp-deserted.yaml"
    assert "minimum_age" in lines[survivor.line - 1]
    result = CliRunner().invoke(law_command.command, ["mutants", "ssp-deserted", "--law", str(copy)])
    assert isinstance(result.exception, MutantsSurvive)
    assert (
        f"✘ {survivor.file}:{survivor.line}: SSP-DESERTED, condition 'age': :minimum_age 18 made 17"
        in result.output
    )


def test_a_value_from_a_later_date_needs_its_own_examples(spoilt: Spoil) -> None:
    copy = spoilt(
        "schemes/mrmd.yaml",
        "  2012-04-01:\n    - {pay: 500}",
        "  2012-04-01:\n    - {pay: 500}\n  2018-04-01:\n    - {pay: 600}",
    )
    path = copy / "schemes" / "mrmd.yaml"
    text = path.read_text(encoding="utf-8")
    order = "source:\n  2018-04-01: {en: An order, hi: एक आदेश}"
    path.write_text(text.replace("source:", order, 1), encoding="utf-8")
    assert {mutant.what.en for mutant in run_mutants(copy, "MRMD") if mutant.survives} == {
        "₹600 made ₹601",
        "₹600 made ₹599",
    }


def test_examples_must_agree_before_mutants_are_judged(spoilt: Spoil) -> None:
    with pytest.raises(ExamplesMustAgree):
        run_mutants(spoilt("schemes/mrmd.yaml", "pay: 500", "pay: 600"))


def test_the_command_lists_the_example_that_notices(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HAQDAR_LANGUAGE", "en")
    result = CliRunner().invoke(law_command.command, ["mutants", "mrmd", "-v", "--law", str(folder)])
    assert result.exception is None
    assert "MRMD, condition 'disability': 'or' made 'and' — An intellectual disability gives" in result.output
    assert "mistakes tried" in result.output


def test_a_rupee_borne_by_the_wrong_government_needs_its_example(spoilt: Spoil) -> None:
    copy = spoilt("examples/old-age.yaml", "    borne: {IGNOAPS: {union: 200, state: 75}}\n", "")
    (survivor,) = [mutant for mutant in run_mutants(copy, "IGNOAPS") if mutant.survives]
    assert survivor.what.en == "a rupee shifted: Government of India ₹201, Government of Madhya Pradesh ₹74"


def test_an_example_may_say_who_bears_an_amount(spoilt: Spoil) -> None:
    copy = spoilt(
        "schemes/ignoaps.yaml", "of_which: {union: 200, state: 75}", "of_which: {union: 250, state: 25}"
    )
    (wrong,) = [result for result in run_examples(copy) if not result.agrees]
    assert [difference.en for difference in wrong.differences] == [
        "IGNOAPS: the example says borne by Government of India ₹200, Government of Madhya Pradesh ₹75, "
        "the law Government of India ₹250, Government of Madhya Pradesh ₹25"
    ]
    copy = spoilt("examples/old-age.yaml", "{union: 200, state: 75}", "{union: 200, moon: 75}")
    with pytest.raises(LawRefused, match="moon"):
        run_examples(copy)
