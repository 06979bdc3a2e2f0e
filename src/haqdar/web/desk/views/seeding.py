"""Departments' lists: what each department handed in, which column is what, how far it is, who its rows are."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from haqdar.access.actions import record
from haqdar.base.refusal import Refusal
from haqdar.identity.models import Department, SeedList
from haqdar.identity.seeding import actions, doubts, keeping, queries, tying
from haqdar.identity.seeding.actions import Received
from haqdar.identity.seeding.fields import BY_NAME, DAY_ORDERS, FIELDS
from haqdar.identity.seeding.refusals import (
    ChooseNumber,
    ChooseOne,
    NoFile,
    NoSuchDepartment,
    NoSuchList,
    NotTied,
)
from haqdar.identity.seeding.results import problems, results
from haqdar.identity.seeding.words import STEPS
from haqdar.jobs import seeding as jobs
from haqdar.registry.queries import person_by_key
from haqdar.web.desk.forms import fault, language
from haqdar.web.desk.views.common import acting, download, may
from haqdar.web.middleware import switching
from haqdar.web.uploads import MOST_LIST_BYTES, SealedList, held, hold

_DEPARTMENT = (
    "code", "name_hi", "name_en", "identifier_hi", "identifier_en", "purpose_hi", "purpose_en", "basis", "months_kept",
)  # fmt: skip
_OF_COLUMNS = {"field_without_column": "column-domain_id", "column_for_two_fields": "column-domain_id"}


@require_safe
@may("seeding.view")
def seeding_list(request: HttpRequest) -> HttpResponse:
    """Every department with how far its lists are tied, and the latest lists."""
    actor = acting(request)
    context = {
        "departments": queries.departments(actor),
        "lists": queries.lists(actor, limit=20),
        "may_enter": actor.may("seeding.department"),
        "may_upload": actor.may("seeding.upload"),
    }
    return render(request, "desk/seeding_list.html", context)


@require_safe
@may("seeding.download")
def seeding_list_download(request: HttpRequest) -> StreamingHttpResponse:
    """The lists with their figures as CSV: no person in it."""
    actor = acting(request)
    record(actor, "seeding.download", "seed_list", "", new={"what": "lists"})
    header = [
        "department", "file", "handed_in_at", "state", "rows", "found", "known", "waits_for_people", "not_found", "put_aside", "tied",
    ]  # fmt: skip

    def line(found: SeedList) -> list[object]:
        bands = found.counts.get("bands", {})
        return [
            found.department.code, found.file_name, found.asked_at.isoformat(timespec="seconds"), found.state,
            found.counts.get("rows"), bands.get("automatic", 0), bands.get("known", 0), bands.get("review", 0),
            bands.get("rejected", 0), bands.get("aside", 0), found.counts.get("tied"),
        ]  # fmt: skip

    return download("lists.csv", header, (line(found) for found in queries.lists(actor, limit=10_000)))


@require_http_methods(["GET", "HEAD", "POST"])
@may("seeding.department")
def department_new(request: HttpRequest) -> HttpResponse:
    """Enter a department: names, purpose, basis in law, how long its lists are kept."""
    typed = {name: request.POST.get(name, "")[:400] for name in _DEPARTMENT}
    typed["months_kept"] = typed["months_kept"] or "12"
    errors: list[dict[str, str]] = []
    if request.method == "POST" and not switching(request):
        months = typed["months_kept"]
        try:
            kept = int(months) if months.isascii() and months.isdecimal() and len(months) < 5 else 0
            department = actions.name_department(acting(request), typed, kept)
            return redirect("desk:department-detail", code=department.code)
        except Refusal as refusal:
            errors.append(fault(refusal))
    return render(request, "desk/department_new.html", _form(errors) | {"typed": typed})


@require_safe
@may("seeding.view")
def department_detail(request: HttpRequest, code: str) -> HttpResponse:
    """One department: what its lists are for, each of them, what is to be examined."""
    actor = acting(request)
    department = _department(request, code)
    standing = next(one for one in queries.departments(actor) if one.department.pk == department.pk)
    context = {
        "department": department,
        "standing": standing,
        "lists": queries.lists(actor, department),
        "findings": queries.finding_counts(actor, department),
        "may_upload": actor.may("seeding.upload"),
    }
    return render(request, "desk/department_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@may("seeding.upload")
def seeding_upload(request: HttpRequest, code: str) -> HttpResponse:
    """Hand a list in; the same bytes again lead to the list they are."""
    department = _department(request, code)
    errors: list[dict[str, str]] = []
    holding: Received | None = None
    chosen = {"supplement": request.POST.get("supplement", "no"), "lawful": request.POST.get("lawful", "")}
    if request.method == "POST":
        file = request.FILES.get("file")
        received = file.received if isinstance(file, SealedList) and file.size else None
        kept = held(request, code)
        if received is not None and kept is not None:
            keeping.destroy(kept.key, "upload")
        received = received or kept
        if switching(request) or not chosen["lawful"] or received is None:
            # half a gigabyte is not sent twice for a forgotten tick
            holding = received
            if not switching(request):
                if received is None:
                    errors.append(fault(NoFile()))
                if not chosen["lawful"]:
                    text = _("Confirm that the department gave the list for this purpose")
                    errors.append({"field": "lawful", "text": text})
        else:
            try:
                found = actions.receive(
                    acting(request), department.code, received, supplement=chosen["supplement"] == "yes"
                )
                waits = found.state in (SeedList.State.RECEIVED, SeedList.State.REFUSED)
                return redirect("desk:seeding-columns" if waits else "desk:seeding-detail", key=found.key)
            except Refusal as refusal:
                errors.append({"field": "file", "text": fault(refusal)["text"]})
    context = {
        "department": department,
        "chosen": chosen,
        "megabytes": MOST_LIST_BYTES >> 20,
        "holding": holding,
        "token": hold(request, code, holding) if holding else "",
    }
    return render(request, "desk/seeding_upload.html", _form(errors) | context)


@require_http_methods(["GET", "HEAD", "POST"])
@may("seeding.upload")
def seeding_columns(request: HttpRequest, key: UUID) -> HttpResponse:
    """Say which column is what, beside the first rows; the mapping is offered again next time."""
    actor = acting(request)
    found = _list(request, key, "seeding.upload")
    if found.state not in (SeedList.State.RECEIVED, SeedList.State.REFUSED, SeedList.State.FAILED):
        return redirect("desk:seeding-detail", key=key)
    columns, day_order, saved = queries.columns_of(actor, found)
    errors: list[dict[str, str]] = []
    if request.method == "POST":
        columns = {name: column for name in BY_NAME if (column := request.POST.get(f"column-{name}", ""))}
        day_order = request.POST.get("day_order", "dmy")
        saved = False
        if not switching(request):
            try:
                jobs.compare(actor, found, columns, day_order)
                return redirect("desk:seeding-detail", key=key)
            except Refusal as refusal:
                told = fault(refusal)
                errors.append({"field": _OF_COLUMNS.get(refusal.code, told["field"]), "text": told["text"]})
    try:
        header, rows = queries.preview(actor, found)
    except Refusal as refusal:
        header, rows = list(found.header), []
        errors.append({"field": "", "text": fault(refusal)["text"]})
    context = {
        "list": found,
        "header": header,
        "rows": rows,
        "fields": [
            (field, columns.get(field.name, ""), _example(header, rows, columns.get(field.name, "")))
            for field in FIELDS
        ],
        "day_order": day_order,
        "day_orders": DAY_ORDERS,
        "saved": saved,
    }
    return render(request, "desk/seeding_columns.html", _form(errors) | context)


@require_safe
@may("seeding.view")
def seeding_detail(request: HttpRequest, key: UUID) -> HttpResponse:
    """How far a list is, its cleansing report, its bands, and what is to be done next."""
    actor = acting(request)
    found = jobs.give_up_dead(_list(request, key))
    counts = found.counts
    bands = counts.get("bands", {})
    rows = counts.get("rows", 0)
    state = queries.row_counts(actor, found)
    judged, every = queries.judged_share(found)
    known = bands.get("automatic", 0) + bands.get("known", 0)
    compared = rows - bands.get("aside", 0)
    same = found.rows.filter(state="same").count()
    context = {
        "list": found,
        "doubts": _doubts(found) if "doubts" in counts else [],
        "waits": found.state in (SeedList.State.QUEUED, SeedList.State.RUNNING),
        "tying": found.state == SeedList.State.TYING,
        "written": counts.get("tying", {}).get("rows", 0),
        "width": 100 * counts.get("tying", {}).get("rows", 0) // max(1, rows)
        if found.state == SeedList.State.TYING
        else 100 * found.steps_done // len(STEPS),
        "place": (found.steps_done + 1, len(STEPS)),
        "bands": [
            (band, bands[band])
            for band in ("automatic", "known", "review", "rejected", "aside")
            if bands.get(band)
        ],
        "reasons": counts.get("reasons", []),
        "problems": counts.get("problems", [])[:30],
        "filled": [(name, counts["fields"][name]) for name in BY_NAME if name in counts.get("fields", {})],
        "findings": [(kind, *figures) for kind, figures in counts.get("findings", {}).items()],
        "rows": rows,
        "compared": compared,
        "own": state,
        "judged": judged,
        "to_judge": every,
        "judged_share": 100 * judged // every if every else 100,
        "needed": int(100 * tying.CONVERGE_FROM),
        "found": known + same,
        "found_share": 100 * (known + same) // compared if compared else 0,
        "whole": actor.sees(found.path),
        "may_discard": found.state
        not in (
            SeedList.State.CONVERGED,
            SeedList.State.RUNNING,
            SeedList.State.TYING,
            SeedList.State.DISCARDED,
        )
        and "tying" not in counts,
        "may_upload": actor.may("seeding.upload") and actor.sees(found.path),
        "may_converge": actor.may("seeding.converge") and actor.sees(found.path),
        "may_judge": actor.may("seeding.judge"),
        "may_download": actor.may("seeding.download") and actor.sees(found.path),
    }
    return render(request, "desk/seeding_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@may("seeding.upload")
def seeding_confirm(request: HttpRequest, key: UUID) -> HttpResponse:
    """A list whose columns are doubted: its first rows as they were read, the doubts, and that they are right after all."""
    actor = acting(request)
    found = _list(request, key, "seeding.upload")
    if found.state != SeedList.State.REFUSED or "doubts" not in found.counts:
        return redirect("desk:seeding-detail", key=key)
    errors: list[dict[str, str]] = []
    if request.method == "POST" and not switching(request):
        try:
            jobs.confirm(actor, found)
            return redirect("desk:seeding-detail", key=key)
        except Refusal as refusal:
            errors.append(fault(refusal))
    header, rows = queries.preview(actor, found)
    columns = found.details["columns"]
    chosen = [name for name in BY_NAME if columns.get(name) in header]
    context = {
        "list": found,
        "lines": [
            (name, columns[name], [row[header.index(columns[name])][:60] for row in rows[:5]])
            for name in chosen
        ],
        "doubts": _doubts(found),
    }
    return render(request, "desk/seeding_confirm.html", _form(errors) | context)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@may("seeding.judge")
def seeding_judge(request: HttpRequest, key: UUID) -> HttpResponse:
    """One row after the other: who is it?"""
    actor = acting(request)
    found = _list(request, key, "seeding.judge")
    state = "visit" if request.GET.get("state") == "visit" else "open"
    skip = _skipped(request)
    errors: list[dict[str, str]] = []
    asked: str | None = None
    if request.method == "POST":
        asked = _key(request.POST.get("row", ""))
        if not switching(request):
            who = request.POST.get("who", "")
            chosen = queries.next_to_judge(actor, found, asked) if asked else None
            members = (
                {str(one.person.key): one.person.member_id for one in chosen.candidates} if chosen else {}
            )
            try:
                if asked is None:
                    raise ChooseOne()
                verdict = "same" if who in members else who
                actions.judge(actor, asked, verdict, members.get(who), request.POST.get("note", ""))
                return redirect(request.get_full_path())
            except Refusal as refusal:
                errors.append(fault(refusal))
                asked = None if refusal.code == "row_judged_already" else asked
    shown = queries.next_to_judge(actor, found, asked, state, skip)
    counts = queries.row_counts(actor, found)
    context = {
        "list": found,
        "shown": shown,
        "state": state,
        "skip": skip + 1,
        "waiting": counts.get(state, 0),
        "visits": counts.get("visit", 0),
        "done": counts.get("same", 0) + counts.get("nobody", 0),
        "compared": _compared(shown) if shown else [],
    }
    return render(request, "desk/seeding_judge.html", _form(errors) | context)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@may("seeding.judge")
def person_untie(request: HttpRequest, key: UUID) -> HttpResponse:
    """Take a department's number off a resident whose it is not."""
    actor = acting(request)
    person = person_by_key(actor, key)
    if person is None:
        raise Http404("no such person")
    record(actor, "seeding.view", "resident", str(key), new={"what": "numbers"})
    links = queries.links_of_person(person.member_id)
    typed = {"link": request.POST.get("link", ""), "note": request.POST.get("note", "")[:500]}
    errors: list[dict[str, str]] = []
    if request.method == "POST" and not switching(request):
        link = next((one for one in links if str(one.pk) == typed["link"]), None)
        try:
            if link is None:
                raise NotTied() if typed["link"] else ChooseNumber()
            actions.untie(actor, link, typed["note"])
            return redirect("desk:person-detail", key=key)
        except Refusal as refusal:
            errors.append(fault(refusal))
    context = {"person": person, "links": links, "typed": typed}
    return render(request, "desk/person_untie.html", _form(errors) | context)


@require_http_methods(["GET", "HEAD", "POST"])
@may("seeding.converge")
def seeding_converge(request: HttpRequest, key: UUID) -> HttpResponse:
    """Preview, and have it tied: which identifiers are written to how many residents."""
    actor = acting(request)
    found = _list(request, key, "seeding.converge")
    queries.may_work_on(actor, found)
    errors: list[dict[str, str]] = []
    if request.method == "POST" and not switching(request):
        try:
            jobs.tie(actor, found)
            return redirect("desk:seeding-detail", key=key)
        except Refusal as refusal:
            errors.append(fault(refusal))
    judged, every = queries.judged_share(found)
    bands = found.counts.get("bands", {})
    same = found.rows.filter(state="same").count()
    context = {
        "list": found,
        "automatic": bands.get("automatic", 0),
        "known": bands.get("known", 0),
        "same": same,
        "all": bands.get("automatic", 0) + bands.get("known", 0) + same,
        "judged": judged,
        "to_judge": every,
        "waits": every - judged,
        "possible": found.state == SeedList.State.REVIEW and judged >= tying.CONVERGE_FROM * every,
        "needed": int(100 * tying.CONVERGE_FROM),
    }
    return render(request, "desk/seeding_converge.html", _form(errors) | context)


@require_http_methods(["GET", "HEAD", "POST"])
@may("seeding.upload")
def seeding_discard(request: HttpRequest, key: UUID) -> HttpResponse:
    """Put a list aside that was not tied; asked once more before its files are destroyed."""
    found = _list(request, key, "seeding.upload")
    errors: list[dict[str, str]] = []
    if request.method == "POST" and not switching(request):
        try:
            actions.discard(acting(request), found)
            return redirect("desk:department-detail", code=found.department.code)
        except Refusal as refusal:
            errors.append(fault(refusal))
    return render(request, "desk/seeding_discard.html", _form(errors) | {"list": found})


@require_safe
@may("seeding.download")
def seeding_results(request: HttpRequest, key: UUID, kind: str) -> StreamingHttpResponse:
    """The results (csv, parquet) or the cells that could not be read (problems)."""
    actor = acting(request)
    found = _list(request, key, "seeding.download")
    if kind not in ("csv", "parquet", "problems"):
        raise Http404("no such file")
    pieces = problems(actor, found) if kind == "problems" else results(actor, found, kind == "parquet")
    parquet = kind == "parquet"
    response = StreamingHttpResponse(
        pieces, content_type="application/vnd.apache.parquet" if parquet else "text/csv; charset=utf-8"
    )
    name = "problems" if kind == "problems" else "results"
    ending = "parquet" if parquet else "csv"
    response["Content-Disposition"] = (
        f'attachment; filename="{name}-{found.department.code}-{found.pk}.{ending}"'
    )
    return response


def _form(errors: list[dict[str, str]]) -> dict[str, Any]:
    return {"errors": errors, "faults": {error["field"]: error["text"] for error in errors}}


def _department(request: HttpRequest, code: str) -> Department:
    try:
        return queries.department_of(acting(request), code)
    except NoSuchDepartment as nothing:
        raise Http404("no such department") from nothing


def _list(request: HttpRequest, key: UUID, verb: str = "seeding.view") -> SeedList:
    try:
        return queries.list_by_key(acting(request), key, verb)
    except NoSuchList as nothing:
        raise Http404("no such list") from nothing


def _example(header: list[str], rows: list[list[str]], column: str) -> str:
    """What stands in a column, for the eye: the first filled cell of the preview."""
    if column not in header:
        return ""
    place = header.index(column)
    return next((row[place][:40] for row in rows if row[place]), "")


def _doubts(found: SeedList) -> list[str]:
    """Why the columns of a list are doubted, in the page's language."""
    at = 0 if language() == "en" else 1
    columns, usual = found.details["columns"], found.counts["usual"]
    return [
        doubts.sentence(code, field, columns, share, usual)[at]
        for code, field, share in found.counts["doubts"]
    ]


def _key(text: str) -> str | None:
    """What a form says is a key, if it is one."""
    try:
        return str(UUID(text))
    except ValueError:
        return None


def _skipped(request: HttpRequest) -> int:
    text = request.GET.get("skip", "0")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else 0


def _compared(shown: queries.ToJudge) -> list[tuple[queries.Candidate, list[tuple[str, str, float]]]]:
    """For each candidate the evidence in words: field, finding, weight."""
    from haqdar.identity.linking.words import FIELDS as COMPARED
    from haqdar.identity.linking.words import sentence
    from haqdar.identity.seeding.words import REASON_WORDS

    at = 0 if language() == "en" else 1
    told = []
    for one in shown.candidates:
        lines = []
        for field, level, weight in one.evidence:
            if field in COMPARED:
                lines.append((COMPARED[field][at], sentence(field, level)[at], float(weight)))
            elif field in REASON_WORDS:
                lines.append(("", REASON_WORDS[field][at], float(weight)))
        told.append((one, lines))
    return told
