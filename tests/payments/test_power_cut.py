"""Power cuts: whatever dies at whatever moment, a step of the money's way has happened whole or not at all, and once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

import pytest
from django.db import connections, transaction
from tests.payments import crashing
from tests.payments.examples import OCTOBER, payee, relations
from tests.payments.test_posting import fetched, posted

from haqdar.access.actors import platform
from haqdar.payments.closing import close_month

MONTH = OCTOBER
SENDER = platform("maker")
STATE = {
    "run": "SELECT month, version, state, posted FROM cases_month_run",
    "due": "SELECT member_id, scheme, kind, for_month, paise FROM payments_due",
    "withheld": "SELECT d.member_id, d.scheme, w.kind, w.paise FROM payments_withholding w JOIN payments_due d ON d.id = w.due_id",
    "bill": "SELECT bill_no, persons, paise FROM payments_bill",
    "line": "SELECT b.bill_no, d.member_id, l.component, l.paise, l.withdrawn_in_id IS NULL"
    " FROM payments_bill_line l JOIN payments_bill b ON b.id = l.bill_id JOIN payments_due d ON d.id = l.due_id",
    "instruction": "SELECT reference, origin, member_id, scheme, paise, state FROM payments_instruction",
    "unpaid": "SELECT member_id, scheme, paise, reason FROM payments_not_payable",
    "total": "SELECT area_code, scheme, persons, regular_paise, instructed_paise FROM payments_area_total",
    "closing": "SELECT month FROM payments_month_closing",
    "entry": "SELECT e.month, e.kind, e.member_id, e.scheme, e.debit, e.credit, e.paise FROM payments_entry e",
    "audit": "SELECT verb, count(*) FROM access_audit_event GROUP BY 1",
}
"""What stands in the tables, without numbers, keys and times that differ from one attempt to the next."""


def standing() -> str:
    """A hash of everything that the money's tables say."""
    said = {name: sorted(map(repr, fetched(query))) for name, query in STATE.items()}
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def a_small_month() -> None:
    """The month's run, which finds nothing new when it is repeated."""
    if not fetched("SELECT FROM cases_month_run WHERE month = %s AND posted", MONTH.first_day):
        people = [(1, 1, "IGNOAPS", 27500), (2, 1, "IGNWPS", 30000), (3, 1, "IGNWPS", 30000)]
        posted(relations(settled=people, payee=[payee(1), payee(2), payee(3, account_sealed=None)]))


STEPS: dict[str, Callable[[], object]] = {
    "the month is posted": a_small_month,
    "the month is closed": lambda: close_month(SENDER, MONTH),
}
"""The way of a month, in its order; each step may be repeated."""


def undone(step: Callable[[], object]) -> str:
    """What would stand after `step`, which is undone again."""
    with transaction.atomic():
        step()
        found = standing()
        transaction.set_rollback(True)
    return found


def survives(name: str, step: Callable[[], object], every: int) -> None:
    """Cut the power at every so manieth statement, before the commit and after it; then the step is done, once."""
    before, after = standing(), undone(step)
    assert before != after, name
    last = crashing.statements(step)
    for point in sorted({*range(0, last, every), last - 1, last}):
        assert crashing.forked(step, statement=point) == crashing.KILLED, (name, point)
        assert standing() == before, (name, point)
    # cut before the server hears of the commit, then after it has committed and before anybody is told
    for answered, then in ((False, before), (True, after)):
        with crashing.dropping(0, answered=answered) as host:
            assert crashing.forked(step, host=host) == crashing.FAILED, name
        assert standing() == then, (name, answered)
    step()
    assert standing() == after, name


@pytest.mark.django_db(transaction=True)
def test_a_month_survives_power_cuts() -> None:
    for name, step in STEPS.items():
        survives(name, step, every=9)
    connections.close_all()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_month_survives_a_power_cut_at_every_statement() -> None:
    for name, step in STEPS.items():
        survives(name, step, every=1)
    connections.close_all()
