"""Finding a person, the 360° view of a person, the family."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from haqdar.access.actions import record
from haqdar.access.actors import Actor
from haqdar.access.queries import audit_of
from haqdar.access.trail import names_of
from haqdar.base.month import Month, completed_years
from haqdar.base.refusal import Refusal
from haqdar.cases import queries as cases
from haqdar.cases.caselists import cases_of_member
from haqdar.cases.reactions import last_run
from haqdar.cases.since import since_of_member
from haqdar.entitlement.queries import check_member
from haqdar.identity.seeding.queries import links_of_person
from haqdar.payments.passbook import passbook
from haqdar.registry import profiles
from haqdar.registry.lookup import Found, Wanted
from haqdar.registry.merges import merges_of
from haqdar.web.desk.views.common import acting, download, may
from haqdar.web.lookup_words import found_because
from haqdar.web.reasons import best_of_groups, facts_of_day, shown_reasons
from haqdar.web.search import people_found, sought

MOST_SHOWN = 50
"""So many people on the page of a search."""


@require_safe
@may("person.search")
def person_search(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """People of the actor's area by name, relation's name, village, age or any number, best first, with the reasons."""
    actor = acting(request)
    asked = {field: sought(request, field) for field in ("q", "relation", "village")}
    age = request.GET.get("age", "").strip()[:3]
    found: list[Found] = []
    errors = []
    if age and not (age.isascii() and age.isdecimal() and int(age) <= 120):
        errors.append({"field": "age", "text": _("Write the age in completed years, 0 to 120")})
    text = asked["q"]
    if text and len(text) < 2:
        errors.append(
            {"field": "q", "text": _("Write at least two letters of the name, or the whole number")}
        )
    if (any(asked.values()) or age) and not errors:
        wanted = Wanted.typed(text, asked["relation"], asked["village"], int(age) if age else None)
        found = people_found(actor, wanted, MOST_SHOWN)
        record(actor, "person.search", "search", "", new={"found": len(found)})
    if request.GET.get("as") == "csv":
        language = translation.get_language() or "hi"
        return download(
            "people.csv",
            ("member_id", "name_en", "name_hi", "born_on", "area_code", "score", "why"),
            (
                (
                    f"{one.person.member_id:09d}", one.person.name_en, one.person.name_hi, one.person.born_on,
                    one.person.area_code, one.score, "; ".join(found_because(one.reasons, language)),
                )
                for one in found
            ),
        )  # fmt: skip
    context = {
        "search": text,
        "asked": asked | {"age": age},
        "found": found,
        "errors": errors,
        "most": MOST_SHOWN,
        "here": request.GET.urlencode(),
        "more": bool(asked["relation"] or asked["village"] or age),
    }
    return render(request, "desk/person_search.html", context)


@require_safe
@may("person.view")
def person_detail(request: HttpRequest, key: UUID) -> HttpResponse:
    """Everything an officer needs to know about one person; the look is recorded."""
    actor = acting(request)
    profile = profiles.person(actor, key)
    if profile is None:
        raise Http404("no such person")
    record(actor, "person.view", "resident", str(key))
    on = _day(request)
    language = translation.get_language() or "hi"
    schemes: list[dict[str, Any]] = []
    day_facts: list[tuple[str, str]] = []
    problem = ""
    try:
        check = check_member(actor, profile.member_id, on)
        schemes = shown_reasons(check.schemes, language)
        day_facts = facts_of_day(check, language)
    except Refusal as refusal:
        problem = refusal.sentence(language)
    order = {"yes": 0, "unsure": 1, "no": 2}
    changes = cases.award_changes_of_member(actor, profile.member_id)
    run = last_run()
    context = {
        "person": profile,
        "family": profile.family,
        "age": completed_years(profile.resident["born_on"], on) if profile.resident["born_on"] else None,
        "died_on": min(
            (event["happened_on"] for event in profile.events if event["kind"] == "death"), default=None
        ),
        "facts": _facts(profile),
        "on": on,
        "day_facts": day_facts,
        "schemes": sorted(schemes, key=lambda scheme: (order[scheme["verdict"]], not scheme["best"])),
        "best": best_of_groups(schemes),
        "problem": problem,
        "work": cases.work_of_member(actor, profile.member_id),
        "changes": changes,
        "identifiers": links_of_person(profile.member_id),
        "may_untie": actor.may("seeding.judge"),
        "notices": cases.notices_of_member(actor, profile.member_id),
        "passbook": passbook(actor, profile.member_id),
        "since": since_of_member(actor, profile.member_id, run) if run else [],
        "may_record": actor.may("event.record"),
        "may_withdraw": actor.may("event.withdraw"),
        "cases": cases_of_member(actor, profile.member_id) if actor.may("case.view") else [],
        "merges": merges_of(profile.member_id),
        "today": timezone.localdate(),
        **_looks(actor, str(key)),
    }
    return render(request, "desk/person_detail.html", context)


def _looks(actor: Actor, key: str) -> dict[str, Any]:
    """Who looked at the person lately, for those who may know."""
    if not actor.may("audit.view"):
        return {"looks": None}
    looks = audit_of(actor, "resident", key, 20)
    users = names_of([look.actor for look in looks])
    return {"looks": [(look, users.get(look.actor)) for look in looks]}


@require_safe
@may("family.view")
def family_detail(request: HttpRequest, key: UUID) -> HttpResponse:
    """A family: who belongs to it, where it lives, its cards."""
    actor = acting(request)
    found = profiles.family(actor, key)
    if found is None:
        raise Http404("no such family")
    record(actor, "family.view", "family", str(key))
    today = timezone.localdate()
    people = [
        row | {"age": completed_years(row["born_on"], row["died_on"] or today) if row["born_on"] else None}
        for row in found.people
    ]
    return render(
        request, "desk/family_detail.html", {"family": found.family, "people": people, "bpl": found.bpl}
    )


def _day(request: HttpRequest) -> date:
    """The day asked for (`?on=2016-10-01`); the first of the latest month run, else of this month."""
    try:
        return date.fromisoformat(request.GET["on"])
    except (KeyError, ValueError):
        run = cases.run_of(acting(request))
        return run.month if run else Month.of(timezone.localdate()).first_day


def _facts(profile: profiles.Profile) -> list[dict[str, Any]]:
    """The deciding facts of the residents row, each with source and dates."""
    row = profile.resident
    source = {
        "register": _("population register"),
        "known_from": row["known_from"],
        "recorded_on": row["recorded_on"],
        "delivered_on": row["delivered_on"],
        "line": row["line"],
        "verified_by": row["verified_by"],
        "verified_at": row["verified_at"],
    }

    def fact(title: str, value: object, kind: str = "", missing: bool = False) -> dict[str, Any]:
        return {
            "title": title,
            "value": value,
            "kind": kind,
            "missing": missing or value in (None, ""),
            **source,
        }

    # whoever verifies the record is shown what decides a pension, not the numbers that stand in it
    not_looked_at = {"verified_by": None, "verified_at": None}
    return [
        fact(_("Date of birth"), row["born_on"], "day"),
        fact(_("Sex"), row["sex"], "sex"),
        fact(_("Marital status"), row["marital_status"], "marital") | {"since": row["marital_since"]},
        fact(_("Without support"), row["destitute"], "yes_no"),
        fact(_("Pays income tax"), row["income_tax_payer"], "yes_no"),
        fact(_("Aadhaar"), row["aadhaar_last4"], "ending") | not_looked_at,
        fact(_("Bank account"), row["account_last4"], "ending") | {"note": row["ifsc"]} | not_looked_at,
        fact(_("Mobile"), row["mobile_last4"], "ending") | not_looked_at,
    ]
