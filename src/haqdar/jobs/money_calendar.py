"""The law's calendar of a month's money, every day: on the day of the proposal the month is closed and the bodies get theirs.

With a month that closes, credits that banks gave back earlier go out again; bills whose credits are all answered are paid; with
the budget year the bills of returned credits end. From the day of the file on, what is payable is put into files every night: the
platform is their maker, and a person with a second factor releases them (jobs/bank.py hands them over).
"""

from __future__ import annotations

import logging
from datetime import date
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from haqdar.access.actors import Actor, platform, require
from haqdar.base.month import Month
from haqdar.base.refusal import Refusal
from haqdar.law import load_lawbook
from haqdar.law.payments import payment_rules
from haqdar.payments.accounts.branches import PACKAGED, load_branches
from haqdar.payments.accounts.checking import Checked, check_accounts
from haqdar.payments.bill_steps import mark_paid_everywhere
from haqdar.payments.closing import EarlierMonthOpen, MonthNotRun, closing_of
from haqdar.payments.lapsing import Lapsed, lapse
from haqdar.payments.models import Branch, MonthClosing, PaymentFile
from haqdar.payments.proposals import Proposed, propose
from haqdar.payments.queries import COUNTED
from haqdar.payments.rails import files
from haqdar.payments.returns import represent

LONG_RUNS = "long-runs"
MAKER = "calendar"
"""Who made the files that the calendar makes; nobody's log-in has a name without an account, so any officer may release them."""
log = logging.getLogger(__name__)


def close_due_months(actor: Actor, today: date) -> list[Proposed]:
    """Close, in their order, the months that were run and whose day of the proposal has come; returns what was proposed.

    Each month is a transaction of its own; a run that was killed is done again by the next. Needs ``month.close``.
    """
    actor = require(actor, "month.close")
    law = load_lawbook(settings.HAQDAR_LAW)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.month FROM cases_month_run r LEFT JOIN payments_month_closing c USING (month)"
            f" WHERE {COUNTED} AND c.month IS NULL ORDER BY r.month"
        )
        months = [Month.of(month) for (month,) in cursor.fetchall()]
    due = [month for month in months if law.on(month.first_day).calendar.day("proposal", month) <= today]
    return [_close(actor, month) for month in due]


def _close(actor: Actor, month: Month) -> Proposed:
    # together, or a power cut between the two would leave returned credits to the month after
    with transaction.atomic():
        proposed = propose(actor, month)
        represent(actor, month)
    return proposed


def end_budget_year(actor: Actor, today: date) -> Lapsed:
    """End the budget year before that of `today` for credits that did not go out, for the first time or again. Needs ``return.represent``."""
    begins = payment_rules(Path(settings.HAQDAR_LAW)).year_begins
    return lapse(actor, today.year - (1 if today.month >= begins else 2), today)


def check_new_accounts(actor: Actor) -> Checked | None:
    """Look at the accounts of the latest closed month that nobody has looked at; None before the first.

    The list of branches that came with the platform is taken over where there is none yet.
    """
    latest = MonthClosing.objects.order_by("-month").first()
    if latest is None:
        return None
    if not Branch.objects.exists() and PACKAGED.is_file():
        load_branches(actor, PACKAGED)
    return check_accounts(actor, Month.of(latest.month))


def make_due_files(actor: Actor, today: date) -> list[PaymentFile]:
    """Put what may go out into files, for the latest month whose day of the file has come, and with it the months before.

    What stands in a file already is left alone, so a second night adds only what became payable since. Needs ``bankfile.make``.
    Raises what `files.make` raises.
    """
    actor = require(actor, "bankfile.make")
    law = load_lawbook(settings.HAQDAR_LAW)
    for day in MonthClosing.objects.order_by("-month").values_list("month", flat=True):
        month = Month.of(day)
        if law.on(day).calendar.day("file", month) <= today:
            return files.make(actor, month)
    return []


def ask_for_closing(actor: Actor, month: Month) -> None:
    """Queue the closing of `month` for the worker, once it is sure that it can be. Raises ``MonthNotRun``, ``EarlierMonthOpen``."""
    require(actor, "month.close")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT r.month FROM cases_month_run r WHERE {COUNTED} AND r.month <= %s ORDER BY r.month",
            [month.first_day],
        )
        run = [found for (found,) in cursor.fetchall()]
    if month.first_day not in run:
        raise MonthNotRun(month=month)
    earlier = next((one for one in run if one < month.first_day and closing_of(one) is None), None)
    if earlier is not None and _has_dues(earlier):
        raise EarlierMonthOpen(month=month, earlier=Month.of(earlier))
    propose_task.configure(lock="month").defer(month=str(month), asked_by=actor.name)


def _has_dues(month: date) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM payments_due d JOIN cases_month_run r ON r.id = d.run_id"
            f" WHERE r.month = %s AND {COUNTED})",
            [month],
        )
        return bool(cursor.fetchone()[0])


@app.task(queue=LONG_RUNS, lock="month", name="money.propose")
def propose_task(month: str, asked_by: str) -> None:
    """Close a month and generate its proposals, in the name of whoever asked."""
    _close(platform(asked_by), Month.parse(month))


@app.periodic(cron="10 1 * * *")
@app.task(queue=LONG_RUNS, lock="month", queueing_lock="money.calendar", name="money.calendar")
def calendar_task(timestamp: int) -> None:
    """Every night, after the day has begun."""
    close_due_months(platform("calendar"), timezone.localdate())
    mark_paid_everywhere()
    end_budget_year(platform("calendar"), timezone.localdate())
    check_new_accounts(platform("calendar"))
    try:
        make_due_files(platform(MAKER), timezone.localdate())
    except Refusal as wrong:
        # the page on which files are made says it, too
        log.warning("no payment files were made: %s", wrong.en)
