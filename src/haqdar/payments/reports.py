"""What a State reports of its money: by head, by scheme, by area; each a small table made from the sums of the months.

Amounts are whole paise. A budget year is named by the calendar year in which it begins.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from django.conf import settings
from django.db import connection

from haqdar.access.actors import Actor, below, require, require_area
from haqdar.access.queries import Place
from haqdar.base.refusal import Refusal
from haqdar.law import load_lawbook
from haqdar.law.payments import payment_rules
from haqdar.payments.budget import budget_year
from haqdar.payments.queries import COUNTED
from haqdar.payments.standing import AT_ONCE, bring_up_to_date

NSAP = ("IGNOAPS", "IGNWPS", "IGNDPS")
"""The pensions of the National Social Assistance Programme."""


@dataclass(frozen=True, slots=True)
class HeadOf:
    """What a head of account stands for under the law: scheme and sponsor component."""

    scheme: str
    component: str


def heads_of(day: date) -> dict[str, HeadOf]:
    """Head of account -> what it stands for, under the law of `day`."""
    law = load_lawbook(settings.HAQDAR_LAW).on(day)
    found: dict[str, HeadOf] = {}
    for scheme in law.all_schemes:
        for category in law.heads.category_of:
            for rural in (True, False):
                for share in law.heads_for(scheme.code, category, rural):
                    found.setdefault(share.head, HeadOf(scheme.code, share.component))
    return found


def year_of(month: date) -> int:
    """The budget year of the bills of a month."""
    return budget_year(month)


def months_of(year: int) -> tuple[date, date]:
    """First and last month of a budget year."""
    begins = payment_rules(settings.HAQDAR_LAW).year_begins
    last = begins - 1 or 12
    return date(year, begins, 1), date(year + (last < begins), last, 1)


# -- the statement of a month, by head ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HeadMonth:
    """A head of account in a month: how far its bills have come; and in the year up to it, against its budget."""

    head: str
    scheme: str
    bills: int
    drawn: int
    sanctioned: int
    passed: int
    credited: int
    back: int
    year_passed: int
    allotted: int
    available: int

    @property
    def to_come(self) -> int:
        """What was passed and not credited."""
        return self.passed - self.credited


_OFFICES = """
    office AS (
        SELECT DISTINCT o.ddo_code FROM access_office o JOIN access_area a ON a.area_code = o.area_code
        WHERE o.ddo_code IS NOT NULL AND a.path LIKE ANY(%(paths)s)
    )"""
_LIVING = "v.state NOT IN ('objected', 'cancelled')"
_HEADS = f"""
    WITH {_OFFICES},
    bill AS (
        SELECT b.id, b.head, b.scheme, b.month, b.paise, v.paise AS version_paise, v.state
        FROM payments_bill b
        JOIN cases_month_run r ON r.id = b.run_id AND {COUNTED}
        LEFT JOIN payments_bill_version v ON v.bill_id = b.id AND {_LIVING}
        WHERE b.month BETWEEN %(first)s AND %(month)s
            AND (%(whole_state)s OR b.ddo_code IN (SELECT ddo_code FROM office))
    ),
    stood AS (
        SELECT b.head, sum(s.paise) FILTER (WHERE s.outcome LIKE 'credited%%') AS credited,
            sum(s.paise) FILTER (WHERE s.outcome IN ('returned', 'again')) AS back
        FROM bill b JOIN payments_bill_standing s ON s.bill_id = b.id WHERE b.month = %(month)s GROUP BY 1
    ),
    budget AS (
        SELECT h.head, h.balance_paise,
            (SELECT coalesce(sum(e.paise), 0) FROM payments_budget_entry e
             WHERE e.budget_id = h.id AND e.kind NOT IN ('commitment', 'release')) AS allotted
        FROM payments_budget_head h WHERE h.year = %(year)s
    ),
    summed AS (
        SELECT head, min(scheme) AS scheme, count(*) FILTER (WHERE month = %(month)s) AS bills,
            coalesce(sum(paise) FILTER (WHERE month = %(month)s), 0) AS drawn,
            coalesce(sum(version_paise) FILTER (WHERE month = %(month)s), 0) AS sanctioned,
            coalesce(sum(version_paise) FILTER (WHERE month = %(month)s AND state IN ('passed', 'paid')), 0) AS passed,
            coalesce(sum(version_paise) FILTER (WHERE state IN ('passed', 'paid')), 0) AS year_passed
        FROM bill GROUP BY 1
    )
    SELECT coalesce(m.head, g.head), coalesce(m.scheme, ''), coalesce(m.bills, 0)::int, coalesce(m.drawn, 0)::bigint,
        coalesce(m.sanctioned, 0)::bigint, coalesce(m.passed, 0)::bigint, coalesce(s.credited, 0)::bigint,
        coalesce(s.back, 0)::bigint, coalesce(m.year_passed, 0)::bigint, coalesce(g.allotted, 0)::bigint,
        coalesce(g.balance_paise, 0)::bigint
    FROM summed m FULL JOIN budget g ON g.head = m.head LEFT JOIN stood s ON s.head = m.head
    ORDER BY 1
"""


def month_by_head(actor: Actor, month: date) -> list[HeadMonth]:
    """The statement of a month: one row a head, of the drawing officers in the actor's area; the budget is the State's pool.

    Needs `report.view`.
    """
    actor = require(actor, "report.view")
    bring_up_to_date(month, most=AT_ONCE)
    first, _last = months_of(year_of(month))
    with connection.cursor() as cursor:
        cursor.execute(_HEADS, _of_actor(actor) | {"month": month, "first": first, "year": year_of(month)})
        return [HeadMonth(*row) for row in cursor.fetchall()]


# -- utilisation of a year -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Grant:
    """One order that gave or took budget in a year, of one scheme and component."""

    order_no: str
    made_on: date
    scheme: str
    component: str
    kind: str
    paise: int


@dataclass(frozen=True, slots=True)
class Used:
    """What became of a year's money of one scheme and component."""

    scheme: str
    component: str
    granted: int
    surrendered: int
    passed: int
    credited: int
    open: int

    @property
    def unspent(self) -> int:
        """What was granted and neither credited to people nor surrendered."""
        return self.granted - self.surrendered - self.credited


class CertificateOfTheState(Refusal):
    """Money is granted to the State: a part of it has no grant of its own to certify."""

    code = "certificate_of_the_state"
    en = "The utilisation certificate covers the whole State, whose grants it accounts for. See the month-end statement for your area."
    hi = "उपयोगिता प्रमाण पत्र पूरे राज्य का होता है, क्योंकि अनुदान राज्य को मिलता है। अपने क्षेत्र के लिए माह-अंत विवरण देखें।"


@dataclass(frozen=True)
class Utilisation:
    """A year's grants and their use; `to` is the last month counted."""

    year: int
    to: date | None
    grants: list[Grant]
    used: list[Used]


def utilisation(actor: Actor, year: int, component: str = "") -> Utilisation:
    """How the money of a budget year was used, by scheme and component, with the orders that gave it. Needs `report.view` in the whole State.

    Granted is what orders gave less what they took back, without surrenders; used is only what banks credited and did not
    give back.
    """
    actor = require(actor, "report.view")
    if actor.area_paths is not None:
        raise CertificateOfTheState()
    first, last = months_of(year)
    values = _of_actor(actor) | {"year": year, "first": first, "last": last}
    kinds = heads_of(last)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT max(r.month) FROM cases_month_run r WHERE {COUNTED} AND r.month BETWEEN %(first)s AND %(last)s",
            values,
        )
        (to,) = cursor.fetchone()
        if to is not None:
            bring_up_to_date(to, most=AT_ONCE)
        cursor.execute(
            "SELECT e.order_no, (e.made_at AT TIME ZONE 'Asia/Kolkata')::date, h.head, e.kind, sum(e.paise)::bigint"
            " FROM payments_budget_entry e JOIN payments_budget_head h ON h.id = e.budget_id"
            " WHERE h.year = %(year)s AND e.kind NOT IN ('commitment', 'release') GROUP BY 1, 2, 3, 4 ORDER BY 2, 1, 3",
            values,
        )
        given = cursor.fetchall()
        cursor.execute(
            f"WITH {_OFFICES}"
            " SELECT b.head, sum(v.paise) FILTER (WHERE v.state IN ('passed', 'paid'))::bigint, sum(s.credited)::bigint,"
            " sum(s.open)::bigint FROM payments_bill b"
            f" JOIN cases_month_run r ON r.id = b.run_id AND {COUNTED}"
            f" LEFT JOIN payments_bill_version v ON v.bill_id = b.id AND {_LIVING}"
            " LEFT JOIN LATERAL (SELECT sum(paise) FILTER (WHERE outcome LIKE 'credited%%') AS credited,"
            "  sum(paise) FILTER (WHERE outcome IN ('sent', 'again', 'returned')) AS open"
            "  FROM payments_bill_standing s WHERE s.bill_id = b.id) s ON true"
            " WHERE b.month BETWEEN %(first)s AND %(last)s"
            " AND (%(whole_state)s OR b.ddo_code IN (SELECT ddo_code FROM office)) GROUP BY 1",
            values,
        )
        spent = cursor.fetchall()
    grants: dict[tuple[str, date, str, str, str], int] = {}
    sums: dict[tuple[str, str], list[int]] = {}
    for order_no, made_on, head, kind, paise in given:
        of = kinds.get(head, HeadOf(head, ""))
        key = (order_no, made_on, of.scheme, of.component, kind)
        grants[key] = grants.get(key, 0) + paise
        row = sums.setdefault((of.scheme, of.component), [0, 0, 0, 0, 0])
        row[1 if kind == "surrender" else 0] += -paise if kind == "surrender" else paise
    for head, passed, credited, still_open in spent:
        of = kinds.get(head, HeadOf(head, ""))
        row = sums.setdefault((of.scheme, of.component), [0, 0, 0, 0, 0])
        for place, paise in ((2, passed), (3, credited), (4, still_open)):
            row[place] += paise or 0
    return Utilisation(
        year,
        to,
        [Grant(*key, paise=paise) for key, paise in grants.items() if component in ("", key[3])],
        [Used(*key, *row) for key, row in sorted(sums.items()) if component in ("", key[1])],
    )


# -- monthly progress ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Progress:
    """A pension in a month: who was owed it, who came and went, and what was paid; `credited` are paise of the banks."""

    scheme: str
    area_code: str
    persons: int
    new: int | None
    ended: int | None
    women: int | None
    sc: int | None
    st: int | None
    aged_80: int | None
    due: int
    credited: int
    back: int
    year_credited: int


_PROGRESS = """
    WITH owed AS (
        SELECT t.scheme, {group} AS area, sum(t.persons) AS persons, sum(t.regular_paise) AS due
        FROM payments_area_total t
        JOIN cases_month_run r ON r.id = t.run_id AND r.state = 'complete' AND r.posted AND r.month = %(month)s
        LEFT JOIN access_area a ON a.area_code = t.area_code
        WHERE {inside} GROUP BY 1, 2
    ),
    -- kept by block and town: below them nothing is said of it
    counted AS (
        SELECT c.scheme, {group} AS area,
            sum(c.persons) FILTER (WHERE c.sex = 'F') AS women, sum(c.persons) FILTER (WHERE c.category = 'SC') AS sc,
            sum(c.persons) FILTER (WHERE c.category = 'ST') AS st, sum(c.persons) FILTER (WHERE c.aged_80) AS aged_80
        FROM payments_payee_count c LEFT JOIN access_area a ON a.area_code = c.area_code
        WHERE c.month = %(month)s AND {inside} GROUP BY 1, 2
    ),
    stood AS (
        SELECT s.scheme, {group} AS area,
            sum(s.paise) FILTER (WHERE s.month = %(month)s AND s.outcome LIKE 'credited%%') AS credited,
            sum(s.paise) FILTER (WHERE s.month = %(month)s AND s.outcome IN ('returned', 'again')) AS back,
            sum(s.paise) FILTER (WHERE s.outcome LIKE 'credited%%') AS year_credited
        FROM payments_standing s LEFT JOIN access_area a ON a.area_code = s.area_code
        WHERE s.month BETWEEN %(first)s AND %(month)s AND {inside} GROUP BY 1, 2
    ),
    proposed AS (
        SELECT p.scheme, {group} AS area, sum(p.new_persons) AS new, sum(p.ended_persons) AS ended
        FROM payments_proposal p LEFT JOIN access_area a ON a.area_code = p.body_code
        WHERE p.month = %(month)s AND {inside} GROUP BY 1, 2
    )
    SELECT scheme, coalesce(area, ''), coalesce(o.persons, 0)::int, p.new::int, p.ended::int,
        CASE WHEN c.scheme IS NOT NULL THEN coalesce(c.women, 0)::int END, CASE WHEN c.scheme IS NOT NULL THEN coalesce(c.sc, 0)::int END,
        CASE WHEN c.scheme IS NOT NULL THEN coalesce(c.st, 0)::int END, CASE WHEN c.scheme IS NOT NULL THEN coalesce(c.aged_80, 0)::int END,
        coalesce(o.due, 0)::bigint,
        coalesce(s.credited, 0)::bigint, coalesce(s.back, 0)::bigint, coalesce(s.year_credited, 0)::bigint
    FROM owed o FULL JOIN counted c USING (scheme, area) FULL JOIN stood s USING (scheme, area) FULL JOIN proposed p USING (scheme, area)
    WHERE scheme = ANY(%(schemes)s)
    ORDER BY 2, 1
"""


def monthly_progress(
    actor: Actor, month: date, here: Place, *, schemes: Iterable[str] = NSAP
) -> tuple[list[Progress], list[tuple[Place, Progress]]]:
    """The progress of a month in `here` by pension, and, for each area directly below, all these pensions together.

    Needs `report.view`; refuses with OutsideYourArea.
    """
    actor = require(actor, "report.view")
    require_area(actor, here.path)
    bring_up_to_date(month, most=AT_ONCE)
    inside = "(a.path IS NULL OR a.path LIKE %(below)s)" if here.kind == "state" else "a.path LIKE %(below)s"
    first, _last = months_of(year_of(month))
    values: dict[str, Any] = {
        "month": month,
        "first": first,
        "below": below(here.path),
        "depth": here.path.count("/"),
        "schemes": list(schemes),
    }
    with connection.cursor() as cursor:
        cursor.execute(_PROGRESS.format(group="''", inside=inside), values)
        own = [Progress(*row) for row in cursor.fetchall()]
        child = "coalesce(split_part(a.path, '/', %(depth)s + 1), '')"
        cursor.execute(_PROGRESS.format(group=child, inside=inside), values)
        areas: dict[str, Progress] = {}
        for row in cursor.fetchall():
            one = Progress(*row)
            areas[one.area_code] = _added(areas[one.area_code], one) if one.area_code in areas else one
        cursor.execute(
            "SELECT area_code, kind, name_en, coalesce(name_hi, ''), path FROM access_area WHERE area_code = ANY(%s)"
            " ORDER BY name_en, area_code",
            [[code for code in areas if code]],
        )
        return own, [(Place(*row), areas[row[0]]) for row in cursor.fetchall()]


def _added(one: Progress, other: Progress) -> Progress:
    values: list[Any] = []
    for field in fields(Progress):
        here, there = getattr(one, field.name), getattr(other, field.name)
        values.append(
            here
            if isinstance(here, str)
            else (None if here is None and there is None else (here or 0) + (there or 0))
        )
    return Progress(*values)


# -- surrender -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Saving:
    """A head of account in a year: what it has, what bills took, what the rest of the year will need, what can be given up."""

    head: str
    scheme: str
    allotted: int
    surrendered: int
    taken: int
    latest_month: int
    months_left: int

    @property
    def available(self) -> int:
        """What is neither taken nor surrendered."""
        return self.allotted - self.surrendered - self.taken

    @property
    def needed(self) -> int:
        """What the months to come need, at the latest month's amount."""
        return self.latest_month * self.months_left

    @property
    def to_surrender(self) -> int:
        """What will not be spent; 0 where the head falls short."""
        return max(0, self.available - self.needed)

    @property
    def short(self) -> int:
        """What is missing for the rest of the year."""
        return max(0, self.needed - self.available)


def savings(actor: Actor, year: int) -> tuple[date | None, list[Saving]]:
    """What each head of a budget year can give up or lacks, as of the latest month whose bills are drawn. Needs `report.view`."""
    require(actor, "report.view")
    first, last = months_of(year)
    kinds = heads_of(last)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT max(r.month) FROM cases_month_run r WHERE {COUNTED} AND r.month BETWEEN %s AND %s",
            [first, last],
        )
        (to,) = cursor.fetchone()
        left = 0 if to is None else (last.year - to.year) * 12 + last.month - to.month
        cursor.execute(
            f"""
            WITH budget AS (
                SELECT h.head,
                    coalesce(sum(e.paise) FILTER (WHERE e.kind IN ('allotment', 'additional', 'withdrawal')), 0) AS allotted,
                    coalesce(-sum(e.paise) FILTER (WHERE e.kind = 'surrender'), 0) AS surrendered,
                    coalesce(-sum(e.paise) FILTER (WHERE e.kind IN ('commitment', 'release')), 0) AS taken
                FROM payments_budget_head h LEFT JOIN payments_budget_entry e ON e.budget_id = h.id
                WHERE h.year = %(year)s GROUP BY 1
            ),
            -- arrears and supplementary bills come once; the regular dues come again
            drawn AS (
                SELECT b.head, b.scheme,
                    sum(b.paise) FILTER (WHERE b.kind = 'regular') AS paise,
                    sum(b.paise) FILTER (WHERE b.kind = 'regular' AND NOT EXISTS (SELECT FROM payments_bill_version v
                        WHERE v.bill_id = b.id AND {_LIVING})) AS not_taken
                FROM payments_bill b JOIN cases_month_run r ON r.id = b.run_id AND {COUNTED}
                WHERE b.month = %(to)s GROUP BY 1, 2
            )
            SELECT coalesce(g.head, d.head), coalesce(d.scheme, ''), coalesce(g.allotted, 0)::bigint,
                coalesce(g.surrendered, 0)::bigint, (coalesce(g.taken, 0) + coalesce(d.not_taken, 0))::bigint,
                coalesce(d.paise, 0)::bigint
            FROM budget g FULL JOIN drawn d ON d.head = g.head ORDER BY 1
            """,
            {"year": year, "to": to},
        )
        return to, [
            Saving(
                head,
                scheme or (kinds[head].scheme if head in kinds else ""),
                allotted,
                surrendered,
                taken,
                latest,
                left,
            )
            for head, scheme, allotted, surrendered, taken, latest in cursor.fetchall()
        ]


def years(actor: Actor) -> list[int]:
    """The budget years with a counted month or a budget, newest first."""
    require(actor, "report.view")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT r.month FROM cases_month_run r WHERE {COUNTED}")
        found = {budget_year(month) for (month,) in cursor.fetchall()}
        cursor.execute("SELECT DISTINCT year FROM payments_budget_head")
        return sorted(found | {year for (year,) in cursor.fetchall()}, reverse=True)


def _of_actor(actor: Actor) -> dict[str, Any]:
    return {"paths": actor.path_patterns(), "whole_state": actor.area_paths is None}
