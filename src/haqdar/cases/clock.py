"""The service guarantee clock: until when an office must have acted.

Madhya Pradesh Lok Sewa Guarantee Act 2010: a service has a limit in days that runs from the day after it was asked for. The
services are data (`haqdar.law.services`); the limit of a case is fixed on the day it is opened.
"""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings

from haqdar.law.services import UNGUARANTEED_DAYS, Limit, Service, ServiceBook, load_services

APPEALS = ("appeal", "second_appeal")


def services() -> ServiceBook:
    """The State's services with all their dates."""
    return load_services(settings.HAQDAR_LAW)


def service_of(kind: str, scheme: str | None, day: date, book: ServiceBook | None = None) -> str:
    """The code of the service that a case of `kind` about `scheme` belongs to; empty where the law has none.

    `book` is the `services()` of a caller who asks for many.
    """
    found = (book or services()).serving(kind, scheme, day)
    return found.code if found is not None else ""


def service_on(code: str, kind: str, day: date) -> Service | None:
    """The service of a case as it stood on `day`: the one named, or the one for cases of its kind."""
    book = services()
    return book.service(code, day) if code else book.serving(kind, None, day)


def limit_of(kind: str, service: str, day: date) -> Limit:
    """The limit of a case of `kind` opened on `day`; an appeal's is that of the service of the decision appealed against."""
    if kind in APPEALS:
        found = service_on(service, "application", day)
        level = (found.first_appeal if kind == "appeal" else found.second_appeal) if found else None
        return level.decide_within if level is not None else Limit(UNGUARANTEED_DAYS, False)
    found = service_on(service, kind, day)
    return found.limit if found is not None else Limit(UNGUARANTEED_DAYS, False)


def due_on(kind: str, service: str, opened_on: date) -> date:
    """The last day of the limit of a case of `kind` opened on `opened_on`.

    `service` is the code of the service; empty for the one that serves the kind. Where the law has none the office's own order
    of 30 days holds.
    """
    return services().ends_on(limit_of(kind, service, opened_on), opened_on)


def file_until(kind: str, service: str, decided_on: date) -> date | None:
    """The last day to file an appeal (`kind` appeal or second_appeal) against what was decided on `decided_on`.

    None where the service has no such appeal.
    """
    found = service_on(service, "application", decided_on)
    level = (found.first_appeal if kind == "appeal" else found.second_appeal) if found is not None else None
    return decided_on + timedelta(days=level.file_within) if level is not None else None
