"""Lists for the Gram Sabha with its objections, and social audits with their samples and answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.views.decorators.http import require_http_methods, require_safe

from haqdar.access.actions import record
from haqdar.access.actors import OutsideYourArea
from haqdar.access.kinds import HOME_KINDS
from haqdar.access.queries import Place, area_exists, place
from haqdar.base.money import rupees
from haqdar.base.refusal import Refusal
from haqdar.payments import scrutiny
from haqdar.payments.models.scrutiny import ANSWERS, SocialAudit, SocialAuditEntry
from haqdar.payments.scrutiny import QUESTIONS, Listed
from haqdar.registry.entries import people
from haqdar.web import labels
from haqdar.web.desk.views.common import acting, chosen_place, download, may, trail
from haqdar.web.documents.lists import audit_pdf, gram_sabha_pdf
from haqdar.web.middleware import switching


@require_safe
@may("gramsabha.view")
def gramsabha_list(request: HttpRequest) -> HttpResponse:
    """Choose the panchayat or ward; whoever has one only is taken there."""
    here = chosen_place(request)
    if here is None:
        return render(request, "desk/gramsabha_list.html", {"here": None})
    if here.kind in HOME_KINDS:
        return redirect("desk:gramsabha-detail", here.area_code)
    context = {"here": here, "trail": trail(request, here), "places": _below(here)}
    return render(request, "desk/gramsabha_list.html", context)


@require_safe
@may("gramsabha.view")
def gramsabha_detail(request: HttpRequest, area: str) -> HttpResponse:
    """The list of a panchayat on the screen, to print, and the meetings at which it was read out."""
    actor, here = acting(request), _home(request, area)
    entries = scrutiny.gram_sabha_list(actor, here)
    record(
        actor,
        "gramsabha.view",
        "area",
        here.area_code,
        new={"listed": len(entries.payees) + len(entries.starts)},
    )
    context = {
        "here": here,
        "list": entries,
        "names": labels.scheme_names(_language(), entries.month),
        "meetings": scrutiny.meetings_of(actor, here),
        "may_object": actor.may_in("gramsabha.object", here.path),
    }
    return render(request, "desk/gramsabha_detail.html", context)


@require_safe
@may("gramsabha.view")
def gramsabha_print(request: HttpRequest, area: str, language: str) -> HttpResponse:
    """The list as PDF, in Hindi or English."""
    actor, here = acting(request), _home(request, area)
    if language not in ("hi", "en"):
        raise Http404("no such language")
    entries = scrutiny.gram_sabha_list(actor, here)
    record(actor, "gramsabha.view", "area", here.area_code, new={"printed": language})
    return _pdf(gram_sabha_pdf(entries, here, language), f"gram-sabha-{here.area_code}-{language}.pdf")


@require_http_methods(["GET", "HEAD", "POST"])
@may("gramsabha.object")
def gramsabha_meeting_new(request: HttpRequest, area: str) -> HttpResponse:
    """Record that the list was read out: day, number of the meeting, people present."""
    actor, here = acting(request), _home(request, area)
    typed = {name: request.POST.get(name, "").strip()[:40] for name in ("held_on", "meeting_no", "present")}
    errors = []
    if request.method == "POST" and not switching(request):
        try:
            meeting = scrutiny.record_meeting(
                actor, here, _day(typed["held_on"]), typed["meeting_no"], typed["present"]
            )
            return redirect("desk:gramsabha-meeting", meeting.key)
        except Refusal as refusal:
            errors.append({"field": "held_on", "text": refusal.sentence(_language())})
    context = {"here": here, "typed": typed, "errors": errors, "today": timezone.localdate()}
    return render(request, "desk/gramsabha_meeting_new.html", context)


@require_safe
@may("gramsabha.view")
def gramsabha_meeting(request: HttpRequest, key: UUID) -> HttpResponse:
    """A meeting with its objections; choose the entry that another one is against."""
    actor = acting(request)
    meeting = scrutiny.meeting_of(actor, key)
    if meeting is None:
        raise Http404("no such meeting")
    here = _home(request, meeting.area_code)
    objections = list(meeting.objections.select_related("case").order_by("-id"))
    persons = {
        str(one.key): one for one in people(keys=[str(one.resident_key) for one in objections]).values()
    }
    may_object = actor.may_in("gramsabha.object", here.path)
    record(actor, "gramsabha.view", "gram_sabha", str(key))
    context = {
        "here": here,
        "meeting": meeting,
        "objections": [(one, persons.get(str(one.resident_key))) for one in objections],
        "list": scrutiny.gram_sabha_list(actor, here) if may_object else None,
        "names": labels.scheme_names(_language()),
    }
    return render(request, "desk/gramsabha_meeting.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@may("gramsabha.object")
def gramsabha_object(request: HttpRequest, key: UUID, person: UUID, scheme: str) -> HttpResponse:
    """Write down what was said against one entry of the list."""
    actor = acting(request)
    meeting = scrutiny.meeting_of(actor, key, "gramsabha.object")
    if meeting is None:
        raise Http404("no such meeting")
    here = _home(request, meeting.area_code)
    entry = _entry(scrutiny.gram_sabha_list(actor, here), person, scheme)
    typed = {name: request.POST.get(name, "").strip()[:2000] for name in ("said_by", "said")}
    errors = []
    if request.method == "POST" and not switching(request):
        try:
            scrutiny.object_to(actor, meeting, entry, typed["said_by"], typed["said"])
            return redirect("desk:gramsabha-meeting", key)
        except Refusal as refusal:
            errors.append({"field": "said", "text": refusal.sentence(_language())})
    context = {"here": here, "meeting": meeting, "entry": entry, "typed": typed, "errors": errors}
    return render(request, "desk/gramsabha_object.html", context)


@require_safe
@may("socialaudit.view")
def socialaudit_list(request: HttpRequest) -> HttpResponse:
    """The social audits that concern the area."""
    actor = acting(request)
    found = scrutiny.audits(actor)
    places = _places([audit.area_code for audit in found])
    context = {
        "audits": [(audit, places.get(audit.area_code)) for audit in found],
        "may_draw": actor.may("socialaudit.draw"),
    }
    return render(request, "desk/socialaudit_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@may("socialaudit.draw")
def socialaudit_new(request: HttpRequest) -> HttpResponse:
    """Draw a sample of an area by lot."""
    actor, here = acting(request), chosen_place(request)
    if here is None:
        return render(request, "desk/socialaudit_new.html", {"here": None})
    typed = {
        "percent": request.POST.get("percent", "10").strip()[:4],
        "least": request.POST.get("least", "5").strip()[:4],
        "seed": request.POST.get("seed", "").strip()[:40],
    }
    errors = []
    if request.method == "POST" and not switching(request):
        try:
            audit = scrutiny.draw(
                actor, here, _whole(typed["percent"]), _whole(typed["least"]), typed["seed"]
            )
            return redirect("desk:socialaudit-detail", audit.key)
        except Refusal as refusal:
            errors.append({"field": "percent", "text": refusal.sentence(_language())})
    context = {
        "here": here,
        "trail": trail(request, here),
        "places": _below(here),
        "typed": typed,
        "errors": errors,
    }
    return render(request, "desk/socialaudit_new.html", context)


@require_safe
@may("socialaudit.view")
def socialaudit_detail(request: HttpRequest, key: UUID) -> HttpResponse:
    """A sample: whom to visit, what was found, the sums."""
    actor, audit = acting(request), _audit(request, key)
    entries = scrutiny.entries_of(actor, audit)
    persons = people([entry.member_id for entry in entries])
    record(actor, "socialaudit.view", "social_audit", str(key), new={"entries": len(entries)})
    summary = scrutiny.summary(entries)
    context = {
        "audit": audit,
        "here": _places([audit.area_code]).get(audit.area_code),
        "entries": [(entry, persons.get(entry.member_id)) for entry in entries],
        "summary": [(question, counts) for question, counts in summary.items()],
        "answered": sum(entry.answered_at is not None for entry in entries),
        "total": len(entries),
        "may_answer": actor.may("socialaudit.answer"),
    }
    return render(request, "desk/socialaudit_detail.html", context)


@require_safe
@may("socialaudit.view")
def socialaudit_print(request: HttpRequest, key: UUID, language: str) -> HttpResponse:
    """The sheet for the visits as PDF."""
    if language not in ("hi", "en"):
        raise Http404("no such language")
    actor, audit = acting(request), _audit(request, key)
    entries = scrutiny.entries_of(actor, audit)
    here = _places([audit.area_code])[audit.area_code]
    record(actor, "socialaudit.view", "social_audit", str(key), new={"printed": language})
    persons = people([entry.member_id for entry in entries])
    content = audit_pdf(audit, entries, persons, here, audit.run.month, language)
    return _pdf(content, f"social-audit-{here.area_code}-{language}.pdf")


@require_safe
@may("socialaudit.view")
def socialaudit_download(request: HttpRequest, key: UUID) -> StreamingHttpResponse:
    """The sample with its answers as CSV."""
    actor, audit = acting(request), _audit(request, key)
    entries = scrutiny.entries_of(actor, audit)
    record(actor, "socialaudit.view", "social_audit", str(key), new={"downloaded": len(entries)})
    persons = people([entry.member_id for entry in entries])
    header = ("serial", "member_id_ending", "name_en", "name_hi", "area_code", "scheme", "amount", *QUESTIONS, "note", "case")  # fmt: skip

    def lines() -> Iterator[list[object]]:
        for entry in entries:
            one = persons.get(entry.member_id)
            yield [
                entry.serial,
                f"{entry.member_id:09d}"[-4:],
                one.name_en if one else "",
                one.name_hi if one else "",
                entry.area_code,
                entry.scheme,
                rupees(entry.paise).removesuffix(".00"),
                *[getattr(entry, question) for question in QUESTIONS],
                entry.note,
                entry.case.number if entry.case else "",
            ]

    return download(f"social-audit-{audit.area_code}-{audit.seed}.csv", header, lines())


@require_http_methods(["GET", "HEAD", "POST"])
@may("socialaudit.answer")
def socialaudit_answer(request: HttpRequest, key: UUID, serial: int) -> HttpResponse:
    """Enter what a visit found."""
    actor, audit = acting(request), _audit(request, key)
    entry = SocialAuditEntry.objects.filter(audit=audit, serial=serial).first()
    if entry is None:
        raise Http404("no such entry")
    one = people([entry.member_id]).get(entry.member_id)
    here = place(actor, entry.area_code)
    if one is None or here is None:
        raise OutsideYourArea()
    typed = {name: request.POST.get(name, getattr(entry, name))[:2000] for name in (*QUESTIONS, "note")}
    errors = []
    if request.method == "POST" and not switching(request):
        try:
            scrutiny.answer(actor, entry, typed, typed["note"])
            return redirect("desk:socialaudit-detail", key)
        except Refusal as refusal:
            missing = next((name for name in QUESTIONS if typed[name] not in ANSWERS), "note")
            errors.append({"field": missing, "text": refusal.sentence(_language())})
    context = {
        "audit": audit,
        "entry": entry,
        "person": one,
        "here": here,
        "questions": [(name, typed[name]) for name in QUESTIONS],
        "answers": ANSWERS,
        "note": typed["note"],
        "errors": errors,
    }
    return render(request, "desk/socialaudit_answer.html", context)


def _audit(request: HttpRequest, key: UUID) -> SocialAudit:
    audit = scrutiny.audit_of_key(acting(request), key)
    if audit is None:
        if SocialAudit.objects.filter(key=key).exists():
            raise OutsideYourArea()
        raise Http404("no such audit")
    return audit


def _home(request: HttpRequest, area: str) -> Place:
    found = place(acting(request), area)
    if found is None:
        if area_exists(area):
            raise OutsideYourArea()
        raise Http404("no such area")
    if found.kind not in HOME_KINDS:
        raise Http404("lists are made for panchayats and wards")
    return found


def _entry(entries: scrutiny.List, person: UUID, scheme: str) -> Listed:
    for one in (*entries.payees, *entries.starts):
        if one.person.key == person and one.scheme == scheme:
            return one
    raise scrutiny.NotOnTheList()


def _below(here: Place) -> list[dict[str, Any]]:
    """The areas directly under a place."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.area_code, a.kind, a.name_en, coalesce(a.name_hi, '') AS name_hi FROM access_area a"
            " WHERE a.parent_code = %s AND a.kind <> 'village' ORDER BY a.name_en, a.area_code",
            [here.area_code],
        )
        names = ("area_code", "kind", "name_en", "name_hi")
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _places(codes: list[str]) -> dict[str, Place]:
    """Areas by code; their names are public."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT area_code, kind, name_en, coalesce(name_hi, ''), path FROM access_area WHERE area_code = ANY(%s)",
            [codes],
        )
        return {row[0]: Place(*row) for row in cursor.fetchall()}


def _pdf(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() else 0


def _language() -> str:
    return translation.get_language() or "hi"
