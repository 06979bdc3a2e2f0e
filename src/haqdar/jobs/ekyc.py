"""What follows an eKYC: corrected facts are decided on at once; what nobody went on with is deleted after its time; at night the
dead are no longer verified and the living are counted."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction
from procrastinate.contrib.django import app

from haqdar.access.actors import Actor, platform
from haqdar.identity.ekyc import coverage, held, verified
from haqdar.identity.ekyc.refusals import EkycRefusal
from haqdar.outreach.outbox import QUEUE


def confirm(
    actor: Actor,
    resident: UUID,
    key: UUID,
    answers: Mapping[str, str],
    seen: bool = False,
    sure: bool = False,
) -> list[int]:
    """Verify the resident, correct what was confirmed, and decide everybody it touches again; returns the numbers of the changes.

    Raises what ``verifying.confirm`` raises; a refusal is noted after all that was begun is undone.
    """
    # whoever only waits for tasks reads no documents; and the reactions need the tasks, where this module stands
    from haqdar.identity.ekyc import verifying
    from haqdar.jobs import reactions

    try:
        with transaction.atomic():
            numbers = verifying.confirm(actor, resident, key, answers, seen, sure)
            if numbers:
                reactions.ask()
    except EkycRefusal as refusal:
        verifying.refused(actor, resident, key, refusal)
        raise
    for number in numbers:
        reactions.at_once(number)
    return numbers


def nightly() -> tuple[int, int]:
    """End the verifications of the dead, close what was left waiting, count the living and the verified; returns how many ended and live."""
    operator = platform("ekyc")
    held.sweep()
    return verified.end_the_dead(operator), coverage.count(operator)


@app.periodic(cron="*/5 * * * *")
@app.task(queue=QUEUE, queueing_lock="ekyc.sweep", name="ekyc.sweep")
def sweep_task(timestamp: int) -> None:
    """Every five minutes: what was read from documents and never compared is deleted."""
    held.sweep()


@app.periodic(cron="20 1 * * *")
@app.task(queue=QUEUE, lock="ekyc", queueing_lock="ekyc", name="ekyc.nightly")
def nightly_task(timestamp: int) -> None:
    """Every night."""
    nightly()
