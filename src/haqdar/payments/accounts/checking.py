"""Looking at a payee's account before its first payment.

What is found is for a person to look at; it holds no money back by itself: a list of branches may be late, a bank may have several
kinds of accounts, and a couple may share one. Each account of a payee is looked at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

import yaml
from django.db import connection
from django.utils import timezone

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting, require
from haqdar.base.month import Month
from haqdar.base.paging import Paged
from haqdar.base.refusal import Words
from haqdar.payments.closing import MonthNotRun, closing_of
from haqdar.registry.sealing import ACCOUNT, sealer

FINDINGS: Mapping[str, Words] = {
    "unknown_branch": Words("the branch code is on no list of branches", "यह शाखा कोड किसी सूची में नहीं है"),
    "merged_bank": Words(
        "the bank is part of another today; the new passbook has the right branch code",
        "यह बैंक अब दूसरे बैंक में मिल गया है; नई पासबुक में सही शाखा कोड है",
    ),
    "closed_branch": Words("the branch is no longer listed", "यह शाखा अब सूची में नहीं है"),
    "shape": Words(
        "the bank's account numbers are of another length", "इस बैंक के खाता क्रमांक की लंबाई अलग होती है"
    ),
    "shared": Words("several payees have this account", "कई लोगों का यही खाता है"),
    "rupee_back": Words(
        "the bank gave back the rupee that tried it", "जाँच के लिए भेजा गया एक रुपया बैंक ने लौटा दिया"
    ),
}
"""Word -> what was found."""
PAGE = 100
BATCH = 20_000


@dataclass(frozen=True, slots=True)
class Checked:
    """How many accounts were looked at now, and at how many something was found."""

    accounts: int
    found: int


_TO_CHECK = """
    CREATE TEMP TABLE account_to_check ON COMMIT DROP AS
    SELECT w.member_id, s.key AS resident_key, h.account_hash, h.ifsc, coalesce(h.account_last4, '') AS account_last4, w.area_code,
        h.account_sealed, h.key_version, g.receiver_id IS NOT NULL AS arranged, false AS odd
    FROM (SELECT DISTINCT ON (member_id) member_id, area_code FROM payments_instruction
          WHERE run_id = %(run)s AND state = 'written' AND rail = 'account' ORDER BY member_id, id) w
    JOIN registry_resident s ON s.member_id = w.member_id
    -- a lawful receiver's account counts as the payee's
    LEFT JOIN LATERAL (
        SELECT p.receiver_id, p.reason, p.from_on, p.to_on FROM registry_payee_belief p WHERE p.member_id = w.member_id
        ORDER BY p.belief_no DESC LIMIT 1
    ) g ON CASE g.reason WHEN 'heir' THEN g.to_on IS NULL
        ELSE g.from_on <= %(on)s AND (g.to_on IS NULL OR g.to_on >= %(on)s) END
    JOIN LATERAL (
        SELECT b.account_hash, b.ifsc, b.account_last4, b.account_sealed, b.key_version FROM registry_resident_belief b
        WHERE b.member_id = coalesce(g.receiver_id, w.member_id) ORDER BY b.belief_no DESC LIMIT 1
    ) h ON h.account_hash IS NOT NULL
    WHERE NOT EXISTS (
        SELECT FROM payments_account_check c
        WHERE c.member_id = w.member_id AND c.account_hash = h.account_hash AND c.ifsc = h.ifsc)
"""
_CHECKS = """
    INSERT INTO payments_account_check (member_id, resident_key, account_hash, ifsc, account_last4, area_code, findings,
        checked_at, run_id)
    SELECT t.member_id, t.resident_key, t.account_hash, coalesce(t.ifsc, ''), t.account_last4, t.area_code,
        array_remove(ARRAY[
            CASE WHEN b.ifsc IS NULL AND EXISTS (SELECT FROM payments_branch)
                THEN CASE WHEN left(t.ifsc, 4) = ANY(%(merged)s) THEN 'merged_bank' ELSE 'unknown_branch' END END,
            CASE WHEN b.gone_on IS NOT NULL THEN 'closed_branch' END,
            CASE WHEN t.odd THEN 'shape' END,
            CASE WHEN u.payees > 1 AND NOT t.arranged THEN 'shared' END
        ], NULL),
        %(at)s, %(run)s
    FROM account_to_check t
    LEFT JOIN payments_branch b ON b.ifsc = t.ifsc
    LEFT JOIN (
        -- everybody who is or was to be paid into the account and receives for himself
        SELECT account_hash, count(DISTINCT member_id) AS payees FROM (
            SELECT account_hash, member_id FROM account_to_check WHERE NOT arranged
            UNION SELECT account_hash, member_id FROM payments_account_check
            WHERE account_hash IN (SELECT account_hash FROM account_to_check)
        ) a GROUP BY 1 HAVING count(DISTINCT member_id) > 1
    ) u ON u.account_hash = t.account_hash
    ON CONFLICT DO NOTHING
    RETURNING findings <> '{}'
"""
_ALSO_SHARED = """
    UPDATE payments_account_check c SET findings = c.findings || ARRAY['shared']
    FROM account_to_check t
    WHERE t.account_hash = c.account_hash AND NOT t.arranged AND t.member_id <> c.member_id AND NOT 'shared' = ANY(c.findings)
        AND NOT EXISTS (
            SELECT FROM (SELECT from_on, to_on FROM registry_payee_belief p WHERE p.member_id = c.member_id
                ORDER BY p.belief_no DESC LIMIT 1) g
            WHERE g.from_on <= %(on)s AND (g.to_on IS NULL OR g.to_on >= %(on)s))
"""
"""Whoever had the account first is named with whoever comes second."""


def check_accounts(actor: Actor, month: Month) -> Checked:
    """Look at every account of a closed month's payees that was not looked at before; repeating it finds nothing new.

    Needs `branch.load`, the verb of who keeps bank data in order. Raises `MonthNotRun`.
    """
    actor = require(actor, "branch.load")
    closing = closing_of(month.first_day)
    if closing is None:
        raise MonthNotRun(month=month)
    values: dict[str, Any] = {
        "run": closing.run_id, "on": month.first_day, "at": timezone.now(), "merged": list(merged()),
    }  # fmt: skip
    with acting(actor, "branch.load"), connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.account_to_check")
        cursor.execute(_TO_CHECK, values)
        cursor.execute("CREATE UNIQUE INDEX ON account_to_check (member_id)")
        cursor.execute("ANALYZE account_to_check")
        _mark_odd(cursor)
        cursor.execute(_CHECKS, values)
        found = [one for (one,) in cursor.fetchall()]
        cursor.execute(_ALSO_SHARED, values)
        cursor.execute("DROP TABLE account_to_check")
        record(
            actor,
            "branch.load",
            "account_checks",
            str(month),
            new={"accounts": len(found), "found": sum(found)},
        )
    return Checked(len(found), sum(found))


def _mark_odd(cursor: Any) -> None:
    """Mark accounts of another length than their bank's, opened batch by batch in memory."""
    keys, digits = sealer(), shapes()
    with connection.connection.cursor(name="accounts_to_check", binary=True) as reading:
        reading.execute(
            "SELECT member_id, left(ifsc, 4), account_sealed, key_version FROM account_to_check WHERE left(ifsc, 4) = ANY(%s)",
            [list(digits)],
        )
        while rows := reading.fetchmany(BATCH):
            numbers = keys.unseal(ACCOUNT, [row[2] for row in rows], [row[3] for row in rows])
            odd = [
                row[0]
                for row, number in zip(rows, numbers, strict=True)
                if not fits(row[1], number or "", digits)
            ]
            if odd:
                cursor.execute("UPDATE account_to_check SET odd = true WHERE member_id = ANY(%s)", [odd])


def fits(bank: str, number: str, digits: Mapping[str, Sequence[int]]) -> bool:
    """Whether an account number has a length of its bank; a bank that is not listed has any.

    >>> fits("SBIN", "00000030123456789", {"SBIN": [11]}), fits("SBIN", "123", {"SBIN": [11]}), fits("XXXX", "1", {})
    (True, False, True)
    """
    lengths = digits.get(bank)
    if lengths is None:
        return True
    return len(number) in lengths or (
        number.isdigit() and any(len(number.lstrip("0")) <= length < len(number) for length in lengths)
    )


@cache
def _published() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("shapes.yaml").read_text())
    return found


def shapes() -> dict[str, list[int]]:
    """First four letters of a branch code -> the lengths of the bank's account numbers."""
    found: dict[str, list[int]] = _published()["digits"]
    return found


def merged() -> dict[str, str]:
    """First four letters of the branch codes of a bank that is part of another today -> those of the other."""
    found: dict[str, str] = _published()["merged"]
    return found


@dataclass(frozen=True, slots=True)
class Found:
    """An account at which something was found."""

    member_id: int
    resident_key: UUID | None
    ifsc: str
    account_last4: str
    area_en: str
    area_hi: str
    findings: tuple[str, ...]
    checked_at: datetime

    @property
    def words(self) -> list[Words]:
        """What was found, in words."""
        return [FINDINGS[word] for word in self.findings if word in FINDINGS]


@dataclass(frozen=True)
class FoundPage(Paged):
    """A page of findings, and how many there are of each."""

    PAGE: ClassVar[int] = PAGE
    rows: list[Found]
    total: int
    page: int
    counts: dict[str, int]


_LATEST = """
    FROM (
        SELECT c.id, c.member_id, c.resident_key, c.ifsc, c.account_last4, c.area_code, c.checked_at, c.findings
        FROM payments_account_check c WHERE c.findings <> '{}'
            AND NOT EXISTS (SELECT FROM payments_account_drop d WHERE d.account_check_id = c.id AND d.outcome = 'returned')
        UNION ALL
        SELECT c.id, c.member_id, c.resident_key, c.ifsc, c.account_last4, c.area_code, c.checked_at, c.findings || 'rupee_back'::text
        FROM payments_account_drop d JOIN payments_account_check c ON c.id = d.account_check_id WHERE d.outcome = 'returned'
    ) c
    LEFT JOIN access_area a ON a.area_code = c.area_code
    WHERE (a.path LIKE ANY(%(paths)s) OR a.path IS NULL AND %(whole)s)
        -- an account that was changed since is another account
        AND NOT EXISTS (SELECT FROM payments_account_check n WHERE n.member_id = c.member_id AND n.id > c.id)
"""


def findings(actor: Actor, kind: str = "", page: int = 1, most: int | None = PAGE) -> FoundPage:
    """What was found at accounts of the actor's area, of one kind or all, newest first. Needs `return.view`."""
    actor = require(actor, "return.view")
    values: dict[str, Any] = {
        "paths": actor.path_patterns(), "whole": actor.area_paths is None, "kind": kind, "most": most,
        "after": (page - 1) * PAGE if most else 0,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT f, count(*) FROM (SELECT unnest(c.findings) AS f {_LATEST}) u GROUP BY 1", values
        )
        counts = dict(cursor.fetchall())
        narrowed = f"{_LATEST} AND (%(kind)s = '' OR %(kind)s = ANY(c.findings))"
        cursor.execute(f"SELECT count(*) {narrowed}", values)
        (total,) = cursor.fetchone()
        cursor.execute(
            "SELECT c.member_id, c.resident_key, c.ifsc, c.account_last4, coalesce(a.name_en, ''),"
            f" coalesce(a.name_hi, a.name_en, ''), c.findings, c.checked_at {narrowed}"
            " ORDER BY c.checked_at DESC, c.id LIMIT %(most)s OFFSET %(after)s",
            values,
        )
        fetched: list[tuple[Any, ...]] = cursor.fetchall()
        rows = [_found(row) for row in fetched]
    return FoundPage(rows, total, page, counts)


def _found(row: tuple[Any, ...]) -> Found:
    member_id, key, ifsc, last4, area_en, area_hi, found, checked_at = row
    return Found(member_id, key, ifsc, last4, area_en, area_hi, tuple(found), checked_at)
