"""Whole sets of rows between DuckDB and PostgreSQL, by COPY, inside Django's transaction.

DuckDB writes each row as one line of COPY's text format, so that a batch is one buffer and no row is touched in Python.
"""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import duckdb
import pyarrow as pa
from django.db import connection

from haqdar.base.progress import Bar
from haqdar.sources.messages import quoted

_BATCH = 20_000


def push(
    duck: duckdb.DuckDBPyConnection,
    query: str,
    table: str,
    columns: Sequence[str],
    bar: Bar | None = None,
) -> int:
    """Append the rows of a DuckDB query, whose columns stand in the order of `columns`, to a PostgreSQL table."""
    described = duck.execute(f"DESCRIBE {query}").fetchall()
    names = [f"c{at}" for at in range(len(described))]
    cells = [_copy_text(name, str(kind)) for name, (_, kind, *_) in zip(names, described, strict=True)]
    line = " || chr(9) || ".join(cells) + " || chr(10)"
    reader = duck.execute(f"SELECT {line} AS line FROM ({query}) AS t({', '.join(names)})").to_arrow_reader(
        _BATCH
    )
    rows = 0
    copied = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    with ThreadPoolExecutor(1) as ahead, connection.cursor() as cursor, cursor.copy(copied) as copy:
        # DuckDB prepares the next batch while PostgreSQL takes in this one.
        upcoming = ahead.submit(next, reader, None)
        while (batch := upcoming.result()) is not None:
            upcoming = ahead.submit(next, reader, None)
            copy.write(_buffer(batch.column(0)))
            rows += batch.num_rows
            if bar is not None:
                bar.advance(batch.num_rows)
    return rows


def pull(duck: duckdb.DuckDBPyConnection, query: str, table: str, columns: Mapping[str, str]) -> None:
    """Create a DuckDB table with the rows of a PostgreSQL query; `columns` gives names and DuckDB types in order."""
    with tempfile.NamedTemporaryFile(dir=_folder(duck), suffix=".csv") as file:
        with connection.cursor() as cursor, cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv)") as copy:
            for data in copy:
                file.write(data)
        file.flush()
        typed = ", ".join(f"'{name}': '{kind}'" for name, kind in columns.items())
        duck.execute(
            f"CREATE OR REPLACE TABLE {table} AS FROM read_csv({quoted(file.name)}, header = false, auto_detect = false,"
            f" columns = {{{typed}}}, delim = ',', quote = '\"', escape = '\"', nullstr = '', parallel = false)"
        )


@contextmanager
def temporary(name: str, columns: Mapping[str, str]) -> Iterator[str]:
    """A temporary PostgreSQL table for the keys of a delivery; `columns` gives names and types."""
    defined = ", ".join(f"{column} {kind}" for column, kind in columns.items())
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE {name} ({defined})")
        try:
            yield name
        finally:
            if not connection.needs_rollback:
                cursor.execute(f"DROP TABLE IF EXISTS {name}")


def is_empty(table: str) -> bool:
    """Whether a PostgreSQL table has no row."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT NOT EXISTS (SELECT 1 FROM {table})")
        row = cursor.fetchone()
    return bool(row and row[0])


@contextmanager
def without_indexes(table: str, wanted: bool) -> Iterator[None]:
    """Drop a table's secondary indexes and foreign keys while the body fills it, and build them once at the end.

    Only when `wanted` (the table is empty or grows by much); everything is inside the caller's transaction.
    """
    if not wanted:
        yield
        return
    with connection.cursor() as cursor:
        # Deferred checks of earlier rows would forbid to alter the table.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = %s::regclass AND contype = 'f' ORDER BY conname",
            [table],
        )
        foreign = cursor.fetchall()
        cursor.execute(
            "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i"
            " WHERE i.indrelid = %s::regclass AND NOT i.indisprimary"
            " AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid) ORDER BY 1",
            [table],
        )
        indexes = cursor.fetchall()
        for name, _ in foreign:
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
        yield
        cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
        for _, definition in indexes:
            cursor.execute(definition)
        for name, definition in foreign:
            cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')


def _copy_text(name: str, kind: str) -> str:
    if kind == "VARCHAR":
        escaped = name
        for raw, shown in (
            ("'\\'", "'\\\\'"),
            ("chr(9)", "'\\t'"),
            ("chr(10)", "'\\n'"),
            ("chr(13)", "'\\r'"),
        ):
            escaped = f"replace({escaped}, {raw}, {shown})"
    elif kind == "BLOB":
        escaped = f"'\\\\x' || hex({name})"
    else:
        escaped = f"{name}::VARCHAR"
    return f"coalesce({escaped}, '\\N')"


def _buffer(column: "pa.Array[Any]") -> memoryview:
    """The characters of a text column without NULLs as one piece of memory."""
    _, offsets, data = column.buffers()
    assert offsets is not None
    assert data is not None
    places = memoryview(offsets).cast("q" if pa.types.is_large_string(column.type) else "i")
    return memoryview(data)[places[column.offset] : places[column.offset + len(column)]]


def _folder(duck: duckdb.DuckDBPyConnection) -> str:
    row = duck.execute("SELECT current_setting('temp_directory')").fetchone()
    assert row is not None
    return str(row[0])
