"""Whom the audit trail is searched for: from a member ID or an opaque key to the person, within the auditor's area."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from haqdar.access.actors import Actor, require


@dataclass(frozen=True)
class Subject:
    """A person as the trail names them."""

    key: str
    name_en: str
    name_hi: str
    family_key: str


_SUBJECT = (
    "SELECT r.key::text, coalesce(b.name_en, ''), coalesce(b.name_hi, ''), f.key::text FROM registry_resident r"
    " JOIN LATERAL (SELECT * FROM registry_resident_belief x WHERE x.member_id = r.member_id"
    "  ORDER BY belief_no DESC LIMIT 1) b ON true"
    " JOIN registry_family f ON f.family_id = b.family_id"
    " JOIN LATERAL (SELECT area_code FROM registry_family_belief y WHERE y.family_id = f.family_id"
    "  ORDER BY belief_no DESC LIMIT 1) fb ON true"
    " LEFT JOIN access_area a ON a.area_code = fb.area_code"
)


def subject(actor: Actor, key: UUID) -> Subject | None:
    """The person with this opaque key in the auditor's area; None for nobody there. Needs `audit.view`."""
    return _subject(actor, "r.key = %s", key)


def subject_of_member(actor: Actor, member_id: int) -> Subject | None:
    """The person with this member ID in the auditor's area; None for nobody there. Needs `audit.view`."""
    return _subject(actor, "r.member_id = %s", member_id)


def references_of(actor: Actor, person: Subject) -> tuple[UUID, ...]:
    """The keys by which the vault's log knows a person: the resident's, and the reference of every Aadhaar number ever recorded.

    Needs `vault.audit`.
    """
    require(actor, "vault.audit")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT b.aadhaar_ref FROM registry_resident r JOIN registry_resident_belief b USING (member_id)"
            " WHERE r.key = %s AND b.aadhaar_ref IS NOT NULL",
            [person.key],
        )
        return (UUID(person.key), *(row[0] for row in cursor.fetchall()))


def subjects_of_references(actor: Actor, refs: list[UUID]) -> dict[UUID, Subject]:
    """Whose these references or resident's keys are, where that is one person in the auditor's area. Needs `vault.audit`."""
    actor = require(actor, "vault.audit")
    if not refs:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH one AS (SELECT aadhaar_ref, min(member_id) AS member_id FROM registry_resident_belief"
            " WHERE aadhaar_ref = ANY(%(refs)s) GROUP BY aadhaar_ref HAVING count(DISTINCT member_id) = 1"
            "  UNION ALL SELECT key, member_id FROM registry_resident WHERE key = ANY(%(refs)s))"
            f" SELECT one.aadhaar_ref, {_SUBJECT.removeprefix('SELECT ')} JOIN one ON one.member_id = r.member_id"
            " WHERE %(whole)s OR a.path LIKE ANY(%(paths)s)",
            {"refs": refs, "whole": actor.area_paths is None, "paths": actor.path_patterns()},
        )
        return {row[0]: Subject(*row[1:]) for row in cursor.fetchall()}


def _subject(actor: Actor, where: str, value: Any) -> Subject | None:
    actor = require(actor, "audit.view")
    within, values = "true", [value]
    if actor.area_paths is not None:
        within, values = "a.path LIKE ANY(%s)", [value, actor.path_patterns()]
    with connection.cursor() as cursor:
        cursor.execute(f"{_SUBJECT} WHERE {where} AND {within}", values)
        row = cursor.fetchone()
    return Subject(*row) if row else None
