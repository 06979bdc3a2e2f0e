"""Files of departments' lists in the data folder: sealed piece by piece, so that nothing of them lies on the disk in clear.

A file is a row of pieces of one megabyte, each AES-256-GCM under a data key of `registry.sealing`, bound to the file's name, its
place and whether it is the last: pieces cannot be exchanged, dropped or cut off. The reader seeks, so Parquet and Excel files
are read as they lie.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from haqdar.base.files import atomic_write
from haqdar.identity.seeding.refusals import FileGone
from haqdar.registry.sealing import SealBroken, Sealer, sealer

PIECE = 1 << 20
_NONCE = 12
_HEAD = struct.Struct(">4sHQ")
_MARK = b"HQL1"
_SEALED = PIECE + _NONCE + 16


class SealingFile(io.RawIOBase):
    """Seals what is written to it. Give the end with `close`; `sha256` and `size` are of what was written, in clear."""

    def __init__(self, path: Path, name: str) -> None:
        keys = sealer()
        self._version = keys.current
        self._encrypt = AESGCM(keys.keys[keys.current]).encrypt
        self._name = name
        self._file = path.open("wb")
        self._file.write(_HEAD.pack(_MARK, self._version, 0))
        self._buffer = bytearray()
        self._pieces = 0
        self._hash = hashlib.sha256()
        self.size = 0

    @property
    def sha256(self) -> str:
        """SHA-256 of what was written, in hexadecimal."""
        return self._hash.hexdigest()

    def writable(self) -> bool:
        """It is written only."""
        return True

    def tell(self) -> int:
        """How much was written."""
        return self.size

    def write(self, data: Any) -> int:
        """Seal more bytes."""
        piece = bytes(data)
        self._hash.update(piece)
        self.size += len(piece)
        self._buffer += piece
        # the last piece is sealed as the last, so one is always held back
        while len(self._buffer) > PIECE:
            self._put(bytes(self._buffer[:PIECE]), last=False)
            del self._buffer[:PIECE]
        return len(piece)

    def close(self) -> None:
        """Seal the last piece."""
        if self.closed:
            return
        try:
            self._put(bytes(self._buffer), last=True)
            self._file.seek(0)
            self._file.write(_HEAD.pack(_MARK, self._version, self.size))
            self._file.flush()
            os.fsync(self._file.fileno())
        finally:
            self._file.close()
            super().close()

    def _put(self, piece: bytes, *, last: bool) -> None:
        nonce = os.urandom(_NONCE)
        self._file.write(nonce + self._encrypt(nonce, piece, _bound(self._name, self._pieces, last)))
        self._pieces += 1


class SealedFile(io.RawIOBase):
    """Reads a sealed file at any place; raises ``SealBroken`` for one that was changed, renamed or cut off."""

    def __init__(self, path: Path, name: str, keys: Sealer | None = None) -> None:
        self._file = path.open("rb")
        head = self._file.read(_HEAD.size)
        if len(head) < _HEAD.size or head[:4] != _MARK:
            self._file.close()
            raise SealBroken()
        _, version, self.size = _HEAD.unpack(head)
        opened = (keys or sealer()).keys
        if version not in opened:
            self._file.close()
            raise SealBroken()
        self._decrypt = AESGCM(opened[version]).decrypt
        self._name = name
        self._at = 0
        self._last = max(0, -(-self.size // PIECE) - 1)
        self._held = -1
        self._piece = b""

    def readable(self) -> bool:
        """It is read only."""
        return True

    def seekable(self) -> bool:
        """Every place can be read."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        """The place."""
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Read on from the place."""
        if self._at >= self.size:
            return 0
        number, within = divmod(self._at, PIECE)
        if number != self._held:
            self._open(number)
        part = self._piece[within : within + len(buffer)]
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)

    def close(self) -> None:
        """Forget what was opened."""
        if not self.closed:
            self._file.close()
            self._piece = b""
            super().close()

    def _open(self, number: int) -> None:
        self._file.seek(_HEAD.size + number * _SEALED)
        sealed = self._file.read(_SEALED)
        try:
            self._piece = self._decrypt(
                sealed[:_NONCE], sealed[_NONCE:], _bound(self._name, number, number == self._last)
            )
        except (InvalidTag, ValueError) as error:
            raise SealBroken() from error
        self._held = number


class SealedPath:
    """A sealed file where a path is asked for: it has a `name` and is opened for reading."""

    def __init__(self, path: Path, sealed_name: str, name: str) -> None:
        self._path, self._sealed_name = path, sealed_name
        # an engine reads in a thread of its own, which has no connection to the database
        self._keys = sealer()
        self.name = name

    def open(self, mode: str = "rb") -> BinaryIO:
        """The content in clear; raises `FileGone`."""
        if not self._path.exists():
            raise FileGone(file=self.name)
        return io.BufferedReader(SealedFile(self._path, self._sealed_name, self._keys), PIECE)


def _bound(name: str, number: int, last: bool) -> bytes:
    return f"{name} {number}{' last' if last else ''}".encode()


def folder() -> Path:
    """Where the lists lie."""
    place = Path(settings.HAQDAR_HOME) / "seeding"
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    return place


def path_of(key: UUID, what: str) -> Path:
    """The sealed file of a list: `what` is upload, rows or problems."""
    return folder() / f"{key}.{what}"


def sealed_name(key: UUID, what: str) -> str:
    """The name to which the content of a list's file is bound."""
    return f"{what} {key}"


@contextmanager
def writing(key: UUID, what: str) -> Iterator[SealingFile]:
    """Write a file of a list; it is there as a whole or not at all."""
    with atomic_write(path_of(key, what), private=True) as draft:
        file = SealingFile(draft, sealed_name(key, what))
        with _closing(file):
            yield file


@contextmanager
def opened(key: UUID, what: str) -> Iterator[BinaryIO]:
    """Read a file of a list in clear; raises ``FileNotFoundError``, ``SealBroken``."""
    with io.BufferedReader(SealedFile(path_of(key, what), sealed_name(key, what)), PIECE) as file:
        yield file


def take_over(key: UUID, source: Path, what: str = "upload") -> tuple[str, int]:
    """Seal the content of a plain file as a file of a list; its SHA-256 and size."""
    with writing(key, what) as file:
        with source.open("rb") as plain:
            shutil.copyfileobj(plain, file, PIECE)
        digest, size = file.sha256, file.size
    return digest, size


def destroy(key: UUID, *what: str) -> None:
    """Remove files of a list; one that is not there is no matter."""
    for one in what:
        path_of(key, one).unlink(missing_ok=True)


class _closing:
    """Close a sealing file; where the body failed it stays unfinished, and its draft is removed anyway."""

    def __init__(self, file: SealingFile) -> None:
        self._file = file

    def __enter__(self) -> SealingFile:
        return self._file

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
