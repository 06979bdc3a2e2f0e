"""Written snapshots: what lies in one, how it is read, checked, kept and cleared away.

snapshots/<hash>/    manifest.json: what the snapshot is, what it was built from, the SHA-256 of every file, the people and
                     the hash of every district
                     area.parquet, and for every table and district <table>/district=<code>/part.parquet

A snapshot appears whole or not at all and never changes. Files that two snapshots have in common lie on the disk once (hard
links), so that keeping one a month costs what changed.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
import time
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import duckdb
from django.conf import settings

from haqdar.base.duck import connect_duck
from haqdar.base.files import atomic_write, sha256_of
from haqdar.base.month import Month
from haqdar.base.progress import progress
from haqdar.base.refusal import Refusal
from haqdar.entitlement.facts import build_timelines
from haqdar.entitlement.gather import quoted
from haqdar.entitlement.registers import BENEFIT_REGISTERS
from haqdar.entitlement.spans import PARTS, whole

_D = TypeVar("_D")


class NoSnapshot(Refusal):
    """The folder holds no snapshot."""

    code = "no_snapshot"
    en = "{folder} is no snapshot: it has no manifest.json. Take one with ./haqdar snapshot."
    hi = "{folder} कोई स्नैपशॉट नहीं है: इसमें manifest.json नहीं है। ./haqdar snapshot से बनाएँ।"


class SpoiltSnapshot(Refusal):
    """A snapshot is not what its manifest says."""

    code = "spoilt_snapshot"
    en = "{folder} is not what its manifest says: {file} is missing, changed or too many. Take the snapshot again; decisions made on it cannot be proved."
    hi = "{folder} अपने manifest से मेल नहीं खाता: {file} नहीं है, बदली हुई है या फ़ालतू है। स्नैपशॉट फिर से बनाएँ; इस पर हुए फ़ैसले साबित नहीं किए जा सकते।"


#: The tables of a district and their order, which makes the bytes reproducible. Of the people in ``person`` some live
#: elsewhere; only ``kin`` keeps them.
TABLES = {
    "person": ("SELECT * FROM person SEMI JOIN own USING (member_id)", "family_id, member_id"),
    "kin": ("SELECT * FROM person ANTI JOIN own USING (member_id)", "member_id"),
    "spouse_period": ("SELECT * FROM spouse_period SEMI JOIN own USING (member_id)", "ALL"),
    "migration_period": ("SELECT * FROM migration_period SEMI JOIN own USING (member_id)", "ALL"),
    "marital_period": ("SELECT * FROM marital_period SEMI JOIN own USING (member_id)", "ALL"),
    "bpl": (
        "SELECT * FROM bpl WHERE family_id IN (SELECT family_id FROM person SEMI JOIN own USING (member_id))",
        "ALL",
    ),
    "disability": ("SELECT * FROM disability SEMI JOIN own USING (member_id)", "ALL"),
    "identity": ("FROM identity", "ALL"),
    "pension": ("FROM pension", "ALL"),
    "profile": ("FROM profile", "profile_no"),
    "place": ("FROM place", "place_no"),
    "steady": (PARTS["steady"], "member_id"),
    "changing": (PARTS["changing"], "member_id, from_day"),
}
_SPILL = "spill-"
#: Tables that are read person by person or in whole columns by every run: quick to decode rather than small.
QUICK = ("steady", "changing", "profile", "place")


class BeforeTheSnapshot(Refusal):
    """The snapshot's spans begin later than the day to be decided."""

    code = "before_the_snapshot"
    en = "This snapshot serves days from {first} on, not {day}. Take one for the earlier month: ./haqdar snapshot {month}."
    hi = "यह स्नैपशॉट {first} से आगे के दिनों के लिए है, {day} के लिए नहीं। पहले के महीने के लिए नया लें: ./haqdar snapshot {month}।"


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
    manifest: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def open(cls, path: Path) -> Snapshot:
        """The snapshot in a folder; raises `NoSnapshot`."""
        try:
            return cls.of(path, json.loads((path / "manifest.json").read_text()))
        except OSError as error:
            raise NoSnapshot(folder=path) from error

    @classmethod
    def of(cls, path: Path, manifest: Mapping[str, Any]) -> Snapshot:
        """The snapshot that a manifest describes."""
        return cls(
            path=path,
            hash=manifest["hash"],
            known_on=date.fromisoformat(manifest["known_on"]),
            known_at=date.fromisoformat(manifest["known_at"]) if manifest["known_at"] else None,
            first_day=date.fromisoformat(manifest["first_day"]),
            residents=manifest["residents"],
            districts=tuple(manifest["districts"]),
            manifest=manifest,
        )

    def verify(self) -> int:
        """Compare every file with the manifest and the manifest with the snapshot's hash; returns the number of files.

        Raises `SpoiltSnapshot`.
        """
        files: Mapping[str, str] = self.manifest["files"]
        there = {str(path.relative_to(self.path)) for path in self.path.rglob("*.parquet")}
        with progress(len(files), "verify", "files") as bar:
            for name in sorted(there | files.keys()):
                if name not in files or name not in there or sha256_of(self.path / name) != files[name]:
                    raise SpoiltSnapshot(folder=self.path, file=name)
                bar.advance()
        parts = _parts(self.path, self.districts, files)
        if content_hash(files) != self.hash or self.manifest.get("parts", parts) != parts:
            raise SpoiltSnapshot(folder=self.path, file="manifest.json")
        return len(files)

    def file(self, table: str, district: str) -> Path:
        """The Parquet file of a table for one of `districts`."""
        return self.path / table / f"district={district}" / "part.parquet"

    def must_serve(self, day: date) -> None:
        """Raises `BeforeTheSnapshot` for a day that the spans do not reach back to."""
        if day < self.first_day:
            raise BeforeTheSnapshot(first=self.first_day, day=day, month=Month.of(day))

    def attach(self, duck: duckdb.DuckDBPyConnection) -> None:
        """Make the whole State's tables readable in `duck` under their names."""
        for table in TABLES:
            if table not in ("kin", *QUICK):
                self._view(duck, table, f"'{quoted(self.path / table)}/*/*.parquet'")
        self._attach_common(duck)

    def attach_district(self, duck: duckdb.DuckDBPyConnection, district: str) -> None:
        """Make one district's tables readable in `duck`: ``own`` lists its people, ``person`` has their kin elsewhere, too."""
        for table in TABLES:
            if table not in ("person", "kin"):
                self._view(duck, table, f"'{quoted(self.file(table, district))}'")
        both = [f"'{quoted(self.file(table, district))}'" for table in ("person", "kin")]
        self._view(duck, "person", f"[{', '.join(both)}]")
        self._view(duck, "own", both[0])
        duck.execute(f"CREATE OR REPLACE VIEW span AS {whole(self.first_day)}")
        self._attach_common(duck)

    def attach_lives(self, duck: duckdb.DuckDBPyConnection, district: str) -> None:
        """Make readable in `duck` only what deciding a district needs: its spans with their dictionaries, and its pensions."""
        for table in (*QUICK, "pension"):
            file = quoted(self.file(table, district))
            duck.execute(
                f"CREATE OR REPLACE VIEW {table} AS SELECT * FROM read_parquet('{file}', hive_partitioning = false)"
            )
        duck.execute(f"CREATE OR REPLACE VIEW span AS {whole(self.first_day)}")

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
    return connect_duck(memory_limit=memory, threads=threads, temp_directory=str(spill))


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


def folder_name(district: str | None) -> str:
    """A district's code as part of a folder's name; "-" for no district."""
    return quote(district or "-", safe="")


@contextmanager
def working_folder() -> Iterator[Path]:
    """A folder to write a snapshot in, beside the finished ones; gone afterwards. Clears away what killed runs left.

    It is locked while it is written to, so that two snapshots taken at once do not take each other for such leavings.
    """
    home = _home()
    with (home / ".lock").open("w") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        for left in home.glob(".writing-*"):
            with _locked(left) as abandoned:
                if abandoned:
                    shutil.rmtree(left, ignore_errors=True)
        working = Path(tempfile.mkdtemp(prefix=".writing-", dir=home))
        handle = os.open(working, os.O_RDONLY)
        fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        yield working
    finally:
        shutil.rmtree(working, ignore_errors=True)
        os.close(handle)


@contextmanager
def _locked(folder: Path) -> Iterator[bool]:
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield True
    except BlockingIOError:
        yield False
    finally:
        os.close(handle)


def write_part(duck: duckdb.DuckDBPyConnection, table: str, select: str, place: Path, district: str) -> None:
    """Write the rows of `select` as one of `TABLES` of a district (a folder's name), in the table's order."""
    file = place / table / f"district={district}" / "part.parquet"
    file.parent.mkdir(parents=True)
    compression = "snappy" if table in QUICK else "zstd"
    duck.execute(
        f"COPY (SELECT * FROM ({select}) ORDER BY {TABLES[table][1]}) TO '{quoted(file)}'"
        f" (FORMAT parquet, COMPRESSION {compression})"
    )


def keep_whole(
    duck: duckdb.DuckDBPyConnection, read: Callable[[str], str], benefits: bool, place: Path
) -> date | None:
    """Write each of `BENEFIT_REGISTERS` as a file of the whole State, if `benefits`; returns their latest knowledge."""
    latest: list[date] = []
    for name in BENEFIT_REGISTERS if benefits else ():
        file = quoted(place / f"{name}.parquet")
        # the reader can be read once
        duck.execute(f"CREATE OR REPLACE TABLE {name} AS {read(name)}")
        duck.execute("SET threads = 1")
        duck.execute(
            f"COPY (SELECT * EXCLUDE (known_from) FROM {name} ORDER BY ALL) TO '{file}' (FORMAT parquet)"
        )
        duck.execute(f"SET threads = {workers()}")
        (day,) = duck.execute(f"SELECT max(known_from) FROM {name}").fetchone() or (None,)
        latest += [day] if day is not None else []
        duck.execute(f"DROP TABLE {name}")
    return max(latest, default=None)


def publish(place: Path, facts: Mapping[str, Any], known: Mapping[str, str] | None = None) -> Snapshot:
    """Give the snapshot written in `place` its manifest and its name.

    `facts` are what the manifest says beside the hashes, `known` hashes of files that were taken over as they were. Of an equal
    snapshot that is there already the files stay; its manifest then names the later state of knowledge.
    """
    known = known or {}
    files = {}
    for path in sorted(place.rglob("*.parquet")):
        name = str(path.relative_to(place))
        files[name] = known.get(name) or sha256_of(path)
    content = content_hash(files)
    manifest = {**facts, "hash": content, "files": files, "parts": _parts(place, facts["districts"], files)}
    text = json.dumps(manifest, indent=1, sort_keys=True) + "\n"
    final = _home() / content[:16]
    if final.is_dir() and not (final / "manifest.json").is_file():
        shutil.rmtree(final)  # what is left of a removal that was interrupted
    if final.is_dir():
        there = Snapshot.open(final).manifest
        later = there["known_on"] <= manifest["known_on"]
        if later or any(there.get(name) != manifest.get(name) for name in ("engine", "vocabulary")):
            with atomic_write(final / "manifest.json") as path:
                path.write_text(text)
    else:
        (place / "manifest.json").write_text(text)
        try:
            place.rename(final)
        except OSError:
            if not final.is_dir():  # somebody else has just published the same
                raise
    return Snapshot.of(final, manifest)


def content_hash(files: Mapping[str, str]) -> str:
    """The hash by which a snapshot is named, from the SHA-256 of each of its files."""
    return hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()


def _parts(place: Path, districts: Collection[str], files: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """For every district how many people it has and the hash of its files."""
    parts = {}
    with connect_duck() as duck:
        for district in districts:
            own = {name: value for name, value in files.items() if f"/district={district}/" in name}
            person = place / f"person/district={district}/part.parquet"
            (people,) = duck.execute(
                f"SELECT num_rows FROM parquet_file_metadata('{quoted(person)}')"
            ).fetchone() or (0,)
            parts[district] = {"residents": people, "hash": content_hash(own)}
    return parts


def link(source: Path, target: Path) -> None:
    """Take over a file of another snapshot: the same file under a second name, a copy where the disk cannot do that."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def snapshots() -> list[Snapshot]:
    """All snapshots of this installation whose files are all there, the last written first."""
    found = []
    for path in _home().glob("*/manifest.json"):
        try:
            snapshot = Snapshot.of(path.parent, json.loads(path.read_text()))
            found.append((path.stat().st_mtime, snapshot.hash, snapshot))
        except (OSError, ValueError, KeyError):
            continue
    return [snapshot for *_, snapshot in sorted(found, key=lambda each: each[:2], reverse=True)]


_LEFT_ALONE_S = 24 * 60 * 60


def prune(needed: Collection[str], older_than_s: float = _LEFT_ALONE_S) -> list[str]:
    """Remove snapshots of the database that nobody needs any more; returns their hashes.

    `needed` are the hashes (or beginnings of 16 digits) that runs refer to. The last one written stays as the base of the
    next, and for a day so does every other: somebody may be reading it. Snapshots of register files stay until they are
    removed by hand, because they cannot be taken again.
    """
    kept = {name[:16] for name in needed}
    gone = []
    for snapshot in snapshots()[1:]:
        old = time.time() - (snapshot.path / "manifest.json").stat().st_mtime > older_than_s
        if snapshot.hash[:16] not in kept and "database" in (snapshot.manifest.get("origin") or {}) and old:
            # the manifest first: what is left of a removal that was interrupted is no snapshot any more
            (snapshot.path / "manifest.json").unlink()
            shutil.rmtree(snapshot.path, ignore_errors=True)
            gone.append(snapshot.hash)
    return gone


def _home() -> Path:
    home = Path(settings.HAQDAR_HOME) / "snapshots"
    home.mkdir(parents=True, exist_ok=True)
    return home
