"""Whatever becomes known, in whatever order: what was paid plus arrears minus recoveries is what should have been paid."""

from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from tests.payments.examples import GROUP, LAW, RELATIONS, payee, relations, rows
from tests.payments.test_posting import fetched, posted

from haqdar.base.month import Month

MEMBERS = (1, 2, 3)
START = Month(2016, 1)
GROUPS = (1, 3)
AWARDS = {
    1: [("IGNOAPS", 20000), ("IGNOAPS", 27500), ("IGNOAPS", 50000), ("IGNWPS", 30000), None],
    3: [("MRMD", 50000), ("MRMD", 12345), None],
}
Award = tuple[str, int] | None


class Knowledge(RuleBasedStateMachine):
    """Facts arrive late, early, twice and wrongly; now and then a month is run, or the last one run again."""

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.duck = relations(payee=[payee(1), payee(2, ddo_code=None), payee(3, account_sealed=None)])
        self.owed: dict[tuple[int, int, Month], Award] = {}
        self.next = START
        self.fresh = True

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)
        self.duck.close()

    @initialize(first=st.lists(st.integers(0, 4), min_size=6, max_size=6))
    def awards_come_in_with_the_registers(self, first: list[int]) -> None:
        for number, (member, group) in enumerate((m, g) for m in MEMBERS for g in GROUPS):
            self.learn(member, group, START, AWARDS[group][first[number] % len(AWARDS[group])])

    def learn(self, member: int, group: int, since: Month, award: Award) -> None:
        for number in range(24):
            month = START.plus(number)
            if month >= since:
                self.owed[member, group, month] = award
        self.fresh = True

    @rule(
        member=st.sampled_from(MEMBERS),
        group=st.sampled_from(GROUPS),
        pick=st.integers(0, 4),
        late=st.integers(0, 6),
    )
    def a_fact_becomes_known(self, member: int, group: int, pick: int, late: int) -> None:
        """At once, or months after it began: a death, a status, a correction, or a correction of a correction."""
        since = max(START, self.next.plus(-late))
        self.learn(member, group, since, AWARDS[group][pick % len(AWARDS[group])])

    @rule(
        member=st.sampled_from(MEMBERS),
        group=st.sampled_from(GROUPS),
        pick=st.integers(0, 4),
        late=st.integers(0, 4),
    )
    def an_adverse_fact_runs_out_its_notice(self, member: int, group: int, pick: int, late: int) -> None:
        """Whatever it changes, it changes after the notice: until then what was owed stays owed."""
        award = AWARDS[group][pick % len(AWARDS[group])]
        self.learn(member, group, self.next.plus(1 + late % 2), award)

    @rule()
    def the_next_month_is_run(self) -> None:
        self.run(self.next)
        self.next = self.next.next()

    @rule()
    def the_last_month_is_run_again(self) -> None:
        if self.next > START:
            self.run(self.next.previous())

    def run(self, month: Month) -> None:
        for name in ("settled", "redetermined"):
            self.duck.execute(f"DELETE FROM {name}")
        for (member, group, of), award in self.owed.items():
            if of < month:
                code, paise = award or (None, None)
                self.duck.execute(
                    "INSERT INTO redetermined VALUES (?, ?, ?, ?, ?)",
                    [of.first_day, member, group, code, paise],
                )
            elif of == month and award is not None:
                self.duck.execute("INSERT INTO settled VALUES (?, ?, ?, ?)", [member, group, *award])
        posted(self.duck, month)
        self.fresh = False
        self.check_this_month()

    def check_this_month(self) -> None:
        """Of one month never more than the law's share is withheld, and bills and bank get what is payable."""
        for due, set_off, kept, open_before in rows(
            self.duck,
            """
            SELECT sum(due)::BIGINT, sum(set_off)::BIGINT, sum(kept)::BIGINT, sum(owes)::BIGINT FROM (
                SELECT member_id, paise AS due, 0 AS set_off, 0 AS kept, 0 AS owes FROM dues WHERE kind <> 'recovery'
                UNION ALL SELECT member_id, 0, 0, 0, -paise FROM dues WHERE kind = 'recovery'
                UNION ALL SELECT member_id, 0, 0, 0, paise FROM outstanding
                UNION ALL SELECT member_id, 0, if(w.kind = 'set_off', w.paise, 0), if(w.kind = 'withheld', w.paise, 0), 0
                    FROM withholding AS w JOIN dues USING (due_no)
            ) GROUP BY member_id
            """,
        ):
            assert kept == min((due - set_off) // 2, open_before - set_off)
        assert rows(
            self.duck,
            """
            SELECT (SELECT coalesce(sum(paise), 0) FROM instruction) + (SELECT coalesce(sum(paise), 0) FROM not_payable)
                = (SELECT coalesce(sum(paise), 0) FROM dues WHERE kind <> 'recovery')
                - (SELECT coalesce(sum(paise), 0) FROM withheld)
            """,
        ) == [(True,)]

    @invariant()
    def what_was_paid_is_what_should_have_been_paid(self) -> None:
        if self.fresh or self.next == START:
            return  # something was learnt since the last run; the next run must pay for it
        ledger = {
            (member, scheme, Month.of(month)): paise
            for member, scheme, month, paise in fetched(
                "SELECT member_id, scheme, for_month, sum(paise)::bigint FROM payments_due d"
                " JOIN cases_month_run r ON r.id = d.run_id WHERE r.state = 'complete' AND r.posted"
                " GROUP BY 1, 2, 3 HAVING sum(paise) <> 0"
            )
        }
        should = {
            (member, award[0], month): award[1]
            for (member, _, month), award in self.owed.items()
            if award is not None and month < self.next
        }
        assert ledger == should

    @invariant()
    def nobody_loses_a_paisa(self) -> None:
        """Cash, with what could not be sent, is what is owed plus what a person still owes back."""
        balances = fetched(
            """
            WITH counted AS (SELECT id FROM cases_month_run WHERE state = 'complete' AND posted),
            due AS (
                SELECT member_id, sum(paise) AS owed, sum(paise) FILTER (WHERE kind <> 'recovery') AS due,
                    coalesce(sum(-paise) FILTER (WHERE kind = 'recovery'), 0) AS recovery
                FROM payments_due WHERE run_id IN (SELECT id FROM counted) GROUP BY 1
            ),
            kept AS (
                SELECT member_id, sum(w.paise) AS paise
                FROM payments_withholding w JOIN payments_due d ON d.id = w.due_id
                WHERE w.run_id IN (SELECT id FROM counted) GROUP BY 1
            ),
            cash AS (
                SELECT member_id, sum(paise) AS paise FROM (
                    SELECT member_id, paise FROM payments_instruction
                    WHERE state = 'written' AND run_id IN (SELECT id FROM counted)
                    UNION ALL
                    SELECT member_id, paise FROM payments_not_payable WHERE run_id IN (SELECT id FROM counted)
                ) x GROUP BY 1
            )
            SELECT coalesce(cash.paise, 0), due.owed, due.recovery - coalesce(kept.paise, 0)
            FROM due LEFT JOIN kept USING (member_id) LEFT JOIN cash USING (member_id)
            """
        )
        for cash, owed, still_owes in balances:
            assert still_owes >= 0
            assert cash == owed + still_owes


def machine(examples: int, steps: int) -> None:
    run_state_machine_as_test(
        Knowledge,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.django_db
def test_the_ledger_agrees_with_todays_knowledge_after_every_run() -> None:
    machine(examples=6, steps=12)


@pytest.mark.slow
@pytest.mark.django_db
def test_the_ledger_agrees_over_many_histories() -> None:
    machine(examples=60, steps=25)


def test_the_model_uses_the_schemes_of_the_small_law() -> None:
    codes: set[Any] = {award[0] for group in GROUPS for award in AWARDS[group] if award}
    assert codes == set(GROUP) == {scheme.code for scheme in LAW.schemes}
    assert "redetermined" in RELATIONS
    assert connection.vendor == "postgresql"
