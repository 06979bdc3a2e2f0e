"""What was paid after a death comes back from the bank or is given up by two people; later months keep nothing twice."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import translation
from tests.payments.answers import BANK, response, sent
from tests.payments.bodies import a_district
from tests.payments.examples import OCTOBER, money, payee, relations, rows
from tests.payments.test_posting import fetched, posted, posted_and_checked

from haqdar.access.actors import DDO, STATE, Actor, NotYourFunction, platform
from haqdar.payments import entries, queries, recoveries
from haqdar.payments.actions import SettledMeanwhile
from haqdar.payments.closing import close_month
from haqdar.payments.models import Due, Recall, Settlement, WriteOff
from haqdar.payments.passbook import passbook
from haqdar.payments.recoveries import (
    AlreadyAnswered,
    AlreadyProposed,
    NoSuchRecovery,
    NothingToRecall,
    NotThatMuch,
    SamePersonAnswers,
    SamePersonDecides,
    SayWhy,
)
from haqdar.payments.responses.reading import read_response
from haqdar.registry.models import EventBelief
from haqdar.sources.models import Delivery
from haqdar.web.passbooks import passbook_words

pytestmark = pytest.mark.django_db
DRAWING = Actor(1, "ddo", frozenset({DDO}), None)
COLLEAGUE = Actor(4, "ddo2", frozenset({DDO}), None)
BOSS = Actor(2, "state", frozenset({STATE}), None)
NOVEMBER = OCTOBER.next()


@pytest.fixture
def over_paid() -> int:
    """Person 1 was credited October's 300 rupees and had died in September; November finds it. Person 2 lives and owes, too."""
    a_district()
    people = [payee(1), payee(2)]
    posted(relations(settled=[(1, 1, "IGNWPS", 30000), (2, 1, "IGNWPS", 30000)], payee=people), OCTOBER)
    close_month(BANK, OCTOBER)
    references = sent(OCTOBER)
    read_response(BANK, response([(one, 30000, "1", "00") for one in references]), "ACH-CR-DEMO-X-RES.txt")
    EventBelief.objects.create(
        event_id="E1",
        belief_no=1,
        member_id=1,
        kind="death",
        happened_on=date(2016, 9, 9),
        reported_on=date(2016, 10, 20),
        known_from=date(2016, 10, 20),
        line=2,
        fingerprint=uuid4(),
        delivery=Delivery.objects.get(),
    )
    posted(relations(redetermined=[(OCTOBER.first_day, 2, 1, "IGNWPS", 20000)], payee=people), NOVEMBER)
    close_month(BANK, NOVEMBER)
    return Due.objects.get(member_id=1, kind="recovery").pk


def key_of(table: Any) -> UUID:
    return UUID(str(table.objects.get().key))


def still_kept_back(month: Any = NOVEMBER) -> list[tuple[Any, ...]]:
    duck = relations()
    queries.export_outstanding(connection.connection, duck, month.next())
    return rows(duck, "SELECT member_id, paise FROM outstanding ORDER BY ALL")


def the_recovery() -> tuple[str, int, int, int]:
    """What person 1's passbook says of the over-payment: state, given back, given up, still to be got back."""
    (row,) = (one for one in passbook(platform(), 1) if one.kind == "recovery")
    return row.state, row.recalled_paise, row.written_off_paise, row.outstanding_paise


def test_a_bank_is_asked_once_and_what_it_gives_back_settles(over_paid: int) -> None:
    page = recoveries.outstanding(BOSS)
    assert [(one.member_id, one.rest_paise, one.died_on, one.recallable) for one in page.rows] == [
        (1, 30000, date(2016, 9, 9), True),
        (2, 10000, None, False),
    ]
    assert (page.to_ask, page.to_ask_paise) == (1, 30000)
    assert recoveries.ask_banks(DRAWING) == 1
    with pytest.raises(NothingToRecall):
        recoveries.ask_banks(DRAWING)
    ((bank, _, reference, died_on, paise, _),) = recoveries.recall_rows(DRAWING)
    assert (bank, died_on, paise) == ("SBIN", date(2016, 9, 9), 30000)
    assert fetched("SELECT count(*) FROM payments_instruction WHERE reference = %s", reference) == [(1,)]
    with pytest.raises(SamePersonAnswers):
        recoveries.answer_recall(DRAWING, key_of(Recall), 25000)
    with pytest.raises(NotThatMuch):
        recoveries.answer_recall(COLLEAGUE, key_of(Recall), 30001)
    assert the_recovery() == ("outstanding", 0, 0, 30000)
    recoveries.answer_recall(COLLEAGUE, key_of(Recall), 25000, "two months' charges were taken")
    with pytest.raises(AlreadyAnswered):
        recoveries.answer_recall(COLLEAGUE, key_of(Recall), 5000)
    assert entries.balances(1)["receivable"] == 5000
    assert still_kept_back() == [(1, 5000), (2, 10000)]
    assert the_recovery() == ("outstanding", 25000, 0, 5000)
    assert recoveries.outstanding(BOSS, only_dead=True).rows[0].rest_paise == 5000


def test_what_is_given_up_takes_two_people_and_an_order(over_paid: int) -> None:
    with pytest.raises(NotYourFunction):
        recoveries.propose_write_off(BOSS, over_paid, "the heirs have nothing")
    with pytest.raises(SayWhy):
        recoveries.propose_write_off(DRAWING, over_paid, "poor")
    with pytest.raises(NoSuchRecovery):
        recoveries.propose_write_off(DRAWING, over_paid - 1, "the heirs have nothing")
    recoveries.propose_write_off(DRAWING, over_paid, "the heirs have nothing")
    with pytest.raises(AlreadyProposed), transaction.atomic():
        recoveries.propose_write_off(DRAWING, over_paid, "the heirs have nothing")
    key = key_of(WriteOff)
    with pytest.raises(SayWhy):
        recoveries.decide_write_off(BOSS, key, True, "", "")
    with pytest.raises(SamePersonDecides):
        recoveries.decide_write_off(
            Actor(1, "ddo", frozenset({STATE}), None), key, True, "Finance order 7 of 2016"
        )
    recoveries.decide_write_off(BOSS, key, True, "Finance order 7 of 2016")
    assert entries.balances(1).get("receivable", 0) == 0 and entries.balances(1)["loss"] == 30000
    assert still_kept_back() == [(2, 10000)]
    with pytest.raises(AlreadyAnswered):
        recoveries.decide_write_off(BOSS, key, False, "")


def test_a_write_off_gives_up_only_what_is_left(over_paid: int) -> None:
    recoveries.ask_banks(DRAWING)
    recoveries.propose_write_off(DRAWING, over_paid, "the heirs have nothing")
    recoveries.answer_recall(COLLEAGUE, key_of(Recall), 20000)
    recoveries.decide_write_off(BOSS, key_of(WriteOff), True, "Finance order 7 of 2016")
    assert sorted(Settlement.objects.values_list("kind", "paise")) == [
        ("recalled", 20000),
        ("written_off", 10000),
    ]
    assert not recoveries.outstanding(BOSS, only_dead=True).rows
    # the passbook says so, too
    assert the_recovery() == ("given_up", 20000, 10000, 0)
    with translation.override("en"):
        whole = passbook_words(passbook(platform(), 1), "en")
    assert whole.owed_paise == 0
    assert whole.recent[0].dues[0].details == ("given back by the bank: ₹200", "given up by an order: ₹100")


def test_nobody_sees_or_settles_what_lies_elsewhere(over_paid: int) -> None:
    stranger = Actor(3, "ddo2", frozenset({DDO}), ("/elsewhere/",))
    assert recoveries.outstanding(stranger).total == 0 and recoveries.recall_rows(stranger) == []
    with pytest.raises(NothingToRecall):
        recoveries.ask_banks(stranger)


def test_the_database_holds_that_nothing_is_settled_twice(over_paid: int) -> None:
    recoveries.ask_banks(DRAWING)
    recoveries.answer_recall(COLLEAGUE, key_of(Recall), 30000)
    with pytest.raises(IntegrityError), transaction.atomic():
        Settlement.objects.create(
            recovery_id=over_paid, kind="recalled", paise=1, made_at="2016-11-05T00:00Z", made_by="x"
        )


def test_what_is_settled_while_a_month_is_worked_out_is_not_kept_back_from_it(over_paid: int) -> None:
    december = NOVEMBER.next()

    def worked_out() -> Any:
        duck = relations(
            settled=[(2, 1, "IGNWPS", 30000)],
            redetermined=[(OCTOBER.first_day, 2, 1, "IGNWPS", 20000)],
            payee=[payee(1), payee(2)],
        )
        queries.export_posted(connection.connection, duck, december)
        queries.export_outstanding(connection.connection, duck, december)
        money(duck, december)
        return duck

    duck = worked_out()
    assert rows(duck, "SELECT sum(paise)::INTEGER FROM withholding") == [(10000,)]
    ((living,),) = fetched("SELECT id FROM payments_due WHERE member_id = 2 AND kind = 'recovery'")
    recoveries.propose_write_off(DRAWING, living, "paid by an error of the office")
    recoveries.decide_write_off(BOSS, key_of(WriteOff), True, "Finance order 7 of 2016")
    with pytest.raises(SettledMeanwhile, match="2016-12"):
        posted_and_checked(duck, december)
    posted_and_checked(worked_out(), december)
    assert fetched(
        "SELECT sum(paise)::bigint FROM payments_instruction i JOIN cases_month_run r ON r.id = i.run_id"
        " WHERE r.month = %s AND member_id = 2",
        december.first_day,
    ) == [(30000,)]


def test_what_a_month_finds_is_settled_only_once_it_is_closed(over_paid: int) -> None:
    december = NOVEMBER.next()
    posted(
        relations(redetermined=[(OCTOBER.first_day, 2, 1, "IGNWPS", 5000)], payee=[payee(1), payee(2)]),
        december,
    )
    ((found,),) = fetched(
        "SELECT d.id FROM payments_due d JOIN cases_month_run r ON r.id = d.run_id WHERE r.month = %s AND d.kind = 'recovery'",
        december.first_day,
    )
    assert found not in [one.recovery_id for one in recoveries.outstanding(BOSS).rows]
    with pytest.raises(NoSuchRecovery):
        recoveries.propose_write_off(DRAWING, found, "paid by an error of the office")
    close_month(BANK, december)
    assert found in [one.recovery_id for one in recoveries.outstanding(BOSS).rows]
    recoveries.propose_write_off(DRAWING, found, "paid by an error of the office")
