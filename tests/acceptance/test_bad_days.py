"""A power cut at any instant of a month: run it again, and it is as if nothing had happened.

Every run is a process of its own on a database of its own. The process kills itself (SIGKILL, no clean-up) at a named place;
the test then runs the command as its user would.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests import installations
from tests.oracle.states import Case, make_case

from haqdar.jobs.models import STEPS

ROOT = Path(__file__).resolve().parents[2]
COMMAND = ROOT / "haqdar"
SEED = 7

#: Runs the month and dies when the place named by the first argument is reached.
DIE = """
import os, signal, sys
from pathlib import Path
from haqdar.config.cli_support import database_ready

place, month, out = sys.argv[1:]

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

with database_ready():
    from haqdar.cases import files, posting
    from haqdar.jobs.month import run_month
    from haqdar.payments import actions, ledger
    import haqdar.jobs.month as job

    def dying(module, name, before):
        real = getattr(module, name)
        def wrapped(*args, **named):
            if before:
                die()
            result = real(*args, **named)
            die()
        setattr(module, name, wrapped)

    if place == "decisions posted":
        dying(posting, "post_decisions", False)
    elif place == "money posted":
        dying(actions, "post", False)
    elif place == "run committed":
        dying(files, "write_decisions", True)
    elif place == "decisions written":
        dying(files, "write_decisions", False)
    elif place == "dues written":
        dying(ledger, "write_dues", False)
    elif place == "manifest":
        dying(files, "write_manifest", True)
    run_month(month, Path(out), sanction_starts=True, step=lambda name: die() if name == place else None)
raise SystemExit("the place was not reached")
"""
#: In the order of time: once the run is committed, a repetition posts nothing and those places are not reached again.
PLACES = (
    *STEPS[:-1],
    "decisions posted",
    "money posted",
    STEPS[-1],
    "run committed",
    "decisions written",
    "dues written",
    "manifest",
)


def environment(home: Path) -> dict[str, str]:
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("HAQDAR_", "DATABASE_"))
    }
    return {
        **kept,
        "HAQDAR_HOME": str(home),
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
        "LC_ALL": "C.UTF-8",
    }


def haqdar(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(COMMAND), *arguments], env=environment(home), capture_output=True, text=True, timeout=300
    )


def load(home: Path, case: Case) -> None:
    for number, delivery in enumerate(case.deliveries):
        folder = home / f"delivery-{number}"
        delivery.write(folder)
        done = haqdar(home, "load", str(folder), "--delivered-on", delivery.delivered_on.isoformat())
        assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path, str]]:
    """Two installations with the same secret and the same registers, and the month to run."""
    case = make_case(SEED)
    base = tmp_path_factory.mktemp("bad-days")
    with installations.running(base / "quiet") as quiet, installations.running(base / "stormy") as stormy:
        load(quiet, case)
        load(stormy, case)
        yield quiet, stormy, case.runs[0].month
    shutil.rmtree(base, ignore_errors=True)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_month_killed_anywhere_is_simply_run_again(homes: tuple[Path, Path, str]) -> None:
    quiet, stormy, month = homes
    undisturbed = haqdar(quiet, "month", month, "--out", str(quiet / "out"), "--sanction-starts")
    assert undisturbed.returncode == 0, undisturbed.stderr
    out = stormy / "out"
    for place in PLACES:
        died = subprocess.run(
            [sys.executable, "-c", DIE, place, month, str(out)],
            env=environment(stormy),
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert died.returncode == -9, (place, died.returncode, died.stderr)
        # a file that bears its name is complete: it is the same as in the undisturbed run
        for name, content in contents(out).items() if out.exists() else ():
            if not name.startswith("."):
                assert content == (quiet / "out" / name).read_bytes(), (place, name)
    again = haqdar(stormy, "month", month, "--out", str(out), "--sanction-starts")
    assert again.returncode == 0, again.stderr
    assert "Nothing new is known" in again.stdout
    expected = contents(quiet / "out")
    assert {name: content for name, content in contents(out).items() if name in expected} == expected
    assert {name for name in contents(out) if not name.startswith(".")} == set(expected)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("month", "2016-13"), "2016-13"),
        (("month", "2031-01"), "too far ahead"),
        (("check", "12"), "nine-digit"),
        (("month", "2011-01"), "2012-04-01"),
    ],
)
def test_impossible_wishes_get_a_sentence(
    homes: tuple[Path, Path, str], arguments: tuple[str, ...], says: str
) -> None:
    quiet, _, _ = homes
    answer = haqdar(quiet, *arguments)
    assert answer.returncode != 0
    assert says in answer.stderr
    assert "Traceback" not in answer.stderr


def test_empty_state_says_what_to_do(tmp_path: Path) -> None:
    home = tmp_path / "empty"
    installations.copied_to(home)
    answer = haqdar(home, "month", "2016-10", "--out", str(tmp_path / "out"))
    assert answer.returncode == 1
    assert "Load the registers first" in answer.stderr


def test_unwritable_folder_is_named(homes: tuple[Path, Path, str], tmp_path: Path) -> None:
    quiet, _, month = homes
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    answer = haqdar(quiet, "month", month, "--out", str(blocked / "out"))
    assert answer.returncode == 1
    assert str(blocked) in answer.stderr
