"""The outbox as the State sees it: counts and failures, nobody's number and no text."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from haqdar.outreach import outbox as messages
from haqdar.web.desk.views.common import acting, may


@require_safe
@may("outbox.view")
def outbox(request: HttpRequest) -> HttpResponse:
    """How many messages wait, went out and failed, and why."""
    return render(request, "desk/outbox.html", {"outbox": messages.outbox(acting(request))})
