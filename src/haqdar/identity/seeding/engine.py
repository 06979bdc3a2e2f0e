"""The engine in which lists are compared: DuckDB in bounded memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from django.conf import settings

MEMORY = "3GB"


@contextmanager
def workbench(memory: str = MEMORY) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB database in bounded memory; what it spills lies in a folder for this process alone and is removed."""
    place = Path(settings.HAQDAR_HOME) / "tmp"
    place.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="seed-", dir=place) as folder:
        duck = duckdb.connect(
            ":memory:",
            config={
                "memory_limit": memory,
                "threads": 2,
                "temp_directory": folder,
                "preserve_insertion_order": False,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            },
        )
        try:
            yield duck
        finally:
            duck.close()
