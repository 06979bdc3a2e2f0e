"""The clock: late cases go up once a level, a pause moves the limit, a penalty is proposed, imposed, and owed to the applicant."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import DatabaseError, transaction
from django.test import override_settings
from tests.cases.places import PUBLIC, fill, officer
from tests.law.conftest import spoilt  # noqa: F401

from haqdar.access.actors import NotYourFunction, platform
from haqdar.cases.casework import Opened, advance, open_case, steps_of
from haqdar.cases.guarantee import (
    ClockRuns,
    ClockStands,
    NoPenaltyOpen,
    NotWithinTheProposal,
    decide_penalty,
    open_penalties,
    pause,
    penalty_proposal,
    resume,
    run_clock,
)
from haqdar.cases.models import AwardChange, Case, Compensation, Escalation, Order, PenaltyDecision
from haqdar.jobs.clock import run_clock_and_tell
from haqdar.outreach.models import Message

pytestmark = pytest.mark.django_db
IST = ZoneInfo("Asia/Kolkata")
CLOCK = platform("clock")
OPENED = date(2026, 11, 2)
DUE = date(2026, 11, 17)


def at(day: date) -> time_machine.travel:
    return time_machine.travel(datetime(day.year, day.month, day.day, 12, tzinfo=IST), tick=False)


@pytest.fixture
def case() -> Case:
    fill()
    with at(OPENED):
        return open_case(
            PUBLIC,
            "application.submit",
            Opened(kind="application", area_code="G1", scheme="IGNWPS", mobile="9826012345", member_id=7),
        )


def test_a_late_case_goes_up_once_a_level_and_its_applicant_is_told_once(case: Case) -> None:
    assert (case.due_on, case.service) == (DUE, "pension-sanction")
    assert run_clock_and_tell(CLOCK, DUE)[0].escalated == 0
    day = DUE + timedelta(days=1)
    ran, told = run_clock_and_tell(CLOCK, day)
    assert (ran.escalated, ran.keys, told) == (1, (case.key,), 1)
    assert run_clock_and_tell(CLOCK, day)[0].escalated == 0
    assert Message.objects.filter(template="deadline_passed", about_key=str(case.key)).count() == 1
    assert run_clock(CLOCK, DUE + timedelta(days=31)).escalated == 1
    assert list(Escalation.objects.order_by("level").values_list("level", "awaits")) == [
        (0, "case.verify"),
        (1, "case.verify"),
    ]
    assert [step.verb for step in steps_of(case)].count("clock.escalate") == 2


def test_a_case_that_was_dealt_with_is_left_alone(case: Case) -> None:
    advance(officer("v", "verifier"), case.key, "case.verify", outcome="rejected")
    assert run_clock(CLOCK, DUE + timedelta(days=9)).escalated == 0


def test_escalations_are_only_added(case: Case) -> None:
    run_clock(CLOCK, DUE + timedelta(days=1))
    with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
        Escalation.objects.all().delete()


def test_the_clock_stands_while_the_applicant_must_act(case: Case) -> None:
    verifier = officer("v", "verifier")
    with at(date(2026, 11, 5)):
        pause(verifier, case.key, "papers_missing", "age proof")
        with pytest.raises(ClockStands):
            pause(verifier, case.key, "papers_missing", "age proof")
    assert run_clock(CLOCK, date(2027, 3, 1)).escalated == 0
    with at(date(2026, 11, 25)):
        assert resume(verifier, case.key).due_on == DUE + timedelta(days=20)
        with pytest.raises(ClockRuns):
            resume(verifier, case.key)


def test_an_act_ends_the_pause(case: Case) -> None:
    verifier = officer("v", "verifier")
    with at(date(2026, 11, 5)):
        pause(verifier, case.key, "papers_missing", "age proof")
    with at(date(2026, 11, 10)):
        moved = advance(verifier, case.key, "case.verify", awaits="case.sanction")
    assert moved.due_on == DUE + timedelta(days=5)
    assert case.pauses.get().ended_on == date(2026, 11, 10)


def test_only_who_has_the_case_stops_its_clock(case: Case) -> None:
    with pytest.raises(NotYourFunction):
        pause(officer("a", "auditor"), case.key, "papers_missing", "age proof")


def test_a_penalty_is_proposed_by_the_days_over_the_limit_without_those_of_a_pause(case: Case) -> None:
    verifier = officer("v", "verifier")
    assert penalty_proposal(case, DUE) is None
    late = penalty_proposal(case, DUE + timedelta(days=3))
    assert late is not None and (late.days_late, late.paise) == (3, 75_000)
    capped = penalty_proposal(case, DUE + timedelta(days=300))
    assert capped is not None and capped.paise == 500_000
    with at(date(2026, 11, 10)):
        pause(verifier, case.key, "papers_missing", "age proof")
    with at(date(2026, 11, 20)):
        resume(verifier, case.key)
    with at(DUE + timedelta(days=14)):
        case.refresh_from_db()
        paused = penalty_proposal(case, DUE + timedelta(days=14))
        assert paused is not None and paused.days_late == 4


def test_a_penalty_is_imposed_once_and_owed_to_the_applicant(case: Case) -> None:
    judge = officer("judge", "second_appellate")
    with at(DUE + timedelta(days=4)):
        assert [row["case"].pk for row in open_penalties(judge)] == [case.pk]
        with pytest.raises(NotWithinTheProposal):
            decide_penalty(judge, case.key, 100_100, "no_cause")
        with pytest.raises(NotWithinTheProposal):
            decide_penalty(judge, case.key, 50_000, "sufficient_cause")
        decision = decide_penalty(judge, case.key, 75_000, "no_cause", "heard on Monday")
        with pytest.raises(NoPenaltyOpen):
            decide_penalty(judge, case.key, 0, "sufficient_cause")
        assert open_penalties(judge) == []
    entry = Compensation.objects.get(case=case)
    assert (decision.proposed_paise, decision.office_code, entry.paise, entry.member_id) == (
        100_000,
        "OB",
        75_000,
        7,
    )
    order = Order.objects.get(case=case)
    assert (order.kind, order.data["values"]) == ("penalty", {"penalty_paise": 75_000, "days": 4})
    assert Message.objects.filter(template="compensation", about_key=str(case.key)).count() == 1
    assert AwardChange.objects.count() == 0


def test_a_penalty_may_be_waived_with_a_reason_and_then_nothing_is_owed(case: Case) -> None:
    with at(DUE + timedelta(days=4)):
        decide_penalty(officer("judge", "second_appellate"), case.key, 0, "sufficient_cause")
    assert PenaltyDecision.objects.get().imposed_paise == 0
    assert not Compensation.objects.exists()


def test_nobody_else_imposes_a_penalty(case: Case) -> None:
    with at(DUE + timedelta(days=4)), pytest.raises(NotYourFunction):
        decide_penalty(officer("s", "sanctioning_officer"), case.key, 1, "no_cause")


def test_nothing_is_deemed_approved_unless_the_service_says_so(case: Case) -> None:
    assert run_clock(CLOCK, DUE + timedelta(days=1)).deemed == 0
    case.refresh_from_db()
    assert case.awaits == "case.verify"


def test_deemed_approval_opens_the_sanction(case: Case, spoilt: Callable[..., Path]) -> None:  # noqa: F811
    law = spoilt(
        "services/pension-sanction.yaml", "deemed_approval: false", "deemed_approval: {2026-01-01: true}"
    )
    with override_settings(HAQDAR_LAW=law):
        assert run_clock(CLOCK, DUE).deemed == 0
        assert run_clock(CLOCK, DUE + timedelta(days=1)).deemed == 1
        assert run_clock(CLOCK, DUE + timedelta(days=1)).deemed == 0
    case.refresh_from_db()
    assert (case.awaits, case.details["deemed_on"], case.closed_at) == ("case.sanction", "2026-11-18", None)
    assert AwardChange.objects.count() == 0
