"""The line to the treasury, every ten minutes: what is due is asked, what is answered is taken in."""

from __future__ import annotations

import logging

from procrastinate.contrib.django import app

from haqdar.access.actors import platform
from haqdar.base.refusal import Refusal
from haqdar.payments.treasury.line import is_on, line

log = logging.getLogger(__name__)

QUEUE = "treasury"
"""A queue of its own: a treasury that answers slowly holds up nobody else."""


@app.periodic(cron="*/10 * * * *")
@app.task(queue=QUEUE, lock="treasury.exchange", queueing_lock="treasury.exchange", name="treasury.exchange")
def exchange_task(timestamp: int) -> None:
    """Nothing while the line is off. A run that takes longer than ten minutes is followed by the next, never joined by it."""
    if not is_on():
        return
    from haqdar.payments.treasury.exchanging import run

    try:
        found = line()
    except Refusal as wrong:
        # the page of the line says it too; the next run looks again
        log.warning("%s", wrong.en)
        return
    run(platform("treasury"), found)
