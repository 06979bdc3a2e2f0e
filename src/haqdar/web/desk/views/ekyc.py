"""Assisted eKYC at a service centre, and the share of verified residents by area."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from haqdar.access.actions import record
from haqdar.base.money import group_indian
from haqdar.identity.ekyc.coverage import Covered, coverage
from haqdar.web import charts, ekyc_pages
from haqdar.web.desk.views.common import acting, chosen_place, download, may, trail
from haqdar.web.ekyc_pages import Door

_BARS = 15


def _door(request: HttpRequest, key: UUID) -> Door:
    return Door("desk", acting(request), key)


@require_safe
@may("ekyc.verify")
def ekyc(request: HttpRequest, key: UUID) -> HttpResponse:
    """How the resident stands, the notice to read out, and the ways."""
    return ekyc_pages.begin(request, _door(request, key))


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@may("ekyc.verify")
def ekyc_give(request: HttpRequest, key: UUID, way: str) -> HttpResponse:
    """A file, a picture or digits."""
    return ekyc_pages.give(request, _door(request, key), way)


@require_POST
@sensitive_post_parameters()
@may("ekyc.verify")
def ekyc_frame(request: HttpRequest, key: UUID) -> HttpResponse:
    """A picture of the camera."""
    return ekyc_pages.frame(request, _door(request, key))


@require_http_methods(["GET", "HEAD", "POST"])
@may("ekyc.verify")
def ekyc_compare(request: HttpRequest, key: UUID, check: UUID) -> HttpResponse:
    """The document beside the register."""
    return ekyc_pages.compare(request, _door(request, key), check)


@require_safe
@may("ekyc.verify")
def ekyc_photo(request: HttpRequest, key: UUID, check: UUID) -> HttpResponse:
    """The photograph of the document that waits."""
    return ekyc_pages.photo(request, _door(request, key), check)


@require_http_methods(["GET", "HEAD", "POST"])
@may("ekyc.verify")
def ekyc_withdraw(request: HttpRequest, key: UUID) -> HttpResponse:
    """The resident takes the consent back at the counter."""
    return ekyc_pages.withdraw(request, _door(request, key))


@require_safe
@may("ekyc.view")
def ekyc_dashboard(request: HttpRequest) -> HttpResponse:
    """The share of verified residents, from the State down to a panchayat."""
    here = chosen_place(request)
    if here is None:
        return render(request, "ekyc/dashboard.html", {"here": None})
    areas, whole, counted = coverage(acting(request), here)
    chart = ""
    if areas and whole.living:
        least = sorted(areas, key=lambda row: (row.share, row.name_en))[:_BARS]
        chart = charts.bars(
            _("Verified among the living, in percent"),
            [(_named(request, row), row.share, shown_share(row)) for row in least],
        )
    context = {
        "here": here,
        "trail": trail(request, here),
        "areas": [(row, shown_share(row)) for row in areas],
        "whole": whole,
        "share": shown_share(whole),
        "counted": counted,
        "chart": chart,
        "bars": _BARS,
        "many": len(areas) > _BARS,
    }
    return render(request, "ekyc/dashboard.html", context)


@require_safe
@may("ekyc.view")
def ekyc_download(request: HttpRequest) -> StreamingHttpResponse:
    """The same table as CSV."""
    here = chosen_place(request)
    areas, whole, _counted = coverage(acting(request), here) if here else ([], None, None)
    record(acting(request), "ekyc.download", "area", here.area_code if here else "")
    header = (
        "area_code", "kind", "area_en", "area_hi", "living", "verified", "percent", "offline_xml", "secure_qr", "online",
        "number_proven",
    )  # fmt: skip
    rows = (
        [
            row.area_code, row.kind, row.name_en, row.name_hi, row.living, row.verified,
            f"{row.share // 10}.{row.share % 10}", row.offline_xml, row.secure_qr, row.online, row.number_proven,
        ]
        for row in [*areas, *([whole] if whole else [])]
    )  # fmt: skip
    return download(f"verified-{here.area_code if here else 'none'}.csv", header, rows)


def shown_share(row: Covered) -> str:
    """The share in percent with one decimal, and of how many."""
    if not row.living:
        return "–"
    # the two counts stay on one line
    of = f"{group_indian(row.verified)}\N{NO-BREAK SPACE}/\N{NO-BREAK SPACE}{group_indian(row.living)}"
    return f"{row.share // 10}.{row.share % 10}\N{NO-BREAK SPACE}% ({of})"


def _named(request: HttpRequest, row: Covered) -> str:
    hindi = getattr(request, "LANGUAGE_CODE", "hi") == "hi"
    return (row.name_hi or row.name_en) if hindi else (row.name_en or row.name_hi)
