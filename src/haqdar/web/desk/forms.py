"""What the desk's forms share: a refusal beside its field, evidence as it was typed, the head of a case's page."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from django.utils.translation import gettext as _

from haqdar.access.actors import Actor, NotYourFunction, OutsideYourArea
from haqdar.base.refusal import Refusal
from haqdar.cases.casework import NoSuchCase, case_by_key
from haqdar.cases.models import Case
from haqdar.registry import profiles
from haqdar.registry.documents import MOST_BYTES, documents_of
from haqdar.registry.evidence import Evidence

FIELD_OF = {
    "no_evidence": "document",
    "document_too_big": "document",
    "not_a_document": "document",
    "visit_in_future": "visited_on",
    "nothing_confirmed": "records",
    "still_to_verify": "records",
    "confirmation_needed": "seen_confirmation",
    "reason_needed": "note",
    "not_a_reason": "reasons",
    "say_why": "note",
    "doubts_unanswered": "sure",
}
"""Refusal -> the field of the form that it is about."""


def language() -> str:
    """The language of the page."""
    return translation.get_language() or "hi"


def fault(refusal: Refusal) -> dict[str, str]:
    """A refusal as an entry of the error summary; raised again when it concerns the whole page."""
    if isinstance(refusal, OutsideYourArea | NotYourFunction | NoSuchCase):
        raise refusal
    field = getattr(refusal, "field", "") or FIELD_OF.get(refusal.code, "")
    return {"field": field, "text": refusal.sentence(language())}


def case_or_404(actor: Actor, key: UUID, verb: str) -> Case:
    """The case, or a page that does not exist; refuses with ``OutsideYourArea``."""
    try:
        return case_by_key(actor, key, verb)
    except NoSuchCase as nothing:
        raise Http404("no such case") from nothing


def head(case: Case) -> dict[str, Any]:
    """What every page about a case shows first: the case and its person; and where papers can be opened."""
    try:
        reverse("desk:document", args=[case.key])
        opens = "desk:document"
    except NoReverseMatch:
        opens = ""
    person = profiles.cards([case.member_id]).get(case.member_id or -1)
    return {"case": case, "person": person, "documents_open": opens}


def papers(actor: Actor, case: Case) -> list[Any]:
    """What was handed in for a case, where the actor may see it."""
    return documents_of("case", str(case.key)) if actor.may("document.view") else []


def evidence_typed(request: HttpRequest) -> dict[str, str]:
    """The fields of a visit as they were typed, to be shown again."""
    return {name: request.POST.get(name, "")[:2000] for name in ("visited_on", "seen")}


def evidence_of(request: HttpRequest, errors: list[dict[str, str]]) -> Evidence:
    """The document and the visit of a form; a day that is none is an error."""
    text, visited_on = request.POST.get("visited_on", "").strip(), None
    if text:
        try:
            visited_on = date.fromisoformat(text)
        except ValueError:
            errors.append(
                {"field": "visited_on", "text": _("Give the day of the visit, for example 2016-10-03")}
            )
    file = request.FILES.get("document")
    # one byte more than allowed is enough to be refused
    content = file.read(MOST_BYTES + 1) if file is not None else None
    return Evidence(content or None, visited_on, request.POST.get("seen", "")[:2000])
