"""The State's budget by head of account and year: allotted, taken by sanctioned bills, given back, surrendered; never overdrawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from haqdar.access.actors import Actor, acting, require
from haqdar.access.many import record_many
from haqdar.base.money import indian, rupees
from haqdar.base.refusal import Refusal, Words
from haqdar.law import load_lawbook
from haqdar.law.payments import payment_rules
from haqdar.payments.models import BudgetHead

ADDS = ("allotment", "additional")
"""What the State enters to add to a head's budget."""
TAKES = ("withdrawal", "surrender")
"""What the State enters to take from it."""
_SHOWN = 3


class BudgetShort(Refusal):
    """Bills ask for more than is available under a head: nothing was taken."""

    code = "budget_short"
    en = "The budget is short under {count} heads of account; nothing was sanctioned. {heads}. Ask the State for an additional allotment, or sanction the other bills first."
    hi = "{count} लेखा शीर्षों में बजट कम है; कुछ भी मंज़ूर नहीं हुआ। {heads}। राज्य से अतिरिक्त आवंटन माँगें, या पहले बाकी बिल मंज़ूर करें।"


class YearEnded(Refusal):
    """The budget year of a bill's month has ended: its heads give nothing more."""

    code = "budget_year_ended"
    en = "The budget year {year} has ended, so nothing more is drawn on it. Open the bills of a month of the new year and draw a supplementary bill there: what was not paid is on it."
    hi = "बजट वर्ष {year} समाप्त हो चुका है, इसलिए उससे अब कुछ नहीं निकलेगा। नए वर्ष के किसी महीने के बिल खोलें और वहाँ पूरक बिल बनाएँ: जो नहीं दिया गया वह उसी में आएगा।"


class NotThatMuch(Refusal):
    """More cannot be taken from a head than is available under it."""

    code = "budget_not_that_much"
    en = "Only {available} is available under {head} in {year}; {asked} cannot be taken from it. Enter a smaller amount."
    hi = "{year} में {head} में केवल {available} उपलब्ध है; {asked} नहीं निकाला जा सकता। कम रकम लिखें।"


class NoOrderNumber(Refusal):
    """Money of the budget moves only by a written order."""

    code = "no_order_number"
    en = "Enter the number and date of the order, for example 'F.4-1/2016/1/4 of 1 April 2016'."
    hi = "आदेश का क्रमांक और दिनांक लिखें, जैसे 'एफ 4-1/2016/1/4 दिनांक 1 अप्रैल 2016'।"


class NoAmount(Refusal):
    """An entry of the budget moves something."""

    code = "no_amount"
    en = "Enter an amount above zero, in rupees."
    hi = "शून्य से अधिक रकम रुपयों में लिखें।"


@dataclass(frozen=True, slots=True)
class Short:
    """A head of account under which less is available than bills need; paise."""

    head: str
    needed: int
    available: int


def budget_year(day: date) -> int:
    """The year in which the budget year of `day` begins, by the State's law.

    >>> from datetime import date
    >>> budget_year(date(2017, 3, 1)), budget_year(date(2017, 4, 1))  # doctest: +SKIP
    (2016, 2017)
    """
    return day.year if day.month >= payment_rules(settings.HAQDAR_LAW).year_begins else day.year - 1


def year_text(year: int) -> str:
    """A budget year as offices write it.

    >>> year_text(2016), year_text(2099)
    ('2016-17', '2099-00')
    """
    return f"{year}-{(year + 1) % 100:02d}"


def must_not_have_ended(cursor: Any, month: date) -> None:
    """Bills of a month are drawn and sanctioned only until its budget year has ended (payments.lapsing). Raises `YearEnded`."""
    cursor.execute("SELECT FROM payments_budget_year_end WHERE %s BETWEEN begins_on AND ends_on", [month])
    if cursor.rowcount:
        raise YearEnded(year=year_text(budget_year(month)))


def allot(actor: Actor, year: int, head: str, paise: int, order_no: str, kind: str = "allotment") -> int:
    """Add `paise` to a head's budget by an order, as `allotment` or `additional`; returns the balance. Raises as `allot_many`."""
    assert kind in ADDS
    return _one(actor, year, head, paise, order_no, kind)


def withdraw(actor: Actor, year: int, head: str, paise: int, order_no: str) -> int:
    """Take `paise` of an allotment back by an order; returns the balance. Raises as `allot_many` does."""
    return _one(actor, year, head, paise, order_no, "withdrawal")


def surrender(actor: Actor, year: int, head: str, paise: int, order_no: str) -> int:
    """Give `paise` that will not be spent back to the finance department; returns the balance. Raises as `allot_many` does."""
    return _one(actor, year, head, paise, order_no, "surrender")


def _one(actor: Actor, year: int, head: str, paise: int, order_no: str, kind: str) -> int:
    allot_many(actor, year, [(head, paise)], order_no, kind)
    return BudgetHead.objects.get(year=year, head=head).balance_paise


def allot_many(
    actor: Actor, year: int, amounts: Iterable[tuple[str, int]], order_no: str, kind: str = "allotment"
) -> int:
    """Enter one order for several heads, (head, paise above zero) each, all or none; returns how many heads it moved.

    `kind` is a word of `ADDS` or `TAKES`. Needs `budget.enter`. Raises `NoAmount`, `NoOrderNumber`, `NotThatMuch`.
    """
    actor = require(actor, "budget.enter")
    assert kind in (*ADDS, *TAKES)
    rows: dict[str, int] = {}
    for head, paise in amounts:
        rows[head] = rows.get(head, 0) + paise
        if paise <= 0:
            raise NoAmount()
    if not order_no.strip():
        raise NoOrderNumber()
    if not rows:
        raise NoAmount()
    sign = 1 if kind in ADDS else -1
    with acting(actor, "budget.enter"), connection.cursor() as cursor:
        _open_heads(cursor, year, list(rows))
        balances = locked(cursor, year, list(rows))
        for head, paise in rows.items():
            if balances[head] + sign * paise < 0:
                raise NotThatMuch(
                    available=indian(balances[head]), head=head, year=year_text(year), asked=indian(paise)
                )
        cursor.execute(
            "INSERT INTO payments_budget_entry (budget_id, kind, paise, order_no, note, made_at, made_by)"
            " SELECT h.id, %s, a.paise, %s, '', %s, %s FROM unnest(%s::text[], %s::bigint[]) AS a (head, paise)"
            " JOIN payments_budget_head h ON h.year = %s AND h.head = a.head ORDER BY h.id",
            [
                kind, order_no.strip(), timezone.now(), actor.name, list(rows),
                [sign * paise for paise in rows.values()], year,
            ],
        )  # fmt: skip
        record_many(
            actor,
            "budget.enter",
            "budget",
            (
                (
                    f"{year}/{head}",
                    {"balance": balances[head]},
                    {"kind": kind, "paise": sign * paise, "order": order_no.strip()},
                )
                for head, paise in rows.items()
            ),
        )
    return len(rows)


def _open_heads(cursor: Any, year: int, heads: Sequence[str]) -> None:
    cursor.execute(
        "INSERT INTO payments_budget_head (year, head, balance_paise) SELECT DISTINCT %s::smallint, head, 0"
        " FROM unnest(%s::text[]) AS a (head) ORDER BY head ON CONFLICT DO NOTHING",
        [year, list(heads)],
    )


def locked(cursor: Any, year: int, heads: Sequence[str]) -> dict[str, int]:
    """Head -> available paise, 0 where nothing was allotted; nobody changes them until the transaction ends."""
    cursor.execute(
        "SELECT head, balance_paise FROM payments_budget_head WHERE year = %s AND head = ANY(%s) ORDER BY id FOR UPDATE",
        [year, list(heads)],
    )
    return dict.fromkeys(heads, 0) | dict(cursor.fetchall())


def short_of(balances: dict[str, int], needed: dict[str, int]) -> list[Short]:
    """The heads that need more than is available, by head."""
    return [
        Short(head, paise, balances.get(head, 0))
        for head, paise in sorted(needed.items())
        if paise > balances.get(head, 0)
    ]


def refuse_short(short: Sequence[Short]) -> None:
    """Raise `BudgetShort` where `short` names a head."""
    if short:
        raise BudgetShort(count=len(short), heads=Words(_named(short, "en"), _named(short, "hi")))


def _named(short: Sequence[Short], language: str) -> str:
    said = (
        "{head}: {needed} needed, {available} available"
        if language == "en"
        else "{head}: {needed} चाहिए, {available} उपलब्ध"
    )
    rest = "and {count} more" if language == "en" else "और {count}"
    parts = [
        said.format(head=one.head, needed=indian(one.needed), available=indian(one.available))
        for one in short[:_SHOWN]
    ]
    return "; ".join([*parts, *([rest.format(count=len(short) - _SHOWN)] if len(short) > _SHOWN else [])])


def commit_versions(cursor: Any, year: int, version_ids: Sequence[int], at: datetime, by: str) -> None:
    """Take the sums of new versions of bills from their heads. The heads must be `locked` and suffice."""
    cursor.execute(
        "INSERT INTO payments_budget_entry (budget_id, kind, paise, version_id, order_no, note, made_at, made_by)"
        " SELECT h.id, 'commitment', -v.paise, v.id, v.sanction_no, '', %s, %s"
        " FROM payments_bill_version v JOIN payments_bill b ON b.id = v.bill_id"
        " JOIN payments_budget_head h ON h.year = %s AND h.head = b.head WHERE v.id = ANY(%s)",
        [at, by, year, list(version_ids)],
    )
    # a head without a row would let a bill through unpaid for
    assert cursor.rowcount == len(version_ids)


def give_back(cursor: Any, rows: Iterable[tuple[int, int, str]], by: str) -> int:
    """Give (version id, paise, note) back to the heads they were taken from; returns how many entries were made.

    Never more of a version than it took: raises ValueError.
    """
    given = list(rows)
    if not given:
        return 0
    ids, paise, notes = (list(column) for column in zip(*given, strict=True))
    cursor.execute(
        "SELECT count(*) FROM (SELECT e.version_id, sum(e.paise) AS left_paise FROM payments_budget_entry e"
        " WHERE e.version_id = ANY(%s) GROUP BY 1) e"
        " JOIN (SELECT id, sum(paise) AS paise FROM unnest(%s::bigint[], %s::bigint[]) AS a (id, paise) GROUP BY 1) a"
        " ON a.id = e.version_id WHERE a.paise > -e.left_paise",
        [ids, ids, paise],
    )
    if cursor.fetchone()[0]:
        raise ValueError("more would be given back to a head than its bill took")
    cursor.execute(
        "INSERT INTO payments_budget_entry (budget_id, kind, paise, version_id, order_no, note, made_at, made_by)"
        " SELECT e.budget_id, 'release', a.paise, a.id, e.order_no, a.note, %s, %s"
        " FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS a (id, paise, note)"
        " JOIN payments_budget_entry e ON e.version_id = a.id AND e.kind = 'commitment'",
        [timezone.now(), by, ids, paise, notes],
    )
    return int(cursor.rowcount)


# -- reads ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class HeadBudget:
    """One head's year; paise, none of them negative but what the database would refuse.

    `allotted` is allotments less withdrawals, `spent` what living bills took, `waiting` the sum of drawn bills of the year that
    nobody has sanctioned yet.
    """

    head: str
    allotted: int
    surrendered: int
    spent: int
    available: int
    waiting: int

    @property
    def used_percent(self) -> int:
        """How much of the budget is taken, in whole percent, rounded down."""
        return 100 * self.spent // self.allotted if self.allotted else 0

    @property
    def short(self) -> int:
        """What is missing for the bills that wait; 0 where the budget suffices."""
        return max(0, self.waiting - self.available)


def known_heads(year: int) -> list[str]:
    """The heads that the law composes on the first day of a budget year, and those of bills and budgets, in order."""
    rules = payment_rules(settings.HAQDAR_LAW)
    now = load_lawbook(settings.HAQDAR_LAW).on(date(year, rules.year_begins, 1))
    found = {
        share.head
        for scheme in now.all_schemes
        for category in now.heads.category_of
        for rural in (True, False)
        for share in now.heads_for(scheme.code, category, rural)
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT head FROM payments_budget_head UNION SELECT head FROM payments_bill")
        return sorted(found | {head for (head,) in cursor.fetchall()})


def years(actor: Actor) -> list[int]:
    """The budget years with an allotment or a bill, newest first. Needs `budget.view`."""
    require(actor, "budget.view")
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT year FROM payments_budget_head")
        found = {year for (year,) in cursor.fetchall()}
        cursor.execute("SELECT DISTINCT month FROM payments_bill")
        return sorted(found | {budget_year(month) for (month,) in cursor.fetchall()}, reverse=True)


def heads(actor: Actor, year: int) -> list[HeadBudget]:
    """Every head with a budget or a bill in `year`, by head. Needs `budget.view`: the pool is the State's, seen by all."""
    require(actor, "budget.view")
    begins = payment_rules(settings.HAQDAR_LAW).year_begins
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH entry AS (
                SELECT h.head, h.balance_paise,
                    coalesce(sum(e.paise) FILTER (WHERE e.kind IN ('allotment', 'additional', 'withdrawal')), 0) AS allotted,
                    coalesce(-sum(e.paise) FILTER (WHERE e.kind = 'surrender'), 0) AS surrendered,
                    coalesce(-sum(e.paise) FILTER (WHERE e.kind IN ('commitment', 'release')), 0) AS spent
                FROM payments_budget_head h LEFT JOIN payments_budget_entry e ON e.budget_id = h.id
                WHERE h.year = %(year)s GROUP BY h.id
            ), drawn AS (
                SELECT b.head, sum(b.paise) AS waiting
                FROM payments_bill b JOIN payments_month_closing c ON c.run_id = b.run_id
                WHERE b.month >= %(from)s AND b.month < %(until)s AND NOT EXISTS (
                    SELECT FROM payments_bill_version v
                    WHERE v.bill_id = b.id AND v.state NOT IN ('objected', 'cancelled'))
                GROUP BY 1
            )
            SELECT head, coalesce(allotted, 0)::bigint, coalesce(surrendered, 0)::bigint, coalesce(spent, 0)::bigint,
                coalesce(balance_paise, 0)::bigint, coalesce(waiting, 0)::bigint
            FROM entry FULL JOIN drawn USING (head) ORDER BY head
            """,
            {"year": year, "from": date(year, begins, 1), "until": date(year + 1, begins, 1)},
        )
        return [HeadBudget(*row) for row in cursor.fetchall()]


@dataclass(frozen=True)
class BudgetLine:
    """One entry of a head's budget; `paise` is negative where it takes."""

    made_at: datetime
    kind: str
    paise: int
    order_no: str
    note: str
    version_key: Any
    balance: int

    @property
    def amount(self) -> str:
        """The amount in rupees, for files."""
        return rupees(self.paise)


def entries_of(actor: Actor, year: int, head: str, limit: int = 500) -> list[BudgetLine]:
    """The newest entries of one head with the balance after each, newest first. Needs `budget.view`."""
    require(actor, "budget.view")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.made_at, e.kind, e.paise, e.order_no, e.note, v.key,"
            " (sum(e.paise) OVER (ORDER BY e.id))::bigint FROM payments_budget_entry e"
            " JOIN payments_budget_head h ON h.id = e.budget_id LEFT JOIN payments_bill_version v ON v.id = e.version_id"
            " WHERE h.year = %s AND h.head = %s ORDER BY e.id DESC LIMIT %s",
            [year, head, limit],
        )
        return [BudgetLine(*row) for row in cursor.fetchall()]
