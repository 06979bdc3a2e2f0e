"""Grievances, feedback and reports at the desk: read, answered, forwarded, examined."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from haqdar.access.actions import record
from haqdar.access.queries import areas_under, path_of_area, places_along
from haqdar.base.refusal import Refusal
from haqdar.cases.casework import NoSuchCase, case_of_kind, steps_of
from haqdar.cases.clock import services
from haqdar.cases.grievances import (
    EXAMINED,
    answer,
    examine_report,
    forward,
    holder_of,
    level_of,
    subject_of,
    to_answer,
)
from haqdar.cases.models import Case
from haqdar.registry.documents import documents_of
from haqdar.web.citizen.asking import language_of_page
from haqdar.web.desk.views.common import acting, may
from haqdar.web.middleware import switching


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@may("grievance.answer")
def grievance_answer(request: HttpRequest, key: UUID) -> HttpResponse:
    """What somebody complains of, and the answer; or on to the office it belongs to."""
    actor = acting(request)
    try:
        case = to_answer(actor, key)
    except NoSuchCase as nothing:
        raise Http404("no such grievance") from nothing
    language = language_of_page()
    names = ("sentence", "words", "reason", "to", "note")
    typed = {name: request.POST.get(name, "")[:2000] for name in names}
    errors: list[dict[str, str]] = []
    act = request.POST.get("act", "") if request.method == "POST" and not switching(request) else ""
    try:
        if act == "answer":
            if typed["sentence"] not in services().grievances.answers:
                errors.append({"field": "sentence", "text": _("Choose an answer")})
            if not typed["words"].strip():
                errors.append({"field": "words", "text": _("Write what was done")})
            if not errors:
                answer(actor, key, typed["sentence"], typed["words"])
                return redirect("desk:case-detail", key=key)
        elif act == "forward":
            if typed["reason"] not in services().grievances.forward_reasons:
                errors.append({"field": "reason", "text": _("Choose why it goes on")})
            if not typed["to"]:
                errors.append({"field": "to", "text": _("Choose where it goes")})
            if not errors:
                up = typed["to"] == "up"
                forward(
                    actor, key, typed["reason"], typed["note"], area_code=None if up else typed["to"], up=up
                )
                return redirect("desk:desk")
    except Refusal as refusal:
        errors.append({"field": "", "text": refusal.sentence(language)})
    record(actor, "case.view", "case", str(case.key))
    subject = subject_of(case)
    path = path_of_area(case.area_code)
    context = _shown(case) | {
        "subject": subject.name.in_language(language) if subject else case.reason,
        "office": holder_of(case),
        "answers": [
            (code, text.in_language(language)) for code, text in services().grievances.answers.items()
        ],
        "reasons": [
            (code, text.in_language(language)) for code, text in services().grievances.forward_reasons.items()
        ],
        "can_go_up": subject is not None and level_of(case) + 1 < len(subject.levels),
        "areas": [
            (area.area_code, area.name(language))
            for area in areas_under(case.district_code)
            if path is None or not path.startswith(area.path)
        ]
        if case.district_code
        else [(area.area_code, area.name(language)) for area in areas_under(None)],
        "typed": typed,
        "errors": errors,
        "faults": {error["field"]: error["text"] for error in errors},
    }
    return render(request, "desk/grievance_answer.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@may("case.examine")
def report_examine(request: HttpRequest, key: UUID) -> HttpResponse:
    """What somebody reports about a payee, and what an examination found; no money changes here."""
    actor = acting(request)
    try:
        case = case_of_kind(actor, key, "case.examine", ("report",))
    except NoSuchCase as nothing:
        raise Http404("no such report") from nothing
    typed = {name: request.POST.get(name, "")[:2000] for name in ("outcome", "note")}
    errors: list[dict[str, str]] = []
    if request.method == "POST" and not switching(request):
        if typed["outcome"] not in EXAMINED:
            errors.append({"field": "outcome", "text": _("Choose what was found")})
        if not typed["note"].strip():
            errors.append({"field": "note", "text": _("Write what was found, and where")})
        if not errors:
            try:
                examine_report(actor, key, typed["outcome"], typed["note"])
                return redirect("desk:case-detail", key=key)
            except Refusal as refusal:
                errors.append({"field": "", "text": refusal.sentence(language_of_page())})
    record(actor, "case.view", "case", str(case.key))
    subject = subject_of(case)
    context = _shown(case) | {
        "subject": subject.name.in_language(language_of_page()) if subject else case.reason,
        "outcomes": [
            ("no_ground", _("Nothing in it"), _("The report is closed. Nothing changes.")),
            (
                "visit_needed",
                _("A visit is needed first"),
                _("The case stays open with you; note who visits and when."),
            ),
            (
                "corrected",
                _("A fact was wrong and has been corrected"),
                _("Correct the fact on the person's page first. What follows has its own notice and order."),
            ),
        ],
        "typed": typed,
        "errors": errors,
        "faults": {error["field"]: error["text"] for error in errors},
    }
    return render(request, "desk/report_examine.html", context)


def _shown(case: Case) -> dict[str, object]:
    path = path_of_area(case.area_code)
    return {
        "case": case,
        "places": [place for place in places_along(path) if place.kind != "state"] if path else [],
        "steps": steps_of(case),
        "documents": documents_of("case", str(case.key)),
        "open": case.closed_at is None,
    }
