"""Sealing of account numbers: encrypted one by one with a data key that the master key wraps.

Envelope encryption: each number is sealed by AES-256-GCM under a data key; the data keys lie in `registry_data_key`,
wrapped (AES-256-GCM) by a key derived from settings.HAQDAR_SECRET. Changing the master key re-wraps the data keys and
leaves the sealed history as it is. Numbers are found by a keyed hash (HMAC-SHA-256, first 128 bits) under a key of its
own, the same for ever. Columns go through as Arrow batches; no number is ever logged or part of a fingerprint. Aadhaar
numbers lie in the vault (`haqdar.vault`); here only their keyed hash for fingerprints is computed, and what versions before
the vault sealed is opened when it moves.
"""

import hashlib
import hmac
import os
from dataclasses import dataclass
from uuid import UUID

import pyarrow as pa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting, require
from haqdar.access.seals import retire
from haqdar.base.keyed import keyed_hash, keyed_hash_sql
from haqdar.base.refusal import Refusal
from haqdar.registry.models import DataKey

AADHAAR = "aadhaar"
ACCOUNT = "account"
MOBILE = "mobile"
_NONCE = 12
_HASH_VERSION = 0


class WrongMasterKey(Refusal):
    """The data keys were wrapped by another master key than the one given."""

    code = "wrong_master_key"
    en = (
        "The stored keys were locked with another master key; set HAQDAR_MASTER_KEY to the one in use before, or "
        "set HAQDAR_MASTER_KEY_PREVIOUS to it and rotate."
    )
    hi = (
        "रखी हुई कुंजियाँ किसी दूसरी मास्टर कुंजी से बंद हैं; HAQDAR_MASTER_KEY में पहले वाली कुंजी दें, या उसे "
        "HAQDAR_MASTER_KEY_PREVIOUS में देकर कुंजी बदलें।"
    )


class SealBroken(Refusal):
    """A sealed number was changed or belongs to another column."""

    code = "seal_broken"
    en = "A sealed number cannot be opened: it was changed or damaged. Restore the table from a backup."
    hi = "एक सीलबंद संख्या नहीं खुल सकी: वह बदली या बिगड़ी है। तालिका को बैकअप से लौटाएँ।"


@dataclass(frozen=True)
class Sealer:
    """The opened data keys: `current` seals new numbers, `keys` opens those of every version."""

    current: int
    keys: dict[int, bytes]
    hash_key: bytes

    def seal(self, purpose: str, numbers: "pa.Array[pa.StringScalar]") -> "pa.Array[pa.BinaryScalar]":
        """Each number sealed (nonce, then cipher text with tag); NULL stays NULL. `purpose` is bound into the seal."""
        encrypt = AESGCM(self.keys[self.current]).encrypt
        bound = purpose.encode()
        random = os.urandom(_NONCE * len(numbers))
        nonces = (random[at : at + _NONCE] for at in range(0, len(random), _NONCE))
        sealed = [
            None if number is None else nonce + encrypt(nonce, number, bound)
            for nonce, number in zip(nonces, numbers.cast(pa.binary()).to_pylist(), strict=True)
        ]
        return pa.array(sealed, pa.binary())

    def unseal(
        self, purpose: str, sealed: list[bytes | None], versions: list[int | None]
    ) -> list[str | None]:
        """The numbers in clear, for display to those allowed only; raises `SealBroken`."""
        bound = purpose.encode()
        clear: list[str | None] = []
        try:
            for value, version in zip(sealed, versions, strict=True):
                if value is None or version is None:
                    clear.append(None)
                    continue
                opened = AESGCM(self.keys[version]).decrypt(value[:_NONCE], value[_NONCE:], bound)
                clear.append(opened.decode())
        except (InvalidTag, KeyError) as error:
            raise SealBroken() from error
        return clear

    def seal_one(self, purpose: str, text: str) -> tuple[bytes, int]:
        """One text sealed, and the version of the key that sealed it."""
        (sealed,) = self.seal(purpose, pa.array([text])).to_pylist()
        return sealed, self.current

    def unseal_one(self, purpose: str, sealed: bytes | memoryview | None, version: int | None) -> str:
        """One sealed text in clear, empty for none; raises `SealBroken`."""
        (clear,) = self.unseal(purpose, [None if sealed is None else bytes(sealed)], [version])
        return clear or ""

    def seal_file(self, name: str, content: bytes) -> tuple[bytes, int]:
        """The content of a file sealed under its `name`, and the version of the key."""
        nonce = os.urandom(_NONCE)
        return nonce + AESGCM(self.keys[self.current]).encrypt(nonce, content, name.encode()), self.current

    def open_file(self, name: str, sealed: bytes, version: int) -> bytes:
        """The content of a sealed file; raises `SealBroken` when it was changed or lies under another name."""
        try:
            return AESGCM(self.keys[version]).decrypt(sealed[:_NONCE], sealed[_NONCE:], name.encode())
        except (InvalidTag, KeyError) as error:
            raise SealBroken() from error

    def hash_sql(self, purpose: str, text: str) -> tuple[str, list[bytes]]:
        """SQL (DuckDB) of the keyed hash of the text expression as a UUID, and its two parameters."""
        return keyed_hash_sql(self._hash_key(purpose), text)

    def keyed_hash(self, purpose: str, text: str) -> UUID:
        """The keyed hash of one text (HMAC-SHA-256, first 128 bits), for a look-up."""
        return keyed_hash(self._hash_key(purpose), text)

    def _hash_key(self, purpose: str) -> bytes:
        return hmac.digest(self.hash_key, purpose.encode(), "sha256")


def account_text(ifsc: str | None, account_no: str) -> str:
    """What the hash of an account is taken over: the same number at another bank is another account."""
    return f"{ifsc or ''}/{account_no}"


def mask(last4: str | None) -> str:
    """A number as pages show it.

    >>> mask("1234"), mask(None)
    ('XXXX 1234', '')
    """
    return f"XXXX {last4}" if last4 else ""


def sealer() -> Sealer:
    """The opened data keys, made at first use; raises `WrongMasterKey`."""
    with transaction.atomic():
        stored = list(DataKey.objects.order_by("version"))
        if not stored:
            _add_key(_HASH_VERSION, "hash")
            _add_key(1, "seal")
            stored = list(DataKey.objects.order_by("version"))
    opened = {row.version: _unwrap(row, bytes(settings.HAQDAR_SECRET)) for row in stored}
    seals = {row.version: opened[row.version] for row in stored if row.purpose == "seal"}
    return Sealer(current=max(seals), keys=seals, hash_key=opened[_HASH_VERSION])


def rotate(actor: Actor) -> int:
    """Wrap every data key with the present master key and start a new one for numbers sealed from now on.

    Set HAQDAR_MASTER_KEY_PREVIOUS to the former master key while this runs. Returns the number of keys re-wrapped;
    sealed numbers and their hashes do not change. Raises `WrongMasterKey`.
    """
    require(actor, "key.rotate")
    present = bytes(settings.HAQDAR_SECRET)
    previous = settings.HAQDAR_PREVIOUS_SECRET
    with acting(actor, "key.rotate"):
        stored = list(DataKey.objects.select_for_update().order_by("version"))
        for row in stored:
            wrapped_by = present if row.master == _fingerprint(present) else bytes(previous or present)
            key = _unwrap(row, wrapped_by)
            row.wrapped = _wrap(key, row.version, row.purpose, present)
            row.master = _fingerprint(present)
        DataKey.objects.bulk_update(stored, ["wrapped", "master"])
        retire(previous)
        newest = max((row.version for row in stored), default=0)
        if newest:
            _add_key(newest + 1, "seal")
        record(actor, "key.rotate", "data_key", str(newest + 1), new={"rewrapped": len(stored)})
    return len(stored)


def _add_key(version: int, purpose: str) -> None:
    master = bytes(settings.HAQDAR_SECRET)
    DataKey.objects.create(
        version=version,
        purpose=purpose,
        wrapped=_wrap(os.urandom(32), version, purpose, master),
        master=_fingerprint(master),
        created_at=timezone.now(),
    )


def _wrapping_key(master: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"haqdar data keys").derive(master)


def _fingerprint(master: bytes) -> str:
    return hashlib.sha256(b"haqdar master key" + _wrapping_key(master)).hexdigest()[:16]


def _wrap(key: bytes, version: int, purpose: str, master: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(_wrapping_key(master)).encrypt(nonce, key, f"{purpose} {version}".encode())


def _unwrap(row: DataKey, master: bytes) -> bytes:
    wrapped = bytes(row.wrapped)
    try:
        return AESGCM(_wrapping_key(master)).decrypt(
            wrapped[:_NONCE], wrapped[_NONCE:], f"{row.purpose} {row.version}".encode()
        )
    except InvalidTag as error:
        raise WrongMasterKey() from error
