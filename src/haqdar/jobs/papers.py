"""The documents of orders, letters and bills are made by a worker of their own queue."""

from __future__ import annotations

from procrastinate.contrib.django import app

from haqdar.cases.orders import MAKE, PAPERS
from haqdar.payments.billing import MAKE as MAKE_BILLS


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


@app.task(queue=PAPERS, name=MAKE_BILLS, lock=MAKE_BILLS)
def bills_task() -> None:
    """Make and sign the documents of bills that are not made yet."""
    from haqdar.payments.bill_papers import make_missing

    make_missing()


@app.periodic(cron="*/5 * * * *")
@app.task(queue=PAPERS, name="papers.bills_again", queueing_lock="papers.bills_again", lock=MAKE_BILLS)
def bills_again_task(timestamp: int) -> None:
    """Every five minutes: the documents of bills that a process that died left behind, or waited for a signing key."""
    from haqdar.payments.bill_papers import make_missing

    make_missing()
