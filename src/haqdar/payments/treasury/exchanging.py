"""Asking what waits: one question, one answer, one transaction. What fails is asked again later, and later still.

Nothing is repeated blindly: a bill whose answer was lost is sent again under the same number, which the treasury knows, and is then
compared with what the treasury has.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from haqdar.access.actors import Actor, acting, require
from haqdar.base.refusal import Refusal
from haqdar.payments.models import TreasuryAllotment, TreasuryBill, TreasuryMessage
from haqdar.payments.treasury import asking, queueing, taking
from haqdar.payments.treasury.client import LoginRefused, NoAnswer, Treasury
from haqdar.payments.treasury.line import Line
from haqdar.payments.treasury.queueing import TOLD_NO, Queued
from haqdar.payments.treasury.taking import Outcome, Taking

log = logging.getLogger(__name__)

GIVE_UP_AFTER = 3
"""After so many questions in a row without any answer the run ends: the treasury is away, and the rest waits undisturbed."""


@dataclass(frozen=True, slots=True)
class Ran:
    """One run: what was taken up, how many questions were answered, how many not, and the word for why (empty: fine)."""

    queued: Queued
    answered: int
    unanswered: int
    problem: str


def run(actor: Actor, line: Line) -> Ran:
    """Take up what is new, ask everything that is due, look at what follows from the answers. Needs `treasury.exchange`."""
    actor = require(actor, "treasury.exchange")
    queued = queueing.queue(actor, line.profile)
    treasury = Treasury(line.access)
    answered = unanswered = in_a_row = 0
    problem = ""
    while in_a_row < GIVE_UP_AFTER:
        told = _one(actor, line, treasury)
        if told is None:
            # a voucher brings a day to be watched
            queueing.watch(actor, line.profile)
            told = _one(actor, line, treasury)
            if told is None:
                break
        if told == "":
            answered, in_a_row = answered + 1, 0
        else:
            unanswered, in_a_row, problem = unanswered + 1, in_a_row + 1, told
            if told == "login_refused":
                break
    return Ran(queued, answered, unanswered, problem)


def _one(actor: Actor, line: Line, treasury: Treasury) -> str | None:
    """Ask one question that is due: None when there is none, empty when it was answered, else why it was not."""
    with acting(actor, "treasury.exchange"):
        message = _taken()
        if message is None:
            return None
        now = timezone.now()
        problem = ""
        try:
            with transaction.atomic():
                outcome = _asked(actor, line, treasury, message)
            message.attempts = 0
        except NoAnswer as why:
            problem = why.kind
            outcome = _later(line, message, problem)
        except Refusal as why:
            # something of our own stands in the way: a person must see it
            outcome = Outcome("stuck", why.code, why.en)
        except Exception as why:
            # one bad question must not hold up the others
            log.exception("a question to the treasury failed: %s %s", message.service, message.key)
            problem = type(why).__name__
            outcome = _later(line, message, problem)
        _kept(line, message, outcome, now)
    return problem


def _taken() -> TreasuryMessage | None:
    """The next question that is due, locked; others take others."""
    found = list(
        TreasuryMessage.objects.raw(
            "SELECT * FROM payments_treasury_message WHERE state = 'waiting' AND next_at <= %s"
            " ORDER BY next_at, id LIMIT 1 FOR UPDATE SKIP LOCKED",
            [timezone.now()],
        )
    )
    return found[0] if found else None


def _asked(actor: Actor, line: Line, treasury: Treasury, message: TreasuryMessage) -> Outcome:
    if message.bill_id is None:
        reply = treasury.ask("FD", asking.failed(line, message.about))
        message.digest = reply.digest
        return taking.take(Taking(actor, line.profile, message, reply))
    bill = (
        TreasuryBill.objects.select_related("version", "original")
        .select_for_update(of=("self",))
        .get(pk=message.bill_id)
    )
    message.bill = bill
    if bill.state in ("objected", "ended", "closed"):
        return Outcome("done", "ended")
    # after an order without an answer the treasury may have the bill: nothing but asking again tells
    may_be_there = message.problem not in TOLD_NO
    if message.service in ("PI", "COR") and not may_be_there:
        put_back = _put_back(actor, bill)
        if put_back is not None:
            return put_back
    if message.service == "PI":
        from_allotment = _allotment(line, treasury, bill)
        if from_allotment is None:
            return _short(line, actor, bill, "no_allotment")
        # the allotment may be short by this very bill
        if from_allotment.balance_paise < bill.paise and not may_be_there:
            return _short(line, actor, bill, "funds")
        params = asking.bill(line, bill, from_allotment)
    else:
        params = asking.OF_A_BILL[message.service](line, bill)
    reply = treasury.ask(message.service, params)
    message.digest = reply.digest
    return taking.take(Taking(actor, line.profile, message, reply))


def _put_back(actor: Actor, bill: TreasuryBill) -> Outcome | None:
    """Take an order back that has not gone out yet, where a payee of it was held meanwhile; None where nobody is.

    A bill is held back until the hold is released; a correction ends, and the next one takes up those who are not held.
    """
    with connection.cursor() as cursor:
        if not queueing.is_held(cursor, bill.pk):
            return None
        taking.move(actor, bill, "held_back" if bill.kind == "bill" else "ended", problem="held")
        queueing.free(cursor, actor, [bill.pk])
    return Outcome("done", "held")


def _short(line: Line, actor: Actor, bill: TreasuryBill, problem: str) -> Outcome:
    taking.move(actor, bill, bill.state, problem=problem)
    return Outcome("again", problem, minutes=line.profile.longest_wait_minutes)


def _allotment(line: Line, treasury: Treasury, bill: TreasuryBill) -> TreasuryAllotment | None:
    """The allotment that a bill draws on: the latest under its head, read anew when it is old or too small."""
    of_head = TreasuryAllotment.objects.filter(ddo_code=bill.ddo_code, head=bill.head).order_by(
        "-allotted_on", "-serial"
    )
    known = of_head.first()
    fresh = timezone.now() - timedelta(hours=line.profile.allotment_hours)
    if known is None or known.read_at < fresh or known.balance_paise < bill.paise:
        read_allotments(line, treasury, bill.ddo_code, bill.head, bill.month)
        known = of_head.first()
    return known


def read_allotments(line: Line, treasury: Treasury, ddo_code: str, head: str, month: date) -> int:
    """Ask what was allotted under a head (VA) since the year's beginning and keep what is new; returns how many rows there were."""
    since = date(month.year if month.month > 3 else month.year - 1, 4, 1)
    reply = treasury.ask("VA", asking.allotment(line, ddo_code, head, since))
    if reply.errors:
        return 0
    now = timezone.now()
    try:
        rows = [
            TreasuryAllotment(
                ddo_code=ddo_code,
                head=head,
                master_id=str(row["mstAllotmentDistId"]),
                unit_id=str(row["ssuAllotmentId"]),
                serial=int(row["allotmentTxnSlNo"]),
                kind=str(row["allotmentTxnType"])[:60],
                allotted_on=line.profile.day(row["allotmentDate"]),
                paise=taking.paise(row["allotmentAmount"]),
                balance_paise=taking.paise(row["availableBalance"]),
                read_at=now,
            )
            for row in reply.data
        ]
    except (KeyError, ValueError, TypeError, ArithmeticError) as error:
        raise NoAnswer("not_understood") from error
    TreasuryAllotment.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["ddo_code", "head", "master_id", "serial"],
        update_fields=["balance_paise", "read_at"],
    )
    return len(rows)


def _later(line: Line, message: TreasuryMessage, problem: str) -> Outcome:
    message.attempts += 1
    return Outcome("again", problem, minutes=line.profile.wait_minutes(message.attempts - 1))


def _kept(line: Line, message: TreasuryMessage, outcome: Outcome, now: Any) -> None:
    message.asked += 1
    message.last_at = now
    message.problem, message.said = outcome.problem, outcome.said
    if outcome.state == "again":
        minutes = outcome.minutes
        if minutes is None:
            minutes = line.profile.again_minutes[message.service]
        message.next_at = now + timedelta(minutes=minutes)
    else:
        message.state = outcome.state
    message.save(
        update_fields=["state", "asked", "attempts", "last_at", "next_at", "problem", "said", "digest"]
    )


def check(line: Line) -> None:
    """Log in and nothing else. Raises `NoAnswer`."""
    Treasury(line.access).log_in()


__all__ = ["LoginRefused", "Ran", "check", "read_allotments", "run"]
