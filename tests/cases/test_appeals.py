"""Appeals: in time or flagged late, never heard by whoever decided, and a reversal leads back to the sanction."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from tests.cases.places import PUBLIC, fill, officer
from tests.cases.test_opening import listed, run_of
from tests.cases.test_opening import opened as opened_by

from haqdar.access.actors import NotYourFunction, OutsideYourArea, acting, platform
from haqdar.base.refusal import Refusal
from haqdar.cases.appeals import (
    AppealOpen,
    DecidedYourself,
    LateReasonMissing,
    NoAppealHere,
    NoSuchReason,
    NothingToAppeal,
    belongs_to_mobile,
    decide_appeal,
    file_appeal,
    possible_appeal,
)
from haqdar.cases.casework import Opened, advance, open_case, steps_of
from haqdar.cases.guarantee import penalty_proposal
from haqdar.cases.models import Case, Order

pytestmark = pytest.mark.django_db
IST = ZoneInfo("Asia/Kolkata")
OPENED = date(2026, 11, 2)
DECIDED = date(2026, 11, 10)
CEO = officer("ceo", "sanctioning_officer", "/S/D/B/")
FIRST = officer("first", "first_appellate")
SECOND = officer("second", "second_appellate")


def at(day: date) -> time_machine.travel:
    return time_machine.travel(datetime(day.year, day.month, day.day, 12, tzinfo=IST), tick=False)


def opened() -> Case:
    with at(OPENED):
        return open_case(
            PUBLIC,
            "application.submit",
            Opened(kind="application", area_code="G1", scheme="IGNWPS", mobile="9826012345"),
        )


@pytest.fixture
def rejected() -> Case:
    fill()
    case = opened()
    with at(DECIDED):
        advance(officer("gp", "secretary", "/S/D/B/G1/"), case.key, "case.verify", awaits="case.sanction")
        return advance(
            CEO, case.key, "case.reject", expected="case.sanction", outcome="rejected", reason="age"
        )


def appealed(case: Case, day: date = DECIDED, **values: str) -> Case:
    with at(day):
        return file_appeal(PUBLIC, case, "wrong_fact", "I am older", mobile="9826012345", **values)


def test_a_rejection_is_appealed_reversed_and_waits_for_the_sanction(rejected: Case) -> None:
    appeal = appealed(rejected)
    assert (appeal.kind, appeal.awaits, appeal.number[0]) == ("appeal", "appeal.decide", "F")
    assert appeal.due_on == DECIDED + timedelta(days=30)
    with at(DECIDED + timedelta(days=5)):
        decided, case = decide_appeal(FIRST, appeal.key, "reversed", "fact_proven", "The age is proven.")
    case.refresh_from_db()
    assert (decided.outcome, case.awaits, case.outcome, case.closed_at) == (
        "reversed",
        "case.sanction",
        "",
        None,
    )
    assert case.due_on == DECIDED + timedelta(days=20)
    assert case.details["appellate_order"] == {
        "appeal": appeal.number,
        "outcome": "reversed",
        "binding": True,
    }
    assert [step.verb for step in steps_of(case)][-1] == "case.reopen"
    assert Order.objects.get(case=appeal).kind == "appeal"
    with at(DECIDED + timedelta(days=6)):
        advance(CEO, case.key, "case.sanction", outcome="sanctioned", not_after=("case.verify",))


def test_a_remand_is_verified_again_and_an_upheld_one_stays(rejected: Case) -> None:
    appeal = appealed(rejected)
    with at(DECIDED):
        _, case = decide_appeal(FIRST, appeal.key, "upheld", "decision_right", "")
    case.refresh_from_db()
    assert case.outcome == "rejected"
    second = appealed(rejected, DECIDED + timedelta(days=40))
    assert (second.kind, second.about_id, "late" in second.details) == ("second_appeal", appeal.pk, False)
    with at(DECIDED + timedelta(days=41)):
        _, case = decide_appeal(SECOND, second.key, "remanded", "examine_again", "")
    case.refresh_from_db()
    assert case.awaits == "case.verify"


def test_a_late_case_is_appealed_while_it_is_open_and_its_lateness_is_kept() -> None:
    fill()
    case = opened()
    with at(OPENED + timedelta(days=10)), pytest.raises(NothingToAppeal):
        possible_appeal(case)
    appeal = appealed(case, date(2026, 11, 20))
    assert appeal.details["overdue"]
    with at(date(2026, 11, 25)):
        decide_appeal(FIRST, appeal.key, "reversed", "overdue", "Decide now.")
        case.refresh_from_db()
        assert (case.awaits, case.due_on) == ("case.verify", date(2026, 12, 10))
        proposal = penalty_proposal(case, date(2026, 11, 25))
    assert proposal is not None and (proposal.due_on, proposal.days_late) == (date(2026, 11, 17), 8)


def test_a_late_appeal_needs_its_reason_and_is_flagged(rejected: Case) -> None:
    day = DECIDED + timedelta(days=31)
    with pytest.raises(LateReasonMissing):
        appealed(rejected, day)
    assert appealed(rejected, day, late_reason="I was in hospital").details["late"] is True


def test_nobody_hears_an_appeal_against_his_own_decision(rejected: Case) -> None:
    both = officer("ceo", "first_appellate")
    appeal = appealed(rejected)
    with at(DECIDED), pytest.raises(DecidedYourself):
        decide_appeal(both, appeal.key, "upheld", "decision_right", "")
    with at(DECIDED):
        decide_appeal(FIRST, appeal.key, "upheld", "decision_right", "")
    second = appealed(rejected)
    with at(DECIDED), pytest.raises(DecidedYourself):
        decide_appeal(officer("first", "second_appellate"), second.key, "upheld", "decision_right", "")


@pytest.mark.parametrize(
    ("actor", "outcome", "reason", "refusal"),
    [
        (CEO, "upheld", "decision_right", NotYourFunction),
        (SECOND, "upheld", "decision_right", NotYourFunction),
        (officer("x", "first_appellate", "/S/E/"), "upheld", "decision_right", OutsideYourArea),
        (FIRST, "upheld", "fact_proven", NoSuchReason),
        (FIRST, "granted", "fact_proven", NoSuchReason),
    ],
)
def test_who_may_not_decide_or_without_a_reason(
    rejected: Case, actor: object, outcome: str, reason: str, refusal: type[Refusal]
) -> None:
    appeal = appealed(rejected)
    with at(DECIDED), pytest.raises(refusal):
        decide_appeal(actor, appeal.key, outcome, reason, "")  # type: ignore[arg-type]
    appeal.refresh_from_db()
    assert appeal.awaits == "appeal.decide"


def test_one_appeal_at_a_time_and_none_after_the_second(rejected: Case) -> None:
    appeal = appealed(rejected)
    with at(DECIDED), pytest.raises(AppealOpen):
        possible_appeal(rejected)
    with at(DECIDED):
        decide_appeal(FIRST, appeal.key, "upheld", "decision_right", "")
    second = appealed(rejected)
    with at(DECIDED):
        decide_appeal(SECOND, second.key, "upheld", "decision_right", "")
        with pytest.raises(NoAppealHere):
            possible_appeal(rejected)


def test_an_appeal_is_typed_in_at_an_office_of_the_area_only(rejected: Case) -> None:
    with at(DECIDED):
        with pytest.raises(OutsideYourArea):
            file_appeal(officer("gp2", "secretary", "/S/D/B/G2/"), rejected, "other", "", verb="appeal.enter")
        entered = file_appeal(
            officer("gp", "secretary", "/S/D/B/G1/"), rejected, "other", "", verb="appeal.enter"
        )
    assert (entered.opened_by, entered.kind) == ("gp", "appeal")


def test_an_appeal_belongs_to_the_mobile_of_the_receipt(rejected: Case) -> None:
    assert belongs_to_mobile(rejected, "9826012345")
    assert not belongs_to_mobile(rejected, "9826012346")


def test_a_wrong_stop_reversed_waits_for_the_restoration() -> None:
    fill()
    with at(OPENED):
        stop = open_case(
            PUBLIC, "x.open", Opened(kind="stop", area_code="G1", from_scheme="IGNWPS", reason="died")
        )
        stop = advance(CEO, stop.key, "stop.confirm", outcome="confirmed")
        appeal = file_appeal(PUBLIC, stop, "wrong_fact", "I live")
        _, case = decide_appeal(FIRST, appeal.key, "reversed", "fact_proven", "Alive.")
    case.refresh_from_db()
    assert case.awaits == "stop.restore"


def test_a_case_opened_again_by_an_order_does_not_lapse_with_a_later_month() -> None:
    fill()
    october = run_of(10)
    listed(october, "start", 1)
    listed(october, "start", 2)
    opened_by(october)
    ours = Case.objects.get(member_id=1)
    assert (ours.service, ours.due_on) == ("pension-sanction", date(2016, 10, 13))
    with acting(platform("test"), "case.place"):
        Case.objects.filter(pk=ours.pk).update(area_code="G1")
    advance(
        platform("ceo"), ours.key, "case.reject", expected="case.verify", outcome="rejected", reason="age"
    )
    ours.refresh_from_db()
    appeal = file_appeal(PUBLIC, ours, "wrong_fact", "I am older")
    decide_appeal(FIRST, appeal.key, "reversed", "fact_proven", "Proven.")
    opened_by(run_of(11))
    ours.refresh_from_db()
    assert (ours.awaits, ours.outcome) == ("case.sanction", "")
    assert Case.objects.get(member_id=2).outcome == "lapsed"
