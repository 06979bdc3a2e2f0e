"""Reads of cases: an officer's queues, the overview of an area, one case's neighbours and relatives.

Every list is scoped by the verb it is asked for: whoever may do the verb sees what waits for it in the areas of the postings
that include it; whoever may only look on (`case.view`) sees the same list without acting on it. Rows without an area are the
State's. Nothing is read row by row: names come from ``registry.profiles.cards`` for a whole page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.db import connection
from django.utils import timezone

from haqdar.access.actors import Actor, below, require
from haqdar.access.queries import Place, path_of_area
from haqdar.base.paging import Paged
from haqdar.cases.models import Case

PAGE = 200
"""Rows of one page of a queue."""
CHUNK = 5000
"""Rows fetched at a time for a download."""
SOON_DAYS = 3
WEEK_DAYS = 7

WATCH = "case.view"
"""The verb of those who look on without acting."""


@dataclass(frozen=True)
class Queue:
    """One line of the desk: what waits for `verb`, of `kinds` only where the verb has several lines."""

    name: str
    verb: str
    kinds: tuple[str, ...] = ()

    @property
    def slug(self) -> str:
        """The verb as in addresses: case-verify."""
        return slug_of(self.verb)


QUEUES = (
    Queue("starts", "case.verify", ("start",)),
    Queue("applications", "case.verify", ("application",)),
    Queue("sanctions", "case.sanction"),
    Queue("notes", "case.note"),
    Queue("stops", "stop.confirm"),
    Queue("facts", "fact.correct"),
    Queue("examinations", "case.examine"),
    Queue("objections", "objection.decide"),
    Queue("appeals", "appeal.decide"),
    Queue("second_appeals", "second_appeal.decide"),
    Queue("grievances", "grievance.answer"),
    Queue("returned", "payee.change"),
    Queue("payees", "payee.approve"),
    Queue("registers", "register.approve"),
)
"""The lines of the desk in the order of a case's life."""

VERBS = tuple(dict.fromkeys(queue.verb for queue in QUEUES))
"""Everything a case can wait for."""

WHEN = ("late", "today", "soon", "week")
"""Filters by days left: over the limit, the last day, within three days, within a week (the late ones included in neither)."""

SINCE = (1, 7, 30)
"""Filters by days since the case came into the queue."""

_KEYS: dict[str, tuple[str, ...]] = {
    "due": ("c.due_on", "c.id"),
    "area": ("a.path", "c.due_on", "c.id"),
    "amount": ("-coalesce(c.paise, c.from_paise, -1)", "c.id"),
    "newest": ("-c.id",),
}
SORTS = tuple(_KEYS)


def slug_of(verb: str) -> str:
    """A verb as in addresses.

    >>> slug_of("second_appeal.decide")
    'second-appeal-decide'
    """
    return verb.replace(".", "-").replace("_", "-")


VERB_OF_SLUG = {slug_of(verb): verb for verb in VERBS}


@dataclass(frozen=True)
class QueueFilter:
    """What narrows a queue; empty values narrow nothing. `members` are found by the search for a person."""

    kind: str = ""
    scheme: str = ""
    reason: str = ""
    when: str = ""
    since: int = 0
    mine: str = ""
    members: tuple[int, ...] | None = None
    number: str = ""
    sort: str = "due"
    page: int = 1

    @property
    def narrows(self) -> bool:
        """Whether any filter but the area is set."""
        return self != QueueFilter(sort=self.sort, page=self.page)


@dataclass(frozen=True)
class CaseRow:
    """One case as a list shows it; paise a month."""

    id: int
    key: UUID
    number: str
    kind: str
    awaits: str
    member_id: int | None
    resident_key: UUID | None
    pension_group: int | None
    scheme: str | None
    paise: int | None
    from_scheme: str | None
    from_paise: int | None
    reason: str
    area_code: str | None
    area_en: str
    area_hi: str
    opened_on: date
    since_at: datetime
    due_on: date | None
    closed_at: datetime | None
    outcome: str
    assigned_to: str
    asked_on: str

    @property
    def action(self) -> str:
        """The kind, as the words of reasons are looked up by it."""
        return self.kind

    def days_left(self, today: date) -> int | None:
        """Days until the last day of the limit: 0 on that day, negative when it is over; None without a limit."""
        return None if self.due_on is None else (self.due_on - today).days


_ROW = (
    "SELECT c.id, c.key, c.number, c.kind, c.awaits, c.member_id, c.resident_key, c.pension_group, c.scheme, c.paise,"
    " c.from_scheme, c.from_paise, c.reason, c.area_code, coalesce(a.name_en, ''), coalesce(a.name_hi, a.name_en, ''),"
    " c.opened_on, c.since_at, c.due_on, c.closed_at, c.outcome, coalesce(c.details ->> 'assigned_to', ''),"
    " coalesce(c.details ->> 'asked_on', '')"
    " FROM cases_case c LEFT JOIN access_area a ON a.area_code = c.area_code"
)


@dataclass
class QueuePage(Paged):
    """One page of a queue, how many rows the filters leave, and what the filters could be set to."""

    PAGE: ClassVar[int] = PAGE

    rows: list[CaseRow]
    total: int
    late: int
    page: int
    when: dict[str, int] = field(default_factory=dict)
    kinds: dict[str, int] = field(default_factory=dict)
    schemes: dict[str, int] = field(default_factory=dict)
    reasons: dict[tuple[str, str], int] = field(default_factory=dict)


@dataclass(frozen=True)
class Count:
    """How much waits: over the limit, due today, due within a week (today included, late ones not), all."""

    late: int = 0
    today: int = 0
    week: int = 0
    all: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(
            self.late + other.late, self.today + other.today, self.week + other.week, self.all + other.all
        )


@dataclass(frozen=True)
class AreaCount:
    """What waits in an area one level below the one shown."""

    area_code: str
    kind: str
    name_en: str
    name_hi: str
    count: Count


def scoped(actor: Actor, verb: str) -> Actor:
    """The actor narrowed to where `verb` is his, or else to where he may look on; raises ``NotYourFunction``."""
    return require(actor, verb if actor.may(verb) else WATCH)


def counts(actor: Actor, today: date | None = None) -> dict[str, Count]:
    """How much waits in each queue of the actor, by queue name; only the queues whose verb he may do. Needs `desk.view`."""
    require(actor, "desk.view")
    mine = [queue for queue in QUEUES if actor.may(queue.verb)]
    verbs: dict[tuple[str, ...] | None, list[str]] = {}
    for verb in dict.fromkeys(queue.verb for queue in mine):
        verbs.setdefault(actor.doing(verb).area_paths, []).append(verb)
    found = {queue.name: Count() for queue in mine}
    for paths, own in verbs.items():
        where, values = inside(replace(actor, area_paths=paths), None)
        for awaits, kind, count in _counted(
            "c.awaits, c.kind", f"c.awaits = ANY(%(verbs)s) AND {where}", {"verbs": own, **values}, today
        ):
            for queue in mine:
                if queue.verb == awaits and (not queue.kinds or kind in queue.kinds):
                    found[queue.name] += count
    return found


def overview(
    actor: Actor, place: Place, today: date | None = None
) -> tuple[dict[str, Count], list[AreaCount]]:
    """What waits in `place`, by the verb waited for and by the areas one level below; for those who look on."""
    actor = require(actor, "desk.view")
    where, values = inside(actor, place)
    depth = place.path.count("/") - 1
    day = today or timezone.localdate()
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH cell AS MATERIALIZED ("
            "  SELECT c.area_code, c.awaits, count(*) AS everything, count(*) FILTER (WHERE c.due_on < %(today)s) AS late,"
            "   count(*) FILTER (WHERE c.due_on = %(today)s) AS today,"
            "   count(*) FILTER (WHERE c.due_on BETWEEN %(today)s AND %(week)s) AS week"
            f"  FROM cases_case c WHERE c.closed_at IS NULL AND {where} GROUP BY c.area_code, c.awaits),"
            " child AS (SELECT split_part(a.path, '/', %(part)s) AS code, sum(late) AS late, sum(today) AS today,"
            "   sum(week) AS week, sum(everything) AS everything"
            "  FROM cell JOIN access_area a ON a.area_code = cell.area_code GROUP BY 1)"
            " SELECT '', awaits, '', '', sum(late), sum(today), sum(week), sum(everything) FROM cell GROUP BY awaits"
            " UNION ALL SELECT n.area_code, n.kind, n.name_en, coalesce(n.name_hi, ''), late, today, week, everything"
            " FROM child JOIN access_area n ON n.path = %(path)s || child.code || '/'"
            " WHERE child.code <> '' ORDER BY 1, 3",
            {
                **values,
                "today": day,
                "week": day + timedelta(days=WEEK_DAYS - 1),
                "part": depth + 2,
                "path": place.path,
            },
        )
        rows = cursor.fetchall()
    verbs = {row[1]: Count(*map(int, row[4:])) for row in rows if row[0] == ""}
    areas = [
        AreaCount(row[0], row[1], row[2], row[3], Count(*map(int, row[4:]))) for row in rows if row[0] != ""
    ]
    areas.sort(key=lambda area: (-area.count.late, -area.count.all, area.name_en))
    return verbs, areas


def queue(actor: Actor, verb: str, filters: QueueFilter, place: Place | None = None) -> QueuePage:
    """One page of what waits for `verb` in `place` (default: wherever the actor may act), most urgent first."""
    actor = scoped(actor, verb)
    where, values = case_conditions(actor, verb, filters, place)
    broad, broad_values = case_conditions(actor, verb, QueueFilter(), place)
    today = timezone.localdate()
    facets = _facets(broad, broad_values, today)
    page = QueuePage([], 0, 0, 1, dict.fromkeys(WHEN, 0))
    for kind, scheme, reason, count, late, *others in facets:
        for word, number in zip(WHEN, (late, *others), strict=True):
            page.when[word] += number
        page.kinds[kind] = page.kinds.get(kind, 0) + count
        if scheme:
            page.schemes[scheme] = page.schemes.get(scheme, 0) + count
        page.reasons[kind, reason] = page.reasons.get((kind, reason), 0) + count
        page.total += count
        page.late += late
    with connection.cursor() as cursor:
        if filters.narrows:
            cursor.execute(
                f"SELECT count(*), count(*) FILTER (WHERE c.due_on < %(today)s) FROM cases_case c WHERE {where}",
                {**values, "today": today},
            )
            page.total, page.late = cursor.fetchone() or (0, 0)
        page.page = min(max(1, filters.page), page.pages)
        # the ids first, from the index alone where it can be: a late page does not read the rows before it
        order = ", ".join(_KEYS[filters.sort])
        cursor.execute(
            f"WITH chosen AS MATERIALIZED (SELECT c.id FROM cases_case c{_area_join(filters.sort)}"
            f" WHERE {where} ORDER BY {order}"
            f" LIMIT %(rows)s OFFSET %(skip)s) {_ROW} WHERE c.id IN (SELECT id FROM chosen) ORDER BY {order}",
            {**values, "rows": PAGE, "skip": (page.page - 1) * PAGE},
        )
        page.rows = [CaseRow(*row) for row in cursor.fetchall()]
    return page


def queue_rows(
    actor: Actor, verb: str, filters: QueueFilter, place: Place | None = None
) -> Iterator[list[CaseRow]]:
    """Every row the filters leave, in chunks, oldest case first, for a download. Needs `case.download` too."""
    require(actor, "case.download")
    where, values = case_conditions(scoped(actor, verb), verb, filters, place)
    after = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                f"{_ROW} WHERE {where} AND c.id > %(after)s ORDER BY c.id LIMIT %(rows)s",
                {**values, "after": after, "rows": CHUNK},
            )
            rows = [CaseRow(*row) for row in cursor.fetchall()]
        if not rows:
            return
        yield rows
        after = rows[-1].id


def areas_with_work(actor: Actor, verb: str, place: Place) -> list[AreaCount]:
    """The areas one level below `place` in which something waits for `verb`, by name."""
    where, values = inside(scoped(actor, verb), place)
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH cell AS MATERIALIZED (SELECT c.area_code, count(*) AS everything,"
            "  count(*) FILTER (WHERE c.due_on < %(today)s) AS late"
            f" FROM cases_case c WHERE c.closed_at IS NULL AND c.awaits = %(verb)s AND {where} GROUP BY c.area_code),"
            " child AS (SELECT split_part(a.path, '/', %(part)s) AS code, sum(late) AS late, sum(everything) AS everything"
            "  FROM cell JOIN access_area a ON a.area_code = cell.area_code GROUP BY 1)"
            " SELECT n.area_code, n.kind, n.name_en, coalesce(n.name_hi, ''), late, everything"
            " FROM child JOIN access_area n ON n.path = %(path)s || child.code || '/'"
            " WHERE child.code <> '' ORDER BY n.name_en, n.area_code",
            {
                **values,
                "verb": verb,
                "today": timezone.localdate(),
                "part": place.path.count("/") + 1,
                "path": place.path,
            },
        )
        return [
            AreaCount(row[0], row[1], row[2], row[3], Count(late=int(row[4]), all=int(row[5])))
            for row in cursor.fetchall()
        ]


def neighbours(
    actor: Actor, verb: str, filters: QueueFilter, place: Place | None, case: Case
) -> tuple[UUID | None, UUID | None]:
    """The cases before and after `case` in a queue, whether or not it still waits in it (it was just dealt with)."""
    where, values = case_conditions(scoped(actor, verb), verb, filters, place)
    paise = case.paise if case.paise is not None else case.from_paise
    own_values: dict[str, list[object]] = {
        "due": [case.due_on, case.pk],
        "area": [path_of_area(case.area_code), case.due_on, case.pk],
        "amount": [1 if paise is None else -paise, case.pk],
        "newest": [-case.pk],
    }
    own = own_values[filters.sort]
    keys = _KEYS[filters.sort]
    values |= {f"own{number}_": value for number, value in enumerate(own)}
    here = ", ".join(f"%(own{number}_)s" for number in range(len(own)))
    found: list[UUID | None] = []
    with connection.cursor() as cursor:
        for sign, order in (("<", ", ".join(f"{key} DESC" for key in keys)), (">", ", ".join(keys))):
            cursor.execute(
                f"SELECT c.key FROM cases_case c{_area_join(filters.sort)}"
                f" WHERE {where} AND ({', '.join(keys)}) {sign} ({here}) ORDER BY {order} LIMIT 1",
                values,
            )
            row = cursor.fetchone()
            found.append(row[0] if row else None)
    return found[0], found[1]


def related(actor: Actor, case: Case, limit: int = 30) -> list[CaseRow]:
    """Other cases of the same person, and those this one is about or that are against it, newest first."""
    actor = require(actor, "case.view")
    where, values = inside(actor, None)
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_ROW} WHERE c.id <> %(id)s AND (c.member_id = %(member)s OR c.id = %(about)s OR c.about_id = %(id)s)"
            f" AND {where} ORDER BY c.opened_at DESC, c.id DESC LIMIT %(limit)s",
            {**values, "id": case.pk, "member": case.member_id, "about": case.about_id, "limit": limit},
        )
        return [CaseRow(*row) for row in cursor.fetchall()]


def cases_of_member(actor: Actor, member_id: int, limit: int = 60) -> list[CaseRow]:
    """Every case of one person in the actor's area, open ones first, then the newest."""
    actor = require(actor, "case.view")
    where, values = inside(actor, None)
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_ROW} WHERE c.member_id = %(member)s AND {where}"
            " ORDER BY c.closed_at IS NOT NULL, c.opened_at DESC, c.id DESC LIMIT %(limit)s",
            {**values, "member": member_id, "limit": limit},
        )
        return [CaseRow(*row) for row in cursor.fetchall()]


def cases_of_run(actor: Actor, run_id: int, member_ids: list[int]) -> dict[tuple[int, int | None, str], UUID]:
    """Member, group and kind -> key of the case that deals with a row of a run's work list."""
    actor = require(actor, "case.view")
    where, values = inside(actor, None)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.member_id, c.pension_group, c.kind, c.key FROM cases_case c"
            f" WHERE c.member_id = ANY(%(members)s) AND c.run_id = %(run)s AND {where} ORDER BY c.closed_at DESC",
            {**values, "members": member_ids, "run": run_id},
        )
        return {(row[0], row[1], row[2]): row[3] for row in cursor.fetchall()}


def _area_join(sort: str) -> str:
    return " LEFT JOIN access_area a ON a.area_code = c.area_code" if sort == "area" else ""


def inside(actor: Actor, place: Place | None) -> tuple[str, dict[str, Any]]:
    """The condition that a case lies in `place` and in the actor's area; one without an area is the State's alone."""
    if actor.area_paths is None and (place is None or place.kind == "state"):
        return "true", {}
    values: dict[str, Any] = {}
    conditions = []
    if actor.area_paths is not None:
        likes = []
        for number, path in enumerate(actor.area_paths):
            values[f"own{number}"] = below(path)
            likes.append(f"path LIKE %(own{number})s")
        conditions.append(f"({' OR '.join(likes)})" if likes else "false")
    if place is not None:
        values["place"] = below(place.path)
        conditions.append("path LIKE %(place)s")
    return f"c.area_code IN (SELECT area_code FROM access_area WHERE {' AND '.join(conditions)})", values


def case_conditions(
    actor: Actor, verb: str, filters: QueueFilter, place: Place | None
) -> tuple[str, dict[str, Any]]:
    """The condition on ``cases_case c`` that a case waits for `verb` and fits the filters, within the (narrowed) actor's area."""
    here, values = inside(actor, place)
    conditions = ["c.closed_at IS NULL", "c.awaits = %(verb)s", here]
    values["verb"] = verb
    today = timezone.localdate()
    for column in ("kind", "reason", "number"):
        if value := getattr(filters, column):
            conditions.append(f"c.{column} = %({column})s")
            values[column] = value
    if filters.scheme:
        conditions.append("coalesce(c.scheme, c.from_scheme) = %(scheme)s")
        values["scheme"] = filters.scheme
    if filters.when:
        values["day"] = today
        values["until"] = today + timedelta(
            days={"soon": SOON_DAYS, "week": WEEK_DAYS - 1}.get(filters.when, 0)
        )
        conditions.append(
            "c.due_on < %(day)s" if filters.when == "late" else "c.due_on BETWEEN %(day)s AND %(until)s"
        )
    if filters.since:
        conditions.append("c.since_at >= %(since)s")
        values["since"] = timezone.now() - timedelta(days=filters.since)
    if filters.mine:
        conditions.append("c.details ->> 'assigned_to' = %(mine)s")
        values["mine"] = filters.mine
    if filters.members is not None:
        conditions.append("c.member_id = ANY(%(members)s)")
        values["members"] = list(filters.members)
    return " AND ".join(conditions), values


def _facets(where: str, values: dict[str, Any], today: date) -> list[tuple[Any, ...]]:
    """Kind, scheme, reason, cases, and of them those of each word of `WHEN`, the most frequent first."""
    within = "count(*) FILTER (WHERE c.due_on BETWEEN %(today)s AND"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.kind, coalesce(c.scheme, c.from_scheme), c.reason, count(*),"
            " count(*) FILTER (WHERE c.due_on < %(today)s), count(*) FILTER (WHERE c.due_on = %(today)s),"
            f" {within} %(soon)s), {within} %(week)s)"
            f" FROM cases_case c WHERE {where} GROUP BY c.kind, c.scheme, c.from_scheme, c.reason ORDER BY 4 DESC, 1, 2, 3",
            {
                **values,
                "today": today,
                "soon": today + timedelta(days=SOON_DAYS),
                "week": today + timedelta(days=WEEK_DAYS - 1),
            },
        )
        return list(cursor.fetchall())


def _counted(by: str, where: str, values: dict[str, Any], today: date | None) -> list[tuple[str, str, Count]]:
    day = today or timezone.localdate()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {by}, count(*) FILTER (WHERE c.due_on < %(today)s), count(*) FILTER (WHERE c.due_on = %(today)s),"
            " count(*) FILTER (WHERE c.due_on BETWEEN %(today)s AND %(week)s), count(*)"
            f" FROM cases_case c WHERE c.closed_at IS NULL AND {where} GROUP BY {by}",
            {**values, "today": day, "week": day + timedelta(days=WEEK_DAYS - 1)},
        )
        return [(row[0], row[1], Count(*row[2:])) for row in cursor.fetchall()]
