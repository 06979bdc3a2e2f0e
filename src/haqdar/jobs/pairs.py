"""The register compared with itself by the worker, week by week: pairs of records appear on the desk by themselves."""

from __future__ import annotations

from contextlib import suppress

from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from haqdar.access.actors import platform


@app.periodic(cron="15 2 * * 0")
@app.task(queue="long-runs", lock="pairs.find", queueing_lock="pairs.find", name="pairs.find")
def find_pairs_task(timestamp: int = 0) -> None:
    """On Sunday night: every district with itself, then everybody across districts; one that runs already is enough."""
    # the web process queues this task and should not load the engine for it
    from haqdar.identity.linking import dedupe
    from haqdar.identity.linking.deduping import LinkageRunning

    with suppress(LinkageRunning):
        dedupe(platform("linkage"))


def ask_for_pairs() -> None:
    """Let the worker compare the register soon; asked twice, it compares once."""
    with suppress(AlreadyEnqueued):
        find_pairs_task.defer()
