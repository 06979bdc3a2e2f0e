"""Duplicates within the register: every district against itself, then everybody across districts, written as pairs.

A run changes no fact of the register. It opens pairs that are new, refreshes those that people have not judged, withdraws open ones
it no longer finds, and leaves judged ones alone unless other facts are known that speak more for one person than before.
"""

from __future__ import annotations

import hashlib
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb
from django.conf import settings
from django.db import connection
from django.utils import timezone

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting, require
from haqdar.access.models import Area
from haqdar.base.duck import connect_duck
from haqdar.base.progress import progress
from haqdar.base.refusal import Refusal
from haqdar.base.sql import statement
from haqdar.identity.linking import scoring
from haqdar.identity.linking.model import FAMILY, REGISTER, Weights
from haqdar.identity.linking.records import prepare
from haqdar.identity.linking.register import read_register
from haqdar.identity.models import LinkRun
from haqdar.registry.bridge import push, temporary

LOCAL = "duckdb"
#: A cluster with more records than this is no person: its pairs are left to people.
LARGEST_CLUSTER = 4
_MEMORY = "3GB"
_FOUND = {
    "first_id": "integer",
    "second_id": "integer",
    "first_area": "text",
    "second_area": "text",
    "weight": "float8",
    "band": "text",
    "evidence": "jsonb",
    "facts": "uuid",
    "cluster": "integer",
}


class NoSuchScope(Refusal):
    """The area named is no district."""

    code = "no_such_scope"
    en = "{scope} is no district. Give a district's area code, or none for the whole State."
    hi = "{scope} कोई ज़िला नहीं है। ज़िले का क्षेत्र-कोड दें, या पूरे राज्य के लिए कुछ न दें।"


class LinkageRunning(Refusal):
    """Another run of the linkage holds the lock."""

    code = "linkage_running"
    en = "Another search for duplicates is running. Wait until it has finished; its figures are on the page of pairs."
    hi = "दोहरे नाम खोजने का काम पहले से चल रहा है। उसके पूरा होने तक रुकें; उसके आँकड़े जोड़ियों के पन्ने पर हैं।"


@dataclass(frozen=True)
class Deduped:
    """What a run found: records compared, candidate pairs, pairs by band, newly opened and withdrawn ones, seconds."""

    key: str
    records: int
    candidates: int
    certain: int
    review: int
    opened: int
    withdrawn: int
    seconds: float


def dedupe(
    actor: Actor, scope: str | None = None, engine: str = LOCAL, cluster: scoring.Cluster | None = None
) -> Deduped:
    """Compare everybody in `scope` (a district's area code; None: the State) with everybody, and write the pairs found.

    `engine` is the word kept with the run, `cluster` another engine than DuckDB. Raises `NotYourFunction`, `NoSuchScope`,
    `LinkageRunning`.
    """
    actor = require(actor, "pair.find")
    if scope and not Area.objects.filter(area_code=scope, kind="district").exists():
        raise NoSuchScope(scope=scope)
    with _lock() as free:
        if not free:
            raise LinkageRunning()
        return _dedupe(actor, scope, engine, cluster)


def _dedupe(actor: Actor, scope: str | None, engine: str, cluster: scoring.Cluster | None) -> Deduped:
    weights = REGISTER.weights()
    started = time.monotonic()
    with acting(actor, "pair.find"):
        # the lock is free, so whoever was running is gone
        LinkRun.objects.filter(state=LinkRun.State.RUNNING).update(
            state=LinkRun.State.FAILED, finished_at=timezone.now()
        )
        run = LinkRun.objects.create(
            scope=scope or "",
            known_on=timezone.localdate(),
            engine=engine,
            model=REGISTER.name,
            model_hash=hashlib.sha256((weights.digest + FAMILY.weights().digest).encode()).hexdigest(),
            review_from=weights.review_from,
            certain_from=weights.certain_from,
            actor=actor.name,
            started_at=timezone.now(),
        )
    try:
        with workbench() as duck:
            read_register(duck, "person", scope)
            passes = find_duplicates(duck, "person", "found", cluster)
            with acting(actor, "pair.find"):
                opened, withdrawn = _write(duck, run, scope)
                bands = dict(duck.execute("SELECT band, count(*) FROM found GROUP BY band").fetchall())
                run.passes = passes
                run.records = sum(one["records"] for one in passes if one["district"] != "*")
                run.candidates = sum(one["candidates"] for one in passes)
                run.certain, run.review = bands.get(scoring.CERTAIN, 0), bands.get(scoring.REVIEW, 0)
                run.opened, run.withdrawn = opened, withdrawn
                run.seconds = round(time.monotonic() - started, 1)
                run.state, run.finished_at = LinkRun.State.DONE, timezone.now()
                run.save()
                run.refresh_from_db(fields=["key"])
                counts = {
                    name: getattr(run, name)
                    for name in ("records", "candidates", "certain", "review", "opened", "withdrawn")
                }
                record(actor, "pair.find", "link_run", str(run.key), new={"scope": scope or "", **counts})
    except BaseException:
        if not connection.needs_rollback:
            with acting(actor, "pair.find"):
                LinkRun.objects.filter(pk=run.pk).update(
                    state=LinkRun.State.FAILED, finished_at=timezone.now()
                )
        raise
    return Deduped(str(run.key), seconds=run.seconds, **counts)


def find_duplicates(
    duck: duckdb.DuckDBPyConnection,
    people: str,
    found: str,
    cluster: scoring.Cluster | None = None,
    weights: Mapping[str, Weights] | None = None,
) -> list[dict[str, Any]]:
    """Create `found` (the columns of `_FOUND`) from a table of people (`register.read_register`); says what each pass did.

    Those of one family are compared by a model of their own. Names and places are counted over everybody, so a pass over a district
    weighs its pairs as one over the State would. `weights` (by model) stand in for the models' own while these are being chosen.
    """
    model = REGISTER
    weights = weights or {one.name: one.weights() for one in (REGISTER, FAMILY)}
    everybody = prepare(duck, people, "record")
    common = scoring.count_common(duck, model, ["record"])
    places = scoring.count_places(duck, model, ["record"])
    prior = min(0.5, 2 * weights[model.name].match_share / max(everybody, 2))
    districts = [
        (row[0], row[1])
        for row in duck.execute(
            "SELECT coalesce(district, ''), count(*) FROM record GROUP BY 1 ORDER BY 1"
        ).fetchall()
    ]
    duck.execute(
        "CREATE OR REPLACE TABLE scored (left_id BIGINT, right_id BIGINT, weight DOUBLE, band VARCHAR, evidence VARCHAR)"
    )
    passes: list[dict[str, Any]] = []

    def one_pass(name: str, records: int, where: str, rules: tuple[str, ...]) -> None:
        began = time.monotonic()
        duck.execute(f"CREATE OR REPLACE TABLE compared AS FROM record {where}", [name] if where else [])
        done = scoring.score(
            duck, model, ["compared"], rules, prior, common, places, "of_pass", cluster, weights[model.name]
        )
        duck.execute(
            "INSERT INTO scored BY NAME SELECT * EXCLUDE (standing) FROM of_pass; DROP TABLE of_pass"
        )
        if name != "*":
            chance = weights[FAMILY.name].match_share
            within = scoring.score(
                duck,
                FAMILY,
                ["compared"],
                FAMILY.within,
                chance,
                {},
                {},
                "of_pass",
                cluster,
                weights[FAMILY.name],
            )
            done = scoring.Scored(done.candidates + within.candidates, done.pairs + within.pairs)
            duck.execute(
                "INSERT INTO scored BY NAME SELECT * EXCLUDE (standing) FROM of_pass; DROP TABLE of_pass"
            )
        duck.execute("DROP TABLE compared")
        seconds = round(time.monotonic() - began, 1)
        passes.append(
            {
                "district": name,
                "records": records,
                "candidates": done.candidates,
                "pairs": done.pairs,
                "seconds": seconds,
            }
        )

    with progress(everybody, "linkage", "residents") as bar:
        for district, records in districts:
            if records > 1:
                one_pass(district, records, "WHERE coalesce(district, '') = $1", tuple(model.within))
            bar.advance(records)
        if len(districts) > 1:
            elsewhere = "(l.district IS DISTINCT FROM r.district)"
            one_pass("*", everybody, "", tuple(f"{rule} AND {elsewhere}" for rule in model.across))
    _settle(duck, people, found)
    return passes


def _settle(duck: duckdb.DuckDBPyConnection, people: str, found: str) -> None:
    """From scored pairs to those that are listed: no kin of each other, no two dead, clusters on certain edges alone."""
    facts = ", '|', ".join(
        f"coalesce(p.{column}::VARCHAR, '')"
        for column in ("name", "name_hi", "father_name", "husband_name", "mother_name", "sex", "born_on", "area_code", "aadhaar_ref", "died_on")
    )  # fmt: skip
    duck.execute(f"""
        CREATE OR REPLACE TABLE listed AS
        SELECT least(s.left_id, s.right_id) AS first_id, greatest(s.left_id, s.right_id) AS second_id, s.weight, s.band, s.evidence
        FROM scored s JOIN {people} a ON a.row_id = s.left_id JOIN {people} b ON b.row_id = s.right_id
        WHERE NOT coalesce(b.row_id IN (a.father_id, a.mother_id, a.spouse_id), false)
          AND NOT coalesce(a.row_id IN (b.father_id, b.mother_id, b.spouse_id), false)
          AND NOT (a.died_on IS NOT NULL AND b.died_on IS NOT NULL)
        QUALIFY row_number() OVER (PARTITION BY first_id, second_id ORDER BY s.weight DESC) = 1""")
    _cluster(duck)
    duck.execute(f"""
        CREATE OR REPLACE TABLE {found} AS
        WITH big AS (SELECT cluster FROM clustered GROUP BY cluster HAVING count(*) > {LARGEST_CLUSTER}),
        fact AS (
            SELECT p.row_id, p.area_code, md5(concat({facts})) AS facts
            FROM {people} p SEMI JOIN (SELECT first_id AS row_id FROM listed UNION SELECT second_id FROM listed) USING (row_id)
        )
        SELECT l.first_id, l.second_id, a.area_code AS first_area, b.area_code AS second_area, l.weight,
            CASE WHEN c.cluster IN (FROM big) THEN '{scoring.REVIEW}' ELSE l.band END AS band, l.evidence,
            md5(a.facts || b.facts)::UUID AS facts, c.cluster
        FROM listed l JOIN fact a ON a.row_id = l.first_id JOIN fact b ON b.row_id = l.second_id
        LEFT JOIN clustered c ON c.row_id = l.first_id AND l.band = '{scoring.CERTAIN}'""")
    duck.execute("DROP TABLE listed; DROP TABLE clustered; DROP TABLE scored")


def _cluster(duck: duckdb.DuckDBPyConnection) -> None:
    """Create ``clustered`` (row_id, cluster): connected components over certain pairs, named by their smallest member."""
    duck.execute(f"""
        CREATE OR REPLACE TABLE edge AS
        SELECT first_id AS one, second_id AS other FROM listed WHERE band = '{scoring.CERTAIN}'
        UNION ALL SELECT second_id, first_id FROM listed WHERE band = '{scoring.CERTAIN}'""")
    duck.execute(
        "CREATE OR REPLACE TABLE clustered AS SELECT DISTINCT one AS row_id, one AS cluster FROM edge"
    )
    while True:
        duck.execute("""
            CREATE OR REPLACE TABLE nearer AS
            SELECT c.row_id, least(c.cluster, min(n.cluster)) AS cluster
            FROM clustered c JOIN edge e ON e.one = c.row_id JOIN clustered n ON n.row_id = e.other
            GROUP BY c.row_id, c.cluster""")
        (changed,) = duck.execute(
            "SELECT count(*) FROM clustered c JOIN nearer n USING (row_id) WHERE n.cluster < c.cluster"
        ).fetchone() or (0,)
        duck.execute("DROP TABLE clustered; ALTER TABLE nearer RENAME TO clustered")
        if not changed:
            break
    duck.execute("DROP TABLE edge")


def _write(duck: duckdb.DuckDBPyConnection, run: LinkRun, scope: str | None) -> tuple[int, int]:
    """Bring the table of pairs up to what was found; gives how many were opened and how many withdrawn."""
    values: dict[str, str | int | datetime] = {"run": run.pk, "now": timezone.now(), "scope": scope or ""}
    with temporary("pair_found", _FOUND), connection.cursor() as cursor:
        push(duck, f"SELECT {', '.join(_FOUND)} FROM found", "pair_found", list(_FOUND))
        cursor.execute("ANALYZE pair_found")
        counts = []
        for name in ("pairs_found", "pairs_withdrawn"):
            cursor.execute(statement("haqdar.identity", name), values)
            (count,) = cursor.fetchone() or (0,)
            counts.append(int(count))
    return counts[0], counts[1]


@contextmanager
def workbench() -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB database in a file of the data folder, in bounded memory, gone afterwards; what killed runs left goes, too.

    File and spill are encrypted with keys that live in this process alone: what a power cut leaves on the disk is nobody's register.
    """
    place = settings.HAQDAR_HOME / "tmp"
    place.mkdir(parents=True, exist_ok=True)
    for left in place.glob("linkage-*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="linkage-", dir=place) as folder:
        duck = connect_duck(
            memory_limit=_MEMORY,
            threads=2,
            temp_directory=folder,
            preserve_insertion_order=False,
        )
        try:
            duck.execute(
                f"ATTACH '{folder}/linkage.duckdb' AS workbench (ENCRYPTION_KEY '{secrets.token_hex(32)}'); USE workbench"
            )
            yield duck
        finally:
            duck.close()


@contextmanager
def _lock() -> Iterator[bool]:
    """The linkage's lock, and whether it was free; PostgreSQL gives it back when the process dies."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext('haqdar.linkage'))")
        (free,) = cursor.fetchone() or (False,)
    try:
        yield bool(free)
    finally:
        if free and connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtext('haqdar.linkage'))")
