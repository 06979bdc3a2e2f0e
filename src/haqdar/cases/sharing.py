"""Payees who are, or may be, one person or one pocket: the certain signals of a month's work list.

Three things are found among those who hold something on the day, and each is listed with its own word (the contract's action
``duplicate``): one Aadhaar number of several payees, one bank account of several payees, and payees whom people have judged to be
one person and whose records are not merged yet. Nothing here ends a payment.

An account is shared lawfully where somebody receives for another by a registered arrangement that holds (a guardian, one of a
couple with a joint account): the two have one owner of the account, and one owner is no signal.
"""

from __future__ import annotations

from haqdar.entitlement.engines import Engine

#: ``judged`` where nothing but the registers is known.
NOTHING_JUDGED = (
    "CREATE OR REPLACE TABLE judged AS SELECT CAST(NULL AS INTEGER) AS member_id, CAST(NULL AS INTEGER) AS receiver_id,"
    " CAST(NULL AS INTEGER) AS one_of WHERE false"
)

# The owner of an account is its holder, and of those for whom the holder receives, the holder again.
_SHARED = """
    WITH known AS (
        SELECT coalesce(i.member_id, j.member_id) AS member_id, i.aadhaar_of, i.account_of, j.receiver_id, j.one_of
        FROM identity i FULL JOIN judged j ON j.member_id = i.member_id
    ), payee AS (
        SELECT k.member_id, k.aadhaar_of, k.account_of, k.one_of,
               CASE WHEN r.account_of = k.account_of THEN k.receiver_id ELSE k.member_id END AS owner_id
        FROM known k LEFT JOIN identity r ON r.member_id = k.receiver_id
        WHERE k.member_id IN (SELECT member_id FROM held)
    ), marked AS (
        SELECT member_id,
               aadhaar_of IS NOT NULL AND min(member_id) OVER (PARTITION BY aadhaar_of)
                   <> max(member_id) OVER (PARTITION BY aadhaar_of) AS same_aadhaar,
               account_of IS NOT NULL AND owner_id = member_id AND min(owner_id) OVER (PARTITION BY account_of)
                   <> max(owner_id) OVER (PARTITION BY account_of) AS same_account,
               one_of IS NOT NULL AND min(member_id) OVER (PARTITION BY one_of)
                   <> max(member_id) OVER (PARTITION BY one_of) AS same_person
        FROM payee
    )
    SELECT member_id, CASE WHEN same_aadhaar THEN 'same_aadhaar' WHEN same_account THEN 'same_account' ELSE 'match' END
        AS reason
    FROM marked WHERE same_aadhaar OR same_account OR same_person"""


def find_shared(duck: Engine) -> None:
    """Create ``shared`` (member_id, reason): the payees of ``held`` with one of the three signals, the first that applies.

    Needs ``identity`` of the snapshot and ``judged`` (see `judged.read_judged`, or `NOTHING_JUDGED`).
    """
    duck.execute(f"CREATE OR REPLACE TABLE shared AS {_SHARED}")
