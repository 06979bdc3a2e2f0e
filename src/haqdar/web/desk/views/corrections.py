"""A fact corrected: which one, its new value, what that changes for whom, and on what evidence."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from haqdar.access.actors import Actor
from haqdar.base.refusal import Refusal
from haqdar.cases import deciding_cases as acts
from haqdar.cases.models import Case
from haqdar.jobs import correcting, reactions
from haqdar.registry import corrections, profiles
from haqdar.registry.corrections import FACT_OF_MISSING, FACTS, Correction, Fact
from haqdar.registry.profiles import Profile
from haqdar.sources.layout import DISABILITY_KINDS, MARITAL_STATUSES, SEXES, SOCIAL_CATEGORIES
from haqdar.web.desk.forms import case_or_404, evidence_of, evidence_typed, fault, head, language
from haqdar.web.desk.outlooks import shown_outlook
from haqdar.web.desk.views.common import acting, may
from haqdar.web.middleware import switching

_OPTIONS = {
    "marital": ("marital", MARITAL_STATUSES),
    "sex": ("sex", SEXES),
    "category": ("category", SOCIAL_CATEGORIES),
    "disability": ("disability", DISABILITY_KINDS),
    "yes_no": ("yes_no", ("yes", "no")),
}
_LEAST_NOTE = 20


@require_http_methods(["GET", "HEAD", "POST"])
@may("fact.correct")
def fact_correct(request: HttpRequest, key: UUID) -> HttpResponse:
    """Correct a fact that a case needs; for a missing fact, the one that is missing."""
    actor = acting(request)
    case = case_or_404(actor, key, "fact.correct")
    if case.resident_key is None:
        return redirect("desk:case-detail", key)
    if request.POST.get("act") == "right" and not switching(request) and case.awaits == "fact.correct":
        note = request.POST.get("note", "")[:2000]
        if len(note.strip()) >= _LEAST_NOTE:
            acts.obtained(actor, key, note)
            return redirect("desk:case-detail", key)
    return _correct(request, actor, case.resident_key, case)


@require_http_methods(["GET", "HEAD", "POST"])
@may("fact.correct")
def person_correct(request: HttpRequest, key: UUID) -> HttpResponse:
    """Correct a fact of a person, whatever case it came up in."""
    return _correct(request, acting(request), key, None)


def _correct(request: HttpRequest, actor: Actor, resident: UUID, case: Case | None) -> HttpResponse:
    person = profiles.person(actor, resident)
    if person is None:
        raise Http404("no such person")
    code = request.POST.get("fact") or request.GET.get("fact") or ""
    if not code and case is not None:
        code = FACT_OF_MISSING.get(case.reason, "")
    fact = FACTS.get(code)
    context: dict[str, Any] = (head(case) if case is not None else {}) | {
        "profile": person,
        "case": case,
        "right_least": _LEAST_NOTE,
        "asked_right": request.POST.get("act") == "right",
    }
    if fact is None:
        offered = [one for one in FACTS.values() if one.adds or _choices(person, one) is not None]
        return render(request, "desk/fact_choose.html", context | {"facts": offered})
    typed = _typed(request, person, fact)
    errors: list[dict[str, str]] = []
    correction: Correction | None = None
    again = switching(request)
    asked = request.POST.get("act", "") if request.method == "POST" else ""
    if asked in ("preview", "save"):
        try:
            correction = corrections.checked(actor, person.member_id, fact.code, typed)
        except Refusal as refusal:
            entry = fault(refusal)
            errors.append(entry | {"field": entry["field"] or fact.fields[0][0]})
    if correction is not None and asked == "save" and not again:
        evidence = evidence_of(request, errors)
        if not errors:
            number = _save(request, actor, case, person, correction, typed, evidence, errors)
            if number is not None:
                return redirect("desk:change-detail", number)
    context |= {
        "fact": fact,
        "fields": [
            {"name": name, "kind": kind.removesuffix("_or_none"), "optional": kind.endswith("_or_none")}
            | _field(name, kind, person, fact)
            for name, kind in fact.fields
        ],
        "typed": typed | evidence_typed(request),
        "errors": errors,
        "faults": {error["field"]: error["text"] for error in errors},
        "today": timezone.localdate(),
        "correction": correction,
        "outlook": None,
    }
    if correction is not None:
        context |= {
            "outlook": shown_outlook(actor, reactions.foresee_correction(correction)),
            "changes": [(name, old, new) for name, (old, new) in correction.changes.items()],
            "doubts": [one.sentence(language()) for one in correction.doubts],
            "related": profiles.cards(
                [
                    value
                    for name, pair in correction.changes.items()
                    if name in ("mother_id", "father_id", "spouse_id")
                    for value in pair
                ]
            ),
        }
    return render(request, "desk/fact_correct.html", context)


def _save(
    request: HttpRequest,
    actor: Actor,
    case: Case | None,
    person: Profile,
    correction: Correction,
    typed: dict[str, str],
    evidence: Any,
    errors: list[dict[str, str]],
) -> int | None:
    seen = request.POST.get("belief_no", "")
    belief_no = int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 8 else None
    sure = request.POST.get("sure") == "yes"
    try:
        if case is not None:
            return correcting.correct_for(
                actor, case, person.member_id, correction.fact.code, typed, evidence, belief_no, sure
            )
        return reactions.correct(
            actor, person.member_id, correction.fact.code, typed, evidence, belief_no, sure
        )
    except Refusal as refusal:
        errors.append(fault(refusal))
        return None


def _typed(request: HttpRequest, person: Profile, fact: Fact) -> dict[str, str]:
    """What was typed, or at first what is recorded now."""
    if request.method == "POST" and request.POST.get("fact"):
        return {name: request.POST.get(name, "").strip()[:300] for name, _ in fact.fields}
    row = person.resident | {"social_category": person.family.get("social_category")}
    found = {}
    for name, _ in fact.fields:
        value = None if fact.adds or fact.register in ("bpl", "disability") else row.get(name)
        if isinstance(value, bool):
            value = "yes" if value else "no"
        elif name.endswith("_id") and value is not None:
            value = f"{value:09d}"
        found[name] = "" if value is None else str(value)
    return found


def _field(name: str, kind: str, person: Profile, fact: Fact) -> dict[str, Any]:
    """How a field is asked: its choices, if it has any."""
    chosen = _choices(person, fact)
    if chosen and name == fact.fields[0][0]:
        return {"choices": chosen, "label_kind": ""}
    options = _OPTIONS.get(kind.removesuffix("_or_none"))
    return (
        {"choices": None, "label_kind": options[0], "options": options[1]} if options else {"choices": None}
    )


def _choices(person: Profile, fact: Fact) -> list[dict[str, Any]] | None:
    """The cards or certificates a fact is about; None where there is none, an empty list where it is about no such thing."""
    if fact.code == "bpl_end":
        cards = [
            {"value": f"{row['card_no']} {row['valid_from']}", "number": row["card_no"], "row": row}
            for row in person.bpl
        ]
        return cards or None
    if fact.code == "disability_change":
        found = [
            {"value": row["certificate_no"], "number": row["certificate_no"], "row": row}
            for row in person.disability
        ]
        return found or None
    return []
