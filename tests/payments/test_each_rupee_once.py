"""Each rupee once: whatever becomes known and whoever does what in whatever order, everybody gets what is owed, once, in the end."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from functools import partial
from typing import ClassVar

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests.payments import answers, bodies
from tests.payments.examples import payee, relations
from tests.payments.paying import account, on_record
from tests.payments.succeeding import compensated, dies, inherits
from tests.payments.test_posting import fetched, posted

from haqdar.access.actors import platform
from haqdar.base.month import Month
from haqdar.base.refusal import Refusal
from haqdar.payments import billing, budget, holds, proposals, recoveries, returns
from haqdar.payments.rails import files
from haqdar.payments.responses.reading import read_response

START = Month(2016, 4)
MEMBERS = (1, 3, 5)  # of a panchayat, the same without an account, of a town with another drawing officer
HEIR = 2
SCHEMES = {1: (("IGNOAPS", 20000), ("IGNOAPS", 27500), ("IGNWPS", 30000), None), 3: (("MRMD", 50000), None)}
Award = tuple[str, int] | None
MAKER, CHECKER, BANK = platform("maker"), platform("checker"), platform("bank")
DDOS, BODIES = ("DDO1", "DDO2"), ("GP1", "T")
members, groups, picks = st.sampled_from(MEMBERS), st.sampled_from((1, 3)), st.integers(0, 3)
ddos, dice = st.sampled_from(DDOS), st.integers(0, 9)

HISTORIES = int(os.environ.get("RUPEE_HISTORIES", "3"))
"""Random histories of a run; more on demand."""
BALANCES = """
    SELECT member_id, scheme, account, sum(paise)::bigint FROM (
        SELECT member_id, scheme, debit AS account, paise FROM payments_entry
        UNION ALL SELECT member_id, scheme, credit, -paise FROM payments_entry
    ) m GROUP BY 1, 2, 3
"""
OVER_PAID = """
    SELECT member_id, sum(paise)::bigint FROM (
        SELECT d.member_id, -d.paise AS paise FROM payments_due d JOIN payments_month_closing c ON c.run_id = d.run_id
        WHERE d.kind = 'recovery'
        UNION ALL SELECT d.member_id, -w.paise FROM payments_withholding w
        JOIN payments_month_closing c ON c.run_id = w.run_id JOIN payments_due d ON d.id = w.recovery_id
        UNION ALL SELECT d.member_id, -s.paise FROM payments_settlement s JOIN payments_due d ON d.id = s.recovery_id
    ) o GROUP BY 1
"""
OWED = """
    SELECT member_id, 'COMPENSATION', sum(paise)::bigint FROM cases_compensation c
    WHERE EXISTS (SELECT FROM payments_entry e WHERE e.kind = 'compensation' AND e.source_id = c.id) GROUP BY 1
    UNION ALL
    SELECT member_id, scheme, sum(paise)::bigint FROM (
        SELECT d.member_id, d.scheme, d.paise - coalesce(w.paise, 0) AS paise
        FROM payments_due d JOIN payments_month_closing c ON c.run_id = d.run_id
        LEFT JOIN (SELECT due_id, sum(paise) AS paise FROM payments_withholding GROUP BY 1) w ON w.due_id = d.id
        WHERE d.kind <> 'recovery'
        UNION ALL
        -- over-paid, and it came back or never went out
        SELECT d.member_id, d.scheme, -s.paise FROM payments_settlement s JOIN payments_due d ON d.id = s.recovery_id
        WHERE s.kind = 'not_paid'
    ) o GROUP BY 1, 2
"""


class EachRupeeOnce(RuleBasedStateMachine):
    """A small State in which people learn, decide, hold, send, answer and repeat themselves in any order."""

    seen: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        bodies.a_district({member: bodies.PLACES[member] for member in (*MEMBERS, HEIR)})
        on_record(HEIR)
        self.dead: set[int] = set()
        self.died: dict[int, Month] = {}
        self.heirs: set[int] = set()
        self.has_account = {1, 5}
        self.duck = relations(payee=[self.payee(member) for member in MEMBERS])
        self.owed: dict[tuple[int, int, Month], Award] = {}
        self.next = START
        self.closed: list[Month] = []
        self.bank: dict[str, int] = {}
        self.post: list[bytes] = []
        self.read: list[bytes] = []

    def payee(self, member: int) -> tuple[object, ...]:
        """A row for the month's run, with the account that the register has; person 3 has none."""
        place = bodies.PLACES[member]
        town = {"rural": False, "ddo_code": "DDO2"} if place.startswith("W") else {}
        if member == 3:
            return payee(member, area_code=place, account_sealed=None, account_last4=None, **town)
        on_record(member)
        return payee(member, area_code=place, account_sealed=account(f"30{member:09d}"), **town)

    def teardown(self) -> None:
        """However it went, it ends with everything carried through."""
        try:
            if sys.exc_info()[0] is None and self.owed:
                self.to_the_end()
        finally:
            transaction.set_rollback(True)
            self.savepoint.__exit__(None, None, None)
            self.duck.close()

    def to_the_end(self) -> None:
        if self.next == START:
            self.the_next_month_is_run()
        while START.plus(len(self.closed)) < self.next:
            self.the_oldest_open_month_is_closed()
        self.everything_is_carried_through()
        self.the_ledger_says_what_the_books_and_the_bank_say()
        self.nobody_is_instructed_twice()

    # -- what becomes known, and the month's run

    @initialize(first=st.lists(picks, min_size=6, max_size=6))
    def awards_come_in(self, first: list[int]) -> None:
        for number, (member, group) in enumerate((m, g) for m in MEMBERS for g in SCHEMES):
            self.learn(member, group, START, first[number])

    def learn(self, member: int, group: int, since: Month, pick: int) -> None:
        award = SCHEMES[group][pick % len(SCHEMES[group])]
        for number in range(12):
            month = START.plus(number)
            if month >= since:
                # nobody is owed a month that began after the death
                self.owed[member, group, month] = (
                    None if month >= self.died.get(member, month.next()) else award
                )

    @rule(member=members, group=groups, pick=picks, late=st.integers(0, 4))
    def a_fact_becomes_known(self, member: int, group: int, pick: int, late: int) -> None:
        """At once or months late; closed months are corrected by arrears and recoveries."""
        self.learn(member, group, max(START, self.next.plus(-late)), pick)

    @rule()
    def an_account_becomes_known(self) -> None:
        """Of the person who had none: the months that are closed can send their money since."""
        if 3 in self.has_account:
            return
        on_record(3)
        self.has_account.add(3)
        if 3 not in self.dead:
            self.paid_into(3, 3)

    @rule(member=members)
    def somebody_died(self, member: int) -> None:
        """What is owed for the months before waits for an heir."""
        if member in self.dead:
            return
        # no month was posted after the death: what such a month would have taken back is tested by itself (test_not_owed)
        since = self.next
        self.died[member] = since
        dies(member, since.first_day - timedelta(days=5))
        self.dead.add(member)
        for group in SCHEMES:
            self.learn(member, group, since, 3)
        self.duck.execute(
            "UPDATE payee SET heirless = true, account_sealed = NULL WHERE member_id = ?", [member]
        )

    @rule(member=members)
    def an_heir_is_registered(self, member: int) -> None:
        if member in self.dead and member not in self.heirs:
            inherits(HEIR, member)
            self.heirs.add(member)
            self.paid_into(member, HEIR)

    def paid_into(self, member: int, whose: int) -> None:
        """The next runs pay a member into the account of whom the register says."""
        self.duck.execute(
            "UPDATE payee SET heirless = false, ifsc = 'SBIN0001234', account_sealed = ?, account_last4 = ? WHERE member_id = ?",
            [account(f"30{whose:09d}"), f"{whose:04d}", member],
        )

    @rule(member=members, paise=st.integers(1, 5))
    def a_delay_is_compensated(self, member: int, paise: int) -> None:
        compensated(member, paise * 5000)

    @precondition(lambda self: self.next < START.plus(6))
    @rule()
    def the_next_month_is_run(self) -> None:
        self.run(self.next)
        self.next = self.next.next()

    @precondition(lambda self: self.next > START and self.next.previous() not in self.closed)
    @rule()
    def the_last_month_is_run_again(self) -> None:
        self.run(self.next.previous())

    def run(self, month: Month) -> None:
        for name in ("settled", "redetermined"):
            self.duck.execute(f"DELETE FROM {name}")
        for (member, group, of), award in self.owed.items():
            if of < month:
                code, paise = award or (None, None)
                values = [of.first_day, member, group, code, paise]
                self.duck.execute("INSERT INTO redetermined VALUES (?, ?, ?, ?, ?)", values)
            elif of == month and award is not None:
                self.duck.execute("INSERT INTO settled VALUES (?, ?, ?, ?)", [member, group, *award])
        posted(self.duck, month)

    @precondition(lambda self: START.plus(len(self.closed)) < self.next)
    @rule()
    def the_oldest_open_month_is_closed(self) -> None:
        month = START.plus(len(self.closed))
        assert proposals.propose(MAKER, month).now or not fetched(
            "SELECT FROM payments_due d JOIN cases_month_run r ON r.id = d.run_id WHERE r.month = %s AND r.posted"
            " AND r.state = 'complete' AND d.kind <> 'recovery'",
            month.first_day,
        )
        self.closed.append(month)

    # -- the offices

    @precondition(lambda self: self.closed)
    @rule(body=st.sampled_from(BODIES), which=dice, fate=dice)
    def a_body_looks_at_its_proposals(self, body: str, which: int, fate: int) -> None:
        """Verified and submitted, or somebody is left out by name first."""
        month = self.closed[which % len(self.closed)]
        if fate == 0:
            for key, member in fetched(
                "SELECT p.key, y.members[1] FROM payments_proposal p JOIN payments_proposal_payees y ON y.proposal_id = p.id"
                " WHERE p.body_code = %s AND p.month = %s AND p.state = 'generated' ORDER BY p.id LIMIT 1",
                body,
                month.first_day,
            ):
                left = proposals.LeftOut(bodies.key_of(member), "not_found", "")
                self.tried(partial(proposals.verify, MAKER, key, [left]))
        self.tried(partial(proposals.verify_rest, MAKER, body, month))
        if fate < 8:
            self.tried(partial(proposals.submit, MAKER, body, month))

    def tried(self, act: Callable[[], object]) -> None:
        """Do it if the house lets us; what it refuses changes nothing."""
        with suppress(Refusal), transaction.atomic():
            act()

    @rule(member=members, scheme=st.sampled_from(("IGNOAPS", "IGNWPS", "MRMD")))
    def somebody_is_held(self, member: int, scheme: str) -> None:
        self.tried(lambda: holds.hold(MAKER, bodies.key_of(member), scheme, "not_found", "not at home"))

    @rule(which=dice)
    def a_hold_is_released(self, which: int) -> None:
        standing = fetched("SELECT key FROM payments_hold WHERE released_at IS NULL ORDER BY id")
        if standing:
            holds.release(MAKER, standing[which % len(standing)][0], "came back")

    @precondition(lambda self: self.closed)
    @rule(ddo=ddos, which=dice, fate=dice)
    def bills_take_their_way(self, ddo: str, which: int, fate: int) -> None:
        """Sanctioned and submitted; then the treasury passes them, objects, or they are cancelled and drawn anew."""
        month = self.closed[which % len(self.closed)]
        self.allot()
        self.tried(lambda: billing.sanction(MAKER, ddo, month))
        if fate == 0:
            return
        self.tried(lambda: billing.submit(CHECKER, ddo, month))
        waiting = fetched(
            "SELECT v.id, v.key FROM payments_bill_version v JOIN payments_bill b ON b.id = v.bill_id"
            " WHERE b.ddo_code = %s AND b.month = %s AND v.state = 'submitted' ORDER BY v.id",
            ddo,
            month.first_day,
        )
        if waiting and fate in (1, 2):
            end = billing.objected if fate == 1 else billing.cancel
            self.tried(lambda: end(CHECKER, waiting[0][1], "wrong head"))
            waiting = waiting[1:]
        day = month.first_day
        with connection.cursor() as cursor:
            billing.passed(cursor, [(number, f"T{number}", day, f"V{number}", day) for number, _ in waiting])

    @precondition(lambda self: self.closed)
    @rule(which=dice)
    def a_bill_is_cancelled(self, which: int) -> None:
        alive = fetched(
            "SELECT key FROM payments_bill_version WHERE state IN ('submitted', 'passed') ORDER BY id"
        )
        if alive:
            self.tried(lambda: billing.cancel(CHECKER, alive[which % len(alive)][0], "drawn twice"))

    @precondition(lambda self: self.closed)
    @rule(ddo=ddos, which=dice)
    def what_was_left_out_is_drawn(self, ddo: str, which: int) -> None:
        self.tried(lambda: billing.supplementary(MAKER, ddo, self.closed[which % len(self.closed)]))

    def allot(self) -> None:
        year = budget.budget_year(START.first_day)
        heads = fetched(
            "SELECT DISTINCT head FROM payments_bill EXCEPT SELECT head FROM payments_budget_head WHERE year = %s",
            year,
        )
        if heads:
            budget.allot_many(MAKER, year, [(head, 10**9) for (head,) in heads], "order 1")

    # -- what was over-paid

    @rule(which=dice, approve=st.booleans())
    def an_over_payment_is_given_up(self, which: int, approve: bool) -> None:
        open_ones = recoveries.outstanding(MAKER).rows
        if open_ones:
            one = open_ones[which % len(open_ones)]
            self.tried(
                partial(recoveries.propose_write_off, MAKER, one.recovery_id, "the heirs have nothing")
            )
        for (key,) in fetched("SELECT key FROM payments_write_off WHERE state = 'proposed'"):
            self.tried(partial(recoveries.decide_write_off, CHECKER, key, approve, "Finance order 7 of 2016"))

    # -- files and the bank

    @precondition(lambda self: self.closed)
    @rule(which=dice)
    def files_are_made(self, which: int) -> None:
        files.make(MAKER, self.closed[which % len(self.closed)])

    @rule(which=dice, fate=dice)
    def a_file_goes_on(self, which: int, fate: int) -> None:
        """Released and sent, or withdrawn; release is tried twice."""
        made = fetched("SELECT key, state FROM payments_file WHERE state IN ('made', 'released') ORDER BY id")
        if not made:
            return
        key, state = made[which % len(made)]
        if state == "made" and fate < 2:
            files.withdraw(CHECKER, key)
            return
        for _ in range(2):
            self.tried(lambda: files.release(CHECKER, key))
        if fate > 4:
            self.tried(lambda: files.send(CHECKER, key))

    @rule(fates=st.lists(dice, min_size=3, max_size=3))
    def the_bank_works(self, fates: list[int]) -> None:
        """Some credits are made, some come back, also after they were made; its answer is under way."""
        self.pay(lambda place: fates[place % 3])

    def pay(self, fate_of: Callable[[int], int]) -> None:
        lines: list[tuple[str, int, str, str]] = []
        for place, (reference, paise) in enumerate(self.sent()):
            fate, before = fate_of(place), self.bank.get(reference)
            if before is None and fate < 6:
                self.bank[reference] = paise
                lines.append((reference, paise, "1", "00"))
            elif before != 0 and fate in (6, 7, 8):
                self.bank[reference] = 0
                lines.append((reference, paise, "0", "59" if fate < 8 else "01"))
            elif before is None and fate == 9:
                lines.append((reference, paise + 100, "1", "00"))
        if lines:
            # something that is not ours, and a line twice
            lines += [("9" * 30, 100, "1", "00"), lines[0]]
            day = date(2017, 1, 1) + timedelta(days=len(self.post) + len(self.read))
            self.post.append(answers.response(lines, f"{day:%d%m%Y}"))

    @precondition(lambda self: self.post)
    @rule(which=dice)
    def an_answer_arrives(self, which: int) -> None:
        """In any order, not only in that of the bank's days."""
        content = self.post.pop(which % len(self.post))
        self.read.append(content)
        file = read_response(BANK, content, f"answer {len(self.read)}")
        assert file.applied + file.repeated + file.set_aside == file.lines
        self.seen["answers applied"] += file.applied
        self.seen["answers set aside"] += file.set_aside

    @precondition(lambda self: self.read)
    @rule(which=dice)
    def an_old_answer_is_read_again(self, which: int) -> None:
        before = fetched(BALANCES)
        read_response(BANK, self.read[which % len(self.read)], "again")
        assert sorted(fetched(BALANCES)) == sorted(before)

    @precondition(lambda self: self.closed)
    @rule(which=dice)
    def what_came_back_is_presented_again(self, which: int) -> None:
        again = returns.represent(MAKER, self.closed[which % len(self.closed)])
        self.seen["presented again"] += again.credits
        self.seen["late"] += again.late.credits
        self.seen["compensated"] += again.late.compensations
        nothing = returns.represent(MAKER, self.closed[which % len(self.closed)])
        assert (nothing.credits, nothing.late.credits, nothing.late.compensations) == (0, 0, 0)

    def sent(self) -> list[tuple[str, int]]:
        return fetched(
            "SELECT i.reference, i.paise FROM payments_file f JOIN payments_file_item t ON t.file_id = f.id AND t.alive"
            " JOIN payments_instruction i ON i.id = t.instruction_id WHERE f.state = 'sent' ORDER BY i.id"
        )

    # -- the whole way at once, and to its end

    @precondition(lambda self: self.closed)
    @rule(which=dice)
    def a_month_goes_out(self, which: int) -> None:
        for ddo, body in zip(DDOS, BODIES, strict=True):
            self.a_body_looks_at_its_proposals(body, which, 1)
            self.bills_take_their_way(ddo, which, 9)
        month = self.closed[which % len(self.closed)]
        for file in files.make(MAKER, month):
            self.seen["files"] += 1
            files.release(CHECKER, file.key)
            files.send(CHECKER, file.key)

    @precondition(lambda self: self.closed)
    @rule()
    def everything_is_carried_through(self) -> None:
        """Whatever happened: when everybody has done what is theirs to do, nobody is still owed anything."""
        self.an_account_becomes_known()
        for member in self.dead:
            self.an_heir_is_registered(member)
        for (key,) in fetched("SELECT key FROM payments_hold WHERE released_at IS NULL"):
            holds.release(MAKER, key, "settled")
        for (key,) in fetched(
            "SELECT key FROM payments_file WHERE state IN ('made', 'released') ORDER BY id"
        ):
            for act, who in ((files.release, CHECKER), (files.send, CHECKER), (files.withdraw, MAKER)):
                self.tried(partial(act, who, key))
        for _ in range(2):
            for place, month in enumerate(self.closed):
                for ddo in DDOS:
                    self.tried(partial(billing.supplementary, MAKER, ddo, month))
                self.a_month_goes_out(place)
            self.pay(lambda _: 0)
            while self.post:
                self.an_answer_arrives(0)
            for (key,) in fetched("SELECT key FROM payments_return WHERE state = 'waiting'"):
                returns.settled_at_bank(MAKER, key, "the account works again")
            self.what_came_back_is_presented_again(len(self.closed) - 1)
        for place, _ in enumerate(self.closed):
            self.a_month_goes_out(place)
        self.pay(lambda _: 0)
        while self.post:
            self.an_answer_arrives(0)
        self.seen["carried through"] += 1
        assert not fetched(
            "SELECT FROM cases_compensation c WHERE NOT EXISTS (SELECT FROM payments_entry e WHERE e.kind = 'compensation'"
            " AND e.source_id = c.id)"
        )
        owed = {(member, scheme): paise for member, scheme, paise in fetched(OWED) if paise}
        paid = Counter({(m, s): -paise for m, s, name, paise in fetched(BALANCES) if name == "cash"})
        assert {who: paise for who, paise in paid.items() if paise} == owed

    # -- what always holds

    @invariant()
    def the_ledger_says_what_the_books_and_the_bank_say(self) -> None:
        balance: dict[tuple[int, str], dict[str, int]] = {}
        for member, scheme, name, paise in fetched(BALANCES):
            balance.setdefault((member, scheme), {})[name] = paise
        owed = {(member, scheme): paise for member, scheme, paise in fetched(OWED)}
        # of a person: what one scheme over-paid is kept back from another's dues, too
        outstanding: Counter[int] = Counter()
        for (member, _), accounts in balance.items():
            outstanding[member] += accounts.get("receivable", 0)
        assert +outstanding == Counter({member: paise for member, paise in fetched(OVER_PAID) if paise})
        assert min(outstanding.values(), default=0) >= 0
        for who, accounts in balance.items():
            still, on_its_way, paid = (
                -accounts.get("payable", 0),
                -accounts.get("in_transit", 0),
                -accounts.get("cash", 0),
            )
            assert still >= 0, who
            assert on_its_way >= 0, who
            assert paid >= 0, who
            assert still + on_its_way + paid == owed.get(who, 0), who
        if self.post:
            return  # the bank has done something that nobody here knows yet
        paid_out = {reference: paise for reference, paise in self.bank.items() if paise}
        cash = dict(
            fetched(
                "SELECT i.reference, sum(CASE e.kind WHEN 'credited' THEN e.paise ELSE -e.paise END)::bigint"
                " FROM payments_entry e JOIN payments_instruction i ON i.id = e.source_id"
                " WHERE e.kind IN ('credited', 'returned_late') GROUP BY 1 HAVING"
                " sum(CASE e.kind WHEN 'credited' THEN e.paise ELSE -e.paise END) <> 0"
            )
        )
        assert cash == paid_out

    @invariant()
    def nobody_is_instructed_twice(self) -> None:
        """Of one credit and all that correct it at most one is with a bank or paid; the others came back."""
        assert not fetched(
            """
            WITH RECURSIVE chain AS (
                SELECT id, id AS first FROM payments_instruction WHERE corrects_id IS NULL
                UNION ALL SELECT i.id, c.first FROM payments_instruction i JOIN chain c ON i.corrects_id = c.id
            )
            SELECT c.first FROM payments_entry e JOIN chain c ON c.id = e.source_id
            JOIN payments_instruction i ON i.id = c.id
            WHERE e.kind IN ('instructed', 'returned', 'returned_late')
            GROUP BY c.first, i.paise
            HAVING sum(CASE e.kind WHEN 'instructed' THEN e.paise ELSE -e.paise END) NOT IN (0, i.paise)
            """
        )


def machine(examples: int, steps: int) -> None:
    run_state_machine_as_test(
        EachRupeeOnce,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.reuse, Phase.generate],
        ),
    )


@pytest.mark.django_db
def test_each_rupee_is_paid_once_in_any_order() -> None:
    EachRupeeOnce.seen.clear()
    machine(examples=HISTORIES, steps=18)
    assert set(EachRupeeOnce.seen) >= {"files", "answers applied", "answers set aside", "carried through"}
