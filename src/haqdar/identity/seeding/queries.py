"""Every read of seeding: departments and their lists, what waits for people, what is to be examined, what is tied to a resident.

A list belongs to the area whose residents it was compared with. Officers of a part of that area judge what lies in their part; the
list as a whole is worked on by whoever sees the whole area.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from haqdar.access.actions import record
from haqdar.access.actors import Actor, OutsideYourArea, require
from haqdar.identity.models import Department, SeedFinding, SeedLink, SeedList, SeedMapping, SeedRow
from haqdar.identity.seeding import keeping
from haqdar.identity.seeding.fields import guess, header_hash
from haqdar.identity.seeding.reading import open_list
from haqdar.identity.seeding.refusals import NoSuchDepartment, NoSuchList
from haqdar.registry.merges import numbers_of
from haqdar.registry.queries import Person, people_by_members
from haqdar.registry.sealing import sealer

PAGE = 50


@dataclass(frozen=True)
class Standing:
    """How far a department's lists are tied: identifiers tied, gone from the latest complete list, to be examined."""

    department: Department
    latest: SeedList | None
    tied: int
    gone: int
    findings: int


@dataclass(frozen=True)
class ToJudge:
    """A row as the department wrote it, with the residents it may be."""

    row: SeedRow
    written: dict[str, Any]
    candidates: list[Candidate]


@dataclass(frozen=True)
class Candidate:
    """A resident whom a row may be: the evidence is a list of (field, level, weight)."""

    person: Person
    weight: float
    probability: float
    evidence: list[list[Any]]
    tied: list[SeedLink] = field(default_factory=list)


@dataclass(frozen=True)
class FindingPage:
    """One page of payees to be examined; `kinds` counts them by kind and state with paise a month."""

    rows: list[tuple[SeedFinding, dict[str, Any], Person | None]]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // PAGE))


def may_work_on(actor: Actor, found: SeedList) -> None:
    """Refuse with ``OutsideYourArea`` unless the whole area of the list is the actor's."""
    if not actor.sees(found.path):
        raise OutsideYourArea()


def departments(actor: Actor) -> list[Standing]:
    """Every department with how far its lists are tied, in the actor's area."""
    actor = require(actor, "seeding.view")
    paths = actor.path_patterns()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT d.id, (SELECT l.id FROM identity_seed_list l WHERE l.department_id = d.id AND l.state <> 'discarded'"
            "   AND (l.path LIKE ANY(%(paths)s) OR %(first)s LIKE l.path || '%%') ORDER BY l.id DESC LIMIT 1),"
            " (SELECT count(*) FROM identity_seed_link k JOIN identity_seed_list s ON s.id = k.seen_list_id"
            "   WHERE k.department_id = d.id AND k.ended_at IS NULL AND k.gone_list_id IS NULL AND s.path LIKE ANY(%(paths)s)),"
            " (SELECT count(*) FROM identity_seed_link k JOIN identity_seed_list s ON s.id = k.seen_list_id"
            "   WHERE k.department_id = d.id AND k.ended_at IS NULL AND k.gone_list_id IS NOT NULL AND s.path LIKE ANY(%(paths)s)),"
            " (SELECT count(*) FROM identity_seed_finding f WHERE f.department_id = d.id AND f.state = 'open'"
            "   AND f.path LIKE ANY(%(paths)s))"
            " FROM identity_department d ORDER BY d.name_en",
            {"paths": paths, "first": _first(actor)},
        )
        rows = cursor.fetchall()
    named = Department.objects.in_bulk([row[0] for row in rows])
    lists = SeedList.objects.in_bulk([row[1] for row in rows if row[1]])
    return [Standing(named[row[0]], lists.get(row[1]), *row[2:]) for row in rows]


def department_of(actor: Actor, code: str) -> Department:
    """The department with this code; raises `NoSuchDepartment`."""
    require(actor, "seeding.view")
    found = Department.objects.filter(code=code).first()
    if found is None:
        known = ", ".join(Department.objects.order_by("code").values_list("code", flat=True)) or "–"
        raise NoSuchDepartment(given=code[:40], known=known)
    return found


def lists(actor: Actor, department: Department | None = None, limit: int = 50) -> list[SeedList]:
    """The latest lists of the actor's area or of one that holds it."""
    actor = require(actor, "seeding.view")
    chosen = SeedList.objects.select_related("department").order_by("-id")
    if department is not None:
        chosen = chosen.filter(department=department)
    if actor.area_paths is not None:
        chosen = chosen.extra(
            where=["(identity_seed_list.path LIKE ANY(%s) OR %s LIKE identity_seed_list.path || '%%')"],
            params=[actor.path_patterns(), _first(actor)],
        )
    return list(chosen[:limit])


def list_by_key(actor: Actor, key: UUID | str, verb: str = "seeding.view") -> SeedList:
    """One list of the actor's area, or of one that holds it. Raises `NoSuchList`, ``OutsideYourArea``."""
    actor = require(actor, verb)
    found = SeedList.objects.select_related("department").filter(key=key).first()
    if found is None:
        raise NoSuchList()
    if not actor.sees(found.path) and not any(own.startswith(found.path) for own in actor.area_paths or ()):
        raise OutsideYourArea()
    return found


def _first(actor: Actor) -> str:
    """A path in the actor's area, for "the area is a part of"."""
    return (actor.area_paths or ("/",))[0] if actor.area_paths is not None else "/"


def columns_of(actor: Actor, found: SeedList) -> tuple[dict[str, str], str, bool]:
    """The mapping offered: the one of this list, else the latest saved one of the same header, else a guess; and whether it was saved."""
    require(actor, "seeding.upload")
    if found.details.get("columns"):
        return found.details["columns"], found.details["day_order"], False
    saved = (
        SeedMapping.objects.filter(department=found.department, header=header_hash(found.header))
        .order_by("-id")
        .first()
    )
    if saved is not None:
        return saved.columns, saved.day_order, True
    return guess(found.header), "dmy", False


def preview(actor: Actor, found: SeedList) -> tuple[list[str], list[list[str]]]:
    """The columns of a list and its first rows; personal data of the department, so the look is recorded."""
    actor = require(actor, "seeding.upload")
    may_work_on(actor, found)
    record(actor, "seeding.view", "seed_list", str(found.key), new={"what": "preview"})
    source = keeping.SealedPath(
        keeping.path_of(found.key, "upload"), keeping.sealed_name(found.key, "upload"), found.file_name
    )
    file = open_list(source)
    return list(dict.fromkeys(column for column in file.header if column)), file.first_rows()


def judged_share(found: SeedList) -> tuple[int, int]:
    """How many of the rows that need people are judged, and how many there are. One that waits for a visit is not."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE state IN ('same', 'nobody')), count(*) FROM identity_seed_row WHERE list_id = %s",
            [found.pk],
        )
        row = cursor.fetchone()
    return int(row[0]), int(row[1])


def row_counts(actor: Actor, found: SeedList) -> dict[str, int]:
    """Rows that need people in the actor's area by state."""
    actor = require(actor, "seeding.view")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT state, count(*) FROM identity_seed_row WHERE list_id = %s AND path LIKE ANY(%s) GROUP BY state",
            [found.pk, actor.path_patterns()],
        )
        return {state: int(rows) for state, rows in cursor.fetchall()}


def next_to_judge(
    actor: Actor, found: SeedList, key: UUID | str | None = None, state: str = "open", skip: int = 0
) -> ToJudge | None:
    """The row with this key, or the likeliest that waits in the actor's area after `skip` others. The look is recorded."""
    actor = require(actor, "seeding.judge")
    rows = SeedRow.objects.select_related("list__department").filter(list=found)
    if key is not None:
        rows = rows.filter(key=key)
    else:
        rows = rows.filter(state=state).order_by("-weight", "line")
    if actor.area_paths is not None:
        rows = rows.extra(where=["identity_seed_row.path LIKE ANY(%s)"], params=[actor.path_patterns()])
    row = next(iter(rows[skip : skip + 1]), None)
    if row is None:
        return None
    record(actor, "seeding.view", "seed_row", str(row.key))
    numbers = [one["member"] for one in row.candidates]
    people = {person.member_id: person for person in people_by_members(actor, numbers)}
    tied = links_of(numbers)
    return ToJudge(
        row,
        written_of([row])[0],
        [
            Candidate(
                people[one["member"]],
                one["weight"],
                one.get("probability") or 0.0,
                _evidence(one.get("evidence")),
                tied.get(one["member"], []),
            )
            for one in row.candidates
            if one["member"] in people
        ],
    )


def _evidence(stored: Any) -> list[list[Any]]:
    found = json.loads(stored) if isinstance(stored, str) else (stored or [])
    return [list(one) for one in found]


def written_of(rows: Sequence[SeedRow | SeedFinding]) -> list[dict[str, Any]]:
    """What the department wrote of each row, in clear; the caller has checked who may see it. Empty where it was erased."""
    clear = sealer().unseal(
        "seed_row",
        [None if row.written_sealed is None else bytes(row.written_sealed) for row in rows],
        [row.key_version for row in rows],
    )
    return [_read(text) for text in clear]


def _read(text: str | None) -> dict[str, Any]:
    written: dict[str, Any] = json.loads(text) if text else {}
    if written.get("born_on"):
        written["born_on"] = date.fromisoformat(written["born_on"])
    return written


def links_of(member_ids: Iterable[int]) -> dict[int, list[SeedLink]]:
    """The identifiers of departments on residents; the caller has checked who may see them."""
    found: dict[int, list[SeedLink]] = {}
    for link in (
        SeedLink.objects.filter(member_id__in=list(member_ids), ended_at=None)
        .select_related("department", "seen_list", "gone_list")
        .order_by("department__name_en", "domain_id")
    ):
        found.setdefault(link.member_id, []).append(link)
    return found


def links_of_person(member_id: int) -> list[SeedLink]:
    """The identifiers on a resident and on the numbers merged into this one; the caller has checked who may see them."""
    return [link for links in links_of(numbers_of(member_id)).values() for link in links]


def finding_counts(actor: Actor, department: Department | None = None) -> list[tuple[str, str, int, int]]:
    """(kind, state, rows, paise a month) of payees to be examined in the actor's area."""
    actor = require(actor, "seeding.view")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kind, state, count(*), coalesce(sum(paise), 0)::bigint FROM identity_seed_finding"
            " WHERE path LIKE ANY(%s) AND (%s::bigint IS NULL OR department_id = %s) GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2",
            [actor.path_patterns(), *([department.pk if department else None] * 2)],
        )
        return [tuple(row) for row in cursor.fetchall()]


def findings(
    actor: Actor, department: Department, kind: str = "", state: str = "open", page: int = 1
) -> FindingPage:
    """One page of the department's payees to be examined in the actor's area; the look is recorded."""
    actor = require(actor, "seeding.view")
    chosen = _findings(actor, department, kind, state)
    total = chosen.count()
    page = min(max(1, page), max(1, -(-total // PAGE)))
    rows = list(chosen.order_by("id")[(page - 1) * PAGE : page * PAGE])
    record(actor, "seeding.view", "department", department.code, new={"what": "findings", "page": page})
    return FindingPage(_shown(actor, rows), total, page)


def finding_by_key(actor: Actor, key: UUID | str) -> tuple[SeedFinding, dict[str, Any], Person | None]:
    """One payee to be examined. Raises `NoSuchList`, ``OutsideYourArea``."""
    actor = require(actor, "seeding.view")
    found = SeedFinding.objects.select_related("department", "list").filter(key=key).first()
    if found is None:
        raise NoSuchList()
    if not actor.sees(found.path):
        raise OutsideYourArea()
    record(actor, "seeding.view", "seed_finding", str(found.key))
    return _shown(actor, [found])[0]


def all_findings(
    actor: Actor, department: Department, kind: str = "", state: str = ""
) -> Iterable[list[Any]]:
    """Every payee to be examined, for the download; needs `seeding.download`, recorded by the caller."""
    actor = require(actor, "seeding.download")
    chosen = _findings(actor, department, kind, state).order_by("id")
    after = 0
    while rows := list(chosen.filter(id__gt=after)[:2000]):
        after = rows[-1].pk
        for row, written, _ in _shown(actor, rows, people=False):
            yield [
                row.kind, row.state, row.domain_id, row.line, row.other_line, written.get("name"), written.get("relation_name"),
                written.get("village"), f"{row.member_id:09d}" if row.member_id is not None else "",
                row.paise / 100 if row.paise is not None else "", row.note,
            ]  # fmt: skip


def _findings(actor: Actor, department: Department, kind: str, state: str) -> Any:
    chosen = SeedFinding.objects.select_related("department", "list").filter(department=department)
    if kind:
        chosen = chosen.filter(kind=kind)
    if state:
        chosen = chosen.filter(state=state)
    if actor.area_paths is not None:
        chosen = chosen.extra(
            where=["identity_seed_finding.path LIKE ANY(%s)"], params=[actor.path_patterns()]
        )
    return chosen


def _shown(
    actor: Actor, rows: list[SeedFinding], people: bool = True
) -> list[tuple[SeedFinding, dict[str, Any], Person | None]]:
    numbers = [row.member_id for row in rows if row.member_id is not None] if people else []
    named = {person.member_id: person for person in people_by_members(actor, numbers)} if numbers else {}
    return [
        (row, written, named.get(row.member_id or -1))
        for row, written in zip(rows, written_of(rows), strict=True)
    ]
