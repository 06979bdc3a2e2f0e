"""Who has a case now: the office that the act it waits for lies with, never a person.

services/offices.yaml says which kinds of office an act lies with; the nearest of them from the person's area upwards has it, and the
State's office where there is none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from haqdar.cases.clock import services

STATE_OFFICE = "state"


@dataclass(frozen=True, slots=True)
class HoldingOffice:
    """An office as pages show it; `kind` is a word of `access.kinds.OFFICE_KINDS`, `area_code` its own area.

    `office_code` is empty where the register of offices has none of the kind: the names are then those of the area.
    """

    office_code: str
    kind: str
    area_code: str
    name_en: str
    name_hi: str

    def name(self, language: str) -> str:
        """The name in `language`, or in the other one where it is missing."""
        return (self.name_hi or self.name_en) if language == "hi" else (self.name_en or self.name_hi)


NO_OFFICE = HoldingOffice("", STATE_OFFICE, "", "State office", "राज्य कार्यालय")
"""Said where not even an office of the State is in the register."""


def office_of(area_code: str | None, verb: str) -> HoldingOffice:
    """The office that `verb` lies with for somebody in `area_code`; the State's for an unknown area."""
    return offices_of([(area_code, verb)])[(area_code, verb)]


def offices_of(wanted: Iterable[tuple[str | None, str]]) -> dict[tuple[str | None, str], HoldingOffice]:
    """The office of each (area code, verb), with one query whatever their number."""
    pairs = list(dict.fromkeys(wanted))
    book = services()
    kinds = [[*book.kinds_of_office(verb)] for _, verb in pairs]
    return dict(
        zip(
            pairs,
            offices_of_kinds([(pair[0], kind) for pair, kind in zip(pairs, kinds, strict=True)]),
            strict=True,
        )
    )


def offices_of_kinds(wanted: list[tuple[str | None, list[str]]]) -> list[HoldingOffice]:
    """The nearest office of one of the kinds from each area upwards, in the order asked for; one query."""
    if not wanted:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            _NEAREST,
            {
                "places": list(range(len(wanted))),
                "areas": [area for area, _ in wanted],
                "kinds": [",".join(kinds) for _, kinds in wanted],
            },
        )
        found = {row[0]: HoldingOffice(*row[1:]) for row in cursor.fetchall()}
    return [found.get(place, NO_OFFICE) for place in range(len(wanted))]


# A path lists the codes from the State down, a slash inside a code written %2F; the deepest area with such an office is nearest.
_NEAREST = """
    WITH wanted AS (
        SELECT * FROM unnest(%(places)s::int[], %(areas)s::text[], %(kinds)s::text[]) AS w (place, area_code, kinds)),
    above AS (
        SELECT w.place, string_to_array(w.kinds, ',') AS kinds, replace(step.code, '%%2F', '/') AS code, step.depth
        FROM wanted w JOIN access_area a ON a.area_code = w.area_code
        CROSS JOIN LATERAL unnest(string_to_array(trim(both '/' FROM a.path), '/')) WITH ORDINALITY AS step (code, depth)),
    near AS (
        SELECT DISTINCT ON (u.place) u.place, o.office_code, o.kind, o.area_code, coalesce(o.name_en, '') AS name_en,
            coalesce(o.name_hi, '') AS name_hi
        FROM above u JOIN access_office o ON o.area_code = u.code AND o.kind = ANY(u.kinds)
        ORDER BY u.place, u.depth DESC, o.office_code),
    top AS (
        SELECT o.office_code, o.kind, o.area_code, coalesce(o.name_en, '') AS name_en, coalesce(o.name_hi, '') AS name_hi
        FROM access_office o WHERE o.kind = 'state' ORDER BY o.office_code LIMIT 1)
    SELECT w.place, n.office_code, n.kind, n.area_code, n.name_en, n.name_hi FROM wanted w JOIN near n USING (place)
    UNION ALL
    SELECT w.place, t.office_code, t.kind, t.area_code, t.name_en, t.name_hi FROM wanted w CROSS JOIN top t
    WHERE NOT EXISTS (SELECT 1 FROM near n WHERE n.place = w.place)"""
