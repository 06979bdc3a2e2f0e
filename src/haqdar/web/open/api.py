"""The public figures as an API: read-only, without a key, from any site. The schema is a golden file (tests/web)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Annotated, Any, Literal

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Path, Query, Schema
from ninja.errors import HttpError
from ninja.throttling import AnonRateThrottle
from pydantic import Field

from haqdar.base.month import Month
from haqdar.base.refusal import Refusal
from haqdar.law import load_lawbook
from haqdar.outcomes import queries as figures
from haqdar.web.middleware import address_of

LICENCE = "Government Open Data License – India (GODL-India)"
RATE = "240/m"
_PAGE = 1_000

MonthText = Annotated[str, Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$", examples=["2016-10"])]
Code = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^\x00]+$")]
Topic = Literal["pensions", "delays"]


class _ByAddress(AnonRateThrottle):
    """So many requests a minute from one address, as our own proxy saw it."""

    def get_cache_key(self, request: HttpRequest) -> str | None:
        return f"open-api-{address_of(request)}"


api = NinjaAPI(
    title="Haqdar open figures",
    version="1.0.0",
    description=(
        "Counts and amounts of pensions paid, and of cases decided in time, late or still open, by area, scheme and month."
        " No personal data: counts of 1 to 4, and what they could be worked out from, are not published."
        f" Licence: {LICENCE}."
    ),
    urls_namespace="open-api",
    docs_url=None,
    openapi_url="/openapi.json",
    throttle=[_ByAddress(RATE)],
)


class Problem(Schema):
    """Why a request was not answered."""

    detail: str


class Scheme(Schema):
    """A scheme of the law in force."""

    code: str
    name_en: str
    name_hi: str


class Schemes(Schema):
    """All schemes."""

    licence: str = LICENCE
    schemes: list[Scheme]


class Months(Schema):
    """The months that have figures, newest first."""

    licence: str = LICENCE
    months: list[MonthText]


class Figure(Schema):
    """One cell. `count` is null where it is not published: `few` is 1 to 4, `kept` is kept back to protect another."""

    area_code: str
    parent_code: str | None
    kind: str = Field(
        description="state, district, block, ulb, gp, ward …; empty for what belongs to no area below"
    )
    name_en: str
    name_hi: str
    measure: str = Field(description="`total`, a scheme code, or in_time, late, open, over")
    count: int | None
    amount_rupees: int | None = Field(description="rounded to whole thousands")
    state: Literal["shown", "few", "kept"]


class Figures(Schema):
    """One page of cells in the order of area and measure; `next` is the `after` of the next page."""

    licence: str = LICENCE
    topic: Topic
    month: MonthText
    figures: list[Figure]
    next: str | None


View = Callable[..., Any]


def _for_everybody(view: View) -> View:
    """The answer may be kept for an hour and read from any site."""

    @wraps(view)
    def answered(request: HttpRequest, response: HttpResponse, *args: Any, **values: Any) -> Any:
        response["Cache-Control"] = "public, max-age=3600"
        response["Access-Control-Allow-Origin"] = "*"
        return view(request, response, *args, **values)

    return answered


@api.get("/schemes", response={200: Schemes, 429: Problem}, summary="The schemes", operation_id="schemes")
@_for_everybody
def schemes(request: HttpRequest, response: HttpResponse) -> dict[str, Any]:
    """Code and names of every scheme of the law in force."""
    law = load_lawbook(settings.HAQDAR_LAW).on(date.today())
    found = [
        {"code": one.code, "name_en": one.name.in_language("en"), "name_hi": one.name.in_language("hi")}
        for one in law.all_schemes
    ]
    return {"schemes": found}


@api.get(
    "/{topic}/months",
    response={200: Months, 422: Any, 429: Problem},
    summary="The months",
    operation_id="months",
)
@_for_everybody
def months(request: HttpRequest, response: HttpResponse, topic: Annotated[Topic, Path()]) -> dict[str, Any]:
    """The months that have figures of a topic, newest first."""
    return {"months": [str(Month.of(month)) for month in figures.months(topic)]}


@api.get(
    "/{topic}/{month}/figures",
    response={200: Figures, 404: Problem, 422: Any, 429: Problem},
    summary="Figures of a month",
    operation_id="figures",
    url_name="figures",
)
@_for_everybody
def month_figures(
    request: HttpRequest,
    response: HttpResponse,
    topic: Annotated[Topic, Path()],
    month: Annotated[MonthText, Path()],
    area: Annotated[Code | None, Query(description="Only this area")] = None,
    parent: Annotated[Code | None, Query(description="Only areas directly below this one")] = None,
    kind: Annotated[Code | None, Query(description="Only areas of this kind, e.g. district")] = None,
    measure: Annotated[Code | None, Query(description="Only this measure, e.g. total or IGNOAPS")] = None,
    after: Annotated[
        Code | None, Query(description="`next` of the page before; leave empty for the first")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=_PAGE)] = _PAGE,
) -> dict[str, Any]:
    """The published cells of a month, filtered, up to 1,000 a page."""
    try:
        first = Month.parse(month).first_day
    except Refusal as problem:
        raise HttpError(404, problem.en) from problem
    if first not in figures.months(topic):
        raise HttpError(
            404, f"There are no figures of {topic} for {month}; /{topic}/months lists those that exist."
        )
    code, _, name = (after or "").rpartition("~")
    rows = figures.cells(
        topic,
        first,
        area_code=area,
        parent=parent,
        kind=kind,
        measure=None if measure is None else ("" if measure == "total" else measure),
        after=(code, "" if name == "total" else name),
        limit=limit,
    )
    found = [
        {
            **row,
            "measure": row["measure"] or "total",
            "amount_rupees": None if row["paise"] is None else row["paise"] // 100,
        }
        for row in rows
    ]
    last = found[-1] if len(found) == limit else None
    return {
        "topic": topic,
        "month": month,
        "figures": found,
        "next": f"{last['area_code']}~{last['measure']}" if last else None,
    }
