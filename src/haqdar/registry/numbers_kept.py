"""The kinds of numbers by which a person can be looked up beside member ID, family ID, Aadhaar, mobile and account.

The register brings its own; a part above it that keeps numbers of people adds its kinds when the product starts
(`AppConfig.ready`), so that nothing here knows of it.
"""

from __future__ import annotations

from typing import NamedTuple


class NumberKind(NamedTuple):
    """A kind of number: its code for pages, and the SQL of its people, which ends before the value that is compared, by index.

    `upper`: the numbers are written in capitals, and what is typed is read so.
    """

    kind: str
    query: str
    upper: bool = False


NUMBERS = [
    NumberKind("card", "SELECT r.member_id FROM registry_bpl_belief b JOIN registry_resident_belief r USING (family_id) WHERE b.card_no"),
    NumberKind("certificate", "SELECT member_id FROM registry_disability_belief WHERE certificate_no"),
    NumberKind("labour_card", "SELECT member_id FROM registry_labour_belief WHERE card_no"),
]  # fmt: skip


def also_by(kind: NumberKind) -> None:
    """Let people be looked up by one more kind of number."""
    if kind not in NUMBERS:
        NUMBERS.append(kind)


__all__ = ["NUMBERS", "NumberKind", "also_by"]
