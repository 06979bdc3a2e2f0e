"""Reads of one person, one family, or a handful of people for a list: current beliefs with source and dates."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from haqdar.access.actors import Actor, OutsideYourArea, require
from haqdar.registry.merges import absorbed_by, not_merged, survivors
from haqdar.registry.models import WITHDRAWN


@dataclass(frozen=True)
class Card:
    """A person as one line of a list shows it; without key and name it is somebody outside the reader's area."""

    member_id: int
    key: str
    name_en: str
    name_hi: str
    sex: str
    born_on: date | None


@dataclass(frozen=True)
class Profile:
    """A person's current beliefs: `resident` and `family` as rows, the other registers as lists of rows.

    Every row has known_from, delivered_on, file line, verified_by and verified_at beside its values. Aadhaar,
    account and mobile numbers are given by their last four digits only. `beliefs` counts how often the
    resident row was corrected, `history` holds its earlier beliefs, newest first.
    """

    member_id: int
    key: str
    resident: dict[str, Any]
    family: dict[str, Any]
    bpl: list[dict[str, Any]]
    disability: list[dict[str, Any]]
    events: list[dict[str, Any]]
    pensions: list[dict[str, Any]]
    labour: list[dict[str, Any]]
    history: list[dict[str, Any]]
    related: dict[int, Card]
    children: list[Card]
    withdrawn: list[dict[str, Any]]


@dataclass(frozen=True)
class FamilyProfile:
    """A family with the people who belong to it now."""

    family: dict[str, Any]
    people: list[dict[str, Any]]
    bpl: list[dict[str, Any]]


_FAMILY = (
    "SELECT f.family_id, f.key, b.area_code, b.address, b.social_category, b.recorded_on, b.known_from, b.belief_no,"
    " b.line, b.verified_by, b.verified_at, d.delivered_on, a.path, a.kind, a.name_en, a.name_hi"
    " FROM registry_family f"
    " JOIN LATERAL (SELECT * FROM registry_family_belief x WHERE x.family_id = f.family_id"
    "  ORDER BY belief_no DESC LIMIT 1) b ON true"
    " LEFT JOIN sources_delivery d ON d.id = b.delivery_id"
    " LEFT JOIN access_area a ON a.area_code = b.area_code"
)
_RESIDENT_COLUMNS = (
    "b.member_id, b.family_id, b.name_en, b.name_hi, b.sex, b.born_on, b.relation_to_head, b.mother_id, b.father_id,"
    " b.spouse_id, b.marital_status, b.marital_since, b.destitute, b.income_tax_payer, right(b.mobile, 4) AS mobile_last4,"
    " b.aadhaar_last4, b.ifsc, b.account_last4, b.recorded_on, b.known_from, b.belief_no, b.line, b.verified_by,"
    " b.verified_at, d.delivered_on"
)


_POINTERS = ("mother_id", "father_id", "spouse_id")


def person(actor: Actor, key: UUID) -> Profile | None:
    """The person of an opaque key; None if there is none. Refuses with `OutsideYourArea`; needs `person.view`."""
    actor = require(actor, "person.view")
    found = _rows("SELECT member_id FROM registry_resident WHERE key = %s", [key])
    if not found:
        return None
    member_id = found[0]["member_id"]
    beliefs = _rows(
        f"SELECT {_RESIDENT_COLUMNS} FROM registry_resident_belief b"
        " LEFT JOIN sources_delivery d ON d.id = b.delivery_id WHERE b.member_id = %s ORDER BY b.belief_no DESC",
        [member_id],
    )
    if not beliefs:
        return None
    resident = beliefs[0]
    family = _rows(
        f"{_FAMILY} WHERE f.family_id = %s AND a.path LIKE ANY(%s)",
        [resident["family_id"], actor.path_patterns()],
    )
    if not family:
        raise OutsideYourArea()
    # what the files say of a number that was merged into this one is said of this person
    numbers = [member_id, *absorbed_by(member_id)]
    children = _rows(
        "SELECT member_id FROM (SELECT DISTINCT ON (member_id) member_id, mother_id, father_id"
        "  FROM registry_resident_belief WHERE member_id IN"
        "   (SELECT member_id FROM registry_resident_belief WHERE mother_id = ANY(%s) OR father_id = ANY(%s))"
        "  ORDER BY member_id, belief_no DESC) now WHERE (mother_id = ANY(%s) OR father_id = ANY(%s))"
        f" AND {not_merged('now.member_id')}",
        [numbers] * 4,
    )
    behind = survivors([resident[name] for name in _POINTERS if resident[name] is not None])
    resident |= {name: behind.get(resident[name], resident[name]) for name in _POINTERS}
    parents = [resident[name] for name in _POINTERS]
    events = sorted(
        (
            event
            for number in numbers
            for event in _current("event", "b.event_id", "b.member_id", number, "b.happened_on DESC")
            if event["kind"] != WITHDRAWN
        ),
        key=lambda event: event["happened_on"],
        reverse=True,
    )
    spouses = [event["spouse_id"] for event in events]
    related = _own_area_only(actor, cards([*parents, *spouses, *(child["member_id"] for child in children)]))
    return Profile(
        member_id=member_id,
        key=str(key),
        resident=resident,
        family=family[0],
        bpl=_current(
            "bpl", "b.card_no, b.valid_from", "b.family_id", resident["family_id"], "b.valid_from DESC"
        ),
        disability=[
            certificate
            for number in numbers
            for certificate in _current(
                "disability", "b.certificate_no", "b.member_id", number, "b.issued_on DESC"
            )
        ],
        events=events,
        pensions=_current("pension", "b.scheme, b.since", "b.member_id", member_id, "b.since DESC"),
        labour=_current("labour", "b.card_no", "b.member_id", member_id, "b.valid_from DESC"),
        history=beliefs[1:],
        related=related,
        children=[related[child["member_id"]] for child in children if child["member_id"] in related],
        withdrawn=_withdrawn_events(member_id),
    )


def _own_area_only(actor: Actor, found: dict[int, Card]) -> dict[int, Card]:
    """The cards with everything taken off those of people who live outside the actor's area."""
    if actor.area_paths is None or not found:
        return found
    inside = {
        row["member_id"]
        for row in _rows(
            "SELECT p.member_id FROM unnest(%s::int[]) AS p(member_id)"
            " JOIN LATERAL (SELECT family_id FROM registry_resident_belief x WHERE x.member_id = p.member_id"
            "  ORDER BY belief_no DESC LIMIT 1) b ON true"
            " JOIN LATERAL (SELECT area_code FROM registry_family_belief y WHERE y.family_id = b.family_id"
            "  ORDER BY belief_no DESC LIMIT 1) f ON true"
            " JOIN access_area a ON a.area_code = f.area_code WHERE a.path LIKE ANY(%s)",
            [list(found), actor.path_patterns()],
        )
    }
    return {
        member_id: card
        if member_id in inside
        else replace(card, key="", name_en="", name_hi="", born_on=None)
        for member_id, card in found.items()
    }


def _withdrawn_events(member_id: int) -> list[dict[str, Any]]:
    """Events that were recorded about the person and taken back again: what they said, and when each was said."""
    return _rows(
        "SELECT first.kind, first.happened_on, first.reported_on, first.known_from, last.known_from AS withdrawn_from"
        " FROM (SELECT DISTINCT ON (event_id) * FROM registry_event_belief WHERE event_id IN"
        "   (SELECT event_id FROM registry_event_belief WHERE member_id = %s) ORDER BY event_id, belief_no DESC) last"
        " JOIN LATERAL (SELECT * FROM registry_event_belief e WHERE e.event_id = last.event_id AND e.kind <> %s"
        "   ORDER BY belief_no DESC LIMIT 1) first ON true"
        " WHERE last.kind = %s AND first.member_id = %s ORDER BY first.happened_on DESC",
        [member_id, WITHDRAWN, WITHDRAWN, member_id],
    )


def family(actor: Actor, key: UUID) -> FamilyProfile | None:
    """The family of an opaque key; None if there is none. Refuses with `OutsideYourArea`; needs `family.view`."""
    actor = require(actor, "family.view")
    found = _rows(f"{_FAMILY} WHERE f.key = %s", [key])
    if not found:
        return None
    if not actor.sees(found[0]["path"]):
        raise OutsideYourArea()
    family_id = found[0]["family_id"]
    people = _rows(
        "SELECT * FROM (SELECT DISTINCT ON (b.member_id) b.member_id, r.key, b.family_id, b.name_en, b.name_hi, b.sex,"
        "  b.born_on, b.relation_to_head, b.marital_status"
        "  FROM registry_resident_belief b JOIN registry_resident r ON r.member_id = b.member_id"
        "  WHERE b.member_id IN (SELECT member_id FROM registry_resident_belief WHERE family_id = %s)"
        f"  ORDER BY b.member_id, b.belief_no DESC) now WHERE family_id = %s AND {not_merged('now.member_id')}"
        " ORDER BY born_on NULLS LAST, member_id",
        [family_id, family_id],
    )
    died = {
        row["member_id"]: row["happened_on"]
        for row in _rows(
            "SELECT member_id, min(happened_on) AS happened_on FROM ("
            "  SELECT DISTINCT ON (event_id) member_id, kind, happened_on FROM registry_event_belief"
            "  WHERE member_id = ANY(%s) ORDER BY event_id, belief_no DESC) now"
            " WHERE kind = 'death' GROUP BY member_id",
            [[row["member_id"] for row in people]],
        )
    }
    for row in people:
        row["died_on"] = died.get(row["member_id"])
    bpl = _current("bpl", "b.card_no, b.valid_from", "b.family_id", family_id, "b.valid_from DESC")
    return FamilyProfile(found[0], people, bpl)


def cards(member_ids: Iterable[int | None]) -> dict[int, Card]:
    """One line about each of a handful of people, by member ID, in one query. Call it for rows already scoped."""
    wanted = sorted({member_id for member_id in member_ids if member_id is not None})
    if not wanted:
        return {}
    rows = _rows(
        "SELECT DISTINCT ON (b.member_id) b.member_id, r.key, b.name_en, coalesce(b.name_hi, '') AS name_hi, b.sex, b.born_on"
        " FROM registry_resident_belief b JOIN registry_resident r ON r.member_id = b.member_id"
        " WHERE b.member_id = ANY(%s) ORDER BY b.member_id, b.belief_no DESC",
        [wanted],
    )
    return {row["member_id"]: Card(**{**row, "key": str(row["key"])}) for row in rows}


def addresses(member_ids: Iterable[int | None]) -> dict[int, str]:
    """The address (house, hamlet) of the family of each of a handful of people, in one query. Call it for rows already scoped."""
    wanted = sorted({member_id for member_id in member_ids if member_id is not None})
    if not wanted:
        return {}
    rows = _rows(
        "SELECT r.member_id, f.address FROM (SELECT DISTINCT ON (member_id) member_id, family_id"
        "  FROM registry_resident_belief WHERE member_id = ANY(%s) ORDER BY member_id, belief_no DESC) r"
        " JOIN LATERAL (SELECT address FROM registry_family_belief x WHERE x.family_id = r.family_id"
        "  ORDER BY belief_no DESC LIMIT 1) f ON f.address <> ''",
        [wanted],
    )
    return {row["member_id"]: row["address"] for row in rows}


def register_counts(actor: Actor) -> dict[str, int]:
    """How many residents, families and pension rows there are, as the planner estimates them: fast at any size."""
    actor = require(actor, "month.run")
    found = {}
    for name in ("resident", "family", "pension_belief"):
        rows = _rows(
            "SELECT greatest(reltuples::bigint, 0) AS rows FROM pg_class WHERE oid = %s::regclass",
            [f"registry_{name}"],
        )
        found[name] = int(rows[0]["rows"])
        if found[name] < 1_000_000:
            found[name] = int(_rows(f"SELECT count(*) AS rows FROM registry_{name}", [])[0]["rows"])
    return found


def _current(register: str, key: str, owner: str, value: int, order: str) -> list[dict[str, Any]]:
    """The latest belief per key of one register for a person or family, with the day it was delivered."""
    inner = key.replace("b.", "")
    return _rows(
        f"SELECT b.*, d.delivered_on FROM (SELECT DISTINCT ON ({inner}) * FROM registry_{register}_belief b"
        f"  WHERE {owner} = %s ORDER BY {inner}, belief_no DESC) b"
        f" LEFT JOIN sources_delivery d ON d.id = b.delivery_id ORDER BY {order}",
        [value],
    )


def _rows(sql: str, values: list[Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
