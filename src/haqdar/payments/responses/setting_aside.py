"""What people find out about lines that were set aside, and about names that differ."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting, require, require_area
from haqdar.access.queries import path_of_area
from haqdar.base.refusal import Refusal
from haqdar.payments import entries
from haqdar.payments.models import NameDifference, ResponseLine, Return, SetAsideNote


class NothingSetAside(Refusal):
    """The line does not wait for anybody."""

    code = "nothing_set_aside"
    en = "This line does not wait for anybody: it was applied, or looked into already. Nothing was changed."
    hi = "यह पंक्ति किसी की प्रतीक्षा में नहीं है: लागू हो चुकी है या देखी जा चुकी है। कुछ नहीं बदला।"


class SayWhatWasFound(Refusal):
    """A finding needs words."""

    code = "say_what_was_found"
    en = "Write what you found out, and from whom."
    hi = "लिखें कि क्या पता चला और किससे।"
    field = "note"


class NotADecision(Refusal):
    """The finding is not one of the list."""

    code = "not_a_set_aside_decision"
    en = "Choose what follows from what you found."
    hi = "चुनें कि जो पता चला उससे क्या होगा।"
    field = "decision"


def look_into(actor: Actor, line_id: int, decision: str, note: str) -> SetAsideNote:
    """Write down what was found out about a set-aside line; of contradicting answers, which one is right.

    `bank_right` says that a credit which was returned reached the account after all: it is not presented again, and the ledger
    follows (payable is paid from cash). Needs `response.read`. Raises `NothingSetAside`, `NotADecision`, `SayWhatWasFound`.
    """
    actor = require(actor, "response.read")
    with acting(actor, "response.read"), connection.cursor() as cursor:
        line = ResponseLine.objects.select_for_update().filter(pk=line_id).select_related("file").first()
        if (
            line is None
            or line.disposition in ("applied", "repeated")
            or SetAsideNote.objects.filter(line=line).exists()
        ):
            raise NothingSetAside()
        allowed = ("stands", "bank_right") if line.disposition == "contradiction" else ("noted",)
        if decision not in allowed:
            raise NotADecision()
        if not note.strip():
            raise SayWhatWasFound()
        found = SetAsideNote.objects.create(
            line=line, decision=decision, note=note.strip()[:500], made_at=timezone.now(), made_by=actor.name
        )
        if decision == "bank_right":
            _follow(cursor, actor, line)
        record(
            actor,
            "response.read",
            "response_line",
            f"{line.file.key}/{line.line_no}",
            new={"decision": decision},
        )
    return found


def _follow(cursor: Any, actor: Actor, line: ResponseLine) -> None:
    settled = Return.objects.filter(
        instruction=line.instruction, state__in=("waiting", "ready", "held")
    ).update(
        state="settled",
        state_at=timezone.now(),
        state_by=actor.name,
        note="credited after all, as the bank says",
    )
    # what was presented again meanwhile is answered by the answer to that; only a waiting return is settled
    if settled and line.outcome == "credited":
        entries.post_credited_after_all(cursor, line.pk)


def judge_name(actor: Actor, key: UUID, finding: str, note: str) -> NameDifference:
    """Say whether the holder of an account is the payee: same, or other (then the account is to be corrected).

    Needs `payee.change` at the payee's place. Raises `NothingSetAside`, `NotADecision`, ``OutsideYourArea``.
    """
    actor = require(actor, "payee.change")
    with acting(actor, "payee.change"):
        found = NameDifference.objects.select_for_update().filter(key=key).first()
        if found is None:
            raise NothingSetAside()
        require_area(actor, path_of_area(found.area_code))
        if found.finding != "open":
            raise NothingSetAside()
        if finding not in ("same", "other"):
            raise NotADecision()
        found.finding, found.note = finding, note.strip()[:500]
        found.looked_at, found.looked_by = timezone.now(), actor.name
        found.save(update_fields=["finding", "note", "looked_at", "looked_by"])
        record(
            actor,
            "payee.change",
            "name_difference",
            str(key),
            old={"finding": "open"},
            new={"finding": finding},
        )
    return found
