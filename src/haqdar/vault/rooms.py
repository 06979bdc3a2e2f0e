"""The way into the vault's own database: short transactions of our own, each with its line in the log.

The vault never joins the caller's transaction: what was asked stays written although the caller rolls back, and the main
database's role has no right here. A number that was deposited for something that then failed is harmless: it is found again by
its hash at the next attempt.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any
from uuid import UUID

import psycopg
from django.conf import settings

from haqdar.access.actors import Actor
from haqdar.base.refusal import Refusal
from haqdar.vault.purposes import Purpose

Cursor = psycopg.Cursor[Any]
_WRITERS = 0x5641554C
"""Advisory lock that whoever seals holds shared, and whoever retires a key alone."""
_SCHEMA = 0x5641554D
_PATIENCE, _STEPS_BACK = 1, 5
"""Seconds for which a rotation lets others wait, and for which it lets them go on, while it waits for those who seal."""
_ready: set[str] = set()
_guard = threading.Lock()


class VaultNotReached(Refusal):
    """The vault's database does not answer."""

    code = "vault_not_reached"
    en = "The vault of Aadhaar numbers does not answer: {why}. Check HAQDAR_VAULT_URL and that its server runs; nothing was changed."
    hi = "आधार संख्याओं की तिजोरी उत्तर नहीं देती: {why}। HAQDAR_VAULT_URL और उसके सर्वर का चलना जाँचें; कुछ नहीं बदला।"


@dataclass
class Entry:
    """What the log will say of one access: how many were asked for, how many given, which, and `about` which residents (opaque keys)."""

    asked: int = 0
    given: int = 0
    refs: Sequence[UUID] = field(default_factory=tuple)
    about: Sequence[UUID] = field(default_factory=tuple)


@contextmanager
def inside(as_of_one_moment: bool = False) -> Iterator[Cursor]:
    """One transaction in the vault; raises `VaultNotReached`.

    Whoever opens seals reads keys and rows `as_of_one_moment`, so that a rotation in between changes neither for him.
    """
    dsn = settings.HAQDAR_VAULT_DSN
    try:
        connection = psycopg.connect(dsn, connect_timeout=10, application_name="haqdar vault")
    except psycopg.OperationalError as error:
        raise VaultNotReached(why=str(error).strip().splitlines()[-1]) from error
    if as_of_one_moment:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    with connection, connection.cursor() as cursor:
        if dsn not in _ready:
            with _guard:
                _set_up(cursor)
                _ready.add(dsn)
        yield cursor


@contextmanager
def entered(
    actor: Actor, act: str, purpose: Purpose, as_of_one_moment: bool = False
) -> Iterator[tuple[Cursor, Entry]]:
    """One access: the body fills the entry, which is written in the same transaction, before anything of it leaves."""
    with inside(as_of_one_moment) as cursor:
        entry = Entry()
        yield cursor, entry
        write(cursor, actor, act, purpose, entry)


def write(cursor: Cursor, actor: Actor, act: str, purpose: Purpose, entry: Entry) -> None:
    """Add one line to the log."""
    one = len(entry.refs) == 1
    cursor.execute(
        "INSERT INTO vault.access (user_id, actor, function, ip, act, purpose, asked, given, ref, refs)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            actor.user_id,
            actor.name,
            actor.function,
            actor.ip,
            act,
            purpose.code,
            entry.asked,
            entry.given,
            entry.refs[0] if one else None,
            [*(() if one else entry.refs), *entry.about] or None,
        ],
    )


def sealing(cursor: Cursor) -> None:
    """Hold off the retirement of keys until this transaction ends: it seals under the present one."""
    cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_WRITERS])


def retiring(cursor: Cursor) -> None:
    """Wait until nobody seals, and let nobody begin until this transaction ends; the first thing in its transaction.

    Whoever begins to seal queues behind one who waits here. A load seals for an hour, so this asks for a moment and steps back.
    """
    cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{_PATIENCE * 1000:.0f}ms"])
    while True:
        try:
            with cursor.connection.transaction():
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_WRITERS])
            break
        except psycopg.errors.LockNotAvailable:
            time.sleep(_STEPS_BACK)
    cursor.execute("SELECT set_config('lock_timeout', '0', true)")


def _set_up(cursor: Cursor) -> None:
    """Bring the tables to what schema.sql says, unless they were by this very text; its statements have no effect where all stands."""
    schema = files("haqdar.vault").joinpath("schema.sql").read_bytes()
    mark = hashlib.sha256(schema).hexdigest()
    cursor.execute("SELECT obj_description(to_regnamespace('vault'), 'pg_namespace')")
    if cursor.fetchone() == (mark,):
        return
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_SCHEMA])
    cursor.execute(schema)
    cursor.execute(f"COMMENT ON SCHEMA vault IS '{mark}'".encode())
    cursor.connection.commit()
