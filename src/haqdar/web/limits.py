"""Rate limits of pages for everybody: how often one network address may post a form, and the page that says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from haqdar.outreach.limits import allowed, network_of
from haqdar.web.middleware import address_of, switching

per_minute = timedelta(minutes=1)
per_hour = timedelta(hours=1)
per_day = timedelta(days=1)

View = Callable[..., HttpResponse]


def limited(what: str, most: int, window: timedelta) -> Callable[[View], View]:
    """At most `most` posts of the form `what` from one network address within `window`; more get `too_often`.

    Reading a page and switching the language do not count. Mobile networks put thousands of phones behind one address: be
    generous here, and strict by mobile number (`outreach.codes`) or by person (`allowed`).
    """

    def door(view: View) -> View:
        @wraps(view)
        def counted(request: HttpRequest, *args: Any, **values: Any) -> HttpResponse:
            counts = request.method == "POST" and not switching(request)
            if counts and not allowed(what, network_of(address_of(request)), most, window):
                return too_often(request, window)
            return view(request, *args, **values)

        return counted

    return door


def too_often(request: HttpRequest, window: timedelta = per_hour) -> HttpResponse:
    """429: the page that asks for patience, with when to come back."""
    context = {
        "heading": _("Please wait a little"),
        "sentence": _(
            "This form was sent very often from your network. Nothing was lost. Try again later, or go to your panchayat"
            " or town office, or call 181."
        ),
    }
    response = render(request, "error.html", context, status=429)
    response["Retry-After"] = str(max(60, int(window.total_seconds() // 4)))
    return response
