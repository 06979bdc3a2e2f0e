"""From verification to sanction through real months: the award, its arrears, four eyes, and everything that refuses."""

from __future__ import annotations

import threading
from datetime import date
from pathlib import Path

import pytest
from django.db import connection, connections
from tests.cases.village import CEO, GAURI, GITA, MEENA, SECRETARY, VERIFIER, Village, case_of, officer, on

from haqdar.access.actors import NotYourFunction, OutsideYourArea
from haqdar.access.models import AuditEvent
from haqdar.base.refusal import Refusal
from haqdar.cases import deciding_cases as acts
from haqdar.cases.casework import AlreadyMoved, Opened, SameOfficer, open_case
from haqdar.cases.deciding_facts import deciding
from haqdar.cases.holding import AlreadyAwarded
from haqdar.cases.models import AwardChange, Case, Order, StandingDecision
from haqdar.jobs import reactions
from haqdar.outreach.models import Message
from haqdar.registry.evidence import Evidence, NoEvidence
from haqdar.registry.models import Proof, ResidentBelief

pytestmark = pytest.mark.django_db(transaction=True)
SEEN = Evidence(visited_on=date(2016, 9, 21), seen="Met her at home, saw the husband's death entry.")
VISIT = date(2016, 9, 21)


@pytest.fixture
def village(tmp_path: Path) -> Village:
    return Village(tmp_path)


def verified(member: int = GAURI) -> Case:
    """The person's start, every fact confirmed on a visit and recommended."""
    case = case_of(member, "start")
    with on(VISIT):
        acts.confirm_facts(
            SECRETARY, case.key, [one.key for one in deciding(SECRETARY, case).to_verify], SEEN
        )
        return acts.verify(SECRETARY, case.key, note="All seen.")


def sanctioned(member: int = GAURI, day: date = date(2016, 9, 25)) -> Case:
    case = verified(member)
    with on(day):
        return acts.sanction(CEO, case.key, "Agreed.")


def test_a_sanction_is_paid_by_the_next_run_with_arrears_from_the_month_of_eligibility(
    village: Village,
) -> None:
    village.run("2016-10")
    case = sanctioned()
    assert (case.outcome, case.awaits, case.scheme, case.paise) == ("sanctioned", "", "IGNWPS", 30000)
    change = AwardChange.objects.get(member_id=GAURI)
    assert (change.kind, change.decided_month, change.actor) == ("start", date(2016, 10, 1), "ceo")
    november = village.run("2016-11")
    assert village.dues(november, GAURI) == [
        ("arrears", "2016-10", "IGNWPS", "300.00"),
        ("regular", "2016-11", "IGNWPS", "300.00"),
    ]
    december = village.run("2016-12")
    assert village.dues(december, GAURI) == [("regular", "2016-12", "IGNWPS", "300.00")]


def test_the_same_month_run_again_keeps_the_sanction_and_pays_once(village: Village) -> None:
    village.run("2016-10")
    sanctioned()
    again = village.run("2016-10", date(2016, 9, 26))
    assert again.posted
    assert village.dues(again, GAURI) == [("regular", "2016-10", "IGNWPS", "300.00")]
    # the officer's name stays with the award of the new run
    assert AwardChange.objects.get(member_id=GAURI, run__state="complete").actor == "ceo"
    assert not village.run("2016-10", date(2016, 9, 26)).posted
    november = village.run("2016-11")
    assert village.dues(november, GAURI) == [("regular", "2016-11", "IGNWPS", "300.00")]
    assert case_of(GAURI, "start").outcome == "sanctioned"
    assert Case.objects.filter(member_id=GAURI).count() == 1


def test_a_sanction_that_new_knowledge_contradicts_ends_only_by_its_notice(village: Village) -> None:
    village.run("2016-10")
    sanctioned()
    village.load(
        {"bpl.csv": "family_id,card_no,valid_from,valid_to\n10000003,C3,2010-01-01,2016-09-01\n"},
        date(2016, 9, 26),
    )
    village.run("2016-10", date(2016, 9, 26))
    change = AwardChange.objects.get(member_id=GAURI, run__state="complete")
    assert (change.kind, change.actor) == ("start", "ceo")
    village.run("2016-11")
    assert case_of(GAURI, "stop").reason == "bpl_lost"
    assert not AwardChange.objects.filter(member_id=GAURI, kind="stop").exists()
    village.run("2016-12")
    assert AwardChange.objects.filter(member_id=GAURI, kind="stop").count() == 1


def test_every_deciding_fact_must_be_verified_and_then_is_for_everybody(village: Village) -> None:
    village.run("2016-10")
    case = case_of(GAURI, "start")
    with on(VISIT):
        with pytest.raises(acts.StillToVerify) as refused:
            acts.verify(SECRETARY, case.key)
        assert "age" in refused.value.en
        with pytest.raises(NoEvidence):
            acts.confirm_facts(
                SECRETARY, case.key, [one.key for one in deciding(SECRETARY, case).to_verify], Evidence()
            )
        assert not Proof.objects.exists()
    verified()
    row = ResidentBelief.objects.get(member_id=GAURI)
    assert row.verified_by == "secretary"
    proof = Proof.objects.get()
    assert (proof.about_key, proof.seen) == (str(case.key), SEEN.seen)
    # another case of the same person needs the row no more
    with on(VISIT):
        again = open_case(
            SECRETARY, "application.enter", Opened("application", "G", member_id=GAURI, scheme="IGNWPS")
        )
        assert [one.source.register for one in deciding(SECRETARY, again).records if one.state == "open"] == [
            "event",
            "event",
        ]


def test_four_eyes_areas_and_functions(village: Village) -> None:
    village.run("2016-10")
    case = case_of(GAURI, "start")
    both = officer("both", "sanctioning_officer")
    with on(VISIT):
        with pytest.raises(AlreadyMoved):
            acts.sanction(CEO, case.key)
        with pytest.raises(NotYourFunction):
            acts.verify(CEO, case.key)
        with pytest.raises(OutsideYourArea):
            acts.verify(officer("other", "secretary", "/S/D/B/H/"), case.key)
    verified()
    case.steps.create(at=case.opened_at, verb="case.verify", actor="both")
    with on(VISIT):
        with pytest.raises(SameOfficer):
            acts.sanction(both, case.key)
        with pytest.raises(SameOfficer):
            acts.reject(both, case.key, ["declined"], "She does not want it, in writing.")
    assert not AwardChange.objects.filter(member_id=GAURI).exists()


def test_a_fact_that_changed_meanwhile_refuses_the_sanction_and_names_it(village: Village) -> None:
    village.run("2016-10")
    case = verified()
    with on(date(2016, 9, 24)):
        reactions.correct(
            SECRETARY, 100_000_004, "bpl_end", {"card": "C3 2010-01-01", "valid_to": "2016-09-22"}, SEEN
        )
        with pytest.raises(acts.NotEntitled) as refused:
            acts.sanction(CEO, case.key)
    assert "BPL" in refused.value.en
    assert case_of(GAURI, "start").awaits == "case.sanction"
    assert not AwardChange.objects.filter(member_id=GAURI).exists()


def test_a_death_after_the_first_of_the_month_refuses_the_sanction(village: Village) -> None:
    village.run("2016-10")
    case = verified()
    with on(date(2016, 10, 8)):
        event = reactions.events.checked(SECRETARY, GAURI, "death", date(2016, 10, 5))
        reactions.record_event(SECRETARY, event)
        with pytest.raises(acts.NotEntitled):
            acts.sanction(CEO, case.key)


def test_a_second_scheme_of_the_group_is_refused(village: Village) -> None:
    village.run("2016-10")
    case = sanctioned()
    with on(date(2016, 9, 27)):
        second = open_case(
            SECRETARY, "application.enter",
            Opened("application", "G", member_id=GAURI, pension_group=1, scheme="IGNWPS", awaits="case.sanction"),
        )  # fmt: skip
        with pytest.raises(AlreadyAwarded):
            acts.sanction(CEO, second.key)
        # nor beside an award that the registers brought
        third = open_case(
            SECRETARY, "application.enter",
            Opened("application", "G", member_id=GITA, pension_group=1, scheme="IGNWPS", awaits="case.sanction"),
        )  # fmt: skip
        with pytest.raises(AlreadyAwarded):
            acts.sanction(CEO, third.key)
    assert case.outcome == "sanctioned"


def test_of_two_sanctions_at_the_same_moment_one_counts(village: Village) -> None:
    village.run("2016-10")
    case = verified()
    with on(VISIT):
        twin = open_case(
            SECRETARY, "application.enter",
            Opened("application", "G", member_id=GAURI, pension_group=1, scheme="IGNWPS", awaits="case.sanction"),
        )  # fmt: skip
        outcomes: list[str] = []
        start = threading.Barrier(3)

        def press(key: object) -> None:
            start.wait()
            try:
                acts.sanction(CEO, str(key))
                outcomes.append("sanctioned")
            except Refusal as refusal:
                outcomes.append(refusal.code)
            finally:
                connections.close_all()

        threads = [threading.Thread(target=press, args=[key]) for key in (case.key, case.key, twin.key)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(outcomes).count("sanctioned") == 1
    assert AwardChange.objects.filter(member_id=GAURI, kind="start").count() == 1


def test_a_rejection_names_what_fails_in_the_law_and_says_it_in_words(village: Village) -> None:
    village.run("2016-10")
    case = verified()
    words = "The BPL card ended and no new one was given to the family."
    with on(date(2016, 9, 24)):
        with pytest.raises(acts.NotAReason):
            acts.reject(CEO, case.key, ["bpl"], words)
        reactions.correct(
            SECRETARY, GAURI, "bpl_end", {"card": "C3 2010-01-01", "valid_to": "2016-09-22"}, SEEN
        )
        with pytest.raises(acts.ReasonNeeded):
            acts.reject(CEO, case.key, ["bpl"], "no")
        case = acts.reject(CEO, case.key, ["bpl"], words)
    assert (case.outcome, case.steps.get(verb="case.reject").details["reasons"]) == ("rejected", ["bpl"])
    order = Order.objects.get(case=case)
    assert (order.kind, order.data["note"]) == ("rejection", words)
    assert Message.objects.filter(template="rejected", about_key=str(case.key)).exists()


def test_a_case_sent_back_is_verified_again(village: Village) -> None:
    village.run("2016-10")
    case = verified()
    with on(date(2016, 9, 24)):
        with pytest.raises(acts.ReasonNeeded):
            acts.send_back(CEO, case.key, "look_again", "again")
        case = acts.send_back(CEO, case.key, "look_again", "Please see the death certificate once more.")
        assert case.awaits == "case.verify"
        assert acts.verify(SECRETARY, case.key).awaits == "case.sanction"


def test_what_nobody_knows_cannot_be_recommended_until_it_is_obtained(village: Village) -> None:
    village.run("2016-10")
    undecided = case_of(MEENA, "undecided")
    assert (undecided.reason, undecided.awaits) == ("born_on", "fact.correct")
    with on(VISIT):
        number = reactions.correct(VERIFIER, MEENA, "born_on", {"born_on": "1969-05-04"}, SEEN)
    standing = StandingDecision.objects.get(change_id=number, member_id=MEENA, pension_group=1)
    assert (standing.action, standing.was_missing) == ("start", "born_on")


def test_order_message_and_audit_follow_a_sanction(village: Village) -> None:
    village.run("2016-10")
    case = sanctioned()
    order = Order.objects.get(case=case)
    assert (order.kind, order.scheme, order.paise, order.from_on) == (
        "sanction",
        "IGNWPS",
        30000,
        date(2016, 10, 1),
    )
    assert set(Message.objects.values_list("template", flat=True)) >= {"verified", "sanctioned"}
    assert AuditEvent.objects.filter(verb="case.sanction", object_key=str(case.key)).count() == 1
    step = case.steps.get(verb="case.sanction")
    assert {one["code"] for one in step.details["criteria"]} >= {"bpl", "widow", "age"}
    assert {one["by"] for one in step.details["verified"]} == {"secretary"}


def test_moves_and_revisions_are_noted_all_or_none(village: Village) -> None:
    village.run("2016-10")
    with on(date(2016, 9, 27)):
        first, second = (
            open_case(
                CEO,
                "case.note",
                Opened(
                    kind,
                    "G",
                    member_id=member,
                    pension_group=1,
                    scheme="IGNWPS",
                    paise=30000,
                    from_paise=20000,
                ),
            )
            for kind, member in (("move", GITA), ("revise", GAURI))
        )
        foreign = open_case(CEO, "case.note", Opened("move", "D", member_id=MEENA, pension_group=1))
        with pytest.raises(OutsideYourArea):
            acts.note_change(CEO, [first.key, foreign.key])
        assert acts.note_change(CEO, [first.key, second.key]) == 2
        with pytest.raises(AlreadyMoved):
            acts.note_change(CEO, [first.key])
    assert set(Case.objects.filter(outcome="noted")) == {first, second}
    assert Order.objects.filter(kind="change").count() == 2
    assert Message.objects.filter(template="revised").count() == 1
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM cases_case_step WHERE verb = 'case.note' AND awaited = 'case.note'"
        )
        assert cursor.fetchone() == (2,)
