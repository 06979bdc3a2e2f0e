"""The logged-in browsers of an employee: which there are, and ending them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.sessions.models import Session as StoredSession
from django.utils import timezone

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting
from haqdar.access.models.people import LoginAttempt, Session, User

SEEN_EVERY = timedelta(minutes=5)
"""How exactly it is known when a browser was last used."""


@dataclass(frozen=True)
class OpenSession:
    """A session as pages show it."""

    key: UUID
    started_at: datetime
    seen_at: datetime
    ip: str | None
    browser: str
    proven: bool
    own: bool


def begin(user: User, session_key: str, ip: str | None, browser: str) -> None:
    """Remember a session, or that it is in use."""
    now = timezone.now()
    Session.objects.update_or_create(
        session_key=session_key,
        defaults={"user": user, "seen_at": now, "ip": ip, "browser": browser[:200]},
        create_defaults={
            "user": user,
            "started_at": now,
            "seen_at": now,
            "ip": ip,
            "browser": browser[:200],
        },
    )


def proven(session_key: str) -> None:
    """The second factor was shown in this session."""
    Session.objects.filter(session_key=session_key).update(second_factor_at=timezone.now())


def renamed(old: str, new: str) -> None:
    """The session goes on under another key (a new password)."""
    Session.objects.filter(session_key=old).update(session_key=new)


def over(session_key: str, by: str) -> None:
    """The session was logged out."""
    Session.objects.filter(session_key=session_key).update(
        session_key=None, ended_at=timezone.now(), ended_by=by
    )


def open_sessions(user: User, own: str = "") -> list[OpenSession]:
    """The account's sessions that still count, the latest first; `own` is the key of the browser that asks."""
    alive = StoredSession.objects.filter(expire_date__gt=timezone.now()).values("session_key")
    found = Session.objects.filter(user=user, session_key__in=alive).order_by("-seen_at")
    return [
        OpenSession(
            one.key,
            one.started_at,
            one.seen_at,
            one.ip,
            browser_name(one.browser),
            one.second_factor_at is not None,
            one.session_key == own,
        )
        for one in found
    ]


def end_session(actor: Actor, user: User, key: UUID) -> int:
    """End one session of an account; 0 when it is over already."""
    return _end(actor, user, list(Session.objects.filter(user=user, key=key, session_key__isnull=False)))


def end_sessions(actor: Actor, user: User, keep: str | None = None) -> int:
    """End every session of an account, except the one of the key `keep`; returns how many."""
    found = Session.objects.filter(user=user, session_key__isnull=False)
    return _end(actor, user, list(found.exclude(session_key=keep) if keep else found))


def _end(actor: Actor, user: User, sessions: list[Session]) -> int:
    if not sessions:
        return 0
    with acting(actor, "session.end"):
        StoredSession.objects.filter(session_key__in=[one.session_key for one in sessions]).delete()
        Session.objects.filter(pk__in=[one.pk for one in sessions]).update(
            session_key=None, ended_at=timezone.now(), ended_by=actor.name
        )
        record(actor, "session.end", "user", user.username, old={"sessions": len(sessions)})
    return len(sessions)


@dataclass(frozen=True)
class PastAttempt:
    """One attempt to log in as pages show it."""

    at: datetime
    ip: str | None
    browser: str
    step: str
    succeeded: bool


def past_attempts(user: User, limit: int = 20) -> list[PastAttempt]:
    """The latest attempts to log in with this account's name, failed ones too."""
    found = LoginAttempt.objects.filter(username=user.username).order_by("-at", "-id")[:limit]
    return [PastAttempt(one.at, one.ip, browser_name(one.browser), one.step, one.succeeded) for one in found]


def browser_name(agent: str) -> str:
    """Browser and system in a word each, from what the browser says of itself.

    >>> browser_name("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/126.0.0.0 Mobile Safari/537.36")
    'Chrome, Android'
    >>> browser_name("")
    ''
    """
    browsers = (
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser", "Samsung"),
        ("UCBrowser", "UC Browser"),
        ("Firefox", "Firefox"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
    )
    systems = (
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    )
    named = (next((name for mark, name in marks if mark in agent), "") for marks in (browsers, systems))
    return ", ".join(name for name in named if name) or agent[:40]
