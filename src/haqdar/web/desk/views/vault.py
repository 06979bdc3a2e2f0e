"""The vault's log: who asked for whose Aadhaar number, when and for which purpose."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
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
from haqdar.access.verbs import words_of
from haqdar.registry import traces
from haqdar.registry.traces import Subject
from haqdar.vault import log
from haqdar.vault.log import ACTS, PAGE, Access, Asked
from haqdar.vault.purposes import PURPOSES
from haqdar.web.desk.views.common import acting, download, may

FIELDS = ("person", "employee", "act", "purpose", "from", "to")


@require_safe
@may("vault.audit")
def vault_log(request: HttpRequest) -> HttpResponse:
    """One page of the log, newest first; reading it is logged too."""
    actor, language = acting(request), translation.get_language() or "hi"
    asked, errors, person = _asked(request)
    before = int(text) if (text := request.GET.get("before", "")).isascii() and text.isdecimal() else None
    found = [] if errors else log.search(actor, asked, before, PAGE + 1)
    page, more = found[:PAGE], len(found) > PAGE
    people = traces.subjects_of_references(actor, [key for one in page if (key := one.about or one.ref)])
    users = trail.names_of([one.actor for one in page])
    kept = {name: request.GET[name] for name in FIELDS if request.GET.get(name)}
    context = {
        "errors": errors,
        "wrong": {error["field"]: error["text"] for error in errors},
        "rows": [
            {
                "access": one,
                "user": users.get(one.actor),
                "act": _act(one, language),
                "purpose": PURPOSES[one.purpose].words._asdict()[language]
                if one.purpose in PURPOSES
                else one.purpose,
                "function": words_of(one.function, language) if one.function else "",
                "person": people.get(key) if (key := one.about or one.ref) else None,
            }
            for one in page
        ],
        "person": person,
        "kept": kept,
        "acts": [(code, words._asdict()[language]) for code, words in ACTS.items()],
        "purposes": [(one.code, one.words._asdict()[language]) for one in PURPOSES.values()],
        "newest": f"?{urlencode(kept)}" if before else "",
        "older": f"?{urlencode(kept | {'before': page[-1].id})}" if more else "",
        "download": urlencode(kept),
    }
    return render(request, "desk/vault_log.html", context, status=400 if errors else 200)


@require_POST
@sensitive_post_parameters()
@may("vault.audit")
def vault_find(request: HttpRequest) -> HttpResponse:
    """From a member ID, which never stands in an address, to the search by the person's opaque key."""
    digits = "".join(character for character in request.POST.get("member", "") if character.isdigit())
    found = traces.subject_of_member(acting(request), int(digits)) if len(digits) == 9 else None
    person = found.key if found else "unknown"
    return HttpResponseRedirect(f"{reverse('desk:vault-log')}?{urlencode({'person': person})}")


@require_safe
@may("vault.download")
def vault_download(request: HttpRequest) -> StreamingHttpResponse | HttpResponse:
    """Everything that fits, as CSV; a person is an opaque key, never a number."""
    actor = acting(request)
    asked, errors, person = _asked(request)
    if errors:
        return vault_log(request)
    record(actor, "vault.download", "resident" if person else "vault", str(person.key) if person else "")
    header = (
        "id",
        "at",
        "employee",
        "ip",
        "function",
        "act",
        "purpose",
        "asked",
        "given",
        "reference",
        "resident",
    )

    def rows() -> Iterator[list[object]]:
        for chunk in log.every(actor, asked):
            for one in chunk:
                yield [
                    one.id, timezone.localtime(one.at).isoformat(timespec="seconds"), one.actor, one.ip, one.function,
                    one.act, one.purpose, one.asked, one.given, one.ref or "", one.about or "",
                ]  # fmt: skip

    return download("vault.csv", header, rows())


def _asked(request: HttpRequest) -> tuple[Asked, list[dict[str, str]], Subject | None]:
    get = request.GET.get
    errors: list[dict[str, str]] = []
    person: Subject | None = None
    refs: tuple[UUID, ...] = ()
    if get("person"):
        try:
            person = traces.subject(acting(request), UUID(get("person", "")))
        except ValueError:
            person = None
        if person is None:
            errors.append(
                {"field": "member", "text": _("There is no person with this member ID in your area")}
            )
        else:
            refs = traces.references_of(acting(request), person)
    days: dict[str, date | None] = {}
    for field in ("from", "to"):
        try:
            days[field] = date.fromisoformat(get(field, "")) if get(field) else None
        except ValueError:
            days[field] = None
            errors.append(
                {"field": field, "text": _("Write the day as year-month-day, for example 2016-10-01")}
            )
    asked = Asked(
        refs,
        get("employee", "").strip()[:200],
        get("act", "")[:20],
        get("purpose", "")[:40],
        days["from"],
        days["to"],
    )
    return asked, errors, person


def _act(one: Access, language: str) -> str:
    words = ACTS.get(one.act.split(" ", 1)[0])
    return words._asdict()[language] if words else one.act
