"""Logging in and out."""

import time

from django.conf import settings
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from haqdar.access.actions import DEMONSTRATION_PASSWORD, check_login, record
from haqdar.access.models.people import User
from haqdar.access.queries import actor_of, demonstration_accounts, has_second_factor
from haqdar.base.refusal import Refusal
from haqdar.web.desk.second_factor import (
    CODE,
    answered,
    asking_page,
    mark_proven,
    proven_kind,
    safe_next,
)
from haqdar.web.middleware import (
    LANGUAGE_COOKIE,
    actor_of_request,
    address_of,
    browser_of,
    switching,
)

_HALF = "logging_in"
_HALF_SECONDS = 600
"""How long a right password waits for its second factor."""


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
def log_in(request: HttpRequest) -> HttpResponse:
    """Name and password; a new session starts, and leads to the page asked for."""
    username = request.POST.get("username", "")
    errors: list[dict[str, str]] = []
    if request.method == "POST" and not switching(request):
        password = request.POST.get("password", "")
        if not username.strip():
            errors.append({"field": "username", "text": _("Enter your user name")})
        if not password:
            errors.append({"field": "password", "text": _("Enter your password")})
        if not errors:
            try:
                user = check_login(request, username, password, address_of(request), browser_of(request))
            except Refusal as refusal:
                errors.append(
                    {"field": "username", "text": refusal.sentence(translation.get_language() or "hi")}
                )
            else:
                if not user.is_demonstration and has_second_factor(user):
                    request.session[_HALF] = {
                        "user": user.pk,
                        "until": int(time.time()) + _HALF_SECONDS,
                        "next": safe_next(request),
                    }
                    return redirect("desk:log-in-second-factor")
                return _enter(request, user, "", safe_next(request))
    context = {
        "errors": errors,
        "wrong": {error["field"]: error["text"] for error in errors},
        "username": username,
        "next": safe_next(request),
        "accounts": demonstration_accounts(),
        "demonstration_password": DEMONSTRATION_PASSWORD,
    }
    return render(request, "desk/log_in.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
def log_in_second_factor(request: HttpRequest) -> HttpResponse:
    """The second half of logging in: a code of the app, a recovery code or a passkey."""
    half = request.session.get(_HALF) or {}
    user = User.objects.filter(pk=half.get("user", 0), is_active=True).first()
    if user is None or half.get("until", 0) < time.time():
        request.session.pop(_HALF, None)
        return redirect("desk:log-in")
    errors: list[dict[str, str]] = []
    if request.method == "POST" and answered(request) and not switching(request):
        try:
            kind = proven_kind(request, user)
        except Refusal as refusal:
            errors.append({"field": CODE, "text": refusal.sentence(translation.get_language() or "hi")})
        else:
            request.session.pop(_HALF)
            return _enter(request, user, kind, half["next"])
    return asking_page(request, user, errors, action=request.path, carried=[], logging_in=True)


def _enter(request: HttpRequest, user: User, kind: str, wanted: str) -> HttpResponse:
    """Begin the session, in the employee's language, and lead to the page asked for."""
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    if kind:
        mark_proven(request, kind)
    record(
        actor_of(user, address_of(request)),
        "user.log_in",
        "user",
        user.username,
        new={"second_factor": kind} if kind else None,
    )
    response = HttpResponseRedirect(wanted)
    if LANGUAGE_COOKIE not in request.COOKIES and user.language in dict(settings.LANGUAGES):
        response.set_cookie(
            LANGUAGE_COOKIE, user.language, max_age=365 * 24 * 3600, samesite="Lax", httponly=True
        )
    return response


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    actor = actor_of_request(request)
    if not actor.is_anonymous:
        record(actor, "user.log_out", "user", actor.name)
    logout(request)
    return redirect("citizen:home")
