"""After a month is posted: the letters of its stops and lower amounts, and the withdrawal of notices that no longer hold."""

from __future__ import annotations

from procrastinate.contrib.django import app

from haqdar.access.actors import platform
from haqdar.cases.orders import PAPERS

SEND = "letters.send"
"""The job that sends every letter that a posted month made due."""


def ask_for_letters() -> None:
    """Queue the letters of the month that is being posted, in its transaction: they are asked for if and only if it is posted."""
    # no queueing lock: a refused insertion would break the posting. What is due twice is sent once all the same.
    app.configure_task(SEND, queue=PAPERS, lock=SEND).defer()


def send_letters() -> tuple[int, int]:
    """Withdraw what no longer holds, then issue what is due; returns how many were issued and withdrawn."""
    # the web process queues these tasks and should not load the engine for them
    from haqdar.cases.letters import issue_due, withdraw_void

    actor = platform("letters")
    withdrawn = withdraw_void(actor)
    return issue_due(actor), withdrawn


@app.task(queue=PAPERS, lock=SEND, name=SEND)
def send_letters_task() -> None:
    """Right after a month was posted."""
    send_letters()


@app.periodic(cron="20 * * * *")
@app.task(queue=PAPERS, lock=SEND, queueing_lock="letters.sweep", name="letters.sweep")
def sweep_letters_task(timestamp: int) -> None:
    """Every hour: what a process that died left behind, or a case that somebody was deciding."""
    send_letters()
