"""Life events at the desk: recording one, taking one back, and what changed since the last run."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from haqdar.access.actions import record
from haqdar.base.money import rupees
from haqdar.base.refusal import Refusal
from haqdar.cases import reactions as decided
from haqdar.cases import since
from haqdar.cases.reactions import Outlook
from haqdar.cases.since import Since, SinceFilters
from haqdar.jobs import reactions
from haqdar.registry import corrections, events, profiles
from haqdar.registry.corrections import DoubtsUnanswered
from haqdar.registry.doubts import about_event
from haqdar.registry.events import Event
from haqdar.sources.layout import EVENT_KINDS
from haqdar.web import labels
from haqdar.web.desk.outlooks import shown_outlook
from haqdar.web.desk.views.common import acting, chosen_place, download, may, page_number, trail
from haqdar.web.middleware import switching
from haqdar.web.search import members_found, sought

_EVENT_ID = re.compile(r"desk-[0-9]{20}-[0-9a-f]{8}")


@require_http_methods(["GET", "HEAD", "POST"])
@may("event.record")
def event_new(request: HttpRequest, key: UUID) -> HttpResponse:
    """Say what happened, see whom it touches and what changes, confirm: everybody is decided again at once."""
    actor = acting(request)
    person = profiles.person(actor, key)
    if person is None:
        raise Http404("no such person")
    typed = {
        name: request.POST.get(name, "").strip()[:40]
        for name in ("kind", "happened_on", "reported_on", "spouse")
    }
    typed["reported_on"] = typed["reported_on"] or timezone.localdate().isoformat()
    asked = request.POST.get("event_id", "")
    typed["event_id"] = asked if _EVENT_ID.fullmatch(asked) else events.new_event_id()
    errors: list[dict[str, str]] = []
    preview = None
    again = switching(request)
    if request.method == "POST" and (not again or request.POST.get("previewed")):
        event, errors = _event(request, person.member_id, typed)
        if event is not None:
            doubted = bool(about_event(event)) and request.POST.get("sure") != "yes"
            if request.POST.get("confirm") == "yes" and not again and doubted:
                errors = [
                    {"field": "sure", "text": DoubtsUnanswered().sentence(translation.get_language() or "hi")}
                ]
            elif request.POST.get("confirm") == "yes" and not again:
                return redirect("desk:change-detail", reactions.record_event(actor, event))
            preview = _preview(request, reactions.foresee(event), event)
    context = {
        "person": person,
        "typed": typed,
        "errors": errors,
        "faults": {error["field"]: error["text"] for error in errors},
        "kinds": EVENT_KINDS,
        "with_spouse": events.WITH_SPOUSE,
        "preview": preview,
        "today": timezone.localdate(),
    }
    return render(request, "desk/event_new.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@may("event.withdraw")
def event_withdraw(request: HttpRequest, key: UUID, fingerprint: UUID) -> HttpResponse:
    """Take an event back in one step, after seeing what comes back with it."""
    actor = acting(request)
    person = profiles.person(actor, key)
    if person is None:
        raise Http404("no such person")
    current = events.believed(actor, person.member_id, fingerprint)
    if request.method == "POST" and not switching(request):
        number = reactions.withdraw_event(actor, person.member_id, fingerprint)
        return redirect("desk:change-detail", number)
    preview = _preview(request, reactions.foresee_withdrawal(current.event), current.event)
    return render(
        request, "desk/event_withdraw.html", {"person": person, "event": current.event, "preview": preview}
    )


@require_safe
@may("change.view")
def change_detail(request: HttpRequest, number: int) -> HttpResponse:
    """One event: whom it touched, what was decided before and what stands now; the way back."""
    actor = acting(request)
    told = events.told(actor, number)
    if told is None:
        return _correction_detail(request, number)
    answer = since.answer_to(actor, number)
    record(actor, "change.view", "change", str(number))
    members = [told.event.member_id]
    if answer is not None:
        members += [*(row.member_id for row in answer.rows), *answer.unchanged]
    people = profiles.cards(members)
    context = {
        "told": told,
        "answer": answer,
        "person": people.get(told.event.member_id),
        "rows": [(row, people.get(row.member_id)) for row in answer.rows] if answer else [],
        "unchanged": [people[member] for member in answer.unchanged if member in people] if answer else [],
        "may_withdraw": told.believed and actor.may("event.withdraw"),
        "first_run": decided.last_run() is None,
    }
    return render(request, "desk/change_detail.html", context)


def _correction_detail(request: HttpRequest, number: int) -> HttpResponse:
    """One corrected fact: what it was and is, whom it touched."""
    actor = acting(request)
    told = corrections.told(actor, number)
    if told is None:
        raise Http404("no such change")
    answer = since.answer_to(actor, number)
    record(actor, "change.view", "change", str(number))
    members = [told.member_id]
    if answer is not None:
        members += [*(row.member_id for row in answer.rows), *answer.unchanged]
    links = ("mother_id", "father_id", "spouse_id")
    members += [value for name in links for value in told.changes.get(name, ()) if value is not None]
    people = profiles.cards(members)
    context = {
        "told": told,
        "changes": [(name, old, new) for name, (old, new) in told.changes.items()],
        "answer": answer,
        "person": people.get(told.member_id),
        "related": people,
        "rows": [(row, people.get(row.member_id)) for row in answer.rows] if answer else [],
        "unchanged": [people[member] for member in answer.unchanged if member in people] if answer else [],
        "first_run": decided.last_run() is None,
    }
    return render(request, "desk/correction_detail.html", context)


@require_safe
@may("change.view")
def change_list(request: HttpRequest) -> HttpResponse:
    """Everything that stands otherwise since the last run because something became known."""
    here, run = chosen_place(request), decided.last_run()
    if here is None or run is None:
        return render(request, "desk/change_list.html", {"run": None})
    filters = _filters(request)
    page = since.since_page(acting(request), run, here, filters)
    seen = {"page": page.page, "rows": len(page.rows)}
    record(acting(request), "change.view", "changes", f"{run.month}/{here.area_code}", new=seen)
    people = profiles.cards(row.member_id for row in page.rows)
    names = labels.scheme_names(translation.get_language() or "hi", decided.next_day(run))
    context = {
        "run": run,
        "day": decided.next_day(run),
        "here": here,
        "trail": trail(request, here),
        "page": page,
        "rows": [(row, people.get(row.member_id)) for row in page.rows],
        "actions": [(code, labels.label("action", code), count) for code, count in page.actions.items()],
        "reasons": [(code, labels.label("reason", code), count) for code, count in page.reasons.items()],
        "schemes": [(code, names.get(code, code), count) for code, count in page.schemes.items()],
        "filters": filters,
        "search": sought(request),
        "filtered": filters != SinceFilters(page=filters.page),
        "with_area": here.kind not in ("gp", "ward"),
    }
    return render(request, "desk/change_list.html", context)


@require_safe
@may("change.download")
def change_download(request: HttpRequest) -> StreamingHttpResponse:
    """The whole filtered list as CSV."""
    here, run = chosen_place(request), decided.last_run()
    if here is None or run is None:
        raise Http404("no month was run")
    record(acting(request), "change.download", "changes", f"{run.month}/{here.area_code}")
    rows = since.since_rows(acting(request), run, here, _filters(request))
    header = (
        "day,member_id,group,was_action,was_scheme,was_amount,action,from_scheme,from_amount,to_scheme,to_amount,reason,"
        "missing,effect,effective_on,register,event,area_code,area_en,area_hi,name_en,name_hi"
    )
    return download(f"changes-since-{run.month}-{here.area_code}.csv", header.split(","), _lines(rows))


def _event(
    request: HttpRequest, member_id: int, typed: dict[str, str]
) -> tuple[Event | None, list[dict[str, str]]]:
    """The event that was typed, or what is wrong with it."""
    errors = []
    days: dict[str, date] = {}
    if typed["kind"] not in EVENT_KINDS:
        errors.append({"field": "kind", "text": _("Choose what happened")})
    for name, text in (
        ("happened_on", _("Give the day on which it happened, for example 2016-10-03")),
        ("reported_on", _("Give the day on which it was reported, for example 2016-10-20")),
    ):
        try:
            days[name] = date.fromisoformat(typed[name])
        except ValueError:
            errors.append({"field": name, "text": text})
    spouse = typed["spouse"].replace(" ", "")
    if typed["kind"] not in events.WITH_SPOUSE:
        spouse = ""
    if spouse and not re.fullmatch("[0-9]{9}", spouse):
        errors.append(
            {"field": "spouse", "text": _("A member ID has nine digits; leave it empty if it is not known")}
        )
    if errors:
        return None, errors
    try:
        return events.checked(
            acting(request),
            member_id,
            typed["kind"],
            days["happened_on"],
            days["reported_on"],
            int(spouse) if spouse else None,
            typed["event_id"],
        ), []
    except Refusal as refusal:
        sentence = refusal.sentence(translation.get_language() or "hi")
        return None, [{"field": _FIELD.get(refusal.code, "happened_on"), "text": sentence}]


_FIELD = {"unknown_member": "spouse", "spouse_is_person": "spouse", "end_before_start": "reported_on"}


def _preview(request: HttpRequest, outlook: Outlook, event: Event) -> dict[str, Any]:
    """Whom an event touches and what changes, as far as the actor may see them."""
    spouse = profiles.cards([event.spouse_id]) if event.spouse_id is not None else {}
    seen = since.members_in_area(acting(request), list(spouse))
    return shown_outlook(acting(request), outlook) | {
        "event": event,
        "later": event.happened_on >= outlook.day,
        "spouse": spouse.get(event.spouse_id or -1) if seen else None,
        "doubts": [one.sentence(translation.get_language() or "hi") for one in about_event(event)],
    }


def _filters(request: HttpRequest) -> SinceFilters:
    text = sought(request)
    return SinceFilters(
        action=request.GET.get("action", "")[:40],
        reason=request.GET.get("reason", "")[:40],
        scheme=request.GET.get("scheme", "")[:40],
        members=members_found(acting(request), text) if text else None,
        page=page_number(request),
    )


def _amount(paise: int | None) -> str:
    return "" if paise is None else rupees(paise).removesuffix(".00")


def _lines(chunks: Iterator[list[Since]]) -> Iterator[list[object]]:
    for rows in chunks:
        people = profiles.cards(row.member_id for row in rows)
        for row in rows:
            person = people.get(row.member_id)
            yield [
                row.day,
                f"{row.member_id:09d}",
                row.pension_group,
                row.was_action,
                row.was_scheme,
                _amount(row.was_paise),
                row.action,
                row.from_scheme,
                _amount(row.from_paise),
                row.to_scheme,
                _amount(row.to_paise),
                row.reason,
                row.missing,
                row.effect,
                row.effective_on,
                row.register,
                row.kind,
                row.area_code,
                row.area_en,
                row.area_hi,
                person.name_en if person else "",
                person.name_hi if person else "",
            ]
