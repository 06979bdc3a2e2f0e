"""Holding back the money of one payee, and letting it go again: the money stays owed, and the person is told.

Nothing goes out to a payee who is held: no line of a bill that is sanctioned from then on, no instruction that is not with a bank
yet. What stood on a bill already waits at the instruction. After the release it goes with the next bill or file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import IntegrityError, connection
from django.utils import timezone

from haqdar.access.actors import Actor, acting, require, require_area
from haqdar.access.many import record_many
from haqdar.access.queries import path_of_area
from haqdar.base.refusal import Refusal, Words
from haqdar.cases.holding import scheme_words
from haqdar.cases.offices import offices_of_kinds
from haqdar.law.payments import payment_rules
from haqdar.outreach.outbox import Telling, tell_many
from haqdar.payments.models import Hold
from haqdar.payments.queries import COUNTED

REASONS: Mapping[str, Words] = {
    "died": Words("said to have died; not in the register yet", "मृत्यु की ख़बर है, रजिस्टर में अभी दर्ज नहीं"),
    "moved": Words("has left the place", "जगह छोड़कर चले गए हैं"),
    "not_found": Words("could not be found", "खोजने पर नहीं मिले"),
    "twice": Words("seems to be paid twice", "लगता है दो जगह से पैसा मिलता है"),
    "not_eligible": Words("does not seem to meet the conditions", "लगता है शर्तें पूरी नहीं करते"),
    "account": Words("doubt about the bank account", "बैंक खाते में संदेह"),
    "asked": Words("the person asked for it", "व्यक्ति ने ख़ुद कहा"),
    "order": Words("order of a court or authority", "न्यायालय या प्राधिकारी का आदेश"),
}
"""Word -> why a payee is held, as offices and the person read it."""
OF_BODIES = tuple(word for word in REASONS if word != "order")
"""The reasons for which a local body may leave somebody out of its proposal."""
MOST_NOTE = 500
_COUNTERS = ("gp", "ulb", "janpad")
"""The kinds of office to which a held payee is sent: the nearest of them."""


class NotAPayee(Refusal):
    """Nothing was ever due to the person under the scheme."""

    code = "not_a_payee"
    en = "Nothing is due to this person under {scheme}, so there is nothing to hold. Choose a pension that the person holds."
    hi = "इस व्यक्ति को {scheme} में कुछ देय नहीं है, इसलिए रोकने को कुछ नहीं है। वह पेंशन चुनें जो इन्हें मिलती है।"


class AlreadyHeld(Refusal):
    """The payee is held under the scheme."""

    code = "already_held"
    en = "The money of this person is held already. Release it, or leave it as it is."
    hi = "इस व्यक्ति का पैसा पहले से रोका हुआ है। उसे छोड़ें, या ऐसे ही रहने दें।"


class NotAReasonToHold(Refusal):
    """No reason, or one that the office may not give."""

    code = "not_a_reason_to_hold"
    en = "Choose why the money is held; the person is told the reason."
    hi = "चुनें कि पैसा क्यों रोका जा रहा है; कारण व्यक्ति को बताया जाता है।"


class SayWhyHeld(Refusal):
    """A hold or its end without words."""

    code = "say_why_held"
    en = "Write in a sentence what you know and from where."
    hi = "एक वाक्य में लिखें कि क्या पता है और कहाँ से।"


class AlreadyReleased(Refusal):
    """The hold has ended."""

    code = "already_released"
    en = "This money was released already on {day}."
    hi = "यह पैसा {day} को पहले ही छोड़ा जा चुका है।"


class NoSuchHold(Refusal):
    """No hold has this key."""

    code = "no_such_hold"
    en = "There is no such hold. Open the list again."
    hi = "ऐसी कोई रोक नहीं है। सूची फिर से खोलें।"


@dataclass(frozen=True, slots=True)
class Payee:
    """Whom to hold: the person, the scheme and the place of the latest due."""

    member_id: int
    resident_key: UUID | None
    pension_group: int
    scheme: str
    area_code: str | None


def hold(actor: Actor, resident_key: UUID, scheme: str, reason: str, note: str) -> Hold:
    """Hold the money of one payee under one scheme until it is released; the person is told.

    Needs ``hold.place`` at the person's place. Raises `NotAPayee`, `AlreadyHeld`, `NotAReasonToHold`, `SayWhyHeld`.
    """
    actor = require(actor, "hold.place")
    if reason not in REASONS:
        raise NotAReasonToHold()
    if not note.strip():
        raise SayWhyHeld()
    payee = _payee(resident_key, scheme)
    require_area(actor, path_of_area(payee.area_code))
    with acting(actor, "hold.place"):
        (placed,) = place(actor, "hold.place", Hold.Origin.OFFICER, [(payee, reason, note)])
    return placed


def place(
    actor: Actor, verb: str, origin: Hold.Origin, wanted: Sequence[tuple[Payee, str, str]]
) -> list[Hold]:
    """Place holds with their audit events and messages in the caller's transaction, all or none. Raises `AlreadyHeld`."""
    now = timezone.now()
    review_on = timezone.localdate(now) + timedelta(days=payment_rules(settings.HAQDAR_LAW).hold_review_days)
    found = [
        Hold(
            key=uuid4(),
            member_id=payee.member_id,
            resident_key=payee.resident_key,
            pension_group=payee.pension_group,
            scheme=payee.scheme,
            area_code=payee.area_code,
            origin=origin,
            reason=reason,
            note=note.strip()[:MOST_NOTE],
            placed_at=now,
            placed_by=actor.name,
            review_on=review_on,
        )
        for payee, reason, note in wanted
    ]
    try:
        Hold.objects.bulk_create(found)
    except IntegrityError as error:
        if "one_hold_at_a_time" in str(error):
            raise AlreadyHeld() from error
        raise
    record_many(
        actor,
        verb,
        "hold",
        [
            (str(one.key), None, {"scheme": one.scheme, "reason": one.reason, "origin": one.origin})
            for one in found
        ],
    )
    _tell("payment_held", found)
    return found


def release(actor: Actor, key: UUID, note: str) -> Hold:
    """Let the money of a held payee go; it goes out with the next bill or file. The person is told.

    Needs ``hold.release`` at the person's place. Raises `NoSuchHold`, `AlreadyReleased`, `SayWhyHeld`.
    """
    actor = require(actor, "hold.release")
    if not note.strip():
        raise SayWhyHeld()
    with acting(actor, "hold.release"):
        found = Hold.objects.select_for_update().filter(key=key).first()
        if found is None:
            raise NoSuchHold()
        require_area(actor, path_of_area(found.area_code))
        if found.released_at is not None:
            raise AlreadyReleased(day=timezone.localdate(found.released_at))
        end(actor, "hold.release", [found.pk], note)
        found.refresh_from_db()
    return found


def end(actor: Actor, verb: str, ids: Sequence[int], note: str) -> int:
    """End the holds of these ids that still stand, in the caller's transaction; returns how many."""
    now = timezone.now()
    standing = list(Hold.objects.filter(pk__in=ids, released_at=None).select_for_update())
    Hold.objects.filter(pk__in=[one.pk for one in standing]).update(
        released_at=now, released_by=actor.name, release_note=note.strip()[:MOST_NOTE]
    )
    record_many(actor, verb, "hold", [(str(one.key), None, {"released": True}) for one in standing])
    _tell("payment_released", standing)
    return len(standing)


def _payee(resident_key: UUID, scheme: str) -> Payee:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT d.member_id, i.key, d.pension_group, d.scheme, d.area_code FROM registry_resident i"
            " JOIN payments_due d ON d.member_id = i.member_id JOIN cases_month_run r ON r.id = d.run_id"
            f" WHERE i.key = %s AND d.scheme = %s AND d.kind <> 'recovery' AND {COUNTED} ORDER BY r.month DESC LIMIT 1",
            [resident_key, scheme],
        )
        row = cursor.fetchone()
    if row is None:
        raise NotAPayee(scheme=scheme)
    return Payee(*row)


def held_schemes(actor: Actor, resident_key: UUID) -> list[tuple[str, bool]]:
    """The schemes under which something is due to a person in the latest month, each with whether it is held; needs ``hold.view``."""
    actor = require(actor, "hold.view")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT d.scheme, bool_or(h.id IS NOT NULL), min(a.path) FROM registry_resident i"
            " JOIN payments_due d ON d.member_id = i.member_id JOIN cases_month_run r ON r.id = d.run_id"
            " LEFT JOIN access_area a ON a.area_code = d.area_code"
            " LEFT JOIN payments_hold h ON h.member_id = d.member_id AND h.scheme = d.scheme AND h.released_at IS NULL"
            f" WHERE i.key = %s AND d.kind <> 'recovery' AND {COUNTED} AND r.month = (SELECT max(month) FROM cases_month_run r"
            f" WHERE {COUNTED}) GROUP BY 1 ORDER BY 1",
            [resident_key],
        )
        rows = cursor.fetchall()
    return [(scheme, held) for scheme, held, path in rows if actor.sees(path)]


@dataclass(frozen=True, slots=True)
class Held:
    """A line of the list of holds; `name_*` are empty for somebody whom the reader may not see by name."""

    key: UUID
    resident_key: UUID | None
    name_en: str
    name_hi: str
    scheme: str
    reason: str
    note: str
    origin: str
    placed_on: date
    review_on: date
    released_on: date | None
    release_note: str
    paise: int
    area_en: str
    area_hi: str

    @property
    def why(self) -> Words:
        """The reason in both languages."""
        return REASONS[self.reason]


_HOLDS = f"""
    SELECT h.key, h.resident_key, coalesce(b.name_en, ''), coalesce(b.name_hi, b.name_en, ''), h.scheme, h.reason, h.note, h.origin,
        (h.placed_at AT TIME ZONE %(zone)s)::date, h.review_on, (h.released_at AT TIME ZONE %(zone)s)::date, h.release_note,
        coalesce(m.paise, 0)::bigint, coalesce(a.name_en, ''), coalesce(a.name_hi, a.name_en, '')
    FROM payments_hold h
    LEFT JOIN access_area a ON a.area_code = h.area_code
    LEFT JOIN LATERAL (SELECT name_en, name_hi FROM registry_resident_belief b WHERE b.member_id = h.member_id
        ORDER BY belief_no DESC LIMIT 1) b ON true
    -- a month of it: the regular due of the latest month that counts
    LEFT JOIN LATERAL (SELECT sum(d.paise) AS paise FROM payments_due d JOIN cases_month_run r ON r.id = d.run_id
        WHERE d.member_id = h.member_id AND d.scheme = h.scheme AND d.kind = 'regular' AND {COUNTED}
        GROUP BY r.month ORDER BY r.month DESC LIMIT 1) m ON true
    WHERE (a.path LIKE ANY(%(own)s) OR a.path IS NULL AND %(whole)s) AND (%(here)s = '' OR a.path LIKE %(here)s)
        AND (h.released_at IS NULL) = %(standing)s
    ORDER BY CASE WHEN %(standing)s THEN h.placed_at END, h.released_at DESC, h.id LIMIT %(limit)s"""


def holds(actor: Actor, here: str = "", *, standing: bool = True, limit: int | None = 500) -> list[Held]:
    """The holds in the actor's area (below the LIKE pattern `here`), the oldest first, or those that ended, the latest first.

    Needs ``hold.view``; names are shown to those who may see people.
    """
    actor = require(actor, "hold.view")
    values: dict[str, Any] = {
        "own": actor.path_patterns(),
        "whole": actor.area_paths is None,
        "here": here,
        "standing": standing,
        "limit": limit,
        "zone": settings.TIME_ZONE,
    }
    with connection.cursor() as cursor:
        cursor.execute(_HOLDS, values)
        rows = cursor.fetchall()
    named = actor.may("person.view")
    return [Held(*(row if named else (row[0], None, "", "", *row[4:]))) for row in rows]


def hold_of_key(actor: Actor, key: UUID) -> Hold:
    """The hold of an opaque key; needs ``hold.view`` at its place. Raises `NoSuchHold`, ``OutsideYourArea``."""
    actor = require(actor, "hold.view")
    found = Hold.objects.filter(key=key).first()
    if found is None:
        raise NoSuchHold()
    require_area(actor, path_of_area(found.area_code))
    return found


def _tell(template: str, holds: Sequence[Hold]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT ON (member_id) member_id, mobile FROM registry_resident_belief WHERE member_id = ANY(%s)"
            " ORDER BY member_id, belief_no DESC",
            [[one.member_id for one in holds]],
        )
        mobiles = dict(cursor.fetchall())
    offices = offices_of_kinds([(one.area_code, list(_COUNTERS)) for one in holds])
    tellings = []
    for one, office in zip(holds, offices, strict=True):
        values: dict[str, object] = {"scheme": scheme_words(one.scheme)}
        if template == "payment_held":
            values |= {"reason": REASONS[one.reason], "office": Words(office.name("en"), office.name("hi"))}
        tellings.append(
            Telling(template, mobiles.get(one.member_id) or "", "hi", "hold", str(one.key), values)
        )
    tell_many(tellings)
