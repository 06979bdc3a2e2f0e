"""Areas from the Local Government Directory's extracts into the same tables as delivered areas."""

import hashlib
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path

import pyarrow as pa
from django.conf import settings
from django.db import connection, transaction

from haqdar.access import areas
from haqdar.access.actors import Actor, set_context
from haqdar.base.files import sha256_of
from haqdar.base.progress import progress
from haqdar.registry import lookup_keys, store
from haqdar.registry.loading import NoSuchFolder, NothingToLoad
from haqdar.sources import actions as deliveries
from haqdar.sources import staging
from haqdar.sources.actions import Counts
from haqdar.sources.layout import LAYOUTS
from haqdar.sources.lgd import Changes, Extract, LgdArea, compared, read_extracts, read_mapping

_SCHEMA = pa.schema(
    [
        (
            name,
            pa.date32()
            if name in ("valid_from", "valid_to")
            else pa.int64()
            if name == "line"
            else pa.string(),
        )
        for name in (column.name for column in fields(LgdArea))
    ]
)


@dataclass
class AreaStep:
    """What the extracts of one day did."""

    day: date
    counts: Counts
    changes: Changes
    skipped: list[str] = field(default_factory=list)


@dataclass
class AreaResult:
    """What the folder did, day by day, and the areas as they stand now."""

    steps: list[AreaStep] = field(default_factory=list)
    areas: dict[str, LgdArea] = field(default_factory=dict)


def load_extracts(actor: Actor, folder: Path, as_of: date | None) -> AreaResult:
    """Load the extracts of a folder, oldest first, one transaction per day; hold the load's lock."""
    if not folder.is_dir():
        raise NoSuchFolder(folder=folder)
    extracts = read_extracts(folder, as_of)
    if not extracts:
        raise NothingToLoad(folder=folder, files="districts_2022.csv, blocks_2022.csv …")
    mapping = read_mapping(folder)
    result = AreaResult()
    for extract in extracts:
        with transaction.atomic():
            set_context(actor, "delivery.load")
            result.steps.append(_load_extract(actor, folder, extract, mapping))
    result.areas = _known_areas()
    return result


def _load_extract(actor: Actor, folder: Path, extract: Extract, mapping: dict[str, str]) -> AreaStep:
    newest = _newest_days()
    older = sorted(kind for kind in extract.kinds if kind in newest and newest[kind] > extract.day)
    extract.kinds -= set(older)
    extract.areas = {code: area for code, area in extract.areas.items() if area.kind not in older}
    known = _known_areas()
    after, changes = compared(known, extract, mapping)
    hashes = [sha256_of(path) for path in extract.files]
    code = hashlib.sha256("".join(hashes).encode()).hexdigest()[:16]
    delivery = deliveries.receive(actor, code, extract.day, folder)
    values = {name: [getattr(area, name) for area in after.values()] for name in _SCHEMA.names}
    with staging.workbench(settings.HAQDAR_HOME) as duck, progress(len(after), f"areas {extract.day}") as bar:
        store.accept_areas(duck, pa.table(values, schema=_SCHEMA))
        stored = store.store(actor, duck, "areas", LAYOUTS["areas"], delivery.pk, extract.day, None, bar)
    with lookup_keys.areas_may_move():
        areas.refresh()
    counts = Counts(
        rows=len(after),
        accepted=stored.accepted,
        corrected=stored.corrected,
        repeated=len(after) - stored.accepted - stored.corrected,
    )
    for path, sha256 in zip(extract.files, hashes, strict=True):
        deliveries.keep_file(delivery, path.name, sha256, path.stat().st_size, counts)
    return AreaStep(extract.day, counts, changes, older)


def _known_areas() -> dict[str, LgdArea]:
    names = [column.name for column in fields(LgdArea)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT ON (area_code) {', '.join(names)} FROM access_area_belief"
            " WHERE starts_with(area_code, 'LGD-') ORDER BY area_code, belief_no DESC"
        )
        return {row[0]: LgdArea(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()}


def _newest_days() -> dict[str, date]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kind, max(known_from) FROM access_area_belief WHERE starts_with(area_code, 'LGD-') GROUP BY kind"
        )
        return dict(cursor.fetchall())
