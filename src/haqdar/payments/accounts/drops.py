"""Trying an account with one rupee before its first payment (a penny drop): whether it takes money, and whose it is.

A file of such rupees is made by one person and released by another like every payment file, handed over and answered like one. It is
nobody's due: it stands on no bill, in no passbook and in no entry of the ledger of people; its file's totals and its answers say what it
costs (docs/decisions/0015). Whose name the bank gives is compared with the register by the rule for payments.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting, require, require_area
from haqdar.base.month import Month
from haqdar.base.sql import statement
from haqdar.law.payments import payment_rules
from haqdar.payments import holds
from haqdar.payments.closing import closing_of
from haqdar.payments.instructing import reference_key
from haqdar.payments.ledger import PACKAGE
from haqdar.payments.models import Hold, MonthClosing, PaymentFile
from haqdar.payments.rails import files, keeping
from haqdar.payments.rails.profiles import FileFacts, NoSuchProfile, profile, validating
from haqdar.payments.rails.writing import DROP_LINE, in_batches
from haqdar.payments.responses.profiles import profiles
from haqdar.payments.returned_for import reason, reasons_on

HELD = ("beneficiary", "correct", "switch_rail")
"""Actions that follow from a reason for which the first payment would come back, too."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The accounts of a month that could be tried now, and what the rupees are together."""

    month: Month
    accounts: int
    paise: int
    files: int


@dataclass(frozen=True, slots=True)
class Tried:
    """How the accounts that were tried stand; `paise` went out, `back_paise` of it came back: the rest is what it has cost."""

    waiting: int
    validated: int
    failed: int
    again: int
    paise: int
    back_paise: int

    @property
    def any(self) -> bool:
        """Whether any account was tried at all."""
        return bool(self.waiting or self.validated or self.failed or self.again)

    @property
    def cost_paise(self) -> int:
        """What was sent and has not come back."""
        return self.paise - self.back_paise


def _values(month: Month) -> dict[str, Any]:
    closing = closing_of(month.first_day)
    if closing is None:
        raise files.MonthOpen(month=month)
    return {
        "run": closing.run_id,
        "month": month.first_day,
        "key": reference_key(settings.HAQDAR_SECRET),
    }


def wanted(actor: Actor, month: Month) -> Wanted:
    """What `make` would do now. Needs `bankfile.make`. Raises `MonthOpen`."""
    require_area(require(actor, "bankfile.make"), None)
    arrangement = files.rules()
    values = _values(month)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS drop_wanted")
        cursor.execute(statement(PACKAGE, "drop_wanted"), values)
        cursor.execute("SELECT count(*) FROM drop_wanted")
        (accounts,) = cursor.fetchone()
        cursor.execute("DROP TABLE drop_wanted")
    return Wanted(
        month, accounts, accounts * arrangement.account_drop.paise, -(-accounts // arrangement.items_per_file)
    )


def latest_month() -> Month | None:
    """The latest closed month, whose accounts are the ones to try; None before the first."""
    latest = MonthClosing.objects.order_by("-month").first()
    return Month.of(latest.month) if latest else None


def make(actor: Actor, month: Month) -> list[PaymentFile]:
    """Put one rupee (or the law's amount) for every account of a closed month that nobody has tried into files; none where there are none.

    Needs `bankfile.make`; another person releases them. Raises `MonthOpen`, ``NoSuchProfile``, ``DoesNotFit``, ``UnusableCredit``.
    """
    actor = require(actor, "bankfile.make")
    require_area(actor, None)
    arrangement = files.rules()
    if arrangement.account_drop.profile not in validating():
        raise NoSuchProfile(profile=arrangement.account_drop.profile, known=", ".join(validating()))
    chosen = profile(arrangement.account_drop.profile)
    paise, size = arrangement.account_drop.paise, arrangement.items_per_file
    values = _values(month)
    # a person releases it first, and the bank wants a day that is still to come
    settlement = timezone.localdate() + timedelta(days=1)
    version = chosen.version_on(settlement)
    made: list[PaymentFile] = []
    written: list[tuple[Month, str]] = []
    with acting(actor, "bankfile.make"), connection.cursor() as cursor:
        # one maker at a time, of whichever files of the month
        cursor.execute("SELECT FROM payments_month_closing WHERE run_id = %s FOR UPDATE", [values["run"]])
        cursor.execute("DROP TABLE IF EXISTS drop_wanted")
        cursor.execute(statement(PACKAGE, "drop_wanted"), values)
        cursor.execute("CREATE UNIQUE INDEX ON drop_wanted (place)")
        cursor.execute("SELECT count(*) FROM drop_wanted")
        (accounts,) = cursor.fetchone()
        sequence = files.last_sequence(cursor, chosen, month, settlement)
        made_at = timezone.now()
        try:
            for after in range(0, accounts, size):
                items = min(size, accounts - after)
                sequence += 1
                facts = FileFacts(
                    arrangement.originator, month, settlement, sequence, items, items * paise, paise, made_at
                )
                lines = in_batches(_LINES, [paise, after, after + size])
                made.append(files.keep(actor, chosen, version, facts, lines, written))
                cursor.execute(_ITEMS, [made[-1].pk, after, paise, after, after + size])
        except BaseException:
            for each, name in written:
                keeping.forget(each, name)
            raise
        cursor.execute("DROP TABLE drop_wanted")
        for file in made:
            record(
                actor,
                "bankfile.make",
                "payment_file",
                str(file.key),
                new={"name": file.name, "accounts": file.items, "paise": file.paise, "sha256": file.sha256},
            )
    return made


_LINES = f"""
    SELECT {DROP_LINE} FROM (SELECT *, %s::bigint AS paise FROM drop_wanted WHERE place > %s AND place <= %s) f
    JOIN payments_instruction i ON i.id = f.instruction_id ORDER BY f.place"""
_ITEMS = """
    INSERT INTO payments_account_drop (file_id, account_check_id, instruction_id, line_no, reference, paise)
    SELECT %s, account_check_id, instruction_id, place - %s, reference, %s FROM drop_wanted WHERE place > %s AND place <= %s
    ORDER BY place"""


# -- answers -------------------------------------------------------------------------------------------------------


def take_answers(cursor: Any, actor: Actor, file_id: int, reasons: str) -> int:
    """Write down what a file of answers says of accounts that were tried; returns how many it says something new of.

    In the transaction that applies the file. By the law's `account_drop` the payments to an account that does not take the rupee are
    held: they stay owed, and the person is told. Of somebody whom the bank reports dead everything is held and nobody is told.
    """
    table = reasons_on(reasons, None)
    cursor.execute(
        "SELECT DISTINCT reason_code FROM payments_response_line WHERE file_id = %s AND drop_id IS NOT NULL AND outcome = 'returned'",
        [file_id],
    )
    action = {code: table.of(code).action for (code,) in cursor.fetchall()}
    again = [code for code, one in action.items() if one == "retry"]
    cursor.execute(statement(PACKAGE, "drop_answered"), {"file": file_id, "again": again})
    rows = cursor.fetchall()
    failed = [(pk, action[code]) for pk, outcome, code in rows if outcome == "returned"]
    dead = [pk for pk, one in failed if one == "death"]
    if dead:
        cursor.execute(
            _HOLD_DEAD,
            {
                "drops": dead,
                "review_days": payment_rules(Path(settings.HAQDAR_LAW)).hold_review_days,
            },
        )
    if files.rules().account_drop.failed == "holds":
        _hold(cursor, actor, [pk for pk, one in failed if one in HELD])
    return len(rows)


_AFFECTED = """
    FROM payments_account_drop d
    JOIN payments_instruction t ON t.id = d.instruction_id
    JOIN payments_instruction i ON i.run_id = t.run_id AND i.member_id = t.member_id AND i.state = 'written'
        AND i.ifsc = t.ifsc AND i.account_last4 = t.account_last4
    LEFT JOIN registry_resident r ON r.member_id = i.member_id
    WHERE d.id = ANY(%(drops)s) AND NOT EXISTS (
        SELECT FROM payments_hold h WHERE h.member_id = i.member_id AND h.scheme = i.scheme AND h.released_at IS NULL)"""
_HOLD_DEAD = f"""
    INSERT INTO payments_hold (member_id, resident_key, pension_group, scheme, area_code, origin, reason, note, placed_at, placed_by,
        review_on, released_by, release_note)
    SELECT DISTINCT ON (i.member_id, i.scheme) i.member_id, r.key, i.pension_group, i.scheme, i.area_code, 'bank', 'died', '', now(),
        'platform', current_date + %(review_days)s::int, '', ''
    {_AFFECTED}
    ON CONFLICT DO NOTHING"""
_NOTE = (
    "The bank gave back the rupee that tried the account. / खाता जाँचने के लिए भेजा गया एक रुपया बैंक ने लौटा दिया।"
)


def _hold(cursor: Any, actor: Actor, drops: Sequence[int]) -> None:
    cursor.execute(
        "SELECT DISTINCT ON (i.member_id, i.scheme) i.member_id, r.key, i.pension_group, i.scheme, i.area_code"
        f" {_AFFECTED} ORDER BY i.member_id, i.scheme",
        {"drops": list(drops)},
    )
    payees = [holds.Payee(*row) for row in cursor.fetchall()]
    # somebody may hold the same payee in this very moment: held is held
    with suppress(holds.AlreadyHeld), transaction.atomic():
        holds.place(actor, "response.read", Hold.Origin.BANK, [(one, "account", _NOTE) for one in payees])


# -- reads ---------------------------------------------------------------------------------------------------------


def tried(actor: Actor) -> Tried:
    """How all accounts that were tried stand, with their own control total. Needs `bankfile.view`."""
    require_area(require(actor, "bankfile.view"), None)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE d.alive AND d.outcome = ''), count(*) FILTER (WHERE d.outcome = 'credited'),"
            " count(*) FILTER (WHERE d.outcome = 'returned'), count(*) FILTER (WHERE d.outcome = 'again'),"
            " coalesce(sum(d.paise) FILTER (WHERE f.state IN ('released', 'sent')), 0)::bigint,"
            " coalesce(sum(d.paise) FILTER (WHERE d.outcome IN ('returned', 'again')), 0)::bigint"
            " FROM payments_account_drop d JOIN payments_file f ON f.id = d.file_id"
        )
        return Tried(*cursor.fetchone())


@dataclass(frozen=True, slots=True)
class Outcome:
    """One account that was tried. `state`: waiting, validated, failed, again. `finding` of the name: empty where it is alike."""

    member_id: int
    ifsc: str
    account_last4: str
    area_en: str
    file: str
    state: str
    answered_on: date | None
    answers: str
    reason_code: str
    bank_name: str
    our_name: str
    likeness: int | None
    finding: str
    paise: int

    @property
    def reason(self) -> str:
        """Why the bank gave it back, in English words; empty where it did not."""
        if self.state not in ("failed", "again"):
            return ""
        kind = profiles().get(self.answers)
        return reason(kind.reasons if kind else "nach", self.reason_code, self.answered_on).en


_OUTCOMES = """
    SELECT c.member_id, c.ifsc, c.account_last4, coalesce(a.name_en, ''), f.name,
        CASE d.outcome WHEN '' THEN 'waiting' WHEN 'credited' THEN 'validated' WHEN 'returned' THEN 'failed' ELSE 'again' END,
        d.answered_on, coalesce(s.profile, ''), d.reason_code, d.account_name, i.payee_name, n.likeness, coalesce(n.finding, ''), d.paise
    FROM payments_account_drop d
    JOIN payments_file f ON f.id = d.file_id AND f.state <> 'withdrawn'
    JOIN payments_account_check c ON c.id = d.account_check_id
    JOIN payments_instruction i ON i.id = d.instruction_id
    LEFT JOIN LATERAL (SELECT l.id, r.profile FROM payments_response_line l JOIN payments_response_file r ON r.id = l.file_id
        WHERE l.drop_id = d.id AND l.disposition = 'applied' ORDER BY l.id DESC LIMIT 1) s ON true
    LEFT JOIN payments_name_difference n ON n.line_id IN (SELECT id FROM payments_response_line WHERE drop_id = d.id)
    LEFT JOIN access_area a ON a.area_code = c.area_code
    WHERE (a.path LIKE ANY(%(paths)s) OR a.path IS NULL AND %(whole)s)
    ORDER BY d.id"""


def outcomes(actor: Actor) -> Iterator[Outcome]:
    """Every account of the actor's area that was tried, in order; accounts by their last four digits. Needs `return.view`."""
    actor = require(actor, "return.view")
    return _outcomes({"paths": actor.path_patterns(), "whole": actor.area_paths is None})


def _outcomes(values: dict[str, Any]) -> Iterator[Outcome]:
    with connection.cursor() as cursor:
        cursor.execute(_OUTCOMES, values)
        while rows := cursor.fetchmany(1000):
            yield from (Outcome(*row) for row in rows)
