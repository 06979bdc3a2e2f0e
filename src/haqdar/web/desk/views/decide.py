"""Verifying, sanctioning, rejecting and noting: the acts on one case, each on a page of its own."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from haqdar.access.actions import record
from haqdar.access.actors import Actor
from haqdar.base.refusal import Refusal
from haqdar.cases import deciding_cases as acts
from haqdar.cases.casework import steps_of
from haqdar.cases.deciding_facts import Deciding, deciding
from haqdar.cases.models import Case
from haqdar.web.desk.forms import case_or_404, evidence_of, evidence_typed, fault, head, language, papers
from haqdar.web.desk.views.common import acting, may
from haqdar.web.middleware import switching
from haqdar.web.reasons import shown_reasons


@require_http_methods(["GET", "HEAD", "POST"])
@may("case.verify")
def case_verify(request: HttpRequest, key: UUID) -> HttpResponse:
    """The deciding facts one by one: confirmed by a paper or a visit, corrected, and then the case is handed on."""
    actor = acting(request)
    case = case_or_404(actor, key, "case.verify")
    if case.awaits != "case.verify":
        return redirect("desk:case-detail", key)
    errors: list[dict[str, str]] = []
    act = request.POST.get("act", "") if request.method == "POST" and not switching(request) else ""
    try:
        if act == "confirm":
            evidence = evidence_of(request, errors)
            if not errors:
                acts.confirm_facts(actor, key, request.POST.getlist("records"), evidence)
                return redirect("desk:case-verify", key)
        elif act in ("sanction", "reject"):
            acts.verify(
                actor,
                key,
                recommend=act,
                reasons=request.POST.getlist("reasons"),
                note=request.POST.get("note", "")[:2000],
                seen_confirmation=request.POST.get("seen_confirmation") == "yes",
            )
            return redirect("desk:case-detail", key)
    except Refusal as refusal:
        errors.append(fault(refusal))
    record(actor, "case.view", "case", str(case.key))
    context = head(case) | _decided(actor, case, errors) | _typed(request, errors) | {"act": act}
    return render(request, "desk/case_verify.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@may("case.sanction")
def case_sanction(request: HttpRequest, key: UUID) -> HttpResponse:
    """Sanction, reject or send back, with everything the decision rests on beside it."""
    actor = acting(request)
    case = case_or_404(actor, key, "case.sanction")
    if case.awaits != "case.sanction":
        return redirect("desk:case-detail", key)
    errors: list[dict[str, str]] = []
    act = request.POST.get("act", "") if request.method == "POST" and not switching(request) else ""
    note = request.POST.get("note", "")[:2000]
    try:
        if act == "sanction":
            acts.sanction(actor, key, note)
        elif act == "reject":
            acts.reject(actor, key, request.POST.getlist("reasons"), note)
        elif act == "return":
            acts.send_back(actor, key, "look_again", note)
        if act in ("sanction", "reject", "return"):
            return redirect("desk:case-detail", key)
    except Refusal as refusal:
        errors.append(fault(refusal))
    record(actor, "case.view", "case", str(case.key))
    verified = [step for step in steps_of(case) if step.verb == "case.verify"]
    context = (
        head(case)
        | _decided(actor, case, errors)
        | _typed(request, errors)
        | {
            "act": act,
            "verified": verified[-1] if verified else None,
            "same_officer": any(step.actor == actor.name for step in verified),
        }
    )
    return render(request, "desk/case_sanction.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@may("case.note")
def case_note(request: HttpRequest, key: UUID) -> HttpResponse:
    """Take note of one move or new amount, which takes effect by itself."""
    actor = acting(request)
    case = case_or_404(actor, key, "case.note")
    if case.awaits != "case.note":
        return redirect("desk:case-detail", key)
    errors: list[dict[str, str]] = []
    if request.method == "POST" and not switching(request):
        try:
            acts.note_change(actor, [key], request.POST.get("note", "")[:2000])
            return redirect("desk:case-detail", key)
        except Refusal as refusal:
            errors.append(fault(refusal))
    record(actor, "case.view", "case", str(case.key))
    context = head(case) | _decided(actor, case, errors) | _typed(request, errors)
    return render(request, "desk/case_note.html", context)


def _decided(actor: Actor, case: Case, errors: list[dict[str, str]]) -> dict[str, Any]:
    """What the case is decided by; where the law says nothing (an occasion, a person not in the register), only that."""
    try:
        found = deciding(actor, case)
    except Refusal as refusal:
        if not case.occasion:
            errors.append(fault(refusal))
        return {"deciding": None, "documents": papers(actor, case), "others": acts.OTHER_REASONS}
    return {
        "deciding": found,
        "records": [(one, shown_values(one)) for one in found.records],
        "scheme": shown_reasons([found.scheme], language())[0],
        "failing": [(one.code, one.sentence.in_language(language())) for one in found.scheme.failing],
        "confirmation": found.confirmation.in_language(language()) if found.confirmation else "",
        "better": _better(found),
        "documents": papers(actor, case),
        "others": acts.OTHER_REASONS,
        "least_note": acts.LEAST_NOTE,
    }


def shown_values(record: Any) -> list[tuple[str, str, bool]]:
    """The readings of a record: name, value, whether it is missing."""
    return [
        (one.name.in_language(language()), one.value.in_language(language()), one.unknown)
        for one in record.readings
    ]


def _better(found: Deciding) -> str:
    """The name of the scheme of the group that pays more, if the person is entitled to one."""
    best = found.best
    if best is None or best.code == found.scheme.code or (best.paise or 0) <= (found.scheme.paise or 0):
        return ""
    return best.name.in_language(language())


def _typed(request: HttpRequest, errors: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "errors": errors,
        "faults": {error["field"]: error["text"] for error in errors},
        "typed": evidence_typed(request)
        | {
            "note": request.POST.get("note", "")[:2000],
            "reasons": request.POST.getlist("reasons"),
            "records": request.POST.getlist("records"),
        },
    }
