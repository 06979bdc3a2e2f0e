"""Returned credits: by reason, one by one with its history, presented again; and names that the banks have otherwise."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from haqdar.access.actions import record
from haqdar.access.actors import Actor, below
from haqdar.base.money import group_indian, rupees
from haqdar.base.month import Month
from haqdar.base.refusal import Refusal
from haqdar.cases.models import Case
from haqdar.payments import return_reads, returns
from haqdar.payments.models import Return
from haqdar.payments.responses.setting_aside import judge_name
from haqdar.payments.return_reads import Chosen
from haqdar.payments.returned_for import ACTIONS, reason
from haqdar.registry.profiles import cards
from haqdar.web.charts import bars
from haqdar.web.desk.forms import fault
from haqdar.web.desk.views.common import acting, chosen_place, download, may, page_number, query
from haqdar.web.middleware import switching

STATES = ("open", "waiting", "ready", "held", "represented", "settled")


@require_safe
@may("return.view")
def return_list(request: HttpRequest) -> HttpResponse:
    """The returned credits of the area by reason, and one by one."""
    actor = acting(request)
    chosen = _chosen(request)
    found = return_reads.returned(actor, chosen, page_number(request))
    record(actor, "return.view", "returns", str(chosen.month or ""), new={"rows": len(found.rows)})
    reasons = return_reads.by_reason(actor, chosen)
    language = translation.get_language() or "hi"
    context = {
        "page": found,
        "before": found.page - 1,
        "after": found.page + 1,
        "reasons": [(one, one.reason.words(language)) for one in reasons],
        "chart": bars(
            _("Returned credits by reason"),
            [(one.reason.words(language), one.credits, group_indian(one.credits)) for one in reasons[:12]],
        ),
        "months": return_reads.months_returned(actor),
        "chosen": chosen,
        "month": str(chosen.month) if chosen.month else "",
        "actions": ACTIONS,
        "states": STATES,
        "area": request.GET.get("area", ""),
        "query": _query(request),
        "may_represent": actor.may("return.represent"),
        "language_now": language,
    }
    return render(request, "desk/return_list.html", context)


@require_safe
@may("return.view")
def return_download(request: HttpRequest) -> StreamingHttpResponse:
    """The same list as CSV."""
    actor = acting(request)
    chosen = _chosen(request)
    record(actor, "return.view", "returns", str(chosen.month or ""))
    rows = (
        [
            one.member_ending,
            one.name_en,
            one.scheme,
            one.month.strftime("%Y-%m"),
            rupees(one.paise),
            one.reason_code,
            one.reason.en,
            one.action,
            one.state,
            one.attempt,
            one.returned_on,
            one.lapsed_on,
            one.place_en,
        ]
        for one in return_reads.every_returned(actor, chosen)
    )
    header = (
        "member_ending", "name", "scheme", "month", "amount", "reason_code", "reason", "action", "state", "attempt", "returned_on",
        "lapsed_on", "place",
    )  # fmt: skip
    return download("returned-credits.csv", header, rows)


@require_safe
@may("return.view")
def return_detail(request: HttpRequest, key: UUID) -> HttpResponse:
    """One returned credit: why, what happens next, and every account it was sent to."""
    return _detail(request, key, [])


@require_POST
@may("payee.change")
def return_settled(request: HttpRequest, key: UUID) -> HttpResponse:
    """The person has settled it at the bank: the credit goes out again."""
    return _act(request, key, returns.settled_at_bank)


@require_POST
@may("hold.release")
def return_alive(request: HttpRequest, key: UUID) -> HttpResponse:
    """The person whom the bank says to be dead is not: the credit goes out again once the hold is released."""
    return _act(request, key, returns.alive_after_all)


@require_http_methods(["GET", "HEAD", "POST"])
@may("return.represent")
def return_represent(request: HttpRequest) -> HttpResponse:
    """What would go out again with the latest closed month, and doing it."""
    actor = acting(request)
    preview = return_reads.to_represent(actor)
    errors: list[dict[str, str]] = []
    done = None
    if request.method == "POST" and preview is not None and not switching(request):
        try:
            done = returns.represent(actor, preview.month)
        except Refusal as refusal:
            errors.append(fault(refusal))
    context = {
        "month": preview.month.first_day if preview else None,
        "preview": preview,
        "done": done,
        "errors": errors,
    }
    return render(request, "desk/return_represent.html", context)


@require_safe
@may("return.view")
def name_list(request: HttpRequest) -> HttpResponse:
    """Accounts whose holder has another name at the bank than the payee in the register."""
    return _names(request, [])


@require_safe
@may("return.view")
def name_download(request: HttpRequest) -> StreamingHttpResponse:
    """The same as CSV."""
    actor = acting(request)
    record(actor, "return.view", "names", "")
    rows = (
        [
            one.member_ending,
            one.scheme,
            one.our_name,
            one.bank_name,
            one.likeness,
            one.account_last4,
            one.place_en,
        ]
        for one in return_reads.names(actor, all_at_once=True).rows
    )
    header = (
        "member_ending",
        "scheme",
        "name_in_register",
        "name_at_bank",
        "likeness",
        "account_last4",
        "place",
    )
    return download("names-at-banks.csv", header, rows)


@require_POST
@may("payee.change")
def name_judge(request: HttpRequest, key: UUID) -> HttpResponse:
    """Whether the holder of the account is the payee."""
    if switching(request):
        return _names(request, [])
    try:
        judge_name(acting(request), key, request.POST.get("finding", ""), request.POST.get("note", "")[:500])
    except Refusal as refusal:
        return _names(request, [fault(refusal)])
    return redirect("desk:name-list")


def _names(request: HttpRequest, errors: list[dict[str, str]]) -> HttpResponse:
    actor = acting(request)
    found = return_reads.names(actor, page_number(request))
    record(actor, "return.view", "names", "", new={"rows": len(found.rows)})
    context = {
        "page": found,
        "before": found.page - 1,
        "after": found.page + 1,
        "may_judge": actor.may("payee.change"),
        "errors": errors,
    }
    return render(request, "desk/name_list.html", context)


def _act(request: HttpRequest, key: UUID, act: Any) -> HttpResponse:
    if switching(request):
        return _detail(request, key, [])
    try:
        act(acting(request), key, request.POST.get("note", "")[:500])
    except returns.NoSuchReturn as nothing:
        raise Http404("no such returned credit") from nothing
    except Refusal as refusal:
        return _detail(request, key, [fault(refusal)])
    return redirect("desk:return-detail", key=key)


def _detail(request: HttpRequest, key: UUID, errors: list[dict[str, str]]) -> HttpResponse:
    actor = acting(request)
    try:
        found, chain = return_reads.one_returned(actor, key)
    except returns.NoSuchReturn as nothing:
        raise Http404("no such returned credit") from nothing
    record(actor, "return.view", "return", str(key))
    said = reason(found.reasons, found.reason_code, found.returned_on)
    context = {
        "returned": found,
        "chain": chain,
        "person": cards([found.member_id]).get(found.member_id) if actor.may("person.view") else None,
        "reason": said.words(translation.get_language() or "hi"),
        "case": _case(actor, found),
        "may_settle": found.state == "waiting" and actor.may("payee.change"),
        "may_say_alive": found.state == "held" and actor.may("hold.release"),
        "note": request.POST.get("note", "")[:500],
        "errors": errors,
        "faults": {error["field"]: error["text"] for error in errors},
    }
    return render(request, "desk/return_detail.html", context)


def _case(actor: Actor, found: Return) -> Case | None:
    """The open case in which the return is dealt with, for those who may see it."""
    if not actor.may("case.view"):
        return None
    cases = Case.objects.filter(member_id=found.member_id, closed_at=None)
    if found.action == "death":
        return cases.filter(kind="report", reason="died").first()
    return cases.filter(kind="payment", scheme=found.scheme).first()


def _chosen(request: HttpRequest) -> Chosen:
    here = chosen_place(request) if request.GET.get("area") else None
    text = request.GET.get("month", "")
    try:
        month = Month.parse(text) if text else None
    except Refusal as nothing:
        raise Http404("no such month") from nothing
    action, state = request.GET.get("action", ""), request.GET.get("state", "")
    return Chosen(
        month,
        action if action in ACTIONS else "",
        request.GET.get("code", "")[:10],
        state if state in STATES else "",
        below(here.path) if here is not None else "",
    )


def _query(request: HttpRequest) -> str:
    return query(**{name: request.GET.get(name, "") for name in ("month", "action", "code", "state", "area")})
