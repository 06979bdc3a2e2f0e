"""An over-payment that came back or never went out: nobody owes it, nobody gets it, and nothing of it is asked for."""

from typing import Any

import pytest
from django.db import connection
from tests.payments.answers import BANK, account, believe, response, sent
from tests.payments.bodies import PLACES, STATE_OFFICE, a_district
from tests.payments.examples import OCTOBER, payee, relations, rows
from tests.payments.on_the_way import sent as sent_of
from tests.payments.test_posting import fetched, posted

from haqdar.base.month import Month
from haqdar.payments import entries, queries, recoveries, returns
from haqdar.payments.closing import close_month
from haqdar.payments.models import Instruction, Return, Settlement
from haqdar.payments.responses.reading import read_response

pytestmark = pytest.mark.django_db
NOVEMBER = OCTOBER.next()
DECEMBER = NOVEMBER.next()
MEMBERS = (1, 2, 3, 4, 5)


def a_month(month: Month, settled: dict[int, int], october: dict[int, int] | None = None) -> int:
    """A closed month: what each is owed for it, and what October should have been as is known now."""
    run = posted(
        relations(
            settled=[(member, 1, "IGNWPS", paise) for member, paise in settled.items()],
            redetermined=[
                (OCTOBER.first_day, member, 1, "IGNWPS", paise) for member, paise in (october or {}).items()
            ],
            payee=[
                payee(m, area_code=PLACES[m], account_sealed=account(f"30{m:09d}"), ddo_code="DDO1")
                for m in MEMBERS
            ],
        ),
        month,
    )
    close_month(BANK, month)
    return run


def bank_says(reasons: dict[str, str], name: str, paise: int = 30000) -> None:
    lines = [
        (reference, paise, "1" if reason == "00" else "0", reason) for reference, reason in reasons.items()
    ]
    read_response(BANK, response(lines), name)


def references(run: int, *members: int) -> list[str]:
    return [
        reference
        for (reference,) in fetched(
            "SELECT reference FROM payments_instruction WHERE run_id = %s AND member_id = ANY(%s) ORDER BY member_id",
            run,
            list(members),
        )
    ]


def moved(member: int) -> dict[str, int]:
    return {name: paise for name, paise in entries.balances(member).items() if paise}


def kept_back_later(month: Month) -> list[tuple[Any, ...]]:
    duck = relations()
    queries.export_outstanding(connection.connection, duck, month)
    return rows(duck, "SELECT member_id, paise FROM outstanding ORDER BY ALL")


def test_an_over_payment_is_set_against_its_own_money_where_that_reached_nobody() -> None:
    a_district()
    october = a_month(OCTOBER, dict.fromkeys(MEMBERS, 30000))
    sent_of(october, [1, 2, 5])
    # a death, an account that is closed, a passing trouble; the credits of 3 and 4 were held and never sent
    dead, closed, passing = references(october, 1, 2, 5)
    bank_says({dead: "60", closed: "01", passing: "59"}, "a")
    for member in MEMBERS:
        believe(member, f"99{member:09d}" if member == 2 else f"30{member:09d}")
    # November learns that October is owed: to 1 and 3 nothing, to 2 and 4 less
    a_month(NOVEMBER, {}, {2: 20000, 4: 20000, 5: 30000})
    assert list(
        Settlement.objects.order_by("recovery__member_id").values_list("recovery__member_id", "kind", "paise")
    ) == [
        (1, "not_paid", 30000),
        (2, "not_paid", 10000),
        (3, "not_paid", 30000),
    ]
    assert moved(1) == moved(3) == {}
    assert moved(2) == {"expense": 20000, "payable": -20000}
    # a part of what was instructed and never sent is kept back later, as always
    assert kept_back_later(DECEMBER) == [(4, 10000)]
    assert [one.member_id for one in recoveries.outstanding(STATE_OFFICE).rows] == [4]
    assert dict(Return.objects.values_list("member_id", "state")) == {1: "settled", 2: "waiting", 5: "ready"}
    assert Instruction.objects.get(state="superseded").member_id == 3
    # only what is left goes out again
    done = returns.represent(STATE_OFFICE, NOVEMBER)
    assert (done.credits, done.paise) == (2, 50000)
    assert dict(Instruction.objects.exclude(origin="").values_list("member_id", "paise")) == {
        2: 20000,
        5: 30000,
    }
    # presented again and not sent, and nothing of it is owed either
    a_month(DECEMBER, {}, {2: 20000, 4: 20000})
    assert moved(5) == {}
    assert Return.objects.get(member_id=5).state == "settled"
    assert returns.represent(STATE_OFFICE, DECEMBER).credits == 0
    assert sent(NOVEMBER) == references(Instruction.objects.get(paise=20000).run_id, 2)
    # and if the rest comes back, it is the rest that is owed
    (rest,) = references(Instruction.objects.get(paise=20000).run_id, 2)
    bank_says({rest: "01"}, "b", 20000)
    assert list(Return.objects.filter(member_id=2).order_by("id").values_list("paise", "not_paid_paise")) == [
        (30000, 10000),
        (20000, 0),
    ]
    assert moved(2) == {"expense": 20000, "payable": -20000}


def test_what_is_kept_back_already_is_not_settled_twice() -> None:
    a_district()
    october = a_month(OCTOBER, {1: 30000})
    sent_of(october, [1])
    bank_says(dict.fromkeys(references(october, 1), "01"), "a")
    # of November's 300 rupees 150 are kept back for the 200 of October; the other 50 never reached her
    a_month(NOVEMBER, {1: 30000}, {1: 10000})
    assert list(Settlement.objects.values_list("paise", flat=True)) == [5000]
    assert moved(1) == {"expense": 40000, "payable": -40000}
    assert kept_back_later(DECEMBER) == []
