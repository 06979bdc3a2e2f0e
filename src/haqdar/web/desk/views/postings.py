"""Postings of an employee: a new one, an acting charge, delegated tasks, a transfer, the end."""

from collections.abc import Callable
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from haqdar.access import employing
from haqdar.access.actors import SECOND_FACTOR, OutsideYourArea
from haqdar.access.employees import Employee, Post
from haqdar.base.refusal import Refusal
from haqdar.web.desk.posting_form import FIELD_OF, PostingForm, chosen_functions, delegable, read_day
from haqdar.web.desk.views.common import acting, may
from haqdar.web.desk.views.employees import found_employee, roles_here
from haqdar.web.middleware import switching


def _found(request: HttpRequest, key: UUID, number: int | None = None) -> tuple[Employee, Post | None]:
    """The employee and posting of an address; nobody's own, and none outside the area."""
    actor = acting(request)
    found = found_employee(actor, key)
    if actor.user_id == found.pk:
        raise employing.NotYourself()
    if number is None:
        return found, None
    post = next((one for one in found.posts if one.number == number), None)
    if post is None:
        raise Http404
    if not actor.sees(post.path):
        raise OutsideYourArea()
    return found, post


@require_http_methods(["GET", "HEAD", "POST"])
@may("employee.manage")
def posting_new(request: HttpRequest, key: UUID) -> HttpResponse:
    """Give an employee a further function, also as an acting charge."""
    found, _post = _found(request, key)
    form = PostingForm(request, acting(request))
    errors: list[dict[str, str]] = []
    if request.method == "POST" and not switching(request):
        planned = form.planned()
        errors += form.errors
        if planned:
            try:
                employing.start_posting(acting(request), employing.account_of(found), planned)
            except Refusal as refusal:
                errors.append(form.error_of(refusal))
            else:
                return redirect(f"/desk/employees/{key}/?said=posted")
    context = form.context(errors) | {"employee": found, "roles": roles_here(acting(request))}
    return render(request, "desk/posting_new.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@may("employee.manage")
def posting_change(request: HttpRequest, key: UUID, number: int) -> HttpResponse:
    """Delegate other tasks of the function, or another last day."""
    found, post = _found(request, key, number)
    assert post is not None
    errors: list[dict[str, str]] = []
    own = post.functions if post.functions is not None else frozenset(delegable(post.role))
    ticked = set(request.POST.getlist("functions")) if request.method == "POST" else set(own)
    to_on = request.POST.get("to_on", post.to_on.isoformat() if post.to_on else "")[:10]
    if request.method == "POST" and not switching(request):
        last = read_day(to_on)
        if to_on and last is None:
            errors.append({"field": "to_on", "text": _("This is not a day. Enter day, month and year")})
        else:
            errors += _tried(
                lambda: employing.change_posting(
                    acting(request),
                    employing.account_of(found),
                    post,
                    chosen_functions(request, post.role),
                    last,
                )
            )
        if not errors:
            return redirect(f"/desk/employees/{key}/?said=changed")
    context = {
        "employee": found,
        "post": post,
        "errors": errors,
        "wrong": {error["field"]: error["text"] for error in errors},
        "verbs": [
            {"verb": verb, "ticked": verb in ticked, "strong": verb in SECOND_FACTOR}
            for verb in delegable(post.role)
        ],
        "to_on": to_on,
    }
    return render(request, "desk/posting_change.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@may("employee.manage")
def posting_transfer(request: HttpRequest, key: UUID, number: int) -> HttpResponse:
    """End one posting and begin another on the following day."""
    found, post = _found(request, key, number)
    assert post is not None
    form = PostingForm(request, acting(request), post.role)
    errors: list[dict[str, str]] = []
    if request.method == "POST" and not switching(request):
        planned = form.planned()
        errors += form.errors
        if planned:
            try:
                employing.transfer(acting(request), employing.account_of(found), post, planned)
            except Refusal as refusal:
                errors.append(form.error_of(refusal))
            else:
                return redirect(f"/desk/employees/{key}/?said=transferred")
    context = form.context(errors) | {"employee": found, "post": post}
    return render(request, "desk/posting_transfer.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@may("employee.manage")
def posting_end(request: HttpRequest, key: UUID, number: int) -> HttpResponse:
    """Let a posting end on a day; one that has not begun is taken back."""
    found, post = _found(request, key, number)
    assert post is not None
    errors: list[dict[str, str]] = []
    to_on = request.POST.get("to_on", timezone.localdate().isoformat())[:10]
    if request.method == "POST" and not switching(request):
        last = read_day(to_on)
        if last is None:
            errors.append({"field": "to_on", "text": _("Enter the last day")})
        else:
            errors += _tried(
                lambda: employing.end_posting(acting(request), employing.account_of(found), post, last)
            )
        if not errors:
            return redirect(f"/desk/employees/{key}/?said=ended")
    others = [one for one in found.posts if one.number != post.number and one.state != "over"]
    context = {"employee": found, "post": post, "errors": errors, "to_on": to_on, "others": others}
    return render(request, "desk/posting_end.html", context)


def _tried(act: Callable[[], None]) -> list[dict[str, str]]:
    """Nothing when the act succeeded; the refusal beside its field otherwise."""
    try:
        act()
    except Refusal as refusal:
        text = refusal.sentence(translation.get_language() or "hi")
        return [{"field": FIELD_OF.get(refusal.code, "main"), "text": text}]
    return []
