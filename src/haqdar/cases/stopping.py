"""Stops: confirmed with their notice, withdrawn when a fact was wrong, reversed when the award has ended already.

A stop for a reported death or a migration takes effect at once and is reversed in one step, with arrears. Every other stop waits
for its notice, which the database itself insists on (trigger `stop_has_its_notice` of `AwardChange`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting, require
from haqdar.base.refusal import Refusal, Words
from haqdar.cases import afterwards, holding, letters, merged, reactions
from haqdar.cases.casework import add_step, advance, case_by_key
from haqdar.cases.models import AwardChange, Case
from haqdar.cases.reactions import Decision
from haqdar.entitlement.kin import News
from haqdar.law import load_lawbook
from haqdar.registry import events
from haqdar.registry.events import Event
from haqdar.registry.merges import survivor_of
from haqdar.registry.models import WITHDRAWN, EventBelief

AT_ONCE = letters.AT_ONCE
"""Reasons that end an award without waiting for the notice to run out."""


class NotAStop(Refusal):
    """The case is about something else."""

    code = "not_a_stop"
    en = "Case {number} is not about a stop."
    hi = "प्रकरण {number} पेंशन बंद होने का नहीं है।"


class StopStillFollows(Refusal):
    """By the facts as they stand, the pension stops."""

    code = "stop_still_follows"
    en = "By the facts as recorded now the pension still stops. Correct the fact that is wrong first; then the stop can be withdrawn."
    hi = "अभी दर्ज तथ्यों के अनुसार पेंशन फिर भी बंद होती है। पहले जो तथ्य ग़लत है उसे सुधारें; तब इसे वापस लिया जा सकता है।"


class StoppedAlready(Refusal):
    """The award has ended; restoring is the way back."""

    code = "stopped_already"
    en = "The pension has stopped already. Restore it: then the missed months are paid, too."
    hi = "पेंशन बंद हो चुकी है। इसे फिर शुरू करें: तब छूटे महीने भी मिलेंगे।"


class NothingToRestore(Refusal):
    """No award of the person in this group was stopped, or it goes on again."""

    code = "nothing_to_restore"
    en = "There is no stopped pension to restore here: it goes on, or was never stopped. Nothing was changed."
    hi = "यहाँ फिर शुरू करने के लिए कोई बंद पेंशन नहीं है: वह चल रही है या बंद हुई ही नहीं। कुछ नहीं बदला।"


class NotEntitledAgain(Refusal):
    """A stop for a lost condition is only reversed when the condition holds again."""

    code = "not_entitled_again"
    en = "By the facts as recorded now the person does not meet the conditions ({why}). Correct the wrong fact first."
    hi = "अभी दर्ज तथ्यों के अनुसार व्यक्ति शर्तें पूरी नहीं करता ({why})। पहले ग़लत तथ्य सुधारें।"


@dataclass(frozen=True)
class Standing:
    """How a stop stands: the notice that runs (None: none), the change that ended the award (None: not yet)."""

    given_month: date | None
    effective_month: date | None
    stopped: AwardChange | None
    objection: Case | None

    @property
    def at_once(self) -> bool:
        """Whether the award ended without waiting."""
        return self.stopped is not None and self.stopped.reason in AT_ONCE


@dataclass(frozen=True)
class ToRestore:
    """What restoring would do: the stop that is reversed, what is held again, and the events that are taken back."""

    case: Case
    stop: AwardChange
    scheme: str
    paise: int
    events: tuple[Event, ...]
    fingerprints: tuple[UUID, ...]

    @property
    def news(self) -> News:
        """The events taken back, for a preview."""
        rows = tuple(("event", one.event_id, {**one.row, "kind": WITHDRAWN}) for one in self.events)
        return News(rows=rows)


def standing_of(case: Case) -> Standing:
    """How the stop of `case` stands beside the run in force; the caller has checked who may see it."""
    given, effective = None, None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT n.given_month, n.effective_month FROM cases_notice n JOIN cases_month_run r ON r.id = n.run_id"
            " WHERE n.member_id = %s AND n.pension_group = %s AND n.kind = %s AND r.state = 'complete' AND r.posted"
            " AND r.month = (SELECT max(month) FROM cases_month_run WHERE state = 'complete' AND posted)",
            [case.member_id, case.pension_group, case.kind],
        )
        row = cursor.fetchone()
        if row is not None:
            given, effective = row
    stopped = _last_change(case)
    if stopped is not None and stopped.kind != AwardChange.Kind.STOP:
        stopped = None
    objection = Case.objects.filter(
        kind="objection",
        closed_at=None,
        about__member_id=case.member_id,
        about__pension_group=case.pension_group,
    ).first()
    return Standing(given, effective, stopped, objection)


def decision_now(case: Case) -> Decision | None:
    """What the next day of determination brings for the case's person and group, with what is known today."""
    if case.member_id is None or case.pension_group is None:
        return None
    day = reactions.next_day(reactions.last_run())
    with transaction.atomic():
        outlook = reactions.outlook([case.member_id], [], [], News(), day)
    return outlook.after.get((case.member_id, case.pension_group))


def confirm_stop(actor: Actor, key: UUID | str, note: str = "") -> Case:
    """Confirm a stop: its letter goes out, unless the platform sent it when the month was posted. Raises what `advance` raises."""
    actor = require(actor, "stop.confirm")
    case = _stop_case(actor, key, "stop.confirm")
    standing = standing_of(case)
    with transaction.atomic():
        case = advance(
            actor,
            key,
            "stop.confirm",
            outcome="confirmed",
            reason=case.reason,
            note=note.strip(),
            details={
                "notice_given": standing.given_month.isoformat() if standing.given_month else "",
                "effective": standing.effective_month.isoformat() if standing.effective_month else "",
                "at_once": case.reason in AT_ONCE,
            },
        )
        letters.send_missing(actor, case)
    return case


def withdraw_stop(actor: Actor, key: UUID | str, reason: str, note: str) -> Case:
    """Withdraw a stop whose fact was wrong and is corrected now; the next run withdraws the notice by itself.

    Raises `StopStillFollows`, `StoppedAlready` and what `advance` raises.
    """
    actor = require(actor, "stop.confirm")
    case = _stop_case(actor, key, "stop.confirm")
    if standing_of(case).stopped is not None:
        raise StoppedAlready()
    decision = decision_now(case)
    # the second pension of a merged person ends until the merge is undone: nobody is decided under that number
    doubled = case.reason == merged.SAME_PERSON and survivor_of(case.member_id or 0) != case.member_id
    if doubled or (decision is not None and decision.action == "stop"):
        raise StopStillFollows()
    with transaction.atomic():
        case = advance(actor, key, "stop.confirm", outcome="withdrawn", reason=reason, note=note.strip())
        letters.withdraw_letters(actor, case)
        afterwards.after_withdrawing([case])
    return case


def to_restore(actor: Actor, key: UUID | str) -> ToRestore:
    """What `restore` would do; nothing is written. Raises `NothingToRestore`, `NotEntitledAgain`, ``NoMonthYet``."""
    actor = require(actor, "stop.restore")
    case = _stop_case(actor, key, "stop.restore")
    stop = _last_change(case)
    if stop is None or stop.kind != AwardChange.Kind.STOP or case.member_id is None or case.occasion:
        raise NothingToRestore()
    before = _before(stop)
    if before is None:
        raise NothingToRestore()
    wrong = _wrong_events(case.member_id, stop.reason)
    if not wrong and stop.reason not in AT_ONCE:
        decision = decision_now(case)
        if decision is None or decision.action != "start":
            raise NotEntitledAgain(why=Words(stop.reason, stop.reason))
    return ToRestore(
        case,
        stop,
        before.scheme,
        before.paise or _amount(case, before.scheme),
        tuple(event for event, _ in wrong),
        tuple(fingerprint for _, fingerprint in wrong),
    )


def restore(actor: Actor, key: UUID | str, note: str) -> tuple[Case, list[int]]:
    """Reverse a stop in one step: take the wrong events back and let the award go on from the month it was stopped.

    The next run pays the months that were missed, as arrears. Returns the case and the numbers of the register's changes,
    which `jobs.restoring` carries on. Raises what `to_restore` raises.
    """
    actor = require(actor, "stop.restore")
    with acting(actor, "stop.restore"):
        case = _stop_case(actor, key, "stop.restore")
        holding.lock_person(case.member_id or 0)
        run = holding.run_in_force()
        case = Case.objects.select_for_update().get(pk=case.pk)
        plan = to_restore(actor, key)
        numbers = [
            events.withdraw_event(actor, plan.stop.member_id, fingerprint)
            for fingerprint in plan.fingerprints
        ]
        # withdrawing an event is an act of its own; what follows belongs to this one again
        with acting(actor, "stop.restore"):
            holding.award(
                run,
                plan.stop.member_id,
                plan.stop.pension_group,
                plan.scheme,
                plan.paise,
                "restored",
                actor.name,
            )
            details: dict[str, Any] = {
                "scheme": plan.scheme,
                "paise": plan.paise,
                "stopped": str(plan.stop.decided_month),
            }
            if case.closed_at is None:
                case = advance(
                    actor,
                    key,
                    "stop.restore",
                    expected=case.awaits,
                    outcome="withdrawn",
                    reason="restored",
                    note=note.strip(),
                    details=details,
                )
            else:
                add_step(actor, case, "stop.restore", "restored", note.strip(), details)
                record(actor, "stop.restore", "case", str(case.key), new=details)
            afterwards.after_restoring(actor, case, plan.scheme, plan.paise, plan.stop.decided_month)
    return case, numbers


def _stop_case(actor: Actor, key: UUID | str, verb: str) -> Case:
    case = case_by_key(actor, key, verb)
    if case.kind != "stop":
        raise NotAStop(number=case.number)
    return case


def _last_change(case: Case) -> AwardChange | None:
    if case.member_id is None or case.pension_group is None:
        return None
    return (
        AwardChange.objects.filter(
            member_id=case.member_id,
            pension_group=case.pension_group,
            occasion="",
            run__state="complete",
            run__posted=True,
        )
        .order_by("-decided_month", "-id")
        .first()
    )


def _before(stop: AwardChange) -> holding.Holding | None:
    """What was held until the stop: as its run's work list says, which knows the registers' awards, too."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT from_scheme, from_paise FROM cases_work_item WHERE run_id = %s AND member_id = %s"
            " AND pension_group = %s AND action = 'stop' AND occasion = '' AND from_scheme IS NOT NULL",
            [stop.run_id, stop.member_id, stop.pension_group],
        )
        row = cursor.fetchone()
    return holding.Holding(row[0], row[1]) if row is not None else None


def _amount(case: Case, scheme: str) -> int:
    """The lowest amount of the scheme: what an award without an amount of its own stands at; the next run sets it right."""
    law = load_lawbook(settings.HAQDAR_LAW).on(reactions.next_day(reactions.last_run()))
    found = next((one for one in law.schemes if one.code == scheme), None)
    if found is None:
        raise NothingToRestore()
    return min(band.paise for band in found.bands)


def _wrong_events(member_id: int, reason: str) -> list[tuple[Event, UUID]]:
    """The believed events that a stop for this reason rests on: every death; the last move out of the State."""
    kinds = {"died": ("death",), "migrated": ("migration_out", "migration_in")}.get(reason, ())
    latest: dict[str, EventBelief] = {}
    for belief in EventBelief.objects.filter(member_id=member_id).order_by("belief_no"):
        latest[belief.event_id] = belief
    found = sorted(
        (one for one in latest.values() if one.kind in kinds), key=lambda one: (one.happened_on, one.event_id)
    )
    if reason == "migrated":
        found = found[-1:] if found and found[-1].kind == "migration_out" else []
    return [
        (
            Event(one.event_id, one.member_id, one.kind, one.happened_on, one.reported_on, one.spouse_id),
            one.fingerprint,
        )
        for one in found
    ]
