"""Payees of a department who are to be examined: not found, dead, moved away, listed twice."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from haqdar.access.actions import record
from haqdar.base.refusal import Refusal
from haqdar.identity.seeding import actions, queries
from haqdar.identity.seeding.refusals import NoSuchDepartment, NoSuchList
from haqdar.identity.seeding.words import FINDING_STATE_WORDS, FINDING_WORDS
from haqdar.web.desk.forms import fault
from haqdar.web.desk.views.common import acting, download, may, page_number
from haqdar.web.middleware import switching


@require_safe
@may("seeding.view")
def seed_findings(request: HttpRequest, code: str) -> HttpResponse:
    """The payees to be examined, by kind and state."""
    actor = acting(request)
    try:
        department = queries.department_of(actor, code)
    except NoSuchDepartment as nothing:
        raise Http404("no such department") from nothing
    kind, state = _chosen(request)
    page = queries.findings(actor, department, kind, state, page_number(request))
    counts = queries.finding_counts(actor, department)
    context = {
        "department": department,
        "kind": kind,
        "state": state,
        "page": page,
        "before": page.page - 1,
        "after": page.page + 1,
        "kinds": [
            (
                one,
                sum(rows for k, s, rows, _ in counts if k == one and s == state),
                sum(p for k, s, _, p in counts if k == one and s == state),
            )
            for one in FINDING_WORDS
        ],
        "states": [(one, sum(rows for _, s, rows, _ in counts if s == one)) for one in FINDING_STATE_WORDS],
        "may_download": actor.may("seeding.download"),
    }
    return render(request, "desk/seed_findings.html", context)


@require_safe
@may("seeding.download")
def seed_findings_download(request: HttpRequest, code: str) -> StreamingHttpResponse:
    """The payees to be examined as CSV, for the department."""
    actor = acting(request)
    try:
        department = queries.department_of(actor, code)
    except NoSuchDepartment as nothing:
        raise Http404("no such department") from nothing
    kind, state = _chosen(request)
    record(actor, "seeding.download", "department", department.code, new={"what": "findings"})
    header = [
        "finding", "state", "domain_id", "line", "other_line", "name", "relation_name", "village", "member_id", "amount", "note",
    ]  # fmt: skip
    return download(
        f"to-examine-{department.code}.csv", header, queries.all_findings(actor, department, kind, state)
    )


@require_http_methods(["GET", "HEAD", "POST"])
@may("seeding.examine")
def seed_finding(request: HttpRequest, key: UUID) -> HttpResponse:
    """One payee: what the list says, what the register says, what was found out."""
    actor = acting(request)
    try:
        finding, written, person = queries.finding_by_key(actor, key)
    except NoSuchList as nothing:
        raise Http404("no such finding") from nothing
    typed = {"state": request.POST.get("state", ""), "note": request.POST.get("note", "")[:500]}
    errors: list[dict[str, str]] = []
    if request.method == "POST" and not switching(request):
        try:
            actions.look_into(actor, key, typed["state"], typed["note"])
            return redirect("desk:seed-findings", code=finding.department.code)
        except Refusal as refusal:
            told = fault(refusal)
            errors.append(
                {"field": "state" if told["field"] == "who" else told["field"], "text": told["text"]}
            )
    context = {
        "finding": finding,
        "written": written,
        "person": person,
        "typed": typed,
        "answers": [one for one in FINDING_STATE_WORDS if one not in ("open", "settled")],
        "errors": errors,
        "faults": {error["field"]: error["text"] for error in errors},
    }
    return render(request, "desk/seed_finding.html", context)


def _chosen(request: HttpRequest) -> tuple[str, str]:
    kind, state = request.GET.get("kind", ""), request.GET.get("state", "open")
    return kind if kind in FINDING_WORDS else "", state if state in FINDING_STATE_WORDS else "open"
