"""The service guarantee clock, every night: late cases are escalated and their applicants told."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from haqdar.access.actors import Actor, platform
from haqdar.base.refusal import Words
from haqdar.cases.guarantee import Ran, run_clock
from haqdar.cases.models import Case
from haqdar.cases.offices import offices_of
from haqdar.cases.telling import mobiles_of, telling
from haqdar.outreach.outbox import QUEUE, tell_many

TOLD = ("application", "appeal", "second_appeal", "grievance")
"""The kinds of case whose applicants are told when the limit has passed."""
_AT_A_TIME = 500
_LOOK_BACK = 3


def run_clock_and_tell(actor: Actor, day: date) -> tuple[Ran, int]:
    """Escalate what is late on `day` and tell the applicants; returns what was done and how many were told.

    Run again it tells nobody twice, and whoever a run that was killed did not reach is told by the next.
    """
    ran = run_clock(actor, day)
    told = 0
    while found := _untold(day):
        with transaction.atomic():
            cases = list(Case.objects.filter(pk__in=[pk for pk, _, _ in found]))
            late = {pk: (awaits, due) for pk, awaits, due in found}
            offices = offices_of([(case.area_code, late[case.pk][0]) for case in cases])
            mobiles = mobiles_of(cases)
            tellings = []
            for case in cases:
                awaits, due = late[case.pk]
                office = offices[(case.area_code, awaits)]
                values = {
                    "number": case.number,
                    "office": Words(office.name("en"), office.name("hi")),
                    "due": due,
                }
                tellings.append(telling(case, mobiles, "deadline_passed", values))
            tell_many(tellings)
        told += len(cases)
    return ran, told


def _untold(day: date) -> list[tuple[int, str, date]]:
    """Cases escalated lately with a number to tell and no message yet: id, the late act, the limit."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.id, e.awaits, e.due_on FROM cases_escalation e JOIN cases_case c ON c.id = e.case_id"
            " WHERE e.level = 0 AND e.escalated_on > %s AND e.escalated_on <= %s AND c.kind = ANY(%s)"
            " AND c.contact_sealed IS NOT NULL AND c.closed_at IS NULL"
            " AND NOT EXISTS (SELECT 1 FROM outreach_message m WHERE m.about_kind = 'case'"
            "  AND m.about_key = c.key::text AND m.template = 'deadline_passed')"
            " ORDER BY c.id LIMIT %s",
            [day - timedelta(days=_LOOK_BACK), day, list(TOLD), _AT_A_TIME],
        )
        return [(row[0], row[1], row[2]) for row in cursor.fetchall()]


@app.periodic(cron="40 0 * * *")
@app.task(queue=QUEUE, lock="clock", queueing_lock="clock", name="clock.run")
def run_clock_task(timestamp: int) -> None:
    """Every night after the day is over."""
    run_clock_and_tell(platform("clock"), timezone.localdate())
