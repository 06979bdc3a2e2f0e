"""The hub of the money's pages: what there is, for whoever may see it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_safe

from haqdar.access.actors import Actor
from haqdar.web.desk.views.common import acting, may

CARDS: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...] = (
    (
        "local",
        (
            ("proposals", "proposal.view", "desk:payment-proposal-list"),
            ("readiness", "proposal.view", "desk:readiness"),
            ("holds", "hold.view", "desk:hold-list"),
            ("delays", "proposal.view", "desk:money-delays"),
            ("accounts", "return.view", "desk:account-checks"),
        ),
    ),
    (
        "bill",
        (
            ("bills", "payments.view", "desk:bill-latest"),
            ("budget", "budget.view", "desk:budget"),
        ),
    ),
    (
        "bank",
        (
            ("files", "bankfile.view", "desk:bankfile-list"),
            ("treasury", "treasury.view", "desk:treasury"),
            ("responses", "response.view", "desk:response-list"),
            ("returns", "return.view", "desk:return-list"),
            ("recoveries", "return.view", "desk:recoveries"),
        ),
    ),
    (
        "watch",
        (
            ("dashboard", "reconciliation.view", "desk:money-dashboard"),
            ("reconciliation", "reconciliation.view", "desk:reconciliation"),
            ("reports", "report.view", "desk:money-reports"),
            ("samples", "sample.draw", "desk:money-sample"),
        ),
    ),
)
"""Group -> its cards (word, verb, address), in the order in which the money goes."""


@require_safe
@may("desk.view")
def money(request: HttpRequest) -> HttpResponse:
    """Everything about the month's money that is the actor's to see or do."""
    return render(request, "desk/money.html", {"groups": _groups(acting(request))})


def _groups(actor: Actor) -> list[tuple[str, list[tuple[str, str]]]]:
    found = []
    for group, cards in CARDS:
        own = [(card, url) for card, verb, name in cards if actor.may(verb) and (url := _address(name))]
        if own:
            found.append((group, own))
    return found


def _address(name: str) -> str:
    """The address of a page; empty where this installation does not have it."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
