"""The line to the treasury: where bills stand, what is stuck and why, and what can be done about it."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from haqdar.access.actions import record
from haqdar.base.money import rupees
from haqdar.base.refusal import Refusal
from haqdar.payments.models.treasury import BILL_STATES
from haqdar.payments.treasury import actions, reads
from haqdar.payments.treasury.line import profile
from haqdar.web import labels
from haqdar.web.desk.views.common import acting, download, may, page_number
from haqdar.web.middleware import switching

STEPS = ("queued", "sent", "approved", "in_process", "paid", "closed")
"""The way of a bill that goes as it should."""


@require_safe
@may("treasury.view")
def treasury(request: HttpRequest) -> HttpResponse:
    """The line itself, the bills by where they stand, and a page of them; what is stuck comes first."""
    actor = acting(request)
    standings = reads.standings(actor)
    stuck = sum(one.stuck for one in standings)
    state = _state(request) if "state" in request.GET else (reads.STUCK if stuck else "")
    page = reads.line_page(actor, state, page_number(request))
    context = {
        "health": reads.health(actor),
        "profile": profile(),
        "standings": standings,
        "stuck": stuck,
        "state": state,
        "page": page,
        "before": page.page - 1,
        "after": page.page + 1,
        "names": labels.scheme_names(translation.get_language() or "hi"),
    }
    return render(request, "desk/treasury.html", context)


@require_safe
@may("treasury.view")
def treasury_download(request: HttpRequest) -> StreamingHttpResponse:
    """The bills of the chosen state as CSV."""
    actor = acting(request)
    record(actor, "treasury.view", "treasury_bill", "download")
    header = (
        "bill", "kind", "month", "ddo_code", "scheme", "head", "persons", "amount", "state", "since", "days", "why",
        "treasury_said", "token", "voucher", "voucher_on", "failed_persons", "failed_amount", "unanswered_persons",
    )  # fmt: skip
    rows = (
        (
            one.number, one.kind, f"{one.month:%Y-%m}", one.ddo_code, one.scheme, one.head, one.persons, rupees(one.paise),
            one.state, one.since_at.date().isoformat(), one.days, one.why, one.said, one.token_no, one.voucher_no,
            one.voucher_on, one.failed_persons, rupees(one.failed_paise), one.open_persons,
        )
        for one in reads.every_bill(actor, _state(request))
    )  # fmt: skip
    return download("treasury.csv", header, rows)


@require_safe
@may("treasury.view")
def treasury_bill(request: HttpRequest, key: UUID) -> HttpResponse:
    """One bill: how far it is, what was asked and answered, which credits failed."""
    return _bill_page(request, key)


@require_POST
@may("treasury.retry")
def treasury_retry(request: HttpRequest, key: UUID) -> HttpResponse:
    """Ask again at once."""
    try:
        actions.retry(acting(request), key)
    except reads.NoSuchTreasuryBill as nothing:
        raise Http404("no such bill") from nothing
    except actions.NothingToAsk as refusal:
        return _bill_page(request, key, refusal)
    return redirect("desk:treasury-bill", key=key)


@require_http_methods(["GET", "HEAD", "POST"])
@may("bill.answer")
def treasury_give_back(request: HttpRequest, key: UUID) -> HttpResponse:
    """Take a refused bill back as objected to: first what follows from it, then the act."""
    refusal = None
    if request.method == "POST" and not switching(request):
        try:
            actions.give_back(acting(request), key)
        except reads.NoSuchTreasuryBill as nothing:
            raise Http404("no such bill") from nothing
        except Refusal as problem:
            refusal = problem
        else:
            return redirect("desk:treasury-bill", key=key)
    bill = _bill(request, key)
    return render(
        request,
        "desk/treasury_give_back.html",
        {"bill": bill, "errors": _errors(refusal)},
        status=400 if refusal else 200,
    )


def _bill_page(request: HttpRequest, key: UUID, refusal: Refusal | None = None) -> HttpResponse:
    bill = _bill(request, key)
    reached = STEPS.index(bill.state) if bill.state in STEPS else -1
    asked = reads.questions(bill)
    context = {
        "bill": bill,
        "steps": [(step, at < reached, at == reached) for at, step in enumerate(STEPS)]
        if reached >= 0
        else [],
        "questions": asked,
        "waits": any(one.state != "done" for one in asked),
        "failures": reads.failures(bill),
        "names": labels.scheme_names(translation.get_language() or "hi", bill.month),
        "errors": _errors(refusal),
    }
    return render(request, "desk/treasury_bill.html", context, status=400 if refusal else 200)


def _bill(request: HttpRequest, key: UUID) -> reads.LineBill:
    try:
        return reads.line_bill(acting(request), key)
    except reads.NoSuchTreasuryBill as nothing:
        raise Http404("no such bill") from nothing


def _state(request: HttpRequest) -> str:
    asked = request.GET.get("state", "")
    return asked if asked in (*BILL_STATES, reads.STUCK) else ""


def _errors(refusal: Refusal | None) -> list[dict[str, str]]:
    return (
        []
        if refusal is None
        else [{"field": "main", "text": refusal.sentence(translation.get_language() or "hi")}]
    )
