"""Jobs whose worker was killed: the queue goes on believing in them, and lets nothing with the same lock begin."""

from __future__ import annotations

from django.db import connection

HEARTBEAT_LOST = 30
"""Seconds without a heartbeat after which a worker counts as gone; it beats every ten."""


def end_dead(task: str) -> int:
    """Tell the queue that the jobs of a task whose worker is gone have failed; how many there were."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT procrastinate_finish_job_v1(q.id, 'failed', false) FROM procrastinate_jobs q"
            " LEFT JOIN procrastinate_workers w ON w.id = q.worker_id AND w.last_heartbeat > now() - make_interval(secs => %s)"
            " WHERE q.task_name = %s AND q.status = 'doing' AND w.id IS NULL",
            [HEARTBEAT_LOST, task],
        )
        return len(cursor.fetchall())
