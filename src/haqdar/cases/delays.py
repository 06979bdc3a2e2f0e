"""Delay lists: how much is late, where and with whom, counted from the index of due days in one statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.utils import timezone

from haqdar.access.actors import Actor, below, require
from haqdar.access.queries import Place
from haqdar.cases.clock import services
from haqdar.cases.offices import NO_OFFICE, HoldingOffice

MOST_OFFICES = 200
"""Offices that a page lists, the latest first; the download has them all."""


@dataclass(frozen=True)
class Delay:
    """What is open and late at one place: `days` over the limit in all, `oldest` of one case."""

    open: int
    late: int
    days: int
    oldest: int

    @property
    def mean(self) -> int:
        """Days over the limit of a late case on average, rounded."""
        return round(self.days / self.late) if self.late else 0


@dataclass(frozen=True)
class AreaDelay(Delay):
    """The delay in one area below the one looked at."""

    place: Place


@dataclass(frozen=True)
class OfficeDelay(Delay):
    """The delay at one office and post; `verb` says what the post's cases wait for."""

    office: HoldingOffice
    verb: str


def delays(
    actor: Actor, here: Place, service: str = "", limit: int | None = MOST_OFFICES, on: date | None = None
) -> tuple[list[AreaDelay], list[OfficeDelay], Delay]:
    """The delays by area directly below `here`, by office and post, and in all; worst first.

    Only cases whose clock runs count. Raises ``NotYourFunction``, ``OutsideYourArea``.
    """
    actor = require(actor, "delay.view")
    today = on or timezone.localdate()
    verbs = services().offices
    with connection.cursor() as cursor:
        cursor.execute(
            _DELAYS,
            {
                "today": today,
                "own": actor.path_patterns(),
                "here": below(here.path),
                # below the State only the area's own part of the index is read
                "whole": here.kind == "state",
                "depth": here.path.count("/") - 1,
                "service": service,
                "verbs": list(verbs),
                "kinds": [",".join(kinds) for kinds in verbs.values()],
            },
        )
        rows = cursor.fetchall()
    areas: list[AreaDelay] = []
    offices: list[OfficeDelay] = []
    total = Delay(0, 0, 0, 0)
    for what, code, kind, name_en, name_hi, path, verb, n_open, late, days, oldest in rows:
        numbers = {"open": n_open, "late": late, "days": int(days), "oldest": oldest}
        if what == "total":
            total = Delay(**numbers)
        elif what == "area":
            areas.append(AreaDelay(**numbers, place=Place(code, kind, name_en, name_hi, path)))
        elif code is None:
            offices.append(OfficeDelay(**numbers, office=NO_OFFICE, verb=verb))
        else:
            office = HoldingOffice(code, kind, path, name_en, name_hi)
            offices.append(OfficeDelay(**numbers, office=office, verb=verb))
    return areas, offices[:limit], total


# One pass over the index of due days makes a row an area, act; everything after works on those few thousand rows.
_DELAYS = """
    WITH counted AS MATERIALIZED (
        SELECT c.area_code, c.awaits, count(*) AS n_open, count(*) FILTER (WHERE c.due_on < %(today)s) AS late,
            sum(greatest(%(today)s::date - c.due_on, 0)) AS days, max(greatest(%(today)s::date - c.due_on, 0)) AS oldest
        FROM cases_case c
        WHERE c.closed_at IS NULL AND c.due_on IS NOT NULL AND (%(service)s = '' OR c.service = %(service)s)
          AND (%(whole)s OR c.area_code IN (SELECT area_code FROM access_area WHERE path LIKE %(here)s))
        GROUP BY c.area_code, c.awaits),
    placed AS MATERIALIZED (
        SELECT k.*, a.path, string_to_array(trim(both '/' FROM a.path), '/') AS parts
        FROM counted k JOIN access_area a ON a.area_code = k.area_code
        WHERE a.path LIKE %(here)s AND a.path LIKE ANY(%(own)s)),
    acts AS (SELECT * FROM unnest(%(verbs)s::text[], %(kinds)s::text[]) AS v (awaits, kinds)),
    -- one look-up for each area and set of office kinds, whatever the number of acts
    wanted AS (SELECT DISTINCT p.area_code, p.parts, v.kinds FROM placed p JOIN acts v USING (awaits)),
    steps AS (
        SELECT w.area_code, w.kinds, replace(s.code, '%%2F', '/') AS code, s.depth FROM wanted w
        CROSS JOIN LATERAL unnest(w.parts) WITH ORDINALITY AS s (code, depth)),
    near AS (
        SELECT DISTINCT ON (s.area_code, s.kinds) s.area_code, s.kinds, o.office_code, o.kind, o.area_code AS seat,
            coalesce(o.name_en, '') AS name_en, coalesce(o.name_hi, '') AS name_hi
        FROM steps s JOIN access_office o ON o.area_code = s.code AND o.kind = ANY(string_to_array(s.kinds, ','))
        ORDER BY s.area_code, s.kinds, s.depth DESC, o.office_code),
    by_area AS (
        SELECT replace(p.parts[%(depth)s + 1], '%%2F', '/') AS code, sum(n_open) AS n_open, sum(late) AS late,
            sum(days) AS days, max(oldest) AS oldest
        FROM placed p WHERE cardinality(p.parts) > %(depth)s GROUP BY 1),
    by_office AS (
        SELECT n.office_code, n.kind, n.name_en, n.name_hi, n.seat, p.awaits, sum(n_open) AS n_open, sum(late) AS late,
            sum(days) AS days, max(oldest) AS oldest
        FROM placed p LEFT JOIN acts v USING (awaits)
        LEFT JOIN near n ON n.area_code = p.area_code AND n.kinds = v.kinds
        GROUP BY 1, 2, 3, 4, 5, 6)
    SELECT 'total', NULL, NULL, NULL, NULL, NULL, NULL, coalesce(sum(n_open), 0)::bigint, coalesce(sum(late), 0)::bigint,
        coalesce(sum(days), 0)::bigint, coalesce(max(oldest), 0) FROM placed
    UNION ALL (
        SELECT 'area', a.area_code, a.kind, a.name_en, coalesce(a.name_hi, ''), a.path, NULL, b.n_open::bigint, b.late::bigint,
            b.days::bigint, b.oldest
        FROM by_area b JOIN access_area a ON a.area_code = b.code ORDER BY b.late DESC, b.days DESC, a.area_code)
    UNION ALL (
        SELECT 'office', o.office_code, o.kind, o.name_en, o.name_hi, o.seat, o.awaits, o.n_open::bigint, o.late::bigint,
            o.days::bigint, o.oldest
        FROM by_office o WHERE o.late > 0 ORDER BY o.late DESC, o.days DESC, o.office_code, o.awaits)"""


def late_cases(actor: Actor, here: Place, verb: str, service: str, limit: int = 200) -> list[dict[str, Any]]:
    """The late cases in an area, the latest first, without names: number, what they wait for, area, days over."""
    actor = require(actor, "delay.view")
    today = timezone.localdate()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.key, c.number, c.kind, c.awaits, c.service, c.due_on, %(today)s::date - c.due_on, a.name_en,"
            " coalesce(a.name_hi, ''), c.area_code"
            " FROM cases_case c JOIN access_area a ON a.area_code = c.area_code"
            " WHERE c.closed_at IS NULL AND c.due_on < %(today)s AND a.path LIKE %(here)s AND a.path LIKE ANY(%(own)s)"
            " AND (%(verb)s = '' OR c.awaits = %(verb)s) AND (%(service)s = '' OR c.service = %(service)s)"
            " ORDER BY c.due_on, c.id LIMIT %(limit)s",
            {
                "today": today,
                "here": below(here.path),
                "own": actor.path_patterns(),
                "verb": verb,
                "service": service,
                "limit": limit,
            },
        )
        names = (
            "key",
            "number",
            "kind",
            "awaits",
            "service",
            "due_on",
            "over",
            "name_en",
            "name_hi",
            "area_code",
        )
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
