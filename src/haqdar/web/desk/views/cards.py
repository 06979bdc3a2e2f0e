"""Household cards: one family's card, its file, its end; the cards of a whole panchayat."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from haqdar.access.actions import record
from haqdar.access.queries import areas_under, place
from haqdar.base.refusal import Refusal
from haqdar.cases.cards import issuing, printing
from haqdar.cases.models import CardPrint, CardSheet, HouseholdCard
from haqdar.jobs import cards as jobs
from haqdar.web.cards import card_context
from haqdar.web.citizen.orders import pdf
from haqdar.web.desk.views.common import acting, chosen_place, download, may, query, trail
from haqdar.web.middleware import switching


@require_safe
@may("card.view")
def card_detail(request: HttpRequest, key: UUID) -> HttpResponse:
    """What a family's card says now, the card in force, the earlier ones; the look is recorded."""
    return _detail(request, key, [])


def _detail(request: HttpRequest, key: UUID, errors: list[dict[str, str]]) -> HttpResponse:
    actor = acting(request)
    try:
        standing = issuing.standing_of(actor, key)
    except issuing.NobodyThere as refusal:
        return render(
            request,
            "desk/card_none.html",
            {"sentence": refusal.sentence(_language()), "key": key, "card": issuing.in_force(actor, key)},
        )
    record(actor, "card.view", "family", str(key))
    context = card_context(standing, _language()) | {"errors": errors, "key": key} | _foreseen()
    return render(request, "desk/card_detail.html", context)


@require_POST
@may("card.issue")
def card_issue(request: HttpRequest, key: UUID) -> HttpResponse:
    """Issue the card (or find that the one in force says the same) and lead back to its page."""
    try:
        issuing.issue(acting(request), key)
    except Refusal as refusal:
        if isinstance(refusal, issuing.NobodyThere):
            return redirect("desk:card-detail", key=key)
        if refusal.code == "outside_your_area":
            raise
        return _detail(request, key, [{"field": "", "text": refusal.sentence(_language())}])
    return redirect(reverse("desk:card-detail", kwargs={"key": key}) + "?made=1")


@require_safe
@may("card.view")
def card_document(request: HttpRequest, key: UUID) -> HttpResponse:
    """The signed PDF of the family's card in force."""
    actor = acting(request)
    standing = issuing.standing_of(actor, key)
    if standing.card is None or not standing.card.sha256:
        return redirect("desk:card-detail", key=key)
    record(actor, "card.view", "card", str(standing.card.key), new={"document": True})
    return pdf(issuing.document(standing.card), f"{standing.card.number}.pdf")


@require_http_methods(["GET", "HEAD", "POST"])
@may("card.withdraw")
def card_withdraw(request: HttpRequest, key: UUID) -> HttpResponse:
    """Withdraw the card in force: why, and what follows."""
    actor = acting(request)
    card = issuing.in_force(actor, key)
    errors: list[dict[str, str]] = []
    if request.method == "POST" and not switching(request):
        try:
            issuing.withdraw(actor, key, request.POST.get("reason", ""))
            return redirect("desk:card-detail", key=key)
        except Refusal as refusal:
            errors.append({"field": "reason", "text": refusal.sentence(_language())})
    elif card is None:
        return redirect("desk:card-detail", key=key)
    head = None
    with suppress(issuing.NobodyThere):
        head = issuing.standing_of(actor, key).household.residents[0]
    context = {
        "errors": errors,
        "key": key,
        "card": card,
        "head": head,
        "reasons": [
            (code, words.hi if _language() == "hi" else words.en) for code, words in issuing.REASONS.items()
        ],
        "chosen": request.POST.get("reason", ""),
    }
    return render(request, "desk/card_withdraw.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@may("card.print")
def card_print(request: HttpRequest) -> HttpResponse:
    """Choose a panchayat, see what printing means, ask for it; the latest prints with their progress."""
    actor = acting(request)
    here = chosen_place(request)
    if here is None:
        raise Http404("no areas yet")
    errors: list[dict[str, str]] = []
    if request.method == "POST" and not switching(request):
        try:
            job = jobs.ask_for_print(actor, here, request.POST.get("which") != "all")
            return redirect("desk:card-print-detail", key=job.key)
        except Refusal as refusal:
            errors.append({"field": "which", "text": refusal.sentence(_language())})
    context = {
        "errors": errors,
        "place": here,
        "trail": trail(request, here),
        "below": [one for one in areas_under(here.area_code) if actor.sees(one.path)]
        if here.kind not in ("gp", "ward")
        else [],
        "printed_here": here.kind in printing.PRINTED_KINDS,
        "preview": printing.preview(actor, here),
        "prints": [jobs.give_up_dead(one) for one in printing.prints_in(actor, here)],
        "query": query(area=here.area_code),
        **_foreseen(),
    }
    return render(request, "desk/card_print.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@may("card.print")
def card_print_detail(request: HttpRequest, key: UUID) -> HttpResponse:
    """One print: how far it is, its files; an interrupted one is carried on by a post."""
    job = _print(request, key)
    if request.method == "POST" and not switching(request):
        jobs.carry_on(acting(request), job)
        return redirect("desk:card-print-detail", key=key)
    job = jobs.give_up_dead(job)
    context = {
        "job": job,
        "place": place(acting(request), job.area_code),
        "sheets": [
            (one, f"{one.size / 1_000_000:.1f} MB")
            for one in CardSheet.objects.filter(batch=job).order_by("number")
        ],
        "waits": printing.queue_is_open(job),
        "width": 100 * job.seen // max(1, job.families),
        "message": job.message_hi if _language() == "hi" else job.message_en,
        "days": issuing.KEPT.days,
    }
    return render(request, "desk/card_print_detail.html", context)


@require_safe
@may("card.print")
def card_sheet(request: HttpRequest, key: UUID, number: int) -> HttpResponse:
    """One file of a print."""
    job = _print(request, key)
    return pdf(printing.sheet(acting(request), job, number), f"cards-{job.key.hex[:8]}-{number}.pdf")


@require_safe
@may("card.print")
def card_print_download(request: HttpRequest, key: UUID) -> StreamingHttpResponse:
    """The cards of a print as CSV, to tick off while they are handed over: numbers, not names."""
    job = _print(request, key)
    record(acting(request), "card.print", "card_print", str(job.key), new={"list": True})
    header = ["card", "area_code", "members", "issued_on", "expires_on", "state"]
    return download(f"cards-{timezone.localdate()}-{job.key.hex[:8]}.csv", header, _lines(job))


def _foreseen() -> dict[str, object]:
    """What is to be known of the key before cards are made: why it makes none, or that they would hold for less than usual."""
    try:
        return {"foreseen": issuing.foreseen(), "no_key": ""}
    except Refusal as refusal:
        return {"foreseen": None, "no_key": refusal.sentence(_language())}


def _lines(job: CardPrint) -> Iterator[list[object]]:
    for card in HouseholdCard.objects.filter(batch=job).order_by("id").iterator(2000):
        yield [
            card.number,
            card.area_code,
            card.members,
            card.issued_on,
            card.expires_on,
            card.end_reason or _("valid"),
        ]


def _print(request: HttpRequest, key: UUID) -> CardPrint:
    job = printing.print_by_key(acting(request), key)
    if job is None:
        raise Http404("no such print")
    return job


def _language() -> str:
    return translation.get_language() or "hi"
