"""Appeals: who may ask for one until when, who may not hear it, and what a decision does to the case appealed against.

Madhya Pradesh Lok Sewa Guarantee Act 2010: a first appeal against a rejection, a stop or lateness goes to the first appellate
officer, a second one against his decision to the second appellate authority, who also decides about a penalty.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from haqdar.access.actors import Actor, acting, require, require_area
from haqdar.access.queries import path_of_area
from haqdar.base.refusal import Refusal, Words
from haqdar.cases.casework import NoSuchCase, Opened, advance, open_case
from haqdar.cases.clock import file_until, service_on, services
from haqdar.cases.models import Case
from haqdar.cases.offices import office_of
from haqdar.cases.orders import issue_order
from haqdar.cases.reopening import reopen
from haqdar.cases.telling import tell_about
from haqdar.registry.sealing import MOBILE, sealer

VERBS = {"appeal": "appeal.decide", "second_appeal": "second_appeal.decide"}
OUTCOMES = ("reversed", "remanded", "upheld")
DECIDING = (
    "case.sanction",
    "case.reject",
    "case.note",
    "stop.confirm",
    "objection.decide",
    "appeal.decide",
    "second_appeal.decide",
)
"""The verbs whose actor decided the case: he may not hear the appeal against it."""
AGAINST = ("rejected", "confirmed", "noted", "refused")
"""Outcomes that can be appealed against; a case that is still open can be once it is late."""
# kind -> what it waits for after (a reversal, a remand)
_AFTER: dict[str, tuple[str, str]] = {
    "application": ("case.sanction", "case.verify"),
    "start": ("case.sanction", "case.verify"),
    "stop": ("stop.restore", "stop.confirm"),
    "move": ("case.note", "case.note"),
    "revise": ("case.note", "case.note"),
    "objection": ("objection.decide", "objection.decide"),
}
_OUTCOME_WORDS = {
    "upheld": Words("the decision stands", "पहले का निर्णय बना रहा"),
    "reversed": Words("decided in your favour", "निर्णय आपके पक्ष में"),
    "remanded": Words("to be examined again", "प्रकरण दोबारा जाँचा जाएगा"),
}
REHEARING_DAYS = 15
"""Days in which an appellate order is to be carried out."""


class NothingToAppeal(Refusal):
    """The case was not decided against anybody and is not late."""

    code = "nothing_to_appeal"
    en = "There is nothing to appeal against in case {number}: it was not refused, and its limit has not passed."
    hi = "प्रकरण {number} में अपील की कोई बात नहीं है: वह अस्वीकार नहीं हुआ और उसकी समय-सीमा बीती नहीं है।"


class AppealOpen(Refusal):
    """The same decision is being heard already."""

    code = "appeal_open"
    en = "An appeal in this case is being heard: {number}."
    hi = "इस प्रकरण की अपील पर सुनवाई चल रही है: {number}।"


class LateReasonMissing(Refusal):
    """The limit to file has passed and nothing was said about it."""

    code = "late_reason_missing"
    en = "The limit for this appeal ended on {until}. Say why it comes late; the officer decides whether to hear it."
    hi = "इस अपील की समय-सीमा {until} को पूरी हुई। देर का कारण लिखें; सुनवाई होगी या नहीं, यह अधिकारी तय करेंगे।"


class NoAppealHere(Refusal):
    """The service has no appeal of this level."""

    code = "no_appeal_here"
    en = "No further appeal to an officer is possible in case {number}."
    hi = "प्रकरण {number} में अधिकारी के पास आगे अपील नहीं हो सकती।"


class DecidedYourself(Refusal):
    """Who decided may not hear the appeal."""

    code = "decided_yourself"
    en = "You decided case {number} yourself; another officer must hear this appeal."
    hi = "प्रकरण {number} पर निर्णय आपने ही दिया था; यह अपील कोई दूसरा अधिकारी सुनेगा।"


class NoSuchReason(Refusal):
    """The reason is not one of the list for this decision."""

    code = "no_such_reason"
    en = "Choose a decision and a reason for it from the list."
    hi = "निर्णय और उसका कारण सूची में से चुनें।"


@dataclass(frozen=True)
class Possible:
    """An appeal that may be filed: its kind, against what was decided when, and until which day in time."""

    kind: str
    against: Case
    decided_on: date
    until: date
    late: bool
    overdue: bool

    @property
    def level(self) -> int:
        """1 for a first, 2 for a second appeal."""
        return 1 if self.kind == "appeal" else 2


def possible_appeal(case: Case) -> Possible:
    """The appeal that somebody may file now about the case of a number.

    An appeal that was decided leads to the second one, whichever of the two numbers was typed. Raises `NothingToAppeal`,
    `AppealOpen`, `NoAppealHere`.
    """
    today = timezone.localdate()
    latest = Case.objects.filter(about=case, kind__in=VERBS).order_by("-id").first()
    if latest is not None and latest.closed_at is None:
        raise AppealOpen(number=latest.number)
    if latest is not None and case.kind not in VERBS and (case.closed_at is None or _older(case, latest)):
        return possible_appeal(latest)
    if case.kind == "second_appeal" or (case.kind == "appeal" and latest is not None):
        raise NoAppealHere(number=case.number)
    if case.kind == "appeal":
        if case.outcome not in ("upheld", "remanded") or case.closed_at is None:
            raise NothingToAppeal(number=case.number)
        return _possible("second_appeal", case, timezone.localdate(case.closed_at), today, False)
    if case.closed_at is None:
        if case.kind not in _AFTER or case.due_on is None or case.due_on >= today:
            raise NothingToAppeal(number=case.number)
        return _possible("appeal", case, case.due_on, today, True)
    if case.outcome not in AGAINST:
        raise NothingToAppeal(number=case.number)
    return _possible("appeal", case, timezone.localdate(case.closed_at), today, False)


def _older(case: Case, appeal: Case) -> bool:
    """Whether the case was last decided before the appeal was filed."""
    return case.closed_at is not None and case.closed_at <= appeal.opened_at


def _possible(kind: str, case: Case, decided_on: date, today: date, overdue: bool) -> Possible:
    until = file_until(kind, case.service, decided_on)
    if until is None:
        raise NoAppealHere(number=case.number)
    return Possible(kind, case, decided_on, until, today > until, overdue)


def belongs_to_mobile(case: Case, mobile: str) -> bool:
    """Whether the case was opened with this mobile number; False where none was given."""
    if case.contact_sealed is None or case.key_version is None:
        return False
    return sealer().unseal_one(MOBILE, bytes(case.contact_sealed), case.key_version) == mobile


def file_appeal(
    actor: Actor,
    case: Case,
    ground: str,
    words: str,
    late_reason: str = "",
    mobile: str = "",
    language: str = "hi",
    verb: str = "appeal.file",
) -> Case:
    """File the appeal that is possible about `case`; the caller has checked that it is the appellant's.

    At an office it is typed in with `verb` ``appeal.enter``, which needs the permission in the case's area. A late one needs
    its reason and is flagged. Raises what `possible_appeal` raises, `LateReasonMissing`, `NoSuchReason`.
    """
    possible = possible_appeal(case)
    against = possible.against
    if verb == "appeal.enter":
        actor = require(actor, verb)
        require_area(actor, path_of_area(against.area_code))
    if ground not in services().appeals.grounds:
        raise NoSuchReason()
    if possible.late and not late_reason.strip():
        raise LateReasonMissing(until=possible.until.isoformat())
    details: dict[str, Any] = {
        "ground": ground,
        "words": words,
        "decided_on": possible.decided_on.isoformat(),
    }
    if possible.late:
        details |= {"late": True, "late_reason": late_reason}
    if possible.overdue:
        details["overdue"] = True
    opened = Opened.against(
        against,
        possible.kind,
        service=against.service,
        reason=ground,
        mobile=mobile,
        language=language,
        details=details,
    )
    with acting(actor, verb):
        appeal = open_case(actor, verb, opened)
        office = office_of(appeal.area_code, appeal.awaits)
        tell_about(
            actor.name,
            "appeal_received",
            appeal,
            office=Words(office.name("en"), office.name("hi")),
            due=appeal.due_on,
        )
    return appeal


def decided_case(appeal: Case) -> Case:
    """The case that was first decided, below one appeal or two."""
    found = appeal
    while found.kind in VERBS and found.about is not None:
        found = found.about
    return found


def chain_of(appeal: Case) -> list[Case]:
    """The appeal and what it is against, down to the case that was first decided."""
    found = [appeal]
    while found[-1].kind in VERBS and found[-1].about is not None:
        found.append(found[-1].about)
    return found


def decide_appeal(actor: Actor, key: UUID | str, outcome: str, reason: str, note: str) -> tuple[Case, Case]:
    """Decide an appeal: uphold, reverse or remand; returns the appeal and the case it leads back to.

    A reversal of a refusal lets the case wait for the sanction again, bound by the order; a reversal for lateness or a remand lets
    it be dealt with again within a new limit. Who decided the case may not hear the appeal. Raises `NoSuchCase`,
    `DecidedYourself`, `NoSuchReason`, ``AlreadyMoved``, ``NotYourFunction``, ``OutsideYourArea``.
    """
    found = Case.objects.select_related("about__about").filter(key=key, kind__in=VERBS).first()
    if found is None:
        raise NoSuchCase()
    verb = VERBS[found.kind]
    actor = require(actor, verb)
    require_area(actor, path_of_area(found.area_code))
    if outcome not in OUTCOMES or reason not in services().appeals.decisions[outcome]:
        raise NoSuchReason()
    refuse_own_decision(actor, found)
    with acting(actor, verb):
        appeal = advance(actor, key, verb, outcome=outcome, reason=reason, note=note)
        first = Case.objects.select_for_update().get(pk=decided_case(found).pk)
        if outcome != "upheld":
            _reopen_by_appeal(actor, first, appeal, verb, outcome, reason)
        words = services().appeals.decisions[outcome][reason]
        issue_order(
            actor,
            appeal,
            "appeal",
            reason_words=[Words(words.en, words.hi)],
            note=note,
            values={"outcome": {"en": _OUTCOME_WORDS[outcome].en, "hi": _OUTCOME_WORDS[outcome].hi}},
        )
        _tell_decision(actor, appeal, first, outcome, Words(words.en, words.hi))
    return appeal, first


def _tell_decision(actor: Actor, appeal: Case, first: Case, outcome: str, reason: Words) -> None:
    if outcome == "reversed":
        office = office_of(first.area_code, first.awaits)
        tell_about(actor.name, "appeal_reversed", appeal, office=Words(office.name("en"), office.name("hi")))
    elif outcome == "remanded":
        tell_about(actor.name, "appeal_remanded", appeal, due=first.due_on)
    elif appeal.kind == "appeal":
        until = file_until("second_appeal", appeal.service, timezone.localdate()) or timezone.localdate()
        tell_about(actor.name, "appeal_upheld", appeal, reason=reason, appeal_by=until)
    else:
        tell_about(actor.name, "second_appeal_final", appeal, reason=reason)


def refuse_own_decision(actor: Actor, appeal: Case) -> None:
    """Raise `DecidedYourself` where the actor decided what the appeal is against, at whatever level."""
    for below in chain_of(appeal)[1:]:
        if below.steps.filter(actor=actor.name, verb__in=DECIDING).exists():
            raise DecidedYourself(number=below.number)


def _reopen_by_appeal(actor: Actor, case: Case, appeal: Case, verb: str, outcome: str, reason: str) -> None:
    """Let the decided case wait again for what the appellate order says; the order binds who acts next."""
    refused = case.closed_at is not None
    after_reversal, after_remand = _AFTER[case.kind]
    if outcome == "remanded":
        awaits = after_remand
    else:
        awaits = after_reversal if refused else case.awaits
    reopen(
        actor,
        case,
        "case.reopen",
        awaits,
        timezone.localdate() + timedelta(days=REHEARING_DAYS),
        reason,
        details={"appeal": appeal.number, "outcome": outcome, "verb": verb},
        # a later month may no longer list the case: the order keeps it from lapsing
        kept={
            "appellate_order": {
                "appeal": appeal.number,
                "outcome": outcome,
                "binding": outcome == "reversed" and refused,
            }
        },
    )


def penalty_follows(appeal: Case) -> Case | None:
    """The late case about whose penalty the second appellate authority may decide with this appeal; None for none."""
    first = decided_case(appeal)
    service = service_on(first.service, first.kind, first.opened_on)
    return (
        first
        if appeal.kind == "second_appeal" and service is not None and service.penalty is not None
        else None
    )
