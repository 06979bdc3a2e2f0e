"""Unknown and double payees are examined through real months: what is found closes or forwards a case and never stops money."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.cases.doubles import NOBODY, deliver
from tests.cases.village import CEO, GITA, MEENA, RAM, SECRETARY, VERIFIER, Village, case_of, officer, on

from haqdar.access.actors import NotYourFunction, OutsideYourArea, platform
from haqdar.access.models import AuditEvent
from haqdar.base.refusal import Refusal
from haqdar.cases import examining
from haqdar.cases.casework import AlreadyMoved, OtherKind, SameOfficer, steps_of
from haqdar.cases.models import AwardChange, Case, Notice
from haqdar.jobs import reactions
from haqdar.registry import events

pytestmark = pytest.mark.django_db(transaction=True)
HERE = officer("section", "verifier", "/S/D/B/G/")
SAID = "Both live in one house, seen on 22 September."


@pytest.fixture
def village(tmp_path: Path) -> Village:
    village = Village(tmp_path)
    deliver(village)
    village.run("2016-10")
    return village


def state() -> object:
    """Everything that could stop or change a payment."""
    return list(AwardChange.objects.order_by("id").values_list("id", "kind", "member_id", "paise")), list(
        Notice.objects.order_by("id").values_list("id", "kind", "member_id")
    )


def test_the_evidence_shows_who_shares_the_account_and_hides_who_lives_elsewhere(village: Village) -> None:
    case = case_of(GITA, "duplicate")
    found = examining.sharing(VERIFIER, case)
    assert [(one.member_id, one.pensions, one.is_this) for one in found] == [
        (GITA, (("IGNWPS", 30000),), True),
        (RAM, (("IGNOAPS", 27500),), False),
        (MEENA, (), False),
    ]
    assert {one.account_last4 for one in found} == {"1111"} and all(one.same_account for one in found)
    looked = AuditEvent.objects.filter(verb="person.view", actor="verifier").values_list(
        "object_key", flat=True
    )
    assert sorted(looked) == sorted(one.key for one in found[1:])
    elsewhere = examining.sharing(HERE, case)[2]
    assert elsewhere.is_hidden and elsewhere.places[0] == "Other panchayat"
    assert (elsewhere.member_id, elsewhere.name_en, elsewhere.account_last4, elsewhere.family_key) == (
        0,
        "",
        "",
        "",
    )


def test_an_unknown_payee_is_the_states_and_shows_the_departments_row(village: Village) -> None:
    case = case_of(NOBODY, "ghost")
    (row,) = examining.register_rows(platform("state"), case)
    assert (row.scheme, row.since, row.paise) == ("IGNOAPS", date(2013, 7, 1), 27500)
    assert (row.delivered_on, row.line) == (date(2016, 9, 5), 2)
    with pytest.raises(OutsideYourArea):
        examining.record_finding(CEO, case.key, "kept", SAID, reason="nobody_found")
    assert village.dues(village.run("2016-11"), NOBODY) == []


@pytest.mark.parametrize("finding", ["kept", "corrected", "visit", "forward"])
def test_no_finding_touches_an_award_a_notice_or_a_payment(village: Village, finding: str) -> None:
    case, before = case_of(GITA, "duplicate"), state()
    reason = "lawful_joint" if finding == "kept" else ""
    with on(date(2016, 9, 22)):
        examining.record_finding(VERIFIER, case.key, finding, SAID, reason=reason)
    assert state() == before
    november = village.run("2016-11")
    assert state() == before
    assert village.dues(november, GITA) == [("regular", "2016-11", "IGNWPS", "300.00")]
    assert village.dues(november, RAM) == [("regular", "2016-11", "IGNOAPS", "275.00")]


def test_what_is_kept_opens_again_only_when_something_is_learned(village: Village) -> None:
    for member, actor in ((GITA, VERIFIER), (NOBODY, platform("state"))):
        case = case_of(member, "ghost" if member == NOBODY else "duplicate")
        reason = "nobody_found" if member == NOBODY else "lawful_joint"
        # what a delivery brought is recorded by the clock of the database, so this is done today
        closed = examining.record_finding(actor, case.key, "kept", SAID, reason=reason)
        assert (closed.outcome, closed.awaits) == ("kept", "")
        step = steps_of(closed)[-1]
        assert (step.verb, step.reason, step.note, step.actor) == ("case.examine", reason, SAID, actor.name)
        event = AuditEvent.objects.filter(verb="case.examine", object_key=str(case.key)).get()
        assert event.new is not None and (event.new["outcome"], event.new["reason"]) == ("kept", reason)
    village.run("2016-11")
    assert Case.objects.filter(kind__in=("ghost", "duplicate"), closed_at=None).get().member_id == RAM
    news = events.checked(SECRETARY, GITA, "migration_in", date(2016, 10, 21), date(2016, 10, 22))
    reactions.record_event(SECRETARY, news)
    village.run("2016-12")
    assert Case.objects.filter(member_id=GITA, kind="duplicate").count() == 2
    assert Case.objects.filter(member_id=NOBODY, kind="ghost").count() == 1


def test_a_corrected_record_closes_the_case_and_a_visit_leaves_it_open(village: Village) -> None:
    case = case_of(GITA, "duplicate")
    with on(date(2016, 9, 22)):
        open_still = examining.record_finding(VERIFIER, case.key, "visit", "The secretary visits on Monday.")
        assert (open_still.awaits, steps_of(case)[-1].reason) == ("case.examine", "visit_needed")
        closed = examining.record_finding(VERIFIER, case.key, "corrected", SAID)
        assert (closed.outcome, steps_of(case)[-1].reason) == ("obtained", "corrected")
        with pytest.raises(AlreadyMoved):
            examining.record_finding(VERIFIER, case.key, "visit", SAID)


def test_a_payment_that_should_end_goes_to_another_officer_who_sanctions(village: Village) -> None:
    case = case_of(GITA, "duplicate")
    with on(date(2016, 9, 22)):
        with pytest.raises(examining.NotAFinding):
            examining.record_finding(CEO, case.key, "forward", SAID)
        case = examining.record_finding(VERIFIER, case.key, "forward", SAID)
        assert (case.awaits, examining.forwarded_by(case), steps_of(case)[-1].reason) == (
            "case.examine",
            "verifier",
            "stop_proposed",
        )
        with pytest.raises(SameOfficer):
            examining.record_finding(VERIFIER, case.key, "kept", SAID, reason="lawful_joint")
        other = officer("other", "verifier")
        with pytest.raises(examining.WithSanctioningOfficer):
            examining.record_finding(other, case.key, "kept", SAID, reason="lawful_joint")
        assert examining.findings_for(VERIFIER, case) == ()
        assert "kept" in examining.findings_for(CEO, case)
        closed = examining.record_finding(CEO, case.key, "kept", SAID, reason="lawful_joint")
    assert closed.outcome == "kept"


def test_a_finding_needs_a_reason_of_the_list_words_and_somebody_who_may(village: Village) -> None:
    case = case_of(GITA, "duplicate")
    asked: list[tuple[type[Refusal], dict[str, str]]] = [
        (examining.NotAFinding, {"finding": "stopped"}),
        (examining.FindingWithoutReason, {"reason": ""}),
        (examining.FindingWithoutReason, {"reason": "nobody_found"}),
        (examining.FindingWithoutWords, {"note": "  "}),
    ]
    for refusal, values in asked:
        given = {"finding": "kept", "reason": "lawful_joint", "note": SAID} | values
        with pytest.raises(refusal):
            examining.record_finding(
                VERIFIER, case.key, given["finding"], given["note"], reason=given["reason"]
            )
    with pytest.raises(NotYourFunction):
        examining.record_finding(SECRETARY, case.key, "visit", SAID)
    far = officer("far", "verifier", "/S/D/B/H/")
    with pytest.raises(OutsideYourArea):
        examining.record_finding(far, case.key, "visit", SAID)
    other_kind = Case.objects.exclude(kind__in=examining.KINDS).filter(area_code="G")[0]
    with pytest.raises(OtherKind):
        examining.examinable(VERIFIER, other_kind.key)
    assert not Case.objects.get(pk=case.pk).steps.exists()
