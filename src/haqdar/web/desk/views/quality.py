"""The quality of the register: scores by area, the trend, and what is to be put right, one by one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from haqdar.access.actions import record
from haqdar.access.queries import Place, place
from haqdar.base.refusal import Refusal
from haqdar.identity.quality import queries
from haqdar.identity.quality.looking import accept
from haqdar.identity.quality.rules import BY_CODE, RULES
from haqdar.web import charts
from haqdar.web.citizen.asking import language_of_page
from haqdar.web.desk.views.common import acting, chosen_place, download, may, page_number, query, trail
from haqdar.web.quality_words import REGISTERS, RULE_WORDS
from haqdar.web.templatetags.shown import day

_BARS = 12


def _rule(request: HttpRequest) -> str:
    rule = request.GET.get("rule", "")
    return rule if rule in BY_CODE else ""


@require_safe
@may("quality.view")
def quality(request: HttpRequest) -> HttpResponse:
    """Scores below an area, its trend, how much each rule found, and the tasks of one rule or of a panchayat."""
    actor, here = acting(request), chosen_place(request)
    context: dict[str, Any] = {"here": here, "last": queries.last_look()}
    if here is not None and context["last"] is not None:
        rule, page = _rule(request), page_number(request)
        below = queries.scores(actor, here)
        past = queries.trend(actor, here)
        found = queries.counts(actor, here)
        context |= {
            "trail": trail(request, here),
            "areas": [] if [one.place.area_code for one in below] == [here.area_code] else below,
            "now": past[-1] if past else None,
            "past": list(reversed(past)) if len(past) > 1 else [],
            "chart": _chart(past),
            "rules": [
                {
                    "code": one.code,
                    "words": RULE_WORDS[one.code],
                    "register": REGISTERS[one.register],
                    "hint": one.hint,
                    "count": found[one.code],
                }
                for one in RULES
                if found.get(one.code)
            ],
            "rule": rule,
            "rule_words": RULE_WORDS.get(rule, ""),
            "download": query(area=here.area_code, rule=rule),
        }
        if rule or here.kind in ("gp", "ward"):
            tasks = queries.tasks(actor, here, rule, page=page, limit=queries.PAGE + 1)
            context |= {
                "tasks": [_told(task) for task in tasks[: queries.PAGE]],
                "shows_tasks": True,
                "earlier": query(area=here.area_code, rule=rule, page=page - 1) if page > 1 else "",
                "later": query(area=here.area_code, rule=rule, page=page + 1)
                if len(tasks) > queries.PAGE
                else "",
                "may_correct": actor.may("fact.correct"),
                "may_propose": actor.may("register.propose"),
                "may_accept": actor.may("quality.accept"),
            }
    return render(request, "desk/quality.html", context)


@require_safe
@may("quality.download")
def quality_download(request: HttpRequest) -> StreamingHttpResponse:
    """What is to be put right in an area, as CSV, without numbers of people."""
    actor, here = acting(request), chosen_place(request)
    tasks = queries.tasks(actor, here, _rule(request), limit=None) if here else []
    record(actor, "quality.download", "quality", here.area_code if here else "", new={"rows": len(tasks)})
    language = language_of_page()
    rows = (
        [
            task.rule,
            RULE_WORDS[task.rule],
            task.name_hi if language == "hi" and task.name_hi else task.name_en,
            task.born_on,
            task.area_hi if language == "hi" and task.area_hi else task.area_en,
            task.opened_at.date(),
        ]
        for task in tasks
    )
    header = ("rule", "what", "name", "born_on", "area", "since")
    return download(f"quality-{here.area_code if here else 'none'}.csv", header, rows)


@may("quality.accept")
def quality_accept(request: HttpRequest, key: UUID) -> HttpResponse:
    """Say that what stands in the register is right, and how you know."""
    actor = acting(request)
    everywhere = place(actor, None)
    found = queries.tasks(actor, everywhere, key=key) if everywhere else []
    if not found:
        raise Http404("no such finding")
    errors = []
    note = request.POST.get("note", "")[:500]
    if request.method == "POST":
        try:
            accept(actor, key, note)
        except Refusal as refusal:
            errors.append({"field": "note", "text": refusal.sentence(language_of_page())})
        else:
            messages.success(request, _("Noted: it is right as it stands. It is no task any more."))
            return redirect(reverse("desk:quality"))
    context = {"task": _told(found[0]), "errors": errors, "note": note}
    return render(request, "desk/quality_accept.html", context, status=400 if errors else 200)


def _told(task: queries.Task) -> dict[str, Any]:
    return {
        "task": task,
        "words": RULE_WORDS[task.rule],
        "fact": BY_CODE[task.rule].fact,
        "entry": BY_CODE[task.rule].entry,
        "hint": BY_CODE[task.rule].hint,
        "area": Place("", "", task.area_en, task.area_hi, ""),
    }


def _chart(past: list[queries.Trend]) -> str:
    if len(past) < 2:
        return ""
    return charts.bars(
        _("Residents of a hundred with nothing to put right"),
        [(day(one.looked_at.date()), round(10 * one.score), f"{one.score}") for one in past[-_BARS:]],
    )
