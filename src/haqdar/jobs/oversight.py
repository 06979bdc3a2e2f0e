"""What watches over the money by itself: the sums of where it stands, and the budget estimate after each run."""

from __future__ import annotations

from django.conf import settings
from procrastinate.contrib.django import app

from haqdar.base.month import Month
from haqdar.base.refusal import Refusal
from haqdar.entitlement.forecast import look_ahead_years
from haqdar.law import load_lawbook
from haqdar.law.mortality import mortality_on
from haqdar.payments import estimating, standing

YEARS_AHEAD = 2


def watch_over_money() -> None:
    """Make the sums of every month whose money moved, and the estimate of the latest run where there is none."""
    for month in standing.months_to_sum():
        standing.bring_up_to_date(month)
    work_out_estimate()


def work_out_estimate() -> int:
    """The budget estimate on the latest run, once for each run; returns how many heads it has, 0 where there is nothing to do."""
    from haqdar.jobs.simulations import open_snapshot

    found = estimating.run_to_estimate()
    if found is None:
        return 0
    run_id, month = found
    book = load_lawbook(settings.HAQDAR_LAW)
    ahead = look_ahead_years(
        open_snapshot(None, month),
        {"now": book},
        month,
        YEARS_AHEAD,
        mortality_on(settings.HAQDAR_LAW, month),
    )["now"]
    costs: dict[str, list[int]] = {}
    for number, year in enumerate(ahead):
        for one in year.schemes:
            costs.setdefault(str(one["scheme"]), [0] * len(ahead))[number] = int(str(one["paise_month"]))
    return estimating.keep_estimate(run_id, Month.of(month).first_day, costs)


@app.periodic(cron="*/5 * * * *")
@app.task(queue="long-runs", lock="money.watch", queueing_lock="money.watch", name="money.watch")
def watch_over_money_task(timestamp: int) -> None:
    """Every five minutes; a register without anybody, or a law without a table of mortality, has no estimate."""
    try:
        watch_over_money()
    except Refusal:
        return
