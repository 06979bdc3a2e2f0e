"""The cases of a person as the audit trail and the person's own list of looks need them: keys only."""

from __future__ import annotations

from uuid import UUID

from haqdar.cases.models import Case
from haqdar.registry.models import Resident


def keys_of_cases(resident: UUID) -> list[UUID]:
    """The keys of every case about the resident; the caller has settled who may ask."""
    return list(
        Case.objects.filter(member_id__in=_member(resident))
        .order_by("-id")
        .values_list("key", flat=True)[:500]
    )


def _member(resident: UUID) -> list[int]:
    return list(Resident.objects.filter(key=resident).values_list("member_id", flat=True))
