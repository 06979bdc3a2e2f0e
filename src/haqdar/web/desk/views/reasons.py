"""Why a month's run decided about a person as it did: page, PDF and JSON under one address."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.views.decorators.http import require_safe

from haqdar.access.actors import OutsideYourArea
from haqdar.base.month import Month
from haqdar.base.refusal import Refusal
from haqdar.cases.queries import posted_runs, run_of
from haqdar.cases.reasons import statement_of
from haqdar.registry import profiles
from haqdar.web.desk.views.common import acting, may
from haqdar.web.documents.reasons import statement_data, statement_pdf, statement_words

FORMATS = ("page", "pdf", "json")


@require_safe
@may("reasons.view")
def reasons_latest(request: HttpRequest, key: UUID) -> HttpResponse:
    """The reasons of the latest month that was run; the person's page where there is none."""
    run = run_of(acting(request))
    if run is None:
        return redirect("desk:person-detail", key=key)
    return redirect("desk:reasons-detail", key=key, month=run.slug)


@require_safe
@may("reasons.view")
def reasons_detail(request: HttpRequest, key: UUID, month: Month) -> HttpResponse:
    """What one run decided about one person, `?run=` an earlier version, `?scheme=` one scheme, `?format=pdf` or `json`."""
    actor = acting(request)
    profile = profiles.person(actor, key)
    if profile is None:
        raise Http404("no such person")
    form = request.GET.get("format", "page")
    if form not in FORMATS:
        raise Http404("no such format")
    language = translation.get_language() or "hi"
    scheme = request.GET.get("scheme") or None
    context: dict[str, Any] = {
        "person": profile,
        "month": month.first_day,
        "runs": posted_runs(actor),
        "scheme": scheme,
    }
    try:
        statement = statement_of(actor, profile.member_id, month, _version(request))
        if scheme is not None:
            statement.law.scheme(scheme)
    except OutsideYourArea:
        raise
    except Refusal as refusal:
        if form == "json":
            answer = {"code": refusal.code, "en": refusal.en, "hi": refusal.hi}
            return JsonResponse(answer, status=404, json_dumps_params={"ensure_ascii": False})
        context["problem"] = refusal.sentence(language)
        return render(request, "desk/reasons_detail.html", context, status=200)
    if form == "json":
        found = statement_data(statement, scheme)
        return JsonResponse(found, json_dumps_params={"ensure_ascii": False, "indent": 1})
    if form == "pdf":
        content = statement_pdf(statement, (language,), scheme)
        response = HttpResponse(content, content_type="application/pdf")
        # the file's name goes into download folders and logs, so it names no person
        response["Content-Disposition"] = f'inline; filename="reasons-{month}.pdf"'
        return response
    context |= {
        "run": statement.run,
        "statement": statement_words(statement, language, scheme),
        "schemes": [(one.code, one.name.in_language(language)) for one in statement.schemes],
    }
    return render(request, "desk/reasons_detail.html", context)


def _version(request: HttpRequest) -> int | None:
    """The run asked for; None for the one in force and for what is no number."""
    text = request.GET.get("run", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else None
