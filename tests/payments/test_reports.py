"""What a State reports: each figure from bills, vouchers, answers and the budget, each sum checked by hand."""

import pytest
from tests.payments.on_the_way import MONTH, answered, passed, sent, sql, state_of_nine

from haqdar.access.actors import platform
from haqdar.access.queries import place
from haqdar.payments import reports
from haqdar.payments.estimating import estimate, keep_estimate, run_to_estimate

pytestmark = pytest.mark.django_db

HEAD = "2235-IGNWPS-union-G-R"


def allotted(year: int = 2016, paise: int = 2_000_000) -> None:
    sql("INSERT INTO payments_budget_head (year, head, balance_paise) VALUES (%s, %s, 0)", year, HEAD)
    sql(
        "INSERT INTO payments_budget_entry (budget_id, kind, paise, order_no, note, made_at, made_by)"
        " SELECT id, 'allotment', %s, 'F 4', '', '2016-04-01', 'state' FROM payments_budget_head",
        paise,
    )


def test_the_statement_and_the_certificate_of_a_month_half_paid() -> None:
    run = state_of_nine()
    allotted()
    passed(run)
    sent(run, [1, 2, 3])
    answered(run, [1, 2], {3: "01"})
    actor = platform()
    (row,) = reports.month_by_head(actor, MONTH)
    assert (row.head, row.bills, row.drawn, row.passed, row.credited, row.back) == (
        HEAD, 1, 270000, 270000, 60000, 30000,
    )  # fmt: skip
    assert (row.to_come, row.year_passed, row.allotted, row.available) == (210000, 270000, 2000000, 2000000)
    found = reports.utilisation(actor, 2016)
    (used,) = found.used
    assert (used.granted, used.passed, used.credited, used.open, used.unspent) == (
        2000000, 270000, 60000, 30000, 1940000,
    )  # fmt: skip
    assert [(one.order_no, one.kind, one.paise) for one in found.grants] == [("F 4", "allotment", 2000000)]
    assert reports.utilisation(actor, 2015).used == []


def test_progress_counts_people_once_and_by_area() -> None:
    run = state_of_nine()
    passed(run)
    sent(run, [1, 6])
    answered(run, [1], {6: "01"})
    block = place(platform(), "B")
    assert block is not None
    (own,), areas = reports.monthly_progress(platform(), MONTH, block)
    assert (own.persons, own.due, own.credited, own.back, own.new) == (9, 270000, 30000, 30000, None)
    assert own.women == 0, "nobody of this State is in the register"
    assert [(one.area_code, row.persons, row.women, row.credited, row.back) for one, row in areas] == [
        ("GP1", 5, None, 30000, 0),
        ("GP2", 4, None, 0, 30000),
    ]
    district = place(platform(), "D")
    assert district is not None
    assert [(one.area_code, row.persons) for one, row in reports.monthly_progress(platform(), MONTH, district)[1]] == [
        ("B", 9)
    ]  # fmt: skip


def test_what_a_year_can_give_up_is_what_its_months_left_will_not_need() -> None:
    state_of_nine()
    allotted()
    to, (row,) = reports.savings(platform(), 2016)
    assert (to, row.months_left, row.taken, row.needed) == (MONTH, 5, 270000, 5 * 270000)
    assert (row.available, row.to_surrender, row.short) == (1730000, 380000, 0)


def test_the_estimate_moves_what_is_needed_now_by_the_forecast() -> None:
    run = state_of_nine()
    assert run_to_estimate() == (run, MONTH)
    assert keep_estimate(run, MONTH, {"IGNWPS": [100, 110, 121]}) == 1
    assert run_to_estimate() is None
    ((now,), (then,)) = (estimate(platform(), year) for year in (2016, 2017))
    assert (now.persons_now, now.paise_now, now.growth_ppm, now.paise_year) == (
        9,
        270000,
        1_000_000,
        3_300_000,
    )
    assert (then.growth_ppm, then.paise_year) == (1_100_000, 3_600_000)
