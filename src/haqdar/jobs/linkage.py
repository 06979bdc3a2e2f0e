"""The search for duplicates by itself: every Sunday night, and whenever somebody asks the worker for it."""

from __future__ import annotations

from procrastinate.contrib.django import app

from haqdar.access.actors import platform

LONG_RUNS = "long-runs"


@app.periodic(cron="20 1 * * 0")
@app.task(queue=LONG_RUNS, lock="linkage", queueing_lock="pair.find", name="pair.find")
def find_pairs_task(timestamp: int | None = None) -> None:
    """Compare the whole register; a search that is under way already is left to finish."""
    # the web process queues this task and should not load the engine for it
    from haqdar.identity.linking import dedupe
    from haqdar.identity.linking.deduping import LinkageRunning

    try:
        dedupe(platform("worker"))
    except LinkageRunning:
        return
