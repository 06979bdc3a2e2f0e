"""Month runs: what was run, and the button that runs a month."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from haqdar.base.month import Month
from haqdar.base.refusal import Refusal
from haqdar.cases.queries import Run, run_of, runs
from haqdar.jobs.queries import latest_jobs
from haqdar.jobs.tasks import ask_for_month
from haqdar.law import load_lawbook
from haqdar.payments.queries import month_money
from haqdar.payments.words import month_name
from haqdar.registry.profiles import register_counts
from haqdar.web.desk.views.common import acting, may
from haqdar.web.middleware import switching


@require_safe
@may("run.view")
def run_list(request: HttpRequest) -> HttpResponse:
    """All runs, and the progress of those under way."""
    jobs = latest_jobs(acting(request))
    return render(
        request,
        "desk/run_list.html",
        {
            "runs": runs(acting(request)),
            "jobs": jobs,
            "waiting": any(job.state in ("queued", "running") for job in jobs),
            "may_run": acting(request).may("month.run"),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@may("month.run")
def run_month(request: HttpRequest) -> HttpResponse:
    """Choose a month, see what the run will do, confirm; the worker does it."""
    today = timezone.localdate()
    latest = run_of(acting(request))
    suggested = Month.of(latest.month).next() if latest else Month.of(today)
    errors: list[dict[str, str]] = []
    typed = request.POST.get("month") or str(suggested)
    preview = None
    again = switching(request)
    if request.method == "POST" and (not again or request.POST.get("previewed")):
        try:
            month = Month.parse(typed.strip())
            if month > Month.of(today).next():
                text = _("This month is too far ahead. The latest that can be run is the coming one.")
                errors.append({"field": "month", "text": text})
            elif month < (first := _first_month()):
                text = _("The law begins later. The first month that can be run is %(month)s.")
                name = month_name(first.first_day, translation.get_language() or "hi")
                errors.append({"field": "month", "text": text % {"month": name}})
            elif request.POST.get("confirm") == "yes" and not again:
                ask_for_month(acting(request), month)
                return redirect("desk:run-list")
            else:
                preview = month
        except Refusal as refusal:
            errors.append({"field": "month", "text": refusal.sentence(translation.get_language() or "hi")})
    context = {
        "errors": errors,
        "typed": typed.strip()[:20],
        "preview": preview.first_day if preview else None,
        "before": run_of(acting(request), preview) if preview else None,
        "last": _money_of(request, latest) if preview else None,
        "register": register_counts(acting(request)) if preview else None,
    }
    return render(request, "desk/run_month.html", context)


def _first_month() -> Month:
    """The first month that begins with a law in force."""
    begins = load_lawbook(settings.HAQDAR_LAW).change_days[0]
    return Month.of(begins) if begins.day == 1 else Month.of(begins).next()


def _money_of(request: HttpRequest, run: Run | None) -> dict[str, Any] | None:
    """Pensions and money of the latest month, to judge the coming one by."""
    lines = month_money(acting(request), Month.of(run.month)) if run else []
    if run is None or not lines:
        return None
    return {
        "month": run.month,
        "pensions": sum(line.persons for line in lines),
        "paise": sum(line.instructed_paise for line in lines),
    }
