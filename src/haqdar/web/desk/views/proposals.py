"""Proposals: what they would change, trying them, approving them; simulations with their numbers."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from haqdar.access.actions import record
from haqdar.access.queries import districts
from haqdar.base.month import Month
from haqdar.base.refusal import Refusal
from haqdar.entitlement.approvals import APPROVALS_NEEDED, approvals_of, approve, content_hash
from haqdar.entitlement.simulate import trial
from haqdar.entitlement.simulation_files import KEYS, csv_rows
from haqdar.jobs.simulations import ask_for_simulation, simulation, simulations, touched
from haqdar.law import NoSuchProposal, Proposal, proposals, read_proposal
from haqdar.law.changes import Change, changes_between
from haqdar.registry import profiles
from haqdar.web.desk.simulation_pages import shown
from haqdar.web.desk.views.common import acting, chosen_place, download, may, page_number, trail
from haqdar.web.middleware import switching


@require_safe
@may("law.view")
def proposal_list(request: HttpRequest) -> HttpResponse:
    """All proposals and the latest simulations; what a proposal is where there is none."""
    runs = simulations(acting(request))
    context = {
        "proposals": [_words(proposal) for proposal in proposals(settings.HAQDAR_LAW)],
        "simulations": runs,
        "waiting": any(run.state in ("queued", "running") for run in runs),
    }
    return render(request, "desk/proposal_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@may("law.view")
def proposal_detail(request: HttpRequest, name: str) -> HttpResponse:
    """What a proposal would change; the form to try it on a month; its approvals."""
    law, actor = settings.HAQDAR_LAW, acting(request)
    language = translation.get_language() or "hi"
    try:
        proposal = read_proposal(law, name)
    except NoSuchProposal as refusal:
        raise Http404 from refusal
    typed = request.POST.get("month") or str(Month.of(proposal.from_on))
    errors: list[dict[str, str]] = []
    if request.method == "POST" and not switching(request):
        field = "month" if "simulate" in request.POST else "approve"
        try:
            if "simulate" in request.POST:
                ask_for_simulation(actor, name, Month.parse(typed.strip()))
                return redirect("desk:proposal-list")
            approve(actor, law, name, request.POST.get("content", ""))
            return redirect("desk:proposal-detail", name=name)
        except Refusal as refusal:
            if refusal.code in ("not_your_function", "not_logged_in"):
                raise
            errors.append({"field": field, "text": refusal.sentence(language)})
    broken: str | None = None
    changes: list[dict[str, Any]] = []
    try:
        attempt = trial(law, name)
        changes = [_change(change, language) for change in changes_between(attempt.before, attempt.after)]
    except Refusal as refusal:
        broken = refusal.sentence(language)
    approvals = approvals_of(law, name) if broken is None else []
    mine = any(approval.actor == actor.name for approval in approvals)
    context = {
        "proposal": _words(proposal),
        "changes": changes,
        "broken": broken,
        "content": content_hash(law, name) if broken is None else "",
        "approvals": approvals,
        "missing": max(0, APPROVALS_NEEDED - len(approvals)),
        "may_simulate": actor.may("law.simulate") and broken is None,
        "may_approve": actor.may("law.approve")
        and broken is None
        and not mine
        and actor.name != proposal.author,
        "is_author": actor.name == proposal.author,
        "typed": typed.strip()[:20],
        "errors": errors,
        "simulations": simulations(actor, name),
    }
    return render(request, "desk/proposal_detail.html", context)


@require_safe
@may("law.view")
def simulation_detail(request: HttpRequest, number: int) -> HttpResponse:
    """The numbers of one simulation with charts and tables."""
    run = simulation(acting(request), number)
    if run is None:
        raise Http404("no such simulation")
    context: dict[str, Any] = {"run": run, "tables": list(KEYS)}
    if run.result is not None:
        context |= shown(run.result, districts())
    return render(request, "desk/simulation_detail.html", context)


@require_safe
@may("law.view")
def simulation_download(request: HttpRequest, number: int) -> HttpResponse | StreamingHttpResponse:
    """One table of a simulation as CSV (`?table=district`), or everything as JSON."""
    run = simulation(acting(request), number)
    table = request.GET.get("table", "")
    if run is None or run.result is None or (table and table not in KEYS):
        raise Http404("no such simulation or table")
    record(acting(request), "law.view", "simulation", str(number), new={"download": table or "json"})
    stem = f"simulation-{run.proposal}-{Month.of(run.month)}"
    if not table:
        response = JsonResponse(run.result, json_dumps_params={"ensure_ascii": False, "indent": 1})
        response["Content-Disposition"] = f'attachment; filename="{stem}.json"'
        return response
    header, rows = csv_rows(run.result, table)
    return download(f"{stem}-{table}.csv", header, rows)


@require_safe
@may("law.view")
def simulation_people(request: HttpRequest, number: int) -> HttpResponse:
    """The persons of an area whom a proposal would touch, for those who may see persons."""
    actor, here = acting(request), chosen_place(request)
    run = simulation(actor, number)
    if run is None or here is None:
        raise Http404("no such simulation")
    outcome = "lose" if request.GET.get("outcome") == "lose" else "gain"
    page = touched(actor, number, here, outcome, page_number(request))
    record(
        actor,
        "person.view",
        "simulation",
        f"{number}/{here.area_code}",
        new={"outcome": outcome, "page": page.page if page else None},
    )
    cards = profiles.cards(int(str(row["member_id"])) for row in page.rows) if page else {}
    context = {
        "run": run,
        "here": here,
        "trail": trail(request, here),
        "outcome": outcome,
        "page": page,
        "rows": [(row, cards.get(int(str(row["member_id"])))) for row in page.rows] if page else [],
    }
    return render(request, "desk/simulation_people.html", context)


def _words(proposal: Proposal) -> dict[str, Any]:
    language = translation.get_language() or "hi"
    return {
        "name": proposal.name,
        "title": proposal.title.in_language(language),
        "purpose": proposal.purpose.in_language(language),
        "from_on": proposal.from_on,
        "author": proposal.author,
        "hash": proposal.hash,
    }


def _change(change: Change, language: str) -> dict[str, Any]:
    nothing = _("nothing")
    return {
        "scheme": change.name.in_language(language),
        "what": change.what.in_language(language),
        "before": change.before.in_language(language) if change.before else nothing,
        "after": change.after.in_language(language) if change.after else nothing,
    }
