"""The folder of answers: what the State's transfer agent lays into it is read by the worker and moved on, with what was made of it.

HAQDAR_HOME/answers/            the bank's files, as they come; packed with gzip or not
HAQDAR_HOME/answers/done/       read; removed after a week, because account numbers stand in them in clear
HAQDAR_HOME/answers/refused/    no file of answers, or damaged; beside each, in NAME.txt, why
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from haqdar.access.actors import Actor, require
from haqdar.base.refusal import Refusal
from haqdar.payments.models import ResponseFile
from haqdar.payments.responses.reading import read_response

QUIET_SECONDS = 60
"""A file that was written to within so many seconds may still be on its way."""
KEPT_SECONDS = 7 * 24 * 3600
"""How long a file that was read stays in the folder `done`."""
_UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload")


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that was taken out of the folder: what was read, or why it was refused."""

    name: str
    read: ResponseFile | None
    refusal: Refusal | None


def folder(part: str = "") -> Path:
    """The folder of answers, or its part `done` or `refused`; for its owner alone."""
    path = Path(settings.HAQDAR_HOME) / "answers" / part
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def waiting() -> list[Path]:
    """The files that lie in the folder and are whole, by name: plain files, at rest for a minute, no hidden or unfinished ones."""
    before = time.time() - QUIET_SECONDS
    return sorted(
        path
        for path in folder().iterdir()
        if not path.name.startswith(".")
        and not path.name.endswith(_UNFINISHED)
        and not path.is_symlink()
        and path.is_file()
        and path.stat().st_mtime <= before
    )


def refused() -> int:
    """How many refused files lie in their folder, waiting for somebody to look at them."""
    return sum(
        1
        for path in folder("refused").iterdir()
        if path.is_file() and path.with_name(f"{path.name}.txt").exists()
    )


def read_folder(actor: Actor) -> Iterator[Taken]:
    """Read every file that waits in the folder, one after the other, and move it to `done` or `refused`.

    A process that is stopped between reading and moving reads the file again, which changes nothing. Needs `response.read`.
    """
    actor = require(actor, "response.read")
    _forget()
    for path in waiting():
        try:
            read = read_response(actor, path, path.name)
        except Refusal as refusal:
            moved = _move(path, "refused")
            moved.with_name(f"{moved.name}.txt").write_text(f"{refusal.hi}\n{refusal.en}\n", encoding="utf-8")
            yield Taken(path.name, None, refusal)
        else:
            _move(path, "done")
            yield Taken(path.name, read, None)


def _move(path: Path, part: str) -> Path:
    """Move a file under its name, or with a number where one of that name lies there already."""
    wanted = folder(part) / path.name
    number = 1
    while wanted.exists():
        number += 1
        wanted = folder(part) / f"{number}-{path.name}"
    path.replace(wanted)
    os.utime(wanted)
    wanted.chmod(0o600)
    return wanted


def _forget() -> None:
    """Remove files that were read a week ago."""
    for path in folder("done").iterdir():
        if path.is_file() and path.stat().st_mtime < time.time() - KEPT_SECONDS:
            path.unlink(missing_ok=True)
