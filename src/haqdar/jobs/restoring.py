"""A stopped pension that goes on again: what the next run will pay, before anybody says yes, and the step itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from haqdar.access.actors import Actor
from haqdar.cases import reactions, stopping
from haqdar.cases.models import Case
from haqdar.cases.reactions import Decision, Outlook
from haqdar.cases.stopping import ToRestore
from haqdar.jobs.reactions import ask, at_once
from haqdar.law import load_lawbook
from haqdar.payments.queries import posted_by_month


@dataclass(frozen=True)
class Missed:
    """One month that was run: what it should have paid, and what was posted for it, in paise."""

    month: date
    scheme: str
    should_paise: int
    posted_paise: int

    @property
    def arrears_paise(self) -> int:
        """What the next run pays for it."""
        return self.should_paise - self.posted_paise


@dataclass(frozen=True)
class Restoring:
    """What restoring brings: the plan, the months that are made up, and what the next month pays beside them."""

    plan: ToRestore
    outlook: Outlook
    months: tuple[Missed, ...]
    next_month: Decision | None

    @property
    def arrears_paise(self) -> int:
        """All months together."""
        return sum(one.arrears_paise for one in self.months)


def foresee(actor: Actor, key: UUID | str) -> Restoring:
    """What `restore` would bring, month by month; nothing is written. Raises what `stopping.to_restore` raises.

    Each month that was run is decided as the next run will decide it: with the wrong events away, by the law of its day.
    """
    with transaction.atomic():
        plan = stopping.to_restore(actor, key)
        stop = plan.stop
        person = (stop.member_id, stop.pension_group)
        posted = posted_by_month(*person)
        next_day = reactions.next_day(reactions.last_run())
        outlook = reactions.outlook([stop.member_id], [], [], plan.news, next_day)
        first = load_lawbook(settings.HAQDAR_LAW).on(next_day).redetermine_from
        missed = []
        for month in _months_run(min((one.happened_on for one in plan.events), default=stop.decided_month)):
            if first is not None and month < first:
                continue
            # months back to the wrong event: a few, each a decision of its own law
            decision = reactions.outlook([stop.member_id], [], [], plan.news, month).after.get(person)
            scheme, paise = _should(decision)
            if paise != posted.get(month, 0):
                missed.append(Missed(month, scheme, paise, posted.get(month, 0)))
    decision = outlook.after.get(person)
    return Restoring(plan, outlook, tuple(missed), decision)


def restore(actor: Actor, key: UUID | str, note: str) -> Case:
    """Reverse a stop in one step and decide everybody again whom the taken-back events touch.

    Raises what `stopping.restore` raises.
    """
    with transaction.atomic():
        case, numbers = stopping.restore(actor, key, note)
        if numbers:
            ask()
    for number in numbers:
        at_once(number)
    return case


def _should(decision: Decision | None) -> tuple[str, int]:
    """What a month should have paid by the law; nothing where it cannot be decided: nobody is paid on a guess."""
    if decision is None or decision.action in ("", "goes_on", "stop"):
        return "", 0
    if decision.action == "continue":
        return decision.from_scheme or "", decision.from_paise or decision.standing_paise or 0
    return decision.to_scheme or "", decision.to_paise or 0


def _months_run(since: date) -> list[date]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT month FROM cases_month_run WHERE state = 'complete' AND posted AND month >= date_trunc('month', %s::date)"
            " ORDER BY month",
            [since],
        )
        return [row[0] for row in cursor.fetchall()]
