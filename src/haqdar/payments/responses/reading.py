"""Reading a file of answers: its lines are judged as one set, what is new is applied, everything else is set aside with its reason.

The same bytes are read once. Lines that are unknown, contradict, name another amount or cannot be read never stop a file; it is
applied whole, in one transaction, or not at all.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from gzip import BadGzipFile, GzipFile
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pacsv
from django.db import connection
from django.utils import timezone

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting, require
from haqdar.base.refusal import Refusal
from haqdar.base.sql import statement
from haqdar.payments import entries, returns
from haqdar.payments.accounts import drops
from haqdar.payments.ledger import PACKAGE
from haqdar.payments.models import ResponseFile
from haqdar.payments.responses import fixed, iso, statement_lines
from haqdar.payments.responses.answer import SCHEMA, Answer, Readable, batches
from haqdar.payments.responses.profiles import Profile, profile_named, recognised
from haqdar.payments.responses.resolving import by_place, spread

HEAD = 64 * 1024
"""So many bytes tell what kind of file it is."""

MOST = 8 * 1024**3
"""So many bytes of answers are read, unpacked: eight times the month of a large State."""

LOCK = 5_306_0009
"""The database's lock for applying answers: two files that name the same credit are judged one after the other."""


class EmptyResponse(Refusal):
    """There is nothing in the file."""

    code = "empty_response"
    en = "The file {name} is empty. Fetch it from the bank again."
    hi = "फ़ाइल {name} खाली है। इसे बैंक से फिर लें।"
    field = "file"


class DamagedArchive(Refusal):
    """The packed file cannot be unpacked to its end."""

    code = "damaged_archive"
    en = "The packed file {name} is damaged or cut off. Fetch it from the bank again."
    hi = "पैक की हुई फ़ाइल {name} ख़राब या अधूरी है। इसे बैंक से फिर लें।"
    field = "file"


class ResponseTooLarge(Refusal):
    """No State's month of answers is so large."""

    code = "response_too_large"
    en = "The file {name} holds more than 8 GB. No month of answers is so large; ask the bank what it sent."
    hi = "फ़ाइल {name} 8 GB से बड़ी है। किसी महीने के उत्तर इतने बड़े नहीं होते; बैंक से पूछें कि क्या भेजा।"
    field = "file"


@dataclass(frozen=True, slots=True)
class Source:
    """Where answers come from: the name of the file, its profile, the table of its reason codes, the hash of its bytes."""

    name: str
    profile: str
    reasons: str
    sha256: str
    tail: int = 0


def read_response(
    actor: Actor, path_or_bytes: Path | bytes, name: str, profile: str | None = None
) -> ResponseFile:
    """Read a file of answers and apply it; returns what was made of it, also when the same bytes were read before.

    Needs `response.read`. `profile` names the kind of file where it is not to be recognised by its content. Raises
    `EmptyResponse`, ``UnknownResponse``, ``UnknownProfile``; a damaged line is set aside, never an error.
    """
    actor = require(actor, "response.read")
    name = Path(name).name[:200]
    with _opened(path_or_bytes) as file:
        try:
            head = file.read(HEAD)
        except _DAMAGED as error:
            raise DamagedArchive(name=name) from error
        if not head.strip():
            raise EmptyResponse(name=name)
        found = profile_named(profile) if profile else recognised(name, head)
        file.seek(0)
        sha256 = _sha256(file, name)
        known = ResponseFile.objects.filter(sha256=sha256).first()
        if known is not None:
            return known
        file.seek(0)
        layout = found.on(timezone.localdate()) if found.layouts else None
        source = Source(name, found.name, found.reasons, sha256, layout.tail if layout else 0)
        return apply(actor, source, _answers(file, found))


def apply_answers(
    actor: Actor, profile: str, reasons: str, name: str, sha256: str, answers: Iterable[Answer]
) -> ResponseFile:
    """Apply answers that came by another way than a file (the treasury's messages); needs `response.read`.

    `sha256` is over what was received: what was applied once is not applied again. Line numbers are unique within `answers`.
    """
    actor = require(actor, "response.read")
    known = ResponseFile.objects.filter(sha256=sha256).first()
    return known or apply(actor, Source(name, profile, reasons, sha256), batches(answers))


def apply(actor: Actor, source: Source, lines: Iterable[pa.RecordBatch]) -> ResponseFile:
    """Judge and apply lines of `answer.SCHEMA` in one transaction; the caller has asked for the permission."""
    with acting(actor, "response.read"), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        known = ResponseFile.objects.filter(sha256=source.sha256).first()
        if known is not None:
            return known
        cursor.execute("SET LOCAL work_mem = '128MB'")
        cursor.execute("DROP TABLE IF EXISTS answer_read, answer_judged")
        cursor.execute(statement(PACKAGE, "answer_read"))
        _copy(cursor, lines)
        refused = spread(cursor)
        by_place(cursor)
        if source.tail:
            cursor.execute(_completed(source.tail))
        cursor.execute("ANALYZE answer_read")
        cursor.execute(_FEW)
        (few,) = cursor.fetchone()
        if few:
            # a file names a small part of what was ever sent: its credits are looked up, not all of them read through
            cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(statement(PACKAGE, "response_judged"))
        cursor.execute("RESET enable_seqscan")
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE disposition = 'applied'),"
            " count(*) FILTER (WHERE disposition = 'repeated') FROM answer_judged"
        )
        total, applied, repeated = cursor.fetchone()
        cursor.execute(_MONTHS)
        (months,) = cursor.fetchone()
        file = ResponseFile.objects.create(
            profile=source.profile,
            name=source.name,
            sha256=source.sha256,
            lines=total,
            applied=applied,
            repeated=repeated,
            set_aside=total - applied - repeated,
            months=months,
            read_at=timezone.now(),
            read_by=actor.name,
        )
        file.refresh_from_db(fields=["key"])
        cursor.execute(_KEEP, [file.pk])
        entries.post_answers(cursor, file.pk)
        cursor.execute("ANALYZE answer_judged")
        came_back = returns.take_back(cursor, file.pk, source.reasons)
        drops.take_answers(cursor, actor, file.pk, source.reasons)
        cursor.execute("DROP TABLE answer_read, answer_judged")
        record(
            actor,
            "response.read",
            "response_file",
            str(file.key),
            new={
                "profile": source.profile,
                "sha256": source.sha256,
                "lines": total,
                "applied": applied,
                "repeated": repeated,
                "set_aside": file.set_aside,
                "returned": came_back,
            }
            | ({"refused_whole": refused} if refused else {}),
        )
    return file


_FEW = """
    SELECT (SELECT count(*) FROM answer_read) * 10 < reltuples FROM pg_class WHERE oid = 'payments_instruction'::regclass"""

_MONTHS = """
    SELECT coalesce(array_agg(month ORDER BY month), '{}') FROM (
        SELECT r.month FROM (SELECT DISTINCT run_id FROM answer_judged WHERE disposition = 'applied') j
        JOIN cases_month_run r ON r.id = j.run_id
        UNION
        SELECT r.month FROM answer_judged j JOIN payments_return e ON e.instruction_id = j.corrects_id
        JOIN payments_instruction f ON f.id = e.first_id JOIN cases_month_run r ON r.id = f.run_id
        WHERE j.disposition = 'applied'
    ) m"""

_KEEP = """
    INSERT INTO payments_response_line (file_id, line_no, reference, outcome, reason_code, paise, value_on, utr, account_name,
        disposition, problem, instruction_id, drop_id)
    SELECT %s, line_no, reference, outcome, reason_code, paise, value_on, utr, account_name, disposition, problem, instruction_id,
        drop_id
    FROM answer_judged ORDER BY line_no"""


def _completed(tail: int) -> str:
    """The SQL that finds our whole reference by its last signs among what was sent; where two fit, none is taken."""
    return f"""
        ALTER TABLE answer_read ALTER COLUMN full_reference DROP EXPRESSION;
        UPDATE answer_read SET full_reference = '';
        UPDATE answer_read a SET full_reference = s.reference FROM (
            SELECT right(i.reference, {tail}) AS tail, min(i.reference) AS reference
            FROM payments_file f
            JOIN payments_file_item t ON t.file_id = f.id AND t.alive
            JOIN payments_instruction i ON i.id = t.instruction_id
            WHERE f.state IN ('released', 'sent')
                AND f.settlement_on >= (SELECT coalesce(min(value_on), current_date) FROM answer_read) - 100
            GROUP BY 1 HAVING count(*) = 1
        ) s WHERE a.problem = '' AND a.reference = s.tail"""


def _copy(cursor: Any, lines: Iterable[pa.RecordBatch]) -> None:
    options = pacsv.WriteOptions(include_header=False)
    columns = ", ".join(SCHEMA.names)
    with cursor.copy(f"COPY answer_read ({columns}) FROM STDIN (FORMAT csv)") as copy:
        for batch in lines:
            text = BytesIO()
            pacsv.write_csv(batch, text, options)
            copy.write(text.getvalue())


def _answers(file: Readable, profile: Profile) -> Iterator[pa.RecordBatch]:
    """The answers of a file by the kind of its profile."""
    if profile.kind == "fixed":
        return fixed.read(file, profile.on(timezone.localdate()))
    return batches((iso if profile.kind == "xml" else statement_lines).read(file, profile))


_DAMAGED = (BadGzipFile, EOFError, zlib.error)


def _sha256(file: Readable, name: str) -> str:
    """The hash of the file as the bank wrote it, so that the same answers count once, packed or not."""
    found, size = hashlib.sha256(), 0
    try:
        while block := file.read(1024 * 1024):
            found.update(block)
            size += len(block)
            if size > MOST:
                raise ResponseTooLarge(name=name)
    except _DAMAGED as error:
        raise DamagedArchive(name=name) from error
    return found.hexdigest()


@contextmanager
def _opened(path_or_bytes: Path | bytes) -> Iterator[Readable]:
    with (
        BytesIO(path_or_bytes) if isinstance(path_or_bytes, bytes) else Path(path_or_bytes).open("rb")
    ) as plain:
        packed = plain.read(2) == b"\x1f\x8b"
        plain.seek(0)
        if not packed:
            yield plain
            return
        with GzipFile(fileobj=plain) as file:
            yield file
