"""The clock of a case stands still while its applicant must act, and runs on from where it stood."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from haqdar.cases.clock import limit_of, services
from haqdar.cases.models import Case, ClockPause


def end_pause(case: Case, ended_by: str) -> tuple[date, int] | None:
    """End the pause of a case, if one lasts: the day its limit ends now, and for how many days it stood still.

    The caller holds the case's lock and saves the day as its `due_on`.
    """
    stood = ClockPause.objects.filter(case=case, ended_on=None).first()
    if stood is None:
        return None
    today = timezone.localdate()
    working = limit_of(case.kind, case.service, case.opened_on).working
    holidays = services().holidays
    days = holidays.between(stood.started_on, today, working)
    ClockPause.objects.filter(pk=stood.pk).update(ended_on=today, ended_by=ended_by)
    return holidays.after(stood.due_on_was, days, working), days
