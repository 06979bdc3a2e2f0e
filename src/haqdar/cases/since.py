"""Reads of what was decided again since the last run; each returns only what the actor may see."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, ClassVar

from django.db import connection

from haqdar.access.actors import Actor, below, require
from haqdar.access.queries import Place
from haqdar.base.paging import Paged
from haqdar.cases.queries import CHUNK, PAGE
from haqdar.cases.reactions import LastRun


@dataclass(frozen=True)
class Since:
    """One decision that stands since the last run: what it was, what it is, from when, and the change that brought it."""

    id: int
    member_id: int
    resident_key: str
    pension_group: int
    day: date
    action: str
    from_scheme: str | None
    from_paise: int | None
    to_scheme: str | None
    to_paise: int | None
    reason: str
    missing: str
    effect: str
    effective_on: date | None
    was_action: str
    was_scheme: str | None
    was_paise: int | None
    was_missing: str
    changed: bool
    area_code: str | None
    area_en: str
    area_hi: str
    decided_at: datetime
    change_id: int
    register: str
    kind: str
    from_desk: bool

    @property
    def pays(self) -> bool:
        """Whether the person is paid something when the decision is carried out."""
        return self.scheme is not None

    @property
    def scheme(self) -> str | None:
        """The scheme that the person has when the decision is carried out; None for none."""
        return self.from_scheme if self.action in ("continue", "goes_on", "") else self.to_scheme

    @property
    def paise(self) -> int | None:
        """Its amount a month."""
        return self.from_paise if self.action in ("continue", "goes_on", "") else self.to_paise


@dataclass(frozen=True)
class SinceFilters:
    """What of the list is wanted; `members` narrows to persons found by name or number, None: everybody."""

    action: str = ""
    reason: str = ""
    scheme: str = ""
    members: tuple[int, ...] | None = None
    page: int = 1


@dataclass
class SincePage(Paged):
    """One page of the list with what the filters could be set to."""

    PAGE: ClassVar[int] = PAGE

    rows: list[Since]
    total: int
    page: int
    actions: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    schemes: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """How a change was carried on: when, for which day, and whom it touched in the actor's area and beyond."""

    day: date
    decided_at: datetime
    rows: list[Since]
    unchanged: list[int]
    elsewhere: int


_SINCE = (
    "SELECT w.id, w.member_id, w.resident_key, w.pension_group, w.day, w.action, w.from_scheme, w.from_paise, w.to_scheme,"
    " w.to_paise, w.reason, w.missing, w.effect, w.effective_on, w.was_action, w.was_scheme, w.was_paise, w.was_missing,"
    " w.changed, w.area_code, coalesce(a.name_en, ''), coalesce(a.name_hi, a.name_en, ''), w.decided_at,"
    " c.id, c.register, c.kind, c.belief_no IS NOT NULL"
    " FROM cases_standing_decision w JOIN registry_change c ON c.id = w.change_id"
    " LEFT JOIN access_area a ON a.area_code = w.area_code"
)
_ACTION = "CASE WHEN w.action <> '' THEN w.action WHEN w.missing <> '' THEN 'undecided' ELSE 'nothing' END"


def since_page(actor: Actor, run: LastRun, place: Place, filters: SinceFilters) -> SincePage:
    """What changed in `place` since the run, latest first, with the counts of each action, reason and scheme."""
    actor = require(actor, "change.view")
    where, values = _where(actor, run, place, SinceFilters(members=filters.members))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_ACTION}, w.reason, coalesce(w.to_scheme, w.from_scheme, w.was_scheme), count(*)"
            " FROM cases_standing_decision w LEFT JOIN access_area a ON a.area_code = w.area_code"
            f" WHERE {where} GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3",
            values,
        )
        facets = cursor.fetchall()
    page = SincePage([], 0, 1)
    for action, reason, scheme, count in facets:
        wanted = {
            "action": (filters.action, action),
            "reason": (filters.reason, reason),
            "scheme": (filters.scheme, scheme),
        }
        for name, counts, value in (
            ("action", page.actions, action),
            ("reason", page.reasons, reason),
            ("scheme", page.schemes, scheme),
        ):
            if value and all(
                asked in ("", found) for other, (asked, found) in wanted.items() if other != name
            ):
                counts[value] = counts.get(value, 0) + count
        if all(asked in ("", found) for asked, found in wanted.values()):
            page.total += count
    page.page = min(max(1, filters.page), page.pages)
    where, values = _where(actor, run, place, filters)
    page.rows = _rows(
        f"{_SINCE} WHERE {where} ORDER BY w.decided_at DESC, w.member_id, w.pension_group LIMIT %s OFFSET %s",
        [*values, PAGE, (page.page - 1) * PAGE],
    )
    return page


def since_rows(actor: Actor, run: LastRun, place: Place, filters: SinceFilters) -> Iterator[list[Since]]:
    """Every row of the list in chunks, by member ID, for a download."""
    actor = require(actor, "change.download")
    where, values = _where(actor, run, place, filters)
    after = (-1, -1)
    while True:
        rows = _rows(
            f"{_SINCE} WHERE {where} AND (w.member_id, w.pension_group) > (%s, %s)"
            " ORDER BY w.member_id, w.pension_group LIMIT %s",
            [*values, *after, CHUNK],
        )
        if not rows:
            return
        yield rows
        after = (rows[-1].member_id, rows[-1].pension_group)


def since_of_member(actor: Actor, member_id: int, run: LastRun) -> list[Since]:
    """What changed for one person since the run.

    Whether the actor may see the person is settled by registry.profiles.person, which finds the member ID.
    """
    actor = require(actor, "person.view")
    return _rows(
        f"{_SINCE} WHERE w.member_id = %s AND w.run_id = %s AND w.replaced_at IS NULL AND w.changed"
        " ORDER BY w.pension_group",
        [member_id, run.id],
    )


def answer_to(actor: Actor, change_id: int) -> Answer | None:
    """How a change was carried on last; None while it was not. People outside the actor's area are counted only."""
    actor = require(actor, "change.view")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT run_id, day, decided_at, touched FROM cases_reaction WHERE change_id = %s ORDER BY id DESC LIMIT 1",
            [change_id],
        )
        found = cursor.fetchone()
        if found is None:
            return None
        run_id, day, decided_at, touched = found
        seen = members_in_area(actor, touched)
    rows = [row for row in _rows_of_change(change_id, run_id) if row.member_id in seen]
    changed = {row.member_id for row in rows if row.changed}
    return Answer(
        day,
        decided_at,
        [row for row in rows if row.changed],
        [member for member in touched if member in seen and member not in changed],
        sum(member not in seen for member in touched),
    )


def _rows_of_change(change_id: int, run_id: int) -> list[Since]:
    """The decisions a change brought, each beside what stood before it: an earlier event's, else what the run left."""
    rows = _rows(
        f"{_SINCE} WHERE w.change_id = %s AND w.run_id = %s ORDER BY w.member_id, w.pension_group",
        [change_id, run_id],
    )
    replaced = _rows(
        f"{_SINCE} WHERE w.run_id = %s AND w.member_id = ANY(%s) AND w.replaced_at = ANY(%s)",
        [run_id, [row.member_id for row in rows], [row.decided_at for row in rows]],
    )
    earlier = {(row.member_id, row.pension_group): row for row in replaced}
    found = []
    for row in rows:
        was = earlier.get((row.member_id, row.pension_group))
        if was is not None:
            outcome = [(one.action, one.scheme, one.paise, one.reason, one.missing) for one in (was, row)]
            row = replace(
                row,
                was_action=was.action,
                was_scheme=was.scheme,
                was_paise=was.paise,
                was_missing=was.missing,
                changed=outcome[0] != outcome[1],
            )
        found.append(row)
    return found


def members_in_area(actor: Actor, members: list[int]) -> set[int]:
    """Those of a handful of members whose family lives in the actor's area now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT b.member_id FROM unnest(%s::int[]) m(member_id)"
            " JOIN LATERAL (SELECT member_id, family_id FROM registry_resident_belief x WHERE x.member_id = m.member_id"
            "   ORDER BY belief_no DESC LIMIT 1) b ON true"
            " JOIN LATERAL (SELECT area_code FROM registry_family_belief x WHERE x.family_id = b.family_id"
            "   ORDER BY belief_no DESC LIMIT 1) f ON true"
            " JOIN access_area a ON a.area_code = f.area_code WHERE a.path LIKE ANY(%s)",
            [members, actor.path_patterns()],
        )
        return {row[0] for row in cursor.fetchall()}


def _where(actor: Actor, run: LastRun, place: Place, filters: SinceFilters) -> tuple[str, list[Any]]:
    values: list[Any] = [run.id]
    where = "w.run_id = %s AND w.replaced_at IS NULL AND w.changed"
    if actor.area_paths is None and place.kind == "state":
        where, values = f"{where} AND (a.path LIKE %s OR a.path IS NULL)", [*values, below(place.path)]
    else:
        where += " AND a.path LIKE %s AND a.path LIKE ANY(%s)"
        values += [below(place.path), actor.path_patterns()]
    for column, value in (
        (_ACTION, filters.action),
        ("w.reason", filters.reason),
        ("coalesce(w.to_scheme, w.from_scheme, w.was_scheme)", filters.scheme),
    ):
        if value:
            where, values = f"{where} AND {column} = %s", [*values, value]
    if filters.members is not None:
        where, values = f"{where} AND w.member_id = ANY(%s)", [*values, list(filters.members)]
    return where, values


def _rows(sql: str, values: list[Any]) -> list[Since]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [Since(*row) for row in cursor.fetchall()]
