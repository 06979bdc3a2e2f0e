"""Two member numbers of one person, through real months: no month missing, nothing paid twice, nothing taken, and all the way back."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
import pyarrow as pa
import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from tests.cases.village import CEO, FILES, GAURI, GITA, MEENA, RAM, SITA, Village, case_of, officer, on

from haqdar.access.actors import NotYourFunction
from haqdar.access.models import AuditEvent
from haqdar.cases import holding, merged, merging, reactions, stopping
from haqdar.cases.merging import ChooseAward, NobodyOfYours, ReasonNeeded, SecondPersonNeeded
from haqdar.cases.models import AwardChange, Merging, MonthRun, Notice, StandingDecision
from haqdar.cases.reactions import Decisions
from haqdar.cases.stopping import StopStillFollows
from haqdar.entitlement import one_person
from haqdar.entitlement.kin import News
from haqdar.entitlement.queries import check_member
from haqdar.entitlement.registers import EVERY_REGISTER
from haqdar.jobs import merging as job
from haqdar.outreach.models import Message
from haqdar.payments.passbook import passbook
from haqdar.registry import profiles
from haqdar.registry.merges import LaterMergeFirst, MergedAlready, NotMerged, SameNumber, StandsForOthers
from haqdar.registry.models import ResidentBelief

RAM_AGAIN, GITA_AGAIN, SON, SITA_AGAIN = 100_000_011, 100_000_012, 100_000_013, 100_000_014
HEAD, *ROWS = FILES["residents.csv"].splitlines()
MORE = {
    **FILES,
    "residents.csv": "\n".join([f"{HEAD},mother_id,father_id", *(f"{row},," for row in ROWS)])
    + f"""
{RAM_AGAIN},10000004,Ramlal,M,1950-01-01,,widowed,2009-01-01,false,false,9300000011,HQDA0000001,6666666666,2015-01-01,,
{GITA_AGAIN},10000002,Geeta Bai,F,,,widowed,2010-01-01,,false,9300000012,,,2015-01-01,,
{SON},10000003,Mohan,M,1990-01-01,,never_married,,false,false,,,,2015-01-01,{GAURI},{RAM_AGAIN}
{SITA_AGAIN},10000004,Seeta,F,1955-01-01,{RAM_AGAIN},married,1976-01-01,false,false,,,,2015-01-01,,
""",
    "events.csv": f"event_id,member_id,kind,happened_on,reported_on,spouse_id\nE1,{SITA_AGAIN},marriage,1976-01-01,2015-01-01,{RAM_AGAIN}\n",
    "pensioners.csv": FILES["pensioners.csv"] + f"{RAM_AGAIN},IGNOAPS,2013-01-01,275\n",
}
MEMBERS = (RAM, SITA, GITA, GAURI, MEENA, RAM_AGAIN, GITA_AGAIN, SON, SITA_AGAIN)
OTHER = officer("other", "district", "/S/D/")


@pytest.fixture
def village(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Village:
    """Ram is registered in a second panchayat, with a wife and a pension, too; Gita's second record lacks much."""
    monkeypatch.setattr("tests.cases.village.FILES", MORE)
    return Village(tmp_path)


@pytest.fixture
def running(village: Village) -> Village:
    """The same with two months run."""
    village.run("2016-10")
    village.run("2016-11")
    return village


def merged_on(day: date, survivor: int, absorbed: int, keep: dict[int, int] | None = None) -> UUID:
    with on(day):
        return job.merge(CEO, survivor, absorbed, keep, first_opinion="verifier")


def decisions() -> Decisions:
    """What the next day brings for everybody, as known now."""
    with transaction.atomic():
        return reactions.outlook(MEMBERS, [], [], News(), date(2016, 12, 1)).after


def books() -> tuple[Any, ...]:
    """What each number holds, and what each record says, as known now."""
    with connection.cursor() as cursor:
        held = merged.held_under(cursor, MEMBERS, date(2016, 12, 1))
    records = {}
    for one in ResidentBelief.objects.filter(member_id__in=MEMBERS).order_by("belief_no"):
        records[one.member_id] = {
            name: getattr(one, name)
            for name in (column.attname for column in one._meta.concrete_fields)
            if name not in ("belief_no", "known_from", "line", "delivery_id", "key_version", "verified_at")
        }
    return held, records


@pytest.mark.django_db(transaction=True)
def test_two_pensions_of_a_group_one_ends_after_its_notice_and_undoing_pays_what_was_missed(
    running: Village,
) -> None:
    village = running
    both = [("regular", "2016-12", "IGNOAPS", "275.00")]
    with on(date(2016, 10, 25)):
        foreseen = job.foresee(CEO, RAM, RAM_AGAIN, {1: RAM})
        assert [(one.month, one.twice_paise) for one in foreseen.paid_twice] == [
            (date(2016, 10, 1), 27500),
            (date(2016, 11, 1), 27500),
        ]
        assert foreseen.preview.less_paise == 27500 and foreseen.preview.needs_second
        with pytest.raises(ChooseAward) as refused:
            job.merge(CEO, RAM, RAM_AGAIN, first_opinion="verifier")
        assert refused.value.field == "keep_1"
        for alone in ("", CEO.name):
            with pytest.raises(SecondPersonNeeded):
                job.merge(CEO, RAM, RAM_AGAIN, {1: RAM}, first_opinion=alone)
    key = merged_on(date(2016, 10, 25), RAM, RAM_AGAIN, {1: RAM})
    december = village.run("2016-12")
    # the notice runs: both go on, nothing is recovered for the months before
    assert village.dues(december, RAM) == both
    assert village.dues(december, RAM_AGAIN) == both
    notice = Notice.objects.get(member_id=RAM_AGAIN, run__month=date(2016, 12, 1))
    assert (notice.kind, notice.reason, notice.effective_month) == ("stop", "same_person", date(2017, 1, 1))
    stop = case_of(RAM_AGAIN, "stop")
    assert (stop.reason, stop.from_paise, stop.area_code) == ("same_person", 27500, "G")
    with on(date(2016, 12, 1)), pytest.raises(StopStillFollows):
        stopping.withdraw_stop(CEO, stop.key, "wrong_fact", "They are two people.")
    january = village.run("2017-01")
    assert village.dues(january, RAM) == [("regular", "2017-01", "IGNOAPS", "275.00")]
    assert village.dues(january, RAM_AGAIN) == []
    assert AwardChange.objects.get(member_id=RAM_AGAIN).kind == "stop"
    with on(date(2016, 12, 26)):
        # the passbook of the person shows what came under either number
        assert {row.beside for row in passbook(OTHER, RAM)} == {False, True}
        assert len(passbook(OTHER, RAM)) == 7 and len(passbook(OTHER, RAM_AGAIN)) == 3
    with on(date(2016, 12, 27)):
        job.undo(OTHER, key, "They are cousins.")
        with pytest.raises(NotMerged):
            job.undo(OTHER, key, "Once more.")
    february = village.run("2017-02")
    assert village.dues(february, RAM) == [("regular", "2017-02", "IGNOAPS", "275.00")]
    assert village.dues(february, RAM_AGAIN) == [
        ("arrears", "2017-01", "IGNOAPS", "275.00"),
        ("regular", "2017-02", "IGNOAPS", "275.00"),
    ]
    march = village.run("2017-03")
    assert village.dues(march, RAM_AGAIN) == [("regular", "2017-03", "IGNOAPS", "275.00")]


@pytest.mark.django_db(transaction=True)
def test_an_award_goes_over_without_a_missing_month_and_comes_back(running: Village) -> None:
    village = running
    assert check_member(CEO, GITA_AGAIN, date(2016, 12, 1)) is not None
    key = merged_on(date(2016, 10, 25), GITA_AGAIN, GITA)
    record = ResidentBelief.objects.filter(member_id=GITA_AGAIN).order_by("-belief_no")[0]
    assert (record.born_on, record.destitute, record.account_last4) == (date(1970, 1, 1), False, "3333")
    assert record.mobile == "9300000012"
    december = village.run("2016-12")
    assert village.dues(december, GITA_AGAIN) == [("regular", "2016-12", "IGNWPS", "300.00")]
    assert village.dues(december, GITA) == []
    assert Message.objects.filter(template="merged").count() == 1
    with on(date(2016, 11, 25)):
        job.undo(OTHER, key, "Two women of one name.")
    record = ResidentBelief.objects.filter(member_id=GITA_AGAIN).order_by("-belief_no")[0]
    assert (record.born_on, record.account_last4) == (None, None)
    january = village.run("2017-01")
    assert village.dues(january, GITA) == [
        ("arrears", "2016-12", "IGNWPS", "300.00"),
        ("regular", "2017-01", "IGNWPS", "300.00"),
    ]


# -- everybody else ---------------------------------------------------------------------------------------------------


@pytest.fixture
def decided(village: Village) -> Village:
    """The registers, and November run with all that: enough for what a merge brings at once."""
    with on(date(2016, 10, 20)):
        now = timezone.now()
        MonthRun.objects.create(
            month=date(2016, 11, 1), version=1, known_on=now.date(), law_hash="", snapshot_hash="", inputs_hash="",
            state="complete", posted=True, manifest={}, started_at=now, finished_at=now, actor="test",
        )  # fmt: skip
    return village


@pytest.mark.django_db
def test_any_two_merged_and_parted_leave_everybody_as_they_were(decided: Village) -> None:
    chance = random.Random(6)
    pairs = [(RAM, RAM_AGAIN), (SITA_AGAIN, SITA), (RAM_AGAIN, RAM), (GITA_AGAIN, GITA)]
    pairs += [tuple(chance.sample(MEMBERS, 2)) for _ in range(4)]  # type: ignore[misc]
    with on(date(2016, 10, 25)):
        before, held = decisions(), books()
        for survivor, absorbed in pairs:
            keep = {1: survivor}
            foreseen = job.foresee(OTHER, survivor, absorbed, keep)
            assert (decisions(), books()) == (before, held), "a preview writes nothing"
            key = job.merge(OTHER, survivor, absorbed, keep, first_opinion="verifier")
            now = decisions()
            assert not any(member == absorbed for member, _ in now), "nobody stands behind the number"
            after = foreseen.preview.outlook.after
            assert {k: now.get(k) for k in after} == after, "what was foreseen is what follows"
            changed = set(foreseen.preview.outlook.changed)
            standing = StandingDecision.objects.filter(replaced_at=None, changed=True)
            assert changed <= {(one.member_id, one.pension_group) for one in standing}
            back = job.foresee_undo(OTHER, key)
            job.undo(OTHER, key, "Two people after all.")
            assert (decisions(), books()) == (before, held), (survivor, absorbed)
            assert {k: before.get(k) for k in back.after} == back.after
    assert AuditEvent.objects.filter(verb="person.merge").count() == len(pairs)
    assert not StandingDecision.objects.filter(replaced_at=None, changed=True).exists()


@pytest.mark.django_db
def test_what_cannot_be_merged_is_refused_and_nothing_is_written(decided: Village) -> None:
    with on(date(2016, 10, 25)):
        for actor, survivor, absorbed, refusal in (
            (OTHER, RAM, RAM, SameNumber),
            (officer("here", "verifier", "/S/D/B/G/"), RAM, MEENA, NobodyOfYours),
            (officer("secretary", "secretary"), RAM, RAM_AGAIN, NotYourFunction),
            (OTHER, RAM, RAM_AGAIN, ChooseAward),
        ):
            with pytest.raises(refusal):
                job.merge(actor, survivor, absorbed, first_opinion="verifier")
        assert not Merging.objects.exists()
        # two people without any pension need no second opinion
        first = job.merge(OTHER, GAURI, MEENA)
        for survivor, absorbed, refusal in ((SON, MEENA, MergedAlready), (MEENA, SON, MergedAlready), (SON, GAURI, StandsForOthers)):  # fmt: skip
            with pytest.raises(refusal):
                job.merge(OTHER, survivor, absorbed)
        second = job.merge(OTHER, GAURI, SON)
        with pytest.raises(LaterMergeFirst):
            job.undo(OTHER, first, "No.")
        with pytest.raises(ReasonNeeded):
            job.undo(OTHER, second, " ")
        job.undo(OTHER, second, "Mother and son.")
        job.undo(OTHER, first, "Two women.")
        with pytest.raises(DatabaseError), transaction.atomic():
            Merging.objects.update(first_opinion="somebody")


@pytest.mark.django_db
def test_the_person_has_the_family_of_both_and_either_number_finds_them(decided: Village) -> None:
    with on(date(2016, 10, 25)):
        job.merge(OTHER, RAM, RAM_AGAIN, {1: RAM}, first_opinion="verifier")
        key = UUID(str(merging.told(OTHER, Merging.objects.get().key).survivor.key))
        ram = profiles.person(OTHER, key)
        assert ram is not None
        assert [child.member_id for child in ram.children] == [SON]
        wife = profiles.person(OTHER, UUID(ram.related[SITA].key))
        again = merging.merge(OTHER, SITA, SITA_AGAIN, {}, first_opinion="verifier")
        assert wife is not None and again
        wife = profiles.person(OTHER, UUID(ram.related[SITA].key))
        assert wife is not None and wife.resident["spouse_id"] == RAM
        assert [event["kind"] for event in wife.events] == ["marriage"]
        home = profiles.family(OTHER, UUID(str(ram.family["key"])))
        elsewhere = check_member(OTHER, RAM_AGAIN, date(2016, 12, 1))
        assert home is not None and {row["member_id"] for row in home.people} == {RAM, SITA}
        assert (
            elsewhere.member_id == RAM
            and elsewhere.facts == check_member(OTHER, RAM, date(2016, 12, 1)).facts
        )
        with transaction.atomic():
            held = holding.held_by(RAM_AGAIN, 1, date(2016, 12, 1))
        assert held is not None and held.scheme == "IGNOAPS"


def test_rows_are_read_as_the_persons_and_nobody_becomes_the_own_wife() -> None:
    duck = duckdb.connect()

    def table(name: str, *rows: dict[str, Any]) -> None:
        schema = EVERY_REGISTER[name].schema
        duck.register("incoming", pa.Table.from_pylist([{"known_from": date(2016, 1, 1), **row} for row in rows], schema=schema))  # fmt: skip
        duck.execute(f"CREATE TABLE {name} AS FROM incoming")

    table("raw_merge", {"member_id": 2, "survivor_id": 1}, {"member_id": 7, "survivor_id": None})
    table(
        "raw_resident",
        {"member_id": 1, "spouse_id": 3},
        {"member_id": 2, "spouse_id": 4, "mother_id": 9},
        {"member_id": 3, "spouse_id": 2},
        {"member_id": 4, "mother_id": 2, "father_id": 7},
        # a file may say nonsense: what no merge made stays as it is
        {"member_id": 5, "spouse_id": 5},
    )
    event = {"kind": "marriage", "happened_on": date(2015, 1, 1), "reported_on": date(2015, 1, 1)}
    table(
        "raw_event",
        {"event_id": "a", "member_id": 2, "spouse_id": 1, **event},
        {"event_id": "b", "member_id": 3, "spouse_id": 2, **event},
    )
    table("raw_pension", {"member_id": 2, "scheme": "old"}, {"member_id": 2, "scheme": "new", "known_from": date(2016, 2, 1)}, {"member_id": 1, "scheme": "own"})  # fmt: skip
    assert one_person.believe(duck)
    one_person.apply(duck, ("raw_resident", "raw_event", "raw_pension"))
    columns = "member_id, spouse_id, mother_id, father_id"
    assert duck.execute(f"SELECT {columns} FROM raw_resident ORDER BY ALL").fetchall() == [
        (1, 3, None, None), (3, 1, None, None), (4, None, 1, 7), (5, 5, None, None),
    ]  # fmt: skip
    read = duck.execute("SELECT event_id, member_id, spouse_id FROM raw_event ORDER BY ALL").fetchall()
    assert read == [("a", 1, None), ("b", 3, 1)]
    # what the registers say after the merge is a payee without a resident, to be looked at
    assert duck.execute("SELECT member_id, scheme FROM raw_pension ORDER BY ALL").fetchall() == [
        (1, "own"),
        (2, "new"),
    ]
