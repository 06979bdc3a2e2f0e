"""Installations of the product for tests that use its command line: made once, copied, their servers kept running.

An empty installation takes many seconds of processor time to make (a cluster, every migration). The first test that wants one makes
it; all others of the whole run, in whichever worker, get a copy.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from tests.home import SHARED

from haqdar.config import database

ROOT = Path(__file__).resolve().parents[1]


def copied_to(home: Path) -> None:
    """Make an installation with all its tables in the new folder `home`; no server runs on it yet."""
    made = _made()
    home.parent.chmod(0o711)
    shutil.copytree(made, home, symlinks=True, copy_function=_copied, ignore=shutil.ignore_patterns("socket"))
    for folder, folders, files in os.walk(made):
        here = home / Path(folder).relative_to(made)
        for name in ("", *folders, *files):
            owner = (Path(folder) / name).lstat()
            if (here / name).exists():
                os.chown(here / name, owner.st_uid, owner.st_gid)


@contextmanager
def running(home: Path) -> Iterator[Path]:
    """An installation in `home` whose server runs until the end, so that commands need not start and stop it."""
    copied_to(home)
    with database.server(home):
        yield home


def _copied(source: str, target: str) -> str:
    return str(shutil.copy2(source, target))


def _made() -> Path:
    """The installation that is copied; made by whoever comes first."""
    SHARED.mkdir(mode=0o711, exist_ok=True)
    made = SHARED / "installation"
    with (SHARED / "installation.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            draft = SHARED / "draft"
            shutil.rmtree(draft, ignore_errors=True)
            kept = {name: value for name, value in os.environ.items() if not name.startswith("HAQDAR_")}
            subprocess.run(
                [sys.executable, "-m", "haqdar.config.cli", "migrate"],
                env=kept | {"HAQDAR_HOME": str(draft), "PYTHONPATH": str(ROOT / "src"), "LC_ALL": "C.UTF-8"},
                check=True,
                capture_output=True,
                timeout=600,
            )
            with database.server(draft):
                administrator = database.Cluster(draft).administrator("template1")
                with psycopg.connect(administrator, autocommit=True) as connection:
                    # none of these tests takes the machine's power away
                    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                        connection.execute(f"ALTER SYSTEM SET {setting} = off")
            draft.rename(made)
    return made
