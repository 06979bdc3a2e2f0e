"""What the workers do when they are asked to. One queue for long runs, so that they never hold up the reactions in another."""

from __future__ import annotations

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from procrastinate.contrib.django import app

from haqdar.access.actions import record
from haqdar.access.actors import Actor, platform, require
from haqdar.base.month import Month
from haqdar.base.refusal import Refusal
from haqdar.jobs import (  # noqa: F401  # the worker finds their tasks through this module
    bank,
    bulk,
    cards,
    clock,
    ekyc,
    letters,
    messages,
    money_calendar,
    oversight,
    pairs,
    papers,
    seeding,
    simulations,
    treasury,
)
from haqdar.jobs.locks import month_lock
from haqdar.jobs.models import STEPS, MonthJob
from haqdar.jobs.order import stands_behind_a_later_month
from haqdar.payments.closing import closing_of

LONG_RUNS = "long-runs"
REACTIONS = "reactions"
#: Seconds without a heartbeat after which a worker counts as gone; it beats every ten.
_HEARTBEAT_LOST = 30


class MonthClosed(Refusal):
    """A later month was run; this one can only be replayed, on the command line."""

    code = "month_closed"
    en = "{month} cannot be run again, because {later} was run after it. What is known now is paid or recovered with the next month."
    hi = "{month} फिर से नहीं चलाया जा सकता, क्योंकि उसके बाद {later} चल चुका है। अब जो पता है वह अगले महीने के साथ मिलेगा या वसूल होगा।"


class MonthInTheLedger(Refusal):
    """The month was closed; its money is on its way."""

    code = "month_in_the_ledger"
    en = "{month} is closed: its proposals are with the local bodies. What is known now is paid or recovered with the next month."
    hi = "{month} बंद हो चुका है: उसके प्रस्ताव ग्राम पंचायतों और नगर निकायों के पास हैं। अब जो पता है वह अगले महीने के साथ मिलेगा या वसूल होगा।"


class AlreadyAsked(Refusal):
    """The same month is waiting or running."""

    code = "already_asked"
    en = "The month {month} is already waiting or running. Its progress is shown on the page of runs."
    hi = "{month} की गणना पहले से चल रही है या कतार में है। उसकी प्रगति गणना के पन्ने पर दिखती है।"


def ask_for_month(actor: Actor, month: Month) -> int:
    """Queue a run of `month` for `actor`; returns the id of its `MonthJob`. Raises `AlreadyAsked`, `MonthClosed`."""
    require(actor, "month.run")
    later = stands_behind_a_later_month(month)
    if later is not None:
        raise MonthClosed(month=month, later=later)
    if closing_of(month.first_day) is not None:
        raise MonthInTheLedger(month=month)
    give_up_dead_jobs()
    try:
        with transaction.atomic():
            job = MonthJob.objects.create(month=month.first_day, steps=len(STEPS), asked_by=actor.name)
            record(actor, "month.run", "month", str(month), new={"job": job.pk})
            run_month_task.defer(job_id=job.pk, month=str(month), asked_by=actor.name)
    except IntegrityError as error:
        raise AlreadyAsked(month=month) from error
    return int(job.pk)


def give_up_dead_jobs() -> int:
    """Mark as failed the jobs whose worker was killed: said to be running while nobody runs a month.

    A run holds the month's lock in PostgreSQL as long as it lives, so a free lock proves that the worker is gone; one
    that was killed between taking a job and its first step has stopped its heartbeat. The queue is told as well: it
    would let no other month begin while one is said to be under way. Returns how many there were.
    """
    with month_lock() as free, transaction.atomic():
        if not free:
            return 0
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT j.id, procrastinate_finish_job_v1(q.id, 'failed', false)"
                " FROM procrastinate_jobs q JOIN jobs_month_job j ON j.id = (q.args ->> 'job_id')::bigint"
                " LEFT JOIN procrastinate_workers w ON w.id = q.worker_id"
                "  AND w.last_heartbeat > now() - make_interval(secs => %s)"
                " WHERE q.task_name = %s AND q.status = 'doing'"
                " AND (j.state = %s OR j.state = %s AND w.id IS NULL)",
                [_HEARTBEAT_LOST, run_month_task.name, MonthJob.State.RUNNING, MonthJob.State.QUEUED],
            )
            dead = [row[0] for row in cursor.fetchall()]
        return MonthJob.objects.filter(Q(state=MonthJob.State.RUNNING) | Q(pk__in=dead)).update(
            state=MonthJob.State.FAILED,
            message_en="The run was interrupted; nothing was changed, or it was complete. Run the month again.",
            message_hi="गणना बीच में रुक गई; या तो कुछ नहीं बदला, या वह पूरी हो चुकी थी। महीना फिर से चलाएँ।",
        )


@app.task(queue=LONG_RUNS, lock="month", name="month.run")
def run_month_task(job_id: int, month: str, asked_by: str) -> None:
    """Run a month into the data folder, telling `MonthJob` each step."""
    # the web process queues this task and should not load the engine for it
    from haqdar.jobs.month import run_month

    jobs = MonthJob.objects.filter(pk=job_id)

    def step(name: str) -> None:
        jobs.update(state=MonthJob.State.RUNNING, step=name, steps_done=STEPS.index(name))

    try:
        run_month(month, settings.HAQDAR_HOME / "months" / month, actor=platform(asked_by), step=step)
    except Refusal as refusal:
        jobs.update(state=MonthJob.State.FAILED, message_en=refusal.en, message_hi=refusal.hi)
        return
    except Exception:
        jobs.update(
            state=MonthJob.State.FAILED,
            message_en="The run failed; nothing was changed. The technical log says why. Run it again.",
            message_hi="गणना पूरी नहीं हुई; कुछ भी नहीं बदला। कारण तकनीकी लॉग में है। फिर से चलाएँ।",
        )
        raise
    jobs.update(state=MonthJob.State.DONE, step="", steps_done=len(STEPS))
    # what became known while the month ran is to be compared with this month from now on
    carry_on_task.defer()


@app.task(queue=REACTIONS, name="reactions.carry_on")
def carry_on_task() -> None:
    """Carry on whatever became known and has no reaction yet."""
    from haqdar.jobs.reactions import carry_on

    carry_on()


@app.periodic(cron="*/5 * * * *")
@app.task(queue=REACTIONS, lock="audit.seal", queueing_lock="audit.seal", name="audit.seal")
def seal_audit_task(timestamp: int) -> None:
    """Seal what was recorded in the audit trail and in the histories since the last time."""
    from haqdar.access.chain import seal

    seal(platform("worker"))


@app.periodic(cron="30 0 * * *")
@app.task(queue=REACTIONS, lock="vault.seal", queueing_lock="vault.seal", name="vault.seal")
def seal_vault_log_task(timestamp: int) -> None:
    """Every night: seal who asked the vault for what, and tell the audit trail."""
    from haqdar.vault.log_chain import seal_log

    seal_log(platform("worker"))


@app.periodic(cron="40 0 * * *")
@app.task(queue=LONG_RUNS, queueing_lock="figures.publish", name="figures.publish")
def publish_figures_task(timestamp: int) -> None:
    """Every night: how cases stand against their limits, and the figures of months that have none yet."""
    from haqdar.outcomes.actions import publish_delays, publish_missing

    publish_missing(platform("worker"))
    publish_delays(platform("worker"))


@app.periodic(cron="10 1 * * *")
@app.task(queue=LONG_RUNS, queueing_lock="quality.look", name="quality.look")
def look_at_quality_task(timestamp: int) -> None:
    """Every night: what cannot be right in the register, as tasks of the panchayats; nobody is missing from the look-up."""
    from haqdar.identity.quality.looking import look
    from haqdar.registry.lookup_keys import catch_up

    catch_up()
    look(platform("worker"))
