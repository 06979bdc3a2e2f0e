"""Following a case by its number: what happened, who has it now, by when, and what one can do. Masked, open to everybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from haqdar.access.queries import path_of_area, places_along
from haqdar.base.masking import masked_name
from haqdar.base.money import indian
from haqdar.cases.casework import case_by_number, steps_of
from haqdar.cases.clock import services
from haqdar.cases.models import Case, CaseStep
from haqdar.cases.offices import HoldingOffice, offices_of
from haqdar.cases.order_reads import order_by_number, orders_of_case, state_of
from haqdar.outreach.limits import allowed, network_of
from haqdar.payments.passbook import CAME_BACK, ON_ITS_WAY
from haqdar.payments.progress import FirstMoney, first_money
from haqdar.registry.profiles import cards
from haqdar.web import labels
from haqdar.web.citizen.orders import MOST_MISSES, not_found
from haqdar.web.citizen.proven import proven_resident
from haqdar.web.limits import per_hour, too_often
from haqdar.web.middleware import address_of

NAMELESS = frozenset({"report", "ghost", "duplicate", "register"})
"""Kinds whose person did not ask: who holds the number learns nothing of that person."""
DECIDED_AGAINST = frozenset({"rejected", "refused", "upheld", "confirmed", "stopped"})
_SAME_MOMENT = 60
"""Seconds within which a first step is the opening itself."""
UNAPPEALED = frozenset({"second_appeal", "grievance", "feedback", "report", "payment", "ghost", "duplicate"})
"""Kinds that no appeal can be filed against."""
PAID_AFTER = frozenset({"sanctioned", "noted"})


@dataclass(frozen=True)
class Event:
    """One point of the timeline: `state` is done, now or later."""

    title: str
    state: str
    at: datetime | None = None
    day: date | None = None
    office: HoldingOffice | None = None
    text: str = ""


@require_safe
def follow(request: HttpRequest) -> HttpResponse:
    """Asks for the number of a case or order and leads to its page."""
    typed = request.GET.get("number", "")[:60]
    errors = []
    if typed:
        case = case_by_number(typed)
        if case is not None:
            return redirect("citizen:case-status", number=case.number)
        order = order_by_number(typed)
        if order is not None:
            return redirect("citizen:order", key=order.key)
        if not allowed("number-miss", network_of(address_of(request)), MOST_MISSES, per_hour):
            return too_often(request)
        errors.append({"field": "number", "text": not_found(typed)})
    return render(request, "citizen/follow.html", {"errors": errors, "number": typed})


@require_safe
def case_status(request: HttpRequest, number: str) -> HttpResponse:
    """The public page of a case: its timeline, the days used, the office that has it, and what one can do."""
    if not allowed("status", network_of(address_of(request)), 300, per_hour):
        # numbers can be guessed: nobody reads through them all
        return too_often(request, per_hour)
    case = case_by_number(number)
    if case is None:
        return redirect(f"{reverse('citizen:follow')}?{urlencode({'number': number[:60]})}")
    if case.number != number:
        return redirect("citizen:case-status", number=case.number)
    today = timezone.localdate()
    events = _events(case, today)
    own = case.resident_key is not None and proven_resident(request) == case.resident_key
    late = case.closed_at is None and case.due_on is not None and case.due_on < today
    context = {
        "case": case,
        "events": events,
        "now": next((event for event in events if event.state == "now"), None),
        "person": _person(case, own),
        "place": _place(case),
        "deadline": _deadline(case, today),
        "late": late,
        "against": case.outcome in DECIDED_AGAINST,
        "ways": _ways(case, late),
        "orders": [(order, state_of(order)) for order in orders_of_case(case)],
        "own": own,
        "answers": list(Case.objects.filter(about=case).order_by("id")),
    }
    return render(request, "citizen/case_status.html", context)


def _events(case: Case, today: date) -> list[Event]:
    shown = [step for step in steps_of(case) if step.verb in labels.LABELS["step_done"]]
    # a verb that the law lays with no kind of office is the public's or the platform's
    known = {verb for verb in {case.awaits, *map(_decider, shown)} if services().kinds_of_office(verb)}
    offices = offices_of([(case.area_code, verb) for verb in sorted(known)])
    events = [_done(step, offices.get((case.area_code, _decider(step)))) for step in shown]
    if not shown or abs((shown[0].at - case.opened_at).total_seconds()) > _SAME_MOMENT:
        found = case.opened_by in ("platform", "haqdar") or case.run is not None
        given = case.kind in ("start", "move", "revise")
        title = (
            _("Found by the State, without an application")
            if given
            else _("Found when the month was worked out")
        )
        title = title if found else _("Received")
        events.insert(0, Event(title, "done", at=case.opened_at))
    if case.awaits:
        title = labels.label("awaits", case.awaits)
        text = labels.label("public_next", case.awaits)
        office = offices.get((case.area_code, case.awaits))
        events.append(Event(title, "now", day=case.due_on, office=office, text=text))
        if case.kind in ("start", "application"):
            if case.awaits == "case.verify":
                events.append(Event(labels.label("awaits", "case.sanction"), "later"))
            events.append(Event(_("first payment"), "later"))
    elif case.outcome in PAID_AFTER and case.member_id is not None and case.scheme:
        since = (case.closed_at or case.opened_at).date()
        money = first_money(case.member_id, case.scheme, _month_of(case, since))
        events += _money_events(money, today)
    return events


def _month_of(case: Case, closed_on: date) -> date:
    """The first month whose money can be this case's: that of the run that listed it, else the month of the decision."""
    return case.run.month if case.run is not None else closed_on.replace(day=1)


def _decider(step: CaseStep) -> str:
    """The verb whose office took the step: who rejects or sends back is who could have sanctioned."""
    return "case.sanction" if step.verb in ("case.reject", "case.return") else step.verb


def _done(step: CaseStep, office: HoldingOffice | None) -> Event:
    own = step.actor in ("public", "platform") or step.actor.startswith("citizen:")
    return Event(
        labels.label("step_done", step.verb),
        "done",
        at=step.at,
        office=None if own else office,
        text=labels.label("case_outcome", step.outcome) if step.outcome else "",
    )


def _money_events(money: FirstMoney | None, today: date) -> list[Event]:
    if money is None:
        return [
            Event(
                _("first payment"),
                "now",
                text=_("It is paid with the next month's bill, with everything owed since the first day."),
            )
        ]
    amount = indian(money.paise)
    events = [Event(_("Bill drawn"), "done", at=money.drawn_at, text=amount)]
    if money.state in ON_ITS_WAY or money.state == "credited":
        said = [Event(_first(step.words(_language())), "done", day=step.on) for step in money.row.steps]
        events += said
        if money.state == "credited":
            return events
        if money.month > today:
            events.append(Event(_("The bank credits it"), "now", day=money.month, text=amount))
        else:
            text = _("If it has not come, ask at your bank, then call 181.")
            events.append(Event(_("To be credited by the bank"), "now", day=money.month, text=text))
    elif money.state == "withheld":
        events.append(
            Event(_("Kept back"), "done", text=money.row.state_hi if _hindi() else money.row.state_en)
        )
    else:
        text = money.row.state_hi if _hindi() else money.row.state_en
        title = _("Came back from the bank") if money.state in CAME_BACK else _("Could not be paid")
        events.append(Event(title, "now", text=_first(text)))
    return events


def _person(case: Case, own: bool) -> dict[str, str] | None:
    if case.kind in NAMELESS or case.member_id is None:
        return None
    card = cards([case.member_id]).get(case.member_id)
    if card is None:
        return None
    hindi, english = card.name_hi or card.name_en, card.name_en
    return {
        "name_hi": hindi if own else masked_name(hindi),
        "name_en": english if own else masked_name(english),
    }


def _place(case: Case) -> Any:
    path = path_of_area(case.area_code)
    places = places_along(path) if path else []
    return places[-1] if len(places) > 1 else None


def _deadline(case: Case, today: date) -> dict[str, Any] | None:
    """Days used of the limit while the case is open, and how long it took once it is closed."""
    if case.due_on is None:
        return None
    until = case.closed_at.date() if case.closed_at else today
    limit = max(1, (case.due_on - case.opened_on).days)
    used = max(0, (until - case.opened_on).days)
    left = (case.due_on - until).days
    return {
        "due_on": case.due_on,
        "limit": limit,
        "used": used,
        "left": left,
        "over": max(0, -left),
        "width": min(100, max(2, 100 * used // limit)),
        "closed": case.closed_at is not None,
    }


def _ways(case: Case, late: bool) -> list[dict[str, str]]:
    """What the person can do now, as links: appeal, object, read or reopen an answer."""
    ways = []
    if case.kind not in UNAPPEALED and (case.outcome in DECIDED_AGAINST or late):
        url = f"{reverse('citizen:appeal')}?{urlencode({'number': case.number})}"
        ways.append({"url": url, "text": _("Appeal against this")})
    # a confirmed stop is closed, and its notice runs: then above all somebody wants to object
    if case.kind == "stop" and (case.awaits == "stop.confirm" or case.outcome == "confirmed"):
        url = reverse("citizen:object-new", kwargs={"number": case.number})
        ways.append({"url": url, "text": _("Say that the stop is wrong")})
    if case.kind in ("grievance", "feedback", "report"):
        url = reverse("citizen:answer", kwargs={"number": case.number})
        ways.append({"url": url, "text": _("Read the answer, or open it again")})
    return ways


def _language() -> str:
    return "hi" if _hindi() else "en"


def _first(sentence: str) -> str:
    """The sentence with its first letter large."""
    return sentence[:1].upper() + sentence[1:]


def _hindi() -> bool:
    return translation.get_language() != "en"
