"""How often one asker may do one thing: counts by the minute in the database, looked at over a sliding window."""

from __future__ import annotations

from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from django.db import connection, transaction
from django.utils import timezone

from haqdar.outreach.models import Attempt, Message, OneTimeCode, SpentChallenge
from haqdar.registry.sealing import sealer

_WHO = "asker"
LONGEST = timedelta(days=1)
"""The longest window that can be asked for; older counts are swept away."""


def allowed(what: str, who: str, most: int, window: timedelta) -> bool:
    """Count one more attempt of `who` at `what`; False when there were already `most` within `window`.

    A refused attempt counts too. `who` is kept as a keyed hash. One statement to count and one to look.
    """
    key = sealer().keyed_hash(_WHO, f"{what}\0{who}")
    minute = _minute(timezone.now())
    # of its own, so that a page that fails afterwards has been counted
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO outreach_attempt (what, who, minute, times) VALUES (%s, %s, %s, 1)"
            " ON CONFLICT (what, who, minute) DO UPDATE SET times = outreach_attempt.times + 1",
            [what, key, minute],
        )
        cursor.execute(
            "SELECT sum(times) FROM outreach_attempt WHERE what = %s AND who = %s AND minute > %s",
            [what, key, minute - window],
        )
        row = cursor.fetchone()
    return int(row[0]) <= most if row and row[0] is not None else True


def network_of(address: str | None) -> str:
    """What is counted for an address: itself, or of IPv6 the /64 that one customer has.

    >>> network_of("203.0.113.7"), network_of("2001:db8:1:2:3::4"), network_of(None)
    ('203.0.113.7', '2001:db8:1:2::/64', 'unknown')
    """
    if address is None:
        return "unknown"
    parsed = ip_address(address)
    return str(parsed) if parsed.version == 4 else str(ip_network(f"{address}/64", strict=False))


def spend(challenge: str, expires_at: datetime) -> bool:
    """Use a challenge up; False when it was used before."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO outreach_spent_challenge (challenge, expires_at) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            [challenge, expires_at],
        )
        return bool(cursor.rowcount == 1)


def sweep() -> int:
    """Delete counts, codes with their messages, and spent challenges that no longer matter.

    Returns how many rows went.
    """
    now = timezone.now()
    gone = [
        Attempt.objects.filter(minute__lt=now - LONGEST).delete()[0],
        SpentChallenge.objects.filter(expires_at__lt=now).delete()[0],
        OneTimeCode.objects.filter(made_at__lt=now - LONGEST - timedelta(hours=1)).delete()[0],
        Message.objects.filter(template="code", queued_at__lt=now - LONGEST).delete()[0],
    ]
    return sum(gone)


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
