"""A corrected fact is one more belief: foreseen, carried on for whom it touches, and not undone by an old file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.utils import timezone
from tests.cases.village import FILES, GAURI, GITA, MEENA, RAM, SECRETARY, SITA, Village, case_of, officer

from haqdar.access.actors import NotYourFunction, OutsideYourArea
from haqdar.access.models import AuditEvent
from haqdar.base.month import Month
from haqdar.cases.models import MonthRun, Reaction, StandingDecision
from haqdar.entitlement.queries import check_member
from haqdar.jobs import correcting, reactions
from haqdar.registry import corrections, doubts, events
from haqdar.registry.actions import load_folder
from haqdar.registry.evidence import Evidence, NoEvidence
from haqdar.registry.models import BplBelief, Change, DisabilityBelief, FamilyBelief, Proof, ResidentBelief

pytestmark = pytest.mark.django_db
EVERYWHERE = officer("everywhere", "secretary")
SEEN = Evidence(visited_on=date(2016, 9, 21), seen="Saw the birth register of the panchayat.")


@pytest.fixture
def village(tmp_path: Path) -> Village:
    """The registers, and October run with all that."""
    village = Village(tmp_path)
    now = timezone.now()
    MonthRun.objects.create(
        month=date(2016, 10, 1), version=1, known_on=now.date(), law_hash="", snapshot_hash="", inputs_hash="",
        state="complete", posted=True, manifest={}, started_at=now, finished_at=now, actor="test",
    )  # fmt: skip
    return village


CORRECTIONS = [
    (MEENA, "born_on", {"born_on": "1969-05-04"}, {(MEENA, 1)}),
    (GITA, "bpl_end", {"card": "C2 2010-01-01", "valid_to": "2016-09-15"}, {(GITA, 1)}),
    (GITA, "marital_status", {"marital_status": "never_married", "marital_since": ""}, {(GITA, 1)}),
    (GAURI, "destitute", {"destitute": "yes"}, set()),
    (GAURI, "born_on", {"born_on": "1930-01-01"}, {(GAURI, 1)}),
    (RAM, "disability_add", {"certificate_no": "P1", "kind": "multiple", "percent": "90", "issued_on": "2016-01-01", "valid_to": ""}, {(RAM, 1), (RAM, 3)}),
    (GAURI, "social_category", {"social_category": "ST"}, set()),
    (GITA, "parents", {"mother_id": str(SITA), "father_id": ""}, {(SITA, 2)}),
    (SITA, "sex", {"sex": "T"}, set()),
]  # fmt: skip


@pytest.mark.parametrize(
    ("member", "fact", "typed", "changed"), CORRECTIONS, ids=[one[1] for one in CORRECTIONS]
)
def test_what_was_foreseen_is_what_is_carried_on_and_what_the_law_then_says(
    member: int, fact: str, typed: dict[str, str], changed: set[tuple[int, int]], village: Village
) -> None:
    correction = corrections.checked(EVERYWHERE, member, fact, typed)
    before = {
        model: model.objects.count() for model in (ResidentBelief, FamilyBelief, BplBelief, DisabilityBelief)
    }
    outlook = reactions.foresee_correction(correction)
    assert {model: model.objects.count() for model in before} == before
    assert not Change.objects.filter(fact__isnull=False).exists()
    assert changed <= set(outlook.changed) and (changed or not outlook.changed)
    number = reactions.correct(EVERYWHERE, member, fact, typed, SEEN, correction.belief_no, sure=True)
    reaction = Reaction.objects.get(change_id=number)
    assert set(reaction.touched) >= {key[0] for key in outlook.changed}
    standing = {
        (row.member_id, row.pension_group): row
        for row in StandingDecision.objects.filter(change_id=number, changed=True)
    }
    assert set(standing) == set(outlook.changed)
    for key, row in standing.items():
        after = outlook.after.get(key)
        assert (row.action, row.to_scheme, row.to_paise) == (
            (after.action, after.to_scheme, after.to_paise) if after else ("", None, None)
        )
        if row.to_scheme:
            found = {one.code: one for one in check_member(EVERYWHERE, key[0], date(2016, 11, 1)).schemes}
            assert found[row.to_scheme].verdict is True
            assert found[row.to_scheme].paise == row.to_paise
    assert sum(model.objects.count() for model in before) == sum(before.values()) + 1


def test_the_old_row_delivered_again_adds_nothing_and_a_changed_one_counts(
    village: Village, tmp_path: Path
) -> None:
    reactions.correct(SECRETARY, GAURI, "born_on", {"born_on": "1965-02-03"}, SEEN)
    again = tmp_path / "again"
    again.mkdir()
    (again / "residents.csv").write_text(FILES["residents.csv"] + "\n")
    load_folder(again, date(2016, 9, 25), again)
    latest = ResidentBelief.objects.filter(member_id=GAURI).order_by("-belief_no").first()
    assert latest is not None and (latest.belief_no, latest.born_on) == (2, date(1965, 2, 3))
    changed = tmp_path / "changed"
    changed.mkdir()
    (changed / "residents.csv").write_text(FILES["residents.csv"].replace("1968-01-01", "1964-12-31"))
    load_folder(changed, timezone.localdate(), changed)
    latest = ResidentBelief.objects.filter(member_id=GAURI).order_by("-belief_no").first()
    assert latest is not None and (latest.belief_no, latest.born_on) == (3, date(1964, 12, 31))


def test_a_new_card_is_the_row_its_own_file_would_bring(village: Village, tmp_path: Path) -> None:
    reactions.correct(
        SECRETARY,
        GAURI,
        "bpl_add",
        {"card_no": "N-7", "valid_from": "2016-01-01", "valid_to": "2030-12-31"},
        SEEN,
    )
    reactions.correct(
        SECRETARY, GAURI, "disability_add",
        {"certificate_no": "P9", "kind": "visual", "percent": "79.9999999", "issued_on": "2016-01-01", "valid_to": ""}, SEEN,
    )  # fmt: skip
    folder = tmp_path / "cards"
    folder.mkdir()
    (folder / "bpl.csv").write_text(
        "family_id,card_no,valid_from,valid_to\n10000003,N-7,2016-01-01,2030-12-31\n"
    )
    (folder / "pwd.csv").write_text(
        f"member_id,certificate_no,kind,percent,issued_on,valid_to\n{GAURI},P9,visual,79.9999999,2016-01-01,\n"
    )
    result = load_folder(folder, timezone.localdate(), folder)
    assert [(file.counts.accepted, file.counts.corrected, file.counts.repeated) for file in result.files] == [
        (0, 0, 1)
    ] * 2
    assert BplBelief.objects.get(card_no="N-7").verified_by == "secretary"


def test_a_correction_says_what_it_rests_on_and_leaves_its_trace(village: Village) -> None:
    with pytest.raises(NoEvidence):
        reactions.correct(SECRETARY, GAURI, "born_on", {"born_on": "1965-02-03"}, Evidence(seen="no day"))
    assert not Proof.objects.exists()
    number = reactions.correct(SECRETARY, GAURI, "born_on", {"born_on": "1965-02-03"}, SEEN)
    proof = Proof.objects.get()
    assert (proof.register, proof.belief_no, proof.actor, proof.seen) == (
        "resident",
        2,
        "secretary",
        SEEN.seen,
    )
    event = AuditEvent.objects.get(verb="fact.correct")
    assert (event.old, event.new["born_on"]) == ({"born_on": "1968-01-01"}, "1965-02-03")
    told = corrections.told(SECRETARY, number)
    assert told is not None and told.changes == {"born_on": (date(1968, 1, 1), date(1965, 2, 3))}
    # nobody had verified the row before, and its other facts were not looked at
    assert ResidentBelief.objects.get(member_id=GAURI, belief_no=2).verified_by is None


def test_two_officers_correct_one_row(village: Village) -> None:
    reactions.correct(SECRETARY, GAURI, "born_on", {"born_on": "1965-02-03"}, SEEN, belief_no=2)
    with pytest.raises(corrections.CorrectedMeanwhile):
        reactions.correct(SECRETARY, GAURI, "born_on", {"born_on": "1966-02-03"}, SEEN, belief_no=2)


@pytest.mark.parametrize(
    ("fact", "typed", "field"),
    [
        ("born_on", {"born_on": "31/12/1950"}, "born_on"),
        ("born_on", {"born_on": ""}, "born_on"),
        ("marital_status", {"marital_status": "maybe"}, "marital_status"),
        ("marital_status", {"marital_status": "married", "marital_since": "1950-01-01"}, "marital_since"),
        ("parents", {"mother_id": "12"}, "mother_id"),
        ("parents", {"mother_id": str(GAURI)}, "mother_id"),
        ("bpl_add", {"card_no": "C3", "valid_from": "2010-01-01"}, "card_no"),
        ("bpl_add", {"card_no": "X", "valid_from": "2016-01-01", "valid_to": "2015-01-01"}, "valid_to"),
        ("bpl_end", {"card": "C9 2010-01-01", "valid_to": "2016-01-01"}, "card"),
        ("disability_add", {"certificate_no": "P", "kind": "visual", "percent": "101", "issued_on": "2016-01-01"}, "percent"),
        ("disability_add", {"certificate_no": "P", "kind": "visual", "percent": "NaN", "issued_on": "2016-01-01"}, "percent"),
        ("name", {"name_en": ""}, "name_en"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_at_its_field(
    fact: str, typed: dict[str, str], field: str, village: Village
) -> None:
    with pytest.raises(corrections.NotPossible) as refused:
        corrections.checked(SECRETARY, GAURI, fact, typed)
    assert refused.value.field == field


def test_what_else_is_refused(village: Village) -> None:
    with pytest.raises(corrections.InTheFuture):
        corrections.checked(SECRETARY, GAURI, "born_on", {"born_on": "2999-01-01"})
    with pytest.raises(corrections.NothingChanges):
        corrections.checked(SECRETARY, GAURI, "born_on", {"born_on": "1968-01-01"})
    with pytest.raises(corrections.NoSuchFactToCorrect):
        corrections.checked(SECRETARY, GAURI, "aadhaar", {})
    with pytest.raises(corrections.NoSuchResident):
        corrections.checked(SECRETARY, GAURI, "parents", {"mother_id": "999999999"})
    with pytest.raises(OutsideYourArea):
        corrections.checked(SECRETARY, MEENA, "born_on", {"born_on": "1969-05-04"})
    with pytest.raises(NotYourFunction):
        corrections.checked(officer("a", "auditor"), GAURI, "born_on", {"born_on": "1965-02-03"})


def test_the_unlikely_is_asked_twice(village: Village) -> None:
    cases = {
        doubts.TOO_OLD: (GAURI, "born_on", {"born_on": "1870-01-01"}),
        doubts.PARENT_TOO_YOUNG: (GITA, "parents", {"mother_id": str(GAURI), "father_id": ""}),
        doubts.MOTHER_NOT_WOMAN: (GITA, "parents", {"mother_id": str(RAM), "father_id": ""}),
        doubts.FATHER_NOT_MAN: (GITA, "parents", {"mother_id": "", "father_id": str(SITA)}),
    }
    for doubt, (member, fact, typed) in cases.items():
        assert doubt in corrections.checked(SECRETARY, member, fact, typed).doubts
        with pytest.raises(corrections.DoubtsUnanswered):
            reactions.correct(SECRETARY, member, fact, typed, SEEN)
    assert reactions.correct(SECRETARY, GITA, "born_on", {"born_on": "1870-01-01"}, SEEN, sure=True)


@pytest.mark.parametrize(
    ("member", "kind", "day", "doubt"),
    [
        (RAM, "death", date(1949, 1, 1), doubts.BEFORE_BIRTH),
        (RAM, "desertion", date(2016, 1, 1), doubts.DESERTED_MAN),
        (RAM, "marriage", date(2016, 1, 1), doubts.MARRIED_ALREADY),
        (GITA, "marriage", date(1980, 1, 1), doubts.MARRIED_CHILD),
        (GITA, "migration_in", date(2016, 1, 1), doubts.NEVER_LEFT),
        (GITA, "desertion", date(2016, 1, 1), doubts.NOT_MARRIED),
    ],
)
def test_an_unlikely_event_is_asked_twice(
    member: int, kind: str, day: date, doubt: doubts.Doubt, village: Village
) -> None:
    assert doubt in doubts.about_event(events.checked(SECRETARY, member, kind, day))


def test_likely_events_raise_no_doubt_and_a_second_death_does(village: Village) -> None:
    death = events.checked(SECRETARY, RAM, "death", date(2016, 9, 20))
    assert doubts.about_event(death) == []
    reactions.record_event(SECRETARY, death)
    again = events.checked(SECRETARY, RAM, "death", date(2016, 9, 21))
    assert doubts.about_event(again) == [doubts.DEAD_ALREADY]
    # his widow may marry again, and move away and back
    assert doubts.about_event(events.checked(SECRETARY, SITA, "remarriage", date(2016, 10, 2))) == []
    reactions.record_event(SECRETARY, events.checked(SECRETARY, SITA, "migration_out", date(2016, 10, 3)))
    assert doubts.about_event(events.checked(SECRETARY, SITA, "migration_in", date(2016, 10, 4))) == []


def test_a_correction_closes_the_task_that_waited_for_it(village: Village) -> None:
    from haqdar.cases.casework import Opened, open_case

    task = open_case(
        officer("v", "verifier"), "case.open",
        Opened("undecided", "H", member_id=MEENA, pension_group=1, reason="born_on"),
    )  # fmt: skip
    verifier = officer("v", "verifier")
    correcting.correct_for(verifier, task, MEENA, "destitute", {"destitute": "yes"}, SEEN)
    assert case_of(MEENA, "undecided").awaits == "fact.correct"
    correcting.correct_for(verifier, task, MEENA, "born_on", {"born_on": "1969-05-04"}, SEEN)
    assert case_of(MEENA, "undecided").outcome == "obtained"
    assert Month(2016, 10).first_day == MonthRun.objects.get().month
