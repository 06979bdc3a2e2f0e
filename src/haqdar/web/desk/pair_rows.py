"""Two records beside each other: what stands in each, and what the comparison of a field says, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from haqdar.access.actors import Actor
from haqdar.base.refusal import Words
from haqdar.cases.adjudication import Hangs
from haqdar.cases.caselists import CaseRow, cases_of_member
from haqdar.identity.linking.words import FIELDS, sentence
from haqdar.payments.passbook import PassbookRow, passbook
from haqdar.registry import profiles
from haqdar.registry.models import Document

Evidence = Sequence[tuple[str, str, float]]
"""(field, level, weight) of each compared field."""

MUCH, SOME = 4.0, 1.0
"""Weights (base-2 logarithms of odds): sixteen to one speaks strongly, two to one speaks."""
LAST_PAID = 3

# Evidence of the machine -> the row of the page it stands in.
_ROW_OF = {
    "given": "name",
    "surname": "name",
    "relation": "relation",
    "mother": "mother",
    "birth": "born",
    "sex": "sex",
    "place": "place",
    "mobile": "mobile",
    "aadhaar": "aadhaar",
}
ROWS = ("name", "sex", "born", "relation", "mother", "place", "marital", "aadhaar", "mobile", "account")


@dataclass(frozen=True)
class Side:
    """One of the two records with all that an officer weighs: family, money, cases, photographs."""

    key: str
    profile: profiles.Profile
    people: list[dict[str, Any]]
    died_on: date | None
    hangs: Hangs
    paid: list[PassbookRow]
    cases: list[CaseRow]
    photographs: list[Document]

    @property
    def born_on(self) -> date | None:
        """The day of birth as recorded."""
        found: date | None = self.profile.resident["born_on"]
        return found

    def card(self, member_id: int | None) -> profiles.Card | None:
        """A relative by number; without name where the relative lives outside the reader's area."""
        return self.profile.related.get(member_id) if member_id else None


@dataclass(frozen=True)
class Row:
    """One row: its name, and what the machine says of it: (field, words, strength)."""

    name: str
    said: list[tuple[str, str, str]]

    @property
    def strength(self) -> str:
        """The strength of the strongest word, for the colour of the row."""
        return self.said[0][2] if self.said else ""


def side(actor: Actor, key: UUID, hangs: Hangs, photographs: list[Document]) -> Side:
    """Everything about one of the two; raises ``OutsideYourArea``. The caller records the look."""
    profile = profiles.person(actor, key)
    if profile is None:
        raise LookupError(key)
    family = profiles.family(actor, profile.family["key"])
    return Side(
        key=str(key),
        profile=profile,
        people=[one for one in (family.people if family else []) if one["member_id"] != profile.member_id],
        died_on=min((e["happened_on"] for e in profile.events if e["kind"] == "death"), default=None),
        hangs=hangs,
        paid=passbook(actor, profile.member_id)[:LAST_PAID] if hangs.ever else [],
        cases=cases_of_member(actor, profile.member_id, 5) if actor.may("case.view") else [],
        photographs=photographs[:3],
    )


def compared(evidence: Evidence, sides: Sequence[Side], language: str) -> list[Row]:
    """The rows in the order of the page, each with what was compared in it, the strongest first."""
    by_row: dict[str, list[tuple[float, tuple[str, str, str]]]] = {}
    for name, level, weight in evidence:
        if name not in FIELDS or level == "missing":
            continue
        said = (_in(FIELDS[name], language), _in(sentence(name, level), language), strength_of(weight))
        by_row.setdefault(_ROW_OF.get(name, "name"), []).append((abs(weight), said))
    rows = []
    for name in ROWS:
        found = [one for _, one in sorted(by_row.get(name, []), key=lambda pair: -pair[0])]
        if found or any(_has(one, name) for one in sides):
            rows.append(Row(name, found))
    return rows


def said_of(evidence: Evidence, language: str) -> list[tuple[str, str, str]]:
    """(field, words, strength) of the two fields that say most for one person and of the one that says most against."""
    known = [one for one in evidence if one[0] in FIELDS and one[1] != "missing"]
    chosen = sorted((one for one in known if one[2] > 0), key=lambda one: -one[2])[:2]
    chosen += sorted((one for one in known if one[2] <= -SOME), key=lambda one: one[2])[:1]
    return [
        (_in(FIELDS[name], language), _in(sentence(name, level), language), strength_of(weight))
        for name, level, weight in chosen
    ]


def strength_of(weight: float) -> str:
    """The word of `pair_strength` for a weight.

    >>> [strength_of(w) for w in (9.2, 2, 0.3, -2, -7)]
    ['much', 'some', 'little', 'against', 'much_against']
    """
    if weight >= MUCH:
        return "much"
    if weight >= SOME:
        return "some"
    if weight > -SOME:
        return "little"
    return "against" if weight > -MUCH else "much_against"


def odds(weight: float) -> int:
    """How many to one the evidence speaks for one person (negative: for two), rounded to what a person can say.

    >>> odds(10), odds(3.2), odds(-4), odds(60)
    (1000, 9, -16, 10000000)
    """
    many = round(2 ** min(abs(weight), 30))
    digits = 10 ** max(0, len(str(many)) - 1)
    rounded = many if many < 20 else many // digits * digits
    return min(rounded, 10_000_000) * (1 if weight >= 0 else -1)


def _has(one: Side, name: str) -> bool:
    resident = one.profile.resident
    columns = {
        "relation": ("father_id", "spouse_id"),
        "mother": ("mother_id",),
        "marital": ("marital_status",),
        "aadhaar": ("aadhaar_last4",),
        "mobile": ("mobile_last4",),
        "account": ("account_last4",),
    }
    return any(resident[column] for column in columns[name]) if name in columns else True


def _in(words: Words, language: str) -> str:
    return words.hi if language == "hi" else words.en
