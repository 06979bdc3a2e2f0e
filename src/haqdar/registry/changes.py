"""News of the register for later stages: which beliefs are new, about whom, since when.

Rows are written in the transaction that stores the belief, so none is lost; `jobs.reactions` reads them and carries them
on. The register itself knows nothing of what follows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb
from django.db import connection

from haqdar.access.actors import Actor
from haqdar.registry.bridge import push
from haqdar.sources.messages import quoted

MOST_OF_A_FILE = 5000
"""A file with more new rows than this is left to the next month: deciding so many people again is a run of its own."""

#: file -> (register, whom a row is about). Areas and offices decide nobody's entitlement.
_ABOUT = {
    "families": ("family", "family_id"),
    "residents": ("resident", "member_id"),
    "bpl": ("bpl", "family_id"),
    "pwd": ("disability", "member_id"),
    "events": ("event", "member_id"),
    "pensioners": ("pension", "member_id"),
}
_SELECT = (
    "SELECT id, register, kind, member_id, family_id, event_id, fact, belief_no, delivery_id, recorded_at,"
    " recorded_by FROM registry_change"
)


@dataclass(frozen=True)
class Change:
    """One row of news; `event_id` or `fact`, with `belief_no`, name what was recorded at the desk, else `delivery_id` a file."""

    id: int
    register: str
    kind: str
    member_id: int | None
    family_id: int | None
    event_id: str | None
    fact: str | None
    belief_no: int | None
    delivery_id: int
    recorded_at: datetime
    recorded_by: str

    @property
    def from_desk(self) -> bool:
        """Whether an officer recorded it, rather than a department's file."""
        return self.belief_no is not None

    @property
    def belief(self) -> tuple[str, str, int] | None:
        """Register, key and number of the belief that an officer recorded."""
        key = self.event_id if self.register == "event" else self.fact
        return (
            (self.register, key, self.belief_no) if key is not None and self.belief_no is not None else None
        )


def note_file(duck: duckdb.DuckDBPyConnection, name: str, delivery_id: int, actor: Actor, rows: int) -> None:
    """Note the `rows` beliefs that a file brought, which stand in `<name>_new`, unless they are too many."""
    if name not in _ABOUT or not 0 < rows <= MOST_OF_A_FILE:
        return
    register, about = _ABOUT[name]
    with connection.cursor() as cursor:
        # the clock, not the beginning of what may be a long load: a run that began meanwhile has not seen these rows
        cursor.execute("SELECT clock_timestamp()::text")
        (now,) = cursor.fetchone() or (None,)
    kind, event = ("kind", "event_id") if name == "events" else ("''", "NULL")
    push(
        duck,
        f"SELECT {quoted(register)}, {kind}, {about}, {event}, {delivery_id}, {quoted(str(now))}, {quoted(actor.name)}"
        f" FROM {name}_new",
        "registry_change",
        ["register", "kind", about, "event_id", "delivery_id", "recorded_at", "recorded_by"],
    )


def changes(numbers: Sequence[int]) -> list[Change]:
    """The changes of these numbers, oldest first; whoever shows them must check whom they are about."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_SELECT} WHERE id = ANY(%s) ORDER BY id", [list(numbers)])
        return [Change(*row) for row in cursor.fetchall()]
