"""Readiness of drawing officers' bodies, and who is late with the month's money."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from haqdar.access.actions import record
from haqdar.base.money import group_indian, rupees
from haqdar.base.month import Month
from haqdar.payments import delays as late
from haqdar.payments import proposal_reads as reads
from haqdar.web import charts
from haqdar.web.desk.forms import language
from haqdar.web.desk.views.common import acting, chosen_place, download, may, query, trail

_BARS = 12


def _month(request: HttpRequest) -> tuple[Month | None, list[reads.MonthState]]:
    """The closed month asked for, else the latest; and all closed months."""
    closed = [one for one in reads.months_of(acting(request)) if one.closed_on]
    asked = request.GET.get("month")
    if asked:
        found = next((one for one in closed if str(Month.of(one.month)) == asked), None)
        if found is None:
            raise Http404("this month has no proposals")
        return Month.of(found.month), closed
    return (Month.of(closed[0].month) if closed else None), closed


@require_safe
@may("proposal.view")
def readiness(request: HttpRequest) -> HttpResponse:
    """Which bodies of a drawing officer have submitted, and what their proposals pay."""
    month, closed = _month(request)
    context: dict[str, Any] = {"month": month, "months": closed, "today": timezone.localdate()}
    if month is not None:
        found = reads.readiness(acting(request), month, request.GET.get("ddo", "")[:40])
        names = ("bodies", "open", "verified", "submitted", "silent", "ready", "persons", "payable_paise")
        shown = [one for one in found.officers if not found.ddo_code or one.ddo_code == found.ddo_code]
        context |= {
            "found": found,
            "officer": shown[0] if len(shown) == 1 else None,
            "total": {name: sum(getattr(one, name) for one in shown) for name in names},
            "download": query(month=month, ddo=found.ddo_code),
        }
    return render(request, "desk/readiness.html", context)


@require_safe
@may("proposal.view")
def readiness_download(request: HttpRequest) -> StreamingHttpResponse:
    """The same as CSV: the bodies of one drawing officer, or the officers."""
    month, _closed = _month(request)
    if month is None:
        raise Http404("nothing to download yet")
    found = reads.readiness(acting(request), month, request.GET.get("ddo", "")[:40])
    record(acting(request), "proposal.view", "readiness", str(month), new={"download": True})
    if found.bodies:
        header = ("month", "ddo_code", "area_code", "body", "state", "submitted_on", "days_late", "pensions", "payable",
                  "held", "cannot_be_paid")  # fmt: skip
        return download(
            f"readiness-{month}-{found.ddo_code}.csv",
            header,
            (
                [str(month), one.ddo_code, one.place.area_code, one.place.name(language()), one.state, one.submitted_on,
                 one.late_days, one.persons, rupees(one.payable_paise), rupees(one.held_paise),
                 rupees(one.unpayable_paise)]
                for one in found.bodies
            ),
        )  # fmt: skip
    header = ("month", "ddo_code", "office", "bodies", "to_verify", "to_submit", "submitted", "went_on", "pensions",
              "payable", "days_late")  # fmt: skip
    return download(
        f"readiness-{month}.csv",
        header,
        (
            [str(month), one.ddo_code, one.office_hi if language() == "hi" else one.office_en, one.bodies, one.open,
             one.verified, one.submitted, one.silent, one.persons, rupees(one.payable_paise), one.late_days]
            for one in found.officers
        ),
    )  # fmt: skip


def _step(request: HttpRequest) -> str:
    step = request.GET.get("step", "")
    return step if step in late.STEPS else ""


@require_safe
@may("proposal.view")
def money_delays(request: HttpRequest) -> HttpResponse:
    """Offices that have not closed, verified, submitted or sanctioned in time, by name and by area."""
    here = chosen_place(request)
    month, closed = _month(request)
    step = _step(request)
    context: dict[str, Any] = {
        "here": here,
        "month": month,
        "months": closed,
        "step": step,
        "steps": late.STEPS,
    }
    if here is not None and month is not None:
        found = late.money_delays(acting(request), month, here, step)
        context |= {
            "found": found,
            "trail": trail(request, here),
            "chart": _chart(found.areas),
            "most": late.MOST_OFFICES,
            "download": query(area=here.area_code, month=month, step=step),
        }
    return render(request, "desk/money_delays.html", context)


@require_safe
@may("proposal.view")
def money_delays_download(request: HttpRequest) -> StreamingHttpResponse:
    """Every office that is or was late, as CSV."""
    here = chosen_place(request)
    month, _closed = _month(request)
    if here is None or month is None:
        raise Http404("nothing to download yet")
    record(acting(request), "delay.download", "money", f"{month}/{here.area_code}")
    header = ("month", "office_code", "office", "area_code", "step", "status", "due_on", "done_on", "days_late", "count",
              "amount")  # fmt: skip
    return download(
        f"delays-{month}-{here.area_code}.csv",
        header,
        (
            [str(month), one.office_code, one.name_hi if language() == "hi" else one.name_en, one.area_code, one.step,
             one.status, one.due_on, one.done_on, one.days, one.count, rupees(one.paise)]
            for one in late.money_delays(acting(request), month, here, _step(request), None).offices
        ),
    )  # fmt: skip


def _chart(areas: list[late.AreaDelay]) -> Any:
    shown = [row for row in areas if row.open][:_BARS]
    if len(shown) < 2:
        return ""
    return charts.bars(
        _("Offices that are late, by area"),
        [
            (row.place.name(language()), row.open, _("%(count)s late") % {"count": group_indian(row.open)})
            for row in shown
        ],
    )
