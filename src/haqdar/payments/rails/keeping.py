"""Where payment files lie: sealed in the data folder, whole or not at all, and swept where no row tells of them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection
from pathlib import Path

from django.conf import settings

from haqdar.base.month import Month
from haqdar.registry.sealing import sealer

SUFFIX = ".sealed"


def folder(month: Month) -> Path:
    """The folder of a month's files, for their owner alone."""
    path = Path(settings.HAQDAR_HOME) / "payment-files" / str(month)
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def keep(month: Month, name: str, content: bytes) -> Path:
    """Keep a file's content sealed under its name; on return it is on disk, complete."""
    sealed, version = sealer().seal_file(name, content)
    return write(folder(month) / f"{name}{SUFFIX}", version.to_bytes(2, "big"), sealed)


def kept(month: Month, name: str) -> bytes | None:
    """The content kept under a name, None where there is no such file; raises `SealBroken`."""
    try:
        raw = (folder(month) / f"{name}{SUFFIX}").read_bytes()
    except FileNotFoundError:
        return None
    return sealer().open_file(name, raw[2:], int.from_bytes(raw[:2], "big"))


def sweep(month: Month, known: Collection[str]) -> int:
    """Remove what a stopped process left in the month's folder: every file that is not `known`; returns how many."""
    removed = 0
    for path in folder(month).iterdir():
        if path.name.removesuffix(SUFFIX) not in known:
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def write(path: Path, *parts: bytes) -> Path:
    """Write `parts` to `path`, readable by its owner from the first byte on; it stands whole and on disk, or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # made with mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            for part in parts:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
        sync(path.parent)
    finally:
        Path(name).unlink(missing_ok=True)
    return path


def sync(path: Path) -> None:
    """Make what a folder lists survive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def forget(month: Month, name: str) -> None:
    """Remove a kept file, where it is."""
    (folder(month) / f"{name}{SUFFIX}").unlink(missing_ok=True)


def outgoing() -> Path:
    """The folder from which the State's transfer agent takes envelopes to the bank."""
    path = Path(settings.HAQDAR_HOME) / "hand-over"
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def ready(name: str, content: bytes) -> bytes:
    """Lay content ready under a hidden name in the hand-over folder; returns it."""
    for cut_short in outgoing().glob(f"..{name}.ready.*"):
        cut_short.unlink(missing_ok=True)
    write(outgoing() / f".{name}.ready", content)
    return content


def hand_over(name: str) -> None:
    """Give what lies ready its name; nothing happens where nothing lies ready."""
    path = outgoing() / f".{name}.ready"
    if path.exists():
        path.replace(outgoing() / name)
        sync(outgoing())
