"""A closed case is opened again: by an appellate order, or by a citizen whom an answer did not satisfy."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone

from haqdar.access.actions import record
from haqdar.access.actors import Actor
from haqdar.cases.casework import write_step
from haqdar.cases.models import Case


def reopen(
    actor: Actor,
    case: Case,
    verb: str,
    awaits: str,
    due_on: date,
    reason: str,
    note: str = "",
    details: dict[str, Any] | None = None,
    kept: dict[str, Any] | None = None,
) -> None:
    """Let a case wait for `awaits` until `due_on`, whether it was closed or is still open.

    The caller has locked the case, checked the permission and runs it in its own `acting` transaction. `details` go onto the
    step, `kept` onto the case. What was decided first and how late it was stays known for the penalty.

    A newer open case of the same work item (a later month listed it again) is closed: this one goes before it.
    """
    now = timezone.now()
    for newer in Case.objects.select_for_update().filter(
        member_id=case.member_id,
        pension_group=case.pension_group,
        kind=case.kind,
        from_scheme=case.from_scheme,
        occasion=case.occasion,
        closed_at=None,
        member_id__isnull=False,
    ):
        if newer.pk != case.pk:
            awaited = newer.awaits
            newer.awaits, newer.outcome, newer.closed_at, newer.since_at = "", "lapsed", now, now
            newer.save(update_fields=["awaits", "outcome", "closed_at", "since_at"])
            write_step(
                actor, newer, verb, awaited, "", "lapsed", "older_case_reopened", "", {"case": case.number}
            )
    awaited, outcome, closed_at = case.awaits, case.outcome, case.closed_at
    first: dict[str, Any] = {}
    if case.due_on is not None and "first_due_on" not in case.details:
        first["first_due_on"] = case.due_on.isoformat()
        if closed_at is not None:
            first["first_decided_on"] = timezone.localdate(closed_at).isoformat()
    case.awaits, case.outcome, case.closed_at, case.since_at, case.due_on = awaits, "", None, now, due_on
    case.details = {**case.details, **first, **(kept or {})}
    case.save(update_fields=["awaits", "outcome", "closed_at", "since_at", "due_on", "details"])
    write_step(actor, case, verb, awaited, awaits, "", reason, note, details or {})
    record(
        actor,
        verb,
        "case",
        str(case.key),
        old={"awaits": awaited, "outcome": outcome},
        new={"awaits": awaits, "reason": reason},
    )
