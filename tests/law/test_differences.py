"""Two versions of the law, compared as an officer reads them."""

import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from haqdar.config.commands import law as law_command
from haqdar.config.commands.law_diff import NoSuchVersion, NothingToCompare
from haqdar.law import load_lawbook
from haqdar.law.differences import Difference, differences, stretches_that_differ

Spoil = Callable[..., Path]

DAY = date(2016, 10, 1)


def _between(folder: Path, changed: Path) -> list[Difference]:
    return differences(load_lawbook(folder), load_lawbook(changed), DAY, DAY)


def test_a_law_does_not_differ_from_itself(folder: Path) -> None:
    assert _between(folder, folder) == []
    assert stretches_that_differ(load_lawbook(folder), load_lawbook(folder)) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "kind", "scheme", "en"),
    [
        (
            "schemes/ignwps.yaml",
            "minimum_age: {2012-04-01: 40}",
            "minimum_age: {2012-04-01: 35}",
            "condition_changed",
            "IGNWPS",
            "Condition 'age': “age: 40 to 79 years” → “age: 35 to 79 years”.",
        ),
        (
            "schemes/mrmd.yaml",
            "pay: 500",
            "pay: 600",
            "amount",
            "MRMD",
            "Amount: ₹500 (Government of Madhya Pradesh) → ₹600 (Government of Madhya Pradesh).",
        ),
        (
            "schemes/ignoaps.yaml",
            "of_which: {union: 200, state: 75}",
            "of_which: {union: 250, state: 25}",
            "amount",
            "IGNOAPS",
            "Amount: age: 65 to 79 years — ₹275 (₹200 Government of India + ₹75 Government of Madhya Pradesh) → "
            "age: 65 to 79 years — ₹275 (₹250 Government of India + ₹25 Government of Madhya Pradesh).",
        ),
        (
            "schemes/mrmd.yaml",
            "rank: 9",
            "rank: 19",
            "rank",
            "MRMD",
            "Order among schemes that pay the same: 9 → 19.",
        ),
        (
            "schemes/mrmd.yaml",
            "group: 3",
            "group: 2",
            "group",
            "MRMD",
            "Group: 3 (Assistance for disabilities of mind and multiple disabilities) → "
            "2 (Pension for parents of daughters).",
        ),
        (
            "schemes/mrmd.yaml",
            "stop_reason: disability",
            "stop_reason: family",
            "wording",
            "MRMD",
            "Condition 'disability', reason of a stop: no valid certificate of the disability → "
            "the family no longer fits.",
        ),
        (
            "schemes/kanya.yaml",
            "en: A father is paid only",
            "en: Fathers are paid only",
            "wording",
            "KANYA",
            "Condition 'wife', wording: “A father is paid only after his recorded wife has died.” → "
            "“Fathers are paid only after his recorded wife has died.”.",
        ),
        (
            "schemes/kanya.yaml",
            "test: sex <> 'M' or wife_died",
            "test: wife_died or sex <> 'M'",
            "condition_changed",
            "KANYA",
            "Condition 'wife': “sex: not man, or the recorded wife has died: yes” → "
            "“the recorded wife has died: yes, or sex: not man”.",
        ),
        (
            "state.yaml",
            "notice_days: 30",
            "notice_days: 45",
            "notice",
            None,
            "Days of notice before an adverse change: 30 → 45.",
        ),
        (
            "state.yaml",
            "recovery_share: 0.5",
            "recovery_share: 0.25",
            "recovery",
            None,
            "Largest part of a month's dues withheld for recovery: 1/2 → 1/4.",
        ),
        (
            "state.yaml",
            "redetermine_from: null",
            "redetermine_from: 2015-04-01",
            "redetermination",
            None,
            "Earliest day determined again on late knowledge: the first month run here → 1 April 2015.",
        ),
        (
            "state.yaml",
            "cut_off: {day: 10, month: before}",
            "cut_off: {day: 8, month: before}",
            "calendar",
            None,
            "Calendar, cut-off: day 10 of the month before → day 8 of the month before.",
        ),
        (
            "state.yaml",
            'object: "004"',
            'object: "005"',
            "heads",
            None,
            "Head of account, object: 004 → 005.",
        ),
        (
            "state.yaml",
            "union: {en: Government of India",
            "union: {en: Union of India",
            "component",
            None,
            "Who bears a part, union: Government of India → Union of India.",
        ),
        (
            "state.yaml",
            "test: not migrated_out",
            "test: not migrated_out and bpl",
            "condition_changed",
            None,
            "Condition 'resident': “has moved out of the State: no” → "
            "“has moved out of the State: no, and the family is on the BPL register: yes”.",
        ),
    ],
)
def test_one_change_is_one_difference(
    folder: Path, spoilt: Spoil, file: str, old: str, new: str, kind: str, scheme: str | None, en: str
) -> None:
    (found,) = _between(folder, spoilt(file, old, new))
    assert (found.kind, found.scheme, found.sentence.en) == (kind, scheme, en)
    assert found.sentence.hi
    assert found.sentence.hi != found.sentence.en


def test_a_condition_taken_out_and_one_put_in(folder: Path, spoilt: Spoil) -> None:
    changed = spoilt("schemes/ssp-old.yaml", "  destitute:\n    test: destitute", "  poor:\n    test: bpl")
    found = _between(folder, changed)
    assert [(entry.kind, entry.sentence.en) for entry in found] == [
        ("condition_added", "New condition 'poor': “the family is on the BPL register: yes”."),
        ("condition_ended", "Condition 'destitute' is no longer asked: “has no support: yes”."),
    ]


def test_a_scheme_added_and_one_ended(folder: Path, spoilt: Spoil) -> None:
    changed = spoilt("schemes/mrmd.yaml", "code: MRMD", "code: MIND")
    state = changed / "state.yaml"
    state.write_text(state.read_text(encoding="utf-8").replace("    MRMD:", "    MIND:"), encoding="utf-8")
    found = [entry for entry in _between(folder, changed) if entry.kind != "heads"]
    assert [(entry.kind, entry.scheme) for entry in found] == [
        ("scheme_added", "MIND"),
        ("condition_added", "MIND"),
        ("amount", "MIND"),
        ("scheme_ended", "MRMD"),
    ]
    assert found[0].order is not None


def test_new_bands_are_listed_beside_the_old(folder: Path, spoilt: Spoil) -> None:
    changed = spoilt(
        "schemes/mrmd.yaml",
        "    - {pay: 500}",
        "    - {when: bpl, pay: 700}\n    - {when: not bpl, pay: 500}",
    )
    assert [entry.sentence.en.split(":")[0] for entry in _between(folder, changed)] == [
        "New amount",
        "New amount",
        "No longer paid",
    ]


def test_a_proposal_differs_from_its_date_on_and_names_its_order(folder: Path) -> None:
    old, new = load_lawbook(folder), load_lawbook(folder, folder / "proposals" / "widow-500")
    ((since, found),) = stretches_that_differ(old, new)
    assert since == date(2017, 4, 1)
    assert [entry.kind for entry in found] == ["condition_changed", "amount"]
    assert {entry.order.en for entry in found if entry.order} == {
        "Proposal: National widow pension of ₹500 from the age of 35"
    }
    assert differences(old, new, DAY, DAY) == []
    assert differences(new, new, DAY, date(2017, 4, 1)) == found


def _run(*arguments: str) -> tuple[str, BaseException | None]:
    result = CliRunner().invoke(law_command.command, ["diff", *arguments])
    return result.output, result.exception


def test_the_command_prints_both_languages_hindi_first(folder: Path) -> None:
    output, error = _run("widow-500", "--law", str(folder))
    assert error is None
    assert output.index("1 अप्रैल 2017 से") < output.index("From 1 April 2017")
    assert "      Order of 1 April 2017: Proposal: National widow" in output
    assert "From" not in _run("widow-500", "--law", str(folder), "--lang", "hi")[0]


def test_the_command_compares_two_dates_of_a_proposal(folder: Path) -> None:
    days = ("--from", "2016-10-01", "--to", "2017-04-01")
    output, error = _run("widow-500", "--law", str(folder), *days, "--lang", "en")
    assert error is None
    assert output.startswith("On 1 April 2017\n  IGNWPS\n")
    assert _run("--law", str(folder), *days, "--lang", "en")[0] == "Nothing differs.\n"


def test_the_command_compares_two_folders_on_a_day(folder: Path, spoilt: Spoil) -> None:
    changed = spoilt("schemes/mrmd.yaml", "pay: 500", "pay: 600")
    output, error = _run(str(folder), str(changed), "--on", "2016-10-01", "--lang", "en")
    assert error is None
    assert "₹500 (Government of Madhya Pradesh) → ₹600" in output


def test_the_command_reads_a_git_revision(spoilt: Spoil) -> None:
    changed = spoilt("schemes/mrmd.yaml", "rank: 9", "rank: 9")
    author = ["-c", "user.name=Clerk", "-c", "user.email=clerk@example.org"]
    for command in (["init", "-q"], ["add", "."], [*author, "commit", "-qm", "The law"]):
        subprocess.run(["git", "-C", str(changed), *command], check=True)
    spoil = changed / "schemes" / "mrmd.yaml"
    spoil.write_text(spoil.read_text(encoding="utf-8").replace("pay: 500", "pay: 600"), encoding="utf-8")
    output, error = _run("git:HEAD", "law", "--law", str(changed), "--lang", "en")
    assert error is None
    assert "₹500 (Government of Madhya Pradesh) → ₹600" in output
    assert isinstance(_run("git:nowhere", "--law", str(changed))[1], NoSuchVersion)
    assert isinstance(_run("git:--output=x", "--law", str(changed))[1], NoSuchVersion)


@pytest.mark.parametrize(
    "arguments", [(), ("a", "b", "c"), ("--from", "2016-10-01"), ("a", "b", "--from", "x", "--to", "y")]
)
def test_what_cannot_be_compared_is_explained(folder: Path, arguments: tuple[str, ...]) -> None:
    assert isinstance(_run("--law", str(folder), *arguments)[1], NothingToCompare)


def test_an_unknown_version_is_explained(folder: Path) -> None:
    assert isinstance(_run("nowhere", "--law", str(folder))[1], NoSuchVersion)
