"""Reads of accounts, postings, areas and the audit trail."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import connection
from django.utils import timezone

from haqdar.access.actors import ANONYMOUS, SECOND_FACTOR, Actor, Grant, areas_of, below, require
from haqdar.access.models.audit import AuditEvent
from haqdar.access.models.people import LoginAttempt, Posting, User

LOCK_MINUTES = 15
LOCK_AFTER_FAILURES = 5
LOCK_ADDRESS_AFTER_FAILURES = 50


@dataclass(frozen=True)
class Place:
    """An area of the tree as pages show it."""

    area_code: str
    kind: str
    name_en: str
    name_hi: str
    path: str

    def name(self, language: str) -> str:
        """The name in `language`, or in the other one where it is missing."""
        return (self.name_hi or self.name_en) if language == "hi" else (self.name_en or self.name_hi)


def actor_of(user: User, ip: str | None, on: date | None = None) -> Actor:
    """The actor a logged-in user is on the day `on` (default today): functions and areas of current postings."""
    day = on or timezone.localdate()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.role, a.path, a.kind, p.functions FROM access_posting p"
            " LEFT JOIN access_area a ON a.area_code = p.area_code"
            " WHERE p.user_id = %s AND p.from_on <= %s AND (p.to_on IS NULL OR p.to_on >= %s) ORDER BY p.id",
            [user.pk, day, day],
        )
        rows = cursor.fetchall()
    grants = tuple(
        Grant(role, None if kind == "state" else path, None if functions is None else frozenset(functions))
        for role, path, kind, functions in rows
        if path
    )
    return Actor(
        user_id=user.pk,
        name=user.username,
        roles=frozenset(grant.role for grant in grants),
        area_paths=areas_of(grants),
        ip=ip,
        name_en=user.name_en,
        name_hi=user.name_hi,
        grants=grants,
    )


def actor_of_id(user_id: int | None, ip: str | None) -> Actor:
    """The actor of an account id; the public for nobody, an unknown or a closed account."""
    user = User.objects.filter(pk=user_id, is_active=True).first() if user_id else None
    return actor_of(user, ip) if user else ANONYMOUS


def locked_minutes(username: str, ip: str | None) -> int:
    """Minutes until this account or address may try again; 0 when it may try now."""
    since = timezone.now() - timedelta(minutes=LOCK_MINUTES)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE username = %(name)s AND at > coalesce("
            "   (SELECT max(at) FROM access_login_attempt WHERE username = %(name)s AND succeeded), '-infinity')),"
            " count(*) FILTER (WHERE ip = %(ip)s::inet), max(at)"
            " FROM access_login_attempt"
            " WHERE at > %(since)s AND NOT succeeded AND (username = %(name)s OR ip = %(ip)s::inet)",
            {"name": username.strip().lower(), "ip": ip, "since": since},
        )
        of_name, of_address, latest = cursor.fetchone() or (0, 0, None)
    if latest is None or (of_name < LOCK_AFTER_FAILURES and of_address < LOCK_ADDRESS_AFTER_FAILURES):
        return 0
    left: timedelta = latest + timedelta(minutes=LOCK_MINUTES) - timezone.now()
    return max(1, -int(-left.total_seconds() // 60))


def has_second_factor(user: User) -> bool:
    """Whether the account has an authenticator app or a passkey; recovery codes alone are none."""
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    return bool(Authenticator.objects.filter(user_id=user.pk, type__in=kinds).exists())


def needs_second_factor(user: User) -> bool:
    """Whether the account may not work without one: it may do a verb of `SECOND_FACTOR` today, or will when a posting begins.

    Demonstration accounts log in by name and password, so that everybody can look around; the acts themselves ask.
    """
    if user.is_demonstration:
        return False
    today = timezone.localdate()
    coming = Posting.objects.filter(user=user).exclude(to_on__lt=today).values_list("role", "functions")
    grants = (Grant(role, None, None if verbs is None else frozenset(verbs)) for role, verbs in coming)
    return any(grant.includes(verb) for grant in grants for verb in SECOND_FACTOR)


def demonstration_accounts() -> list[dict[str, Any]]:
    """The demonstration log-ins with function and area, for the log-in page; empty in production."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT u.username, u.name_en, u.name_hi, p.role, p.area_code, coalesce(a.name_en, ''), coalesce(a.name_hi, '')"
            " FROM access_user u JOIN access_posting p ON p.user_id = u.id"
            " LEFT JOIN access_area a ON a.area_code = p.area_code"
            " WHERE u.is_demonstration AND u.is_active ORDER BY u.id"
        )
        names = ("username", "name_en", "name_hi", "role", "area_code", "area_en", "area_hi")
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def account_named(username: str) -> User | None:
    """The account of this user name, whatever its case."""
    return User.objects.filter(username=username.strip().lower()).first()


def has_postings(user: User) -> bool:
    """Whether the account has a current posting at all."""
    today = timezone.localdate()
    return Posting.objects.filter(user=user, from_on__lte=today).exclude(to_on__lt=today).exists()


def place(actor: Actor, area_code: str | None) -> Place | None:
    """The area `area_code`, or the actor's own first area when None; None if there is none the actor may see."""
    sql = "SELECT area_code, kind, name_en, coalesce(name_hi, ''), path FROM access_area"
    with connection.cursor() as cursor:
        if area_code is None:
            cursor.execute(
                f"{sql} WHERE path LIKE ANY(%s) ORDER BY depth, area_code LIMIT 1", [actor.path_patterns()]
            )
        else:
            cursor.execute(
                f"{sql} WHERE area_code = %s AND path LIKE ANY(%s)", [area_code, actor.path_patterns()]
            )
        row = cursor.fetchone()
    return Place(*row) if row else None


def area_exists(area_code: str) -> bool:
    """Whether there is an area of this code at all (area codes are public)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM access_area WHERE area_code = %s", [area_code])
        return cursor.fetchone() is not None


def path_of_area(area_code: str | None) -> str | None:
    """The tree path of an area; None for an unknown one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT path FROM access_area WHERE area_code = %s", [area_code])
        row = cursor.fetchone()
    return row[0] if row else None


def areas_below(here: Place) -> list[str]:
    """The codes of an area and of everything below it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT area_code FROM access_area WHERE path LIKE %s", [below(here.path)])
        return [row[0] for row in cursor.fetchall()]


def districts() -> dict[str, Place]:
    """Every district by its code; district names are public."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT area_code, kind, name_en, coalesce(name_hi, ''), path FROM access_area WHERE kind = 'district'"
        )
        return {row[0]: Place(*row) for row in cursor.fetchall()}


def areas_under(area_code: str | None) -> list[Place]:
    """The areas directly below one that families or offices belong to, or every district when None; area names are public."""
    where = "a.kind = 'district'" if area_code is None else "a.parent_code = %s AND a.kind <> 'village'"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.area_code, a.kind, a.name_en, coalesce(a.name_hi, ''), a.path FROM access_area a"
            f" WHERE {where} ORDER BY a.name_en",
            [] if area_code is None else [area_code],
        )
        return [Place(*row) for row in cursor.fetchall()]


def places_along(path: str) -> list[Place]:
    """The areas from the State down to the area of tree path `path`."""
    parts = [part for part in path.split("/") if part]
    paths = ["/" + "/".join(parts[: depth + 1]) + "/" for depth in range(len(parts))]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT area_code, kind, name_en, coalesce(name_hi, ''), path FROM access_area"
            " WHERE path = ANY(%s) ORDER BY depth",
            [paths],
        )
        return [Place(*row) for row in cursor.fetchall()]


def audit_of(actor: Actor, object_kind: str, object_key: str, limit: int = 50) -> list[AuditEvent]:
    """The latest audit events of one object, newest first; needs `audit.view`."""
    actor = require(actor, "audit.view")
    events = AuditEvent.objects.filter(object_kind=object_kind, object_key=object_key)
    return list(events.order_by("-at", "-id")[:limit])


def failed_logins_today() -> int:
    """Failed attempts to log in during the last day."""
    return LoginAttempt.objects.filter(succeeded=False, at__gt=timezone.now() - timedelta(days=1)).count()
