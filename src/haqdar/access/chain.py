"""The chain over the audit trail and the rows of history: closed ranges are sealed, one after the other.

A range can be closed only when nothing can be added to it any more, though ids have gaps and transactions end out of order.
Every row therefore carries the number of the transaction that added it; all transactions below the oldest one still
running (`pg_snapshot_xmin`) have ended, so the rows of those below that horizon are all there, and no writer ever waits for
the sealing. Ranges are intervals of (transaction, id). Whoever changes a sealed row by hand must change its range and every
range after it, for which the key is needed; whoever cuts the end of the chain is given away by the copy of its hashes in
HAQDAR_HOME/audit/chain.log and in the log, which belong on another machine too (`haqdar audit verify --hash`).
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from haqdar.access.actors import Actor, require
from haqdar.access.models.audit import AuditEvent, AuditRange
from haqdar.access.models.history import Event
from haqdar.access.seals import mac_of, present_key
from haqdar.base.refusal import Refusal

LOG = logging.getLogger("haqdar.audit")
MOST_ROWS = 50_000
START = b"\0" * 32
_LOCK = "haqdar.audit.chain"
#: Above every transaction number that a server can reach.
_BEYOND = 2**62


class RestoredElsewhere(Refusal):
    """The database was restored from a dump into another server, where transactions are counted anew."""

    code = "restored_elsewhere"
    en = (
        "This database was restored into another server. Before the site opens, run: haqdar audit seal --restored. "
        "It closes everything recorded so far and starts counting anew."
    )
    hi = (
        "यह डेटाबेस किसी दूसरे सर्वर पर लौटाया गया है। साइट खोलने से पहले चलाएँ: haqdar audit seal --restored। "
        "इससे अब तक का सब कुछ बंद होकर गिनती नए सिरे से शुरू होती है।"
    )


class ChainCut(Refusal):
    """The end of the chain is missing: its copy outside the database knows a later range."""

    code = "chain_cut"
    en = "The chain of the audit trail ends at range {last}, but range {known} was sealed. Nothing more is sealed; run: haqdar audit verify."
    hi = "ऑडिट की शृंखला {last} पर समाप्त है, जबकि {known} तक मुहर लगी थी। अब और मुहर नहीं लगेगी; चलाएँ: haqdar audit verify।"


@dataclass(frozen=True)
class Source:
    """A table whose rows are sealed: the audit trail itself, or the history of another table."""

    table: str
    key: str
    columns: tuple[str, ...] = ()

    @property
    def is_trail(self) -> bool:
        """Whether the rows carry a seal of their own."""
        return not self.columns

    def record(self, columns: Iterable[str] | None = None) -> str:
        """SQL of the row's own hash: its seal, or the SHA-256 over its values and who changed it."""
        if self.is_trail:
            return "t.seal"
        values = ", ".join(f't."{name}"' for name in (self.columns if columns is None else columns))
        who = "(SELECT c.metadata - 'url' FROM pghistory_context c WHERE c.id = t.pgh_context_id)"
        return f"sha256(convert_to(jsonb_build_array({values}, {who})::text, 'UTF8'))"


@dataclass
class Sealed:
    """What a sealing did."""

    ranges: int = 0
    rows: int = 0
    chain: str = ""
    by_source: dict[str, int] = field(default_factory=dict)


def sources() -> list[Source]:
    """Every table that is sealed: the audit trail first, then the histories by name."""
    found = [Source(AuditEvent._meta.db_table, "id")]
    histories = [model for model in apps.get_models() if issubclass(model, Event) and model._meta.managed]
    for model in sorted(histories, key=lambda model: str(model._meta.db_table)):
        columns = tuple(
            sorted(str(field.column) for field in model._meta.concrete_fields if field.name != "written_in")
        )
        found.append(Source(model._meta.db_table, "pgh_id", columns))
    return found


def seal(actor: Actor, restored: bool = False) -> Sealed:
    """Seal every row that no running transaction can still add to; returns how much that was.

    `restored` closes everything after a dump was restored into another server; call it before anybody works there. Raises
    `RestoredElsewhere` and `ChainCut`. Two at a time do no harm: the second waits for the first.
    """
    require(actor, "audit.seal")
    horizon, cluster = _horizon()
    done = Sealed()
    for source in sources():
        while True:
            with transaction.atomic():
                link = _seal_next(source, horizon, cluster, restored)
            if link is None:
                break
            keep_outside([link])
            done.ranges += 1
            done.rows += link.rows
            done.chain = bytes(link.chain).hex()
            done.by_source[source.table] = done.by_source.get(source.table, 0) + link.rows
            if link.rows < MOST_ROWS:
                break
    if done.ranges:
        # in groups of four, as a long run of digits would be taken for somebody's number and masked
        grouped = ":".join(done.chain[at : at + 4] for at in range(0, len(done.chain), 4))
        LOG.info("audit chain: %s rows sealed in %s ranges, ends with %s", done.rows, done.ranges, grouped)
    return done


def chain_hash(link: AuditRange) -> bytes:
    """The SHA-256 over a range and the hash of the one before it."""
    parts = [
        link.number, link.source, list(link.columns), link.cluster, link.after_id, link.upto_id, link.from_xid, link.from_id,
        link.until_xid, link.until_id, link.rows, link.ids, bytes(link.digest).hex(),
        hashlib.sha256(bytes(link.leaves)).hexdigest(), link.sealed_at.astimezone(UTC).isoformat(),
    ]  # fmt: skip
    return hashlib.sha256(bytes(link.previous) + json.dumps(parts).encode()).digest()


def outside() -> Path:
    """The copy of the chain's hashes outside the database."""
    return Path(settings.HAQDAR_HOME) / "audit" / "chain.log"


def known_outside() -> dict[int, str]:
    """Range number -> chain hash, as the copy outside the database has them; of a number sealed twice the first."""
    found: dict[int, str] = {}
    try:
        lines = outside().read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        return {}
    for line in lines:
        number, _, rest = line.partition(" ")
        if number.isdecimal() and rest:
            found.setdefault(int(number), rest.split()[0])
    return found


def keep_outside(links: Iterable[AuditRange]) -> None:
    """Add ranges to the copy outside the database, synced to disk."""
    path = outside()
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(
        f"{link.number} {bytes(link.chain).hex()} {link.sealed_at.isoformat()} {link.source} {link.rows}\n"
        for link in links
    )
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, text.encode("ascii"))
        os.fsync(handle)
    finally:
        os.close(handle)


def _horizon() -> tuple[int, int]:
    """The oldest transaction that still runs, and the server that counts."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint,"
            " (SELECT system_identifier FROM pg_control_system())"
        )
        horizon, cluster = cursor.fetchone() or (0, 0)
    return int(horizon), int(cluster)


def _seal_next(source: Source, horizon: int, cluster: int, restored: bool) -> AuditRange | None:
    """Seal the next range of the table; None where nothing is ready."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [_LOCK])
    speak_plainly()
    last = AuditRange.objects.order_by("-number").first()
    _not_cut(last)
    own = AuditRange.objects.filter(source=source.table).order_by("-number").first()
    counts_here = own is None or own.upto_id is not None or own.cluster == cluster
    if not counts_here and not restored:
        raise RestoredElsewhere()
    from_xid, from_id, after_id = start_after(own)
    # after a restoration everything that came with the dump is closed under the former server's count
    closing = not counts_here or (restored and own is None)
    upto = _BEYOND if closing else horizon
    found = _digest(source, (from_xid, from_id), (upto, 0), after_id)
    if found is None:
        if counts_here:
            return None
        found = (0, 0, 0, "{}", hashlib.sha256().digest(), b"")
    rows, last_xid, last_id, ids, digest, leaves = found
    full = rows == MOST_ROWS
    link = AuditRange(
        number=(last.number if last else 0) + 1,
        source=source.table,
        columns=list(source.columns),
        cluster=cluster if counts_here or own is None else own.cluster,
        after_id=after_id,
        upto_id=_highest(source) if closing and not full else None,
        from_xid=from_xid,
        from_id=from_id,
        until_xid=last_xid if full else upto,
        until_id=last_id + 1 if full else 0,
        rows=rows,
        ids=ids,
        digest=digest,
        leaves=leaves,
        previous=bytes(last.chain) if last else START,
        sealed_at=timezone.now(),
    )
    link.chain = chain_hash(link)
    link.mac = mac_of(present_key(), link.chain)
    link.save(force_insert=True)
    return link


def start_after(own: AuditRange | None) -> tuple[int, int, int]:
    """Where the range after `own` of the same table begins: transaction, id, and the id above which it counts."""
    if own is None:
        return 0, 0, 0
    if own.upto_id is not None:
        return 0, 0, own.upto_id
    return own.until_xid, own.until_id, own.after_id


def speak_plainly() -> None:
    """For this transaction: what a row looks like as text does not depend on who asks."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO'; SET LOCAL bytea_output = 'hex';"
            " SET LOCAL IntervalStyle = 'postgres'; SET LOCAL extra_float_digits = 1"
        )


def _not_cut(last: AuditRange | None) -> None:
    known = known_outside()
    number = last.number if last else 0
    if known and max(known) > number:
        raise ChainCut(last=number, known=max(known))
    # a process that died between its transaction and the copy left the copy behind
    behind = AuditRange.objects.filter(number__gt=max(known, default=0)).order_by("number")
    if last is not None and number > max(known, default=0):
        keep_outside(behind)


def _digest(
    source: Source, start: tuple[int, int], until: tuple[int, int], after_id: int
) -> tuple[int, int, int, str, bytes, bytes] | None:
    """Of the first rows from `start` until before `until`: count, last transaction and id, ids, digest and leaves."""
    own = source.record()
    leaves = (
        "''::bytea" if source.is_trail else "string_agg(substr(own, 1, 8), ''::bytea ORDER BY written_in, id)"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH chunk AS MATERIALIZED (SELECT t.{source.key} AS id, t.written_in, {own} AS own FROM {source.table} t"
            f"  WHERE (t.written_in, t.{source.key}) >= (%s, %s) AND (t.written_in, t.{source.key}) < (%s, %s)"
            f"  AND t.{source.key} > %s ORDER BY t.written_in, t.{source.key} LIMIT {MOST_ROWS})"
            " SELECT count(*), max(written_in), (array_agg(id ORDER BY written_in DESC, id DESC))[1],"
            " range_agg(int8range(id, id, '[]'))::text,"
            " sha256(string_agg(int8send(written_in) || int8send(id) || own, ''::bytea ORDER BY written_in, id)),"
            f" {leaves} FROM chunk",
            [*start, *until, after_id],
        )
        row = cursor.fetchone()
    if row is None or not row[0]:
        return None
    rows, last_xid, last_id, ids, digest, leaf = row
    return int(rows), int(last_xid), int(last_id), str(ids), bytes(digest), bytes(leaf or b"")


def _highest(source: Source) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(max({source.key}), 0) FROM {source.table}")
        return int((cursor.fetchone() or (0,))[0])
