"""What can be paid only after its month was closed: accounts that become known, heirs of the dead, compensation for delays."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from tests.payments import bodies
from tests.payments.answers import BANK, response, returns_file
from tests.payments.examples import OCTOBER, payee, relations
from tests.payments.paying import account, on_record, passing
from tests.payments.succeeding import compensated, dies, inherits
from tests.payments.test_posting import fetched, posted

from haqdar.access.actors import platform
from haqdar.base.month import Month
from haqdar.cases.models import Case
from haqdar.payments import billing, budget, entries, late, returns
from haqdar.payments.bill_steps import NothingToDraw
from haqdar.payments.closing import close_month
from haqdar.payments.instructing import reference_key
from haqdar.payments.models import Hold, Instruction, NotPayable, Return
from haqdar.payments.passbook import passbook
from haqdar.payments.rails import files
from haqdar.payments.responses.reading import read_response

pytestmark = pytest.mark.django_db
NOVEMBER = OCTOBER.next()
MAKER, CHECKER = platform("maker"), platform("checker")


def person(member: int, **other: Any) -> tuple[Any, ...]:
    """A payee of the first drawing officer, with the account that the register has."""
    return payee(member, **{"area_code": "GP1", "account_sealed": account(f"30{member:09d}"), **other})


def a_district() -> None:
    bodies.a_district(dict.fromkeys(range(1, 5), "GP1"))


def allotted() -> None:
    year = budget.budget_year(OCTOBER.first_day)
    heads = fetched("SELECT DISTINCT head FROM payments_bill EXCEPT SELECT head FROM payments_budget_head")
    if heads:
        budget.allot_many(MAKER, year, [(head, 10**9) for (head,) in heads], "order 1")


def the_bills_go(month: Month) -> None:
    """Sanctioned, submitted and passed."""
    allotted()
    billing.sanction(MAKER, "DDO1", month)
    billing.submit(CHECKER, "DDO1", month)
    day = month.first_day
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM payments_bill_version WHERE state = 'submitted' ORDER BY id")
        waiting = [(number, f"T{number}", day, f"V{number}", day) for (number,) in cursor.fetchall()]
        billing.passed(cursor, waiting)


def sent(month: Month) -> list[tuple[str, int, int]]:
    """Everything that can go out with the month's files goes out: reference, paise and member of each credit."""
    for file in files.make(MAKER, month):
        files.release(CHECKER, file.key)
        files.send(CHECKER, file.key)
    return fetched(
        "SELECT i.reference, i.paise, i.member_id FROM payments_file_item t JOIN payments_instruction i ON i.id = t.instruction_id"
        " WHERE t.alive AND NOT EXISTS (SELECT FROM payments_response_line l WHERE l.instruction_id = i.id) ORDER BY i.id"
    )


def the_bank_credits(credits: list[tuple[str, int, int]], day: str = "05112016") -> None:
    lines = [(reference, paise, "1", "00") for reference, paise, _ in credits]
    read_response(BANK, response(lines, day=day), f"answers of {day} {len(credits)}")


def balanced(member: int) -> dict[str, int]:
    """What is not nothing on a person's accounts."""
    return {name: paise for name, paise in entries.balances(member).items() if paise}


def test_an_account_known_after_the_closing_is_paid_once_on_a_supplementary_bill() -> None:
    a_district()
    nobody = person(2, account_sealed=None, account_last4=None)
    posted(relations(settled=[(1, 1, "IGNWPS", 30000), (2, 1, "IGNWPS", 30000)], payee=[person(1), nobody]))
    close_month(BANK, OCTOBER)
    the_bills_go(OCTOBER)
    the_bank_credits(sent(OCTOBER))
    # nothing is written as long as the register has no account
    assert returns.represent(MAKER, OCTOBER).late == late.Late(0, 0, 0, 0)
    with pytest.raises(NothingToDraw):
        billing.supplementary(MAKER, "DDO1", OCTOBER)
    assert late.owed(2) == 30000 and passbook(BANK, 2)[0].state == "no_account"
    on_record(2)
    done = returns.represent(MAKER, OCTOBER)
    assert (done.credits, done.late) == (0, late.Late(1, 30000, 0, 0))
    assert returns.represent(MAKER, OCTOBER).late.credits == 0
    new = Instruction.objects.get(member_id=2)
    first = Instruction.objects.get(member_id=1)
    assert (new.run_id, new.origin, new.ddo_code, new.payee_name, new.account_last4) == (
        first.run_id, "", "DDO1", "SUNITA BAI", "0002",
    )  # fmt: skip
    # the reference is the one that the month's run would have given
    ((expected,),) = fetched(
        "SELECT '201610' || upper(left(encode(sha256(convert_to(%s || '/201610/2/IGNWPS', 'UTF8')), 'hex'), 24))",
        reference_key(settings.HAQDAR_SECRET),
    )
    assert new.reference == expected
    # its lines were taken out of the bill: not a rupee goes before they stand on a supplementary one
    assert sent(OCTOBER) == []
    assert len(billing.supplementary(MAKER, "DDO1", OCTOBER)) == 1
    assert sent(OCTOBER) == []
    the_bills_go(OCTOBER)
    credits = sent(OCTOBER)
    assert credits == [(new.reference, 30000, 2)]
    the_bank_credits(credits, "06112016")
    assert balanced(2) == {"expense": 30000, "cash": -30000}
    assert late.owed(2) == 0 and passbook(BANK, 2)[0].state == "credited"
    # and nothing of it again: no bill, no instruction, no file
    with pytest.raises(NothingToDraw):
        billing.supplementary(MAKER, "DDO1", OCTOBER)
    assert returns.represent(MAKER, OCTOBER).late.credits == 0 and sent(OCTOBER) == []


def test_what_is_owed_to_the_dead_waits_for_an_heir_and_goes_to_the_heir_alone() -> None:
    a_district()
    # months before the death were owed more, as became known after it; the run of November knows of the death
    dues = relations(settled=[(2, 1, "IGNWPS", 30000)], payee=[person(1), person(2)])
    posted(dues)
    close_month(BANK, OCTOBER)
    the_bills_go(OCTOBER)
    the_bank_credits(sent(OCTOBER))
    dies(1)
    arrears = [(OCTOBER.first_day, 1, 1, "IGNWPS", 30000), (OCTOBER.first_day, 2, 1, "IGNWPS", 30000)]
    dead = person(1, account_sealed=None, account_last4=None, ifsc=None, heirless=True)
    posted(relations(redetermined=arrears, payee=[dead, person(2)]), NOVEMBER)
    close_month(BANK, NOVEMBER)
    assert list(NotPayable.objects.values_list("member_id", "paise", "reason")) == [(1, 30000, "no_heir")]
    assert list(Case.objects.values_list("kind", "member_id", "reason", "awaits")) == [
        ("payment", 1, "no_heir", "payee.change")
    ]
    assert late.owed(1) == 30000
    assert "heir" in passbook(BANK, 1)[0].state_en and "वारिस" in passbook(BANK, 1)[0].state_hi
    # his own account is on record and gets nothing
    on_record(1)
    assert returns.represent(MAKER, NOVEMBER).late.credits == 0
    # a month that owes him nothing keeps the case open
    posted(relations(redetermined=arrears, payee=[dead, person(2)]), NOVEMBER.next())
    assert Case.objects.get(member_id=1).closed_at is None
    on_record(3)
    inherits(3, 1)
    assert returns.represent(MAKER, NOVEMBER).late == late.Late(1, 30000, 0, 0)
    assert Case.objects.get(member_id=1).closed_at is not None
    assert Instruction.objects.get(member_id=1).account_last4 == "0003"
    the_bills_go(NOVEMBER)
    credits = sent(NOVEMBER)
    assert [(paise, member) for _, paise, member in credits] == [(30000, 1)]
    the_bank_credits(credits, "07112016")
    assert balanced(1) == {"expense": 30000, "cash": -30000} and late.owed(1) == 0
    assert returns.represent(MAKER, NOVEMBER).late.credits == 0


def test_a_credit_that_came_back_because_of_the_death_goes_to_the_heir() -> None:
    a_district()
    posted(relations(settled=[(1, 1, "IGNWPS", 30000)], payee=[person(1)]))
    close_month(BANK, OCTOBER)
    the_bills_go(OCTOBER)
    ((reference, paise, _),) = sent(OCTOBER)
    read_response(BANK, returns_file([(reference, paise, "0", "60")]), "RTN.txt")
    assert (Return.objects.get().state, Hold.objects.get().released_at) == ("held", None)
    posted(relations(redetermined=[(OCTOBER.first_day, 1, 1, "IGNWPS", 30000)], payee=[person(1)]), NOVEMBER)
    close_month(BANK, NOVEMBER)
    on_record(3)
    inherits(3, 1)
    # a death that a bank reports is no death: the heir of somebody who lives gets nothing
    assert returns.represent(MAKER, NOVEMBER).credits == 0
    assert not Case.objects.filter(kind="payment").exists()
    dies(1)
    posted(
        relations(redetermined=[(OCTOBER.first_day, 1, 1, "IGNWPS", 30000)], payee=[person(1)]),
        NOVEMBER.next(),
    )
    assert list(Case.objects.filter(kind="payment").values_list("reason", "closed_at")) == [("no_heir", None)]
    done = returns.represent(MAKER, NOVEMBER)
    assert (done.credits, done.corrected, done.late.credits) == (1, 1, 0)
    assert Hold.objects.get().released_at is not None and Return.objects.get().state == "represented"
    assert not Case.objects.filter(kind="payment", closed_at=None).exists()
    credits = sent(NOVEMBER)
    assert [one[1:] for one in credits] == [(30000, 1)] and credits[0][0] != reference
    assert Instruction.objects.get(reference=credits[0][0]).account_last4 == "0003"
    the_bank_credits(credits)
    assert balanced(1) == {"expense": 30000, "cash": -30000}


def test_compensation_is_paid_once_with_the_next_month_and_stands_in_the_passbook() -> None:
    a_district()
    compensated(1, 25000)
    compensated(2, 50000)
    on_record(1)
    row = passbook(BANK, 1)[0]
    assert (row.kind, row.paise, row.state, row.month) == (
        "compensation",
        25000,
        "next_month",
        OCTOBER.first_day,
    )
    assert row.reason_en.startswith("for the delay") and row.state_hi.startswith("अगले महीने")
    posted(relations(settled=[(1, 1, "IGNWPS", 30000)], payee=[person(1)]))
    close_month(BANK, OCTOBER)
    # person 2 has no account: it is owed all the same
    assert returns.represent(MAKER, OCTOBER).late == late.Late(0, 0, 1, 25000)
    assert returns.represent(MAKER, OCTOBER).late.compensations == 0
    assert (balanced(2), late.owed(2)) == ({"delay": 50000, "payable": -50000}, 50000)
    # no bill of the pension is asked for it, and none is needed
    credits = sent(OCTOBER)
    assert [one[1:] for one in credits] == [(25000, 1)]
    the_bills_go(OCTOBER)
    credits = sent(OCTOBER)
    assert [one[1:] for one in credits] == [(30000, 1), (25000, 1)]
    the_bank_credits(credits)
    assert balanced(1) == {"expense": 30000, "delay": 25000, "cash": -55000}
    assert {(one.kind, one.state) for one in passbook(BANK, 1)} == {
        ("compensation", "credited"),
        ("regular", "credited"),
    }
    # the next month pays what could not go, and nothing again
    on_record(2)
    earlier = [(OCTOBER.first_day, 1, 1, "IGNWPS", 30000)]
    posted(relations(settled=[(1, 1, "IGNWPS", 30000)], redetermined=earlier, payee=[person(1)]), NOVEMBER)
    close_month(BANK, NOVEMBER)
    assert returns.represent(MAKER, NOVEMBER).late == late.Late(0, 0, 1, 50000)
    again = Instruction.objects.get(member_id=2)
    # it comes back, and goes again as a correction
    ((reference, paise, _),) = sent(NOVEMBER)
    read_response(BANK, returns_file([(reference, paise, "0", "59")]), "RTN.txt")
    assert returns.represent(MAKER, NOVEMBER).credits == 1
    the_bank_credits(sent(NOVEMBER), "08112016")
    assert balanced(2) == {"delay": 50000, "cash": -50000}
    assert Instruction.objects.get(corrects=again).origin == again.reference
    # the database itself takes one instruction of a compensation, in whichever month
    values = {
        one.attname: getattr(again, one.attname) for one in again._meta.concrete_fields if one.attname != "id"
    }
    first = Instruction.objects.get(member_id=1, run_id=again.run_id, scheme="IGNWPS")
    with pytest.raises(IntegrityError, match="one_instruction_of_an_origin"), transaction.atomic():
        Instruction.objects.create(
            **{**values, "run_id": first.run_id, "member_id": 3, "reference": "X" * 30}
        )


def test_an_heir_gets_nothing_that_was_not_owed_after_the_death() -> None:
    a_district()
    nobody = person(2, account_sealed=None, account_last4=None)
    run = posted(relations(settled=[(2, 1, "IGNWPS", 30000)], payee=[nobody]))
    close_month(BANK, OCTOBER)
    dies(2, date(2016, 9, 9))
    on_record(3)
    inherits(3, 2)
    # what is not owed is taken back when the next month closes; until then it goes nowhere, whatever bill was passed
    returns.represent(MAKER, OCTOBER)
    passing(run)
    assert sent(OCTOBER) == []
