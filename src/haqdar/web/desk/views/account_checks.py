"""Accounts of payees before the first payment: what was found at them, and trying them with one rupee each."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from haqdar.access.actions import record
from haqdar.base.money import rupees
from haqdar.base.refusal import Refusal
from haqdar.payments.accounts import checking, drops
from haqdar.payments.rails.files import rules
from haqdar.registry import profiles
from haqdar.web.desk.forms import language
from haqdar.web.desk.views.common import acting, download, may, page_number
from haqdar.web.middleware import switching


def _kind(request: HttpRequest) -> str:
    kind = request.GET.get("kind", "")
    return kind if kind in checking.FINDINGS else ""


@require_safe
@may("return.view")
def account_checks(request: HttpRequest) -> HttpResponse:
    """What was found in the actor's area, newest first."""
    actor, kind = acting(request), _kind(request)
    page = checking.findings(actor, kind, page_number(request))
    people = profiles.cards(row.member_id for row in page.rows) if actor.may("person.view") else {}
    record(actor, "return.view", "account_checks", "", new={"rows": len(page.rows)})
    context = {
        "page": page,
        "rows": [
            (row, people.get(row.member_id), [one.hi if language() == "hi" else one.en for one in row.words])
            for row in page.rows
        ],
        "kind": kind,
        "tried": drops.tried(actor) if actor.may("bankfile.view") else None,
        "may_try": actor.may("bankfile.make"),
        "kinds": [
            (word, said.hi if language() == "hi" else said.en, page.counts.get(word, 0))
            for word, said in checking.FINDINGS.items()
        ],
    }
    return render(request, "desk/account_checks.html", context)


@require_safe
@may("return.view")
def account_checks_download(request: HttpRequest) -> StreamingHttpResponse:
    """The same as CSV; accounts by their last four digits."""
    actor = acting(request)
    found = checking.findings(actor, _kind(request), most=None)
    record(actor, "return.view", "account_checks", "", new={"download": True, "rows": len(found.rows)})
    people = profiles.cards(row.member_id for row in found.rows) if actor.may("person.view") else {}
    rows = (
        [
            person.name_en if (person := people.get(row.member_id)) else "",
            row.ifsc,
            row.account_last4,
            " ".join(row.findings),
            row.area_en,
            timezone.localdate(row.checked_at),
        ]
        for row in found.rows
    )
    return download("accounts.csv", ("name_en", "ifsc", "account_last4", "found", "area", "looked_at"), rows)


@require_http_methods(["GET", "HEAD", "POST"])
@may("bankfile.make")
def account_try(request: HttpRequest) -> HttpResponse:
    """How many accounts nobody has tried yet and what one rupee to each costs; then the files are made, for another to release."""
    actor = acting(request)
    month = drops.latest_month()
    errors: list[dict[str, str]] = []
    wanted = None
    if month is not None:
        try:
            if request.method == "POST" and not switching(request):
                made = drops.make(actor, month)
                if len(made) == 1:
                    return redirect("desk:bankfile-detail", key=made[0].key)
                return redirect("desk:bankfile-list")
            wanted = drops.wanted(actor, month)
        except Refusal as refusal:
            errors.append({"field": "", "text": refusal.sentence(language())})
    arrangement = rules().account_drop
    context = {
        "month": month.first_day if month else None,
        "wanted": wanted,
        "each": arrangement.paise,
        "holds": arrangement.failed == "holds",
        "errors": errors,
    }
    return render(request, "desk/account_try.html", context, status=400 if errors else 200)


@require_safe
@may("return.view")
def account_tries_download(request: HttpRequest) -> StreamingHttpResponse:
    """Every account of the actor's area that was tried and what the bank answered, as CSV; accounts by their last four digits."""
    actor = acting(request)
    found = drops.outcomes(actor)
    record(actor, "return.view", "account_tries", "", new={"download": True})
    named = actor.may("person.view")
    rows = (
        [
            one.our_name if named else "",
            one.ifsc,
            one.account_last4,
            one.area_en,
            one.file,
            rupees(one.paise),
            one.state,
            one.answered_on,
            one.reason_code,
            one.reason,
            one.bank_name if named else "",
            one.likeness,
            one.finding,
        ]
        for one in found
    )
    header = (
        "name_on_file", "ifsc", "account_last4", "area", "payment_file", "amount", "state", "answered_on", "reason_code",
        "reason", "name_at_bank", "likeness", "name_finding",
    )  # fmt: skip
    return download("accounts-tried.csv", header, rows)
