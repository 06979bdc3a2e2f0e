"""Reads of the entitlement stage: what one person is entitled to, and why."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import cast
from uuid import UUID

import duckdb
import psycopg
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from haqdar.access.actors import Actor, require, require_area
from haqdar.base.duck import connect_duck
from haqdar.base.refusal import Refusal
from haqdar.entitlement.cells import age_edges
from haqdar.entitlement.decisions import Decision
from haqdar.entitlement.explain import SchemeReasons, decide, explain
from haqdar.entitlement.facts import edge_days_sql, facts_sql
from haqdar.entitlement.snapshot import neighbourhood
from haqdar.law import LawInForce, load_lawbook
from haqdar.registry.merges import survivor_of

LIFETIME = 110
"""How many years ahead it is looked for days on which something changes by itself."""

_LOCAL = threading.local()


class UnknownMember(Refusal):
    """No resident with this number is known on the day."""

    code = "unknown_member"
    en = "No resident with this member ID is known on {known_on}. Check the nine digits, or search by name."
    hi = "{known_on} तक इस सदस्य क्रमांक का कोई निवासी दर्ज नहीं है। नौ अंक जाँचें, या नाम से खोजें।"


@dataclass(frozen=True)
class MemberCheck:
    """One resident on one day: the facts of the vocabulary, and every scheme with its reasons in rank order."""

    member_id: int
    name_en: str
    name_hi: str | None
    day: date
    known_on: date
    facts: Mapping[str, object]
    schemes: list[SchemeReasons]


@dataclass(frozen=True)
class Known:
    """A resident as believed on a day: opaque key, names, and the tree path of the area they lived in then."""

    member_id: int
    key: UUID
    name_en: str
    name_hi: str | None
    path: str | None


def known_member(member_id: int, known_on: date) -> Known:
    """The resident with this number as believed on `known_on`; raises `UnknownMember`."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT r.key, b.name_en, b.name_hi, a.path
            FROM registry_resident_belief b JOIN registry_resident r USING (member_id)
            LEFT JOIN LATERAL (SELECT area_code FROM registry_family_belief f
                               WHERE f.family_id = b.family_id AND f.known_from <= %(known_on)s
                               ORDER BY f.belief_no DESC LIMIT 1) f ON true
            LEFT JOIN access_area a ON a.area_code = f.area_code
            WHERE b.member_id = %(member)s AND b.known_from <= %(known_on)s
            ORDER BY b.belief_no DESC LIMIT 1""",
            {"member": member_id, "known_on": known_on},
        )
        found = cursor.fetchone()
    if found is None:
        raise UnknownMember(known_on=known_on)
    return Known(member_id, *found)


def check_member(
    actor: Actor, member_id: int, on: date | None = None, known_on: date | None = None
) -> MemberCheck:
    """What the law entitles a resident to on a day (default: today), with what was known on `known_on` (default: today).

    Of a number that was merged into another, the person behind it is asked. Reads the resident, the recorded spouses and the children by index, and decides with the same statements as the
    month. Raises `UnknownMember`, ``OutsideYourArea``, ``NoLawInForce``.
    """
    actor = require(actor, "person.view")
    on, known_on = on or timezone.localdate(), known_on or timezone.localdate()
    known = known_member(member_id, known_on)
    require_area(actor, known.path)
    behind = survivor_of(member_id)
    return _check(known if behind == member_id else known_member(behind, known_on), on, known_on)


def own_check(resident: UUID, on: date | None = None) -> MemberCheck:
    """What the law entitles a resident to, for that same person: the caller has had a one-time code answered for `resident`.

    Raises `UnknownMember`, ``NoLawInForce``.
    """
    today = timezone.localdate()
    with connection.cursor() as cursor:
        cursor.execute("SELECT member_id FROM registry_resident WHERE key = %s", [resident])
        found = cursor.fetchone()
    if found is None:
        raise UnknownMember(known_on=today)
    return _check(known_member(survivor_of(found[0]), today), on or today, today)


def _check(known: Known, on: date, known_on: date) -> MemberCheck:
    member_id = known.member_id
    with transaction.atomic():
        duck = _timelines(member_id, known_on)
    facts = _facts_on(duck, member_id, on, known_on)
    return MemberCheck(
        member_id,
        known.name_en,
        known.name_hi,
        on,
        known_on,
        facts,
        explain(load_lawbook(settings.HAQDAR_LAW).on(on), facts),
    )


def decide_from_registers(law: LawInForce, member_id: int, day: date, known_on: date) -> Decision:
    """Decide a resident of whom no record is kept: from the registers as known on `known_on`, by the given law.

    Beliefs are never deleted, so this can be done for any day. Call it for a resident who is known on that day.
    """
    with transaction.atomic():
        duck = _timelines(member_id, known_on)
    facts = _facts_on(duck, member_id, day, known_on)
    last = date(min(day.year + LIFETIME, date.max.year), 12, 31)
    # the timelines' birthdays are a person's and the spouse's: look at every age named for either
    ages = sorted({*age_edges([law]), *age_edges([law], "partner_age")})
    edges = f"(SELECT * FROM ({edge_days_sql(day, last, ages)}) WHERE member_id = {member_id})"
    later = sorted(_facts(duck, edges), key=lambda row: str(row["day"]))
    return Decision(member_id, facts, decide(law, [facts])[0], later, "registers")


def _timelines(member_id: int, known_on: date) -> duckdb.DuckDBPyConnection:
    """This thread's engine with the timelines of one resident and those whose facts decide for them."""
    duck = engine()
    raw = cast("psycopg.Connection[tuple[object, ...]]", connection.connection)
    neighbourhood(duck, raw, [member_id], known_on)
    return duck


def _facts_on(
    duck: duckdb.DuckDBPyConnection, member_id: int, day: date, known_on: date
) -> dict[str, object]:
    found = _facts(duck, f"(SELECT CAST({member_id} AS INTEGER) AS member_id, DATE '{day}' AS day)")
    if not found:
        # a number that was merged into another was nobody then
        raise UnknownMember(known_on=known_on)
    return found[0]


def _facts(duck: duckdb.DuckDBPyConnection, asked: str) -> list[dict[str, object]]:
    answer = duck.execute(facts_sql(asked))
    names = [column[0] for column in answer.description]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def check_answers(facts: Mapping[str, object], on: date) -> list[SchemeReasons]:
    """What the law would entitle somebody to who gives these facts about themselves; nothing is stored.

    `facts` may leave any vocabulary column out: it then counts as not known. Being alive, resident and single-handed
    (no partner) are taken for granted unless said otherwise.
    """
    law = load_lawbook(settings.HAQDAR_LAW).on(on)
    given: dict[str, object] = dict.fromkeys((name for name, _ in law.vocabulary.columns), None)
    given |= {"alive": True, "migrated_out": False, "partner_present": False, "wife_died": False}
    given |= {"day": on, "born_on": None, "partner_born_on": None} | dict(facts)
    return explain(law, given)


def engine() -> duckdb.DuckDBPyConnection:
    """A small in-memory engine of this thread."""
    if not hasattr(_LOCAL, "duck"):
        _LOCAL.duck = connect_duck(threads=1, memory_limit="256MB")
        # planning a statement over a dozen rows well costs more than running it badly
        _LOCAL.duck.execute("PRAGMA disable_optimizer")
    duck: duckdb.DuckDBPyConnection = _LOCAL.duck
    return duck
