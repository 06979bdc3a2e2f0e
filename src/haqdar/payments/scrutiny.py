"""Lists for the Gram Sabha, its objections, and social audits: read out, asked, answered. Nothing here stops any money.

What somebody objects to, or a visit finds wrong, opens a case that an officer examines; until that is decided payment goes on.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting, below, require, require_area
from haqdar.access.queries import Place, path_of_area
from haqdar.base.refusal import Refusal
from haqdar.cases.casework import Opened, add_step, open_case
from haqdar.cases.models import Case
from haqdar.payments.models.scrutiny import (
    ANSWERS,
    GramSabha,
    GramSabhaObjection,
    SocialAudit,
    SocialAuditEntry,
)
from haqdar.payments.queries import COUNTED
from haqdar.registry.entries import Somebody, people

QUESTIONS = ("alive", "gets_money", "amount_right", "eligible")
"""What a visit asks, in order; a `no` to any of them is reported."""


class NothingPaidYet(Refusal):
    """No month was run, so there is no list."""

    code = "nothing_paid_yet"
    en = "No month was run yet. After the first one the list of payees is here."
    hi = "अभी कोई महीना नहीं चला। पहले महीने के बाद लाभार्थियों की सूची यहाँ होगी।"


class NobodyToDraw(Refusal):
    """The area has no payee."""

    code = "nobody_to_draw"
    en = "Nobody in this area is paid, so there is nobody to draw. Choose another area."
    hi = "इस क्षेत्र में किसी को भुगतान नहीं होता, इसलिए नमूना नहीं बन सकता। दूसरा क्षेत्र चुनें।"


class BadRule(Refusal):
    """A share or least number that makes no sample."""

    code = "bad_rule"
    en = "The share is a whole number from 1 to 100 per cent, the least number from 1 to 500."
    hi = "हिस्सा 1 से 100 प्रतिशत की पूरी संख्या हो, कम से कम संख्या 1 से 500।"


class MeetingDate(Refusal):
    """A meeting that was not held yet."""

    code = "meeting_date"
    en = "Record the meeting after it was held: a day until today, and how many people were there."
    hi = "बैठक होने के बाद दर्ज करें: आज तक का दिन, और कितने लोग थे।"


class NothingSaid(Refusal):
    """An objection without words."""

    code = "nothing_said"
    en = "Write what was said against this entry."
    hi = "लिखें कि इस प्रविष्टि के विरुद्ध क्या कहा गया।"


class NotOnTheList(Refusal):
    """An objection against somebody who is not on the list."""

    code = "not_on_the_list"
    en = "This entry is not on the list of the panchayat any more. Open the list again."
    hi = "यह प्रविष्टि अब पंचायत की सूची में नहीं है। सूची फिर से खोलें।"


class AnswerAll(Refusal):
    """A visit with an open question."""

    code = "answer_all"
    en = "Answer each of the four questions; “not clear” is an answer too."
    hi = "चारों सवालों का जवाब दें; “साफ़ नहीं” भी एक जवाब है।"


@dataclass(frozen=True)
class Listed:
    """One entry of a list: who, which pension, how much a month, since when; `case` for a proposed start."""

    person: Somebody
    relative: Somebody | None
    scheme: str
    pension_group: int
    paise: int
    since: date | None
    case_key: UUID | None = None

    @property
    def is_start(self) -> bool:
        """Whether it is only proposed."""
        return self.case_key is not None


@dataclass(frozen=True)
class List:
    """What is read out in a panchayat: who is paid by the run, and who is proposed."""

    run_id: int | None
    month: date | None
    payees: list[Listed]
    starts: list[Listed]


_RUN = (
    f"SELECT r.id, r.month FROM cases_month_run r WHERE {COUNTED} ORDER BY r.month DESC LIMIT 1"  # the latest
)
_PAYEES = """
    SELECT d.member_id, d.pension_group, d.scheme, d.paise, coalesce(started.month, brought.since), NULL::uuid
    FROM payments_due d JOIN access_area a ON a.area_code = d.area_code
    LEFT JOIN LATERAL (SELECT max(c.decided_month) AS month FROM cases_award_change c
        JOIN cases_month_run r ON r.id = c.run_id
        WHERE c.member_id = d.member_id AND c.pension_group = d.pension_group AND c.scheme = d.scheme
          AND c.kind IN ('start', 'move') AND r.state = 'complete' AND r.posted) started ON true
    LEFT JOIN LATERAL (SELECT min(p.since) AS since FROM registry_pension_belief p
        WHERE p.member_id = d.member_id AND p.scheme = d.scheme) brought ON true
    WHERE d.run_id = %(run)s AND d.kind = 'regular' AND d.occasion = '' AND a.path LIKE %(below)s
    ORDER BY d.member_id, d.pension_group"""
_STARTS = """
    SELECT c.member_id, coalesce(c.pension_group, 0), coalesce(c.scheme, ''), coalesce(c.paise, 0), c.opened_on, c.key
    FROM cases_case c JOIN access_area a ON a.area_code = c.area_code
    WHERE c.kind IN ('start', 'application') AND c.closed_at IS NULL AND c.member_id IS NOT NULL AND a.path LIKE %(below)s
    ORDER BY c.member_id, c.id"""


def gram_sabha_list(actor: Actor, here: Place) -> List:
    """The list of a panchayat or ward, by name; needs ``gramsabha.view`` there."""
    actor = require(actor, "gramsabha.view")
    require_area(actor, here.path)
    run_id, month = _latest_run()
    values = {"run": run_id, "below": below(here.path)}
    with connection.cursor() as cursor:
        cursor.execute(_PAYEES, values)
        payees = cursor.fetchall()
        cursor.execute(_STARTS, values)
        starts = cursor.fetchall()
    found = people([row[0] for row in (*payees, *starts)])
    relatives = people([_relative_of(one) for one in found.values()])

    def listed(rows: Sequence[tuple[Any, ...]]) -> list[Listed]:
        entries = [
            Listed(one, relatives.get(_relative_of(one) or -1), scheme, group, paise, since, key)
            for member, group, scheme, paise, since, key in rows
            if (one := found.get(member)) is not None
        ]
        return sorted(entries, key=lambda entry: (entry.person.name_en.casefold(), entry.person.member_id))

    return List(run_id, month, listed(payees), listed(starts))


def record_meeting(
    actor: Actor, here: Place, held_on: date | None, meeting_no: str, present: str
) -> GramSabha:
    """Note that the list was read out at a meeting; needs ``gramsabha.object``. Raises `MeetingDate`."""
    actor = require(actor, "gramsabha.object")
    require_area(actor, here.path)
    if held_on is None or held_on > timezone.localdate() or not (present.isascii() and present.isdecimal()):
        raise MeetingDate()
    if len(present) > 6:
        raise MeetingDate()
    run_id, _month = _latest_run()
    entries = gram_sabha_list(actor, here)
    with acting(actor, "gramsabha.object"):
        meeting = GramSabha.objects.create(
            area_code=here.area_code,
            held_on=held_on,
            meeting_no=meeting_no.strip()[:40],
            present=int(present),
            run_id=run_id,
            listed=len(entries.payees) + len(entries.starts),
            recorded_at=timezone.now(),
            recorded_by=actor.name,
        )
        meeting.refresh_from_db()
        record(
            actor,
            "gramsabha.object",
            "gram_sabha",
            str(meeting.key),
            new={"held_on": held_on.isoformat(), "present": meeting.present, "listed": meeting.listed},
        )
    return meeting


def meeting_of(actor: Actor, key: UUID, verb: str = "gramsabha.view") -> GramSabha | None:
    """A recorded meeting with its place in the actor's area; None if there is none."""
    actor = require(actor, verb)
    meeting = GramSabha.objects.filter(key=key).first()
    if meeting is not None:
        require_area(actor, path_of_area(meeting.area_code))
    return meeting


def meetings_of(actor: Actor, here: Place) -> list[GramSabha]:
    """The meetings of a place, latest first."""
    require_area(require(actor, "gramsabha.view"), here.path)
    return list(GramSabha.objects.filter(area_code=here.area_code).order_by("-held_on", "-id")[:50])


def object_to(actor: Actor, meeting: GramSabha, entry: Listed, said_by: str, said: str) -> GramSabhaObjection:
    """Record what was said against an entry: a report that an officer examines, or a note on the proposed start's case.

    No money is stopped. Needs ``gramsabha.object``; raises `NothingSaid`.
    """
    actor = require(actor, "gramsabha.object")
    require_area(actor, path_of_area(meeting.area_code))
    if not said.strip():
        raise NothingSaid()
    note = said.strip()[:2000]
    with acting(actor, "gramsabha.object"):
        if entry.case_key is not None:
            case = Case.objects.select_for_update().get(key=entry.case_key)
            add_step(actor, case, "gramsabha.object", "gramsabha", note)
        else:
            case = _report(
                actor, entry.person, entry.scheme, entry.pension_group, entry.paise, "gramsabha", note
            )
        objection = GramSabhaObjection.objects.create(
            meeting=meeting,
            resident_key=entry.person.key,
            scheme=entry.scheme,
            is_start=entry.is_start,
            said_by=said_by.strip()[:80],
            said=note,
            case=case,
            recorded_at=timezone.now(),
            recorded_by=actor.name,
        )
        record(
            actor,
            "gramsabha.object",
            "resident",
            str(entry.person.key),
            new={"meeting": str(meeting.key), "case": case.number},
        )
    return objection


_DRAW = """
    WITH payee AS (
        SELECT d.member_id, d.scheme, d.paise, d.area_code, i.key AS resident_key,
               row_number() OVER (PARTITION BY d.scheme ORDER BY md5(%(seed)s || '/' || d.member_id || '/' || d.scheme)) AS lot,
               count(*) OVER (PARTITION BY d.scheme) AS of_scheme
        FROM payments_due d JOIN access_area a ON a.area_code = d.area_code
        JOIN registry_resident i ON i.member_id = d.member_id
        WHERE d.run_id = %(run)s AND d.kind = 'regular' AND d.occasion = '' AND a.path LIKE %(below)s
    )
    INSERT INTO payments_social_audit_entry (audit_id, serial, member_id, resident_key, scheme, paise, area_code, note)
    SELECT %(audit)s, row_number() OVER (ORDER BY scheme, lot), member_id, resident_key, scheme, paise, area_code, ''
    FROM payee WHERE lot <= greatest(%(least)s, ceil(of_scheme * %(percent)s / 100.0))"""


def draw(actor: Actor, here: Place, percent: int, least: int, seed: str = "") -> SocialAudit:
    """Draw a sample of the payees of an area by lot, of each scheme its share; needs ``socialaudit.draw`` there.

    `seed` repeats an earlier draw; without one it is made and kept. Raises `BadRule`, `NothingPaidYet`, `NobodyToDraw`.
    """
    actor = require(actor, "socialaudit.draw")
    require_area(actor, here.path)
    if not (1 <= percent <= 100 and 1 <= least <= 500):
        raise BadRule()
    run_id, _month = _latest_run()
    if run_id is None:
        raise NothingPaidYet()
    lot = (seed.strip() or secrets.token_hex(8))[:40]
    with acting(actor, "socialaudit.draw"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM payments_due d JOIN access_area a ON a.area_code = d.area_code"
            " WHERE d.run_id = %s AND d.kind = 'regular' AND d.occasion = '' AND a.path LIKE %s",
            [run_id, below(here.path)],
        )
        (payees,) = cursor.fetchone() or (0,)
        if not payees:
            raise NobodyToDraw()
        audit = SocialAudit.objects.create(
            area_code=here.area_code,
            run_id=run_id,
            seed=lot,
            percent=percent,
            least=least,
            payees=payees,
            drawn_at=timezone.now(),
            drawn_by=actor.name,
        )
        audit.refresh_from_db()
        cursor.execute(
            _DRAW,
            {
                "seed": lot,
                "run": run_id,
                "below": below(here.path),
                "audit": audit.pk,
                "least": least,
                "percent": percent,
            },
        )
        record(
            actor,
            "socialaudit.draw",
            "social_audit",
            str(audit.key),
            new={"seed": lot, "percent": percent, "least": least, "payees": payees, "drawn": cursor.rowcount},
        )
    return audit


def audit_of_key(actor: Actor, key: UUID) -> SocialAudit | None:
    """A social audit of the actor's area, or of one that lies around it; None if there is none.

    A secretary answers for his panchayat in an audit drawn for the district: `entries_of` shows only his own entries.
    """
    actor = require(actor, "socialaudit.view")
    audit = SocialAudit.objects.filter(key=key).first()
    if audit is None or not _concerns(actor, audit):
        return None
    return audit


def audits(actor: Actor) -> list[SocialAudit]:
    """The social audits that concern the actor's area, latest first."""
    actor = require(actor, "socialaudit.view")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.id FROM payments_social_audit s JOIN access_area a ON a.area_code = s.area_code"
            " WHERE a.path LIKE ANY(%(paths)s) OR EXISTS (SELECT 1 FROM unnest(%(own)s::text[]) o WHERE starts_with(o, a.path))"
            " ORDER BY s.id DESC LIMIT 100",
            {"paths": actor.path_patterns(), "own": list(actor.area_paths or ())},
        )
        numbers = [row[0] for row in cursor.fetchall()]
    found = SocialAudit.objects.in_bulk(numbers)
    return [found[number] for number in numbers]


def entries_of(actor: Actor, audit: SocialAudit) -> list[SocialAuditEntry]:
    """The entries of a sample that lie in the actor's area, in order."""
    actor = require(actor, "socialaudit.view")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.id FROM payments_social_audit_entry e JOIN access_area a ON a.area_code = e.area_code"
            " WHERE e.audit_id = %s AND a.path LIKE ANY(%s)",
            [audit.pk, actor.path_patterns()],
        )
        numbers = [row[0] for row in cursor.fetchall()]
    return list(SocialAuditEntry.objects.filter(pk__in=numbers).select_related("case").order_by("serial"))


def answer(actor: Actor, entry: SocialAuditEntry, answers: dict[str, str], note: str) -> SocialAuditEntry:
    """Keep what the visit found; a `no` opens a report that an officer examines, once. Stops no money.

    Needs ``socialaudit.answer`` in the payee's area; raises `AnswerAll`.
    """
    actor = require(actor, "socialaudit.answer")
    require_area(actor, path_of_area(entry.area_code))
    if any(answers.get(question) not in ANSWERS for question in QUESTIONS):
        raise AnswerAll()
    with acting(actor, "socialaudit.answer"):
        entry = SocialAuditEntry.objects.select_for_update().get(pk=entry.pk)
        old = {question: getattr(entry, question) for question in QUESTIONS}
        for question in QUESTIONS:
            setattr(entry, question, answers[question])
        entry.note = note.strip()[:2000]
        entry.answered_at, entry.answered_by = timezone.now(), actor.name
        wrong = [question for question in QUESTIONS if answers[question] == "no"]
        if wrong and entry.case_id is None:
            one = people([entry.member_id])[entry.member_id]
            entry.case = _report(
                actor, one, entry.scheme, None, entry.paise, f"socialaudit_{wrong[0]}", entry.note
            )
        entry.save()
        record(
            actor,
            "socialaudit.answer",
            "resident",
            str(entry.resident_key),
            old=old,
            new={question: answers[question] for question in QUESTIONS},
        )
    return entry


def summary(entries: Sequence[SocialAuditEntry]) -> dict[str, dict[str, int]]:
    """How often each question was answered yes, no and unsure."""
    return {
        question: {word: sum(getattr(one, question) == word for one in entries) for word in ANSWERS}
        for question in QUESTIONS
    }


def _report(
    actor: Actor, one: Somebody, scheme: str, group: int | None, paise: int, reason: str, note: str
) -> Case:
    """A report that an officer examines, in the area where the person lives now."""
    return open_case(
        actor,
        actor.function,
        Opened(
            kind="report",
            area_code=one.area_code,
            district_code=one.district_code,
            member_id=one.member_id,
            resident_key=one.key,
            pension_group=group,
            scheme=scheme,
            paise=paise,
            reason=reason,
            details={"note": note},
        ),
    )


def _relative_of(one: Somebody) -> int | None:
    """By whom a person is told from others of the name: a married woman by her husband, anybody else by the father."""
    if one.sex == "F" and one.spouse_id is not None and one.status != "never_married":
        return one.spouse_id
    return one.father_id or one.mother_id


def _latest_run() -> tuple[int | None, date | None]:
    with connection.cursor() as cursor:
        cursor.execute(_RUN)
        return cursor.fetchone() or (None, None)


def _concerns(actor: Actor, audit: SocialAudit) -> bool:
    path = path_of_area(audit.area_code)
    return actor.sees(path) or (
        path is not None and any(own.startswith(path) for own in actor.area_paths or ())
    )
