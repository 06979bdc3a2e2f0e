"""Reads of the public figures: everybody may see them, so no actor is asked for; nothing here knows a person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection

from haqdar.outcomes.models import Figure
from haqdar.outcomes.rules import KEPT, SHOWN

PENSIONS: str = Figure.Topic.PENSIONS.value
DELAYS: str = Figure.Topic.DELAYS.value
TOPICS = (PENSIONS, DELAYS)
CHUNK = 5_000


@dataclass(frozen=True)
class Cell:
    """A published number; `count` is None where it is hidden."""

    count: int | None
    paise: int | None
    state: str

    @property
    def hidden(self) -> bool:
        """Whether the number is not shown."""
        return self.state != SHOWN


NOBODY = Cell(0, 0, SHOWN)


@dataclass
class AreaFigures:
    """One area: its total and, where they may be shown, its columns. Without an own place it stands for the rest."""

    area_code: str
    parent_code: str | None
    kind: str
    name_en: str
    name_hi: str
    total: Cell = NOBODY
    cells: dict[str, Cell] = field(default_factory=dict)

    @property
    def by_column(self) -> bool:
        """Whether the columns may be shown."""
        return bool(self.cells) or self.total.count == 0

    @property
    def unsaid(self) -> Cell:
        """What stands in place of every column where they are not shown."""
        return Cell(None, None, KEPT)

    @property
    def apart(self) -> bool:
        """Whether this is what belongs to no area below."""
        return not self.kind


_COLUMNS = "area_code, parent_code, kind, name_en, name_hi, measure, count, paise, state"


def months(topic: str, limit: int = 60) -> list[date]:
    """The months that have figures, newest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            # a walk along the index: one look-up a month, however many areas there are
            "WITH RECURSIVE found AS ("
            " (SELECT month FROM outcomes_figure WHERE topic = %(topic)s ORDER BY month DESC LIMIT 1)"
            " UNION ALL SELECT (SELECT f.month FROM outcomes_figure f WHERE f.topic = %(topic)s AND f.month < found.month"
            "  ORDER BY f.month DESC LIMIT 1) FROM found WHERE found.month IS NOT NULL)"
            " SELECT month FROM found WHERE month IS NOT NULL LIMIT %(limit)s",
            {"topic": topic, "limit": limit},
        )
        return [row[0] for row in cursor.fetchall()]


def root(topic: str, month: date) -> AreaFigures | None:
    """The whole State in a month; None where the month has no figures."""
    found = _areas("topic = %s AND month = %s AND parent_code IS NULL", [topic, month])
    return found[0] if found else None


def area(topic: str, month: date, area_code: str) -> AreaFigures | None:
    """One area in a month; None where it has no figures (nobody there, or no such area)."""
    found = _areas("topic = %s AND month = %s AND area_code = %s", [topic, month, area_code])
    return found[0] if found else None


def below(topic: str, month: date, area_code: str) -> list[AreaFigures]:
    """The areas one level below, by name; what belongs to none of them comes last."""
    found = _areas("topic = %s AND month = %s AND parent_code = %s", [topic, month, area_code])
    return sorted(found, key=lambda one: (one.apart, one.name_en, one.area_code))


def over_months(topic: str, area_code: str, measure: str = "", limit: int = 24) -> list[tuple[date, Cell]]:
    """An area's total, or one of its columns, month by month, oldest first; months in which it is hidden included."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.month, coalesce(m.count, CASE WHEN %(measure)s = '' THEN t.count END),"
            " coalesce(m.paise, CASE WHEN %(measure)s = '' THEN t.paise END),"
            " coalesce(m.state, CASE WHEN %(measure)s = '' THEN t.state END, 'kept')"
            " FROM outcomes_figure t LEFT JOIN outcomes_figure m ON m.topic = t.topic AND m.month = t.month"
            "  AND m.area_code = t.area_code AND m.measure = %(measure)s AND %(measure)s <> ''"
            " WHERE t.topic = %(topic)s AND t.area_code = %(area)s AND t.measure = ''"
            " ORDER BY t.month DESC LIMIT %(limit)s",
            {"topic": topic, "area": area_code, "measure": measure, "limit": limit},
        )
        rows = cursor.fetchall()
    return [(month, Cell(count, paise, state)) for month, count, paise, state in reversed(rows)]


def cells(
    topic: str,
    month: date,
    *,
    parent: str | None = None,
    area_code: str | None = None,
    measure: str | None = None,
    kind: str | None = None,
    after: tuple[str, str] = ("", ""),
    limit: int = CHUNK,
) -> list[dict[str, Any]]:
    """Cells of a month in the order (area, measure) behind `after`, filtered; at most `limit`."""
    where = "topic = %s AND month = %s AND (area_code, measure) > (%s, %s)"
    values: list[Any] = [topic, month, *after]
    for column, value in (
        ("parent_code", parent), ("area_code", area_code), ("measure", measure), ("kind", kind),
    ):  # fmt: skip
        if value is not None:
            where, values = f"{where} AND {column} = %s", [*values, value]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS} FROM outcomes_figure WHERE {where} ORDER BY area_code, measure LIMIT %s",
            [*values, limit],
        )
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def all_cells(topic: str, month: date, parent: str | None = None) -> Iterator[dict[str, Any]]:
    """Every cell of a month, or those of the areas directly below `parent`, in chunks, for a download."""
    after = ("", "")
    while chunk := cells(topic, month, parent=parent, after=after):
        yield from chunk
        after = (chunk[-1]["area_code"], chunk[-1]["measure"])


def _areas(where: str, values: list[Any]) -> list[AreaFigures]:
    found: dict[str, AreaFigures] = {}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_COLUMNS} FROM outcomes_figure WHERE {where}", values)
        for code, parent, kind, name_en, name_hi, measure, count, paise, state in cursor.fetchall():
            one = found.setdefault(code, AreaFigures(code, parent, kind, name_en, name_hi))
            if measure:
                one.cells[measure] = Cell(count, paise, state)
            else:
                one.total = Cell(count, paise, state)
    return list(found.values())
