"""Work on many cases: preview, progress, result, undo."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.views.decorators.http import require_http_methods, require_safe

from haqdar.access.actions import record
from haqdar.access.actors import SECOND_FACTOR
from haqdar.base.refusal import Refusal
from haqdar.cases import bulk
from haqdar.cases.models import BulkJob, BulkRow, Case
from haqdar.jobs import bulk as jobs
from haqdar.registry import profiles
from haqdar.web import labels
from haqdar.web.desk.queue_address import QueueAddress
from haqdar.web.desk.second_factor import behind_second_factor
from haqdar.web.desk.views.common import acting, download, may
from haqdar.web.middleware import switching

ROWS = 200


@require_http_methods(["GET", "HEAD", "POST"])
@may("desk.view")
def bulk_detail(request: HttpRequest, key: UUID) -> HttpResponse | StreamingHttpResponse:
    """One job of the officer's own: confirmed, carried on or taken back by a post.

    What asks for the second factor for one case asks for it for many.
    """
    job = bulk.job_of(acting(request), key)
    if job is None:
        raise Http404("no such work")
    found = jobs.give_up_dead(job)
    if request.POST.get("do") and found.verb in SECOND_FACTOR and bulk.DEEDS[found.deed].verbs:
        return behind_second_factor(request, lambda: _detail(request, found))
    return _detail(request, found)


def _detail(request: HttpRequest, job: BulkJob) -> HttpResponse:
    actor = acting(request)
    errors: list[dict[str, str]] = []
    if request.method == "POST" and not switching(request):
        try:
            match request.POST.get("do"):
                case "confirm":
                    jobs.carry_out(actor, job)
                case "undo":
                    bulk.undo(actor, job)
                case "carry_on":
                    jobs.carry_on(actor, job)
            return redirect("desk:bulk-detail", key=job.key)
        except Refusal as refusal:
            job.refresh_from_db()
            errors.append({"field": "", "text": refusal.sentence(translation.get_language() or "hi")})
    return render(request, "desk/bulk_detail.html", _shown(job) | {"errors": errors})


def _shown(job: BulkJob) -> dict[str, Any]:
    language = translation.get_language() or "hi"
    figures = bulk.sums(job)
    names = labels.scheme_names(language)
    rows = bulk.rows_of(job, limit=ROWS)
    people = profiles.cards(case.member_id for _, case in rows)
    waits = job.state in (BulkJob.State.QUEUED, BulkJob.State.RUNNING)
    return {
        "job": job,
        "figures": figures,
        "schemes": [(names.get(one.code, one.code), one) for one in figures.schemes],
        "refused": _refused(figures, rows, language),
        "rows": [
            (row, case, people.get(case.member_id or -1), _outcome(row, language)) for row, case in rows
        ],
        "shown_rows": ROWS,
        "queue": QueueAddress.parse(job.query),
        "waits": waits,
        "width": 100 * (figures.total - figures.waiting) // max(1, figures.total),
        "undo_until": bulk.undo_until(job),
        "can_be_undone": bulk.DEEDS[job.deed].undo is not None,
        "undo_hours": bulk.UNDO_HOURS,
        "undone": sum(1 for row, _case in rows if row.outcome == "undone"),
    }


def _refused(figures: bulk.JobSums, rows: list[tuple[BulkRow, Case]], language: str) -> list[tuple[str, int]]:
    """Why so many are not possible or were not done."""
    said = {row.outcome: str(row.before[language]) for row, _case in rows if row.before.get(language)}
    return [
        (said.get(word) or labels.label("bulk_outcome", word), count)
        for word, count in figures.refused.items()
    ]


def _outcome(row: BulkRow, language: str) -> str:
    """What came of a row, or will, in words; a refusal of the law in its own."""
    said = row.before.get(language) if row.outcome not in ("done", "undone") else None
    return str(said or labels.label("bulk_outcome", row.refusal or row.outcome or "possible"))


@require_safe
@may("case.download")
def bulk_download(request: HttpRequest, key: UUID) -> StreamingHttpResponse:
    """Every row of a job with what came of it, as CSV."""
    job = bulk.job_of(acting(request), key)
    if job is None:
        raise Http404("no such work")
    record(acting(request), "case.download", "bulk", str(job.key))
    header = ["number", "kind", "member_id", "name_en", "name_hi", "scheme", "area_code", "outcome"]
    return download(f"work-{timezone.localdate()}-{job.key.hex[:8]}.csv", header, _lines(job))


def _lines(job: BulkJob) -> Iterator[list[object]]:
    at = 0
    while rows := bulk.rows_of(job, at, 2000):
        people = profiles.cards(case.member_id for _row, case in rows)
        for row, case in rows:
            person = people.get(case.member_id or -1)
            yield [
                case.number,
                case.kind,
                f"{case.member_id:09d}" if case.member_id is not None else "",
                person.name_en if person else "",
                person.name_hi if person else "",
                case.scheme or case.from_scheme,
                case.area_code,
                row.refusal or row.outcome or "possible",
            ]
        at += len(rows)
