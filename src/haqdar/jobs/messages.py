"""Messages leave by a worker of their own queue; what the counter keeps for minutes or days is swept away."""

from __future__ import annotations

from procrastinate.contrib.django import app

from haqdar.cases import drafts
from haqdar.outreach import limits, outbox


@app.task(queue=outbox.QUEUE, name=outbox.SEND)
def send_task() -> None:
    """Send what waits."""
    outbox.send_waiting()


@app.periodic(cron="* * * * *")
@app.task(queue=outbox.QUEUE, name="messages.again", queueing_lock="messages.again")
def send_again_task(timestamp: int) -> None:
    """Every minute: what failed and is due again, and what a process that died left behind."""
    outbox.send_waiting()


@app.periodic(cron="17 * * * *")
@app.task(queue=outbox.QUEUE, name="messages.sweep", queueing_lock="messages.sweep")
def sweep_task(timestamp: int) -> None:
    """Every hour: counts, codes and challenges that no longer matter, applications nobody handed in."""
    limits.sweep()
    drafts.sweep()
