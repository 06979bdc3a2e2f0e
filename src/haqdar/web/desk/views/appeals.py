"""Appeals at the desk: entering one for somebody, hearing it with the record of the case beside it, and the penalty."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from haqdar.access.actions import record
from haqdar.base.refusal import Refusal
from haqdar.cases import guarantee
from haqdar.cases.appeals import (
    VERBS,
    chain_of,
    decide_appeal,
    decided_case,
    file_appeal,
    penalty_follows,
    possible_appeal,
    refuse_own_decision,
)
from haqdar.cases.casework import NoSuchCase, case_by_key, case_of_kind, steps_of
from haqdar.cases.clock import services
from haqdar.cases.models import Case, PenaltyDecision
from haqdar.outreach.numbers import mobile_number
from haqdar.registry import profiles
from haqdar.registry.documents import documents_of
from haqdar.web.citizen.asking import language_of_page
from haqdar.web.desk.views.common import acting, may
from haqdar.web.middleware import switching


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@may("appeal.decide")
def appeal_decide(request: HttpRequest, key: UUID) -> HttpResponse:
    """Hear a first appeal: the grounds, the record of the case, and the decision with its reason."""
    return _decide(request, key, "appeal")


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@may("second_appeal.decide")
def second_appeal_decide(request: HttpRequest, key: UUID) -> HttpResponse:
    """Hear a second appeal, with the decision about a penalty for lateness."""
    return _decide(request, key, "second_appeal")


def _decide(request: HttpRequest, key: UUID, kind: str) -> HttpResponse:
    actor = acting(request)
    try:
        appeal = case_of_kind(actor, key, VERBS[kind], (kind,))
    except NoSuchCase as nothing:
        raise Http404("no such appeal") from nothing
    typed = {
        name: request.POST.get(name, "") for name in ("decision", "note", "penalty", "rupees", "penalty_note")
    }
    errors: list[dict[str, str]] = []
    late = penalty_follows(appeal) if actor.may("penalty.impose") else None
    proposal = guarantee.penalty_proposal(late, timezone.localdate()) if late is not None else None
    if late is not None and PenaltyDecision.objects.filter(case=late).exists():
        proposal = None
    if request.method == "POST" and not switching(request):
        outcome, _colon, reason = typed["decision"].partition(":")
        if not reason:
            errors.append({"field": "decision", "text": _("Choose a decision and its reason")})
        if not typed["note"].strip():
            errors.append({"field": "note", "text": _("Write the reasons in your own words")})
        paise, problem = _penalty_typed(typed) if proposal is not None else (0, "")
        if problem:
            errors.append({"field": "penalty", "text": problem})
        if not errors:
            try:
                with transaction.atomic():
                    decided, first = decide_appeal(actor, key, outcome, reason, typed["note"])
                    if proposal is not None and late is not None:
                        words = typed["penalty"].partition(":")[2]
                        guarantee.decide_penalty(
                            actor, late.key, paise, words, typed["penalty_note"], decided
                        )
                return redirect("desk:case-detail", key=first.key if outcome != "upheld" else decided.key)
            except Refusal as refusal:
                errors.append({"field": "", "text": refusal.sentence(language_of_page())})
    own = ""
    try:
        refuse_own_decision(actor, appeal)
    except Refusal as refusal:
        own = refusal.sentence(language_of_page())
    first = decided_case(appeal)
    record(actor, "case.view", "case", str(appeal.key))
    context = {
        "appeal": appeal,
        "chain": [_side(case) for case in chain_of(appeal)[1:]],
        "first": first,
        "person": profiles.cards([first.member_id]).get(first.member_id or -1),
        "ground": _word(services().appeals.grounds, appeal.details.get("ground", "")),
        "decisions": _decisions(),
        "proposal": proposal,
        "penalties": _penalty_words(),
        "own_decision": own,
        "open": appeal.awaits == VERBS[kind],
        "typed": typed,
        "errors": errors,
        "faults": {error["field"]: error["text"] for error in errors},
    }
    return render(request, "desk/appeal_decide.html", context)


def _side(case: Case) -> dict[str, Any]:
    return {"case": case, "steps": steps_of(case), "documents": documents_of("case", str(case.key))}


def _word(words: dict[str, Any], code: str) -> str:
    return words[code].in_language(language_of_page()) if code in words else code


def _decisions() -> list[dict[str, Any]]:
    language = language_of_page()
    said = {
        "reversed": (
            _("Reverse"),
            _("The appeal is right. A refusal goes back to be sanctioned, bound by your order."),
        ),
        "remanded": (_("Send back"), _("The case is examined and decided again within 15 days.")),
        "upheld": (_("Uphold"), _("The decision stands.")),
    }
    words = services().appeals.decisions
    return [
        {
            "title": said[outcome][0],
            "hint": said[outcome][1],
            "reasons": [
                (f"{outcome}:{code}", text.in_language(language)) for code, text in words[outcome].items()
            ],
        }
        for outcome in said
    ]


def _penalty_words() -> list[tuple[str, str]]:
    language = language_of_page()
    words = services().appeals.penalties
    found = [
        (f"imposed:{code}", _("Impose") + " – " + text.in_language(language))
        for code, text in words["imposed"].items()
    ]
    return found + [
        (f"waived:{code}", _("No penalty") + " – " + text.in_language(language))
        for code, text in words["waived"].items()
    ]


def _penalty_typed(typed: dict[str, str]) -> tuple[int, str]:
    """Paise of the penalty that was chosen, and what is wrong."""
    kind, _colon, reason = typed["penalty"].partition(":")
    if kind not in ("imposed", "waived") or not reason:
        return 0, _("Decide about the penalty, with a reason")
    if kind == "waived":
        return 0, ""
    text = typed["rupees"].replace(",", "").strip().lstrip("₹")
    if not (text.isascii() and text.isdecimal() and 0 < len(text) < 7 and int(text)):
        return 0, _("Enter the penalty in whole rupees")
    return int(text) * 100, ""


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@may("appeal.enter")
def appeal_enter(request: HttpRequest, key: UUID) -> HttpResponse:
    """Type in an appeal for somebody at the counter, against the case of the address."""
    actor = acting(request)
    try:
        case = case_by_key(actor, key, "appeal.enter")
    except NoSuchCase as nothing:
        raise Http404("no such case") from nothing
    typed = {name: request.POST.get(name, "")[:2000] for name in ("ground", "words", "late", "mobile")}
    errors: list[dict[str, str]] = []
    possible = possible_appeal(case)
    if request.method == "POST" and not switching(request):
        mobile = ""
        if typed["ground"] not in services().appeals.grounds:
            errors.append({"field": "ground", "text": _("Choose what is wrong with the decision")})
        if not typed["words"].strip():
            errors.append({"field": "words", "text": _("Write what the person says")})
        if possible.late and not typed["late"].strip():
            errors.append({"field": "late", "text": _("Write why it comes late")})
        try:
            mobile = mobile_number(typed["mobile"]) if typed["mobile"].strip() else ""
        except Refusal as refusal:
            errors.append({"field": "mobile", "text": refusal.sentence(language_of_page())})
        if not errors:
            filed = file_appeal(
                actor,
                case,
                typed["ground"],
                typed["words"],
                typed["late"],
                mobile=mobile,
                verb="appeal.enter",
            )
            return redirect("desk:case-detail", key=filed.key)
    context = {
        "case": case,
        "possible": possible,
        "grounds": [
            (code, text.in_language(language_of_page())) for code, text in services().appeals.grounds.items()
        ],
        "typed": typed,
        "errors": errors,
        "faults": {error["field"]: error["text"] for error in errors},
    }
    return render(request, "desk/appeal_enter.html", context)


@require_safe
@may("penalty.impose")
def penalty_list(request: HttpRequest) -> HttpResponse:
    """Late cases of guaranteed services about which no penalty was decided."""
    return render(request, "desk/penalty_list.html", {"rows": guarantee.open_penalties(acting(request))})


@require_http_methods(["GET", "HEAD", "POST"])
@may("penalty.impose")
def penalty_decide(request: HttpRequest, key: UUID) -> HttpResponse:
    """Impose a penalty for one late case, or none, with the reason."""
    actor = acting(request)
    try:
        case = case_by_key(actor, key, "penalty.impose")
    except NoSuchCase as nothing:
        raise Http404("no such case") from nothing
    proposal = guarantee.penalty_proposal(case, timezone.localdate())
    decision = PenaltyDecision.objects.filter(case=case).first()
    if proposal is None and decision is None:
        raise guarantee.NoPenaltyOpen(number=case.number)
    typed = {name: request.POST.get(name, "")[:2000] for name in ("penalty", "rupees", "penalty_note")}
    errors: list[dict[str, str]] = []
    if request.method == "POST" and not switching(request):
        paise, problem = _penalty_typed(typed)
        if problem:
            errors.append({"field": "penalty", "text": problem})
        else:
            try:
                guarantee.decide_penalty(
                    actor, key, paise, typed["penalty"].partition(":")[2], typed["penalty_note"]
                )
                return redirect("desk:penalty-list")
            except Refusal as refusal:
                errors.append({"field": "penalty", "text": refusal.sentence(language_of_page())})
    context = {
        "case": case,
        "proposal": proposal if decision is None else None,
        "decision": decision,
        "pauses": guarantee.pauses_of(case),
        "penalties": _penalty_words(),
        "typed": typed,
        "errors": errors,
        "faults": {error["field"]: error["text"] for error in errors},
    }
    return render(request, "desk/penalty_decide.html", context)


@require_POST
@may("case.view")
def clock_pause(request: HttpRequest, key: UUID) -> HttpResponse:
    """Stop the clock of a case while its applicant must act, or let it run again."""
    note = request.POST.get("note", "")[:2000]
    if request.POST.get("act") == "resume":
        guarantee.resume(acting(request), key, note)
    else:
        guarantee.pause(acting(request), key, "papers_missing", note)
    return redirect("desk:case-detail", key=key)
