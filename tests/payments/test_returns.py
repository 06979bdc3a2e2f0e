"""Credits that came back: the next step of each by its reason, presented again once, and the end of the budget year."""

from datetime import UTC, date, datetime

import pytest
from tests.payments.answers import (
    BANK,
    a_month_of_people,
    another_month,
    believe,
    posted_kinds,
    response,
    returns_file,
    sent,
)
from tests.payments.bodies import GP1, OUTSIDER, STATE_OFFICE
from tests.payments.examples import OCTOBER
from tests.payments.test_posting import fetched

from haqdar.access.actors import NotYourFunction, OutsideYourArea
from haqdar.cases.models import Case
from haqdar.outreach.models import Message
from haqdar.payments import returns
from haqdar.payments.models import (
    BillVersion,
    BudgetEntry,
    BudgetHead,
    Hold,
    Instruction,
    NameDifference,
    Return,
)
from haqdar.payments.passbook import passbook
from haqdar.payments.responses.reading import read_response
from haqdar.payments.returns import MonthStillOpen, NotWaiting, SayWhatWasSettled, YearNotOver, represent

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
        returns.lapse(STATE_OFFICE, 2016, date(2017, 3, 31))
    done = returns.lapse(STATE_OFFICE, 2016, date(2017, 4, 1))
    assert (done.credits, done.paise, done.bills) == (2, 60000, 1)
    assert returns.lapse(STATE_OFFICE, 2016, date(2017, 4, 2)).credits == 0
    head.refresh_from_db()
    assert head.balance_paise == 100000
    assert fetched("SELECT count(*) FROM payments_bill_line WHERE withdrawn_in_id IS NULL") == [(0,)]
    another_month(2, NOVEMBER)
    # no supplementary bill was passed for the retry yet
    assert represent(STATE_OFFICE, NOVEMBER).credits == 0


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
    believe(2, "99000000002")
    represent(STATE_OFFICE, NOVEMBER)
    assert passbook(GP1, 2)[-1].state == "again"
    bank_says(sent(NOVEMBER), "00", day="04112016")
    row = passbook(GP1, 2)[-1]
    assert (row.state, [step.kind for step in row.steps]) == (
        "credited",
        ["sent", "returned", "sent", "credited"],
    )
