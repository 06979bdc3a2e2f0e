"""Where the month's money stands, and bill, voucher and bank side by side."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from haqdar.access.actions import record
from haqdar.base.money import indian, rupees
from haqdar.base.month import Month
from haqdar.payments import returned_for
from haqdar.payments.models.oversight import OUTCOMES
from haqdar.payments.reconciling import AGREES, DIFFERENCES, all_compared, reconciliation, set_aside
from haqdar.payments.returned_for import TABLES
from haqdar.payments.standing import (
    BACK,
    PAID,
    MonthStand,
    Stand,
    latest_sent,
    month_stand,
    months_with_money,
)
from haqdar.web import charts, labels
from haqdar.web.citizen.asking import language_of_page
from haqdar.web.desk.views.common import acting, chosen_place, download, may, page_number, query, trail

_BARS = 12


def chosen_month(request: HttpRequest) -> tuple[date | None, list[date]]:
    """The month asked for (`?month=2016-10`) or the latest of which files went to the banks, or the latest; and all."""
    found = months_with_money(acting(request))
    asked = request.GET.get("month", "")
    if not asked:
        return latest_sent() or (found[0] if found else None), found
    for month in found:
        if str(Month.of(month)) == asked:
            return month, found
    raise Http404("this month was not run")


@require_safe
@may("reconciliation.view")
def money_dashboard(request: HttpRequest) -> HttpResponse:
    """Paid, waiting, returned: of an area, by step, by pension, by the bank's reason, by the areas below."""
    here, (month, months) = chosen_place(request), chosen_month(request)
    if here is None or month is None:
        return render(request, "desk/money_dashboard.html", {"here": here, "month": month})
    scheme = request.GET.get("scheme", "")
    names = labels.scheme_names(translation.get_language() or "hi", month)
    found = month_stand(acting(request), month, here, scheme=scheme if scheme in names else "")
    context = {
        "here": here,
        "month": month,
        "months": months,
        "trail": trail(request, here),
        "schemes": sorted(names.items()),
        "scheme": scheme,
        "found": found,
        "stand": found.stand,
        "lines": [(outcome, found.stand.of(outcome)) for outcome in OUTCOMES if found.stand.of(outcome).credits],
        "returns": _returns(found.stand),
        "names": names,
        "steps_chart": _steps_chart(found.stand),
        "returns_chart": _returns_chart(found.stand),
        "chosen": query(month=Month.of(month), scheme=scheme),
        "download": query(month=Month.of(month), area=here.area_code),
    }  # fmt: skip
    return render(request, "desk/money_dashboard.html", context)


@require_safe
@may("reconciliation.view")
def money_dashboard_download(request: HttpRequest) -> StreamingHttpResponse:
    """Where the money stands as CSV: the area by pension and step, then the areas below by step."""
    here, (month, _months) = chosen_place(request), chosen_month(request)
    if here is None or month is None:
        raise Http404("nothing was run")
    found = month_stand(acting(request), month, here)
    record(acting(request), "reconciliation.view", "standing", f"{Month.of(month)}/{here.area_code}")
    header = ("month", "area_code", "area", "scheme", "outcome", "credits", "amount")
    return download(
        f"standing-{Month.of(month)}-{here.area_code}.csv", header, _standing_rows(found, month, here)
    )


def _standing_rows(found: MonthStand, month: date, here: Any) -> Iterator[list[object]]:
    language, slug = language_of_page(), str(Month.of(month))

    def of(place: Any, scheme: str, stand: Stand) -> Iterator[list[object]]:
        for outcome, sums in sorted(stand.outcomes.items(), key=lambda one: OUTCOMES.index(one[0])):
            yield [
                slug, place.area_code, place.name(language), scheme, outcome, sums.credits, rupees(sums.paise)
            ]  # fmt: skip

    for scheme, stand in found.schemes.items():
        yield from of(here, scheme, stand)
    for below in found.areas:
        yield from of(below.place, "", below.stand)


@require_safe
@may("reconciliation.view")
def money_reconciliation(request: HttpRequest) -> HttpResponse:
    """Every bill of the month beside its voucher and its credits; those that differ first, each difference named."""
    month, months = chosen_month(request)
    if month is None:
        return render(request, "desk/money_reconciliation.html", {"month": None})
    difference = request.GET.get("difference", "")
    if difference not in ("", AGREES, *DIFFERENCES):
        return redirect("desk:reconciliation")
    found = reconciliation(
        acting(request),
        month,
        difference=difference,
        ddo_code=request.GET.get("ddo", ""),
        page=page_number(request),
    )
    context = {
        "month": month,
        "months": months,
        "page": found,
        "before": found.page - 1,
        "after": found.page + 1,
        "difference": difference,
        "aside": set_aside(acting(request)),
        "names": labels.scheme_names(translation.get_language() or "hi", month),
        "slug": str(Month.of(month)),
        "download": query(month=Month.of(month), difference=difference),
    }
    return render(request, "desk/money_reconciliation.html", context)


@require_safe
@may("reconciliation.view")
def money_reconciliation_download(request: HttpRequest) -> StreamingHttpResponse:
    """The compared bills as CSV."""
    month, _months = chosen_month(request)
    if month is None:
        raise Http404("nothing was run")
    difference = request.GET.get("difference", "")
    record(acting(request), "reconciliation.view", "reconciliation", str(Month.of(month)))
    header = (
        "bill_no", "ddo_code", "scheme", "head", "state", "drawn", "sanctioned", "voucher_no", "voucher_on", "standing",
        "left_out", "credited", "returned", "unanswered", "credited_from", "credited_to", "differences",
    )  # fmt: skip
    rows = (
        [
            row.bill_no, row.ddo_code, row.scheme, row.head, row.state, rupees(row.drawn),
            "" if row.version_paise is None else rupees(row.version_paise), row.voucher_no, row.voucher_on, rupees(row.lines),
            rupees(row.left_out), rupees(row.credited), rupees(row.back), rupees(row.sent), row.value_from, row.value_to,
            " ".join(row.differences),
        ]
        for row in all_compared(acting(request), month, difference=difference)
    )  # fmt: skip
    return download(f"reconciliation-{Month.of(month)}.csv", header, rows)


def _returns(stand: Stand) -> list[tuple[str, Any]]:
    """The reasons of returns with their words, those of the most credits first."""
    found = [(reason_words(code), sums) for code, sums in stand.reasons.items()]
    return sorted(found, key=lambda one: (-one[1].credits, one[0]))


def reason_words(code: str) -> str:
    """Why a credit came back or could not be sent."""
    if code.startswith("no_"):
        return labels.label("not_payable", code)
    table, _colon, number = code.rpartition(":")
    if table in TABLES:
        return f"{returned_for.reason(table, number, None).words(language_of_page())} ({number})"
    return _("Reason %(code)s of the bank") % {"code": code}


def _steps_chart(stand: Stand) -> Any:
    groups = (
        (_("Paid"), stand.of(*PAID)),
        (_("Waiting"), stand.waiting),
        (_("Came back"), stand.of(*BACK)),
    )
    if not stand.all.credits:
        return ""
    return charts.bars(
        _("Where the month's money stands, in rupees"),
        [(word, sums.paise, indian(sums.paise)) for word, sums in groups],
    )


def _returns_chart(stand: Stand) -> Any:
    found = _returns(stand)[:_BARS]
    if not found:
        return ""
    return charts.bars(
        _("Credits that came back or could not be sent, by reason"),
        [(word, sums.credits, str(sums.credits)) for word, sums in found],
    )
