"""A list from its sealed upload to its results: read, cleanse, own duplicates, match, store. Restartable; stores once, as a whole."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from django.db import transaction
from django.utils import timezone

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting
from haqdar.base.refusal import Refusal
from haqdar.identity.models import SeedList, SeedRow
from haqdar.identity.seeding import cleansing, doubts, findings, keeping, matching, numbers, register
from haqdar.identity.seeding.engine import workbench
from haqdar.identity.seeding.fields import FIELDS
from haqdar.identity.seeding.reading import open_list
from haqdar.identity.seeding.refusals import Doubtful, EmptyList
from haqdar.identity.seeding.words import FIELD_WORDS, REASON_WORDS, STEPS
from haqdar.registry.bridge import push
from haqdar.registry.sealing import sealer
from haqdar.sources.messages import quoted

State = SeedList.State
Step = Callable[[str], None]


def run(actor: Actor, found: SeedList, match: matching.Match | None = None) -> SeedList:
    """Compare a list with the residents of its area and keep the results; the caller has checked who may ask.

    A list that cannot be read as what it was said to be ends *refused* with the reason; its mapping can be corrected and the
    list run again. Anything unforeseen leaves it *failed*, nothing stored. A list that does not wait in the queue is left as it is: it
    was put aside, or somebody else runs it or has run it.
    """
    seconds: dict[str, float] = {}
    began = time.monotonic()
    lists = SeedList.objects.filter(pk=found.pk, state=State.RUNNING)

    def step(name: str) -> None:
        if not lists.update(step=name, steps_done=STEPS.index(name), run_at=timezone.now()):
            raise _Overtaken()
        seconds[name] = time.monotonic()

    queued = SeedList.objects.filter(pk=found.pk, state=State.QUEUED)
    if not queued.update(state=State.RUNNING, run_at=timezone.now()):
        found.refresh_from_db()
        return found

    try:
        with workbench() as duck:
            counts = _compare(actor, duck, found, match or _linkage(), step)
            step("store")
            _store(actor, duck, found, counts | {"seconds": _took(seconds, began)})
    except _Overtaken:
        pass
    except Doubtful as doubtful:
        lists.update(
            state=State.REFUSED,
            problem_en=doubtful.en,
            problem_hi=doubtful.hi,
            step="",
            counts=doubtful.counts,
        )
    except Refusal as refusal:
        lists.update(state=State.REFUSED, problem_en=refusal.en, problem_hi=refusal.hi, step="")
    except Exception:
        lists.update(
            state=State.FAILED,
            step="",
            problem_en="The comparison was interrupted; nothing of it was kept. Start it again.",
            problem_hi="मिलान बीच में रुक गया; उसका कुछ भी नहीं रखा गया। उसे फिर से शुरू करें।",
        )
        raise
    found.refresh_from_db()
    return found


class _Overtaken(Exception):
    """The list was given up or finished by somebody else meanwhile."""


def _linkage() -> matching.Match:
    # Splink takes a second to load: only whoever compares pays for it
    from haqdar.identity.linking.matching import match

    return match


def _took(seconds: dict[str, float], began: float) -> dict[str, float]:
    marks = [*seconds.items(), ("", time.monotonic())]
    return {name: round(after - at, 1) for (name, at), (_, after) in itertools.pairwise(marks)} | {
        "all": round(time.monotonic() - began, 1)
    }


def _compare(
    actor: Actor,
    duck: duckdb.DuckDBPyConnection,
    found: SeedList,
    match: matching.Match,
    step: Step,
) -> dict[str, Any]:
    columns: dict[str, str] = found.details["columns"]
    step("read")
    _read(duck, found, columns)
    # before anything is made of the rows: from here on no table holds a number
    numbers.refer(actor, duck, "raw")
    step("cleanse")
    cleansing.cleanse(
        duck, columns, found.details["day_order"], timezone.localtime(found.asked_at).date(), FIELD_WORDS
    )
    step("duplicates")
    cleansing.own_duplicates(duck)
    counts = cleansing.report(duck)
    step("register")
    register.read_people(duck, found.path)
    register.read_earlier(duck, found.department_id)
    register.follow_merges(duck)
    step("match")
    matching.match_rows(duck, match)
    matching.findings(duck)
    doubts.look(duck, found, columns)
    return counts


def _read(duck: duckdb.DuckDBPyConnection, found: SeedList, columns: dict[str, str]) -> None:
    source = keeping.SealedPath(
        keeping.path_of(found.key, "upload"), keeping.sealed_name(found.key, "upload"), found.file_name
    )
    file = open_list(source)
    chosen = list(dict.fromkeys(columns.values()))
    refused: list[Refusal] = []

    def batches() -> Iterator[pa.RecordBatch]:
        # a refusal inside the engine's scan would come back as an engine error; it is raised after the scan
        try:
            yield from file.batches(chosen)
        except Refusal as refusal:
            refused.append(refusal)

    schema = pa.schema([("line", pa.int64()), *((column, pa.string()) for column in chosen)])
    cells = ", ".join(
        f"{_name(columns[field.name])} AS {field.name}"
        if field.name in columns
        else f"NULL::VARCHAR AS {field.name}"
        for field in FIELDS
    )
    duck.register("incoming", pa.RecordBatchReader.from_batches(schema, batches()))
    duck.execute(f"CREATE OR REPLACE TABLE raw AS SELECT line, {cells} FROM incoming")
    duck.unregister("incoming")
    if refused:
        raise refused[0]
    duck.execute("CREATE OR REPLACE TABLE widths (line BIGINT, width BIGINT)")
    for wrong in file.wrong:
        duck.register("wrong", wrong)
        duck.execute("INSERT INTO widths SELECT line, width FROM wrong")
        duck.unregister("wrong")
    row = duck.execute("SELECT count(*) FROM raw").fetchone()
    if not row or not row[0]:
        raise EmptyList(file=found.file_name)


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _store(actor: Actor, duck: duckdb.DuckDBPyConnection, found: SeedList, counts: dict[str, Any]) -> None:
    _explain(duck)
    _keep_files(duck, found)
    counts |= _bands(duck)
    _seal_written(duck)
    with acting(actor, "seeding.run"), transaction.atomic():
        stored = SeedList.objects.filter(pk=found.pk, state=State.RUNNING).update(
            state=State.REVIEW,
            step="",
            steps_done=len(STEPS),
            counts=counts,
            problem_en="",
            problem_hi="",
            run_at=timezone.now(),
        )
        if not stored:
            raise _Overtaken()
        SeedRow.objects.filter(list=found).delete()
        push(
            duck,
            f"SELECT {found.pk}, o.line, o.domain_id, coalesce(p.path, {quoted(found.path)}), o.fingerprint, o.reason,"
            " coalesce(o.candidates[1].weight, 0), to_json(o.candidates)::VARCHAR, w.sealed, w.version"
            " FROM outcome o JOIN written w USING (line) LEFT JOIN people p ON p.row_id = o.candidates[1].member"
            " WHERE o.band = 'review'",
            "identity_seed_row",
            (
                "list_id", "line", "domain_id", "path", "fingerprint", "reason", "weight", "candidates", "written_sealed",
                "key_version",
            ),
        )  # fmt: skip
        findings.store(duck, found)
        record(
            actor,
            "seeding.run",
            "seed_list",
            str(found.key),
            new={"rows": counts["rows"], "bands": counts["bands"]},
        )
    # what was not said to be anything was never used: it is not kept
    keeping.destroy(found.key, "upload")


def _seal_written(duck: duckdb.DuckDBPyConnection) -> None:
    """Make `written` (line, sealed, version): what the department wrote of the rows that people will see."""
    keys = sealer()
    duck.execute("CREATE OR REPLACE TABLE written (line BIGINT, sealed BLOB, version SMALLINT)")
    reader = duck.execute(
        "SELECT line, to_json({'name': name, 'name_hi': name_hi, 'relation_name': relation_name, 'relation_type': relation_type,"
        " 'sex': sex, 'born_on': born_on, 'birth_year': birth_year, 'mobile': right(mobile, 4), 'village': village,"
        " 'area_code': area_code, 'pin': pin, 'member_id': member_id, 'family_id': family_id, 'aadhaar': aadhaar_last4,"
        " 'paise': paise})::VARCHAR AS text FROM clean"
        " WHERE line IN (SELECT line FROM outcome WHERE band = 'review' UNION ALL SELECT line FROM finding)"
    ).to_arrow_reader(50_000)
    for batch in reader.read_all().to_batches(50_000):
        sealed = pa.table({"line": batch.column(0), "sealed": keys.seal("seed_row", batch.column(1))})
        duck.register("sealed_batch", sealed)
        duck.execute(f"INSERT INTO written SELECT line, sealed, {keys.current} FROM sealed_batch")
        duck.unregister("sealed_batch")


def _explain(duck: duckdb.DuckDBPyConnection) -> None:
    """Make `explained` (line, explanation_en, explanation_hi): the reason of each row, and what agreed and what did not."""
    kinds = duck.execute(
        "SELECT DISTINCT e[1]->>'$', e[2]->>'$' FROM (SELECT unnest(from_json(candidates[1].evidence, '[[\"JSON\"]]')) AS e"
        " FROM outcome WHERE len(candidates) > 0)"
    ).fetchall()
    for at, language in enumerate(("en", "hi")):
        said = {f"{field}={level}": _sentence(field, level, at) for field, level in kinds}
        for name, mapping in (
            ("said", said),
            ("reasons", {code: words[at] for code, words in REASON_WORDS.items()}),
        ):
            pairs = pa.table({"code": list(mapping), "text": list(mapping.values())}, schema=_TEXTS)
            duck.register("words_now", pairs)
            duck.execute(f"CREATE OR REPLACE TABLE {name}_{language} AS FROM words_now")
            duck.unregister("words_now")
    both = ", ".join(
        f"(SELECT text FROM reasons_{lang} r WHERE r.code = o.reason) || coalesce(' (' || e.{lang} || ')', '') AS explanation_{lang}"
        for lang in ("en", "hi")
    )
    duck.execute(
        f"""
        CREATE OR REPLACE TABLE explained AS
        WITH each AS (
            SELECT line, generate_subscripts(list, 1) AS place, unnest(list) AS e
            FROM (SELECT line, from_json(candidates[1].evidence, '[["JSON"]]') AS list FROM outcome
                  WHERE band IN ('automatic', 'review') AND len(candidates) > 0 AND reason NOT IN ('member_id', 'aadhaar', 'family_id'))
        ), told AS (
            SELECT line, string_agg(n.text, '; ' ORDER BY place) AS en, string_agg(h.text, '; ' ORDER BY place) AS hi
            FROM each JOIN said_en n ON n.code = (e[1]->>'$') || '=' || (e[2]->>'$')
            JOIN said_hi h ON h.code = n.code WHERE n.text <> '' GROUP BY line
        )
        SELECT o.line, {both} FROM outcome o LEFT JOIN told e USING (line)"""
    )


_TEXTS = pa.schema([("code", pa.string()), ("text", pa.string())])


def _sentence(field: str, level: str, language: int) -> str:
    """What was found of one field: nothing where it is not known."""
    from haqdar.identity.linking.words import FIELDS as COMPARED
    from haqdar.identity.linking.words import sentence

    if field not in COMPARED or level == "missing":
        return ""
    return f"{COMPARED[field][language]}: {sentence(field, level)[language]}"


def _keep_files(duck: duckdb.DuckDBPyConnection, found: SeedList) -> None:
    """Keep the rows with their results, and the problems, sealed."""
    for what, query in (
        (
            "rows",
            "SELECT o.line, o.domain_id, o.band, o.reason, o.member_id::INTEGER AS member_id, o.weight, o.probability, o.of_line,"
            " o.fingerprint::VARCHAR AS fingerprint, x.explanation_en, x.explanation_hi, c.name, c.relation_name, c.sex, c.born_on,"
            " c.birth_year, c.mobile, c.village, c.paise FROM outcome o JOIN explained x USING (line) JOIN clean c USING (line)"
            " ORDER BY o.line",
        ),
        (
            "problems",
            "SELECT line, field, code, NULL::BIGINT AS of_line FROM problems"
            " UNION ALL SELECT line, '', code, of_line FROM aside ORDER BY 1, 2",
        ),
    ):
        reader = duck.execute(query).to_arrow_reader(50_000)
        with keeping.writing(found.key, what) as file:
            with pq.ParquetWriter(file, reader.schema, compression="zstd") as writer:
                for batch in reader:
                    writer.write_batch(batch)


def _bands(duck: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    reasons = duck.execute(
        "SELECT band, reason, count(*) FROM outcome GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2"
    ).fetchall()
    bands: dict[str, int] = {}
    for band, _, rows in reasons:
        bands[band] = bands.get(band, 0) + rows
    wrong = duck.execute("SELECT count(*) FROM widths").fetchone()
    bands["aside"] = bands.get("aside", 0) + (wrong[0] if wrong else 0)
    found = duck.execute(
        "SELECT kind, count(*), coalesce(sum(c.paise), 0)::BIGINT FROM finding f JOIN clean c USING (line) GROUP BY 1 ORDER BY 2 DESC"
    ).fetchall()
    return {
        "bands": bands,
        "reasons": [list(row) for row in reasons],
        "findings": {kind: [rows, paise] for kind, rows, paise in found},
    }
