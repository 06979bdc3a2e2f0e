"""Over-payments that later dues cannot bring back: recalled from the bank after a death, or written off with authority.

What is over-paid is found by the month's run and kept back from later dues, within the law's share. Whoever died has none. The bank
is asked to give back what was credited after the death; what it gives back settles the over-payment (`Settlement`), and so does
what an authority gives up. What is settled is kept back from nobody any more (``payments.queries.export_outstanding``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar
from uuid import UUID

from django.db import IntegrityError, connection
from django.utils import timezone

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting, require, require_area
from haqdar.access.many import record_many
from haqdar.access.queries import path_of_area
from haqdar.base.paging import Paged
from haqdar.base.refusal import Refusal
from haqdar.base.sql import statement
from haqdar.payments import entries
from haqdar.payments.models import Due, MonthClosing, Recall, Settlement, WriteOff
from haqdar.payments.queries import COUNTED

PACKAGE = "haqdar.payments"
PAGE = 100
LEAST_REASON = 10
"""Characters of a reason."""


class NothingToRecall(Refusal):
    """Nobody of the area has anything that a bank could give back."""

    code = "nothing_to_recall"
    en = "There is nothing to ask a bank for: no credit after a death is open that was not asked for yet."
    hi = "बैंक से माँगने को कुछ नहीं है: मृत्यु के बाद गया ऐसा कोई भुगतान नहीं जो माँगा न गया हो।"


class NoSuchRecovery(Refusal):
    """No over-payment, recall or proposal has this key."""

    code = "no_such_recovery"
    en = "This over-payment is settled or does not exist. Open the list again."
    hi = "यह ज़्यादा भुगतान निपट चुका है या है ही नहीं। सूची फिर से खोलें।"


class AlreadyAnswered(Refusal):
    """The bank's answer stands, or the proposal is decided."""

    code = "already_answered"
    en = "This was settled already on {day}; nothing was changed."
    hi = "यह {day} को पहले ही निपट चुका है; कुछ नहीं बदला।"


class NotThatMuch(Refusal):
    """A sum outside what is asked."""

    code = "not_that_much"
    en = "Enter an amount from ₹0 to ₹{most}: more was not asked for."
    hi = "₹0 से ₹{most} तक की राशि लिखें: इससे ज़्यादा माँगा नहीं गया था।"


class AlreadyProposed(Refusal):
    """One proposal at a time."""

    code = "already_proposed"
    en = "A write-off of this over-payment is proposed already and waits for a decision."
    hi = "इसे बट्टे खाते में डालने का प्रस्ताव पहले से है और निर्णय बाक़ी है।"


class SayWhy(Refusal):
    """No reason, or no order."""

    code = "say_why"
    en = "Write the reason in at least {least} characters, and the order that allows it when you approve."
    hi = "कारण कम से कम {least} अक्षरों में लिखें, और मंज़ूर करते समय वह आदेश जो इसकी अनुमति देता है।"


class SamePersonDecides(Refusal):
    """Who proposed does not decide."""

    code = "same_person_decides"
    en = "You proposed this write-off yourself; another person must decide it."
    hi = "यह प्रस्ताव आपने ही रखा है; निर्णय कोई दूसरा व्यक्ति करे।"


class FoundInAnOpenMonth(Refusal):
    """What an open month found is not in the ledger yet."""

    code = "found_in_an_open_month"
    en = "The month that found this over-payment is not closed yet; its next run may find otherwise. Settle it once it is closed."
    hi = "जिस महीने में यह ज़्यादा भुगतान मिला वह अभी बंद नहीं हुआ; अगली गणना में यह बदल सकता है। महीना बंद होने पर निपटाएँ।"


class SamePersonAnswers(Refusal):
    """Who asked the bank does not say what it gave back."""

    code = "same_person_answers"
    en = "You asked the bank for this yourself; another person must enter its answer, with the bank's statement at hand."
    hi = "यह पैसा बैंक से आपने ही माँगा है; उत्तर कोई दूसरा व्यक्ति बैंक का विवरण देखकर दर्ज करे।"


@dataclass(frozen=True)
class Outstanding:
    """One over-payment with something left of it; paise. `recall` and `write_off` are the keys of what is under way."""

    recovery_id: int
    member_id: int
    resident_key: UUID | None
    scheme: str
    for_month: date
    area_code: str | None
    paise: int
    kept_paise: int
    settled_paise: int
    rest_paise: int
    died_on: date | None
    recallable: bool
    recall: UUID | None
    asked_at: Any
    answered_at: Any
    write_off: UUID | None
    proposed_paise: int | None


@dataclass(frozen=True)
class OutstandingPage(Paged):
    """A page of over-payments and their sums; `to_ask` and `to_ask_paise` are what banks could still be asked for."""

    PAGE: ClassVar[int] = PAGE

    rows: list[Outstanding]
    total: int
    page: int
    rest_paise: int
    dead: int
    to_ask: int
    to_ask_paise: int


_SCOPED = """
    SELECT o.id, o.member_id, s.key AS resident_key, o.scheme, o.for_month, o.area_code, o.paise, o.kept_paise,
        o.settled_paise, o.rest_paise, o.died_on, o.reference IS NOT NULL AND o.died_on < o.for_month AND o.stands AS recallable,
        q.key AS recall, q.asked_at, q.answered_at, w.key AS write_off, w.paise AS proposed_paise, o.ifsc, o.account_last4,
        o.reference
    FROM ({outstanding}) o
    LEFT JOIN access_area a ON a.area_code = o.area_code
    LEFT JOIN registry_resident s ON s.member_id = o.member_id
    LEFT JOIN payments_recall q ON q.recovery_id = o.id
    LEFT JOIN payments_write_off w ON w.recovery_id = o.id AND w.state = 'proposed'
    WHERE (a.path LIKE ANY(%(paths)s) OR a.path IS NULL AND %(whole)s)
"""


def _scoped() -> str:
    return _SCOPED.format(outstanding=statement(PACKAGE, "outstanding_now"))


def _place(actor: Actor) -> dict[str, Any]:
    return {"paths": actor.path_patterns(), "whole": actor.area_paths is None}


def outstanding(actor: Actor, only_dead: bool = False, page: int = 1) -> OutstandingPage:
    """What is outstanding in the actor's area, the dead first, the largest first. Needs `return.view`."""
    actor = require(actor, "return.view")
    values = {**_place(actor), "dead": only_dead, "most": PAGE, "after": (page - 1) * PAGE}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE died_on IS NOT NULL OR NOT %(dead)s), coalesce(sum(rest_paise), 0)::bigint,"
            " count(*) FILTER (WHERE died_on IS NOT NULL),"
            " count(*) FILTER (WHERE recallable AND asked_at IS NULL),"
            " coalesce(sum(rest_paise) FILTER (WHERE recallable AND asked_at IS NULL), 0)::bigint"
            f" FROM ({_scoped()}) o",
            values,
        )
        total, rest, dead, to_ask, to_ask_paise = cursor.fetchone()
        cursor.execute(
            f"SELECT * FROM ({_scoped()}) o WHERE died_on IS NOT NULL OR NOT %(dead)s"
            " ORDER BY died_on IS NULL, rest_paise DESC, id LIMIT %(most)s OFFSET %(after)s",
            values,
        )
        rows = [Outstanding(*row[:17]) for row in cursor.fetchall()]
    return OutstandingPage(rows, total, page, rest, dead, to_ask, to_ask_paise)


def ask_banks(actor: Actor) -> int:
    """Ask for everything in the actor's area that was credited after a death and not asked for yet; returns how many.

    The list that goes to each bank is `recall_rows`. Needs `recall.ask`. Raises `NothingToRecall`.
    """
    actor = require(actor, "recall.ask")
    with acting(actor, "recall.ask"), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO payments_recall (recovery_id, resident_key, bank, account_last4, reference, died_on, paise, asked_at,"
            " asked_by, answered_by, answer_note)"
            " SELECT id, resident_key, left(ifsc, 4), coalesce(account_last4, ''), reference, died_on, rest_paise, %(now)s,"
            f" %(by)s, '', '' FROM ({_scoped()}) o WHERE recallable AND recall IS NULL"
            " ON CONFLICT DO NOTHING RETURNING key, paise",
            {**_place(actor), "now": timezone.now(), "by": actor.name},
        )
        asked = cursor.fetchall()
        if not asked:
            raise NothingToRecall()
        record_many(
            actor, "recall.ask", "recall", [(str(key), None, {"paise": paise}) for key, paise in asked]
        )
    return len(asked)


RECALL_HEADER = ("bank", "account_last4", "reference", "died_on", "amount_paise", "asked_on")


def recall_rows(actor: Actor, bank: str = "") -> list[tuple[Any, ...]]:
    """The unanswered requests of the actor's area, by bank, in the columns of `RECALL_HEADER`. Needs `recall.ask`."""
    actor = require(actor, "recall.ask")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT q.bank, q.account_last4, q.reference, q.died_on, q.paise, q.asked_at::date FROM payments_recall q"
            " JOIN payments_due d ON d.id = q.recovery_id JOIN cases_month_run r ON r.id = d.run_id"
            " LEFT JOIN access_area a ON a.area_code = d.area_code"
            f" WHERE q.answered_at IS NULL AND {COUNTED} AND (%(bank)s = '' OR q.bank = %(bank)s)"
            " AND (a.path LIKE ANY(%(paths)s) OR a.path IS NULL AND %(whole)s) ORDER BY q.bank, q.reference",
            {**_place(actor), "bank": bank},
        )
        return list(cursor.fetchall())


def answer_recall(actor: Actor, key: UUID, paise: int, note: str = "") -> Recall:
    """Enter what the bank gave back of what was asked; the rest stays outstanding. Never by who asked.

    Needs `recall.ask` at the payee's place. Raises `NoSuchRecovery`, `AlreadyAnswered`, `SamePersonAnswers`, `NotThatMuch`.
    """
    actor = require(actor, "recall.ask")
    with acting(actor, "recall.ask"):
        found = Recall.objects.select_for_update().select_related("recovery").filter(key=key).first()
        if found is None:
            raise NoSuchRecovery()
        require_area(actor, path_of_area(found.recovery.area_code))
        if found.answered_at is not None:
            raise AlreadyAnswered(day=timezone.localdate(found.answered_at))
        if found.asked_by == actor.name:
            raise SamePersonAnswers()
        most = min(found.paise, _rest(found.recovery))
        if not 0 <= paise <= most:
            raise NotThatMuch(most=most // 100)
        found.answered_at, found.answered_by = timezone.now(), actor.name
        found.given_back_paise, found.answer_note = paise, note.strip()[:500]
        found.save(update_fields=["answered_at", "answered_by", "given_back_paise", "answer_note"])
        if paise:
            _settle(actor, found.recovery, Settlement.Kind.RECALLED, paise, note=note)
        record(actor, "recall.answer", "recall", str(key), new={"given_back_paise": paise})
    return found


def recall_of_key(actor: Actor, key: UUID) -> Recall:
    """A request to a bank, of the actor's area. Needs `recall.ask`. Raises `NoSuchRecovery`."""
    actor = require(actor, "recall.ask")
    found = Recall.objects.select_related("recovery").filter(key=key).first()
    if found is None:
        raise NoSuchRecovery()
    require_area(actor, path_of_area(found.recovery.area_code))
    return found


def write_off_of_key(actor: Actor, key: UUID) -> WriteOff:
    """A proposed write-off of the actor's area. Needs `writeoff.approve`. Raises `NoSuchRecovery`."""
    actor = require(actor, "writeoff.approve")
    found = WriteOff.objects.select_related("recovery").filter(key=key).first()
    if found is None:
        raise NoSuchRecovery()
    require_area(actor, path_of_area(found.recovery.area_code))
    return found


def rest_of(actor: Actor, recovery_id: int) -> int:
    """What is outstanding of one over-payment of the actor's area, in paise. Needs `writeoff.propose`. Raises `NoSuchRecovery`."""
    actor = require(actor, "writeoff.propose")
    found = Due.objects.filter(pk=recovery_id, kind=Due.Kind.RECOVERY).first()
    if found is None:
        raise NoSuchRecovery()
    require_area(actor, path_of_area(found.area_code))
    return _outstanding_of(recovery_id)


def paise_of(text: str) -> int:
    """Paise of an amount in rupees as it is typed ("250", "1,250.50"); -1 where it is none.

    >>> paise_of("₹ 1,250.50"), paise_of("7"), paise_of("x")
    (125050, 700, -1)
    """
    plain = text.replace("₹", "").replace(",", "").strip()
    try:
        value = Decimal(plain) * 100
    except InvalidOperation:
        return -1
    return int(value) if value.is_finite() and value == value.to_integral_value() and value >= 0 else -1


def propose_write_off(actor: Actor, recovery_id: int, reason: str) -> WriteOff:
    """Propose to give up what is outstanding of an over-payment. Needs `writeoff.propose` at the payee's place.

    Raises `NoSuchRecovery`, `SayWhy`, `AlreadyProposed`.
    """
    actor = require(actor, "writeoff.propose")
    if len(reason.strip()) < LEAST_REASON:
        raise SayWhy(least=LEAST_REASON)
    with acting(actor, "writeoff.propose"):
        recovery = _locked(recovery_id)
        require_area(actor, path_of_area(recovery.area_code))
        rest = _rest(recovery)
        if rest <= 0:
            raise NoSuchRecovery()
        _must_stand(recovery)
        try:
            proposed = WriteOff.objects.create(
                recovery=recovery,
                resident_key=_key(recovery.member_id),
                paise=rest,
                reason=reason.strip()[:1000],
                proposed_at=timezone.now(),
                proposed_by=actor.name,
            )
        except IntegrityError as error:
            raise AlreadyProposed() from error
        proposed.refresh_from_db(fields=["key"])
        record(actor, "writeoff.propose", "write_off", str(proposed.key), new={"paise": rest})
    return proposed


def decide_write_off(actor: Actor, key: UUID, approve: bool, authority: str, note: str = "") -> WriteOff:
    """Approve (by the order `authority`) or refuse a proposed write-off; never by who proposed it.

    What was recovered meanwhile is not given up. Needs `writeoff.approve`. Raises `NoSuchRecovery`, `AlreadyAnswered`,
    `SamePersonDecides`, `SayWhy`.
    """
    actor = require(actor, "writeoff.approve")
    if approve and len(authority.strip()) < LEAST_REASON:
        raise SayWhy(least=LEAST_REASON)
    with acting(actor, "writeoff.approve"):
        found = WriteOff.objects.select_for_update().select_related("recovery").filter(key=key).first()
        if found is None:
            raise NoSuchRecovery()
        require_area(actor, path_of_area(found.recovery.area_code))
        if found.state != WriteOff.State.PROPOSED:
            raise AlreadyAnswered(day=timezone.localdate(found.decided_at or found.proposed_at))
        if found.proposed_by == actor.name:
            raise SamePersonDecides()
        found.state = WriteOff.State.APPROVED if approve else WriteOff.State.REFUSED
        found.authority = authority.strip()[:300] if approve else ""
        found.decided_at, found.decided_by, found.decision_note = (
            timezone.now(),
            actor.name,
            note.strip()[:1000],
        )
        found.save(update_fields=["state", "authority", "decided_at", "decided_by", "decision_note"])
        given_up = min(found.paise, _rest(found.recovery)) if approve else 0
        if given_up > 0:
            _settle(actor, found.recovery, Settlement.Kind.WRITTEN_OFF, given_up, found.authority, note)
        record(
            actor, "writeoff.approve", "write_off", str(key), new={"state": found.state, "paise": given_up}
        )
    return found


def _settle(
    actor: Actor, recovery: Due, kind: Settlement.Kind, paise: int, authority: str = "", note: str = ""
) -> None:
    _must_stand(recovery)
    settled = Settlement.objects.create(
        recovery=recovery,
        kind=kind,
        paise=paise,
        authority=authority,
        note=note.strip()[:500],
        made_at=timezone.now(),
        made_by=actor.name,
    )
    with connection.cursor() as cursor:
        entries.post_settlement(cursor, settled.pk)


def _must_stand(recovery: Due) -> None:
    if not MonthClosing.objects.filter(run_id=recovery.run_id).exists():
        raise FoundInAnOpenMonth()


def _locked(recovery_id: int) -> Due:
    found = Due.objects.select_for_update().filter(pk=recovery_id, kind=Due.Kind.RECOVERY).first()
    if found is None:
        raise NoSuchRecovery()
    return found


def _rest(recovery: Due) -> int:
    """What is outstanding of one over-payment, with its row locked, so that nobody settles beside."""
    Due.objects.select_for_update().get(pk=recovery.pk)
    return _outstanding_of(recovery.pk)


def _outstanding_of(recovery_id: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT rest_paise FROM ({statement(PACKAGE, 'outstanding_now')}) o WHERE id = %s", [recovery_id]
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _key(member_id: int) -> UUID | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM registry_resident WHERE member_id = %s", [member_id])
        row = cursor.fetchone()
    return row[0] if row else None
