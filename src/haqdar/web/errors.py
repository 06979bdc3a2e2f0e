"""Pages for requests that lead nowhere, in both languages and without a database."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the request itself is wrong."""
    return _page(
        request,
        400,
        _("This request could not be understood"),
        _("Go back, check what you entered and try again."),
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form was open too long or came from elsewhere."""
    return _page(
        request,
        403,
        _("This form is no longer valid"),
        _(
            "It was open for too long, or cookies are switched off. Open the page again and repeat the step. Nothing was changed."
        ),
    )


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: not for this person."""
    return _page(
        request,
        403,
        _("You cannot open this page"),
        _(
            "Your function or your area does not include it. Ask your office's administrator if you need it for your work."
        ),
    )


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: there is no such page."""
    return _page(
        request,
        404,
        _("This page does not exist"),
        _("The address may be mistyped, or what was here has moved. Start again from the first page."),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault."""
    return _page(
        request,
        500,
        _("Something went wrong on our side"),
        _("This was not your fault. Try again in a few minutes; if it stays like this, call 181."),
    )


def _page(request: HttpRequest, status: int, heading: str, sentence: str) -> HttpResponse:
    return render(request, "error.html", {"heading": heading, "sentence": sentence}, status=status)
