"""How far a month's bills have come: by drawing officer, bill by bill, and one version with everything about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting, require
from haqdar.base.month import Month
from haqdar.payments.bill_reads import DrawingOfficer, officer
from haqdar.payments.bill_steps import NoSuchBill, in_files
from haqdar.payments.queries import COUNTED

STATES = ("drawn", "sanctioned", "submitted", "objected", "passed", "paid")
"""How far a bill has come, in order; `drawn` has no living version, `objected` none since the treasury's objection."""

_STATE = """
    SELECT b.id, b.ddo_code, b.persons AS drawn_persons, b.paise AS drawn_paise, v.id AS version_id, v.persons, v.paise,
        CASE v.state WHEN 'cancelled' THEN 'drawn' ELSE coalesce(v.state, 'drawn') END AS state
    FROM payments_bill b
    JOIN cases_month_run r ON r.id = b.run_id
    LEFT JOIN LATERAL (
        SELECT * FROM payments_bill_version WHERE bill_id = b.id ORDER BY version DESC LIMIT 1
    ) v ON true
"""


@dataclass(frozen=True)
class OfficerMonth:
    """The bills of one drawing officer in a month; `paise` as they stand (drawn, where nothing is sanctioned)."""

    ddo_code: str
    name_en: str
    name_hi: str
    bills: int
    paise: int
    count: dict[str, int] = field(default_factory=dict)
    passed_paise: int = 0

    @property
    def shown(self) -> list[tuple[str, int]]:
        """State and number of bills in it, in the order of the way."""
        return [(state, self.count[state]) for state in STATES if self.count.get(state)]


def officers(actor: Actor, month: Month) -> list[OfficerMonth]:
    """The drawing officers with bills in a month and an office in the actor's area, by name. Needs `payments.view`.

    Bills of a code without an office are the State's alone.
    """
    actor = require(actor, "payments.view")
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH office AS (
                SELECT DISTINCT ON (o.ddo_code) o.ddo_code, coalesce(o.name_en, a.name_en) AS name_en,
                    coalesce(o.name_hi, o.name_en, a.name_hi, a.name_en) AS name_hi
                FROM access_office o JOIN access_area a ON a.area_code = o.area_code
                WHERE o.ddo_code IS NOT NULL AND a.path LIKE ANY(%(paths)s)
                ORDER BY o.ddo_code, a.depth, o.office_code
            ), bill AS ({_STATE} WHERE {COUNTED} AND b.month = %(month)s)
            SELECT b.ddo_code, coalesce(o.name_en, b.ddo_code), coalesce(o.name_hi, b.ddo_code), b.state, count(*),
                sum(CASE WHEN b.state IN ('drawn', 'objected') THEN b.drawn_paise ELSE b.paise END)::bigint
            FROM bill b LEFT JOIN office o USING (ddo_code)
            WHERE o.ddo_code IS NOT NULL OR %(whole_state)s
            GROUP BY 1, 2, 3, 4 ORDER BY 2, 1
            """,
            {
                "paths": actor.path_patterns(),
                "whole_state": actor.area_paths is None,
                "month": month.first_day,
            },
        )
        rows = cursor.fetchall()
    grouped: dict[tuple[str, str, str], list[tuple[str, int, int]]] = {}
    for code, name_en, name_hi, state, count, paise in rows:
        grouped.setdefault((code, name_en, name_hi), []).append((state, count, paise))
    return [
        OfficerMonth(
            *who,
            bills=sum(count for _, count, _ in own),
            paise=sum(paise for _, _, paise in own),
            count={state: count for state, count, _ in own},
            passed_paise=sum(paise for state, _, paise in own if state in ("passed", "paid")),
        )
        for who, own in grouped.items()
    ]


@dataclass(frozen=True)
class BillNow:
    """A bill as it stands: its latest version, or as it was drawn where `version` is 0; paise."""

    bill_no: str
    scheme: str
    head: str
    kind: str
    drawn_persons: int
    drawn_paise: int
    state: str
    key: UUID | None
    version: int
    persons: int
    paise: int
    left_out_persons: int
    left_out_paise: int
    token_no: str
    token_on: date | None
    voucher_no: str
    voucher_on: date | None
    end_reason: str
    sanctioned_by: str


def bills_of(actor: Actor, ddo_code: str, month: Month) -> tuple[DrawingOfficer, list[BillNow]]:
    """The drawing officer and its bills of a month, by number. Needs `payments.view`; raises `NoSuchOfficer`, `OutsideYourArea`."""
    actor = require(actor, "payments.view")
    who = officer(actor, ddo_code)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH bill AS ({_STATE} WHERE {COUNTED} AND b.month = %s AND b.ddo_code = %s)
            SELECT b.bill_no, b.scheme, b.head, b.kind, b.persons, b.paise, s.state, v.key, coalesce(v.version, 0),
                coalesce(v.persons, b.persons), coalesce(v.paise, b.paise), coalesce(v.left_out_persons, 0),
                coalesce(v.left_out_paise, 0), coalesce(v.token_no, ''), v.token_on, coalesce(v.voucher_no, ''), v.voucher_on,
                coalesce(v.end_reason, ''), coalesce(v.sanctioned_by, '')
            FROM bill s JOIN payments_bill b ON b.id = s.id LEFT JOIN payments_bill_version v ON v.id = s.version_id
            ORDER BY b.bill_no
            """,
            [month.first_day, ddo_code],
        )
        return who, [BillNow(*row) for row in cursor.fetchall()]


@dataclass(frozen=True)
class VersionRow:
    """One version of a bill in its history."""

    id: int
    key: UUID
    version: int
    state: str
    persons: int
    paise: int
    left_out_persons: int
    left_out_paise: int
    content_hash: str
    sanction_no: str
    sanctioned_at: datetime
    sanctioned_by: str
    submitted_at: datetime | None
    submitted_by: str
    token_no: str
    token_on: date | None
    voucher_no: str
    voucher_on: date | None
    ended_at: datetime | None
    ended_by: str
    end_reason: str


@dataclass(frozen=True)
class BillSeen:
    """A bill with all its versions, newest first; `chosen` is the one asked for."""

    bill_no: str
    kind: str
    ddo_code: str
    officer: DrawingOfficer
    scheme: str
    head: str
    month: date
    chosen: VersionRow
    versions: list[VersionRow]
    files: int

    @property
    def newest(self) -> bool:
        """Whether the chosen version is the latest."""
        return self.chosen.key == self.versions[0].key


_VERSION = (
    "v.id, v.key, v.version, v.state, v.persons, v.paise, v.left_out_persons, v.left_out_paise, v.content_hash, v.sanction_no,"
    " v.sanctioned_at, v.sanctioned_by, v.submitted_at, v.submitted_by, v.token_no, v.token_on, v.voucher_no, v.voucher_on,"
    " v.ended_at, v.ended_by, v.end_reason"
)


def bill_of_version(actor: Actor, key: UUID, verb: str = "payments.view") -> BillSeen:
    """The bill of a version. Needs `verb`; raises `NoSuchBill`, `OutsideYourArea`."""
    actor = require(actor, verb)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT b.id, b.bill_no, b.kind, b.ddo_code, b.scheme, b.head, b.month FROM payments_bill b"
            " JOIN payments_bill_version v ON v.bill_id = b.id WHERE v.key = %s",
            [key],
        )
        row = cursor.fetchone()
        if row is None:
            raise NoSuchBill()
        bill_id, bill_no, kind, ddo_code, scheme, head, month = row
        who = officer(actor, ddo_code)
        cursor.execute(
            f"SELECT {_VERSION} FROM payments_bill_version v WHERE v.bill_id = %s ORDER BY v.version DESC",
            [bill_id],
        )
        versions = [VersionRow(*one) for one in cursor.fetchall()]
        files = in_files(cursor, bill_id)
    chosen = next(one for one in versions if one.key == key)
    return BillSeen(bill_no, kind, ddo_code, who, scheme, head, month, chosen, versions, files)


def payees(actor: Actor, key: UUID) -> list[tuple[Any, ...]]:
    """The list of payees of a version: member ID, payee's name, last four digits of the account, month, kind, component, paise.

    The sub-voucher of the bill, which names whom the drawing officer signs for. Needs `payments.download`, with an audit event. Raises `NoSuchBill`, `OutsideYourArea`.
    """
    actor = require(actor, "payments.download")
    bill_of_version(actor, key, "payments.download")
    with acting(actor, "payments.download"):
        record(actor, "payments.download", "bill", str(key), new={"list": "payees"})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT d.member_id, coalesce(i.payee_name, ''), coalesce(i.account_last4, ''), d.for_month, d.kind, l.component,"
            " l.paise FROM payments_bill_version v"
            " JOIN payments_bill_line l ON l.bill_id = v.bill_id JOIN payments_due d ON d.id = l.due_id"
            " LEFT JOIN payments_bill_version w ON w.id = l.withdrawn_in_id"
            " LEFT JOIN payments_instruction i ON i.run_id = d.run_id AND i.member_id = d.member_id AND i.scheme = d.scheme"
            "  AND i.origin = ''"
            " WHERE v.key = %s AND (w.id IS NULL OR w.version > v.version) ORDER BY d.id, l.component",
            [key],
        )
        return list(cursor.fetchall())
