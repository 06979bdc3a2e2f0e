"""The vault's log read: who asked for which number, when and why; reading it is written into it, too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from haqdar.access.actors import Actor, require
from haqdar.base.refusal import Words
from haqdar.vault.purposes import PURPOSES
from haqdar.vault.rooms import Cursor, entered

PAGE = 50
CHUNK = 2_000
ACTS = {
    "refer": Words("took in or recognised a number", "संख्या रखी या पहचानी"),
    "find": Words("looked for a number", "संख्या खोजी"),
    "reveal": Words("opened numbers in clear", "संख्याएँ पूरी खोलीं"),
    "deposit": Words("took in a whole list", "पूरी सूची रखी"),
    "keep": Words("kept eKYC data", "ईकेवाईसी जानकारी रखी"),
    "open": Words("opened eKYC data", "ईकेवाईसी जानकारी खोली"),
    "drop": Words("removed eKYC data", "ईकेवाईसी जानकारी हटाई"),
    "rotate": Words("began to change keys", "कुंजियाँ बदलना शुरू किया"),
    "rotated": Words("finished changing keys", "कुंजियाँ बदलना पूरा किया"),
    "read": Words("read this log", "यह लॉग पढ़ा"),
}
"""Act (its first word) -> what somebody did, in the past."""


@dataclass(frozen=True)
class Asked:
    """What is searched for; whatever is empty does not narrow. `refs` are the keys of one person: references and the resident's."""

    refs: tuple[UUID, ...] = ()
    actor: str = ""
    act: str = ""
    purpose: str = ""
    from_on: date | None = None
    to_on: date | None = None


@dataclass(frozen=True)
class Access:
    """One line of the log; `ref` where it was about one number or drawer alone, `about` the resident whose drawer it is."""

    id: int
    at: datetime
    actor: str
    function: str
    ip: str | None
    act: str
    purpose: str
    asked: int
    given: int
    ref: UUID | None
    about: UUID | None


def search(actor: Actor, asked: Asked, before: int | None = None, limit: int = PAGE) -> list[Access]:
    """The latest accesses that fit, at most `limit`, older than the line `before`; needs `vault.audit`.

    Whoever audits a part of the State sees what employees posted there did.
    """
    actor = require(actor, "vault.audit")
    with entered(actor, "read", PURPOSES["log"]) as (cursor, entry):
        found = _found(cursor, actor, asked, before, limit)
        entry.asked, entry.given, entry.refs = 1, len(found), asked.refs
    return found


def every(actor: Actor, asked: Asked) -> Iterator[list[Access]]:
    """All accesses that fit, newest first, in chunks; needs `vault.download`."""
    actor = require(actor, "vault.download")
    before: int | None = None
    while True:
        with entered(actor, "read", PURPOSES["log"]) as (cursor, entry):
            chunk = _found(cursor, actor, asked, before, CHUNK)
            entry.asked, entry.given, entry.refs = 1, len(chunk), asked.refs
        if not chunk:
            return
        yield chunk
        before = chunk[-1].id


def _found(cursor: Cursor, actor: Actor, asked: Asked, before: int | None, limit: int) -> list[Access]:
    where, values = ["true"], []

    def narrow(condition: str, value: Any) -> None:
        where.append(condition)
        values.append(value)

    if asked.refs:
        where.append("(ref = ANY(%s) OR refs && %s)")
        values += [list(asked.refs)] * 2
    if asked.actor:
        narrow("actor = %s", asked.actor)
    if asked.act:
        narrow("split_part(act, ' ', 1) = %s", asked.act)
    if asked.purpose:
        narrow("purpose = %s", asked.purpose)
    if asked.from_on:
        narrow("at >= %s", _midnight(asked.from_on))
    if asked.to_on:
        narrow("at < %s", _midnight(asked.to_on + timedelta(days=1)))
    if actor.area_paths is not None:
        narrow("actor = ANY(%s)", _posted(actor.path_patterns()))
    if before is not None:
        narrow("id < %s", before)
    cursor.execute(
        "SELECT id, at, actor, function, host(ip), act, purpose, asked, given, ref,"
        " CASE WHEN ref IS NOT NULL THEN refs[1] END FROM vault.access"
        f" WHERE {' AND '.join(where)} ORDER BY id DESC LIMIT %s".encode(),
        [*values, limit],
    )
    return [Access(*row) for row in cursor.fetchall()]


def _posted(patterns: Sequence[str]) -> list[str]:
    """The user names of employees who are or were posted in these areas."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT u.username FROM access_user u JOIN access_posting p ON p.user_id = u.id"
            " JOIN access_area a ON a.area_code = p.area_code WHERE a.path LIKE ANY(%s)",
            [list(patterns)],
        )
        return [row[0] for row in cursor.fetchall()]


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
