"""Comparing a department's list with the register, in the worker; and erasing what is kept no longer."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import connection, transaction
from procrastinate.contrib.django import app

from haqdar.access.actors import Actor, platform
from haqdar.identity.models import SeedList
from haqdar.identity.seeding import actions

_QUEUE = "long-runs"
_HEARTBEAT_LOST = 30


def compare(actor: Actor, found: SeedList, columns: Mapping[str, str], day_order: str) -> None:
    """Say which column is what and queue the comparison; raises what `actions.map_columns` raises."""
    with transaction.atomic():
        actions.map_columns(actor, found, columns, day_order)
        run_task.defer(list_id=found.pk, asked_by=actor.name)


# one list at a time: each may take gigabytes while it is compared
@app.task(queue=_QUEUE, lock="seeding", name="seeding.run")
def run_task(list_id: int, asked_by: str) -> None:
    """Compare a list; what came of it stands with the list."""
    # the web process queues this task and should not load the engine for it
    from haqdar.identity.seeding.running import run

    run(platform(asked_by), SeedList.objects.get(pk=list_id))


@app.periodic(cron="20 1 * * *")
@app.task(queue=_QUEUE, queueing_lock="seeding.erase", name="seeding.erase")
def erase_task(timestamp: int) -> None:
    """Every night: erase the lists whose time is over."""
    actions.erase_due(platform("worker"))


def give_up_dead(found: SeedList) -> SeedList:
    """The list as it stands; said to be interrupted where no worker has it any more."""
    if found.state not in (SeedList.State.QUEUED, SeedList.State.RUNNING):
        return found
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE identity_seed_list l SET state = 'failed', step = '',
                problem_en = 'The comparison was interrupted; nothing of it was kept. Start it again.',
                problem_hi = 'मिलान बीच में रुक गया; उसका कुछ भी नहीं रखा गया। उसे फिर से शुरू करें।'
            WHERE l.id = %s AND l.state IN ('queued', 'running')
              AND coalesce(l.run_at, l.asked_at) < now() - interval '1 minute' AND NOT EXISTS (
                SELECT 1 FROM procrastinate_jobs q
                LEFT JOIN procrastinate_workers w ON w.id = q.worker_id
                     AND w.last_heartbeat > now() - make_interval(secs => %s)
                WHERE q.task_name = %s AND (q.args ->> 'list_id')::bigint = l.id
                  AND (q.status = 'todo' OR q.status = 'doing' AND w.id IS NOT NULL))""",
            [found.pk, _HEARTBEAT_LOST, run_task.name],
        )
    found.refresh_from_db(fields=["state", "problem_en", "problem_hi", "step"])
    return found
