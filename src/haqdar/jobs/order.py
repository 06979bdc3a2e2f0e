"""The order of months: which were left out, and which a later one has closed."""

from __future__ import annotations

from django.db import connection

from haqdar.base.month import Month


def months_left_out(month: Month) -> list[Month]:
    """The months between the last month run and `month` that nobody has run: their dues are owed to nobody yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(month) FROM cases_month_run WHERE state = 'complete' AND posted AND month < %s",
            [month.first_day],
        )
        (last,) = cursor.fetchone() or (None,)
    left_out = []
    between = Month.of(last).next() if last else month
    while between < month:
        left_out.append(between)
        between = between.next()
    return left_out


def stands_behind_a_later_month(month: Month) -> Month | None:
    """The latest month run after `month`, which makes every further run of `month` a replay."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(month) FROM cases_month_run WHERE state = 'complete' AND posted AND month > %s",
            [month.first_day],
        )
        (later,) = cursor.fetchone() or (None,)
    return Month.of(later) if later else None
