"""The signed documents of bills: made after the commit by a job or when somebody opens them first, then kept as they are.

The sanction order belongs to a version from its sanction on, the bill from its submission on. Both say what the version fixed
then: lines taken out by later versions, later budgets and later names change no document that was made.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils import timezone

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting, require
from haqdar.base.files import atomic_write
from haqdar.base.refusal import Refusal
from haqdar.base.typesetting import ARCHIVE, set_pdf
from haqdar.cases.papers import signing
from haqdar.payments.bill_reads import officer
from haqdar.payments.bill_steps import NoSuchBill
from haqdar.payments.bill_words import Body, Facts, paper_words
from haqdar.payments.models import BillPaper
from haqdar.registry.sealing import SealBroken, Sealer, sealer

TEMPLATE = Path(__file__).parent / "bill.typ"
AT_A_TIME = 50


class NotSubmitted(Refusal):
    """A bill is a document once it is submitted."""

    code = "bill_not_submitted"
    en = "The bill is set and signed when it is submitted; until then look at its page. Submit it first."
    hi = "बिल कोषालय को भेजे जाने पर बनता और हस्ताक्षरित होता है; तब तक उसका पन्ना देखें। पहले उसे भेजें।"


class BillPaperGone(Refusal):
    """The file of a signed document is missing or was changed."""

    code = "bill_paper_gone"
    en = "The document of {number} is missing or was changed on the disk. Restore the folder bills/ from a backup."
    hi = "{number} का दस्तावेज़ डिस्क पर नहीं है या बदला गया है। bills/ फ़ोल्डर बैकअप से लौटाएँ।"


_MISSING = """
    SELECT v.id, k.kind FROM payments_bill_version v
    JOIN (VALUES ('order'), ('bill')) AS k (kind) ON k.kind = 'order' OR v.submitted_at IS NOT NULL
    WHERE v.sanctioned_by <> '' AND NOT EXISTS (SELECT FROM payments_bill_paper p WHERE p.version_id = v.id AND p.kind = k.kind)
    ORDER BY v.id, k.kind LIMIT %s
"""


def make_missing() -> int:
    """Make every document that is not made yet, oldest first; returns how many. Raises what `paper` raises.

    Each is finished by itself: a kill loses the one in hand, which is made anew, and a second worker at the same time does
    harmless work twice.
    """
    made = 0
    seals = sealer()
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_MISSING, [AT_A_TIME])
            wanted = cursor.fetchall()
        if not wanted:
            return made
        found = facts_of({number for number, _ in wanted})
        for number, kind in wanted:
            _make(found[number], kind, seals)
        made += len(wanted)


def paper(actor: Actor, key: UUID, kind: str) -> tuple[str, bytes]:
    """File name and signed PDF of the `order` or `bill` of a version, made now if it is not there; an audit event.

    Needs `payments.view`. Raises `NoSuchBill`, `OutsideYourArea`, `NotSubmitted`, `BillPaperGone`, ``NoFont``, ``NoSigningKey``,
    ``BadSigningKey``, ``LawRefused``.
    """
    actor = require(actor, "payments.view")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT v.id, b.ddo_code, CASE WHEN %s = 'order' THEN v.sanctioned_by <> '' ELSE v.submitted_at IS NOT NULL END, CASE WHEN %s = 'order' THEN v.sanction_no ELSE b.bill_no END"
            " FROM payments_bill_version v JOIN payments_bill b ON b.id = v.bill_id WHERE v.key = %s",
            [kind, kind, key],
        )
        row = cursor.fetchone()
    if row is None:
        raise NoSuchBill()
    number, ddo_code, there, name = row
    officer(actor, ddo_code)
    if not there:
        raise NotSubmitted()
    kept = BillPaper.objects.filter(version_id=number, kind=kind).first()
    if kept is None:
        kept = _make(facts_of([number])[number], kind, sealer())
    try:
        sealed = _path(key, kind, kept.sha256).read_bytes()
        document = sealer().open_file(f"{key}/{kind}", sealed, kept.key_version)
    except (OSError, SealBroken, ValueError) as error:
        # what the cipher raises for a file that was cut off is a ValueError
        raise BillPaperGone(number=name) from error
    if hashlib.sha256(document).hexdigest() != kept.sha256:
        raise BillPaperGone(number=name)
    with acting(actor, "payments.view"):
        record(actor, "payments.view", "bill", str(key), new={"document": kind})
    return f"{kind}-{name.replace('/', '-')}.pdf", document


def _make(facts: Facts, kind: str, seals: Sealer) -> BillPaper:
    own = signing.seal()
    number = facts.sanction_no if kind == "order" else facts.bill_no
    at = _moment(facts, kind)
    plain = set_pdf(TEMPLATE, settings.PAPER_FONTS, paper_words(facts, kind), at, ARCHIVE)
    document = signing.sign(plain, reason=number, place=facts.area_en)
    digest = hashlib.sha256(document).hexdigest()
    path = _path(facts.key, kind, digest)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    sealed, version = seals.seal_file(f"{facts.key}/{kind}", document)
    with atomic_write(path, private=True) as draft:
        draft.write_bytes(sealed)
    BillPaper.objects.bulk_create(
        [
            BillPaper(
                version_id=facts.version_id,
                kind=kind,
                sha256=digest,
                size=len(document),
                key_version=version,
                signed_at=timezone.now(),
                signed_by=own.name,
                certificate=own.fingerprint,
            )
        ],
        ignore_conflicts=True,
    )
    kept = BillPaper.objects.get(version_id=facts.version_id, kind=kind)
    if kept.sha256 != digest:
        # somebody else was a moment faster; theirs is the document
        path.unlink(missing_ok=True)
    return kept


def _moment(facts: Facts, kind: str) -> datetime:
    return facts.submitted_at if kind == "bill" and facts.submitted_at else facts.sanctioned_at


def _path(key: UUID, kind: str, digest: str) -> Path:
    """One file for each document made: two that are made at the same moment differ in their signature."""
    name = str(key)
    return Path(settings.HAQDAR_HOME) / "bills" / name[:2] / f"{name}.{kind}.{digest[:16]}.sealed"


_FACTS = """
    WITH line AS (
        SELECT v.id AS version_id, l.component, l.paise, d.kind
        FROM payments_bill_version v
        JOIN payments_bill_line l ON l.bill_id = v.bill_id
        JOIN payments_due d ON d.id = l.due_id
        LEFT JOIN payments_bill_version w ON w.id = l.withdrawn_in_id
        WHERE v.id = ANY(%(ids)s) AND (w.id IS NULL OR w.version > v.version)
    ), summed AS (
        SELECT version_id, min(component) AS component,
            coalesce(sum(paise) FILTER (WHERE kind = 'regular'), 0)::bigint AS regular_paise,
            coalesce(sum(paise) FILTER (WHERE kind <> 'regular'), 0)::bigint AS arrears_paise
        FROM line GROUP BY 1
    )
    SELECT v.id, v.key, v.version, b.bill_no, v.sanction_no, b.ddo_code, b.scheme, b.head, b.month, v.persons, v.paise,
        v.left_out_persons, v.left_out_paise, v.content_hash, v.sanctioned_at, v.submitted_at,
        coalesce((SELECT o.end_reason FROM payments_bill_version o
            WHERE o.bill_id = v.bill_id AND o.version = v.version - 1 AND o.state = 'objected'), ''),
        coalesce(o.name_en, a.name_en, b.ddo_code), coalesce(o.name_hi, o.name_en, a.name_hi, a.name_en, b.ddo_code),
        coalesce(a.kind, ''), coalesce(a.name_en, ''), coalesce(a.name_hi, a.name_en, ''),
        s.component, s.regular_paise, s.arrears_paise,
        coalesce((SELECT sum(e.paise) FROM payments_budget_entry e WHERE e.budget_id = c.budget_id AND e.id <= c.id
            AND e.kind NOT IN ('commitment', 'release')), 0)::bigint,
        coalesce((SELECT sum(e.paise) FROM payments_budget_entry e WHERE e.budget_id = c.budget_id AND e.id <= c.id), 0)::bigint
    FROM payments_bill_version v
    JOIN payments_bill b ON b.id = v.bill_id
    JOIN summed s ON s.version_id = v.id
    LEFT JOIN payments_budget_entry c ON c.version_id = v.id AND c.kind = 'commitment'
    LEFT JOIN LATERAL (
        SELECT x.* FROM access_office x JOIN access_area y ON y.area_code = x.area_code
        WHERE x.ddo_code = b.ddo_code ORDER BY y.depth, x.office_code LIMIT 1
    ) o ON true
    LEFT JOIN access_area a ON a.area_code = o.area_code
    WHERE v.id = ANY(%(ids)s)
"""
_BODIES = """
    SELECT v.id, coalesce(body.name_en, ''), coalesce(body.name_hi, body.name_en, ''), count(DISTINCT d.member_id),
        sum(l.paise)::bigint
    FROM payments_bill_version v
    JOIN payments_bill_line l ON l.bill_id = v.bill_id
    JOIN payments_due d ON d.id = l.due_id
    LEFT JOIN payments_bill_version w ON w.id = l.withdrawn_in_id
    LEFT JOIN access_area own ON own.area_code = d.area_code
    -- families live in panchayats and wards; a ward's body is the urban body above it
    LEFT JOIN access_area body
        ON body.area_code = CASE WHEN own.kind IN ('gp', 'ulb') THEN own.area_code ELSE own.parent_code END
    WHERE v.id = ANY(%(ids)s) AND (w.id IS NULL OR w.version > v.version)
    GROUP BY v.id, body.area_code, body.name_en, body.name_hi
    ORDER BY v.id, body.name_en, body.area_code
"""


def facts_of(version_ids: Iterable[int]) -> dict[int, Facts]:
    """What the documents of these versions say, two statements for all of them."""
    ids = sorted(version_ids)
    bodies: dict[int, list[Body]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_BODIES, {"ids": ids})
        for number, *body in cursor.fetchall():
            bodies.setdefault(number, []).append(Body(*body))
        cursor.execute(_FACTS, {"ids": ids})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return {row[0]: replace(Facts(*row), bodies=tuple(bodies.get(row[0], ()))) for row in rows}
