"""Looking at everybody by the rules, and what an officer says of a finding. Sets only: a few statements whatever the State's size."""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting, require, require_area
from haqdar.access.queries import path_of_area
from haqdar.base.refusal import Refusal
from haqdar.base.sql import statement
from haqdar.identity.models import QualityFinding, QualityLook
from haqdar.identity.quality.rules import RULES
from haqdar.registry.entries import HEAD_WORDS
from haqdar.registry.merges import not_merged

PACKAGE = "haqdar.identity"
_LOCK = 6_226_014


class NoSuchFinding(Refusal):
    """The finding is closed or lies elsewhere."""

    code = "no_such_finding"
    en = "There is nothing to put right here any more. Open the list again."
    hi = "यहाँ अब कुछ सुधारने को नहीं है। सूची फिर से खोलें।"


class SayWhyItIsRight(Refusal):
    """An acceptance needs words."""

    code = "say_why_it_is_right"
    en = "Write what you saw that shows it is right, for example the paper."
    hi = "लिखें कि आपने क्या देखा जिससे यह सही है, जैसे कौन सा काग़ज़।"
    field = "note"


def look(actor: Actor) -> QualityLook:
    """Look at the whole register by every rule; returns what came of it. Needs `quality.look`.

    A finding that is there already stays; one that is found no more is closed. May be repeated at any time.
    """
    actor = require(actor, "quality.look")
    begun = time.monotonic()
    with acting(actor, "quality.look"), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        people_now = statement(PACKAGE, "quality_people").replace("{gone}", statement(PACKAGE, "gone"))
        people_now = people_now.replace("{head_words}", ", ".join(f"'{word}'" for word in HEAD_WORDS))
        cursor.execute(people_now.replace("{not_merged}", not_merged("b.member_id")))
        now = timezone.now()
        today = {"today": timezone.localdate(now)}
        for rule in RULES:
            cursor.execute(
                f"INSERT INTO quality_found SELECT '{rule.code}', found.* FROM ({rule.rows}) found", today
            )
        cursor.execute(
            "SELECT (SELECT count(*) FROM living), count(*),"
            " (SELECT count(*) FROM identity_quality_finding WHERE closed_at IS NULL) FROM quality_found"
        )
        people, found, before = cursor.fetchone() or (0, 0, 0)
        one = QualityLook.objects.create(
            looked_at=now, started_by=actor.name, people=people, found=found, opened=0, closed=0, seconds=0
        )
        values: dict[str, Any] = {
            "now": now,
            "look": one.pk,
            "hints": [rule.code for rule in RULES if rule.hint],
        }
        for part in statement(PACKAGE, "quality_keep").split(";\n"):
            cursor.execute(part, values)
        one.closed = QualityFinding.objects.filter(closed_at=now).count()
        one.opened = found - (before - one.closed)
        one.seconds = round(time.monotonic() - begun, 1)
        one.save(update_fields=["opened", "closed", "seconds"])
        record(
            actor, "quality.look", "quality", str(one.pk), new={"found": found, "opened": one.opened, "closed": one.closed}
        )  # fmt: skip
    return one


def accept(actor: Actor, key: UUID, note: str) -> QualityFinding:
    """Say that a finding is right as it stands, and why. Needs `quality.accept` in its area."""
    actor = require(actor, "quality.accept")
    if len(note.strip()) < 5:
        raise SayWhyItIsRight()
    with acting(actor, "quality.accept"):
        found = (
            QualityFinding.objects.select_for_update().filter(key=key, closed_at=None, accepted_by="").first()
        )
        if found is None:
            raise NoSuchFinding()
        require_area(actor, path_of_area(found.area_code))
        found.accepted_by, found.accepted_at, found.note = actor.name, timezone.now(), note.strip()[:500]
        found.save(update_fields=["accepted_by", "accepted_at", "note"])
        record(actor, "quality.accept", "quality", str(key), new={"rule": found.rule, "note": found.note})
    return found
