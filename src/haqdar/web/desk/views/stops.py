"""Stops: confirmed or withdrawn, objected to, decided about, and reversed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from haqdar.access.actions import record
from haqdar.base.refusal import Refusal
from haqdar.cases import deciding_cases as acts
from haqdar.cases import objecting, stopping
from haqdar.cases.casework import steps_of
from haqdar.cases.deciding_facts import deciding
from haqdar.cases.models import Case
from haqdar.jobs import restoring
from haqdar.registry import profiles
from haqdar.web.desk.forms import case_or_404, fault, head, language, papers
from haqdar.web.desk.outlooks import shown_outlook
from haqdar.web.desk.views.common import acting, may
from haqdar.web.desk.views.decide import shown_values
from haqdar.web.middleware import switching
from haqdar.web.reasons import shown_reasons


@require_http_methods(["GET", "HEAD", "POST"])
@may("stop.confirm")
def stop_confirm(request: HttpRequest, key: UUID) -> HttpResponse:
    """Why a pension stops, when, and whether somebody objects: confirm it with its notice, or withdraw it."""
    actor = acting(request)
    case = case_or_404(actor, key, "stop.confirm")
    if case.awaits != "stop.confirm":
        return redirect("desk:case-detail", key)
    errors: list[dict[str, str]] = []
    act, note = _asked(request), request.POST.get("note", "")[:2000]
    try:
        if act == "confirm":
            acts.confirm_stop(actor, key, note)
        elif act == "withdraw":
            acts.withdraw_stop(actor, key, "fact_wrong", note)
        if act in ("confirm", "withdraw"):
            return redirect("desk:case-detail", key)
    except Refusal as refusal:
        errors.append(fault(refusal))
    record(actor, "case.view", "case", str(case.key))
    context = (
        head(case)
        | _facts(request, case, errors)
        | {
            "standing": stopping.standing_of(case),
            "may_restore": actor.may("stop.restore"),
            "act": act,
            "note": note,
        }
    )
    return render(request, "desk/stop_confirm.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@may("stop.restore")
def stop_restore(request: HttpRequest, key: UUID) -> HttpResponse:
    """A stop reversed in one step: what comes back, month by month in rupees, before anybody says yes."""
    actor = acting(request)
    case = case_or_404(actor, key, "stop.restore")
    errors: list[dict[str, str]] = []
    note = request.POST.get("note", "")[:2000]
    plan = None
    try:
        if _asked(request) == "restore":
            restoring.restore(actor, key, note)
            return redirect("desk:case-detail", key)
        plan = restoring.foresee(actor, key)
    except Refusal as refusal:
        errors.append(fault(refusal))
    record(actor, "case.view", "case", str(case.key))
    outlook = shown_outlook(actor, plan.outlook) if plan is not None else {"rows": []}
    # the pension itself is restored, not started; here only what follows for others
    outlook["rows"] = [row for row in outlook["rows"] if row[1].member_id != case.member_id]
    context = head(case) | {"errors": errors, "plan": plan, "note": note, "outlook": outlook}
    return render(request, "desk/stop_restore.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@may("objection.enter")
def objection_enter(request: HttpRequest, key: UUID) -> HttpResponse:
    """An objection that somebody makes at the office, on paper or before the Gram Sabha."""
    actor = acting(request)
    case = case_or_404(actor, key, "objection.enter")
    errors: list[dict[str, str]] = []
    typed = {name: request.POST.get(name, "")[:2000] for name in ("grounds", "note", "source")}
    if _asked(request):
        try:
            source = "gram_sabha" if typed["source"] == "gram_sabha" else "office"
            objection = acts.object_to(actor, key, typed["grounds"], typed["note"], source=source)
            return redirect("desk:case-detail", objection.key)
        except Refusal as refusal:
            errors.append(fault(refusal))
    context = head(case) | {
        "errors": errors,
        "faults": {error["field"]: error["text"] for error in errors},
        "typed": typed,
        "grounds": objecting.GROUNDS,
        "standing": stopping.standing_of(case),
        "least": objecting.LEAST_GROUNDS,
    }
    return render(request, "desk/objection_enter.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@may("objection.decide")
def objection_decide(request: HttpRequest, key: UUID) -> HttpResponse:
    """What is objected to and why, with the facts: accept or refuse, in words the person understands."""
    actor = acting(request)
    case = case_or_404(actor, key, "objection.decide")
    if case.awaits != "objection.decide" or case.about is None:
        return redirect("desk:case-detail", key)
    errors: list[dict[str, str]] = []
    act, note = _asked(request), request.POST.get("note", "")[:2000]
    reasons = request.POST.getlist("reasons")
    try:
        if act in ("accept", "refuse"):
            acts.decide_objection(actor, key, act == "accept", reasons if act == "refuse" else [], note)
            return redirect("desk:case-detail", key)
    except Refusal as refusal:
        errors.append(fault(refusal))
    record(actor, "case.view", "case", str(case.key))
    entered = [step for step in steps_of(case) if step.verb == "objection.enter" and step.note]
    context = (
        head(case)
        | _facts(request, case.about, errors)
        | {
            "about": case.about,
            "standing": stopping.standing_of(case.about),
            "entered": entered[-1] if entered else None,
            "act": act,
            "note": note,
            "reasons": reasons,
            "refused_for": objecting.REFUSED_FOR,
            "least": objecting.LEAST_ANSWER,
            "objection_documents": papers(actor, case),
        }
    )
    return render(request, "desk/objection_decide.html", context)


def _asked(request: HttpRequest) -> str:
    """The act of the form; empty for a look, and for a post that only changes the language."""
    return request.POST.get("act", "") if request.method == "POST" and not switching(request) else ""


def _facts(request: HttpRequest, case: Case, errors: list[dict[str, str]]) -> dict[str, Any]:
    """The held scheme's conditions and the records they rest on."""
    actor = acting(request)
    context: dict[str, Any] = {
        "errors": errors,
        "faults": {error["field"]: error["text"] for error in errors},
        "documents": papers(actor, case),
        "people": profiles.cards([case.member_id]),
    }
    try:
        found = deciding(actor, case)
    except Refusal:
        return context | {"scheme": None, "records": []}
    return context | {
        "scheme": shown_reasons([found.scheme], language())[0],
        "records": [(one, shown_values(one)) for one in found.records],
    }
