"""How many of the residents of an area are verified: shares for a dashboard, counted by the database as sets.

The living of every local area, and the verified among them, are counted as a whole (`count`, by night): at the size of a State that takes
minutes. The pages add up the counts of the areas and say of when they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting, below, require, require_area
from haqdar.access.queries import Place
from haqdar.base.sql import statement
from haqdar.identity.ekyc.document import METHODS
from haqdar.registry.merges import not_merged


@dataclass(frozen=True)
class Covered:
    """An area with its living residents and the verified among them by method; `number_proven` of all twelve digits."""

    area_code: str
    name_en: str
    name_hi: str
    kind: str
    living: int
    offline_xml: int
    secure_qr: int
    online: int
    number_proven: int

    @property
    def verified(self) -> int:
        """Verified by any method."""
        return self.offline_xml + self.secure_qr + self.online

    @property
    def share(self) -> int:
        """Verified among the living, in tenths of a percent; 0 where nobody lives."""
        return min(1000, self.verified * 1000 // self.living) if self.living else 0


def coverage(actor: Actor, here: Place) -> tuple[list[Covered], Covered, datetime | None]:
    """The areas directly below `here` by name, `here` itself, and when they were counted (None: never).

    Needs `ekyc.view` in the area. A local area has itself only.
    """
    actor = require(actor, "ekyc.view")
    require_area(actor, here.path)
    with connection.cursor() as cursor:
        cursor.execute(
            statement("haqdar.identity", "coverage"),
            {"path": here.path, "below": below(here.path), "depth": here.path.count("/")},
        )
        rows = [Covered(*row) for row in cursor.fetchall()]
        cursor.execute("SELECT min(counted_at) FROM identity_living_count")
        (counted,) = cursor.fetchone() or (None,)
    sums: dict[str, Any] = {
        name: sum(getattr(row, name) for row in rows) for name in ("living", *METHODS, "number_proven")
    }
    whole = Covered(here.area_code, here.name_en, here.name_hi, here.kind, **sums)
    return [row for row in rows if row.area_code != here.area_code], whole, counted


def count(actor: Actor) -> int:
    """Count the living of every local area and the verified among them anew; returns how many live.

    Readers see the old counts until the new ones are whole.
    """
    actor = require(actor, "ekyc.count")
    with acting(actor, "ekyc.count"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM identity_living_count")
        counting = statement("haqdar.identity", "living_count").replace(
            "{gone}", statement("haqdar.identity", "gone")
        )
        cursor.execute(counting.replace("{not_merged}", not_merged("resident.member_id")))
        cursor.execute("SELECT coalesce(sum(living), 0) FROM identity_living_count")
        (living,) = cursor.fetchone() or (0,)
        record(actor, "ekyc.count", "register", "", new={"living": int(living)})
    return int(living)
