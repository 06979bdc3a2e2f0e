"""The running clock: cases over their limit are escalated, the clock stands still while an applicant must act, penalties and
what they give the applicant are worked out and entered.

Madhya Pradesh Lok Sewa Guarantee Act 2010, sections on appeals and penalties: the second appellate authority may make a late
officer pay an amount for each day, up to a most, and may give it to the applicant.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting, require, require_area
from haqdar.access.queries import path_of_area
from haqdar.base.money import indian
from haqdar.base.refusal import Refusal, Words
from haqdar.cases.casework import AlreadyMoved, NoSuchCase, add_step
from haqdar.cases.clock import service_on, services
from haqdar.cases.models import Case, ClockPause, Compensation, PenaltyDecision
from haqdar.cases.offices import office_of
from haqdar.cases.orders import issue_order
from haqdar.cases.pauses import end_pause
from haqdar.cases.telling import tell_about

AT_A_TIME = 200_000
"""Late cases that one transaction of the daily job takes."""
DEEMED_KINDS = ("application", "start")


MAY_PAUSE = ("start", "application")
"""The kinds of case whose clock may stand still while the applicant must act."""


class ClockGoesOn(Refusal):
    """Nothing that the applicant must do is named, or the case waits for no applicant."""

    code = "clock_goes_on"
    en = "The clock of case {number} goes on: it stands still only for an application or start, and only with a note of what the applicant must bring."
    hi = "प्रकरण {number} की समय-सीमा चलती रहेगी: वह केवल आवेदन या नई पेंशन में रुकती है, और तभी जब लिखा हो कि आवेदक को क्या लाना है।"


class ClockStands(Refusal):
    """The clock of the case is stopped already, or there is no clock to stop."""

    code = "clock_stands"
    en = "The clock of case {number} does not run, so it cannot be stopped."
    hi = "प्रकरण {number} की घड़ी चल ही नहीं रही, इसलिए रोकी नहीं जा सकती।"


class ClockRuns(Refusal):
    """The clock of the case is running."""

    code = "clock_runs"
    en = "The clock of case {number} is running already."
    hi = "प्रकरण {number} की घड़ी पहले से चल रही है।"


class NoPenaltyOpen(Refusal):
    """The case is not late, its service has no penalty, or a penalty was decided."""

    code = "no_penalty_open"
    en = "There is no penalty to decide for case {number}: it was in time, its service has none, or one was decided already."
    hi = "प्रकरण {number} में शास्ति का निर्णय बाक़ी नहीं है: वह समय पर था, सेवा में शास्ति नहीं है, या निर्णय हो चुका है।"


class NotWithinTheProposal(Refusal):
    """The penalty is more than the law allows, or a reason is missing."""

    code = "not_within_the_proposal"
    en = "The penalty must lie between ₹0 and ₹{most}, with a reason from the list."
    hi = "शास्ति ₹0 से ₹{most} के बीच हो, और सूची से एक कारण चुनें।"


@dataclass(frozen=True)
class Ran:
    """What one run of the clock did."""

    escalated: int
    deemed: int
    keys: tuple[UUID, ...] = ()


@dataclass(frozen=True)
class Proposal:
    """What a late case may cost the officer, in paise, and who is the officer."""

    days_late: int
    paise: int
    a_day: int
    most: int
    limit_days: int
    due_on: date
    until: date
    to_applicant: int


def pause(actor: Actor, key: UUID | str, reason: str, note: str = "") -> Case:
    """Stop the clock of a case while the applicant must act; whoever may do what the case waits for may stop it.

    Only a start or an application waits for its applicant: an office cannot stop the clock of an appeal or grievance against
    itself. `note` says what is missing. Raises `NoSuchCase`, `ClockGoesOn`, `ClockStands`, ``NotYourFunction``, ``OutsideYourArea``.
    """
    with transaction.atomic():
        case = _locked(actor, key)
        actor = require(actor, case.awaits)
        require_area(actor, path_of_area(case.area_code))
        if case.kind not in MAY_PAUSE or not note.strip():
            raise ClockGoesOn(number=case.number)
        if case.due_on is None:
            raise ClockStands(number=case.number)
        with acting(actor, "clock.pause"):
            today = timezone.localdate()
            ClockPause.objects.create(
                case=case,
                reason=reason,
                note=note,
                started_on=today,
                due_on_was=case.due_on,
                started_by=actor.name,
            )
            Case.objects.filter(pk=case.pk).update(due_on=None)
            add_step(actor, case, "clock.pause", reason, note, {"due_on": case.due_on.isoformat()})
            record(actor, "clock.pause", "case", str(case.key), new={"reason": reason})
        case.due_on = None
    return case


def resume(actor: Actor, key: UUID | str, note: str = "") -> Case:
    """Let the clock run again: the limit moves by the days for which it stood still.

    Raises `NoSuchCase`, `ClockRuns`, ``NotYourFunction``, ``OutsideYourArea``.
    """
    with transaction.atomic():
        case = _locked(actor, key)
        actor = require(actor, case.awaits)
        require_area(actor, path_of_area(case.area_code))
        with acting(actor, "clock.resume"):
            ended = end_pause(case, actor.name)
            if ended is None:
                raise ClockRuns(number=case.number)
            case.due_on, days = ended
            Case.objects.filter(pk=case.pk).update(due_on=case.due_on)
            add_step(actor, case, "clock.resume", "", note, {"days": days, "due_on": case.due_on.isoformat()})
            record(actor, "clock.resume", "case", str(case.key), new={"days": days})
    return case


def _locked(actor: Actor, key: UUID | str) -> Case:
    case = Case.objects.select_for_update().filter(key=key).first()
    if case is None:
        raise NoSuchCase()
    if case.closed_at is not None:
        raise AlreadyMoved(number=case.number)
    return case


def run_clock(actor: Actor, day: date) -> Ran:
    """Escalate every case whose limit passed before `day`, and deem approved where a service says so.

    Works in sets of `AT_A_TIME`, each in a transaction of its own: it can be killed and run again, and run twice it does
    nothing more. `keys` of the result are the cases that became late now, for the message to their applicants.
    """
    late: list[UUID] = []
    escalated = 0
    for level, (after, _offices) in enumerate(services().escalation):
        while True:
            keys = _escalate(actor, day, level, after)
            escalated += len(keys)
            if level == 0:
                late += keys
            if len(keys) < AT_A_TIME:
                break
    return Ran(escalated, _deem(actor, day), tuple(late))


def _escalate(actor: Actor, day: date, level: int, after: int) -> list[UUID]:
    with acting(actor, "clock.escalate"), connection.cursor() as cursor:
        cursor.execute(
            _ESCALATE,
            {"day": day, "level": level, "after": after, "limit": AT_A_TIME, "actor": actor.name},
        )
        keys = [row[0] for row in cursor.fetchall()]
        if keys:
            record(
                actor, "clock.escalate", "clock", day.isoformat(), new={"level": level, "cases": len(keys)}
            )
    return keys


# The index on due_on leads to the late ones; `ON CONFLICT` makes a second run of the same day do nothing.
_ESCALATE = """
    WITH late AS (
        SELECT c.id, c.due_on, c.awaits FROM cases_case c
        WHERE c.closed_at IS NULL AND c.due_on < %(day)s::date - %(after)s::int
          AND NOT EXISTS (SELECT 1 FROM cases_escalation e
                          WHERE e.case_id = c.id AND e.level = %(level)s AND e.due_on = c.due_on)
        ORDER BY c.due_on LIMIT %(limit)s FOR UPDATE SKIP LOCKED),
    added AS (
        INSERT INTO cases_escalation (case_id, level, awaits, due_on, escalated_on)
        SELECT id, %(level)s, awaits, due_on, %(day)s FROM late ON CONFLICT DO NOTHING
        RETURNING case_id, awaits, due_on),
    stepped AS (
        INSERT INTO cases_case_step (case_id, at, verb, actor, role, awaited, awaits, outcome, reason, note, details)
        SELECT case_id, now(), 'clock.escalate', %(actor)s, '', awaits, awaits, '', 'limit_passed', '',
            jsonb_build_object('level', %(level)s::int, 'due_on', due_on) FROM added)
    SELECT c.key FROM added JOIN cases_case c ON c.id = added.case_id"""


def _deem(actor: Actor, day: date) -> int:
    """Cases of services with deemed approval whose limit passed go to the sanction, marked as deemed approved."""
    wanted = [
        (draft.code, since, value)
        for draft in services().drafts
        for since, value, _ in draft.deemed_approval.values
    ]
    codes = sorted({code for code, _, value in wanted if value})
    if not codes:
        return 0
    deemed = 0
    with acting(actor, "clock.deem"), connection.cursor() as cursor:
        for code in codes:
            spans = [(since, bool(value)) for named, since, value in wanted if named == code]
            for place, (since, value) in enumerate(spans):
                if not value:
                    continue
                until = spans[place + 1][0] if place + 1 < len(spans) else date.max
                cursor.execute(
                    _DEEM,
                    {
                        "day": day,
                        "service": code,
                        "since": since,
                        "until": until,
                        "kinds": list(DEEMED_KINDS),
                        "actor": actor.name,
                    },
                )
                deemed += cursor.rowcount
        if deemed:
            record(actor, "clock.deem", "clock", day.isoformat(), new={"cases": deemed})
    return deemed


_DEEM = """
    WITH late AS (
        SELECT id, awaits FROM cases_case c
        WHERE c.closed_at IS NULL AND c.due_on < %(day)s AND c.service = %(service)s AND c.kind = ANY(%(kinds)s)
          AND c.opened_on >= %(since)s AND c.opened_on < %(until)s
          AND c.awaits IN ('case.verify', 'case.sanction') AND NOT c.details ? 'deemed_on'
        FOR UPDATE SKIP LOCKED),
    moved AS (
        UPDATE cases_case c SET awaits = 'case.sanction', since_at = now(),
            details = c.details || jsonb_build_object('deemed_on', %(day)s::date)
        FROM late WHERE c.id = late.id RETURNING c.id, late.awaits AS awaited)
    INSERT INTO cases_case_step (case_id, at, verb, actor, role, awaited, awaits, outcome, reason, note)
    SELECT id, now(), 'clock.deem', %(actor)s, '', awaited, 'case.sanction', '', 'deemed_approval', '' FROM moved"""


def penalty_proposal(case: Case, on: date) -> Proposal | None:
    """The proposal for a late case as of `on`; None where it was in time or its service has no penalty.

    An open case is late until `on`, a closed one until the day it was closed; days for which the clock stood still are in its
    limit already. A case reopened by an appeal counts from its first limit.
    """
    service = service_on(case.service, case.kind, case.opened_on)
    due = _limit_day(case)
    if service is None or service.penalty is None or due is None:
        return None
    until = _decided_on(case) or on
    days = services().holidays.between(due, min(until, on), service.limit.working)
    if days <= 0:
        return None
    penalty = service.penalty
    return Proposal(
        days_late=days,
        paise=penalty.proposed(days),
        a_day=penalty.paise_a_day,
        most=penalty.most_paise,
        limit_days=service.limit.days,
        due_on=due,
        until=min(until, on),
        to_applicant=penalty.to_applicant,
    )


def _limit_day(case: Case) -> date | None:
    first = case.details.get("first_due_on")
    return date.fromisoformat(first) if first else case.due_on


def _decided_on(case: Case) -> date | None:
    first = case.details.get("first_decided_on")
    if first:
        return date.fromisoformat(first)
    at: datetime | None = case.closed_at
    return timezone.localdate(at) if at is not None else None


def decide_penalty(
    actor: Actor,
    key: UUID | str,
    imposed_paise: int,
    reason: str,
    note: str = "",
    appeal: Case | None = None,
) -> PenaltyDecision:
    """Impose a penalty for a late case, or none with a reason; the applicant's part goes into the compensation ledger.

    Raises `NoSuchCase`, `NoPenaltyOpen`, `NotWithinTheProposal`, ``NotYourFunction``, ``OutsideYourArea``.
    """
    actor = require(actor, "penalty.impose")
    with acting(actor, "penalty.impose"):
        case = Case.objects.select_for_update().filter(key=key).first()
        if case is None:
            raise NoSuchCase()
        require_area(actor, path_of_area(case.area_code))
        proposal = penalty_proposal(case, timezone.localdate())
        if proposal is None or PenaltyDecision.objects.filter(case=case).exists():
            raise NoPenaltyOpen(number=case.number)
        words = services().appeals.penalties["imposed" if imposed_paise else "waived"]
        if not 0 <= imposed_paise <= proposal.paise or reason not in words:
            raise NotWithinTheProposal(most=proposal.paise // 100)
        now = timezone.now()
        decision = PenaltyDecision.objects.create(
            case=case,
            appeal=appeal,
            office_code=office_of(case.area_code, "case.sanction").office_code,
            days_late=proposal.days_late,
            proposed_paise=proposal.paise,
            imposed_paise=imposed_paise,
            reason=reason,
            note=note,
            decided_at=now,
            decided_by=actor.name,
        )
        given = imposed_paise * proposal.to_applicant // 100
        if given:
            Compensation.objects.create(
                penalty=decision,
                case=case,
                resident_key=case.resident_key,
                member_id=case.member_id,
                paise=given,
                entered_at=now,
                entered_by=actor.name,
            )
            tell_about(actor.name, "compensation", case, amount=indian(given))
        if imposed_paise:
            issue_order(
                actor,
                case,
                "penalty",
                reason_words=[Words(words[reason].en, words[reason].hi)],
                note=note,
                values={"penalty_paise": imposed_paise, "days": proposal.days_late},
            )
        add_step(
            actor,
            case,
            "penalty.impose",
            reason,
            note,
            {
                "days": proposal.days_late,
                "proposed": proposal.paise,
                "imposed": imposed_paise,
                "to_applicant": given,
            },
        )
        record(
            actor,
            "penalty.impose",
            "case",
            str(case.key),
            new={
                "proposed": proposal.paise,
                "imposed": imposed_paise,
                "to_applicant": given,
                "reason": reason,
            },
        )
    return decision


def pauses_of(case: Case) -> list[ClockPause]:
    """When and why the clock of the case stood still, oldest first; the caller has checked who may see the case."""
    return list(ClockPause.objects.filter(case=case).order_by("started_on", "id"))


def open_penalties(actor: Actor, limit: int = 200) -> list[dict[str, Any]]:
    """Late cases of guaranteed services in the actor's area about which no penalty was decided, the latest first."""
    actor = require(actor, "penalty.impose")
    codes = [
        draft.code
        for draft in services().drafts
        if any(value is not None for _, value, _ in draft.penalty.values)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            _OPEN_PENALTIES,
            {
                "patterns": actor.path_patterns(),
                "codes": codes,
                "today": timezone.localdate(),
                "limit": limit,
            },
        )
        ids = [row[0] for row in cursor.fetchall()]
    cases = {case.pk: case for case in Case.objects.filter(pk__in=ids)}
    today = timezone.localdate()
    found = [(cases[pk], penalty_proposal(cases[pk], today)) for pk in ids]
    return [{"case": case, "proposal": proposal} for case, proposal in found if proposal is not None]


_OPEN_PENALTIES = """
    SELECT c.id FROM cases_case c JOIN access_area a ON a.area_code = c.area_code
    WHERE c.service = ANY(%(codes)s) AND a.path LIKE ANY(%(patterns)s)
      AND coalesce((c.details ->> 'first_due_on')::date, c.due_on) <
          coalesce((c.details ->> 'first_decided_on')::date, (c.closed_at AT TIME ZONE 'Asia/Kolkata')::date, %(today)s)
      AND c.outcome NOT IN ('lapsed')
      AND NOT EXISTS (SELECT 1 FROM cases_penalty_decision p WHERE p.case_id = c.id)
    ORDER BY coalesce((c.details ->> 'first_due_on')::date, c.due_on), c.id LIMIT %(limit)s"""


def compensation_of(keys: Iterable[int]) -> dict[int, int]:
    """Case id -> paise entered for the applicant."""
    return dict(Compensation.objects.filter(case_id__in=list(keys)).values_list("case_id", "paise"))
