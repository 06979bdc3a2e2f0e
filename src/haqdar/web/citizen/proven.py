"""Who a citizen is, proven by a code to the registered mobile: what every page with somebody's own data asks first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from haqdar.access.actors import ANONYMOUS, Actor
from haqdar.base.refusal import Refusal
from haqdar.outreach.codes import MINUTES, CodeOver, check_code, demonstration, send_code
from haqdar.registry.own import contact_of_number, is_number, number_typed, own_person
from haqdar.registry.sealing import sealer
from haqdar.web.citizen.newcomers import example_numbers
from haqdar.web.limits import limited, per_hour
from haqdar.web.middleware import address_of, switching

GOOD_FOR = timedelta(minutes=20)
_PURPOSE = "prove"


def proven_resident(request: HttpRequest) -> UUID | None:
    """The key of the resident who answered a code in this browser within the last 20 minutes; None for anybody else."""
    held = request.session.get("citizen")
    if not isinstance(held, Mapping):
        return None
    if datetime.fromisoformat(str(held["until"])) < timezone.now():
        del request.session["citizen"]
        return None
    return UUID(str(held["resident"]))


def asks_for_code(request: HttpRequest, next: str) -> HttpResponse:
    """The way to the page that asks for a code, and back to `next` (a path of this site) afterwards."""
    return HttpResponseRedirect(f"{reverse('citizen:prove')}?{urlencode({'next': next})}")


def citizen_actor(request: HttpRequest) -> Actor:
    """The citizen who acts: `citizen:<resident key>` when proven, else the public. May see nothing but what `registry.own` gives."""
    resident = proven_resident(request)
    name = f"citizen:{resident}" if resident else ANONYMOUS.name
    return Actor(user_id=None, name=name, ip=address_of(request))


def let_in(request: HttpRequest, resident: UUID | str) -> None:
    """Note in the session that the resident was proven; the session gets a new key, so one set up by somebody else is no use."""
    request.session.cycle_key()
    request.session["citizen"] = {
        "resident": str(resident),
        "until": (timezone.now() + GOOD_FOR).isoformat(),
    }


def stay(request: HttpRequest) -> None:
    """Begin the 20 minutes of a person who is let in anew."""
    held = request.session.get("citizen")
    if isinstance(held, Mapping):
        request.session["citizen"] = {**held, "until": (timezone.now() + GOOD_FOR).isoformat()}


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@limited("prove", 60, per_hour)
def prove(request: HttpRequest) -> HttpResponse:
    """Asks for the member ID or Aadhaar number and sends a code to the registered mobile.

    The page after it is the same whether the number exists or not, with a mobile or without.
    """
    wanted = _own_path(request, request.POST.get("next") or request.GET.get("next") or "")
    typed = request.POST.get("number", "")[:40]
    errors: list[dict[str, str]] = []
    if request.method == "POST" and not switching(request):
        if not is_number(typed):
            text = _("Enter the nine digits of the member ID, or the twelve of the Aadhaar number")
            errors.append({"field": "number", "text": text})
        else:
            try:
                _start(request, typed, wanted)
                return redirect("citizen:prove-code")
            except Refusal as refusal:
                errors.append({"field": "number", "text": refusal.sentence(_language())})
    context = {
        "errors": errors,
        "number": typed,
        "next": wanted,
        "examples": example_numbers() if demonstration() else [],
    }
    return render(request, "citizen/prove.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@limited("prove-code", 120, per_hour)
def prove_code(request: HttpRequest) -> HttpResponse:
    """Asks for the six digits; right ones open the page that was wanted."""
    proving = request.session.get("proving")
    if not isinstance(proving, Mapping):
        return redirect("citizen:prove")
    errors: list[dict[str, str]] = []
    if request.method == "POST" and not switching(request):
        try:
            if request.POST.get("go") == "again":
                _again(request, proving)
                return redirect("citizen:prove-code")
            check_code(_PURPOSE, str(proving["subject"]), request.POST.get("code", ""))
            if not proving["known"]:
                raise CodeOver()
        except Refusal as refusal:
            errors.append({"field": "code", "text": refusal.sentence(_language())})
        else:
            del request.session["proving"]
            let_in(request, str(proving["subject"]))
            return HttpResponseRedirect(str(proving["next"]))
    context = {"errors": errors, "minutes": MINUTES, "shown": proving["shown"]}
    return render(request, "citizen/prove_code.html", context)


@require_POST
def prove_end(request: HttpRequest) -> HttpResponse:
    """The person is done: this browser shows nothing of them any more."""
    for name in ("citizen", "proving", "draft", "draft_code", "resuming", "receipts", "joined", "own_cases"):
        request.session.pop(name, None)
    request.session.cycle_key()
    return redirect("citizen:home")


def _start(request: HttpRequest, typed: str, wanted: str) -> None:
    digits = number_typed(typed)
    contact = contact_of_number(citizen_actor(request), digits)
    known = contact is not None and bool(contact.mobile)
    # whoever is not there gets a subject of the same form; the number itself is kept nowhere
    subject = str(contact.key) if contact and known else str(sealer().keyed_hash(_PURPOSE, digits))
    _send(request, subject, contact.mobile if contact else "", known, wanted)


def _again(request: HttpRequest, proving: Mapping[str, Any]) -> None:
    person = own_person(proving["subject"]) if proving["known"] else None
    mobile = (person.mobile or "") if person else ""
    _send(request, str(proving["subject"]), mobile, bool(mobile), str(proving["next"]))


def _send(request: HttpRequest, subject: str, mobile: str, known: bool, wanted: str) -> None:
    sent = send_code(_PURPOSE, subject, mobile, _language(), address_of(request))
    request.session["proving"] = {"subject": subject, "known": known, "next": wanted, "shown": sent.shown}


def _own_path(request: HttpRequest, path: str) -> str:
    safe = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if safe else reverse("citizen:home")


def _language() -> str:
    return translation.get_language() or "hi"
