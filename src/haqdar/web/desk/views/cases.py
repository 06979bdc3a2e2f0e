"""One case: who, what, why, until when, what happened, and the one next act."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.urls import NoReverseMatch, reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from haqdar.access.actions import record
from haqdar.access.actors import Actor
from haqdar.access.queries import path_of_area, places_along
from haqdar.base.refusal import Refusal
from haqdar.cases import caselists
from haqdar.cases.casework import NoSuchCase, case_by_key, steps_of
from haqdar.cases.guarantee import MAY_PAUSE, pauses_of
from haqdar.cases.models import Case, CaseStep
from haqdar.cases.offices import office_of
from haqdar.cases.order_reads import orders_of_case
from haqdar.entitlement.queries import check_member
from haqdar.registry import profiles
from haqdar.registry.documents import documents_of
from haqdar.web.desk.queue_address import QueueAddress
from haqdar.web.desk.views.common import acting, may
from haqdar.web.reasons import shown_reasons

QUEUE_IN_SESSION = "queue"
_ANY_KEY = str(UUID(int=0))

_DECIDED_BY_LAW = ("start", "application", "move", "revise", "stop", "undecided")


@require_safe
@may("case.view")
def case_detail(request: HttpRequest, key: UUID) -> HttpResponse:
    """A case with its deadline, reasons, papers and steps; the look is recorded.

    `?in=` and the filters after it say which queue the officer came from; the latest such queue is kept in the session, so
    that an act leads back to a case that still knows the next one.
    """
    actor = acting(request)
    try:
        case = case_by_key(actor, key)
    except NoSuchCase as nothing:
        raise Http404("no such case") from nothing
    record(actor, "case.view", "case", str(case.key))
    language = translation.get_language() or "hi"
    today = timezone.localdate()
    path = path_of_area(case.area_code)
    places = places_along(path) if path else []
    came_from = _came_from(request)
    context: dict[str, Any] = {
        "case": case,
        "about": case.about,
        "person": profiles.cards([case.member_id]).get(case.member_id or -1),
        "address": profiles.addresses([case.member_id]).get(case.member_id or -1),
        "places": [place for place in places if place.kind != "state"],
        "deadline": _deadline(case, today) if case.closed_at is None else None,
        "office": office_of(case.area_code, case.awaits) if case.awaits else None,
        "criteria": _criteria(actor, case, language),
        "documents": documents_of("case", str(case.key)) if actor.may("document.view") else [],
        "documents_open": _url("desk:document", _ANY_KEY) is not None,
        "steps": _timeline(case),
        "related": caselists.related(actor, case),
        "next_act": _act(actor, case, case.awaits, path),
        "others": _others(actor, case, path),
        "particulars": _particulars(case),
        "orders": orders_of_case(case) if actor.may("order.view") else [],
        "may_pause": case.kind in MAY_PAUSE
        and case.due_on is not None
        and bool(case.awaits)
        and actor.may_in(case.awaits, path),
        "may_resume": case.due_on is None
        and bool(case.awaits)
        and actor.may_in(case.awaits, path)
        and any(pause.ended_on is None for pause in pauses_of(case)),
        "queue": came_from,
    }
    if came_from is not None:
        before, after = caselists.neighbours(
            actor, came_from.verb, came_from.filters(actor), came_from.place(actor), case
        )
        context |= {"before": before, "after": after}
    return render(request, "desk/case_detail.html", context)


def _came_from(request: HttpRequest) -> QueueAddress | None:
    if "in" in request.GET:
        found = QueueAddress.parse(f"{request.GET['in']}?{request.META.get('QUERY_STRING', '')}")
        if found is not None and request.session.get(QUEUE_IN_SESSION) != str(found):
            request.session[QUEUE_IN_SESSION] = str(found)
        return found
    return QueueAddress.parse(request.session.get(QUEUE_IN_SESSION, ""))


def _deadline(case: Case, today: Any) -> dict[str, Any] | None:
    if case.due_on is None:
        return None
    used, limit = (today - case.opened_on).days, max(1, (case.due_on - case.opened_on).days)
    left = (case.due_on - today).days
    return {
        "due_on": case.due_on,
        "used": max(0, used),
        "limit": limit,
        "left": left,
        "over": max(0, -left),
        "width": min(100, max(2, 100 * used // limit)),
    }


def _criteria(actor: Actor, case: Case, language: str) -> list[dict[str, Any]]:
    """What the law says about the scheme of the case for this person, criterion by criterion, as known today."""
    if case.kind not in _DECIDED_BY_LAW or case.member_id is None or not actor.may("person.view"):
        return []
    on = case.run.month if case.run is not None else timezone.localdate().replace(day=1)
    try:
        schemes = shown_reasons(check_member(actor, case.member_id, on).schemes, language)
    except Refusal:
        return []
    asked = {case.scheme, case.from_scheme} - {None}
    if asked:
        return [scheme for scheme in schemes if scheme["code"] in asked]
    return [
        scheme
        for scheme in schemes
        if scheme["verdict"] == "unsure" and case.pension_group in (None, scheme["group"])
    ]


def _timeline(case: Case) -> list[CaseStep]:
    """The steps, oldest first, with how it began where nobody took a step to open it."""
    steps = steps_of(case)
    if not steps or steps[0].awaited:
        opened = CaseStep(
            at=case.opened_at,
            verb="opened" if case.opened_by == "platform" else "case.open",
            actor=case.opened_by,
            role="platform" if case.opened_by == "platform" else "",
        )
        steps.insert(0, opened)
    return steps


def _act(actor: Actor, case: Case, verb: str, path: str | None) -> dict[str, str] | None:
    """The link to the page that does `verb`, where there is one and the actor may."""
    if not verb or not actor.may_in(verb, path):
        return None
    names = [verb.replace(".", "-"), caselists.slug_of(verb)]
    if case.kind == "report":
        names.insert(0, "report-examine")
    for name in names:
        url = _url(f"desk:{name}", str(case.key))
        if url is not None:
            return {"verb": verb, "url": url}
    return None


_OTHERS = {
    "start": ("fact.correct",),
    "application": ("fact.correct",),
    "stop": ("stop.restore", "objection.enter"),
}


def _others(actor: Actor, case: Case, path: str | None) -> list[dict[str, str]]:
    verbs = [
        *_OTHERS.get(case.kind, ()),
        *(("appeal.enter",) if case.outcome in ("rejected", "confirmed") else ()),
    ]
    found = [
        _act(actor, case, verb, path)
        for verb in verbs
        if verb != case.awaits and (case.closed_at is None) != (verb in ("stop.restore", "appeal.enter"))
    ]
    return [act for act in found if act is not None]


def _url(name: str, key: str) -> str | None:
    try:
        return reverse(name, args=[key])
    except NoReverseMatch:
        return None


def _particulars(case: Case) -> str:
    """The template with what only this kind of case has, where a part of the house provides one."""
    name = f"desk/case_{case.kind}.html"
    try:
        get_template(name)
    except TemplateDoesNotExist:
        return ""
    return name
