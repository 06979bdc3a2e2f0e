"""Credits that came back: the next step of each by its reason, presented again once, and the end of the budget year."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from tests.payments.answers import (
    BANK,
    a_month_of_people,
    another_month,
    believe,
    dispositions,
    posted_kinds,
    response,
    returns_file,
    sent,
)
from tests.payments.bodies import GP1, OUTSIDER, STATE_OFFICE, a_district
from tests.payments.examples import OCTOBER, relations
from tests.payments.paying import by_aadhaar
from tests.payments.test_posting import fetched, posted

from haqdar.access.actors import NotYourFunction, OutsideYourArea, platform
from haqdar.access.models import AuditEvent, Posting, User
from haqdar.cases.models import Case
from haqdar.outreach.models import Message
from haqdar.payments import entries, returns
from haqdar.payments.bill_steps import drawable, mark_paid_everywhere
from haqdar.payments.closing import close_month
from haqdar.payments.lapsing import YearNotOver, lapse
from haqdar.payments.models import (
    BillVersion,
    BudgetEntry,
    BudgetHead,
    Hold,
    Instruction,
    NameDifference,
    ResponseLine,
    Return,
)
from haqdar.payments.passbook import passbook
from haqdar.payments.reconciling import reconciliation
from haqdar.payments.responses.parts import SettledBefore
from haqdar.payments.responses.reading import read_response
from haqdar.payments.responses.setting_aside import GoneAgain, NotADecision, judge_name, look_into
from haqdar.payments.returns import MonthStillOpen, NotWaiting, SayWhatWasSettled, represent
from haqdar.payments.standing import bring_up_to_date

pytestmark = pytest.mark.django_db

NOVEMBER = OCTOBER.next()


def bank_says(references: list[str], *reasons: str, day: str = "01102016", name: str = "SUNITA BAI") -> None:
    """The bank answers each reference in turn with a reason; 00 is a credit."""
    lines = [
        (reference, 30000, "1" if reason == "00" else "0", reason, name)
        for reference, reason in zip(references, reasons, strict=False)
    ]
    read_response(BANK, response(lines, day=day), "answers.txt")


def test_each_reason_has_its_next_step() -> None:
    references = a_month_of_people()
    bank_says(references, "59", "54", "01", "60", "00", "64")
    found = {one.member_id: one for one in Return.objects.all()}
    assert {member: (one.action, one.state) for member, one in found.items()} == {
        1: ("retry", "ready"),
        2: ("beneficiary", "waiting"),
        3: ("correct", "waiting"),
        4: ("death", "held"),
        6: ("correct", "waiting"),  # an Aadhaar reason on an account is no reason to switch
    }
    assert set(Case.objects.values_list("kind", "member_id", "reason", "awaits")) == {
        ("payment", 2, "returned_bank", "payee.change"),
        ("payment", 3, "returned_account", "payee.change"),
        ("payment", 6, "returned_account", "payee.change"),
        ("report", 4, "died", "case.examine"),
    }
    assert list(Hold.objects.values_list("member_id", "origin", "reason")) == [(4, "bank", "died")]
    assert sorted(Message.objects.values_list("template", flat=True)) == [
        "payment_returned",
        "payment_returned",
        "payment_returned_bank",
        "payment_returned_retry",
    ]
    # the next month finds them still in trouble, and opens nothing twice
    another_month(month=NOVEMBER)
    assert Case.objects.filter(kind="payment", closed_at=None).count() == 3
    assert Case.objects.count() == 4


def test_a_corrected_credit_goes_out_once_and_keeps_every_account() -> None:
    references = a_month_of_people()
    with pytest.raises(MonthStillOpen):
        represent(STATE_OFFICE, NOVEMBER)
    bank_says(references, "59", "54", "01", "01", "00", "00")
    another_month(month=NOVEMBER)
    believe(3, "99000000003")
    waiting = Return.objects.get(member_id=2)
    with pytest.raises(SayWhatWasSettled):
        returns.settled_at_bank(GP1, waiting.key, " ")
    with pytest.raises(OutsideYourArea):
        returns.settled_at_bank(OUTSIDER, waiting.key, "seen")
    with pytest.raises(NotYourFunction):
        represent(GP1, NOVEMBER)
    returns.settled_at_bank(GP1, waiting.key, "passbook seen, account is active")
    with pytest.raises(NotWaiting):
        returns.settled_at_bank(GP1, waiting.key, "again")
    done = represent(STATE_OFFICE, NOVEMBER)
    assert (done.credits, done.paise, done.corrected) == (3, 90000, 1)
    assert represent(STATE_OFFICE, NOVEMBER).credits == 0
    new = {one.member_id: one for one in Instruction.objects.exclude(origin="")}
    assert {member: (one.account_last4, one.origin) for member, one in new.items()} == {
        1: ("0001", references[0]),
        2: ("0002", references[1]),
        3: ("0003", references[2]),
    }
    assert new[3].corrects.destination_sealed != new[3].destination_sealed
    assert len({one.reference for one in new.values()} | set(references)) == 9
    # the same account as before, and nobody corrected it
    assert Return.objects.get(member_id=4).state == "waiting"
    assert set(Case.objects.filter(closed_at=None).values_list("member_id", flat=True)) == {4}
    # it comes back again: the chain goes on, and the month says where each rupee is
    again = sent(NOVEMBER)
    bank_says(again, "00", "00", "01", day="01112016")
    assert list(
        Return.objects.filter(member_id=3).order_by("attempt").values_list("attempt", "first__reference")
    ) == [
        (1, references[2]),
        (2, references[2]),
    ]
    assert posted_kinds() == [("credited", 4, 120000), ("returned", 5, 150000)]


def test_an_aadhaar_credit_goes_to_the_account_that_becomes_known() -> None:
    a_district()
    members = (1, 2, 3)
    posted(
        relations(
            settled=[(member, 1, "IGNWPS", 30000) for member in members],
            payee=[by_aadhaar(member, f"99991111222{member}") for member in members],
        )
    )
    close_month(BANK, OCTOBER)
    # no account is seeded with the number; closed; the bank wants to see papers
    bank_says(sent(), "64", "01", "54")
    assert set(Return.objects.values_list("member_id", "action", "state")) == {
        (1, "switch_rail", "waiting"),
        (2, "correct", "waiting"),
        (3, "beneficiary", "waiting"),
    }
    another_month(3, NOVEMBER)
    assert represent(STATE_OFFICE, NOVEMBER).credits == 0
    for member in members:
        believe(member, f"9900000000{member}", known_from=date.today())
    assert represent(STATE_OFFICE, NOVEMBER).corrected == 3
    assert set(Instruction.objects.exclude(origin="").values_list("member_id", "rail", "account_last4")) == {
        (1, "account", "0001"),
        (2, "account", "0002"),
        (3, "account", "0003"),
    }
    assert represent(STATE_OFFICE, NOVEMBER).credits == 0


def test_a_passing_trouble_becomes_a_matter_for_the_local_body_after_some_tries() -> None:
    references = a_month_of_people(1)
    month = OCTOBER
    for _ in range(3):
        bank_says(references, "59", day=month.first_day.strftime("%d%m%Y"))
        month = month.next()
        another_month(1, month)
        represent(STATE_OFFICE, month)
        references = sent(month)
    bank_says(references, "59", day=month.first_day.strftime("%d%m%Y"))
    assert list(Return.objects.order_by("attempt").values_list("action", "state")) == [
        ("retry", "represented"),
        ("retry", "represented"),
        ("retry", "represented"),
        ("correct", "waiting"),
    ]


def test_what_the_bank_contradicts_waits_until_somebody_found_out() -> None:
    references = a_month_of_people(2)
    bank_says(references, "59")
    read_response(BANK, response([(references[0], 30000, "1", "00")], day="09102016"), "later.txt")
    assert represent(STATE_OFFICE, OCTOBER).credits == 0


def test_a_credit_that_came_back_although_it_was_reported_as_made_is_owed_again() -> None:
    references = a_month_of_people(2)
    bank_says(references, "00", "00", day="05102016")
    assert bring_up_to_date(OCTOBER.first_day) and not bring_up_to_date(OCTOBER.first_day)
    for reference, reason in zip(references, ("01", "60"), strict=True):
        read_response(BANK, returns_file([(reference, 30000, "0", reason)], day="02102016"), f"{reason}.txt")
    closed, dead = ResponseLine.objects.filter(disposition="contradiction").order_by("id")
    look_into(STATE_OFFICE, closed.pk, "bank_right", "asked the branch")
    look_into(STATE_OFFICE, dead.pk, "bank_right", "asked the branch")
    assert posted_kinds() == [("credited", 2, 60000), ("returned_late", 2, 60000)]
    assert list(Return.objects.order_by("member_id").values_list("action", "state")) == [
        ("correct", "waiting"),
        ("death", "held"),
    ]
    assert set(Case.objects.values_list("kind", "member_id", "reason")) == {
        ("payment", 1, "returned_account"),
        ("report", 2, "died"),
    }
    assert list(Hold.objects.values_list("member_id", "reason")) == [(2, "died")]
    assert list(Message.objects.values_list("template", flat=True)) == ["payment_returned"]
    assert (passbook(GP1, 1)[0].state, passbook(GP1, 2)[0].state) == ("back_account", "back_death")
    assert bring_up_to_date(OCTOBER.first_day)
    # and once its account is corrected it goes out again
    another_month(2, NOVEMBER)
    believe(1, "99000000001")
    assert represent(STATE_OFFICE, NOVEMBER).credits == 1


def credited_later(reference: str) -> ResponseLine:
    """The bank says of a credit that it had returned that it made it, after all; the line that waits for a person."""
    read_response(BANK, response([(reference, 30000, "1", "00")], day="09102016"), f"{reference}.txt")
    return ResponseLine.objects.get(disposition="contradiction", instruction__reference=reference)


def test_a_credit_that_was_made_after_all_does_not_go_out_again() -> None:
    references = a_month_of_people(2)
    bank_says(references, "01", "59")
    look_into(STATE_OFFICE, credited_later(references[0]).pk, "bank_right", "the branch shows the credit")
    assert passbook(GP1, 1)[0].state == "credited"
    assert Case.objects.filter(closed_at=None).count() == 0
    # presented again before the bank says so: the new instruction is stopped, while it has not gone out
    another_month(2, NOVEMBER)
    assert represent(STATE_OFFICE, NOVEMBER).credits == 1
    again = Instruction.objects.get(origin=references[1])
    look_into(STATE_OFFICE, credited_later(references[1]).pk, "bank_right", "the branch shows the credit")
    again.refresh_from_db()
    assert again.state == "superseded"
    assert list(Return.objects.values_list("state", flat=True)) == ["settled", "settled"]
    assert passbook(GP1, 2)[-1].state == "credited"
    assert represent(STATE_OFFICE, NOVEMBER).credits == 0
    assert posted_kinds() == [("credited_late", 2, 60000), ("returned", 2, 60000)]


def test_what_went_out_twice_waits_until_one_of_the_two_came_back() -> None:
    references = a_month_of_people(1)
    bank_says(references, "59")
    another_month(1, NOVEMBER)
    represent(STATE_OFFICE, NOVEMBER)
    again = Instruction.objects.get(origin=references[0])
    sent(NOVEMBER, name="November's second file")
    line = credited_later(references[0])
    with pytest.raises(GoneAgain, match="November's second file"):
        look_into(STATE_OFFICE, line.pk, "bank_right", "the branch shows the credit")
    bank_says([again.reference], "59", day="03112016")
    look_into(STATE_OFFICE, line.pk, "bank_right", "the branch shows the credit")
    assert passbook(GP1, 1)[-1].state == "credited"
    assert represent(STATE_OFFICE, NOVEMBER).credits == 0
    assert posted_kinds() == [("credited_late", 1, 30000), ("returned", 2, 60000)]


def test_a_name_that_the_bank_has_otherwise_is_listed_once() -> None:
    references = a_month_of_people(3)
    lines = [
        (references[0], 30000, "1", "00", "SMT SUNEETA BAI"),
        (references[1], 30000, "1", "00", "RAMESH CHANDRA GUPTA"),
        (references[2], 30000, "1", "00", "BAI SUNITA"),
    ]
    read_response(BANK, returns_file(lines, day="01102016"), "RTN.txt")
    assert list(NameDifference.objects.values_list("member_id", "our_name", "bank_name")) == [
        (2, "SUNITA BAI", "RAMESH CHANDRA GUPTA")
    ]
    second = another_month(3, NOVEMBER)
    read_response(
        BANK, returns_file([(second[1], 30000, "1", "00", "RAMESH CHANDRA GUPTA")], day="01112016"), "b.txt"
    )
    assert NameDifference.objects.count() == 1


def test_nothing_goes_to_the_account_of_somebody_else_once_that_is_found() -> None:
    references = a_month_of_people(2)
    lines = [(one, 30000, "1", "00", "RAMESH CHANDRA GUPTA") for one in references]
    read_response(BANK, returns_file(lines, day="01102016"), "RTN.txt")
    same, other = NameDifference.objects.order_by("member_id")
    judge_name(GP1, same.key, "same", "")
    judge_name(GP1, other.key, "other", "the son-in-law's account")
    assert list(Hold.objects.values_list("member_id", "scheme", "reason", "note", "placed_by")) == [
        (2, "IGNWPS", "account", "the son-in-law's account", GP1.name)
    ]
    assert Message.objects.filter(template="payment_held").count() == 1
    case = ("payment", 2, "other_holder", "payee.change")
    assert list(Case.objects.values_list("kind", "member_id", "reason", "awaits")) == [case]
    # the next month finds the same account still, and closes nothing; with another one there is nothing left to correct
    another_month(2, NOVEMBER)
    assert list(Case.objects.filter(closed_at=None).values_list("kind", "member_id", "reason", "awaits")) == [
        case
    ]
    believe(2, "99000000077")
    another_month(2, NOVEMBER.next())
    assert not Case.objects.filter(closed_at=None).exists()
    assert Hold.objects.filter(released_at=None).count() == 1


def test_a_drawing_officer_sees_the_money_and_nobodys_name() -> None:
    references = a_month_of_people(1)
    stranger = "RAMESH CHANDRA GUPTA"
    read_response(
        BANK, returns_file([(references[0], 30000, "0", "01", stranger)], day="01102016"), "RTN.txt"
    )
    returned = Return.objects.get()
    said = {}
    for role, area in (("ddo", "B"), ("secretary", "GP1")):
        user = User.objects.create_user(role, "a long enough one", name_en=role)
        Posting.objects.create(user=user, role=role, area_code=area, from_on="2016-01-01")
        client = Client()
        client.force_login(user)
        client.cookies["haqdar_language"] = "en"
        session = client.session
        session["second_factor"] = {"at": "2026-01-01T00:00:00+00:00", "kind": "totp"}
        session.save()
        addresses = [
            reverse("desk:return-list"),
            reverse("desk:return-detail", args=[returned.key]),
            reverse("desk:return-download"),
            reverse("desk:name-list"),
            reverse("desk:name-download"),
        ]
        answers = [client.get(address) for address in addresses]
        assert [one.status_code for one in answers] == [200] * 5
        said[role] = [one.getvalue().decode() for one in answers]
    for text in said["ddo"]:
        assert not any(
            word in text for word in ("000000001", "000 000 001", stranger, "SUNITA", "Sunita", "सुनीता")
        )
    assert all("0001" in text for text in (*said["ddo"][:1], *said["ddo"][2:]))
    assert stranger in said["secretary"][3] and stranger in said["secretary"][4]
    assert not any("000000001" in text for text in (said["secretary"][2], said["secretary"][4]))
    assert AuditEvent.objects.filter(verb="return.view", object_kind="names", actor="ddo").count() == 2


def test_with_the_budget_year_the_bill_ends_and_the_money_stays_owed() -> None:
    references = a_month_of_people(2)
    now = datetime(2016, 9, 28, tzinfo=UTC)
    head = BudgetHead.objects.create(year=2016, head=fetched("SELECT DISTINCT head FROM payments_bill")[0][0])
    BudgetEntry.objects.create(budget=head, kind="allotment", paise=100000, made_at=now, made_by="x")
    (bill,) = fetched("SELECT id, persons, paise FROM payments_bill")
    version = BillVersion.objects.create(
        bill_id=bill[0], version=1, persons=bill[1], paise=bill[2], left_out_persons=0, left_out_paise=0, content_hash="",
        state="passed", sanction_no="S1", sanctioned_at=now, sanctioned_by="x", voucher_no="V1", voucher_on=date(2016, 9, 28),
    )  # fmt: skip
    BudgetEntry.objects.create(
        budget=head, kind="commitment", paise=-bill[2], version=version, made_at=now, made_by="x"
    )
    bank_says(references, "01", "59")
    with pytest.raises(YearNotOver, match=r"2016-17 ends on 2017-03-31"):
        lapse(STATE_OFFICE, 2016, date(2017, 3, 31))
    done = lapse(STATE_OFFICE, 2016, date(2017, 4, 1))
    assert (done.credits, done.paise, done.bills) == (2, 60000, 1)
    assert lapse(STATE_OFFICE, 2016, date(2017, 4, 2)).credits == 0
    head.refresh_from_db()
    assert head.balance_paise == 100000
    assert fetched("SELECT count(*) FROM payments_bill_line WHERE withdrawn_in_id IS NULL") == [(0,)]
    # the sums of the bill still agree: what left it went back to the head
    assert "sum" not in reconciliation(platform(), OCTOBER.first_day).differences
    # a supplementary bill takes the lines up; it is not paid before a credit has gone out on it
    ((supplementary,),) = fetched(
        "INSERT INTO payments_bill (run_id, kind, serial, bill_no, ddo_code, scheme, head, month, persons, paise)"
        " SELECT run_id, 'supplementary', 1, bill_no || '/S1', ddo_code, scheme, head, month, persons, paise FROM payments_bill"
        " RETURNING id"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO payments_bill_line (bill_id, due_id, component, paise)"
            " SELECT %s, due_id, component, paise FROM payments_bill_line",
            [supplementary],
        )
    again = BillVersion.objects.create(
        bill_id=supplementary, version=1, persons=bill[1], paise=bill[2], left_out_persons=0, left_out_paise=0, content_hash="",
        state="passed", sanction_no="S2", sanctioned_at=now, sanctioned_by="x", voucher_no="V2", voucher_on=date(2017, 4, 9),
    )  # fmt: skip
    mark_paid_everywhere()
    version.refresh_from_db()
    again.refresh_from_db()
    assert (version.state, again.state) == ("paid", "passed")
    another_month(2, NOVEMBER)
    # the retry goes out on the supplementary bill
    assert represent(STATE_OFFICE, NOVEMBER).credits == 1
    bank_says(sent(NOVEMBER), "00", day="03112016")
    mark_paid_everywhere()
    again.refresh_from_db()
    assert again.state == "passed"  # the other credit waits for its account
    believe(1, "99000000071")
    assert represent(STATE_OFFICE, NOVEMBER).credits == 1
    bank_says(sent(NOVEMBER), "01", day="04112016")
    mark_paid_everywhere()
    again.refresh_from_db()
    assert again.state == "paid"


def test_looking_at_what_could_be_drawn_changes_nothing() -> None:
    references = a_month_of_people(1)
    bank_says(references, "01")
    another_month(1, NOVEMBER)
    believe(1, "99000000071")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE payments_return SET lapsed_on = '2017-04-01'")
        # a page that is looked at names nobody who changes anything
        cursor.execute("SELECT set_config('haqdar.actor', '', true)")
    before = fetched("SELECT state FROM payments_return"), fetched("SELECT closed_at FROM cases_case")
    assert before == ([("waiting",)], [(None,)])
    assert drawable(platform(), "DDO1", NOVEMBER) == []
    assert before == (
        fetched("SELECT state FROM payments_return"),
        fetched("SELECT closed_at FROM cases_case"),
    )


def test_the_passbook_tells_every_step_and_what_to_do() -> None:
    references = a_month_of_people(3)
    bank_says(references, "00", "01", "51", day="03102016")
    states = {member: passbook(GP1, member)[0] for member in (1, 2, 3)}
    assert (states[1].state, states[1].state_en) == ("credited", "credited to the account")
    assert [step.kind for step in states[2].steps] == ["sent", "returned"]
    told = states[2].steps[1]
    assert (told.on, told.told_last4) == (date(2016, 10, 3), "0002")
    assert states[2].state_en == (
        "came back from the bank: the account is closed or was transferred."
        " Have the account corrected at your panchayat or town office; then it is sent again."
    )
    assert states[3].state_hi.startswith("बैंक से लौट आया: बैंक को पहचान के काग़ज़ (KYC) चाहिए। आधार और फ़ोटो लेकर")
    another_month(3, NOVEMBER)
    believe(2, "99000000042")
    represent(STATE_OFFICE, NOVEMBER)
    again = passbook(GP1, 2)[-1]
    assert (again.state, again.account_last4) == ("again", "0042")
    bank_says(sent(NOVEMBER), "00", day="04112016")
    row = passbook(GP1, 2)[-1]
    assert (row.state, [step.kind for step in row.steps]) == (
        "credited",
        ["sent", "returned", "sent", "credited"],
    )


def test_a_bank_that_credits_less_gets_the_rest_to_credit() -> None:
    references = a_month_of_people(2)
    short = [(references[0], 27500, "1", "00"), (references[1], 30000, "1", "00")]
    file = read_response(BANK, response(short), "short.txt")
    line = ResponseLine.objects.get(file=file, disposition="amount")
    with pytest.raises(NotADecision):
        look_into(STATE_OFFICE, line.pk, "bank_right", "branch telephoned")
    look_into(STATE_OFFICE, line.pk, "part", "branch telephoned: 275 arrived")
    assert posted_kinds() == [("credited", 2, 57500), ("returned", 1, 2500)]
    assert Return.objects.values_list("member_id", "paise", "action", "state").get() == (
        1,
        2500,
        "retry",
        "ready",
    )
    # said once more, of the part or of the whole, it changes nothing and waits for a person
    for name, paise in (("again.txt", 27500), ("whole.txt", 30000)):
        file = read_response(BANK, response([(references[0], paise, "1", "00")], day="05102016"), name)
        assert [row[2] for row in dispositions(file)] == ["amount"]
    again = ResponseLine.objects.filter(disposition="amount", paise=27500).latest("pk")
    with pytest.raises(SettledBefore):
        look_into(STATE_OFFICE, again.pk, "part", "once more")
    another_month(2, NOVEMBER)
    assert represent(STATE_OFFICE, NOVEMBER).paise == 2500
    rest = Instruction.objects.exclude(origin="").get()
    sent(NOVEMBER)
    read_response(BANK, response([(rest.reference, 2500, "1", "00")], day="01112016"), "rest.txt")
    assert entries.balances(1) == {"cash": -30000, "expense": 60000, "in_transit": -30000, "payable": 0}
