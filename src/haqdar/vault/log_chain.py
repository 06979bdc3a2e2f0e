"""The vault's log sealed link by link, so that nobody who can write in the vault's database changes it unseen.

Every night the lines since the last link are closed: a link holds the SHA-256 over its lines and the link before it, and a keyed hash of
that under the vault's own key. Its hash goes at once into the audit trail of the main database, another database under another role,
whose own chain is copied outside (`access.chain`). Who changes, adds or removes a sealed line breaks its link; who makes the links anew
needs the vault's key, and contradicts the audit trail; who cuts the end off leaves it behind there.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from dataclasses import dataclass

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting, require
from haqdar.access.models import AuditEvent
from haqdar.base.refusal import Words
from haqdar.vault.keys import keys_of
from haqdar.vault.purposes import PURPOSES
from haqdar.vault.rooms import Cursor, Entry, inside, write

MOST_LINES = 50_000
START = b"\0" * 32
_PATIENCE = "5s"
_KIND = "vault_log"
_COLUMNS = "number, after_id, upto_id, lines, digest, mac"

FINDINGS = {
    "edited": Words(
        "Link {number}: lines {first} to {last} of the log are not those that were sealed.",
        "कड़ी {number}: लॉग की पंक्तियाँ {first} से {last} वे नहीं जिन पर मुहर लगी थी।",
    ),
    "torn": Words(
        "Link {number} does not follow the one before it: a link was removed.",
        "कड़ी {number} अपने से पिछली कड़ी से नहीं जुड़ती: बीच की कड़ी हटाई गई।",
    ),
    "forged": Words(
        "Link {number} was not sealed with this vault's key.", "कड़ी {number} पर इस तिजोरी की कुंजी की मुहर नहीं।"
    ),
    "contradicted": Words(
        "Link {number} is not the one that the audit trail has.", "कड़ी {number} वह नहीं जो ऑडिट में दर्ज है।"
    ),
    "cut": Words(
        "The log ends before link {number}, which the audit trail has: its end was cut off, or an old backup restored.",
        "लॉग कड़ी {number} से पहले समाप्त है, जो ऑडिट में दर्ज है: अंत काटा गया, या पुराना बैकअप लौटाया गया।",
    ),
}


@dataclass(frozen=True)
class Link:
    """A closed piece of the log: its lines are those above `after_id` up to `upto_id`; `digest` is over them and the link before."""

    number: int
    after_id: int
    upto_id: int
    lines: int
    digest: bytes
    mac: bytes


@dataclass
class Checked:
    """What a check went through; `open_lines` are not sealed yet, `end` is the last link's digest (hexadecimal)."""

    links: int = 0
    lines: int = 0
    open_lines: int = 0
    findings: int = 0
    end: str = ""


def seal_log(actor: Actor) -> int:
    """Close every line that was written before now; returns how many. Run again it does nothing. Needs `vault.seal`."""
    actor = require(actor, "vault.seal")
    sealed = 0
    with inside() as cursor:
        last_line = _settled(cursor)
    while True:
        with inside() as cursor:
            link = _next(cursor, last_line)
        # also one that stood there without its event, because a process died between the two databases
        _into_the_trail(actor)
        if link is None:
            return sealed
        sealed += link.lines


def verify_log(actor: Actor, checked: Checked) -> Iterator[Words]:
    """Go through all links and give each finding; `checked` is filled on the way. Needs `vault.audit`."""
    actor = require(actor, "vault.audit")
    told = _told()
    before, expected = START, 1
    with inside(as_of_one_moment=True) as cursor:
        key = _key(cursor)
        after = 0
        for link in _links(cursor):
            problems = []
            if link.number != expected or link.after_id != after:
                problems.append("torn")
            digest, lines = _digest(cursor, link.after_id, link.upto_id, before)
            if (digest, lines) != (link.digest, link.lines):
                problems.append("edited")
            if not hmac.compare_digest(_mac(key, link.number, link.digest), link.mac):
                problems.append("forged")
            if told.pop(link.number, link.digest.hex()) != link.digest.hex():
                problems.append("contradicted")
            checked.links, checked.lines = checked.links + 1, checked.lines + lines
            before, expected, after = link.digest, link.number + 1, link.upto_id
            for problem in problems:
                checked.findings += 1
                yield _filled(problem, link.number, link.after_id + 1, link.upto_id)
        cursor.execute("SELECT count(*) FROM vault.access WHERE id > %s", [after])
        ((checked.open_lines,),) = cursor.fetchall()
    for number in sorted(told):
        checked.findings += 1
        yield _filled("cut", number, 0, 0)
    checked.end = before.hex() if checked.links else ""
    with inside() as cursor:
        write(cursor, actor, "read", PURPOSES["log"], Entry(checked.links, checked.lines))


def _filled(code: str, number: int, first: int, last: int) -> Words:
    values = {"number": number, "first": first, "last": last}
    return Words(FINDINGS[code].en.format(**values), FINDINGS[code].hi.format(**values))


def _settled(cursor: Cursor) -> int:
    """The last line below which none can be added any more.

    A line's number is drawn after its writer has locked the table, and that lock is held until the line is there for all: for the
    moment in which nobody holds it, every number that was drawn is a line or was given up.
    """
    cursor.execute("SELECT set_config('lock_timeout', %s, true)", [_PATIENCE])
    cursor.execute("LOCK TABLE vault.access IN SHARE MODE")
    cursor.execute("SELECT coalesce(max(id), 0) FROM vault.access")
    ((last,),) = cursor.fetchall()
    return int(last)


def _next(cursor: Cursor, last_line: int) -> Link | None:
    """Close the next lines up to `last_line`; None where all are closed."""
    cursor.execute("LOCK TABLE vault.log_link IN EXCLUSIVE MODE")
    cursor.execute(f"SELECT {_COLUMNS} FROM vault.log_link ORDER BY number DESC LIMIT 1".encode())
    found = cursor.fetchone()
    last = Link(*found) if found is not None else Link(0, 0, 0, 0, START, b"")
    cursor.execute(
        "SELECT max(id) FROM (SELECT id FROM vault.access WHERE id > %s AND id <= %s ORDER BY id LIMIT %s) t",
        [last.upto_id, last_line, MOST_LINES],
    )
    ((upto,),) = cursor.fetchall()
    if upto is None:
        return None
    digest, lines = _digest(cursor, last.upto_id, upto, last.digest)
    mac = _mac(_key(cursor), last.number + 1, digest)
    link = Link(last.number + 1, last.upto_id, upto, lines, digest, mac)
    cursor.execute(
        f"INSERT INTO vault.log_link ({_COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s)".encode(),
        [link.number, link.after_id, link.upto_id, link.lines, link.digest, link.mac],
    )
    return link


def _digest(cursor: Cursor, after: int, upto: int, before: bytes) -> tuple[bytes, int]:
    """The SHA-256 over the link before and the lines above `after` up to `upto`, in their order; and how many lines they are."""
    cursor.execute("SET LOCAL TimeZone = 'UTC'")
    cursor.execute(
        "SELECT sha256(%s::bytea || coalesce(string_agg(sha256(convert_to(jsonb_build_array("
        " id, at, user_id, actor, function, ip, act, purpose, asked, given, ref, refs)::text, 'UTF8')), ''::bytea ORDER BY id),"
        " ''::bytea)), count(*) FROM vault.access WHERE id > %s AND id <= %s",
        [before, after, upto],
    )
    ((digest, lines),) = cursor.fetchall()
    return bytes(digest), int(lines)


def _links(cursor: Cursor, after: int = 0) -> list[Link]:
    cursor.execute(
        f"SELECT {_COLUMNS} FROM vault.log_link WHERE number > %s ORDER BY number".encode(), [after]
    )
    return [Link(*row) for row in cursor.fetchall()]


def _key(cursor: Cursor) -> bytes:
    return hmac.digest(keys_of(cursor).hash_key, b"log", "sha256")


def _mac(key: bytes, number: int, digest: bytes) -> bytes:
    return hmac.digest(key, number.to_bytes(8, "big") + digest, "sha256")


def _told() -> dict[int, str]:
    """Link -> digest as the audit trail has it; of a number told twice the first."""
    told: dict[int, str] = {}
    events = AuditEvent.objects.filter(object_kind=_KIND, verb="vault.seal").order_by("id")
    for key, new in events.values_list("object_key", "new"):
        told.setdefault(int(key), str((new or {}).get("digest")))
    return told


def _into_the_trail(actor: Actor) -> None:
    """Tell the audit trail of every link that it does not know yet."""
    latest = AuditEvent.objects.filter(object_kind=_KIND, verb="vault.seal").order_by("-id").first()
    with inside() as cursor:
        new = _links(cursor, int(latest.object_key) if latest else 0)
    if not new:
        return
    with acting(actor, "vault.seal"):
        for link in new:
            record(
                actor, "vault.seal", _KIND, str(link.number),
                new={"digest": link.digest.hex(), "lines": link.lines, "upto": link.upto_id},
            )  # fmt: skip
