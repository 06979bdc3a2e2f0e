"""Judging a pair of records: one opinion or two, who may, and what is refused with nothing saved."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from tests.web.pairs import pair_of

from haqdar.access.actors import Actor, Grant, NotYourFunction, OutsideYourArea, acting
from haqdar.access.models import AuditEvent
from haqdar.cases import adjudication, merged, merging
from haqdar.identity import pairs
from haqdar.identity.models import Judgement, Pair
from haqdar.registry.models import ResidentBelief

HOME, FOREIGN = "40111", "40211"


def officer(name: str, role: str, path: str | None) -> Actor:
    return Actor(1, name, frozenset({role}), None if path is None else (path,), grants=(Grant(role, path),))


VERIFIER = officer("pension", "verifier", "/23/401/4011/")
SECRETARY = officer("gp", "secretary", "/23/401/4011/40111/")
BLOCK = officer("block", "sanctioning_officer", "/23/401/4011/")
DISTRICT = officer("district", "district", "/23/401/")
STATE = officer("state", "state", None)


@pytest.fixture
def state(db: None, small_state: Any) -> dict[str, Any]:
    found: dict[str, Any] = small_state()
    return found


def judged(actor: Actor, pair: Pair, verdict: str, reason: str = "", note: str = "", seen: str = "") -> Pair:
    return adjudication.judge(
        actor, pair.key, seen or pairs.pair(actor, pair.key).seen, verdict, reason, note
    )


def test_without_money_one_opinion_decides_with_it_two(state: dict[str, Any]) -> None:
    poor, paid, also_poor = state["members"][HOME][2], state["members"][HOME][1], state["members"][HOME][4]
    pair = judged(VERIFIER, pair_of(poor, also_poor, (HOME, HOME)), "same", "papers_seen")
    assert pair.state == "same" and adjudication.may_merge(pair)
    pair = judged(VERIFIER, pair_of(poor, paid, (HOME, HOME)), "same", "papers_seen")
    assert pair.state == "second_opinion" and not adjudication.may_merge(pair)
    assert pairs.waiting(VERIFIER) == {} and pairs.waiting(DISTRICT) == {"second_opinion": 1}
    found = pairs.pair(VERIFIER, pair.key)
    assert not adjudication.may_judge(VERIFIER, found) and adjudication.may_judge(BLOCK, found)
    other = officer("pension2", "verifier", "/23/401/4011/")
    with pytest.raises(adjudication.SecondOpinionNotYours):
        judged(other, pair, "same", "papers_seen")
    same_person = officer("pension", "sanctioning_officer", "/23/401/4011/")
    with pytest.raises(adjudication.OwnSecondOpinion):
        judged(same_person, pair, "same", "papers_seen")
    assert Judgement.objects.filter(pair=pair).count() == 1
    pair = judged(DISTRICT, pair, "same", "household_asked", "Asked the neighbours.")
    assert pair.state == "same" and adjudication.may_merge(pair)
    assert [(one.actor, one.opinion, one.verdict) for one in pairs.pair(STATE, pair.key).opinions] == [
        ("pension", 1, "second_opinion"),
        ("district", 2, "same"),
    ]
    assert AuditEvent.objects.filter(verb="pair.judge", object_key=str(pair.key)).count() == 2
    # money that comes after one opinion still wants the second
    with connection.cursor() as cursor:
        assert merged.ever_held(cursor, [poor, paid]) == {paid}


def test_a_second_opinion_that_differs_decides(state: dict[str, Any]) -> None:
    first, second = state["members"][HOME][:2]
    pair = judged(VERIFIER, pair_of(first, second, (HOME, HOME)), "same", "papers_seen")
    pair = judged(BLOCK, pair, "different", "siblings")
    assert pair.state == "different" and not adjudication.may_merge(pair)
    pair = adjudication.take_back(BLOCK, pair.key, "The papers were of a neighbour.")
    assert pair.state == "open" and Judgement.objects.filter(pair=pair).count() == 3
    with pytest.raises(pairs.NotJudgedYet):
        adjudication.take_back(BLOCK, pair.key, "once more")
    with pytest.raises(adjudication.TakenBackWithoutReason):
        adjudication.take_back(BLOCK, pair.key, " ")


def test_what_is_not_a_judgement_saves_nothing(state: dict[str, Any]) -> None:
    pair = pair_of(*state["members"][HOME][:2], (HOME, HOME))
    seen = pairs.pair(VERIFIER, pair.key).seen
    for refusal, verdict, reason, note in (
        (adjudication.NotAVerdict, "merged", "", ""),
        (adjudication.VerdictWithoutReason, "same", "siblings", ""),
        (adjudication.VerdictWithoutReason, "different", "", ""),
        (adjudication.VisitWithoutWords, "visit", "", " "),
    ):
        with pytest.raises(refusal):
            judged(VERIFIER, pair, verdict, reason, note)
    with pytest.raises(pairs.RecordsChanged):
        judged(VERIFIER, pair, "same", "papers_seen", seen=f"{uuid4()}.1-1.0")
    assert judged(VERIFIER, pair, "visit", note="Ask the aunt.").state == "visit"
    with pytest.raises(pairs.AlreadyJudged) as late:
        judged(BLOCK, pair, "different", "both_met", seen=seen)
    assert "pension" in late.value.en and "visit" in late.value.en and Judgement.objects.count() == 1
    for stranger in (SECRETARY, officer("audit", "auditor", None)):
        with pytest.raises(NotYourFunction):
            judged(stranger, pair, "same", "papers_seen", seen=seen)


def test_a_pair_belongs_to_who_sees_both(state: dict[str, Any]) -> None:
    here, there = state["members"][HOME][0], state["members"][FOREIGN][0]
    across = pair_of(here, there, (HOME, FOREIGN), weight=3.0)
    inside = pair_of(*state["members"][HOME][:2], (HOME, HOME))
    page = pairs.listed(DISTRICT, pairs.Wanted())
    assert [line.key for line in page.rows] == [inside.key] and page.beyond == 1
    assert page.rows[0].first["name_en"] == "Sita Bai Malviya" and page.rows[0].evidence[0][:2] == (
        "given",
        "sound",
    )
    assert pairs.waiting(DISTRICT) == {"open": 1}
    for actor in (VERIFIER, DISTRICT):
        with pytest.raises(OutsideYourArea):
            judged(actor, across, "different", "both_met", seen="x")
    everywhere = pairs.listed(STATE, pairs.Wanted())
    assert [line.key for line in everywhere.rows] == [inside.key, across.key] and everywhere.beyond == 0
    assert everywhere.bands == {"certain": 1, "review": 1}
    assert [line.key for line in pairs.rows_of(STATE, pairs.Wanted(band="review"))] == [across.key]
    assert pairs.listed(STATE, pairs.Wanted(place="/23/402/")).total == 1
    assert pairs.pair(STATE, inside.key).next_key == across.key
    assert pairs.pairs_of_member(STATE, here) == [
        (inside.key, "open", state["members"][HOME][1]),
        (across.key, "open", there),
    ]
    with pytest.raises(pairs.NoSuchPair):
        pairs.pair(STATE, uuid4())


def corrected(member: int) -> None:
    """What a correction leaves: a later belief about the resident."""
    last = ResidentBelief.objects.filter(member_id=member).latest("belief_no")
    values = {field.attname: getattr(last, field.attname) for field in last._meta.concrete_fields}
    with acting(VERIFIER, "fact.correct"):
        ResidentBelief.objects.create(**values | {"belief_no": last.belief_no + 1, "name_en": "Kamla Bai"})


def test_a_correction_between_page_and_judgement_or_between_two_opinions_is_noticed(
    state: dict[str, Any],
) -> None:
    poor, paid = state["members"][HOME][2], state["members"][HOME][1]
    pair = pair_of(poor, paid, (HOME, HOME))
    before = pairs.pair(VERIFIER, pair.key).seen
    corrected(poor)
    with pytest.raises(pairs.RecordsChanged):
        judged(VERIFIER, pair, "same", "papers_seen", seen=before)
    assert judged(VERIFIER, pair, "same", "papers_seen").state == "second_opinion"
    corrected(poor)
    # the two would have judged different records: the other officer's opinion is a first one again
    found = pairs.pair(BLOCK, pair.key)
    assert not adjudication.awaits_second(found.pair) and adjudication.may_judge(VERIFIER, found)
    pair = judged(BLOCK, pair, "same", "household_asked")
    assert pair.state == "second_opinion" and adjudication.agreed_by(pair) == ()
    pair = judged(DISTRICT, pair, "same", "household_asked")
    assert pair.state == "same" and adjudication.agreed_by(pair) == ("district", "block")
    # what was decided is taken back before anybody judges it again
    with pytest.raises(pairs.AlreadyJudged):
        judged(BLOCK, pair, "different", "both_met")


def test_the_state_merges_what_lies_in_two_districts_and_a_family_that_moved_stops_no_undo(
    state: dict[str, Any],
) -> None:
    pair = pair_of(state["members"][HOME][2], state["members"][FOREIGN][0], (HOME, FOREIGN))
    pair = judged(STATE, pair, "same", "papers_seen")
    assert pair.state == "same" and adjudication.may_merge(pair)
    plan = merging.preview(STATE, pair.first_id, pair.second_id)
    assert {plan.survivor.member_id, plan.absorbed.member_id} == {pair.first_id, pair.second_id}
    key, _change = merging.merge(
        STATE, pair.first_id, pair.second_id, {}, pair.key, merging.other_opinion(STATE, pair)
    )
    with pytest.raises(adjudication.MergedMeanwhile):
        adjudication.take_back(STATE, pair.key, "Two people.")
    merging.undo(STATE, key, "Two people.")
    pair.refresh_from_db()
    assert pair.state == "open"
    # found when both lived elsewhere: who undoes sees both people today, and that is asked of the people
    inside = pair_of(*state["members"][HOME][3:5], (HOME, FOREIGN), state="same")
    assert pairs.take_back(BLOCK, inside.key, "Two brothers.").state == "open"


def test_a_download_skips_no_pair_while_others_judge(
    state: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pairs, "_PIECE", 2)
    members = state["members"][HOME]
    for place in range(4):
        pair_of(members[0], members[place + 1], (HOME, HOME), weight=8.0 - place // 2)
    lines = pairs.rows_of(STATE, pairs.Wanted(state="open"))
    first = [next(lines), next(lines)]
    for line in first:
        Pair.objects.filter(key=line.key).update(state="different")
    rest = list(lines)
    assert len({line.key for line in [*first, *rest]}) == 4
