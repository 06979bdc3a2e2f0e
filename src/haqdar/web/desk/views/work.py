"""Work lists and the forecast: filtered, paged, downloaded."""

from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe

from haqdar.access.actions import record
from haqdar.access.queries import Place
from haqdar.base.money import rupees
from haqdar.base.month import Month
from haqdar.cases import queries as cases
from haqdar.cases.caselists import cases_of_run
from haqdar.registry import profiles
from haqdar.web import labels
from haqdar.web.desk.views.common import acting, chosen_place, download, may, page_number, trail
from haqdar.web.search import members_found, sought


@require_safe
@may("worklist.view")
def work_list(request: HttpRequest, month: Month, action: str) -> HttpResponse:
    """The persons one action concerns, as the officer's day of work."""
    run, here = _run_and_place(request, month, action)
    filters = _filters(request)
    page = cases.work_page(acting(request), run, action, here, filters)
    record(
        acting(request),
        "worklist.view",
        "worklist",
        f"{run.slug}/{action}/{here.area_code}",
        new=_seen(filters, page),
    )
    context = _context(request, run, here, filters, page) | {
        "cases": cases_of_run(acting(request), run.id, [row.member_id for row in page.rows])
        if acting(request).may("case.view")
        else {},
        "action": action,
        "others": cases.ACTIONS,
        "sorts": cases.SORTS,
        "reasons": [(code, labels.reason(action, code), count) for code, count in page.reasons.items()],
    }
    return render(request, "desk/work_list.html", context)


@require_safe
@may("worklist.download")
def work_download(request: HttpRequest, month: Month, action: str) -> StreamingHttpResponse:
    """The whole filtered list as CSV, in the columns of worklist.csv with names beside them."""
    run, here = _run_and_place(request, month, action)
    filters = _filters(request)
    record(acting(request), "worklist.download", "worklist", f"{run.slug}/{action}/{here.area_code}")
    rows = cases.work_rows(acting(request), run, action, here, filters)
    header = [
        "action",
        "member_id",
        "group",
        "from_scheme",
        "from_amount",
        "to_scheme",
        "to_amount",
        "reason",
        "area_code",
        "area_en",
        "area_hi",
        "name_en",
        "name_hi",
    ]
    return download(f"worklist-{run.slug}-{action}-{here.area_code}.csv", header, _work_lines(rows))


@require_safe
@may("forecast.view")
def forecast_list(request: HttpRequest, month: Month) -> HttpResponse:
    """What will become due within two months, with the day."""
    run, here = _run_and_place(request, month)
    filters = _filters(request)
    page = cases.forecast_page(acting(request), run, here, filters)
    record(
        acting(request), "forecast.view", "forecast", f"{run.slug}/{here.area_code}", new=_seen(filters, page)
    )
    context = _context(request, run, here, filters, page) | {
        "reasons": [(code, labels.label("action", code), count) for code, count in page.reasons.items()],
    }
    return render(request, "desk/forecast_list.html", context)


@require_safe
@may("forecast.download")
def forecast_download(request: HttpRequest, month: Month) -> StreamingHttpResponse:
    """The whole filtered forecast as CSV, in the columns of forecast.csv with names beside them."""
    run, here = _run_and_place(request, month)
    record(acting(request), "forecast.download", "forecast", f"{run.slug}/{here.area_code}")
    rows = cases.forecast_rows(acting(request), run, here, _filters(request))
    header = "eligible_on,action,member_id,group,from_scheme,to_scheme,to_amount,area_code,area_en,area_hi,name_en,name_hi"
    return download(f"forecast-{run.slug}-{here.area_code}.csv", header.split(","), _forecast_lines(rows))


def _run_and_place(request: HttpRequest, month: Month, action: str | None = None) -> tuple[cases.Run, Place]:
    if action is not None and action not in cases.ACTIONS:
        raise Http404("no such work list")
    here = chosen_place(request)
    run = cases.run_of(acting(request), month)
    if run is None or here is None:
        raise Http404("this month was not run")
    return run, here


def _filters(request: HttpRequest) -> cases.Filters:
    text = sought(request)
    sort = request.GET.get("sort", "")
    return cases.Filters(
        scheme=request.GET.get("scheme", "")[:40],
        reason=request.GET.get("reason", "")[:40],
        members=members_found(acting(request), text) if text else None,
        sort=sort if sort in cases.SORTS else "area",
        page=page_number(request),
    )


def _context(
    request: HttpRequest, run: cases.Run, here: Place, filters: cases.Filters, page: cases.WorkPage
) -> dict[str, Any]:
    language = translation.get_language() or "hi"
    names = labels.scheme_names(language, run.month)
    people = profiles.cards(row.member_id for row in page.rows)
    return {
        "run": run,
        "here": here,
        "trail": trail(request, here),
        "page": page,
        "rows": [(row, people.get(row.member_id)) for row in page.rows],
        "schemes": [(code, names.get(code, code), count) for code, count in page.schemes.items()],
        "names": names,
        "groups": labels.group_names(language, run.month),
        "periods": labels.scheme_periods(run.month),
        "scheme": filters.scheme,
        "reason": filters.reason,
        "sort": filters.sort,
        "search": sought(request),
        "filtered": bool(filters.scheme or filters.reason or filters.members is not None),
        "with_area": here.kind not in ("gp", "ward"),
    }


def _seen(filters: cases.Filters, page: cases.WorkPage) -> dict[str, Any]:
    return {"page": page.page, "rows": len(page.rows), "scheme": filters.scheme, "reason": filters.reason}


def amount_in_rupees(paise: int | None) -> str:
    """The amount as a number of rupees for a spreadsheet, empty where there is none."""
    return "" if paise is None else rupees(paise).removesuffix(".00")


def _work_lines(chunks: Iterator[list[cases.WorkRow]]) -> Iterator[list[object]]:
    for rows in chunks:
        people = profiles.cards(row.member_id for row in rows)
        for row in rows:
            person = people.get(row.member_id)
            yield [
                row.action,
                f"{row.member_id:09d}",
                row.pension_group,
                row.from_scheme,
                amount_in_rupees(row.from_paise),
                row.to_scheme,
                amount_in_rupees(row.to_paise),
                row.reason,
                row.area_code,
                row.area_en,
                row.area_hi,
                person.name_en if person else "",
                person.name_hi if person else "",
            ]


def _forecast_lines(chunks: Iterator[list[cases.WorkRow]]) -> Iterator[list[object]]:
    for rows in chunks:
        people = profiles.cards(row.member_id for row in rows)
        for row in rows:
            person = people.get(row.member_id)
            yield [
                row.eligible_on,
                row.action,
                f"{row.member_id:09d}",
                row.pension_group,
                row.from_scheme,
                row.to_scheme,
                amount_in_rupees(row.to_paise),
                row.area_code,
                row.area_en,
                row.area_hi,
                person.name_en if person else "",
                person.name_hi if person else "",
            ]
