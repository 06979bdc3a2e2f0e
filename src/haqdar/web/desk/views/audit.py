"""The audit trail searched: who looked at or changed what, when and from where."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from haqdar.access import trail
from haqdar.access.actions import record
from haqdar.access.queries import place
from haqdar.access.trail import PAGE, Asked, Event
from haqdar.access.verbs import WORDS, words_of
from haqdar.cases.traces import keys_of_cases
from haqdar.registry import traces
from haqdar.registry.traces import Subject
from haqdar.web.audit_words import about, changes
from haqdar.web.desk.views.common import acting, download, may

FIELDS = ("person", "employee", "verb", "ip", "from", "to", "area")


@require_safe
@may("audit.view")
def audit_list(request: HttpRequest) -> HttpResponse:
    """One page of the trail, newest first; the search is itself recorded."""
    actor, language = acting(request), translation.get_language() or "hi"
    asked, errors, person = _asked(request)
    before = _before(request)
    events = [] if errors else trail.search(actor, asked, before, PAGE + 1)
    page, more = events[:PAGE], len(events) > PAGE
    kept = {name: request.GET[name] for name in FIELDS if request.GET.get(name)}
    record(
        actor,
        "audit.view",
        "resident" if person else "audit",
        str(person.key) if person else "",
        new={name: value for name, value in kept.items() if name != "person"} or None,
    )
    last = page[-1] if page else None
    context = {
        "errors": errors,
        "wrong": {error["field"]: error["text"] for error in errors},
        "rows": _shown(page, language),
        "person": person,
        "kept": kept,
        "verbs": sorted(((verb, words_of(verb, language)) for verb in WORDS), key=lambda one: one[1]),
        "newest": f"?{urlencode(kept)}" if before else "",
        "older": f"?{urlencode(kept | {'before': f'{last.at.isoformat()}~{last.id}'})}"
        if more and last
        else "",
        "download": urlencode(kept),
    }
    return render(request, "desk/audit_list.html", context, status=400 if errors else 200)


@require_POST
@sensitive_post_parameters()
@may("audit.view")
def audit_find(request: HttpRequest) -> HttpResponse:
    """From a member ID, which never stands in an address, to the search by the person's opaque key."""
    digits = "".join(character for character in request.POST.get("member", "") if character.isdigit())
    found = traces.subject_of_member(acting(request), int(digits)) if len(digits) == 9 else None
    person = found.key if found else "unknown"
    return HttpResponseRedirect(f"{reverse('desk:audit-list')}?{urlencode({'person': person})}")


@require_safe
@may("audit.download")
def audit_download(request: HttpRequest) -> StreamingHttpResponse | HttpResponse:
    """Everything that fits, as CSV."""
    actor = acting(request)
    asked, errors, person = _asked(request)
    if errors:
        return audit_list(request)
    record(actor, "audit.download", "resident" if person else "audit", str(person.key) if person else "")
    header = (
        "id",
        "at",
        "employee",
        "ip",
        "function",
        "verb",
        "object_kind",
        "object_key",
        "what",
        "old",
        "new",
    )

    def rows() -> Iterator[list[object]]:
        for chunk in trail.every(actor, asked):
            for event in chunk:
                texts = changes(event.old, event.new, "en")
                yield [
                    event.id, timezone.localtime(event.at).isoformat(timespec="seconds"), event.actor, event.ip,
                    event.function, event.verb, event.object_kind, event.object_key, words_of(event.verb, "en"),
                    "; ".join(f"{name}: {was}" for name, was, _now in texts if was),
                    "; ".join(f"{name}: {now}" for name, _was, now in texts if now),
                ]  # fmt: skip

    return download("audit.csv", header, rows())


def _asked(request: HttpRequest) -> tuple[Asked, list[dict[str, str]], Subject | None]:
    """What the address asks for, what is wrong with it, and the person it is about."""
    get = request.GET.get
    errors: list[dict[str, str]] = []

    def wrong(field: str, text: str) -> None:
        errors.append({"field": field, "text": text})

    person: Subject | None = None
    objects: tuple[tuple[str, str], ...] = ()
    if get("person"):
        person = _person(request, get("person", ""))
        if person is None:
            wrong("member", _("There is no person with this member ID in your area"))
        else:
            objects = (
                ("resident", person.key),
                ("family", person.family_key),
                *(("case", str(key)) for key in keys_of_cases(UUID(person.key))),
            )
    days: dict[str, date | None] = {}
    for field in ("from", "to"):
        try:
            days[field] = date.fromisoformat(get(field, "")) if get(field) else None
        except ValueError:
            days[field] = None
            wrong(field, _("Write the day as year-month-day, for example 2016-10-01"))
    ip = get("ip", "").strip()
    try:
        ip = str(ip_address(ip)) if ip else ""
    except ValueError:
        wrong("ip", _("Write the address with all its parts, for example 10.1.2.3"))
        ip = ""
    area_path = ""
    if get("area"):
        here = place(acting(request), get("area", "")[:60])
        if here is None:
            wrong("area", _("There is no area with this code in your area"))
        else:
            area_path = here.path
    asked = Asked(
        objects=objects,
        actor=get("employee", "").strip()[:200],
        verb=get("verb", "")[:60],
        ip=ip,
        from_on=days["from"],
        to_on=days["to"],
        area_path=area_path,
    )
    return asked, errors, person


def _person(request: HttpRequest, text: str) -> Subject | None:
    try:
        key = UUID(text)
    except ValueError:
        return None
    return traces.subject(acting(request), key)


def _before(request: HttpRequest) -> tuple[datetime, int] | None:
    at, _separator, number = request.GET.get("before", "").rpartition("~")
    try:
        moment = datetime.fromisoformat(at)
        return (moment, int(number)) if moment.tzinfo else None
    except ValueError:
        return None


def _shown(events: list[Event], language: str) -> list[dict[str, Any]]:
    users = trail.names_of([event.actor for event in events])
    return [
        {
            "event": event,
            "user": users.get(event.actor),
            "what": words_of(event.verb, language),
            "about": about(event.object_kind) if event.object_kind else "",
            "link": _link(event),
            "changes": changes(event.old, event.new, language),
        }
        for event in events
    ]


def _link(event: Event) -> str:
    """Where the thing itself can be seen; empty where it has no page."""
    names = {"resident": "desk:person-detail", "family": "desk:family-detail", "case": "desk:case-detail"}
    try:
        return reverse(names[event.object_kind], args=[UUID(event.object_key)])
    except (KeyError, ValueError):
        return ""
