"""What was read and waits to be compared lies sealed in the vault: deleted when it is settled, or after its time."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from haqdar.access.actors import Actor, platform
from haqdar.identity.ekyc.persons import PURPOSE
from haqdar.identity.models import EkycCheck
from haqdar.vault import store


def drop(actor: Actor, check: EkycCheck) -> None:
    if check.held is not None:
        store.drop(actor, check.held)
        EkycCheck.objects.filter(pk=check.pk).update(held=None)


def sweep(now: datetime | None = None) -> int:
    """Delete what the vault holds beyond its time, and close the checks whose time is over; returns their number."""
    store.clear(platform(PURPOSE))
    return EkycCheck.objects.filter(finished_at=None, until__lt=now or timezone.now()).update(
        finished_at=timezone.now(), outcome="over", held=None
    )
