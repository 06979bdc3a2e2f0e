"""Delay lists: by area, office and post, worst first; each opens one level down; as CSV and PDF."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from haqdar.access.actions import record
from haqdar.access.queries import Place
from haqdar.base.money import group_indian
from haqdar.cases.clock import services
from haqdar.cases.delays import AreaDelay, Delay, OfficeDelay, delays, late_cases
from haqdar.web import charts, labels
from haqdar.web.citizen.asking import language_of_page
from haqdar.web.desk.views.common import acting, chosen_place, download, may, query, trail
from haqdar.web.documents.typeset import set_pdf
from haqdar.web.templatetags.shown import day

_BARS = 12


def _service(request: HttpRequest) -> str:
    chosen = request.GET.get("service", "")
    return chosen if chosen in {draft.code for draft in services().drafts} else ""


@require_safe
@may("delay.view")
def delay_list(request: HttpRequest) -> HttpResponse:
    """Where cases are over their limit, from the State down to an office."""
    here = chosen_place(request)
    service = _service(request)
    language = language_of_page()
    context: dict[str, Any] = {"here": here}
    if here is not None:
        areas, offices, total = delays(acting(request), here, service)
        context |= {
            "trail": trail(request, here),
            "areas": areas,
            "offices": offices,
            "total": total,
            "chart": _chart(areas),
            "cases": late_cases(acting(request), here, "", service, 50)
            if not areas or len(areas) == 1
            else [],
            "download": query(area=here.area_code, service=service),
        }
    context |= {
        "service": service,
        "services": [(draft.code, draft.name.in_language(language)) for draft in services().drafts],
    }
    return render(request, "desk/delay_list.html", context)


@require_safe
@may("delay.view")
def delay_cases(request: HttpRequest) -> HttpResponse:
    """The late cases of an area, the oldest limit first."""
    here = chosen_place(request)
    verb = request.GET.get("waits", "")
    rows = late_cases(acting(request), here, verb, _service(request)) if here else []
    context = {"here": here, "rows": rows, "verb": verb, "trail": trail(request, here) if here else []}
    return render(request, "desk/delay_cases.html", context)


@require_safe
@may("delay.view")
def delay_download(request: HttpRequest) -> StreamingHttpResponse:
    """Every office and post with something late, as CSV."""
    here = chosen_place(request)
    offices = delays(acting(request), here, _service(request), limit=None)[1] if here else []
    record(acting(request), "delay.download", "delays", here.area_code if here else "")
    header = (
        "office_code",
        "office_kind",
        "office",
        "waits_for",
        "open",
        "late",
        "days_over",
        "mean_days",
        "oldest_days",
    )
    rows = (
        [
            row.office.office_code,
            row.office.kind,
            row.office.name(language_of_page()),
            row.verb,
            row.open,
            row.late,
            row.days,
            row.mean,
            row.oldest,
        ]
        for row in offices
    )
    return download(f"delays-{here.area_code if here else 'none'}.csv", header, rows)


@require_safe
@may("delay.view")
def delay_pdf(request: HttpRequest) -> HttpResponse:
    """The same as a paper for a review meeting."""
    here = chosen_place(request)
    areas, offices, total = (
        delays(acting(request), here, _service(request)) if here else ([], [], Delay(0, 0, 0, 0))
    )
    record(acting(request), "delay.download", "delays", here.area_code if here else "")
    pdf = set_pdf("delays.typ", _paper(here, areas, offices, total), timezone.now())
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = (
        f'attachment; filename="delays-{here.area_code if here else "none"}.pdf"'
    )
    return response


def _paper(
    here: Place | None, areas: list[AreaDelay], offices: list[OfficeDelay], total: Delay
) -> dict[str, Any]:
    language = language_of_page()

    def numbers(row: Delay) -> list[str]:
        return [group_indian(value) for value in (row.open, row.late, row.days, row.mean, row.oldest)]

    return {
        "language": language,
        "title": _("Cases over the limit"),
        "place": here.name(language) if here else "",
        "day": day(timezone.localdate()),
        "heads": [
            _("Open"),
            _("Over the limit"),
            _("Days over, in all"),
            _("Days over, on average"),
            _("Oldest, days"),
        ],
        "total_word": _("In all"),
        "total": numbers(total),
        "area_title": _("By area"),
        "areas": [[row.place.name(language), *numbers(row)] for row in areas],
        "office_title": _("By office and what the cases wait for"),
        "offices": [
            [f"{row.office.name(language)}: {labels.label('awaits', row.verb)}", *numbers(row)]
            for row in offices
        ],
        "nothing": _("Nothing is late."),
    }


def _chart(areas: list[AreaDelay]) -> Any:
    language = language_of_page()
    shown = [row for row in areas if row.late][:_BARS]
    if not shown:
        return ""
    return charts.paired_bars(
        _("Open cases and cases over the limit, by area"),
        [
            charts.Pair(
                row.place.name(language),
                row.open,
                row.late,
                _("%(count)s open") % {"count": group_indian(row.open)},
                _("%(count)s over the limit") % {"count": group_indian(row.late)},
            )
            for row in shown
        ],
    )
