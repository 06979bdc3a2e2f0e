"""A citizen objects to a stop or a lower amount: the number on the notice, a code to the mobile, and what is wrong."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from haqdar.base.refusal import Refusal
from haqdar.cases import objecting, stopping
from haqdar.cases.casework import case_by_number
from haqdar.cases.models import Case
from haqdar.cases.order_reads import order_by_number
from haqdar.web.citizen.proven import asks_for_code, citizen_actor, proven_resident
from haqdar.web.limits import limited, per_hour
from haqdar.web.middleware import switching


@require_http_methods(["GET", "HEAD", "POST"])
@limited("object", 60, per_hour)
def object_start(request: HttpRequest) -> HttpResponse:
    """Asks for the number of the notice or of the case; what is behind it shows only after the code."""
    errors: list[dict[str, str]] = []
    typed = (request.POST.get("number") or request.GET.get("case") or "")[:40]
    if (typed or request.method == "POST") and not switching(request):
        case = _case(typed)
        if case is not None:
            return redirect("citizen:object-new", case.number)
        errors.append(
            {
                "field": "number",
                "text": _("There is no notice with this number. Check it on the letter or message."),
            }
        )
    return render(request, "citizen/object_start.html", {"errors": errors, "number": typed})


@require_http_methods(["GET", "HEAD", "POST"])
@limited("object", 60, per_hour)
def object_new(request: HttpRequest, number: str) -> HttpResponse:
    """What is ahead and why, and the objection in the person's own words; for the person concerned alone."""
    case = _case(number)
    if case is None:
        raise Http404("no such case")
    proven = proven_resident(request)
    if proven is None or proven != case.resident_key:
        return asks_for_code(request, reverse("citizen:object-new", args=[case.number]))
    errors: list[dict[str, str]] = []
    language = translation.get_language() or "hi"
    typed = {name: request.POST.get(name, "")[:2000] for name in ("grounds", "note")}
    if request.method == "POST" and not switching(request):
        try:
            objection = objecting.object_to(
                citizen_actor(request),
                case.key,
                typed["grounds"],
                typed["note"],
                language=language,
                proven=proven,
            )
            return redirect("citizen:object-done", objection.number)
        except Refusal as refusal:
            errors.append({"field": "note", "text": refusal.sentence(language)})
    context = {
        "case": case,
        "standing": stopping.standing_of(case),
        "grounds": objecting.GROUNDS,
        "typed": typed,
        "errors": errors,
        "faults": {error["field"]: error["text"] for error in errors},
    }
    return render(request, "citizen/object_new.html", context)


@require_safe
def object_done(request: HttpRequest, number: str) -> HttpResponse:
    """The objection's number, and until when it is decided."""
    case = _case(number)
    if case is None or case.kind != "objection" or proven_resident(request) != case.resident_key:
        raise Http404("no such objection")
    return render(request, "citizen/object_done.html", {"case": case})


def _case(text: str) -> Case | None:
    """The case of a number, or the one that a letter's number belongs to."""
    case = case_by_number(text)
    if case is None:
        order = order_by_number(text)
        case = order.case if order is not None else None
    return case
