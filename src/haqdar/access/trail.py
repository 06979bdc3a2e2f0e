"""Searching the audit trail: newest first, page by page behind a cursor, fast at millions of rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from haqdar.access.actors import Actor, below, require
from haqdar.access.models.audit import AuditEvent
from haqdar.access.models.people import User

PAGE = 50
CHUNK = 2_000


@dataclass(frozen=True)
class Asked:
    """What is searched for; whatever is empty does not narrow.

    `objects` are (kind, opaque key) pairs of one person's things; `area_path` keeps what employees posted there did.
    """

    objects: tuple[tuple[str, str], ...] = ()
    actor: str = ""
    verb: str = ""
    ip: str = ""
    from_on: date | None = None
    to_on: date | None = None
    area_path: str = ""


@dataclass(frozen=True)
class Event:
    """One line of the trail."""

    id: int
    at: datetime
    actor: str
    ip: str | None
    function: str
    verb: str
    object_kind: str
    object_key: str
    old: dict[str, Any] | None
    new: dict[str, Any] | None


Cursor = tuple[datetime, int]


def search(actor: Actor, asked: Asked, before: Cursor | None = None, limit: int = PAGE) -> list[Event]:
    """The latest events that fit, at most `limit`, older than the cursor; needs `audit.view`.

    Whoever audits a part of the State sees what employees posted there did.
    """
    return _found(require(actor, "audit.view"), asked, before, limit)


def every(actor: Actor, asked: Asked) -> Iterator[list[Event]]:
    """All events that fit, newest first, in chunks; needs `audit.download`."""
    actor = require(actor, "audit.download")
    before: Cursor | None = None
    while chunk := _found(actor, asked, before, CHUNK):
        yield chunk
        before = (chunk[-1].at, chunk[-1].id)


def looks(object_keys: Sequence[tuple[str, str]], verbs: Sequence[str], limit: int = 200) -> list[Event]:
    """Who looked at these things, newest first; the caller has proven that they are the reader's own."""
    return _events(
        "(object_kind, object_key) IN (SELECT * FROM unnest(%s::text[], %s::text[])) AND verb = ANY(%s)",
        [*_pairs(object_keys), list(verbs)],
        limit,
    )


def names_of(usernames: Sequence[str]) -> dict[str, User]:
    """The accounts of user names, in one query."""
    return {user.username: user for user in User.objects.filter(username__in=set(usernames))}


def _found(actor: Actor, asked: Asked, before: Cursor | None, limit: int) -> list[Event]:
    where: list[str] = ["true"]
    values: list[Any] = []

    def narrow(condition: str, *more: Any) -> None:
        where.append(condition)
        values.extend(more)

    if asked.objects:
        narrow(
            "(object_kind, object_key) IN (SELECT * FROM unnest(%s::text[], %s::text[]))",
            *_pairs(asked.objects),
        )
    if asked.actor:
        narrow("actor = %s", asked.actor)
    if asked.verb:
        narrow("verb = %s", asked.verb)
    if asked.ip:
        narrow("ip = %s::inet", asked.ip)
    if asked.from_on:
        narrow("at >= %s", _midnight(asked.from_on))
    if asked.to_on:
        narrow("at < %s", _midnight(asked.to_on + timedelta(days=1)))
    if asked.area_path:
        narrow(_POSTED, [below(asked.area_path)])
    if actor.area_paths is not None:
        narrow(_POSTED, actor.path_patterns())
    if before:
        narrow("(at, id) < (%s, %s)", *before)
    return _events(" AND ".join(where), values, limit)


_POSTED = (
    "actor IN (SELECT u.username FROM access_user u JOIN access_posting p ON p.user_id = u.id"
    " JOIN access_area a ON a.area_code = p.area_code WHERE a.path LIKE ANY(%s))"
)


def _events(where: str, values: list[Any], limit: int) -> list[Event]:
    rows = AuditEvent.objects.raw(
        "SELECT id, at, actor, ip, function, verb, object_kind, object_key, old, new FROM access_audit_event"
        f" WHERE {where} ORDER BY at DESC, id DESC LIMIT %s",
        [*values, limit],
    )
    return [
        Event(
            row.pk,
            row.at,
            row.actor,
            row.ip,
            row.function,
            row.verb,
            row.object_kind,
            row.object_key,
            row.old,
            row.new,
        )
        for row in rows
    ]


def _pairs(objects: Sequence[tuple[str, str]]) -> tuple[list[str], list[str]]:
    return [kind for kind, _ in objects], [key for _, key in objects]


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


@dataclass(frozen=True)
class LookingOffice:
    """The office and function in which somebody looked; without a person."""

    role: str
    area_kind: str
    name_en: str
    name_hi: str


LOOKS = (
    "person.view", "family.view", "reasons.view", "case.view", "document.view", "order.view", "case.verify",
    "case.sanction", "case.reject", "case.note", "case.examine", "stop.confirm", "stop.restore", "fact.verify",
    "fact.correct", "event.record", "event.withdraw", "own.check", "own.looks", "audit.view",
    "own_passbook.view", "own_passbook.download", "passbook.download",
)  # fmt: skip
"""The acts that a person is told of: whoever did them saw the person's data."""


def offices_of(events: Sequence[Event]) -> list[LookingOffice | None]:
    """For each event the office in which it was done, by the employee's posting on that day; None for no employee."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.number, p.role, coalesce(a.kind, ''), coalesce(o.name_en, a.name_en, ''),"
            " coalesce(o.name_hi, a.name_hi, o.name_en, a.name_en, '')"
            " FROM unnest(%s::int[], %s::text[], %s::date[]) AS e(number, actor, day)"
            " JOIN access_user u ON u.username = e.actor"
            " JOIN LATERAL (SELECT * FROM access_posting x WHERE x.user_id = u.id"
            # the posting of the day; after a transfer was entered late the nearest one
            "  ORDER BY (x.from_on <= e.day AND (x.to_on IS NULL OR x.to_on >= e.day)) DESC, x.from_on DESC LIMIT 1) p ON true"
            " LEFT JOIN access_area a ON a.area_code = p.area_code"
            " LEFT JOIN access_office o ON o.office_code = p.office_code",
            [
                list(range(len(events))),
                [event.actor for event in events],
                [timezone.localtime(event.at).date() for event in events],
            ],
        )
        found = {row[0]: LookingOffice(*row[1:]) for row in cursor.fetchall()}
    return [found.get(number) for number in range(len(events))]
