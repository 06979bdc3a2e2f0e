"""Bills on their way: what goes out, what stays, whose money it takes, and that no step can be taken twice or by one hand."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest
import time_machine
from django.conf import settings
from django.db import IntegrityError, connection, connections, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as settings_of
from hypothesis import strategies as st
from tests.payments.examples import OCTOBER, payee, relations
from tests.payments.test_posting import fetched, posted, raw

from haqdar.access.actors import DDO, SANCTIONING_OFFICER, STATE, Actor, NotYourFunction, OutsideYourArea
from haqdar.access.models.areas import Area, Office
from haqdar.base.month import Month
from haqdar.law.payments import payment_rules
from haqdar.payments import bill_reads, billing, budget, closing, proposals
from haqdar.payments.bill_reads import MonthNotClosed, NoSuchOfficer
from haqdar.payments.bill_steps import (
    AlreadyPaying,
    NoReason,
    NothingToDraw,
    NotThere,
    answer,
    drawable,
    mark_paid_everywhere,
)
from haqdar.payments.billing import NothingToSanction, NothingToSubmit, SameHand
from haqdar.payments.budget import BudgetShort, NoAmount, NoOrderNumber, NotThatMuch
from haqdar.payments.proposals import BodiesStillAtWork, Days

CEO = Actor(1, "ceo", frozenset({SANCTIONING_OFFICER}), ("/S/B1/",))
PURSE = Actor(2, "purse", frozenset({DDO}), ("/S/B1/",))
BOTH = Actor(3, "both", frozenset({SANCTIONING_OFFICER, DDO}), ("/S/B1/",))
STRANGER = Actor(4, "stranger", frozenset({SANCTIONING_OFFICER, DDO}), ("/S/B2/",))
CELL = Actor(5, "cell", frozenset({STATE}), None)


def places() -> None:
    for code, kind, path in (
        ("S", "state", "/S/"),
        ("B1", "block", "/S/B1/"),
        ("B2", "block", "/S/B2/"),
        ("GP1", "gp", "/S/B1/GP1/"),
        ("V1", "village", "/S/B1/GP1/V1/"),
    ):
        parent = path.split("/")[-3] or None
        Area.objects.create(
            area_code=code, kind=kind, name_en=code, path=path, depth=path.count("/") - 2, parent_code=parent
        )
    for number in ("1", "2"):
        Office.objects.create(
            office_code=f"JP{number}",
            kind="janpad",
            area_id=f"B{number}",
            ddo_code=f"DDO{number}",
            name_en=f"Janpad {number}",
        )


def a_closed_month(month: Month = OCTOBER) -> int:
    """Four payees of DDO1 (one without an account) and one of DDO2; 275 in two components, so three heads of DDO1."""
    run_id = posted(
        relations(
            settled=[
                (1, 1, "IGNOAPS", 27500),
                (2, 1, "IGNOAPS", 27500),
                (3, 1, "IGNOAPS", 20000),
                (4, 1, "IGNWPS", 30000),
                (5, 1, "IGNWPS", 30000),
            ],
            payee=[
                payee(1),
                payee(2, area_code="V1"),
                payee(3, account_sealed=None),
                payee(4),
                payee(5, ddo_code="DDO2"),
            ],
        ),
        month,
    )
    closing.close_month(CELL, month)
    return run_id


def pool(rupees: int = 10_000, month: Month = OCTOBER) -> None:
    year = budget.budget_year(month.first_day)
    heads = [head for (head,) in fetched("SELECT DISTINCT head FROM payments_bill")]
    budget.allot_many(CELL, year, [(head, rupees * 100) for head in heads], "F.1 of 1 April 2016")


def hold(member: int, scheme: str = "IGNOAPS") -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO payments_hold (member_id, pension_group, scheme, origin, reason, note, placed_at, placed_by,"
            " review_on, released_by, release_note) VALUES (%s, 1, %s, 'officer', 'x', '', now(), 'ceo', now(), '', '')",
            [member, scheme],
        )


def release(member: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE payments_hold SET released_at = now(), released_by = 'ceo' WHERE member_id = %s", [member]
        )


def versions() -> list[tuple[Any, ...]]:
    return fetched(
        "SELECT b.bill_no, v.version, v.state, v.persons, v.paise, v.left_out_persons, v.left_out_paise"
        " FROM payments_bill_version v JOIN payments_bill b ON b.id = v.bill_id ORDER BY b.bill_no, v.version"
    )


def key_of(bill_no: str) -> UUID:
    ((key,),) = fetched(
        "SELECT v.key FROM payments_bill_version v JOIN payments_bill b ON b.id = v.bill_id WHERE b.bill_no = %s"
        " ORDER BY v.version DESC LIMIT 1",
        bill_no,
    )
    assert isinstance(key, UUID)
    return key


def pass_all() -> None:
    ids = [number for (number,) in fetched("SELECT id FROM payments_bill_version WHERE state = 'submitted'")]
    day = date(2016, 9, 25)
    with transaction.atomic(), connection.cursor() as cursor:
        billing.passed(cursor, [(number, f"T{number}", day, f"V{number}", day) for number in ids])


@pytest.fixture
def _october(db: None) -> None:
    places()
    a_closed_month()


@pytest.mark.usefixtures("_october")
class TestOneOfficer:
    def test_what_is_sanctioned_leaves_out_who_cannot_be_paid_and_takes_its_sum(self) -> None:
        pool()
        hold(2)
        before = billing.prepare(CEO, "DDO1", OCTOBER)
        assert (before.persons, before.paise) == (3, 57500)
        assert before.out == {
            "held": (2, 27500),
            "unpayable": (1, 20000),
            "waiting": (0, 0),
            "earlier": (0, 0),
        }
        done = billing.sanction(CEO, "DDO1", OCTOBER)
        assert (done.bills, done.persons, done.paise) == (3, before.persons, before.paise)
        numbers = [row[0] for row in versions()]
        assert versions() == [
            (numbers[0], 1, "sanctioned", 1, 20000, 2, 40000),
            (numbers[1], 1, "sanctioned", 1, 7500, 1, 7500),
            (numbers[2], 1, "sanctioned", 1, 30000, 0, 0),
        ]
        # what stands, what was left out and the bill as drawn agree to the paisa; nothing of the other officer moved
        assert fetched(
            "SELECT sum(l.paise) FILTER (WHERE withdrawn_in_id IS NULL), sum(l.paise) FROM payments_bill_line l"
            " JOIN payments_bill b ON b.id = l.bill_id WHERE b.ddo_code = 'DDO1'"
        ) == [(57500, 105000)]
        heads = {head.head: head for head in budget.heads(PURSE, 2016)}
        assert {row.spent for row in heads.values()} == {20000, 7500, 30000}
        assert all(row.available == 1_000_000 - row.spent for row in heads.values())
        with pytest.raises(NothingToSanction):
            billing.sanction(CEO, "DDO1", OCTOBER)

    def test_a_short_budget_refuses_all_and_says_what_is_missing(self) -> None:
        pool(275)
        with pytest.raises(BudgetShort) as refused:
            billing.sanction(CEO, "DDO1", OCTOBER)
        assert "₹300 needed, ₹275 available" in refused.value.en
        assert "₹300 चाहिए, ₹275 उपलब्ध" in refused.value.hi
        assert versions() == []
        assert fetched("SELECT count(*) FROM payments_budget_entry WHERE kind = 'commitment'") == [(0,)]
        assert fetched("SELECT count(*) FROM payments_bill_line WHERE withdrawn_in_id IS NOT NULL") == [(0,)]
        done = billing.sanction(CEO, "DDO1", OCTOBER, leave_short=True)
        assert (done.bills, done.without_budget) == (1, 2)

    def test_two_people_two_offices_one_step_at_a_time(self) -> None:
        pool()
        for refused, actor in ((NotYourFunction, PURSE), (OutsideYourArea, STRANGER)):
            with pytest.raises(refused):
                billing.sanction(actor, "DDO1", OCTOBER)
        with pytest.raises(NoSuchOfficer):
            billing.prepare(CELL, "DDO9", OCTOBER)
        with pytest.raises(MonthNotClosed):
            billing.sanction(CEO, "DDO1", OCTOBER.next())
        with pytest.raises(NothingToSubmit):
            billing.submit(PURSE, "DDO1", OCTOBER)
        billing.sanction(BOTH, "DDO1", OCTOBER)
        with pytest.raises(SameHand):
            billing.submit(BOTH, "DDO1", OCTOBER)
        with pytest.raises(OutsideYourArea):
            billing.submit(STRANGER, "DDO1", OCTOBER)
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE payments_bill_version SET submitted_by = 'both'")
        assert len(billing.submit(PURSE, "DDO1", OCTOBER)) == 3
        with pytest.raises(psycopg.errors.RestrictViolation), transaction.atomic(), raw() as cursor:
            cursor.execute("UPDATE payments_bill_version SET paise = paise + 1")
        assert fetched(
            "SELECT verb, count(*) FROM access_audit_event WHERE object_kind = 'bill' GROUP BY 1 ORDER BY 1"
        ) == [("bill.sanction", 3), ("bill.submit", 3)]

    def test_an_objection_gives_the_money_back_and_the_next_version_keeps_the_token(self) -> None:
        pool()
        billing.sanction(CEO, "DDO1", OCTOBER)
        billing.submit(PURSE, "DDO1", OCTOBER)
        number = versions()[2][0]
        key = key_of(number)
        day = date(2016, 9, 23)
        answer(PURSE, "DDO1", [(key, "T1", day, "", None)])
        with pytest.raises(NoReason):
            billing.objected(PURSE, key, "  ")
        billing.objected(PURSE, key, "sanction order is missing")
        with pytest.raises(NotThere):
            billing.objected(PURSE, key, "again")
        hold(4, "IGNWPS")
        with pytest.raises(NothingToSanction):
            billing.sanction(CEO, "DDO1", OCTOBER)
        release(4)
        done = billing.sanction(CEO, "DDO1", OCTOBER)
        assert [row[2] for row in done.versions] == [f"{number}/S2"]
        assert fetched("SELECT token_no, token_on FROM payments_bill_version WHERE version = 2") == [
            ("T1", day)
        ]
        assert fetched(
            "SELECT e.kind, e.paise FROM payments_budget_entry e JOIN payments_budget_head h ON h.id = e.budget_id"
            " JOIN payments_bill b ON b.head = h.head WHERE b.bill_no = %s ORDER BY e.id",
            number,
        ) == [("allotment", 1_000_000), ("commitment", -30000), ("release", 30000), ("commitment", -30000)]

    def test_passed_twice_is_passed_once_and_paid_when_all_is_answered(self) -> None:
        pool()
        billing.sanction(CEO, "DDO1", OCTOBER)
        billing.submit(PURSE, "DDO1", OCTOBER)
        pass_all()
        before = fetched("SELECT id, voucher_no FROM payments_bill_version ORDER BY id")
        with transaction.atomic(), connection.cursor() as cursor:
            assert billing.passed(cursor, [(before[0][0], "", None, "OTHER", date(2016, 9, 30))]) == 0
        assert fetched("SELECT id, voucher_no FROM payments_bill_version ORDER BY id") == before
        ((run_id, month),) = fetched("SELECT run_id, month FROM payments_month_closing")
        with connection.cursor() as cursor:
            assert billing.mark_paid(cursor, run_id) == 0
            # the widow's credit is answered, the old people's are not
            cursor.execute(
                "INSERT INTO payments_entry (month, kind, source_id, member_id, pension_group, scheme, debit, credit, paise,"
                " posted_at) SELECT %s, 'returned', id, member_id, 1, scheme, 'payable', 'in_transit', paise, now()"
                " FROM payments_instruction WHERE scheme = 'IGNWPS'",
                [month],
            )
        assert mark_paid_everywhere() == 1
        assert [row[2] for row in versions()] == ["passed", "passed", "paid"]

    def test_cancelling_ends_with_the_first_file(self) -> None:
        pool()
        billing.sanction(CEO, "DDO1", OCTOBER)
        billing.submit(PURSE, "DDO1", OCTOBER)
        pass_all()
        first, _, widows = (row[0] for row in versions())
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO payments_file (profile, profile_from, month, sequence, name, settlement_on, items, paise, sha256,"
                " size, state, made_at, made_by, released_by, withdrawn_by) VALUES ('p', '2016-01-01', '2016-10-01', 1, 'n',"
                " '2016-10-01', 1, 30000, '', 1, 'made', now(), 'm', '', '') RETURNING id"
            )
            (file_id,) = cursor.fetchone()
            cursor.execute(
                "INSERT INTO payments_file_item (file_id, instruction_id, line_no, paise, alive)"
                " SELECT %s, id, 1, paise, true FROM payments_instruction WHERE scheme = 'IGNWPS' AND member_id = 4",
                [file_id],
            )
        with pytest.raises(AlreadyPaying):
            billing.cancel(PURSE, key_of(widows), "a mistake")
        billing.cancel(PURSE, key_of(first), "a mistake")
        assert [row[2] for row in versions()] == ["cancelled", "passed", "passed"]
        assert billing.sanction(CEO, "DDO1", OCTOBER).bills == 1

    def test_what_was_held_goes_out_once_on_a_supplementary_bill(self) -> None:
        pool()
        hold(2)
        billing.sanction(CEO, "DDO1", OCTOBER)
        with pytest.raises(NothingToDraw):
            billing.supplementary(PURSE, "DDO1", OCTOBER)
        release(2)
        found = drawable(PURSE, "DDO1", OCTOBER)
        assert [(row.persons, row.paise) for row in found] == [(1, 20000), (1, 7500)]
        drawn = billing.supplementary(PURSE, "DDO1", OCTOBER)
        assert drawn == [f"{row.bill_no}-1" for row in found]
        with pytest.raises(NothingToDraw):
            billing.supplementary(PURSE, "DDO1", OCTOBER)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        # held again before the sanction: the supplementary bill has nobody left and waits
        hold(2)
        with pytest.raises(NothingToSanction):
            billing.sanction(CEO, "DDO1", OCTOBER)
        release(2)
        done = billing.sanction(CEO, "DDO1", OCTOBER)
        assert (done.bills, done.paise) == (2, 27500)
        assert (
            fetched(
                "SELECT due_id, component, count(*) FILTER (WHERE withdrawn_in_id IS NULL) FROM payments_bill_line"
                " GROUP BY 1, 2 HAVING count(*) FILTER (WHERE withdrawn_in_id IS NULL) > 1"
            )
            == []
        )


def proposal(body: str, ddo: str, state: str = "generated", scheme: str = "IGNOAPS") -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO payments_proposal (run_id, month, body_code, ddo_code, scheme, persons, new_persons, ended_persons,"
            " changed_persons, regular_paise, arrears_paise, recovery_paise, withheld_paise, payable_paise, held_persons,"
            " held_paise, unpayable_persons, unpayable_paise, due_on, state, submitted_at, verified_by, submitted_by)"
            " SELECT run_id, month, %s, %s, %s, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '2016-09-18', %s,"
            " CASE WHEN %s = 'submitted' THEN now() END, '', '' FROM payments_month_closing",
            [body, ddo, scheme, state, state],
        )
        cursor.execute(
            "INSERT INTO payments_proposal_payees (proposal_id, members, ended) SELECT p.id, array_agg(d.member_id), '{}'"
            " FROM payments_proposal p JOIN payments_due d USING (run_id, ddo_code, scheme)"
            " WHERE p.scheme = %s GROUP BY p.id",
            [scheme],
        )


@pytest.mark.usefixtures("_october")
class TestLocalBodies:
    def test_before_the_day_of_the_bill_they_are_waited_for_and_then_go_on_in_silence(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pool()
        days = Days(date(2016, 9, 18), date(2016, 9, 22))
        for module in (proposals, bill_reads):
            monkeypatch.setattr(module, "days_of_closed", lambda month: days)
        proposal("GP1", "DDO1")
        proposal("GP1", "DDO1", "submitted", "IGNWPS")
        with time_machine.travel(datetime(2016, 9, 21, 8, tzinfo=UTC)):
            with pytest.raises(BodiesStillAtWork) as refused:
                billing.sanction(CEO, "DDO1", OCTOBER)
            assert "22 September 2016" in refused.value.en and "22 सितंबर 2016" in refused.value.hi
            assert billing.prepare(CEO, "DDO1", OCTOBER).must_wait
        with time_machine.travel(datetime(2016, 9, 22, 8, tzinfo=UTC)):
            assert billing.sanction(CEO, "DDO1", OCTOBER).bills == 3
        assert fetched("SELECT scheme, state FROM payments_proposal ORDER BY 1") == [
            ("IGNOAPS", "silent"),
            ("IGNWPS", "submitted"),
        ]

    def test_where_the_law_waits_their_people_follow_on_a_supplementary_bill(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pool()
        waits = replace(payment_rules(settings.HAQDAR_LAW), silent_body="waits")
        for module in (bill_reads, proposals):
            monkeypatch.setattr(module, "payment_rules", lambda folder: waits)
        proposal("GP1", "DDO1")
        assert billing.prepare(CEO, "DDO1", OCTOBER).out["waiting"] == (4, 55000)
        done = billing.sanction(CEO, "DDO1", OCTOBER)
        assert (done.bills, done.paise) == (1, 30000)
        with pytest.raises(NothingToDraw):
            billing.supplementary(PURSE, "DDO1", OCTOBER)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE payments_proposal SET state = 'verified'")
            cursor.execute("UPDATE payments_proposal SET state = 'submitted', submitted_at = now()")
        assert billing.sanction(CEO, "DDO1", OCTOBER).paise == 55000


@pytest.mark.usefixtures("_october")
class TestWholeState:
    def test_all_officers_at_once_are_the_sum_of_each(self) -> None:
        pool()
        hold(2)
        each = [billing.prepare(CELL, ddo, OCTOBER) for ddo in ("DDO1", "DDO2")]
        ((run_id,),) = fetched("SELECT run_id FROM payments_month_closing")
        with transaction.atomic(), connection.cursor() as cursor:
            done = billing.sanction_all(cursor, run_id, None, "ceo")
            assert done.paise == sum(one.paise for one in each) == 87500
            assert done.persons == sum(one.persons for one in each)
            assert billing.submit_all(cursor, run_id, None, "ceo") == []
            assert len(billing.submit_all(cursor, run_id, None, "purse")) == done.bills
            assert billing.sanction_all(cursor, run_id, None, "ceo").bills == 0


class TestBudget:
    @pytest.mark.django_db
    def test_it_is_entered_by_order_and_never_taken_below_nothing(self) -> None:
        assert budget.allot(CELL, 2016, "2235", 10_000, "F.1") == 10_000
        assert budget.allot(CELL, 2016, "2235", 5_000, "F.2", kind="additional") == 15_000
        assert budget.surrender(CELL, 2016, "2235", 4_000, "F.3") == 11_000
        with pytest.raises(NotThatMuch) as refused:
            budget.withdraw(CELL, 2016, "2235", 11_001, "F.4")
        assert "₹110 " in refused.value.en and "2016-17" in refused.value.hi
        for problem, paise, order in ((NoAmount, 0, "F"), (NoAmount, -5, "F"), (NoOrderNumber, 5, " ")):
            with pytest.raises(problem):
                budget.allot(CELL, 2016, "2235", paise, order)
        with pytest.raises(NotYourFunction):
            budget.allot(PURSE, 2016, "2235", 100, "F.5")
        assert [(line.kind, line.paise, line.balance) for line in budget.entries_of(PURSE, 2016, "2235")] == [
            ("surrender", -4_000, 11_000),
            ("additional", 5_000, 15_000),
            ("allotment", 10_000, 10_000),
        ]
        assert (budget.budget_year(date(2017, 3, 31)), budget.budget_year(date(2017, 4, 1))) == (2016, 2017)

    @pytest.mark.django_db
    @given(
        steps=st.lists(
            st.tuples(st.sampled_from(("allot", "withdraw", "surrender")), st.integers(1, 500)), max_size=12
        )
    )
    @settings_of(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_whatever_is_entered_the_balance_is_the_sum_and_never_negative(
        self, steps: list[tuple[str, int]]
    ) -> None:
        balance = 0
        with transaction.atomic():
            for name, paise in steps:
                fits = name == "allot" or paise <= balance
                if fits:
                    balance += paise if name == "allot" else -paise
                    assert getattr(budget, name)(CELL, 2016, "h", paise, "F") == balance
                else:
                    with pytest.raises(NotThatMuch):
                        getattr(budget, name)(CELL, 2016, "h", paise, "F")
            assert fetched("SELECT coalesce(sum(balance_paise), 0) FROM payments_budget_head") == [(balance,)]
            transaction.set_rollback(True)

    @pytest.mark.django_db(transaction=True)
    def test_two_at_the_same_moment_never_overdraw_it(self) -> None:
        """Two drawing officers of one head, sanctioned at once with budget for one: one is sanctioned, one refused."""
        places()
        a_closed_month()
        heads = fetched("SELECT head, max(paise) FROM payments_bill GROUP BY 1")
        budget.allot_many(CELL, 2016, heads, "F.1")
        outcomes: list[str] = []
        start = threading.Barrier(2)

        def sanction(ddo: str) -> None:
            try:
                start.wait(10)
                actor = Actor(1, f"ceo{ddo}", frozenset({SANCTIONING_OFFICER}), ("/S/",))
                outcomes.append(str(billing.sanction(actor, ddo, OCTOBER).bills > 0))
            except BudgetShort:
                outcomes.append("short")
            finally:
                connections.close_all()

        both = [threading.Thread(target=sanction, args=(ddo,)) for ddo in ("DDO1", "DDO2")]
        for one in both:
            one.start()
        for one in both:
            one.join(30)
        assert sorted(outcomes) == ["True", "short"]
        assert fetched("SELECT min(balance_paise) >= 0, count(*) FROM payments_budget_head") == [
            (True, len(heads))
        ]
        assert fetched(
            "SELECT count(*) FROM payments_budget_head h WHERE balance_paise <>"
            " (SELECT sum(paise) FROM payments_budget_entry e WHERE e.budget_id = h.id)"
        ) == [(0,)]
