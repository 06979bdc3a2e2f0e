"""Audit events of an act on many things at once: one event for each, written together."""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from haqdar.access.actors import Actor
from haqdar.access.models.audit import AuditEvent
from haqdar.access.seals import present_key, seal_of


def record_many(
    actor: Actor,
    verb: str,
    object_kind: str,
    things: Iterable[tuple[str, dict[str, Any] | None, dict[str, Any] | None]],
) -> int:
    """Add an audit event for each (opaque key, old, new), in the transaction of the write; returns how many."""
    at = timezone.now()
    function = actor.function or verb
    key_of_seal = present_key()
    events = AuditEvent.objects.bulk_create(
        (
            AuditEvent(
                at=at,
                actor=actor.name,
                ip=actor.ip,
                function=function,
                verb=verb,
                object_kind=object_kind,
                object_key=key,
                old=old,
                new=new,
                seal=seal_of(
                    key_of_seal, at, actor.name, actor.ip, function, verb, object_kind, key, old, new
                ),
            )
            for key, old, new in things
        ),
        batch_size=2000,
    )
    return len(events)
