"""Where search forms lead: on to their list, with no number of a person in its address."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from haqdar.web.desk.views.common import may
from haqdar.web.search import in_address

_OWN = ("csrfmiddlewaretoken", "next")
_TYPED = ("q", "relation", "village")
"""Fields in which somebody may have written a number of a person."""


@require_POST
@may("desk.view")
def find(request: HttpRequest) -> HttpResponse:
    """To the page `next` of the desk, with the fields of the form as its query string; nothing is looked up here."""
    page = request.POST.get("next", "")
    if not page.startswith("/desk/") or not url_has_allowed_host_and_scheme(page, None):
        page = reverse("desk:person-search")
    fields = [
        (name, in_address(str(value)) if name in _TYPED else value)
        for name, value in request.POST.items()
        if name not in _OWN and str(value).strip()
    ]
    return HttpResponseRedirect(f"{page.partition('?')[0]}?{urlencode(fields)}" if fields else page)
