"""Payees whom the register does not know, and payees who share an account or an Aadhaar number: evidence and finding."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from haqdar.access.actions import record
from haqdar.access.actors import Actor
from haqdar.access.queries import path_of_area, places_along
from haqdar.base.refusal import Refusal
from haqdar.cases import examining
from haqdar.cases.casework import steps_of
from haqdar.cases.models import Case
from haqdar.identity.pairs import pairs_of_member
from haqdar.registry import profiles
from haqdar.registry.documents import MOST_BYTES
from haqdar.registry.queries import keys_of_members
from haqdar.web.desk.forms import case_or_404, fault, head, papers
from haqdar.web.desk.views.common import acting, may
from haqdar.web.middleware import switching


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@may("case.examine")
def case_examine(request: HttpRequest, key: UUID) -> HttpResponse:
    """The evidence side by side, and what an examination found; no money changes here. Reports have a page of their own."""
    actor = acting(request)
    case = case_or_404(actor, key, "case.examine")
    if case.kind == "report":
        return redirect("desk:report-examine", key)
    if case.kind not in examining.KINDS:
        return redirect("desk:case-detail", key)
    typed = {name: request.POST.get(name, "")[:2000] for name in ("finding", "reason", "note")}
    errors: list[dict[str, str]] = []
    if request.method == "POST" and not switching(request):
        file = request.FILES.get("document")
        # one byte more than allowed is enough to be refused
        document = file.read(MOST_BYTES + 1) if file is not None else None
        try:
            examining.record_finding(
                actor, key, typed["finding"], typed["note"], reason=typed["reason"], document=document or None
            )
            return redirect("desk:case-detail", key)
        except Refusal as refusal:
            errors.append(fault(refusal))
    record(actor, "case.view", "case", str(case.key))
    path = path_of_area(case.area_code)
    context = (
        head(case)
        | _evidence(actor, case)
        | {
            "places": [place for place in places_along(path) if place.kind != "state"] if path else [],
            "steps": steps_of(case),
            "documents": papers(actor, case),
            "open": case.awaits == "case.examine",
            "findings": examining.findings_for(actor, case),
            "reasons": examining.KEPT_FOR.get(case.reason, ()),
            "forwarded_by": examining.forwarded_by(case),
            "typed": typed,
            "errors": errors,
            "faults": {error["field"]: error["text"] for error in errors},
        }
    )
    return render(request, "desk/case_examine.html", context)


def _evidence(actor: Actor, case: Case) -> dict[str, Any]:
    """Of a shared number everybody who has it and who receives for whom; of an unknown payee the rows of the registers."""
    if case.kind == "ghost":
        return {"payees": [], "rows": examining.register_rows(actor, case)}
    payees = examining.sharing(actor, case)
    named = {one.member_id: one for one in payees if not one.is_hidden}
    # a receiver who has another account is no payee of this list, and may live elsewhere
    others = profiles.cards(keys_of_members(actor, [one.receiver for one in payees if one.receiver]))
    judged = pairs_of_member(actor, case.member_id) if case.member_id and actor.may("pair.view") else []
    return {
        "judged": judged,
        "others": profiles.cards(other for _, _, other in judged),
        "payees": payees,
        "alone": len(payees) < 2,
        "receivers": {**others, **named},
        "rows": [],
    }
