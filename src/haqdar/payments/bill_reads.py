"""What people see of bills on their way: what would go out, how far each bill has come, one version with its schedule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from haqdar.access.actors import Actor, OutsideYourArea, require, require_area
from haqdar.base.month import Month
from haqdar.base.refusal import Refusal
from haqdar.base.sql import statement
from haqdar.law.payments import payment_rules
from haqdar.payments import budget
from haqdar.payments.ledger import PACKAGE
from haqdar.payments.proposals import days_of_closed

OUT = ("held", "unpayable", "waiting")
"""Why lines do not go out: a hold, no usable account, a local body for which the law waits."""


class MonthNotClosed(Refusal):
    """Bills stand on a closed month."""

    code = "month_not_closed"
    en = "{month} is not closed yet, so its bills can still change. The State closes the month on its proposal day; then continue here."
    hi = "{month} अभी बंद नहीं हुआ है, इसलिए इसके बिल बदल सकते हैं। राज्य प्रस्ताव के दिन महीना बंद करता है; उसके बाद यहाँ आगे बढ़ें।"


class NoSuchOfficer(Refusal):
    """No office has the drawing officer's code."""

    code = "no_such_ddo"
    en = "No office has the drawing officer's code {code}. Check the code in offices.csv."
    hi = "आहरण अधिकारी कोड {code} का कोई कार्यालय नहीं है। offices.csv में कोड जाँचें।"


@dataclass(frozen=True)
class DrawingOfficer:
    """A drawing and disbursing officer: the office with the code, the topmost where several share it."""

    code: str
    name_en: str
    name_hi: str
    area_path: str
    area_en: str
    area_hi: str

    def name(self, language: str) -> str:
        """The office's name in `language`."""
        return self.name_hi if language == "hi" else self.name_en


def officer(actor: Actor, ddo_code: str) -> DrawingOfficer:
    """The drawing officer of a code within the (narrowed) actor's area. Raises `NoSuchOfficer`, `OutsideYourArea`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.ddo_code, coalesce(o.name_en, a.name_en), coalesce(o.name_hi, o.name_en, a.name_hi, a.name_en), a.path,"
            " a.name_en, coalesce(a.name_hi, a.name_en) FROM access_office o JOIN access_area a ON a.area_code = o.area_code"
            " WHERE o.ddo_code = %s ORDER BY a.depth, o.office_code LIMIT 1",
            [ddo_code],
        )
        row = cursor.fetchone()
    if row is None:
        # whoever sees a part of the State only learns nothing about codes that are not his
        raise NoSuchOfficer(code=ddo_code) if actor.area_paths is None else OutsideYourArea()
    found = DrawingOfficer(*row)
    require_area(actor, found.area_path)
    return found


def closed_run(cursor: Any, month: date) -> int:
    """The run of a closed month. Raises `MonthNotClosed`."""
    cursor.execute("SELECT run_id FROM payments_month_closing WHERE month = %s", [month])
    row = cursor.fetchone()
    if row is None:
        raise MonthNotClosed(month=Month.of(month))
    return int(row[0])


def asked(month: date, ddo_codes: Sequence[str] | None) -> dict[str, Any]:
    """The values of sql/bill_now.sql."""
    return {
        "month": month,
        "ddos": list(ddo_codes) if ddo_codes is not None else None,
        "waits": payment_rules(settings.HAQDAR_LAW).silent_body == "waits",
    }


# -- what would go out ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PreparedBill:
    """A bill that can be sanctioned: as drawn, what stands of it now, and what is left out, by reason; paise.

    `earlier_*` was taken out by an earlier version and waits for a supplementary bill.
    """

    bill_id: int
    bill_no: str
    scheme: str
    head: str
    kind: str
    version: int
    drawn_persons: int
    drawn_paise: int
    held_persons: int
    held_paise: int
    unpayable_persons: int
    unpayable_paise: int
    waiting_persons: int
    waiting_paise: int
    earlier_persons: int
    earlier_paise: int

    @property
    def left_out_persons(self) -> int:
        """Distinct payees who do not go out with it."""
        return self.held_persons + self.unpayable_persons + self.waiting_persons + self.earlier_persons

    @property
    def left_out_paise(self) -> int:
        """What does not go out with it."""
        return self.held_paise + self.unpayable_paise + self.waiting_paise + self.earlier_paise

    @property
    def persons(self) -> int:
        """Distinct payees who do."""
        return self.drawn_persons - self.left_out_persons

    @property
    def paise(self) -> int:
        """What the bill would ask for."""
        return self.drawn_paise - self.left_out_paise


@dataclass(frozen=True)
class HeadNeed:
    """What the bills of one head need and what is available under it; paise."""

    head: str
    bills: int
    persons: int
    needed: int
    available: int

    @property
    def short(self) -> int:
        """What is missing; 0 where the budget suffices."""
        return max(0, self.needed - self.available)


@dataclass(frozen=True)
class Prepared:
    """What sanctioning the bills of one drawing officer would do now.

    `bodies` are the local bodies' proposals of the month, `unready` those not submitted; `bill_on` is the law's day from
    which the bills need not wait for them.
    """

    officer: DrawingOfficer
    month: date
    year: int
    bills: tuple[PreparedBill, ...]
    heads: tuple[HeadNeed, ...]
    bodies: int
    unready: int
    bill_on: date
    today: date

    @property
    def going(self) -> list[PreparedBill]:
        """The bills that ask for something."""
        return [bill for bill in self.bills if bill.paise > 0]

    @property
    def short(self) -> list[HeadNeed]:
        """The heads under which the budget is short."""
        return [head for head in self.heads if head.short]

    @property
    def with_budget(self) -> tuple[int, int]:
        """Bills and paise of the heads that are not short."""
        heads = [head for head in self.heads if not head.short]
        return sum(head.bills for head in heads), sum(head.needed for head in heads)

    @property
    def must_wait(self) -> bool:
        """Whether local bodies still have time to submit."""
        return self.unready > 0 and self.today < self.bill_on

    @property
    def persons(self) -> int:
        """Payees, counted once on each bill."""
        return sum(bill.persons for bill in self.going)

    @property
    def paise(self) -> int:
        """What all bills together ask for."""
        return sum(bill.paise for bill in self.going)

    @property
    def out(self) -> dict[str, tuple[int, int]]:
        """Reason -> (payees, counted once on each bill; paise) of what is left out now."""
        return {
            why: (
                sum(getattr(bill, f"{why}_persons") for bill in self.bills),
                sum(getattr(bill, f"{why}_paise") for bill in self.bills),
            )
            for why in (*OUT, "earlier")
        }


_PREPARED = """
, gone AS (
    SELECT l.bill_id, count(DISTINCT d.member_id) AS persons, sum(l.paise) AS paise
    FROM now JOIN payments_bill_line l ON l.bill_id = now.id AND l.withdrawn_in_id IS NOT NULL
    JOIN payments_due d ON d.id = l.due_id GROUP BY 1
), reason AS (
    SELECT bill_id,
        count(DISTINCT member_id) FILTER (WHERE why = 'held') AS held_persons,
        coalesce(sum(paise) FILTER (WHERE why = 'held'), 0) AS held_paise,
        count(DISTINCT member_id) FILTER (WHERE why = 'unpayable') AS unpayable_persons,
        coalesce(sum(paise) FILTER (WHERE why = 'unpayable'), 0) AS unpayable_paise,
        count(DISTINCT member_id) FILTER (WHERE why = 'waiting') AS waiting_persons,
        coalesce(sum(paise) FILTER (WHERE why = 'waiting'), 0) AS waiting_paise
    FROM out GROUP BY 1
)
SELECT now.id, now.bill_no, now.scheme, now.head, now.kind, now.version, now.persons, now.paise,
    coalesce(r.held_persons, 0), coalesce(r.held_paise, 0)::bigint,
    coalesce(r.unpayable_persons, 0), coalesce(r.unpayable_paise, 0)::bigint,
    coalesce(r.waiting_persons, 0), coalesce(r.waiting_paise, 0)::bigint,
    coalesce(g.persons, 0), coalesce(g.paise, 0)::bigint
FROM now LEFT JOIN reason r ON r.bill_id = now.id LEFT JOIN gone g ON g.bill_id = now.id
ORDER BY now.bill_no
"""


def preparation(actor: Actor, ddo_code: str, month: Month) -> Prepared:
    """What sanctioning would do now; changes nothing.

    Needs `payments.view`. Raises `MonthNotClosed`, `NoSuchOfficer`, `OutsideYourArea`.
    """
    actor = require(actor, "payments.view")
    who = officer(actor, ddo_code)
    year = budget.budget_year(month.first_day)
    with connection.cursor() as cursor:
        closed_run(cursor, month.first_day)
        cursor.execute(statement(PACKAGE, "bill_now") + _PREPARED, asked(month.first_day, [ddo_code]))
        bills = tuple(PreparedBill(*row) for row in cursor.fetchall())
        cursor.execute(
            "SELECT head, balance_paise FROM payments_budget_head WHERE year = %s AND head = ANY(%s)",
            [year, [bill.head for bill in bills]],
        )
        available = dict(cursor.fetchall())
        bodies, unready = readiness(cursor, month.first_day, [ddo_code])
    heads: dict[str, list[PreparedBill]] = {}
    for bill in bills:
        if bill.paise > 0:
            heads.setdefault(bill.head, []).append(bill)
    return Prepared(
        officer=who,
        month=month.first_day,
        year=year,
        bills=bills,
        heads=tuple(
            HeadNeed(
                head,
                len(own),
                sum(bill.persons for bill in own),
                sum(bill.paise for bill in own),
                available.get(head, 0),
            )
            for head, own in sorted(heads.items())
        ),
        bodies=bodies,
        unready=unready,
        bill_on=days_of_closed(month.first_day).bill,
        today=timezone.localdate(),
    )


def readiness(cursor: Any, month: date, ddo_codes: Sequence[str] | None) -> tuple[int, int]:
    """How many proposals local bodies have with these drawing officers, and how many of them are not submitted."""
    cursor.execute(
        "SELECT count(*), count(*) FILTER (WHERE state IN ('generated', 'verified')) FROM payments_proposal"
        " WHERE month = %s AND (%s::text[] IS NULL OR ddo_code = ANY(%s))",
        [month, list(ddo_codes) if ddo_codes is not None else None, list(ddo_codes or [])],
    )
    total, unready = cursor.fetchone()
    return int(total), int(unready)
