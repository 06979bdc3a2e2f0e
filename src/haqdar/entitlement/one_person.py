"""The registers read through merges: what is said of a number that was merged into another is said of that person.

A merge (`registry.merges`) moves no row of the register. Here, between the rows as believed and the timelines, a merged number
ceases to be somebody: its own record is left out, its events, certificates, studies and incomes become the survivor's, and whoever
names it as mother, father or spouse names the survivor. What the pension registers said of it by then is carried on as an
award (`cases.merged`); a row that they bring later is a pensioner without a resident, and so listed.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

import duckdb
import psycopg

from haqdar.entitlement.registers import EVERY_REGISTER

RELATION = "raw_merge"

#: Registers of what happened to a person or what a person holds: they go over to the survivor.
_GO_OVER = ("raw_event", "raw_disability", "raw_life_event", "raw_student", "raw_income")
#: Registers with one row for a person: the survivor's speaks.
_OWN_ROW = ("raw_resident", "raw_household")


def believe(duck: duckdb.DuckDBPyConnection) -> bool:
    """Make the view ``one_person`` (member_id, survivor_id, known_from) of ``raw_merge``; whether it has any row."""
    duck.execute(
        f"CREATE OR REPLACE VIEW one_person AS SELECT * FROM {RELATION} WHERE survivor_id IS NOT NULL"
    )
    (found,) = duck.execute("SELECT EXISTS (FROM one_person)").fetchone() or (False,)
    return bool(found)


def as_one(name: str, rows: str) -> str:
    """The SELECT (DuckDB) of a register's `rows`, themselves a SELECT, read through ``one_person``."""
    if name in _OWN_ROW:
        pointers = [column for column in ("mother_id", "father_id", "spouse_id") if _has(name, column)]
        return (
            f"SELECT r.* {_replaced(pointers, 'r.member_id')} FROM ({rows}) r"
            f" ANTI JOIN one_person gone ON gone.member_id = r.member_id {_joined(pointers)}"
        )
    if name in _GO_OVER:
        spouse = ["spouse_id"] if _has(name, "spouse_id") else []
        own = "coalesce(p_member_id.survivor_id, r.member_id)"
        return f"SELECT r.* {_replaced(spouse, own, f'{own} AS member_id')} FROM ({rows}) r {_joined(['member_id', *spouse])}"
    if name == "raw_pension":
        return f"SELECT r.* FROM ({rows}) r ANTI JOIN one_person p ON p.member_id = r.member_id AND r.known_from <= p.known_from"
    return rows


def _has(name: str, column: str) -> bool:
    return column in EVERY_REGISTER[name].schema.names


def _replaced(pointers: list[str], own: str, *more: str) -> str:
    # whom a merge makes the own spouse or parent is nobody; what the files say of people without a merge stays as it is
    own_merged = "p_member_id.survivor_id IS NOT NULL OR " if more else ""
    parts = [
        *more,
        *(
            f"CASE WHEN {own_merged}p_{c}.survivor_id IS NOT NULL"
            f" THEN nullif(coalesce(p_{c}.survivor_id, r.{c}), {own}) ELSE r.{c} END AS {c}"
            for c in pointers
        ),
    ]
    return f"REPLACE ({', '.join(parts)})" if parts else ""


def _joined(columns: list[str]) -> str:
    return " ".join(f"LEFT JOIN one_person p_{c} ON p_{c}.member_id = r.{c}" for c in columns)


def apply(duck: duckdb.DuckDBPyConnection, names: Collection[str]) -> None:
    """Read these relations of `duck` through ``one_person``, in place."""
    for name in names:
        duck.execute(f"CREATE OR REPLACE TABLE {name} AS {as_one(name, f'FROM {name}')}")


def widened(pg: psycopg.Connection[Any], members: Collection[int]) -> set[int]:
    """These members, and whoever was ever believed to be one with any of them."""
    rows = pg.execute(
        b"SELECT member_id, survivor_id FROM registry_merge WHERE survivor_id IS NOT NULL AND member_id IN ("
        b" SELECT member_id FROM registry_merge WHERE member_id = ANY(%(ids)s) OR survivor_id = ANY(%(ids)s)"
        b" UNION SELECT o.member_id FROM registry_merge o JOIN registry_merge m ON m.survivor_id = o.survivor_id"
        b"  WHERE m.member_id = ANY(%(ids)s))",
        {"ids": list(members)},
    ).fetchall()
    return {*members, *(int(str(number)) for row in rows for number in row)}


def latest_knowledge(cursor: Any, known_on: date) -> date | None:
    """The last day on which anything became known of merges or of merged numbers, whose own rows no snapshot has."""
    cursor.execute(
        "SELECT max(day) AS day FROM ("
        f" SELECT max(known_from) AS day FROM registry_merge WHERE known_from <= DATE '{known_on}'"
        " UNION ALL SELECT max(b.known_from) FROM registry_resident_belief b"
        f" WHERE b.known_from <= DATE '{known_on}' AND b.member_id IN (SELECT member_id FROM registry_merge)"
        " UNION ALL SELECT max(b.known_from) FROM registry_pension_belief b"
        f" WHERE b.known_from <= DATE '{known_on}' AND b.member_id IN (SELECT member_id FROM registry_merge)) x"
    )
    (row,) = cursor.fetch_arrow_table().to_pylist()
    day = row["day"]
    return day if isinstance(day, date) else None
