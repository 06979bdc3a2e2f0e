"""Bills of a month: how far they have come, and each step of a bill's way with a look at what it does before it is done."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from haqdar.access.actions import record
from haqdar.base.money import rupees
from haqdar.base.month import Month
from haqdar.base.refusal import Refusal
from haqdar.cases.queries import months, run_of
from haqdar.law import load_lawbook
from haqdar.payments import bill_lists, billing
from haqdar.payments.amounts import amount_in_words
from haqdar.payments.bill_papers import facts_of, paper
from haqdar.payments.bill_reads import MonthNotClosed, NoSuchOfficer
from haqdar.payments.bill_steps import NoSuchBill, answer, drawable, supplementary
from haqdar.payments.bill_words import segments
from haqdar.payments.closing import closing_of
from haqdar.payments.queries import bills_of_month
from haqdar.web import labels
from haqdar.web.citizen.orders import pdf
from haqdar.web.desk.forms import fault, language
from haqdar.web.desk.views.common import acting, download, may
from haqdar.web.middleware import switching

FIELDS = {"bill_no_reason": "reason"}
_LONGEST = 60


@require_safe
@may("payments.view")
def bill_latest(request: HttpRequest) -> HttpResponse:
    """The bills of the latest month that was run."""
    run = run_of(acting(request))
    if run is None:
        return render(request, "desk/bill_list.html", {"officers": [], "run": None})
    return redirect("desk:bill-list", month=run.slug)


@require_safe
@may("payments.view")
def bill_list(request: HttpRequest, month: Month) -> HttpResponse:
    """Every drawing officer with bills in the month and how far they have come; the only one's bills at once."""
    run = run_of(acting(request), month)
    if run is None:
        raise Http404("this month was not run")
    found = bill_lists.officers(acting(request), month)
    if len(found) == 1 and acting(request).area_paths is not None:
        return redirect("desk:bill-office", month=month, ddo=found[0].ddo_code)
    context = {
        "run": run,
        "months": months(acting(request)),
        "officers": found,
        "states": [(state, sum(one.count.get(state, 0) for one in found)) for state in bill_lists.STATES],
        "bills": sum(one.bills for one in found),
        "paise": sum(one.paise for one in found),
        "closed": closing_of(month.first_day) is not None,
    }
    return render(request, "desk/bill_list.html", context)


@require_safe
@may("payments.download")
def bill_download(request: HttpRequest, month: Month) -> StreamingHttpResponse:
    """The bills as they were drawn, as CSV, in the columns of bills.csv."""
    run = run_of(acting(request), month)
    if run is None:
        raise Http404("this month was not run")
    record(acting(request), "payments.download", "bills", run.slug)
    rows = (
        [
            bill["bill_no"],
            bill["ddo_code"],
            bill["scheme"],
            bill["head"],
            run.slug,
            bill["persons"],
            rupees(bill["paise"]),
        ]
        for bill in bills_of_month(acting(request), run.id)
    )
    header = ("bill_no", "ddo_code", "scheme", "head", "month", "persons", "amount")
    return download(f"bills-{run.slug}.csv", header, rows)


# -- one drawing officer -------------------------------------------------------------------------------------------


def _of(request: HttpRequest, ddo: str, month: Month) -> tuple[Any, list[bill_lists.BillNow]]:
    try:
        return bill_lists.bills_of(acting(request), ddo, month)
    except NoSuchOfficer as nobody:
        raise Http404("no such drawing officer") from nobody


def _head(month: Month, officer: Any) -> dict[str, Any]:
    return {
        "month": month.first_day,
        "slug": str(month),
        "officer": officer,
        "names": labels.scheme_names(language(), month.first_day),
    }


@require_safe
@may("payments.view")
def bill_office(request: HttpRequest, month: Month, ddo: str) -> HttpResponse:
    """The bills of a drawing officer, head by head, and the one next step."""
    actor = acting(request)
    officer, bills = _of(request, ddo, month)
    count = {state: sum(bill.state == state for bill in bills) for state in bill_lists.STATES}
    closed = closing_of(month.first_day)
    waits = count["drawn"] + count["objected"]
    context = _head(month, officer) | {
        "bills": bills,
        "months": months(actor),
        "persons": sum(bill.persons for bill in bills),
        "paise": sum(bill.paise for bill in bills),
        "states": [(state, number) for state, number in count.items() if number],
        "closed": closed,
        "may_sanction": closed and waits and actor.may_in("bill.sanction", officer.area_path),
        "may_submit": count["sanctioned"] and actor.may_in("bill.submit", officer.area_path),
        "may_answer": count["submitted"] and actor.may_in("bill.answer", officer.area_path),
        # what can be drawn now may have been left out of an earlier month's bills, or have lapsed with its budget year
        "may_draw": closed and actor.may_in("bill.submit", officer.area_path),
        "waits": waits,
        "sanctioned": count["sanctioned"],
        "submitted": count["submitted"],
    }
    return render(request, "desk/bill_office.html", context)


@require_safe
@may("payments.download")
def bill_office_download(request: HttpRequest, month: Month, ddo: str) -> StreamingHttpResponse:
    """The same as CSV."""
    officer, bills = _of(request, ddo, month)
    record(acting(request), "payments.download", "bills", f"{month}/{officer.code}")
    header = (
        "bill_no", "scheme", "head", "kind", "state", "version", "persons", "amount", "left_out_persons", "left_out_amount",
        "token_no", "token_on", "voucher_no", "voucher_on", "reason",
    )  # fmt: skip
    rows = (
        [
            bill.bill_no, bill.scheme, bill.head, bill.kind, bill.state, bill.version, bill.persons, rupees(bill.paise),
            bill.left_out_persons, rupees(bill.left_out_paise), bill.token_no, bill.token_on, bill.voucher_no,
            bill.voucher_on, bill.end_reason,
        ]
        for bill in bills
    )  # fmt: skip
    return download(f"bills-{month}-{officer.code}.csv", header, rows)


def _shown(request: HttpRequest) -> int | None:
    text = request.POST.get("shown", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else -1


@require_http_methods(["GET", "HEAD", "POST"])
@may("bill.sanction")
def bill_sanction(request: HttpRequest, month: Month, ddo: str) -> HttpResponse:
    """What a sanction would do: bills, payees, rupees by head against the budget, who is left out and why; then the sanction."""
    actor = acting(request)
    errors: list[dict[str, str]] = []
    try:
        if request.method == "POST" and not switching(request):
            part = request.POST.get("act") == "with_budget"
            billing.sanction(actor, ddo, month, leave_short=part, shown=_shown(request))
            return redirect("desk:bill-office", month=month, ddo=ddo)
    except NoSuchOfficer as nobody:
        raise Http404("no such drawing officer") from nobody
    except MonthNotClosed:
        pass
    except Refusal as refusal:
        errors.append(fault(refusal))
    officer, _bills = _of(request, ddo, month)
    prepared = None
    try:
        prepared = billing.prepare(actor, ddo, month)
    except MonthNotClosed as refusal:
        errors.append(fault(refusal))
    left_out = [(why, *sums) for why, sums in prepared.out.items() if sums[0]] if prepared else []
    context = _head(month, officer) | {"prepared": prepared, "left_out": left_out, "errors": errors}
    return render(request, "desk/bill_sanction.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@may("bill.submit")
def bill_submit(request: HttpRequest, month: Month, ddo: str) -> HttpResponse:
    """The sanctioned bills that go to the treasury, with their sum; then the submission."""
    actor = acting(request)
    errors: list[dict[str, str]] = []
    if request.method == "POST" and not switching(request):
        try:
            billing.submit(actor, ddo, month, _keys(request.POST.getlist("bill")))
            return redirect("desk:bill-office", month=month, ddo=ddo)
        except NoSuchOfficer as nobody:
            raise Http404("no such drawing officer") from nobody
        except Refusal as refusal:
            errors.append(fault(refusal))
    officer, bills = _of(request, ddo, month)
    going = [bill for bill in bills if bill.state == "sanctioned"]
    context = _head(month, officer) | {
        "errors": errors,
        "bills": going,
        "persons": sum(bill.persons for bill in going),
        "paise": sum(bill.paise for bill in going),
        "own": any(bill.sanctioned_by == actor.name for bill in going),
    }
    return render(request, "desk/bill_submit.html", context)


def _keys(texts: list[str]) -> list[UUID]:
    found = []
    for text in texts[:1000]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@may("bill.answer")
def bill_answer(request: HttpRequest, month: Month, ddo: str) -> HttpResponse:
    """Tokens and vouchers that the treasury gave, bill by bill."""
    actor = acting(request)
    errors: list[dict[str, str]] = []
    officer, bills = _of(request, ddo, month)
    open_bills = [bill for bill in bills if bill.state == "submitted" and bill.key]
    typed = {name: text[:_LONGEST] for name, text in request.POST.items() if isinstance(text, str)}
    if request.method == "POST" and not switching(request):
        days = {name: _day(typed.get(name, ""), name, errors) for name in ("token_on", "voucher_on")}
        if not errors:
            rows = [
                (
                    bill.key,
                    typed.get(f"token-{bill.key}", "").strip(),
                    days["token_on"],
                    typed.get(f"voucher-{bill.key}", "").strip(),
                    days["voucher_on"],
                )
                for bill in open_bills
                if bill.key
            ]
            answer(actor, ddo, rows)
            return redirect("desk:bill-office", month=month, ddo=ddo)
    today = timezone.localdate().isoformat()
    context = _head(month, officer) | {
        "errors": errors,
        "faults": {error["field"]: error["text"] for error in errors},
        "rows": [
            (bill, typed.get(f"token-{bill.key}", bill.token_no), typed.get(f"voucher-{bill.key}", ""))
            for bill in open_bills
        ],
        "token_on": typed.get("token_on", today),
        "voucher_on": typed.get("voucher_on", today),
    }
    return render(request, "desk/bill_answer.html", context)


def _day(text: str, field: str, errors: list[dict[str, str]]) -> date | None:
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        errors.append({"field": field, "text": _("Give the day, for example 2016-09-23")})
        return None
    if day > timezone.localdate():
        errors.append(
            {"field": field, "text": _("This day is still to come. Give the day that the treasury wrote.")}
        )
    return day


@require_http_methods(["GET", "HEAD", "POST"])
@may("bill.submit")
def bill_supplementary(request: HttpRequest, month: Month, ddo: str) -> HttpResponse:
    """What was left out and can go out now, as the supplementary bills that would be drawn."""
    actor = acting(request)
    errors: list[dict[str, str]] = []
    rows: list[Any] = []
    try:
        if request.method == "POST" and not switching(request):
            supplementary(actor, ddo, month)
            return redirect("desk:bill-office", month=month, ddo=ddo)
    except NoSuchOfficer as nobody:
        raise Http404("no such drawing officer") from nobody
    except Refusal as refusal:
        errors.append(fault(refusal))
    officer, _bills = _of(request, ddo, month)
    if not any(error["text"] for error in errors):
        try:
            rows = drawable(actor, ddo, month)
        except MonthNotClosed as refusal:
            errors.append(fault(refusal))
    context = _head(month, officer) | {
        "errors": errors,
        "rows": rows,
        "persons": sum(row.persons for row in rows),
        "paise": sum(row.paise for row in rows),
    }
    return render(request, "desk/bill_supplementary.html", context)


# -- one version ---------------------------------------------------------------------------------------------------


def _seen(request: HttpRequest, key: UUID, verb: str = "payments.view") -> bill_lists.BillSeen:
    try:
        return bill_lists.bill_of_version(acting(request), key, verb)
    except NoSuchBill as nothing:
        raise Http404("no such bill") from nothing


@require_safe
@may("payments.view")
def bill_detail(request: HttpRequest, key: UUID) -> HttpResponse:
    """A version of a bill: where it stands, what it says, its schedule by local body, its history and documents."""
    actor = acting(request)
    seen = _seen(request, key)
    facts = facts_of([seen.chosen.id])[seen.chosen.id]
    said = load_lawbook(settings.HAQDAR_LAW).on(seen.month).components.get(facts.component)
    month = Month.of(seen.month)
    state, path = seen.chosen.state, seen.officer.area_path
    before_file = state in ("sanctioned", "submitted", "passed") and not seen.files
    context = _head(month, seen.officer) | {
        "seen": seen,
        "chosen": seen.chosen,
        "facts": facts,
        "may_object": state == "submitted" and actor.may_in("bill.answer", path),
        "may_cancel": before_file and actor.may_in("bill.cancel", path),
        "may_download": actor.may_in("payments.download", path),
        "component": said.in_language(language()) if said else facts.component,
        "segments": [
            (name.in_language(language()), value)
            for name, value in segments(seen.head, seen.month, language())
        ],
        "words": amount_in_words(seen.chosen.paise, language()),
    }
    return render(request, "desk/bill_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@may("bill.answer")
def bill_object(request: HttpRequest, key: UUID) -> HttpResponse:
    """The treasury's objection to a submitted bill."""
    return _end(request, key, "bill.answer", "object")


@require_http_methods(["GET", "HEAD", "POST"])
@may("bill.cancel")
def bill_cancel(request: HttpRequest, key: UUID) -> HttpResponse:
    """Cancelling a bill before its first payment."""
    return _end(request, key, "bill.cancel", "cancel")


def _end(request: HttpRequest, key: UUID, verb: str, act: str) -> HttpResponse:
    actor = acting(request)
    seen = _seen(request, key, verb)
    errors: list[dict[str, str]] = []
    reason = request.POST.get("reason", "")[:1000]
    if request.method == "POST" and not switching(request):
        try:
            (billing.objected if act == "object" else billing.cancel)(actor, key, reason)
            return redirect("desk:bill-detail", key)
        except Refusal as refusal:
            errors.append(fault(refusal) | {"field": FIELDS.get(refusal.code, "")})
    context = _head(Month.of(seen.month), seen.officer) | {
        "seen": seen,
        "chosen": seen.chosen,
        "act": act,
        "reason": reason,
        "errors": errors,
        "fault": next((error["text"] for error in errors if error["field"]), ""),
    }
    return render(request, "desk/bill_end.html", context)


@require_safe
@may("payments.view")
def bill_order(request: HttpRequest, key: UUID) -> HttpResponse:
    """The signed sanction order."""
    return _paper(request, key, "order")


@require_safe
@may("payments.view")
def bill_document(request: HttpRequest, key: UUID) -> HttpResponse:
    """The signed bill, once it is submitted."""
    return _paper(request, key, "bill")


def _paper(request: HttpRequest, key: UUID, kind: str) -> HttpResponse:
    try:
        name, document = paper(acting(request), key, kind)
    except NoSuchBill as nothing:
        raise Http404("no such bill") from nothing
    return pdf(document, name)


@require_safe
@may("payments.download")
def bill_payees(request: HttpRequest, key: UUID) -> StreamingHttpResponse:
    """The list of payees of a version, as CSV."""
    seen = _seen(request, key, "payments.download")
    rows = bill_lists.payees(acting(request), key)
    header = ("member_ending", "name", "account_last_four", "for_month", "kind", "component", "amount")
    return download(
        f"payees-{seen.chosen.sanction_no.replace('/', '-')}.csv",
        header,
        ([f"{row[0]:09d}"[-4:], *row[1:3], f"{row[3]:%Y-%m}", *row[4:6], rupees(row[6])] for row in rows),
    )
