"""The passbook of the person who was proven: every due and payment with its reason, and the orders that led to them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from haqdar.access.actions import record
from haqdar.access.actors import platform
from haqdar.access.queries import path_of_area, places_along
from haqdar.base.refusal import Refusal
from haqdar.cases.order_reads import own_orders, state_of
from haqdar.payments import passbook as books
from haqdar.registry.own import own_person
from haqdar.registry.queries import Person
from haqdar.web.citizen.orders import pdf
from haqdar.web.citizen.proven import asks_for_code, citizen_actor, proven_resident
from haqdar.web.passbooks import passbook_pdf, passbook_words


@require_safe
def passbook(request: HttpRequest) -> HttpResponse:
    """The last twelve months, then everything before; asks for a code first."""
    resident = proven_resident(request)
    person = own_person(resident) if resident else None
    if resident is None or person is None:
        return asks_for_code(request, request.path)
    language = translation.get_language() or "hi"
    record(citizen_actor(request), "own_passbook.view", "resident", str(resident))
    context = {
        "person": person,
        "book": passbook_words(_rows(person), language),
        "orders": [(order, state_of(order)) for order in own_orders(resident)],
    }
    return render(request, "citizen/passbook.html", context)


@require_safe
def passbook_document(request: HttpRequest) -> HttpResponse:
    """The same as a PDF to keep or print."""
    resident = proven_resident(request)
    person = own_person(resident) if resident else None
    if resident is None or person is None:
        return asks_for_code(request, request.path)
    language = translation.get_language() or "hi"
    record(citizen_actor(request), "own_passbook.download", "resident", str(resident))
    return pdf(
        passbook_pdf(
            _rows(person),
            _name(person, language),
            person.member_id,
            _place(person, language),
            language,
            timezone.now(),
        ),
        "passbook.pdf",
    )


def _rows(person: Person) -> list[books.PassbookRow]:
    try:
        return books.passbook(platform("citizen"), person.member_id)
    except Refusal:
        return []


def _name(person: Person, language: str) -> str:
    return (
        (person.name_hi or person.name_en) if language == "hi" else (person.name_en or person.name_hi or "")
    )


def _place(person: Person, language: str) -> str:
    path = path_of_area(person.area_code)
    return ", ".join(place.name(language) for place in reversed(places_along(path)[1:])) if path else ""
