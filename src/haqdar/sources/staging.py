"""One delivered file in DuckDB: its cells as text, and what is wrong with each by the rules of the file alone.

For a layout `residents` the tables are `residents_raw` (line and every column of the contract as text, NULL where empty)
and `residents_bad` (line, field, code, message). Nothing here looks into another file or the database.
"""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from haqdar.base.duck import connect_duck
from haqdar.base.progress import Bar
from haqdar.sources import messages
from haqdar.sources.layout import Column, FileLayout, Kind
from haqdar.sources.messages import quoted
from haqdar.sources.reader import UNREADABLE, CsvFile
from haqdar.sources.refusals import DuplicateColumn, FileRefused, MissingColumn, UnreadableParquet
from haqdar.sources.verhoeff import aadhaar_holds

PATTERNS = {
    Kind.FAMILY_ID: "[0-9]{8}",
    Kind.MEMBER_ID: "[0-9]{9}",
    Kind.BOOLEAN: "true|false",
    Kind.PERCENT: "-?[0-9]+([.][0-9]+)?",
    Kind.AMOUNT: "-?[0-9]+([.][0-9]{1,2}0*)?",
    Kind.MOBILE: "[6-9][0-9]{9}",
    Kind.IFSC: "[A-Z]{4}0[A-Z0-9]{6}",
    Kind.ACCOUNT: "[0-9A-Za-z]{6,18}",
}
_MOST_RUPEES = 10**12


@dataclass
class StagedFile:
    """A file that was read: `rows` counts its records, `extra` names ignored columns."""

    layout: FileLayout
    file: str
    rows: int
    extra: list[str] = field(default_factory=list)
    unreadable: bool = False


@contextmanager
def workbench(home: Path, memory: str = "1GB", threads: int = 2) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB database in bounded memory that spills to a folder of its own below `home`/tmp, removed afterwards.

    What a killed load left behind is removed first; hold the load's lock while calling this.
    """
    place = home / "tmp"
    place.mkdir(parents=True, exist_ok=True)
    for left in place.glob("load-*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="load-", dir=place) as folder:
        duck = connect_duck(
            memory_limit=memory, threads=threads, temp_directory=folder, preserve_insertion_order=False
        )
        try:
            yield duck
        finally:
            duck.close()


def read(duck: duckdb.DuckDBPyConnection, layout: FileLayout, path: Path, bar: Bar) -> StagedFile:
    """Read a CSV or Parquet file into `<name>_raw` and start `<name>_bad`; raises `FileRefused`."""
    duck.execute(f"DROP TABLE IF EXISTS {layout.name}_raw")
    duck.execute(
        f"CREATE OR REPLACE TABLE {layout.name}_bad (line BIGINT, field VARCHAR, code VARCHAR, message VARCHAR)"
    )
    if path.suffix == ".parquet":
        return _read_parquet(duck, layout, path, bar)
    return _read_csv(duck, layout, path, bar)


def _read_csv(duck: duckdb.DuckDBPyConnection, layout: FileLayout, path: Path, bar: Bar) -> StagedFile:
    source = CsvFile(path, [column.name for column in layout.columns], layout.required)
    refused: list[FileRefused] = []

    def batches() -> Iterator[pa.RecordBatch]:
        # A refusal inside the engine's scan would come back as an engine error; it is raised after the scan.
        try:
            for batch in source.batches():
                bar.advance(batch.num_rows)
                yield batch
        except FileRefused as refusal:
            refused.append(refusal)

    incoming = pa.RecordBatchReader.from_batches(source.schema, batches())
    cells = ", ".join(
        f"nullif({column.name}, '') AS {column.name}"
        if column.name in source.positions
        else f"NULL::VARCHAR AS {column.name}"
        for column in layout.columns
    )
    duck.register("incoming", incoming)
    duck.execute(f"CREATE TABLE {layout.name}_raw AS SELECT line, {cells} FROM incoming")
    duck.unregister("incoming")
    if refused:
        raise refused[0]
    for wrong in source.wrong:
        duck.register("wrong", wrong)
        duck.execute(
            f"INSERT INTO {layout.name}_bad SELECT line, '', 'bad_format', "
            f"{messages.wrong_width(len(source.header))} FROM wrong"
        )
        duck.unregister("wrong")
    rows = _count(duck, f"{layout.name}_raw") + _count(duck, f"{layout.name}_bad")
    return StagedFile(layout, path.name, rows, source.extra, source.unreadable)


def _read_parquet(duck: duckdb.DuckDBPyConnection, layout: FileLayout, path: Path, bar: Bar) -> StagedFile:
    source = f"read_parquet({quoted(str(path))}, file_row_number = true)"
    try:
        described = duck.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
        types = {str(name).strip().casefold(): (str(name), str(kind)) for name, kind, *_ in described}
        if len(types) < len(described):
            raise DuplicateColumn(file=path.name, columns=", ".join(sorted(types)))
        types.pop("file_row_number")
        missing = [name for name in layout.required if name not in types]
        if missing:
            raise MissingColumn(file=path.name, columns=", ".join(missing), header=", ".join(types))
        cells = ", ".join(
            f"{_as_text(column, *types[column.name])} AS {column.name}"
            if column.name in types
            else f"NULL::VARCHAR AS {column.name}"
            for column in layout.columns
        )
        duck.execute(
            f"CREATE TABLE {layout.name}_raw AS SELECT file_row_number + 2 AS line, {cells} FROM {source}"
        )
    except duckdb.Error as error:
        raise UnreadableParquet(file=path.name) from error
    rows = _count(duck, f"{layout.name}_raw")
    bar.advance(rows)
    extra = [name for name in types if name not in layout.by_name]
    return StagedFile(layout, path.name, rows, extra)


def _as_text(column: Column, name: str, kind: str) -> str:
    """A Parquet column of any sensible type as the text it would have in a CSV file."""
    cell = '"' + name.replace('"', '""') + '"'
    if column.kind is Kind.DATE and kind.startswith("TIMESTAMP"):
        # Midnight is how some writers store a date; any other time of day stays visible and is refused.
        text = f"CASE WHEN {cell}::TIMESTAMP::TIME = TIME '00:00:00' THEN {cell}::DATE::VARCHAR ELSE {cell}::VARCHAR END"
    elif kind == "BLOB":
        text = f"TRY(decode({cell}))"
    else:
        text = f"{cell}::VARCHAR"
    if "INT" in kind and column.kind in (Kind.FAMILY_ID, Kind.MEMBER_ID):
        width = 8 if column.kind is Kind.FAMILY_ID else 9
        # lpad would cut a longer number to the width.
        text = f"CASE WHEN length({text}) < {width} THEN lpad({text}, {width}, '0') ELSE {text} END"
    return f"nullif({text}, '')"


def check(
    duck: duckdb.DuckDBPyConnection,
    staged: StagedFile,
    delivered_on: date,
    schemes: Mapping[str, int],
) -> None:
    """Add a row to `<name>_bad` for every cell that breaks a rule of its own file.

    `schemes` are the schemes the law knows. At most one row per cell: the first rule that fails, in the order
    missing, unreadable, format, list, range, future, order of two dates.
    """
    layout = staged.layout
    for column in layout.columns:
        rules = _rules(column, delivered_on, tuple(schemes), staged.unreadable)
        if column.name == "parent_code":
            rules[0] = (rules[0][0] + " AND kind IS DISTINCT FROM 'state'", *rules[0][1:])
        if rules:
            _insert(duck, layout, column, rules)
    for earlier, later in layout.ordered:
        duck.execute(
            f"INSERT INTO {layout.name}_bad SELECT line, {quoted(later)}, 'end_before_start',"
            f" {messages.end_before_start(layout.by_name[later], earlier)}"
            f" FROM (SELECT line, {later} AS v, {earlier} AS w FROM {layout.name}_raw WHERE {later} < {earlier}) r"
            f" WHERE NOT EXISTS (FROM {layout.name}_bad b WHERE b.line = r.line"
            f" AND b.field IN ({quoted(earlier)}, {quoted(later)}))"
        )


def _insert(
    duck: duckdb.DuckDBPyConnection, layout: FileLayout, column: Column, rules: list[tuple[str, str, str]]
) -> None:
    number = "CASE " + " ".join(f"WHEN {rule[0]} THEN {at}" for at, rule in enumerate(rules)) + " END"
    code = "CASE n " + " ".join(f"WHEN {at} THEN {quoted(rule[1])}" for at, rule in enumerate(rules)) + " END"
    text = "CASE n " + " ".join(f"WHEN {at} THEN {rule[2]}" for at, rule in enumerate(rules)) + " END"
    beside = ", kind" if column.name == "parent_code" else ""
    duck.execute(
        f"INSERT INTO {layout.name}_bad SELECT line, {quoted(column.name)}, {code}, {text}"
        f" FROM (SELECT line, v, {number} AS n FROM (SELECT line, {column.name} AS v{beside} FROM {layout.name}_raw))"
        " WHERE n IS NOT NULL"
    )


def _rules(
    column: Column, delivered_on: date, schemes: tuple[str, ...], unreadable: bool
) -> list[tuple[str, str, str]]:
    """(SQL that is true when broken, code, message) in the order of precedence."""
    rules: list[tuple[str, str, str]] = []
    if column.required:
        rules.append(("v IS NULL", "missing_value", messages.missing(column)))
    if unreadable:
        rules.append((f"contains(v, {quoted(UNREADABLE)})", "bad_format", messages.unreadable(column)))
    if column.kind in PATTERNS:
        pattern = quoted(PATTERNS[column.kind])
        rules.append((f"NOT regexp_full_match(v, {pattern})", "bad_format", messages.bad_format(column)))
    if column.kind is Kind.DATE:
        rules.append((f"v IS NOT NULL AND NOT {is_date('v')}", "bad_format", messages.bad_format(column)))
    if column.kind is Kind.AADHAAR:
        rules.append(
            (
                f"v IS NOT NULL AND NOT {aadhaar_holds('v')}",
                "bad_check_digit",
                messages.wrong_check_digit(column),
            )
        )
    values = schemes if column.kind is Kind.SCHEME else column.values
    if values:
        listed = ", ".join(quoted(value) for value in values)
        rules.append((f"v NOT IN ({listed})", "not_in_list", messages.not_in_list(column, values)))
    if column.kind is Kind.PERCENT:
        inside = "coalesce(TRY_CAST(v AS DECIMAL(38, 18)) BETWEEN 0 AND 100, false)"
        rules.append((f"v IS NOT NULL AND NOT {inside}", "out_of_range", messages.out_of_range(column)))
    if column.kind is Kind.AMOUNT:
        inside = f"coalesce(TRY_CAST(v AS DECIMAL(38, 2)) BETWEEN 0 AND {_MOST_RUPEES}, false)"
        rules.append((f"v IS NOT NULL AND NOT {inside}", "out_of_range", messages.out_of_range(column)))
    if column.past:
        rules.append((f"v > '{delivered_on}'", "date_in_future", messages.in_future(column, delivered_on)))
    return rules


def is_date(text: str) -> str:
    """SQL that is true if the text is a day written YYYY-MM-DD, from year 1 on."""
    return (
        f"(regexp_full_match({text}, '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}') AND {text} >= '0001-01-01'"
        f" AND TRY_CAST({text} AS DATE) IS NOT NULL)"
    )


def typed(column: Column, text: str | None = None) -> str:
    """SQL of the column's value in its own type; NULL where it is empty or cannot be read."""
    cell = text or column.name
    if column.kind in (Kind.FAMILY_ID, Kind.MEMBER_ID):
        return f"TRY_CAST({cell} AS INTEGER)"
    if column.kind is Kind.DATE:
        return f"TRY_CAST({cell} AS DATE)"
    if column.kind is Kind.BOOLEAN:
        return f"({cell} = 'true')"
    if column.kind is Kind.PERCENT:
        # Cut, not rounded: 79.9999999 must not become 80.
        return f"TRY_CAST(regexp_replace({cell}, '([.][0-9]{{6}}).*', '\\1') AS DECIMAL(9, 6))"
    if column.kind is Kind.AMOUNT:
        return f"CAST(TRY_CAST({cell} AS DECIMAL(38, 2)) * 100 AS BIGINT)"
    return cell


def _count(duck: duckdb.DuckDBPyConnection, table: str) -> int:
    row = duck.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0]) if row else 0


__all__ = ["StagedFile", "check", "is_date", "read", "typed", "workbench"]
