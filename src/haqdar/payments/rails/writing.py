"""Putting the content of a payment file together: its lines read in batches, numbers opened in memory only, written by its format."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from typing import Any, Protocol
from uuid import UUID

from django.db import connection

from haqdar.access.actors import Actor
from haqdar.payments.rails.fixed import FixedWriter
from haqdar.payments.rails.layout import Line
from haqdar.payments.rails.profiles import FileFacts, Profile, Version
from haqdar.payments.rails.xml import XmlWriter
from haqdar.registry.sealing import ACCOUNT, Sealer, sealer
from haqdar.vault.store import VaultSealBroken, reveal

BATCH = 20_000
Rows = Generator[list[tuple[Any, ...]], None, None]


class Writer(Protocol):
    """Writes one file: `head`, then any number of batches, then `tail`."""

    head: bytes
    tail: bytes

    def batch(self, lines: list[Line], /) -> bytes:
        """The bytes of some credits; raises `UnusableCredit`."""
        ...


WRITERS: dict[str, Any] = {"fixed": FixedWriter, "xml": XmlWriter}
"""Format -> what writes it."""


LINE = "i.payee_name, i.paise, i.ifsc, i.destination_sealed, i.reference"
"""What a line takes of an instruction `i`."""
DROP_LINE = "i.payee_name, f.paise, i.ifsc, i.destination_sealed, f.reference"
"""Of one rupee to an account: where it goes is said by the instruction `i` that is to follow it, the rest by itself, `f`."""


def in_batches(query: str, values: list[Any]) -> Rows:
    """The lines of a file that `query` finds, in its order, some ten thousand at a time."""
    with connection.connection.cursor(name="payment_lines", binary=True) as cursor:
        cursor.execute(query, values)
        while rows := cursor.fetchmany(BATCH):
            yield rows


def whole(actor: Actor, chosen: Profile, version: Version, facts: FileFacts, batches: Rows) -> bytes:
    """The bytes of a whole file, made or written anew by `actor`. Raises `DoesNotFit`, `UnusableCredit`, `VaultSealBroken`."""
    writer: Writer = WRITERS[chosen.format](chosen, version, facts)
    keys = sealer()
    parts = [writer.head]
    with closing(batches):
        for rows in batches:
            numbers = opened(actor, keys, chosen.rail, [row[3] for row in rows], "apbs_file")
            lines = [
                (name, paise, ifsc, number, reference)
                for (name, paise, ifsc, _, reference), number in zip(rows, numbers, strict=True)
            ]
            parts.append(writer.batch(lines))
    parts.append(writer.tail)
    return b"".join(parts)


def opened(actor: Actor, keys: Sealer, rail: str, sealed: list[bytes | None], purpose: str) -> list[str]:
    """Account or Aadhaar numbers of instructions, in clear and in order; empty where there is none.

    An account carries two bytes of key version in front of its seal. An Aadhaar number lies in the vault: the instruction has the
    16 bytes of its reference key, and the vault writes down for which `purpose` (`vault.purposes`) who asked. Raises
    `SealBroken`, `VaultSealBroken`.
    """
    if rail == "aadhaar":
        refs = [one and UUID(bytes=bytes(one)) for one in sealed]
        clear = reveal(actor, [ref for ref in refs if ref], purpose)
        if any(ref and ref not in clear for ref in refs):
            raise VaultSealBroken()
        return [clear[ref] if ref else "" for ref in refs]
    versions: list[int | None] = [None if one is None else int.from_bytes(one[:2], "big") for one in sealed]
    numbers = keys.unseal(ACCOUNT, [one and one[2:] for one in sealed], versions)
    return [number or "" for number in numbers]
