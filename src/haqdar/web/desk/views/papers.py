"""Documents that officers open: the signed order, a person's passbook. Each opening is an audit event."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from haqdar.access.actions import record
from haqdar.access.queries import path_of_area, places_along
from haqdar.cases.order_reads import order_by_key, public_order
from haqdar.cases.papers.making import content
from haqdar.payments.passbook import passbook
from haqdar.registry import profiles
from haqdar.web import passbooks
from haqdar.web.citizen.orders import pdf
from haqdar.web.desk.views.common import acting, may


@require_safe
@may("order.view")
def order(request: HttpRequest, key: UUID) -> HttpResponse:
    """The signed PDF of an order in the officer's area, made now if nobody opened it before."""
    if public_order(key) is None:
        raise Http404("no such order")
    found = order_by_key(acting(request), key)
    record(acting(request), "order.view", "order", str(found.key))
    return pdf(content(found), f"{found.number}.pdf")


@require_safe
@may("person.view")
def passbook_pdf(request: HttpRequest, key: UUID) -> HttpResponse:
    """A person's passbook as the person's own PDF."""
    actor = acting(request)
    profile = profiles.person(actor, key)
    if profile is None:
        raise Http404("no such person")
    language = translation.get_language() or "hi"
    first, second = ("name_hi", "name_en") if language == "hi" else ("name_en", "name_hi")
    path = path_of_area(profile.family["area_code"])
    place = ", ".join(one.name(language) for one in reversed(places_along(path)[1:])) if path else ""
    rows = passbook(actor, profile.member_id)
    record(actor, "passbook.download", "resident", str(key))
    name = profile.resident[first] or profile.resident[second] or ""
    return pdf(
        passbooks.passbook_pdf(rows, name, profile.member_id, place, language, timezone.now()), "passbook.pdf"
    )
