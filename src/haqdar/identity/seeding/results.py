"""What came of a list: its results with what people judged, as files for the department, in bounded memory."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from haqdar.access.actions import record
from haqdar.access.actors import Actor, require
from haqdar.identity.models import SeedList
from haqdar.identity.seeding import keeping
from haqdar.identity.seeding.engine import workbench
from haqdar.identity.seeding.queries import may_work_on
from haqdar.identity.seeding.refusals import NotWaiting
from haqdar.registry.bridge import pull

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


_OF_RESULTS = (
    "line", "domain_id", "band", "reason", "member_id", "weight", "probability", "of_line", "explanation_en", "explanation_hi",
)  # fmt: skip


def _pieces(found: SeedList, what: str, query: str, as_parquet: bool) -> Iterator[bytes]:
    """A query about `rows` over a sealed file, piece by piece: the file is in the order of the answer, so one piece is in memory."""
    if not keeping.path_of(found.key, what).exists():
        raise NotWaiting()
    with keeping.opened(found.key, what) as file, workbench("512MB") as duck:
        sealed = pq.ParquetFile(file)
        if what == "rows":
            _read_judged(duck, found)
        columns = list(_OF_RESULTS if what == "rows" else PROBLEMS)
        nothing = pa.schema([sealed.schema_arrow.field(name) for name in columns]).empty_table()
        pieces = _Pieces()
        schema = _asked(duck, nothing, query).schema
        writer = (
            pq.ParquetWriter(pieces, schema, compression="zstd")
            if as_parquet
            else pa_csv.CSVWriter(pieces, schema)
        )
        with writer:
            for batch in sealed.iter_batches(_BATCH, columns=columns):
                writer.write_table(_asked(duck, pa.Table.from_batches([batch]), query))
                yield pieces.taken()
        yield pieces.taken()


def _asked(duck: duckdb.DuckDBPyConnection, rows: pa.Table, query: str) -> pa.Table:
    duck.register("rows", rows)
    answer = duck.execute(query).to_arrow_reader(_BATCH).read_all()
    duck.unregister("rows")
    return answer


def _read_judged(duck: duckdb.DuckDBPyConnection, found: SeedList) -> None:
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


class _Pieces(io.RawIOBase):
    """Holds what was written since it was last taken."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._taken = 0

    def writable(self) -> bool:
        """It is written only."""
        return True

    def tell(self) -> int:
        """How much was written in all."""
        return self._taken + len(self._held)

    def write(self, data: Any) -> int:
        """Hold more bytes."""
        self._held += data
        return len(data)

    def taken(self) -> bytes:
        """The bytes held, which are then held no longer."""
        piece = bytes(self._held)
        self._taken += len(piece)
        self._held.clear()
        return piece
