"""Closing a month: its dues enter the ledger, and from then on no later run supersedes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.utils import timezone

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting, require
from haqdar.base.month import Month
from haqdar.base.refusal import Refusal
from haqdar.payments import entries
from haqdar.payments.models import MonthClosing
from haqdar.payments.not_paid import set_against


class MonthNotRun(Refusal):
    """There is nothing to close."""

    code = "month_not_run"
    en = "{month} has not been run yet, so nothing is due. Run the month first."
    hi = "{month} की गणना अभी नहीं हुई है, इसलिए कुछ देय नहीं है। पहले महीना चलाएँ।"


class EarlierMonthOpen(Refusal):
    """Months are closed in their order."""

    code = "earlier_month_open"
    en = "{earlier} is not closed yet. Close it first: its money goes out before that of {month}."
    hi = "{earlier} अभी बंद नहीं हुआ है। पहले उसे बंद करें: उसका पैसा {month} से पहले जाता है।"


@dataclass(frozen=True, slots=True)
class Closed:
    """A month whose dues stand in the ledger; `now` tells whether this call closed it."""

    month: date
    run_id: int
    now: bool


def closing_of(month: date) -> MonthClosing | None:
    """The closing of a month, or None while it can still be run again."""
    return MonthClosing.objects.filter(month=month).first()


def close_month(actor: Actor, month: Month) -> Closed:
    """Close `month` and post its dues, over-payments and withholdings into the ledger; repeating it changes nothing.

    Over-payments are set against money of the very months that came back or never went out (payments.not_paid).

    Needs `month.close`. Raises `MonthNotRun`, `EarlierMonthOpen`. Generating the proposals (payments.proposals) belongs to
    the same transaction: wrap both in one `acting`.
    """
    actor = require(actor, "month.close")
    with acting(actor, "month.close"), connection.cursor() as cursor:
        # whoever posts this month at the same moment is waited for, and finds it closed
        cursor.execute(
            "SELECT id FROM cases_month_run WHERE month = %s AND state = 'complete' AND posted FOR UPDATE",
            [month.first_day],
        )
        found = cursor.fetchone()
        if found is None:
            raise MonthNotRun(month=month)
        (run_id,) = found
        present = closing_of(month.first_day)
        if present is not None:
            return Closed(month.first_day, present.run_id, now=False)
        cursor.execute(
            "SELECT min(month) FROM cases_month_run r WHERE state = 'complete' AND posted AND month < %s"
            " AND NOT EXISTS (SELECT FROM payments_month_closing c WHERE c.month = r.month)"
            " AND EXISTS (SELECT FROM payments_due d WHERE d.run_id = r.id)",
            [month.first_day],
        )
        (earlier,) = cursor.fetchone()
        if earlier is not None:
            raise EarlierMonthOpen(month=month, earlier=Month.of(earlier))
        MonthClosing.objects.create(
            month=month.first_day, run_id=run_id, closed_at=timezone.now(), closed_by=actor.name
        )
        posted = entries.post_run(cursor, run_id)
        settled, paise = set_against(cursor, run_id, actor.name)
        done = {"run": run_id, "entries": posted}
        if settled:
            done |= {"not_paid": settled, "not_paid_paise": paise}
        record(actor, "month.close", "month", str(month), new=done)
    return Closed(month.first_day, run_id, now=True)
