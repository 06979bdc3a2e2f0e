"""An Aadhaar number that a person proved by eKYC: it enters the register where none stood, and no later file removes it again.

A department's file goes on bringing its own row. Where that row says no number, or another one, the proven one stays by one more
belief beside the file's; so the file's own row is known, and what it says can be read (`contradicted`).
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import IntegrityError, connection
from django.utils import timezone

from haqdar.access.actors import Actor, acting, require, require_area
from haqdar.access.many import record_many
from haqdar.registry.corrections import NUMBER, CorrectedMeanwhile, Correction, append, columns_of
from haqdar.registry.events import NoSuchResident, path_of
from haqdar.registry.evidence import Evidence
from haqdar.registry.models import ResidentBelief
from haqdar.registry.taken_over import NAMES

#: The number that each person proved last.
_PROVEN = (
    "SELECT DISTINCT ON (c.member_id) c.member_id, c.belief_no, b.aadhaar_ref, b.aadhaar_last4 FROM registry_change c"
    " JOIN registry_resident_belief b ON b.member_id = c.member_id AND b.belief_no = c.belief_no"
    f" WHERE c.register = 'resident' AND c.kind = '{NUMBER.code}'{{more}} ORDER BY c.member_id, c.id DESC"
)


def prove(actor: Actor, member_id: int, reference: UUID, last4: str, evidence: Evidence) -> int | None:
    """Believe that the person has this number of the vault; gives the change's number, None where it is believed already.

    Needs `fact.correct` in the person's area. The caller has looked whether another number is recorded. Raises
    ``CorrectedMeanwhile``, ``NoSuchResident``, ``OutsideYourArea``.
    """
    actor = require(actor, "fact.correct")
    require_area(actor, path_of(member_id))
    latest = ResidentBelief.objects.filter(member_id=member_id).order_by("-belief_no").first()
    if latest is None:
        raise NoSuchResident()
    if latest.aadhaar_ref == reference:
        return None
    correction = Correction(
        NUMBER,
        member_id,
        latest.family_id,
        columns_of(latest),
        {"aadhaar_ref": reference, "aadhaar_last4": last4},
        str(member_id),
        latest.belief_no + 1,
        max(timezone.localdate(), latest.known_from),
        latest.fingerprint,
    )
    try:
        with acting(actor, "fact.correct"):
            return append(actor, correction, evidence)
    except IntegrityError as error:
        # two officers at the same moment: the number of a belief is taken once
        raise CorrectedMeanwhile() from error


def keep_proven(actor: Actor, delivery_id: int) -> int:
    """Let everybody whose row came with this delivery keep the number that was proven; returns how many rows said otherwise.

    Part of the transaction that stores the file. Whose row says another number stands in the audit trail.
    """
    values = {name: f"r.{name}" for name in NAMES}
    values |= {"aadhaar_ref": "p.aadhaar_ref", "aadhaar_last4": "p.aadhaar_last4"}
    values |= {"belief_no": "r.belief_no + 1", "line": "0"}
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH kept AS (INSERT INTO registry_resident_belief ({', '.join(values)}) SELECT {', '.join(values.values())}"
            f" FROM ({_PROVEN.format(more='')}) p"
            " CROSS JOIN LATERAL (SELECT * FROM registry_resident_belief b WHERE b.member_id = p.member_id"
            "  ORDER BY b.belief_no DESC LIMIT 1) r"
            " WHERE r.delivery_id = %s AND r.aadhaar_ref IS DISTINCT FROM p.aadhaar_ref RETURNING member_id, belief_no)"
            " SELECT i.key::text, b.aadhaar_ref IS NOT NULL FROM kept k JOIN registry_resident i USING (member_id)"
            " JOIN registry_resident_belief b ON b.member_id = k.member_id AND b.belief_no = k.belief_no - 1",
            [delivery_id],
        )
        rows = cursor.fetchall()
    said = {"fact": NUMBER.code, "kept": "proven", "delivery": delivery_id}
    record_many(actor, "fact.keep", "resident", ((key, None, said) for key, other in rows if other))
    return len(rows)


def contradicted(member_id: int) -> tuple[str, date] | None:
    """The last digits of another number that a file has brought since the person proved one, and since when; None for none.

    It takes no actor: call it for somebody whom the actor may see.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT f.aadhaar_last4, f.known_from FROM ({_PROVEN.format(more=' AND c.member_id = %(id)s')}) p"
            " JOIN LATERAL (SELECT * FROM registry_resident_belief b WHERE b.member_id = p.member_id AND b.line > 0"
            "  AND b.belief_no > p.belief_no ORDER BY b.belief_no DESC LIMIT 1) f ON f.aadhaar_ref <> p.aadhaar_ref",
            {"id": member_id},
        )
        row = cursor.fetchone()
    return (str(row[0]), row[1]) if row is not None else None
