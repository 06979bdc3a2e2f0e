"""What the line looks like to whoever may see it: how many bills stand where, what is stuck and why, one bill's way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from django.db import connection
from django.utils import timezone

from haqdar.access.actors import Actor, require
from haqdar.base.paging import Paged
from haqdar.base.refusal import Refusal
from haqdar.payments.models.treasury import BILL_STATES
from haqdar.payments.treasury.line import is_on, line, profile

STUCK = "stuck"
"""The filter that shows what is stuck, whatever its state."""


class NoSuchTreasuryBill(Refusal):
    """The address names no bill of the actor's area."""

    code = "no_such_treasury_bill"
    en = "There is no such bill on the treasury's line in your area."
    hi = "आपके क्षेत्र में कोषालय को भेजा गया ऐसा कोई बिल नहीं है।"


@dataclass(frozen=True, slots=True)
class LineBill:
    """A bill on the line. `why` is a word for what it waits for or is stuck at (empty: it goes its way), `days` since it got there."""

    key: UUID
    kind: str
    number: str
    ddo_code: str
    office_en: str
    office_hi: str
    scheme: str
    head: str
    month: date
    persons: int
    paise: int
    state: str
    since_at: datetime
    why: str
    said: str
    token_no: str
    voucher_no: str
    voucher_on: date | None
    failed_persons: int
    failed_paise: int
    open_persons: int
    days: int

    @property
    def stuck(self) -> bool:
        """Whether a person should look at it."""
        return bool(self.why)


@dataclass(frozen=True, slots=True)
class LinePage(Paged):
    """A page of bills on the line."""

    PAGE: ClassVar[int] = 50
    rows: Sequence[LineBill]
    total: int
    page: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How many bills, people and paise stand in a state; `stuck` of the bills."""

    state: str
    bills: int
    persons: int
    paise: int
    stuck: int


@dataclass(frozen=True, slots=True)
class Health:
    """The line itself: is there one, when did the treasury answer last, what is in its way (a word), how many questions wait.

    `refusal` says what is wrong with its settings.
    """

    on: bool
    refusal: Refusal | None
    answered_at: datetime | None
    problem: str
    unanswered: int
    waiting: int
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Question:
    """One question about a bill, as it stands."""

    service: str
    state: str
    asked: int
    attempts: int
    last_at: datetime | None
    next_at: datetime
    problem: str
    said: str


@dataclass(frozen=True, slots=True)
class Failed:
    """A credit that failed, by its id and without a name."""

    credit_id: str
    paise: int
    answered_on: date
    reason_code: str
    reason_said: str
    challan_no: str


# Late without an answer of any kind is a reason of its own; what the treasury or a payee is in the way of comes first.
_LINE = """
    WITH office AS (
        SELECT DISTINCT ON (o.ddo_code) o.ddo_code, o.name_en, o.name_hi
        FROM access_office o JOIN access_area a ON a.area_code = o.area_code
        WHERE o.ddo_code IS NOT NULL AND a.path LIKE ANY(%(paths)s)
        ORDER BY o.ddo_code, a.depth, o.office_code
    ), line AS (
        SELECT t.*, coalesce(o.name_en, '') AS office_en, coalesce(o.name_hi, o.name_en, '') AS office_hi,
            CASE
                WHEN t.state IN ('closed', 'ended') THEN ''
                WHEN t.problem <> '' THEN t.problem
                WHEN l.days IS NOT NULL AND t.since_at < %(now)s - make_interval(days => l.days) THEN 'late_' || t.state
                ELSE ''
            END AS why,
            extract(day FROM %(now)s - t.since_at)::integer AS days
        FROM payments_treasury_bill t
        LEFT JOIN office o ON o.ddo_code = t.ddo_code
        LEFT JOIN unnest(%(states)s::text[], %(days)s::integer[]) AS l (state, days) ON l.state = t.state
        WHERE o.ddo_code IS NOT NULL OR %(whole_state)s
    )
"""
_ROW = """
    SELECT l.key, l.kind, l.number, l.ddo_code, l.office_en, l.office_hi, l.scheme, l.head, l.month, l.persons, l.paise, l.state,
        l.since_at, l.why, l.said, l.token_no, l.voucher_no, l.voucher_on, c.failed, c.failed_paise, c.pending, l.days
    FROM chosen l
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE c.state = 'failed')::integer AS failed,
            coalesce(sum(c.paise) FILTER (WHERE c.state = 'failed'), 0)::bigint AS failed_paise,
            count(*) FILTER (WHERE c.state = 'pending')::integer AS pending
        FROM payments_treasury_credit c WHERE c.bill_id = l.id
    ) c
    ORDER BY l.id DESC
"""
_WHERE = " WHERE (%(state)s = '' OR l.state = %(state)s OR (%(state)s = 'stuck' AND l.why <> ''))"


def health(actor: Actor) -> Health:
    """How the line is. Needs `treasury.view`."""
    require(actor, "treasury.view")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(last_at) FILTER (WHERE attempts = 0), count(*) FILTER (WHERE state = 'waiting' AND attempts > 0),"
            " count(*) FILTER (WHERE state = 'waiting'), min(next_at) FILTER (WHERE state = 'waiting'),"
            " coalesce((array_agg(problem ORDER BY last_at DESC) FILTER (WHERE state = 'waiting' AND attempts > 0))[1], '')"
            " FROM payments_treasury_message"
        )
        answered_at, unanswered, waiting, next_at, problem = cursor.fetchone()
    refusal = None
    if is_on():
        try:
            line()
        except Refusal as wrong:
            refusal = wrong
    return Health(is_on(), refusal, answered_at, problem, unanswered, waiting, next_at)


def standings(actor: Actor) -> list[Standing]:
    """The bills of the actor's area by state, in the order of their way. Needs `treasury.view`."""
    with connection.cursor() as cursor:
        cursor.execute(
            _LINE
            + " SELECT state, count(*), sum(persons)::bigint, sum(paise)::bigint, count(*) FILTER (WHERE why <> '')"
            " FROM line GROUP BY 1",
            _scope(actor),
        )
        found = {row[0]: Standing(*row) for row in cursor.fetchall()}
    return [found[state] for state in BILL_STATES if state in found]


def line_page(actor: Actor, state: str, page: int) -> LinePage:
    """A page of the actor's bills, newest first; `state` is one of `BILL_STATES`, `STUCK`, or empty for all."""
    values = _scope(actor) | {"state": state, "most": LinePage.PAGE, "offset": (page - 1) * LinePage.PAGE}
    with connection.cursor() as cursor:
        cursor.execute(_LINE + " SELECT count(*) FROM line l" + _WHERE, values)
        (total,) = cursor.fetchone()
        cursor.execute(
            _LINE
            + f", chosen AS (SELECT l.* FROM line l{_WHERE} ORDER BY l.id DESC LIMIT %(most)s OFFSET %(offset)s)"
            + _ROW,
            values,
        )
        return LinePage([LineBill(*row) for row in cursor.fetchall()], total, page)


def every_bill(actor: Actor, state: str) -> Iterator[LineBill]:
    """All of the actor's bills in a state, for a download."""
    with connection.cursor() as cursor:
        cursor.execute(
            _LINE + f", chosen AS (SELECT l.* FROM line l{_WHERE})" + _ROW, _scope(actor) | {"state": state}
        )
        for row in cursor.fetchall():
            yield LineBill(*row)


def line_bill(actor: Actor, key: UUID) -> LineBill:
    """One bill. Needs `treasury.view`. Raises `NoSuchTreasuryBill`."""
    with connection.cursor() as cursor:
        cursor.execute(
            _LINE + ", chosen AS (SELECT l.* FROM line l WHERE l.key = %(key)s)" + _ROW,
            _scope(actor) | {"key": key},
        )
        row = cursor.fetchone()
    if row is None:
        raise NoSuchTreasuryBill()
    return LineBill(*row)


def questions(bill: LineBill) -> list[Question]:
    """What was asked about a bill that the caller may see, in the order of its way."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT m.service, m.state, m.asked, m.attempts, m.last_at, m.next_at, m.problem, m.said"
            " FROM payments_treasury_message m JOIN payments_treasury_bill t ON t.id = m.bill_id WHERE t.key = %s ORDER BY m.id",
            [bill.key],
        )
        return [Question(*row) for row in cursor.fetchall()]


def failures(bill: LineBill) -> list[Failed]:
    """The credits of a bill that failed, at most a hundred, without names or accounts."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.credit_id, c.paise, c.answered_on, c.reason_code, c.reason_said, c.challan_no"
            " FROM payments_treasury_credit c JOIN payments_treasury_bill t ON t.id = c.bill_id"
            " WHERE t.key = %s AND c.state = 'failed' ORDER BY c.credit_id LIMIT 100",
            [bill.key],
        )
        return [Failed(*row) for row in cursor.fetchall()]


def _scope(actor: Actor) -> dict[str, Any]:
    actor = require(actor, "treasury.view")
    late = profile().late_days
    return {
        "paths": actor.path_patterns(),
        "whole_state": actor.area_paths is None,
        "now": timezone.now(),
        "states": list(late),
        "days": list(late.values()),
    }
