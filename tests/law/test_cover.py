"""What of the law the examples exercise."""

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlglot
from click.testing import CliRunner

from haqdar.config.commands import law as law_command
from haqdar.config.commands.law_proof import CoverTooLow
from haqdar.entitlement.law_cover import Covered, cover, per_cent
from haqdar.entitlement.law_edges import edges
from haqdar.law import LawInForce

Spoil = Callable[..., Path]


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HAQDAR_LANGUAGE", "en")


@pytest.fixture(scope="module")
def items() -> list[Covered]:
    """Everything asked for in law/mp."""
    return cover(Path(__file__).resolve().parents[2] / "law" / "mp")


def test_the_states_examples_show_the_whole_law(items: list[Covered]) -> None:
    missing = [f"{item.scheme}: {item.what.en}" for item in items if item.seen_in is None]
    assert missing == []
    assert per_cent(items) == 100


def test_each_scheme_is_asked_for_conditions_amounts_edges_and_reasons(
    items: list[Covered], law: LawInForce
) -> None:
    for scheme in law.schemes:
        kinds = {item.kind for item in items if item.scheme == scheme.code}
        assert {"condition", "amount", "reason"} <= kinds
        if any("age" in criterion.test.facts for criterion in scheme.criteria):
            assert "edge" in kinds
    widow = {item.what.en for item in items if item.scheme == "IGNWPS"}
    assert "condition 'age' (age: 40 to 79 years) alone fails" in widow
    assert "condition 'age' (age: 40 to 79 years) not known, nothing else in the way" in widow
    assert "condition 'age', just outside: age 40 | 39" in widow
    assert "condition 'age', just outside: age 79 | 80" in widow
    assert "met together with IGNDPS" in widow
    assert "met together with SSP-WIDOW" not in widow  # nobody is 40 and 39


def _edges(test: str, law: LawInForce) -> list[str]:
    return [what.en for what, _, _ in edges(law.vocabulary, sqlglot.parse_one(test, read="duckdb"))]


@pytest.mark.parametrize(
    ("test", "found"),
    [
        ("age >= 60", ["age 60 | 59"]),
        ("age > 60", ["age 61 | 60"]),
        ("age < 60", ["age 59 | 60"]),
        ("60 <= age", ["age 60 | 59"]),
        ("age between 40 and 79", ["age 40 | 39", "age 79 | 80"]),
        ("bpl and not age >= 18", ["age 18 | 17"]),
        ("living_sons = 0", ["living sons of the couple 0 | 1"]),
        ("partner_present and partner_age >= 60 or age >= 60", ["age 60 | 59"]),
        ("sex = 'F'", []),
    ],
)
def test_the_edges_of_a_condition(law: LawInForce, test: str, found: list[str]) -> None:
    assert _edges(test, law) == found


def test_a_fraction_stands_just_below_its_edge(law: LawInForce) -> None:
    ((_, inside, outside),) = edges(
        law.vocabulary, sqlglot.parse_one("disability_percent >= 80", read="duckdb")
    )
    assert outside({"disability_percent": 79.5})
    assert not inside({"disability_percent": 79.5})
    assert inside({"disability_percent": 80.0})
    assert not outside({"disability_percent": 80.0})
    assert not outside({"disability_percent": None})


def test_a_missing_example_is_named_and_fails_the_threshold(spoilt: Spoil) -> None:
    copy = spoilt(
        "examples/women.yaml",
        "born_on: 1998-10-02, marital_status: deserted",
        "born_on: 1998-10-01, marital_status: deserted",
    )
    path = copy / "examples" / "women.yaml"
    text = path.read_text(encoding="utf-8")
    head, _, rest = text.partition("  - name: A deserted girl of 17")
    path.write_text(head + rest.partition("\n\n")[2], encoding="utf-8")
    missing = [item for item in cover(copy) if item.seen_in is None]
    assert {(item.scheme, item.what.en) for item in missing} == {
        ("SSP-DESERTED", "condition 'age', just outside: age 18 | 17")
    }
    result = CliRunner().invoke(law_command.command, ["cover", "--law", str(copy), "--fail-under", "100"])
    assert isinstance(result.exception, CoverTooLow)
    assert result.exception.exit_code == 1
    assert "✘ schemes/ssp-deserted.yaml:" in result.output
    result = CliRunner().invoke(law_command.command, ["cover", "--law", str(copy), "--fail-under", "99"])
    assert result.exception is None


def test_the_command_shows_one_scheme_with_its_examples(folder: Path) -> None:
    result = CliRunner().invoke(law_command.command, ["cover", "mrmd", "-v", "--law", str(folder)])
    assert result.exception is None
    assert "✔ ₹500 paid — An intellectual disability gives the assistance" in result.output
    assert "IGNOAPS" not in result.output
    assert "100 % of" in result.output
