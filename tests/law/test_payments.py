"""The State's arrangement for its money is read strictly: whatever is wrong is said at once, with its line."""

from pathlib import Path

import pytest

from haqdar.law.payments import payment_problems, payment_rules
from haqdar.law.problems import LawRefused

MP = Path("law/mp")


def copied(folder: Path, *changes: tuple[str, str]) -> Path:
    text = (MP / "payments.yaml").read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (folder / "payments.yaml").write_text(text)
    (folder / "state.yaml").write_text((MP / "state.yaml").read_text())
    return folder


def test_the_reference_law_says_how_money_goes_out() -> None:
    rules = payment_rules(MP)
    assert rules.rails[0] == "account" and set(rules.rails) <= set(rules.profiles)
    assert payment_problems(MP) == []


def test_every_mistake_is_said_at_once(tmp_path: Path) -> None:
    wrong = copied(
        tmp_path,
        ("year_begins: 4", "year_begins: 13"),
        ("silent_body: goes_on", "silent_body: perhaps"),
        ("rails: [account, aadhaar]", "rails: [account, cheque]"),
        ("items_per_file: 100000", "items_per_file: 0"),
        ("user_name: DEMONSTRATION STATE SOCIAL JUSTICE", "user_name: मध्य प्रदेश"),
    )
    said = {problem.en for problem in payment_problems(wrong)}
    assert len(said) >= 5
    assert "'year_begins' must be a whole number from 1 to 12" in said
    assert any(one.startswith("'originator: user_name'") for one in said)
    with pytest.raises(LawRefused):
        payment_rules(wrong)


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    wrong = copied(tmp_path, ("most_retries: 3", "retries: 3"))
    assert [problem.en for problem in payment_problems(wrong)] == [
        "'most_retries' must be a whole number from 0 to 24",
        "the key 'most_retries' is missing",
    ]


def test_a_law_that_extends_another_uses_its_arrangement(tmp_path: Path) -> None:
    (tmp_path / "state.yaml").write_text(f"extends: {MP.resolve()}\n")
    assert payment_rules(tmp_path) == payment_rules(MP)
