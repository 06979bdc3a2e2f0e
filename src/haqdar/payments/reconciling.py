"""Three-way reconciliation: what each bill says, the voucher it was passed with, and what the banks said of its credits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.db import connection
from django.utils import timezone

from haqdar.access.actors import Actor, require
from haqdar.base.paging import Paged
from haqdar.base.sql import statement
from haqdar.payments.ledger import PACKAGE
from haqdar.payments.standing import AT_ONCE, bring_up_to_date

DIFFERENCES = ("no_voucher", "sum", "voucher_twice", "not_sent", "unanswered", "back", "without_utr")
"""In the order of their weight.

no_voucher: money moved under a bill without a voucher · sum: the bill's lines do not add up to its sum · voucher_twice: one voucher
on several bills · not_sent: passed, but not with a bank · unanswered: with a bank beyond the days an answer takes · back: came back
and not yet credited · without_utr: credited, but the bank gave no reference.
"""
ANSWER_DAYS = 3
"""Days after the day of credit within which banks answer."""
AGREES = "agrees"


@dataclass(frozen=True, slots=True)
class Compared:
    """One bill beside its voucher and its bank scroll; paise."""

    bill_no: str
    kind: str
    ddo_code: str
    office_en: str
    office_hi: str
    scheme: str
    head: str
    drawn: int
    persons: int
    key: UUID | None
    state: str
    version_paise: int | None
    voucher_no: str
    voucher_on: date | None
    lines: int
    left_out: int
    credited: int
    back: int
    sent: int
    value_from: date | None
    value_to: date | None
    without_utr: int
    differences: Sequence[str]

    @property
    def name_en(self) -> str:
        """The drawing officer's office in English."""
        return self.office_en

    @property
    def name_hi(self) -> str:
        """The drawing officer's office in Hindi."""
        return self.office_hi

    @property
    def open(self) -> int:
        """What the bill pays and no bank has credited."""
        return self.lines - self.credited


@dataclass(frozen=True, slots=True)
class Weight:
    """How many bills have a difference and over how much."""

    bills: int
    paise: int


@dataclass
class Reconciled(Paged):
    """A page of compared bills with the sums of the whole month."""

    PAGE: ClassVar[int] = 200
    rows: Sequence[Compared]
    total: int
    page: int
    bills: int = 0
    drawn: int = 0
    vouchers: int = 0
    credited: int = 0
    agree: int = 0
    differences: dict[str, Weight] = field(default_factory=dict)


_COLUMNS = (
    "bill_no, kind, ddo_code, coalesce(name_en, ''), coalesce(name_hi, name_en, ''), scheme, head, drawn, persons, key, state,"
    " version_paise, voucher_no, voucher_on, lines, left_out, credited, back, sent, value_from, value_to, without_utr, differences"
)
_PAISE = (
    "CASE d WHEN 'no_voucher' THEN credited + sent + back WHEN 'sum' THEN abs(version_paise - lines) WHEN 'not_sent'"
    " THEN lines - credited - sent - back WHEN 'unanswered' THEN sent WHEN 'back' THEN back ELSE lines END"
)


def reconciliation(
    actor: Actor, month: date, *, difference: str = "", ddo_code: str = "", page: int = 1
) -> Reconciled:
    """The bills of `month` of the drawing officers in the actor's area, those with differences first.

    `difference` keeps those with it, `agrees` those without any. Needs `reconciliation.view`.
    """
    actor = require(actor, "reconciliation.view")
    bring_up_to_date(month, most=AT_ONCE)
    values = _values(actor, month)
    compared = statement(PACKAGE, "reconciliation")
    with connection.cursor() as cursor:
        cursor.execute(
            f"{compared} SELECT count(*), coalesce(sum(drawn), 0)::bigint,"
            " coalesce(sum(version_paise) FILTER (WHERE voucher_no <> ''), 0)::bigint, coalesce(sum(credited), 0)::bigint,"
            " count(*) FILTER (WHERE differences = '{}') FROM compared",
            values,
        )
        bills, drawn, vouchers, credited, agree = cursor.fetchone()
        cursor.execute(
            f"{compared} SELECT d, count(*), sum({_PAISE})::bigint FROM compared, unnest(differences) d GROUP BY 1",
            values,
        )
        weights = {name: Weight(count, paise) for name, count, paise in cursor.fetchall()}
        chosen, values = _chosen(values, difference, ddo_code)
        cursor.execute(f"{compared} SELECT count(*) FROM compared WHERE {chosen}", values)
        (total,) = cursor.fetchone()
        page = min(page, max(1, -(-total // Reconciled.PAGE)))
        cursor.execute(
            f"{compared} SELECT {_COLUMNS} FROM compared WHERE {chosen}"
            " ORDER BY differences = '{}', bill_no LIMIT %(limit)s OFFSET %(offset)s",
            values | {"limit": Reconciled.PAGE, "offset": (page - 1) * Reconciled.PAGE},
        )
        rows = [Compared(*row) for row in cursor.fetchall()]
    found = {name: weights[name] for name in DIFFERENCES if name in weights}
    return Reconciled(rows, total, page, bills, drawn, vouchers, credited, agree, found)


def all_compared(actor: Actor, month: date, *, difference: str = "") -> Iterator[Compared]:
    """Every compared bill of a month, for a download. Needs `reconciliation.view`."""
    actor = require(actor, "reconciliation.view")
    chosen, values = _chosen(_values(actor, month), difference, "")
    with connection.cursor() as cursor:
        cursor.execute(
            f"{statement(PACKAGE, 'reconciliation')} SELECT {_COLUMNS} FROM compared WHERE {chosen} ORDER BY bill_no",
            values,
        )
        while rows := cursor.fetchmany(5000):
            yield from (Compared(*row) for row in rows)


def set_aside(actor: Actor) -> dict[str, Weight]:
    """Lines of the banks that fit no credit, by why; they have no place, so only whoever sees the whole State sees them."""
    actor = require(actor, "reconciliation.view")
    if actor.area_paths is not None:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT disposition, count(*), coalesce(sum(paise), 0)::bigint FROM payments_response_line"
            " WHERE disposition NOT IN ('applied', 'repeated') AND drop_id IS NULL GROUP BY 1 ORDER BY 1"
        )
        return {name: Weight(count, paise) for name, count, paise in cursor.fetchall()}


def _values(actor: Actor, month: date) -> dict[str, Any]:
    return {
        "month": month,
        "paths": actor.path_patterns(),
        "whole_state": actor.area_paths is None,
        "late": timezone.localdate() > _credited_on(month) + timedelta(days=ANSWER_DAYS),
    }


def _credited_on(month: date) -> date:
    """The day on which the first of the month's files settles; a month that is paid late has its answers late, too."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(min(settlement_on), %(month)s) FROM payments_file"
            " WHERE month = %(month)s AND state IN ('released', 'sent')",
            {"month": month},
        )
        found: date = cursor.fetchone()[0]
    return max(month, found)


def _chosen(values: dict[str, Any], difference: str, ddo_code: str) -> tuple[str, dict[str, Any]]:
    conditions = ["true"]
    if difference == AGREES:
        conditions.append("differences = '{}'")
    elif difference:
        conditions.append("%(difference)s = ANY(differences)")
    if ddo_code:
        conditions.append("ddo_code = %(ddo)s")
    return " AND ".join(conditions), values | {"difference": difference, "ddo": ddo_code}
