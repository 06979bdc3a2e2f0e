"""What every template may use."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from haqdar.web.middleware import actor_of_request


def page(request: HttpRequest) -> dict[str, Any]:
    """The actor, the page's language and the officers' menu."""
    actor = actor_of_request(request)
    language = translation.get_language() or "hi"
    other = "en" if language == "hi" else "hi"
    return {
        "actor": actor,
        "language": language,
        "other_language": other,
        "other_language_name": "English" if other == "en" else "हिन्दी",
        "menu": [] if actor.is_anonymous else _menu(request),
    }


def _menu(request: HttpRequest) -> list[dict[str, Any]]:
    actor = actor_of_request(request)
    entries = (
        ("month.view", "desk:month-latest", _("This month"), "/desk/months/"),
        ("change.view", "desk:change-list", _("Since the run"), "/desk/changes/"),
        ("person.search", "desk:person-search", _("Find a person"), "/desk/people/"),
        ("payments.view", "desk:bill-latest", _("Bills"), "/desk/bills/"),
        ("delivery.view", "desk:delivery-list", _("Registers received"), "/desk/deliveries/"),
        ("run.view", "desk:run-list", _("Month runs"), "/desk/runs/"),
        ("law.view", "desk:proposal-list", _("Proposals"), "/desk/proposals/"),
        ("outbox.view", "desk:outbox", _("Messages"), "/desk/outbox/"),
    )
    return [
        {"url": reverse(name), "text": text, "current": request.path.startswith(stem)}
        for verb, name, text, stem in entries
        if actor.may(verb)
    ]
