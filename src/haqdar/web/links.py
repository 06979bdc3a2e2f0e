"""Links to pages, and the address of a case's public page as it stands in a QR code."""

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse


def link(name: str, *args: object) -> str:
    """The address of a page; empty where this installation has no such page."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def status_address(request: HttpRequest, number: str) -> str:
    """The whole address of the public page of a case, for a QR code; the first page where there is none."""
    return request.build_absolute_uri(link("citizen:case-status", number) or "/")
