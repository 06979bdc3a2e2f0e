"""Holds of single payees: the list, placing one, releasing one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from haqdar.access.actions import record
from haqdar.access.actors import OutsideYourArea, below, require_area
from haqdar.base.money import rupees
from haqdar.base.refusal import Refusal
from haqdar.payments import holds
from haqdar.registry import profiles
from haqdar.registry.entries import people
from haqdar.web import labels
from haqdar.web.desk.forms import language
from haqdar.web.desk.views.common import acting, chosen_place, download, may, query, trail
from haqdar.web.middleware import switching


@require_safe
@may("hold.view")
def hold_list(request: HttpRequest) -> HttpResponse:
    """Who is held in an area, the oldest first; or whose hold has ended."""
    actor, here = acting(request), chosen_place(request)
    ended = request.GET.get("ended") == "yes"
    rows = _rows(request, ended=ended, limit=500) if here else []
    record(actor, "hold.view", "holds", here.area_code if here else "", new={"rows": len(rows)})
    context: dict[str, Any] = {
        "here": here,
        "trail": trail(request, here) if here else [],
        "rows": rows,
        "paise": sum(row.paise for row in rows),
        "ended": ended,
        "today": timezone.localdate(),
        "may_release": actor.may("hold.release"),
        "names": labels.scheme_names(language()),
        "download": query(area=here.area_code if here else "", ended="yes" if ended else ""),
    }
    return render(request, "desk/hold_list.html", context)


def _rows(request: HttpRequest, *, ended: bool, limit: int | None) -> list[holds.Held]:
    here = chosen_place(request)
    if here is None:
        return []
    pattern = "" if here.kind == "state" else below(here.path)
    return holds.holds(acting(request), pattern, standing=not ended, limit=limit)


@require_safe
@may("hold.view")
def hold_download(request: HttpRequest) -> StreamingHttpResponse:
    """The same as CSV."""
    here = chosen_place(request)
    ended = request.GET.get("ended") == "yes"
    record(acting(request), "hold.view", "holds", here.area_code if here else "", new={"download": True})
    header = ("name_en", "name_hi", "scheme", "a_month", "reason", "note", "held_by", "held_on", "look_again_by",
              "released_on", "release_note", "area")  # fmt: skip
    return download(
        "holds.csv",
        header,
        (
            [row.name_en, row.name_hi, row.scheme, rupees(row.paise), row.reason, row.note, row.origin, row.placed_on,
             row.review_on, row.released_on, row.release_note, row.area_en]
            for row in _rows(request, ended=ended, limit=None)
        ),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@may("hold.place")
def hold_new(request: HttpRequest, key: UUID) -> HttpResponse:
    """Hold the money of one person under one pension."""
    actor = acting(request)
    found = list(people(keys=[str(key)]).values())
    if not found:
        raise Http404("no such person")
    (person,) = found
    require_area(actor, person.path)
    schemes = holds.held_schemes(actor, key)
    free = [scheme for scheme, held in schemes if not held]
    typed = {
        "scheme": request.POST.get("scheme", free[0] if len(free) == 1 else ""),
        "reason": request.POST.get("reason", ""),
        "note": request.POST.get("note", "")[: holds.MOST_NOTE],
    }
    errors: list[dict[str, str]] = []
    if request.method == "POST" and not switching(request):
        try:
            holds.hold(actor, key, typed["scheme"], typed["reason"], typed["note"])
            return redirect("desk:hold-list")
        except (holds.NotAPayee, holds.AlreadyHeld, holds.NotAReasonToHold, holds.SayWhyHeld) as refusal:
            field = {"not_a_reason_to_hold": "reason", "say_why_held": "note"}.get(refusal.code, "scheme")
            errors.append({"field": field, "text": refusal.sentence(language())})
    context = {
        "person": person,
        "schemes": schemes,
        "free": free,
        "names": labels.scheme_names(language()),
        "reasons": list(holds.REASONS.items()),
        "typed": typed,
        "errors": errors,
        "fault": {error["field"]: error["text"] for error in errors},
    }
    return render(request, "desk/hold_new.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@may("hold.release")
def hold_release(request: HttpRequest, key: UUID) -> HttpResponse:
    """Let held money go."""
    actor = acting(request)
    try:
        hold = holds.hold_of_key(actor, key)
    except holds.NoSuchHold as nothing:
        raise Http404("no such hold") from nothing
    errors: list[dict[str, str]] = []
    note = request.POST.get("note", "")[: holds.MOST_NOTE]
    if request.method == "POST" and not switching(request):
        try:
            holds.release(actor, key, note)
            return redirect("desk:hold-list")
        except Refusal as refusal:
            if isinstance(refusal, OutsideYourArea):
                raise
            errors.append({"field": "note", "text": refusal.sentence(language())})
    context = {
        "hold": hold,
        "why": holds.REASONS[hold.reason],
        "person": profiles.cards([hold.member_id]).get(hold.member_id),
        "name": labels.scheme_name(hold.scheme, language()),
        "note": note,
        "errors": errors,
    }
    return render(request, "desk/hold_release.html", context)
