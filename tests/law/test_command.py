"""`haqdar law` on the command line."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from haqdar.config.commands import law as law_command
from haqdar.config.commands import law_options

Spoil = Callable[..., Path]


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HAQDAR_LANGUAGE", "en")


def _run(*arguments: str) -> tuple[str, BaseException | None]:
    result = CliRunner().invoke(law_command.command, list(arguments))
    return result.output, result.exception


def test_check_says_that_a_sound_law_is_sound(folder: Path) -> None:
    output, error = _run("check", "--law", str(folder))
    assert error is None
    assert "9 schemes, in force from 2012-04-01" in output


def test_check_names_file_and_line_and_fails(spoilt: Spoil) -> None:
    output, error = _run("check", "--law", str(spoilt("schemes/ignwps.yaml", "test: bpl", "test: poor")))
    assert isinstance(error, law_command.LawHasProblems)
    assert "schemes/ignwps.yaml:" in output
    assert "unknown fact 'poor'" in output


def test_check_speaks_hindi(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HAQDAR_LANGUAGE", "hi")
    assert "मध्य प्रदेश का कानून ठीक है" in _run("check", "--law", str(folder))[0]


def test_test_counts_the_examples_that_agree(folder: Path) -> None:
    output, error = _run("test", "--law", str(folder), "--verbose")
    assert error is None
    assert "✔ A widow of 62 with only daughters is paid" in output


def test_test_shows_what_differs_and_fails(spoilt: Spoil) -> None:
    output, error = _run("test", "--law", str(spoilt("schemes/mrmd.yaml", "pay: 500", "pay: 600")))
    assert isinstance(error, law_command.ExamplesDisagree)
    assert "MRMD: the example says ₹500, the law ₹600" in output


def test_show_and_sql_print_one_scheme(folder: Path) -> None:
    shown, error = _run("show", "ignoaps", "--law", str(folder), "--on", "2016-10-01")
    assert error is None
    assert "₹275" in shown
    assert "₹200 Government of India + ₹75 Government of Madhya Pradesh" in shown
    printed, error = _run("sql", "SSP-OLD", "--law", str(folder), "--on", "2016-10-01")
    assert error is None
    assert "ssp_old_verdict" in printed
    assert "ignoaps" not in printed


def test_a_bad_day_is_explained(folder: Path) -> None:
    assert isinstance(_run("show", "--law", str(folder), "--on", "1.10.2016")[1], law_options.NotADay)
