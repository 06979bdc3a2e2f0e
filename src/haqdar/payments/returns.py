"""Credits that came back: what each needs next, presenting them again, and what happens when the budget year ends."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils import timezone

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting, require, require_area
from haqdar.access.queries import path_of_area
from haqdar.base.month import Month
from haqdar.base.names import joined_key_sql, name_key_sql
from haqdar.base.refusal import Refusal, Words
from haqdar.base.sql import statement
from haqdar.cases.offices import HoldingOffice, offices_of_kinds
from haqdar.cases.opening import close_payment_cases, open_payment_cases, open_reports_of_death
from haqdar.law.payments import payment_rules
from haqdar.outreach.outbox import Telling, tell_many
from haqdar.payments.budget import budget_year
from haqdar.payments.closing import closing_of
from haqdar.payments.instructing import reference_key
from haqdar.payments.late import Late, gather, instruct, release_for_heirs
from haqdar.payments.ledger import PACKAGE
from haqdar.payments.models import Return
from haqdar.payments.returned_for import reason, table
from haqdar.payments.words import month_name
from haqdar.registry.sealing import ACCOUNT, sealer

_AT_A_TIME = 5_000
_COUNTERS = ["gp", "ulb", "janpad"]
"""The kinds of office that somebody with a returned credit is sent to: the nearest of them."""


class MonthStillOpen(Refusal):
    """Corrected credits are presented with a month that can no longer be run again."""

    code = "month_still_open"
    en = "{month} is not closed yet. Close it first: returned credits are presented again with its files."
    hi = "{month} अभी बंद नहीं हुआ है। पहले उसे बंद करें: लौटे भुगतान उसी की फ़ाइलों के साथ फिर जाते हैं।"


class NoSuchReturn(Refusal):
    """There is no returned credit with the key."""

    code = "no_such_return"
    en = "There is no such returned credit. Choose one from the list."
    hi = "ऐसा कोई लौटा भुगतान नहीं है। सूची में से चुनें।"


class NotWaiting(Refusal):
    """The returned credit went on meanwhile."""

    code = "return_not_waiting"
    en = "This returned credit does not wait for anything here any more; open it again to see what happened. Nothing was changed."
    hi = "यह लौटा भुगतान अब यहाँ किसी बात की प्रतीक्षा में नहीं है; देखने के लिए फिर खोलें। कुछ नहीं बदला।"


class SayWhatWasSettled(Refusal):
    """A returned credit goes on only with words."""

    code = "say_what_was_settled"
    en = "Write what was settled at the bank, and how you know."
    hi = "लिखें कि बैंक में क्या ठीक हुआ और आपको कैसे पता चला।"
    field = "note"


# -- when an answer brings a credit back ---------------------------------------------------------------------------


def take_back(cursor: Any, file_id: int, reasons: str) -> int:
    """Write a `Return` for each credit that the file of answers brought back and take its first step; returns how many.

    In the transaction that applies the file. The local body gets a case where an account must be corrected or the person must go to
    the bank, the pension section one where the bank reports a death (with a hold), and everybody concerned a message.
    """
    values = _by_the_table(reasons) | {"file": file_id}
    cursor.execute(statement(PACKAGE, "return_new"), values)
    came_back = int(cursor.rowcount)
    if values["least"]:
        cursor.execute(_name_difference(), values)
    if came_back:
        _give_work(cursor, values)
        _tell(file_id)
    return came_back


def _name_difference() -> str:
    text = statement(PACKAGE, "name_difference")
    for mark, name in (("their", "l.account_name"), ("our", "i.payee_name"), ("receiver", "b.name_en")):
        for kind, key in (("key", name_key_sql), ("joined", joined_key_sql)):
            # a percent sign would be taken for a placeholder
            text = text.replace(f"{{{mark}_{kind}}}", key(name, "postgresql").replace("%", "%%"))
    return text


def _by_the_table(reasons: str) -> dict[str, Any]:
    """What the queries of returns ask: the versions of a table of reasons, and the law's figures."""
    rules = payment_rules(Path(settings.HAQDAR_LAW))
    versions = [
        {
            # the first version holds for everything before it, too
            "since": "-infinity" if number == 0 else version.since.isoformat(),
            "other": version.other,
            "codes": {code: one.action for code, one in version.codes.items()},
        }
        for number, version in enumerate(table(reasons))
    ]
    return {
        "file": None,
        "line": None,
        "part": None,
        "reasons": reasons,
        "versions": json.dumps(versions),
        "most_retries": rules.most_retries,
        "review_days": rules.hold_review_days,
        "least": rules.name_likeness,
    }


def _give_work(cursor: Any, values: dict[str, Any]) -> None:
    today = timezone.localdate()
    cursor.execute("SELECT max(id) FROM cases_month_run WHERE state = 'complete' AND posted")
    (run_id,) = cursor.fetchone()
    cursor.execute(f"CREATE TEMP TABLE payment_trouble ON COMMIT DROP AS {trouble()}")
    open_payment_cases(cursor, run_id, today, whole=False)
    cursor.execute("DROP TABLE payment_trouble")
    cursor.execute(statement(PACKAGE, "return_hold"), values)
    cursor.execute(
        "CREATE TEMP TABLE reported_dead ON COMMIT DROP AS SELECT DISTINCT ON (r.member_id) r.member_id, r.pension_group, r.scheme,"
        " r.paise, r.area_code FROM payments_return r"
        " JOIN payments_response_line l ON l.id = r.line_id AND l.instruction_id = r.instruction_id"
        " WHERE l.file_id = %(file)s AND l.disposition = 'applied' AND l.outcome = 'returned' AND r.state = 'held'"
        " ORDER BY r.member_id, r.id",
        values,
    )
    open_reports_of_death(cursor, run_id, today)
    cursor.execute("DROP TABLE reported_dead")


def trouble() -> str:
    """The query of what keeps returned credits from going out again, for the cases of payees whom a month cannot pay."""
    return statement(PACKAGE, "return_trouble")


_TELL = """
    SELECT r.key, r.month, r.action, r.reasons, r.reason_code, r.returned_on, r.area_code, m.mobile
    FROM payments_return r JOIN payments_response_line l ON l.id = r.line_id AND l.instruction_id = r.instruction_id
    JOIN LATERAL (SELECT mobile FROM registry_resident_belief b WHERE b.member_id = r.member_id ORDER BY belief_no DESC LIMIT 1) m
        ON coalesce(m.mobile, '') <> ''
    WHERE l.file_id = %s AND l.disposition = 'applied' AND l.outcome = 'returned' AND r.action <> 'death'
    ORDER BY r.id"""

MESSAGES = {
    "retry": "payment_returned_retry",
    "switch_rail": "payment_returned_retry",
    "beneficiary": "payment_returned_bank",
    "correct": "payment_returned",
}
"""Action -> the message of law/<state>/letters/messages.yaml. Nobody is told by telephone that somebody is said to be dead."""


def _tell(file_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_TELL, [file_id])
        rows = iter(cursor.fetchall())
    while part := list(islice(rows, _AT_A_TIME)):
        offices = offices_of_kinds([(row[6], _COUNTERS) for row in part])
        tell_many([_telling(row, office) for row, office in zip(part, offices, strict=True)])


def _telling(row: tuple[Any, ...], office: HoldingOffice) -> Telling:
    key, month, action, reasons, code, on, _area, mobile = row
    said = reason(reasons, code, on)
    values = {
        "month": Words(month_name(month, "en"), month_name(month, "hi")),
        "reason": Words(said.en, said.hi),
        "office": Words(office.name("en"), office.name("hi")),
    }
    return Telling(MESSAGES[action], mobile, "hi", "return", str(key), values)


# -- when a person found out which of two answers is right -----------------------------------------------------------


def take_back_after_all(cursor: Any, line_id: int, reasons: str, part: int | None = None) -> None:
    """Write the `Return` of a credit that came back although it had been reported as made, with its first step as in `take_back`.

    `part`: only so many paise of it came back.
    """
    values = _by_the_table(reasons) | {"line": line_id, "part": part}
    cursor.execute(statement(PACKAGE, "return_new"), values)
    found = Return.objects.filter(line_id=line_id).first()
    if found is None:
        return
    today = timezone.localdate()
    cursor.execute("SELECT max(id) FROM cases_month_run WHERE state = 'complete' AND posted")
    (run_id,) = cursor.fetchone()
    if found.state == Return.State.HELD:
        cursor.execute(_HOLD_ONE, values | {"id": found.pk})
        cursor.execute(
            "CREATE TEMP TABLE reported_dead ON COMMIT DROP AS"
            " SELECT member_id, pension_group, scheme, paise, area_code FROM payments_return WHERE id = %s",
            [found.pk],
        )
        open_reports_of_death(cursor, run_id, today)
        cursor.execute("DROP TABLE reported_dead")
        return
    cursor.execute(f"CREATE TEMP TABLE payment_trouble ON COMMIT DROP AS {trouble()}")
    open_payment_cases(cursor, run_id, today, whole=False)
    cursor.execute("DROP TABLE payment_trouble")
    cursor.execute(_TELL_ONE, [found.pk])
    rows = cursor.fetchall()
    offices = offices_of_kinds([(row[6], _COUNTERS) for row in rows])
    tell_many([_telling(row, office) for row, office in zip(rows, offices, strict=True)])


_HOLD_ONE = """
    INSERT INTO payments_hold (member_id, resident_key, pension_group, scheme, area_code, origin, reason, note, placed_at, placed_by,
        review_on, released_by, release_note)
    SELECT r.member_id, i.key, r.pension_group, r.scheme, r.area_code, 'bank', 'died', '', now(), 'platform',
        current_date + %(review_days)s::int, '', ''
    FROM payments_return r LEFT JOIN registry_resident i ON i.member_id = r.member_id WHERE r.id = %(id)s
    ON CONFLICT DO NOTHING"""

_TELL_ONE = """
    SELECT r.key, r.month, r.action, r.reasons, r.reason_code, r.returned_on, r.area_code, m.mobile
    FROM payments_return r
    JOIN LATERAL (SELECT mobile FROM registry_resident_belief b WHERE b.member_id = r.member_id ORDER BY belief_no DESC LIMIT 1) m
        ON coalesce(m.mobile, '') <> ''
    WHERE r.id = %s"""


def settle(cursor: Any, actor: Actor, instruction_id: int, of: Sequence[str], note: str) -> bool:
    """The returned credit is not made again: it reached the account after all. False where it is in none of the states `of`."""
    settled = Return.objects.filter(instruction_id=instruction_id, state__in=of).update(
        state=Return.State.SETTLED, state_at=timezone.now(), state_by=actor.name, note=note
    )
    if settled:
        _close_cases(
            cursor,
            "SELECT member_id, scheme FROM payments_return WHERE instruction_id = %s",
            [instruction_id],
        )
    return bool(settled)


# -- acts of people ------------------------------------------------------------------------------------------------


def settled_at_bank(actor: Actor, key: UUID | str, note: str) -> Return:
    """The person has settled it with the bank, so the same credit can go out again.

    Needs `payee.change` at the payee's place. Raises `NoSuchReturn`, `NotWaiting`, `SayWhatWasSettled`, ``OutsideYourArea``.
    """
    actor = require(actor, "payee.change")
    if not note.strip():
        raise SayWhatWasSettled()
    return _move(actor, "payee.change", key, ("waiting",), Return.State.READY, note)


def alive_after_all(actor: Actor, key: UUID | str, note: str) -> Return:
    """The death that the bank reported was looked into and is none; the credit goes out again once its hold is released.

    Needs `hold.release` at the payee's place. Raises as `settled_at_bank`.
    """
    actor = require(actor, "hold.release")
    if not note.strip():
        raise SayWhatWasSettled()
    return _move(actor, "hold.release", key, ("held",), Return.State.READY, note)


def _move(actor: Actor, verb: str, key: UUID | str, of: Sequence[str], to: Return.State, note: str) -> Return:
    with acting(actor, verb), connection.cursor() as cursor:
        found = Return.objects.select_for_update().filter(key=key).first()
        if found is None:
            raise NoSuchReturn()
        require_area(actor, path_of_area(found.area_code))
        if found.state not in of:
            raise NotWaiting()
        old = found.state
        found.state, found.state_at, found.state_by, found.note = (
            to,
            timezone.now(),
            actor.name,
            note.strip()[:500],
        )
        found.save(update_fields=["state", "state_at", "state_by", "note"])
        _close_cases(cursor, "SELECT member_id, scheme FROM payments_return WHERE id = %s", [found.pk])
        record(actor, verb, "return", str(found.key), old={"state": old}, new={"state": str(to)})
    return found


def _close_cases(cursor: Any, query: str, values: Sequence[Any] = ()) -> None:
    """Close the cases of those whom `query` names, unless another of their credits waits still or the latest month cannot pay them."""
    cursor.execute(
        f"CREATE TEMP TABLE payment_settled ON COMMIT DROP AS SELECT DISTINCT s.* FROM ({query}) s WHERE NOT EXISTS ("
        " SELECT FROM payments_return r WHERE r.member_id = s.member_id AND r.scheme = s.scheme AND r.state = 'waiting')"
        " AND NOT EXISTS (SELECT FROM payments_not_payable n JOIN cases_month_run r ON r.id = n.run_id WHERE n.member_id = s.member_id"
        " AND n.scheme = s.scheme AND r.state = 'complete' AND r.posted AND NOT EXISTS (SELECT FROM payments_instruction i"
        "  WHERE i.run_id = n.run_id AND i.member_id = n.member_id AND i.scheme = n.scheme AND i.origin = '')"
        " AND r.month = (SELECT max(month) FROM cases_month_run WHERE state = 'complete' AND posted))",
        values,
    )
    close_payment_cases(cursor)
    cursor.execute("DROP TABLE payment_settled")


# -- presenting again ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Represented:
    """What went into the present month: credits, their sum in paise, and how many of them to another account than before.

    `late` is what goes out for the first time: of closed months whose payee can be reached since, and compensations for delays.
    """

    month: Month
    credits: int
    paise: int
    corrected: int
    late: Late


def represent(actor: Actor, month: Month) -> Represented:
    """Write what can go out now beside the closed `month`'s own credits; repeating it adds nothing.

    Returned credits get new instructions in the month: retries go to the account as it is now; what waited for a correction goes once
    the register has another account, branch or name; an Aadhaar credit that found no account goes to the account on record; what is
    owed to the dead goes to an heir. The old instruction, the present account and the corrected one all stay readable along the chain
    of `Instruction.corrects`. What closed months could not send and compensations follow (payments.late). Needs
    `return.represent`. Raises `MonthStillOpen`.
    """
    actor = require(actor, "return.represent")
    closing = closing_of(month.first_day)
    if closing is None:
        raise MonthStillOpen(month=month)
    with acting(actor, "return.represent"), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE payments_return IN SHARE ROW EXCLUSIVE MODE")
        return _present(cursor, actor, month, closing.run_id, None)


def present_lapsed(cursor: Any, actor: Actor, month: Month, run_id: int, ddo_code: str) -> Represented:
    """Write new instructions for what lapsed with its budget year and can go out again, in the caller's transaction.

    Whoever draws a supplementary bill does it first: only what is presented again stands on it. The new credits go out when the bill
    is passed, or over the treasury's line with the bill itself.
    """
    cursor.execute(
        "SELECT FROM payments_return WHERE lapsed_on IS NOT NULL AND state IN ('waiting', 'ready', 'held') AND ddo_code = %s"
        " ORDER BY id FOR UPDATE",
        [ddo_code],
    )
    return _present(cursor, actor, month, run_id, ddo_code)


def _present(cursor: Any, actor: Actor, month: Month, run_id: int, ddo_code: str | None) -> Represented:
    """Present again: all that did not lapse, with what goes out for the first time; or what lapsed of one drawing officer."""
    values: dict[str, Any] = {
        "month": month.first_day,
        "run": run_id,
        "ddo": ddo_code,
        "year_from": date(
            budget_year(month.first_day), payment_rules(Path(settings.HAQDAR_LAW)).year_begins, 1
        ),
        "key": reference_key(settings.HAQDAR_SECRET),
    }
    gather(cursor, month.first_day)
    released = release_for_heirs(cursor, actor) if ddo_code is None else 0
    cursor.execute("DROP TABLE IF EXISTS return_again")
    cursor.execute(statement(PACKAGE, "return_again"), values)
    _mark_changed(cursor)
    cursor.execute(statement(PACKAGE, "return_instruction"), values)
    cursor.execute(
        "CREATE TEMP TABLE presented ON COMMIT DROP AS SELECT a.id, r.member_id, r.scheme, n.paise, a.changed FROM return_again a"
        " JOIN payments_return r ON r.id = a.id JOIN payments_instruction n ON n.corrects_id = a.instruction_id"
        " AND n.run_id = %(run)s AND n.state = 'written'",
        values,
    )
    cursor.execute(
        "UPDATE payments_return r SET state = 'represented', state_at = now(), state_by = %s FROM presented p WHERE p.id = r.id",
        [actor.name],
    )
    cursor.execute(
        "SELECT count(*), coalesce(sum(paise), 0)::bigint, count(*) FILTER (WHERE changed) FROM presented"
    )
    credits, paise, corrected = cursor.fetchone()
    late = Late()
    settled = "SELECT member_id, scheme FROM presented"
    if ddo_code is None:
        late = instruct(cursor, month.first_day, run_id)
        settled = f"{settled} UNION SELECT member_id, scheme FROM late_paid"
    _close_cases(cursor, settled)
    cursor.execute("DROP TABLE return_again, presented, late, receiving, wanted_payee")
    cursor.execute("DROP TABLE IF EXISTS pg_temp.late_paid")
    done = {
        "credits": credits,
        "paise": paise,
        "corrected": corrected,
        "late": late.credits,
        "late_paise": late.paise,
        "compensations": late.compensations,
        "compensation_paise": late.compensation_paise,
        "released_for_heirs": released,
    }
    if any(done.values()):
        record(actor, "return.represent", "month", str(month), new=done)
    return Represented(month, credits, paise, corrected, late)


def _mark_changed(cursor: Any) -> None:
    """Mark in `return_again` where account, branch or name differ from those that failed: sealed numbers compare only in clear."""
    cursor.execute(
        "SELECT id, old_sealed, account_sealed FROM return_again WHERE rail = 'account' AND old_sealed IS NOT NULL"
        " AND account_sealed IS NOT NULL AND ifsc IS NOT DISTINCT FROM old_ifsc AND payee_name = old_name"
    )
    rows = cursor.fetchall()
    differing: list[int] = []
    for part in _parts(rows):
        before, now = (_unsealed([row[column] for row in part]) for column in (1, 2))
        differing += [row[0] for row, old, new in zip(part, before, now, strict=True) if old != new]
    cursor.execute(
        "UPDATE return_again SET changed = true WHERE id = ANY(%s) OR heir AND rail = 'aadhaar' OR (rail = 'account'"
        " AND account_sealed IS NOT NULL AND (ifsc IS DISTINCT FROM old_ifsc OR payee_name <> old_name))",
        [differing],
    )
    # by the Aadhaar number no account was found: the one on record is another one. Whom the bank wants to see goes there, unless
    # the account became known since.
    cursor.execute(
        "UPDATE return_again a SET changed = true FROM payments_return r WHERE r.id = a.id AND a.rail = 'aadhaar'"
        " AND a.account_sealed IS NOT NULL AND coalesce(a.ifsc, '') <> '' AND (a.action IN ('correct', 'switch_rail')"
        " OR a.action = 'beneficiary' AND NOT EXISTS (SELECT FROM registry_resident_belief b WHERE b.member_id = r.member_id"
        " AND b.account_sealed IS NOT NULL AND coalesce(b.ifsc, '') <> '' AND b.known_from < r.read_at::date))"
    )


def _parts(rows: Sequence[tuple[Any, ...]]) -> Iterator[Sequence[tuple[Any, ...]]]:
    return (rows[at : at + _AT_A_TIME] for at in range(0, len(rows), _AT_A_TIME))


def _unsealed(values: Sequence[Any]) -> Sequence[str | None]:
    """Account numbers in clear, in memory only; two bytes of key version stand before each seal."""
    blobs = [bytes(value) for value in values]
    return sealer().unseal(
        ACCOUNT, [blob[2:] for blob in blobs], [int.from_bytes(blob[:2], "big") for blob in blobs]
    )
