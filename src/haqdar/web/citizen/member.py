"""The check by member ID: what the law gives one person, from the register, shown to that person alone."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from haqdar.access.actions import record
from haqdar.access.actors import acting
from haqdar.base.money import indian
from haqdar.cases.applications import held_now, open_cases_of
from haqdar.entitlement.queries import own_check
from haqdar.web.citizen.proven import asks_for_code, citizen_actor, proven_resident
from haqdar.web.reasons import best_of_groups, shown_reasons, with_next_steps


@require_safe
def check_member(request: HttpRequest) -> HttpResponse:
    """Every pension with the person's own value, the limit, the order and the next step; a code is asked for first."""
    resident = proven_resident(request)
    if resident is None:
        return asks_for_code(request, request.path)
    language = translation.get_language() or "hi"
    actor = citizen_actor(request)
    with acting(actor, "own.check"):
        record(actor, "own.check", "resident", str(resident))
    check = own_check(resident)
    held = held_now(check.member_id)
    waiting = open_cases_of(check.member_id)
    schemes = with_next_steps(shown_reasons(check.schemes, language), held)
    for one in schemes:
        one["case"] = waiting.get(one["group"]) if one["next"] in ("apply", "ask") else None
    best = best_of_groups(schemes)
    unsure = any(one["verdict"] == "unsure" for one in schemes)
    if best:
        headline = _("You are entitled to a pension of %(amount)s a month") % {
            "amount": indian(sum(one["paise"] for one in best))
        }
    elif unsure:
        headline = _("It cannot be decided yet")
    else:
        headline = _("By the register there is no pension for you today")
    order = {"yes": 0, "unsure": 1, "no": 2}
    context = {
        "headline": headline,
        "name": (check.name_hi or check.name_en) if language == "hi" else check.name_en,
        "day": check.day,
        "best": best,
        "fold": bool(best or unsure) and any(one["verdict"] == "no" for one in schemes),
        "schemes": sorted(schemes, key=lambda one: (order[one["verdict"]], not one["best"])),
    }
    return render(request, "citizen/check_member.html", context)
