"""Applications on paper typed in by the office, and the papers of a case."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from haqdar.access.actors import OutsideYourArea
from haqdar.base.refusal import Refusal
from haqdar.cases import applications
from haqdar.cases.applications import NobodyThere, Scan, documents_wanted
from haqdar.cases.handed_in import paper_of
from haqdar.outreach.numbers import mobile_number
from haqdar.registry.documents import MOST_BYTES, content
from haqdar.registry.own import is_number, person_of_number
from haqdar.web.desk.views.common import acting, may
from haqdar.web.files import given_out
from haqdar.web.labels import pension_names
from haqdar.web.links import link
from haqdar.web.middleware import switching

_LONGEST_NOTE = 600


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@may("application.enter")
def application_enter(request: HttpRequest) -> HttpResponse:
    """One page for what lies on the counter: number, mobile (if any), pension, scans. The same rules as for citizens."""
    language = translation.get_language() or "hi"
    names = pension_names(language)
    typed = {
        name: request.POST.get(name, "")[:_LONGEST_NOTE].strip()
        for name in ("number", "mobile", "scheme", "note")
    }
    errors: list[dict[str, str]] = []
    if request.method == "POST" and not switching(request):
        errors = _wrong(request, typed, names)
        if not errors:
            try:
                return _entered(request, typed, language)
            except OutsideYourArea:
                # who lives elsewhere is no more known here than who does not exist
                errors.append({"field": "number", "text": OutsideYourArea().sentence(language)})
            except Refusal as refusal:
                errors.append(
                    {
                        "field": "number" if isinstance(refusal, NobodyThere) else "",
                        "text": refusal.sentence(language),
                    }
                )
    context = {
        "errors": errors,
        "wrong": {error["field"]: error["text"] for error in errors},
        "typed": typed,
        "schemes": names,
        "papers": {
            kind: name.in_language(language) for kind, name in documents_wanted(typed["scheme"]).items()
        },
    }
    return render(request, "desk/application_enter.html", context)


@require_safe
@may("document.view")
def document(request: HttpRequest, key: UUID) -> HttpResponse:
    """One paper of a case or a person of the officer's area; the look is noted."""
    paper = paper_of(acting(request), key)
    return given_out(content(paper), paper.content_type, paper.kind)


def _wrong(request: HttpRequest, typed: dict[str, str], names: dict[str, str]) -> list[dict[str, str]]:
    errors = []
    if not is_number(typed["number"]):
        text = _("Enter the nine digits of the member ID, or the twelve of the Aadhaar number")
        errors.append({"field": "number", "text": text})
    if typed["mobile"]:
        try:
            mobile_number(typed["mobile"])
        except Refusal as refusal:
            errors.append({"field": "mobile", "text": refusal.sentence(translation.get_language() or "hi")})
    if typed["scheme"] not in names:
        errors.append({"field": "scheme", "text": _("Choose one of the pensions")})
    for kind, name in documents_wanted(typed["scheme"]).items():
        if f"paper-{kind}" not in request.FILES:
            said = name.in_language(translation.get_language() or "hi")
            errors.append({"field": f"paper-{kind}", "text": _("Missing: %(paper)s") % {"paper": said}})
    if request.POST.get("signed") != "yes":
        errors.append({"field": "signed", "text": _("Confirm that the signed application lies before you")})
    return errors


def _entered(request: HttpRequest, typed: dict[str, str], language: str) -> HttpResponse:
    person = person_of_number(acting(request), typed["number"])
    if person is None:
        raise NobodyThere()
    files = {kind: request.FILES.get(f"paper-{kind}") for kind in documents_wanted(typed["scheme"])}
    scans = [Scan(kind, file.read(MOST_BYTES + 1)) for kind, file in files.items() if file is not None]
    mobile = mobile_number(typed["mobile"]) if typed["mobile"] else ""
    handed = applications.enter(
        acting(request), person, typed["scheme"], mobile, language, scans, typed["note"]
    )
    request.session["receipts"] = [*request.session.get("receipts", []), str(handed.case.key)][-50:]
    if request.POST.get("go") == "next" or not link("desk:case-detail", handed.case.key):
        return redirect("citizen:apply-done")
    return redirect("desk:case-detail", handed.case.key)
