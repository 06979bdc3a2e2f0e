"""Figures for everybody: what was paid and how long decisions took, down to the panchayat, with nobody in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from haqdar.access.queries import path_of_area, places_along
from haqdar.base.money import group_indian, indian, rupees
from haqdar.base.month import Month
from haqdar.base.refusal import Refusal
from haqdar.outcomes import queries as figures
from haqdar.outcomes.actions import STATES
from haqdar.outcomes.queries import DELAYS, PENSIONS, AreaFigures, Cell
from haqdar.web import labels
from haqdar.web.charts import bars
from haqdar.web.desk.views.common import download
from haqdar.web.templatetags.shown import month as in_words

_MOST_BARS = 60


@require_safe
def figure_home(request: HttpRequest) -> HttpResponse:
    """The whole State in the latest month."""
    month, months = _month(request, PENSIONS)
    here = figures.root(PENSIONS, month) if month else None
    if month is None or here is None:
        return render(request, "open/figure_none.html", {"topic": PENSIONS})
    return _area(request, month, months, here)


@require_safe
def area_detail(request: HttpRequest, area_code: str) -> HttpResponse:
    """One district, block, town or panchayat in a month."""
    month, months = _month(request, PENSIONS)
    here = figures.area(PENSIONS, month, area_code) if month else None
    if month is None or here is None:
        raise Http404("no figures of this area")
    return _area(request, month, months, here)


def _area(request: HttpRequest, month: date, months: Sequence[date], here: AreaFigures) -> HttpResponse:
    language = _language()
    names = labels.scheme_names(language, month)
    below = figures.below(PENSIONS, month, here.area_code)
    schemes = [(code, names.get(code, code), here.cells[code]) for code in _in_order(here.cells, names)]
    past = figures.over_months(PENSIONS, here.area_code)
    context = {
        "month": month,
        "months": months,
        "here": here,
        "trail": _trail(here),
        "schemes": schemes,
        "chart": bars(_("Pensions paid, by scheme"), [_bar(name, cell) for _code, name, cell in schemes]),
        "below": below,
        "below_chart": bars(
            _("Pensions paid, by area"), [_bar(_name(one), one.total) for one in below[:_MOST_BARS]]
        ),
        "past": past,
        "past_chart": bars(_("Pensions paid, by month"), [_bar(in_words(when), cell) for when, cell in past]),
        "delays": _latest_delays(here.area_code),
    }
    return render(request, "open/area_detail.html", context)


@require_safe
def scheme_detail(request: HttpRequest, scheme: str) -> HttpResponse:
    """One scheme: how many were paid, by area below, month by month."""
    month, months = _month(request, PENSIONS)
    code = request.GET.get("area", "")[:60]
    here = None
    if month is not None:
        here = figures.area(PENSIONS, month, code) if code else figures.root(PENSIONS, month)
    names = labels.scheme_names(_language(), month)
    if month is None or here is None or (scheme not in here.cells and scheme not in names):
        raise Http404("no figures of this scheme")
    below = [
        (one, one.cells.get(scheme, figures.NOBODY) if one.by_column else Cell(None, None, "kept"))
        for one in figures.below(PENSIONS, month, here.area_code)
    ]
    past = figures.over_months(PENSIONS, here.area_code, scheme)
    context = {
        "scheme": scheme,
        "name": names.get(scheme, scheme),
        "month": month,
        "months": months,
        "here": here,
        "trail": _trail(here),
        "cell": here.cells.get(scheme, figures.NOBODY) if here.by_column else Cell(None, None, "kept"),
        "below": below,
        "chart": bars(
            _("Pensions paid, by area"), [_bar(_name(one), cell) for one, cell in below[:_MOST_BARS]]
        ),
        "past": past,
        "past_chart": bars(_("Pensions paid, by month"), [_bar(in_words(when), cell) for when, cell in past]),
    }
    return render(request, "open/scheme_detail.html", context)


@require_safe
def delay_home(request: HttpRequest) -> HttpResponse:
    """How cases of the whole State stand against their limits."""
    month, months = _month(request, DELAYS)
    here = figures.root(DELAYS, month) if month else None
    if month is None or here is None:
        return render(request, "open/figure_none.html", {"topic": DELAYS})
    return _delays(request, month, months, here)


@require_safe
def delay_detail(request: HttpRequest, area_code: str) -> HttpResponse:
    """How the cases of an area stand against their limits."""
    month, months = _month(request, DELAYS)
    here = figures.area(DELAYS, month, area_code) if month else None
    if month is None or here is None:
        raise Http404("no figures of this area")
    return _delays(request, month, months, here)


def _delays(request: HttpRequest, month: date, months: Sequence[date], here: AreaFigures) -> HttpResponse:
    states = [(state, here.cells.get(state, figures.NOBODY)) for state in STATES] if here.by_column else []
    context = {
        "month": month,
        "months": months,
        "here": here,
        "trail": _trail(here),
        "states": states,
        "columns": STATES,
        "chart": bars(
            _("Cases against their limit"),
            [_bar(labels.label("delay", state), cell) for state, cell in states],
        ),
        "below": figures.below(DELAYS, month, here.area_code),
    }
    return render(request, "open/delay_detail.html", context)


@require_safe
def figure_about(request: HttpRequest) -> HttpResponse:
    """What is published, what is hidden and why, and how to reuse it."""
    return render(request, "open/figure_about.html", {})


@require_safe
def figure_download(request: HttpRequest, topic: str, month: Month) -> StreamingHttpResponse:
    """Every published cell of a month as CSV, or (`?area=`) those directly below an area; both languages."""
    if topic not in figures.TOPICS or month.first_day not in figures.months(topic):
        raise Http404("no such figures")
    parent = request.GET.get("area", "")[:60] or None
    header = (
        "month", "area_code", "parent_code", "kind", "area_en", "area_hi", "measure", "count", "amount_rupees", "state",
    )  # fmt: skip

    def rows() -> Iterator[list[object]]:
        for cell in figures.all_cells(topic, month.first_day, parent):
            yield [
                str(month), cell["area_code"], cell["parent_code"], cell["kind"], cell["name_en"], cell["name_hi"],
                cell["measure"] or "total", _count(cell), _rupees(cell["paise"]), cell["state"],
            ]  # fmt: skip

    response = download(f"{topic}-{month}.csv", header, rows())
    response["Cache-Control"] = "public, max-age=3600"
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _count(cell: dict[str, Any]) -> object:
    return "<5" if cell["state"] == "few" else cell["count"]


def _rupees(paise: int | None) -> str:
    return "" if paise is None else rupees(paise).removesuffix(".00")


def _month(request: HttpRequest, topic: str) -> tuple[date | None, list[date]]:
    """The month asked for (`?month=2016-10`) or the latest, and all that there are; a month without figures is no page."""
    months = figures.months(topic)
    text = request.GET.get("month", "")
    if not text:
        return (months[0] if months else None), months
    try:
        wanted = Month.parse(text).first_day
    except Refusal as problem:
        raise Http404("no such month") from problem
    if wanted not in months:
        raise Http404("no figures of this month")
    return wanted, months


def _trail(here: AreaFigures) -> list[Any]:
    path = path_of_area(here.area_code)
    return places_along(path)[:-1] if path else []


def _latest_delays(area_code: str) -> AreaFigures | None:
    months = figures.months(DELAYS, 1)
    return figures.area(DELAYS, months[0], area_code) if months else None


def _in_order(cells: dict[str, Cell], names: dict[str, str]) -> list[str]:
    order = {code: place for place, code in enumerate(names)}
    return sorted(cells, key=lambda code: (order.get(code, 999), code))


def _bar(name: str, cell: Cell) -> tuple[str, int | None, str]:
    if cell.state == "few":
        return name, None, "<5"
    if cell.count is None:
        return name, None, _("not shown")
    money = f" · {indian(cell.paise)}" if cell.paise else ""
    return name, cell.count, group_indian(cell.count) + money


def _name(one: AreaFigures) -> str:
    if one.apart:
        return _("Place not known")
    return one.name_hi if _language() == "hi" else one.name_en


def _language() -> str:
    return "en" if translation.get_language() == "en" else "hi"
