"""The snapshot: everything believed on one day about everyone, as columns.

A snapshot is defined by the day of knowledge K. It holds timelines in valid time, so any day of determination D can be
read from it, and from its first day on also *spans* (see `spans`), from which a whole State is decided in seconds. It is
written as Parquet by district, immutable, named by the hash of its content, and every decision can be made again from it.
A district's folder is complete in itself: people elsewhere on whom its decisions depend lie in it too (``kin``).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TypeVar
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
from haqdar.entitlement.gather import District, Gathered, Reader, gather, quoted
from haqdar.entitlement.registers import BENEFIT_REGISTERS, REGISTERS
from haqdar.entitlement.spans import PARTS, build_spans, whole
from haqdar.law import Vocabulary, load_lawbook

_D = TypeVar("_D")


class EmptyRegister(Refusal):
    """Nothing to decide: no resident is known on the day asked for."""

    code = "empty_register"
    en = "No resident is known on {known_on}. Load the registers first: ./haqdar load FOLDER."
    hi = "{known_on} को कोई निवासी दर्ज नहीं है। पहले रजिस्टर लोड करें: ./haqdar load FOLDER।"


class NoSnapshot(Refusal):
    """The folder holds no snapshot."""

    code = "no_snapshot"
    en = "{folder} is no snapshot: it has no manifest.json. Take one with ./haqdar snapshot."
    hi = "{folder} कोई स्नैपशॉट नहीं है: इसमें manifest.json नहीं है। ./haqdar snapshot से बनाएँ।"


#: The tables of a district and their order, which makes the bytes reproducible. Of the people in ``person`` some live
#: elsewhere; only ``kin`` keeps them.
_TABLES = {
    "person": ("SELECT * FROM person SEMI JOIN own USING (member_id)", "family_id, member_id"),
    "kin": ("SELECT * FROM person ANTI JOIN own USING (member_id)", "member_id"),
    "spouse_period": ("SELECT * FROM spouse_period SEMI JOIN own USING (member_id)", "ALL"),
    "migration_period": ("SELECT * FROM migration_period SEMI JOIN own USING (member_id)", "ALL"),
    "marital_period": ("SELECT * FROM marital_period SEMI JOIN own USING (member_id)", "ALL"),
    "bpl": ("FROM bpl", "ALL"),
    "disability": ("FROM disability", "ALL"),
    "identity": ("FROM identity", "ALL"),
    "pension": ("FROM pension", "ALL"),
    "profile": ("FROM profile", "profile_no"),
    "place": ("FROM place", "place_no"),
    "steady": (PARTS["steady"], "member_id"),
    "changing": (PARTS["changing"], "member_id, from_day"),
}
_SPILL = "spill-"
#: Tables that are read person by person or in whole columns by every run: quick to decode rather than small.
_QUICK = ("steady", "changing", "profile", "place")


@dataclass(frozen=True)
class Snapshot:
    """A written snapshot: its folder, content hash, day of knowledge asked for, latest knowledge and first day of spans."""

    path: Path
    hash: str
    known_on: date
    known_at: date | None
    first_day: date
    residents: int
    districts: tuple[str, ...]

    @classmethod
    def open(cls, path: Path) -> Snapshot:
        """The snapshot in a folder; raises `NoSnapshot`."""
        try:
            manifest = json.loads((path / "manifest.json").read_text())
        except OSError as error:
            raise NoSnapshot(folder=path) from error
        return cls(
            path=path,
            hash=manifest["hash"],
            known_on=date.fromisoformat(manifest["known_on"]),
            known_at=date.fromisoformat(manifest["known_at"]) if manifest["known_at"] else None,
            first_day=date.fromisoformat(manifest["first_day"]),
            residents=manifest["residents"],
            districts=tuple(manifest["districts"]),
        )

    def file(self, table: str, district: str) -> Path:
        """The Parquet file of a table for one of `districts`."""
        return self.path / table / f"district={district}" / "part.parquet"

    def attach(self, duck: duckdb.DuckDBPyConnection) -> None:
        """Make the whole State's tables readable in `duck` under their names."""
        for table in _TABLES:
            if table not in ("kin", *_QUICK):
                self._view(duck, table, f"'{quoted(self.path / table)}/*/*.parquet'")
        self._attach_common(duck)

    def attach_district(self, duck: duckdb.DuckDBPyConnection, district: str) -> None:
        """Make one district's tables readable in `duck`: ``own`` lists its people, ``person`` has their kin elsewhere, too."""
        for table in _TABLES:
            if table not in ("person", "kin"):
                self._view(duck, table, f"'{quoted(self.file(table, district))}'")
        both = [f"'{quoted(self.file(table, district))}'" for table in ("person", "kin")]
        self._view(duck, "person", f"[{', '.join(both)}]")
        self._view(duck, "own", both[0])
        duck.execute(f"CREATE OR REPLACE VIEW span AS {whole(self.first_day)}")
        self._attach_common(duck)

    def _attach_common(self, duck: duckdb.DuckDBPyConnection) -> None:
        duck.execute(
            f"CREATE OR REPLACE TABLE area AS FROM read_parquet('{quoted(self.path / 'area.parquet')}')"
        )
        for name in BENEFIT_REGISTERS:
            if (self.path / f"{name}.parquet").is_file():
                self._view(duck, name, f"'{quoted(self.path / name)}.parquet'")
        build_timelines(duck, ["parentage"])

    @staticmethod
    def _view(duck: duckdb.DuckDBPyConnection, name: str, files: str) -> None:
        duck.execute(f"DROP TABLE IF EXISTS {name}")
        duck.execute(
            f"CREATE OR REPLACE VIEW {name} AS SELECT * FROM read_parquet({files}, hive_partitioning = false)"
        )


def engine(memory: str = "3GB", threads: int = 2) -> duckdb.DuckDBPyConnection:
    """A DuckDB connection with bounded memory that spills to the data folder and never reaches for the network."""
    home = settings.HAQDAR_HOME / "tmp"
    home.mkdir(parents=True, exist_ok=True)
    # Engines that share a spill folder overwrite each other's blocks; DuckDB makes this one when needed and removes it.
    spill = home / f"{_SPILL}{os.getpid()}-{uuid.uuid4().hex[:8]}"
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


def sweep_spills() -> None:
    """Remove the spill folders of processes that are gone."""
    for left in (settings.HAQDAR_HOME / "tmp").glob(f"{_SPILL}*"):
        owner = left.name.removeprefix(_SPILL).partition("-")[0]
        try:
            os.kill(int(owner), 0)
        except ProcessLookupError:
            shutil.rmtree(left, ignore_errors=True)
        except PermissionError:
            pass  # it lives, and is somebody else's


def workers() -> int:
    """How many districts are worked on at a time."""
    return max(1, min(8, os.cpu_count() or 1))


@contextmanager
def _bulk_reader() -> Iterator[adbc_driver_postgresql.dbapi.Connection]:
    """One read-only PostgreSQL transaction, so that a load in between cannot tear the snapshot."""
    with adbc_driver_postgresql.dbapi.connect(settings.HAQDAR_DSN) as connection:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SET LOCAL work_mem = '256MB'")
        yield connection


def take_snapshot(known_on: date, first_day: date) -> Snapshot:
    """Write the snapshot of what the registers said on `known_on`, with spans from `first_day` on; raises `EmptyRegister`.

    The folder is named by the content's hash and appears whole or not at all; an equal snapshot is reused.
    """
    with _bulk_reader() as connection, connection.cursor() as cursor, closing(engine()) as duck:

        def read(name: str) -> str:
            cursor.execute({**REGISTERS, **BENEFIT_REGISTERS}[name].query(known_on))
            duck.register("incoming", cursor.fetch_record_batch())
            return "FROM incoming"

        lawbook = load_lawbook(settings.HAQDAR_LAW)
        return snapshot_of(duck, read, known_on, first_day, lawbook.vocabulary, lawbook.has_benefits)


def snapshot_of(
    duck: duckdb.DuckDBPyConnection,
    read: Reader,
    known_on: date,
    first_day: date,
    vocabulary: Vocabulary | None = None,
    benefits: bool = False,
) -> Snapshot:
    """The snapshot of registers that `read` gives as relations of `duck` (see `take_snapshot`).

    With `benefits` it also holds the registers that only schemes beyond pensions ask for, each as one file of the State.
    """
    vocabulary = vocabulary or load_lawbook(settings.HAQDAR_LAW).vocabulary
    home = settings.HAQDAR_HOME / "snapshots"
    home.mkdir(parents=True, exist_ok=True)
    # One run at a time takes a snapshot, so whatever is half written was left by one that was killed.
    for left in home.glob(".writing-*"):
        shutil.rmtree(left, ignore_errors=True)
    working = Path(tempfile.mkdtemp(prefix=".writing-", dir=home))
    try:
        with progress(len(REGISTERS), "registers", "registers") as bar:
            gathered = gather(duck, read, working / "gathered", bar.advance)
        if not gathered.residents:
            raise EmptyRegister(known_on=known_on)
        place = working / "snapshot"
        place.mkdir()
        duck.execute(
            f"COPY (FROM area ORDER BY area_code) TO '{quoted(place / 'area.parquet')}' (FORMAT parquet)"
        )
        each_district(
            gathered.districts,
            lambda district: _build(gathered, district, first_day, vocabulary, place),
            "snapshot",
        )
        for name in BENEFIT_REGISTERS if benefits else ():
            gathered = _keep_whole(duck, read, name, place, gathered)
        return _publish(place, gathered, known_on, first_day)
    finally:
        shutil.rmtree(working, ignore_errors=True)


def _keep_whole(
    duck: duckdb.DuckDBPyConnection, read: Reader, name: str, place: Path, gathered: Gathered
) -> Gathered:
    """Write one register as a file of the whole State; returns `gathered` with its latest knowledge counted in."""
    file = quoted(place / f"{name}.parquet")
    # the reader can be read once
    duck.execute(f"CREATE OR REPLACE TABLE {name} AS {read(name)}")
    duck.execute(
        f"COPY (SELECT * EXCLUDE (known_from) FROM {name} ORDER BY ALL) TO '{file}' (FORMAT parquet)"
    )
    (latest,) = duck.execute(f"SELECT max(known_from) FROM {name}").fetchone() or (None,)
    duck.execute(f"DROP TABLE {name}")
    days = [day for day in (latest, gathered.known_at) if day is not None]
    return replace(gathered, known_at=max(days, default=None))


def each_district(districts: Collection[_D], work: Callable[[_D], object], label: str) -> None:
    """Do `work` for every district, a few at a time, with a progress bar; the first error stops what has not begun."""
    with progress(len(districts), label, "districts") as bar, ThreadPoolExecutor(workers()) as pool:
        tasks = [pool.submit(work, district) for district in districts]
        try:
            for task in as_completed(tasks):
                task.result()
                bar.advance()
        except BaseException:
            for task in tasks:
                task.cancel()
            raise


def _build(
    gathered: Gathered, district: District, first_day: date, vocabulary: Vocabulary, place: Path
) -> None:
    """Timelines, spans and profiles of one district, written below `place`."""
    # One thread in each engine: with more, the order of rows, and so the bytes, would depend on timing.
    with closing(engine("2GB", threads=1)) as duck:
        for name, register in REGISTERS.items():
            duck.register("empty", register.schema.empty_table())
            duck.execute(f"CREATE TABLE {name} AS FROM empty")
            files = gathered.files(name, district)
            if files:
                columns = ", ".join(register.schema.names)
                listed = ", ".join(f"'{quoted(file)}'" for file in files)
                duck.execute(
                    f"INSERT INTO {name} SELECT {columns} FROM read_parquet([{listed}], hive_partitioning = false)"
                )
            duck.unregister("empty")
        for name, key in (("raw_resident", "member_id"), ("raw_family", "family_id")):
            # The database has one row for a key; files that were never loaded may have more, of which the first counts.
            duck.execute(
                f"DELETE FROM {name} WHERE rowid NOT IN (SELECT min(rowid) FROM {name} GROUP BY {key})"
                f" AND {key} IN (SELECT {key} FROM {name} GROUP BY {key} HAVING count(*) > 1)"
            )
        own = gathered.folder / "raw_resident" / f"district_no={district.number}"
        source = (
            f"read_parquet('{quoted(own)}/*.parquet', hive_partitioning = false)"
            if own.is_dir()
            else "raw_resident"
        )
        duck.execute(f"CREATE TABLE own AS SELECT DISTINCT member_id FROM {source}")
        duck.execute(f"CREATE TABLE area AS FROM read_parquet('{quoted(place / 'area.parquet')}')")
        build_timelines(duck)
        shared = gathered.files("identity", district)
        duck.execute(
            f"CREATE TABLE identity AS SELECT member_id, aadhaar_of, account_of FROM read_parquet('{quoted(shared[0].parent)}/*.parquet')"
            if shared
            else "CREATE TABLE identity (member_id INTEGER, aadhaar_of INTEGER, account_of INTEGER)"
        )
        build_spans(duck, vocabulary, first_day)
        for table, (select, order) in _TABLES.items():
            file = place / table / f"district={folder_name(district.code)}" / "part.parquet"
            file.parent.mkdir(parents=True)
            compression = "snappy" if table in _QUICK else "zstd"
            duck.execute(
                f"COPY (SELECT * FROM ({select.format(first_day=first_day)}) ORDER BY {order}) TO '{quoted(file)}'"
                f" (FORMAT parquet, COMPRESSION {compression})"
            )


def folder_name(district: str | None) -> str:
    """A district's code as part of a folder's name; "-" for no district."""
    return quote(district or "-", safe="")


def _publish(place: Path, gathered: Gathered, known_on: date, first_day: date) -> Snapshot:
    """Give the snapshot in `place` its manifest and its name; an equal one that is there already stays."""
    files = {str(path.relative_to(place)): sha256_of(path) for path in sorted(place.rglob("*.parquet"))}
    content = hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()
    manifest = {
        "known_on": known_on.isoformat(),
        "known_at": gathered.known_at and gathered.known_at.isoformat(),
        "first_day": first_day.isoformat(),
        "residents": gathered.residents,
        "districts": [folder_name(district.code) for district in gathered.districts],
        "hash": content,
        "files": files,
    }
    (place / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")
    final = place.parent.parent / content[:16]
    if not final.exists():
        place.rename(final)
    return Snapshot.open(final)


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
    build_timelines(duck, [name for name in TIMELINES if name not in ("pension",)])
