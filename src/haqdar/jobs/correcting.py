"""A fact corrected for a case: everybody it touches is decided again, and the task that waited for it is closed."""

from __future__ import annotations

from collections.abc import Mapping

from haqdar.access.actors import Actor
from haqdar.cases import stopping
from haqdar.cases.deciding_cases import obtained
from haqdar.cases.models import Case
from haqdar.jobs.reactions import correct
from haqdar.registry.corrections import FACT_OF_MISSING
from haqdar.registry.evidence import Evidence


def correct_for(
    actor: Actor,
    case: Case,
    member_id: int,
    code: str,
    typed: Mapping[str, str],
    evidence: Evidence,
    belief_no: int | None = None,
    sure: bool = False,
) -> int:
    """Correct a fact that `case` is about; returns the number of the change.

    A task to obtain a fact is closed when the fact was the missing one, or when it holds an objection whose stop no longer
    follows. Raises what `registry.corrections.correct` raises.
    """
    number = correct(actor, member_id, code, typed, evidence, belief_no, sure)
    if case.awaits == "fact.correct" and _done(case, code):
        obtained(actor, case.key, change=number)
    return number


def _done(case: Case, code: str) -> bool:
    if case.details.get("hold"):
        objection = case.about
        against = objection.about if objection is not None else None
        decision = stopping.decision_now(case)
        return against is None or decision is None or decision.action != against.kind
    return FACT_OF_MISSING.get(case.reason) == code
