"""What a month's run says: for the State, a district, a block, a local body."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from haqdar.base.money import group_indian
from haqdar.base.month import Month
from haqdar.cases.queries import ACTIONS, Counted, Run, month_result, months, run_of
from haqdar.payments.queries import SchemeMoney, month_money, month_not_payable
from haqdar.web import labels
from haqdar.web.desk.views.common import acting, chosen_place, may, query, trail


@require_safe
@may("month.view")
def month_latest(request: HttpRequest) -> HttpResponse:
    """The latest month that was run; what to do first where there is none."""
    run = run_of(acting(request))
    if run is None:
        return render(request, "desk/month_none.html", {"may_run": acting(request).may("month.run")})
    return redirect("desk:month-detail", month=run.slug)


@require_safe
@may("month.view")
def month_detail(request: HttpRequest, month: Month) -> HttpResponse:
    """Counts, amounts and the way to the work lists of one month in one area."""
    actor = acting(request)
    here = chosen_place(request)
    run = run_of(actor, month)
    if run is None or here is None:
        context = {"month": month.first_day, "may_run": actor.may("month.run"), "months": months(actor)}
        return render(request, "desk/month_none.html", context, status=404)
    result = month_result(actor, run, here)
    language = translation.get_language() or "hi"
    names = labels.scheme_names(language, run.month)
    area = query(area=request.GET.get("area"))
    context = {
        "run": run,
        "here": here,
        "trail": trail(request, here),
        "months": months(actor),
        "area_query": area,
        "result": result,
        "actions": [(action, result.actions[action]) for action in ACTIONS],
        "entitled": _by_scheme(result.entitled, names),
        "work": _work_lines(result.work, names),
        "columns": [action for action in ACTIONS if any(area.counts.get(action) for area in result.areas)],
        "knows": _knows(run),
        "money": _money(month_money(actor, month, here), *month_not_payable(actor, month, here)),
    }
    return render(request, "desk/month_detail.html", context)


def _by_scheme(lines: list[Counted], names: dict[str, str]) -> list[dict[str, Any]]:
    order = {code: place for place, code in enumerate(names)}
    most = max((line.persons for line in lines), default=0)
    return [
        {
            "code": line.scheme,
            "name": names.get(line.scheme or "", line.scheme),
            "persons": line.persons,
            "paise": line.paise,
            "width": max(1, round(100 * line.persons / most)) if most else 0,
        }
        for line in sorted(lines, key=lambda line: order.get(line.scheme or "", 99))
    ]


def _work_lines(lines: list[Counted], names: dict[str, str]) -> list[dict[str, Any]]:
    order = {action: place for place, action in enumerate(ACTIONS)}
    codes = {code: place for place, code in enumerate(names)}
    most = max((line.persons for line in lines), default=0)
    found = sorted(lines, key=lambda line: (order.get(line.action, 99), codes.get(line.scheme or "", 99)))
    return [
        {
            "action": line.action,
            "code": line.scheme,
            "name": names.get(line.scheme or "", line.scheme) if line.scheme else "",
            "persons": line.persons,
            "paise": line.paise if line.action not in ("undecided", "duplicate") else None,
            "width": max(1, round(100 * line.persons / most)),
        }
        for line in found
    ]


def _money(lines: list[SchemeMoney], left_persons: int, left_paise: int) -> list[tuple[str, int]]:
    """The month's money in the order in which it comes about; nothing where nothing was posted."""
    if not lines:
        return []
    return [
        (_("Pensions of this month"), sum(line.regular_paise for line in lines)),
        (_("Arrears of earlier months"), sum(line.arrears_paise for line in lines)),
        (_("Kept back for over-payments"), -sum(line.withheld_paise for line in lines)),
        (_("In the bank file"), sum(line.instructed_paise for line in lines)),
        (
            _("Cannot be put into the bank file yet (persons: %(persons)s)")
            % {"persons": group_indian(left_persons)},
            left_paise,
        ),
    ]


def _knows(run: Run) -> dict[str, Any]:
    return {
        "known": run.known_at or run.known_on,
        "law": run.law_hash[:12],
        "snapshot": run.snapshot_hash[:12],
    }
