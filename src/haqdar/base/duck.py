"""The one way in which an engine (DuckDB) is opened: what it spills to the disk when memory is short never lies there in clear."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

_ALWAYS: dict[str, Any] = {
    "temp_file_encryption": True,
    # the engine's own cryptography; its other one would have to be downloaded
    "force_mbedtls_unsafe": True,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}


def connect_duck(place: Path | str = ":memory:", **config: Any) -> duckdb.DuckDBPyConnection:
    """A connection to an engine in memory, or in the file `place`, with the settings `config`; it never reaches for the network.

    The key for what is spilled is drawn anew for each engine and lives in its memory only; the engine draws it with a generator
    of 64 bits that is not made for keys. That protects what a killed process leaves on a disk; what is kept is sealed otherwise.
    A database in a file is not encrypted by this, only its spilled parts.

    >>> connect_duck(threads=1).execute("SELECT current_setting('temp_file_encryption')").fetchone()
    (True,)
    """
    return duckdb.connect(str(place), config=config | _ALWAYS)
