"""Families that split, merge, move house or get another head, and people who move between them.

Who belongs where is a belief like any other: everybody who moves gets a new one, in one statement for all of them, and the
numbers of persons stay for life. A card of the BPL register belongs to a family; what becomes of it is said, not guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import uuid4

from django.db import connection
from django.utils import timezone

from haqdar.access.actors import Actor
from haqdar.access.kinds import HOME_KINDS
from haqdar.registry.entries import (
    Entry,
    EntryRefused,
    Noted,
    Somebody,
    believe_family,
    by_key,
    family_facts,
    family_number,
    head_of,
    household,
    must_live,
    new_family,
    people,
    regroup,
)
from haqdar.registry.models import BplBelief
from haqdar.sources.actions import desk_delivery


class ChooseMembers(EntryRefused):
    """A family split into one and nobody."""

    code = "choose_members"
    en = "Choose at least one living person who leaves and leave at least one who stays."
    hi = "जाने वाला कम से कम एक जीवित व्यक्ति चुनें, और कम से कम एक व्यक्ति रहने दें।"
    field = "members"


class HeadElsewhere(EntryRefused):
    """The head named does not belong to the family that it is to head, or died."""

    code = "head_elsewhere"
    en = "Choose as head one of the living people of this family."
    hi = "मुखिया इसी परिवार के जीवित लोगों में से चुनें।"
    field = "head"


class SameFamily(EntryRefused):
    """Two families that are one."""

    code = "same_family"
    en = "This is the same family. Give the number of the other family."
    hi = "यह वही परिवार है। दूसरे परिवार का नंबर दें।"
    field = "other_family"


class EmptyFamily(EntryRefused):
    """A family without living members."""

    code = "empty_family"
    en = "Nobody living belongs to that family. Check its number."
    hi = "उस परिवार में कोई जीवित सदस्य नहीं है। उसका नंबर जाँचें।"
    field = "other_family"


class NoHome(EntryRefused):
    """Families live in a panchayat or ward."""

    code = "no_home"
    en = "Choose the gram panchayat or ward to which the family moves."
    hi = "वह ग्राम पंचायत या वार्ड चुनें जहाँ परिवार जा रहा है।"
    field = "area"


class SamePlace(EntryRefused):
    """A transfer to where the family lives."""

    code = "same_place"
    en = "The family is already registered in {area}. Choose the panchayat or ward to which it moves."
    hi = "परिवार पहले से {area} में दर्ज है। वह पंचायत या वार्ड चुनें जहाँ वह जा रहा है।"
    field = "area"


class SameHead(EntryRefused):
    """The head is head already."""

    code = "same_head"
    en = "{name} is the head already. Choose another person."
    hi = "{name} पहले से मुखिया हैं। कोई और व्यक्ति चुनें।"
    field = "head"


@dataclass(frozen=True)
class _OfFamily(Entry):
    family: str

    papers: ClassVar[tuple[str, ...]] = ("application",)

    def family_id(self) -> int:
        """The family whose page it is registered on."""
        return family_number(self.family)

    def touches(self) -> tuple[list[int], list[int]]:
        """Everybody of the family."""
        return [], [self.family_id()]


@dataclass(frozen=True)
class Split(_OfFamily):
    """Some members become a family of their own, at the same place; the BPL card goes along if the officers say so."""

    kind: ClassVar[str] = "family_split"

    members: tuple[str, ...] = ()
    head: str = ""
    address: str = ""
    keep_bpl: bool = True

    def check(self) -> None:
        """Somebody goes and somebody stays; the new head is one of those who go."""
        everybody = household(self.family_id())
        leaving = self._leaving()
        living = {number for number, one in everybody.items() if one.alive}
        if not leaving or not set(leaving) <= living or not living - set(leaving):
            raise ChooseMembers()
        if self.head not in {str(one.key) for one in leaving.values()}:
            raise HeadElsewhere()

    def carry_out(self, actor: Actor) -> list[int]:
        """A new family number, the members in it; those who stay keep theirs and, where it left, get a new head."""
        noted = Noted(actor)
        old = self.family_id()
        facts = family_facts(old)
        leaving = self._leaving()
        number = new_family(
            noted, facts["area_code"], self.address or facts["address"] or "", facts["social_category"]
        )
        if self.keep_bpl:
            _copy_cards(noted, old, number)
        regroup(noted, list(leaving), number, by_key(self.head).member_id)
        _settle_head(noted, old)
        return noted.numbers

    def _leaving(self) -> dict[int, Somebody]:
        chosen = people(keys=self.members)
        return {number: one for number, one in chosen.items() if one.family_id == self.family_id()}


@dataclass(frozen=True)
class Merge(_OfFamily):
    """Everybody of the other family comes into this one; the other number stays readable and empty."""

    kind: ClassVar[str] = "family_merge"

    other_family: str = ""

    def takes_in(self) -> list[int]:
        """The other family."""
        return [family_number(self.other_family)]

    def touches(self) -> tuple[list[int], list[int]]:
        """Both families."""
        return [], [self.family_id(), family_number(self.other_family)]

    def check(self) -> None:
        """Two families, both with living members."""
        mine, other = self.family_id(), family_number(self.other_family)
        if mine == other:
            raise SameFamily()
        if head_of(household(mine)) is None or head_of(household(other)) is None:
            raise EmptyFamily()

    def carry_out(self, actor: Actor) -> list[int]:
        """One belief for each who comes."""
        noted = Noted(actor)
        mine = self.family_id()
        head = head_of(household(mine))
        if head is None:
            raise EmptyFamily()
        regroup(noted, list(household(family_number(self.other_family))), mine, head.member_id)
        return noted.numbers


@dataclass(frozen=True)
class Move(Entry):
    """One person goes to another family, wherever it lives."""

    kind: ClassVar[str] = "person_move"
    papers: ClassVar[tuple[str, ...]] = ("application",)

    person: str
    other_family: str

    def about(self) -> Somebody:
        """Who moves."""
        return by_key(self.person)

    def family_id(self) -> int:
        """The family that the person leaves."""
        return self.about().family_id

    def touches(self) -> tuple[list[int], list[int]]:
        """The person and both families."""
        return [self.about().member_id], [self.family_id(), family_number(self.other_family)]

    def check(self) -> None:
        """A living person, and another family with somebody living in it."""
        must_live(self.about())
        other = family_number(self.other_family)
        if other == self.family_id():
            raise SameFamily()
        if head_of(household(other)) is None:
            raise EmptyFamily()

    def carry_out(self, actor: Actor) -> list[int]:
        """One belief for who moves; the family left behind gets a new head where it lost its own."""
        noted = Noted(actor)
        one, other = self.about(), family_number(self.other_family)
        head = head_of(household(other))
        if head is None:
            raise EmptyFamily()
        regroup(noted, [one.member_id], other, head.member_id)
        _settle_head(noted, one.family_id)
        return noted.numbers


@dataclass(frozen=True)
class Transfer(_OfFamily):
    """A family goes to another panchayat or ward. Pensions go on: from the next month the new paying office draws them."""

    kind: ClassVar[str] = "family_transfer"

    area: str = ""
    address: str = ""

    def check(self) -> None:
        """To a panchayat or ward that exists and is another one."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT kind, name_en FROM access_area WHERE area_code = %s", [self.area])
            found = cursor.fetchone()
        if found is None or found[0] not in HOME_KINDS:
            raise NoHome()
        if family_facts(self.family_id())["area_code"] == self.area:
            raise SamePlace(area=found[1])

    def carry_out(self, actor: Actor) -> list[int]:
        """One belief of the family."""
        noted = Noted(actor)
        changed = {"area_code": self.area} | ({"address": self.address} if self.address else {})
        believe_family(noted, self.family_id(), **changed)
        return noted.numbers


@dataclass(frozen=True)
class NewHead(_OfFamily):
    """Another member becomes head; every relation is stated anew from the new head."""

    kind: ClassVar[str] = "head_change"

    head: str = ""

    def check(self) -> None:
        """A living member who is not the only head already; of two heads one may be chosen."""
        everybody = household(self.family_id())
        one = by_key(self.head) if self.head else None
        if one is None or one.member_id not in everybody or not one.alive:
            raise HeadElsewhere()
        others = [o for o in everybody.values() if o.member_id != one.member_id and o.alive and o.heads]
        if one.heads and not others:
            raise SameHead(name=one.name_en)

    def carry_out(self, actor: Actor) -> list[int]:
        """One belief for everybody whose relation changes."""
        noted = Noted(actor)
        family_id = self.family_id()
        regroup(noted, list(household(family_id)), family_id, by_key(self.head).member_id)
        return noted.numbers


def _settle_head(noted: Noted, family_id: int) -> None:
    """Give a family whose head has left a new one: the eldest living member."""
    left = household(family_id)
    head = head_of(left)
    if head is not None and not any(one.heads for one in left.values()):
        regroup(noted, list(left), family_id, head.member_id)


def _copy_cards(noted: Noted, old: int, new: int) -> None:
    """Let the new family hold the cards of the register of poor families that the old one holds."""
    cards = {
        (card.card_no, card.valid_from): card
        for card in BplBelief.objects.filter(family_id=old).order_by("belief_no")
    }
    BplBelief.objects.bulk_create(
        BplBelief(
            family_id=new,
            card_no=card.card_no,
            valid_from=card.valid_from,
            valid_to=card.valid_to,
            belief_no=1,
            known_from=noted.day,
            line=0,
            fingerprint=uuid4(),
            delivery=desk_delivery(noted.day),
            verified_by=noted.actor.name,
            verified_at=timezone.now(),
        )
        for card in cards.values()
    )
    if cards:
        noted.note("bpl", family_id=new)
