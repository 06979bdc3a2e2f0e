"""What happens to a bill after its submission: the treasury's token and voucher, an objection, cancelling, paid, drawn again.

Whoever puts instructions into a file locks the passed versions first (`SELECT … FROM payments_bill_version … FOR SHARE`): `cancel`
locks a version before it looks whether anything of it is in a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting, platform, require
from haqdar.access.many import record_many
from haqdar.base.month import Month
from haqdar.base.refusal import Refusal
from haqdar.base.sql import statement
from haqdar.payments import budget, entries, returns
from haqdar.payments.bill_reads import asked, closed_run, officer
from haqdar.payments.ledger import PACKAGE
from haqdar.payments.treasury.queueing import LOCK, TOLD_NO

TREASURY = platform("treasury")
"""Who acts where the treasury's own answer moves a bill."""


class NotThere(Refusal):
    """A step does not follow on where the bill stands."""

    code = "bill_not_there"
    en = "Bill {bill} cannot take this step where it stands now. Open it again to see what happened to it."
    hi = "बिल {bill} अभी जहाँ है वहाँ से यह कदम नहीं हो सकता। उसे फिर खोलकर देखें कि क्या हुआ।"


class NoSuchBill(Refusal):
    """The address leads to no bill."""

    code = "no_such_bill"
    en = "There is no such bill. Open it from the list of bills."
    hi = "ऐसा कोई बिल नहीं है। बिलों की सूची से खोलें।"


class NoReason(Refusal):
    """Who stops a bill says why."""

    code = "bill_no_reason"
    en = "Write the reason in a sentence: it stays with the bill and the next version answers it."
    hi = "कारण एक वाक्य में लिखें: वह बिल के साथ रहता है और अगला रूप उसका उत्तर देता है।"


class AlreadyPaying(Refusal):
    """Credits of the bill are in a file for the bank."""

    code = "already_paying"
    en = "{count} credits of bill {bill} are in a payment file already. Withdraw the file if it is not released; after the release wait for the bank's answers."
    hi = "बिल {bill} के {count} भुगतान पहले ही भुगतान फ़ाइल में हैं। फ़ाइल जारी न हुई हो तो उसे वापस लें; जारी होने के बाद बैंक के उत्तर की प्रतीक्षा करें।"


class WithTheTreasury(Refusal):
    """The treasury has the bill over its line, so only its own answer there ends it."""

    code = "with_the_treasury"
    en = "The treasury has bill {bill} on its line and may be paying it already, so an objection cannot be entered by hand. Ask the treasury to give the bill back over the line: then it comes back here by itself."
    hi = "बिल {bill} कोषालय की लाइन पर है और उसका भुगतान शुरू हो चुका हो सकता है, इसलिए आपत्ति हाथ से दर्ज नहीं हो सकती। कोषालय से कहें कि बिल लाइन पर ही लौटाए: तब वह अपने आप यहाँ लौट आएगा।"


class NothingToDraw(Refusal):
    """Nothing that was left out can go out now."""

    code = "nothing_to_draw"
    en = "Nothing that was left out of the bills of {ddo} can go out now. Release the holds or enter the missing accounts first."
    hi = "{ddo} के बिलों से छूटा हुआ कुछ भी अभी नहीं जा सकता। पहले रोक हटाएँ या छूटे हुए खाते दर्ज करें।"


@dataclass(frozen=True, slots=True)
class _Found:
    id: int
    bill_id: int
    state: str
    bill_no: str
    paise: int


def _version(cursor: Any, actor: Actor, key: UUID) -> _Found:
    """The version of a key in the actor's area, locked until the transaction ends."""
    cursor.execute(
        "SELECT v.id, v.bill_id, v.state, b.bill_no, v.paise, b.ddo_code FROM payments_bill_version v"
        " JOIN payments_bill b ON b.id = v.bill_id WHERE v.key = %s FOR UPDATE OF v",
        [key],
    )
    row = cursor.fetchone()
    if row is None:
        raise NoSuchBill()
    officer(actor, row[5])
    return _Found(*row[:5])


# -- the treasury's answers ----------------------------------------------------------------------------------------


def received(cursor: Any, rows: Iterable[tuple[int, str, date]], by: Actor = TREASURY) -> int:
    """Note the treasury's (version id, token number, day) of submitted bills, in the caller's transaction; returns how many were new."""
    given = list(rows)
    if not given:
        return 0
    columns = [list(column) for column in zip(*given, strict=True)]
    cursor.execute(
        "UPDATE payments_bill_version v SET token_no = a.token_no, token_on = a.token_on"
        " FROM unnest(%s::bigint[], %s::text[], %s::date[]) AS a (id, token_no, token_on)"
        " WHERE v.id = a.id AND v.state = 'submitted' AND (v.token_no, v.token_on) IS DISTINCT FROM (a.token_no, a.token_on)"
        " RETURNING v.key, v.token_no",
        columns,
    )
    return record_many(
        by, "bill.answer", "bill", ((str(key), None, {"token": token}) for key, token in cursor.fetchall())
    )


def passed(cursor: Any, rows: Iterable[tuple[int, str, date | None, str, date]], by: Actor = TREASURY) -> int:
    """Note that the treasury passed bills: (version id, token number, its day, voucher number, its day).

    In the caller's transaction; an empty token keeps the one that is known. Rows of bills that are not submitted change nothing,
    so an answer may come twice. Returns how many were passed now.
    """
    given = list(rows)
    if not given:
        return 0
    columns = [list(column) for column in zip(*given, strict=True)]
    cursor.execute(
        "UPDATE payments_bill_version v SET state = 'passed', voucher_no = a.voucher_no, voucher_on = a.voucher_on,"
        " token_no = coalesce(nullif(a.token_no, ''), v.token_no), token_on = coalesce(a.token_on, v.token_on)"
        " FROM unnest(%s::bigint[], %s::text[], %s::date[], %s::text[], %s::date[])"
        " AS a (id, token_no, token_on, voucher_no, voucher_on)"
        " WHERE v.id = a.id AND v.state = 'submitted' AND a.voucher_no <> '' RETURNING v.key, v.voucher_no",
        columns,
    )
    return record_many(
        by,
        "bill.answer",
        "bill",
        (
            (str(key), {"state": "submitted"}, {"state": "passed", "voucher": voucher})
            for key, voucher in cursor.fetchall()
        ),
    )


def answer(
    actor: Actor, ddo_code: str, rows: Iterable[tuple[UUID, str, date | None, str, date | None]]
) -> int:
    """Enter what the treasury said on paper: (key, token number, its day, voucher number, its day); empty where it said nothing.

    Returns how many bills were passed. Needs `bill.answer`. Raises `NoSuchOfficer`, `OutsideYourArea`.
    """
    actor = require(actor, "bill.answer")
    officer(actor, ddo_code)
    given = {
        key: (token, token_on, voucher, voucher_on) for key, token, token_on, voucher, voucher_on in rows
    }
    with acting(actor, "bill.answer"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT v.key, v.id FROM payments_bill_version v JOIN payments_bill b ON b.id = v.bill_id"
            " WHERE v.key = ANY(%s) AND b.ddo_code = %s AND v.state = 'submitted' ORDER BY v.id FOR UPDATE OF v",
            [list(given), ddo_code],
        )
        found = dict(cursor.fetchall())
        received(
            cursor,
            [
                (found[key], token, token_on)
                for key, (token, token_on, _, _) in given.items()
                if key in found and token and token_on
            ],
            actor,
        )
        return passed(
            cursor,
            [
                (found[key], token, token_on, voucher, voucher_on)
                for key, (token, token_on, voucher, voucher_on) in given.items()
                if key in found and voucher and voucher_on
            ],
            actor,
        )


def objected(actor: Actor, key: UUID, reason: str, *, over_the_line: bool = False) -> None:
    """Note the treasury's objection to a submitted bill: it comes back, and its sum goes back to the budget.

    The bill can be sanctioned again as its next version, which keeps the token. `over_the_line`: the treasury itself gave it back
    there. Needs `bill.answer`. Raises `NoSuchBill`, `OutsideYourArea`, `NotThere`, `NoReason`, `WithTheTreasury`.
    """
    actor = require(actor, "bill.answer")
    with acting(actor, "bill.answer"), connection.cursor() as cursor:
        if not over_the_line:
            _not_with_the_treasury(cursor, key)
        _ended(actor, "bill.answer", key, "objected", ("submitted",), reason)


def _not_with_the_treasury(cursor: Any, key: UUID) -> None:
    """Refuse where the treasury has, or may have, the bill on its line: a next version would then be paid beside this one."""
    # nobody takes up bills meanwhile, and a question that is under way is waited for; the line locks in this order, too
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    cursor.execute(
        "SELECT t.number, t.state IN ('sent', 'approved', 'in_process', 'paid', 'closed')"
        # the last question had no answer, so it may have arrived all the same
        " OR (t.state = 'queued' AND EXISTS (SELECT FROM payments_treasury_message m WHERE m.bill_id = t.id"
        " AND m.problem <> ALL(%s)))"
        " FROM payments_treasury_bill t JOIN payments_bill_version v ON v.id = t.version_id"
        " WHERE v.key = %s AND t.kind = 'bill' FOR UPDATE OF t",
        [list(TOLD_NO), key],
    )
    for number, there in cursor.fetchall():
        if there:
            raise WithTheTreasury(bill=number)


def cancel(actor: Actor, key: UUID, reason: str) -> None:
    """Cancel a bill before the first payment; its sum goes back to the budget and it may be sanctioned anew.

    Needs `bill.cancel`. Raises `AlreadyPaying` once a credit of it is in a payment file, and what `objected` raises.
    """
    _ended(
        require(actor, "bill.cancel"),
        "bill.cancel",
        key,
        "cancelled",
        ("sanctioned", "submitted", "passed"),
        reason,
    )


def _ended(actor: Actor, verb: str, key: UUID, state: str, before: Sequence[str], reason: str) -> None:
    if not reason.strip():
        raise NoReason()
    with acting(actor, verb), connection.cursor() as cursor:
        found = _version(cursor, actor, key)
        if found.state not in before:
            raise NotThere(bill=found.bill_no)
        if state == "cancelled":
            count = in_files(cursor, found.bill_id)
            if count:
                raise AlreadyPaying(count=count, bill=found.bill_no)
        cursor.execute(
            "UPDATE payments_bill_version SET state = %s, ended_at = %s, ended_by = %s, end_reason = %s WHERE id = %s",
            [state, timezone.now(), actor.name, reason.strip(), found.id],
        )
        budget.give_back(cursor, [(found.id, found.paise, "")], actor.name)
        record(
            actor,
            verb,
            "bill",
            str(key),
            old={"state": found.state},
            new={"state": state, "reason": reason.strip()},
        )


def in_files(cursor: Any, bill_id: int) -> int:
    """How many credits of a bill's standing lines are in a payment file that was not withdrawn.

    What lapsed with its budget year was in files on its former bill; here its new credits count.
    """
    cursor.execute(
        "SELECT count(DISTINCT i.id) FROM payments_bill_line l JOIN payments_due d ON d.id = l.due_id"
        " JOIN payments_instruction f ON f.run_id = d.run_id AND f.member_id = d.member_id AND f.scheme = d.scheme AND f.origin = ''"
        " CROSS JOIN LATERAL (SELECT f.id UNION ALL SELECT n.id FROM payments_return r JOIN payments_instruction n"
        " ON n.corrects_id = r.instruction_id WHERE r.first_id = f.id) i (id)"
        " JOIN payments_file_item t ON t.instruction_id = i.id AND t.alive"
        " WHERE l.bill_id = %s AND l.withdrawn_in_id IS NULL AND NOT EXISTS (SELECT FROM payments_return x"
        " WHERE x.first_id = f.id AND x.lapsed_on IS NOT NULL AND x.instruction_id >= i.id)",
        [bill_id],
    )
    return int(cursor.fetchone()[0])


def mark_paid(cursor: Any, run_id: int) -> int:
    """Mark the passed bills of a run as paid whose credits the banks have all answered; returns how many.

    In the caller's transaction. A returned credit counts as answered: it is presented again without a new bill, unless it lapsed with
    its budget year; then the bill that took it up again is open until a credit that goes out on it is answered.
    """
    cursor.execute("SELECT month FROM cases_month_run WHERE id = %s", [run_id])
    (month,) = cursor.fetchone()
    entries.know_sizes(cursor, month)
    cursor.execute(
        """
        WITH open AS (
            SELECT DISTINCT l.bill_id
            FROM payments_instruction i
            JOIN cases_month_run r ON r.id = i.run_id
            JOIN payments_due d ON d.run_id = i.run_id AND d.member_id = i.member_id AND d.scheme = i.scheme
            JOIN payments_bill_line l ON l.due_id = d.id AND l.withdrawn_in_id IS NULL
            WHERE i.run_id = %(run)s AND i.origin = '' AND i.state = 'written' AND NOT EXISTS (
                SELECT FROM payments_entry e
                WHERE e.month = r.month AND e.kind IN ('credited', 'returned') AND e.source_id = i.id
            )
            UNION
            SELECT l.bill_id
            FROM payments_return x
            JOIN payments_instruction i ON i.id = x.first_id AND i.run_id = %(run)s
            JOIN payments_due d ON d.run_id = i.run_id AND d.member_id = i.member_id AND d.scheme = i.scheme
            JOIN payments_bill_line l ON l.due_id = d.id AND l.withdrawn_in_id IS NULL
            WHERE x.lapsed_on IS NOT NULL AND x.state <> 'settled' AND NOT EXISTS (
                SELECT FROM payments_return p
                JOIN payments_instruction n ON n.corrects_id = p.instruction_id AND n.state = 'written'
                JOIN cases_month_run r ON r.id = n.run_id
                JOIN payments_entry e ON e.month = r.month AND e.source_id = n.id AND e.kind IN ('credited', 'returned')
                WHERE p.first_id = x.first_id AND p.id >= x.id
            )
        )
        UPDATE payments_bill_version v SET state = 'paid' FROM payments_bill b
        WHERE b.id = v.bill_id AND b.run_id = %(run)s AND v.state = 'passed'
            AND NOT EXISTS (SELECT FROM open WHERE open.bill_id = v.bill_id)
        RETURNING v.key
        """,
        {"run": run_id},
    )
    return record_many(
        TREASURY,
        "bill.answer",
        "bill",
        ((str(key), {"state": "passed"}, {"state": "paid"}) for (key,) in cursor.fetchall()),
    )


def mark_paid_everywhere() -> int:
    """`mark_paid` of every month that has passed bills, each in a transaction of its own; returns how many bills."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT b.run_id FROM payments_bill_version v JOIN payments_bill b ON b.id = v.bill_id"
            " WHERE v.state = 'passed' ORDER BY 1"
        )
        runs = [run_id for (run_id,) in cursor.fetchall()]
    marked = 0
    for run_id in runs:
        with acting(TREASURY, "bill.answer"), connection.cursor() as cursor:
            marked += mark_paid(cursor, run_id)
    return marked


# -- supplementary bills -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Drawable:
    """What a supplementary bill would hold; `for_month` is the month whose bill it was left out of."""

    bill_no: str
    scheme: str
    head: str
    for_month: date
    persons: int
    paise: int


def drawable(actor: Actor, ddo_code: str, month: Month) -> list[Drawable]:
    """The supplementary bills that could be drawn with `month`; changes nothing. Needs `payments.view`. Raises as `supplementary`."""
    actor = require(actor, "payments.view")
    officer(actor, ddo_code)
    with acting(actor, "payments.view"), connection.cursor() as cursor:
        run_id = closed_run(cursor, month.first_day)
        returns.present_lapsed(cursor, actor, month, run_id, ddo_code)
        cursor.execute(
            statement(PACKAGE, "bill_again")
            + " SELECT bill_no, scheme, head, for_month, count(DISTINCT member_id), sum(paise)::bigint FROM again"
            " GROUP BY 1, 2, 3, 4 ORDER BY 4, 1",
            asked(month.first_day, [ddo_code]),
        )
        found = [Drawable(*row) for row in cursor.fetchall()]
        # it was only looked at what would be presented again
        transaction.set_rollback(True)
    return found


def supplementary(actor: Actor, ddo_code: str, month: Month) -> list[str]:
    """Draw supplementary bills, paid with `month`, of all that was left out of this or earlier months and can go out now.

    Released holds, accounts that are known now, local bodies that have submitted since, and what lapsed with its budget year and can go
    out again, which is presented again with it. Returns the numbers of the bills, which are then sanctioned like any other. So are the
    bills of a budget year that ended before the treasury passed them: they take the new year's heads. Needs `bill.submit`. Raises
    `MonthNotClosed`, `NoSuchOfficer`, `OutsideYourArea`, `YearEnded`, `NothingToDraw`.
    """
    actor = require(actor, "bill.submit")
    officer(actor, ddo_code)
    values = asked(month.first_day, [ddo_code])
    with acting(actor, "bill.submit"), connection.cursor() as cursor:
        run_id = closed_run(cursor, month.first_day)
        budget.must_not_have_ended(cursor, month.first_day)
        # whoever draws for the same officer at the same moment is waited for
        cursor.execute(
            "SELECT count(*) FROM (SELECT FROM payments_bill WHERE ddo_code = %s AND month <= %s ORDER BY id FOR NO KEY UPDATE) b",
            [ddo_code, month.first_day],
        )
        returns.present_lapsed(cursor, actor, month, run_id, ddo_code)
        cursor.execute("DROP TABLE IF EXISTS pg_temp.bill_again")
        cursor.execute(
            f"CREATE TEMP TABLE bill_again ON COMMIT DROP AS {statement(PACKAGE, 'bill_again')} SELECT * FROM again",
            values,
        )
        _leave_ended_bills(cursor, actor.name)
        cursor.execute(
            """
            INSERT INTO payments_bill (run_id, kind, serial, bill_no, ddo_code, scheme, head, month, persons, paise)
            SELECT run_id, 'supplementary', serial, bill_no || '-' || serial, ddo_code, scheme, head, %s,
                count(DISTINCT member_id), sum(paise)
            FROM bill_again GROUP BY run_id, serial, bill_no, ddo_code, scheme, head ORDER BY bill_no
            RETURNING id, bill_no, paise
            """,
            [month.first_day],
        )
        made = cursor.fetchall()
        if not made:
            raise NothingToDraw(ddo=ddo_code)
        cursor.execute(
            "INSERT INTO payments_bill_line (bill_id, due_id, component, paise)"
            " SELECT b.id, a.due_id, a.component, a.paise FROM bill_again a JOIN payments_bill b"
            " ON b.run_id = a.run_id AND b.ddo_code = a.ddo_code AND b.scheme = a.scheme AND b.head = a.head"
            " AND b.serial = a.serial ORDER BY a.due_id, a.component"
        )
        record_many(
            actor,
            "bill.submit",
            "bill",
            ((number, None, {"kind": "supplementary", "paise": paise}) for _, number, paise in made),
        )
    return [number for _, number, _ in made]


def _leave_ended_bills(cursor: Any, by: str) -> None:
    """Take the lines of `bill_again` that stand on bills of an ended budget year out of them: only a version of a bill does that.

    A bill that was never sanctioned gets one that is cancelled from the beginning, sanctioned by nobody.
    """
    cursor.execute(
        "INSERT INTO payments_bill_version (bill_id, version, persons, paise, left_out_persons, left_out_paise, content_hash, state,"
        " sanction_no, sanctioned_at, sanctioned_by, submitted_by, token_no, voucher_no, ended_at, ended_by, end_reason)"
        " SELECT b.id, 1, b.persons, b.paise, 0, 0, '', 'cancelled', b.bill_no || '/S1', now(), '', '', '', '', now(), %s,"
        " 'The budget year ended.' FROM payments_bill b WHERE b.id IN (SELECT standing_on FROM bill_again)"
        " AND NOT EXISTS (SELECT FROM payments_bill_version v WHERE v.bill_id = b.id)",
        [by],
    )
    cursor.execute(
        "UPDATE payments_bill_line l SET withdrawn_in_id = ("
        " SELECT v.id FROM payments_bill_version v WHERE v.bill_id = l.bill_id ORDER BY v.version DESC LIMIT 1)"
        " FROM bill_again a WHERE l.bill_id = a.standing_on AND l.due_id = a.due_id AND l.component = a.component"
        " AND l.withdrawn_in_id IS NULL"
    )
