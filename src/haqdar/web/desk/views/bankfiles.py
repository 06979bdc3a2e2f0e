"""Payment files: made by one person, looked at and released by another, handed over to the bank."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from haqdar.access.actions import record
from haqdar.base.money import rupees
from haqdar.base.month import Month
from haqdar.base.refusal import Refusal
from haqdar.law import load_lawbook
from haqdar.payments.models import PaymentFile
from haqdar.payments.rails import files, reading
from haqdar.payments.rails.profiles import Profile, profile, validating
from haqdar.web import labels
from haqdar.web.desk.forms import language
from haqdar.web.desk.views.common import acting, download, may
from haqdar.web.middleware import switching


def _month(request: HttpRequest) -> Month | None:
    """The month asked for (`?month=`); one that is none is no page."""
    text = request.GET.get("month")
    try:
        return Month.parse(text) if text else None
    except Refusal as wrong:
        raise Http404("no such month") from wrong


def _file(request: HttpRequest, key: UUID) -> PaymentFile:
    try:
        return reading.one_file(acting(request), key)
    except files.NoSuchFile as nothing:
        raise Http404("no such payment file") from nothing


def _called(found: Profile) -> str:
    return found.name.hi if language() == "hi" else found.name.en


@require_safe
@may("bankfile.view")
def bankfile_list(request: HttpRequest) -> HttpResponse:
    """Every payment file of a month, or of all: what it holds and how far it has come."""
    actor = acting(request)
    month = _month(request)
    closed = reading.closed_months(actor)
    found = list(reading.all_files(actor, month)[:500])
    alive = [
        file
        for file in found
        if file.state != PaymentFile.State.WITHDRAWN and file.profile not in validating()
    ]
    context = {
        "month": month.first_day if month else None,
        "months": closed,
        "files": [(file, _called(profile(file.profile))) for file in found],
        "items": sum(file.items for file in alive),
        "paise": sum(file.paise for file in alive),
        "to_release": sum(file.state == PaymentFile.State.MADE for file in found),
    }
    return render(request, "desk/bankfile_list.html", context)


@require_safe
@may("bankfile.view")
def bankfile_download(request: HttpRequest) -> StreamingHttpResponse:
    """The list as CSV."""
    rows = reading.rows_of(reading.all_files(acting(request), _month(request)))
    record(acting(request), "bankfile.view", "payment_files", request.GET.get("month", "")[:7])
    header = ("name", "profile", "month", "settlement_on", "credits", "amount", "sha256", "state", "made_by",
              "released_by")  # fmt: skip
    lines = ([*list(row.values())[:5], rupees(row["paise"]), *list(row.values())[6:]] for row in rows)
    return download("payment-files.csv", header, lines)


@require_http_methods(["GET", "HEAD", "POST"])
@may("bankfile.make")
def bankfile_make(request: HttpRequest) -> HttpResponse:
    """What would go out now, profile by profile, and what has to wait; then the files are made."""
    actor = acting(request)
    closed = reading.closed_months(actor)
    month = _month(request) or (Month.of(closed[0]) if closed else None)
    lawful = [profile(code) for code in files.rules().profiles.values()]
    chosen = request.POST.get("profile") or request.GET.get("profile") or ""
    context: dict[str, Any] = {
        "month": month.first_day if month else None,
        "months": closed,
        "profiles": [(one.code, _called(one)) for one in reading.choices() if one not in lawful],
        "lawful": [_called(one) for one in lawful],
        "chosen": chosen,
        "errors": [],
    }
    if month is None:
        return render(request, "desk/bankfile_make.html", context)
    try:
        if request.method == "POST" and not switching(request):
            made = files.make(actor, month, chosen or None)
            if len(made) == 1:
                return redirect("desk:bankfile-detail", key=made[0].key)
            return redirect("desk:bankfile-list")
        found, waiting = reading.payable(actor, month, chosen or None)
        context |= {
            "payable": [(one, _called(one.profile)) for one in found],
            "items": sum(one.items for one in found),
            "paise": sum(one.paise for one in found),
            "count": sum(one.files for one in found),
            "waiting": waiting,
            "by_itself_on": load_lawbook(settings.HAQDAR_LAW).on(month.first_day).calendar.day("file", month),
        }
    except Refusal as refusal:
        context["errors"] = [{"field": "", "text": refusal.sentence(language())}]
    return render(request, "desk/bankfile_make.html", context, status=400 if context["errors"] else 200)


@require_safe
@may("bankfile.view")
def bankfile_detail(request: HttpRequest, key: UUID) -> HttpResponse:
    """One file: its totals, its way, what it holds by pension and how much of it was answered; the one next step."""
    return _detail(request, _file(request, key))


def _detail(request: HttpRequest, file: PaymentFile, refusal: Refusal | None = None) -> HttpResponse:
    actor = acting(request)
    context = {
        "file": file,
        "profile": _called(profile(file.profile)),
        "parts": reading.parts(actor, file),
        "names": labels.scheme_names(language(), file.month) | {reading.TRY: _("Rupees that try accounts")},
        "own": file.made_by == actor.name,
        "errors": [{"field": "", "text": refusal.sentence(language())}] if refusal else [],
    }
    return render(request, "desk/bankfile_detail.html", context, status=400 if refusal else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@may("bankfile.release")
def bankfile_release(request: HttpRequest, key: UUID) -> HttpResponse:
    """Look at the totals once more, release the file and hand it over; a file that was released waits for its hand-over here."""
    file = _file(request, key)
    if request.method == "POST" and not switching(request):
        try:
            files.release(acting(request), key)
            files.send(acting(request), key)
        except Refusal as refusal:
            return _detail(request, _file(request, key), refusal)
        return redirect("desk:bankfile-detail", key=key)
    context = {
        "file": file,
        "profile": _called(profile(file.profile)),
        "own": file.made_by == acting(request).name,
    }
    return render(request, "desk/bankfile_release.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@may("bankfile.make")
def bankfile_withdraw(request: HttpRequest, key: UUID) -> HttpResponse:
    """Take back a file that was not released; its payments go into the next one."""
    file = _file(request, key)
    if request.method == "POST" and not switching(request):
        try:
            files.withdraw(acting(request), key)
        except Refusal as refusal:
            return _detail(request, _file(request, key), refusal)
        return redirect("desk:bankfile-detail", key=key)
    return render(
        request, "desk/bankfile_withdraw.html", {"file": file, "tries": file.profile in validating()}
    )


@require_safe
@may("bankfile.download")
def bankfile_envelope(request: HttpRequest, key: UUID, which: str) -> HttpResponse:
    """The sealed envelope or the signature of a file that was handed over, for carrying it to the bank by hand."""
    file = _file(request, key)
    if which not in ("p7m", "p7s"):
        raise Http404("neither envelope nor signature")
    try:
        name, content = reading.handed_over(acting(request), file, which)
    except Refusal as refusal:
        return _detail(request, file, refusal)
    record(acting(request), "bankfile.download", "payment_file", str(file.key), new={"name": name})
    response = HttpResponse(content, content_type="application/pkcs7-mime")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
