"""Hubs: what there is of one matter, as cards for whoever may see them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from haqdar.access.actors import Actor
from haqdar.web.desk.views.common import acting, may

Cards = tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...]
"""Group -> its cards (word, verb, address)."""

MONEY: Cards = (
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
"""In the order in which the money goes."""

IDENTITY: Cards = (
    (
        "people",
        (
            ("search", "person.search", "desk:person-search"),
            ("ekyc", "ekyc.view", "desk:ekyc-dashboard"),
            ("cards", "card.print", "desk:card-print"),
        ),
    ),
    (
        "once",
        (
            ("pairs", "pair.view", "desk:pair-list"),
            ("merges", "person.view", "desk:merge-list"),
            ("lists", "seeding.view", "desk:seeding-list"),
        ),
    ),
    (
        "order",
        (
            ("quality", "quality.view", "desk:quality"),
            ("vault", "vault.audit", "desk:vault-log"),
        ),
    ),
)
"""From one person to the register as a whole."""


@require_safe
@may("desk.view")
def money(request: HttpRequest) -> HttpResponse:
    """Everything about the month's money that is the actor's to see or do."""
    return _hub(request, "money", _("Payments"), MONEY)


@require_safe
@may("desk.view")
def identity(request: HttpRequest) -> HttpResponse:
    """Everything about who is who that is the actor's to see or do."""
    return _hub(request, "identity", _("Identity"), IDENTITY)


def _hub(request: HttpRequest, matter: str, title: str, cards: Cards) -> HttpResponse:
    words = {part: f"{matter}_{part}" for part in ("group", "card", "hint")}
    return render(
        request, "desk/hub.html", {"title": title, "words": words, "groups": _groups(acting(request), cards)}
    )


def _groups(actor: Actor, cards: Cards) -> list[tuple[str, list[tuple[str, str]]]]:
    found = []
    for group, of_group in cards:
        own = [(card, url) for card, verb, name in of_group if actor.may(verb) and (url := _address(name))]
        if own:
            found.append((group, own))
    return found


def _address(name: str) -> str:
    """The address of a page; empty where this installation does not have it."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
