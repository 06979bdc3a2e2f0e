"""The second factor at the door: who has shown it in this session, and asking for it without losing a form."""

import json
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme

from haqdar.access import sessions
from haqdar.access.actions import record
from haqdar.access.models.people import User
from haqdar.access.queries import actor_of
from haqdar.access.second_factors import (
    PASSKEY,
    demonstration_code,
    factors_of,
    passkey_question,
    prove_code,
    prove_passkey,
    recovery_codes_left,
)
from haqdar.base.refusal import Refusal
from haqdar.web.middleware import PROVEN, address_of, browser_of, switching

Answer = HttpResponse | StreamingHttpResponse
CODE, PASSKEY_ANSWER = "second_factor_code", "passkey_answer"
_NEVER_CARRIED = {"csrfmiddlewaretoken", "language", CODE, PASSKEY_ANSWER}


def is_proven(request: HttpRequest) -> bool:
    """Whether the second factor was shown in this session."""
    return PROVEN in request.session


def mark_proven(request: HttpRequest, kind: str) -> None:
    """The second factor of `kind` was shown in this session."""
    request.session[PROVEN] = {"at": timezone.now().isoformat(timespec="seconds"), "kind": kind}
    sessions.proven(request.session.session_key or "")


def user_of(request: HttpRequest) -> User:
    """The account behind the request; the doors have made sure there is one."""
    user = request.user
    assert isinstance(user, User)
    return user


def behind_second_factor(request: HttpRequest, go_on: Callable[[], Answer]) -> Answer:
    """What `go_on` answers once the second factor is shown in this session; before that, the page that asks for it.

    A page asked for is returned to. A form that was posted is carried along in the asking page and posted with the code,
    so nothing typed is lost; only files have to be chosen again.
    """
    if is_proven(request):
        return go_on()
    user = user_of(request)
    if not user.is_demonstration and not factors_of(user):
        return redirect("desk:second-factor-set-up")
    if request.method != "POST":
        return redirect(f"{reverse('desk:second-factor')}?{urlencode({'next': request.get_full_path()})}")
    if request.FILES:
        return redirect(f"{reverse('desk:second-factor')}?{urlencode({'next': request.path})}")
    errors: list[dict[str, str]] = []
    if answered(request) and not switching(request):
        errors = prove(request, user)
        if not errors:
            return go_on()
    carried = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in _NEVER_CARRIED
        for value in values
    ]
    return asking_page(request, user, errors, action=request.get_full_path(), carried=carried)


def answered(request: HttpRequest) -> bool:
    """Whether the form holds a code (perhaps an empty one) or a passkey's answer."""
    return CODE in request.POST or PASSKEY_ANSWER in request.POST


def prove(request: HttpRequest, user: User) -> list[dict[str, str]]:
    """Check the code or the passkey's answer of a posted form; marks the session, or returns what was wrong."""
    try:
        kind = proven_kind(request, user)
    except Refusal as refusal:
        return [{"field": CODE, "text": refusal.sentence(translation.get_language() or "hi")}]
    mark_proven(request, kind)
    record(
        actor_of(user, address_of(request)), "user.second_factor", "user", user.username, new={"kind": kind}
    )
    return []


def proven_kind(request: HttpRequest, user: User) -> str:
    """The kind of factor that the posted form proves; raises the refusals of `prove_code` and `prove_passkey`."""
    answer = request.POST.get(PASSKEY_ANSWER, "")
    if answer:
        return prove_passkey(user, parsed(answer), address_of(request), browser_of(request))
    return prove_code(user, request.POST.get(CODE, "")[:40], address_of(request), browser_of(request))


def parsed(text: str) -> Any:
    """A browser's answer as JSON; None for anything else."""
    try:
        return json.loads(text) if len(text) < 20_000 else None
    except (ValueError, RecursionError):
        return None


def asking_page(
    request: HttpRequest,
    user: User,
    errors: list[dict[str, str]],
    *,
    action: str,
    carried: list[tuple[str, str]],
    logging_in: bool = False,
) -> HttpResponse:
    """The page that asks for a code or a passkey."""
    question = passkey_question(user) if names_a_host(request) else None
    kinds = {factor.kind for factor in factors_of(user)}
    context = {
        "errors": errors,
        "action": action,
        "carried": carried,
        "question": json.dumps(question) if question else "",
        "only_passkey": kinds == {str(PASSKEY)},
        "has_recovery": bool(recovery_codes_left(user)),
        "demonstration": None if logging_in else demonstration_code(user),
        "logging_in": logging_in,
    }
    return render(request, "desk/second_factor.html", context)


def names_a_host(request: HttpRequest) -> bool:
    """Whether browsers make passkeys for this address: for a name, never for a bare number."""
    host = request.get_host().rpartition(":")[0] if ":" in request.get_host() else request.get_host()
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return True
    return False


def safe_next(request: HttpRequest) -> str:
    """The page asked for, if it is one of ours; the desk otherwise."""
    wanted = request.POST.get("next") or request.GET.get("next") or "/desk/"
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else "/desk/"
