"""Logging in and out."""

from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from haqdar.access.actions import DEMONSTRATION_PASSWORD, check_login, record
from haqdar.access.queries import actor_of, demonstration_accounts
from haqdar.base.refusal import Refusal
from haqdar.web.middleware import actor_of_request, address_of, switching


@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """The first page of an officer: this month."""
    actor = actor_of_request(request)
    if actor.is_anonymous:
        return redirect("desk:log-in")
    return redirect("desk:month-latest")


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
                user = check_login(request, username, password, address_of(request))
            except Refusal as refusal:
                errors.append(
                    {"field": "username", "text": refusal.sentence(translation.get_language() or "hi")}
                )
            else:
                login(request, user)
                record(
                    actor_of(user, address_of(request)),
                    "user.log_in",
                    "user",
                    user.username,
                )
                return HttpResponseRedirect(_next(request))
    context = {
        "errors": errors,
        "wrong": {error["field"]: error["text"] for error in errors},
        "username": username,
        "next": _next(request),
        "accounts": demonstration_accounts(),
        "demonstration_password": DEMONSTRATION_PASSWORD,
    }
    return render(request, "desk/log_in.html", context)


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    actor = actor_of_request(request)
    if not actor.is_anonymous:
        record(actor, "user.log_out", "user", actor.name)
    logout(request)
    return redirect("citizen:home")


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or "/desk/"
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else "/desk/"
