"""Reading files of fixed-width records as columns: a damaged line is one set-aside line, never the end of a file.

Bytes that are no plain ASCII become question marks of the same width, so that a line keeps its places whatever stands in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import pyarrow as pa
import pyarrow.compute as pc

from haqdar.base.duck import connect_duck
from haqdar.payments.responses.answer import SCHEMA, Readable, batches, unreadable
from haqdar.payments.responses.profiles import Layout, Place, cut

BLOCK = 16 * 1024 * 1024
LONGEST = 4096
"""A line longer than this is no record but a file without line ends; it is cut, so that memory stays bounded."""

_PLAIN = bytes(byte if 32 <= byte < 127 or byte in (10, 13) else 63 for byte in range(256))


def read(file: Readable, layout: Layout) -> Iterator[pa.RecordBatch]:
    """The answers of a file in `answer.SCHEMA`, some ten thousand lines at a time, in the order of the file.

    The date is the header's. Where the header counts the items or adds up the amounts and the lines differ, the header itself is a
    set-aside line.
    """
    header = _Header(layout)
    items = paise = 0
    with connect_duck(threads=1, memory_limit="512MB") as duck:
        for number, lines in _blocks(file):
            if number == 1 and header.take(lines[0].as_py()):
                number, lines = 2, lines[1:]
            numbers = pa.array(range(number, number + len(lines)), pa.int32())
            duck.register("line", pa.table({"line_no": numbers, "line": lines}))
            found = duck.execute(_query(layout), {"value_on": header.value_on}).to_arrow_table()
            duck.unregister("line")
            items += found.num_rows
            paise += int(pc.sum(found["paise"]).as_py() or 0)
            yield from found.cast(SCHEMA).to_batches()
    if header.contradicts(items, paise):
        yield from batches([unreadable(1, "header_totals")])


class _Header:
    """What the first line says of the rest: the day, the number of items, their sum in paise; None for nothing."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self.value_on: date | None = None
        self._items: int | None = None
        self._paise: int | None = None

    def take(self, line: str) -> bool:
        """Whether `line` is a header; keeps what it says."""
        line = line.rstrip("\r\n")
        if line[:2] not in self._layout.header_codes:
            return False
        self.value_on = _day(self._said(line, "value_on"))
        self._items = _number(self._said(line, "items"))
        self._paise = _number(self._said(line, "paise"))
        return True

    def contradicts(self, items: int, paise: int) -> bool:
        """Whether the lines differ from what the header says; a header may leave its totals empty."""
        # 999999900 stands where a trailer brings the count, whose place the circulars do not say
        counted = self._items not in (None, 0, 999_999_900) and self._items != items
        return counted or (bool(self._paise) and self._paise != paise)

    def _said(self, line: str, field: str) -> str:
        place = self._layout.header.get(field)
        return cut(line, place).strip() if place else ""


def _blocks(file: Readable) -> Iterator[tuple[int, pa.StringArray]]:
    """The file's lines, block by block, each with the number of its first line."""
    number, rest = 1, b""
    while block := file.read(BLOCK):
        data = rest + block.translate(_PLAIN)
        end = data.rfind(b"\n") + 1
        if not end and len(data) > LONGEST:
            # no line end as far as the eye reaches: what follows belongs to nothing
            data = data[:LONGEST]
        rest = data[end:]
        if end:
            lines = _lines(data[:end])
            yield number, lines
            number += len(lines)
    if rest.strip(b"\r\n "):
        yield number, _lines(rest + b"\n")


def _lines(data: bytes) -> pa.StringArray:
    """The lines of a block that ends with a line end."""
    return pa.array(data[:-1].decode("ascii").split("\n"), pa.string())


def _query(layout: Layout) -> str:
    """The SQL that takes records apart; `layout` is our own data, so its words may stand in it."""
    detail = layout.detail
    listed = ", ".join(f"'{code}'" for code in layout.codes)
    pending = ", ".join(f"'{code}'" for code in layout.pending_reasons) or "NULL"
    flag = _field(detail["flag"]) if "flag" in detail else "NULL"
    outcomes = " ".join(f"WHEN '{sign}' THEN '{outcome}'" for sign, outcome in layout.flags.items())
    said = (
        f"CASE flag {outcomes} END"
        if outcomes
        else "CASE WHEN reason = '00' THEN 'credited' ELSE 'returned' END"
    )
    flag_known = "said IS NOT NULL" if outcomes else "true"
    signs = detail["reference"][1]
    return f"""
        WITH numbered AS (
            SELECT line_no, rtrim(line, chr(13) || chr(10) || ' ') AS shown,
                rtrim(line, chr(13) || chr(10)) AS line
            FROM line
        ),
        parts AS (
            SELECT line_no, length(line) AS length, line[:2] AS code, {_field(detail["paise"])} AS amount, {flag} AS flag,
                trim({_field(detail["reason"])}) AS reason, {_field(detail["reference"])} AS reference,
                {_field(detail["utr"])} AS utr, {_field(detail["account_name"])} AS account_name
            FROM numbered WHERE shown <> ''
        ),
        judged AS (
            SELECT *, {said} AS said FROM parts
        ),
        found AS (
            SELECT *, CASE
                WHEN length < {layout.least} THEN 'short_line'
                WHEN code NOT IN ({listed}) THEN 'unknown_record'
                WHEN NOT regexp_full_match(amount, '[0-9]+') THEN 'bad_amount'
                WHEN NOT {flag_known} THEN 'bad_flag'
                WHEN NOT regexp_full_match(reason, '[0-9A-Z]{{0,2}}') THEN 'bad_reason'
                WHEN (said = 'credited') <> (reason IN ('', '00')) AND said <> 'pending' THEN 'flag_and_reason'
                ELSE '' END AS problem
            FROM judged
        )
        SELECT line_no::INTEGER AS line_no,
            CASE WHEN regexp_full_match(reference, '[0-9A-Z]{{{signs}}}') THEN reference ELSE '' END AS reference,
            CASE WHEN problem <> '' THEN 'unreadable' WHEN reason IN ({pending}) THEN 'pending' ELSE said END AS outcome,
            CASE WHEN problem = '' THEN reason ELSE '' END AS reason_code,
            CASE WHEN problem = '' THEN amount::BIGINT END AS paise,
            $value_on::DATE AS value_on,
            CASE WHEN problem = '' AND regexp_full_match(trim(utr), '[0-9A-Za-z]+') THEN trim(utr) ELSE '' END AS utr,
            CASE WHEN problem = '' THEN
                trim(regexp_replace(regexp_replace(account_name, '[^A-Za-z.'' ]+', ' ', 'g'), ' +', ' ', 'g'))
                ELSE '' END AS account_name,
            problem
        FROM found ORDER BY line_no"""


def _field(place: Place) -> str:
    return f"substr(line, {place[0]}, {place[1]})"


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None


def _day(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%d%m%Y").date()
    except ValueError:
        return None
