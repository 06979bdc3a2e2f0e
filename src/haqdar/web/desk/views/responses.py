"""Files of answers: reading one, what was made of it, and the lines that wait for a person."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from haqdar.access.actions import record
from haqdar.base.money import rupees
from haqdar.base.refusal import Refusal
from haqdar.payments import return_reads
from haqdar.payments.models import ResponseFile
from haqdar.payments.responses import folder
from haqdar.payments.responses.parts import part_of
from haqdar.payments.responses.profiles import profiles
from haqdar.payments.responses.reading import read_response
from haqdar.payments.responses.setting_aside import look_into
from haqdar.payments.return_reads import NoSuchResponse
from haqdar.web.desk.forms import fault
from haqdar.web.desk.views.common import acting, download, may, page_number
from haqdar.web.middleware import switching


@require_safe
@may("response.view")
def response_list(request: HttpRequest) -> HttpResponse:
    """The files of answers that were read, the latest first."""
    actor = acting(request)
    found = return_reads.responses(actor, page_number(request))
    context = {
        "page": found,
        "before": found.page - 1,
        "after": found.page + 1,
        "may_read": actor.may("response.read"),
        "refused": folder.refused() if actor.may("response.read") else 0,
    }
    return render(request, "desk/response_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@may("response.read")
def response_read(request: HttpRequest) -> HttpResponse:
    """Choose a file of answers and read it; the same file handed in again leads to what was made of it the first time."""
    profile = request.POST.get("profile", "")
    errors: list[dict[str, str]] = []
    if request.method == "POST" and not switching(request):
        file = request.FILES.get("file")
        if file is None:
            errors.append({"field": "file", "text": _("Choose the file that the bank sent")})
        else:
            try:
                found = read_response(acting(request), file.read(), file.name or "", profile or None)
                return redirect("desk:response-detail", key=found.key)
            except Refusal as refusal:
                errors.append(fault(refusal))
    context = {
        "profiles": list(profiles()),
        "profile": profile,
        "errors": errors,
        "faults": {error["field"]: error["text"] for error in errors},
    }
    return render(request, "desk/response_read.html", context)


@require_safe
@may("response.view")
def response_detail(request: HttpRequest, key: UUID) -> HttpResponse:
    """What was made of a file of answers, and its set-aside lines."""
    actor = acting(request)
    file = _file(request, key)
    found = return_reads.set_aside(actor, file, page_number(request))
    context = {
        "file": file,
        "said": return_reads.said_in(actor, file),
        "page": found,
        "before": found.page - 1,
        "after": found.page + 1,
        "may_read": actor.may("response.read"),
    }
    return render(request, "desk/response_detail.html", context)


@require_safe
@may("response.view")
def response_download(request: HttpRequest, key: UUID) -> StreamingHttpResponse:
    """The set-aside lines of a file as CSV."""
    actor = acting(request)
    file = _file(request, key)
    record(actor, "response.view", "response_file", str(key))
    rows = (
        [
            one.line_no,
            one.reference,
            one.outcome,
            one.reason_code,
            rupees(one.paise) if one.paise is not None else "",
            rupees(one.sent_paise) if one.sent_paise is not None else "",
            one.value_on,
            one.disposition,
            one.problem,
            one.decision,
            one.note,
        ]
        for one in return_reads.set_aside(actor, file, all_at_once=True).rows
    )
    header = (
        "line", "reference", "outcome", "reason_code", "amount", "amount_sent", "value_on", "disposition", "problem", "decision",
        "note",
    )  # fmt: skip
    return download(f"set-aside-{file.pk}.csv", header, rows)


@require_http_methods(["GET", "HEAD", "POST"])
@may("response.read")
def response_line(request: HttpRequest, key: UUID, line: int) -> HttpResponse:
    """One set-aside line: what it says, why it waits, and what was found out about it."""
    actor = acting(request)
    file = _file(request, key)
    found = next(
        (one for one in return_reads.set_aside(actor, file, all_at_once=True).rows if one.line_no == line),
        None,
    )
    if found is None:
        raise Http404("no such line")
    typed = {name: request.POST.get(name, "")[:500] for name in ("decision", "note")}
    part = part_of(found.outcome, found.disposition, found.paise, found.sent_paise)
    errors: list[dict[str, str]] = []
    if request.method == "POST" and not switching(request):
        chosen = found.disposition == "contradiction" or part is not None
        try:
            look_into(actor, found.line_id, typed["decision"] if chosen else "noted", typed["note"])
            return redirect("desk:response-detail", key=key)
        except Refusal as refusal:
            errors.append(fault(refusal))
    context = {
        "file": file,
        "line": found,
        "part": part,
        "typed": typed,
        "errors": errors,
        "faults": {error["field"]: error["text"] for error in errors},
    }
    return render(request, "desk/response_line.html", context)


def _file(request: HttpRequest, key: UUID) -> ResponseFile:
    try:
        return return_reads.response_by_key(acting(request), key)
    except NoSuchResponse as nothing:
        raise Http404("no such file of answers") from nothing
