"""One rupee to an account before its first payment: a file like any other, its answers, and what follows for the payment."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import time_machine
from tests.payments.answers import BANK, account, believe, dispositions, posted_kinds, response, returns_file
from tests.payments.bodies import GP1, OUTSIDER, PLACES, STATE_OFFICE, a_district
from tests.payments.examples import OCTOBER, payee, relations
from tests.payments.paying import CHECKER, MAKER, passing
from tests.payments.test_posting import fetched, posted

from haqdar.access.actors import NotYourFunction
from haqdar.payments.accounts import drops
from haqdar.payments.accounts.checking import check_accounts, findings
from haqdar.payments.closing import close_month
from haqdar.payments.models import AccountDrop, Hold, PaymentFile
from haqdar.payments.passbook import passbook
from haqdar.payments.rails import files, fixed, keeping
from haqdar.payments.rails.profiles import NoSuchProfile, profile
from haqdar.payments.responses.reading import read_response

pytestmark = pytest.mark.django_db
IN_TIME = date(2016, 9, 13)
PEOPLE = (1, 2, 4, 5, 6)


@pytest.fixture(autouse=True)
def closed(tmp_path: Path, settings: Any) -> Iterator[None]:
    """Five widows on accounts of their own; the month is closed and their accounts were looked at, the night after the proposals."""
    settings.HAQDAR_HOME = tmp_path
    a_district()
    for member in PEOPLE:
        believe(member, f"30{member:09d}", mobile=f"98260{member:05d}")
    payees = [payee(m, area_code=PLACES[m], account_sealed=account(f"30{m:09d}")) for m in PEOPLE]
    posted(relations(settled=[(m, 1, "IGNWPS", 30000) for m in PEOPLE], payee=payees), OCTOBER)
    close_month(BANK, OCTOBER)
    check_accounts(BANK, OCTOBER)
    with time_machine.travel(IN_TIME, tick=False):
        yield


def made() -> PaymentFile:
    (file,) = drops.make(MAKER, OCTOBER)
    return file


def sent() -> list[str]:
    """Make and release a file; returns its references in the order of the people."""
    file = made()
    with time_machine.travel(IN_TIME, tick=False):
        files.release(CHECKER, file.key)
    files.send(CHECKER, file.key)
    return list(AccountDrop.objects.filter(file=file).order_by("line_no").values_list("reference", flat=True))


def states() -> dict[int, str]:
    return {one.member_id: one.state for one in drops.outcomes(STATE_OFFICE)}


def test_rupees_go_out_in_a_file_of_their_own_and_are_nobodys_payment() -> None:
    assert drops.wanted(MAKER, OCTOBER) == drops.Wanted(OCTOBER, 5, 500, 1)
    with pytest.raises(NotYourFunction):
        drops.make(GP1, OCTOBER)
    with pytest.raises(NoSuchProfile):
        files.make(MAKER, OCTOBER, "nach-validation")
    file = made()
    assert drops.make(MAKER, OCTOBER) == []
    assert file.name == "ACH-CR-DEMO-DEMO0000001-14092016-900001-INP.txt"
    version = profile(file.profile).version_on(file.settlement_on)
    read = fixed.read(files.content(CHECKER, file), file.name, version)
    assert (read.items, read.paise, read.user_reference) == (5, 500, "HAQVAL201610900001")
    assert {(one.narration, one.paise) for one in read.credits} == {("ACCOUNT CHECK", 100)}
    assert read.credits[0].destination == "30000000001"
    # lost with the disk, it is written anew, byte for byte
    keeping.forget(OCTOBER, file.name)
    assert files.content(CHECKER, file)
    with pytest.raises(files.SamePerson):
        files.release(MAKER, file.key)
    files.withdraw(MAKER, file.key)
    again = made()
    assert (again.items, again.sequence) == (5, 2)
    with time_machine.travel(IN_TIME, tick=False):
        files.release(CHECKER, again.key)
    files.send(CHECKER, again.key)
    assert fetched("SELECT count(*) FROM payments_entry WHERE kind <> 'due'") == [(0,)]
    # the payments themselves do not wait for the bank's answer
    passing(fetched("SELECT max(run_id) FROM payments_month_closing")[0][0])
    (paid,) = files.make(MAKER, OCTOBER)
    assert paid.items == 5


def test_the_banks_answer_validates_an_account_names_another_holder_or_stops_the_payment() -> None:
    one, two, four, five, six = sent()
    before = passbook(STATE_OFFICE, 1)
    read = read_response(
        BANK,
        response(
            [
                (one, 100, "1", "00"),
                (two, 100, "1", "00", "RAMDAS PATEL"),
                (four, 100, "0", "01"),
                (five, 100, "0", "59"),
                (six, 101, "1", "00"),
            ],
            day="14092016",
        ),
        "ACH-RES.txt",
    )
    assert [row[2] for row in dispositions(read)] == ["applied"] * 4 + ["amount"]
    assert states() == {1: "validated", 2: "validated", 4: "failed", 5: "again", 6: "waiting"}
    by = {found.member_id: found for found in drops.outcomes(STATE_OFFICE)}
    assert (by[1].answered_on, by[2].bank_name, by[2].finding) == (date(2016, 9, 14), "RAMDAS PATEL", "open")
    assert (by[4].reason_code, by[1].finding) == ("01", "")
    assert {found.member_id for found in drops.outcomes(GP1)} == {1, 2} and not list(drops.outcomes(OUTSIDER))
    # in nobody's ledger and passbook; its own totals
    assert posted_kinds() == [] and passbook(STATE_OFFICE, 1) == before != []
    assert drops.tried(STATE_OFFICE) == drops.Tried(1, 2, 1, 1, 500, 200)
    # by the law a failed one holds the payment, and the person is told
    assert list(Hold.objects.values_list("member_id", "scheme", "origin", "reason")) == [
        (4, "IGNWPS", "bank", "account")
    ]
    assert fetched("SELECT template FROM outreach_message WHERE about_kind = 'hold'") == [("payment_held",)]
    assert findings(STATE_OFFICE).counts["rupee_back"] == 1
    assert {row.member_id for row in findings(STATE_OFFICE, "rupee_back").rows} == {4}
    passing(fetched("SELECT max(run_id) FROM payments_month_closing")[0][0])
    (paid,) = files.make(MAKER, OCTOBER)
    assert paid.items == 4
    # what failed in passing is tried once more, under another reference
    assert drops.wanted(MAKER, OCTOBER).accounts == 1
    (retry,) = sent()
    assert retry != five


def test_answers_may_come_twice_late_and_in_any_order() -> None:
    one, two, *_ = sent()
    credited = response([(one, 100, "1", "00"), (two, 100, "2", "  ")], day="14092016")
    back = returns_file([(one, 100, "0", "54"), (two, 100, "0", "60")], day="16092016")
    read_response(BANK, credited, "a.txt")
    assert read_response(BANK, credited, "a again.txt").name == "a.txt"
    assert states()[1] == "validated"
    read_response(BANK, back, "b.txt")
    again = read_response(BANK, response([(one, 100, "1", "00")], day="14092016"), "c.txt")
    assert dispositions(again) == [(2, "credited", "repeated", "")]
    assert (states()[1], states()[2]) == ("failed", "failed")
    # of whom the bank reports dead everything is held, and nobody is told by telephone
    assert dict(Hold.objects.values_list("member_id", "reason")) == {1: "account", 2: "died"}
    assert fetched("SELECT count(*) FROM outreach_message WHERE about_kind = 'hold'") == [(1,)]


def test_an_answer_to_what_was_never_sent_is_set_aside() -> None:
    file = made()
    reference = AccountDrop.objects.get(file=file, line_no=1).reference
    read = read_response(BANK, response([(reference, 100, "1", "00")]), "a.txt")
    assert [row[2] for row in dispositions(read)] == ["not_sent"]
    assert set(states().values()) == {"waiting"}


def test_where_the_law_only_lists_nothing_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    rules = files.rules()
    listing = replace(rules, account_drop=replace(rules.account_drop, failed="listed"))
    monkeypatch.setattr(files, "rules", lambda: listing)
    one, *_ = sent()
    read_response(BANK, response([(one, 100, "0", "01")]), "a.txt")
    assert states()[1] == "failed" and not Hold.objects.exists()
