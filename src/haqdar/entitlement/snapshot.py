"""The snapshot: everything believed on one day about everyone, as columns.

A snapshot is defined by the day of knowledge K. It holds timelines in valid time, so any day of determination D can be
read from it: this month, the days of the forecast, and past months for arrears. It is written as Parquet by district,
immutable, named by the hash of its content, and every decision can be made again from it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import quote

import adbc_driver_postgresql.dbapi
import duckdb
import psycopg
import pyarrow as pa
from django.conf import settings

from haqdar.base.files import sha256_of
from haqdar.base.progress import progress
from haqdar.base.refusal import Refusal
from haqdar.entitlement.facts import TIMELINES, build_timelines


class EmptyRegister(Refusal):
    """Nothing to decide: no resident is known on the day asked for."""

    code = "empty_register"
    en = "No resident is known on {known_on}. Load the registers first: ./haqdar load FOLDER."
    hi = "{known_on} को कोई निवासी दर्ज नहीं है। पहले रजिस्टर लोड करें: ./haqdar load FOLDER।"


#: What is read of each register: the latest belief of every key that was known on K. The partial index on corrections
#: (belief_no > 1) makes the anti-join cheap, because almost every key has one belief.
_BELIEFS = """
SELECT {columns}, b.known_from
FROM {table} b
WHERE b.known_from <= DATE '{known_on}' {chosen}
  AND NOT EXISTS (SELECT 1 FROM {table} later
                  WHERE {same_key} AND later.belief_no > b.belief_no AND later.belief_no > 1
                    AND later.known_from <= DATE '{known_on}')
"""


@dataclass(frozen=True)
class Register:
    """How one register is read: its table, key columns and the columns that the engine needs."""

    relation: str
    table: str
    key: tuple[str, ...]
    columns: str
    schema: pa.Schema

    def query(self, known_on: date, chosen: str = "") -> str:
        """The SQL (PostgreSQL) of the beliefs known on a day, restricted by `chosen` (starts with AND)."""
        return _BELIEFS.format(
            columns=self.columns,
            table=self.table,
            known_on=known_on,
            chosen=chosen,
            same_key=" AND ".join(f"later.{c} = b.{c}" for c in self.key),
        )


def _schema(**columns: pa.DataType) -> pa.Schema:
    return pa.schema([*columns.items(), ("known_from", pa.date32())])


REGISTERS = {
    r.relation: r
    for r in (
        Register(
            "raw_resident",
            "registry_resident_belief",
            ("member_id",),
            "b.member_id, b.family_id, b.sex::text AS sex, b.born_on, b.mother_id, b.father_id, b.spouse_id, b.marital_status,"
            " b.marital_since, b.destitute, b.income_tax_payer, b.aadhaar_hash::text AS aadhaar_hash,"
            " b.account_hash::text AS account_hash",
            _schema(
                member_id=pa.int32(),
                family_id=pa.int32(),
                sex=pa.string(),
                born_on=pa.date32(),
                mother_id=pa.int32(),
                father_id=pa.int32(),
                spouse_id=pa.int32(),
                marital_status=pa.string(),
                marital_since=pa.date32(),
                destitute=pa.bool_(),
                income_tax_payer=pa.bool_(),
                aadhaar_hash=pa.string(),
                account_hash=pa.string(),
            ),
        ),
        Register(
            "raw_family",
            "registry_family_belief",
            ("family_id",),
            "b.family_id, b.area_code, b.social_category",
            _schema(family_id=pa.int32(), area_code=pa.string(), social_category=pa.string()),
        ),
        Register(
            "raw_bpl",
            "registry_bpl_belief",
            ("family_id", "card_no", "valid_from"),
            "b.family_id, b.valid_from, b.valid_to",
            _schema(family_id=pa.int32(), valid_from=pa.date32(), valid_to=pa.date32()),
        ),
        Register(
            "raw_disability",
            "registry_disability_belief",
            ("member_id", "certificate_no"),
            "b.member_id, b.kind, b.percent::float8 AS percent, b.issued_on, b.valid_to",
            _schema(
                member_id=pa.int32(),
                kind=pa.string(),
                percent=pa.float64(),
                issued_on=pa.date32(),
                valid_to=pa.date32(),
            ),
        ),
        Register(
            "raw_event",
            "registry_event_belief",
            ("event_id",),
            "b.event_id, b.member_id, b.kind, b.happened_on, b.reported_on, b.spouse_id",
            _schema(
                event_id=pa.string(),
                member_id=pa.int32(),
                kind=pa.string(),
                happened_on=pa.date32(),
                reported_on=pa.date32(),
                spouse_id=pa.int32(),
            ),
        ),
        Register(
            "raw_pension",
            "registry_pension_belief",
            ("member_id", "scheme", "since"),
            "b.member_id, b.scheme, b.since, b.amount_paise AS paise, b.is_ghost",
            _schema(
                member_id=pa.int32(),
                scheme=pa.string(),
                since=pa.date32(),
                paise=pa.int64(),
                is_ghost=pa.bool_(),
            ),
        ),
        Register(
            "raw_area",
            "access_area_belief",
            ("area_code",),
            "b.area_code, b.kind, b.parent_code",
            _schema(area_code=pa.string(), kind=pa.string(), parent_code=pa.string()),
        ),
        Register(
            "raw_office",
            "access_office_belief",
            ("office_code",),
            "b.office_code, b.area_code, b.ddo_code",
            _schema(office_code=pa.string(), area_code=pa.string(), ddo_code=pa.string()),
        ),
    )
}

#: An area with its district and the drawing officer (DDO) of the nearest office up the tree that has one.
AREA_TREE = """
CREATE OR REPLACE TABLE area AS
WITH RECURSIVE up AS (
    SELECT area_code, area_code AS at_code, kind, parent_code, 0 AS steps FROM raw_area
    UNION ALL
    SELECT up.area_code, a.area_code, a.kind, a.parent_code, steps + 1
    FROM up JOIN raw_area a ON a.area_code = up.parent_code WHERE steps < 20
), ddo AS (
    SELECT area_code, min_by(ddo_code, office_code) AS ddo_code
    FROM raw_office WHERE ddo_code IS NOT NULL GROUP BY area_code
)
SELECT up.area_code,
       any_value(CASE WHEN up.steps = 0 THEN up.kind END) AS kind,
       min_by(up.at_code, up.steps) FILTER (WHERE up.kind = 'district') AS district_code,
       min_by(ddo.ddo_code, up.steps) FILTER (WHERE ddo.ddo_code IS NOT NULL) AS ddo_code
FROM up LEFT JOIN ddo ON ddo.area_code = up.at_code
GROUP BY up.area_code
"""

#: How each table of the snapshot is cut by district and ordered; the order makes the bytes reproducible.
_LAYOUT = {
    "person": ("SELECT t.* FROM person t", "t.family_id, t.member_id"),
    "spouse_period": (
        "SELECT t.*, p.district_code FROM spouse_period t LEFT JOIN person p USING (member_id)",
        "ALL",
    ),
    "migration_period": (
        "SELECT t.*, p.district_code FROM migration_period t LEFT JOIN person p USING (member_id)",
        "ALL",
    ),
    "marital_period": (
        "SELECT t.*, p.district_code FROM marital_period t LEFT JOIN person p USING (member_id)",
        "ALL",
    ),
    "bpl": (
        "SELECT t.*, a.district_code FROM bpl t LEFT JOIN raw_family f USING (family_id)"
        " LEFT JOIN area a ON a.area_code = f.area_code",
        "ALL",
    ),
    "disability": (
        "SELECT t.*, p.district_code FROM disability t LEFT JOIN person p USING (member_id)",
        "ALL",
    ),
    "identity": ("SELECT t.*, p.district_code FROM identity t LEFT JOIN person p USING (member_id)", "ALL"),
    "pension": ("SELECT t.*, p.district_code FROM pension t LEFT JOIN person p USING (member_id)", "ALL"),
}


@dataclass(frozen=True)
class Snapshot:
    """A written snapshot: its folder, content hash, day of knowledge asked for and latest knowledge it holds."""

    path: Path
    hash: str
    known_on: date
    known_at: date | None
    residents: int

    def attach(self, duck: duckdb.DuckDBPyConnection) -> None:
        """Make the snapshot's tables readable in `duck` under their names."""
        for table in _LAYOUT:
            duck.execute(f"DROP TABLE IF EXISTS {table}")
            duck.execute(
                f"CREATE OR REPLACE VIEW {table} AS SELECT * FROM read_parquet("
                f"'{_quoted(self.path / table)}/*/*.parquet', hive_partitioning = false)"
            )
        duck.execute(
            f"CREATE OR REPLACE TABLE area AS FROM read_parquet('{_quoted(self.path / 'area.parquet')}')"
        )
        build_timelines(duck, ["parentage"])


def engine(memory: str = "3GB", threads: int = 2) -> duckdb.DuckDBPyConnection:
    """A DuckDB connection with bounded memory that spills to the data folder and never reaches for the network."""
    spill = settings.HAQDAR_HOME / "tmp"
    spill.mkdir(parents=True, exist_ok=True)
    return duckdb.connect(
        ":memory:",
        config={
            "memory_limit": memory,
            "threads": threads,
            "temp_directory": str(spill),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        },
    )


@contextmanager
def _bulk_reader() -> Iterator[adbc_driver_postgresql.dbapi.Connection]:
    """One read-only PostgreSQL transaction, so that a load in between cannot tear the snapshot."""
    with adbc_driver_postgresql.dbapi.connect(settings.HAQDAR_DSN) as connection:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SET LOCAL work_mem = '256MB'")
        yield connection


def take_snapshot(known_on: date, duck: duckdb.DuckDBPyConnection) -> Snapshot:
    """Write the snapshot of what was known on `known_on`; raises `EmptyRegister`.

    The folder is named by the content's hash and appears whole or not at all; an equal snapshot is reused.
    """
    home = settings.HAQDAR_HOME / "snapshots"
    home.mkdir(parents=True, exist_ok=True)
    # One run at a time takes a snapshot, so whatever is half written was left by one that was killed.
    for left in home.glob(".writing-*"):
        shutil.rmtree(left, ignore_errors=True)
    with progress(len(REGISTERS) + len(TIMELINES), "snapshot", "steps") as bar:
        with _bulk_reader() as connection, connection.cursor() as cursor:
            for register in REGISTERS.values():
                cursor.execute(register.query(known_on))
                duck.register("incoming", cursor.fetch_record_batch())
                duck.execute(f"CREATE OR REPLACE TABLE {register.relation} AS FROM incoming")
                duck.unregister("incoming")
                bar.advance()
        duck.execute(AREA_TREE)
        for name in TIMELINES:
            build_timelines(duck, [name])
            bar.advance()
    known_at = _latest_knowledge(duck)
    (residents,) = duck.execute("SELECT count(*) FROM person").fetchone() or (0,)
    if not residents:
        raise EmptyRegister(known_on=known_on)
    working = Path(tempfile.mkdtemp(prefix=".writing-", dir=home))
    try:
        return _publish(duck, working, known_on, known_at, residents)
    finally:
        shutil.rmtree(working, ignore_errors=True)


def _publish(
    duck: duckdb.DuckDBPyConnection, working: Path, known_on: date, known_at: date | None, residents: int
) -> Snapshot:
    """Write the snapshot into `working`, then give it its name; an equal one that is there already stays."""
    _write(duck, working)
    files = {str(path.relative_to(working)): sha256_of(path) for path in sorted(working.rglob("*.parquet"))}
    content = hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()
    manifest = {
        "known_on": known_on.isoformat(),
        "known_at": known_at and known_at.isoformat(),
        "residents": residents,
        "hash": content,
        "files": files,
    }
    (working / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")
    final = working.parent / content[:16]
    if not final.exists():
        working.rename(final)
    return Snapshot(final, content, known_on, known_at, residents)


def _write(duck: duckdb.DuckDBPyConnection, folder: Path) -> None:
    # One writer thread: with more, the split of rows into files depends on timing and the bytes would differ.
    duck.execute("SET threads = 1")
    try:
        for table, (select, order) in _LAYOUT.items():
            districts = duck.execute(f"SELECT DISTINCT district_code FROM ({select}) ORDER BY 1").fetchall()
            duck.execute(f"CREATE OR REPLACE TEMP TABLE cut AS {select} ORDER BY {order}")
            for (district,) in districts or [(None,)]:
                place = folder / table / f"district={quote(district or '-', safe='')}"
                place.mkdir(parents=True)
                duck.execute(
                    f"COPY (SELECT * FROM cut WHERE district_code IS NOT DISTINCT FROM $district) "
                    f"TO '{_quoted(place / 'part.parquet')}' (FORMAT parquet, COMPRESSION zstd)",
                    {"district": district},
                )
        duck.execute("DROP TABLE cut")
        duck.execute(
            f"COPY (FROM area ORDER BY area_code) TO '{_quoted(folder / 'area.parquet')}' (FORMAT parquet)"
        )
    finally:
        duck.execute("RESET threads")


def _latest_knowledge(duck: duckdb.DuckDBPyConnection) -> date | None:
    union = " UNION ALL ".join(f"SELECT max(known_from) AS day FROM {name}" for name in REGISTERS)
    row = duck.execute(f"SELECT max(day) FROM ({union})").fetchone()
    return row[0] if row else None


def neighbourhood(
    duck: duckdb.DuckDBPyConnection,
    connection: psycopg.Connection[tuple[object, ...]],
    member_id: int,
    known_on: date,
) -> None:
    """Create in `duck` the timelines of one resident and of those whose facts decide for them.

    These are every recorded spouse and the children of the resident and of the spouses; reading them takes a handful of
    index look-ups, so that one person's check needs no snapshot.
    """

    def read(relation: str, chosen: str) -> list[Mapping[str, object]]:
        register = REGISTERS[relation]
        with connection.cursor() as cursor:
            cursor.execute(register.query(known_on, chosen).encode())
            names = register.schema.names
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def keep(relation: str, rows: Collection[Mapping[str, object]]) -> None:
        duck.register("incoming", pa.Table.from_pylist(list(rows), schema=REGISTERS[relation].schema))
        duck.execute(f"CREATE OR REPLACE TABLE {relation} AS FROM incoming")
        duck.unregister("incoming")

    def ids(values: Collection[object]) -> str:
        return ", ".join(str(int(str(v))) for v in values) or "-1"

    own = read("raw_resident", f"AND b.member_id = {member_id}")
    own_events = read("raw_event", f"AND b.member_id = {member_id}")
    spouses = {row["spouse_id"] for row in [*own, *own_events] if row["spouse_id"] is not None}
    parents = ids({member_id, *spouses})
    others = read(
        "raw_resident",
        f"AND b.member_id <> {member_id} AND b.member_id IN ("
        f"SELECT unnest(ARRAY[{parents}]) UNION "
        f"SELECT member_id FROM registry_resident_belief WHERE mother_id IN ({parents}) UNION "
        f"SELECT member_id FROM registry_resident_belief WHERE father_id IN ({parents}))",
    )
    keep("raw_resident", [*own, *others])
    keep(
        "raw_event",
        [
            *own_events,
            *read(
                "raw_event",
                f"AND b.member_id IN ({ids({*spouses, *(r['member_id'] for r in others)} - {member_id})})",
            ),
        ],
    )
    families = ids({row["family_id"] for row in own})
    keep("raw_family", read("raw_family", f"AND b.family_id IN ({families})"))
    keep("raw_bpl", read("raw_bpl", f"AND b.family_id IN ({families})"))
    keep("raw_disability", read("raw_disability", f"AND b.member_id = {member_id}"))
    duck.execute(
        "CREATE OR REPLACE TABLE area (area_code VARCHAR, kind VARCHAR, district_code VARCHAR, ddo_code VARCHAR)"
    )
    build_timelines(duck, [name for name in TIMELINES if name not in ("pension", "identity")])


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
