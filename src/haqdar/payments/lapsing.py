"""The end of a budget year: what did not go out on its bills leaves them, and nothing more is drawn on its heads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting, require
from haqdar.base.refusal import Refusal
from haqdar.law.payments import payment_rules
from haqdar.payments.models import BudgetYearEnd
from haqdar.payments.treasury.profile import CARRIER


class YearNotOver(Refusal):
    """Credits lapse when their budget year has ended, not before."""

    code = "year_not_over"
    en = "The budget year {year} ends on {end}; until then returned credits are presented again on their own bills."
    hi = "बजट वर्ष {year} {end} को समाप्त होगा; तब तक लौटे भुगतान अपने ही बिल पर फिर भेजे जाते हैं।"


@dataclass(frozen=True, slots=True)
class Lapsed:
    """What lapsed with a budget year: credits, paise given back to the year's heads, and the bills they stood on."""

    year: int
    credits: int
    paise: int
    bills: int


def lapse(actor: Actor, year: int, today: date | None = None) -> Lapsed:
    """End the budget year that began in `year` for credits that did not go out, for the first time or again; repeating it adds nothing.

    From then on nothing is drawn on the year's heads (payments.budget). The money stays owed. Its lines leave their bills and the sum
    goes back to the year's heads (to be surrendered). Once a credit can go out (again), a supplementary bill of the new year takes its
    lines up, and what had come back is presented again with that bill. Needs `return.represent`. Raises
    `YearNotOver`.
    """
    actor = require(actor, "return.represent")
    begins = payment_rules(Path(settings.HAQDAR_LAW)).year_begins
    first, after = date(year, begins, 1), date(year + 1, begins, 1)
    today = today or timezone.localdate()
    if today < after:
        raise YearNotOver(year=f"{year}-{(year + 1) % 100:02d}", end=date.fromordinal(after.toordinal() - 1))
    with acting(actor, "return.represent"), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE payments_return IN SHARE ROW EXCLUSIVE MODE")
        _, ends_now = BudgetYearEnd.objects.get_or_create(
            year=year,
            defaults={
                "begins_on": first,
                "ends_on": after - timedelta(days=1),
                "ended_at": timezone.now(),
                "ended_by": actor.name,
            },
        )
        # what never went out is looked for once, among all bills of the year; later only what banks give back of it still
        cursor.execute(
            _LAPSING + (_LAPSING_UNSENT if ends_now else ""),
            {"first": first, "after": after, "carrier": CARRIER},
        )
        cursor.execute(
            "SELECT count(DISTINCT instruction_id), coalesce(sum(paise), 0)::bigint, count(DISTINCT version_id) FROM lapsing"
        )
        credits, paise, bills = cursor.fetchone()
        if credits:
            cursor.execute(
                "UPDATE payments_bill_line l SET withdrawn_in_id = g.version_id FROM lapsing g WHERE g.line_id = l.id"
            )
            cursor.execute(
                "INSERT INTO payments_budget_entry (budget_id, kind, paise, version_id, order_no, note, made_at, made_by)"
                " SELECT c.budget_id, 'release', sum(g.paise), g.version_id, '', 'credits of an ended year that did not go out', now(), %s"
                " FROM lapsing g JOIN payments_budget_entry c ON c.version_id = g.version_id AND c.kind = 'commitment'"
                " GROUP BY c.budget_id, g.version_id",
                [actor.name],
            )
            cursor.execute(
                "UPDATE payments_return SET lapsed_on = %s WHERE id IN (SELECT return_id FROM lapsing)",
                [today],
            )
            record(
                actor,
                "return.represent",
                "year",
                str(year),
                new={"lapsed": credits, "paise": paise, "bills": bills},
            )
        cursor.execute("DROP TABLE lapsing")
    return Lapsed(year, credits, paise, bills)


_LAPSING = """
    CREATE TEMP TABLE lapsing ON COMMIT DROP AS
    SELECT r.id AS return_id, f.id AS instruction_id, l.id AS line_id, v.id AS version_id, l.paise
    FROM payments_return r
    JOIN payments_instruction f ON f.id = r.first_id
    JOIN payments_due d ON d.run_id = f.run_id AND d.member_id = f.member_id AND d.scheme = f.scheme
    JOIN payments_bill_line l ON l.due_id = d.id AND l.withdrawn_in_id IS NULL
    JOIN payments_bill b ON b.id = l.bill_id AND b.month >= %(first)s AND b.month < %(after)s
    JOIN payments_bill_version v ON v.bill_id = b.id AND v.state IN ('passed', 'paid')
    WHERE (r.state IN ('waiting', 'ready', 'held') OR r.not_paid_paise = r.paise) AND r.lapsed_on IS NULL
        -- of a credit that came back in part, the lines whose credits failed; where a bank returned less than a line nothing leaves a bill
        AND (r.paise + (
            SELECT coalesce(sum(e.not_paid_paise), 0) FROM payments_return e WHERE e.first_id = r.first_id AND e.id <> r.id
        ) = f.paise OR EXISTS (
            SELECT FROM payments_treasury_credit c JOIN payments_treasury_bill t ON t.id = c.bill_id
            WHERE c.instruction_id = r.instruction_id AND c.state = 'failed' AND t.version_id = v.id
        ))"""
_LAPSING_UNSENT = """
    UNION ALL
    -- presented again, and never sent
    SELECT r.id, f.id, l.id, v.id, l.paise
    FROM payments_return r
    JOIN payments_instruction n ON n.corrects_id = r.instruction_id AND n.state = 'written'
    JOIN payments_instruction f ON f.id = r.first_id
    JOIN payments_due d ON d.run_id = f.run_id AND d.member_id = f.member_id AND d.scheme = f.scheme
    JOIN payments_bill_line l ON l.due_id = d.id AND l.withdrawn_in_id IS NULL
    JOIN payments_bill b ON b.id = l.bill_id AND b.month >= %(first)s AND b.month < %(after)s
    JOIN payments_bill_version v ON v.bill_id = b.id AND v.state IN ('passed', 'paid')
    WHERE r.state = 'represented' AND r.lapsed_on IS NULL AND r.month >= %(first)s AND r.month < %(after)s
        AND (r.paise = f.paise OR EXISTS (
            SELECT FROM payments_treasury_credit c JOIN payments_treasury_bill k ON k.id = c.bill_id
            WHERE c.instruction_id = r.instruction_id AND c.state = 'failed' AND k.version_id = v.id
        )) AND NOT EXISTS (
        SELECT FROM payments_file_item t JOIN payments_file p ON p.id = t.file_id
        WHERE t.instruction_id = n.id AND t.alive AND (p.state IN ('released', 'sent') OR p.profile = %(carrier)s))
    UNION ALL
    -- on a bill that was passed, and never sent: held since, most of them, or not owed after all
    SELECT NULL, f.id, l.id, v.id, l.paise
    FROM payments_bill b
    JOIN payments_bill_version v ON v.bill_id = b.id AND v.state = 'passed'
    JOIN payments_bill_line l ON l.bill_id = b.id AND l.withdrawn_in_id IS NULL
    JOIN payments_due d ON d.id = l.due_id
    JOIN payments_instruction f ON f.run_id = d.run_id AND f.member_id = d.member_id AND f.scheme = d.scheme AND f.origin = ''
    WHERE b.month >= %(first)s AND b.month < %(after)s AND NOT EXISTS (
        SELECT FROM payments_file_item t JOIN payments_file p ON p.id = t.file_id
        WHERE t.instruction_id = f.id AND t.alive AND (p.state IN ('released', 'sent') OR p.profile = %(carrier)s))"""
