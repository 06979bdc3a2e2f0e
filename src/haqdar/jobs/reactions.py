"""Event → action: what happens by itself when something becomes known, on one page.

    an event recorded or withdrawn at the desk ┐
    a fact corrected at the desk               │
    a small file of corrections loaded         ├─► registry_change ─► everybody touched is decided again
    a month posted while something came in     ┘

The register notes its news in its own transaction (`registry.changes`) and knows nothing of what follows. Here it is
carried on twice over: at once by whoever made the change, so that the next page shows the effect whether a worker runs or not,
and by a job that was queued in the same transaction, so that nothing is lost when a process dies in between. Both ask
which changes have no reaction yet, one at a time, so doing it twice does nothing.

The jobs have a queue and a worker of their own (``haqdar worker --queue reactions``): a month that runs for minutes in the
other one never delays them, and it locks nothing that they need.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import groupby
from uuid import UUID

from django.db import connection, transaction

from haqdar.access.actors import Actor
from haqdar.base.refusal import Refusal
from haqdar.cases import reactions
from haqdar.cases.reactions import LastRun, Outlook
from haqdar.entitlement.kin import News
from haqdar.jobs.tasks import carry_on_task
from haqdar.registry import corrections, events
from haqdar.registry.changes import Change, changes
from haqdar.registry.corrections import Correction
from haqdar.registry.events import Event
from haqdar.registry.evidence import Evidence
from haqdar.registry.merges import written_with
from haqdar.registry.models import WITHDRAWN

_LOG = logging.getLogger(__name__)
AT_A_TIME = 200
"""Changes of a file that are worked out together."""


def record_event(actor: Actor, event: Event) -> int:
    """Record a life event and decide everybody it touches again; returns the number of the change.

    Raises what `registry.events.record_event` raises. When working out fails, the event is recorded all the same and the
    queued job tries again.
    """
    with transaction.atomic():
        number = events.record_event(
            actor,
            event.member_id,
            event.kind,
            event.happened_on,
            event.reported_on,
            event.spouse_id,
            event.event_id,
        )
        ask()
    at_once(number)
    return number


def withdraw_event(actor: Actor, member_id: int, fingerprint: UUID) -> int:
    """Take an event back and decide everybody it touches again; returns the number of the change.

    Raises what `registry.events.withdraw_event` raises.
    """
    with transaction.atomic():
        number = events.withdraw_event(actor, member_id, fingerprint)
        ask()
    at_once(number)
    return number


def foresee(event: Event) -> Outlook:
    """What recording `event` would change, and for whom; nothing is written. The caller has checked who may ask."""
    day = reactions.next_day(reactions.last_run())
    return reactions.outlook([event.member_id], [], [], News.of_event(event.row), day)


def foresee_withdrawal(event: Event) -> Outlook:
    """What taking `event` back would change, and for whom; nothing is written. The caller has checked who may ask."""
    day = reactions.next_day(reactions.last_run())
    taken_back = {**event.row, "kind": WITHDRAWN}
    return reactions.outlook([event.member_id], [], [], News.of_event(taken_back), day)


def correct(
    actor: Actor,
    member_id: int,
    code: str,
    typed: Mapping[str, str],
    evidence: Evidence,
    belief_no: int | None = None,
    sure: bool = False,
) -> int:
    """Correct a fact and decide everybody it touches again; returns the number of the change.

    Raises what `registry.corrections.correct` raises.
    """
    with transaction.atomic():
        number = corrections.correct(actor, member_id, code, typed, evidence, belief_no, sure)
        ask()
    at_once(number)
    return number


def foresee_correction(correction: Correction) -> Outlook:
    """What a correction would change, and for whom; nothing is written. The caller has checked who may ask."""
    day = reactions.next_day(reactions.last_run())
    of_family = correction.register in ("family", "bpl")
    return reactions.outlook(
        [] if of_family else [correction.member_id],
        [correction.family_id] if of_family else [],
        [],
        News(rows=((correction.register, correction.key, correction.row),)),
        day,
    )


def ask() -> None:
    """Queue the carrying-on, in the caller's transaction if there is one."""
    carry_on_task.defer()


def at_once(number: int) -> None:
    """Work a change out now. A refusal undoes nothing: the event is recorded, and the queued job says why it fails."""
    try:
        carry_on([number])
    except Refusal:
        _LOG.warning("change %s waits for the worker", number, exc_info=True)


def carry_on(numbers: Sequence[int] | None = None) -> int:
    """Decide everybody again whom the changes `numbers` (default: all without a reaction) touch; returns their number.

    Before the first month there is nothing to compare with: the first run decides everybody. Events of the desk are worked
    out one by one, so that each shows what it brought; the rows of a file together. One that cannot be worked out holds up
    none of the others: its error is raised when they are done.
    """
    done, failed = 0, set[int]()
    error: Refusal | None = None
    while True:
        first: list[Change] = []
        try:
            with _one_at_a_time():
                run = reactions.last_run()
                if run is not None:
                    waiting = reactions.unanswered(run, AT_A_TIME, numbers, failed)
                    first = next(_together(changes(waiting)), [])
                if run is None or not first:
                    break
                _react(run, first)
                done += len(first)
        except Refusal as refusal:
            error = error or refusal
            failed |= {change.id for change in first}
    if error is not None:
        raise error
    return done


def _react(run: LastRun, group: Sequence[Change]) -> None:
    day: date = reactions.next_day(run)
    news = News(
        deliveries=tuple({change.delivery_id for change in group if not change.from_desk}),
        beliefs=tuple(belief for change in group for belief in _beliefs(change)),
    )
    outlook = reactions.outlook(
        [change.member_id for change in group if change.member_id is not None],
        [change.family_id for change in group if change.family_id is not None],
        [change.event_id for change in group if change.event_id is not None],
        news,
        day,
    )
    reactions.react(run, group, outlook)


def _beliefs(change: Change) -> list[tuple[str, str, int]]:
    """What a change of the desk wrote: its own belief, and for a merge what was filled from the other record."""
    if change.belief is None:
        return []
    if change.register != "merge":
        return [change.belief]
    return [change.belief, *written_with(int(change.belief[1]), change.belief[2])]


def _together(waiting: Sequence[Change]) -> Iterator[list[Change]]:
    """The changes that are worked out in one step: each event of the desk alone, the rows of one delivery together."""
    for _, group in groupby(
        waiting, key=lambda change: change.id if change.from_desk else -change.delivery_id
    ):
        yield list(group)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """One reaction after the other: each must see what the one before it knew. It is a matter of milliseconds."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('haqdar.reactions'))")
        yield
