"""An officer's own account: password, language, second factors, sessions, what was tried with the name."""

from functools import wraps
from uuid import UUID

from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from haqdar.access import sessions
from haqdar.access.actions import record, set_password
from haqdar.access.actors import acting as acting_on
from haqdar.access.passwords import MOST, least_length, normal
from haqdar.access.queries import needs_second_factor
from haqdar.access.second_factors import SharedByAll, factors_of, recovery_codes_left
from haqdar.web.desk.second_factor import behind_second_factor, user_of
from haqdar.web.desk.views.common import View, acting, may
from haqdar.web.middleware import switching

_SAID = ("language", "password", "ended", "removed", "added")


def with_second_factor(view: View) -> View:
    """The view changes what guards the account: whoever has a second factor shows it first."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **values: object) -> object:
        if not factors_of(user_of(request)):
            return view(request, *args, **values)
        return behind_second_factor(request, lambda: view(request, *args, **values))

    return guarded  # type: ignore[return-value]


@require_safe
@may("own_account.manage")
def account(request: HttpRequest) -> HttpResponse:
    """The own account on one page."""
    user = user_of(request)
    factors = factors_of(user)
    context = {
        "account": user,
        "posts": acting(request).grants,
        "factors": factors,
        "needs": needs_second_factor(user),
        "recovery": recovery_codes_left(user) if factors else None,
        "sessions": sessions.open_sessions(user, request.session.session_key or ""),
        "attempts": sessions.past_attempts(user, 10),
        "said": next((word for word in _SAID if word == request.GET.get("said")), ""),
    }
    return render(request, "desk/account.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@may("own_account.manage")
def account_password(request: HttpRequest) -> HttpResponse:
    """Choose another password; a one-time password leads here before anything else."""
    user = user_of(request)
    if user.is_demonstration:
        raise SharedByAll()
    errors: list[dict[str, str]] = []
    if request.method == "POST" and not switching(request):
        old, new = request.POST.get("old_password", ""), request.POST.get("new_password", "")
        if not user.check_password(normal(old)):
            errors.append({"field": "old_password", "text": _("This is not your present password")})
        elif normal(old) == normal(new):
            errors.append(
                {"field": "new_password", "text": _("Choose another password than the present one")}
            )
        else:
            before = request.session.session_key or ""
            try:
                set_password(acting(request), user, new)
            except ValidationError as problem:
                errors += [{"field": "new_password", "text": text} for text in in_words(problem)]
            else:
                update_session_auth_hash(request, user)
                sessions.renamed(before, request.session.session_key or "")
                sessions.end_sessions(acting(request), user, keep=request.session.session_key)
                return redirect("/desk/account/?said=password")
    context = {
        "errors": errors,
        "wrong": {error["field"]: error["text"] for error in errors},
        "least": least_length(user),
        "most": MOST,
        "one_time": user.password_is_one_time,
        "username": user.username,
    }
    return render(request, "desk/account_password.html", context)


def in_words(problem: ValidationError) -> list[str]:
    """What is wrong with a password, in the reader's language (Django's own Hindi is incomplete)."""
    known = {
        "password_too_common": _("This password is used so often that it is tried first. Choose another."),
        "password_too_similar": _("The password is too like your name. Choose another."),
    }
    return [known.get(one.code or "", " ".join(one.messages)) for one in problem.error_list]


@require_POST
@may("own_account.manage")
def account_language(request: HttpRequest) -> HttpResponse:
    """The language that the pages have when this account logs in (the middleware changes the present one)."""
    user = user_of(request)
    chosen = request.POST.get("language", "")
    if chosen in ("hi", "en"):
        with acting_on(acting(request), "user.language"):
            old, user.language = user.language, chosen
            user.save(update_fields=["language"])
            record(
                acting(request),
                "user.language",
                "user",
                user.username,
                old={"language": old},
                new={"language": chosen},
            )
    return redirect("/desk/account/?said=language")


@require_POST
@may("own_account.manage")
def account_session_end(request: HttpRequest, key: UUID) -> HttpResponse:
    """End one of the own sessions."""
    sessions.end_session(acting(request), user_of(request), key)
    return redirect("/desk/account/?said=ended#sessions")


@require_POST
@may("own_account.manage")
def account_sessions_end(request: HttpRequest) -> HttpResponse:
    """End every own session but this one."""
    sessions.end_sessions(acting(request), user_of(request), keep=request.session.session_key)
    return redirect("/desk/account/?said=ended#sessions")
