"""Power cuts: whatever dies at whatever moment, a step of the money's way has happened whole or not at all, and once."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, connections, transaction
from tests.payments import answers, bodies, crashing
from tests.payments.examples import OCTOBER, relations
from tests.payments.paying import account, on_record
from tests.payments.test_posting import fetched, posted

from haqdar.access.actors import platform
from haqdar.payments import billing, budget, proposals, returns
from haqdar.payments.rails import envelope, files, keeping
from haqdar.payments.responses.reading import read_response

MONTH = OCTOBER
MAKER, CHECKER = platform("maker"), platform("checker")
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
    "proposal": "SELECT body_code, scheme, persons, payable_paise, state FROM payments_proposal",
    "version": "SELECT sanction_no, persons, paise, left_out_paise, state, voucher_no <> '' FROM payments_bill_version",
    "budget": "SELECT h.head, h.balance_paise, e.kind, e.paise FROM payments_budget_head h JOIN payments_budget_entry e"
    " ON e.budget_id = h.id",
    "file": "SELECT name, items, paise, sha256, state FROM payments_file",
    "item": "SELECT f.name, t.line_no, i.reference, t.alive FROM payments_file_item t JOIN payments_file f ON f.id = t.file_id"
    " JOIN payments_instruction i ON i.id = t.instruction_id",
    "answer": "SELECT line_no, reference, outcome, disposition FROM payments_response_line",
    "return": "SELECT member_id, scheme, paise, reason_code, state FROM payments_return",
    "case": "SELECT kind, member_id, scheme, reason, outcome FROM cases_case",
    "audit": "SELECT verb, count(*) FROM access_audit_event GROUP BY 1",
}
"""What stands in the tables, without numbers, keys and times that differ from one attempt to the next."""


Standing = dict[str, list[str]]


def standing() -> Standing:
    """Everything that the money's tables say; what they say of files is so on disk."""
    for name, sha256 in fetched("SELECT name, sha256 FROM payments_file WHERE state <> 'withdrawn'"):
        content = keeping.kept(MONTH, name)
        assert content is not None
        assert hashlib.sha256(content).hexdigest() == sha256
    return {name: sorted(map(repr, fetched(query))) for name, query in STATE.items()}


def keys(table: str, state: str) -> list[object]:
    return [key for (key,) in fetched(f"SELECT key FROM {table} WHERE state = %s ORDER BY id", state)]


PAYEES: list[Sequence[object]] = []
"""The people of the block with sealed accounts (person 3 has none), sealed before anything is cut."""


def posting() -> None:
    """The month's run, which finds nothing new when it is repeated."""
    if fetched("SELECT FROM cases_month_run WHERE month = %s AND posted", MONTH.first_day):
        return
    people = [(1, 1, "IGNOAPS", 27500), (2, 1, "IGNWPS", 30000), (3, 1, "IGNWPS", 30000)]
    posted(relations(settled=people, payee=PAYEES))


def verifying() -> None:
    if any(
        state == "generated"
        for (state,) in fetched("SELECT state FROM payments_proposal WHERE body_code = 'GP1'")
    ):
        proposals.verify_rest(MAKER, "GP1", MONTH)


def proposing() -> None:
    if any(
        state == "verified"
        for (state,) in fetched("SELECT state FROM payments_proposal WHERE body_code = 'GP1'")
    ):
        proposals.submit(MAKER, "GP1", MONTH)


def sanctioning() -> None:
    if not keys("payments_bill_version", "sanctioned"):
        billing.sanction(MAKER, "DDO1", MONTH)


def submitting() -> None:
    if keys("payments_bill_version", "sanctioned"):
        billing.submit(CHECKER, "DDO1", MONTH)


def passing() -> None:
    day = MONTH.first_day
    with transaction.atomic(), connection.cursor() as cursor:
        waiting = fetched(
            "SELECT id FROM payments_bill_version WHERE state IN ('submitted', 'passed') ORDER BY bill_id"
        )
        billing.passed(
            cursor, [(row[0], f"T{place}", day, f"V{place}", day) for place, row in enumerate(waiting)]
        )


def releasing() -> None:
    files.release(CHECKER, fetched("SELECT key FROM payments_file")[0][0])


def sending() -> None:
    files.send(CHECKER, fetched("SELECT key FROM payments_file")[0][0])


def answering() -> None:
    lines = fetched("SELECT reference, paise FROM payments_instruction WHERE origin = '' ORDER BY member_id")
    said = [(*line, "0", "59") if place == 0 else (*line, "1", "00") for place, line in enumerate(lines)]
    read_response(MAKER, answers.response(said), "answer")


@dataclass(frozen=True)
class Step:
    """One step of a month; `on_disk` ones write files, `handing` ones go on after their transaction."""

    act: Callable[[], object]
    on_disk: bool = False
    handing: bool = False


STEPS = {
    "the month is posted": Step(posting),
    "the month is closed and proposed": Step(lambda: proposals.propose(MAKER, MONTH)),
    "the panchayat verifies": Step(verifying),
    "the panchayat submits": Step(proposing),
    "bills are sanctioned": Step(sanctioning),
    "bills are submitted": Step(submitting),
    "bills are passed": Step(passing),
    "a payment file is made": Step(lambda: files.make(MAKER, MONTH), on_disk=True),
    "the file is released": Step(releasing),
    "the file is sent": Step(sending, on_disk=True, handing=True),
    "the bank's answer is read": Step(answering),
    "what came back is presented again": Step(lambda: returns.represent(MAKER, MONTH)),
}
"""The way of a month, in its order; each step may be repeated."""


def undone(step: Callable[[], object]) -> Standing:
    """What would stand after `step`, which is undone again."""
    with transaction.atomic():
        step()
        found = standing()
        transaction.set_rollback(True)
    return found


def survives(name: str, step: Step, every: int) -> None:
    """Cut the power at every so manieth point, inside files, before the commit and after it; then the step is done, once."""
    before = standing()
    last = crashing.statements(step.act)
    assert last > 3, name
    for point in sorted({*range(0, last, every), last - 1, last}):
        assert crashing.forked(step.act, statement=point) == crashing.KILLED, (name, point)
        assert standing() == before, (name, point)
    for size in (1, 200) if step.on_disk else ():
        assert crashing.forked(step.act, file_bytes=size) == crashing.KILLED, (name, size)
        assert standing() == before, (name, size)
    # cut before the server hears of the commit
    with crashing.dropping(0, answered=False) as host:
        assert crashing.forked(step.act, host=host) == crashing.FAILED, name
    assert standing() == before, name
    if step.handing:
        # the transaction stands, and the hand-over that follows it was cut short
        assert crashing.forked(step.act, statement=last + 1) == crashing.KILLED, name
        after = standing()
    else:
        # cut after the server has committed and before anybody is told
        after = undone(step.act)
        with crashing.dropping(0, answered=True) as host:
            assert crashing.forked(step.act, host=host) == crashing.FAILED, name
    assert standing() == after != before, name
    for _ in range(2):
        step.act()
        assert standing() == after, name


@contextmanager
def a_block(folder: Path) -> Iterator[None]:
    """A district with its budget, and a data folder for its files."""
    home = settings.HAQDAR_HOME
    settings.HAQDAR_HOME = folder
    try:
        bodies.a_district()
        on_record(1)
        PAYEES[:] = [
            (*row[:7], account(f"30{row[0]:09d}"), *row[8:]) if row[7] else row for row in bodies.payees()
        ]
        # made at first use: what a step does is the same whenever it is tried
        envelope.sealed(envelope.signature(b""))
        yield
    finally:
        settings.HAQDAR_HOME = home
        connections.close_all()


def a_month_survives(folder: Path, every: int) -> None:
    with a_block(folder):
        for name, step in STEPS.items():
            if step.act is sanctioning:
                heads = fetched("SELECT DISTINCT head FROM payments_bill")
                budget.allot_many(
                    MAKER, budget.budget_year(MONTH.first_day), [(head, 10**8) for (head,) in heads], "1"
                )
            survives(name, step, every)
        # what stopped processes left behind is gone, and what was handed over is whole and there once
        rows = fetched("SELECT name FROM payments_file")
        files.make(MAKER, MONTH)
        lying = {path.name.removesuffix(keeping.SUFFIX) for path in keeping.folder(MONTH).iterdir()}
        assert lying == {name for (name,) in fetched("SELECT name FROM payments_file")}
        handed = sorted(path.name for path in folder.rglob("*.p7*") if "hand" in str(path.parent))
        assert handed == sorted(f"{name}{suffix}" for (name,) in rows for suffix in (".p7m", ".p7s"))


@pytest.mark.django_db(transaction=True)
def test_a_month_survives_power_cuts(tmp_path: Path) -> None:
    a_month_survives(tmp_path, every=int(os.environ.get("POWER_CUT_EVERY", "24")))
