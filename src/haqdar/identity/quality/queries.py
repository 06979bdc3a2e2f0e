"""Scores, trends and tasks of the quality of the register, inside the reader's area."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from haqdar.access.actors import Actor, below, require
from haqdar.access.queries import Place
from haqdar.identity.quality.rules import RULES
from haqdar.registry.merges import not_merged

LOOKS = 13
"""So many looks back go into a trend, at most one of a month."""
PAGE = 50


@dataclass(frozen=True)
class AreaScore:
    """An area at the last look: residents, those with something to put right, and how many in a hundred have nothing."""

    place: Place
    people: int
    faulty: int

    @property
    def score(self) -> float:
        """Residents of a hundred with nothing to put right, one decimal, rounded down."""
        return _score(self.people, self.faulty)


@dataclass(frozen=True)
class Trend:
    """The score of an area at an earlier look."""

    looked_at: datetime
    people: int
    faulty: int

    @property
    def score(self) -> float:
        """As of `AreaScore`."""
        return _score(self.people, self.faulty)


@dataclass(frozen=True)
class Task:
    """Something to put right: whom it is about, since when; `changed` where a new belief came since the last look.

    `member_key` is the person's, or that of somebody who lives in the family.
    """

    key: UUID
    rule: str
    opened_at: datetime
    person_key: UUID | None
    family_key: UUID
    name_en: str
    name_hi: str
    born_on: Any
    area_en: str
    area_hi: str
    changed: bool
    member_key: UUID | None = None


def scores(actor: Actor, here: Place) -> list[AreaScore]:
    """The areas directly below `here` (itself where there are none) at the last look, worst first."""
    require(actor, "quality.view")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.area_code, c.kind, c.name_en, coalesce(c.name_hi, ''), c.path, sum(s.people)::int, sum(s.faulty)::int"
            " FROM identity_quality_score s JOIN access_area a ON a.area_code = s.area_code"
            " JOIN access_area h ON h.area_code = %(here)s"
            " JOIN access_area c ON (c.parent_code = h.area_code OR c.area_code = h.area_code AND a.area_code = h.area_code)"
            "  AND starts_with(a.path, c.path)"
            " WHERE s.look_id = (SELECT max(id) FROM identity_quality_look) AND a.path LIKE %(below)s AND a.path LIKE ANY(%(own)s)"
            " GROUP BY 1, 2, 3, 4, 5 ORDER BY sum(s.faulty)::float / greatest(sum(s.people), 1) DESC, c.name_en",
            {"here": here.area_code, "below": below(here.path), "own": actor.path_patterns()},
        )
        return [AreaScore(Place(*row[:5]), row[5], row[6]) for row in cursor.fetchall()]


def trend(actor: Actor, here: Place) -> list[Trend]:
    """The last look of each month for `here`, oldest first."""
    require(actor, "quality.view")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT l.looked_at, sum(s.people)::int, sum(s.faulty)::int FROM ("
            "  SELECT DISTINCT ON (date_trunc('month', looked_at)) id, looked_at FROM identity_quality_look"
            "  ORDER BY date_trunc('month', looked_at) DESC, id DESC LIMIT %(looks)s) l"
            " JOIN identity_quality_score s ON s.look_id = l.id JOIN access_area a USING (area_code)"
            " WHERE a.path LIKE %(below)s AND a.path LIKE ANY(%(own)s) GROUP BY l.id, l.looked_at ORDER BY l.id",
            {"looks": LOOKS, "below": below(here.path), "own": actor.path_patterns()},
        )
        return [Trend(*row) for row in cursor.fetchall()]


def counts(actor: Actor, here: Place) -> dict[str, int]:
    """How many tasks each rule has open in `here`."""
    require(actor, "quality.view")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT f.rule, count(*) FROM identity_quality_finding f JOIN access_area a USING (area_code)"
            " WHERE f.closed_at IS NULL AND f.accepted_by = '' AND a.path LIKE %(below)s AND a.path LIKE ANY(%(own)s)"
            " GROUP BY 1",
            {"below": below(here.path), "own": actor.path_patterns()},
        )
        return dict(cursor.fetchall())


def tasks(
    actor: Actor,
    here: Place,
    rule: str = "",
    key: UUID | None = None,
    page: int = 1,
    limit: int | None = PAGE,
) -> list[Task]:
    """What is to be put right in `here`, faults before hints, oldest first; all of it with `limit` None, one of it by `key`. Needs `quality.view`."""
    require(actor, "quality.view")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT f.key, f.rule, f.opened_at, i.key, fi.key, r.name_en, coalesce(r.name_hi, ''), r.born_on, a.name_en,"
            " coalesce(a.name_hi, ''), EXISTS (SELECT FROM registry_change c WHERE c.recorded_at > coalesce("
            "  (SELECT max(looked_at) FROM identity_quality_look), '-infinity') AND (c.member_id = r.member_id OR c.family_id = f.family_id)),"
            " (SELECT key FROM registry_resident m WHERE m.member_id = r.member_id)"
            " FROM identity_quality_finding f JOIN access_area a USING (area_code) JOIN registry_family fi USING (family_id)"
            " LEFT JOIN registry_resident i ON i.member_id = f.member_id"
            " LEFT JOIN LATERAL (SELECT member_id, name_en, name_hi, born_on FROM registry_resident_belief b"
            "  WHERE b.member_id = coalesce(f.member_id, (SELECT x.member_id FROM registry_resident_belief x"
            "   WHERE x.family_id = f.family_id AND NOT EXISTS (SELECT FROM registry_resident_belief y"
            "    WHERE y.member_id = x.member_id AND y.belief_no > x.belief_no) AND NOT EXISTS (SELECT FROM registry_event_belief e"
            f"    WHERE e.member_id = x.member_id AND e.kind = 'death') AND {not_merged('x.member_id')}"
            "   ORDER BY x.born_on, x.member_id LIMIT 1)) ORDER BY belief_no DESC LIMIT 1) r ON true"
            " WHERE f.closed_at IS NULL AND f.accepted_by = '' AND (%(rule)s = '' OR f.rule = %(rule)s)"
            " AND (%(key)s::uuid IS NULL OR f.key = %(key)s) AND a.path LIKE %(below)s AND a.path LIKE ANY(%(own)s)"
            " ORDER BY f.rule = ANY(%(hints)s), f.opened_at, f.id LIMIT %(limit)s OFFSET %(skipped)s",
            {
                "rule": rule,
                "hints": [one.code for one in RULES if one.hint],
                "key": key,
                "below": below(here.path),
                "own": actor.path_patterns(),
                "limit": limit,
                "skipped": (page - 1) * (limit or 0),
            },
        )
        return [Task(*row) for row in cursor.fetchall()]


def last_look() -> datetime | None:
    """When the register was looked at last; None before the first time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(looked_at) FROM identity_quality_look")
        (last,) = cursor.fetchone() or (None,)
    return last


def _score(people: int, faulty: int) -> float:
    return (1000 * (people - faulty) // people) / 10 if people else 100.0
