"""The acts on cases that give or refuse an award: confirming facts, recommending, sanctioning, rejecting, sending back, noting.

    case.verify ──► case.sanction ──► sanctioned (an award from the month of eligibility) | rejected (reasons, appeal)
         ▲──────────── case.return

Whoever verified never decides. At the moment of sanction the law is asked once more, with what is known now. Stops, objections
and restoring are in `stopping` and `objecting`; their acts are given from here, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from haqdar.access.actions import record
from haqdar.access.actors import Actor, OutsideYourArea, acting, require
from haqdar.base.refusal import Refusal, Words
from haqdar.cases import afterwards, holding, letters
from haqdar.cases.casework import AlreadyMoved, NoSuchCase, SameOfficer, add_step, advance, case_by_key
from haqdar.cases.deciding_facts import CONFIRMED, Deciding, days_of_deciding, deciding
from haqdar.cases.models import Case, CaseStep
from haqdar.cases.objecting import decide_objection, object_to
from haqdar.cases.stopping import confirm_stop, restore, withdraw_stop
from haqdar.entitlement.queries import check_member
from haqdar.law import load_lawbook
from haqdar.registry import documents
from haqdar.registry.actions import verify_fact
from haqdar.registry.evidence import Evidence
from haqdar.registry.models import Proof

LEAST_NOTE = 20
"""Characters that the reason of a refusal must have beside what the law says."""
DECLINED = "declined"
NOT_ESTABLISHED = "not_established"
OTHER_REASONS = (NOT_ESTABLISHED, DECLINED)
"""Reasons of a rejection beside the law's failing criteria: a fact could not be established, the person does not want it."""


class StillToVerify(Refusal):
    """A deciding fact nobody has verified."""

    code = "still_to_verify"
    en = "Not verified yet: {facts}. Confirm these with a document or a visit, or correct them, before you recommend."
    hi = "अभी सत्यापित नहीं: {facts}। सिफ़ारिश से पहले इन्हें दस्तावेज़ या मौक़े पर देखकर पुष्टि करें, या सुधारें।"


class NothingConfirmed(Refusal):
    """No fact was ticked."""

    code = "nothing_confirmed"
    en = "Tick the facts that you have checked."
    hi = "जो तथ्य आपने जाँचे हैं उन पर निशान लगाएँ।"


class NotEntitled(Refusal):
    """The law does not give it with what is known now."""

    code = "not_entitled"
    en = "With what is known today the person is not entitled: {why}. Send the case back or reject it; nothing was sanctioned."
    hi = "आज की जानकारी के अनुसार यह व्यक्ति हक़दार नहीं है: {why} प्रकरण लौटाएँ या अस्वीकार करें; कुछ मंज़ूर नहीं हुआ।"


class OccasionGone(Refusal):
    """The benefit's occasion is not on the work list any more, or something was learned since."""

    code = "occasion_gone"
    en = "Something became known about this person since the month was run. Wait for the next run, which decides the benefit again."
    hi = "महीना चलने के बाद इस व्यक्ति के बारे में कुछ नया पता चला है। अगली गणना इस सहायता को फिर तय करेगी, तब तक रुकें।"


class ReasonNeeded(Refusal):
    """A refusal names what fails in the law and says it in words."""

    code = "reason_needed"
    en = "Choose at least one reason and explain it in at least {least} characters, in words the person understands."
    hi = "कम से कम एक कारण चुनें और कम से कम {least} अक्षरों में समझाएँ, ऐसे शब्दों में जो व्यक्ति समझे।"


class NotAReason(Refusal):
    """The law's criterion does not fail."""

    code = "not_a_reason"
    en = "This reason does not hold for the person: by the registers the condition is met. If a fact is wrong, correct it first."
    hi = "यह कारण इस व्यक्ति पर लागू नहीं होता: रजिस्टर के अनुसार शर्त पूरी है। अगर तथ्य ग़लत है तो पहले उसे सुधारें।"


class ConfirmationNeeded(Refusal):
    """The scheme asks the officer to have seen a paper."""

    code = "confirmation_needed"
    en = "Confirm first: {what}"
    hi = "पहले पुष्टि करें: {what}"


def confirm_facts(actor: Actor, key: UUID | str, records: Sequence[str], evidence: Evidence) -> Proof:
    """Note that these records of the case were checked, by a document or a visit: verified once, for every later office.

    `records` are keys of `deciding_facts.Record`. Records of people in another area, and facts that rest on no record, are
    confirmed on this case alone. Raises `NothingConfirmed`, ``NoEvidence``, ``NoSuchCase``, ``OutsideYourArea``.
    """
    actor = require(actor, "case.verify")
    case = case_by_key(actor, key, "case.verify")
    if case.awaits != "case.verify":
        raise AlreadyMoved(number=case.number)
    chosen = [one for one in deciding(actor, case).records if one.key in records and one.state == "open"]
    if not chosen:
        raise NothingConfirmed()
    with acting(actor, "case.verify"):
        proof = evidence.keep(actor, "case", str(case.key))
        for one in chosen:
            # a handful of records: each has its own permission, register and audit event
            if (
                one.recorded
                and one.nearby
                and one.source.register in ("resident", "bpl", "disability", "event")
            ):
                verify_fact(actor, one.source.register, one.owner_key, str(one.source.fingerprint))
        add_step(
            actor,
            case,
            CONFIRMED,
            note=proof.seen,
            details={"records": [one.key for one in chosen], "evidence": proof.as_details()},
        )
    return proof


def verify(
    actor: Actor,
    key: UUID | str,
    *,
    recommend: str = "sanction",
    reasons: Sequence[str] = (),
    note: str = "",
    seen_confirmation: bool = False,
) -> Case:
    """Hand a case on to whoever sanctions, recommending `sanction` or `reject`.

    For a sanction every deciding fact must be known and verified, and what the law wants confirmed must be (`seen_confirmation`).
    Raises `StillToVerify`, `ConfirmationNeeded`, `ReasonNeeded`, `NotAReason` and what `advance` raises.
    """
    actor = require(actor, "case.verify")
    case = case_by_key(actor, key, "case.verify")
    details: dict[str, Any] = {"recommend": recommend}
    if not case.occasion:
        found = deciding(actor, case)
        if recommend == "sanction":
            missing = [*found.unknown, *found.to_verify]
            if missing:
                raise StillToVerify(facts=_named(missing))
            if found.confirmation is not None and not seen_confirmation:
                raise ConfirmationNeeded(what=Words(found.confirmation.en, found.confirmation.hi))
        else:
            details["reasons"] = _reasons(found, reasons, note)
        details |= _decided_by(found)
    elif recommend != "sanction":
        details["reasons"] = _free_reasons(reasons, note)
    with transaction.atomic():
        case = advance(
            actor,
            key,
            "case.verify",
            awaits="case.sanction",
            reason=f"recommend_{recommend}",
            note=note.strip(),
            details=details,
        )
        afterwards.after_verifying(case)
    return case


def sanction(
    actor: Actor, key: UUID | str, note: str = "", *, not_after: tuple[str, ...] = ("case.verify",)
) -> Case:
    """Sanction the case: an award from the month of eligibility, paid by the next run with arrears.

    Asks the law once more with today's knowledge. Raises `NotEntitled`, `OccasionGone`, ``AlreadyAwarded``, ``NoMonthYet``,
    ``SameOfficer``, ``AlreadyMoved``.
    """
    actor = require(actor, "case.sanction")
    with transaction.atomic():
        case = case_by_key(actor, key, "case.sanction")
        if case.member_id is None:
            raise NotEntitled(why=Words("nobody is named", "किसी का नाम नहीं है"))
        holding.lock_person(case.member_id)
        run = holding.run_in_force()
        reasons = None
        if case.occasion:
            given = _occasion(case, run)
            details: dict[str, Any] = {"day": run.month.first_day.isoformat()}
        else:
            found = deciding(actor, case)
            reasons = found.scheme
            given = _entitled(actor, found)
            _not_on_own_word(actor, case, found)
            held = holding.held_by(case.member_id, given.group, found.day)
            if held is not None:
                raise holding.AlreadyAwarded(scheme=holding.scheme_words(held.scheme))
            details = _decided_by(found)
        details |= {"scheme": given.scheme, "paise": given.paise, "month": str(run.month)}
        case = advance(
            actor,
            key,
            "case.sanction",
            outcome="sanctioned",
            note=note.strip(),
            details=details,
            not_after=not_after,
        )
        Case.objects.filter(pk=case.pk).update(
            scheme=given.scheme, paise=given.paise, pension_group=given.group, run_id=run.id
        )
        try:
            with transaction.atomic(), acting(actor, "case.sanction"):
                holding.award(
                    run, case.member_id or 0, given.group, given.scheme, given.paise,
                    case.reason or "entitled", actor.name, given.occasion,
                )  # fmt: skip
        except IntegrityError as error:
            raise holding.AlreadyAwarded(scheme=holding.scheme_words(given.scheme)) from error
        case.refresh_from_db()
        since = run.month.first_day if reasons is None else month_of_eligibility(actor, case, found.day)
        afterwards.after_sanction(actor, case, since, reasons)
    return case


def _not_on_own_word(actor: Actor, case: Case, found: Deciding) -> None:
    """Four eyes: a fact that the officer verified or corrected since the case began is no ground for his own sanction."""
    for one in found.records:
        if (
            one.verified_by == actor.name
            and one.verified_at is not None
            and one.verified_at >= case.opened_at
        ):
            raise SameOfficer(number=case.number)


def reject(
    actor: Actor,
    key: UUID | str,
    reasons: Sequence[str],
    note: str,
    *,
    not_after: tuple[str, ...] = ("case.verify",),
) -> Case:
    """Reject the case for conditions of the law that fail (codes of criteria) or `OTHER_REASONS`, explained in `note`.

    Raises `ReasonNeeded`, `NotAReason` and what `advance` raises.
    """
    actor = require(actor, "case.reject")
    with transaction.atomic():
        case = case_by_key(actor, key, "case.reject")
        scheme, sentences = None, {}
        if case.occasion:
            details: dict[str, Any] = {"reasons": _free_reasons(reasons, note)}
        else:
            found = deciding(actor, case)
            scheme = found.scheme
            sentences = {one.code: Words(one.sentence.en, one.sentence.hi) for one in scheme.criteria}
            details = {"reasons": _reasons(found, reasons, note)} | _decided_by(found)
        words = afterwards.REASON_WORDS
        why = [sentences.get(reason) or words.get(reason, words["other"]) for reason in reasons]
        case = advance(
            actor,
            key,
            "case.reject",
            expected="case.sanction",
            outcome="rejected",
            reason=",".join(reasons),
            note=note.strip(),
            details=details,
            not_after=not_after,
        )
        afterwards.after_rejection(actor, case, why, note.strip(), scheme)
    return case


def send_back(actor: Actor, key: UUID | str, reason: str, note: str) -> Case:
    """Send a case back to be verified again; says what is to be looked at. Raises `ReasonNeeded` and what `advance` raises."""
    if len(note.strip()) < LEAST_NOTE:
        raise ReasonNeeded(least=LEAST_NOTE)
    with transaction.atomic():
        case = advance(
            actor,
            key,
            "case.return",
            expected="case.sanction",
            awaits="case.verify",
            reason=reason,
            note=note.strip(),
        )
        afterwards.after_return(case, note.strip())
    return case


def note_change(actor: Actor, keys: Sequence[UUID | str], note: str = "") -> int:
    """Take note of moves and revisions; returns how many. All or none: raises `NoSuchCase`, `AlreadyMoved`, `OutsideYourArea`."""
    actor = require(actor, "case.note")
    wanted = sorted({str(key) for key in keys})
    with acting(actor, "case.note"):
        cases = list(Case.objects.select_for_update().filter(key__in=wanted).order_by("pk"))
        if len(cases) < len(wanted):
            raise NoSuchCase()
        _all_in_area(actor, {case.area_code for case in cases})
        moved = next((case for case in cases if case.awaits != "case.note"), None)
        if moved is not None:
            raise AlreadyMoved(number=moved.number)
        now = timezone.now()
        Case.objects.filter(pk__in=[case.pk for case in cases]).update(
            awaits="", outcome="noted", since_at=now, closed_at=now
        )
        CaseStep.objects.bulk_create(
            CaseStep(
                case=case, at=now, verb="case.note", actor=actor.name, role=min(actor.roles, default=""),
                awaited="case.note", outcome="noted", note=note.strip(),
            )
            for case in cases
        )  # fmt: skip
        single = wanted[0] if len(wanted) == 1 else ""
        record(
            actor, "case.note", "case" if single else "cases", single,
            old={"awaits": "case.note"}, new={"outcome": "noted", "cases": wanted},
        )  # fmt: skip
        # what pays less has had its letter when the month was posted, or gets it now
        told = letters.told_or_tell(actor, cases)
        rest = [case for case in cases if case.pk not in told]
        afterwards.after_noting(actor, rest, _holds_from(rest))
    return len(cases)


def _holds_from(cases: Sequence[Case]) -> dict[int, date]:
    """Case -> the month from which its change holds: where it pays less, the one in which its notice runs out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.id, coalesce(n.effective_month, r.month) FROM cases_case c JOIN cases_month_run r ON r.id = c.run_id"
            " LEFT JOIN cases_notice n ON n.run_id = c.run_id AND n.member_id = c.member_id"
            "  AND n.pension_group = c.pension_group AND n.kind = c.kind AND c.occasion = '' WHERE c.id = ANY(%s)",
            [[case.pk for case in cases]],
        )
        return dict(cursor.fetchall())


def month_of_eligibility(actor: Actor, case: Case, day: date) -> date:
    """The first month of those run here, without a gap before `day`, for which the person was entitled: arrears begin there."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT month FROM cases_month_run WHERE state = 'complete' AND posted AND month < %s ORDER BY month DESC",
            [day],
        )
        months = [row[0] for row in cursor.fetchall()]
    law = load_lawbook(settings.HAQDAR_LAW).on(day)
    since = day
    for month in months:
        # each month by the law of its own day; it ends at the first for which nothing was owed
        if law.redetermine_from is not None and month < law.redetermine_from:
            break
        schemes = check_member(actor, case.member_id or 0, month).schemes
        if not any(one.verdict is True and one.group == case.pension_group for one in schemes):
            break
        since = month
    return since


def obtained(actor: Actor, key: UUID | str, note: str = "", change: int | None = None) -> Case:
    """Close the task to obtain or correct a fact: it was (the register's `change`), or was found to be right as it is."""
    return advance(
        actor,
        key,
        "fact.correct",
        outcome="obtained",
        note=note.strip(),
        details={"change": change} if change is not None else {},
    )


@dataclass(frozen=True)
class _Given:
    scheme: str
    paise: int
    group: int
    occasion: str = ""


def _entitled(actor: Actor, found: Deciding) -> _Given:
    """What the law gives; refuses with the condition that fails or is not known."""
    scheme = found.scheme
    if scheme.verdict is True and scheme.paise:
        alive = (
            found.check.facts.get("alive") is not False and found.check.facts.get("migrated_out") is not True
        )
        later = _still_here(actor, found)
        if alive and later is None:
            return _Given(scheme.code, scheme.paise, scheme.group)
        if later is not None:
            raise NotEntitled(why=later)
    failing = [*scheme.failing, *scheme.unknown]
    why = failing[0].sentence if failing else scheme.summary
    raise NotEntitled(why=Words(why.en, why.hi))


def _still_here(actor: Actor, found: Deciding) -> Words | None:
    """Why a person entitled on the day is not any more since: what became known about life and place."""
    day: date = days_of_deciding()[-1]
    if found.day == day:
        return None
    check = check_member(actor, found.check.member_id, day)
    scheme = next((one for one in check.schemes if one.code == found.scheme.code), None)
    gone = [one for one in scheme.failing if one.stop_reason in ("died", "migrated")] if scheme else []
    return Words(gone[0].sentence.en, gone[0].sentence.hi) if gone else None


def _occasion(case: Case, run: holding.RunInForce) -> _Given:
    """A benefit for an occasion that the run in force found, as long as nothing was learned about the person since."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT w.to_scheme, w.to_paise, w.pension_group FROM cases_work_item w JOIN cases_month_run r ON r.id = w.run_id"
            " WHERE w.run_id = %(run)s AND w.action = 'start' AND w.member_id = %(member)s AND w.occasion = %(occasion)s"
            " AND w.to_scheme = %(scheme)s AND NOT EXISTS (SELECT 1 FROM registry_change c"
            "  WHERE c.member_id = w.member_id AND c.recorded_at > r.started_at)",
            {"run": run.id, "member": case.member_id, "occasion": case.occasion, "scheme": case.scheme},
        )
        row = cursor.fetchone()
    if row is None:
        raise OccasionGone()
    # an award of a periodic benefit stands for all its occasions: their names begin with the month
    occasion = case.occasion[8:] if case.occasion[4:5] == "-" else case.occasion
    return _Given(row[0], row[1], row[2], occasion)


def _reasons(found: Deciding, chosen: Sequence[str], note: str) -> list[str]:
    """The reasons as chosen, when each of them holds by the law."""
    if not chosen or len(note.strip()) < LEAST_NOTE:
        raise ReasonNeeded(least=LEAST_NOTE)
    failing = {one.code for one in found.scheme.failing}
    for reason in chosen:
        if reason == NOT_ESTABLISHED and not (found.scheme.unknown or found.to_verify):
            raise NotAReason()
        if reason not in failing and reason not in OTHER_REASONS:
            raise NotAReason()
    return list(chosen)


def _free_reasons(chosen: Sequence[str], note: str) -> list[str]:
    if not chosen or len(note.strip()) < LEAST_NOTE:
        raise ReasonNeeded(least=LEAST_NOTE)
    return list(chosen)


def _decided_by(found: Deciding) -> dict[str, Any]:
    """What the decision rested on, for the step and the order: criteria in words, and who verified what."""
    return {
        "day": found.day.isoformat(),
        "scheme": found.scheme.code,
        "paise": found.scheme.paise,
        "criteria": [
            {
                "code": one.code,
                "verdict": one.verdict,
                "en": one.sentence.en,
                "hi": one.sentence.hi,
            }
            for one in found.scheme.criteria
        ],
        "verified": [
            {
                "register": one.source.register,
                "by": one.verified_by,
                "at": one.verified_at.isoformat() if one.verified_at else None,
            }
            for one in found.records
        ],
        "documents": [str(one.key) for one in documents.documents_of("case", str(found.case.key))],
    }


def _named(records: Sequence[Any]) -> Words:
    names = [reading.name for one in records for reading in one.readings]
    unique = list({name.en: name for name in names}.values())
    return Words(", ".join(name.en for name in unique), ", ".join(name.hi for name in unique))


def _all_in_area(actor: Actor, codes: set[str | None]) -> None:
    if actor.area_paths is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM access_area WHERE area_code = ANY(%s) AND path LIKE ANY(%s)",
            [[code for code in codes if code is not None], actor.path_patterns()],
        )
        (count,) = cursor.fetchone() or (0,)
    if count < len(codes):
        raise OutsideYourArea()


__all__ = [
    "add_step",
    "confirm_facts",
    "confirm_stop",
    "decide_objection",
    "note_change",
    "object_to",
    "obtained",
    "reject",
    "restore",
    "sanction",
    "send_back",
    "verify",
    "withdraw_stop",
]
