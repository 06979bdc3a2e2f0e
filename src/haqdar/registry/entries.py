"""Changes of the register that one person proposes and another approves: what all of them share.

An `Entry` knows what it needs, checks itself against the register as it stands, and carries itself out by appending beliefs: what
was believed before stays readable. A belief written at the desk keeps the fingerprint of the one it follows, so that a
department which delivers its old row once more does not undo what two officers decided; a row with other values counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any, ClassVar, Self, cast
from uuid import UUID, uuid4

from django.db import connection
from django.utils import timezone

from haqdar.access.actors import Actor
from haqdar.base.refusal import Refusal
from haqdar.base.sql import statement
from haqdar.registry.lookup_keys import keep, keep_families
from haqdar.registry.merges import not_merged
from haqdar.registry.models import Change, Family, FamilyBelief, Resident, ResidentBelief
from haqdar.sources.actions import desk_delivery

ROWS = dict[str, Any]
HEAD_WORDS = ("head", "self", "मुखिया", "स्वयं")
"""How the registers say that somebody heads the family, whatever the case of the letters."""


class EntryRefused(Refusal):
    """Something in a proposed change does not fit the register; `field` names what to correct."""

    field: ClassVar[str] = ""


class NobodyThere(EntryRefused):
    """A person of the entry is not in the register."""

    code = "unknown_member"
    en = "There is no resident with this member ID in the register. Check the nine digits, or search by name."
    hi = "इस सदस्य क्रमांक का कोई निवासी रजिस्टर में नहीं है। नौ अंक जाँचें, या नाम से खोजें।"
    field = "other"


class AlreadyDead(EntryRefused):
    """The person's death is recorded."""

    code = "already_dead"
    en = "The register has the death of {name} on {day}. If that is wrong, take the death back first."
    hi = "रजिस्टर में {name} की मृत्यु {day} को दर्ज है। यह गलत हो तो पहले मृत्यु वापस लें।"
    field = "person"


class DayAhead(EntryRefused):
    """A day that has not come yet."""

    code = "date_in_future"
    en = "{day} lies in the future. Only what has happened can be registered; correct the date."
    hi = "{day} आगे की तारीख है। जो हो चुका, वही दर्ज होता है; तारीख सुधारें।"
    field = "happened_on"


class BeforeBirth(EntryRefused):
    """Something happened before the person was born."""

    code = "before_birth"
    en = "{day} lies before the birth of {name} on {born_on}. Correct the date."
    hi = "{day} {name} के जन्म {born_on} से पहले है। तारीख सुधारें।"
    field = "happened_on"


class NumbersUsedUp(EntryRefused):
    """Every number of a kind is given to somebody."""

    code = "numbers_used_up"
    en = "No free number is left for a new person or family. Tell the State's pension cell."
    hi = "नए व्यक्ति या परिवार के लिए कोई नंबर खाली नहीं है। राज्य पेंशन प्रकोष्ठ को बताएँ।"


@dataclass(frozen=True)
class Somebody:
    """A person as believed now, as far as entries ask: `status` and `spouse_id` by row and events, `died_on` if dead."""

    member_id: int
    key: UUID
    family_id: int
    family_key: UUID
    name_en: str
    name_hi: str
    sex: str
    born_on: date | None
    relation_to_head: str
    mother_id: int | None
    father_id: int | None
    spouse_id: int | None
    status: str
    died_on: date | None
    account_last4: str
    account_hash: UUID | None
    mobile_last4: str
    area_code: str
    area_en: str
    area_hi: str
    path: str
    district_code: str | None
    social_category: str
    address: str

    @property
    def heads(self) -> bool:
        """Whether the register says that this is the head of the family."""
        return self.relation_to_head.lower() in HEAD_WORDS

    @property
    def alive(self) -> bool:
        """Whether no death is believed."""
        return self.died_on is None


def people(members: Iterable[int | None] = (), keys: Iterable[str] = ()) -> dict[int, Somebody]:
    """The people of these numbers and opaque keys, by number, in one query; whoever shows them checks the area."""
    return _somebody(
        "r.member_id = ANY(%(members)s) OR r.key = ANY(%(keys)s::uuid[])",
        {"members": [one for one in members if one is not None], "keys": list(keys)},
    )


def household(family_id: int) -> dict[int, Somebody]:
    """Everybody who belongs to a family now, dead or alive, by number: eldest first."""
    found = _somebody(
        "r.member_id IN (SELECT member_id FROM registry_resident_belief WHERE family_id = %(family)s)"
        f" AND {not_merged('r.member_id')}",
        {"family": family_id},
    )
    return {one.member_id: one for one in found.values() if one.family_id == family_id}


def by_key(key: str) -> Somebody:
    """The person of an opaque key; raises `NobodyThere`."""
    found = list(people(keys=[key]).values())
    if not found:
        raise NobodyThere()
    return found[0]


def family_number(key: str) -> int:
    """The number of the family of an opaque key; raises `NobodyThere`."""
    number = Family.objects.filter(key=key).values_list("family_id", flat=True).first()
    if number is None:
        raise NobodyThere()
    return number


def family_facts(family_id: int) -> ROWS:
    """Key, area (code, path, names) and address of a family as believed now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT f.family_id, i.key, f.area_code, f.address, f.social_category, a.path, a.district_code, a.name_en,"
            " a.name_hi, a.kind FROM registry_family i JOIN registry_family_belief f USING (family_id)"
            " LEFT JOIN access_area a ON a.area_code = f.area_code WHERE i.family_id = %s"
            " ORDER BY f.belief_no DESC LIMIT 1",
            [family_id],
        )
        names = [column[0] for column in cursor.description]
        row = cursor.fetchone()
    if row is None:
        raise NobodyThere()
    return dict(zip(names, row, strict=True))


def must_live(one: Somebody, on: date | None = None) -> None:
    """Refuse with `AlreadyDead` whoever died (before the day `on`, if given)."""
    if one.died_on is not None and (on is None or one.died_on < on):
        raise AlreadyDead(name=one.name_en, day=one.died_on)


def must_have_happened(day: date, one: Somebody | None = None) -> None:
    """Refuse a day that lies ahead (`DayAhead`) or before the person's birth (`BeforeBirth`)."""
    if day > timezone.localdate():
        raise DayAhead(day=day)
    if one is not None and one.born_on is not None and day < one.born_on:
        raise BeforeBirth(day=day, name=one.name_en, born_on=one.born_on)


@dataclass(frozen=True)
class Entry:
    """A proposed change of the register. Fields hold opaque keys, words and days; never a number of a person in clear.

    `verb` is what proposing takes and `approval` what approving takes; `papers` are the kinds of document of which at least one
    must be handed in.
    """

    kind: ClassVar[str] = ""
    case_kind: ClassVar[str] = "register"
    verb: ClassVar[str] = "register.propose"
    approval: ClassVar[str] = "register.approve"
    papers: ClassVar[tuple[str, ...]] = ()

    @property
    def needs_paper(self) -> bool:
        """Whether a paper must be handed in."""
        return bool(self.papers)

    def details(self) -> ROWS:
        """The entry as it is kept with its case: JSON."""
        return {
            one.name: value.isoformat() if isinstance(value := getattr(self, one.name), date) else value
            for one in fields(self)
        }

    @classmethod
    def of(cls, details: Mapping[str, Any]) -> Self:
        """The entry that `details` keeps."""
        values: ROWS = {}
        for one in fields(cls):
            value = details.get(one.name)
            if str(one.type).startswith("date") and value:
                value = date.fromisoformat(value)
            values[one.name] = tuple(value) if isinstance(value, list) else value
        return cls(**values)

    def about(self) -> Somebody | None:
        """The person whose case it is, where it is one person's."""
        return None

    def family_id(self) -> int:
        """The family at whose place it is approved."""
        raise NotImplementedError

    def takes_in(self) -> list[int]:
        """The families that come here whole: an office takes in none of another office's area, which lets it go by a transfer."""
        return []

    def touches(self) -> tuple[list[int], list[int]]:
        """The members and the families whose rows change."""
        raise NotImplementedError

    def check(self) -> None:
        """Raise an `EntryRefused` unless the entry fits the register as it stands now."""
        raise NotImplementedError

    def carry_out(self, actor: Actor) -> list[int]:
        """Append the beliefs; returns the numbers of the changes. The caller has checked permission and transaction."""
        raise NotImplementedError


@dataclass
class Noted:
    """Collects the news of one entry, written beside its beliefs."""

    actor: Actor
    day: date = field(default_factory=timezone.localdate)
    numbers: list[int] = field(default_factory=list)

    def note(self, register: str, member_id: int | None = None, family_id: int | None = None) -> None:
        """Tell later stages of a new belief about a person or a family."""
        change = Change.objects.create(
            register=register,
            member_id=member_id,
            family_id=family_id,
            delivery=desk_delivery(self.day),
            recorded_at=timezone.now(),
            recorded_by=self.actor.name,
        )
        self.numbers.append(int(change.pk))


def free_number(table: str, column: str, digits: int) -> int:
    """The next number that nobody has: one above the highest, or the first gap; held until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('haqdar.numbers'))")
        cursor.execute(f"SELECT coalesce(max({column}), 10 ^ {digits - 1} - 1)::bigint + 1 FROM {table}")
        (number,) = cursor.fetchone() or (0,)
        if number >= 10**digits:
            cursor.execute(
                f"SELECT {column} + 1 FROM {table} t WHERE {column} + 1 < %s AND NOT EXISTS"
                f" (SELECT 1 FROM {table} n WHERE n.{column} = t.{column} + 1) ORDER BY {column} LIMIT 1",
                [10**digits],
            )
            found = cursor.fetchone()
            if found is None:
                raise NumbersUsedUp()
            number = found[0]
    return int(number)


def new_family(noted: Noted, area_code: str, address: str, social_category: str | None) -> int:
    """Found a family; returns its number."""
    number = free_number("registry_family", "family_id", 8)
    Family.objects.create(family_id=number)
    FamilyBelief.objects.create(
        family_id=number,
        area_code=area_code,
        address=address or None,
        social_category=social_category or None,
        recorded_on=noted.day,
        belief_no=1,
        known_from=noted.day,
        line=0,
        fingerprint=uuid4(),
        delivery=desk_delivery(noted.day),
        verified_by=noted.actor.name,
        verified_at=timezone.now(),
    )
    noted.note("family", family_id=number)
    return number


def new_resident(noted: Noted, **values: Any) -> int:
    """Found a resident with these columns of the belief; returns the member number."""
    number = free_number("registry_resident", "member_id", 9)
    Resident.objects.create(member_id=number)
    ResidentBelief.objects.create(
        member_id=number,
        recorded_on=noted.day,
        belief_no=1,
        known_from=noted.day,
        line=0,
        fingerprint=uuid4(),
        delivery=desk_delivery(noted.day),
        verified_by=noted.actor.name,
        verified_at=timezone.now(),
        **values,
    )
    keep([number])
    noted.note("resident", member_id=number)
    return number


def believe_resident(noted: Noted, member_id: int, **changed: Any) -> None:
    """Append a belief of one resident that differs from the last in `changed` columns."""
    _next_belief(noted, ResidentBelief.objects.filter(member_id=member_id), changed)
    keep([member_id])
    noted.note("resident", member_id=member_id)


def believe_family(noted: Noted, family_id: int, **changed: Any) -> None:
    """Append a belief of one family that differs from the last in `changed` columns."""
    _next_belief(noted, FamilyBelief.objects.filter(family_id=family_id), changed)
    keep_families([family_id])
    noted.note("family", family_id=family_id)


def regroup(noted: Noted, members: Sequence[int], family_id: int, head: int) -> None:
    """Let all `members` belong to the family, with their relation to `head` read from spouses, parents and children.

    One statement for all of them; who is there already with that relation gets no new belief.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            statement("haqdar.registry", "regroup"),
            {
                "members": list(members),
                "family": family_id,
                "head": head,
                "today": noted.day,
                "delivery": desk_delivery(noted.day).pk,
                "actor": noted.actor.name,
                "now": timezone.now(),
            },
        )
        noted.numbers += [int(row[0]) for row in cursor.fetchall()]
    keep(members)


def head_of(members: Mapping[int, Somebody]) -> Somebody | None:
    """Who heads a household: the living person said to be, else the eldest living one."""
    living = [one for one in members.values() if one.alive]
    named = [one for one in living if one.heads]
    eldest = sorted(living, key=lambda one: (one.born_on or date.max, one.member_id))
    return next(iter([*named, *eldest]), None)


def _next_belief(noted: Noted, beliefs: Any, changed: Mapping[str, Any]) -> None:
    last = beliefs.order_by("-belief_no").first()
    if last is None:
        raise NobodyThere()
    values = {one.attname: getattr(last, one.attname) for one in last._meta.concrete_fields}
    # a row that was verified stays so, by whoever approves the change; an unverified one is not made so by half
    verified = last.verified_at is not None
    values |= changed
    values |= {
        "belief_no": last.belief_no + 1,
        "known_from": max(noted.day, last.known_from),
        "line": 0,
        "delivery_id": desk_delivery(noted.day).pk,
        "verified_by": noted.actor.name if verified else None,
        "verified_at": timezone.now() if verified else None,
    }
    type(last).objects.create(**values)


def _somebody(chosen: str, values: Mapping[str, Any]) -> dict[int, Somebody]:
    with connection.cursor() as cursor:
        cursor.execute(statement("haqdar.registry", "somebody").replace("{chosen}", chosen), values)
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return {row["member_id"]: Somebody(**cast("dict[str, Any]", row)) for row in rows}
