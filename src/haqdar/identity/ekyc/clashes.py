"""One verified number in two records: a signal that goes to those who compare duplicates, as a pair of the two."""

from __future__ import annotations

from uuid import uuid5

from django.utils import timezone

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting
from haqdar.identity.ekyc.verified import holder
from haqdar.identity.models import EkycCheck, Pair
from haqdar.identity.pairs import evidence_of
from haqdar.registry.models import FamilyBelief, ResidentBelief

WEIGHT = 10.0
"""A thousand to one: so seldom are four digits of a document joined with another one's number, by mistake or on purpose."""


def opened(actor: Actor, check: EkycCheck) -> Pair | None:
    """The pair of the resident of a refused check and of whoever is verified with that number, open with this evidence.

    What people judged stays judged, unless two people, and a record is another one since. None where nobody is verified with it
    any more. The caller has asked whether the actor may.
    """
    held = holder(check)
    if held is None:
        return None
    members = sorted((check.member_id, held.member_id))
    beliefs = [ResidentBelief.objects.filter(member_id=one).latest("belief_no") for one in members]
    areas = [
        FamilyBelief.objects.filter(family_id=one.family_id)
        .order_by("-belief_no")
        .values_list("area_code", flat=True)
        .first()
        for one in beliefs
    ]
    now = timezone.now()
    facts = uuid5(check.aadhaar_ref, ".".join(str(one.belief_no) for one in beliefs))
    line = ["aadhaar", "verified", WEIGHT]
    with acting(actor, actor.function):
        found, new = Pair.objects.select_for_update().get_or_create(
            first_id=members[0],
            second_id=members[1],
            defaults={
                "first_area": areas[0], "second_area": areas[1], "weight": WEIGHT, "band": Pair.Band.REVIEW,
                "evidence": [line], "facts": facts, "since_at": now, "found_at": now, "run": None,
            },
        )  # fmt: skip
        again = found.state == Pair.State.WITHDRAWN or (
            found.state == Pair.State.DIFFERENT and found.judged_facts != facts
        )
        if not new and (again or found.state == Pair.State.OPEN):
            found.first_area, found.second_area = areas
            found.evidence = [line, *(one for one in evidence_of(found.evidence) if one[0] != "aadhaar")]
            found.weight, found.facts, found.run, found.found_at = max(found.weight, WEIGHT), facts, None, now
            if again:
                found.state, found.since_at = Pair.State.OPEN, now
            found.save()
        found.refresh_from_db(fields=["key"])
        record(
            actor, "pair.clash", "pair", str(found.key),
            new={"evidence": "same_verified_number", "state": found.state, "check": str(check.key)},
        )  # fmt: skip
    return found
