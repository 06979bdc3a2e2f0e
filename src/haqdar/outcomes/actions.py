"""Writing the public figures: summed as sets, protected (`rules`), stored in place of the month's former ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.utils import timezone

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting, require
from haqdar.base.month import Month
from haqdar.outcomes.models import Figure
from haqdar.outcomes.rules import FEW, KEPT, SHOWN, protect, table

THOUSAND_RUPEES = 100_000
DECIDED_IN_TIME, DECIDED_LATE, OPEN, OVERDUE = STATES = ("in_time", "late", "open", "over")
"""How a case stands against its limit."""
TIMED = ("start", "application", "appeal", "second_appeal", "grievance", "objection")
"""The kinds of case that a citizen waits for."""
_MONTHS_BACK = 24

_PENSIONS = """
    SELECT r.month, t.area_code, t.scheme, sum(t.persons)::bigint, sum(t.regular_paise)::bigint
    FROM payments_area_total t JOIN cases_month_run r ON r.id = t.run_id
    WHERE r.state = 'complete' AND r.posted AND r.month = %s AND t.persons > 0
    GROUP BY 1, 2, 3"""

_DELAYS = """
    SELECT date_trunc('month', c.due_on)::date, c.area_code,
        CASE WHEN c.closed_at IS NULL THEN CASE WHEN c.due_on < %(today)s THEN 'over' ELSE 'open' END
             WHEN (c.closed_at AT TIME ZONE 'Asia/Kolkata')::date <= c.due_on THEN 'in_time' ELSE 'late' END,
        count(*), 0
    FROM cases_case c
    WHERE c.due_on >= %(since)s AND c.kind = ANY(%(kinds)s) AND c.outcome NOT IN ('lapsed', 'withdrawn')
    GROUP BY 1, 2, 3"""

_AREAS = "SELECT area_code, parent_code, kind, name_en, coalesce(name_hi, name_en), depth FROM access_area"


@dataclass(frozen=True)
class _Area:
    code: str
    parent: str | None
    kind: str
    name_en: str
    name_hi: str
    depth: int


def publish_month(actor: Actor, month: Month) -> int:
    """Write the figures of what was paid with the posted run of `month`; returns the number of cells."""
    require(actor, "figures.publish")
    with acting(actor, "figures.publish"):
        cells = _publish(Figure.Topic.PENSIONS, _rows(_PENSIONS, [month.first_day]), [month.first_day])
        record(actor, "figures.publish", "figures", f"pensions/{month}", new={"cells": cells})
    return cells


def publish_delays(actor: Actor) -> int:
    """Write the figures of how cases stand against their limits, by the month in which the limit ends; two years back."""
    require(actor, "figures.publish")
    today = timezone.localdate()
    since = Month.of(today).plus(-_MONTHS_BACK).first_day
    with acting(actor, "figures.publish"):
        values = {"today": today, "since": since, "kinds": list(TIMED)}
        rows = _rows(_DELAYS, values)
        gone = Figure.objects.filter(topic=Figure.Topic.DELAYS, month__gte=since)
        months = {row[0] for row in rows} | set(gone.values_list("month", flat=True).distinct())
        cells = _publish(Figure.Topic.DELAYS, rows, months)
        record(actor, "figures.publish", "figures", "delays", new={"cells": cells})
    return cells


def publish_missing(actor: Actor) -> int:
    """Write the figures of posted months that have none: after an interruption, or on the first start of this version."""
    require(actor, "figures.publish")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT r.month FROM cases_month_run r WHERE r.state = 'complete' AND r.posted"
            " AND EXISTS (SELECT FROM payments_area_total t WHERE t.run_id = r.id)"
            " AND NOT EXISTS (SELECT FROM outcomes_figure f WHERE f.topic = 'pensions' AND f.month = r.month)"
        )
        missing = [Month.of(row[0]) for row in cursor.fetchall()]
    return sum(publish_month(actor, month) for month in missing)


def _rows(query: str, values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())


def _publish(topic: str, rows: Iterable[tuple[Any, ...]], months: Iterable[date]) -> int:
    """Replace the figures of the months by those of the rows (month, area, measure, count, paise)."""
    areas = {row[0]: _Area(*row) for row in _rows(_AREAS, [])}
    by_month: dict[date, dict[str, dict[str, tuple[int, int]]]] = {month: {} for month in months}
    root = min(
        (area for area in areas.values() if area.parent is None), key=lambda area: area.code, default=None
    )
    for month, code, measure, count, paise in rows:
        place = code if code in areas else (root.code if root else None)
        if place is not None:
            cells = by_month[month].setdefault(place, {})
            had = cells.get(measure, (0, 0))
            cells[measure] = (had[0] + int(count), had[1] + int(paise))
    Figure.objects.filter(topic=topic, month__in=list(by_month)).delete()
    total = 0
    columns = "topic, month, area_code, parent_code, kind, name_en, name_hi, measure, count, paise, state"
    with connection.cursor() as cursor:
        for month, leaves in by_month.items():
            with cursor.copy(f"COPY outcomes_figure ({columns}) FROM STDIN") as copy:
                for cell in _cells(areas, leaves, topic):
                    copy.write_row((topic, month, *cell))
                    total += 1
    return total


def _cells(
    areas: Mapping[str, _Area], leaves: Mapping[str, Mapping[str, tuple[int, int]]], topic: str
) -> Iterator[tuple[object, ...]]:
    """The cells of one table as they may be published."""
    parents = {code: area.parent if area.parent in areas else None for code, area in areas.items()}
    counts = {code: {name: cell[0] for name, cell in cells.items()} for code, cells in leaves.items()}
    rows = table(parents, counts)
    protect(rows)
    money = table(
        parents, {code: {name: cell[1] for name, cell in cells.items()} for code, cells in leaves.items()}
    )
    with_money = topic == Figure.Topic.PENSIONS
    for row in rows.values():
        area = areas[row.code.removesuffix("?")] if row.code not in areas else areas[row.code]
        apart = row.code != area.code
        head = (
            row.code, row.parent, "" if apart else area.kind,
            "" if apart else area.name_en, "" if apart else area.name_hi,
        )  # fmt: skip
        yield *head, "", *_shown(row.state, row.total, money[row.code].total if with_money else None)
        # a hidden row says nothing of its columns, not even which are empty
        for name, count in row.columns.items() if row.by_column else ():
            yield (
                *head,
                name,
                *_shown(SHOWN, count, money[row.code].columns.get(name, 0) if with_money else None),
            )


def _shown(state: str, count: int, paise: int | None) -> tuple[int | None, int | None, str]:
    if state != SHOWN:
        return None, None, FEW if state == FEW else KEPT
    rounded = None if paise is None else (paise + THOUSAND_RUPEES // 2) // THOUSAND_RUPEES * THOUSAND_RUPEES
    return count, rounded, SHOWN
