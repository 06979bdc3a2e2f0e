"""Which office decides or answers for a place: papers and public pages name offices, never persons."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.utils import timezone

from haqdar.access.actors import Actor

LOCAL_KINDS = ("block", "ulb")
"""The kinds of area whose office designates the officer of the pension services (CEO Janpad, CMO)."""


@dataclass(frozen=True)
class OfficeOf:
    """An office with the area it is responsible for, and the function in which somebody acts there.

    `role` is empty where no employee acts (the platform, a look-up for a public page).
    """

    code: str
    name_en: str
    name_hi: str
    area_kind: str
    area_en: str
    area_hi: str
    role: str = ""
    acting: bool = False

    def name(self, language: str) -> str:
        """The office's name in `language`, or in the other one where it is missing."""
        return (self.name_hi or self.name_en) if language == "hi" else (self.name_en or self.name_hi)


_OFFICE = (
    "coalesce(o.office_code, ''), coalesce(o.name_en, a.name_en), coalesce(o.name_hi, a.name_hi, o.name_en, a.name_en),"
    " a.kind, a.name_en, coalesce(a.name_hi, a.name_en)"
)
_OF_AREA = (
    " LEFT JOIN LATERAL (SELECT * FROM access_office x WHERE x.area_code = a.area_code"
    "  ORDER BY x.office_code = %(office)s DESC NULLS LAST, x.office_code LIMIT 1) o ON true"
)


def office_in_which(
    actor: Actor, paths: list[str | None], on: date | None = None
) -> dict[str | None, OfficeOf]:
    """For each tree path the office in which `actor` acts for it: that of the nearest posting, with role and charge.

    For the platform, and where the employee has no posting that covers the place, the office that is designated for it.
    """
    found: dict[str | None, OfficeOf] = {}
    day = on or timezone.localdate()
    if actor.user_id is not None:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT a.path, {_OFFICE}, p.role, p.charge = 'acting' FROM access_posting p"
                " JOIN access_area a ON a.area_code = p.area_code"
                " LEFT JOIN LATERAL (SELECT * FROM access_office x WHERE x.area_code = a.area_code OR"
                "  x.office_code = p.office_code ORDER BY x.office_code = p.office_code DESC NULLS LAST, x.office_code"
                "  LIMIT 1) o ON true"
                " WHERE p.user_id = %s AND p.role = ANY(%s) AND p.from_on <= %s AND (p.to_on IS NULL OR p.to_on >= %s)"
                " ORDER BY a.depth DESC, p.id",
                [actor.user_id, sorted(actor.roles), day, day],
            )
            postings = cursor.fetchall()
        for path in paths:
            nearest = next((row for row in postings if path is not None and path.startswith(row[0])), None)
            if nearest is not None:
                found[path] = OfficeOf(*nearest[1:])
    for path in paths:
        if path not in found and (designated := designated_office(path)) is not None:
            found[path] = designated
    return found


def designated_office(path: str | None, kinds: tuple[str, ...] = LOCAL_KINDS) -> OfficeOf | None:
    """The office of the nearest area of one of `kinds` on the way up from `path`; the State's where there is none."""
    parts = [part for part in (path or "").split("/") if part]
    paths = ["/" + "/".join(parts[: depth + 1]) + "/" for depth in range(len(parts))]
    values: dict[str, Any] = {"paths": paths, "kinds": list(kinds), "office": None}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_OFFICE} FROM access_area a{_OF_AREA}"
            " WHERE a.path = ANY(%(paths)s) AND a.kind = ANY(%(kinds)s) OR a.kind = 'state'"
            " ORDER BY a.kind = 'state', a.depth DESC LIMIT 1",
            values,
        )
        row = cursor.fetchone()
    return OfficeOf(*row) if row else None
