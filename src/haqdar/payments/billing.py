"""Bills on their way: prepared, sanctioned, submitted, passed by the treasury; objected to, cancelled, drawn again.

A bill is drawn by the month's run; what is decided about it is a version of it (`BillVersion`), whose sums never change. Every
step is a statement over sets, for one drawing officer or for all of a State. Amounts are whole paise.

What happens after the submission (`received`, `passed`, `objected`, `cancel`, `mark_paid`, `supplementary`) is in bill_steps.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from haqdar.access.actors import Actor, acting, require
from haqdar.access.many import record_many
from haqdar.base.money import indian
from haqdar.base.month import Month
from haqdar.base.refusal import Refusal
from haqdar.base.sql import statement
from haqdar.cases.orders import PAPERS
from haqdar.payments import budget
from haqdar.payments.bill_reads import (
    Prepared,
    asked,
    closed_run,
    officer,
    preparation,
)
from haqdar.payments.bill_steps import cancel, mark_paid, objected, passed, received, supplementary
from haqdar.payments.ledger import PACKAGE
from haqdar.payments.proposals import deem_silent

__all__ = [
    "NothingToSanction", "NothingToSubmit", "SameHand", "Sanctioned", "cancel", "mark_paid", "objected",
    "passed", "prepare", "received", "sanction", "sanction_all", "submit", "submit_all", "supplementary",
]  # fmt: skip


MAKE = "papers.bills"
"""The job that makes every document of a bill that is not made yet (payments.bill_papers)."""


class NothingToSanction(Refusal):
    """No bill of the drawing officer asks for anything that is not sanctioned already."""

    code = "nothing_to_sanction"
    en = "No bill of {ddo} for {month} waits for a sanction. Bills appear here when the month is closed, and again after an objection."
    hi = "{month} के लिए {ddo} का कोई बिल मंज़ूरी की प्रतीक्षा में नहीं है। बिल महीना बंद होने पर यहाँ आते हैं, और आपत्ति के बाद फिर।"


class NothingToSubmit(Refusal):
    """No sanctioned bill waits for its submission."""

    code = "nothing_to_submit"
    en = "No sanctioned bill of {ddo} for {month} waits to be submitted. The sanctioning officer sanctions them first."
    hi = "{month} के लिए {ddo} का कोई मंज़ूर बिल भेजने को नहीं है। पहले मंज़ूरी देने वाले अधिकारी उन्हें मंज़ूर करें।"


class ChangedSince(Refusal):
    """What would be decided is not what was shown."""

    code = "bill_changed_since"
    en = "Since you looked, something changed: it is now {now}, not {shown}. Look at the new figures below, then decide again."
    hi = "आपके देखने के बाद कुछ बदल गया: अब यह {now} है, {shown} नहीं। नीचे नए आँकड़े देखें, फिर निर्णय लें।"


class SameHand(Refusal):
    """Who sanctioned a bill does not submit it."""

    code = "same_hand"
    en = "You sanctioned these bills yourself, so somebody else must submit them: money needs two people."
    hi = "ये बिल आपने ही मंज़ूर किए हैं, इसलिए इन्हें कोई और भेजे: पैसे के काम में दो लोग ज़रूरी हैं।"


@dataclass(frozen=True, slots=True)
class Sanctioned:
    """What a sanction made: versions (id, key, sanction number, paise), payees counted once on each bill, paise."""

    versions: tuple[tuple[int, UUID, str, int], ...]
    persons: int
    paise: int
    left_out_persons: int
    left_out_paise: int
    without_budget: int = 0

    @property
    def bills(self) -> int:
        """How many bills were sanctioned."""
        return len(self.versions)


def prepare(actor: Actor, ddo_code: str, month: Month) -> Prepared:
    """What sanctioning would do now; changes nothing. Needs `payments.view`. Raises what `sanction` raises about the place."""
    return preparation(actor, ddo_code, month)


# -- sanction ------------------------------------------------------------------------------------------------------


def sanction(
    actor: Actor, ddo_code: str, month: Month, *, leave_short: bool = False, shown: int | None = None
) -> Sanctioned:
    """Sanction every bill of a drawing officer that waits for it, and take its sum from the budget; all or none.

    Lines of payees held, without a usable account, or of a local body that the law waits for are left out and can go out on a
    supplementary bill. With `leave_short` the bills of heads that are short stay where they are; with `shown` nothing is done
    unless it comes to that many paise (`ChangedSince`). Needs `bill.sanction`. Raises
    `MonthNotClosed`, `NoSuchOfficer`, `OutsideYourArea`, `BodiesStillAtWork`, `NothingToSanction`, `BudgetShort`, `YearEnded`.
    """
    actor = require(actor, "bill.sanction")
    officer(actor, ddo_code)
    with acting(actor, "bill.sanction"), connection.cursor() as cursor:
        run_id = closed_run(cursor, month.first_day)
        deem_silent(cursor, month, ddo_code)
        done = sanction_all(cursor, run_id, [ddo_code], actor.name, leave_short=leave_short)
        if not done.versions:
            raise NothingToSanction(ddo=ddo_code, month=month)
        if shown is not None and done.paise != shown:
            raise ChangedSince(now=indian(done.paise), shown=indian(shown))
        record_many(
            actor,
            "bill.sanction",
            "bill",
            (
                (str(key), None, {"sanction_no": number, "paise": paise})
                for _, key, number, paise in done.versions
            ),
        )
        transaction.on_commit(ask_for_papers)
    return done


def ask_for_papers() -> None:
    """Queue the making of documents; one waiting job is enough for any number of bills."""
    try:
        app.configure_task(MAKE, queue=PAPERS, queueing_lock=MAKE).defer()
    except AlreadyEnqueued:
        return


_STANDING = """
    CREATE TEMP TABLE bill_standing ON COMMIT DROP AS
    SELECT n.*, s.lines_paise, s.content_hash
    FROM bill_now n
    JOIN (
        SELECT l.bill_id, sum(l.paise)::bigint AS lines_paise, encode(sha256(convert_to(string_agg(
            l.due_id || ' ' || l.component || ' ' || l.paise, E'\\n' ORDER BY l.due_id, l.component), 'UTF8')), 'hex')
            AS content_hash
        FROM payments_bill_line l
        WHERE l.bill_id IN (SELECT id FROM bill_now) AND l.withdrawn_in_id IS NULL
            AND NOT EXISTS (SELECT FROM bill_out o WHERE o.line_id = l.id)
        GROUP BY 1
    ) s ON s.bill_id = n.id
"""
_VERSIONS = """
    WITH gone AS (
        SELECT bill_id, count(DISTINCT member_id) AS persons FROM (
            SELECT bill_id, member_id FROM bill_out
            UNION ALL
            SELECT l.bill_id, d.member_id FROM payments_bill_line l JOIN payments_due d ON d.id = l.due_id
            WHERE l.bill_id IN (SELECT id FROM bill_standing WHERE version > 1) AND l.withdrawn_in_id IS NOT NULL
        ) g GROUP BY 1
    ), before AS (
        SELECT DISTINCT ON (bill_id) bill_id, token_no, token_on FROM payments_bill_version
        WHERE bill_id IN (SELECT id FROM bill_standing WHERE version > 1) ORDER BY bill_id, version DESC
    )
    INSERT INTO payments_bill_version (bill_id, version, persons, paise, left_out_persons, left_out_paise, content_hash,
        state, sanction_no, sanctioned_at, sanctioned_by, submitted_by, token_no, token_on, voucher_no, ended_by, end_reason)
    SELECT s.id, s.version, s.persons - coalesce(g.persons, 0), s.lines_paise, coalesce(g.persons, 0),
        s.paise - s.lines_paise, s.content_hash, 'sanctioned', s.bill_no || '/S' || s.version, %s, %s, '',
        -- an objected bill keeps its token
        coalesce(b.token_no, ''), b.token_on, '', '', ''
    FROM bill_standing s LEFT JOIN gone g ON g.bill_id = s.id LEFT JOIN before b ON b.bill_id = s.id
    ORDER BY s.bill_no
    RETURNING id, key, sanction_no, persons, paise, left_out_persons, left_out_paise
"""


def sanction_all(
    cursor: Any,
    run_id: int,
    ddo_codes: Sequence[str] | None,
    by: str,
    *,
    leave_short: bool = False,
    at: datetime | None = None,
) -> Sanctioned:
    """`sanction` for several drawing officers at once (None: all of the State), in the caller's transaction, without its door.

    Raises `BudgetShort` and `YearEnded` before anything is written.
    """
    at = at or timezone.now()
    cursor.execute("SELECT month FROM cases_month_run WHERE id = %s", [run_id])
    (month,) = cursor.fetchone()
    values = asked(month, ddo_codes)
    # whoever sanctions the same bills at the same moment is waited for; what he did is then seen
    cursor.execute(
        "SELECT count(*) FROM (SELECT FROM payments_bill WHERE month = %(month)s"
        " AND (%(ddos)s::text[] IS NULL OR ddo_code = ANY(%(ddos)s)) ORDER BY id FOR NO KEY UPDATE) b",
        values,
    )
    if not values["waits"]:
        _silence(cursor, month, ddo_codes)
    for name in ("bill_now", "bill_out", "bill_standing"):
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{name}")
    budget.must_not_have_ended(cursor, month)
    # the lists of a State's bills are sorted once to be sealed: in memory that is seconds
    cursor.execute("SET LOCAL work_mem = '256MB'")
    now = statement(PACKAGE, "bill_now")
    cursor.execute(f"CREATE TEMP TABLE bill_now ON COMMIT DROP AS {now} SELECT * FROM now", values)
    cursor.execute(f"CREATE TEMP TABLE bill_out ON COMMIT DROP AS {now} SELECT * FROM out", values)
    cursor.execute("ANALYZE bill_now, bill_out")
    cursor.execute(_STANDING)
    cursor.execute("RESET work_mem")
    year = budget.budget_year(month)
    cursor.execute("SELECT head, sum(lines_paise)::bigint FROM bill_standing GROUP BY 1")
    needed: dict[str, int] = dict(cursor.fetchall())
    short = budget.short_of(budget.locked(cursor, year, sorted(needed)), needed)
    left = 0
    if leave_short:
        cursor.execute("DELETE FROM bill_standing WHERE head = ANY(%s)", [[one.head for one in short]])
        left = cursor.rowcount
    else:
        budget.refuse_short(short)
    cursor.execute("DELETE FROM bill_out WHERE bill_id NOT IN (SELECT id FROM bill_standing)")
    cursor.execute(_VERSIONS, [at, by])
    made = cursor.fetchall()
    cursor.execute(
        "UPDATE payments_bill_line l SET withdrawn_in_id = v.id FROM bill_out o"
        " JOIN bill_standing s ON s.id = o.bill_id"
        " JOIN payments_bill_version v ON v.bill_id = s.id AND v.version = s.version WHERE l.id = o.line_id"
    )
    budget.commit_versions(cursor, year, [row[0] for row in made], at, by)
    return Sanctioned(
        versions=tuple(
            (number, key, sanction_no, paise) for number, key, sanction_no, _, paise, _, _ in made
        ),
        persons=sum(row[3] for row in made),
        paise=sum(row[4] for row in made),
        left_out_persons=sum(row[5] for row in made),
        left_out_paise=sum(row[6] for row in made),
        without_budget=left,
    )


def _silence(cursor: Any, month: date, ddo_codes: Sequence[str] | None) -> int:
    """Bodies that have not submitted by now are silent; whoever calls has seen that the day of the bill has come (`deem_silent`)."""
    cursor.execute(
        "UPDATE payments_proposal SET state = 'silent' WHERE month = %s AND state IN ('generated', 'verified')"
        " AND (%s::text[] IS NULL OR ddo_code = ANY(%s))",
        [month, ddo_codes if ddo_codes is None else list(ddo_codes), list(ddo_codes or [])],
    )
    return int(cursor.rowcount)


# -- submission ----------------------------------------------------------------------------------------------------


def submit(actor: Actor, ddo_code: str, month: Month, keys: Collection[UUID] | None = None) -> list[UUID]:
    """Submit the sanctioned bills of a drawing officer to the treasury (those of `keys`, or all); returns their keys.

    From here on they never change. Needs `bill.submit`. Raises `NoSuchOfficer`, `OutsideYourArea`, `NothingToSubmit`, `SameHand`.
    """
    actor = require(actor, "bill.submit")
    officer(actor, ddo_code)
    with acting(actor, "bill.submit"), connection.cursor() as cursor:
        run_id = closed_run(cursor, month.first_day)
        cursor.execute(
            "SELECT count(*) FROM payments_bill_version v JOIN payments_bill b ON b.id = v.bill_id"
            " WHERE b.month = %s AND b.ddo_code = %s AND v.state = 'sanctioned' AND v.sanctioned_by = %s"
            " AND (%s::uuid[] IS NULL OR v.key = ANY(%s))",
            [month.first_day, ddo_code, actor.name, _listed(keys), _listed(keys)],
        )
        if cursor.fetchone()[0]:
            raise SameHand()
        done = submit_all(cursor, run_id, [ddo_code], actor.name, keys)
        if not done:
            raise NothingToSubmit(ddo=ddo_code, month=month)
        record_many(
            actor,
            "bill.submit",
            "bill",
            ((str(key), {"state": "sanctioned"}, {"state": "submitted"}) for key in done),
        )
        transaction.on_commit(ask_for_papers)
    return done


def submit_all(
    cursor: Any,
    run_id: int,
    ddo_codes: Sequence[str] | None,
    by: str,
    keys: Collection[UUID] | None = None,
) -> list[UUID]:
    """`submit` for several drawing officers at once (None: all), without its door; leaves out what `by` sanctioned himself."""
    cursor.execute(
        "UPDATE payments_bill_version v SET state = 'submitted', submitted_at = %s, submitted_by = %s FROM payments_bill b"
        " WHERE b.id = v.bill_id AND v.state = 'sanctioned' AND v.sanctioned_by <> %s"
        " AND b.month = (SELECT month FROM cases_month_run WHERE id = %s)"
        " AND (%s::text[] IS NULL OR b.ddo_code = ANY(%s)) AND (%s::uuid[] IS NULL OR v.key = ANY(%s)) RETURNING v.key",
        [
            timezone.now(), by, by, run_id,
            list(ddo_codes) if ddo_codes is not None else None, list(ddo_codes or []), _listed(keys), _listed(keys),
        ],
    )  # fmt: skip
    return [key for (key,) in cursor.fetchall()]


def _listed(keys: Collection[UUID] | None) -> list[UUID] | None:
    return None if keys is None else list(keys)
