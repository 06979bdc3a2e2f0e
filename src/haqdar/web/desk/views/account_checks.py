"""Accounts of payees at which something was found before the first payment."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from haqdar.access.actions import record
from haqdar.payments.accounts import checking
from haqdar.registry import profiles
from haqdar.web.desk.forms import language
from haqdar.web.desk.views.common import acting, download, may, page_number


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
