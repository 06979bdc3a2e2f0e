"""Proposals of the local bodies: by area, by scheme, payee by payee; verified, submitted; and closing a month."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from haqdar.access.actions import record
from haqdar.access.actors import OutsideYourArea
from haqdar.access.queries import Place, area_exists, place
from haqdar.base.money import rupees
from haqdar.base.month import Month
from haqdar.base.refusal import Refusal
from haqdar.jobs.money_calendar import ask_for_closing
from haqdar.law import load_lawbook
from haqdar.payments import holds, proposals
from haqdar.payments import proposal_reads as reads
from haqdar.payments.models import Proposal
from haqdar.payments.proposals import LeftOut, NoSuchProposal
from haqdar.payments.queries import month_money, month_not_payable
from haqdar.web import labels
from haqdar.web.desk.forms import language
from haqdar.web.desk.proposal_words import reasons_of
from haqdar.web.desk.views.common import acting, chosen_place, download, may, page_number, query, trail
from haqdar.web.documents.proposals import proposal_pdf
from haqdar.web.middleware import switching

MOST_CHOSEN = 300
"""People who can be left out of one proposal at once."""


@require_safe
@may("proposal.view")
def payment_proposal_list(request: HttpRequest) -> HttpResponse:
    """The proposals of a month: areas from the State down to a body, and there scheme by scheme."""
    actor, here = acting(request), chosen_place(request)
    months = reads.months_of(actor)
    chosen = _month(request, months)
    context: dict[str, Any] = {
        "here": here,
        "months": months,
        "chosen": chosen,
        "may_close": actor.may("month.close"),
    }
    if here is not None and chosen is not None:
        month = Month.of(chosen.month)
        context |= {
            "trail": trail(request, here),
            "month": month,
            "days": proposals.days_of_closed(chosen.month),
        }
        context["proposal_on"] = (
            load_lawbook(settings.HAQDAR_LAW).on(chosen.month).calendar.day("proposal", month)
        )
        context["download"] = query(area=here.area_code, month=month)
        if here.kind in reads.BODY_KINDS:
            context |= _of_body(request, month, here)
        else:
            rows = reads.by_area(actor, month, here) if chosen.closed_on else []
            context |= {"areas": rows, "total": _total(rows)}
    return render(request, "desk/payment_proposal_list.html", context)


def _of_body(request: HttpRequest, month: Month, here: Place) -> dict[str, Any]:
    actor, found = acting(request), reads.of_body(acting(request), month, here)
    return {
        "is_body": True,
        "proposals": found,
        "names": labels.scheme_names(language(), month.first_day),
        "total": _sums(found),
        "to_verify": sum(one.state == "generated" for one in found),
        "to_submit": sum(one.state == "verified" for one in found),
        "may_submit": actor.may_in("proposal.submit", here.path),
        "due_on": min((one.due_on for one in found), default=None),
    }


def _sums(found: Sequence[Proposal]) -> dict[str, int]:
    names = (
        "persons",
        "new_persons",
        "ended_persons",
        "changed_persons",
        "payable_paise",
        "arrears_paise",
        "withheld_paise",
        "held_persons",
        "held_paise",
        "unpayable_persons",
        "unpayable_paise",
    )
    return {name: sum(getattr(one, name) for one in found) for name in names}


def _total(rows: Sequence[reads.AreaProposals]) -> dict[str, int]:
    names = ("bodies", "open", "verified", "submitted", "silent", "ready", "persons", "payable_paise")
    return {name: sum(getattr(one, name) for one in rows) for name in names}


def _month(request: HttpRequest, months: Sequence[reads.MonthState]) -> reads.MonthState | None:
    """The month asked for, else the latest that is closed, else the latest."""
    asked = request.GET.get("month")
    if asked:
        found = next((one for one in months if str(Month.of(one.month)) == asked), None)
        if found is None:
            raise Http404("this month was not run")
        return found
    return next((one for one in months if one.closed_on), months[0] if months else None)


@require_safe
@may("proposal.view")
def payment_proposal_download(request: HttpRequest) -> StreamingHttpResponse:
    """The same as CSV: a body's proposals by scheme, or the areas below."""
    actor, here = acting(request), chosen_place(request)
    chosen = _month(request, reads.months_of(actor))
    if here is None or chosen is None:
        raise Http404("nothing to download yet")
    month = Month.of(chosen.month)
    record(actor, "proposal.view", "proposals", f"{month}/{here.area_code}", new={"download": True})
    name = f"proposals-{month}-{here.area_code}.csv"
    if here.kind in reads.BODY_KINDS:
        header = ("month", "body", "scheme", "state", "pensions", "new", "ended", "changed", "regular", "arrears",
                  "recovery", "kept_back", "payable", "held", "cannot_be_paid")  # fmt: skip
        return download(
            name,
            header,
            (
                [str(month), one.body_code, one.scheme, one.state, one.persons, one.new_persons, one.ended_persons,
                 one.changed_persons, rupees(one.regular_paise), rupees(one.arrears_paise), rupees(one.recovery_paise),
                 rupees(one.withheld_paise), rupees(one.payable_paise), rupees(one.held_paise),
                 rupees(one.unpayable_paise)]
                for one in reads.of_body(actor, month, here)
            ),
        )  # fmt: skip
    columns = ("month", "area_code", "area", "bodies", "to_verify", "to_submit", "submitted", "went_on", "pensions",
              "payable", "held", "cannot_be_paid", "days_late")  # fmt: skip
    return download(
        name,
        columns,
        (
            [str(month), one.place.area_code, one.place.name(language()), one.bodies, one.open, one.verified,
             one.submitted, one.silent, one.persons, rupees(one.payable_paise), rupees(one.held_paise),
             rupees(one.unpayable_paise), one.late_days]
            for one in reads.by_area(actor, month, here)
        ),
    )  # fmt: skip


# -- one proposal --------------------------------------------------------------------------------------------------


def _proposal(request: HttpRequest, key: UUID, verb: str = "proposal.view") -> tuple[Proposal, Place]:
    actor = acting(request)
    try:
        found = proposals.proposal_of_key(actor, key, verb)
    except NoSuchProposal as nothing:
        raise Http404("no such proposal") from nothing
    here = place(actor, found.body_code)
    if here is None:
        raise OutsideYourArea()
    return found, here


def _chosen(values: Sequence[str]) -> list[UUID]:
    """The opaque keys among `values`, each once."""
    found = []
    for value in values[:MOST_CHOSEN]:
        try:
            found.append(UUID(value))
        except ValueError:
            continue
    return list(dict.fromkeys(found))


@require_safe
@may("proposal.view")
def payment_proposal_detail(request: HttpRequest, key: UUID) -> HttpResponse:
    """One proposal: its sums, what changed since the month before and why, and its people."""
    actor = acting(request)
    proposal, here = _proposal(request, key)
    context: dict[str, Any] = {
        "proposal": proposal,
        "here": here,
        "month": Month.of(proposal.month),
        "name": labels.scheme_name(proposal.scheme, language(), proposal.month),
        "exceptions": proposal.exceptions.filter(hold__released_at=None).count(),
        "may_verify": actor.may_in("proposal.verify", here.path),
        "back": query(area=here.area_code, month=Month.of(proposal.month)),
    }
    if actor.may("person.view"):
        show = request.GET.get("show", "all")
        page = reads.payees(actor, proposal, here, show, request.GET.get("q", ""), page_number(request))
        chosen = [str(one) for one in _chosen(request.GET.getlist("leave"))]
        on_page = {str(row.resident_key) for row in page.rows}
        record(actor, "proposal.view", "proposal", str(key), new={"show": show, "rows": len(page.rows)})
        context |= {
            "page": page,
            "rows": [(row, reasons_of(row, page.compared_with, language())) for row in page.rows],
            "show": show if show in reads.SHOWN else "all",
            "q": request.GET.get("q", "")[:60],
            "filters": [
                (word, page.counts[word]) for word in reads.SHOWN if word == "all" or page.counts[word]
            ],
            "chosen": chosen,
            "kept": [one for one in chosen if one not in on_page],
            "can_leave_out": context["may_verify"] and proposal.state == "generated",
            "may_hold": actor.may_in("hold.place", here.path),
        }
    return render(request, "desk/payment_proposal_detail.html", context)


@require_safe
@may("proposal.view")
def payment_proposal_payees(request: HttpRequest, key: UUID) -> StreamingHttpResponse:
    """The people of a proposal as CSV, numbers masked; without names for whoever may not see people."""
    actor = acting(request)
    proposal, here = _proposal(request, key)
    record(actor, "proposal.view", "proposal", str(key), new={"download": True})
    header = ("name_en", "name_hi", "member_ending", "what", "before", "regular", "arrears", "recovery", "kept_back",
              "payable", "held", "cannot_be_paid", "why")  # fmt: skip
    rows = reads.all_payees(actor, proposal, here) if actor.may("person.view") else iter(())
    return download(
        f"proposal-{Month.of(proposal.month)}-{proposal.body_code}-{proposal.scheme}.csv",
        header,
        _lines(rows),
    )


def _lines(rows: Iterator[reads.PayeeRow]) -> Iterator[list[object]]:
    for row in rows:
        yield [row.name_en, row.name_hi, f"{row.member_id:09d}"[-4:], row.what, rupees(row.before_paise),
               rupees(row.regular_paise), rupees(row.arrears_paise), rupees(row.recovery_paise),
               rupees(row.withheld_paise), rupees(row.payable_paise), row.hold_reason, row.stuck,
               "; ".join(reasons_of(row, None, language()))]  # fmt: skip


@require_safe
@may("proposal.view")
def payment_proposal_print(request: HttpRequest, key: UUID, language: str) -> HttpResponse:
    """The proposal as PDF, in Hindi or English, to sign and keep with the body's papers."""
    if language not in ("hi", "en"):
        raise Http404("no such language")
    actor = acting(request)
    proposal, here = _proposal(request, key)
    rows = list(reads.all_payees(actor, proposal, here)) if actor.may("person.view") else []
    record(actor, "proposal.view", "proposal", str(key), new={"printed": language})
    response = HttpResponse(proposal_pdf(proposal, here, rows, language), content_type="application/pdf")
    response["Content-Disposition"] = (
        f'inline; filename="proposal-{Month.of(proposal.month)}-{proposal.body_code}-{proposal.scheme}-{language}.pdf"'
    )
    response["Cache-Control"] = "no-store"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@may("proposal.verify")
def payment_proposal_verify(request: HttpRequest, key: UUID) -> HttpResponse:
    """Verify a proposal, whole or without the people chosen; says first how many and how much."""
    actor = acting(request)
    proposal, here = _proposal(request, key, "proposal.verify")
    values = request.POST if request.method == "POST" else request.GET
    people = reads.chosen_payees(actor, proposal, here, _chosen(values.getlist("leave")))
    typed = [
        (
            row,
            request.POST.get(f"reason-{row.resident_key}", ""),
            request.POST.get(f"note-{row.resident_key}", "")[:500],
        )
        for row in people
        if row.payable_paise > 0
    ]
    errors: list[dict[str, str]] = []
    if request.method == "POST" and not switching(request):
        missing = [row for row, reason, _ in typed if reason not in holds.OF_BODIES]
        refusal = holds.NotAReasonToHold()
        errors = [
            {"field": f"reason-{row.resident_key}", "text": f"{_name(row)}: {refusal.sentence(language())}"}
            for row in missing
        ]
        if not errors:
            try:
                exceptions = [
                    LeftOut(row.resident_key, reason, note) for row, reason, note in typed if row.resident_key
                ]
                proposals.verify(actor, key, exceptions)
                return redirect(_list_of(proposal, here))
            except Refusal as problem:
                if isinstance(problem, OutsideYourArea):
                    raise
                errors = [{"field": "", "text": problem.sentence(language())}]
    now = reads.standing([proposal])
    # whoever cannot be paid anyway is counted there
    left_paise = sum(row.payable_paise for row, _, _ in typed if row.hold_key is None and not row.stuck)
    context = {
        "proposal": proposal,
        "here": here,
        "name": labels.scheme_name(proposal.scheme, language(), proposal.month),
        "typed": typed,
        "reasons": [(word, holds.REASONS[word]) for word in holds.OF_BODIES],
        "left_paise": left_paise,
        "now": now,
        "goes_paise": proposal.payable_paise - now.held_paise - now.unpayable_paise - left_paise,
        "more": query_of([("leave", str(row.resident_key)) for row, _, _ in typed]),
        "errors": errors,
        "faults": {error["field"] for error in errors},
    }
    return render(request, "desk/payment_proposal_verify.html", context)


def query_of(pairs: Sequence[tuple[str, str]]) -> str:
    """A query string of pairs, names repeated."""
    return "&".join(f"{name}={value}" for name, value in pairs)


def _name(row: reads.PayeeRow) -> str:
    return row.name_hi if language() == "hi" else row.name_en


def _list_of(proposal: Proposal, here: Place) -> str:
    asked = query(area=here.area_code, month=Month.of(proposal.month))
    return f"{reverse('desk:payment-proposal-list')}?{asked}"


@require_POST
@may("proposal.verify")
def payment_proposal_take_back(request: HttpRequest, key: UUID) -> HttpResponse:
    """Take back the verification; those it left out are released again."""
    proposal, _ = _proposal(request, key, "proposal.verify")
    if not switching(request):
        proposals.take_back(acting(request), key)
    return redirect("desk:payment-proposal-detail", proposal.key)


@require_http_methods(["GET", "HEAD", "POST"])
@may("proposal.submit")
def payment_proposal_submit(request: HttpRequest, month: Month, area: str) -> HttpResponse:
    """Everything that a body sends for a month, on one page: verify the rest as it stands, then submit."""
    actor = acting(request)
    here = place(actor, area)
    if here is None:
        if area_exists(area):
            raise OutsideYourArea()
        raise Http404("no such area")
    errors: list[dict[str, str]] = []
    if request.method == "POST" and not switching(request):
        try:
            if request.POST.get("act") == "verify":
                proposals.verify_rest(actor, area, month)
                return redirect("desk:payment-proposal-submit", month, area)
            proposals.submit(actor, area, month)
            return redirect(f"{reverse('desk:payment-proposal-list')}?{query(area=area, month=month)}")
        except NoSuchProposal as nothing:
            raise Http404("no proposals") from nothing
        except (proposals.NotYetVerified, proposals.NothingToSubmit, proposals.NotToVerify) as refusal:
            errors.append({"field": "", "text": refusal.sentence(language())})
    context = _of_body(request, month, here) | {"here": here, "month": month, "errors": errors}
    context["back"] = query(area=area, month=month)
    now = reads.standing(context["proposals"])
    context["now"] = now
    context["goes_paise"] = context["total"]["payable_paise"] - now.held_paise - now.unpayable_paise
    return render(request, "desk/payment_proposal_submit.html", context)


# -- closing a month -----------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@may("month.close")
def month_close(request: HttpRequest, month: Month) -> HttpResponse:
    """What closing the month means, in counts and rupees; then the worker does it."""
    actor = acting(request)
    state = next((one for one in reads.months_of(actor) if one.month == month.first_day), None)
    if state is None:
        raise Http404("this month was not run")
    errors: list[dict[str, str]] = []
    asked = False
    if request.method == "POST" and not switching(request):
        try:
            ask_for_closing(actor, month)
            asked = True
        except Refusal as refusal:
            errors.append({"field": "", "text": refusal.sentence(language())})
    lines = month_money(actor, month)
    unpaid, unpaid_paise = month_not_payable(actor, month)
    context = {
        "month": month,
        "closed_on": state.closed_on,
        "asked": asked,
        "pensions": sum(line.persons for line in lines),
        "paise": sum(line.payable_paise for line in lines),
        "withheld_paise": sum(line.withheld_paise for line in lines),
        "unpaid": unpaid,
        "unpaid_paise": unpaid_paise,
        "law_day": _law_day(month),
        "errors": errors,
    }
    return render(request, "desk/month_close.html", context)


def _law_day(month: Month) -> date:
    return load_lawbook(settings.HAQDAR_LAW).on(month.first_day).calendar.day("proposal", month)
