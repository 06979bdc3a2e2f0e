"""An over-payment that never reached anybody: set against the very money, where that came back or never went out.

What was posted for a month and is not owed after all is a recovery. Where the bank gave that month's credit back, or no bank ever got
it, nobody has to give anything back: the person is owed so much less, and owes nothing. This is done when the month that found the
over-payment closes, before anything of it is presented again or asked of a bank or of later dues.
"""

from __future__ import annotations

from typing import Any

from haqdar.base.sql import statement
from haqdar.payments import entries
from haqdar.payments.ledger import PACKAGE
from haqdar.payments.treasury.profile import CARRIER
from haqdar.payments.treasury.queueing import LOCK


def set_against(cursor: Any, run_id: int, by: str) -> tuple[int, int]:
    """Settle over-payments with money that did not reach anybody, in the transaction that closes the run's month; how many, and paise.

    A credit that came back is made again with what is left of it, or not at all. One that never went out is taken back (superseded)
    where nothing of it is owed; where a part is, it goes out and the part is kept back from later dues.
    """
    # nobody makes files, releases one, asks the treasury or presents credits again meanwhile
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    cursor.execute("SELECT FROM payments_month_closing ORDER BY month FOR UPDATE")
    cursor.execute("SELECT FROM payments_file WHERE state = 'made' ORDER BY id FOR UPDATE")
    cursor.execute("LOCK TABLE payments_return IN SHARE ROW EXCLUSIVE MODE")
    number = paise = 0
    for which in ("not_paid_returned", "not_paid_unsent"):
        cursor.execute("DROP TABLE IF EXISTS pg_temp.not_paying")
        cursor.execute(statement(PACKAGE, which), {"run": run_id, "carrier": CARRIER})
        settled, sum_paise = _settle(cursor, by)
        number, paise = number + settled, paise + sum_paise
    return number, paise


def _settle(cursor: Any, by: str) -> tuple[int, int]:
    cursor.execute(
        "WITH settled AS (INSERT INTO payments_settlement (recovery_id, kind, paise, authority, note, made_at, made_by)"
        " SELECT recovery_id, 'not_paid', sum(paise), '', min(reference), now(), %s FROM not_paying"
        " GROUP BY recovery_id ORDER BY recovery_id RETURNING id, paise)"
        " SELECT coalesce(array_agg(id), '{}'), count(*), coalesce(sum(paise), 0)::bigint FROM settled",
        [by],
    )
    settled, number, paise = cursor.fetchone()
    entries.post_not_paid(cursor, settled)
    cursor.execute(
        "UPDATE payments_return r SET not_paid_paise = r.not_paid_paise + n.paise, state_at = now(), state_by = %s,"
        " state = CASE WHEN r.not_paid_paise + n.paise = r.paise THEN 'settled' ELSE r.state END"
        " FROM (SELECT return_id, sum(paise) AS paise FROM not_paying WHERE return_id IS NOT NULL GROUP BY 1) n"
        " WHERE r.id = n.return_id",
        [by],
    )
    cursor.execute(
        "UPDATE payments_instruction SET state = 'superseded' WHERE id IN (SELECT unsent_id FROM not_paying)"
    )
    return number, paise
