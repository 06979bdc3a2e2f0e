"""The office administrator's pages of employees: list, new account, one employee, locking and resetting."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from haqdar.access import employing, sessions
from haqdar.access.actors import Actor, OutsideYourArea
from haqdar.access.employees import (
    Employee,
    NoSuchEmployee,
    Page,
    employee,
    employees,
    history,
    manages,
    roles_for,
)
from haqdar.access.models.people import Role, User
from haqdar.access.queries import Place, locked_minutes, place
from haqdar.base.refusal import Refusal
from haqdar.web import labels
from haqdar.web.desk.posting_form import PostingForm
from haqdar.web.desk.views.common import acting, chosen_place, download, may, page_number
from haqdar.web.middleware import switching

STATES = ("now", "coming", "over", "locked", "unprotected")
_MOST_IN_A_FILE = 100_000


def found_employee(actor: Actor, key: UUID) -> Employee:
    """The employee of an address; a key that nobody has is a page that does not exist."""
    try:
        return employee(actor, key)
    except NoSuchEmployee as problem:
        raise Http404 from problem


def _asked(request: HttpRequest, per_page: int) -> tuple[Page, dict[str, Any], Place | None]:
    """The list that the address asks for, and what it was narrowed by."""
    role = request.GET.get("role", "")
    state = request.GET.get("state", "")
    chosen = {
        "search": request.GET.get("q", "")[:100],
        "role": role if role in Role.values else "",
        "state": state if state in STATES else "",
    }
    here = chosen_place(request) if request.GET.get("area") else None
    listed = employees(
        acting(request),
        **chosen,
        area_path=here.path if here else None,
        page=page_number(request) if per_page < _MOST_IN_A_FILE else 1,
        per_page=per_page,
    )
    return listed, chosen, here


@require_safe
@may("employee.view")
def employee_list(request: HttpRequest) -> HttpResponse:
    """The employees of the own area, filtered."""
    listed, chosen, here = _asked(request, 50)
    context = {
        "page": listed,
        "before": listed.page - 1,
        "after": listed.page + 1,
        **chosen,
        "here": here,
        "roles": Role.values,
        "states": STATES,
        "filtered": bool(here or any(chosen.values())),
        "may_manage": acting_may_manage(request),
    }
    return render(request, "desk/employee_list.html", context)


def acting_may_manage(request: HttpRequest) -> bool:
    """Whether the person may change employees somewhere (the actor of the request is narrowed to looking)."""
    return acting(request).may("employee.manage")


@require_safe
@may("employee.view")
def employee_download(request: HttpRequest) -> StreamingHttpResponse:
    """The filtered list as CSV, one row a posting."""
    listed, _chosen, _here = _asked(request, _MOST_IN_A_FILE)
    header = (
        "username",
        "name_en",
        "name_hi",
        "state",
        "second_factor",
        "last_login",
        "role",
        "area_code",
        "from_on",
        "to_on",
        "charge",
        "functions",
    )
    return download("employees.csv", header, _rows(listed.rows))


def _rows(rows: list[Employee]) -> Iterator[tuple[object, ...]]:
    for one in rows:
        for post in one.posts:
            yield (
                one.username,
                one.name_en,
                one.name_hi,
                one.state,
                "yes" if one.has_second_factor else "missing" if one.needs_second_factor else "no",
                one.last_login.isoformat(timespec="seconds") if one.last_login else "",
                post.role,
                post.area_code,
                post.from_on.isoformat(),
                post.to_on.isoformat() if post.to_on else "",
                post.charge,
                "all" if post.functions is None else " ".join(sorted(post.functions)),
            )


@require_safe
@may("employee.view")
def employee_detail(request: HttpRequest, key: UUID) -> HttpResponse:
    """One employee: postings and their history, log-ins, what may be done."""
    actor = acting(request)
    found = found_employee(actor, key)
    user = User.objects.get(pk=found.pk)
    context = {
        "employee": found,
        "changes": history(actor, found),
        "sessions": sessions.open_sessions(user),
        "attempts": sessions.past_attempts(user, 10),
        "locked_minutes": locked_minutes(user.username, None),
        "manages": manages(actor, found),
        "may_manage": acting_may_manage(request) and actor.user_id != found.pk,
        "own": actor.user_id == found.pk,
        "said": next((word for word in _DONE if word == request.GET.get("said")), ""),
    }
    return render(request, "desk/employee_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("password")
@may("employee.manage")
def employee_new(request: HttpRequest) -> HttpResponse:
    """Make an account, post it, and show its one-time password this once."""
    actor = acting(request)
    form = PostingForm(request, actor)
    typed = {name: request.POST.get(name, "")[:200] for name in ("username", "name_en", "name_hi")}
    errors: list[dict[str, str]] = []
    if request.method == "POST" and not switching(request):
        if not typed["name_en"].strip():
            errors.append({"field": "name_en", "text": _("Enter the name in English")})
        if not typed["username"].strip():
            errors.append({"field": "username", "text": _("Enter a user name")})
        planned = form.planned()
        errors += form.errors
        if planned and not errors:
            try:
                user, password = employing.create_employee(
                    actor, typed["username"], typed["name_en"], typed["name_hi"], planned
                )
            except Refusal as refusal:
                errors.append(form.error_of(refusal))
            else:
                context = {"username": user.username, "password": password, "key": user.key, "new": True}
                return render(request, "desk/employee_password.html", context)
    context = form.context(errors) | {"typed": typed, "roles": roles_here(actor)}
    return render(request, "desk/employee_new.html", context)


def roles_here(actor: Actor) -> list[str]:
    """The functions that can exist at or below the administrator's own area."""
    order = ("state", "district", "block", "gp")
    own = place(actor, None)
    kinds = order[order.index(own.kind) :] if own and own.kind in order else ("ulb", "ward")
    possible = {role for kind in (*kinds, "ulb", "ward") for role in roles_for(kind)}
    return [role for role in Role.values if role in possible]


_DONE = (
    "lock",
    "unlock",
    "sign_out",
    "lock_out",
    "factor",
    "posted",
    "changed",
    "transferred",
    "ended",
)
Act = Callable[[Actor, Employee], object]


def _act(request: HttpRequest, key: UUID, name: str, act: Act) -> HttpResponse:
    """Ask once, showing whom it touches and what follows; then do it."""
    actor = acting(request)
    found = found_employee(actor, key)
    if not manages(actor, found):
        raise employing.NotYourself() if actor.user_id == found.pk else OutsideYourArea()
    if request.method == "POST" and not switching(request):
        act(actor, found)
        return redirect(f"/desk/employees/{key}/?said={name}")
    user = User.objects.get(pk=found.pk)
    context = {
        "employee": found,
        "act": name,
        "title": labels.label("employee_act", name),
        "effect": labels.label("employee_effect", name),
        "open_sessions": len(sessions.open_sessions(user)),
    }
    return render(request, "desk/employee_act.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@may("employee.manage")
def employee_lock(request: HttpRequest, key: UUID) -> HttpResponse:
    """Lock the account: nobody can log in with it, its sessions end."""
    return _act(request, key, "lock", lambda actor, one: employing.lock_account(actor, one, locked=True))


@require_http_methods(["GET", "HEAD", "POST"])
@may("employee.manage")
def employee_unlock(request: HttpRequest, key: UUID) -> HttpResponse:
    """Open a locked account again."""
    return _act(request, key, "unlock", lambda actor, one: employing.lock_account(actor, one, locked=False))


@require_http_methods(["GET", "HEAD", "POST"])
@may("session.end")
def employee_sign_out(request: HttpRequest, key: UUID) -> HttpResponse:
    """End every session of the employee now."""
    return _act(request, key, "sign_out", employing.sign_out)


@require_http_methods(["GET", "HEAD", "POST"])
@may("employee.manage")
def employee_lock_out(request: HttpRequest, key: UUID) -> HttpResponse:
    """Let the employee try again before the lock-out is over."""
    return _act(request, key, "lock_out", employing.lift_lock_out)


@require_http_methods(["GET", "HEAD", "POST"])
@may("employee.manage")
def employee_factor(request: HttpRequest, key: UUID) -> HttpResponse:
    """Forget a lost second factor."""
    return _act(request, key, "factor", employing.reset_second_factors)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("password")
@may("employee.manage")
def employee_password(request: HttpRequest, key: UUID) -> HttpResponse:
    """A one-time password in place of a forgotten one, shown this once."""
    if request.method != "POST" or switching(request):
        return _act(request, key, "password", lambda actor, one: None)
    found = found_employee(acting(request), key)
    password = employing.reset_password(acting(request), found)
    context = {"username": found.username, "password": password, "key": key, "new": False}
    return render(request, "desk/employee_password.html", context)
