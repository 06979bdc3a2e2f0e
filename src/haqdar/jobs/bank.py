"""The way to the bank and back, every ten minutes: what was released is handed over, what was laid into the folder of answers is read."""

from __future__ import annotations

import logging

from procrastinate.contrib.django import app

from haqdar.access.actors import platform
from haqdar.base.refusal import Refusal
from haqdar.jobs.money_calendar import LONG_RUNS
from haqdar.payments.rails.files import send_released
from haqdar.payments.responses.folder import read_folder

log = logging.getLogger(__name__)


@app.periodic(cron="*/10 * * * *")
@app.task(queue=LONG_RUNS, lock="bank.send", queueing_lock="bank.send", name="bank.send")
def send_task(timestamp: int) -> None:
    """Hand over what a person has released; a file that cannot go waits as released and is tried again."""
    try:
        send_released(platform("bank"))
    except Refusal as wrong:
        log.warning("a released file was not handed over: %s", wrong.en)


@app.periodic(cron="5-55/10 * * * *")
@app.task(queue=LONG_RUNS, lock="bank.answers", queueing_lock="bank.answers", name="bank.answers")
def answers_task(timestamp: int) -> None:
    """Read what lies in the folder of answers."""
    for one in read_folder(platform("bank")):
        if one.refusal is not None:
            log.warning("a file of answers was refused: %s", one.refusal.en)
