"""The lock that keeps two month runs apart, whichever machine or process they are in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def month_lock() -> Iterator[bool]:
    """Hold the lock of month runs while the body runs, and tell it whether it was free.

    PostgreSQL gives the lock back by itself when the process dies.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext('haqdar.month'))")
        (free,) = cursor.fetchone() or (False,)
    try:
        yield bool(free)
    finally:
        if free and connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtext('haqdar.month'))")
