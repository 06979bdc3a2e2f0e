"""Who looked: a person sees which offices looked at the own data, when and what for."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe

from haqdar.access import trail
from haqdar.access.actions import record
from haqdar.access.actors import acting
from haqdar.access.verbs import words_of
from haqdar.cases.traces import keys_of_cases, keys_of_papers
from haqdar.registry.households import family_key_of
from haqdar.web.citizen.proven import asks_for_code, citizen_actor, proven_resident

MOST = 200


@require_safe
def who_looked(request: HttpRequest) -> HttpResponse:
    """The offices that looked, newest first; a code to the registered mobile is asked for first."""
    resident = proven_resident(request)
    if resident is None:
        return asks_for_code(request, request.path)
    actor = citizen_actor(request)
    with acting(actor, "own.looks"):
        record(actor, "own.looks", "resident", str(resident))
    things = [("resident", str(resident)), ("family", family_key_of(resident))]
    cases = keys_of_cases(resident)
    things += [("case", str(key)) for key in cases]
    things += keys_of_papers(resident, cases)
    events = trail.looks(things, trail.LOOKS, MOST)
    language = translation.get_language() or "hi"
    own = f"citizen:{resident}"
    rows: list[dict[str, Any]] = [
        {
            "at": event.at,
            "office": office,
            "self": event.actor == own,
            "what": words_of(event.verb, language),
        }
        for event, office in zip(events, trail.offices_of(events), strict=True)
    ]
    return render(request, "citizen/who_looked.html", {"rows": rows, "most": MOST})
