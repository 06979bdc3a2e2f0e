"""The command line teaches, refuses in one sentence, and never shows a traceback."""

import errno
import logging
import re
import sys
from collections.abc import Callable
from pathlib import Path

import click
import psycopg
import pytest

from haqdar.base.refusal import Refusal
from haqdar.config import cli
from haqdar.config.logs import MaskedFormatter, masked


class NothingOwed(Refusal):
    """An example."""

    en = "Nothing is owed for {month}."
    hi = "{month} के लिए कुछ देय नहीं है।"


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], int]:
    """Run the command line with a command that raises."""

    def run(error: BaseException) -> int:
        def body() -> None:
            raise error

        monkeypatch.setattr(cli, "main", click.Command("main", callback=body))
        return cli.run([])

    return run


def test_help_teaches_and_lists_only_what_is_there(haqdar: Callable) -> None:  # type: ignore[type-arg]
    done = haqdar("--help")
    assert done.returncode == 0
    assert "First steps" in done.stdout
    listed = re.findall(r"^  ([a-z-]+)", done.stdout.split("Commands:")[1], re.MULTILINE)
    assert set(listed) <= set(cli.COMMANDS)
    assert "migrate" in listed


@pytest.mark.parametrize("name", list(cli.COMMANDS))
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run([name, "--help"]) == 0
    assert "Usage: haqdar " + name in capsys.readouterr().out


def test_an_unknown_command_names_the_known_ones(haqdar: Callable) -> None:  # type: ignore[type-arg]
    done = haqdar("moon")
    assert done.returncode == 2
    assert "'moon'" in done.stderr
    assert "month" in done.stderr


def test_a_refusal_is_one_sentence_in_the_chosen_language(
    failing: Callable[[BaseException], int],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HAQDAR_LANGUAGE", "en")
    assert failing(NothingOwed(month="2016-10")) == 1
    assert capsys.readouterr().err == "Nothing is owed for 2016-10.\n"
    monkeypatch.setenv("HAQDAR_LANGUAGE", "hi")
    assert failing(NothingOwed(month="2016-10")) == 1
    assert capsys.readouterr().err == "2016-10 के लिए कुछ देय नहीं है।\n"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/x"), "disk is full"),
        (psycopg.errors.DiskFull("could not extend file"), "disk is full"),
        (RuntimeError("IO Error: Could not write file: No space left on device"), "disk is full"),
        (
            psycopg.OperationalError("server closed the connection unexpectedly"),
            "connection to the database was lost",
        ),
        (PermissionError(errno.EACCES, "Permission denied", "/results"), "/results: Permission denied"),
        (OSError(errno.EROFS, "Read-only file system", "/results"), "/results: Read-only file system"),
        (KeyError("member 123456789"), "unforeseen error"),
    ],
)
def test_bad_days_end_as_a_sentence(
    failing: Callable[[BaseException], int], capsys: pytest.CaptureFixture[str], error: Exception, words: str
) -> None:
    assert failing(error) == 1
    said = capsys.readouterr().err
    assert words in said
    assert len(said.strip().splitlines()) == 1
    assert "Traceback" not in said
    assert "123456789" not in said


def test_an_interrupt_ends_with_its_own_status(failing: Callable[[BaseException], int]) -> None:
    assert failing(KeyboardInterrupt()) == 130


@pytest.mark.parametrize(
    "text",
    [
        "member 100000123",
        "9999 1234 5678",
        "Key (aadhaar_hash)=(999912345678)",
        "mobile 9876543210, family 12345678",
    ],
)
def test_no_personal_number_reaches_a_log(text: str) -> None:
    assert not any(len(part) > 6 for part in "".join(c if c.isdigit() else " " for c in masked(text)).split())


def test_a_traceback_is_masked_too() -> None:
    record = logging.LogRecord("haqdar", logging.ERROR, __file__, 1, "row %s", ("100000123",), None)
    try:
        raise KeyError("member 100000456")
    except KeyError:
        record.exc_info = sys.exc_info()
    text = MaskedFormatter("{asctime} {message}", style="{").format(record)
    assert "100000" not in text
    assert "row …23" in text
    assert "member …56" in text


def test_dates_times_and_counts_stay_readable_in_logs() -> None:
    for text in ("2016-10-01 12:30:45", "1,234,567 rows", "loaded 1234567 rows", "port 8000"):
        assert masked(text) == text


def test_the_module_of_each_command_is_its_own_file() -> None:
    folder = Path(cli.__file__).parent / "commands"
    names = {p.stem.replace("_", "-") for p in folder.glob("*.py") if p.stem != "__init__"}
    # a file beside law.py whose name begins with law_ holds one of its subcommands
    assert {name for name in names if not name.startswith("law-")} <= set(cli.COMMANDS)
