"""What happens to every request: headers, language, the actor, and refusals turned into pages."""

import re
import time
from collections.abc import Callable
from ipaddress import ip_address
from urllib.parse import urlencode

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import Resolver404, resolve, reverse
from django.utils import translation
from django.utils.translation import gettext as _

from haqdar.access import sessions
from haqdar.access.actors import (
    ANONYMOUS,
    SECOND_FACTOR,
    Actor,
    NotLoggedIn,
    NotYourFunction,
    OutsideYourArea,
)
from haqdar.access.models.people import User
from haqdar.access.queries import actor_of, has_second_factor
from haqdar.base.refusal import Refusal
from haqdar.web.errors import bad_request

Handler = Callable[[HttpRequest], HttpResponse]

LANGUAGE_COOKIE = "haqdar_language"
PROVEN = "second_factor"
"""Name in the session: when and how the second factor was shown."""
SEEN = "seen"
"""Name in the session: when its use was last written down, in seconds."""
_WAY_OUT = {"desk:log-out", "desk:log-in"}
HELD = {
    "desk:account-password": _WAY_OUT | {"desk:account-password"},
    "desk:second-factor": _WAY_OUT | {"desk:second-factor"},
    "desk:second-factor-set-up": _WAY_OUT | {"desk:second-factor-set-up", "desk:app-add", "desk:passkey-add"},
}
"""A step that comes before everything else, and the only pages open until it is taken."""
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; font-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


class SecurityHeaders:
    """Forbids scripts, styles, frames and senders from elsewhere; keeps personal pages out of caches."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        response.setdefault("X-Content-Type-Options", "nosniff")
        response.setdefault("X-Frame-Options", "DENY")
        response.setdefault("Referrer-Policy", "same-origin")
        response.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        if not request.path_info.startswith("/static/"):
            response.setdefault("Cache-Control", "private, no-store")
        return response


class Language:
    """Hindi unless the person chose otherwise; the switch keeps the page and what was typed.

    `?language=en` sets the choice and leads back to the same page; a form posted with a `language` button is shown
    again in that language with its values (`switching(request)`), unchecked and unsaved.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        known = dict(settings.LANGUAGES)
        asked = request.POST.get("language") if request.method == "POST" else request.GET.get("language")
        chosen = asked if asked in known else request.COOKIES.get(LANGUAGE_COOKIE, "")
        language = chosen if chosen in known else "hi"
        response: HttpResponse
        with translation.override(language):
            request.LANGUAGE_CODE = language
            if asked in known and request.method in ("GET", "HEAD"):
                rest = request.GET.copy()
                rest.pop("language")
                query = f"?{rest.urlencode()}" if rest else ""
                response = HttpResponseRedirect(re.sub(r"^/[/\\]+", "/", request.path) + query)
            else:
                response = self.get_response(request)
        if asked in known:
            response.set_cookie(
                LANGUAGE_COOKIE, language, max_age=365 * 24 * 3600, samesite="Lax", httponly=True
            )
        response.headers["Content-Language"] = language
        return response


def switching(request: HttpRequest) -> bool:
    """Whether this post only changes the language: show the form again as it was typed."""
    return request.method == "POST" and request.POST.get("language") in dict(settings.LANGUAGES)


class ActorOfRequest:
    """Puts the acting person on the request and answers refusals with a page that says why."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if _has_nul(request):
            # PostgreSQL has no such character; nobody types it.
            request.actor = Actor(user_id=None, name=ANONYMOUS.name)  # type: ignore[attr-defined]
            return bad_request(request)
        try:
            request.actor = _actor(request)  # type: ignore[attr-defined]
            held_at = _held_at(request)
        except (OperationalError, InterfaceError):
            return _unavailable(request)
        if held_at:
            # Whatever the page: before this step the session can do nothing else.
            request.actor = actor_of_request(request).only("own_account.manage")  # type: ignore[attr-defined]
            if request.path_info.startswith("/desk/") and _view_name(request) not in HELD[held_at]:
                return HttpResponseRedirect(reverse(held_at))
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse | None:
        """A page for a refusal; None leaves anything else to Django."""
        if isinstance(problem, NotLoggedIn):
            wanted = request.get_full_path() if request.method == "GET" else "/desk/"
            return HttpResponseRedirect(f"{reverse('desk:log-in')}?{urlencode({'next': wanted})}")
        if isinstance(problem, Refusal):
            refused = isinstance(problem, NotYourFunction | OutsideYourArea)
            return refusal_page(request, problem, 403 if refused else 400)
        if isinstance(problem, OperationalError | InterfaceError):
            return _unavailable(request)
        return None


def _unavailable(request: HttpRequest) -> HttpResponse:
    context = {
        "heading": _("The service is not available just now"),
        "sentence": _("The database does not answer. Nothing was lost. Try again in a few minutes."),
    }
    return render(request, "error.html", context, status=503)


def address_of(request: HttpRequest) -> str | None:
    """The address the request came from: the nearest one that our own proxy saw, where there is a proxy."""
    text = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY:
        text = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip() or text
    try:
        return str(ip_address(text))
    except ValueError:
        return None


def refusal_page(request: HttpRequest, refusal: Refusal, status: int) -> HttpResponse:
    """The page of a refusal in the reader's language."""
    heading = _("You cannot open this page") if status == 403 else _("This could not be done")
    sentence = refusal.sentence(translation.get_language() or "hi")
    return render(request, "error.html", {"heading": heading, "sentence": sentence}, status=status)


def actor_of_request(request: HttpRequest) -> Actor:
    """The person acting; the public where nobody is logged in."""
    actor: Actor = getattr(request, "actor", ANONYMOUS)
    return actor


def _has_nul(request: HttpRequest) -> bool:
    fields = [*request.GET.lists(), *(request.POST.lists() if request.method == "POST" else [])]
    return any("\0" in name or any("\0" in str(value) for value in values) for name, values in fields)


def _actor(request: HttpRequest) -> Actor:
    ip = address_of(request)
    if settings.SESSION_COOKIE_NAME in request.COOKIES and isinstance(user := _user(request), User):
        if time.time() - request.session.get(SEEN, 0) > sessions.SEEN_EVERY.total_seconds():
            request.session[SEEN] = int(time.time())
            sessions.begin(user, request.session.session_key or "", ip, browser_of(request))
        return actor_of(user, ip)
    return Actor(user_id=None, name=ANONYMOUS.name, ip=ip)


def browser_of(request: HttpRequest) -> str:
    """What the browser says of itself, cut to a sensible length."""
    return str(request.META.get("HTTP_USER_AGENT", ""))[:200]


def _held_at(request: HttpRequest) -> str:
    """The step that a logged-in person has to take before anything else; empty for none.

    A one-time password is changed first. Whoever may decide or pay shows the second factor, or sets one up, first;
    demonstration accounts are asked at the act itself.
    """
    actor = actor_of_request(request)
    if actor.is_anonymous or not isinstance(user := request.user, User):
        return ""
    if user.password_is_one_time:
        return "desk:account-password"
    if user.is_demonstration or PROVEN in request.session or not actor.verbs & SECOND_FACTOR:
        return ""
    return "desk:second-factor" if has_second_factor(user) else "desk:second-factor-set-up"


def _view_name(request: HttpRequest) -> str:
    try:
        return resolve(request.path_info).view_name
    except Resolver404:
        return ""


def _user(request: HttpRequest) -> object:
    return request.user if request.user.is_authenticated else None
