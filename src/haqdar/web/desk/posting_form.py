"""The form of a posting: function, area, days, charge, delegated tasks."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from haqdar.access.actors import SECOND_FACTOR, Actor
from haqdar.access.employees import areas_named, verbs_of
from haqdar.access.employing import Planned
from haqdar.access.models.people import Role
from haqdar.base.refusal import Refusal

OWN = "own_account.manage"
FIELD_OF = {
    "bad_username": "username",
    "username_taken": "username",
    "role_not_there": "area",
    "no_such_area": "area",
    "outside_your_area": "area",
    "already_posted": "from_on",
    "dates_out_of_order": "to_on",
    "charge_needs_end": "to_on",
    "in_the_past": "from_on",
    "transfer_too_early": "from_on",
    "nothing_delegated": "functions",
    "function_not_in_role": "functions",
}


def read_day(text: str) -> date | None:
    """A day as date fields send it; None for anything else."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def delegable(role: str) -> list[str]:
    """The tasks that can be given or kept back; the own account is everybody's."""
    return [verb for verb in verbs_of(role) if verb != OWN]


def chosen_functions(request: HttpRequest, role: str) -> frozenset[str] | None:
    """The ticked tasks; None for all of them, which then also means tasks that a later law adds to the function."""
    ticked = frozenset(request.POST.getlist("functions"))
    return None if ticked == frozenset(delegable(role)) else ticked


class PostingForm:
    """What was typed, read strictly; `errors` and `planned()` say what came of it."""

    def __init__(self, request: HttpRequest, actor: Actor, role: str = "") -> None:
        data = request.POST if request.method == "POST" else request.GET
        asked = data.get("role", role)
        self.request, self.actor = request, actor
        self.role = asked if asked in Role.values else ""
        self.area = data.get("area", "")[:100].strip()
        self.area_code = data.get("area_code", "")[:40]
        self.from_on = data.get("from_on", timezone.localdate().isoformat())[:10]
        self.to_on = data.get("to_on", "")[:10]
        self.charge = "acting" if data.get("charge") == "acting" else "regular"
        self.functions = set(data.getlist("functions")) if "posted" in data else set(delegable(self.role))
        self.areas: list[dict[str, Any]] = []
        self.errors: list[dict[str, str]] = []

    def planned(self) -> Planned | None:
        """The posting that was typed, or None with `errors`."""
        if not self.role:
            self.errors.append({"field": "role", "text": _("Choose a function")})
        code = self._found_area()
        first, last = read_day(self.from_on), read_day(self.to_on)
        if first is None:
            self.errors.append({"field": "from_on", "text": _("Enter the first day")})
        if self.to_on and last is None:
            self.errors.append({"field": "to_on", "text": _("This is not a day. Enter day, month and year")})
        if self.errors or first is None or not code:
            return None
        return Planned(
            role=self.role,
            area_code=code,
            from_on=first,
            to_on=last,
            charge=self.charge,
            functions=chosen_functions(self.request, self.role),
        )

    def _found_area(self) -> str:
        """The code of the area meant: the one ticked, or the only one whose name or code fits."""
        if not self.area:
            self.errors.append({"field": "area", "text": _("Enter the name or code of an area")})
            return ""
        self.areas = areas_named(self.actor, self.area)
        codes = [one["area_code"] for one in self.areas]
        if self.area_code in codes:
            return self.area_code
        if len(codes) == 1 or self.area in codes:
            return self.area if self.area in codes else str(codes[0])
        if codes:
            self.errors.append({"field": "area_code", "text": _("Several areas fit. Choose one")})
        else:
            text = _("No area of yours has this name or code. Write it as in the list of areas")
            self.errors.append({"field": "area", "text": text})
        return ""

    def error_of(self, refusal: Refusal) -> dict[str, str]:
        """A refusal beside the field that it is about."""
        return {
            "field": FIELD_OF.get(refusal.code, "main"),
            "text": refusal.sentence(translation.get_language() or "hi"),
        }

    def context(self, errors: list[dict[str, str]]) -> dict[str, Any]:
        """What the template shows."""
        return {
            "form": self,
            "errors": errors,
            "wrong": {error["field"]: error["text"] for error in errors},
            "verbs": [
                {"verb": verb, "ticked": verb in self.functions, "strong": verb in SECOND_FACTOR}
                for verb in delegable(self.role)
            ],
            "today": timezone.localdate(),
        }
