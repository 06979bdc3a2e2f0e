"""A whole State decided on a cluster: the statements of `deciding` through Spark Connect, over the same snapshot.

Here the State is decided in one piece, and how it is cut up is the cluster's affair. A district numbers its profiles and
places from 0, so they get numbers of the whole State first, and what is written has the district's own again: row by row what
`deciding` writes with DuckDB, in as many files a district as the cluster likes, unsorted.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from haqdar.base.month import Month
from haqdar.cases.deciding import (
    ENGINE_VERSION,
    NO_CHANGES,
    WITH_DISTRICT,
    cell_columns,
    cell_sql,
)
from haqdar.cases.difference import decide, hold, look_ahead, worklist_sql
from haqdar.cases.sharing import NOTHING_JUDGED, find_shared
from haqdar.entitlement.cells import Cells
from haqdar.entitlement.engines import SparkEngine
from haqdar.entitlement.snapshot import NoSnapshot
from haqdar.entitlement.spans import COLUMNS, profile_columns, whole
from haqdar.entitlement.stored import BeforeTheSnapshot
from haqdar.law import LawBook, Vocabulary

STEPS = ("snapshot", "decision", "forecast", "files")


@dataclass(frozen=True)
class ClusterRun:
    """What a cluster decides: the snapshot at a location under a law on a day; `out` is a location, too (see `SparkEngine`).

    `changes` is Parquet of ``award_change``, the awards as earlier runs left them, `judged` that of `judged.read_judged`.
    """

    snapshot: str | Path
    lawbook: LawBook
    day: date
    out: str | Path
    changes: str | Path | None = None
    judged: str | Path | None = None


@dataclass(frozen=True)
class ClusterResult:
    """What was decided: of which snapshot (its hash), how many residents, rows of the work list by action, forecast rows."""

    snapshot: str
    residents: int
    worklist: dict[str, int]
    forecast: int


def decide_on_cluster(
    engine: SparkEngine, run: ClusterRun, step: Callable[[str], None] = lambda _: None
) -> ClusterResult:
    """Decide the State and write the tables of `deciding`; `step` is called after each of `STEPS`.

    ``<out>/state`` says of what the results are and whether they are ``complete``, or a run is or was ``deciding``. Raises
    `NoSnapshot`, `BeforeTheSnapshot`, `EngineFailed`.
    """
    law = run.lawbook.on(run.day)
    manifest = json.loads(engine.text(f"{run.snapshot}/manifest.json") or "{}")
    if not manifest:
        raise NoSnapshot(folder=run.snapshot)
    first_day = date.fromisoformat(manifest["first_day"])
    if run.day < first_day:
        raise BeforeTheSnapshot(first=first_day, day=run.day, month=Month.of(run.day))
    _say(engine, run, manifest["hash"], "deciding")
    _attach(engine, run, first_day, law.vocabulary)
    hold(engine, run.lawbook, run.day)
    find_shared(engine)
    step("snapshot")
    decide(engine, run.lawbook, run.day)
    engine.execute(f"CREATE OR REPLACE TABLE cell AS {cell_sql(law)}")
    step("decision")
    look_ahead(engine, run.lawbook, run.day)
    step("forecast")
    listed = ", ".join(f"c.{name}" for name in cell_columns(law))
    each = Cells.of([law]).a_profile
    engine.write(
        f"SELECT l.member_id, CAST(l.cell_no - p.first_profile * {each} AS INTEGER) AS cell_no, p.district"
        " FROM lived l JOIN place p ON p.place_no = l.place_no",
        f"{run.out}/decision",
        by=["district"],
    )
    engine.write(
        f"SELECT CAST(c.cell_no - p.first_profile * {each} AS INTEGER) AS cell_no, c.people, {listed}, p.district"
        f" FROM cell c JOIN profile p ON p.profile_no = c.cell_no // {each}",
        f"{run.out}/cell",
        by=["district"],
    )
    for table in WITH_DISTRICT:
        engine.write(
            f"SELECT t.*, a.district_code FROM {table} t LEFT JOIN area a ON a.area_code = t.area_code",
            f"{run.out}/{table}",
        )
    unplaced = "(SELECT *, CAST(NULL AS VARCHAR) AS district_code FROM {})"
    listed = worklist_sql(law, unplaced.format("decided"), unplaced.format("suspect"))
    actions = engine.execute(f"SELECT action, count(*) AS n FROM ({listed}) GROUP BY action ORDER BY action")
    (ahead,) = engine.execute("SELECT count(*) AS n FROM forecast").fetchone() or (0,)
    _say(engine, run, manifest["hash"], "complete")
    step("files")
    return ClusterResult(manifest["hash"], manifest["residents"], dict(actions.fetchall()), ahead)


def _say(engine: SparkEngine, run: ClusterRun, snapshot: str, state: str) -> None:
    engine.write(
        f"SELECT '{state}' AS state, '{ENGINE_VERSION}' AS engine, '{snapshot}' AS snapshot, '{run.lawbook.hash}' AS law,"
        f" DATE '{run.day}' AS day",
        f"{run.out}/state",
    )


def _attach(engine: SparkEngine, run: ClusterRun, first_day: date, vocabulary: Vocabulary) -> None:
    """Name the snapshot's tables, profiles and places numbered for the whole State."""
    engine.attach("area", f"{run.snapshot}/area.parquet")
    for table in ("pension", "identity"):
        engine.attach(table, f"{run.snapshot}/{table}")
    if run.changes is not None:
        engine.attach("award_change", run.changes)
    else:
        engine.execute(NO_CHANGES)
    if run.judged is not None:
        engine.attach("judged", run.judged)
    else:
        engine.execute(NOTHING_JUDGED)
    # the folders district=… give each of these a column `district`
    for table in ("steady", "changing", "profile", "place"):
        engine.attach(f"district_{table}", f"{run.snapshot}/{table}")
    # BIGINT, so that too many cells for an INTEGER are an error of the cast: Sail adds and multiplies without a check
    engine.execute("""
        CREATE OR REPLACE TABLE numbering AS
        SELECT p.district,
               CAST(sum(p.profiles) OVER (ORDER BY p.district) - p.profiles AS BIGINT) AS first_profile,
               CAST(sum(l.places) OVER (ORDER BY p.district) - l.places AS INTEGER) AS first_place
        FROM (SELECT district, count(*) AS profiles FROM district_profile GROUP BY district) p
        JOIN (SELECT district, count(*) AS places FROM district_place GROUP BY district) l ON l.district = p.district""")
    profile, place = "t.profile_no + n.first_profile AS profile_no", "t.place_no + n.first_place AS place_no"
    lasting = [name for name in COLUMNS.split(", ") if name not in ("profile_no", "place_no")]
    numbered = {
        "steady": [profile, place, *lasting],
        "changing": [profile, place, *lasting, "from_day", "until_day"],
        "profile": [profile, "n.first_profile", "n.district", *profile_columns(vocabulary)],
        "place": [place, "n.first_profile", "n.district", "area_code", "social_category"],
    }
    for table, columns in numbered.items():
        engine.execute(
            f"CREATE OR REPLACE VIEW {table} AS SELECT {', '.join(columns)}"
            f" FROM district_{table} t JOIN numbering n ON n.district = t.district"
        )
    engine.execute(f"CREATE OR REPLACE VIEW span AS {whole(first_day)}")
