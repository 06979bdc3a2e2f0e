"""Reports on money: as a page, as CSV, as a paper to sign."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from haqdar.access.actions import record
from haqdar.access.queries import Place
from haqdar.base.month import Month
from haqdar.payments import reports
from haqdar.payments.budget import year_text
from haqdar.payments.standing import latest_sent, months_to_sum
from haqdar.web.desk.report_pages import REPORTS, YEARLY, Sheet, pdf, sheet
from haqdar.web.desk.views.common import acting, chosen_place, download, may, query, trail

COMPONENTS = ("union", "state")


@require_safe
@may("report.view")
def money_reports(request: HttpRequest) -> HttpResponse:
    """The reports that a State owes."""
    here = chosen_place(request)
    whole = acting(request).area_paths is None
    reports = [report for report in REPORTS if whole or report != "utilisation"]
    return render(request, "desk/money_reports.html", {"here": here, "reports": reports})


@require_safe
@may("report.view")
def money_report(request: HttpRequest, report: str) -> HttpResponse:
    """One report of a month or of a budget year."""
    asked = _Asked(request, report)
    found = asked.sheet()
    context: dict[str, Any] = {
        "slug": report,
        "sheet": found,
        "here": asked.here,
        "trail": trail(request, asked.here) if asked.here and report == "nsap" else [],
        "month": asked.month,
        "months": asked.months,
        "year": asked.year,
        "years": [(year, year_text(year)) for year in asked.years],
        "component": asked.component,
        "components": COMPONENTS if report == "utilisation" else (),
        "yearly": report in YEARLY,
        "chosen": asked.query(),
        "of_month": query(month=Month.of(asked.month) if asked.month else ""),
    }
    return render(request, "desk/money_report.html", context)


@require_safe
@may("report.view")
def money_report_download(request: HttpRequest, report: str) -> StreamingHttpResponse:
    """The report as CSV: one table below the other, each with its own header, a column in front that names the table."""
    asked = _Asked(request, report)
    found = asked.sheet()
    if found is None:
        raise Http404("nothing was run")
    record(acting(request), "report.view", "report", f"{report}/{found.period}")
    header, rows = _plain(found)
    return download(f"{report}-{found.period}.csv", header, rows)


@require_safe
@may("report.view")
def money_report_pdf(request: HttpRequest, report: str) -> HttpResponse:
    """The report as a paper."""
    asked = _Asked(request, report)
    found = asked.sheet()
    if found is None or asked.here is None:
        raise Http404("nothing was run")
    record(acting(request), "report.view", "report", f"{report}/{found.period}")
    response = HttpResponse(pdf(found, asked.here), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{report}-{found.period}.pdf"'
    return response


class _Asked:
    """What a request asks for: report, area, month or year, component; each by itself where nothing was said."""

    def __init__(self, request: HttpRequest, report: str) -> None:
        if report not in REPORTS:
            raise Http404("no such report")
        self._actor, self._report = acting(request), report
        self.here: Place | None = chosen_place(request)
        self.months = months_to_sum()
        said = request.GET.get("month", "")
        sent = latest_sent()
        wanted = said or (str(Month.of(sent)) if sent else "")
        self.month: date | None = next(
            (month for month in self.months if not wanted or str(Month.of(month)) == wanted), None
        )
        self.years = self._years()
        year = request.GET.get("year", "")
        self.year = int(year) if year.isascii() and year.isdecimal() and len(year) == 4 else None
        if self.year is None and self.years:
            self.year = self.years[0]
        if (said and self.month is None) or (self.year is not None and self.year not in self.years):
            raise Http404("nothing was run then")
        component = request.GET.get("component", "")
        self.component = component if component in COMPONENTS else ""

    def _years(self) -> list[int]:
        found = reports.years(self._actor)
        # the estimate is made for the year that comes
        return (
            sorted({*found, max(found) + 1}, reverse=True) if found and self._report == "estimate" else found
        )

    def sheet(self) -> Sheet | None:
        """The report, or None while there is nothing."""
        if self.here is None:
            return None
        return sheet(self._actor, self._report, self.here, self.month, self.year, self.component)

    def query(self) -> str:
        """What was asked for, for links to the same as a file."""
        area = self.here.area_code if self.here else ""
        if self._report in YEARLY:
            return query(area=area, year=self.year, component=self.component)
        return query(area=area, month=Month.of(self.month) if self.month else "")


def _plain(found: Sheet) -> tuple[list[str], Iterator[list[object]]]:
    """Header and rows of a CSV with all tables of the report; columns of the same name stand in one."""
    several = len(found.parts) > 1
    names = list(dict.fromkeys(column.name for part in found.parts for column in part.columns))

    def rows() -> Iterator[list[object]]:
        for part in found.parts:
            for row in part.rows:
                cells = {
                    column.name: column.plain(value) for column, value in zip(part.columns, row, strict=True)
                }
                yield [*([part.title] if several else []), *(cells.get(name, "") for name in names)]

    return [*(["table"] if several else []), *names], rows()
