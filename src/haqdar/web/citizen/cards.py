"""The household card of the person who was proven by a code: its page, making it, its file."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.views.decorators.http import require_POST, require_safe

from haqdar.access.actions import record
from haqdar.base.refusal import Refusal
from haqdar.cases.cards import issuing
from haqdar.web.cards import card_context
from haqdar.web.citizen.orders import pdf
from haqdar.web.citizen.proven import asks_for_code, citizen_actor, proven_resident
from haqdar.web.limits import limited, per_hour


@require_safe
def card(request: HttpRequest) -> HttpResponse:
    """What the family's card says now; asks for a code first."""
    return _page(request, [])


def _page(request: HttpRequest, errors: list[dict[str, str]]) -> HttpResponse:
    resident = proven_resident(request)
    if resident is None:
        return asks_for_code(request, "/card")
    language = translation.get_language() or "hi"
    try:
        standing = issuing.own_standing(resident)
    except issuing.NobodyThere:
        standing = None
    if standing is None:
        return render(request, "citizen/card_none.html", {})
    record(citizen_actor(request), "own_card.view", "resident", str(resident))
    return render(request, "citizen/card.html", card_context(standing, language) | {"errors": errors})


@require_POST
@limited("card-make", 20, per_hour)
def card_make(request: HttpRequest) -> HttpResponse:
    """Make the card, or find that the one in force says the same, and lead to its file."""
    resident = proven_resident(request)
    if resident is None:
        return asks_for_code(request, "/card")
    try:
        issuing.issue_own(citizen_actor(request), resident)
    except Refusal as refusal:
        return _page(request, [{"field": "", "text": refusal.sentence(translation.get_language() or "hi")}])
    return redirect("citizen:card-document")


@require_safe
def card_document(request: HttpRequest) -> HttpResponse:
    """The signed PDF of the own family's card in force."""
    resident = proven_resident(request)
    if resident is None:
        return asks_for_code(request, request.path)
    standing = issuing.own_standing(resident)
    if standing is None or standing.card is None or not standing.card.sha256:
        return redirect("citizen:card")
    record(citizen_actor(request), "own_card.view", "card", str(standing.card.key))
    return pdf(issuing.document(standing.card), f"{standing.card.number}.pdf")
