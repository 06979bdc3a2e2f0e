"""Over-payments that are still open: asking banks for credits after a death, their answers, and giving up with authority."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from haqdar.access.actions import record
from haqdar.access.actors import OutsideYourArea
from haqdar.base.money import rupees
from haqdar.base.refusal import Refusal
from haqdar.payments import recoveries
from haqdar.registry import profiles
from haqdar.web import labels
from haqdar.web.desk.forms import language
from haqdar.web.desk.views.common import acting, download, may, page_number
from haqdar.web.middleware import switching


@require_safe
@may("return.view")
def recovery_list(request: HttpRequest) -> HttpResponse:
    """What is outstanding in the actor's area, the dead first."""
    actor = acting(request)
    only_dead = request.GET.get("dead") == "yes"
    page = recoveries.outstanding(actor, only_dead, page_number(request))
    people = profiles.cards(row.member_id for row in page.rows) if actor.may("person.view") else {}
    record(actor, "return.view", "recoveries", "", new={"rows": len(page.rows)})
    context = {
        "page": page,
        "rows": [(row, people.get(row.member_id)) for row in page.rows],
        "only_dead": only_dead,
        "names": labels.scheme_names(language()),
        "may_ask": actor.may("recall.ask"),
        "may_propose": actor.may("writeoff.propose"),
        "may_approve": actor.may("writeoff.approve"),
    }
    return render(request, "desk/recovery_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@may("recall.ask")
def recovery_ask(request: HttpRequest) -> HttpResponse:
    """Ask the banks for everything credited after a death: how much it is, then the requests."""
    actor = acting(request)
    problem = ""
    if request.method == "POST" and not switching(request):
        try:
            recoveries.ask_banks(actor)
            return redirect("desk:recovery-ask")
        except recoveries.NothingToRecall as refusal:
            problem = refusal.sentence(language())
    asked = recoveries.recall_rows(actor)
    banks: dict[str, list[int]] = {}
    for bank, _, _, _, paise, _ in asked:
        banks.setdefault(bank, []).append(paise)
    context = {
        "page": recoveries.outstanding(actor, True),
        "problem": problem,
        "banks": [(bank, len(sums), sum(sums)) for bank, sums in banks.items()],
    }
    return render(request, "desk/recovery_ask.html", context)


@require_safe
@may("recall.ask")
def recovery_letter(request: HttpRequest) -> StreamingHttpResponse:
    """The open requests to one bank, or to all, as CSV for their letter."""
    actor = acting(request)
    bank = request.GET.get("bank", "")[:4]
    record(actor, "recall.ask", "recalls", bank, new={"download": True})
    rows = (
        [bank, last4, reference, died_on, rupees(paise), asked_on]
        for bank, last4, reference, died_on, paise, asked_on in recoveries.recall_rows(actor, bank)
    )
    header = ("bank", "account_last4", "reference", "died_on", "amount", "asked_on")
    return download(f"recalls-{bank or 'all'}-{timezone.localdate()}.csv", header, rows)


@require_http_methods(["GET", "HEAD", "POST"])
@may("recall.ask")
def recall_answer(request: HttpRequest, key: UUID) -> HttpResponse:
    """What the bank gave back."""
    actor = acting(request)
    found = _found(recoveries.recall_of_key, actor, key)
    amount, note = request.POST.get("amount", "")[:15], request.POST.get("note", "")[:500]
    errors: list[dict[str, str]] = []
    if request.method == "POST" and not switching(request):
        try:
            recoveries.answer_recall(actor, key, recoveries.paise_of(amount), note)
            return redirect("desk:recoveries")
        except (
            recoveries.NotThatMuch,
            recoveries.AlreadyAnswered,
            recoveries.SamePersonAnswers,
        ) as refusal:
            errors.append({"field": "amount", "text": refusal.sentence(language())})
    context = {"recall": found, "amount": amount, "note": note, "errors": errors}
    return render(request, "desk/recall_answer.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@may("writeoff.propose")
def write_off_propose(request: HttpRequest, number: int) -> HttpResponse:
    """Propose to give up what is left of one over-payment."""
    actor = acting(request)
    rest = _found(recoveries.rest_of, actor, number)
    reason = request.POST.get("reason", "")[:1000]
    errors: list[dict[str, str]] = []
    if request.method == "POST" and not switching(request):
        try:
            recoveries.propose_write_off(actor, number, reason)
            return redirect("desk:recoveries")
        except (recoveries.SayWhy, recoveries.AlreadyProposed, recoveries.NoSuchRecovery) as refusal:
            errors.append({"field": "reason", "text": refusal.sentence(language())})
    context = {"number": number, "rest": rest, "reason": reason, "errors": errors}
    return render(request, "desk/write_off_propose.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@may("writeoff.approve")
def write_off_decide(request: HttpRequest, key: UUID) -> HttpResponse:
    """Approve or refuse a proposed write-off."""
    actor = acting(request)
    found = _found(recoveries.write_off_of_key, actor, key)
    typed = {name: request.POST.get(name, "")[:1000] for name in ("decision", "authority", "note")}
    errors: list[dict[str, str]] = []
    if request.method == "POST" and not switching(request):
        try:
            recoveries.decide_write_off(
                actor, key, typed["decision"] == "approve", typed["authority"], typed["note"]
            )
            return redirect("desk:recoveries")
        except (recoveries.SayWhy, recoveries.SamePersonDecides, recoveries.AlreadyAnswered) as refusal:
            errors.append({"field": "authority", "text": refusal.sentence(language())})
    return render(request, "desk/write_off_decide.html", {"found": found, "typed": typed, "errors": errors})


def _found(read: Any, actor: Any, key: Any) -> Any:
    try:
        return read(actor, key)
    except OutsideYourArea:
        raise
    except Refusal as nothing:
        raise Http404(nothing.en) from nothing
