"""Keeps `registry_lookup` at what is believed now: by which words, areas and years a resident is found.

Each way of adding a belief calls this in its own transaction: a delivery for all its rows at once, the desk for the people it wrote
about. Everything happens in a few statements over sets; keys are computed once for each distinct word.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb
from django.db import connection, transaction

from haqdar.base.names import MARKS, joined_key_sql, name_key_sql, vowel_key_sql
from haqdar.base.sql import statement
from haqdar.registry.bridge import is_empty, push, without_indexes

PACKAGE = "haqdar.registry"
_BULK_ROWS = 20_000
_POINTING = (
    "INSERT INTO lookup_wanted SELECT b.member_id FROM registry_resident_belief b"
    " WHERE {column} IN (SELECT member_id FROM lookup_wanted)"
    " EXCEPT SELECT member_id FROM lookup_wanted"
)


def keep(members: Sequence[int]) -> None:
    """Bring these residents' rows to what is believed now, and those of the people whose father, mother or spouse they are."""
    if members:
        with transaction.atomic(), _wanted() as cursor:
            cursor.execute("INSERT INTO lookup_wanted SELECT DISTINCT unnest(%s::integer[])", [list(members)])
            _refresh(bulk=False)


def keep_families(families: Sequence[int]) -> None:
    """The same for everybody whose latest belief names one of these families, after they moved."""
    if families:
        with transaction.atomic(), _wanted() as cursor:
            cursor.execute(
                "INSERT INTO lookup_wanted SELECT DISTINCT member_id FROM registry_resident_belief"
                " WHERE family_id = ANY(%s)",
                [list(families)],
            )
            _refresh(bulk=False)


def keep_file(duck: duckdb.DuckDBPyConnection, name: str, rows: int) -> None:
    """The same for the `rows` beliefs that a file of residents or families brought, which stand in `<name>_new`."""
    if name not in ("residents", "families") or rows == 0:
        return
    first = is_empty("registry_lookup")
    if name == "families" and first:
        return
    with _wanted() as cursor:
        if name == "residents":
            push(duck, "SELECT member_id FROM residents_new", "lookup_wanted", ["member_id"])
        else:
            cursor.execute("CREATE TEMP TABLE lookup_family (family_id integer)")
            push(
                duck,
                "SELECT family_id FROM families_new WHERE belief_no > 1",
                "lookup_family",
                ["family_id"],
            )
            cursor.execute(
                "INSERT INTO lookup_wanted SELECT DISTINCT member_id FROM registry_resident_belief"
                " JOIN lookup_family USING (family_id); DROP TABLE lookup_family"
            )
        cursor.execute("ANALYZE lookup_wanted")
        _refresh(bulk=rows > _BULK_ROWS and (first or _most(rows)), pointing=not first)


def catch_up() -> int:
    """Make or renew the rows that are missing or older than the latest belief; returns how many.

    For a register that was filled before there were such rows, and against a writer that forgot.
    """
    with transaction.atomic(), _wanted() as cursor:
        cursor.execute(
            "INSERT INTO lookup_wanted SELECT DISTINCT b.member_id FROM registry_resident_belief b"
            " LEFT JOIN registry_lookup l USING (member_id) WHERE l.member_id IS NULL OR l.belief_no < b.belief_no"
        )
        found = int(cursor.rowcount)
        if found:
            cursor.execute("ANALYZE lookup_wanted")
            _refresh(bulk=found > _BULK_ROWS and _most(found))
        return found


@contextmanager
def areas_may_move() -> Iterator[None]:
    """Around a refresh of the areas: people of an area that then lies elsewhere or has another name are found there."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE lookup_area_before AS SELECT area_code, path, name_en, name_hi FROM access_area"
        )
        yield
        cursor.execute(
            "DELETE FROM registry_lookup_term t USING lookup_area_before b, access_area a WHERE t.kind = 'place'"
            " AND t.text = a.area_code AND b.area_code = a.area_code AND (a.name_en, a.name_hi) IS DISTINCT FROM (b.name_en, b.name_hi)"
            " RETURNING t.text"
        )
        renamed = [code.replace("/", "%2F") for (code,) in cursor.fetchall()]
        cursor.execute(
            "SELECT array_agg(DISTINCT f.family_id) FROM registry_family_belief f JOIN access_area a USING (area_code)"
            " WHERE EXISTS (SELECT FROM lookup_area_before b WHERE b.area_code = a.area_code AND b.path <> a.path)"
            " OR string_to_array(trim(both '/' from a.path), '/') && %s::text[]",
            [renamed],
        )
        (families,) = cursor.fetchone() or (None,)
        cursor.execute("DROP TABLE lookup_area_before")
    keep_families(families or [])


@contextmanager
def _wanted() -> Iterator[Any]:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE lookup_wanted (member_id integer)")
        yield cursor
        cursor.execute("DROP TABLE lookup_wanted")


def _refresh(*, bulk: bool, pointing: bool = True) -> None:
    with connection.cursor() as cursor:
        if pointing:
            for column in ("mother_id", "father_id", "spouse_id"):
                cursor.execute(_POINTING.format(column=column))
        cursor.execute(_written("lookup_terms"))
        if bulk:
            for table in ("latest", "person", "spelling", "word", "home", "above"):
                cursor.execute(f"ANALYZE lookup_{table}")
            cursor.execute("ANALYZE registry_lookup_term")
    with without_indexes("registry_lookup", bulk), connection.cursor() as cursor:
        cursor.execute(_written("lookup_rows"))
    if bulk:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE registry_lookup")


def _most(rows: int) -> bool:
    """Whether so many rows are written that building the indexes anew is cheaper than keeping them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT greatest(reltuples, 0) FROM pg_class WHERE oid = 'registry_lookup'::regclass")
        (before,) = cursor.fetchone() or (0,)
    return bool(rows > before)


def _written(name: str) -> str:
    keys = {
        "{marks}": MARKS,
        "{spaces}": " " * len(MARKS),
        "{vowel_key}": vowel_key_sql("spelled", "postgresql"),
        "{name_key}": name_key_sql("spelled", "postgresql"),
        "{place_key}": joined_key_sql("a.name_en", "postgresql"),
        "{place_key_hi}": joined_key_sql("coalesce(a.name_hi, '')", "postgresql"),
    }
    text = statement(PACKAGE, name)
    for mark, value in keys.items():
        text = text.replace(mark, value)
    return text
