"""Reads of money: what earlier runs posted (for the next run), passbooks, bills and totals (for people)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.csv as pacsv
from django.db import connection
from duckdb import DuckDBPyConnection

from haqdar.access.actors import Actor, OutsideYourArea, below, require, require_area
from haqdar.access.queries import Place
from haqdar.base.month import Month
from haqdar.base.refusal import Refusal


class NoSuchMember(Refusal):
    """No resident has the member ID."""

    code = "no_such_member"
    en = "There is no resident with the member ID {member_id}. Check the nine digits."
    hi = "सदस्य आईडी {member_id} का कोई निवासी नहीं है। नौ अंक जाँचें।"


COUNTED = "r.state = 'complete' AND r.posted"
"""The runs whose rows count; `r` is cases_month_run."""


# -- for the next run ----------------------------------------------------------------------------------------------

_POSTED = f"""
    SELECT d.for_month, d.member_id, d.pension_group, d.scheme, sum(d.paise)::bigint
    FROM payments_due d JOIN cases_month_run r ON r.id = d.run_id
    WHERE {COUNTED} AND r.month < %s AND d.occasion = ''
    GROUP BY 1, 2, 3, 4
"""
_BENEFIT_POSTED = f"""
    SELECT d.scheme, d.occasion, d.member_id, d.pension_group, min(d.for_month), sum(d.paise)::bigint
    FROM payments_due d JOIN cases_month_run r ON r.id = d.run_id
    WHERE {COUNTED} AND r.month < %s AND d.occasion <> ''
    GROUP BY 1, 2, 3, 4
"""
_OUTSTANDING = f"""
    SELECT d.id, d.member_id, d.pension_group, d.for_month,
        (-d.paise - coalesce(w.paise, 0) - coalesce(s.paise, 0))::bigint
    FROM payments_due d
    JOIN cases_month_run r ON r.id = d.run_id
    LEFT JOIN (
        SELECT w.recovery_id, sum(w.paise) AS paise
        FROM payments_withholding w JOIN cases_month_run r ON r.id = w.run_id
        WHERE {COUNTED} AND r.month < %s
        GROUP BY 1
    ) w ON w.recovery_id = d.id
    LEFT JOIN (SELECT recovery_id, sum(paise) AS paise FROM payments_settlement GROUP BY 1) s ON s.recovery_id = d.id
    WHERE {COUNTED} AND r.month < %s AND d.kind = 'recovery' AND -d.paise > coalesce(w.paise, 0) + coalesce(s.paise, 0)
"""


def export_posted(pg: psycopg.Connection[Any], duck: DuckDBPyConnection, month: Month) -> None:
    """Make `posted` (for_month, member_id, pension_group, scheme, paise) in DuckDB, for the run of `month`.

    The sum of all pension dues that counted runs of earlier months posted; a sum of zero is a row too, so that somebody whose
    money was recovered whole is looked at again. Needs a transaction that sees one state of the tables.
    """
    types = {
        "for_month": pa.date32(),
        "member_id": pa.int32(),
        "pension_group": pa.int32(),
        "scheme": pa.string(),
        "paise": pa.int64(),
    }
    _export(pg, duck, "posted", _POSTED, [month.first_day], types)


def export_regular(pg: psycopg.Connection[Any], duck: DuckDBPyConnection, run_id: int) -> None:
    """Make `then_due` (member_id, pension_group, scheme, paise) in DuckDB: what the run `run_id` posted for its own month."""
    types = {
        "member_id": pa.int32(),
        "pension_group": pa.int32(),
        "scheme": pa.string(),
        "paise": pa.int64(),
    }
    query = "SELECT member_id, pension_group, scheme, paise FROM payments_due WHERE kind = 'regular' AND run_id = %s AND occasion = ''"
    _export(pg, duck, "then_due", query, [run_id], types)


def export_posted_benefits(pg: psycopg.Connection[Any], duck: DuckDBPyConnection, month: Month) -> None:
    """Make `benefit_posted` (scheme, occasion, member_id, pension_group, for_month, paise) in DuckDB, for the run of `month`.

    What counted runs of earlier months posted for each occasion of a benefit beside the pensions, by payee.
    """
    types = {
        "scheme": pa.string(),
        "occasion": pa.string(),
        "member_id": pa.int32(),
        "pension_group": pa.int32(),
        "for_month": pa.date32(),
        "paise": pa.int64(),
    }
    _export(pg, duck, "benefit_posted", _BENEFIT_POSTED, [month.first_day], types)


def export_outstanding(pg: psycopg.Connection[Any], duck: DuckDBPyConnection, month: Month) -> None:
    """Make `outstanding` (recovery_id, member_id, pension_group, for_month, paise) in DuckDB, for the run of `month`.

    Each recovery that counted runs of earlier months posted, with the part not yet kept back by them.
    """
    types = {
        "recovery_id": pa.int64(),
        "member_id": pa.int32(),
        "pension_group": pa.int32(),
        "for_month": pa.date32(),
        "paise": pa.int64(),
    }
    _export(pg, duck, "outstanding", _OUTSTANDING, [month.first_day, month.first_day], types)


class _Pipe:
    """A COPY TO STDOUT as a file that can be read once, block by block."""

    def __init__(self, blocks: Iterator[bytes | bytearray | memoryview]) -> None:
        self._blocks = blocks
        self._rest = b""
        self.closed = False

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return False

    def seekable(self) -> bool:
        return False

    def close(self) -> None:
        self.closed = True

    def read(self, size: int = -1) -> bytes:
        parts, length = [self._rest], len(self._rest)
        while size < 0 or length < size:
            block = next(self._blocks, None)
            if block is None:
                break
            parts.append(bytes(block))
            length += len(parts[-1])
        data = b"".join(parts)
        size = len(data) if size < 0 else size
        self._rest = data[size:]
        return data[:size]


def _export(
    pg: psycopg.Connection[Any],
    duck: DuckDBPyConnection,
    name: str,
    query: str,
    values: list[Any],
    types: dict[str, pa.DataType],
) -> None:
    schema = pa.schema(types.items())
    empty = schema.empty_table()
    duck.register("empty", empty)
    duck.execute(f"CREATE OR REPLACE TABLE {name} AS FROM empty")
    duck.unregister("empty")
    with (
        pg.cursor() as cursor,
        cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv, HEADER)".encode(), values) as copy,
    ):
        reader = pacsv.open_csv(
            pa.PythonFile(_Pipe(iter(copy)), mode="r"),
            read_options=pacsv.ReadOptions(column_names=list(types), skip_rows=1, block_size=1 << 22),
            convert_options=pacsv.ConvertOptions(column_types=types),
        )
        duck.register("incoming", reader)
        try:
            duck.execute(f"INSERT INTO {name} FROM incoming")
        finally:
            duck.unregister("incoming")


def posted_by_month(member_id: int, group: int) -> dict[date, int]:
    """Month -> paise that counted runs posted for it, net of recoveries; call it for somebody whom the actor may see."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT d.for_month, sum(d.paise)::bigint FROM payments_due d JOIN cases_month_run r ON r.id = d.run_id"
            f" WHERE {COUNTED} AND d.member_id = %s AND d.pension_group = %s AND d.occasion = '' GROUP BY 1",
            [member_id, group],
        )
        return dict(cursor.fetchall())


def posted_for_numbers(member_ids: list[int]) -> dict[tuple[int, date, int], int]:
    """(number, month, pension group) -> paise that counted runs posted for it, net; for people whom the actor may see."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT d.member_id, d.for_month, d.pension_group, sum(d.paise)::bigint FROM payments_due d"
            f" JOIN cases_month_run r ON r.id = d.run_id WHERE {COUNTED} AND d.member_id = ANY(%s) AND d.occasion = ''"
            " GROUP BY 1, 2, 3",
            [member_ids],
        )
        return {(member, month, group): paise for member, month, group, paise in cursor.fetchall()}


# -- bills and totals ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class BillRow:
    """One bill of a month; paise."""

    bill_no: str
    ddo_code: str
    office_en: str
    office_hi: str
    scheme: str
    head: str
    month: date
    persons: int
    paise: int


_BILLS = """
    WITH office AS (
        SELECT DISTINCT ON (o.ddo_code) o.ddo_code, o.name_en, o.name_hi
        FROM access_office o JOIN access_area a ON a.area_code = o.area_code
        WHERE o.ddo_code IS NOT NULL AND a.path LIKE ANY(%(paths)s)
        ORDER BY o.ddo_code, a.depth, o.office_code
    )
    SELECT b.bill_no, b.ddo_code, coalesce(o.name_en, ''), coalesce(o.name_hi, o.name_en, ''), b.scheme, b.head, b.month,
        b.persons, b.paise
    FROM payments_bill b
    JOIN cases_month_run r ON r.id = b.run_id
    LEFT JOIN office o ON o.ddo_code = b.ddo_code
    WHERE (o.ddo_code IS NOT NULL OR %(whole_state)s) AND {condition}
    ORDER BY b.bill_no
"""


def bills(actor: Actor, month: Month) -> list[BillRow]:
    """The bills in force of a month whose drawing officer has an office in the actor's area, by number.

    Needs `payments.view`. Bills of a drawing officer without an office on record are the State's alone.
    """
    return _bills(actor, f"{COUNTED} AND r.month = %(chosen)s", month.first_day)


def bills_of_month(actor: Actor, run_id: int) -> list[dict[str, Any]]:
    """The bills of one run, superseded or not, as rows of column name to value; scoped like `bills`."""
    return [vars(bill) for bill in _bills(actor, "r.id = %(chosen)s", run_id)]


def _bills(actor: Actor, condition: str, chosen: date | int) -> list[BillRow]:
    actor = require(actor, "payments.view")
    with connection.cursor() as cursor:
        cursor.execute(
            _BILLS.format(condition=condition),
            {"paths": actor.path_patterns(), "whole_state": actor.area_paths is None, "chosen": chosen},
        )
        return [BillRow(*row) for row in cursor.fetchall()]


def bill_months(actor: Actor) -> list[date]:
    """The months that have posted money, newest first. Needs `payments.view`."""
    actor = require(actor, "payments.view")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT r.month FROM cases_month_run r WHERE {COUNTED} ORDER BY r.month DESC")
        return [month for (month,) in cursor.fetchall()]


@dataclass(frozen=True)
class SchemeMoney:
    """The month's money of one scheme in an area; paise, none of them negative.

    `persons` are those with a regular due. `instructed_paise` is what banks were told to pay.
    """

    scheme: str
    persons: int
    regular_paise: int
    arrears_paise: int
    recovery_paise: int
    withheld_paise: int
    instructed_paise: int

    @property
    def payable_paise(self) -> int:
        """What is to be paid: regular and arrears less what is kept back."""
        return self.regular_paise + self.arrears_paise - self.withheld_paise


def month_money(actor: Actor, month: Month, area: Place | str | None = None) -> list[SchemeMoney]:
    """Totals by scheme of a month's posted money, for `area` (a place, an area code, or the actor's whole area).

    Needs `month.view`; refuses with OutsideYourArea.
    """
    actor = require(actor, "month.view")
    with connection.cursor() as cursor:
        condition, values = _month_in_area(cursor, actor, month, area)
        cursor.execute(
            f"""
            SELECT t.scheme, sum(t.persons)::int, sum(t.regular_paise)::bigint, sum(t.arrears_paise)::bigint,
                sum(t.recovery_paise)::bigint, sum(t.withheld_paise)::bigint, sum(t.instructed_paise)::bigint
            FROM payments_area_total t
            JOIN cases_month_run r ON r.id = t.run_id
            LEFT JOIN access_area a ON a.area_code = t.area_code
            WHERE {COUNTED} AND r.month = %s AND {condition}
            GROUP BY t.scheme
            ORDER BY t.scheme
            """,
            values,
        )
        return [SchemeMoney(*row) for row in cursor.fetchall()]


def month_not_payable(actor: Actor, month: Month, area: Place | str | None = None) -> tuple[int, int]:
    """Persons and paise of a month that are payable but could not be put into the bank file, for `area`.

    Needs `month.view`; refuses with OutsideYourArea.
    """
    actor = require(actor, "month.view")
    with connection.cursor() as cursor:
        condition, values = _month_in_area(cursor, actor, month, area)
        cursor.execute(
            f"""
            SELECT count(DISTINCT n.member_id)::int, coalesce(sum(n.paise), 0)::bigint
            FROM payments_not_payable n
            JOIN cases_month_run r ON r.id = n.run_id
            LEFT JOIN access_area a ON a.area_code = n.area_code
            WHERE {COUNTED} AND r.month = %s AND {condition}
            """,
            values,
        )
        persons, paise = cursor.fetchone()
        return persons, paise


def _month_in_area(
    cursor: Any, actor: Actor, month: Month, area: Place | str | None
) -> tuple[str, list[Any]]:
    """The SQL condition on `access_area a` with its values, the month's first day first."""
    condition = "(a.path LIKE ANY(%s) OR (a.path IS NULL AND %s))"
    values: list[Any] = [month.first_day, actor.path_patterns(), actor.area_paths is None]
    if area is not None:
        path, kind = (area.path, area.kind) if isinstance(area, Place) else _path(cursor, area)
        require_area(actor, path)
        if kind != "state":
            condition, values = "a.path LIKE %s", [month.first_day, below(path)]
    return condition, values


def _path(cursor: Any, area_code: str) -> tuple[str, str]:
    cursor.execute("SELECT path, kind FROM access_area WHERE area_code = %s", [area_code])
    row = cursor.fetchone()
    if row is None:
        raise OutsideYourArea()
    return row[0], row[1]
