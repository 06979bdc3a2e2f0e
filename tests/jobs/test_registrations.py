"""Changes of the register in two hands, tried through real months: who is paid, by whom, and into which account."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from haqdar.access.actors import Actor, Grant, OutsideYourArea, platform
from haqdar.access.models import AuditEvent
from haqdar.base.refusal import Refusal
from haqdar.cases import registrations
from haqdar.cases.casework import SameOfficer
from haqdar.cases.models import Case
from haqdar.cases.registrations import DRAFT
from haqdar.jobs import registrations as jobs
from haqdar.jobs.month import run_month
from haqdar.payments.rails.writing import opened
from haqdar.registry import documents, household, payees, vital
from haqdar.registry.actions import load_folder
from haqdar.registry.arrangements import arrangement_of
from haqdar.registry.entries import Entry, EntryRefused, people
from haqdar.registry.models import Family, FamilyBelief, Resident, ResidentBelief
from haqdar.registry.sealing import sealer

HEAD, WIFE, SON, DAUGHTER, WIDOW, CHILD, AUNT = range(100000001, 100000008)
SHARED = "4444444444"
FILES = {
    "areas.csv": """area_code,kind,parent_code,name_en
S,state,,State
D,district,S,District
B,block,D,Block
G,gp,B,Panchayat
H,gp,B,Other panchayat
C,block,D,Far block
F,gp,C,Far panchayat
""",
    "offices.csv": """office_code,kind,area_code,ddo_code,name_en
J,janpad,B,DDO1,Janpad
K,janpad,C,DDO2,Far janpad
""",
    "families.csv": """family_id,area_code,social_category,recorded_on
10000001,G,SC,2015-01-01
10000002,G,OBC,2015-01-01
10000003,F,OBC,2015-01-01
""",
    "residents.csv": f"""member_id,family_id,name_en,sex,born_on,relation_to_head,mother_id,father_id,spouse_id,marital_status,marital_since,destitute,income_tax_payer,ifsc,account_no,recorded_on
{HEAD},10000001,Ram Lal,M,1950-01-01,head,,,{WIFE},married,1975-01-01,false,false,HQDA0000001,1111111111,2015-01-01
{WIFE},10000001,Sita Bai,F,1955-01-01,wife,,,{HEAD},married,1975-01-01,false,false,HQDA0000001,2222222222,2015-01-01
{SON},10000001,Mohan Lal,M,1980-01-01,son,{WIFE},{HEAD},,never_married,,false,false,,,2015-01-01
{DAUGHTER},10000001,Radha,F,1990-01-01,daughter,{WIFE},{HEAD},,never_married,,false,false,,,2015-01-01
{WIDOW},10000002,Gita Bai,F,1970-01-01,head,,,,widowed,2010-01-01,false,false,HQDA0000001,{SHARED},2015-01-01
{CHILD},10000002,Munni,F,2004-01-01,daughter,{WIDOW},,,never_married,,false,false,HQDA0000001,{SHARED},2015-01-01
{AUNT},10000003,Kamla Bai,F,1972-01-01,head,,,,never_married,,false,false,HQDA0000001,5555555555,2015-01-01
""",
    "bpl.csv": """family_id,card_no,valid_from,valid_to
10000001,C1,2010-01-01,
10000002,C2,2010-01-01,
""",
    "pwd.csv": f"""member_id,certificate_no,kind,percent,issued_on,valid_to
{CHILD},P1,locomotor,60,2012-01-01,
""",
    "pensioners.csv": f"""member_id,scheme,since,amount
{HEAD},IGNOAPS,2012-04-01,275
{WIDOW},IGNWPS,2012-04-01,300
{CHILD},SSP-PWD,2014-04-01,150
""",
}
PHOTO = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90wS\xde"
    b"\x00\x00\x00\x0cIDATx\x9cc\xf8\xcf\xc0\x00\x00\x03\x01\x01\x00\xc9\xfe\x92\xef\x00\x00\x00\x00IEND\xaeB`\x82"
)


def officer(name: str, role: str, path: str) -> Actor:
    return Actor(1, name, frozenset({role}), (path,), grants=(Grant(role, path),))


SECRETARY = officer("secretary", "secretary", "/S/D/B/G/")
VERIFIER = officer("verifier", "verifier", "/S/D/B/")
FAR = officer("far", "sanctioning_officer", "/S/D/C/")


@pytest.fixture
def home(transactional_db: None, tmp_path: Path, settings: Any) -> Iterator[Path]:
    settings.HAQDAR_HOME = tmp_path / "home"
    settings.HAQDAR_HOME.mkdir()
    (tmp_path / "files").mkdir()
    for name, text in FILES.items():
        (tmp_path / "files" / name).write_text(text)
    load_folder(tmp_path / "files", date(2016, 9, 20), tmp_path)
    return tmp_path


def key(member: int) -> str:
    return str(Resident.objects.get(member_id=member).key)


def family(number: int) -> str:
    return str(Family.objects.get(family_id=number).key)


def proposed(entry: Entry, actor: Actor = SECRETARY) -> Case:
    documents.keep(actor.name, PHOTO, "certificate", DRAFT, "draft")
    return registrations.propose(actor, entry, "draft")


def done(entry: Entry, actor: Actor = SECRETARY, by: Actor = VERIFIER) -> Case:
    return jobs.approve(by, proposed(entry, actor).key)


def now(member: int) -> Any:
    return people([member])[member]


def rows(home: Path, month: str, file: str) -> list[dict[str, str]]:
    with (home / month / file).open(newline="") as lines:
        return list(csv.DictReader(lines))


def dues(home: Path, month: str, member: int) -> list[tuple[str, str, str]]:
    return sorted(
        (row["kind"], row["for_month"], row["amount"])
        for row in rows(home, month, "dues.csv")
        if row["member_id"] == str(member)
    )


def account_paid(home: Path, month: str, member: int) -> str | None:
    """Last four digits of the account to which a month is paid; None where no credit was written."""
    from haqdar.payments.models import Instruction

    found = Instruction.objects.filter(member_id=member, run__month=date.fromisoformat(f"{month}-01"))
    paid = found.order_by("-run_id").first()
    if paid is None:
        return None
    (number,) = opened(
        platform("test"), sealer(), paid.rail, [bytes(paid.destination_sealed or b"")], "apbs_file"
    )
    assert paid.account_last4 == number[-4:]
    return number[-4:]


def test_nothing_changes_before_the_second_person_agrees(home: Path) -> None:
    case = proposed(vital.Death(key(HEAD), date(2016, 9, 25)))
    assert case.awaits == "register.approve"
    assert now(HEAD).alive
    both = officer("secretary", "sanctioning_officer", "/S/D/B/")
    with pytest.raises(SameOfficer):
        jobs.approve(both, case.key)
    with pytest.raises(OutsideYourArea):
        jobs.approve(FAR, case.key)
    assert now(HEAD).alive
    jobs.approve(VERIFIER, case.key)
    assert now(HEAD).died_on == date(2016, 9, 25)
    assert now(WIFE).status == "widowed"
    event = AuditEvent.objects.get(verb="register.approve", object_kind="resident")
    assert event.actor == "verifier" and event.new is not None and event.new["entry"] == "death"
    assert str(HEAD) not in str(list(AuditEvent.objects.values()))


def test_a_refusal_changes_nothing_and_says_why(home: Path) -> None:
    case = proposed(vital.Death(key(HEAD), date(2016, 9, 25)))
    with pytest.raises(registrations.WhyRefused):
        registrations.refuse(VERIFIER, case.key, " ")
    refused = registrations.refuse(VERIFIER, case.key, "the certificate names another man")
    assert refused.outcome == "refused" and now(HEAD).alive


def test_without_a_paper_nothing_is_proposed_and_nothing_twice(home: Path) -> None:
    death = vital.Death(key(HEAD), date(2016, 9, 25))
    with pytest.raises(registrations.PaperMissing):
        registrations.propose(SECRETARY, death, "")
    proposed(death)
    with pytest.raises(registrations.ProposedAlready):
        proposed(death)


def test_a_birth_takes_the_next_number_and_finds_its_place(home: Path) -> None:
    done(vital.Birth(family(10000002), "Asha", "आशा", "F", date(2016, 9, 1), key(WIDOW), ""))
    baby = now(AUNT + 1)
    assert (baby.name_hi, baby.relation_to_head, baby.mother_id) == ("आशा", "daughter", WIDOW)
    assert baby.family_id == 10000002 and baby.status == "never_married"


@pytest.mark.parametrize(
    ("entry", "refusal"),
    [
        (
            lambda: vital.Birth(family(10000001), "A", "", "F", date(2016, 9, 1), key(HEAD), ""),
            "not_a_mother",
        ),
        (
            lambda: vital.Birth(family(10000001), "A", "", "F", date(2016, 9, 1), "", key(WIFE)),
            "not_a_father",
        ),
        (
            lambda: vital.Birth(family(10000001), "A", "", "F", date(1960, 9, 1), key(WIFE), ""),
            "parent_too_young",
        ),
        (lambda: vital.Birth(family(10000001), "A", "", "F", date(2016, 9, 1), "", ""), "no_parent"),
        (
            lambda: vital.Birth(
                family(10000001), "A", "", "F", timezone.localdate() + timedelta(days=1), key(WIFE), ""
            ),
            "date_in_future",
        ),
        (
            lambda: vital.Birth(family(10000001), "Radha", "", "F", date(1990, 1, 1), key(WIFE), ""),
            "there_already",
        ),
        (lambda: vital.Birth(family(10000001), "9", "", "F", date(2016, 1, 1), key(WIFE), ""), "bad_name"),
        (lambda: vital.Death(key(HEAD), date(1940, 1, 1)), "before_birth"),
        (lambda: vital.Desertion(key(HEAD), date(2016, 1, 1)), "women_only"),
        (lambda: vital.Desertion(key(WIDOW), date(2016, 1, 1)), "not_married"),
        (lambda: vital.Marriage(key(HEAD), key(WIDOW), date(2016, 1, 1)), "married_already"),
        (lambda: vital.Marriage(key(SON), key(SON), date(2016, 1, 1)), "spouse_is_person"),
        (lambda: vital.Marriage(key(SON), key(DAUGHTER), date(2016, 1, 1)), "close_kin"),
        (lambda: vital.MovedIn(key(SON), date(2016, 1, 1)), "in_or_out_already"),
        (lambda: household.Split(family(10000001), (), key(SON)), "choose_members"),
        (lambda: household.Split(family(10000001), (key(SON),), key(WIFE)), "head_elsewhere"),
        (lambda: household.Merge(family(10000001), family(10000001)), "same_family"),
        (lambda: household.Move(key(SON), family(10000001)), "same_family"),
        (lambda: household.Transfer(family(10000001), "G"), "same_place"),
        (lambda: household.Transfer(family(10000001), "B"), "no_home"),
        (lambda: household.NewHead(family(10000001), key(HEAD)), "same_head"),
        (lambda: household.NewHead(family(10000001), key(WIDOW)), "head_elsewhere"),
        (lambda: payees.AccountChange.given(key(HEAD), "HQDA", "1", "1"), "bad_ifsc"),
        (lambda: payees.AccountChange.given(key(HEAD), "HQDA0000001", "1", "1"), "bad_account"),
        (lambda: payees.AccountChange.given(key(HEAD), "HQDA0000001", "123456", "123457"), "accounts_differ"),
        (
            lambda: payees.AccountChange.given(key(HEAD), "HQDA0000001", "1111111111", "1111111111"),
            "same_account",
        ),
        (lambda: payees.MobileChange.given(key(HEAD), "own", "12345", ""), "bad_mobile"),
        (lambda: payees.MobileChange.given(key(HEAD), "other", "9876543210", ""), "holder_missing"),
        (
            lambda: payees.Guardian(key(CHILD), key(CHILD), "mother", "minor", date(2016, 10, 1)),
            "own_guardian",
        ),
        (
            lambda: payees.Guardian(key(WIDOW), key(AUNT), "sister", "minor", date(2016, 10, 1)),
            "no_minor",
        ),
        (
            lambda: payees.Guardian(key(WIDOW), key(SON), "other", "cannot_manage", date(2016, 10, 1)),
            "guardian_without_account",
        ),
        (lambda: payees.GuardianEnd(key(CHILD), date(2016, 10, 1)), "no_arrangement"),
    ],
)
def test_what_does_not_fit_the_register_is_refused(home: Path, entry: Any, refusal: str) -> None:
    with pytest.raises(EntryRefused) as refused:
        entry().check()
    assert refused.value.code == refusal
    assert isinstance(refused.value, Refusal) and refused.value.hi


def test_a_marriage_is_of_both_and_the_bride_may_move(home: Path) -> None:
    done(vital.Marriage(key(SON), key(AUNT), date(2016, 8, 1), "other"))
    son, bride = now(SON), now(AUNT)
    assert (son.status, son.spouse_id) == ("married", AUNT)
    assert (bride.status, bride.spouse_id) == ("married", SON)
    assert (bride.family_id, bride.relation_to_head, bride.area_code) == (10000001, "daughter_in_law", "G")
    # the family that she left has nobody any more; her first belief is still there
    assert ResidentBelief.objects.get(member_id=AUNT, belief_no=1).family_id == 10000003


def test_a_family_splits_and_merges_and_keeps_its_history(home: Path) -> None:
    done(household.Split(family(10000001), (key(WIFE), key(DAUGHTER)), key(WIFE), "new house", True))
    wife, daughter = now(WIFE), now(DAUGHTER)
    assert wife.family_id == daughter.family_id == 10000004
    assert (wife.relation_to_head, daughter.relation_to_head) == ("head", "daughter")
    assert wife.address == "new house" and now(HEAD).family_id == 10000001
    done(household.Merge(family(10000001), family(10000004)))
    assert (now(WIFE).family_id, now(WIFE).relation_to_head) == (10000001, "wife")
    assert now(DAUGHTER).relation_to_head == "daughter"
    assert ResidentBelief.objects.filter(member_id=WIFE).count() == 3


def test_nobody_takes_in_a_family_of_another_office(home: Path) -> None:
    merge = household.Merge(family(10000001), family(10000003))
    with pytest.raises(OutsideYourArea):
        proposed(merge)
    # it moved away between the two hands
    case = proposed(household.Merge(family(10000001), family(10000002)))
    state = officer("state", "sanctioning_officer", "/S/")
    done(household.Transfer(family(10000002), "F"), by=state)
    with pytest.raises(OutsideYourArea):
        jobs.approve(VERIFIER, case.key)
    assert now(WIDOW).family_id == 10000002 and now(AUNT).family_id == 10000003


def test_a_head_who_leaves_is_followed_by_the_eldest(home: Path) -> None:
    done(household.Move(key(HEAD), family(10000002)))
    assert now(HEAD).family_id == 10000002
    assert (now(WIFE).relation_to_head, now(SON).relation_to_head) == ("head", "son")
    done(household.NewHead(family(10000001), key(SON)))
    assert (now(SON).relation_to_head, now(WIFE).relation_to_head) == ("head", "mother")
    assert now(DAUGHTER).relation_to_head == "sister"


def test_the_same_row_delivered_again_does_not_undo_what_was_approved(home: Path) -> None:
    done(household.Transfer(family(10000002), "H"))
    done(household.Move(key(SON), family(10000002)))
    load_folder(home / "files", timezone.localdate(), home)
    assert now(WIDOW).area_code == "H" and now(SON).family_id == 10000002


def test_a_trial_shows_what_would_change_and_keeps_nothing(home: Path) -> None:
    run_month("2016-10", home / "2016-10")
    beliefs = ResidentBelief.objects.count()
    trial = jobs.tried(VERIFIER, vital.Death(key(HEAD), date(2016, 10, 3)))
    assert trial.outlook is not None
    assert {
        (member, trial.outlook.after[member, group].action) for member, group in trial.outlook.changed
    } == {(HEAD, "stop"), (WIFE, "start")}
    split = jobs.tried(VERIFIER, household.Split(family(10000001), (key(HEAD),), key(HEAD), "", False))
    assert split.outlook is not None and split.after[HEAD].family_id == 10000004
    # without the card the pension of the old man would go: the officer sees it before he agrees
    assert {split.outlook.after[found].action for found in split.outlook.changed} == {"stop"}
    birth = jobs.tried(
        VERIFIER, vital.Birth(family(10000002), "Asha", "", "F", date(2016, 9, 1), key(WIDOW), "")
    )
    assert [one.name_en for one in birth.newcomers] == ["Asha"]
    assert ResidentBelief.objects.count() == beliefs and FamilyBelief.objects.count() == 3
    assert Case.objects.filter(kind="register").count() == 0


def test_a_transfer_misses_no_month_and_changes_the_paying_office(home: Path) -> None:
    run_month("2016-10", home / "2016-10")
    done(household.Transfer(family(10000001), "F"))
    assert now(HEAD).area_code == "F"
    run_month("2016-11", home / "2016-11")
    run_month("2016-12", home / "2016-12")
    for month in ("2016-10", "2016-11", "2016-12"):
        assert ("regular", month, "275.00") in dues(home, month, HEAD), month
        assert account_paid(home, month, HEAD) == "1111"

    def offices(month: str) -> dict[str, str]:
        return {
            row["ddo_code"]: row["amount"]
            for row in rows(home, month, "bills.csv")
            if row["scheme"] == "IGNOAPS"
        }

    assert set(offices("2016-10")) == {"DDO1"}
    assert set(offices("2016-11")) == set(offices("2016-12")) == {"DDO2"}
    far = registrations.proposals(FAR, waiting=False)
    assert [listed.arrives for listed in far] == [True]


def test_the_guardian_is_paid_and_the_shared_account_is_no_problem_any_more(home: Path) -> None:
    run_month("2016-10", home / "2016-10")
    assert {(row["member_id"], row["reason"]) for row in rows(home, "2016-10", "worklist.csv") if row["action"] == "duplicate"} == {
        (str(WIDOW), "same_account"),
        (str(CHILD), "same_account"),
    }  # fmt: skip
    today = timezone.localdate()
    guardian = payees.Guardian(key(CHILD), key(AUNT), "aunt", "cannot_manage", date(2016, 10, 1))
    done(guardian)
    run_month("2016-11", home / "2016-11")
    assert account_paid(home, "2016-11", CHILD) == "5555"
    assert account_paid(home, "2016-11", WIDOW) == "4444"
    # the mother holds the shared account: registered as receiver, it is lawful
    done(payees.GuardianEnd(key(CHILD), date(2016, 11, 30)))
    done(payees.Guardian(key(CHILD), key(WIDOW), "mother", "cannot_manage", date(2016, 12, 1)))
    run_month("2016-12", home / "2016-12")
    assert account_paid(home, "2016-12", CHILD) == "4444"
    assert not [row for row in rows(home, "2016-12", "worklist.csv") if row["action"] == "duplicate"]
    # the guardian dies: nothing is sent to her account, and the child, who has none, is listed
    done(vital.Death(key(WIDOW), date(2016, 12, 10)))
    run_month("2017-01", home / "2017-01")
    assert account_paid(home, "2017-01", CHILD) is None
    from haqdar.payments.models import NotPayable

    listed = NotPayable.objects.filter(member_id=CHILD, run__month=date(2017, 1, 1))
    assert [row.reason for row in listed] == ["no_account"]
    assert arrangement_of(CHILD) is not None and today >= date(2017, 1, 1)


def test_what_is_owed_to_the_dead_goes_to_the_heir_and_to_nobody_else(home: Path) -> None:
    from haqdar.payments.models import Instruction, NotPayable

    done(payees.Guardian(key(HEAD), key(AUNT), "sister", "cannot_manage", date(2016, 9, 1)))
    heir = payees.Heir(key(HEAD), key(WIFE), "wife", "Legal heir certificate 5/2016, SDM")
    with pytest.raises(EntryRefused) as refused:
        heir.check()
    assert refused.value.code == "still_alive"
    done(vital.Death(key(HEAD), date(2016, 10, 10)))
    with pytest.raises(EntryRefused) as refused:
        payees.Heir(key(HEAD), key(WIFE), "wife", " ").check()
    assert refused.value.code == "paper_not_named"
    # October was owed to him; neither his own account nor who received for him gets it
    run_month("2016-10", home / "2016-10")
    assert account_paid(home, "2016-10", HEAD) is None
    assert list(NotPayable.objects.values_list("member_id", "paise", "reason")) == [(HEAD, 27500, "no_heir")]
    done(heir)
    found = arrangement_of(HEAD)
    assert found is not None and (found.reason, found.from_on, found.reference) == (
        "heir",
        date(2016, 10, 10),
        heir.reference,
    )
    run_month("2016-10", home / "2016-10")
    assert account_paid(home, "2016-10", HEAD) == "2222"
    assert Instruction.objects.get(member_id=HEAD, state="written").payee_name == "SITA BAI"
    # another heir turned up: nothing more goes to her until that is settled
    done(payees.GuardianEnd(key(HEAD), date(2016, 10, 20)))
    run_month("2016-10", home / "2016-10")
    assert not Instruction.objects.filter(member_id=HEAD, state="written").exists()


def test_after_the_last_day_the_own_account_is_paid_again(home: Path) -> None:
    done(
        payees.Guardian(key(HEAD), key(WIFE), "wife", "cannot_manage", date(2016, 10, 1), date(2016, 10, 31))
    )
    run_month("2016-10", home / "2016-10")
    run_month("2016-11", home / "2016-11")
    assert account_paid(home, "2016-10", HEAD) == "2222"
    assert account_paid(home, "2016-11", HEAD) == "1111"


def test_an_approved_account_is_paid_from_the_next_month(home: Path) -> None:
    run_month("2016-10", home / "2016-10")
    change = payees.AccountChange.given(key(HEAD), "SBIN0001234", "98765432109", "98765432109")
    case = proposed(change)
    assert "98765432109" not in str(case.details)
    assert case.kind == "payee" and now(HEAD).account_last4 == "1111"
    jobs.approve(VERIFIER, case.key)
    assert now(HEAD).account_last4 == "2109"
    run_month("2016-11", home / "2016-11")
    assert account_paid(home, "2016-11", HEAD) == "2109"


def test_a_mobile_may_be_anothers_or_none(home: Path) -> None:
    change = payees.MobileChange.given(key(HEAD), "other", "9876543210", "Mohan, neighbour")
    case = proposed(change)
    assert "9876543210" not in str(case.details)
    jobs.approve(VERIFIER, case.key)
    assert now(HEAD).mobile_last4 == "3210"
    done(payees.MobileChange.given(key(HEAD), "none", "", ""))
    assert now(HEAD).mobile_last4 == ""
