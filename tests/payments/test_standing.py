"""Where a month's money stands: each credit in exactly one place, and the sums follow whatever happens."""

import pytest
from tests.payments.on_the_way import (
    MONTH,
    answered,
    held,
    passed,
    presented_again,
    sent,
    sql,
    state_of_nine,
)

from haqdar.access.actors import OutsideYourArea, platform
from haqdar.access.queries import place
from haqdar.payments.standing import Sums, bring_up_to_date, month_stand

pytestmark = pytest.mark.django_db


def test_each_credit_stands_in_one_place_of_its_way() -> None:
    run = state_of_nine()
    stands = lambda: dict(  # noqa: E731
        sql(
            "SELECT outcome || reason, sum(credits) FROM payments_standing WHERE month = %s GROUP BY 1", MONTH
        )
    )
    assert bring_up_to_date(MONTH)
    assert stands() == {"unbilled": 8, "unpayableno_account": 1}
    assert not bring_up_to_date(MONTH), "nothing has changed since"
    passed(run)
    held(8)
    assert bring_up_to_date(MONTH)
    assert stands() == {"ready": 7, "held": 1, "unpayableno_account": 1}
    sent(run, [1, 2, 3, 4, 5])
    sent(run, [6], sequence=2, state="made")
    assert bring_up_to_date(MONTH)
    assert stands() == {"sent": 5, "filed": 1, "ready": 1, "held": 1, "unpayableno_account": 1}
    answered(run, [1, 2, 3], {4: "01", 5: "60"})
    presented_again(run, 4)
    assert bring_up_to_date(MONTH)
    assert stands() == {
        "credited": 3,
        "again": 1,
        "returned60": 1,
        "filed": 1,
        "ready": 1,
        "held": 1,
        "unpayableno_account": 1,
    }
    answered(run, [], {1: "59"}, name="A2")
    assert bring_up_to_date(MONTH)
    assert stands()["returned59"] == 1, "a bank that takes a credit back after having reported it"


def test_an_area_sees_its_own_money_and_no_other() -> None:
    run = state_of_nine()
    passed(run)
    sent(run, [1, 2, 6, 7])
    answered(run, [1, 2, 6], {7: "01"})
    actor = platform()
    state = place(actor, "S")
    assert state is not None
    found = month_stand(actor, MONTH, state)
    assert found.stand.paid == Sums(3, 90000) and found.stand.back == Sums(1, 30000)
    assert found.stand.all == Sums(9, 270000) and found.stand.reasons == {
        "01": Sums(1, 30000),
        "no_account": Sums(1, 30000),
    }
    block = place(actor, "B")
    assert block is not None
    below = month_stand(actor, MONTH, block).areas
    assert [(one.place.area_code, one.stand.paid.credits, one.stand.all.credits) for one in below] == [
        ("GP1", 2, 5),
        ("GP2", 1, 4),
    ]
    from dataclasses import replace

    with pytest.raises(OutsideYourArea):
        month_stand(replace(actor, area_paths=("/S/D/B/GP1/",)), MONTH, block)
