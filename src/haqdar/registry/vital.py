"""Births, deaths, marriages, desertions and moves across the State's border as entries of the register."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from django.utils import timezone

from haqdar.access.actors import Actor
from haqdar.base.month import completed_years
from haqdar.registry import events
from haqdar.registry.entries import (
    Entry,
    EntryRefused,
    Noted,
    Somebody,
    by_key,
    family_number,
    head_of,
    household,
    must_have_happened,
    must_live,
    new_resident,
    regroup,
)
from haqdar.registry.models import EventBelief
from haqdar.sources.layout import SEXES

_PREGNANCY = timedelta(days=300)
_YOUNGEST_PARENT = 12
NAME = re.compile(r"[A-Za-z][A-Za-z .'\-]{0,79}")
NAME_HI = re.compile("[\u0900-\u097f][\u0900-\u097f .\u200c\u200d\\-]{0,79}")


class NameMissing(EntryRefused):
    """A name in a form that the register does not take."""

    code = "bad_name"
    en = "Write the name in Latin letters, and if you can in Hindi letters too: no digits, up to 80 letters."
    hi = "नाम अंग्रेज़ी अक्षरों में लिखें, और हो सके तो हिंदी में भी: अंक नहीं, 80 अक्षर तक।"
    field = "name_en"


class SexMissing(EntryRefused):
    """No or another sex."""

    code = "bad_sex"
    en = "Choose girl, boy or transgender."
    hi = "लड़की, लड़का या ट्रांसजेंडर चुनें।"
    field = "sex"


class NotAMother(EntryRefused):
    """The mother named is no woman."""

    code = "not_a_mother"
    en = "{name} is not recorded as a woman and cannot be the mother. Choose the mother, or leave it empty."
    hi = "{name} महिला के रूप में दर्ज नहीं हैं, इसलिए माँ नहीं हो सकतीं। माँ चुनें, या खाली छोड़ें।"
    field = "mother"


class NotAFather(EntryRefused):
    """The father named is no man."""

    code = "not_a_father"
    en = "{name} is not recorded as a man and cannot be the father. Choose the father, or leave it empty."
    hi = "{name} पुरुष के रूप में दर्ज नहीं हैं, इसलिए पिता नहीं हो सकते। पिता चुनें, या खाली छोड़ें।"
    field = "father"


class ParentTooYoung(EntryRefused):
    """A parent who was a child at the birth, or not born yet."""

    code = "parent_too_young"
    en = "{name}, born on {born_on}, was younger than {years} years at this birth. Correct the parent or the date."
    hi = "{name}, जन्म {born_on}, इस जन्म के समय {years} वर्ष से छोटे थे। माता-पिता या तारीख सुधारें।"
    field = "born_on"


class ParentDied(EntryRefused):
    """The mother died before the birth, or the father long before it."""

    code = "parent_died"
    en = "{name} died on {day}, before this birth could be. Correct the parent or the date."
    hi = "{name} की मृत्यु {day} को हुई, उसके बाद यह जन्म नहीं हो सकता। माता-पिता या तारीख सुधारें।"
    field = "born_on"


class ThereAlready(EntryRefused):
    """The family has somebody of this name and birth."""

    code = "there_already"
    en = "The family already has {name}, born on {born_on}. Open that person instead of adding another."
    hi = "परिवार में {name}, जन्म {born_on}, पहले से हैं। दूसरा जोड़ने के बजाय उसी व्यक्ति को खोलें।"
    field = "name_en"


class NotMarried(EntryRefused):
    """A desertion or divorce of somebody who is not married."""

    code = "not_married"
    en = "{name} is not recorded as married, so this cannot be registered. Register the marriage first, or correct the status."
    hi = "{name} विवाहित दर्ज नहीं हैं, इसलिए यह दर्ज नहीं हो सकता। पहले विवाह दर्ज करें, या स्थिति सुधारें।"
    field = "happened_on"


class WomenOnly(EntryRefused):
    """Desertion is a status of women under the schemes."""

    code = "women_only"
    en = "Desertion is registered for women left by their husbands; {name} is not recorded as a woman."
    hi = "परित्याग उन महिलाओं का दर्ज होता है जिन्हें पति ने छोड़ दिया; {name} महिला के रूप में दर्ज नहीं हैं।"
    field = "happened_on"


class MarriedAlready(EntryRefused):
    """One of the two is married to somebody living."""

    code = "married_already"
    en = "{name} is recorded as married. Register the death, divorce or desertion first, or correct the status."
    hi = "{name} विवाहित दर्ज हैं। पहले मृत्यु, तलाक या परित्याग दर्ज करें, या स्थिति सुधारें।"
    field = "other"


class MarriesOneself(EntryRefused):
    """Bride and groom are one person."""

    code = "spouse_is_person"
    en = "The member ID of the husband or wife is that of the person. Give the other person's."
    hi = "पति या पत्नी का सदस्य क्रमांक इसी व्यक्ति का है। दूसरे व्यक्ति का क्रमांक दें।"
    field = "other"


class CloseKin(EntryRefused):
    """A marriage of parent and child or of brother and sister."""

    code = "close_kin"
    en = "{name} is recorded as parent, child, brother or sister. Such a marriage is no marriage; correct the person."
    hi = "{name} माता-पिता, संतान, भाई या बहन के रूप में दर्ज हैं। ऐसा विवाह मान्य नहीं; व्यक्ति सुधारें।"
    field = "other"


class InOrOutAlready(EntryRefused):
    """A move out of somebody who moved out before, or in of somebody who is here."""

    code = "in_or_out_already"
    en = (
        "The register already has that move of {name}. Look at the person's page before registering it again."
    )
    hi = "रजिस्टर में {name} का यह जाना या आना पहले से दर्ज है। फिर दर्ज करने से पहले व्यक्ति का पन्ना देखें।"
    field = "happened_on"


@dataclass(frozen=True)
class NewMember(Entry):
    """Somebody who is not in the register comes into a family, with parents where known."""

    family: str
    name_en: str
    name_hi: str
    sex: str
    born_on: date | None
    mother: str
    father: str
    relation: str = ""

    def family_id(self) -> int:
        """The family that grows."""
        return family_number(self.family)

    def touches(self) -> tuple[list[int], list[int]]:
        """The family, and the parents wherever they live."""
        return [one.member_id for one in self._parents() if one], [self.family_id()]

    def check(self) -> None:
        """Names and dates in order, parents of the right sex and age and alive, nobody added twice."""
        if not NAME.fullmatch(self.name_en) or (self.name_hi and not NAME_HI.fullmatch(self.name_hi)):
            raise NameMissing()
        if self.sex not in SEXES:
            raise SexMissing()
        if self.born_on is not None:
            must_have_happened(self.born_on)
        mother, father = self._parents()
        if mother is not None and mother.sex == "M":
            raise NotAMother(name=mother.name_en)
        if father is not None and father.sex == "F":
            raise NotAFather(name=father.name_en)
        for parent, grace in ((mother, timedelta()), (father, _PREGNANCY)):
            if parent is None or self.born_on is None:
                continue
            if parent.born_on and (
                self.born_on < parent.born_on
                or completed_years(parent.born_on, self.born_on) < _YOUNGEST_PARENT
            ):
                raise ParentTooYoung(name=parent.name_en, born_on=parent.born_on, years=_YOUNGEST_PARENT)
            if parent.died_on and self.born_on > parent.died_on + grace:
                raise ParentDied(name=parent.name_en, day=parent.died_on)
        for one in household(self.family_id()).values():
            if one.name_en.casefold() == self.name_en.casefold() and one.born_on == self.born_on:
                raise ThereAlready(name=one.name_en, born_on=one.born_on or "–")

    def carry_out(self, actor: Actor) -> list[int]:
        """A new resident with the next free member number; the relation to the head is read from the parents."""
        noted = Noted(actor)
        family_id = self.family_id()
        mother, father = self._parents()
        member = new_resident(
            noted,
            family_id=family_id,
            name_en=self.name_en,
            name_hi=self.name_hi or None,
            sex=self.sex,
            born_on=self.born_on,
            relation_to_head=self.relation or "other",
            mother_id=mother.member_id if mother else None,
            father_id=father.member_id if father else None,
            **self._columns(),
        )
        head = head_of(household(family_id))
        if head is not None and not self.relation:
            regroup(noted, [member], family_id, head.member_id)
        return noted.numbers

    def _columns(self) -> dict[str, object]:
        return {}

    def _parents(self) -> tuple[Somebody | None, Somebody | None]:
        return (by_key(self.mother) if self.mother else None, by_key(self.father) if self.father else None)


class BornWhen(EntryRefused):
    """A birth without its day."""

    code = "no_birth_day"
    en = "Give the day of birth as on the certificate."
    hi = "जन्म का दिन प्रमाण पत्र के अनुसार दें।"
    field = "born_on"


class NoParent(EntryRefused):
    """A birth that names neither mother nor father."""

    code = "no_parent"
    en = "Choose the mother or the father of the child. A child whose parents are unknown is added as a member."
    hi = "बच्चे की माँ या पिता चुनें। जिस बच्चे के माता-पिता मालूम न हों, उसे सदस्य के रूप में जोड़ें।"
    field = "mother"


@dataclass(frozen=True)
class Birth(NewMember):
    """A child is born into a family."""

    kind: ClassVar[str] = "birth"
    papers: ClassVar[tuple[str, ...]] = ("birth_certificate",)

    def check(self) -> None:
        """As for any new member, and with day and at least one parent."""
        if self.born_on is None:
            raise BornWhen()
        if not self.mother and not self.father:
            raise NoParent()
        super().check()

    def _columns(self) -> dict[str, object]:
        # a newborn is neither married nor a payer of income tax
        return {"marital_status": "never_married", "income_tax_payer": False}


@dataclass(frozen=True)
class MissedMember(NewMember):
    """Somebody who was missed when the register was made."""

    kind: ClassVar[str] = "member_add"
    papers: ClassVar[tuple[str, ...]] = ("identity",)
    marital_status: str = ""

    def _columns(self) -> dict[str, object]:
        return {"marital_status": self.marital_status or None}


@dataclass(frozen=True)
class PersonEvent(Entry):
    """Something that happened to one person."""

    person: str
    happened_on: date

    def about(self) -> Somebody:
        """To whom it happened."""
        return by_key(self.person)

    def family_id(self) -> int:
        """The person's family."""
        return self.about().family_id

    def touches(self) -> tuple[list[int], list[int]]:
        """The person; spouse, parents and children are found from there."""
        return [self.about().member_id], []

    def check(self) -> None:
        """It has happened, after the person's birth."""
        must_have_happened(self.happened_on, self.about())

    def carry_out(self, actor: Actor) -> list[int]:
        """One row of the register of events."""
        return [_happened(actor, self.kind, self.about().member_id, self.happened_on)]


@dataclass(frozen=True)
class Death(PersonEvent):
    """A death, reported with certificate or statement."""

    kind: ClassVar[str] = "death"
    papers: ClassVar[tuple[str, ...]] = ("death_certificate",)

    def check(self) -> None:
        """Nobody dies twice."""
        super().check()
        must_live(self.about())


@dataclass(frozen=True)
class Desertion(PersonEvent):
    """A woman left by her husband; her statement is handed in."""

    kind: ClassVar[str] = "desertion"
    papers: ClassVar[tuple[str, ...]] = ("statement",)

    def check(self) -> None:
        """A living, married woman."""
        super().check()
        one = self.about()
        must_live(one)
        if one.sex == "M":
            raise WomenOnly(name=one.name_en)
        if one.status != "married":
            raise NotMarried(name=one.name_en)


@dataclass(frozen=True)
class Divorce(PersonEvent):
    """A divorce by decree: of both, where the spouse is known."""

    kind: ClassVar[str] = "divorce"
    papers: ClassVar[tuple[str, ...]] = ("decree",)

    def check(self) -> None:
        """Somebody living and married."""
        super().check()
        must_live(self.about())
        if self.about().status not in ("married", "deserted"):
            raise NotMarried(name=self.about().name_en)

    def carry_out(self, actor: Actor) -> list[int]:
        """A row for each of the two."""
        one = self.about()
        members = [one.member_id, *([one.spouse_id] if one.spouse_id else [])]
        return [_happened(actor, self.kind, member, self.happened_on) for member in members]


@dataclass(frozen=True)
class _Migration(PersonEvent):
    papers: ClassVar[tuple[str, ...]] = ("statement",)

    def check(self) -> None:
        """Somebody living, who is not already where the move leads."""
        super().check()
        one = self.about()
        must_live(one)
        if _is_out(one.member_id) == (self.kind == "migration_out"):
            raise InOrOutAlready(name=one.name_en)


@dataclass(frozen=True)
class MovedOut(_Migration):
    """Somebody left the State for good."""

    kind: ClassVar[str] = "migration_out"


@dataclass(frozen=True)
class MovedIn(_Migration):
    """Somebody who had left came back."""

    kind: ClassVar[str] = "migration_in"


@dataclass(frozen=True)
class Marriage(Entry):
    """Two persons marry; a second marriage is registered as a remarriage. One of them may move to the other's family."""

    kind: ClassVar[str] = "marriage"
    papers: ClassVar[tuple[str, ...]] = ("marriage_certificate",)

    person: str
    other: str
    happened_on: date
    moves: str = ""

    def about(self) -> Somebody:
        """The one on whose page it is registered."""
        return by_key(self.person)

    def family_id(self) -> int:
        """That person's family."""
        return self.about().family_id

    def touches(self) -> tuple[list[int], list[int]]:
        """Both, and both families if one moves."""
        both = self._both()
        return [one.member_id for one in both], [one.family_id for one in both] if self.moves else []

    def check(self) -> None:
        """Both living and free to marry, not one person, not close kin."""
        one, other = self._both()
        if one.member_id == other.member_id:
            raise MarriesOneself()
        for each in (one, other):
            must_live(each, self.happened_on)
            must_have_happened(self.happened_on, each)
            if each.status == "married":
                raise MarriedAlready(name=each.name_en)
        parents = ({one.mother_id, one.father_id} - {None}, {other.mother_id, other.father_id} - {None})
        if one.member_id in parents[1] or other.member_id in parents[0] or parents[0] & parents[1]:
            raise CloseKin(name=other.name_en)

    def carry_out(self, actor: Actor) -> list[int]:
        """A row of events for each, naming the other; the mover comes into the other's family."""
        one, other = self._both()
        numbers = [
            _happened(
                actor,
                "marriage" if each.status in ("", "never_married") else "remarriage",
                each.member_id,
                self.happened_on,
                spouse.member_id,
            )
            for each, spouse in ((one, other), (other, one))
        ]
        if self.moves:
            mover, host = (one, other) if self.moves == "person" else (other, one)
            head = head_of(household(host.family_id))
            noted = Noted(actor)
            regroup(noted, [mover.member_id], host.family_id, (head or host).member_id)
            numbers += noted.numbers
        return numbers

    def _both(self) -> tuple[Somebody, Somebody]:
        return by_key(self.person), by_key(self.other)


def _happened(actor: Actor, kind: str, member_id: int, happened_on: date, spouse: int | None = None) -> int:
    return events.append(
        actor,
        events.Event(events.new_event_id(), member_id, kind, happened_on, timezone.localdate(), spouse),
    )


def _is_out(member_id: int) -> bool:
    """Whether the latest believed move of a person led out of the State."""
    beliefs = {
        one.event_id: one
        for one in EventBelief.objects.filter(
            event_id__in=EventBelief.objects.filter(member_id=member_id).values("event_id")
        ).order_by("belief_no")
    }
    moves = [
        one
        for one in beliefs.values()
        if one.member_id == member_id and one.kind in ("migration_out", "migration_in")
    ]
    last = max(moves, key=lambda one: (one.happened_on, one.event_id), default=None)
    return last is not None and last.kind == "migration_out"


__all__ = ["Birth", "Death", "Desertion", "Divorce", "Marriage", "MissedMember", "MovedIn", "MovedOut"]
