"""What can be paid only after its month was closed: accounts that became known since, heirs of the dead, compensation for delays.

All of it goes with the next cycle, in the transaction that presents returned credits again (payments.returns), by statements over
sets that add nothing when they are repeated. The dues themselves were posted and billed when their month was; only the instruction
is missing, so nothing is owed twice. Their lines, taken out of the month's bill, go on a supplementary bill (bill_steps).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from haqdar.access.actors import Actor
from haqdar.access.many import record_many
from haqdar.base.sql import statement
from haqdar.law.payments import payment_rules
from haqdar.payments import entries
from haqdar.payments.instructing import reference_key
from haqdar.payments.ledger import PACKAGE
from haqdar.payments.rules import latin_name


@dataclass(frozen=True, slots=True)
class Late:
    """Instructions written now: of dues whose payee can be reached since, and for compensations, with their paise."""

    credits: int = 0
    paise: int = 0
    compensations: int = 0
    compensation_paise: int = 0


HEIR_NAMED = "मृत्यु और वारिस दर्ज हैं। / The death and an heir are on record."


def gather(cursor: Any, month: date) -> None:
    """Make the tables `late` (what closed months up to `month` could not send) and `receiving` (where it may go today).

    `receiving` covers also whose credits came back, whom a bank reports dead and who is owed a compensation: member, name, sealed
    account and the Aadhaar number's reference key, the rail by which the member can be reached (none: not at all), and whether that is an heir.
    """
    cursor.execute("DROP TABLE IF EXISTS pg_temp.late, pg_temp.wanted_payee, pg_temp.receiving")
    cursor.execute(f"CREATE TEMP TABLE late ON COMMIT DROP AS {statement(PACKAGE, 'late')}", {"month": month})
    cursor.execute(
        "CREATE TEMP TABLE wanted_payee ON COMMIT DROP AS SELECT member_id FROM late"
        " UNION SELECT member_id FROM payments_return WHERE state IN ('waiting', 'ready', 'held')"
        " UNION SELECT member_id FROM payments_hold WHERE released_at IS NULL AND origin = 'bank'"
        " UNION SELECT c.member_id FROM cases_compensation c WHERE c.member_id IS NOT NULL AND NOT EXISTS ("
        "  SELECT FROM payments_instruction i WHERE i.origin = 'COMPENSATION ' || c.id AND i.corrects_id IS NULL)"
    )
    cursor.execute("ANALYZE late, wanted_payee")
    cursor.execute(
        "CREATE TEMP TABLE receiving ON COMMIT DROP AS SELECT r.*, ''::text AS payee_name, NULL::text AS rail"
        f" FROM ({statement('haqdar.registry', 'receiving')}) r",
        {"known_on": "infinity", "on": month},
    )
    cursor.execute(
        "SELECT DISTINCT name_en FROM receiving WHERE name_en ~ '[^ -~]' ORDER BY name_en",
    )
    names = [name for (name,) in cursor.fetchall()]
    cursor.execute(
        "UPDATE receiving r SET"
        " payee_name = left(coalesce(s.latin, trim(regexp_replace(upper(n.name_en), '[^A-Z]+', ' ', 'g'))), 40),"
        " rail = (SELECT way FROM unnest(%(rails)s::text[]) WITH ORDINALITY AS t (way, place)"
        "  WHERE way = 'account' AND n.account_sealed IS NOT NULL AND coalesce(n.ifsc, '') <> ''"
        "   OR way = 'aadhaar' AND n.aadhaar_ref IS NOT NULL ORDER BY place LIMIT 1)"
        " FROM receiving n LEFT JOIN unnest(%(names)s::text[], %(latin)s::text[]) AS s (name_en, latin) USING (name_en)"
        " WHERE n.member_id = r.member_id",
        {
            "rails": list(payment_rules(Path(settings.HAQDAR_LAW)).rails),
            "names": names,
            "latin": [latin_name(name) for name in names],
        },
    )
    cursor.execute("CREATE UNIQUE INDEX ON receiving (member_id)")
    cursor.execute("ANALYZE receiving")


def release_for_heirs(cursor: Any, actor: Actor) -> int:
    """Release what was held because a bank reported a death, once the death stands and an heir is registered; returns how many."""
    cursor.execute(
        "UPDATE payments_hold h SET released_at = now(), released_by = %s, release_note = %s FROM receiving r"
        " WHERE h.released_at IS NULL AND h.origin = 'bank' AND h.reason = 'died' AND r.member_id = h.member_id AND r.heir"
        " RETURNING h.key",
        [actor.name, HEIR_NAMED],
    )
    return record_many(
        actor, "return.represent", "hold", ((str(key), None, {"heir": True}) for (key,) in cursor.fetchall())
    )


def instruct(cursor: Any, month: date, run_id: int) -> Late:
    """Write what is missing: instructions in the runs of their own months, compensations in that of `month`.

    Needs the tables of `gather`. Leaves `late_paid` (member_id, scheme, paise), what of closed months goes out now.
    """
    values = {
        "month": month,
        "run": run_id,
        "key": reference_key(settings.HAQDAR_SECRET),
        "scheme": entries.COMPENSATION,
        "group": entries.COMPENSATION_GROUP,
    }
    cursor.execute("DROP TABLE IF EXISTS pg_temp.late_paid")
    cursor.execute("CREATE TEMP TABLE late_paid (member_id int, scheme text, paise bigint) ON COMMIT DROP")
    cursor.execute(
        f"WITH written AS ({statement(PACKAGE, 'late_instruction')}) INSERT INTO late_paid SELECT * FROM written",
        values,
    )
    cursor.execute("SELECT count(*), coalesce(sum(paise), 0)::bigint FROM late_paid")
    credits, paise = cursor.fetchone()
    entries.post_compensations(cursor, month)
    cursor.execute(statement(PACKAGE, "compensation_instruction"), values)
    compensations = [one for (one,) in cursor.fetchall()]
    return Late(credits, paise, len(compensations), sum(compensations))


_OWED = """
    SELECT (
        SELECT coalesce(sum(CASE WHEN credit = 'payable' THEN paise ELSE -paise END), 0)
        FROM payments_entry WHERE member_id = %(member)s AND 'payable' IN (debit, credit)
    )::bigint + (
        -- what a month owes that is not closed yet
        SELECT coalesce(sum(d.paise - coalesce(w.paise, 0)), 0)
        FROM payments_due d JOIN cases_month_run r ON r.id = d.run_id AND r.state = 'complete' AND r.posted
        LEFT JOIN LATERAL (SELECT sum(paise) AS paise FROM payments_withholding WHERE due_id = d.id) w ON true
        WHERE d.member_id = %(member)s AND d.kind <> 'recovery'
            AND NOT EXISTS (SELECT FROM payments_month_closing c WHERE c.month = r.month)
    )::bigint"""


def owed(member_id: int) -> int:
    """Paise that a person is owed and that are neither with a bank nor paid; the caller has checked that he may see the person."""
    with connection.cursor() as cursor:
        cursor.execute(_OWED, {"member": member_id})
        (paise,) = cursor.fetchone()
    return int(paise)
