"""Every read of the register. Each takes the actor and returns only what lies in the actor's area."""

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from haqdar.access.actors import Actor
from haqdar.base.sql import statement
from haqdar.registry.merges import not_merged
from haqdar.registry.sealing import mask


@dataclass(frozen=True)
class Person:
    """A resident as believed now. Aadhaar and account are masked; `key` and `family_key` are for addresses of pages."""

    member_id: int
    key: UUID
    family_id: int
    family_key: UUID
    name_en: str
    name_hi: str
    sex: str
    born_on: date | None
    relation_to_head: str | None
    mother_id: int | None
    father_id: int | None
    spouse_id: int | None
    marital_status: str | None
    marital_since: date | None
    destitute: bool | None
    income_tax_payer: bool | None
    mobile: str | None
    aadhaar: str
    ifsc: str | None
    account: str
    address: str | None
    social_category: str | None
    area_code: str
    area_en: str
    area_hi: str
    path: str
    district_code: str | None

    def name(self, language: str) -> str:
        """The name in `language`, or in the other one where it is missing."""
        return (self.name_hi or self.name_en) if language == "hi" else self.name_en


@dataclass(frozen=True)
class FamilyView:
    """A family as believed now, with its members, eldest first."""

    family_id: int
    key: UUID
    area_code: str
    address: str | None
    social_category: str | None
    members: list[Person] = field(default_factory=list)


@dataclass(frozen=True)
class Fact:
    """One belief with where it comes from.

    `register` is resident, family, bpl, disability, event, pension or labour; `values` its columns in clear, except
    masked numbers. It was known from `known_from` until `known_until` (None: still believed). `source` is the delivered
    file with its line, `delivery` the delivery's code and day.
    """

    register: str
    values: dict[str, Any]
    fingerprint: UUID
    belief_no: int
    known_from: date
    known_until: date | None
    source: str
    line: int
    delivery: str
    delivered_on: date
    verified_by: str | None
    verified_at: datetime | None


def person_by_key(actor: Actor, key: UUID | str) -> Person | None:
    """The resident with this opaque key, or None if there is none in the actor's area."""
    found = people(actor, "i.key = %(key)s", {"key": str(key)})
    return found[0] if found else None


def person_by_member(actor: Actor, member_id: int) -> Person | None:
    """The resident with this member ID, or None if there is none in the actor's area."""
    found = people(actor, "r.member_id = %(member_id)s", {"member_id": member_id})
    return found[0] if found else None


def family_by_key(actor: Actor, key: UUID | str) -> FamilyView | None:
    """The family with this opaque key and its members, or None if there is none in the actor's area."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT f.family_id, i.key, f.area_code, f.address, f.social_category FROM registry_family i"
            " JOIN registry_family_belief f USING (family_id) JOIN access_area a USING (area_code)"
            " WHERE i.key = %s AND a.path LIKE ANY(%s) AND NOT EXISTS (SELECT 1 FROM registry_family_belief n"
            "  WHERE n.family_id = f.family_id AND n.belief_no > f.belief_no)",
            [str(key), actor.path_patterns()],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    members = people(
        actor,
        f"r.family_id = %(family_id)s AND {not_merged('r.member_id')}",
        {"family_id": row[0]},
        "r.born_on NULLS LAST, r.member_id",
    )
    family_id, opaque, area_code, address, social_category = row
    return FamilyView(family_id, opaque, area_code, address, social_category, members)


def people_by_members(actor: Actor, member_ids: list[int]) -> list[Person]:
    """Residents with these member IDs, those in the actor's area only."""
    return people(actor, "r.member_id = ANY(%(members)s)", {"members": member_ids})


def keys_of_members(actor: Actor, member_ids: list[int]) -> dict[int, UUID]:
    """The opaque keys of members in the actor's area, for links."""
    return {person.member_id: person.key for person in people_by_members(actor, member_ids)}


_REGISTERS = {
    "resident": ("registry_resident_belief", "member_id", ("member_id",)),
    "family": ("registry_family_belief", "family_id", ("family_id",)),
    "bpl": ("registry_bpl_belief", "family_id", ("family_id", "card_no", "valid_from")),
    "disability": ("registry_disability_belief", "member_id", ("member_id", "certificate_no")),
    "event": ("registry_event_belief", "member_id", ("event_id",)),
    "pension": ("registry_pension_belief", "member_id", ("member_id", "scheme", "since")),
    "labour": ("registry_labour_belief", "member_id", ("member_id", "card_no")),
}
_TECHNICAL = [
    "belief_no",
    "known_from",
    "line",
    "fingerprint",
    "verified_by",
    "verified_at",
    "delivery_id",
    "key_version",
    "id",
    "aadhaar_ref",
    "account_sealed",
    "account_hash",
]


def facts_with_sources(actor: Actor, member_id: int) -> list[Fact]:
    """Every belief ever held about a resident and the family, with source and time; empty outside the actor's area.

    By register, then newest knowledge first.
    """
    person = person_by_member(actor, member_id)
    return [] if person is None else _beliefs([member_id], [person.family_id])


def beliefs_known_on(member_ids: list[int], family_ids: list[int], known_on: date) -> list[Fact]:
    """What was believed on `known_on` about a handful of people and families, with source and time.

    The latest belief of each key known by then, by register, newest knowledge first. It takes no actor: call it for
    people who decide about one whom the actor may see (a husband, a child), and show no more of them than that.
    """
    return [
        fact
        for fact in _beliefs(member_ids, family_ids)
        if fact.known_from <= known_on and (fact.known_until is None or fact.known_until > known_on)
    ]


def children_on(member_ids: list[int], known_on: date) -> list[int]:
    """The residents whose mother or father was one of `member_ids`, as believed on `known_on`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT member_id FROM (SELECT DISTINCT ON (member_id) member_id, mother_id, father_id"
            "  FROM registry_resident_belief WHERE known_from <= %(known_on)s AND member_id IN"
            "   (SELECT member_id FROM registry_resident_belief WHERE mother_id = ANY(%(parents)s)"
            "    UNION SELECT member_id FROM registry_resident_belief WHERE father_id = ANY(%(parents)s))"
            "  ORDER BY member_id, belief_no DESC) b"
            " WHERE mother_id = ANY(%(parents)s) OR father_id = ANY(%(parents)s) ORDER BY member_id",
            {"parents": member_ids, "known_on": known_on},
        )
        return [row[0] for row in cursor.fetchall()]


def _beliefs(member_ids: list[int], family_ids: list[int]) -> list[Fact]:
    facts: list[Fact] = []
    for register, (table, owner, key) in _REGISTERS.items():
        owners = family_ids if owner == "family_id" else member_ids
        if not owners:
            continue
        with connection.cursor() as cursor:
            # what ends a belief is the next one of the same key, even if that speaks of somebody else
            cursor.execute(
                f"SELECT to_jsonb(b) - %s::text[], b.fingerprint, b.belief_no, b.known_from,"
                f" (SELECT n.known_from FROM {table} n WHERE {_same(key)}"
                "   AND n.belief_no > b.belief_no AND n.belief_no > 1 ORDER BY n.belief_no LIMIT 1),"
                " b.line, d.code, d.delivered_on, b.verified_by, b.verified_at"
                f" FROM {table} b JOIN sources_delivery d ON d.id = b.delivery_id WHERE b.{owner} = ANY(%s)"
                " ORDER BY b.known_from DESC, b.belief_no DESC",
                [_TECHNICAL, owners],
            )
            rows = cursor.fetchall()
        for values, fingerprint, number, since, until, line, code, delivered_on, by, at in rows:
            facts.append(
                Fact(
                    register,
                    _masked(values),
                    fingerprint,
                    number,
                    since,
                    until,
                    _SOURCES[register],
                    line,
                    code,
                    delivered_on,
                    by,
                    at,
                )
            )
    return facts


def _same(key: tuple[str, ...]) -> str:
    # only a ghost's pension has an empty part of its key
    return " AND ".join(
        f"n.{column} {'IS NOT DISTINCT FROM' if column == 'since' else '='} b.{column}" for column in key
    )


_SOURCES = {
    "resident": "residents",
    "family": "families",
    "bpl": "bpl",
    "disability": "pwd",
    "event": "events",
    "pension": "pensioners",
    "labour": "labour",
}


def _masked(values: Any) -> dict[str, Any]:
    # Django's connection hands jsonb over as text.
    columns: dict[str, Any] = json.loads(values) if isinstance(values, str) else dict(values)
    for number in ("aadhaar", "account"):
        if f"{number}_last4" in columns:
            columns[number] = mask(columns.pop(f"{number}_last4"))
    return columns


def people(actor: Actor, chosen: str, values: dict[str, Any], order: str = "r.member_id") -> list[Person]:
    """The residents of the actor's area that the SQL condition `chosen` chooses, as believed now."""
    # A condition that always holds would mislead the planner into walking the whole tree of areas.
    scope = "true" if actor.area_paths is None else "a.path LIKE ANY(%(paths)s)"
    query = statement("haqdar.registry", "person").replace("{chosen}", chosen).replace("{scope}", scope)
    query += f"ORDER BY {order}"
    with connection.cursor() as cursor:
        cursor.execute(query, values | {"paths": actor.path_patterns()})
        rows = cursor.fetchall()
    people = []
    for row in rows:
        cells = list(row)
        cells[17], cells[19] = mask(cells[17]), mask(cells[19])
        people.append(Person(*cells))
    return people
