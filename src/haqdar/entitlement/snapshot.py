"""The snapshot: everything believed on one day about everyone, as columns.

A snapshot is defined by the day of knowledge K. It holds timelines in valid time, so any day of determination D can be
read from it, and from its first day on also *spans* (see `spans`), from which a whole State is decided in seconds. It is
written as Parquet by district, immutable, named by the hash of its content, and every decision can be made again from it.
A district's folder is complete in itself: people elsewhere on whom its decisions depend lie in it too (``kin``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import date
from functools import cache
from importlib.resources import files as resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import psycopg
import pyarrow as pa
from django.conf import settings

from haqdar.base.progress import progress
from haqdar.base.refusal import Refusal
from haqdar.entitlement import increment, one_person
from haqdar.entitlement.facts import TIMELINES, build_timelines
from haqdar.entitlement.gather import District, Gathered, Reader, gather, quoted
from haqdar.entitlement.origin import Origin, origin_of
from haqdar.entitlement.registers import EVERY_REGISTER, REGISTERS
from haqdar.entitlement.spans import build_spans
from haqdar.entitlement.stored import (
    TABLES,
    NoSnapshot,
    Snapshot,
    SpoiltSnapshot,
    each_district,
    engine,
    folder_name,
    keep_whole,
    publish,
    snapshots,
    sweep_spills,
    workers,
    working_folder,
    write_part,
)
from haqdar.law import Vocabulary, load_lawbook

if TYPE_CHECKING:
    import adbc_driver_postgresql.dbapi

__all__ = [
    "EmptyRegister",
    "NoSnapshot",
    "Snapshot",
    "SpoiltSnapshot",
    "each_district",
    "engine",
    "neighbourhood",
    "snapshot_of",
    "sweep_spills",
    "take_snapshot",
    "workers",
]


class EmptyRegister(Refusal):
    """Nothing to decide: no resident is known on the day asked for."""

    code = "empty_register"
    en = "No resident is known on {known_on}. Load the registers first: ./haqdar load FOLDER."
    hi = "{known_on} को कोई निवासी दर्ज नहीं है। पहले रजिस्टर लोड करें: ./haqdar load FOLDER।"


@contextmanager
def _bulk_reader() -> Iterator[adbc_driver_postgresql.dbapi.Connection]:
    """One PostgreSQL transaction that sees one state of the registers, so that a load in between cannot tear the snapshot."""
    # brings a third of a second of libraries with it, which pages and workers would pay at each start
    import adbc_driver_postgresql.dbapi

    with adbc_driver_postgresql.dbapi.connect(settings.HAQDAR_DSN) as connection:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("SET LOCAL work_mem = '256MB'")
            # compiling a statement takes longer than the look-ups of an increment
            cursor.execute("SET LOCAL jit = off")
            cursor.execute("SET LOCAL random_page_cost = 1.1")
        yield connection


def take_snapshot(
    known_on: date, first_day: date, anew: bool = False, most: float = increment.MOST
) -> Snapshot:
    """Write the snapshot of what the registers said on `known_on`, with spans from `first_day` on; raises `EmptyRegister`.

    What an earlier snapshot holds of people whose facts have not changed is taken over from it, unless `anew`, or where more
    than the share `most` of the people changed; the content, and so the hash, is the same either way. The folder is named by the
    content's hash and appears whole or not at all; an equal snapshot is reused.
    """
    lawbook = load_lawbook(settings.HAQDAR_LAW)
    with _bulk_reader() as connection, connection.cursor() as cursor, closing(engine()) as duck:
        origin = origin_of(cursor, known_on)
        facts = _facts(known_on, first_day, lawbook.vocabulary, lawbook.has_benefits)

        def rows(name: str) -> str:
            cursor.execute(EVERY_REGISTER[name].query(known_on))
            duck.register("incoming", cursor.fetch_record_batch())
            return "FROM incoming"

        duck.execute(f"CREATE TABLE {one_person.RELATION} AS {rows(one_person.RELATION)}")
        merged = one_person.believe(duck)

        def read(name: str) -> str:
            return one_person.as_one(name, rows(name)) if merged else rows(name)

        if not anew:
            # the one that knows most; a replay may have been the last to write one
            for base in sorted(snapshots(), key=lambda each: each.known_on, reverse=True):
                if _serves(base, facts, origin):
                    taken = increment.take(duck, cursor, read, base, facts, origin, lawbook.vocabulary, most)
                    if taken is not None:
                        return taken
                    break
        return snapshot_of(
            duck,
            read,
            known_on,
            first_day,
            lawbook.vocabulary,
            lawbook.has_benefits,
            origin.manifest(),
            one_person.latest_knowledge(cursor, known_on),
        )


def _facts(known_on: date, first_day: date, vocabulary: Vocabulary, benefits: bool) -> dict[str, Any]:
    """What a manifest says that is known beforehand: days, words and engine."""
    words = hashlib.sha256(json.dumps(vocabulary.columns).encode()).hexdigest()
    return {
        "known_on": known_on.isoformat(),
        "first_day": first_day.isoformat(),
        "vocabulary": words,
        "benefits": benefits,
        "engine": _engine_hash(),
    }


@cache
def _engine_hash() -> str:
    """A hash of this stage's modules and statements and of the engine's version: under equal ones equal knowledge gives equal bytes.

    Most modules have no part in a snapshot; a new version of the platform builds one snapshot anew.
    """
    here = resources("haqdar.entitlement")
    digest = hashlib.sha256(duckdb.__version__.encode())
    for folder, ending in ((here, ".py"), (here / "sql", ".sql")):
        for file in sorted(folder.iterdir(), key=lambda file: file.name):
            if file.name.endswith(ending):
                digest.update(f"{file.name}\n".encode() + file.read_bytes())
    return digest.hexdigest()


def _serves(base: Snapshot, facts: Mapping[str, Any], origin: Origin) -> bool:
    """Whether a new snapshot may take people over from `base`: nothing but knowledge was added since."""
    earlier = Origin.of(base.manifest.get("origin") or {})
    same = ("first_day", "vocabulary", "benefits", "engine")
    return (
        earlier is not None
        and origin.continues(earlier)
        and all(base.manifest.get(name) == facts[name] for name in same)
        and base.manifest["known_on"] <= facts["known_on"]
        and all((base.path / name).is_file() for name in base.manifest["files"])
    )


def snapshot_of(
    duck: duckdb.DuckDBPyConnection,
    read: Reader,
    known_on: date,
    first_day: date,
    vocabulary: Vocabulary | None = None,
    benefits: bool = False,
    origin: Mapping[str, Any] | None = None,
    merges_known_at: date | None = None,
) -> Snapshot:
    """The snapshot of registers that `read` gives as relations of `duck` (see `take_snapshot`).

    With `benefits` it also holds the registers that only schemes beyond pensions ask for, each as one file of the State.
    `origin` is what the manifest says of where the registers come from; `merges_known_at` the latest knowledge of numbers that
    `read` gives as somebody else's.
    """
    vocabulary = vocabulary or load_lawbook(settings.HAQDAR_LAW).vocabulary
    with working_folder() as working:
        with progress(len(REGISTERS), "registers", "registers") as bar:
            gathered = gather(duck, read, working / "gathered", bar.advance)
        if not gathered.residents:
            raise EmptyRegister(known_on=known_on)
        place = working / "snapshot"
        place.mkdir()
        duck.execute(
            f"COPY (FROM area ORDER BY area_code) TO '{quoted(place / 'area.parquet')}' (FORMAT parquet)"
        )
        threads = max(1, workers() // len(gathered.districts))
        each_district(
            gathered.districts,
            lambda district: _build(gathered, district, first_day, vocabulary, place, threads),
            "snapshot",
        )
        days = (keep_whole(duck, read, benefits, place), gathered.known_at, merges_known_at)
        known_at = max((day for day in days if day is not None), default=None)
        facts = {
            **_facts(known_on, first_day, vocabulary, benefits),
            "known_at": known_at and known_at.isoformat(),
            "residents": gathered.residents,
            "districts": [folder_name(district.code) for district in gathered.districts],
            "origin": origin,
        }
        return publish(place, facts)


def _build(
    gathered: Gathered,
    district: District,
    first_day: date,
    vocabulary: Vocabulary,
    place: Path,
    threads: int,
) -> None:
    """Timelines, spans and profiles of one district, written below `place`, with `threads` processors."""
    with closing(engine("2GB", threads)) as duck:
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
        # A file is written by one thread: with more, the borders of its row groups, and so the bytes, would depend on timing.
        duck.execute("SET threads = 1")

        def write(table: str) -> None:
            with duck.cursor() as writing:
                select = TABLES[table][0].format(first_day=first_day)
                write_part(writing, table, select, place, folder_name(district.code))

        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(write, TABLES))


def neighbourhood(
    duck: duckdb.DuckDBPyConnection,
    connection: psycopg.Connection[tuple[object, ...]],
    member_ids: Collection[int],
    known_on: date,
) -> None:
    """Create in `duck` the timelines of a few residents and of those whose facts decide for them.

    These are every recorded spouse and the children of the residents and of the spouses; reading them takes a handful of
    index look-ups, so that one person's check needs no snapshot.
    """

    def read(relation: str, chosen: str) -> list[Mapping[str, object]]:
        register = EVERY_REGISTER[relation]
        with connection.cursor() as cursor:
            cursor.execute(register.query(known_on, chosen).encode())
            names = register.schema.names
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def keep(relation: str, rows: Collection[Mapping[str, object]]) -> None:
        schema = EVERY_REGISTER[relation].schema
        duck.register("incoming", pa.Table.from_pylist(list(rows), schema=schema))
        duck.execute(f"CREATE OR REPLACE TABLE {relation} AS FROM incoming")
        duck.unregister("incoming")

    def ids(values: Collection[object]) -> str:
        return ", ".join(str(int(str(v))) for v in values) or "-1"

    def widened(members: Collection[object]) -> set[int]:
        return one_person.widened(connection, [int(str(member)) for member in members])

    member_ids = widened(member_ids)
    chosen = ids(member_ids)
    own = read("raw_resident", f"AND b.member_id IN ({chosen})")
    own_events = read("raw_event", f"AND b.member_id IN ({chosen})")
    spouses = {row["spouse_id"] for row in [*own, *own_events] if row["spouse_id"] is not None}
    parents = ids(widened({*member_ids, *spouses}))
    others = read(
        "raw_resident",
        f"AND b.member_id NOT IN ({chosen}) AND b.member_id IN ("
        f"SELECT unnest(ARRAY[{parents}]) UNION "
        f"SELECT member_id FROM registry_resident_belief WHERE mother_id IN ({parents}) UNION "
        f"SELECT member_id FROM registry_resident_belief WHERE father_id IN ({parents}))",
    )
    everybody = ids(widened([row["member_id"] for row in (*own, *others)]))
    keep(one_person.RELATION, read(one_person.RELATION, f"AND b.member_id IN ({everybody})"))
    keep("raw_resident", [*own, *others])
    keep(
        "raw_event",
        [
            *own_events,
            *read(
                "raw_event",
                f"AND b.member_id IN ({ids({*spouses, *(r['member_id'] for r in others)} - {*member_ids})})",
            ),
        ],
    )
    families = ids({row["family_id"] for row in own})
    keep("raw_family", read("raw_family", f"AND b.family_id IN ({families})"))
    keep("raw_bpl", read("raw_bpl", f"AND b.family_id IN ({families})"))
    keep("raw_disability", read("raw_disability", f"AND b.member_id IN ({chosen})"))
    if one_person.believe(duck):
        one_person.apply(duck, ("raw_resident", "raw_event", "raw_disability"))
    duck.execute(
        "CREATE OR REPLACE TABLE area (area_code VARCHAR, kind VARCHAR, district_code VARCHAR, ddo_code VARCHAR)"
    )
    build_timelines(duck, [name for name in TIMELINES if name not in ("pension",)])
