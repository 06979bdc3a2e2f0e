"""The budget estimate: what each head will need in the next budget year, from what it needs now and the forecast of persons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from django.db import connection, transaction
from django.utils import timezone

from haqdar.access.actors import Actor, require
from haqdar.payments.models.oversight import BudgetEstimate
from haqdar.payments.queries import COUNTED
from haqdar.payments.reports import months_of, year_of

MILLION = 1_000_000
ROUND_TO = 100_000
"""Estimates are rounded up to a thousand rupees."""


def growth_ppm(costs: Sequence[int], months_ahead: int) -> int:
    """The cost so many months ahead to that of now, in millionths, by straight lines between the years of the forecast.

    `costs` are those of now and of each year after; beyond the last year it stays as it is. A cost that begins at nothing
    is taken as it is now.

    >>> growth_ppm([1000, 1100, 1300], 6), growth_ppm([1000, 1100, 1300], 18), growth_ppm([1000, 1100], 60)
    (1050000, 1200000, 1100000)
    >>> growth_ppm([0, 5], 12), growth_ppm([], 3)
    (1000000, 1000000)
    """
    if not costs or costs[0] <= 0:
        return MILLION
    year, part = divmod(months_ahead, 12)
    if year >= len(costs) - 1:
        return costs[-1] * MILLION // costs[0]
    between = costs[year] * 12 + (costs[year + 1] - costs[year]) * part
    return between * MILLION // (costs[0] * 12)


def middle_of(year: int, month: date) -> int:
    """How many months after `month` the middle of a budget year lies, not below 0."""
    first, _last = months_of(year)
    return max(0, (first.year - month.year) * 12 + first.month + 6 - month.month)


def run_to_estimate() -> tuple[int, date] | None:
    """The latest counted run and its month where no estimate stands on it yet; None where one does, or nothing was run."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT r.id, r.month FROM cases_month_run r WHERE {COUNTED} ORDER BY r.month DESC LIMIT 1"
        )
        found = cursor.fetchone()
    if found is None or BudgetEstimate.objects.filter(based_on_id=found[0]).exists():
        return None
    return found[0], found[1]


def keep_estimate(run_id: int, month: date, costs: Mapping[str, Sequence[int]]) -> int:
    """Write the estimates of this and the next budget year from a run and the costs a month of each scheme in the years ahead.

    Returns how many heads got one. Repeating it changes nothing but the moment.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT b.head, b.scheme, count(DISTINCT d.member_id), sum(l.paise)::bigint
            FROM payments_bill b JOIN payments_bill_line l ON l.bill_id = b.id JOIN payments_due d ON d.id = l.due_id
            WHERE b.run_id = %s AND b.kind = 'regular' AND d.kind = 'regular' AND d.occasion = ''
            GROUP BY 1, 2 ORDER BY 1
            """,
            [run_id],
        )
        heads = cursor.fetchall()
        years = (year_of(month), year_of(month) + 1)
        BudgetEstimate.objects.filter(year__in=years).delete()
        rows = []
        for year in years:
            ahead = middle_of(year, month)
            for head, scheme, persons, paise in heads:
                ppm = growth_ppm(costs.get(scheme, ()), ahead)
                whole = -(-12 * paise * ppm // MILLION)
                rows.append(
                    BudgetEstimate(
                        year=year,
                        head=head,
                        scheme=scheme,
                        based_on_id=run_id,
                        persons_now=persons,
                        paise_now=paise,
                        growth_ppm=ppm,
                        paise_year=-(-whole // ROUND_TO) * ROUND_TO,
                        made_at=timezone.now(),
                    )
                )
        BudgetEstimate.objects.bulk_create(rows)
    return len(heads)


def estimate(actor: Actor, year: int) -> list[BudgetEstimate]:
    """The estimate of a budget year by head; empty while none was worked out. Needs `report.view`."""
    require(actor, "report.view")
    return list(BudgetEstimate.objects.filter(year=year).select_related("based_on").order_by("head"))
