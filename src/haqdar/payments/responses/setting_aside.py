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
from haqdar.cases.opening import open_payment_cases
from haqdar.payments import entries, holds, returns
from haqdar.payments.models import Hold, NameDifference, ResponseLine, SetAsideNote
from haqdar.payments.responses import parts
from haqdar.payments.responses.profiles import profiles


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


class GoneAgain(Refusal):
    """The same money is on its way a second time."""

    code = "gone_again"
    en = (
        "The same money was presented again and stands in {name}. If that has not gone out yet, withdraw it, then decide here. If it"
        " has, ask the bank to give one of the two back: once that return is read, decide here."
    )
    hi = (
        "यही पैसा दोबारा भेजने के लिए {name} में है। वह अभी गया न हो तो उसे वापस लें, फिर यहाँ निर्णय करें। जा चुका हो तो बैंक से दोनों में से एक वापस"
        " माँगें: वह वापसी दर्ज होने पर यहाँ निर्णय करें।"
    )
    field = "decision"


def look_into(actor: Actor, line_id: int, decision: str, note: str) -> SetAsideNote:
    """Write down what was found out about a set-aside line; of contradicting answers, which one is right.

    `bank_right` says that the later answer is, and the ledger follows it. A credit that had been returned reached the account: it is
    not presented again (payable is paid from cash). A credit that had been reported as made came back: it is owed again and gets its
    `Return` with the next step. `part` says of a line that names a part of a credit that so much came back, or was credited. Needs
    `response.read`. Raises `NothingSetAside`, `NotADecision`, `SayWhatWasFound`, `GoneAgain`, `SettledBefore`.
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
        part = parts.of_line(line)
        allowed = ("noted", "part") if part else ("noted",)
        if line.disposition == "contradiction":
            allowed = ("stands", "bank_right")
        if decision not in allowed:
            raise NotADecision()
        if not note.strip():
            raise SayWhatWasFound()
        found = SetAsideNote.objects.create(
            line=line, decision=decision, note=note.strip()[:500], made_at=timezone.now(), made_by=actor.name
        )
        if decision == "bank_right":
            _follow(cursor, actor, line)
        if decision == "part" and part:
            parts.follow(cursor, line, part, _reasons(line))
        record(
            actor,
            "response.read",
            "response_line",
            f"{line.file.key}/{line.line_no}",
            new={"decision": decision},
        )
    return found


def _follow(cursor: Any, actor: Actor, line: ResponseLine) -> None:
    if line.outcome == "returned":
        entries.post_returned_after_all(cursor, line.pk)
        returns.take_back_after_all(cursor, line.pk, _reasons(line))
    elif _not_again(cursor, actor, line):
        entries.post_credited_after_all(cursor, line.pk)


def _reasons(line: ResponseLine) -> str:
    """The table of reason codes by which the line's file was read; the treasury's answers come without a profile of a file."""
    known = profiles().get(line.file.profile)
    return known.reasons if known is not None else "nach"


def _not_again(cursor: Any, actor: Actor, line: ResponseLine) -> bool:
    """See to it that what was credited after all does not go out again; False where that was settled before.

    What was presented again is stopped if it has not gone out. Raises `GoneAgain`.
    """
    cursor.execute(_LAST, [line.instruction_id])
    last, corrects = cursor.fetchone()
    note = "credited after all, as the bank says"
    if returns.settle(cursor, actor, last, ("waiting", "ready", "held"), note):
        return True
    if last == line.instruction_id:
        return False
    cursor.execute(_UNDER_WAY, {"id": last})
    under_way = cursor.fetchone()
    if under_way is not None:
        raise GoneAgain(name=under_way[0])
    cursor.execute("UPDATE payments_instruction SET state = 'superseded' WHERE id = %s", [last])
    return returns.settle(cursor, actor, corrects, ("represented",), note)


_LAST = """
    WITH RECURSIVE chain AS (
        SELECT id, corrects_id FROM payments_instruction WHERE id = %s
        UNION ALL
        SELECT n.id, n.corrects_id FROM chain c JOIN payments_instruction n ON n.corrects_id = c.id AND n.state = 'written'
    )
    SELECT i.id, i.corrects_id FROM payments_instruction i WHERE i.id = (SELECT max(id) FROM chain) FOR UPDATE"""
"""The last credit of a chain, with the one that it corrects."""

_UNDER_WAY = """
    SELECT f.name FROM payments_file_item t JOIN payments_file f ON f.id = t.file_id WHERE t.instruction_id = %(id)s AND t.alive
    UNION ALL
    SELECT b.number FROM payments_treasury_credit c JOIN payments_treasury_bill b ON b.id = c.bill_id WHERE c.instruction_id = %(id)s
    LIMIT 1"""


def judge_name(actor: Actor, key: UUID, finding: str, note: str) -> NameDifference:
    """Say whether the holder of an account is the payee: same, or other.

    What would go to somebody else's account is held from then on, and the local body has a case to correct the account; the payee is
    told. The hold ends as every other, by who may release it, once the account is right.

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
        if finding == "other":
            with connection.cursor() as cursor:
                _keep_from_others(cursor, actor, found)
    return found


def _keep_from_others(cursor: Any, actor: Actor, found: NameDifference) -> None:
    cursor.execute(
        "CREATE TEMP TABLE payment_trouble ON COMMIT DROP AS SELECT d.member_id, i.pension_group, d.scheme, i.paise,"
        " 'other_holder' AS reason, d.area_code FROM payments_name_difference d JOIN payments_instruction i"
        " ON i.id = d.instruction_id WHERE d.id = %s",
        [found.pk],
    )
    cursor.execute("SELECT max(id) FROM cases_month_run WHERE state = 'complete' AND posted")
    open_payment_cases(cursor, cursor.fetchone()[0], timezone.localdate(), whole=False)
    cursor.execute("DROP TABLE payment_trouble")
    cursor.execute("SELECT key FROM registry_resident WHERE member_id = %s", [found.member_id])
    resident = cursor.fetchone()
    if Hold.objects.filter(member_id=found.member_id, scheme=found.scheme, released_at=None).exists():
        return
    payee = holds.Payee(
        found.member_id,
        resident[0] if resident else None,
        found.instruction.pension_group,
        found.scheme,
        found.area_code,
    )
    holds.place(actor, "payee.change", Hold.Origin.OFFICER, [(payee, "account", found.note)])
