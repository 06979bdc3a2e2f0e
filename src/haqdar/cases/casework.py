"""What is done to cases: opening one, and each act that moves it on. Reads are in `caselists`.

Every act goes through `advance`, which locks the case, refuses when it no longer waits for that act, writes the step and the
audit event, and tells who acted to the history; what else an act does (an award, a letter, a message) its caller does in the
same transaction.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.utils import timezone

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting, require, require_area
from haqdar.access.queries import path_of_area
from haqdar.base.numbers import number_typed
from haqdar.base.refusal import Refusal
from haqdar.cases.clock import due_on, service_of
from haqdar.cases.models import Case, CaseStep
from haqdar.cases.pauses import end_pause
from haqdar.registry.sealing import MOBILE, sealer

LETTERS: dict[str, str] = {
    "start": "P",
    "application": "A",
    "move": "M",
    "revise": "M",
    "stop": "S",
    "undecided": "U",
    "ghost": "E",
    "duplicate": "E",
    "objection": "O",
    "appeal": "F",
    "second_appeal": "F",
    "grievance": "G",
    "feedback": "G",
    "report": "R",
    "register": "C",
    "payee": "C",
    "payment": "B",
}
"""First letter of a case's number, by kind."""

FIRST_ACT: dict[str, str] = {
    "start": "case.verify",
    "application": "case.verify",
    "move": "case.note",
    "revise": "case.note",
    "stop": "stop.confirm",
    "undecided": "fact.correct",
    "ghost": "case.examine",
    "duplicate": "case.examine",
    "objection": "objection.decide",
    "appeal": "appeal.decide",
    "second_appeal": "second_appeal.decide",
    "grievance": "grievance.answer",
    "feedback": "grievance.answer",
    "report": "case.examine",
    "register": "register.approve",
    "payee": "payee.approve",
    "payment": "payee.change",
}
"""What a new case waits for, by kind: the verb is the permission and the queue on the desk."""


class NoSuchCase(Refusal):
    """There is no case of this number or key where the actor may see it."""

    code = "no_such_case"
    en = "There is no case with this number in your area. Check the number on the receipt."
    hi = "आपके क्षेत्र में इस नंबर का कोई प्रकरण नहीं है। रसीद पर नंबर जाँचें।"


class AlreadyMoved(Refusal):
    """Somebody else acted on the case meanwhile."""

    code = "already_moved"
    en = "Case {number} was dealt with meanwhile by somebody else; open it again to see what happened. Nothing was changed."
    hi = "प्रकरण {number} पर इस बीच किसी और ने कार्रवाई कर दी है; देखने के लिए फिर खोलें। कुछ नहीं बदला।"


class SameOfficer(Refusal):
    """Four eyes: whoever verified or proposed may not decide."""

    code = "same_officer"
    en = "You verified or proposed case {number} yourself; another officer must decide it."
    hi = "प्रकरण {number} आपने ही जाँचा या प्रस्तावित किया था; निर्णय कोई दूसरा अधिकारी करे।"


class OtherKind(Refusal):
    """The page is for another kind of case."""

    code = "other_kind"
    en = "Case {number} is of another kind; open it from your desk and choose what it waits for."
    hi = "प्रकरण {number} दूसरे प्रकार का है; इसे अपने काम की सूची से खोलें और वहाँ लिखा काम चुनें।"


@dataclass(frozen=True)
class Opened:
    """What a new case is about; see the columns of `Case`. `mobile` is the applicant's number in clear and is sealed."""

    kind: str
    area_code: str | None
    service: str = ""
    member_id: int | None = None
    resident_key: UUID | None = None
    pension_group: int | None = None
    scheme: str | None = None
    paise: int | None = None
    from_scheme: str | None = None
    from_paise: int | None = None
    reason: str = ""
    occasion: str = ""
    district_code: str | None = None
    about: Case | None = None
    mobile: str = ""
    language: str = "hi"
    awaits: str = ""
    due_on: date | None = None
    details: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def against(cls, case: Case, kind: str, **more: Any) -> Opened:
        """A case of `kind` about another: the same person, place and award, with whatever `more` says differently."""
        return cls(
            **{
                "kind": kind,
                "area_code": case.area_code,
                "district_code": case.district_code,
                "member_id": case.member_id,
                "resident_key": case.resident_key,
                "pension_group": case.pension_group,
                "scheme": case.scheme,
                "paise": case.paise,
                "from_scheme": case.from_scheme,
                "from_paise": case.from_paise,
                "about": case,
                **more,
            }
        )


def open_case(actor: Actor, verb: str, opened: Opened) -> Case:
    """Open a case and write its first step, whose verb is `verb` (application.submit, appeal.enter …).

    The caller has checked that the actor may ask for this, and runs it in the transaction of what belongs to it.
    """
    now = timezone.now()
    today = timezone.localdate()
    service = opened.service or service_of(opened.kind, opened.scheme, today)
    sealed, version = sealer().seal_one(MOBILE, opened.mobile) if opened.mobile else (None, None)
    with acting(actor, verb):
        case = Case.objects.create(
            letter=LETTERS[opened.kind],
            opened_on=today,
            kind=opened.kind,
            service=service,
            member_id=opened.member_id,
            resident_key=opened.resident_key,
            pension_group=opened.pension_group,
            scheme=opened.scheme,
            paise=opened.paise,
            from_scheme=opened.from_scheme,
            from_paise=opened.from_paise,
            reason=opened.reason,
            occasion=opened.occasion,
            area_code=opened.area_code,
            district_code=opened.district_code,
            awaits=opened.awaits or FIRST_ACT[opened.kind],
            opened_at=now,
            since_at=now,
            due_on=opened.due_on or due_on(opened.kind, service, today),
            about=opened.about,
            contact_sealed=sealed,
            contact_last4=opened.mobile[-4:],
            key_version=version,
            language=opened.language,
            opened_by=actor.name,
            details=opened.details,
        )
        case.refresh_from_db()
        write_step(actor, case, verb, "", case.awaits, "", opened.reason, "", {})
        record(actor, verb, "case", str(case.key), new={"kind": case.kind, "number": case.number})
    return case


def advance(
    actor: Actor,
    key: UUID | str,
    verb: str,
    *,
    awaits: str = "",
    outcome: str = "",
    expected: str | None = None,
    reason: str = "",
    note: str = "",
    details: dict[str, Any] | None = None,
    not_after: tuple[str, ...] = (),
    new_due_on: date | None = None,
) -> Case:
    """Carry out `verb` on the case: it waits for `awaits` afterwards, or is closed with `outcome`.

    `expected` is the verb it must be waiting for (default: `verb` itself). `not_after` are verbs that the same actor must not
    have done on this case (four eyes). Raises `NoSuchCase`, `AlreadyMoved`, `SameOfficer`, ``NotYourFunction``,
    ``OutsideYourArea``. Exactly one of `awaits` and `outcome` is given.
    """
    if bool(awaits) == bool(outcome):
        raise ValueError("a case waits for something or is closed")
    actor = require(actor, verb)
    with acting(actor, verb):
        case = Case.objects.select_for_update().filter(key=key).first()
        if case is None:
            raise NoSuchCase()
        require_area(actor, path_of_area(case.area_code))
        if case.awaits != (verb if expected is None else expected):
            raise AlreadyMoved(number=case.number)
        if not_after and case.steps.filter(actor=actor.name, verb__in=not_after).exists():
            raise SameOfficer(number=case.number)
        awaited, now = case.awaits, timezone.now()
        case.awaits, case.outcome, case.since_at = awaits, outcome, now
        case.closed_at = now if outcome else None
        # an act ends a pause of the clock: what it waited for has come
        ended = end_pause(case, actor.name) if case.due_on is None else None
        if new_due_on is not None:
            case.due_on = new_due_on
        elif ended is not None:
            case.due_on = ended[0]
        case.save(update_fields=["awaits", "outcome", "since_at", "closed_at", "due_on"])
        write_step(actor, case, verb, awaited, awaits, outcome, reason, note, details or {})
        record(
            actor,
            verb,
            "case",
            str(case.key),
            old={"awaits": awaited},
            new={"awaits": awaits, "outcome": outcome, "reason": reason},
        )
    return case


def add_step(
    actor: Actor,
    case: Case,
    verb: str,
    reason: str = "",
    note: str = "",
    details: dict[str, Any] | None = None,
) -> CaseStep:
    """Write a step that leaves the case waiting for what it waited for (a paper handed in, a letter sent).

    The caller has checked the permission and runs it in its own `acting` transaction.
    """
    return write_step(actor, case, verb, case.awaits, case.awaits, case.outcome, reason, note, details or {})


def case_by_key(actor: Actor, key: UUID | str, verb: str = "case.view") -> Case:
    """The case with this opaque key in the actor's area; raises `NoSuchCase`, ``OutsideYourArea``."""
    actor = require(actor, verb)
    case = Case.objects.filter(key=key).first()
    if case is None:
        raise NoSuchCase()
    require_area(actor, path_of_area(case.area_code))
    return case


def case_of_kind(actor: Actor, key: UUID | str, verb: str, kinds: tuple[str, ...]) -> Case:
    """The case of one of `kinds` with this key, for `verb`; raises `NoSuchCase`, ``OutsideYourArea``, `OtherKind`."""
    case = case_by_key(actor, key, verb)
    if case.kind not in kinds:
        raise OtherKind(number=case.number)
    return case


def case_by_number(text: str) -> Case | None:
    """The case of this number, however it was typed; None for a number that does not exist or is mistyped.

    Anybody may know that a number exists; what a page shows of it is masked (the caller's duty).
    """
    typed = number_typed(text)
    return Case.objects.filter(number=typed.number).first() if typed.right else None


def steps_of(case: Case) -> list[CaseStep]:
    """What happened to the case, oldest first; the caller has checked who may see it."""
    return list(case.steps.order_by("at", "id"))


def write_step(
    actor: Actor,
    case: Case,
    verb: str,
    awaited: str,
    awaits: str,
    outcome: str,
    reason: str,
    note: str,
    details: dict[str, Any],
) -> CaseStep:
    """Add a row to what happened to the case; for the acts of this stage, which have checked everything else."""
    return CaseStep.objects.create(
        case=case,
        at=timezone.now(),
        verb=verb,
        actor=actor.name,
        role=min(actor.roles, default=""),
        awaited=awaited,
        awaits=awaits,
        outcome=outcome,
        reason=reason,
        note=note,
        details=details,
    )
