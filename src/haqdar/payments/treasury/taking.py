"""The answers of the treasury, taken in: states of bills, vouchers, credits that were paid or failed.

Each answer is compared with what we asked for before anything is believed, and each changes something only once.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import connection
from django.utils import timezone

from haqdar.access.actions import record
from haqdar.access.actors import Actor
from haqdar.payments import billing, entries
from haqdar.payments.models import TreasuryBill, TreasuryMessage
from haqdar.payments.models.treasury import DEAD
from haqdar.payments.responses.answer import Answer
from haqdar.payments.responses.reading import apply_answers
from haqdar.payments.treasury import queueing
from haqdar.payments.treasury.client import NoAnswer, Reply
from haqdar.payments.treasury.profile import CARRIER, Profile

REASONS = "nach"
"""The table of return reasons to which the profile's `reasons` lead."""
RETRY = "59"
"""The reason of a credit that failed only because another one of its correction did."""
_NUMBER = re.compile(r"(?<!\w)\d[\d -]{4,}\d(?!\w)")
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of a question: done, to be asked again, or stuck until a person looks; `minutes` to wait, the profile's if None."""

    state: str
    problem: str = ""
    said: str = ""
    minutes: int | None = None


DONE = Outcome("done")
AGAIN = Outcome("again")


@dataclass(frozen=True, slots=True)
class Taking:
    """An answer being taken in, in the caller's transaction."""

    actor: Actor
    profile: Profile
    message: TreasuryMessage
    reply: Reply

    @property
    def bill(self) -> TreasuryBill:
        """The bill that was asked about."""
        assert self.message.bill is not None
        return self.message.bill


def take(taking: Taking) -> Outcome:
    """Take an answer in and say what becomes of its question. Raises `NoAnswer` for an answer that does not hold together."""
    try:
        return _TAKE[taking.message.service](taking)
    except (KeyError, ValueError, TypeError, InvalidOperation) as error:
        raise NoAnswer("not_understood") from error


def sentence(reply: Reply) -> str:
    """What the treasury refused with, without the numbers of people."""
    text = "; ".join(f"{one.code} {one.text}".strip() for one in reply.errors)
    return _NUMBER.sub(lambda found: "…" + found.group()[-2:], " ".join(text.split()))[:500]


def meaning(profile: Profile, reply: Reply) -> str:
    """What the refusals of an answer mean together: a repetition, an objection, too little money, or unknown."""
    found = {profile.meaning(one.text) for one in reply.errors}
    return next((one for one in ("duplicate", "objected", "funds") if one in found), "")


# -- bills ---------------------------------------------------------------------------------------------------------


def _bill_accepted(t: Taking) -> Outcome:
    """PI: the treasury has the bill, now or since an earlier question whose answer was lost."""
    means = meaning(t.profile, t.reply) if t.reply.errors else ""
    if not t.reply.errors or means == "duplicate":
        if not t.reply.errors:
            _row(t.reply, "jitBillNo", t.bill.number)
        move(t.actor, t.bill, "sent")
        _then(t.bill, "PIS")
        return Outcome("done", problem=means)
    said = sentence(t.reply)
    if means == "objected":
        object_to(t.actor, t.bill, said)
        return Outcome("done", "objected", said)
    if means == "funds":
        move(t.actor, t.bill, "queued", problem="funds", said=said)
        return Outcome("again", "funds", said, t.profile.longest_wait_minutes)
    move(t.actor, t.bill, "refused", problem="refused", said=said)
    return Outcome("stuck", "refused", said)


def _bill_approved(t: Taking) -> Outcome:
    """PIS: the treasury has given the bill a number of its own; its sums must be ours."""
    if t.reply.errors:
        return _said_no(t)
    row = _found(t.reply, "jitBillNumber", t.bill.number)
    if row is None or not row.get("pmtInstId"):
        return AGAIN
    if (paise(row["billNetAmount"]), int(row["totalNumberOfBeneficiary"])) != (t.bill.paise, t.bill.persons):
        return _differs(t)
    move(t.actor, t.bill, "approved", payment_id=str(row["pmtInstId"]), payment_on=str(row["payInstDate"]))
    _then(t.bill, "PAG")
    return DONE


def _bill_in_process(t: Taking) -> Outcome:
    """PAG: advice and token; the order to pay is given, so the credits count as with the bank."""
    if t.reply.errors:
        return _said_no(t)
    row = _found(t.reply, "billNo", t.bill.number)
    if row is None or not row.get("tokenNumber"):
        return AGAIN
    listed = row.get("benfList")
    if listed and (sum(paise(one["amount"]) for one in listed), len(listed)) != (
        t.bill.paise,
        t.bill.persons,
    ):
        return _differs(t)
    token, day = str(row["tokenNumber"]), t.profile.day(row["tokenDate"])
    move(
        t.actor,
        t.bill,
        "in_process",
        advice_no=str(row["adviceId"]),
        bill_ref=str(row["onlineBillRefNo"]),
        token_no=token,
        token_on=day,
        fin_year=str(row["finYear"]),
    )
    with connection.cursor() as cursor:
        billing.received(cursor, [(t.bill.version_id, token, day)])
    release(t.actor, t.bill)
    _then(t.bill, "PD")
    return DONE


def _bill_paid(t: Taking) -> Outcome:
    """PD: the voucher, and whom the treasury paid; asked until every credit has an answer."""
    if t.reply.errors:
        return _said_no(t)
    row = _found(t.reply, "billNumber", t.bill.number)
    if row is None or not row.get("voucherNo"):
        return AGAIN
    if not t.bill.voucher_no:
        number, day = str(row["voucherNo"]), t.profile.day(row["voucherDate"])
        move(t.actor, t.bill, "in_process", voucher_no=number, voucher_on=day)
        with connection.cursor() as cursor:
            billing.passed(cursor, [(t.bill.version_id, t.bill.token_no, t.bill.token_on, number, day)])
    return _credits_paid(t, row)


def _bills_failed(t: Taking) -> Outcome:
    """FD: credits of a day's vouchers that came back; the day stays watched."""
    if t.reply.errors:
        return Outcome("again", "said_no", sentence(t.reply))
    failed = [(str(row["billNumber"]), one) for row in t.reply.data for one in row.get("benfDtls") or ()]
    _fail(t, failed)
    return AGAIN


# -- corrections ---------------------------------------------------------------------------------------------------


def _correction_accepted(t: Taking) -> Outcome:
    """COR: the treasury pays the credits again, or refuses the correction, which then comes back like a returned credit."""
    means = meaning(t.profile, t.reply) if t.reply.errors else ""
    if not t.reply.errors or means == "duplicate":
        if not t.reply.errors:
            _row(t.reply, "jitCorBillNo", t.bill.number)
        move(t.actor, t.bill, "sent")
        release(t.actor, t.bill)
        _then(t.bill, "FTPS")
        return Outcome("done", problem=means)
    said = sentence(t.reply)
    if means == "objected":
        correction_refused(t, said)
        return Outcome("done", "objected", said)
    move(t.actor, t.bill, "refused", problem="refused", said=said)
    return Outcome("stuck", "refused", said)


def _correction_paid(t: Taking) -> Outcome:
    """FTPS: whom a correction paid."""
    if t.reply.errors:
        return _said_no(t)
    row = _found(t.reply, "jitCorBillNo", t.bill.number)
    if row is None or not row.get("voucherNo"):
        return AGAIN
    if not t.bill.voucher_no:
        move(
            t.actor,
            t.bill,
            "in_process",
            bill_ref=str(row["billRefNo"]),
            token_no=str(row["tokenNumber"]),
            token_on=t.profile.day(row["tokenDate"]),
            voucher_no=str(row["voucherNo"]),
            voucher_on=t.profile.day(row["voucherDate"]),
        )
        _then(t.bill, "FTFPS")
    return _credits_paid(t, row)


def _correction_failed(t: Taking) -> Outcome:
    """FTFPS: credits of a correction that came back again; asked until the correction is closed."""
    if t.reply.errors:
        return Outcome("again", "said_no", sentence(t.reply))
    failed = [(str(row["jitCorBillNo"]), one) for row in t.reply.data for one in row.get("benfDtls") or ()]
    _fail(t, failed)
    return AGAIN


_TAKE: Mapping[str, Callable[[Taking], Outcome]] = {
    "PI": _bill_accepted,
    "PIS": _bill_approved,
    "PAG": _bill_in_process,
    "PD": _bill_paid,
    "FD": _bills_failed,
    "COR": _correction_accepted,
    "FTPS": _correction_paid,
    "FTFPS": _correction_failed,
}


# -- what several of them do ---------------------------------------------------------------------------------------


def move(actor: Actor, bill: TreasuryBill, state: str, **values: Any) -> None:
    """Bring a bill to a state, with an audit event; the same state again changes what is given with it."""
    old = bill.state
    values = {"problem": "", "said": ""} | values
    for name, value in values.items():
        setattr(bill, name, value)
    if state != old:
        bill.state, bill.since_at = state, timezone.now()
    bill.save(update_fields=["state", "since_at", *values])
    told = {name: value for name, value in values.items() if value not in ("", None)}
    record(
        actor,
        "treasury.exchange",
        "treasury_bill",
        str(bill.key),
        old={"state": old},
        new={"state": state} | {name: str(value) for name, value in told.items()},
    )


def object_to(actor: Actor, bill: TreasuryBill, said: str) -> None:
    """The treasury gives a bill back: its version ends with the treasury's words, its credits wait for the next version."""
    billing.objected(actor, bill.version.key, said, over_the_line=True)
    move(actor, bill, "objected", problem="objected", said=said)
    with connection.cursor() as cursor:
        queueing.free(cursor, actor, [bill.pk])


def correction_refused(t: Taking, said: str) -> None:
    """The treasury does not take a correction: its credits come back like any other that failed, each with its own reason."""
    release(t.actor, t.bill)
    _refuse_credits(t)
    move(t.actor, t.bill, "objected", problem="objected", said=said)


def release(actor: Actor, bill: TreasuryBill) -> None:
    """The order to pay is given: the lists that claim the bill's credits are released and sent, the ledger has them in transit."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE payments_file SET state = 'released', released_at = %s, released_by = %s WHERE state = 'made' AND id IN"
            " (SELECT i.file_id FROM payments_treasury_credit c JOIN payments_file_item i ON i.instruction_id = c.instruction_id"
            " AND i.alive WHERE c.bill_id = %s) RETURNING id",
            [timezone.now(), bill.version.submitted_by, bill.pk],
        )
        lists = [pk for (pk,) in cursor.fetchall()]
        for pk in lists:
            entries.post_instructed(cursor, pk)
        cursor.execute(
            "UPDATE payments_file SET state = 'sent', sent_at = %s WHERE id = ANY(%s)",
            [timezone.now(), lists],
        )


def _then(bill: TreasuryBill, service: str) -> None:
    with connection.cursor() as cursor:
        queueing.ask(cursor, service, [bill.pk])


def _said_no(t: Taking) -> Outcome:
    """A refusal while we only ask how far a bill is: given back, or said for the person who looks; asked again."""
    said = sentence(t.reply)
    if meaning(t.profile, t.reply) == "objected" and t.bill.kind == "bill":
        object_to(t.actor, t.bill, said)
        return Outcome("done", "objected", said)
    return Outcome("again", "said_no", said)


def _differs(t: Taking) -> Outcome:
    move(t.actor, t.bill, t.bill.state, problem="differs")
    return Outcome("stuck", "differs")


def _credits_paid(t: Taking, row: Row) -> Outcome:
    said = [
        {
            "credit_id": str(one["benefId"]),
            "utr": str(one.get("utrNo") or ""),
            "answered_on": (t.profile.day(one["utrDate"]) if one.get("utrDate") else t.bill.voucher_on),
        }
        for one in row.get("benfDtls") or ()
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            _SAID
            + ", changed AS (UPDATE payments_treasury_credit c SET state = 'paid', utr = s.utr, answered_on = s.answered_on"
            " FROM said s WHERE c.bill_id = %(bill)s AND c.credit_id = s.credit_id AND c.state = 'pending'"
            " RETURNING c.instruction_id) SELECT coalesce(array_agg(instruction_id), '{}') FROM changed",
            {"said": _json(said), "bill": t.bill.pk},
        )
        (touched,) = cursor.fetchone()
        cursor.execute(
            _SAID + " SELECT s.credit_id, s.utr, s.answered_on FROM said s WHERE NOT EXISTS"
            " (SELECT FROM payments_treasury_credit c WHERE c.bill_id = %(bill)s AND c.credit_id = s.credit_id)",
            {"said": _json(said), "bill": t.bill.pk},
        )
        strangers = [
            Answer(0, credit_id, "credited", value_on=on, utr=utr) for credit_id, utr, on in cursor.fetchall()
        ]
    _answer(t, touched, strangers)
    return DONE if _settled(t.actor, t.bill) else AGAIN


def _fail(t: Taking, failed: Sequence[tuple[str, Row]]) -> None:
    """Take in credits that failed, each with the number of its bill; what we do not know is set aside."""
    said = [
        {
            "number": number,
            "credit_id": str(one["benefId"]),
            "utr": str(one.get("utrNo") or ""),
            "answered_on": (
                t.profile.day(one["challanDate"]) if one.get("challanDate") else timezone.localdate()
            ),
            "reason_code": t.profile.reason_code(str(one.get("failedReason") or "")),
            "reason_said": _NUMBER.sub("…", str(one.get("failedReason") or "").strip())[:300],
            "challan_no": str(one.get("challanNumber") or ""),
        }
        for number, one in failed
    ]
    if not said:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _SAID
            + ", changed AS (UPDATE payments_treasury_credit c SET state = 'failed', answered_on = s.answered_on,"
            " reason_code = s.reason_code, reason_said = s.reason_said, challan_no = s.challan_no,"
            " utr = CASE WHEN s.utr = '' THEN c.utr ELSE s.utr END"
            " FROM said s JOIN payments_treasury_bill b ON b.number = s.number"
            " WHERE c.bill_id = b.id AND c.credit_id = s.credit_id AND c.state <> 'failed'"
            " AND b.state IN ('sent', 'in_process', 'paid', 'closed')"
            " RETURNING c.instruction_id, c.bill_id)"
            " SELECT coalesce(array_agg(instruction_id), '{}'), coalesce(array_agg(DISTINCT bill_id), '{}') FROM changed",
            {"said": _json(said)},
        )
        touched, bills = cursor.fetchone()
        cursor.execute(
            _SAID + " SELECT s.credit_id, s.reason_code, s.utr, s.answered_on FROM said s WHERE NOT EXISTS"
            " (SELECT FROM payments_treasury_credit c JOIN payments_treasury_bill b ON b.id = c.bill_id"
            " WHERE b.number = s.number AND c.credit_id = s.credit_id)",
            {"said": _json(said)},
        )
        strangers = [
            Answer(0, credit_id, "returned", code, value_on=on, utr=utr)
            for credit_id, code, utr, on in cursor.fetchall()
        ]
    _answer(t, touched, strangers)
    for bill in TreasuryBill.objects.filter(pk__in=bills, state="in_process"):
        _settled(t.actor, bill)


def _refuse_credits(t: Taking) -> None:
    """The credits of a refused correction come back: those that the treasury names for its reason, the others to be tried again."""
    named = [(one.text, t.profile.reason_code(one.text)) for one in t.reply.errors]
    with connection.cursor() as cursor:
        cursor.execute("SELECT credit_id FROM payments_treasury_credit WHERE bill_id = %s", [t.bill.pk])
        said = [
            {
                "credit_id": credit_id,
                "reason_code": next((code for text, code in named if credit_id in text), RETRY),
            }
            for (credit_id,) in cursor.fetchall()
        ]
        cursor.execute(
            _SAID
            + ", changed AS (UPDATE payments_treasury_credit c SET state = 'failed', reason_code = s.reason_code,"
            " reason_said = %(words)s, answered_on = %(today)s FROM said s"
            " WHERE c.bill_id = %(bill)s AND c.credit_id = s.credit_id AND c.state = 'pending' RETURNING c.instruction_id)"
            " SELECT coalesce(array_agg(instruction_id), '{}') FROM changed",
            {
                "said": _json(said),
                "bill": t.bill.pk,
                "words": sentence(t.reply)[:300],
                "today": timezone.localdate(),
            },
        )
        (touched,) = cursor.fetchone()
    _answer(t, touched, [])


_SAID = (
    "WITH said AS (SELECT * FROM jsonb_to_recordset(%(said)s::jsonb) AS s(number text, credit_id text, utr text,"
    " answered_on date, reason_code text, reason_said text, challan_no text))"
)


def _settled(actor: Actor, bill: TreasuryBill) -> bool:
    """Whether every credit of a bill has its answer; the bill is paid then."""
    if bill.credits.filter(state="pending").exists():
        return False
    if bill.state == "in_process" and bill.voucher_no:
        move(actor, bill, "paid")
    return True


_WHOLE = """
    SELECT i.reference, i.paise, count(*) FILTER (WHERE c.state = 'pending'), sum(c.paise)::bigint,
        coalesce(sum(c.paise) FILTER (WHERE c.state = 'failed'), 0)::bigint, max(c.answered_on),
        coalesce(string_agg(DISTINCT nullif(c.utr, ''), '/'), ''),
        coalesce((array_agg(c.reason_code ORDER BY c.answered_on DESC) FILTER (WHERE c.state = 'failed'))[1], '')
    FROM payments_treasury_credit c
    JOIN payments_treasury_bill t ON t.id = c.bill_id AND (t.state <> ALL(%(dead)s) OR (t.kind = 'correction' AND t.state <> 'ended'))
    JOIN payments_instruction i ON i.id = c.instruction_id
    WHERE c.instruction_id = ANY(%(touched)s)
    GROUP BY i.id
    ORDER BY i.reference
"""


def _answer(t: Taking, touched: Sequence[int], strangers: Iterable[Answer]) -> None:
    """Give what became known of whole credits to the file of answers.

    A credit that stands on several bills is answered when all of its parts are; where only a part came back, the line names
    that part's sum and is set aside for a person.
    """
    lines: list[Answer] = []
    with connection.cursor() as cursor:
        cursor.execute(_WHOLE, {"touched": list(touched), "dead": list(DEAD)})
        for reference, whole, pending, known, failed, on, utr, code in cursor.fetchall():
            if pending or known < whole:
                continue
            outcome, paise = ("returned", failed) if failed else ("credited", whole)
            lines.append(Answer(0, reference, outcome, code if failed else "00", paise, on, utr))
    lines += strangers
    if lines:
        numbered = [
            Answer(number, a.reference, a.outcome, a.reason_code, a.paise, a.value_on, a.utr)
            for number, a in enumerate(lines, start=1)
        ]
        about = t.bill.number if t.message.bill_id else t.message.about
        content = f"{t.message.key} {t.reply.digest}".encode()
        apply_answers(
            t.actor,
            CARRIER,
            REASONS,
            f"{t.message.service} {about}",
            hashlib.sha256(content).hexdigest(),
            numbered,
        )


def _found(reply: Reply, name: str, number: str) -> Row | None:
    """The row about our bill; None while the treasury has none."""
    return next((row for row in reply.data if str(row.get(name)) == number), None)


def _row(reply: Reply, name: str, number: str) -> Row:
    """The row about our bill, which must be there."""
    row = _found(reply, name, number)
    if row is None or str(row.get("successCode")) != "0":
        raise ValueError("the answer says nothing about the bill that was sent")
    return row


def paise(text: object) -> int:
    """Rupees as the treasury writes them, in whole paise; raises ValueError for parts of a paisa."""
    paise = Decimal(str(text).replace(",", "")) * 100
    if paise != int(paise):
        raise ValueError("an amount with parts of a paisa")
    return int(paise)


def _json(rows: Sequence[Mapping[str, object]]) -> str:
    return json.dumps(
        rows, default=lambda value: value.isoformat() if isinstance(value, date) else str(value)
    )
