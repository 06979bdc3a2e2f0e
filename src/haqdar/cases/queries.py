"""Reads of month runs, work lists, forecasts and award changes; each returns only what the actor may see."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar

from django.db import connection

from haqdar.access.actors import Actor, below, require
from haqdar.access.queries import Place
from haqdar.base.month import Month
from haqdar.base.paging import Paged

PAGE = 200
"""Rows of one page of a list."""
CHUNK = 5000
"""Rows fetched at a time for a download."""

ACTIONS = ("start", "move", "revise", "stop", "undecided", "ghost", "duplicate")

_SORTS = {
    "area": "a.path, w.member_id, w.pension_group",
    "member": "w.member_id, w.pension_group",
    "scheme": "coalesce(w.to_scheme, w.from_scheme), a.path, w.member_id",
    "amount": "coalesce(w.to_paise, w.from_paise) DESC NULLS LAST, a.path, w.member_id",
}
SORTS = tuple(_SORTS)


@dataclass(frozen=True)
class Run:
    """One run of a month: what it was computed from and when."""

    id: int
    month: date
    version: int
    known_on: date
    known_at: date | None
    law_hash: str
    snapshot_hash: str
    state: str
    posted: bool
    manifest: dict[str, Any]
    started_at: datetime
    finished_at: datetime
    actor: str
    inputs_hash: str

    @property
    def slug(self) -> str:
        """The month as in addresses: 2016-10."""
        return str(Month.of(self.month))

    @property
    def seconds(self) -> float:
        """How long it took."""
        return (self.finished_at - self.started_at).total_seconds()


@dataclass(frozen=True)
class Counted:
    """Rows and money of one line of a result; paise a month."""

    action: str
    scheme: str | None
    persons: int
    paise: int


@dataclass(frozen=True)
class AreaCounts:
    """An area one level below the one shown, with the number of work items by action."""

    area_code: str
    kind: str
    name_en: str
    name_hi: str
    counts: dict[str, int]

    @property
    def total(self) -> int:
        """All work items of the area."""
        return sum(self.counts.values())


@dataclass(frozen=True)
class MonthResult:
    """What a month's run says about one area."""

    actions: dict[str, int]
    work: list[Counted]
    entitled: list[Counted]
    areas: list[AreaCounts]
    forecast: int

    @property
    def persons(self) -> int:
        """Persons and groups with a decided best scheme."""
        return sum(line.persons for line in self.entitled)

    @property
    def paise(self) -> int:
        """What the law gives them a month, in paise."""
        return sum(line.paise for line in self.entitled)


@dataclass(frozen=True)
class WorkRow:
    """One row of a work list or forecast."""

    member_id: int
    resident_key: str | None
    pension_group: int
    from_scheme: str | None
    from_paise: int | None
    to_scheme: str | None
    to_paise: int | None
    reason: str
    area_code: str | None
    area_en: str
    area_hi: str
    action: str = ""
    eligible_on: date | None = None
    id: int = 0


@dataclass(frozen=True)
class Filters:
    """What of a list is wanted. `members` narrows to persons found by name or number; None: everybody."""

    scheme: str = ""
    reason: str = ""
    members: tuple[int, ...] | None = None
    sort: str = "area"
    page: int = 1


@dataclass
class WorkPage(Paged):
    """One page of a list with what the filters could be set to."""

    PAGE: ClassVar[int] = PAGE

    rows: list[WorkRow]
    total: int
    page: int
    schemes: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)


_RUN = (
    "SELECT id, month, version, known_on, known_at, law_hash, snapshot_hash, state, posted, manifest,"
    " started_at, finished_at, actor, inputs_hash FROM cases_month_run"
)


def run_of(actor: Actor, month: Month | None = None) -> Run | None:
    """The run in force of a month, or of the latest month that has one; None where nothing was run."""
    actor = require(actor, "month.view")
    where = "" if month is None else " AND month = %s"
    found = _runs(
        f"{_RUN} WHERE state = 'complete'{where} ORDER BY month DESC, posted DESC, version DESC LIMIT 1",
        [] if month is None else [month.first_day],
    )
    return found[0] if found else None


def runs_of_month(actor: Actor, month: Month) -> list[Run]:
    """Every run that was ever posted for a month, the one in force first, then the superseded ones, latest first."""
    actor = require(actor, "month.view")
    return _runs(f"{_RUN} WHERE month = %s ORDER BY state, version DESC", [month.first_day])


def posted_runs(actor: Actor, limit: int = 60) -> list[Run]:
    """The runs whose decisions can be asked about, superseded ones included, newest month first."""
    actor = require(actor, "reasons.view")
    return _runs(f"{_RUN} ORDER BY month DESC, version DESC LIMIT %s", [limit])


def runs(actor: Actor, limit: int = 60) -> list[Run]:
    """All runs, newest month first, later versions first."""
    actor = require(actor, "run.view")
    return _runs(f"{_RUN} ORDER BY month DESC, version DESC LIMIT %s", [limit])


def months(actor: Actor, limit: int = 24) -> list[date]:
    """The months that have a run in force, newest first."""
    actor = require(actor, "month.view")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT month FROM cases_month_run WHERE state = 'complete' ORDER BY month DESC LIMIT %s",
            [limit],
        )
        return [row[0] for row in cursor.fetchall()]


def month_result(actor: Actor, run: Run, place: Place) -> MonthResult:
    """Counts and money of a run for the part of `place` the actor may see, and for the areas one level below."""
    actor = require(actor, "month.view")
    where, values = _within(actor, place)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT w.action, CASE WHEN w.action = 'stop' THEN w.from_scheme ELSE coalesce(w.to_scheme, w.from_scheme) END,"
            " count(*), sum(coalesce(CASE WHEN w.action = 'stop' THEN w.from_paise ELSE w.to_paise END, 0))"
            f" FROM cases_work_item w LEFT JOIN access_area a ON a.area_code = w.area_code"
            f" WHERE w.run_id = %s AND {where} GROUP BY 1, 2",
            [run.id, *values],
        )
        work = [Counted(row[0], row[1], row[2], int(row[3])) for row in cursor.fetchall()]
        cursor.execute(
            "SELECT w.scheme, count(*), sum(w.paise)"
            " FROM cases_entitlement w LEFT JOIN access_area a ON a.area_code = w.area_code"
            f" WHERE w.run_id = %s AND {where} GROUP BY 1",
            [run.id, *values],
        )
        entitled = [Counted("entitled", row[0], row[1], int(row[2])) for row in cursor.fetchall()]
        cursor.execute(
            "SELECT count(*) FROM cases_forecast_item w LEFT JOIN access_area a ON a.area_code = w.area_code"
            f" WHERE w.run_id = %s AND {where}",
            [run.id, *values],
        )
        forecast = int((cursor.fetchone() or (0,))[0])
        areas = _areas_below(cursor, actor, run, place)
    actions = dict.fromkeys(ACTIONS, 0)
    for line in work:
        actions[line.action] = actions.get(line.action, 0) + line.persons
    return MonthResult(actions, work, entitled, areas, forecast)


def work_page(actor: Actor, run: Run, action: str, place: Place, filters: Filters) -> WorkPage:
    """One page of the work list of an action in an area, and the schemes and reasons that occur in it."""
    actor = require(actor, "worklist.view")
    where, values = _work_where(actor, run, action, place, filters)
    broad, broad_values = _work_where(actor, run, action, place, Filters())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(w.to_scheme, w.from_scheme), w.reason, count(*)"
            " FROM cases_work_item w LEFT JOIN access_area a ON a.area_code = w.area_code"
            f" WHERE {broad} GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2",
            broad_values,
        )
        facets = cursor.fetchall()
        cursor.execute(
            "SELECT count(*) FROM cases_work_item w LEFT JOIN access_area a ON a.area_code = w.area_code"
            f" WHERE {where}",
            values,
        )
        total = int((cursor.fetchone() or (0,))[0])
        page = min(max(1, filters.page), max(1, -(-total // PAGE)))
        cursor.execute(
            f"{_WORK} WHERE {where} ORDER BY {_SORTS.get(filters.sort, _SORTS['area'])} LIMIT %s OFFSET %s",
            [*values, PAGE, (page - 1) * PAGE],
        )
        rows = [WorkRow(*row) for row in cursor.fetchall()]
    schemes: dict[str, int] = {}
    reasons: dict[str, int] = {}
    for scheme, reason, count in facets:
        if scheme:
            schemes[scheme] = schemes.get(scheme, 0) + count
        reasons[reason] = reasons.get(reason, 0) + count
    return WorkPage(rows, total, page, schemes, reasons)


def work_rows(actor: Actor, run: Run, action: str, place: Place, filters: Filters) -> Iterator[list[WorkRow]]:
    """Every row of a work list in chunks, by member ID, for a download."""
    actor = require(actor, "worklist.download")
    where, values = _work_where(actor, run, action, place, filters)
    yield from _chunks(_WORK, where, values)


def forecast_page(actor: Actor, run: Run, place: Place, filters: Filters) -> WorkPage:
    """One page of what will become due within two months, by day; `filters.reason` holds an action."""
    actor = require(actor, "forecast.view")
    where, values = _forecast_where(actor, run, place, filters)
    broad, broad_values = _forecast_where(actor, run, place, Filters())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT w.action, coalesce(w.to_scheme, w.from_scheme), count(*)"
            " FROM cases_forecast_item w LEFT JOIN access_area a ON a.area_code = w.area_code"
            f" WHERE {broad} GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2",
            broad_values,
        )
        facets = cursor.fetchall()
        cursor.execute(
            "SELECT count(*) FROM cases_forecast_item w LEFT JOIN access_area a ON a.area_code = w.area_code"
            f" WHERE {where}",
            values,
        )
        total = int((cursor.fetchone() or (0,))[0])
        page = min(max(1, filters.page), max(1, -(-total // PAGE)))
        cursor.execute(
            f"{_FORECAST} WHERE {where} ORDER BY w.eligible_on, a.path, w.member_id, w.pension_group LIMIT %s OFFSET %s",
            [*values, PAGE, (page - 1) * PAGE],
        )
        rows = [WorkRow(*row) for row in cursor.fetchall()]
    schemes: dict[str, int] = {}
    actions: dict[str, int] = {}
    for action, scheme, count in facets:
        actions[action] = actions.get(action, 0) + count
        if scheme:
            schemes[scheme] = schemes.get(scheme, 0) + count
    return WorkPage(rows, total, page, schemes, actions)


def forecast_rows(actor: Actor, run: Run, place: Place, filters: Filters) -> Iterator[list[WorkRow]]:
    """Every row of the forecast in chunks, by member ID, for a download."""
    actor = require(actor, "forecast.download")
    where, values = _forecast_where(actor, run, place, filters)
    yield from _chunks(_FORECAST, where, values)


def work_of_member(actor: Actor, member_id: int, limit: int = 40) -> list[dict[str, Any]]:
    """What runs in force said is to be done for one person, newest month first.

    Whether the actor may see the person is settled by registry.profiles.person, which finds the member ID.
    """
    actor = require(actor, "person.view")
    return _dicts(
        "SELECT r.month, w.action, w.pension_group, w.from_scheme, w.from_paise, w.to_scheme, w.to_paise, w.reason"
        " FROM cases_work_item w JOIN cases_month_run r ON r.id = w.run_id"
        " WHERE w.member_id = %s AND r.state = 'complete'"
        " ORDER BY r.month DESC, w.pension_group, w.action LIMIT %s",
        [member_id, limit],
    )


def award_changes_of_member(actor: Actor, member_id: int) -> list[dict[str, Any]]:
    """Starts, moves, revisions and stops of one person's awards, newest first."""
    actor = require(actor, "person.view")
    return _dicts(
        "SELECT c.kind, c.pension_group, c.scheme, c.paise, c.decided_month, c.reason"
        " FROM cases_award_change c JOIN cases_month_run r ON r.id = c.run_id"
        " WHERE c.member_id = %s AND r.state = 'complete'"
        " ORDER BY c.decided_month DESC, c.pension_group",
        [member_id],
    )


def notices_of_member(actor: Actor, member_id: int) -> list[dict[str, Any]]:
    """Adverse changes of one person that wait for their notice, as the latest run says."""
    actor = require(actor, "person.view")
    return _dicts(
        "SELECT n.kind, n.pension_group, n.given_month, n.effective_month, n.reason"
        " FROM cases_notice n JOIN cases_month_run r ON r.id = n.run_id"
        " WHERE n.member_id = %s AND r.state = 'complete' AND r.posted AND r.month = ("
        "  SELECT max(month) FROM cases_month_run WHERE state = 'complete' AND posted)"
        " ORDER BY n.pension_group",
        [member_id],
    )


_WORK = (
    "SELECT w.member_id, w.resident_key, w.pension_group, w.from_scheme, w.from_paise, w.to_scheme, w.to_paise, w.reason,"
    " w.area_code, coalesce(a.name_en, ''), coalesce(a.name_hi, a.name_en, ''), w.action,"
    " NULL, w.id"
    " FROM cases_work_item w LEFT JOIN access_area a ON a.area_code = w.area_code"
)
_FORECAST = (
    "SELECT w.member_id, w.resident_key, w.pension_group, w.from_scheme, NULL, w.to_scheme, w.to_paise, '',"
    " w.area_code, coalesce(a.name_en, ''), coalesce(a.name_hi, a.name_en, ''), w.action, w.eligible_on,"
    " w.id"
    " FROM cases_forecast_item w LEFT JOIN access_area a ON a.area_code = w.area_code"
)


def _within(actor: Actor, place: Place) -> tuple[str, list[Any]]:
    """The condition that a row lies in `place` and in the actor's area; rows without an area are the State's."""
    if actor.area_paths is None and place.kind == "state":
        return "(a.path LIKE %s OR a.path IS NULL)", [below(place.path)]
    return "(a.path LIKE %s AND a.path LIKE ANY(%s))", [below(place.path), actor.path_patterns()]


def _work_where(actor: Actor, run: Run, action: str, place: Place, filters: Filters) -> tuple[str, list[Any]]:
    where, values = _within(actor, place)
    where, values = f"w.run_id = %s AND w.action = %s AND {where}", [run.id, action, *values]
    if filters.reason:
        where, values = f"{where} AND w.reason = %s", [*values, filters.reason]
    return _narrowed(where, values, filters)


def _forecast_where(actor: Actor, run: Run, place: Place, filters: Filters) -> tuple[str, list[Any]]:
    where, values = _within(actor, place)
    where, values = f"w.run_id = %s AND {where}", [run.id, *values]
    if filters.reason:
        where, values = f"{where} AND w.action = %s", [*values, filters.reason]
    return _narrowed(where, values, filters)


def _narrowed(where: str, values: list[Any], filters: Filters) -> tuple[str, list[Any]]:
    if filters.scheme:
        where, values = f"{where} AND coalesce(w.to_scheme, w.from_scheme) = %s", [*values, filters.scheme]
    if filters.members is not None:
        where, values = f"{where} AND w.member_id = ANY(%s)", [*values, list(filters.members)]
    return where, values


def _areas_below(cursor: Any, actor: Actor, run: Run, place: Place) -> list[AreaCounts]:
    where, values = _within(actor, place)
    depth = place.path.count("/") - 1
    cursor.execute(
        "WITH counted AS ("
        "  SELECT split_part(a.path, '/', %s) AS child, w.action, count(*) AS items"
        "  FROM cases_work_item w JOIN access_area a ON a.area_code = w.area_code"
        f"  WHERE w.run_id = %s AND {where} GROUP BY 1, 2)"
        " SELECT c.area_code, c.kind, c.name_en, coalesce(c.name_hi, ''), counted.action, counted.items"
        " FROM counted JOIN access_area c ON c.path = %s || counted.child || '/'"
        " WHERE counted.child <> '' ORDER BY c.name_en, c.area_code",
        [depth + 2, run.id, *values, place.path],
    )
    found: dict[str, AreaCounts] = {}
    for area_code, kind, name_en, name_hi, action, items in cursor.fetchall():
        area = found.setdefault(area_code, AreaCounts(area_code, kind, name_en, name_hi, {}))
        area.counts[action] = items
    return list(found.values())


def _chunks(select: str, where: str, values: list[Any]) -> Iterator[list[WorkRow]]:
    # A ghost may have several rows of one group, so the row's own number ends the order.
    after = (-1, -1, -1)
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                f"{select} WHERE {where} AND (w.member_id, w.pension_group, w.id) > (%s, %s, %s)"
                " ORDER BY w.member_id, w.pension_group, w.id LIMIT %s",
                [*values, *after, CHUNK],
            )
            rows = [WorkRow(*row) for row in cursor.fetchall()]
        if not rows:
            return
        yield rows
        after = (rows[-1].member_id, rows[-1].pension_group, rows[-1].id)


def _runs(sql: str, values: list[Any]) -> list[Run]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows = cursor.fetchall()
    found = []
    for row in rows:
        values = list(row)
        # A plain cursor hands jsonb over as text.
        values[9] = json.loads(values[9]) if isinstance(values[9], str) else values[9]
        found.append(Run(*values))
    return found


def _dicts(sql: str, values: list[Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
