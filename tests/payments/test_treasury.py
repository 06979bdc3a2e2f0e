"""The line to the treasury against a real server process: every bill there once, whatever happens on the way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone
from tests.payments.examples import payee, relations
from tests.payments.paying import MAKER
from tests.payments.test_billing import CELL, CEO, PURSE, STRANGER, hold, pool, release
from tests.payments.test_posting import fetched, posted
from tests.payments.treasury_line import (
    TREASURY,
    Peer,
    a_month_submitted,
    all_paid,
    bills,
    entries,
    exchange,
    messages,
    peer_process,
    sealed,
    states,
)

from haqdar.access.actors import NotYourFunction, OutsideYourArea
from haqdar.base.month import Month
from haqdar.payments import billing, closing, returns
from haqdar.payments import entries as ledger
from haqdar.payments.bill_steps import NothingToDraw, WithTheTreasury, drawable
from haqdar.payments.lapsing import lapse
from haqdar.payments.models import ResponseLine, Return, TreasuryBill
from haqdar.payments.rails import files
from haqdar.payments.responses.setting_aside import look_into
from haqdar.payments.treasury import actions, queueing, reads, taking
from haqdar.payments.treasury.client import LoginRefused, NoAnswer, Treasury
from haqdar.payments.treasury.exchanging import run
from haqdar.registry.models import Family, Resident, ResidentBelief
from haqdar.registry.sealing import ACCOUNT, account_text, sealer
from haqdar.sources.models import Delivery

OCTOBER = Month(2016, 10)


@pytest.fixture(scope="module")
def one_peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    with peer_process(tmp_path_factory.mktemp("treasury")) as running:
        yield running


@pytest.fixture
def peer(one_peer: Peer) -> Peer:
    one_peer.drive("begin")
    return one_peer


@pytest.fixture
def month(db: None) -> Iterator[None]:
    with time_machine.travel(datetime(2016, 10, 3, 6, tzinfo=UTC)):
        a_month_submitted()
        yield


def credit_ids(peer: Peer, bill: int = 0) -> list[str]:
    number = bills()[bill][0]
    return [one["benefId"] for one in peer.bills[number]["pi"]["beneficiaryDetails"]]


def test_a_bill_goes_its_whole_way_and_each_credit_is_answered_once(peer: Peer, month: None) -> None:
    ran = exchange(peer)
    assert (ran.queued.bills, ran.answered, ran.problem) == (3, 6, "")
    assert states() == {"sent"} and messages() == {"PIS": 3}
    # what the treasury got: our codes as it knows them, sums in rupees, everybody with an account; each part with an id of its own
    sent = peer.bills[bills()[0][0]]["pi"]
    assert (sent["jitBillDdoCode"], sent["ssuIaId"], sent["granteeAgCode"], sent["schemeCode"]) == (
        "OLSHUD001", "1621", "GOHUD36", "13145",
    )  # fmt: skip
    assert (sent["billNetAmount"], sent["billNumberOfBenf"], sent["allotmentTxnSlNo"]) == ("400.00", "2", "1")
    assert [
        (p["benfAcctNo"], p["benfBankIfscCode"], p["benfAmount"]) for p in sent["beneficiaryDetails"]
    ] == sorted(
        [("30000000001", "SBIN0001231", "200.00"), ("30000000002", "SBIN0001232", "200.00")],
        key=lambda one: [p["benfAcctNo"] for p in sent["beneficiaryDetails"]].index(one[0]),
    )
    assert len({one for bill in (0, 1, 2) for one in credit_ids(peer, bill)}) == 5
    # claimed for the treasury, and not yet told to any bank
    assert fetched(
        "SELECT profile, state, sum(items), sum(paise)::bigint FROM payments_file GROUP BY 1, 2"
    ) == [("treasury-jit", "made", 3, 85000)]
    assert entries() == {}
    peer.step(1)
    exchange(peer)
    assert states() == {"approved"} and entries() == {}
    peer.step(2)
    exchange(peer)
    assert states() == {"in_process"}
    assert entries() == {"instructed": (3, 85000)}
    assert fetched("SELECT DISTINCT made_by, released_by, state FROM payments_file") == [
        ("treasury", "purse", "sent")
    ]
    assert {token for (token,) in fetched("SELECT token_no FROM payments_bill_version")} == {"T1", "T2", "T3"}
    peer.step(3)
    exchange(peer)
    assert states() == {"paid"} and messages() == {"FD": 1}
    assert fetched("SELECT DISTINCT state, voucher_on::text FROM payments_bill_version") == [
        ("passed", "2016-10-03")
    ]
    # a person on two heads is answered once, with both parts
    assert entries() == {"credited": (3, 85000), "instructed": (3, 85000)}
    asked = len(peer.asked)
    exchange(peer)
    assert peer.asked[asked:] == ["FD"]
    assert entries()["credited"] == (3, 85000)


@pytest.mark.parametrize("faults", [("lost", "slow", "500"), ("away", "garbage", "other_key")])
def test_whatever_goes_wrong_a_bill_is_ordered_once(peer: Peer, month: None, faults: tuple[str, ...]) -> None:
    peer.drive("fault", service="PI", kinds=list(faults))
    ran = exchange(peer)
    assert (ran.answered, ran.unanswered) == (0, 3) and ran.problem
    carried_out = sum(fault in ("lost", "slow") for fault in faults)
    assert len(peer.bills) == carried_out
    exchange(peer)
    assert states() == {"sent"} and len(peer.bills) == 3
    assert peer.asked.count("PI") == 6
    assert fetched("SELECT count(*) FROM payments_treasury_message WHERE problem = 'duplicate'") == [
        (carried_out,)
    ]
    assert entries() == {}


def test_a_worker_that_dies_between_the_answer_and_its_commit_orders_nothing_twice(
    peer: Peer, month: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(one: taking.Taking) -> Any:
        raise SystemExit(-9)

    with monkeypatch.context() as patch:
        patch.setattr(taking, "take", dies)
        with pytest.raises(SystemExit):
            exchange(peer)
    assert len(peer.bills) == 1 and states() == {"queued"}
    exchange(peer)
    assert len(peer.bills) == 3 and states() == {"sent"}
    # a treasury that has another sum under our number than ours is never believed
    number = bills()[0][0]
    peer.drive("bill", number=number, values={"net": "401.00"})
    peer.step(1)
    exchange(peer)
    assert ("sent", "differs") in {(state, problem) for _, state, problem in bills()}
    assert fetched("SELECT service, state FROM payments_treasury_message WHERE problem = 'differs'") == [
        ("PIS", "stuck")
    ]


def test_an_ended_session_is_begun_again_and_a_treasury_that_is_away_is_left_in_peace(
    peer: Peer, month: None
) -> None:
    treasury = Treasury(peer.access())
    treasury.log_in()
    peer.drive("end_sessions")
    assert treasury.ask("VA", {"hoa": "1", "fromDate": "2016-04-01", "ddoCode": "1", "granteCode": "1"}).data
    assert peer.drive("")["logins"] == 2
    with pytest.raises(LoginRefused):
        Treasury(peer.access(client_secret="forgotten")).log_in()
    with pytest.raises(NoAnswer, match="unreachable"):
        Treasury(peer.access(url="http://127.0.0.1:9")).log_in()
    peer.drive("fault", service="VA", kinds=["away"] * 9)
    ran = exchange(peer)
    assert (ran.answered, ran.unanswered, ran.problem) == (0, 3, "unreachable")
    # asked again later and later, and by themselves
    assert run(TREASURY, peer.line()).unanswered == 0
    for attempts in (2, 3):
        exchange(peer)
        assert fetched("SELECT DISTINCT attempts FROM payments_treasury_message") == [(attempts,)]
    assert fetched("SELECT DISTINCT next_at - last_at FROM payments_treasury_message")[0][0].seconds == 4 * 60
    exchange(peer)
    assert states() == {"sent"}


def test_what_the_treasury_gives_back_becomes_a_new_version_and_its_credits_are_free(
    peer: Peer, month: None
) -> None:
    exchange(peer)
    number = bills()[0][0]
    peer.drive("bill", number=number, values={"rejected": True})
    peer.step(1)
    exchange(peer)
    assert bills()[0] == (number, "objected", "objected")
    ((state, reason),) = fetched(
        "SELECT v.state, v.end_reason FROM payments_bill_version v JOIN payments_treasury_bill t ON t.version_id = v.id"
        " WHERE t.number = %s", number,
    )  # fmt: skip
    assert state == "objected" and "certificate is missing" in reason
    # the same people stand on the other head's bill, so they stay claimed; only when that comes back too are they free
    assert fetched("SELECT count(*) FROM payments_file WHERE state = 'withdrawn'") == [(0,)]
    billing.sanction(CEO, "DDO1", OCTOBER)
    billing.submit(PURSE, "DDO1", OCTOBER)
    peer.step(3)
    exchange(peer)
    exchange(peer)
    peer.step(3)
    exchange(peer)
    assert [row[:2] for row in bills()][-1] == (f"{number}/V2", "paid")
    assert entries() == {"credited": (3, 85000), "instructed": (3, 85000)}
    # each part of the second version has an id of its own
    assert not set(credit_ids(peer, 0)) & set(credit_ids(peer, 3))


def test_a_wrong_branch_sends_the_bill_back_and_little_money_lets_it_wait(peer: Peer, month: None) -> None:
    peer.drive("set", values={"bad_ifsc": ["SBIN0001233"], "balance": 350})
    exchange(peer)
    said = {number: (state, problem) for number, state, problem in bills()}
    assert sorted(said.values()) == [("objected", "objected"), ("queued", "funds"), ("sent", "")]
    (objected,) = list(TreasuryBill.objects.filter(state="objected"))
    assert "Wrong IFSC" in objected.said and objected.version.state == "objected"
    # nobody else carries the widow's credit: it is free for the next version, or for a bank's file
    assert fetched("SELECT state, items FROM payments_file WHERE state = 'withdrawn'") == [("withdrawn", 1)]
    assert fetched("SELECT count(*) FROM payments_file_item WHERE NOT alive") == [(1,)]
    peer.drive("set", values={"balance": 400})
    exchange(peer)
    assert sorted(state for _, state, _ in bills()) == ["objected", "sent", "sent"]


def test_what_the_profile_does_not_understand_waits_for_a_person_who_asks_again_or_takes_it_back(
    peer: Peer, month: None
) -> None:
    peer.drive("set", values={"complaint": "Grantee 36 of 389201502452 is on strike"})
    exchange(peer)
    assert states() == {"refused"} and messages() == {}
    stuck = reads.line_page(PURSE, reads.STUCK, 1).rows
    assert [(one.why, one.said, one.days) for one in stuck] == [
        ("refused", "340 Grantee 36 of …52 is on strike", 0)
    ] * 3
    assert reads.line_page(STRANGER, "", 1).rows == [] and reads.standings(STRANGER) == []
    with pytest.raises(reads.NoSuchTreasuryBill):
        reads.line_bill(STRANGER, stuck[0].key)
    for act in (actions.retry, actions.give_back):
        with pytest.raises(OutsideYourArea):
            act(STRANGER, stuck[0].key)
        with pytest.raises(NotYourFunction):
            act(CEO, stuck[0].key)
    actions.give_back(PURSE, stuck[0].key)
    peer.drive("set", values={"complaint": ""})
    for one in stuck[1:]:
        actions.retry(PURSE, one.key)
    exchange(peer)
    assert sorted(row[1] for row in bills()) == ["objected", "sent", "sent"]
    with pytest.raises(actions.NothingToAsk):
        actions.retry(PURSE, stuck[0].key)
    with pytest.raises(actions.NotRefused):
        actions.give_back(PURSE, stuck[1].key)
    assert reads.line_page(PURSE, reads.STUCK, 1).rows[0].why == "objected"


def test_what_must_not_go_is_held_back_and_says_why(peer: Peer, month: None) -> None:
    hold(3, "IGNWPS")
    ran = exchange(peer)
    assert (ran.queued.bills, ran.queued.held_back) == (2, 1)
    assert [row[1:] for row in bills()] == [("sent", ""), ("sent", ""), ("held_back", "held")]
    assert fetched("SELECT count(*) FROM payments_treasury_credit") == [(4,)]
    release(3)
    exchange(peer)
    assert states() == {"sent"}


def test_a_hold_stops_an_order_that_still_waits(peer: Peer, month: None) -> None:
    peer.drive("set", values={"balance": 299})
    exchange(peer)
    hold(3, "IGNWPS")
    hold(1)
    peer.drive("set", values={"balance": 10_000})
    exchange(peer)
    # the pensioner's other head went before the hold; what still waited for money does not go, and only its own claim is free
    assert [row[1:] for row in bills()] == [("held_back", "held"), ("sent", ""), ("held_back", "held")]
    assert len(peer.bills) == 1 and messages() == {"PIS": 1}
    assert fetched("SELECT items, state FROM payments_file ORDER BY items") == [(1, "withdrawn"), (2, "made")]
    exchange(peer)
    assert len(peer.bills) == 1
    release(3)
    release(1)
    exchange(peer)
    assert len(peer.bills) == 3 and states() == {"sent"}
    peer.step(3)
    exchange(peer)
    assert entries() == {"credited": (3, 85000), "instructed": (3, 85000)}
    # so it is with a correction: the next one takes up whoever is not held
    widow = credit_ids(peer, 2)[0]
    peer.drive("bill", number=bills()[2][0], values={"failed": {widow: "Account does not exist"}})
    exchange(peer)
    presented_again(widow[:30], 7, "40000000003", "SBIN0009999")
    queueing.queue(TREASURY, peer.line().profile)
    assert bills()[3][1] == "queued"
    hold(3, "IGNWPS")
    exchange(peer)
    assert bills()[3][1:] == ("ended", "held") and peer.corrections == {}
    exchange(peer)
    assert len(bills()) == 4
    release(3)
    exchange(peer)
    assert [row[1] for row in bills()[3:]] == ["ended", "sent"]
    peer.drive("correction", number=bills()[4][0], values={"step": 1})
    exchange(peer)
    assert entries()["credited"] == (4, 115000)


def test_no_objection_is_typed_in_for_a_bill_that_the_treasury_has_or_may_have(
    peer: Peer, month: None
) -> None:
    peer.drive("set", values={"balance": 299})
    exchange(peer)
    assert [row[1:] for row in bills()] == [("queued", "funds"), ("sent", ""), ("queued", "funds")]
    first, _, widow = TreasuryBill.objects.select_related("version").order_by("pk")
    # the treasury said that it does not take it: an objection is no danger, nobody asks again, and the credit is free
    billing.objected(PURSE, widow.version.key, "drawn on the wrong head")
    peer.drive("set", values={"balance": 400})
    peer.drive("fault", service="PI", kinds=["lost"])
    exchange(peer)
    assert bills()[2][1] == "ended" and bills()[0][1] == "queued"
    assert fetched("SELECT items FROM payments_file WHERE state = 'withdrawn'") == [(1,)]
    # carried out, but we do not know it; the treasury's book is short by it now
    peer.drive("set", values={"balance": 1})
    with pytest.raises(WithTheTreasury):
        billing.objected(CELL, first.version.key, "typed in by hand")
    for step, state in enumerate(("sent", "approved", "in_process")):
        peer.step(step)
        exchange(peer)
        assert bills()[0][1] == state
        with pytest.raises(WithTheTreasury) as refused:
            billing.objected(PURSE, first.version.key, "typed in by hand")
    assert refused.value.values["bill"] == bills()[0][0]
    peer.step(3)
    exchange(peer)
    assert bills()[0][1] == "paid" and messages() == {"FD": 1}


def test_late_failures_are_found_on_any_day_until_the_window_closes(peer: Peer, month: None) -> None:
    all_paid(peer)
    first, _ = credit_ids(peer, 0)
    second = first[:-2] + "02"
    assert second in credit_ids(peer, 1)
    with time_machine.travel(datetime(2016, 10, 29, 6, tzinfo=UTC)):
        # one of the two parts comes back: no whole credit is returned, and nobody invents one
        peer.drive("bill", number=bills()[0][0], values={"failed": {first: "Account is Dormant"}})
        peer.drive("set", values={"day": "2016-10-28"})
        peer.drive("every_bill", values={"voucher_on": "2016-10-03"})
        exchange(peer)
        assert fetched(
            "SELECT disposition, paise, reason_code FROM payments_response_line WHERE outcome = 'returned'"
        ) == [("amount", 20000, "54")]
        assert "returned_late" not in entries()
        # then the other part: the person's whole credit came back after it was reported as paid
        peer.drive("bill", number=bills()[1][0], values={"failed": {second: "Account is Dormant"}})
        exchange(peer)
        assert entries()["returned_late"] == (1, 27500)
        before = entries()
        exchange(peer)
        assert entries() == before and peer.asked[-1] == "FD"
    with time_machine.travel(datetime(2016, 11, 18, 6, tzinfo=UTC)):
        asked = len(peer.asked)
        exchange(peer)
        assert states() == {"closed"} and messages() == {} and len(peer.asked) == asked


def test_strangers_and_parts_of_an_answer_stop_nothing(peer: Peer, month: None) -> None:
    exchange(peer)
    number = bills()[0][0]
    one, other = credit_ids(peer, 0)
    stranger = {"benefId": "2016100000000000000000000000009901", "utrNo": "RBI1", "utrDate": "2016-10-03"}
    peer.drive("bill", number=number, values={"paid_only": [one], "strangers": [stranger]})
    peer.step(3)
    exchange(peer)
    # the voucher passes the bill, one credit is still to be answered, the stranger waits for a person
    assert bills()[0][1] == "in_process" and states() == {"in_process", "paid"}
    assert fetched("SELECT disposition, count(*) FROM payments_response_line GROUP BY 1 ORDER BY 1") == [
        ("applied", 2),
        ("unknown", 1),
    ]
    peer.drive("bill", number=number, values={"paid_only": None, "failed": {other: "No such account"}})
    exchange(peer)
    exchange(peer)
    assert states() == {"paid"}
    assert fetched("SELECT disposition, count(*) FROM payments_response_line GROUP BY 1 ORDER BY 1")[0] == (
        "amount",
        1,
    )


def presented_again(reference: str, number: int, account: str, ifsc: str) -> None:
    """A returned credit with a corrected account, as it is presented again with the month's run."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO payments_instruction (run_id, reference, member_id, pension_group, scheme, paise, ifsc, account_last4, state,"
            " rail, payee_name, destination_sealed, area_code, ddo_code, origin, corrects_id)"
            " SELECT run_id, left(reference, 29) || %s, member_id, pension_group, scheme, paise, %s, right(%s, 4), 'written', 'account',"
            " payee_name, %s, area_code, ddo_code, reference, id FROM payments_instruction WHERE reference = %s",
            [chr(80 + number), ifsc, account, sealed(account), reference],
        )


def test_a_failed_credit_goes_again_on_its_bill_with_all_three_accounts(peer: Peer, month: None) -> None:
    exchange(peer)
    number = bills()[2][0]
    (widow,) = credit_ids(peer, 2)
    peer.drive("bill", number=number, values={"failed": {widow: "Account does not exist"}})
    peer.step(3)
    exchange(peer)
    exchange(peer)
    assert entries()["returned"] == (1, 30000)
    presented_again(widow[:30], 7, "40000000003", "SBIN0009999")
    # its money waits with the treasury: no bank gets it, neither now nor after another failure
    assert files.make(MAKER, OCTOBER) == []
    peer.drive("fault", service="COR", kinds=["lost"])
    assert exchange(peer).queued.corrections == 1
    exchange(peer)
    correction = f"{number}/C1"
    assert bills()[3][:2] == (correction, "sent") and peer.asked.count("COR") == 2
    (given,) = peer.corrections[correction]["cor"]["beneficiaryDtls"]
    assert given == {
        "benefId": widow, "jitCurBillRefNo": peer.corrections[correction]["cor"]["jitOrgBillRefNo"],
        "orgAccountNo": "30000000003", "orgIfsc": "SBIN0001233", "curAccountNo": "30000000003", "curIfsc": "SBIN0001233",
        "correctedAccountNo": "40000000003", "correctedIfsc": "SBIN0009999",
    }  # fmt: skip
    assert entries()["instructed"] == (4, 115000)
    # it fails again, goes again with a third account, and is paid
    peer.drive("correction", number=correction, values={"step": 1, "failed": {widow: "Account closed"}})
    exchange(peer)
    exchange(peer)
    assert entries()["returned"] == (2, 60000)
    presented_again(widow[:29] + "W", 8, "50000000003", "SBIN0008888")
    assert files.make(MAKER, OCTOBER) == []
    exchange(peer)
    (given,) = peer.corrections[f"{number}/C2"]["cor"]["beneficiaryDtls"]
    assert (given["orgAccountNo"], given["curAccountNo"], given["correctedAccountNo"]) == (
        "30000000003", "40000000003", "50000000003",
    )  # fmt: skip
    assert given["jitCurBillRefNo"] == "2016900001"
    peer.drive("correction", number=f"{number}/C2", values={"step": 1})
    exchange(peer)
    assert entries()["credited"] == (3, 85000) and entries()["instructed"] == (5, 145000)
    # a correction that the treasury refuses comes back like a returned credit, for its own reason
    first, second = credit_ids(peer, 0)[0], credit_ids(peer, 1)[0]
    assert first[:30] == second[:30]
    for at, one in ((0, first), (1, second)):
        peer.drive("bill", number=bills()[at][0], values={"failed": {one: "Account is Dormant"}})
    exchange(peer)
    assert entries()["returned_late"] == (1, 27500)
    peer.drive("set", values={"bad_ifsc": ["SBIN0000000"]})
    presented_again(first[:30], 7, "60000000001", "SBIN0000000")
    exchange(peer)
    assert [row[1] for row in bills()[-2:]] == ["objected", "objected"]
    assert entries()["returned"] == (3, 87500)
    assert fetched("SELECT state, count(*) FROM payments_treasury_credit GROUP BY 1 ORDER BY 1") == [
        ("failed", 6),
        ("paid", 3),
    ]


def test_what_lapsed_goes_once_on_a_bill_of_the_new_year(peer: Peer, month: None) -> None:
    exchange(peer)
    old = bills()[2][0]
    (widow,) = credit_ids(peer, 2)
    peer.drive("bill", number=old, values={"failed": {widow: "Account does not exist"}})
    peer.step(3)
    exchange(peer)
    exchange(peer)
    assert entries()["returned"] == (1, 30000)
    april = Month(2017, 4)
    with time_machine.travel(datetime(2017, 4, 3, 6, tzinfo=UTC)):
        assert lapse(CELL, 2016).credits == 1
        on_record(3, "30000000003", "SBIN0001233")
        a_month_of_one(april)
        # nobody corrected the account yet: a bill that cannot go out is not drawn
        assert drawable(PURSE, "DDO1", april) == []
        with pytest.raises(NothingToDraw):
            billing.supplementary(PURSE, "DDO1", april)
        on_record(3, "40000000003", "SBIN0009999")
        (one,) = drawable(PURSE, "DDO1", april)
        assert (one.persons, one.paise) == (1, 30000) and Return.objects.get().state == "waiting"
        (supplementary,) = billing.supplementary(PURSE, "DDO1", april)
        assert Return.objects.get().state == "represented"
        # neither over the old bill nor by a bank's file, though the lines of its old bill are gone
        assert exchange(peer).queued.corrections == 0
        assert files.make(CELL, april) == []
        billing.sanction(CEO, "DDO1", april)
        billing.submit(PURSE, "DDO1", april)
        peer.drive("set", values={"day": "2017-04-03"})
        exchange(peer)
        (sent,) = peer.bills[supplementary]["pi"]["beneficiaryDetails"]
        assert (sent["benfAcctNo"], sent["benfBankIfscCode"], sent["benfAmount"]) == (
            "40000000003", "SBIN0009999", "300.00",
        )  # fmt: skip
        assert sent["benefId"][:30] != widow[:30]
        for _ in range(3):
            peer.step(3)
            exchange(peer)
        assert returns.represent(CELL, april).credits == 0 and exchange(peer).queued.corrections == 0
        assert entries() == {"instructed": (5, 142500), "returned": (1, 30000), "credited": (4, 112500)}
        assert ledger.balances(3) == {"cash": -30000, "expense": 30000, "in_transit": 0, "payable": 0}
        # what comes back from there goes again on that bill, and only there
        peer.drive("bill", number=supplementary, values={"failed": {sent["benefId"]: "Account closed"}})
        exchange(peer)
        assert entries()["returned_late"] == (1, 30000)
        on_record(3, "50000000003", "SBIN0009999")
        assert returns.represent(CELL, april).credits == 1
        assert exchange(peer).queued.corrections == 1
        (given,) = peer.corrections[f"{supplementary}/C1"]["cor"]["beneficiaryDtls"]
        assert (given["orgAccountNo"], given["correctedAccountNo"]) == ("40000000003", "50000000003")
        assert list(peer.corrections) == [f"{supplementary}/C1"]


def test_a_part_that_came_back_goes_again_alone(peer: Peer, month: None) -> None:
    exchange(peer)
    (number, *_), (other, *_), _ = bills()
    one = credit_ids(peer, 0)[0]
    peer.drive("bill", number=number, values={"failed": {one: "Account is Dormant"}})
    peer.step(3)
    exchange(peer)
    exchange(peer)
    assert entries() == {"instructed": (3, 85000), "credited": (2, 57500)}
    line = ResponseLine.objects.get(disposition="amount")
    look_into(CELL, line.pk, "part", "the treasury's scroll of 3 October")
    assert entries() == {"instructed": (3, 85000), "credited": (3, 65000), "returned": (1, 20000)}
    back = Return.objects.get()
    assert (back.paise, back.state) == (20000, "waiting")
    # with the year only the line that failed would leave its bill
    with time_machine.travel(datetime(2017, 4, 3, 6, tzinfo=UTC)), transaction.atomic():
        assert lapse(CELL, 2016).paise == 20000
        transaction.set_rollback(True)
    on_record(back.member_id, "40000000001", "SBIN0009999")
    assert returns.represent(CELL, OCTOBER).paise == 20000
    assert exchange(peer).queued.corrections == 1
    ((correction, asked),) = peer.corrections.items()
    assert correction == f"{number}/C1" and [p["benefId"] for p in asked["cor"]["beneficiaryDtls"]] == [one]
    peer.drive("correction", number=correction, values={"step": 1})
    exchange(peer)
    assert ledger.balances(back.member_id) == {
        "cash": -27500,
        "expense": 27500,
        "in_transit": 0,
        "payable": 0,
    }
    # what is said about the other part now is no return of the whole
    peer.drive(
        "bill", number=other, values={"failed": {f"{one[:-2]}{3 - int(one[-2:]):02d}": "Account closed"}}
    )
    before = entries()
    exchange(peer)
    assert entries() == before and ResponseLine.objects.filter(disposition="amount").count() == 2


def on_record(member_id: int, number: str, ifsc: str) -> None:
    """The register has this account of a widow from now on."""
    value, version = sealer().seal_one(ACCOUNT, number)
    family, _ = Family.objects.get_or_create(family_id=member_id)
    resident, _ = Resident.objects.get_or_create(member_id=member_id, key=UUID(int=member_id))
    delivery, _ = Delivery.objects.get_or_create(
        code="d",
        delivered_on=date(2016, 1, 1),
        folder="",
        actor="test",
        defaults={"received_at": timezone.now()},
    )
    ResidentBelief.objects.create(
        member=resident,
        family=family,
        belief_no=ResidentBelief.objects.count() + 1,
        known_from=date(2016, 1, 1),
        line=2,
        delivery=delivery,
        name_en="Sunita Bai",
        sex="F",
        fingerprint=UUID(int=0),
        ifsc=ifsc,
        account_sealed=value,
        account_last4=number[-4:],
        account_hash=sealer().keyed_hash(ACCOUNT, account_text(ifsc, number)),
        key_version=version,
    )


def a_month_of_one(month: Month) -> None:
    """A closed month in which only the first pensioner is owed something."""
    before = OCTOBER.first_day
    posted(
        relations(
            settled=[(1, 1, "IGNOAPS", 27500)],
            redetermined=[
                (before, 1, 1, "IGNOAPS", 27500),
                (before, 2, 1, "IGNOAPS", 27500),
                (before, 3, 1, "IGNWPS", 30000),
            ],
            payee=[payee(1, account_sealed=sealed(f"30{1:09d}"), ifsc="SBIN0001231")],
        ),
        month,
    )
    closing.close_month(CELL, month)
    pool(month=month)
