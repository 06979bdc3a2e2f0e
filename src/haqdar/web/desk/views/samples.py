"""An auditor's samples of credits: drawn by lot, each credit with its trail back to the rule."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.views.decorators.http import require_http_methods, require_safe

from haqdar.access.actions import record
from haqdar.access.queries import place
from haqdar.base.money import rupees
from haqdar.base.month import Month
from haqdar.base.refusal import Refusal
from haqdar.payments import sampling
from haqdar.payments.models.oversight import Sample
from haqdar.payments.standing import months_to_sum
from haqdar.web import labels
from haqdar.web.desk.views.common import acting, chosen_place, download, may
from haqdar.web.middleware import switching


@require_http_methods(["GET", "HEAD", "POST"])
@may("sample.draw")
def money_sample(request: HttpRequest) -> HttpResponse:
    """The samples drawn so far, and drawing another one."""
    actor, here, months = acting(request), chosen_place(request), months_to_sum()
    typed = {"size": "25", "method": "credits", "seed": "", "month": ""}
    errors: list[dict[str, str]] = []
    if request.method == "POST":
        typed = {name: request.POST.get(name, "").strip() for name in typed}
    if request.method == "POST" and not switching(request):
        month = next((one for one in months if str(Month.of(one)) == typed["month"]), None)
        if here is None or month is None:
            raise Http404("nothing was run")
        try:
            size = int(typed["size"]) if typed["size"].isascii() and typed["size"].isdecimal() else 0
            sample = sampling.draw(actor, month, here, size, typed["method"], typed["seed"])
        except Refusal as problem:
            field = "month" if isinstance(problem, sampling.NothingCredited) else "size"
            language = translation.get_language() or "hi"
            errors = [{"field": field, "text": problem.sentence(language)}]
        else:
            return redirect("desk:money-sample-detail", key=sample.key)
    context: dict[str, Any] = {
        "here": here,
        "months": months,
        "typed": typed,
        "methods": Sample.Method.values,
        "errors": errors,
        "samples": [(one, place(actor, one.area_code)) for one in sampling.samples(actor)],
    }
    return render(request, "desk/money_sample.html", context)


@require_safe
@may("sample.draw")
def money_sample_detail(request: HttpRequest, key: UUID) -> HttpResponse:
    """Every credit of a sample with its trail."""
    actor = acting(request)
    sample = sampling.sample_of_key(actor, key)
    found = sampling.trails(actor, sample)
    record(actor, "sample.draw", "sample", str(sample.key), new={"looked": len(found)})
    context = {
        "sample": sample,
        "here": place(actor, sample.area_code),
        "trails": found,
        "disagree": sum(not one.agrees for one in found),
        "slug": str(Month.of(sample.month)),
        "names": labels.scheme_names(translation.get_language() or "hi", sample.month),
    }
    return render(request, "desk/money_sample_detail.html", context)


@require_safe
@may("sample.draw")
def money_sample_download(request: HttpRequest, key: UUID) -> StreamingHttpResponse:
    """The trails as CSV, one line for each bill of a credit; persons by their opaque key."""
    actor = acting(request)
    sample = sampling.sample_of_key(actor, key)
    record(actor, "sample.draw", "sample", str(sample.key), new={"downloaded": True})
    header = (
        "serial", "reference", "person", "scheme", "amount", "utr", "credited_on", "file", "answer", "bill_no", "head", "component",
        "bill_amount", "sanction_no", "voucher_no", "voucher_on", "due", "run_version", "known_on", "law", "snapshot", "agrees",
    )  # fmt: skip
    rows = (
        [
            one.serial, one.reference, one.person.key if one.person else "", one.scheme, rupees(one.paise), one.utr, one.value_on,
            one.file_name, one.answer_file, bill.bill_no, bill.head, bill.component, rupees(bill.paise), bill.sanction_no,
            bill.voucher_no, bill.voucher_on,
            " ".join(f"{due.kind}:{due.for_month:%Y-%m}:{rupees(due.paise - due.withheld)}" for due in one.dues),
            one.run_version, one.known_on, one.law_hash, one.snapshot_hash, str(one.agrees).lower(),
        ]
        for one in sampling.trails(actor, sample)
        for bill in one.bills
    )  # fmt: skip
    return download(f"sample-{Month.of(sample.month)}-{sample.seed}.csv", header, rows)
