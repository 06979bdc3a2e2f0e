"""Life events recorded at the desk: one belief beside those of the delivered files, and the way back.

An event is written as if the events register had brought it: the same columns, the same fingerprint, the same two times. So
the row delivered later by the department adds nothing, and a mistake is undone by one more belief, never by deleting.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection
from django.utils import timezone

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting, require, require_area
from haqdar.base.refusal import Refusal
from haqdar.registry.models import WITHDRAWN, Change, EventBelief
from haqdar.sources.actions import desk_delivery
from haqdar.sources.layout import EVENT_KINDS, LAYOUTS

WITH_SPOUSE = ("marriage", "remarriage")
"""The kinds of event that name a spouse."""


class NoSuchKind(Refusal):
    """The contract knows no such event."""

    code = "not_in_list"
    en = "'{kind}' is no event that can be recorded; choose one of {kinds}."
    hi = "'{kind}' ऐसी घटना नहीं है जो दर्ज हो सके; इनमें से चुनें: {kinds}।"


class InTheFuture(Refusal):
    """An event that has not happened yet, or whose report lies ahead."""

    code = "date_in_future"
    en = (
        "{day} lies in the future. Only what has happened and was reported can be recorded; correct the date."
    )
    hi = "{day} आगे की तारीख है। जो हो चुका और बताया जा चुका, वही दर्ज होता है; तारीख सुधारें।"


class ReportedTooEarly(Refusal):
    """A report before the event."""

    code = "end_before_start"
    en = "The report of {reported_on} lies before the event of {happened_on}. Correct one of the two dates."
    hi = "सूचना की तारीख {reported_on} घटना की तारीख {happened_on} से पहले है। दोनों में से एक सुधारें।"


class NoSuchResident(Refusal):
    """The event names nobody in the register."""

    code = "unknown_member"
    en = "There is no resident with this member ID in the register. Check the nine digits, or search by name."
    hi = "इस सदस्य क्रमांक का कोई निवासी रजिस्टर में नहीं है। नौ अंक जाँचें, या नाम से खोजें।"


class MarriedToOneself(Refusal):
    """Spouse and person are one."""

    code = "spouse_is_person"
    en = "The member ID of the husband or wife is that of the person. Give the other person's."
    hi = "पति या पत्नी का सदस्य क्रमांक इसी व्यक्ति का है। दूसरे व्यक्ति का क्रमांक दें।"


class AnotherEvent(Refusal):
    """The event's number is taken by other values."""

    code = "duplicate_id"
    en = "This form has already recorded another event. Open the person's page and record the event again."
    hi = "इस फ़ॉर्म से कोई और घटना दर्ज हो चुकी है। व्यक्ति का पन्ना खोलकर घटना फिर से दर्ज करें।"


class NothingToWithdraw(Refusal):
    """There is no such event, or it was taken back before."""

    code = "no_such_event"
    en = "This event is not there any more or was taken back before; open the person's page again."
    hi = "यह घटना अब नहीं है या पहले ही वापस ली जा चुकी है; व्यक्ति का पन्ना फिर से खोलें।"


@dataclass(frozen=True)
class Event:
    """A life event as the register of events holds it; `spouse_id` for marriages only."""

    event_id: str
    member_id: int
    kind: str
    happened_on: date
    reported_on: date
    spouse_id: int | None = None

    @property
    def row(self) -> dict[str, object]:
        """The event in the columns that decide, as a snapshot reads them."""
        return {
            "event_id": self.event_id,
            "member_id": self.member_id,
            "kind": self.kind,
            "happened_on": self.happened_on,
            "reported_on": self.reported_on,
            "spouse_id": self.spouse_id,
            "known_from": self.reported_on,
        }

    @property
    def fingerprint(self) -> UUID:
        """What identifies the values: that of the same row in a delivered file (registry.store)."""
        texts = {
            "event_id": self.event_id,
            "member_id": f"{self.member_id:09d}",
            "kind": self.kind,
            "happened_on": self.happened_on.isoformat(),
            "reported_on": self.reported_on.isoformat(),
            "spouse_id": None if self.spouse_id is None else f"{self.spouse_id:09d}",
        }
        cells = [texts[column.name] for column in LAYOUTS["events"].columns]
        joined = "\x1f".join("\x1e" if cell is None else cell for cell in cells)
        return UUID(hashlib.md5(joined.encode(), usedforsecurity=False).hexdigest())


@dataclass(frozen=True)
class Current:
    """The latest belief of an event that is still believed."""

    event: Event
    belief_no: int
    known_from: date
    fingerprint: UUID


def new_event_id() -> str:
    """A number for an event of the desk; later ones sort after earlier ones, as the contract orders events of one day."""
    return f"desk-{timezone.now():%Y%m%d%H%M%S%f}-{secrets.token_hex(4)}"


def checked(
    actor: Actor,
    member_id: int,
    kind: str,
    happened_on: date,
    reported_on: date | None = None,
    spouse_id: int | None = None,
    event_id: str | None = None,
) -> Event:
    """The event as it would be recorded; nothing is written.

    `reported_on` is today unless given. Needs `event.record` in the person's area. Raises `NoSuchKind`, `InTheFuture`,
    `ReportedTooEarly`, `NoSuchResident`, `MarriedToOneself`, ``OutsideYourArea``.
    """
    actor = require(actor, "event.record")
    today = timezone.localdate()
    reported_on = reported_on or today
    if kind not in EVENT_KINDS:
        raise NoSuchKind(kind=kind[:40], kinds=", ".join(EVENT_KINDS))
    for day in (happened_on, reported_on):
        if day > today:
            raise InTheFuture(day=day)
    if reported_on < happened_on:
        raise ReportedTooEarly(reported_on=reported_on, happened_on=happened_on)
    require_area(actor, path_of(member_id))
    named = spouse_id if kind in WITH_SPOUSE else None
    if named == member_id:
        raise MarriedToOneself()
    if named is not None and not resident_exists(named):
        raise NoSuchResident()
    return Event(event_id or new_event_id(), member_id, kind, happened_on, reported_on, named)


def record_event(
    actor: Actor,
    member_id: int,
    kind: str,
    happened_on: date,
    reported_on: date | None = None,
    spouse_id: int | None = None,
    event_id: str | None = None,
) -> int:
    """Append a life event to the register of events; returns the number of the change (`registry.changes`).

    The same event again (same `event_id`, same values) changes nothing and gives the number of the first time. Raises what
    `checked` raises, and `AnotherEvent` when the number was used for other values.
    """
    event = checked(actor, member_id, kind, happened_on, reported_on, spouse_id, event_id)
    with acting(actor, "event.record"):
        present = _beliefs(event.event_id)
        if present:
            change = Change.objects.filter(event_id=event.event_id, belief_no=1).order_by("pk").first()
            if change is None or present[0].fingerprint != event.fingerprint:
                raise AnotherEvent()
            return int(change.pk)
        number = _append(actor, event, 1, event.reported_on, event.fingerprint)
        record(actor, "event.record", "resident", _key_of(member_id), new=_shown(event))
    return number


def believed(actor: Actor, member_id: int, fingerprint: UUID) -> Current:
    """The event of a person that has this fingerprint and is still believed.

    Needs `event.withdraw` in the person's area. Raises `NothingToWithdraw`, ``OutsideYourArea``.
    """
    actor = require(actor, "event.withdraw")
    require_area(actor, path_of(member_id))
    mine = EventBelief.objects.filter(member_id=member_id, fingerprint=fingerprint).values_list(
        "event_id", flat=True
    )
    for event_id in set(mine):
        latest = _beliefs(event_id)[-1]
        if latest.kind != WITHDRAWN and latest.member_id == member_id and latest.fingerprint == fingerprint:
            event = Event(
                event_id, member_id, latest.kind, latest.happened_on, latest.reported_on, latest.spouse_id
            )
            return Current(event, latest.belief_no, latest.known_from, fingerprint)
    raise NothingToWithdraw()


def withdraw_event(actor: Actor, member_id: int, fingerprint: UUID) -> int:
    """Take back an event that was recorded or delivered by mistake; returns the number of the change.

    One more belief says that it did not happen; what was believed before stays readable. Raises what `believed` raises.
    """
    with acting(actor, "event.withdraw"):
        current = believed(actor, member_id, fingerprint)
        event = current.event
        taken_back = Event(
            event.event_id, member_id, WITHDRAWN, event.happened_on, event.reported_on, event.spouse_id
        )
        known_from = max(timezone.localdate(), current.known_from)
        number = _append(actor, taken_back, current.belief_no + 1, known_from, fingerprint)
        record(actor, "event.withdraw", "resident", _key_of(member_id), old=_shown(event))
    return number


def append(actor: Actor, event: Event) -> int:
    """Append an event that two officers agreed on (`registry.vital`); the caller has checked and audits it."""
    return _append(actor, event, 1, event.reported_on, event.fingerprint)


def _append(actor: Actor, event: Event, belief_no: int, known_from: date, fingerprint: UUID) -> int:
    delivery = desk_delivery(timezone.localdate())
    EventBelief.objects.create(
        event_id=event.event_id,
        belief_no=belief_no,
        member_id=event.member_id,
        kind=event.kind,
        happened_on=event.happened_on,
        reported_on=event.reported_on,
        spouse_id=event.spouse_id,
        known_from=known_from,
        line=0,
        fingerprint=fingerprint,
        delivery=delivery,
    )
    change = Change.objects.create(
        register="event",
        kind=event.kind,
        member_id=event.member_id,
        event_id=event.event_id,
        belief_no=belief_no,
        delivery=delivery,
        recorded_at=timezone.now(),
        recorded_by=actor.name,
    )
    return int(change.pk)


def _shown(event: Event) -> dict[str, str]:
    """What the audit trail keeps: no personal number."""
    return {"kind": event.kind, "happened_on": str(event.happened_on), "reported_on": str(event.reported_on)}


def _beliefs(event_id: str) -> list[EventBelief]:
    return list(EventBelief.objects.filter(event_id=event_id).order_by("belief_no"))


def path_of(member_id: int) -> str | None:
    """The tree path of the area where a resident lives now; None where it is not known. Raises `NoSuchResident`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.path FROM registry_resident_belief b"
            " LEFT JOIN LATERAL (SELECT area_code FROM registry_family_belief f WHERE f.family_id = b.family_id"
            "   ORDER BY f.belief_no DESC LIMIT 1) f ON true"
            " LEFT JOIN access_area a ON a.area_code = f.area_code"
            " WHERE b.member_id = %s ORDER BY b.belief_no DESC LIMIT 1",
            [member_id],
        )
        row = cursor.fetchone()
    if row is None:
        raise NoSuchResident()
    return str(row[0]) if row[0] is not None else None


def resident_exists(member_id: int) -> bool:
    """Whether the register knows the number."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM registry_resident WHERE member_id = %s", [member_id])
        return cursor.fetchone() is not None


def _key_of(member_id: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM registry_resident WHERE member_id = %s", [member_id])
        (key,) = cursor.fetchone() or ("",)
    return str(key)


@dataclass(frozen=True)
class Told:
    """An event recorded or taken back at the desk, as its page tells it.

    `event` is what was said to have happened, `withdrawn` whether this change takes it back, `believed` whether the event is
    believed now, `resident_key` and `fingerprint` what addresses of pages name it by.
    """

    number: int
    event: Event
    withdrawn: bool
    believed: bool
    resident_key: str
    fingerprint: UUID
    recorded_at: datetime
    recorded_by: str


def told(actor: Actor, number: int) -> Told | None:
    """The event behind a change of the register; None if there is none or no officer recorded it.

    Needs `change.view` in the area of the person. Raises ``OutsideYourArea``.
    """
    actor = require(actor, "change.view")
    change = Change.objects.filter(pk=number, event_id__isnull=False, belief_no__isnull=False).first()
    if change is None or change.event_id is None or change.belief_no is None or change.member_id is None:
        return None
    require_area(actor, path_of(change.member_id))
    beliefs = _beliefs(change.event_id)
    withdrawn = change.kind == WITHDRAWN
    row = beliefs[change.belief_no - 2 if withdrawn else change.belief_no - 1]
    event = Event(row.event_id, row.member_id, row.kind, row.happened_on, row.reported_on, row.spouse_id)
    return Told(
        number,
        event,
        withdrawn,
        beliefs[-1].kind != WITHDRAWN and beliefs[-1].fingerprint == row.fingerprint,
        _key_of(row.member_id),
        row.fingerprint,
        change.recorded_at,
        change.recorded_by,
    )
