"""What a change would bring, as pages show it: before and after of everybody in the actor's area."""

from __future__ import annotations

from datetime import date
from typing import Any

from haqdar.access.actors import Actor
from haqdar.cases import reactions as decided
from haqdar.cases import since
from haqdar.cases.merged import SAME_PERSON
from haqdar.cases.models import StandingDecision
from haqdar.cases.reactions import Decision, Outlook
from haqdar.registry import profiles


def shown_outlook(actor: Actor, outlook: Outlook) -> dict[str, Any]:
    """Whom a change touches and what changes for them, as far as the actor may see them; the others are counted."""
    seen = since.members_in_area(actor, outlook.touched)
    people = profiles.cards(seen)
    changed = [key for key in outlook.changed if key[0] in seen]
    members = {member for member, _group in changed}
    return {
        "run": decided.last_run(),
        "day": outlook.day,
        "rows": [(shown_change(outlook, key), people[key[0]]) for key in changed],
        "unchanged": [
            people[member] for member in outlook.touched if member in seen and member not in members
        ],
        "elsewhere": sum(member not in seen for member in outlook.touched),
        "elsewhere_changed": len({key[0] for key in outlook.changed} - seen),
    }


def shown_end(scheme: str, paise: int | None, day: date) -> dict[str, Any]:
    """A pension that ends from `day` on, when its notice has run out, because the person holds another of its group."""
    return {
        "action": "stop",
        "reason": SAME_PERSON,
        "was_scheme": scheme,
        "was_paise": paise,
        "effect": StandingDecision.Effect.NOTICE,
        "effective_on": day,
    } | dict.fromkeys(("missing", "scheme", "paise", "was_action", "was_missing"))


def shown_change(outlook: Outlook, key: tuple[int, int]) -> dict[str, Any]:
    """Before and after of one person and group, in the words of a standing decision."""
    before, after = outlook.before.get(key), outlook.after.get(key)
    effect, effective_on = decided.effect_of(after, outlook.day)

    def pays(decision: Decision | None) -> tuple[str | None, int | None]:
        return decision.pays if decision is not None else (None, None)

    return {
        "pension_group": key[1],
        "action": after.action if after else "",
        "reason": after.reason if after else "",
        "missing": after.missing if after else "",
        "scheme": pays(after)[0],
        "paise": pays(after)[1],
        "was_action": before.action if before else "",
        "was_scheme": pays(before)[0],
        "was_paise": pays(before)[1],
        "was_missing": before.missing if before else "",
        "effect": effect,
        "effective_on": effective_on,
    }
