"""Putting the content of a payment file together: its lines read in batches, numbers opened in memory only, written by its format."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from typing import Any, Protocol

from django.db import connection

from haqdar.payments.rails.fixed import FixedWriter
from haqdar.payments.rails.layout import Line
from haqdar.payments.rails.profiles import FileFacts, Profile, Version
from haqdar.payments.rails.xml import XmlWriter
from haqdar.registry.sealing import AADHAAR, ACCOUNT, Sealer, sealer

BATCH = 20_000
Rows = Generator[list[tuple[Any, ...]], None, None]
_PURPOSE = {"account": ACCOUNT, "aadhaar": AADHAAR}


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


def whole(chosen: Profile, version: Version, facts: FileFacts, batches: Rows) -> bytes:
    """The bytes of a whole file. Raises `DoesNotFit`, `UnusableCredit`."""
    writer: Writer = WRITERS[chosen.format](chosen, version, facts)
    keys = sealer()
    parts = [writer.head]
    with closing(batches):
        for rows in batches:
            numbers = opened(keys, chosen.rail, [row[3] for row in rows])
            lines = [
                (name, paise, ifsc, number, reference)
                for (name, paise, ifsc, _, reference), number in zip(rows, numbers, strict=True)
            ]
            parts.append(writer.batch(lines))
    parts.append(writer.tail)
    return b"".join(parts)


def opened(keys: Sealer, rail: str, sealed: list[bytes | None]) -> list[str]:
    """Account or Aadhaar numbers of instructions, which carry two bytes of key version in front of the seal."""
    versions: list[int | None] = [None if one is None else int.from_bytes(one[:2], "big") for one in sealed]
    numbers = keys.unseal(_PURPOSE[rail], [one and one[2:] for one in sealed], versions)
    return [number or "" for number in numbers]
