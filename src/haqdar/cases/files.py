"""The files of a month as the contract names them, written whole or not at all."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import duckdb

from haqdar.base.files import atomic_write, sha256_of

_ID = "lpad(CAST(member_id AS VARCHAR), 9, '0') AS member_id"


def _rupees(column: str, name: str) -> str:
    """Whole rupees; paise only where a delivered amount has them."""
    return (
        f"CASE WHEN {column} % 100 = 0 THEN CAST({column} // 100 AS VARCHAR)"
        f" ELSE format('{{}}.{{:02d}}', {column} // 100, {column} % 100) END AS {name}"
    )


ENTITLEMENTS = f'SELECT {_ID}, pension_group AS "group", scheme, {_rupees("paise", "amount")} FROM entitlement ORDER BY ALL'
WORKLIST = (
    f'SELECT action, {_ID}, pension_group AS "group", from_scheme, {_rupees("from_paise", "from_amount")},'
    f" to_scheme, {_rupees('to_paise', 'to_amount')}, reason, area_code FROM worklist"
)
WORKLIST_ORDER = (
    ' ORDER BY member_id, "group", action, from_scheme, from_paise, to_scheme, to_paise, reason, area_code'
)
FORECAST = (
    f'SELECT eligible_on, action, {_ID}, pension_group AS "group", from_scheme, to_scheme,'
    f' {_rupees("to_paise", "to_amount")} FROM forecast ORDER BY member_id, "group", action'
)


@dataclass(frozen=True)
class Written:
    """A file of a month: its name, number of rows and SHA-256."""

    name: str
    rows: int
    sha256: str


def write_table(duck: duckdb.DuckDBPyConnection, query: str, path: Path) -> Written:
    """Write the rows of `query` as CSV (RFC 4180, header, LF line ends) to `path`."""
    with atomic_write(path) as temporary:
        target = str(temporary).replace("'", "''")
        row = duck.execute(f"COPY ({query}) TO '{target}' (FORMAT csv, HEADER, DELIMITER ',')").fetchone()
    return Written(path.name, int(row[0]) if row else 0, sha256_of(path))


def write_decisions(duck: duckdb.DuckDBPyConnection, out: Path, all_rows: bool) -> list[Written]:
    """Write entitlements.csv, worklist.csv and forecast.csv; `all_rows` lists the unchanged awards too."""
    shown = "" if all_rows else " WHERE action <> 'continue'"
    return [
        write_table(duck, ENTITLEMENTS, out / "entitlements.csv"),
        write_table(duck, WORKLIST + shown + WORKLIST_ORDER, out / "worklist.csv"),
        write_table(duck, FORECAST, out / "forecast.csv"),
    ]


def write_manifest(path: Path, manifest: dict[str, object]) -> None:
    """Write manifest.json, the last file of a month: where it stands, the others are complete."""
    with atomic_write(path) as temporary:
        temporary.write_text(
            json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=False) + "\n", "utf-8"
        )
