"""The family of a person who was proven, for what is kept under the family's key."""

from __future__ import annotations

from uuid import UUID

from django.db import connection


def family_key_of(resident: UUID) -> str:
    """The opaque key of the family that the resident belongs to now; empty for none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT f.key::text FROM registry_resident r"
            " JOIN LATERAL (SELECT family_id FROM registry_resident_belief b WHERE b.member_id = r.member_id"
            "  ORDER BY belief_no DESC LIMIT 1) b ON true JOIN registry_family f ON f.family_id = b.family_id"
            " WHERE r.key = %s",
            [resident],
        )
        row = cursor.fetchone()
    return row[0] if row else ""
