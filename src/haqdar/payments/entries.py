"""The kinds of ledger entries, and posting them: each a statement over sets, each safe to repeat.

Accounts, seen from the State's books:

    expense      what the State spends on benefits        payable      owed to people, not yet with a bank
    in_transit   told to a bank, not yet answered         cash         paid out of the treasury
    receivable   over-paid, owed by people                loss         given up with authority
    delay        spent on compensation for delay

What a person is still to get is the balance of `payable`, what the State is still to get back that of `receivable`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, connection, transaction


@dataclass(frozen=True, slots=True)
class Kind:
    """What a kind of entry moves: from the account `credit` to the account `debit`. `source` is the table of its cause."""

    debit: str
    credit: str
    source: str


KINDS: Mapping[str, Kind] = {
    "due": Kind("expense", "payable", "payments_due"),
    "over_paid": Kind("receivable", "expense", "payments_due"),
    "withheld": Kind("payable", "receivable", "payments_withholding"),
    "instructed": Kind("payable", "in_transit", "payments_instruction"),
    "credited": Kind("in_transit", "cash", "payments_instruction"),
    "returned": Kind("in_transit", "payable", "payments_instruction"),
    # a bank that takes a credit back after having reported it
    "returned_late": Kind("cash", "payable", "payments_instruction"),
    # a bank that reports a credit as made after it was given back, once a person has found that out
    "credited_late": Kind("payable", "cash", "payments_instruction"),
    "recalled": Kind("cash", "receivable", "payments_settlement"),
    "written_off": Kind("loss", "receivable", "payments_settlement"),
    # over-paid money that came back or never went out: so much less is owed, and nothing is to be given back
    "not_paid": Kind("payable", "receivable", "payments_settlement"),
    "compensation": Kind("delay", "payable", "cases_compensation"),
}
"""Kind -> what it moves. An entry that was wrong is answered by its opposite kind, never edited."""


COMPENSATION = "COMPENSATION"
"""Stands for the scheme where money is paid for a delay: no scheme's head pays it and no bill is drawn for it."""
COMPENSATION_GROUP = 0


class UnknownKind(LookupError):
    """An entry of a kind that the ledger does not have."""


_INTO = "INSERT INTO payments_entry (month, kind, source_id, member_id, pension_group, scheme, debit, credit, paise, posted_at)"


def _values(kind: str) -> str:
    try:
        found = KINDS[kind]
    except KeyError as error:
        raise UnknownKind(kind) from error
    return f"'{found.debit}', '{found.credit}'"


def _posted(cursor: Any, query: str, values: list[Any]) -> int:
    """Add the entries of `query`; returns how many were new.

    A State's month is millions of entries, and asking of each whether it stands already costs as much as adding it. So they are
    added as new ones; only where that fails the same is done again with the question.
    """
    try:
        with transaction.atomic():
            cursor.execute(query, values)
    except IntegrityError:
        cursor.execute(f"{query} ON CONFLICT DO NOTHING", values)
    return int(cursor.rowcount)


def open_month(cursor: Any, month: date) -> None:
    """Make the ledger's partition of `month`; nothing happens where it stands."""
    cursor.execute("SELECT payments_entry_of(%s)", [month])


def know_sizes(cursor: Any, month: date) -> None:
    """Let the database look how much stands in the ledger of `month` and beside it, before a statement over all of it.

    Right after many entries it still takes the month for empty and would compare every credit with every answer.
    """
    cursor.execute("SELECT to_regclass(%s)", [f"payments_entry_{month:%Y%m}"])
    (partition,) = cursor.fetchone()
    cursor.execute(f"ANALYZE payments_instruction{f', {partition}' if partition else ''}")


def post_run(cursor: Any, run_id: int) -> int:
    """Post what a run found due, over-paid and withheld, in the caller's transaction; returns how many entries were new."""
    cursor.execute("SELECT month FROM cases_month_run WHERE id = %s", [run_id])
    (month,) = cursor.fetchone()
    open_month(cursor, month)
    posted = 0
    for kind, condition in (("due", "d.kind <> 'recovery'"), ("over_paid", "d.kind = 'recovery'")):
        posted += _posted(
            cursor,
            f"{_INTO} SELECT %s, '{kind}', d.id, d.member_id, d.pension_group, d.scheme, {_values(kind)}, abs(d.paise), now()"
            f" FROM payments_due d WHERE d.run_id = %s AND {condition}",
            [month, run_id],
        )
    return posted + _posted(
        cursor,
        f"{_INTO} SELECT %s, 'withheld', w.id, d.member_id, d.pension_group, d.scheme, {_values('withheld')}, w.paise, now()"
        " FROM payments_withholding w JOIN payments_due d ON d.id = w.due_id WHERE w.run_id = %s",
        [month, run_id],
    )


def post_instructed(cursor: Any, file_id: int) -> int:
    """Post that the instructions of a released file are with the bank; returns how many entries were new."""
    return _posted(
        cursor,
        f"{_INTO} SELECT r.month, 'instructed', i.id, i.member_id, i.pension_group, i.scheme, {_values('instructed')}, i.paise,"
        " now() FROM payments_file_item f JOIN payments_instruction i ON i.id = f.instruction_id"
        " JOIN cases_month_run r ON r.id = i.run_id WHERE f.file_id = %s AND f.alive",
        [file_id],
    )


def post_answers(cursor: Any, response_file_id: int) -> int:
    """Post what the applied lines of a file of answers changed; returns how many entries were new.

    A return of what was reported as credited before is `returned_late`; whoever applies lines has set aside every other
    contradiction.
    """
    lines = (
        "SELECT r.month, i.id, i.member_id, i.pension_group, i.scheme, i.paise FROM payments_response_line l"
        " JOIN payments_instruction i ON i.id = l.instruction_id JOIN cases_month_run r ON r.id = i.run_id"
        " WHERE l.file_id = %s AND l.disposition = 'applied' AND l.outcome = %s"
    )
    # credits first: a file may say that one was made and that it was taken back
    posted = _posted(
        cursor,
        f"{_INTO} SELECT l.month, 'credited', l.id, l.member_id, l.pension_group, l.scheme, {_values('credited')}, l.paise, now()"
        f" FROM ({lines}) l",
        [response_file_id, "credited"],
    )
    return posted + _posted(
        cursor,
        f"{_INTO} SELECT l.month, k.kind, l.id, l.member_id, l.pension_group, l.scheme, k.debit, k.credit, l.paise, now()"
        f" FROM ({lines}) l JOIN (VALUES ('returned', {_values('returned')}), ('returned_late', {_values('returned_late')}))"
        " AS k (kind, debit, credit) ON k.kind = CASE WHEN EXISTS (SELECT FROM payments_entry c"
        " WHERE c.month = l.month AND c.kind = 'credited' AND c.source_id = l.id) THEN 'returned_late' ELSE 'returned' END",
        [response_file_id, "returned"],
    )


def post_credited_after_all(cursor: Any, line_id: int) -> int:
    """Post that a credit which had been returned reached the account after all, by a set-aside line; returns how many entries were new."""
    return _post_line(cursor, "credited_late", line_id)


def post_compensations(cursor: Any, month: date) -> int:
    """Post what applicants are owed for delays and what no month has yet, under `month`; returns how many entries were new.

    The caller holds the lock under which only one can do so at a time: an entry is one of its month alone.
    """
    cursor.execute(
        f"{_INTO} SELECT %s, 'compensation', c.id, c.member_id, {COMPENSATION_GROUP}, '{COMPENSATION}', {_values('compensation')},"
        " c.paise, now() FROM cases_compensation c WHERE c.member_id IS NOT NULL"
        " AND NOT EXISTS (SELECT FROM payments_entry e WHERE e.kind = 'compensation' AND e.source_id = c.id)"
        " ON CONFLICT DO NOTHING",
        [month],
    )
    return int(cursor.rowcount)


def post_returned_after_all(cursor: Any, line_id: int) -> int:
    """Post that a credit which had been reported as made came back after all, by a set-aside line; returns how many entries were new."""
    return _post_line(cursor, "returned_late", line_id)


def _post_line(cursor: Any, kind: str, line_id: int) -> int:
    """Post the whole credit that a line of answers names as `kind`, once."""
    cursor.execute(
        f"{_INTO} SELECT r.month, '{kind}', i.id, i.member_id, i.pension_group, i.scheme, {_values(kind)}, i.paise, now()"
        " FROM payments_response_line l JOIN payments_instruction i ON i.id = l.instruction_id"
        " JOIN cases_month_run r ON r.id = i.run_id WHERE l.id = %s ON CONFLICT DO NOTHING",
        [line_id],
    )
    return int(cursor.rowcount)


def post_part(cursor: Any, line_id: int, credited: int, back: int) -> int:
    """Post that a part of a credit reached the account and the rest came back, by a set-aside line; returns how many entries were new.

    Where the whole was posted as credited before, only the rest is: it came back late.
    """
    posted = 0
    for kind, paise, before in (
        ("returned_late", back, True),
        ("credited", credited, False),
        ("returned", back, False),
    ):
        cursor.execute(
            f"{_INTO} SELECT r.month, '{kind}', i.id, i.member_id, i.pension_group, i.scheme, {_values(kind)}, %s, now()"
            " FROM payments_response_line l JOIN payments_instruction i ON i.id = l.instruction_id"
            " JOIN cases_month_run r ON r.id = i.run_id WHERE l.id = %s AND %s = EXISTS (SELECT FROM payments_entry c"
            " WHERE c.month = r.month AND c.kind = 'credited' AND c.source_id = i.id AND c.paise = i.paise)",
            [paise, line_id, before],
        )
        posted += cursor.rowcount
    return posted


def post_settlement(cursor: Any, settlement_id: int) -> int:
    """Post that a part of an over-payment was recalled or written off, under the month in which it was found."""
    posted = 0
    for kind in ("recalled", "written_off"):
        cursor.execute(
            f"{_INTO} SELECT r.month, '{kind}', s.id, d.member_id, d.pension_group, d.scheme, {_values(kind)}, s.paise, now()"
            " FROM payments_settlement s JOIN payments_due d ON d.id = s.recovery_id"
            " JOIN cases_month_run r ON r.id = d.run_id"
            f" WHERE s.id = %s AND s.kind = '{kind}' ON CONFLICT DO NOTHING",
            [settlement_id],
        )
        posted += cursor.rowcount
    return posted


def post_not_paid(cursor: Any, settlement_ids: Sequence[int]) -> int:
    """Post that over-payments were settled by money that reached nobody (payments.not_paid); returns how many entries were new."""
    cursor.execute(
        f"{_INTO} SELECT r.month, 'not_paid', s.id, d.member_id, d.pension_group, d.scheme, {_values('not_paid')}, s.paise, now()"
        " FROM payments_settlement s JOIN payments_due d ON d.id = s.recovery_id JOIN cases_month_run r ON r.id = d.run_id"
        " WHERE s.id = ANY(%s) AND s.kind = 'not_paid' ON CONFLICT DO NOTHING",
        [list(settlement_ids)],
    )
    return int(cursor.rowcount)


def balances(member_id: int) -> dict[str, int]:
    """Account -> paise of one person, debits less credits; call it for somebody whom the actor may see."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT account, sum(paise)::bigint FROM ("
            " SELECT debit AS account, paise FROM payments_entry WHERE member_id = %s"
            " UNION ALL SELECT credit, -paise FROM payments_entry WHERE member_id = %s) m GROUP BY 1 ORDER BY 1",
            [member_id, member_id],
        )
        return dict(cursor.fetchall())
