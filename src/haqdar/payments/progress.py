"""How far the first money of a sanctioned case has come, for its public page: nothing of accounts or other payments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.utils import timezone

from haqdar.access.actors import platform
from haqdar.payments.passbook import INSTRUCTED, ON_ITS_WAY, PassbookRow, passbook

_FINE = (*ON_ITS_WAY, "credited", "withheld")


@dataclass(frozen=True)
class FirstMoney:
    """The first month in which a scheme was due to a person after a day.

    `state` is that of `PassbookRow` (the first that somebody must do something about, where there is one), `paise` the sum told to the bank,
    `drawn_at` is when the month's bills were drawn, `month` the month on whose first day the bank credits it.
    """

    month: date
    drawn_at: datetime
    paise: int
    state: str
    row: PassbookRow

    @property
    def instructed(self) -> bool:
        """Whether a credit was written for it."""
        return self.state in INSTRUCTED

    @property
    def credited_on(self) -> date | None:
        """When the bank credited it; None while it has not."""
        last = self.row.steps[-1] if self.row.steps else None
        return last.on if self.state == "credited" and last is not None else None


def first_money(member_id: int, scheme: str, since: date) -> FirstMoney | None:
    """The first money under a scheme with a month from `since` on; None where nothing was due yet.

    For a case's page, whose reader knows its number: the caller shows neither account nor name.
    """
    rows = [
        row
        for row in passbook(platform("case status"), member_id)
        if row.scheme == scheme and row.kind != "recovery" and row.month >= since
    ]
    if not rows:
        return None
    month = min(row.month for row in rows)
    own = [row for row in rows if row.month == month]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT finished_at FROM cases_month_run WHERE month = %s AND state = 'complete' AND posted",
            [month],
        )
        found = cursor.fetchone()
    worst = next((row for row in own if row.state not in _FINE), own[0])
    drawn_at = found[0] if found else timezone.now()
    return FirstMoney(month, drawn_at, sum(row.payable_paise for row in own), worst.state, worst)
