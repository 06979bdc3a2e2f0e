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
        ("desk.view", "desk:desk", _("Today's desk"), "/desk/"),
        ("month.view", "desk:month-latest", _("This month"), "/desk/months/"),
        ("change.view", "desk:change-list", _("Since the run"), "/desk/changes/"),
        ("person.search", "desk:person-search", _("Find a person"), "/desk/people/"),
        ("desk.view", "desk:identity", _("Identity"), "/desk/identity/"),
        ("case.view", "desk:register-list", _("Register changes"), "/desk/registers/"),
        ("gramsabha.view", "desk:gramsabha-list", _("Gram Sabha"), "/desk/gramsabha/"),
        ("socialaudit.view", "desk:socialaudit-list", _("Social audits"), "/desk/socialaudit/"),
        ("desk.view", "desk:money", _("Payments"), "/desk/money/"),
        ("delay.view", "desk:delay-list", _("Delays"), "/desk/delays/"),
        ("penalty.impose", "desk:penalty-list", _("Penalties"), "/desk/penalties/"),
        ("delivery.view", "desk:delivery-list", _("Registers received"), "/desk/deliveries/"),
        ("run.view", "desk:run-list", _("Month runs"), "/desk/runs/"),
        ("law.view", "desk:proposal-list", _("Proposals"), "/desk/proposals/"),
        ("application.enter", "desk:application-enter", _("Enter an application"), "/desk/applications/"),
        ("employee.view", "desk:employee-list", _("Employees"), "/desk/employees/"),
        ("audit.view", "desk:audit-list", _("Audit"), "/desk/audit/"),
        ("outbox.view", "desk:outbox", _("Messages"), "/desk/outbox/"),
    )
    return [
        {"url": reverse(name), "text": text, "current": _is_current(request.path, stem)}
        for verb, name, text, stem in entries
        if actor.may(verb)
    ]


# Queues, cases and work on many belong to the desk.
_OF_THE_DESK = ("/desk/queue/", "/desk/cases/", "/desk/work/")
# Whatever is about the month's money lies behind one entry.
_OF_MONEY = ("/desk/money/", "/desk/bills/", "/desk/budget/")
# Who is who, likewise.
_OF_IDENTITY = (
    "/desk/identity/",
    "/desk/pairs/",
    "/desk/merges/",
    "/desk/seeding/",
    "/desk/ekyc/",
    "/desk/cards/",
    "/desk/quality/",
    "/desk/vault/",
)


def _is_current(path: str, stem: str) -> bool:
    if stem == "/desk/":
        return path == stem or path.startswith(_OF_THE_DESK)
    if stem == "/desk/money/":
        return path.startswith(_OF_MONEY)
    if stem == "/desk/identity/":
        return path.startswith(_OF_IDENTITY)
    return path.startswith(stem)
