"""Comparing a department's list with the register and tying it to the residents, in the worker; erasing what is kept no longer."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import connection, transaction
from procrastinate.contrib.django import app

from haqdar.access.actors import Actor, platform
from haqdar.base.refusal import Words
from haqdar.identity.models import SeedList
from haqdar.identity.seeding import actions, tying
from haqdar.jobs.dead import end_dead

_QUEUE = "long-runs"
_INTERRUPTED = Words(
    "The comparison was interrupted; nothing of it was kept. Start it again.",
    "मिलान बीच में रुक गया; उसका कुछ भी नहीं रखा गया। उसे फिर से शुरू करें।",
)


def compare(actor: Actor, found: SeedList, columns: Mapping[str, str], day_order: str) -> None:
    """Say which column is what and queue the comparison; raises what `actions.map_columns` raises."""
    with transaction.atomic():
        actions.map_columns(actor, found, columns, day_order)
        run_task.defer(list_id=found.pk, asked_by=actor.name)


def confirm(actor: Actor, found: SeedList) -> None:
    """Have a list that was doubted compared and published after all; raises what `actions.confirm` raises."""
    with transaction.atomic():
        actions.confirm(actor, found)
        run_task.defer(list_id=found.pk, asked_by=actor.name)


def tie(actor: Actor, found: SeedList) -> None:
    """Have a list tied to the residents, or an interrupted tying carried on; raises what `tying.ask` raises."""
    with transaction.atomic():
        tying.ask(actor, found)
        tie_task.defer(list_id=found.pk, asked_by=actor.name)


# one list at a time: each may take gigabytes while it is compared
@app.task(queue=_QUEUE, lock="seeding", name="seeding.run")
def run_task(list_id: int, asked_by: str) -> None:
    """Compare a list; what came of it stands with the list."""
    # the web process queues this task and should not load the engine for it
    from haqdar.identity.seeding.running import run

    run(platform(asked_by), SeedList.objects.get(pk=list_id))


@app.task(queue=_QUEUE, lock="seeding", name="seeding.tie")
def tie_task(list_id: int, asked_by: str) -> None:
    """Tie a list; how far it is stands with the list."""
    tying.tie(platform(asked_by), SeedList.objects.get(pk=list_id))


@app.periodic(cron="20 1 * * *")
@app.task(queue=_QUEUE, queueing_lock="seeding.erase", name="seeding.erase")
def erase_task(timestamp: int) -> None:
    """Every night: erase the lists whose time is over."""
    actions.erase_due(platform("worker"))


def give_up_dead(found: SeedList) -> SeedList:
    """The list as it stands; said to be interrupted where no worker has it any more."""
    states = SeedList.State
    if found.state not in (states.QUEUED, states.RUNNING, states.TYING):
        return found
    ties = found.state == states.TYING
    task = tie_task.name if ties else run_task.name
    after, why = (states.REVIEW, tying.INTERRUPTED) if ties else (states.FAILED, _INTERRUPTED)
    # one that was killed would let no other list begin
    end_dead(run_task.name)
    end_dead(tie_task.name)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE identity_seed_list l SET state = %s, step = '', problem_en = %s, problem_hi = %s
            WHERE l.id = %s AND l.state = ANY(%s)
              AND coalesce(l.run_at, l.asked_at) < now() - interval '1 minute' AND NOT EXISTS (
                SELECT 1 FROM procrastinate_jobs q
                WHERE q.task_name = %s AND (q.args ->> 'list_id')::bigint = l.id AND q.status IN ('todo', 'doing'))""",
            [
                after,
                why.en,
                why.hi,
                found.pk,
                [states.TYING] if ties else [states.QUEUED, states.RUNNING],
                task,
            ],
        )
    found.refresh_from_db()
    return found
