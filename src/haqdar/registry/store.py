"""Accepted rows become beliefs: what is new or changed is appended, what is known already adds nothing.

For a staged file `residents`, `accept` makes `residents_good` (line, typed values, fingerprint), `store` appends to
`registry_resident_belief` inside the caller's transaction. A first belief is known from the row's own date or the
delivery, a changed one from the delivery, never before the belief it follows.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
from django.db import connection

from haqdar.access.actors import Actor
from haqdar.base.progress import Bar
from haqdar.registry.bridge import is_empty, pull, push, temporary, without_indexes
from haqdar.registry.sealing import AADHAAR, ACCOUNT, Sealer, account_text
from haqdar.sources.layout import LAYOUTS, Column, FileLayout, Kind
from haqdar.sources.messages import quoted
from haqdar.sources.staging import typed
from haqdar.vault.store import deposit

_EMPTY = "chr(30)"
_BETWEEN = "chr(31)"
_BULK_ROWS = 20_000
_SEALED_BATCH = 50_000


@dataclass(frozen=True)
class Target:
    """Where a file's rows go: belief table, its key with PostgreSQL types, and the identities it founds.

    `values` maps the table's columns to SQL over `<name>_good` where they are more than the file's columns.
    """

    table: str
    key: dict[str, str]
    identity: str | None = None
    values: dict[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()


TARGETS = {
    "areas": Target(
        "access_area_belief",
        {"area_code": "text"},
        values={"valid_from": "n.valid_from", "valid_to": "n.valid_to"},
    ),
    "offices": Target("access_office_belief", {"office_code": "text"}),
    "families": Target("registry_family_belief", {"family_id": "integer"}, identity="registry_family"),
    "residents": Target(
        "registry_resident_belief",
        {"member_id": "integer"},
        identity="registry_resident",
        values={
            "aadhaar_ref": "d.ref",
            "aadhaar_last4": "right(n.aadhaar, 4)",
            "account_sealed": "s.account_sealed",
            "account_hash": "n.account_hash",
            "account_last4": "right(n.account_no, 4)",
            "key_version": "s.key_version",
        },
        left_out=("aadhaar", "account_no"),
    ),
    "bpl": Target("registry_bpl_belief", {"family_id": "integer", "card_no": "text", "valid_from": "date"}),
    "pwd": Target("registry_disability_belief", {"member_id": "integer", "certificate_no": "text"}),
    "events": Target("registry_event_belief", {"event_id": "text"}),
    "pensioners": Target(
        "registry_pension_belief",
        {"member_id": "integer", "scheme": "text", "since": "date"},
        values={"amount_paise": "n.amount", "is_ghost": "n.is_ghost"},
        left_out=("amount",),
    ),
    "students": Target(
        "registry_student_belief",
        {"member_id": "integer", "school_code": "text", "class": "text", "enrolled_on": "date"},
    ),
    "incomes": Target(
        "registry_income_belief",
        {"member_id": "integer", "valid_from": "date"},
        values={"annual_paise": "n.annual_income"},
        left_out=("annual_income",),
    ),
}


@dataclass(frozen=True)
class Stored:
    """What a file added: first beliefs and changed ones."""

    accepted: int
    corrected: int


def accept(duck: duckdb.DuckDBPyConnection, layout: FileLayout, sealer: Sealer | None) -> None:
    """Make `<name>_good` of the rows without any rejection; keys may still repeat.

    For residents the numbers' keyed hashes stand in the fingerprint, never the numbers themselves.
    """
    name = layout.name
    values = [f"{typed(column)} AS {column.name}" for column in layout.columns]
    joined = ""
    if name == "residents":
        assert sealer is not None
        _hash_numbers(duck, sealer)
        values.append("h.account_hash")
        joined = " LEFT JOIN number_hash h USING (line)"
    if name == "pensioners":
        values.append("false AS is_ghost")
    if name == "areas":
        values += ["NULL::DATE AS valid_from", "NULL::DATE AS valid_to"]
    fingerprint = _fingerprint(layout, ["'false'"] if name == "pensioners" else [])
    duck.execute(
        f"CREATE OR REPLACE TABLE {name}_good AS SELECT line, {', '.join(values)}, {fingerprint} AS fingerprint"
        f" FROM {name}_raw r ANTI JOIN {name}_bad b USING (line){joined}"
    )


def accept_ghosts(duck: duckdb.DuckDBPyConnection) -> int:
    """Make `ghosts_good` of the pension rows whose member does not exist and whose scheme and amount are readable.

    A since that is missing or wrong becomes unknown. The first row of a key stays. Returns their number.
    """
    layout = LAYOUTS["pensioners"]
    since = (
        "CASE WHEN line IN (SELECT line FROM pensioners_bad WHERE field = 'since' AND code <> 'date_in_future')"
        " THEN NULL ELSE since END"
    )
    columns = ", ".join(typed(column) + " AS " + column.name for column in layout.columns)
    duck.execute(
        f"CREATE OR REPLACE TABLE ghosts_good AS SELECT line, {columns}, true AS is_ghost,"
        f" {_fingerprint(layout, [quoted('true')])} AS fingerprint FROM"
        f" (SELECT line, member_id, scheme, {since} AS since, amount FROM pensioners_raw) r"
        " WHERE line IN (SELECT line FROM pensioners_bad WHERE field = 'member_id' AND code = 'unknown_member')"
        " AND line NOT IN (SELECT line FROM pensioners_bad WHERE field IN ('scheme', 'amount'))"
        " QUALIFY row_number() OVER (PARTITION BY member_id, scheme, since ORDER BY line) = 1"
    )
    return _count(duck, "ghosts_good")


def accept_areas(duck: duckdb.DuckDBPyConnection, areas: pa.Table) -> None:
    """Make `areas_good` of areas that carry days of existence (the Directory's extracts)."""
    layout = LAYOUTS["areas"]
    columns = [column.name for column in layout.columns]
    days = ["coalesce(valid_from::VARCHAR, '')", "coalesce(valid_to::VARCHAR, '')"]
    duck.register("incoming", areas)
    duck.execute(
        f"CREATE OR REPLACE TABLE areas_good AS SELECT line, {', '.join(columns)}, valid_from, valid_to,"
        f" {_fingerprint(layout, days)} AS fingerprint FROM incoming r"
    )
    duck.unregister("incoming")


def store(
    actor: Actor,
    duck: duckdb.DuckDBPyConnection,
    name: str,
    layout: FileLayout,
    delivery_id: int,
    delivered_on: date,
    sealer: Sealer | None,
    bar: Bar,
) -> Stored:
    """Append the new and changed rows of `<name>_good`; call it in the transaction of the whole file.

    Aadhaar numbers go into the vault, which keeps them although that transaction fails: the next attempt finds them there.
    """
    target = TARGETS[layout.name]
    key = list(target.key)
    first_load = is_empty(target.table)
    _pull_latest(duck, name, target, first_load)
    same_key = " AND ".join(f"g.{column} IS NOT DISTINCT FROM l.{column}" for column in key)
    own = (
        f"coalesce(g.{layout.own_date}, DATE '{delivered_on}')"
        if layout.own_date
        else f"DATE '{delivered_on}'"
    )
    duck.execute(
        f"CREATE OR REPLACE TABLE {name}_new AS SELECT g.*, coalesce(l.belief_no, 0) + 1 AS belief_no,"
        f" CASE WHEN l.belief_no IS NULL THEN {own} ELSE greatest(DATE '{delivered_on}', l.known_from) END AS known_from"
        f" FROM {name}_good g LEFT JOIN latest l ON {same_key}"
        " WHERE l.fingerprint IS NULL OR l.fingerprint <> g.fingerprint"
    )
    new = _count(duck, f"{name}_new")
    corrected = _count(duck, f"{name}_new WHERE belief_no > 1")
    if new == 0:
        return Stored(0, 0)
    joined = ""
    if layout.name == "residents":
        assert sealer is not None
        _seal_accounts(duck, sealer)
        deposit(duck, "residents_new", "aadhaar", actor=actor, purpose="register_load", into="deposited")
        joined = " LEFT JOIN sealed s USING (line) LEFT JOIN deposited d ON d.number = n.aadhaar"
    bulk = first_load or _grows_by_much(target.table, new)
    if target.identity is not None and new > corrected:
        push(duck, f"SELECT {key[0]} FROM {name}_new WHERE belief_no = 1", target.identity, key)
    columns = {
        column.name: f"n.{column.name}" for column in layout.columns if column.name not in target.left_out
    }
    columns |= target.values
    columns |= {
        "belief_no": "n.belief_no",
        "known_from": "n.known_from",
        "line": "n.line",
        "fingerprint": "n.fingerprint",
        "delivery_id": str(delivery_id),
    }
    with without_indexes(target.table, bulk and new > _BULK_ROWS):
        query = f"SELECT {', '.join(columns.values())} FROM {name}_new n{joined}"
        push(duck, query, target.table, list(columns), bar)
    if bulk:
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {target.table}")
            if target.identity is not None:
                cursor.execute(f"ANALYZE {target.identity}")
    return Stored(new - corrected, corrected)


def remember_accepted(duck: duckdb.DuckDBPyConnection, layout: FileLayout) -> None:
    """Let the files that follow refer to the families or residents that this one accepted."""
    known = {"families": "known_family", "residents": "known_member"}.get(layout.name)
    if known is not None:
        duck.execute(f"INSERT INTO {known} SELECT {layout.key[0]} FROM {layout.name}_good")


def _fingerprint(layout: FileLayout, more: list[str]) -> str:
    parts = [f"coalesce({_canonical(column)}, {_EMPTY})" for column in layout.columns] + more
    return f"CAST(md5(concat_ws({_BETWEEN}, {', '.join(parts)})) AS UUID)"


def _canonical(column: Column) -> str:
    """The text under which equal values are equal: 40 and 40.0 are, an Aadhaar number is its keyed hash."""
    if column.kind is Kind.AADHAAR:
        return "h.aadhaar_hash::VARCHAR"
    if column.kind is Kind.ACCOUNT:
        return "h.account_hash::VARCHAR"
    if column.kind in (Kind.PERCENT, Kind.AMOUNT):
        return f"{typed(column)}::VARCHAR"
    return f"r.{column.name}"


def _hash_numbers(duck: duckdb.DuckDBPyConnection, sealer: Sealer) -> None:
    """Make `number_hash` (line, aadhaar_hash, account_hash) of the rows that may be accepted."""
    duck.execute("CREATE OR REPLACE TABLE number_hash (line BIGINT, aadhaar_hash UUID, account_hash UUID)")
    account = f"ifnull(ifsc, '') || {quoted(account_text('', ''))} || account_no"
    aadhaar_hash, aadhaar_keys = sealer.hash_sql(AADHAAR, "aadhaar")
    account_hash, account_keys = sealer.hash_sql(ACCOUNT, account)
    duck.execute(
        f"INSERT INTO number_hash SELECT line, {aadhaar_hash}, {account_hash} FROM residents_raw"
        " WHERE (aadhaar IS NOT NULL OR account_no IS NOT NULL) AND line NOT IN (SELECT line FROM residents_bad)",
        [*aadhaar_keys, *account_keys],
    )


def _seal_accounts(duck: duckdb.DuckDBPyConnection, sealer: Sealer) -> None:
    """Make `sealed` (line, account_sealed, key_version) of the rows that are new."""
    duck.execute("CREATE OR REPLACE TABLE sealed (line BIGINT, account_sealed BLOB, key_version SMALLINT)")
    numbers = "SELECT line, account_no FROM residents_new WHERE account_no IS NOT NULL"
    for line, account_no in _columns(duck, numbers):
        sealed = {"line": line, "account_sealed": sealer.seal(ACCOUNT, account_no)}
        _append(duck, "sealed", f"line, account_sealed, {sealer.current}", sealed)


def _columns(duck: duckdb.DuckDBPyConnection, query: str) -> Iterator[list[Any]]:
    """The columns of a query, batch by batch; read on a connection of its own, so that the caller may write."""
    reading = duck.cursor()
    for batch in reading.execute(query).to_arrow_reader(_SEALED_BATCH):
        yield batch.columns
    reading.close()


def _append(duck: duckdb.DuckDBPyConnection, table: str, columns: str, values: dict[str, Any]) -> None:
    duck.register("incoming", pa.table(values))
    duck.execute(f"INSERT INTO {table} SELECT {columns} FROM incoming")
    duck.unregister("incoming")


def _pull_latest(duck: duckdb.DuckDBPyConnection, name: str, target: Target, empty: bool) -> None:
    """The latest belief of each key of the delivery, as the DuckDB table `latest`."""
    to_duck = {"integer": "INTEGER", "text": "VARCHAR", "date": "DATE"}
    columns = {column: to_duck[kind] for column, kind in target.key.items()}
    columns |= {"belief_no": "INTEGER", "known_from": "DATE", "fingerprint": "UUID"}
    if empty:
        defined = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        duck.execute(f"CREATE OR REPLACE TABLE latest ({defined})")
        return
    key = list(target.key)
    with temporary("wanted_key", target.key) as wanted:
        push(duck, f"SELECT {', '.join(key)} FROM {name}_good", wanted, key)
        # An unknown since (ghosts) equals an unknown since; equality alone would lose it, and alone allows a hash join.
        same = " AND ".join(
            f"b.{column} IS NOT DISTINCT FROM w.{column}" if column == "since" else f"b.{column} = w.{column}"
            for column in key
        )
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {wanted}")
        ordered = ", ".join(f"b.{column}" for column in key)
        pull(
            duck,
            f"SELECT DISTINCT ON ({ordered}) {ordered}, b.belief_no, b.known_from, b.fingerprint"
            f" FROM {target.table} b JOIN {wanted} w ON {same} ORDER BY {ordered}, b.belief_no DESC",
            "latest",
            columns,
        )


def _grows_by_much(table: str, rows: int) -> bool:
    """Whether so many rows are added that building the indexes anew is cheaper than keeping them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT greatest(reltuples, 0) FROM pg_class WHERE oid = %s::regclass", [table])
        row: Any = cursor.fetchone()
    return bool(rows > (row[0] if row else 0))


def _count(duck: duckdb.DuckDBPyConnection, table: str) -> int:
    row = duck.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0]) if row else 0
