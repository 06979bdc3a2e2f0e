"""A citizen's own eKYC, after a one-time code to the registered mobile."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from haqdar.web import ekyc_pages
from haqdar.web.citizen.proven import asks_for_code, citizen_actor, proven_resident, stay
from haqdar.web.ekyc_pages import Door
from haqdar.web.limits import limited, per_hour


def proven(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The view is for one who answered a code, and is about that person; anybody else is asked for a code first."""

    @wraps(view)
    def guarded(request: HttpRequest, **values: Any) -> HttpResponse:
        resident = proven_resident(request)
        if resident is None:
            return asks_for_code(request, "/ekyc")
        stay(request)
        return view(request, Door("citizen", citizen_actor(request), resident), **values)

    return guarded


@require_safe
@proven
def ekyc(request: HttpRequest, door: Door) -> HttpResponse:
    """How I stand, the notice, the ways."""
    return ekyc_pages.begin(request, door)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@limited("ekyc", 120, per_hour)
@proven
def ekyc_give(request: HttpRequest, door: Door, way: str) -> HttpResponse:
    """A file, a picture or digits."""
    return ekyc_pages.give(request, door, way)


@require_POST
@sensitive_post_parameters()
@limited("ekyc-frame", 6000, per_hour)
@proven
def ekyc_frame(request: HttpRequest, door: Door) -> HttpResponse:
    """A picture of the camera."""
    return ekyc_pages.frame(request, door)


@require_http_methods(["GET", "HEAD", "POST"])
@proven
def ekyc_compare(request: HttpRequest, door: Door, check: UUID) -> HttpResponse:
    """The document beside my record."""
    return ekyc_pages.compare(request, door, check)


@require_safe
@proven
def ekyc_photo(request: HttpRequest, door: Door, check: UUID) -> HttpResponse:
    """The photograph of my document."""
    return ekyc_pages.photo(request, door, check)


@require_http_methods(["GET", "HEAD", "POST"])
@proven
def ekyc_withdraw(request: HttpRequest, door: Door) -> HttpResponse:
    """Taking my consent back."""
    return ekyc_pages.withdraw(request, door)
