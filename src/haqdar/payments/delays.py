"""Who has not verified, submitted or sanctioned a month in time: offices by name with days of delay, by area.

The days are those of the law (`proposals.days_of`): a delay is named where it arose. What was done late stays on the list with the
day on which it was done.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from haqdar.access.actors import Actor, below, require, require_area
from haqdar.access.queries import Place
from haqdar.base.month import Month
from haqdar.law import load_lawbook
from haqdar.payments.closing import closing_of
from haqdar.payments.proposals import days_of_closed

STEPS = ("close", "verify", "submit", "sanction")
MOST_OFFICES = 200
"""Offices that a page lists, the latest first; the download has them all."""


@dataclass(frozen=True, slots=True)
class OfficeDelay:
    """One office that is or was late with one step of a month.

    `status` is open, done (on `done_on`), or never: the month went on without it. `count` are proposals or bills, `paise` what
    they pay.
    """

    office_code: str
    name_en: str
    name_hi: str
    area_code: str
    step: str
    status: str
    due_on: date
    done_on: date | None
    days: int
    count: int
    paise: int


@dataclass(frozen=True, slots=True)
class AreaDelay:
    """The delays of the offices in one area: how many are open or never done, how many were done late, and the longest in days."""

    place: Place
    open: int
    done: int
    longest: int
    paise: int


@dataclass(frozen=True, slots=True)
class MoneyDelays:
    """The delays of a month below an area."""

    areas: list[AreaDelay]
    offices: list[OfficeDelay]
    open: int
    done: int


_LATE = """
    WITH body AS (
        SELECT p.body_code, min(p.due_on) AS due_on, count(*)::int AS count, sum(p.payable_paise)::bigint AS paise,
            bool_or(p.state = 'generated') AS to_verify, bool_or(p.state = 'silent' AND p.verified_at IS NULL) AS never_verified,
            bool_or(p.state = 'verified') AS to_submit, bool_or(p.state = 'silent') AS never_submitted,
            (max(p.verified_at) AT TIME ZONE %(zone)s)::date AS verified_on,
            (max(p.submitted_at) AT TIME ZONE %(zone)s)::date AS submitted_on
        FROM payments_proposal p WHERE p.month = %(month)s GROUP BY p.body_code
    ),
    officer AS (
        SELECT b.ddo_code, count(*)::int AS count, sum(b.paise)::bigint AS paise, bool_or(v.first_at IS NULL) AS to_sanction,
            (max(v.first_at) AT TIME ZONE %(zone)s)::date AS sanctioned_on
        FROM payments_bill b JOIN cases_month_run r ON r.id = b.run_id AND r.state = 'complete' AND r.posted
        LEFT JOIN LATERAL (SELECT min(sanctioned_at) AS first_at FROM payments_bill_version x WHERE x.bill_id = b.id) v ON true
        WHERE r.month = %(month)s AND b.kind = 'regular' AND EXISTS (SELECT FROM payments_month_closing c WHERE c.month = r.month)
        GROUP BY b.ddo_code
    ),
    step AS (
        SELECT body_code AS code, NULL AS ddo_code, 'verify' AS step,
            CASE WHEN to_verify THEN 'open' WHEN never_verified THEN 'never' ELSE 'done' END AS status, due_on,
            verified_on AS done_on, count, paise FROM body
        UNION ALL
        -- whoever has not even verified is named for that alone
        SELECT body_code, NULL, 'submit', CASE WHEN to_submit THEN 'open' WHEN never_submitted THEN 'never' ELSE 'done' END, due_on,
            submitted_on, count, paise FROM body WHERE NOT to_verify AND NOT never_verified
        UNION ALL
        SELECT NULL, ddo_code, 'sanction', CASE WHEN to_sanction THEN 'open' ELSE 'done' END, %(bill_on)s, sanctioned_on, count,
            paise FROM officer
        UNION ALL
        SELECT %(state)s, NULL, 'close', %(closing)s, %(close_on)s, %(closed_on)s, 0, 0 WHERE %(closing)s <> ''
    ),
    timed AS (
        SELECT s.*, CASE s.status WHEN 'open' THEN %(today)s::date WHEN 'never' THEN %(bill_on)s::date ELSE s.done_on END - s.due_on
            AS days FROM step s
    ),
    named AS (
        SELECT coalesce(o.office_code, '') AS office_code, coalesce(o.name_en, a.name_en, t.ddo_code) AS name_en,
            coalesce(o.name_hi, o.name_en, a.name_hi, a.name_en, t.ddo_code) AS name_hi, coalesce(a.area_code, '') AS area_code,
            a.path, t.step, t.status, t.due_on, CASE WHEN t.status = 'done' THEN t.done_on END AS done_on, t.days, t.count, t.paise
        FROM timed t
        LEFT JOIN LATERAL (
            SELECT o.office_code, o.name_en, o.name_hi, o.area_code FROM access_office o
            WHERE o.ddo_code = t.ddo_code OR t.ddo_code IS NULL AND o.area_code = t.code AND o.kind IN ('gp', 'ulb', 'state')
            ORDER BY o.office_code LIMIT 1
        ) o ON true
        LEFT JOIN access_area a ON a.area_code = coalesce(t.code, o.area_code)
        WHERE t.days > 0 AND (%(step)s = '' OR t.step = %(step)s)
    ),
    late AS (
        SELECT * FROM named WHERE (path LIKE ANY(%(own)s) OR path IS NULL AND %(whole)s) AND (%(here)s = '' OR path LIKE %(here)s)
    )
"""


def money_delays(
    actor: Actor, month: Month, here: Place, step: str = "", limit: int | None = MOST_OFFICES
) -> MoneyDelays:
    """The offices below `here` that are or were late with a month (or one of its `STEPS`), the latest first, and by area.

    Needs ``proposal.view``; refuses with ``OutsideYourArea``.
    """
    actor = require(actor, "proposal.view")
    require_area(actor, here.path)
    values = _values(actor, month, here, step)
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_LATE} SELECT office_code, name_en, name_hi, area_code, step, status, due_on, done_on, days, count, paise FROM late"
            " ORDER BY status = 'done', days DESC, name_en, step LIMIT %(limit)s",
            values | {"limit": limit},
        )
        offices = [OfficeDelay(*row) for row in cursor.fetchall()]
        cursor.execute(
            f"{_LATE}, placed AS (SELECT replace(coalesce((string_to_array(trim(BOTH '/' FROM path), '/'))[%(depth)s + 1],"
            " area_code), '%%2F', '/') AS code, * FROM late)"
            " SELECT c.area_code, c.kind, c.name_en, coalesce(c.name_hi, ''), c.path, count(*) FILTER (WHERE status <> 'done')::int,"
            " count(*) FILTER (WHERE status = 'done')::int, max(days)::int, sum(paise) FILTER (WHERE status <> 'done')::bigint"
            " FROM placed p JOIN access_area c ON c.area_code = p.code GROUP BY 1, 2, 3, 4, 5 ORDER BY 6 DESC, 8 DESC, 3",
            values | {"depth": here.path.count("/") - 1},
        )
        areas = [AreaDelay(*(Place(*row[:5]), *row[5:8], row[8] or 0)) for row in cursor.fetchall()]
        cursor.execute(
            f"{_LATE} SELECT count(*) FILTER (WHERE status <> 'done')::int, count(*) FILTER (WHERE status = 'done')::int FROM late",
            values,
        )
        still, done = cursor.fetchone()
    return MoneyDelays([one for one in areas if one.place.area_code != here.area_code], offices, still, done)


def _values(actor: Actor, month: Month, here: Place, step: str) -> dict[str, Any]:
    today = timezone.localdate()
    closing = closing_of(month.first_day)
    # a month that was worked out after it was over (the first ones of a State) was never to be closed on a day
    in_time = here.kind == "state" and _first_run_on(month) <= month.last_day
    return {
        "today": today,
        "month": month.first_day,
        "zone": settings.TIME_ZONE,
        "bill_on": days_of_closed(month.first_day).bill,
        "own": actor.path_patterns(),
        "whole": actor.area_paths is None,
        "here": "" if here.kind == "state" else below(here.path),
        "step": step if step in STEPS else "",
        # the State's own part: closing the month on the law's day
        "state": here.area_code if in_time else None,
        "closing": "" if not in_time else "open" if closing is None else "done",
        "close_on": load_lawbook(settings.HAQDAR_LAW).on(month.first_day).calendar.day("proposal", month),
        "closed_on": timezone.localdate(closing.closed_at) if closing else None,
    }


def _first_run_on(month: Month) -> date:
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(started_at) FROM cases_month_run WHERE month = %s", [month.first_day])
        (at,) = cursor.fetchone()
    return timezone.localdate(at) if at else month.first_day
