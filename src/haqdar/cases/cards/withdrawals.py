"""The public lists of cards that ended before their day: what the checking page keeps to work without network.

Five random bytes of each serial say nothing to whoever does not hold the card. A list is bounded: whole districts may be printed anew,
and a phone fetches it over a slow network. Where it is full, replaced cards of long ago are left out and the list says so.
"""

from __future__ import annotations

import base64
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection
from django.utils import timezone

from haqdar.cases.models import HouseholdCard

MOST = 200_000
"""Cards of one list: 1.3 MB to be fetched."""
BYTES = 5
_SETTLED = timedelta(minutes=2)
"""After this time nobody's transaction can still end a card with an earlier instant: a print of a sheet takes seconds."""
_KEPT = 8


@dataclass(frozen=True)
class Withdrawn:
    """A district's list of a day: the beginnings of the serials one after the other as Base64, sorted; whether it names all."""

    day: date
    cards: str
    whole: bool


def latest(district_code: str) -> datetime | None:
    """When a card of the district last ended, if that is settled: as long as it stays so, the list of a day stays the same."""
    found = (
        HouseholdCard.objects.filter(district_code=district_code, ended_at__isnull=False)
        .order_by("-ended_at")
        .values_list("ended_at", flat=True)
        .first()
    )
    return found if found is not None and found < timezone.now() - _SETTLED else None


def withdrawn(district_code: str) -> Withdrawn:
    """The cards of a district that ended before their day and are within it still. Public."""
    at, today = latest(district_code), timezone.localdate()
    if at is None:
        return _read(district_code, today)
    kept = _lists.get((district_code, at, today))
    return kept or _lists.put((district_code, at, today), _read(district_code, today))


def is_withdrawn(serial: bytes) -> bool:
    """Whether the card of this serial ended before its day."""
    first = serial.hex()[: 2 * BYTES]
    if len(first) < 2 * BYTES:
        return False
    return HouseholdCard.objects.filter(
        key__range=(UUID(first.ljust(32, "0")), UUID(first.ljust(32, "f"))),
        ended_at__isnull=False,
        expires_on__gte=timezone.localdate(),
    ).exists()


def _read(district_code: str, today: date) -> Withdrawn:
    with connection.cursor() as cursor:
        # the lost and the wrong first, then those replaced last: the database cuts and sorts
        cursor.execute(
            "SELECT string_agg(s, ''::bytea ORDER BY s), count(*) FROM (SELECT substring(uuid_send(key) FROM 1 FOR %(bytes)s) AS s"
            " FROM cases_household_card WHERE district_code = %(district)s AND ended_at IS NOT NULL AND expires_on >= %(today)s"
            " ORDER BY end_reason = 'replaced', ended_at DESC LIMIT %(most)s) c",
            {"bytes": BYTES, "district": district_code, "today": today, "most": MOST + 1},
        )
        found, count = cursor.fetchone() or (None, 0)
    return Withdrawn(today, base64.b64encode(bytes(found or b"")).decode(), count <= MOST)


class _Lists:
    """The lists asked for last, in this process."""

    def __init__(self) -> None:
        self._held: OrderedDict[tuple[str, datetime, date], Withdrawn] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[str, datetime, date]) -> Withdrawn | None:
        with self._lock:
            found = self._held.get(key)
            if found is not None:
                self._held.move_to_end(key)
            return found

    def put(self, key: tuple[str, datetime, date], made: Withdrawn) -> Withdrawn:
        with self._lock:
            # an earlier list of the district serves nobody any more
            for old in [one for one in self._held if one[0] == key[0]]:
                del self._held[old]
            self._held[key] = made
            while len(self._held) > _KEPT:
                self._held.popitem(last=False)
        return made


_lists = _Lists()
