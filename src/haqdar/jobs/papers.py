"""The documents of orders and letters are made by a worker of their own queue."""

from __future__ import annotations

from procrastinate.contrib.django import app

from haqdar.cases.orders import MAKE, PAPERS


@app.task(queue=PAPERS, name=MAKE, lock=MAKE)
def make_task() -> None:
    """Make and sign what is not made yet."""
    # the web process queues this task and should not load the typesetter for it
    from haqdar.cases.papers.making import make_missing

    make_missing()


@app.periodic(cron="*/5 * * * *")
@app.task(queue=PAPERS, name="papers.again", queueing_lock="papers.again", lock=MAKE)
def make_again_task(timestamp: int) -> None:
    """Every five minutes: what a process that died left behind, or waited for a signing key."""
    from haqdar.cases.papers.making import make_missing

    make_missing()
