"""The way of one delivery: read, check, accept, store, file by file; then rejections.csv.

One PostgreSQL transaction per file, so that a kill at any moment leaves whole files only; loading the same folder again
then does the rest and gives the same rejections.
"""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb
from django.conf import settings
from django.db import connection, transaction

from haqdar.access import areas
from haqdar.access.actors import Actor, set_context
from haqdar.base.files import atomic_write, sha256_of
from haqdar.base.progress import progress
from haqdar.base.refusal import Refusal
from haqdar.registry import changes, lookup_keys, references, store
from haqdar.registry.bridge import push
from haqdar.registry.proven import keep_proven
from haqdar.registry.sealing import Sealer
from haqdar.registry.taken_over import keep_filled
from haqdar.sources import actions as deliveries
from haqdar.sources import staging
from haqdar.sources.actions import Counts, Warning
from haqdar.sources.layout import FILES, FileLayout
from haqdar.sources.messages import quoted
from haqdar.sources.models import Delivery
from haqdar.sources.refusals import DeliveredTwice, FileRefused, UnreadableFile, WaitsForRefused

_LOCK = 0x4841514C
SUFFIXES = (".csv", ".parquet")


class NoSuchFolder(Refusal):
    """The folder to load is not there."""

    code = "no_such_folder"
    exit_code = 2
    en = "There is no folder {folder}; give the folder that holds the delivered files."
    hi = "{folder} नाम का फ़ोल्डर नहीं है; वह फ़ोल्डर दें जिसमें भेजी गई फ़ाइलें हैं।"


class NothingToLoad(Refusal):
    """The folder holds none of the files of the contract."""

    code = "nothing_to_load"
    en = "{folder} holds none of the files {files} (as .csv or .parquet); there is nothing to load."
    hi = "{folder} में {files} (.csv या .parquet) में से कोई फ़ाइल नहीं है; लोड करने को कुछ नहीं।"


class LoadRunning(Refusal):
    """Another load holds the lock."""

    code = "load_running"
    en = "Another load is running; wait until it has finished and start this one again."
    hi = "एक और लोड चल रहा है; उसके पूरा होने पर इसे फिर से शुरू करें।"


class UnwritableOutput(Refusal):
    """The folder for rejections.csv cannot be created or written."""

    code = "unwritable_output"
    en = "{folder} cannot be written: {why}. Give another folder with --out, or mend its permissions."
    hi = "{folder} में लिखा नहीं जा सका: {why}। --out से दूसरा फ़ोल्डर दें, या उसकी अनुमतियाँ सुधारें।"


@dataclass(frozen=True)
class FileResult:
    """What became of one file: counts, or the refusal of the whole."""

    name: str
    counts: Counts
    refusal: FileRefused | None = None


@dataclass
class LoadResult:
    """What became of a delivery; `rejections` is the written rejections.csv."""

    delivery: str
    delivered_on: date
    rejections: Path
    files: list[FileResult] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        """Whether any file was refused as a whole."""
        return any(file.refusal is not None for file in self.files)


@dataclass(frozen=True)
class Found:
    """A file of the delivery as it lies in the folder."""

    layout: FileLayout
    path: Path
    sha256: str
    size: int
    refusal: FileRefused | None = None


def found_in(folder: Path) -> list[Found]:
    """The files of the contract in a folder, in load order, with their hashes; raises for none or no folder."""
    if not folder.is_dir():
        raise NoSuchFolder(folder=folder)
    found = []
    for layout in FILES:
        paths = [folder / f"{layout.name}{suffix}" for suffix in SUFFIXES]
        paths = [path for path in paths if path.is_file()]
        if not paths:
            continue
        try:
            sha256, size = sha256_of(paths[0]), paths[0].stat().st_size
        except OSError as error:
            refusal: FileRefused = UnreadableFile(file=paths[0].name, why=error.strerror)
            found.append(Found(layout, paths[0], "", 0, refusal))
            continue
        twice = DeliveredTwice(file=layout.name) if len(paths) > 1 else None
        found.append(Found(layout, paths[0], sha256, size, twice))
    if not found:
        raise NothingToLoad(folder=folder, files=", ".join(layout.name for layout in FILES))
    return found


def delivery_code(found: list[Found]) -> str:
    """A short name of the delivery that depends on its files' contents alone."""
    listed = "".join(f"{file.path.name} {file.sha256}\n" for file in found)
    return hashlib.sha256(listed.encode()).hexdigest()[:16]


@contextmanager
def only_load() -> Iterator[None]:
    """Hold the lock under which one load at a time runs; raises `LoadRunning`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        row = cursor.fetchone()
    if not row or not row[0]:
        raise LoadRunning()
    try:
        yield
    finally:
        # A broken connection has lost the lock already.
        if (
            connection.connection is not None
            and not connection.connection.closed
            and not connection.needs_rollback
        ):
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def load_found(
    actor: Actor,
    folder: Path,
    found: list[Found],
    delivered_on: date,
    out: Path,
    schemes: Mapping[str, int],
    sealer: Sealer,
) -> LoadResult:
    """Load the found files of a folder and write `out`/rejections.csv."""
    code = delivery_code(found)
    result = LoadResult(code, delivered_on, out / "rejections.csv")
    _make_folder(out)
    refused: dict[str, str] = {}
    with staging.workbench(settings.HAQDAR_HOME) as duck:
        with transaction.atomic():
            delivery = deliveries.receive(actor, code, delivered_on, folder)
        references.begin(duck, schemes)
        duck.execute(
            "CREATE TABLE rejections (place INTEGER, file VARCHAR, line BIGINT, field VARCHAR, code VARCHAR, message VARCHAR)"
        )
        for place, file in enumerate(found):
            try:
                if file.refusal is not None:
                    raise file.refusal
                needed = next((refused[name] for name in file.layout.needs if name in refused), None)
                if needed is not None:
                    raise WaitsForRefused(file=file.path.name, needed=needed)
                counts = _load_file(duck, actor, delivery, file, place, schemes, sealer)
                result.files.append(FileResult(file.path.name, counts))
            except FileRefused as refusal:
                refused[file.layout.name] = file.path.name
                with transaction.atomic():
                    set_context(actor, "delivery.load")
                    deliveries.keep_refusal(delivery, file.path.name, file.sha256, file.size, refusal)
                result.files.append(FileResult(file.path.name, Counts(), refusal))
        _write_rejections(duck, code, result.rejections)
    return result


def _load_file(
    duck: duckdb.DuckDBPyConnection,
    actor: Actor,
    delivery: Delivery,
    file: Found,
    place: int,
    schemes: Mapping[str, int],
    sealer: Sealer,
) -> Counts:
    layout = file.layout
    with progress(None, file.path.name) as bar:
        staged = staging.read(duck, layout, file.path, bar)
        staging.check(duck, staged, delivery.delivered_on, schemes)
        references.check_references(duck, layout)
        store.accept(duck, layout, sealer)
        references.keep_faulty(duck, layout)
        ghosts = 0
        if layout.name == "pensioners":
            ghosts = store.accept_ghosts(duck)
            references.check_conflicts(duck)
        # What is left to do needs the typed rows alone.
        duck.execute(f"DROP TABLE {layout.name}_raw")
        repeats = references.check_keys(duck, layout)
        if layout.name == "areas":
            references.check_circles(duck)
        references.check_faulty(duck, layout)
    store.remember_accepted(duck, layout)
    good = _number(duck, f"SELECT count(*) FROM {layout.name}_good")
    counts = Counts(
        rows=staged.rows,
        rejected=_number(duck, f"SELECT count(DISTINCT line) FROM {layout.name}_bad"),
        ghosts=ghosts,
        warnings=[_ignored(staged.extra)] if staged.extra else [],
    )
    with progress(good, f"{file.path.name} → database") as bar, transaction.atomic():
        set_context(actor, "delivery.load")
        stored = store.store(
            actor, duck, layout.name, layout, delivery.pk, delivery.delivered_on, sealer, bar
        )
        if ghosts:
            store.store(actor, duck, "ghosts", layout, delivery.pk, delivery.delivered_on, None, bar)
        if layout.name == "residents" and stored.corrected:
            keep_filled(delivery.pk)
            keep_proven(actor, delivery.pk)
        changes.note_file(duck, layout.name, delivery.pk, actor, stored.accepted + stored.corrected)
        lookup_keys.keep_file(duck, layout.name, stored.accepted + stored.corrected)
        if layout.name in ("areas", "offices"):
            with lookup_keys.areas_may_move():
                areas.refresh()
        counts.accepted, counts.corrected = stored.accepted, stored.corrected
        counts.repeated = repeats + good - stored.accepted - stored.corrected
        kept = deliveries.keep_file(delivery, file.path.name, file.sha256, file.size, counts)
        push(
            duck,
            f"SELECT {kept.pk}, line, field, code, message FROM {layout.name}_bad",
            "sources_rejection",
            ["file_id", "line", "field", "code", "message"],
        )
    duck.execute(
        f"INSERT INTO rejections SELECT {place}, {quoted(file.path.name)}, line, field, code, message"
        f" FROM {layout.name}_bad"
    )
    for suffix in ("good", "new"):
        duck.execute(f"DROP TABLE IF EXISTS {layout.name}_{suffix}")
    if layout.name == "areas":
        references.pull_areas(duck)
    return counts


def _write_rejections(duck: duckdb.DuckDBPyConnection, code: str, path: Path) -> None:
    try:
        with atomic_write(path) as temporary:
            duck.execute(
                f"COPY (SELECT {quoted(code)} AS delivery, file, line, nullif(field, '') AS field, code, message"
                f" FROM rejections ORDER BY place, line, field) TO {quoted(str(temporary))} (FORMAT csv, HEADER)"
            )
    except (OSError, duckdb.IOException) as error:
        raise UnwritableOutput(folder=path.parent, why=_reason(error)) from error


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with atomic_write(folder / ".writable"):
            pass
        (folder / ".writable").unlink()
    except OSError as error:
        raise UnwritableOutput(folder=folder, why=_reason(error)) from error


def _reason(error: Exception) -> str:
    return (
        error.strerror or str(error)
        if isinstance(error, OSError)
        else "the disk is full or the file cannot be created"
    )


def _ignored(columns: list[str]) -> Warning:
    listed = ", ".join(name[:40] or "(no name)" for name in columns[:20])
    return Warning(f"Unknown columns are ignored: {listed}.", f"अनजान स्तंभ छोड़ दिए गए: {listed}।")


def _number(duck: duckdb.DuckDBPyConnection, query: str) -> int:
    row = duck.execute(query).fetchone()
    return int(row[0]) if row else 0


__all__ = ["LoadResult", "delivery_code", "found_in", "load_found", "only_load"]
