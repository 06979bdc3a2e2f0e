"""One answer of a bank, whatever its file looked like: the columns that every reader gives, and what can be wrong with a line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass
from datetime import date
from gzip import GzipFile
from io import BufferedReader, BytesIO
from itertools import islice

import pyarrow as pa

SCHEMA = pa.schema(
    [
        ("line_no", pa.int32()),
        ("reference", pa.string()),
        ("outcome", pa.string()),
        ("reason_code", pa.string()),
        ("paise", pa.int64()),
        ("value_on", pa.date32()),
        ("utr", pa.string()),
        ("account_name", pa.string()),
        ("problem", pa.string()),
    ]
)

BATCH = 50_000

Readable = BufferedReader | BytesIO | GzipFile
"""A file of answers, on disk or in memory, packed or not."""

PROBLEMS = (
    "short_line",
    "unknown_record",
    "bad_amount",
    "bad_flag",
    "bad_reason",
    "flag_and_reason",
    "header_totals",
    "broken_off",
    "not_rupees",
    "whole_file",
    "batch",
    "overtaken",
)
"""What can be wrong with a line; `web.response_labels` says each in words."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one line says; see `ResponseLine`. `problem` is a word of `PROBLEMS`, empty for a line that can be read.

    A line that speaks of a whole file of ours (`whole_file`) has the file's own id as its reference.
    """

    line_no: int
    reference: str
    outcome: str
    reason_code: str = ""
    paise: int | None = None
    value_on: date | None = None
    utr: str = ""
    account_name: str = ""
    problem: str = ""


_AMOUNT = re.compile(r"([0-9]{1,14})(?:[.,]([0-9]{0,2})0*)?")


def paise_of(text: str) -> int | None:
    """Whole paise of an amount in rupees as banks write it; None for a text that is no such amount.

    >>> paise_of("275.00"), paise_of("275,5"), paise_of("2.755"), paise_of("-1")
    (27500, 27550, None, None)
    """
    found = _AMOUNT.fullmatch(text.strip())
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")) if found else None


OURS = re.compile(r"(?:19|20)[0-9]{4}[0-9A-F]{24}")
"""What the reference of a credit from here looks like: month and keyed hash."""
_REFERENCE = re.compile(r"[0-9A-Za-z/.-]{6,35}")
_NAME = re.compile(r"[^A-Za-z.' ]+")
_PLAIN = re.compile(r"[0-9A-Za-z/.-]+")


def unreadable(line_no: int, problem: str) -> Answer:
    """A line of which nothing is kept but that it was there: what stands in it may be anybody's account number."""
    return Answer(line_no, "", "unreadable", problem=problem)


def cleaned(answer: Answer) -> Answer:
    """The answer with nothing in its texts but what belongs there; a name holds no digits, a reference no blanks."""
    return Answer(
        answer.line_no,
        answer.reference if _REFERENCE.fullmatch(answer.reference) else "",
        answer.outcome,
        answer.reason_code if _PLAIN.fullmatch(answer.reason_code) else "",
        answer.paise,
        answer.value_on,
        answer.utr if _PLAIN.fullmatch(answer.utr) else "",
        " ".join(_NAME.sub(" ", answer.account_name).split())[:140],
        answer.problem,
    )


def batches(answers: Iterable[Answer]) -> Iterator[pa.RecordBatch]:
    """The answers as columns, some ten thousand at a time."""
    source = iter(answers)
    while part := [astuple(cleaned(answer)) for answer in islice(source, BATCH)]:
        yield _batch(part)


def _batch(rows: Sequence[tuple[object, ...]]) -> pa.RecordBatch:
    columns = zip(*rows, strict=True)
    return pa.record_batch(
        [pa.array(column, kind.type) for column, kind in zip(columns, SCHEMA, strict=True)], schema=SCHEMA
    )
