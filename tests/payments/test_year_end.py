"""The end of the budget year: what did not go out leaves its bills, nothing more is drawn on the year, the new year's bills pay it."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import RequestFactory
from django.utils import translation
from tests.payments.answers import BANK, account, believe, response
from tests.payments.bodies import PLACES, STATE_OFFICE, a_district
from tests.payments.examples import OCTOBER, payee, relations
from tests.payments.on_the_way import sent
from tests.payments.test_billing import hold, pass_all, pool, release
from tests.payments.test_posting import fetched, posted

from haqdar.access.actors import DDO, SANCTIONING_OFFICER, Actor
from haqdar.base.month import Month
from haqdar.base.sql import statement
from haqdar.payments import billing, returns
from haqdar.payments.bill_steps import drawable
from haqdar.payments.budget import YearEnded
from haqdar.payments.closing import close_month
from haqdar.payments.lapsing import lapse
from haqdar.payments.models import Return
from haqdar.payments.responses.reading import read_response
from haqdar.web.desk.views.bills import bill_office

pytestmark = pytest.mark.django_db
NOVEMBER, APRIL = OCTOBER.next(), Month(2017, 4)
CEO = Actor(11, "ceo", frozenset({SANCTIONING_OFFICER}), ("/S/D/",))
DRAWING = Actor(12, "ddo", frozenset({DDO}), ("/S/D/",))
SETTLED = [
    (1, 1, "IGNOAPS", 27500),
    (2, 1, "IGNOAPS", 27500),
    (3, 1, "IGNWPS", 30000),
    (4, 1, "IGNWPS", 30000),
    (5, 1, "IGNWPS", 30000),
]


def a_month(month: Month, settled: list[tuple[Any, ...]]) -> int:
    """A closed month; people of wards have the town's drawing officer."""
    before = [one for one in (OCTOBER, NOVEMBER) if one < month]
    run = posted(
        relations(
            settled=settled,
            redetermined=[(OCTOBER.first_day, *row) for row in SETTLED if before],
            payee=[
                payee(
                    m,
                    area_code=PLACES[m],
                    account_sealed=account(f"30{m:09d}"),
                    rural=m < 5,
                    ddo_code="DDO2" if m > 4 else "DDO1",
                )
                for m in range(1, 6)
            ],
        ),
        month,
    )
    close_month(BANK, month)
    return run


def bank_returns(run: int, member: int) -> None:
    """The credit goes out and comes back for a passing trouble."""
    sent(run, [member], sequence=member)
    ((reference,),) = fetched(
        "SELECT reference FROM payments_instruction WHERE run_id = %s AND member_id = %s", run, member
    )
    read_response(BANK, response([(reference, 30000, "0", "59")]), f"answer {member}")


def payable(run: int) -> Iterator[tuple[int, bool]]:
    """Who gets a credit of the run now, and whether it is one presented again."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS payable")
        cursor.execute(statement("haqdar.payments", "payable"), {"run": run, "rail": "account"})
    yield from fetched(
        "SELECT i.member_id, i.origin <> '' FROM payable p JOIN payments_instruction i ON i.id = p.instruction_id ORDER BY 1"
    )


def a_request() -> Any:
    request: Any = RequestFactory().get("/")
    request.actor, request.user, request.session = DRAWING, AnonymousUser(), {}
    return request


def the_bills_pass(month: Month, *ddos: str) -> None:
    for ddo in ddos:
        billing.sanction(CEO, ddo, month)
        billing.submit(DRAWING, ddo, month)
    pass_all()


def test_what_did_not_go_out_is_drawn_in_the_new_year_and_paid_once() -> None:
    a_district()
    for member in range(1, 6):
        believe(member, f"30{member:09d}")
    run = a_month(OCTOBER, SETTLED)
    pool()
    hold(2)
    the_bills_pass(OCTOBER, "DDO1")
    hold(1)
    bank_returns(run, 3)
    november = a_month(NOVEMBER, [])
    assert returns.represent(STATE_OFFICE, NOVEMBER).credits == 1
    assert list(payable(november)) == [(3, True)]
    hold(3, "IGNWPS")
    bank_returns(run, 4)
    # the files of April belong to the new year: what stands on a bill of the old one does not go with them
    april = a_month(APRIL, [(1, 1, "IGNOAPS", 27500)])
    assert returns.represent(STATE_OFFICE, APRIL).credits == 0
    done = lapse(STATE_OFFICE, 2016, date(2017, 4, 1))
    # held since the sanction; presented again and not sent; came back
    assert (done.credits, done.paise) == (3, 87500)
    assert lapse(STATE_OFFICE, 2016, date(2017, 4, 2)).credits == 0
    assert fetched("SELECT DISTINCT balance_paise FROM payments_budget_head WHERE year = 2016") == [
        (1000000,)
    ]
    for member in (1, 2, 3):
        release(member)
    assert list(payable(run)) == [] and list(payable(november)) == []
    # nobody was left out of April's own bills, and the way to a supplementary one is shown all the same
    with translation.override("en"):
        page = bill_office.__wrapped__(a_request(), APRIL, "DDO1").content.decode()
    assert "/desk/bills/2017-04/of/DDO1/supplementary" in page
    with pytest.raises(YearEnded, match="2016-17"):
        billing.sanction(CEO, "DDO2", OCTOBER)
    with pytest.raises(YearEnded, match="2016-17"):
        billing.supplementary(DRAWING, "DDO1", OCTOBER)
    # person 5's bill was never sanctioned
    assert sum(one.paise for ddo in ("DDO1", "DDO2") for one in drawable(DRAWING, ddo, APRIL)) == 145000
    for ddo in ("DDO1", "DDO2"):
        billing.supplementary(DRAWING, ddo, APRIL)
        assert drawable(DRAWING, ddo, APRIL) == []
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    pool(month=APRIL)
    # what had come back is presented again with its bill, and waits for it
    assert list(payable(april)) == []
    the_bills_pass(APRIL, "DDO1", "DDO2")
    assert returns.represent(STATE_OFFICE, APRIL).credits == 0
    assert list(payable(run)) == [(1, False), (2, False), (5, False)]
    assert list(payable(november)) == [(3, True)]
    assert list(payable(april)) == [(1, False), (4, True)]
    assert set(Return.objects.values_list("state", flat=True)) == {"represented"}
    assert fetched("SELECT DISTINCT balance_paise FROM payments_budget_head WHERE year = 2016") == [
        (1000000,)
    ]
