"""Orders for everybody: what an order says with the person masked, and whether a paper in the hand is the one issued."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from haqdar.base.masking import masked_member, masked_name
from haqdar.base.numbers import number_typed
from haqdar.cases.models import Order
from haqdar.cases.order_reads import later_orders, order_by_document, order_by_number, public_order, state_of
from haqdar.cases.papers.making import content
from haqdar.cases.papers.wording import signatory
from haqdar.outreach.limits import allowed, network_of
from haqdar.web.citizen.proven import asks_for_code, proven_resident
from haqdar.web.limits import limited, per_hour, too_often
from haqdar.web.middleware import address_of, switching

MOST_BYTES = 5 * 1024 * 1024
MOST_MISSES = 60
"""Numbers that exist nowhere, asked for from one network within an hour."""
PAYING = frozenset({"sanction", "restoration", "change"})


@require_safe
def order(request: HttpRequest, key: UUID) -> HttpResponse:
    """What anybody may know of an order: a bank, a neighbour, whoever scans its QR code."""
    found = public_order(key)
    if found is None:
        raise Http404("no such order")
    return render(request, "citizen/order.html", _shown(request, found))


@require_safe
def order_document(request: HttpRequest, key: UUID) -> HttpResponse:
    """The signed PDF, for the person it was written to."""
    found = public_order(key)
    if found is None or found.resident_key is None:
        raise Http404("no such order")
    resident = proven_resident(request)
    if resident is None:
        return asks_for_code(request, request.path)
    if resident != found.resident_key:
        raise Http404("no such order")
    return pdf(content(found), f"{found.number}.pdf")


@require_http_methods(["GET", "HEAD", "POST"])
@limited("order-document", 60, per_hour)
def order_find(request: HttpRequest) -> HttpResponse:
    """An order by its number, or the order whose signed file is handed in: the file is looked at and not kept."""
    typed = request.GET.get("number", "")[:60]
    errors: list[dict[str, str]] = []
    if request.method == "POST" and not switching(request):
        found, problem = _of_file(request)
        if found is not None:
            return redirect(f"{reverse('citizen:order', kwargs={'key': found.key})}?file=same")
        errors.append({"field": "file", "text": problem})
    elif typed:
        found = order_by_number(typed)
        if found is not None:
            return redirect("citizen:order", key=found.key)
        if not allowed("number-miss", network_of(address_of(request)), MOST_MISSES, per_hour):
            return too_often(request)
        errors.append({"field": "number", "text": not_found(typed)})
    return render(request, "citizen/order_find.html", {"errors": errors, "number": typed}, status=200)


def not_found(typed: str) -> str:
    """What is wrong with a number that leads nowhere."""
    number, right = number_typed(typed)
    if not number:
        return _(
            "A number has one letter and twelve digits, for example A26-48219035-50. Look at the receipt or order."
        )
    if not right:
        return _(
            "One of the digits is mistyped: the number cannot be %(number)s. Compare it with the paper."
        ) % {"number": number}
    return _("Nothing is kept under the number %(number)s. Compare it with the paper, or call 181.") % {
        "number": number
    }


def pdf(document: bytes, name: str) -> HttpResponse:
    """A PDF to look at; its name goes into download folders, so it names no person."""
    response = HttpResponse(document, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response


def _of_file(request: HttpRequest) -> tuple[Order | None, str]:
    handed = request.FILES.get("file")
    if handed is None or not handed.size:
        return None, _("Choose the PDF file of the order")
    if handed.size > MOST_BYTES:
        return None, _("The file is too big to be an order: orders are smaller than 5 MB")
    digest = hashlib.sha256()
    for part in handed.chunks():
        digest.update(part)
    found = order_by_document(digest.hexdigest())
    return found, "" if found else _(
        "This file is not an order as it was issued. It may have been changed, printed to a new file or scanned. Search by its number instead."
    )


def _shown(request: HttpRequest, found: Order) -> dict[str, Any]:
    person = found.data["person"]
    said = signatory(found)
    own = found.resident_key is not None and proven_resident(request) == found.resident_key
    return {
        "order": found,
        "state": state_of(found),
        "paper": getattr(found, "paper", None),
        "name": {
            "name_hi": person["name"]["hi"] if own else masked_name(person["name"]["hi"]),
            "name_en": person["name"]["en"] if own else masked_name(person["name"]["en"]),
        }
        if person
        else None,
        "member": masked_member(person["member_id"]) if person else "",
        "office": {"name_hi": said.hi, "name_en": said.en},
        "area": {"name_hi": found.data["place"]["area"]["hi"], "name_en": found.data["place"]["area"]["en"]}
        if found.data["place"]
        else None,
        "paying": found.kind in PAYING and bool(found.paise),
        "same_file": request.GET.get("file") == "same",
        "own": own,
        "later": getattr(found, "superseded_by", None),
        "afterwards": later_orders(found),
    }
