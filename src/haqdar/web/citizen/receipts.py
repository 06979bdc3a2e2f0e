"""After handing in: the confirmation, and the receipt as a PDF for the browser that applied."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.views.decorators.http import require_safe

from haqdar.cases.applications import papers_of
from haqdar.cases.models import Case
from haqdar.cases.offices import office_of
from haqdar.web.citizen.proven import proven_resident
from haqdar.web.documents.receipt import receipt_pdf
from haqdar.web.labels import scheme_name
from haqdar.web.links import link, status_address


@require_safe
def apply_done(request: HttpRequest) -> HttpResponse:
    """The number, until when it is decided and by which office, the receipt, and how to follow it."""
    receipts = request.session.get("receipts") or []
    case = Case.objects.filter(key=receipts[-1]).first() if receipts else None
    if case is None:
        return redirect("citizen:apply")
    language = translation.get_language() or "hi"
    context = {
        "case": case,
        "scheme": scheme_name(case.scheme, language),
        "office": office_of(case.area_code, "case.sanction").name(language),
        "own": proven_resident(request) == case.resident_key,
        "joined": request.session.get("joined") == str(case.key),
        "follow": link("citizen:case-status", case.number),
    }
    return render(request, "citizen/apply_done.html", context)


@require_safe
def apply_receipt(request: HttpRequest, key: UUID) -> HttpResponse:
    """The receipt of an application that was handed in from this browser; for any other it does not exist."""
    case = Case.objects.filter(key=key).first() if str(key) in request.session.get("receipts", []) else None
    if case is None:
        raise Http404("no such receipt")
    content = receipt_pdf(case, papers_of(case), status_address(request, case.number))
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{case.number}.pdf"'
    return response
