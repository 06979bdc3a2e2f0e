"""Whether the audit trail is as it was sealed: every event's seal, every range, the chain and its end.

The tables are read once in order, in bounded memory. What is wrong comes out one by one, with the row or range it is about.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

from haqdar.access.actors import Actor, require
from haqdar.access.chain import (
    START,
    Source,
    chain_hash,
    known_outside,
    sources,
    speak_plainly,
    start_after,
)
from haqdar.access.models.audit import AuditRange
from haqdar.access.seals import keys, mac_of, seal_of
from haqdar.base.refusal import Words

AT_A_TIME = 10_000
_LEAF = 8

SENTENCES: dict[str, Words] = {
    "edited": Words("{table}: row {what} was edited.", "{table}: पंक्ति {what} बदली गई है।"),
    "missing": Words(
        "{table}: row {what} is missing; it was deleted.", "{table}: पंक्ति {what} नहीं है; वह मिटाई गई है।"
    ),
    "inserted": Words(
        "{table}: row {what} was inserted afterwards.", "{table}: पंक्ति {what} बाद में जोड़ी गई है।"
    ),
    "copied": Words(
        "{table}: row {what} is a copy of another event.", "{table}: पंक्ति {what} किसी दूसरी घटना की नक़ल है।"
    ),
    "ahead": Words(
        "{table}: row {what} claims a transaction that has not begun yet.",
        "{table}: पंक्ति {what} ऐसे लेन-देन की बताई गई है जो अभी शुरू नहीं हुआ।",
    ),
    "range_differs": Words(
        "{table}: the rows of range {what} are not those that were sealed.",
        "{table}: श्रेणी {what} की पंक्तियाँ वे नहीं हैं जिन पर मुहर लगी थी।",
    ),
    "range_unreadable": Words(
        "{table}: range {what} was sealed over columns that the table no longer has; it cannot be compared.",
        "{table}: श्रेणी {what} की मुहर के कुछ स्तंभ अब तालिका में नहीं हैं; मिलान नहीं हो सकता।",
    ),
    "range_edited": Words(
        "Chain: range {what} was edited; its hash does not fit.",
        "शृंखला: श्रेणी {what} बदली गई है; उसका हैश मेल नहीं खाता।",
    ),
    "range_forged": Words(
        "Chain: range {what} was not sealed with this installation's key.",
        "शृंखला: श्रेणी {what} पर इस प्रणाली की कुंजी से मुहर नहीं लगी।",
    ),
    "range_missing": Words(
        "Chain: range {what} is missing; it was deleted.", "शृंखला: श्रेणी {what} नहीं है; वह मिटाई गई है।"
    ),
    "range_apart": Words(
        "Chain: range {what} does not continue the one before it.",
        "शृंखला: श्रेणी {what} पिछली श्रेणी से जुड़ी हुई नहीं है।",
    ),
    "range_other": Words(
        "Chain: range {what} is another one than the copy outside the database knows.",
        "शृंखला: श्रेणी {what} वह नहीं है जो डेटाबेस के बाहर की प्रति में दर्ज है।",
    ),
    "cut": Words(
        "Chain: it ends too early; range {what} was sealed and is gone.",
        "शृंखला: बीच में ही समाप्त है; श्रेणी {what} पर मुहर लगी थी और वह अब नहीं है।",
    ),
    "no_copy": Words(
        "Chain: its copy outside the database (audit/chain.log) is missing, so nobody can tell whether the end was cut.",
        "शृंखला: डेटाबेस के बाहर की प्रति (audit/chain.log) नहीं है, इसलिए पता नहीं चल सकता कि अंत काटा गया या नहीं।",
    ),
    "hash_unknown": Words(
        "Chain: no range has the hash {what} that you gave.", "शृंखला: आपके दिए हैश {what} की कोई श्रेणी नहीं है।"
    ),
}
"""What can be wrong, in words; `what` is the id of a row or the number of a range."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong."""

    kind: str
    what: str
    table: str = ""

    def sentence(self, language: str) -> str:
        """It in words."""
        words = SENTENCES[self.kind]
        return (words.hi if language == "hi" else words.en).format(what=self.what, table=self.table)


@dataclass
class Checked:
    """How much was looked at while the findings came out."""

    rows: int = 0
    ranges: int = 0
    open_rows: int = 0
    chain: str = ""
    findings: int = field(default=0)


def verify(actor: Actor, checked: Checked, hash_elsewhere: str = "") -> Iterator[Finding]:
    """Everything that is wrong with trail and chain; `checked` counts along.

    `hash_elsewhere` is the hash of a range that was written down somewhere else. Everything is read as of one instant.
    """
    require(actor, "audit.verify")
    hash_elsewhere = hash_elsewhere.strip().lower().replace(":", "")
    with transaction.atomic():
        if not connection.savepoint_ids:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        speak_plainly()
        known = keys()
        for finding in _all(checked, known, hash_elsewhere):
            checked.findings += 1
            yield finding


def _all(checked: Checked, known: list[bytes], hash_elsewhere: str) -> Iterator[Finding]:
    yield from _chain(checked, known, hash_elsewhere)
    for source in sources():
        yield from _rows(source, checked, known)


def _chain(checked: Checked, known: list[bytes], hash_elsewhere: str) -> Iterator[Finding]:
    """The ranges themselves: hashes, keys, order, nothing left out, the end still there."""
    outside = known_outside()
    before: AuditRange | None = None
    last_of: dict[str, AuditRange] = {}
    seen_elsewhere = not hash_elsewhere
    for link in AuditRange.objects.defer("ids").order_by("number").iterator(chunk_size=200):
        checked.ranges += 1
        expected = before.number + 1 if before else 1
        for number in range(expected, min(link.number, expected + 1000)):
            yield Finding("range_missing", str(number))
        chain = bytes(link.chain)
        if not hmac.compare_digest(chain_hash(link), chain):
            yield Finding("range_edited", str(link.number))
        elif not any(hmac.compare_digest(mac_of(key, chain), bytes(link.mac)) for key in known):
            yield Finding("range_forged", str(link.number))
        own = last_of.get(link.source)
        if link.number == expected and (
            bytes(link.previous) != (bytes(before.chain) if before else START)
            or (link.from_xid, link.from_id, link.after_id) != start_after(own)
        ):
            yield Finding("range_apart", str(link.number))
        if link.number in outside and outside[link.number] != chain.hex():
            yield Finding("range_other", str(link.number))
        seen_elsewhere = seen_elsewhere or chain.hex() == hash_elsewhere
        before, last_of[link.source] = link, link
    checked.chain = bytes(before.chain).hex() if before else ""
    end = before.number if before else 0
    for number in sorted(number for number in outside if number > end)[:1000]:
        yield Finding("cut", str(number))
    if before is not None and not outside:
        yield Finding("no_copy", "")
    if not seen_elsewhere:
        yield Finding("hash_unknown", hash_elsewhere)


def _rows(source: Source, checked: Checked, known: list[bytes]) -> Iterator[Finding]:
    """The rows of one table, range by range, and those that no range holds yet."""
    own: AuditRange | None = None
    for link in AuditRange.objects.filter(source=source.table).order_by("number").iterator(chunk_size=20):
        own = link
        yield from _range(source, link, checked, known)
    yield from _open(source, own, checked, known)


def _range(source: Source, link: AuditRange, checked: Checked, known: list[bytes]) -> Iterator[Finding]:
    if not set(link.columns) <= set(source.columns):
        yield Finding("range_unreadable", str(link.number), source.table)
        return
    digest, named = hashlib.sha256(), 0
    sealed = set(_ids(link.ids))
    place, leaves, found = 0, bytes(link.leaves), set[int]()
    for row in _read(source, link):
        checked.rows += 1
        written_in, identity, record = int(row[0]), int(row[1]), bytes(row[2])
        digest.update(written_in.to_bytes(8, "big") + identity.to_bytes(8, "big") + record)
        found.add(identity)
        if source.is_trail and not _seal_fits(row, known):
            named += 1
            yield Finding("edited", str(identity), source.table)
    for identity in sorted(sealed - found):
        named += 1
        yield Finding("missing", str(identity), source.table)
    for identity in sorted(found - sealed):
        named += 1
        yield Finding("inserted", str(identity), source.table)
    if digest.digest() != bytes(link.digest):
        if not source.is_trail and found == sealed:
            for row in _read(source, link):
                if bytes(row[2])[:_LEAF] != leaves[place : place + _LEAF]:
                    named += 1
                    yield Finding("edited", str(row[1]), source.table)
                place += _LEAF
        if not named:
            yield Finding("range_differs", str(link.number), source.table)


def _open(source: Source, own: AuditRange | None, checked: Checked, known: list[bytes]) -> Iterator[Finding]:
    """Rows that no range holds yet: only their own seals say anything about them."""
    from_xid, from_id, after_id = start_after(own)
    where = f"(t.written_in, t.{source.key}) >= (%s, %s) AND t.{source.key} > %s"
    values = [from_xid, from_id, after_id]
    same_server = "true"
    with connection.cursor() as cursor:
        if own is not None and own.upto_id is None:
            cursor.execute("SELECT system_identifier = %s FROM pg_control_system()", [own.cluster])
            (here,) = cursor.fetchone() or (False,)
            same_server = "true" if here else "false"
        cursor.execute(
            f"SELECT count(*), coalesce(array_agg(t.{source.key}) FILTER (WHERE {same_server} AND"
            " t.written_in >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint AND"
            " t.written_in IS DISTINCT FROM pg_current_xact_id_if_assigned()::text::bigint), '{}')"
            f" FROM {source.table} t WHERE {where}",
            values,
        )
        count, ahead = cursor.fetchone() or (0, [])
    checked.open_rows += count
    checked.rows += count
    for identity in ahead:
        yield Finding("ahead", str(identity), source.table)
    if not source.is_trail:
        return
    for row in _stream(source, where, values, ()):
        if not _seal_fits(row, known):
            yield Finding("edited", str(row[1]), source.table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT t.id FROM {source.table} t WHERE {where} AND EXISTS (SELECT FROM {source.table} e"
            " WHERE e.actor = t.actor AND e.at = t.at AND e.seal = t.seal AND e.id < t.id) ORDER BY t.id LIMIT 1000",
            values,
        )
        for (identity,) in cursor.fetchall():
            yield Finding("copied", str(identity), source.table)


def _read(source: Source, link: AuditRange) -> Iterator[tuple[Any, ...]]:
    """The rows that now lie in a range: transaction, id, record; of the trail all values besides."""
    where = (
        f"(t.written_in, t.{source.key}) >= (%s, %s) AND (t.written_in, t.{source.key}) < (%s, %s)"
        f" AND t.{source.key} > %s"
    )
    values = [link.from_xid, link.from_id, link.until_xid, link.until_id, link.after_id]
    if link.upto_id is not None:
        where, values = f"{where} AND t.{source.key} <= %s", [*values, link.upto_id]
    elif (end := _end_of_count(link)) is not None:
        where, values = f"{where} AND t.{source.key} <= %s", [*values, end]
    yield from _stream(source, where, values, link.columns)


def _end_of_count(link: AuditRange) -> int | None:
    """Up to which id the count of transactions goes that the range belongs to; None while it lasts."""
    closing = AuditRange.objects.filter(
        source=link.source, number__gt=link.number, after_id=link.after_id, upto_id__isnull=False
    )
    return closing.order_by("number").values_list("upto_id", flat=True).first()


def _stream(
    source: Source, where: str, values: list[Any], columns: list[str] | tuple[str, ...]
) -> Iterator[tuple[Any, ...]]:
    more = (
        ", t.at, t.actor, host(t.ip), t.function, t.verb, t.object_kind, t.object_key, t.old::text, t.new::text"
        if source.is_trail
        else ""
    )
    record = source.record(columns or None)
    at = (-1, -1)
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT t.written_in, t.{source.key}, {record}{more} FROM {source.table} t WHERE {where}"
                f" AND (t.written_in, t.{source.key}) > (%s, %s) ORDER BY t.written_in, t.{source.key} LIMIT {AT_A_TIME}",
                [*values, *at],
            )
            rows = cursor.fetchall()
        yield from rows
        if len(rows) < AT_A_TIME:
            return
        at = (rows[-1][0], rows[-1][1])


def _seal_fits(row: tuple[Any, ...], known: list[bytes]) -> bool:
    _, _, seal, at, actor, ip, function, verb, kind, key, old, new = row
    parts = (
        actor, ip, function, verb, kind, key,
        None if old is None else json.loads(old), None if new is None else json.loads(new),
    )  # fmt: skip
    return any(hmac.compare_digest(seal_of(one, at, *parts), bytes(seal)) for one in known)


def _ids(text: str) -> Iterator[int]:
    """The ids of a multirange: "{[1,5),[7,9)}" gives 1 to 4, 7 and 8."""
    for part in text.strip("{}").replace("),", ") ").split():
        first, _, end = part.strip("[)").partition(",")
        yield from range(int(first), int(end))
