"""The pages of eKYC, alike for an officer with the resident before him and for a citizen alone; the doors are in `desk` and `citizen`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation

from haqdar.access.actors import Actor, NotYourFunction, OutsideYourArea
from haqdar.base.refusal import Refusal
from haqdar.identity.ekyc import consents, persons, verifying
from haqdar.identity.ekyc.document import OFFLINE_XML, ONLINE, SECURE_QR
from haqdar.identity.ekyc.offline_xml import MOST_BYTES as MOST_OF_FILE
from haqdar.identity.ekyc.refusals import (
    NoFileChosen,
    NoQr,
    NotASecureQr,
    NothingGiven,
    NumberNeeded,
    Unavailable,
)
from haqdar.identity.ekyc.secure_qr import MOST_BYTES, MOST_DIGITS, digits_in, shown_photo
from haqdar.identity.ekyc.verified import verified_of
from haqdar.identity.ekyc.verifying import Given, Waiting
from haqdar.jobs import ekyc, reactions
from haqdar.registry import proven
from haqdar.registry.events import NoSuchResident
from haqdar.web.desk.outlooks import shown_outlook
from haqdar.web.files import given_out
from haqdar.web.middleware import switching

WAYS = (OFFLINE_XML, SECURE_QR)
_CAMERA = "camera=(self), geolocation=(), microphone=()"
_FRAME = 1_500_000


@dataclass(frozen=True)
class Door:
    """Who acts for whom: `space` is desk or citizen, from which addresses and templates follow."""

    space: str
    actor: Actor
    resident: UUID

    @property
    def own(self) -> bool:
        """Whether the person does it alone."""
        return self.space == "citizen"

    def url(self, name: str, **more: Any) -> str:
        """The address of a page about this resident."""
        return reverse(f"{self.space}:{name}", kwargs=more if self.own else {"key": self.resident, **more})

    def page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        """A page with what all of them show."""
        person = persons.person_of(self.actor, self.resident)
        return render(
            request,
            f"ekyc/{name}.html",
            {
                "person": person,
                "own": self.own,
                "home": self.url("ekyc") if self.own else reverse("desk:person-detail", args=[self.resident]),
                "begin": self.url("ekyc"),
                **context,
            },
        )


def begin(request: HttpRequest, door: Door, errors: list[dict[str, str]] | None = None) -> HttpResponse:
    """How the person stands, the notice, and the ways to be verified."""
    try:
        person = persons.person_of(door.actor, door.resident)
    except NoSuchResident as nothing:
        raise Http404("no such person") from nothing
    verified = verified_of(person.member_id)
    context = {
        "verified": verified,
        "contradicted": proven.contradicted(person.member_id) if verified else None,
        "rules": verifying.rules_now(),
        "ways": [(way, door.url("ekyc-give", way=way)) for way in _ways()],
        "withdraw": door.url("ekyc-withdraw") if verified or consents.in_force(person.member_id) else "",
        "errors": errors or [],
    }
    return door.page(request, "begin", context)


def give(request: HttpRequest, door: Door, way: str) -> HttpResponse:
    """The form of one way: what is given is read and verified; then it is compared."""
    if way not in _ways():
        raise Http404("no such way")
    if way == ONLINE:
        return _online(request, door)
    errors: list[dict[str, str]] = []
    needs_number = "number" in request.POST
    if request.method == "POST" and not switching(request):
        try:
            key = verifying.read(
                door.actor,
                door.resident,
                given_in(request, way),
                _language(),
                request.POST.get("consent") == "yes",
            )
            return redirect(door.url("ekyc-compare", check=key))
        except Refusal as refusal:
            needs_number = needs_number or isinstance(refusal, NumberNeeded)
            errors.append(_fault(refusal))
    context = {
        "way": way,
        "frame": door.url("ekyc-frame") if way == SECURE_QR else "",
        "rules": verifying.rules_now(),
        "errors": errors,
        "faults": {error["field"]: error["text"] for error in errors},
        "needs_number": needs_number,
        "typed": {name: request.POST.get(name, "")[:200] for name in ("mobile", "consent")},
    }
    response = door.page(request, "give", context)
    if way == SECURE_QR:
        response["Permissions-Policy"] = _CAMERA
    return response


def _ways() -> tuple[str, ...]:
    return (*WAYS, ONLINE) if settings.HAQDAR_EKYC_URL else WAYS


def _online(request: HttpRequest, door: Door) -> HttpResponse:
    """The number, then the code that the authority sent."""
    errors: list[dict[str, str]] = []
    step = request.POST.get("step", "")[:40]
    if request.method == "POST" and not switching(request):
        try:
            if step:
                otp = request.POST.get("otp", "")
                key = verifying.answer_code(door.actor, door.resident, UUID(step), otp)
                return redirect(door.url("ekyc-compare", check=key))
            agreed = request.POST.get("consent") == "yes"
            number = request.POST.get("number", "")[:20]
            step = str(verifying.ask_code(door.actor, door.resident, number, _language(), agreed))
        except ValueError:
            step = ""
        except Refusal as refusal:
            step = "" if isinstance(refusal, Unavailable) else step
            errors.append(_fault(refusal))
    context = {
        "way": ONLINE,
        "step": step,
        "rules": verifying.rules_now(),
        "errors": errors,
        "faults": {error["field"]: error["text"] for error in errors},
        "typed": {"consent": request.POST.get("consent", "")},
    }
    return door.page(request, "online", context)


def frame(request: HttpRequest, door: Door) -> HttpResponse:
    """One picture of the camera: where to go on when a code was read, ``wait`` when there is none in it, or why not."""
    try:
        persons.person_of(door.actor, door.resident)
    except NoSuchResident as nothing:
        raise Http404("no such person") from nothing
    picture = request.FILES.get("document")
    if picture is None or (picture.size or 0) > _FRAME:
        return JsonResponse({"wait": True})
    try:
        digits = digits_in(picture.read())
    except (NoQr, NotASecureQr):
        return JsonResponse({"wait": True})
    except Refusal as refusal:
        return JsonResponse({"error": refusal.sentence(_language())})
    given = Given(
        SECURE_QR,
        digits=digits,
        mobile=request.POST.get("mobile", "")[:20],
        number=request.POST.get("number", "")[:20],
    )
    try:
        key = verifying.read(
            door.actor, door.resident, given, _language(), request.POST.get("consent") == "yes"
        )
    except (OutsideYourArea, NotYourFunction):
        raise
    except Refusal as refusal:
        return JsonResponse({"error": refusal.sentence(_language())})
    return JsonResponse({"next": door.url("ekyc-compare", check=key)})


def compare(request: HttpRequest, door: Door, check: UUID) -> HttpResponse:
    """The document beside the register; confirmed, or given up."""
    try:
        found = verifying.waiting(door.actor, door.resident, check)
    except Unavailable as gone:
        return begin(request, door, [{"field": "", "text": gone.sentence(_language())}])
    except NoSuchResident as nothing:
        raise Http404("no such person") from nothing
    errors: list[dict[str, str]] = []
    answers = {line.field: request.POST.get(line.field, "") for line in found.lines if line.asks}
    if request.method == "POST" and not switching(request):
        if request.POST.get("act") == "give_up":
            verifying.give_up(door.actor, door.resident, check)
            return redirect(door.url("ekyc"))
        try:
            ekyc.confirm(
                door.actor,
                door.resident,
                check,
                answers,
                seen=request.POST.get("seen") == "yes",
                sure=request.POST.get("sure") == "yes",
            )
            return redirect(door.url("ekyc"))
        except Refusal as refusal:
            errors.append(_fault(refusal))
    context = {
        "found": found,
        "lines": [(line, line.recorded, answers.get(line.field) or _proposed(line)) for line in found.lines],
        "photo": door.url("ekyc-photo", check=check) if shown_photo(found.document.photo) else "",
        "outlooks": [] if door.own else _outlooks(door.actor, found),
        "doubts": [doubt.sentence(_language()) for doubt in found.doubts],
        "barred": found.barred.sentence(_language()) if found.barred else "",
        "errors": errors,
        "faults": {error["field"]: error["text"] for error in errors},
        "typed": {name: request.POST.get(name, "") for name in ("seen", "sure")},
    }
    return door.page(request, "compare", context)


def photo(request: HttpRequest, door: Door, check: UUID) -> HttpResponse:
    """The photograph of a document that waits, to be compared with the person; it is kept nowhere."""
    try:
        found = verifying.waiting(door.actor, door.resident, check)
    except Unavailable:
        # the page that showed it tells the same: give the document once more
        return redirect(door.url("ekyc"))
    except NoSuchResident as nothing:
        raise Http404("no such person") from nothing
    content = shown_photo(found.document.photo)
    if not content:
        raise Http404("no photograph")
    return given_out(content, "image/jpeg", "photo")


def withdraw(request: HttpRequest, door: Door) -> HttpResponse:
    """Taking the consent back: one question, one answer."""
    try:
        person = persons.person_of(door.actor, door.resident)
    except NoSuchResident as nothing:
        raise Http404("no such person") from nothing
    if request.method == "POST" and not switching(request):
        consents.withdraw(door.actor, door.resident)
        return redirect(door.url("ekyc"))
    context = {"verified": verified_of(person.member_id), "given": consents.in_force(person.member_id)}
    return door.page(request, "withdraw", context)


def given_in(request: HttpRequest, way: str) -> Given:
    """What a form brought, bounded."""
    file = request.FILES.get("document")
    digits = "" if file is not None else request.POST.get("digits", "")[: MOST_DIGITS + 100]
    if file is None and not digits.strip():
        raise NoFileChosen() if way == OFFLINE_XML else NothingGiven()
    most = MOST_OF_FILE if way == OFFLINE_XML else MOST_BYTES
    return Given(
        way,
        content=file.read(most + 1) if file is not None else b"",
        digits=digits,
        share_code=request.POST.get("share_code", "")[:100],
        mobile=request.POST.get("mobile", "")[:20],
        number=request.POST.get("number", "")[:20],
    )


def _proposed(line: Any) -> str:
    # another spelling is no reason to change a name; everything else somebody must choose
    return "keep" if line.verdict == "alike" else "take" if line.verdict == "missing" else ""


def _outlooks(actor: Actor, found: Waiting) -> list[tuple[str, dict[str, Any]]]:
    """What each correction would change, for whom; a name decides nothing."""
    return [
        (field, shown_outlook(actor, reactions.foresee_correction(one)))
        for field, one in found.would.items()
        if field != "name"
    ]


def _fault(refusal: Refusal) -> dict[str, str]:
    if isinstance(refusal, OutsideYourArea | NotYourFunction):
        raise refusal
    field = getattr(refusal, "field", "") or ("sure" if refusal.code == "doubts_unanswered" else "")
    return {"field": field, "text": refusal.sentence(_language())}


def _language() -> str:
    return translation.get_language() or "hi"
