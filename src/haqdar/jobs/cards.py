"""Printing the cards of a local body in the worker, and removing files that were kept long enough."""

from __future__ import annotations

from django.db import connection, transaction
from procrastinate.contrib.django import app

from haqdar.access.actors import Actor
from haqdar.access.queries import Place, actor_of_id
from haqdar.base.refusal import Refusal
from haqdar.cases.models import CardPrint
from haqdar.jobs.dead import end_dead

CARDS = "papers"


def ask_for_print(actor: Actor, here: Place, only_missing: bool) -> CardPrint:
    """Queue the cards of an area. Raises what ``printing.ask`` raises."""
    from haqdar.cases.cards.printing import ask

    with transaction.atomic():
        job = ask(actor, here, only_missing)
        print_task.defer(print_id=job.pk)
    return job


def carry_on(actor: Actor, job: CardPrint) -> None:
    """Take an interrupted print up again where it stopped."""
    from haqdar.cases.cards.printing import queue_again

    with transaction.atomic():
        if queue_again(actor, job):
            print_task.defer(print_id=job.pk)


@app.task(queue=CARDS, name="cards.print", lock="cards.print")
def print_task(print_id: int) -> None:
    """Print in the name of the officer who asked, with the permissions of this moment."""
    # the web process queues this task and should not load the typesetter for it
    from haqdar.cases.cards import printing

    job = CardPrint.objects.get(pk=print_id)
    try:
        printing.carry_out(actor_of_id(job.user_id, job.ip), job)
    except Refusal as refusal:
        printing.fail(job, refusal)
    except Exception:
        printing.fail(job, None)
        raise


@app.periodic(cron="50 1 * * *")
@app.task(queue=CARDS, queueing_lock="cards.remove_old", name="cards.remove_old")
def remove_old_task(timestamp: int) -> None:
    """Every night: files of cards that were kept long enough."""
    from haqdar.cases.cards.printing import remove_old

    remove_old()


def give_up_dead(job: CardPrint) -> CardPrint:
    """The print as it stands; said to be interrupted where no worker has it any more."""
    if job.state not in (CardPrint.State.QUEUED, CardPrint.State.RUNNING):
        return job
    # one that was killed would let no other print begin
    end_dead(print_task.name)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE cases_card_print p SET state = 'failed'
            WHERE p.id = %s AND p.state IN ('queued', 'running') AND p.asked_at < now() - interval '1 minute' AND NOT EXISTS (
                SELECT 1 FROM procrastinate_jobs q
                WHERE q.task_name = %s AND (q.args ->> 'print_id')::bigint = p.id AND q.status IN ('todo', 'doing'))""",
            [job.pk, print_task.name],
        )
    job.refresh_from_db()
    return job
