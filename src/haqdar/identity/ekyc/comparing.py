"""A document beside the register, field by field. Pure: what follows from a difference is for people to say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from haqdar.base import names
from haqdar.identity.ekyc.document import Document

Verdict = Literal["same", "alike", "other", "missing"]
ALIKE = 80
"""Likeness of names (0 to 100) from which two spellings are taken for one name."""
FACTS = {"name": "name", "born_on": "born_on", "sex": "sex"}
"""The fields that a confirmation can correct, and the correctable fact (`registry.corrections`) of each."""


@dataclass(frozen=True)
class Known:
    """What the register says of the person; `last4` and `mobile` are empty where it says nothing."""

    name_en: str
    name_hi: str
    born_on: date | None
    sex: str
    last4: str
    mobile: str
    address: str


@dataclass(frozen=True)
class Line:
    """One field: as recorded, as the document gives it (both as they are shown), and how they compare.

    `asks` is true where somebody must say which is right; `typed` are then the fields of the correction.
    """

    field: str
    recorded: object
    given: object
    verdict: Verdict
    asks: bool = False
    typed: Mapping[str, str] | None = None


def compared(document: Document, known: Known) -> list[Line]:
    """Name, birth, sex, number and address. The address is shown and never taken over: a family's home is another register's.

    A name that is only spelt otherwise stays as it is unless somebody prefers the document's; a document with a year only has nothing to
    say about a day in that year.
    """
    lines = [_name(document, known), _birth(document, known)]
    if document.sex:
        same = document.sex == known.sex
        lines.append(
            Line(
                "sex", known.sex, document.sex, "same" if same else "other", not same,
                None if same else {"sex": document.sex},
            )
        )  # fmt: skip
    if document.last4:
        verdict: Verdict = "same" if known.last4 == document.last4 else "other" if known.last4 else "missing"
        lines.append(Line("number", known.last4, document.last4, verdict))
    address = ", ".join(document.address.values())
    if address:
        lines.append(Line("address", known.address, address, "missing" if not known.address else "alike"))
    return lines


def _name(document: Document, known: Known) -> Line:
    given = document.name
    if names.clean(given) in (names.clean(known.name_en), names.clean(known.name_hi)):
        return Line("name", known.name_en or known.name_hi, given, "same")
    best = max((names.likeness(given, own) for own in (known.name_en, known.name_hi) if own), default=0)
    verdict: Verdict = "alike" if best >= ALIKE else "other"
    # of another name, the old one in the other script must not stay: without a Hindi name the pages show the Latin one
    kept = known if verdict == "alike" else None
    typed = (
        {"name_en": given, "name_hi": kept.name_hi if kept else ""}
        if given.isascii()
        else {"name_en": kept.name_en if kept and kept.name_en else given, "name_hi": given}
    )
    return Line("name", known.name_en or known.name_hi, given, verdict, True, typed)


def _birth(document: Document, known: Known) -> Line:
    given: object = document.born_on or document.birth_year
    if given is None:
        return Line("born_on", known.born_on, None, "missing")
    if document.born_on is None:
        same = known.born_on is not None and known.born_on.year == document.birth_year
        # a year alone corrects nothing: the day would be invented
        return Line(
            "born_on", known.born_on, given, "same" if same else "other" if known.born_on else "missing"
        )
    if document.born_on == known.born_on:
        return Line("born_on", known.born_on, given, "same")
    verdict: Verdict = "missing" if known.born_on is None else "other"
    return Line("born_on", known.born_on, given, verdict, True, {"born_on": document.born_on.isoformat()})


def years_apart(document: Document, known: Known) -> int:
    """Whole years between the two births, 0 where either is unknown."""
    if known.born_on is None or document.birth_year is None:
        return 0
    if document.born_on is None:
        return abs(document.birth_year - known.born_on.year)
    return abs((document.born_on - known.born_on).days) // 365


def contradicts(lines: list[Line], years: int, most_years: int) -> bool:
    """Whether the document is of somebody else as far as the record goes: another name, and a birth more than `most_years` away."""
    name = next(line for line in lines if line.field == "name")
    return bool(name.recorded) and name.verdict == "other" and years > most_years


def kept_against(lines: list[Line], taken: list[Line]) -> list[str]:
    """The fields that stay as recorded although the document says something else; another spelling of a name is the same name."""
    return [
        line.field for line in lines if line.field in FACTS and line.verdict == "other" and line not in taken
    ]


def too_different(lines: list[Line], years: int, citizen_years: int) -> list[str]:
    """The fields that keep a citizen from confirming alone: an office compares the document with the person then."""
    found = [line.field for line in lines if line.field in ("name", "sex") and line.verdict == "other"]
    return found + (["born_on"] if years > citizen_years else [])
