"""Each spoilt law is refused with the file and the line of what is wrong."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from haqdar.entitlement.law_checks import check_law, ending_values
from haqdar.entitlement.law_examples import run_examples
from haqdar.law import LawRefused, NoLawFolder, load_lawbook

Spoil = Callable[..., Path]


def _line(folder: Path, file: str, text: str) -> int:
    lines = (folder / file).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if text in line)


def test_the_law_of_the_state_is_sound(folder: Path) -> None:
    assert check_law(folder) == []


def test_all_examples_agree_and_there_are_at_least_forty_for_all_schemes(folder: Path) -> None:
    results = run_examples(folder)
    assert [result.name.en for result in results if not result.agrees] == []
    assert len(results) >= 40
    assert len({result.name.en for result in results}) == len(results)
    text = "".join(path.read_text(encoding="utf-8") for path in (folder / "examples").glob("*.yaml"))
    for code in load_lawbook(folder).scheme_groups():
        assert f"{code}: " in text


@pytest.mark.parametrize(
    ("file", "old", "new", "at", "said"),
    [
        ("schemes/ignwps.yaml", "test: bpl", "test: poor", "test: poor", "unknown fact 'poor'"),
        (
            "schemes/ignwps.yaml",
            "test: sex = 'F'",
            "test: sex = 2",
            "test: sex = 2",
            "values of different kinds",
        ),
        (
            "schemes/ignoaps.yaml",
            "age between 65 and 79",
            "age between 66 and 79",
            "amount:",
            "gap: IGNOAPS names no amount for age 65",
        ),
        (
            "schemes/ignoaps.yaml",
            "age between 60 and 64",
            "age between 60 and 65",
            "amount:",
            "overlap: IGNOAPS names more than one amount for age 65",
        ),
        (
            "schemes/ignoaps.yaml",
            "age >= 80, pay: 500",
            "age > 80, pay: 500",
            "amount:",
            "gap: IGNOAPS names no amount for age 80",
        ),
        (
            "schemes/ignwps.yaml",
            '    hi: "महिला विधवा होनी चाहिए (दर्ज: {value})।"\n',
            "",
            "    test: marital_status",
            "criterion 'widow' lacks its Hindi text",
        ),
        (
            "schemes/igndps.yaml",
            "{2012-04-01: 18}",
            "{2012-04-01: 90}",
            "    test: age between",
            "criterion 'age' of IGNDPS is true for nobody",
        ),
        (
            "schemes/ssp-old.yaml",
            "{2012-04-01: 60}",
            "{2012-04-01: 0}",
            "    test: age >=",
            "criterion 'age' of SSP-OLD is true for everybody",
        ),
        ("schemes/ignwps.yaml", "rank: 2", "rank: 3", "rank: 3", "the same rank 3"),
        (
            "schemes/ignwps.yaml",
            "minimum_age: {2012-04-01: 40}",
            "minimum_age: {2014-04-01: 40}",
            "  age:",
            "parameter ':minimum_age' has no value in force on 2012-04-01",
        ),
        (
            "schemes/ignwps.yaml",
            "minimum_age: {2012-04-01: 40}",
            "minimum_age: {2012-04-01: 40, 2015-01-01: 35}",
            "  minimum_age",
            "parameter 'minimum_age' changes on 2015-01-01 but 'source' names no order",
        ),
        (
            "schemes/ignwps.yaml",
            "minimum_age: {2012-04-01: 40}",
            "minimum_age: {2012-04-01: 40, 2015-01-01: null}",
            "  age:",
            "parameter ':minimum_age' has no value in force on 2015-01-01",
        ),
        ("schemes/ignwps.yaml", "{pay: 300}", "{pay: 0}", "{pay: 0}", "above zero"),
        ("schemes/ignwps.yaml", "{pay: 300}", "{pays: 300}", "{pays: 300}", "has no key 'pays'"),
        ("schemes/ignwps.yaml", "group: 1", "group: 7", "group: 7", "the group 7 is not declared"),
        ("schemes/ignwps.yaml", "sponsor: union", "sponsor: bank", "sponsor: bank", "sponsor 'bank'"),
        (
            "schemes/ignwps.yaml",
            "stop_reason: sex",
            "stop_reason: woman",
            "stop_reason: woman",
            "stop reason",
        ),
        ("schemes/ignwps.yaml", "(now: {value})", "(now: {valu})", "  bpl:", "placeholder {valu}"),
        ("schemes/ignwps.yaml", "code: IGNWPS", "code: IGNOAPS", None, "is used in schemes/ignoaps.yaml"),
        ("schemes/ignwps.yaml", "group: 1", "group: [1", None, "is not valid YAML"),
        ("schemes/ignwps.yaml", "rank: 2", "rank: 2\nrank: 2", "rank: 2\nrank", "stands here twice"),
        (
            "schemes/ignoaps.yaml",
            "{union: 200, state: 75}",
            "{union: 200, state: 70}",
            "of_which",
            "add up to 275",
        ),
        ("state.yaml", "recovery_share: 0.5", "recovery_share: 5", "recovery_share", "between 0 and 1"),
        ("state.yaml", 'sub: "2101"', 'sub: "1101"', None, "has the same head as"),
        ("state.yaml", 'sub: "2101"', 'sub: "21"', 'sub: "21"', "does not fit the segment 'sub'"),
        ("state.yaml", "bill: {day: 22", "bill: {day: 5", "  cut_off", "not in their order"),
        ("vocabulary.yaml", "type: one_of", "type: word", "  sex:", "has type 'word'"),
        ("examples/women.yaml", "{IGNWPS: 300}", "{IGNWPX: 300}", "IGNWPX", "there is no scheme IGNWPX"),
        ("examples/women.yaml", "bpl: true", "bpl: perhaps", "perhaps", "is no value of 'bpl'"),
        (
            "examples/women.yaml",
            "sex: F, born_on",
            "sex: F, hight: 3, born_on",
            "hight",
            "unknown fact 'hight'",
        ),
    ],
)
def test_a_spoilt_law_is_refused_with_file_and_line(
    spoilt: Spoil, file: str, old: str, new: str, at: str | None, said: str
) -> None:
    folder = spoilt(file, old, new)
    found = [problem for problem in check_law(folder) if said in problem.en]
    assert found, [str(problem) for problem in check_law(folder)]
    assert found[0].file == file
    assert found[0].hi
    assert found[0].hi != found[0].en
    if at is not None:
        first = at.splitlines()[0]
        line = _line(folder, file, first)
        # a mapping's own line is its first key's
        assert found[0].line in (line, line + 1)


def test_a_part_without_a_head_of_account_is_refused_where_it_is_paid(spoilt: Spoil) -> None:
    folder = spoilt("state.yaml", '      state: {sub_major: "60", minor: "102", sub: "2101"}\n', "")
    (problem,) = check_law(folder)
    assert str(problem) == (
        f"schemes/ignoaps.yaml:{_line(folder, 'schemes/ignoaps.yaml', 'of_which')}: "
        "IGNOAPS has no head of account for its part 'state'"
    )


def test_an_example_that_disagrees_says_what_the_law_gives(spoilt: Spoil) -> None:
    folder = spoilt("examples/women.yaml", "gets: {IGNWPS: 300}", "gets: {IGNWPS: 350}")
    bad = [result for result in run_examples(folder) if not result.agrees]
    assert [result.differences[0].en for result in bad] == [
        "IGNWPS: the example says ₹350, the law ₹300",
    ]


def test_an_example_that_cannot_be_read_is_refused(spoilt: Spoil) -> None:
    folder = spoilt("examples/women.yaml", "on: 2016-10-01", "on: October")
    with pytest.raises(LawRefused, match=r"examples/women.yaml:2: "):
        run_examples(folder)


def test_a_folder_without_law_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoLawFolder):
        load_lawbook(tmp_path)


def test_a_value_that_ends_soon_is_warned_of(spoilt: Spoil) -> None:
    folder = spoilt(
        "schemes/ignwps.yaml", "holds: {from: 2012-04-01}", "holds: {from: 2012-04-01, until: 2026-12-31}"
    )
    book = load_lawbook(folder)
    assert [problem.en for problem in ending_values(book, date(2026, 10, 1))] == ["IGNWPS ends on 2026-12-31"]
    assert ending_values(book, date(2026, 1, 1)) == []
