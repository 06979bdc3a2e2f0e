"""Posting to PostgreSQL: all or nothing, once, append-only, and the ledger's invariant over many months."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import duckdb
import psycopg
import pytest
from django.conf import settings
from django.db import connection, transaction
from duckdb import DuckDBPyConnection
from tests.payments.examples import OCTOBER, first, money, payee, relations, rows

from haqdar.base.month import Month
from haqdar.payments import actions, queries
from haqdar.payments.actions import LaterMonthPosted

pytestmark = pytest.mark.django_db

TABLES = [
    "payments_due",
    "payments_withholding",
    "payments_bill",
    "payments_bill_line",
    "payments_instruction",
    "payments_not_payable",
    "payments_area_total",
]


def new_run(cursor: psycopg.Cursor[Any], month: Month) -> int:
    """A posted run of `month` that supersedes its earlier version, as the month's job does it."""
    # the posting opens and closes cases, which names who acts
    cursor.execute("SELECT set_config('haqdar.actor', 'test', true)")
    cursor.execute(
        "UPDATE cases_month_run SET state = 'superseded' WHERE month = %s AND posted", [month.first_day]
    )
    now = datetime(2016, 9, 28, tzinfo=UTC)
    cursor.execute(
        "INSERT INTO cases_month_run (month, version, known_on, law_hash, snapshot_hash, inputs_hash, state, posted,"
        " manifest, started_at, finished_at, actor)"
        " SELECT %s, count(*) + 1, %s, '', '', '', 'complete', true, '{}', %s, %s, 'test' FROM cases_month_run"
        " WHERE month = %s RETURNING id",
        [month.first_day, month.first_day, now, now, month.first_day],
    )
    (run_id,) = cursor.fetchone() or (0,)
    return int(run_id)


@contextmanager
def raw() -> Iterator[psycopg.Cursor[Any]]:
    connection.ensure_connection()
    with connection.connection.cursor() as cursor:
        yield cursor


def posted(duck: DuckDBPyConnection, month: Month = OCTOBER) -> int:
    """Compute the money of the relations in `duck` and post it as the present run of `month`."""
    connection.ensure_connection()
    queries.export_posted(connection.connection, duck, month)
    queries.export_outstanding(connection.connection, duck, month)
    money(duck, month)
    return posted_and_checked(duck, month)


def posted_and_checked(duck: DuckDBPyConnection, month: Month = OCTOBER) -> int:
    with transaction.atomic(), raw() as cursor:
        run_id = new_run(cursor, month)
        actions.post(cursor, duck, run_id, month)
        # What the database checks at the end of a transaction it checks here, where a test's never ends.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return run_id


def fetched(query: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()


def a_month() -> DuckDBPyConnection:
    return relations(
        settled=[
            (1, 1, "IGNOAPS", 27500),
            (1, 3, "MRMD", 50000),
            (2, 1, "IGNWPS", 30000),
            (3, 1, "IGNWPS", 30000),
        ],
        payee=[payee(1), payee(2, account_sealed=None), payee(3, ddo_code=None)],
    )


def counts() -> dict[str, int]:
    return {table: fetched(f"SELECT count(*) FROM {table}")[0][0] for table in TABLES}


def test_everything_of_a_month_is_posted() -> None:
    run_id = posted(a_month())
    assert fetched("SELECT member_id, scheme, kind, paise, ddo_code FROM payments_due ORDER BY id") == [
        (1, "IGNOAPS", "regular", 27500, "DDO1"),
        (1, "MRMD", "regular", 50000, "DDO1"),
        (2, "IGNWPS", "regular", 30000, "DDO1"),
        (3, "IGNWPS", "regular", 30000, None),
    ]
    assert fetched("SELECT sum(paise) FROM payments_bill WHERE run_id = %s", run_id) == [(107500,)]
    assert fetched("SELECT member_id, scheme, paise, state FROM payments_instruction ORDER BY id") == [
        (1, "IGNOAPS", 27500, "written"),
        (1, "MRMD", 50000, "written"),
    ]
    assert fetched("SELECT member_id, reason FROM payments_not_payable ORDER BY id") == [
        (2, "no_account"),
        (3, "no_ddo"),
    ]
    assert fetched(
        "SELECT scheme, persons, regular_paise, instructed_paise FROM payments_area_total ORDER BY 1"
    ) == [
        ("IGNOAPS", 1, 27500, 27500),
        ("IGNWPS", 2, 60000, 0),
        ("MRMD", 1, 50000, 50000),
    ]


def test_a_month_posted_twice_pays_once() -> None:
    posted(a_month())
    duck = relations(settled=[(1, 1, "IGNOAPS", 27500), (4, 1, "IGNWPS", 30000)], payee=[payee(1), payee(4)])
    posted(duck)
    assert fetched("SELECT count(*), count(DISTINCT reference) FROM payments_instruction") == [(4, 3)]
    assert fetched(
        "SELECT member_id, scheme, paise FROM payments_instruction WHERE state = 'written' ORDER BY member_id"
    ) == [(1, "IGNOAPS", 27500), (4, "IGNWPS", 30000)]
    queries.export_posted(connection.connection, duck, OCTOBER.next())
    assert rows(duck, "SELECT member_id, scheme, paise FROM posted ORDER BY ALL") == [
        (1, "IGNOAPS", 27500),
        (4, "IGNWPS", 30000),
    ]


def test_two_runs_in_force_cannot_pay_one_credit_twice() -> None:
    posted(a_month())
    with raw() as cursor:
        fake = new_run(cursor, OCTOBER.previous())
    with pytest.raises(psycopg.errors.UniqueViolation), transaction.atomic(), raw() as cursor:
        cursor.execute(
            "INSERT INTO payments_instruction (run_id, reference, member_id, pension_group, scheme, paise, ifsc, state)"
            " SELECT %s, reference, member_id, pension_group, scheme, paise, ifsc, state FROM payments_instruction",
            [fake],
        )


def test_a_month_behind_a_later_one_is_refused() -> None:
    posted(a_month())
    before = counts()
    with pytest.raises(LaterMonthPosted) as refused:
        posted(a_month(), OCTOBER.previous())
    assert "2016-09" in refused.value.en
    assert "2016-10" in refused.value.hi
    assert counts() == before


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("statement", ["UPDATE {} SET run_id = run_id", "DELETE FROM {}"])
def test_money_is_never_edited(table: str, statement: str) -> None:
    duck = a_month()
    duck.execute("INSERT INTO outstanding VALUES (1, 1, 1, '2016-08-01', 100)")
    posted(relations(settled=[(1, 1, "IGNWPS", 30000)], payee=[payee(1)]), OCTOBER.previous())
    duck.execute("INSERT INTO redetermined VALUES ('2016-09-01', 1, 1, 'IGNOAPS', 27500)")
    posted(duck)
    statement = statement.format(table)
    if table == "payments_bill_line":
        statement = statement.replace("run_id = run_id", "paise = paise")
    with pytest.raises(psycopg.errors.RestrictViolation), transaction.atomic(), raw() as cursor:
        cursor.execute(statement.encode())


def test_an_instruction_may_only_become_superseded() -> None:
    posted(a_month())
    with transaction.atomic(), raw() as cursor:
        cursor.execute("UPDATE payments_instruction SET state = 'superseded'")
    for edit in ("state = 'written'", "paise = paise + 1", "reference = reverse(reference)"):
        with pytest.raises(psycopg.errors.RestrictViolation), transaction.atomic(), raw() as cursor:
            cursor.execute(f"UPDATE payments_instruction SET {edit}".encode())


@pytest.mark.parametrize(
    ("spoil", "what"),
    [
        ("UPDATE bill SET paise = paise + 1", "does not add up"),
        ("UPDATE bill SET persons = persons + 1", "does not add up"),
        ("UPDATE bill_line SET paise = paise + 1", "does not add up"),
        ("UPDATE bill_line SET due_no = due_no + 100", "does not add up"),
        ("DELETE FROM bill_line", "it has no lines"),
        ("UPDATE dues SET paise = -paise", "due_sign_by_kind"),
        ("UPDATE dues SET occasion = 'death:1'", "due_occasion_has_its_sum"),
        (
            "UPDATE dues SET occasion = 'death:1', occasion_paise = 1 WHERE kind <> 'recovery'",
            "more is due for an occasion than it brings",
        ),
        ("INSERT INTO withholding SELECT 'withheld', 1, NULL, 2, 1", "recovery of the same person"),
        ("INSERT INTO instruction FROM instruction", "one_instruction"),
    ],
)
def test_the_database_refuses_money_that_does_not_agree(spoil: str, what: str) -> None:
    duck = a_month()
    money(duck)
    duck.execute(spoil)
    with pytest.raises(psycopg.Error, match=what):
        posted_and_checked(duck)
    assert set(counts().values()) == {0}


def test_a_recovery_is_withheld_over_months_and_never_more_than_was_overpaid() -> None:
    september = relations(settled=[(1, 1, "IGNOAPS", 27500)], payee=[payee(1)])
    posted(september, OCTOBER.previous())
    kept = []
    month = OCTOBER
    for _ in range(4):
        duck = relations(settled=[(1, 3, "MRMD", 30000)], payee=[payee(1)])
        duck.execute(
            "INSERT INTO redetermined SELECT range, 1, 3, 'MRMD', 30000"
            " FROM range(DATE '2016-10-01', ?::DATE, INTERVAL 1 MONTH)",
            [month.first_day],
        )
        posted(duck, month)
        kept.append(rows(duck, "SELECT coalesce(sum(paise), 0)::BIGINT FROM withheld")[0][0])
        month = month.next()
    assert kept == [15000, 12500, 0, 0]
    assert fetched("SELECT sum(paise) FROM payments_withholding") == [(27500,)]


def test_a_connection_killed_in_the_middle_leaves_nothing() -> None:
    duck = a_month()
    money(duck)
    other = psycopg.connect(settings.HAQDAR_DSN)
    with other.cursor() as cursor:
        actions.post(cursor, duck, new_run(cursor, OCTOBER), OCTOBER)
    assert fetched("SELECT pg_terminate_backend(%s, 5000)", other.info.backend_pid) == [(True,)]
    with pytest.raises(psycopg.OperationalError):
        other.commit()
    other.close()
    assert set(counts().values()) == {0}
    assert fetched("SELECT count(*) FROM cases_month_run") == [(0,)]
    posted(a_month())
    assert fetched("SELECT count(*) FROM payments_instruction") == [(2,)]


def test_a_failure_while_copying_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    duck = a_month()
    money(duck)
    copies = dict(actions.COPIES)
    columns, query = copies["payments_instruction"]
    copies["payments_instruction"] = (columns, query.replace("reference,", "error('power cut'),", 1))
    monkeypatch.setattr(actions, "COPIES", copies)
    with pytest.raises(duckdb.Error, match="power cut"):
        posted_and_checked(duck)
    assert set(counts().values()) == {0}


def test_what_is_exported_is_what_counts_before_the_month() -> None:
    posted(relations(settled=[(1, 1, "IGNOAPS", 27500)], payee=[payee(1)]), OCTOBER.previous())
    posted(relations(payee=[payee(1)]))
    duck = relations()
    queries.export_posted(connection.connection, duck, OCTOBER)
    assert rows(duck, "FROM posted") == [(first("2016-09"), 1, 1, "IGNOAPS", 27500)]
    queries.export_posted(connection.connection, duck, OCTOBER.next())
    assert rows(duck, "FROM posted") == [(first("2016-09"), 1, 1, "IGNOAPS", 0)]
    queries.export_outstanding(connection.connection, duck, OCTOBER)
    assert rows(duck, "FROM outstanding") == []
    queries.export_outstanding(connection.connection, duck, OCTOBER.next())
    assert rows(duck, "SELECT member_id, pension_group, for_month, paise FROM outstanding") == [
        (1, 1, first("2016-09"), 27500)
    ]
