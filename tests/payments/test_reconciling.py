"""Bill, voucher and bank side by side: what differs is named, with its rupees."""

from dataclasses import replace

import pytest
from django.utils import timezone
from tests.payments.on_the_way import MONTH, answered, passed, sent, sql, state_of_nine

from haqdar.access.actors import platform
from haqdar.payments.reconciling import AGREES, Weight, all_compared, reconciliation, set_aside

pytestmark = pytest.mark.django_db


def test_every_difference_is_named_with_its_rupees() -> None:
    run = state_of_nine()
    actor = platform()
    (drawn,) = reconciliation(actor, MONTH).rows
    assert (drawn.drawn, drawn.state, drawn.differences) == (270000, "", [])
    sent(run, [1])
    assert reconciliation(actor, MONTH).differences == {
        "no_voucher": Weight(1, 30000),
        "unanswered": Weight(1, 30000),
    }
    passed(run)
    sent(run, [2, 3, 4], sequence=2)
    answered(run, [1, 2], {3: "01"})
    found = reconciliation(actor, MONTH)
    assert found.differences == {
        "not_sent": Weight(1, 5 * 30000),
        "unanswered": Weight(1, 30000),
        "back": Weight(1, 30000),
    }
    assert (found.drawn, found.vouchers, found.credited) == (270000, 270000, 60000)
    assert reconciliation(actor, MONTH, difference=AGREES).rows == []
    assert [row.credited for row in all_compared(actor, MONTH, difference="back")] == [60000]
    foreign = replace(actor, area_paths=("/S/X/",))
    assert reconciliation(foreign, MONTH).rows == [] and set_aside(foreign) == {}


@pytest.mark.parametrize(("settles", "late"), [("2016-10-01", True), (str(timezone.localdate()), False)])
def test_an_answer_is_late_only_after_its_days(settles: str, late: bool) -> None:
    run = state_of_nine()
    passed(run)
    sent(run, [1], settles=settles)
    assert ("unanswered" in reconciliation(platform(), MONTH).differences) is late


def test_lines_that_fit_no_credit_are_counted_for_the_state() -> None:
    file = answered(state_of_nine(), [], {})
    sql(
        "INSERT INTO payments_response_line (file_id, line_no, reference, outcome, reason_code, paise, disposition)"
        " VALUES (%s, 1, 'X', 'credited', '', 700, 'unknown')",
        file,
    )
    assert set_aside(platform()) == {"unknown": Weight(1, 700)}
