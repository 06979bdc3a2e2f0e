"""Grievances, feedback and reports about a payee: lodged by anybody, routed by subject and area, answered, reopened.

services/grievances.yaml says who answers which subject, within how many days, and who after him when the citizen is not satisfied.
A report never changes what is paid: it is a case that an officer examines.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting, require
from haqdar.access.queries import path_of_area
from haqdar.base.refusal import Refusal, Words
from haqdar.cases.casework import NoSuchCase, Opened, add_step, advance, case_of_kind, open_case
from haqdar.cases.clock import services
from haqdar.cases.models import Case, CaseStep
from haqdar.cases.offices import HoldingOffice, offices_of_kinds
from haqdar.cases.reopening import reopen
from haqdar.cases.telling import tell_about
from haqdar.law.grievances import Subject
from haqdar.registry.documents import keep

ANSWERED_HERE = ("grievance", "feedback")
REOPEN_DAYS = 30
"""Days after an answer within which a citizen may say that it does not satisfy."""
EXAMINED = ("no_ground", "visit_needed", "corrected")
"""What an examination of a report may come to."""
MOST_WORDS = 2000
_OF_ONE_OFFICE = {"verifier", "sanctioning_officer"}


class NoSuchSubject(Refusal):
    """The subject is not one of the list."""

    code = "no_such_subject"
    en = "Choose what it is about from the list."
    hi = "सूची में से चुनें कि बात किस बारे में है।"


class NotAnswerable(Refusal):
    """An answer needs a sentence of the list or words of one's own."""

    code = "not_answerable"
    en = "Choose an answer from the list, and write what was done."
    hi = "सूची में से जवाब चुनें और लिखें कि क्या किया गया।"


class CannotReopen(Refusal):
    """It was not answered, the time to reopen has passed, or there is no office above."""

    code = "cannot_reopen"
    en = "{number} cannot be reopened: it is not answered yet, 30 days have passed since the answer, or no higher office is left."
    hi = "{number} फिर नहीं खुल सकती: अभी जवाब नहीं आया, जवाब को 30 दिन हो चुके, या ऊपर कोई दफ़्तर नहीं बचा।"


class HigherOffice(Refusal):
    """The grievance lies with an office above the actor's."""

    code = "higher_office"
    en = "{number} was reopened or forwarded and lies with a higher office now."
    hi = "{number} फिर खुली या आगे भेजी गई है; अब ऊपर के दफ़्तर के पास है।"


@dataclass(frozen=True)
class Lodged:
    """What somebody lodges. `about` is the case it is about; `mobile` may be empty (anonymous)."""

    subject: str
    area_code: str | None
    district_code: str | None
    words: str
    about: Case | None = None
    person: str = ""
    mobile: str = ""
    language: str = "hi"
    stars: int = 0
    photograph: bytes | None = None


def lodge(actor: Actor, lodged: Lodged) -> Case:
    """Open the case of a grievance, feedback or report, with its photograph, and acknowledge it by message.

    Raises `NoSuchSubject`, ``TooBig``, ``NotADocument``. Nothing else is touched: no award, no notice, no money.
    """
    subject = services().grievances.subject(lodged.subject)
    if subject is None:
        raise NoSuchSubject()
    verb = f"{subject.kind}.lodge"
    details: dict[str, Any] = {"words": lodged.words[:MOST_WORDS], "level": 0}
    if lodged.person:
        details["person"] = lodged.person[:500]
    if lodged.stars:
        details["stars"] = lodged.stars
    with acting(actor, verb):
        case = open_case(
            actor,
            verb,
            Opened(
                kind=subject.kind,
                area_code=lodged.area_code,
                district_code=lodged.district_code,
                reason=subject.code,
                about=lodged.about,
                mobile=lodged.mobile,
                language=lodged.language,
                due_on=_due(subject),
                details=details,
            ),
        )
        if lodged.photograph:
            keep(actor.name, lodged.photograph, "photograph", "case", str(case.key))
        office = holder_of(case)
        values: dict[str, object] = {}
        if subject.kind == "grievance":
            values = {"office": Words(office.name("en"), office.name("hi")), "due": case.due_on}
        if lodged.mobile:
            tell_about(actor.name, f"{subject.kind}_received", case, **values)
    return case


def _due(subject: Subject) -> date:
    return services().holidays.after(timezone.localdate(), subject.days, subject.working)


def subject_of(case: Case) -> Subject | None:
    """What a grievance, feedback or report is about; None for a subject the law dropped meanwhile."""
    return services().grievances.subject(case.reason)


def level_of(case: Case) -> int:
    """How often it went up: 0 for whoever answers first."""
    return int(case.details.get("level", 0))


def holder_of(case: Case) -> HoldingOffice:
    """The office that has a grievance, feedback or report now."""
    subject = subject_of(case)
    if subject is None:
        return offices_of_kinds([(case.area_code, ["janpad", "ulb"])])[0]
    _role, kinds = subject.levels[min(level_of(case), len(subject.levels) - 1)]
    return offices_of_kinds([(case.area_code, list(kinds))])[0]


def _for_answering(actor: Actor, key: UUID | str) -> tuple[Actor, Case]:
    actor = require(actor, "grievance.answer")
    case = case_of_kind(actor, key, "grievance.answer", ANSWERED_HERE)
    subject = subject_of(case)
    if subject is not None and not actor.is_platform:
        here = min(level_of(case), len(subject.levels) - 1)
        allowed = {role for role, _ in subject.levels[here:]}
        # the officers of one office help each other; what went up is no longer theirs
        if allowed & _OF_ONE_OFFICE:
            allowed |= _OF_ONE_OFFICE
        if not actor.roles & allowed:
            raise HigherOffice(number=case.number)
    return actor, case


def to_answer(actor: Actor, key: UUID | str) -> Case:
    """The grievance or feedback that the actor may answer; raises `NoSuchCase`, `HigherOffice`, ``OutsideYourArea``."""
    return _for_answering(actor, key)[1]


def answer(actor: Actor, key: UUID | str, sentence: str, words: str) -> Case:
    """Answer with a sentence of the list and words of one's own, and tell the citizen; raises `NotAnswerable` and others."""
    actor, _ = _for_answering(actor, key)
    if sentence not in services().grievances.answers or not words.strip():
        raise NotAnswerable()
    with acting(actor, "grievance.answer"):
        case = advance(
            actor,
            key,
            "grievance.answer",
            outcome="answered",
            reason=sentence,
            note=words.strip()[:MOST_WORDS],
        )
        if case.kind == "grievance" and case.contact_sealed is not None:
            until = timezone.localdate() + timedelta(days=REOPEN_DAYS)
            tell_about(actor.name, "grievance_answered", case, until=until)
    return case


def forward(
    actor: Actor, key: UUID | str, reason: str, note: str, area_code: str | None = None, up: bool = False
) -> Case:
    """Give it to the office of another area, or one level up, with a reason of the list; the limit stays as it is.

    Raises `NotAnswerable` for a missing reason or nowhere to go.
    """
    actor, case = _for_answering(actor, key)
    subject = subject_of(case)
    if reason not in services().grievances.forward_reasons or (area_code is None) == (not up):
        raise NotAnswerable()
    with acting(actor, "grievance.forward"):
        case = Case.objects.select_for_update().get(pk=case.pk)
        if case.awaits != "grievance.answer":
            raise NoSuchCase()
        old = {"area_code": case.area_code, "level": level_of(case)}
        if up:
            if subject is None or level_of(case) + 1 >= len(subject.levels):
                raise NotAnswerable()
            case.details = {**case.details, "level": level_of(case) + 1}
        else:
            if path_of_area(area_code) is None:
                raise NotAnswerable()
            case.area_code = area_code
        case.save(update_fields=["details", "area_code"])
        new = {"area_code": case.area_code, "level": level_of(case)}
        add_step(actor, case, "grievance.forward", reason, note, new)
        record(actor, "grievance.forward", "case", str(case.key), old=old, new={**new, "reason": reason})
    return case


def can_reopen(case: Case) -> bool:
    """Whether the citizen may still say that the answer does not satisfy."""
    subject = subject_of(case)
    return (
        case.kind == "grievance"
        and case.outcome == "answered"
        and case.closed_at is not None
        and (timezone.now() - case.closed_at).days < REOPEN_DAYS
        and subject is not None
        and level_of(case) + 1 < len(subject.levels)
        and not case.details.get("satisfied")
    )


def say_satisfied(actor: Actor, case: Case, stars: int = 0) -> None:
    """Note that the citizen is satisfied; the caller has checked that it is the citizen's own."""
    with acting(actor, "grievance.satisfied"):
        case = Case.objects.select_for_update().get(pk=case.pk)
        if case.outcome != "answered" or case.details.get("satisfied"):
            return
        case.details = {**case.details, "satisfied": True, **({"stars": stars} if stars else {})}
        case.save(update_fields=["details"])
        add_step(actor, case, "grievance.satisfied", "satisfied", "", {"stars": stars} if stars else {})
        record(actor, "grievance.satisfied", "case", str(case.key), new={"stars": stars})


def reopen_grievance(actor: Actor, case: Case, words: str) -> Case:
    """Open an answered grievance again, one level up; the caller has checked that it is the citizen's own.

    Once per level. Raises `CannotReopen`.
    """
    with acting(actor, "grievance.reopen"):
        case = Case.objects.select_for_update().get(pk=case.pk)
        subject = subject_of(case)
        if not can_reopen(case) or subject is None:
            raise CannotReopen(number=case.number)
        level = level_of(case) + 1
        reopen(
            actor,
            case,
            "grievance.reopen",
            "grievance.answer",
            _due(subject),
            "not_satisfied",
            note=words[:MOST_WORDS],
            details={"level": level},
            kept={"level": level},
        )
        if case.contact_sealed is not None:
            office = holder_of(case)
            tell_about(
                actor.name,
                "grievance_reopened",
                case,
                office=Words(office.name("en"), office.name("hi")),
                due=case.due_on,
            )
    return case


def answers_of(case: Case) -> list[CaseStep]:
    """What was answered and asked again, oldest first; the caller has checked who may see it."""
    verbs = ("grievance.answer", "grievance.reopen", "grievance.satisfied")
    return list(case.steps.filter(verb__in=verbs).order_by("at", "id"))


def examine_report(actor: Actor, key: UUID | str, outcome: str, note: str) -> Case:
    """What an examination of a report came to: nothing in it, a visit first, or facts that were corrected.

    It changes nobody's award: a corrected fact does what facts do, in the open, with notice. Raises `NotAnswerable` without
    words, `NoSuchCase`, ``NotYourFunction``, ``OutsideYourArea``.
    """
    actor = require(actor, "case.examine")
    found = case_of_kind(actor, key, "case.examine", ("report",))
    if outcome not in EXAMINED or not note.strip():
        raise NotAnswerable()
    words = note.strip()[:MOST_WORDS]
    with acting(actor, "case.examine"):
        if outcome == "visit_needed":
            case = Case.objects.select_for_update().get(pk=found.pk)
            if case.awaits != "case.examine":
                raise NoSuchCase()
            add_step(actor, case, "case.examine", outcome, words)
            record(actor, "case.examine", "case", str(case.key), new={"outcome": outcome})
            return case
        closed = "kept" if outcome == "no_ground" else "obtained"
        case = advance(actor, key, "case.examine", outcome=closed, reason=outcome, note=words)
        if case.contact_sealed is not None:
            tell_about(actor.name, "report_examined", case)
    return case
