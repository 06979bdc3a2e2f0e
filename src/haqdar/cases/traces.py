"""The cases of a person as the audit trail and the person's own list of looks need them: keys only."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q

from haqdar.cases.models import Case, Order
from haqdar.registry.models import Document, Resident


def keys_of_cases(resident: UUID) -> list[UUID]:
    """The keys of every case about the resident; the caller has settled who may ask."""
    return list(
        Case.objects.filter(member_id__in=_member(resident))
        .order_by("-id")
        .values_list("key", flat=True)[:500]
    )


def keys_of_papers(resident: UUID, cases: Sequence[UUID]) -> list[tuple[str, str]]:
    """Kind and key, as the audit trail names them, of the documents of the resident and of `cases`, and of the resident's orders."""
    papers = Document.objects.filter(
        Q(about_kind="resident", about_key=str(resident))
        | Q(about_kind="case", about_key__in=[str(key) for key in cases])
    ).values_list("key", flat=True)
    orders = Order.objects.filter(resident_key=resident).values_list("key", flat=True)
    return [*(("document", str(key)) for key in papers[:500]), *(("order", str(key)) for key in orders[:500])]


def _member(resident: UUID) -> list[int]:
    return list(Resident.objects.filter(key=resident).values_list("member_id", flat=True))
