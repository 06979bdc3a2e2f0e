"""Work on many cases at once that is too long for a page to wait for."""

from __future__ import annotations

from django.db import connection, transaction
from procrastinate.contrib.django import app

from haqdar.access.actors import Actor
from haqdar.access.queries import actor_of_id
from haqdar.base.refusal import Refusal
from haqdar.cases import bulk
from haqdar.cases.models import BulkJob

BULK = "long-runs"
_HEARTBEAT_LOST = 30


def carry_out(actor: Actor, job: BulkJob) -> None:
    """Carry out a confirmed preview: a small one at once, a long one in the worker. Raises ``AlreadyCarriedOut``."""
    with transaction.atomic():
        at_once = bulk.start(actor, job)
        if not at_once:
            bulk_task.defer(bulk_id=job.pk)
    if at_once:
        bulk.carry_out(actor, job)


def carry_on(actor: Actor, job: BulkJob) -> None:
    """Take an interrupted job up again where it stopped."""
    with transaction.atomic():
        if BulkJob.objects.filter(pk=job.pk, state=BulkJob.State.FAILED).update(state=BulkJob.State.QUEUED):
            bulk_task.defer(bulk_id=job.pk)


@app.task(queue=BULK, name="bulk.carry_out")
def bulk_task(bulk_id: int) -> None:
    """Carry a bulk job out in the name of the officer who asked for it, with the permissions of this moment."""
    job = BulkJob.objects.get(pk=bulk_id)
    try:
        bulk.carry_out(actor_of_id(job.user_id, job.ip), job)
    except Refusal:
        BulkJob.objects.filter(pk=bulk_id).update(state=BulkJob.State.FAILED)
    except Exception:
        BulkJob.objects.filter(pk=bulk_id).update(state=BulkJob.State.FAILED)
        raise


def give_up_dead(job: BulkJob) -> BulkJob:
    """The job as it stands; said to be interrupted where no worker has it any more."""
    if job.state not in (BulkJob.State.QUEUED, BulkJob.State.RUNNING):
        return job
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE cases_bulk_job b SET state = 'failed'
            WHERE b.id = %s AND b.state IN ('queued', 'running') AND b.asked_at < now() - interval '1 minute' AND NOT EXISTS (
                SELECT 1 FROM procrastinate_jobs q
                LEFT JOIN procrastinate_workers w ON w.id = q.worker_id
                     AND w.last_heartbeat > now() - make_interval(secs => %s)
                WHERE q.task_name = %s AND (q.args ->> 'bulk_id')::bigint = b.id
                  AND (q.status = 'todo' OR q.status = 'doing' AND w.id IS NOT NULL))""",
            [job.pk, _HEARTBEAT_LOST, bulk_task.name],
        )
    job.refresh_from_db(fields=["state"])
    return job
