"""What came of a list: its results as columns with what people judged, for downloads and for tying identifiers to residents."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from django.db import connection
from django.utils import timezone

from haqdar.access.actions import record
from haqdar.access.actors import Actor, require
from haqdar.identity.models import SeedList, SeedRow
from haqdar.identity.seeding import keeping
from haqdar.identity.seeding.engine import workbench
from haqdar.identity.seeding.queries import may_work_on
from haqdar.identity.seeding.refusals import NotWaiting
from haqdar.registry.bridge import pull, push, temporary

RESULTS = (
    "line", "domain_id", "result", "member_id", "score", "probability", "reason", "explanation_en", "explanation_hi", "of_line",
    "judged_on",
)  # fmt: skip
PROBLEMS = ("line", "field", "code", "of_line")
_BATCH = 50_000


def results(actor: Actor, found: SeedList, as_parquet: bool = False) -> Iterator[bytes]:
    """The results file in pieces, in the order of the department's lines; needs `seeding.download`, the look is recorded.

    `result` is found, waits, not_found or put_aside; `score` the base-2 logarithm of the odds that the row is that resident.
    """
    actor = require(actor, "seeding.download")
    may_work_on(actor, found)
    record(actor, "seeding.download", "seed_list", str(found.key), new={"what": "results"})
    return _pieces(found, "rows", _RESULTS, as_parquet)


def problems(actor: Actor, found: SeedList) -> Iterator[bytes]:
    """Every cell that could not be read and every row put aside, as CSV; values are not repeated."""
    actor = require(actor, "seeding.download")
    may_work_on(actor, found)
    record(actor, "seeding.download", "seed_list", str(found.key), new={"what": "problems"})
    return _pieces(found, "problems", f"SELECT {', '.join(PROBLEMS)} FROM rows ORDER BY line, field", False)


# A cell that a spreadsheet would run as a formula is made text.
_SAFE = "CASE WHEN regexp_matches(domain_id, '^[=+@-]') THEN '''' || domain_id ELSE domain_id END"
_RESULTS = f"""
    SELECT r.line, {_SAFE.replace("domain_id", "r.domain_id")} AS domain_id,
        CASE WHEN j.state = 'same' OR r.band IN ('automatic', 'known') THEN 'found'
             WHEN j.state = 'nobody' OR r.band = 'rejected' THEN 'not_found'
             WHEN r.band = 'aside' THEN 'put_aside' ELSE 'waits' END AS result,
        lpad(CASE WHEN j.state = 'same' THEN j.member_id WHEN r.band IN ('automatic', 'known') THEN r.member_id END::VARCHAR, 9, '0')
            AS member_id,
        round(coalesce(j.weight, r.weight), 2) AS score, round(r.probability, 6) AS probability,
        CASE WHEN j.state IN ('same', 'nobody') THEN 'judged' ELSE r.reason END AS reason,
        r.explanation_en || CASE j.state WHEN 'same' THEN '; an officer judged: the same person'
            WHEN 'nobody' THEN '; an officer judged: none of the residents' ELSE '' END AS explanation_en,
        r.explanation_hi || CASE j.state WHEN 'same' THEN '; अधिकारी ने देखा: वही व्यक्ति'
            WHEN 'nobody' THEN '; अधिकारी ने देखा: इनमें से कोई नहीं' ELSE '' END AS explanation_hi,
        r.of_line, j.judged_on
    FROM rows r LEFT JOIN judged j USING (line) ORDER BY r.line"""


@contextmanager
def _opened(
    found: SeedList, what: str, columns: Sequence[str] | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The sealed rows of a list as the table `rows`, and what people judged as `judged`: batch by batch, in bounded memory."""
    if not keeping.path_of(found.key, what).exists():
        raise NotWaiting()
    with keeping.opened(found.key, what) as file, workbench("1GB") as duck:
        sealed = pq.ParquetFile(file)
        names = list(columns or sealed.schema_arrow.names)
        schema = pa.schema([sealed.schema_arrow.field(name) for name in names])
        duck.register(
            "sealed_rows",
            pa.RecordBatchReader.from_batches(schema, sealed.iter_batches(_BATCH, columns=names)),
        )
        duck.execute("CREATE TABLE rows AS FROM sealed_rows")
        duck.unregister("sealed_rows")
        if what == "rows":
            pull(
                duck,
                "SELECT line, state, member_id, weight, judged_at::date FROM identity_seed_row WHERE judged_at IS NOT NULL"
                f" AND list_id = {found.pk:d}",
                "judged",
                {
                    "line": "BIGINT",
                    "state": "VARCHAR",
                    "member_id": "INTEGER",
                    "weight": "DOUBLE",
                    "judged_on": "DATE",
                },
            )
        yield duck


def _pieces(found: SeedList, what: str, query: str, as_parquet: bool) -> Iterator[bytes]:
    with _opened(found, what) as duck:
        reader = duck.execute(query).to_arrow_reader(_BATCH)
        buffer = io.BytesIO()
        writer = (
            pq.ParquetWriter(buffer, reader.schema, compression="zstd")
            if as_parquet
            else pa_csv.CSVWriter(buffer, reader.schema)
        )
        with writer:
            for batch in reader:
                writer.write_batch(batch)
                if not as_parquet:
                    yield _taken(buffer)
        yield _taken(buffer)


def _taken(buffer: io.BytesIO) -> bytes:
    piece = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return piece


_TIED = {
    "domain_id": "text",
    "member_id": "integer",
    "how": "text",
    "weight": "double precision",
    "fingerprint": "uuid",
}


def tie_rows(actor: Actor, found: SeedList, rows: Sequence[SeedRow] | None = None) -> int:
    """Write identifiers to residents, in the caller's transaction: all that was found in a list, or just `rows`.

    An identifier that was tied to somebody else is ended there. Returns how many identifiers of the list are tied.
    """
    with temporary("tied_now", _TIED), temporary("listed_now", {"domain_id": "text"}):
        if rows is None:
            _all_of(found)
        else:
            _some(rows)
        with connection.cursor() as cursor:
            values: dict[str, Any] = {
                "department": found.department_id, "list": found.pk, "actor": actor.name, "now": timezone.now(),
                "area": found.area_code, "asked": found.asked_at,
            }  # fmt: skip
            cursor.execute("CREATE INDEX ON tied_now (domain_id); ANALYZE tied_now")
            if rows is None:
                # taken off a resident by a person since the list was handed in, and not judged to be his again
                cursor.execute(
                    "DELETE FROM tied_now t USING identity_seed_link l WHERE l.department_id = %(department)s"
                    " AND l.domain_id = t.domain_id AND l.member_id = t.member_id AND l.ended_at > greatest(%(asked)s,"
                    "  (SELECT max(r.judged_at) FROM identity_seed_row r WHERE r.list_id = %(list)s AND r.domain_id = t.domain_id"
                    "   AND r.state = 'same'))"
                    " AND NOT EXISTS (SELECT FROM identity_seed_link n WHERE n.department_id = l.department_id"
                    "  AND n.domain_id = l.domain_id AND n.member_id = l.member_id AND n.ended_at IS NULL)",
                    values,
                )
            cursor.execute(
                "UPDATE identity_seed_link l SET ended_by = %(actor)s, ended_at = %(now)s FROM tied_now t"
                " WHERE l.department_id = %(department)s AND l.ended_at IS NULL AND l.domain_id = t.domain_id"
                " AND l.member_id <> t.member_id",
                values,
            )
            cursor.execute(
                "INSERT INTO identity_seed_link (department_id, domain_id, member_id, how, weight, fingerprint, tied_list_id,"
                " seen_list_id, tied_by, tied_at) SELECT %(department)s, domain_id, member_id, how, weight, fingerprint, %(list)s,"
                " %(list)s, %(actor)s, %(now)s FROM tied_now"
                " ON CONFLICT (department_id, domain_id) WHERE ended_at IS NULL DO UPDATE SET seen_list_id = excluded.seen_list_id,"
                " fingerprint = excluded.fingerprint, gone_list_id = NULL",
                values,
            )
            if rows is None:
                _mark_gone(found, values)
            cursor.execute(
                "SELECT count(*) FROM identity_seed_link WHERE seen_list_id = %(list)s AND ended_at IS NULL",
                values,
            )
            row = cursor.fetchone()
    return int(row[0])


def _mark_gone(found: SeedList, values: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        # still named, though a person has yet to say who it is now
        cursor.execute(
            "UPDATE identity_seed_link l SET seen_list_id = %(list)s, gone_list_id = NULL FROM listed_now n"
            " WHERE l.department_id = %(department)s AND l.ended_at IS NULL AND l.domain_id = n.domain_id"
            " AND l.seen_list_id <> %(list)s",
            values,
        )
        if not found.supplement:
            cursor.execute(
                "UPDATE identity_seed_link l SET gone_list_id = %(list)s FROM identity_seed_list s WHERE s.id = l.seen_list_id"
                " AND s.area_code = %(area)s AND l.department_id = %(department)s AND l.ended_at IS NULL"
                " AND l.gone_list_id IS NULL AND l.seen_list_id <> %(list)s",
                values,
            )


_NEEDED = ("line", "domain_id", "band", "reason", "member_id", "weight", "fingerprint")


def _all_of(found: SeedList) -> None:
    with _opened(found, "rows", _NEEDED) as duck:
        push(
            duck,
            "SELECT r.domain_id, coalesce(j.member_id, r.member_id), CASE WHEN j.state = 'same' OR r.reason = 'judged' THEN 'person'"
            " WHEN r.reason = 'unchanged' THEN 'likeness' ELSE r.reason END, coalesce(j.weight, r.weight), r.fingerprint"
            " FROM rows r LEFT JOIN judged j USING (line) WHERE j.state = 'same' OR r.band IN ('automatic', 'known')",
            "tied_now",
            tuple(_TIED),
        )
        push(
            duck,
            "SELECT DISTINCT domain_id FROM rows WHERE domain_id IS NOT NULL",
            "listed_now",
            ("domain_id",),
        )


def _some(rows: Sequence[SeedRow]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tied_now SELECT domain_id, member_id, 'person', weight, fingerprint FROM identity_seed_row"
            " WHERE id = ANY(%s)",
            [[row.pk for row in rows]],
        )
