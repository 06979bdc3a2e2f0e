"""Stops through real months: never without notice, held up by objections, reversed with their arrears."""

from __future__ import annotations

import os
import random
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from tests.cases.village import CEO, GITA, RAM, SECRETARY, SITA, Village, case_of, officer, on
from tests.oracle.states import make_case

from haqdar.access.actors import ANONYMOUS, NotLoggedIn, NotYourFunction
from haqdar.base.month import Month
from haqdar.cases import deciding_cases as acts
from haqdar.cases import objecting, stopping
from haqdar.cases.models import AwardChange, Case, MonthRun, Notice, Order
from haqdar.jobs import reactions, restoring
from haqdar.jobs.letters import send_letters
from haqdar.jobs.month import run_month
from haqdar.jobs.replay import replay_month
from haqdar.registry import events
from haqdar.registry.actions import load_folder
from haqdar.registry.evidence import Evidence

pytestmark = pytest.mark.django_db(transaction=True)
SEEN = Evidence(visited_on=date(2016, 9, 10), seen="Saw the card of the family at home.")
LOST = "family_id,card_no,valid_from,valid_to\n10000002,C2,2010-01-01,2016-09-15\n"
SAID = "The card was renewed in August, here it is."
ANSWER = "The renewed card was seen and entered by the secretary."


@pytest.fixture
def village(tmp_path: Path) -> Village:
    return Village(tmp_path)


@pytest.fixture
def notice(village: Village) -> Case:
    """Gita's pension is to stop in November: her family's card ended."""
    village.load({"bpl.csv": LOST}, date(2016, 9, 18))
    village.run("2016-10")
    return case_of(GITA, "stop")


def objected(case: Case, day: date = date(2016, 9, 25)) -> Case:
    with on(day):
        return acts.object_to(SECRETARY, case.key, "card_valid", SAID)


# -- notice ---------------------------------------------------------------------------------------------------------


def test_a_stop_runs_out_its_notice_whether_confirmed_or_not(village: Village, notice: Case) -> None:
    with on(date(2016, 9, 22)):
        case = acts.confirm_stop(CEO, notice.key)
    assert case.outcome == "confirmed"
    order = Order.objects.get(case=case)
    assert (order.kind, order.from_on, order.data["until_on"]) == ("notice", date(2016, 11, 1), "2016-10-31")
    assert village.dues(village.run("2016-11"), GITA) == []
    stop = AwardChange.objects.get(member_id=GITA, kind="stop")
    assert (stop.decided_month, stop.reason) == (date(2016, 11, 1), "bpl_lost")
    # what was confirmed is not put on the desk again when the notice has run out
    assert Case.objects.filter(member_id=GITA, kind="stop").count() == 1


def test_a_stop_nobody_confirmed_waits_for_its_letter_after_it_took_effect(
    village: Village, notice: Case
) -> None:
    village.run("2016-11")
    village.run("2016-12")
    notice.refresh_from_db()
    assert (notice.awaits, notice.outcome) == ("stop.confirm", "")
    with on(date(2016, 12, 2)):
        acts.confirm_stop(CEO, notice.key)
    order = Order.objects.get(case=notice)
    assert (order.kind, order.from_on) == ("stop", date(2016, 11, 1))


def test_the_order_of_a_lower_amount_holds_from_the_end_of_its_notice(village: Village) -> None:
    brought = f"member_id,scheme,since,amount\n{GITA},IGNWPS,2012-04-01,500\n"
    village.load({"pensioners.csv": brought}, date(2016, 9, 18))
    village.run("2016-10")
    case = case_of(GITA, "revise")
    assert (case.from_paise, case.paise) == (50_000, 30_000)
    with on(date(2016, 9, 25)):
        acts.note_change(CEO, [case.key])
    assert Order.objects.get(case=case).from_on == date(2016, 11, 1)


def test_the_database_refuses_a_stop_without_notice(village: Village, notice: Case) -> None:
    run = MonthRun.objects.get()
    for reason, month in (("bpl_lost", date(2016, 10, 1)), ("age", date(2016, 10, 1))):
        with pytest.raises(DatabaseError, match="without a notice"), transaction.atomic():
            AwardChange.objects.create(
                run=run,
                member_id=GITA,
                pension_group=1,
                kind="stop",
                decided_month=month,
                reason=reason,
                actor="x",
            )
    # a notice of the same run has not run out
    assert Notice.objects.get(member_id=GITA).effective_month == date(2016, 11, 1)
    AwardChange.objects.create(
        run=run,
        member_id=GITA,
        pension_group=1,
        kind="stop",
        decided_month=date(2016, 10, 1),
        reason="died",
        actor="x",
    )


_SEEDS = os.environ.get("STOP_SEEDS", "3,8,14").split(",")


@pytest.mark.parametrize("seed", [int(seed) for seed in _SEEDS])
def test_in_random_states_every_stop_has_its_notice_and_objections_hold_it_up(
    seed: int, tmp_path: Path
) -> None:
    state = make_case(seed)
    chance = random.Random(seed)
    for number, delivery in enumerate(state.deliveries):
        delivery.write(tmp_path / f"in-{number}")
    first = Month.of(state.runs[0].determined_on)
    days = [delivery.delivered_on for delivery in state.deliveries]
    load_folder(tmp_path / "in-0", days[0], tmp_path / "in-0")
    objections: dict[tuple[int, int], list[Month]] = {}
    for number in range(4):
        month = first.plus(number)
        if number == 1:
            for later in range(1, len(days)):
                load_folder(tmp_path / f"in-{later}", days[later], tmp_path / f"in-{later}")
            _cards_end(chance, month.first_day)
        run_month(month, tmp_path / f"run-{number}")
        send_letters()
        for case in Case.objects.filter(kind="objection", closed_at=None):
            objections.setdefault((case.member_id or 0, case.pension_group or 0), []).append(month)
        for case in Case.objects.filter(kind="stop", closed_at=None, occasion="").order_by("id"):
            standing = stopping.standing_of(case)
            if chance.random() < 0.4 and standing.effective_month and standing.objection is None:
                acts.object_to(officer("o", "secretary", "/"), case.key, "other", "This is not right at all.")
    stops = AwardChange.objects.filter(kind="stop", run__state="complete")
    for stop in stops:
        # whether or not an officer has opened the case, a letter says why, and it holds
        assert Order.objects.filter(
            case__member_id=stop.member_id,
            case__pension_group=stop.pension_group,
            case__kind="stop",
            kind="stop" if stop.reason in stopping.AT_ONCE else "notice",
            from_on__lte=stop.decided_month,
            cancelled_at=None,
        ).exists()
        if stop.reason in stopping.AT_ONCE:
            assert Case.objects.filter(member_id=stop.member_id, kind="stop", reason=stop.reason).exists()
            continue
        told = Notice.objects.filter(
            member_id=stop.member_id,
            pension_group=stop.pension_group,
            kind="stop",
            run__month__lt=stop.decided_month,
        )
        assert told.filter(effective_month__lte=stop.decided_month).exists()
        assert min(one.given_month for one in told) + timedelta(days=30) <= stop.decided_month
        assert Month.of(stop.decided_month) not in objections.get((stop.member_id, stop.pension_group), [])


def _cards_end(chance: random.Random, day: date) -> None:
    """Some of the cards by which pensions are held end before `day`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT b.family_id, b.card_no, b.valid_from FROM registry_bpl_belief b"
            " JOIN registry_resident_belief r USING (family_id) JOIN registry_pension_belief p USING (member_id)"
            " WHERE b.valid_from < %s ORDER BY 1, 2, 3",
            [day - timedelta(days=40)],
        )
        cards = cursor.fetchall()
        for family, card, since in cards:
            if chance.random() < 0.5:
                cursor.execute(
                    "INSERT INTO registry_bpl_belief (family_id, card_no, valid_from, valid_to, belief_no, known_from, line,"
                    " fingerprint, delivery_id) SELECT family_id, card_no, valid_from, %s, max(belief_no) + 1, max(known_from), 0,"
                    " %s, max(delivery_id) FROM registry_bpl_belief WHERE family_id = %s AND card_no = %s AND valid_from = %s"
                    " GROUP BY 1, 2, 3",
                    [day - timedelta(days=35), uuid4(), family, card, since],
                )


# -- objections -----------------------------------------------------------------------------------------------------


def test_while_an_objection_stands_the_notice_waits_month_by_month(village: Village, notice: Case) -> None:
    objection = objected(notice)
    for month in ("2016-11", "2016-12"):
        assert ("regular", month, "IGNWPS", "300.00") in village.dues(village.run(month), GITA)
    standing = Notice.objects.get(member_id=GITA, run__month=date(2016, 12, 1))
    assert (standing.given_month, standing.effective_month) == (date(2016, 10, 1), date(2017, 1, 1))
    with on(date(2016, 12, 5)):
        refused = acts.decide_objection(
            CEO, objection.key, False, ["no_proof"], "No card was shown, although asked for twice."
        )
    assert refused.outcome == "refused"
    assert Order.objects.filter(case=refused, kind="stop").exists()
    assert village.dues(village.run("2017-01"), GITA) == []
    stop = AwardChange.objects.get(member_id=GITA, kind="stop")
    assert stop.decided_month == date(2017, 1, 1)


def test_an_accepted_objection_withdraws_the_notice_once_the_fact_is_corrected(
    village: Village, notice: Case
) -> None:
    objection = objected(notice)
    with on(date(2016, 9, 28)):
        acts.decide_objection(CEO, objection.key, True, [], ANSWER)
    hold = Case.objects.get(about=objection)
    assert (hold.kind, hold.awaits, hold.details) == ("undecided", "fact.correct", {"hold": True})
    # nobody has corrected the card yet: the award goes on all the same
    assert ("regular", "2016-11", "IGNWPS", "300.00") in village.dues(village.run("2016-11"), GITA)
    with on(date(2016, 11, 3)):
        reactions.correct(SECRETARY, GITA, "bpl_add", {"card_no": "C2-NEW", "valid_from": "2016-09-16"}, SEEN)
        acts.obtained(SECRETARY, hold.key, "The renewed card was entered.")
    december = village.run("2016-12")
    assert village.dues(december, GITA) == [("regular", "2016-12", "IGNWPS", "300.00")]
    assert not Notice.objects.filter(member_id=GITA, run__month=date(2016, 12, 1)).exists()
    assert not AwardChange.objects.filter(member_id=GITA).exists()


def test_an_objection_is_an_input_of_the_run_and_replays_see_it_on_its_days_only(
    village: Village, notice: Case
) -> None:
    objection = objected(notice, date(2016, 10, 15))
    village.run("2016-11")
    assert not AwardChange.objects.filter(member_id=GITA).exists()
    with on(date(2016, 10, 21)):
        acts.decide_objection(CEO, objection.key, False, ["no_proof"], "Nothing at all was shown to us.")
        assert not village.run("2016-11", date(2016, 10, 20)).posted, "nothing new was known on that day"
        again = village.run("2016-11", date(2016, 10, 22))
    assert again.posted
    assert AwardChange.objects.filter(member_id=GITA, kind="stop", run__state="complete").exists()
    with on(date(2016, 10, 25)):
        same = replay_month(Month(2016, 11), village.folder / "same", date(2016, 10, 22))
        held = replay_month(Month(2016, 11), village.folder / "held", date(2016, 10, 20))
    assert (same.different, held.different) == (0, 1)


def test_who_may_object_and_against_what(village: Village, notice: Case) -> None:
    with on(date(2016, 9, 25)):
        with pytest.raises(NotYourFunction):
            acts.object_to(officer("a", "auditor"), notice.key, "other", SAID)
        with pytest.raises(NotLoggedIn):
            acts.object_to(ANONYMOUS, notice.key, "other", SAID)
        with pytest.raises(NotLoggedIn):
            acts.object_to(ANONYMOUS, notice.key, "other", SAID, proven=uuid4())
        with pytest.raises(objecting.SayWhy):
            acts.object_to(ANONYMOUS, notice.key, "other", "no", proven=notice.resident_key)
        objection = acts.object_to(ANONYMOUS, notice.key, "other", SAID, proven=notice.resident_key)
        assert (objection.about_id, objection.opened_by, objection.details["source"]) == (
            notice.pk,
            "public",
            "person",
        )
        with pytest.raises(objecting.AlreadyObjected) as refused:
            acts.object_to(SECRETARY, notice.key, "other", SAID)
        assert objection.number in refused.value.en
        with pytest.raises(objecting.NothingToObjectTo):
            acts.object_to(SECRETARY, case_of(100_000_004, "start").key, "other", SAID)


def test_a_refused_objection_is_not_made_again_to_hold_up_the_notice(village: Village, notice: Case) -> None:
    objection = objected(notice)
    with on(date(2016, 9, 26)):
        acts.decide_objection(CEO, objection.key, False, ["no_proof"], ANSWER)
        with pytest.raises(objecting.ObjectionRefused) as refused:
            acts.object_to(ANONYMOUS, notice.key, "other", SAID, proven=notice.resident_key)
    assert objection.number in refused.value.en
    assert village.dues(village.run("2016-11"), GITA) == []


def test_after_the_notice_an_objection_comes_too_late(village: Village, notice: Case) -> None:
    village.run("2016-11")
    with on(date(2016, 10, 28)), pytest.raises(objecting.NoticeRunOut):
        acts.object_to(SECRETARY, notice.key, "other", SAID)


# -- withdrawing and restoring ----------------------------------------------------------------------------------------


def test_a_stop_is_withdrawn_only_when_the_facts_no_longer_say_so(village: Village, notice: Case) -> None:
    with on(date(2016, 9, 25)):
        with pytest.raises(stopping.StopStillFollows):
            acts.withdraw_stop(CEO, notice.key, "fact_wrong", "The card was renewed.")
        reactions.correct(SECRETARY, GITA, "bpl_add", {"card_no": "C2-NEW", "valid_from": "2016-09-16"}, SEEN)
        assert (
            acts.withdraw_stop(CEO, notice.key, "fact_wrong", "The card was renewed.").outcome == "withdrawn"
        )
    assert village.dues(village.run("2016-11"), GITA) == [("regular", "2016-11", "IGNWPS", "300.00")]


def test_a_death_reported_wrongly_is_reversed_in_one_step_with_exact_arrears(village: Village) -> None:
    october = village.run("2016-10", date(2016, 9, 10))
    assert village.dues(october, RAM) == [("regular", "2016-10", "IGNOAPS", "275.00")]
    with on(date(2016, 9, 28)):
        reactions.record_event(SECRETARY, events.checked(SECRETARY, RAM, "death", date(2016, 9, 25)))
    november = village.run("2016-11")
    assert village.dues(november, RAM) == [("recovery", "2016-10", "IGNOAPS", "-275.00")]
    assert AwardChange.objects.get(member_id=RAM).reason == "died"
    village.run("2016-12")
    stop = case_of(RAM, "stop")
    with on(date(2016, 12, 3)):
        seen = restoring.foresee(CEO, stop.key)
        assert [(one.month, one.arrears_paise) for one in seen.months] == [
            (date(2016, 10, 1), 27500), (date(2016, 11, 1), 27500), (date(2016, 12, 1), 27500),
        ]  # fmt: skip
        assert seen.arrears_paise == 82500
        assert not AwardChange.objects.filter(member_id=RAM, kind="start").exists()
        restoring.restore(CEO, stop.key, "He came to the office himself.")
        with pytest.raises(stopping.NothingToRestore):
            restoring.restore(CEO, stop.key, "Once more.")
    assert Order.objects.filter(kind="restoration", resident_key=stop.resident_key).count() == 1
    january = village.run("2017-01")
    assert village.dues(january, RAM) == [
        ("arrears", "2016-10", "IGNOAPS", "275.00"),
        ("arrears", "2016-11", "IGNOAPS", "275.00"),
        ("arrears", "2016-12", "IGNOAPS", "275.00"),
        ("regular", "2017-01", "IGNOAPS", "275.00"),
    ]
    assert village.dues(village.run("2017-02"), RAM) == [("regular", "2017-02", "IGNOAPS", "275.00")]


def test_a_death_is_reversed_in_the_month_that_stopped_it(village: Village) -> None:
    village.run("2016-10", date(2016, 9, 10))
    with on(date(2016, 9, 28)):
        reactions.record_event(SECRETARY, events.checked(SECRETARY, RAM, "death", date(2016, 9, 25)))
    village.run("2016-11")
    with on(date(2016, 10, 25)):
        restoring.restore(CEO, case_of(RAM, "stop").key, "He came to the office himself.")
    assert case_of(RAM, "stop").outcome == "withdrawn"
    december = village.run("2016-12")
    assert village.dues(december, RAM) == [
        ("arrears", "2016-10", "IGNOAPS", "275.00"),
        ("arrears", "2016-11", "IGNOAPS", "275.00"),
        ("regular", "2016-12", "IGNOAPS", "275.00"),
    ]
    # the wife, moved to the widow's pension meanwhile, is not left on it; what is less waits for its notice
    assert case_of(SITA, "move").reason == "status_lost"


def test_the_same_month_run_again_after_restoring_pays_it_at_once(village: Village) -> None:
    village.run("2016-10", date(2016, 9, 10))
    with on(date(2016, 9, 28)):
        reactions.record_event(SECRETARY, events.checked(SECRETARY, RAM, "death", date(2016, 9, 25)))
    village.run("2016-11")
    with on(date(2016, 10, 25)):
        restoring.restore(CEO, case_of(RAM, "stop").key, "He came to the office himself.")
    again = village.run("2016-11", date(2016, 10, 26))
    assert village.dues(again, RAM) == [("regular", "2016-11", "IGNOAPS", "275.00")]
    assert village.dues(village.run("2016-12"), RAM) == [("regular", "2016-12", "IGNOAPS", "275.00")]


def test_a_stop_for_a_lost_condition_is_restored_once_the_fact_is_right(
    village: Village, notice: Case
) -> None:
    village.run("2016-11")
    with on(date(2016, 10, 25)):
        with pytest.raises(stopping.NotEntitledAgain):
            restoring.foresee(CEO, notice.key)
        reactions.correct(SECRETARY, GITA, "bpl_add", {"card_no": "C2-NEW", "valid_from": "2016-09-16"}, SEEN)
        seen = restoring.foresee(CEO, notice.key)
        restoring.restore(CEO, notice.key, "The card was valid all along.")
    december = village.run("2016-12")
    assert village.dues(december, GITA) == [
        ("arrears", "2016-11", "IGNWPS", "300.00"),
        ("regular", "2016-12", "IGNWPS", "300.00"),
    ]
    assert seen.arrears_paise == 30000


def test_a_migration_reported_wrongly_is_reversed_too(village: Village) -> None:
    with on(date(2016, 9, 12)):
        reactions.record_event(SECRETARY, events.checked(SECRETARY, GITA, "migration_out", date(2016, 9, 5)))
    village.run("2016-10")
    stop = case_of(GITA, "stop")
    with on(date(2016, 9, 25)):
        assert stopping.standing_of(stop).at_once
        restoring.restore(CEO, stop.key, "She never left the village.")
    assert village.dues(village.run("2016-11"), GITA) == [
        ("arrears", "2016-10", "IGNWPS", "300.00"),
        ("regular", "2016-11", "IGNWPS", "300.00"),
    ]
