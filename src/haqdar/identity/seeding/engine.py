"""The engine in which lists are compared: DuckDB in bounded memory."""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb
from django.conf import settings

from haqdar.base.duck import connect_duck

MEMORY = "3GB"
_LIVES = "lives"


@contextmanager
def workbench(memory: str = MEMORY) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB database in bounded memory; what it spills lies encrypted in a folder for this run alone and is removed.

    What killed runs left behind is removed first.
    """
    place = Path(settings.HAQDAR_HOME) / "tmp"
    place.mkdir(parents=True, exist_ok=True)
    _sweep(place)
    with tempfile.TemporaryDirectory(prefix="seed-", dir=place) as folder:
        with (Path(folder) / _LIVES).open("w") as lives:
            fcntl.flock(lives, fcntl.LOCK_EX)
            duck = connect_duck(
                memory_limit=memory, threads=2, temp_directory=folder, preserve_insertion_order=False
            )
            try:
                yield duck
            finally:
                duck.close()


def _sweep(place: Path) -> None:
    """Remove the folders whose process is gone: it held a lock on a file in it as long as it lived."""
    for left in place.glob("seed-*"):
        with suppress(OSError), (left / _LIVES).open("r+") as lives:
            fcntl.flock(lives, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(left, ignore_errors=True)
