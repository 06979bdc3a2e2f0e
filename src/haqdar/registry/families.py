"""Many families at once, as believed now: what a household card says of them. Sets of families, one statement for each question."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from haqdar.access.actors import Actor, OutsideYourArea, require, require_area
from haqdar.base.sql import statement
from haqdar.registry.merges import not_merged


@dataclass(frozen=True)
class Place:
    """A panchayat or ward with the areas above it, from the State down; names in both languages, Hindi where there is one."""

    area_code: str
    district_code: str
    path: str
    along_hi: tuple[str, ...]
    along_en: tuple[str, ...]
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Resident:
    """One of a family: the living who have not moved away. `relation` is empty where it is not known."""

    member_id: int
    key: UUID
    name_hi: str
    name_en: str
    sex: str
    born_on: date | None
    relation: str


@dataclass(frozen=True)
class Family:
    """A family: where it lives, its category, whether it is on the register of poor families today, who belongs to it (head first)."""

    family_id: int
    key: UUID
    place: Place
    address: str
    category: str
    bpl: bool
    residents: tuple[Resident, ...]


class NoSuchFamily(OutsideYourArea):
    """There is no family of this key; said like one outside the area, so that nothing is learned from asking."""


def family_of(actor: Actor, key: UUID, day: date) -> Family:
    """The family of an opaque key; raises `OutsideYourArea`. Needs `family.view`."""
    actor = require(actor, "family.view")
    with connection.cursor() as cursor:
        cursor.execute("SELECT family_id FROM registry_family WHERE key = %s", [key])
        row = cursor.fetchone()
    found = families([row[0]], day) if row else []
    if not found:
        raise NoSuchFamily()
    require_area(actor, found[0].place.path)
    return found[0]


def own_family(resident: UUID, day: date) -> Family | None:
    """The family of a resident, for that same person: the caller has had a one-time code answered. None for nobody's."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT b.family_id FROM registry_resident r JOIN registry_resident_belief b USING (member_id)"
            " WHERE r.key = %s ORDER BY b.belief_no DESC LIMIT 1",
            [resident],
        )
        row = cursor.fetchone()
    found = families([row[0]], day) if row else []
    return found[0] if found else None


def families(family_ids: Iterable[int], day: date) -> list[Family]:
    """These families in the order given, each with its people; families of unknown place are left out.

    It takes no actor: call it for families that were chosen within somebody's area, or for a person about their own.
    """
    wanted = list(dict.fromkeys(family_ids))
    if not wanted:
        return []
    people: dict[int, list[Resident]] = {}
    rows: dict[int, tuple[Any, ...]] = {}
    with connection.cursor() as cursor:
        living = statement("haqdar.registry", "families").replace("{alone}", not_merged("l.member_id"))
        cursor.execute(living, {"families": wanted, "day": day})
        for family_id, *cells in cursor.fetchall():
            people.setdefault(family_id, []).append(Resident(*cells))
        cursor.execute(_FAMILIES, {"families": wanted, "day": day})
        found = cursor.fetchall()
        rows = {row[0]: row for row in found}
        cursor.execute(_PLACES, {"areas": sorted({row[2] for row in found})})
        places = {
            row[0]: Place(row[0], row[1], row[2], tuple(row[3]), tuple(row[4]), tuple(row[5]))
            for row in cursor.fetchall()
        }
    return [
        Family(number, key, places[area_code], address, category, bpl, tuple(people.get(number, ())))
        for number, key, area_code, address, category, bpl in (rows[one] for one in wanted if one in rows)
        if area_code in places
    ]


def families_in(areas: Sequence[str], after: int, limit: int) -> list[int]:
    """The next families by number that live in one of these areas now and have somebody in the register; chosen within an area."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_LIVING_IN} ORDER BY f.family_id LIMIT %s", [list(areas), after, limit])
        return [row[0] for row in cursor.fetchall()]


def count_in(areas: Sequence[str]) -> int:
    """How many there are of `families_in`."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({_LIVING_IN}) f", [list(areas), 0])
        return int((cursor.fetchone() or (0,))[0])


_LIVING_IN = """
    SELECT f.family_id FROM registry_family_belief f
    WHERE f.area_code = ANY(%s) AND f.family_id > %s
      AND NOT EXISTS (SELECT FROM registry_family_belief n WHERE n.family_id = f.family_id AND n.belief_no > f.belief_no)
      AND EXISTS (SELECT FROM registry_resident_belief b WHERE b.family_id = f.family_id AND NOT EXISTS (
            SELECT FROM registry_resident_belief n WHERE n.member_id = b.member_id AND n.belief_no > b.belief_no))"""
_FAMILIES = """
    SELECT f.family_id, f.key, b.area_code, coalesce(b.address, ''), coalesce(b.social_category, ''),
        EXISTS (SELECT FROM (
            SELECT DISTINCT ON (card_no, valid_from) valid_from, valid_to FROM registry_bpl_belief x
            WHERE x.family_id = f.family_id ORDER BY card_no, valid_from, belief_no DESC) card
            WHERE card.valid_from <= %(day)s AND (card.valid_to IS NULL OR card.valid_to >= %(day)s))
    FROM registry_family f
    JOIN LATERAL (SELECT area_code, address, social_category FROM registry_family_belief x
        WHERE x.family_id = f.family_id ORDER BY belief_no DESC LIMIT 1) b ON true
    WHERE f.family_id = ANY(%(families)s)
"""
_PLACES = """
    SELECT a.area_code, coalesce(a.district_code, ''), a.path,
        array_agg(coalesce(up.name_hi, up.name_en) ORDER BY up.depth), array_agg(up.name_en ORDER BY up.depth),
        array_agg(up.kind ORDER BY up.depth)
    FROM access_area a JOIN access_area up ON starts_with(a.path, up.path)
    WHERE a.area_code = ANY(%(areas)s) GROUP BY 1, 2, 3
"""
