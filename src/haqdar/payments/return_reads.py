"""Reads of answers and returned credits, each within the actor's area: lists, figures by reason, the history of one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from django.db import connection

from haqdar.access.actors import Actor, require, require_area
from haqdar.access.queries import path_of_area
from haqdar.base.month import Month
from haqdar.base.paging import Paged
from haqdar.base.refusal import Refusal
from haqdar.base.sql import statement
from haqdar.payments.ledger import PACKAGE
from haqdar.payments.models import MonthClosing, ResponseFile, Return
from haqdar.payments.returned_for import Reason, reason
from haqdar.payments.returns import NoSuchReturn


class NoSuchResponse(Refusal):
    """No file of answers has the key."""

    code = "no_such_response"
    en = "There is no such file of answers. Choose one from the list."
    hi = "उत्तरों की ऐसी कोई फ़ाइल नहीं है। सूची में से चुनें।"


@dataclass(frozen=True, slots=True)
class ReturnRow:
    """One returned credit in a list; names are those of the register, `paise` its amount.

    For whoever may not see people names and `resident_key` are empty, and of the number only the ending is shown.
    """

    key: UUID
    member_id: int
    resident_key: UUID | None
    name_en: str
    name_hi: str
    scheme: str
    month: date
    paise: int
    reasons: str
    reason_code: str
    action: str
    state: str
    attempt: int
    returned_on: date | None
    lapsed_on: date | None
    place_en: str
    place_hi: str

    @property
    def member_ending(self) -> str:
        """The last four digits of the member ID."""
        return _ending(self.member_id)

    @property
    def reason(self) -> Reason:
        """What the bank's code means."""
        return reason(self.reasons, self.reason_code, self.returned_on)


def _ending(member_id: int) -> str:
    return f"{member_id:09d}"[-4:]


def _named(actor: Actor) -> bool:
    return actor.may("person.view")


def _return_row(row: tuple[Any, ...], named: bool) -> ReturnRow:
    return ReturnRow(*(row if named else (row[0], row[1], None, "", "", *row[5:])))


@dataclass(frozen=True)
class Returned(Paged):
    """A page of returned credits, with the sum of all of them in paise."""

    PAGE: ClassVar[int] = 50
    rows: list[ReturnRow]
    total: int
    paise: int
    page: int


@dataclass(frozen=True, slots=True)
class OfReason:
    """Returned credits of one reason: how many, their paise, and how many of them still wait for something."""

    reasons: str
    code: str
    action: str
    credits: int
    paise: int
    open: int

    @property
    def reason(self) -> Reason:
        """What the code means."""
        return reason(self.reasons, self.code, None)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One credit of a chain: where it went, in which file, and what the bank said of it."""

    reference: str
    month: date
    rail: str
    ifsc: str
    account_last4: str | None
    file_name: str | None
    sent_at: datetime | None
    outcome: str | None
    answered_on: date | None
    utr: str | None
    reason: Reason | None


_SCOPE = "(a.path LIKE ANY(%(paths)s) OR (a.path IS NULL AND %(whole)s))"

_FROM = f"""
    FROM payments_return r LEFT JOIN access_area a ON a.area_code = r.area_code
    WHERE {_SCOPE} AND (%(month)s::date IS NULL OR r.month = %(month)s::date)
        AND (%(action)s = '' OR r.action = %(action)s) AND (%(code)s = '' OR r.reason_code = %(code)s)
        AND (%(below)s = '' OR a.path LIKE %(below)s)
        AND (%(state)s = '' OR r.state = %(state)s OR (%(state)s = 'open' AND r.state IN ('waiting', 'ready', 'held')))
"""

_ROWS = f"""
    WITH chosen AS (
        SELECT r.*, a.name_en AS place_en, a.name_hi AS place_hi {_FROM} ORDER BY r.returned_on DESC NULLS LAST, r.id
    )
    SELECT c.key, c.member_id, i.key, coalesce(b.name_en, ''), coalesce(b.name_hi, b.name_en, ''), c.scheme, c.month, c.paise,
        c.reasons, c.reason_code, c.action, c.state, c.attempt, c.returned_on, c.lapsed_on, coalesce(c.place_en, ''),
        coalesce(c.place_hi, c.place_en, '')
    FROM (SELECT * FROM chosen {{limit}}) c
    LEFT JOIN registry_resident i ON i.member_id = c.member_id
    LEFT JOIN LATERAL (SELECT name_en, name_hi FROM registry_resident_belief b WHERE b.member_id = c.member_id
        ORDER BY belief_no DESC LIMIT 1) b ON true
    ORDER BY c.returned_on DESC NULLS LAST, c.id
"""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a list of returned credits is narrowed to: month, action, reason code, state ("open" for all that wait), area path."""

    month: Month | None = None
    action: str = ""
    code: str = ""
    state: str = ""
    below: str = ""


def _asked(actor: Actor, chosen: Chosen) -> dict[str, Any]:
    return {
        "paths": actor.path_patterns(),
        "whole": actor.area_paths is None,
        "month": chosen.month.first_day if chosen.month else None,
        "action": chosen.action,
        "code": chosen.code,
        "state": chosen.state,
        "below": chosen.below,
    }


def returned(actor: Actor, chosen: Chosen, page: int = 1) -> Returned:
    """A page of the returned credits of the actor's area, the latest first. Needs `return.view`."""
    actor = require(actor, "return.view")
    values = _asked(actor, chosen)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*), coalesce(sum(r.paise), 0)::bigint {_FROM}", values)
        total, paise = cursor.fetchone()
        page = min(page, max(1, -(-total // Returned.PAGE)))
        limit = f"LIMIT {Returned.PAGE} OFFSET {(page - 1) * Returned.PAGE}"
        cursor.execute(_ROWS.format(limit=limit), values)
        named = _named(actor)
        return Returned([_return_row(row, named) for row in cursor.fetchall()], total, paise, page)


def every_returned(actor: Actor, chosen: Chosen) -> Iterator[ReturnRow]:
    """All of them, for a download. Needs `return.view`."""
    actor = require(actor, "return.view")
    named = _named(actor)
    with connection.cursor() as cursor:
        cursor.execute(_ROWS.format(limit=""), _asked(actor, chosen))
        while rows := cursor.fetchmany(2000):
            yield from (_return_row(row, named) for row in rows)


def by_reason(actor: Actor, chosen: Chosen) -> list[OfReason]:
    """The returned credits of the actor's area by reason, the most frequent first. Needs `return.view`."""
    actor = require(actor, "return.view")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.reasons, r.reason_code, r.action, count(*), sum(r.paise)::bigint,"
            f" count(*) FILTER (WHERE r.state IN ('waiting', 'ready', 'held')) {_FROM}"
            " GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3",
            _asked(actor, chosen),
        )
        return [OfReason(*row) for row in cursor.fetchall()]


def months_returned(actor: Actor) -> list[date]:
    """The months with returned credits in the actor's area, newest first. Needs `return.view`."""
    actor = require(actor, "return.view")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT r.month {_FROM} ORDER BY 1 DESC", _asked(actor, Chosen()))
        return [month for (month,) in cursor.fetchall()]


def one_returned(actor: Actor, key: UUID) -> tuple[Return, list[Attempt]]:
    """A returned credit and every credit of its chain, the first first. Needs `return.view`.

    Raises ``NoSuchReturn``, ``OutsideYourArea``.
    """
    actor = require(actor, "return.view")
    found = Return.objects.filter(key=key).first()
    if found is None:
        raise NoSuchReturn()
    require_area(actor, path_of_area(found.area_code))
    with connection.cursor() as cursor:
        cursor.execute(_CHAIN, [found.first_id, found.first_id])
        return found, [_attempt(row) for row in cursor.fetchall()]


def waiting_return(member_id: int, scheme: str) -> Return | None:
    """The latest returned credit of a payee that waits for somebody; the caller has checked who may see the payee."""
    return Return.objects.filter(member_id=member_id, scheme=scheme, state="waiting").order_by("-id").first()


_CHAIN = """
    SELECT i.reference, m.month, i.rail, i.ifsc, i.account_last4, f.name, coalesce(f.sent_at, f.released_at), l.outcome, l.value_on,
        l.utr, r.reasons, l.reason_code
    FROM (
        SELECT %s::bigint AS id
        UNION ALL
        SELECT n.id FROM payments_return p JOIN payments_instruction n ON n.corrects_id = p.instruction_id AND n.state = 'written'
        WHERE p.first_id = %s
    ) c
    JOIN payments_instruction i ON i.id = c.id
    JOIN cases_month_run m ON m.id = i.run_id
    LEFT JOIN payments_file_item t ON t.instruction_id = i.id AND t.alive
    LEFT JOIN payments_file f ON f.id = t.file_id
    LEFT JOIN LATERAL (
        SELECT * FROM payments_response_line l
        WHERE l.instruction_id = i.id AND l.outcome IN ('credited', 'returned') AND (l.disposition = 'applied' OR EXISTS (
            SELECT FROM payments_set_aside_note n WHERE n.line_id = l.id AND n.decision = 'bank_right'))
        ORDER BY l.disposition = 'applied', l.outcome DESC LIMIT 1
    ) l ON true
    LEFT JOIN payments_return r ON r.instruction_id = i.id
    ORDER BY i.id
"""


def _attempt(row: tuple[Any, ...]) -> Attempt:
    reference, month, rail, ifsc, last4, file, sent_at, outcome, answered_on, utr, reasons, code = row
    why = reason(reasons, code, answered_on) if reasons else None
    return Attempt(reference, month, rail, ifsc, last4, file, sent_at, outcome, answered_on, utr, why)


@dataclass(frozen=True, slots=True)
class ToRepresent:
    """What waits to go out again with a month: ready by itself, and what goes if the register has another account meanwhile.

    `late` is what closed months owe to payees without an account or heir, `compensations` what is owed for delays.
    """

    month: Month
    ready: int
    ready_paise: int
    waiting: int
    waiting_paise: int
    held: int
    late: int
    late_paise: int
    compensations: int
    compensation_paise: int


def to_represent(actor: Actor) -> ToRepresent | None:
    """What could be presented again with the latest closed month; None before any is closed. Needs `return.represent`."""
    require(actor, "return.represent")
    closing = MonthClosing.objects.order_by("-month").first()
    if closing is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE state = 'ready'), coalesce(sum(paise) FILTER (WHERE state = 'ready'), 0)::bigint,"
            " count(*) FILTER (WHERE state = 'waiting'), coalesce(sum(paise) FILTER (WHERE state = 'waiting'), 0)::bigint,"
            " count(*) FILTER (WHERE state = 'held') FROM payments_return"
            " WHERE state IN ('ready', 'waiting', 'held') AND month <= %s",
            [closing.month],
        )
        returned = cursor.fetchone()
        cursor.execute(
            f"SELECT count(*), coalesce(sum(paise), 0)::bigint FROM ({statement(PACKAGE, 'late')}) l",
            {"month": closing.month},
        )
        late = cursor.fetchone()
        cursor.execute(
            "SELECT count(*), coalesce(sum(paise), 0)::bigint FROM cases_compensation c WHERE c.member_id IS NOT NULL AND NOT EXISTS ("
            " SELECT FROM payments_instruction i WHERE i.origin = 'COMPENSATION ' || c.id AND i.corrects_id IS NULL)"
        )
        return ToRepresent(Month.of(closing.month), *returned, *late, *cursor.fetchone())


# -- files of answers ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Responses(Paged):
    """A page of the files of answers, the latest first."""

    PAGE: ClassVar[int] = 50
    rows: list[ResponseFile]
    total: int
    page: int


@dataclass(frozen=True, slots=True)
class SetAside:
    """A line that waits for a person; `decision` is what was found out, empty so far. Its reference names nobody."""

    line_no: int
    reference: str
    outcome: str
    reason_code: str
    paise: int | None
    sent_paise: int | None
    value_on: date | None
    disposition: str
    problem: str
    decision: str
    note: str
    line_id: int


@dataclass(frozen=True)
class SetAsides(Paged):
    """A page of set-aside lines of one file."""

    PAGE: ClassVar[int] = 50
    rows: list[SetAside]
    total: int
    page: int


def responses(actor: Actor, page: int = 1) -> Responses:
    """The files of answers that were read. Needs `response.view`."""
    require(actor, "response.view")
    total = ResponseFile.objects.count()
    page = min(page, max(1, -(-total // Responses.PAGE)))
    first = (page - 1) * Responses.PAGE
    return Responses(list(ResponseFile.objects.order_by("-id")[first : first + Responses.PAGE]), total, page)


def response_by_key(actor: Actor, key: UUID) -> ResponseFile:
    """One file of answers. Needs `response.view`; raises `NoSuchResponse`."""
    require(actor, "response.view")
    found = ResponseFile.objects.filter(key=key).first()
    if found is None:
        raise NoSuchResponse()
    return found


def said_in(actor: Actor, file: ResponseFile) -> list[tuple[str, str, int, int]]:
    """(outcome, disposition, lines, paise) of a file, for the actor's area. Needs `response.view`."""
    actor = require(actor, "response.view")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT l.outcome, l.disposition, count(*), coalesce(sum(l.paise), 0)::bigint FROM payments_response_line l"
            f"{_OWN_LINES} GROUP BY 1, 2 ORDER BY 1, 2",
            {"file": file.pk, "paths": actor.path_patterns(), "whole": actor.area_paths is None},
        )
        return list(cursor.fetchall())


_OWN_LINES = f"""
    LEFT JOIN payments_instruction i ON i.id = l.instruction_id LEFT JOIN access_area a ON a.area_code = i.area_code
    WHERE l.file_id = %(file)s AND {_SCOPE}"""


def set_aside(actor: Actor, file: ResponseFile, page: int = 1, *, all_at_once: bool = False) -> SetAsides:
    """The lines of a file that wait for a person, in its order: those of the actor's area; those of nobody known are the State's.

    Needs `response.view`.
    """
    actor = require(actor, "response.view")
    values: dict[str, Any] = {
        "file": file.pk,
        "paths": actor.path_patterns(),
        "whole": actor.area_paths is None,
    }
    condition = f"{_OWN_LINES} AND l.disposition NOT IN ('applied', 'repeated')"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM payments_response_line l {condition}", values)
        (total,) = cursor.fetchone()
        page = min(page, max(1, -(-total // SetAsides.PAGE)))
        limit = "" if all_at_once else f" LIMIT {SetAsides.PAGE} OFFSET {(page - 1) * SetAsides.PAGE}"
        cursor.execute(
            "SELECT l.line_no, l.reference, l.outcome, l.reason_code, l.paise, i.paise, l.value_on, l.disposition, l.problem,"
            " coalesce(n.decision, ''), coalesce(n.note, ''), l.id FROM payments_response_line l"
            " LEFT JOIN payments_set_aside_note n ON n.line_id = l.id"
            f"{condition} ORDER BY l.line_no{limit}",
            values,
        )
        return SetAsides([SetAside(*row) for row in cursor.fetchall()], total, page)


# -- names ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NameRow:
    """A holder's name that is not the payee's; `likeness` in hundredths. Both names are empty for whoever may not see people."""

    key: UUID
    member_id: int
    resident_key: UUID | None
    scheme: str
    account_last4: str | None
    our_name: str
    bank_name: str
    likeness: int
    place_en: str
    place_hi: str

    @property
    def member_ending(self) -> str:
        """The last four digits of the member ID."""
        return _ending(self.member_id)


@dataclass(frozen=True)
class Names(Paged):
    """A page of names to look at, the least alike first."""

    PAGE: ClassVar[int] = 50
    rows: list[NameRow]
    total: int
    page: int


_NAMES = f"""
    FROM payments_name_difference d LEFT JOIN access_area a ON a.area_code = d.area_code
    LEFT JOIN registry_resident i ON i.member_id = d.member_id
    WHERE d.finding = 'open' AND {_SCOPE}"""


def names(actor: Actor, page: int = 1, *, all_at_once: bool = False) -> Names:
    """Names of account holders that an officer must look at, in the actor's area. Needs `return.view`."""
    actor = require(actor, "return.view")
    values: dict[str, Any] = {"paths": actor.path_patterns(), "whole": actor.area_paths is None}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {_NAMES}", values)
        (total,) = cursor.fetchone()
        page = min(page, max(1, -(-total // Names.PAGE)))
        limit = "" if all_at_once else f" LIMIT {Names.PAGE} OFFSET {(page - 1) * Names.PAGE}"
        cursor.execute(
            "SELECT d.key, d.member_id, i.key, d.scheme, d.account_last4, d.our_name, d.bank_name, d.likeness,"
            f" coalesce(a.name_en, ''), coalesce(a.name_hi, a.name_en, '') {_NAMES} ORDER BY d.likeness, d.id{limit}",
            values,
        )
        found = cursor.fetchall()
    named = _named(actor)
    rows = [NameRow(*(row if named else (*row[:2], None, *row[3:5], "", "", *row[7:]))) for row in found]
    return Names(rows, total, page)
