"""Reads of the employees of an area: who they are, what they are posted to, and how it came so."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection
from django.utils import timezone

from haqdar.access.actors import MAY, SECOND_FACTOR, Actor, Grant, OutsideYourArea, require
from haqdar.access.models.people import Role, User
from haqdar.base.refusal import Refusal
from haqdar.base.sql import statement

PER_PAGE = 50

AREA_KINDS_OF: dict[str, tuple[str, ...]] = {
    Role.SECRETARY.value: ("gp", "ward"),
    Role.VERIFIER.value: ("block", "ulb"),
    Role.SANCTIONING_OFFICER.value: ("block", "ulb"),
    Role.DDO.value: ("block", "ulb"),
    Role.DISTRICT.value: ("district",),
    Role.FIRST_APPELLATE.value: ("district", "subdistrict", "block"),
    Role.SECOND_APPELLATE.value: ("state", "district"),
    Role.STATE.value: ("state",),
    Role.AUDITOR.value: ("state", "district", "block", "ulb"),
    Role.ADMINISTRATOR.value: ("state", "district", "block", "ulb"),
}
"""Where each function exists: a State's function in a block would reach further than its area."""


class NoSuchEmployee(Refusal):
    """No account has this key."""

    code = "no_such_employee"
    en = "There is no such employee. Choose one from the list."
    hi = "ऐसा कोई कर्मचारी नहीं है। सूची से चुनें।"


@dataclass(frozen=True)
class Post:
    """A posting as pages show it. `state` is "now", "coming" or "over"; `functions` None for all of the role's verbs."""

    number: int
    role: str
    area_code: str
    area_kind: str
    area_en: str
    area_hi: str
    path: str | None
    from_on: date
    to_on: date | None
    charge: str
    functions: frozenset[str] | None
    state: str
    own: bool

    @property
    def verbs(self) -> frozenset[str]:
        """What the posting allows."""
        grant = Grant(self.role, self.path, self.functions)
        return frozenset(verb for verb in MAY if grant.includes(verb))

    @property
    def tasks(self) -> list[str]:
        """The same in the table's order, without what everybody may."""
        return [verb for verb in MAY if verb in self.verbs and verb != "own_account.manage"]


@dataclass(frozen=True)
class Employee:
    """An account with its postings as pages show it."""

    pk: int
    key: UUID
    username: str
    name_en: str
    name_hi: str
    is_active: bool
    is_demonstration: bool
    one_time: bool
    last_login: datetime | None
    has_second_factor: bool
    posts: tuple[Post, ...]

    @property
    def needs_second_factor(self) -> bool:
        """Whether a present or coming posting includes a verb of `SECOND_FACTOR`."""
        return any(post.verbs & SECOND_FACTOR for post in self.posts if post.state != "over")

    @property
    def state(self) -> str:
        """ "locked", "now", "coming" or "over": whether the account works today."""
        if not self.is_active:
            return "locked"
        states = {post.state for post in self.posts}
        return next((state for state in ("now", "coming") if state in states), "over")


@dataclass(frozen=True)
class Page:
    """One page of a list."""

    rows: list[Employee]
    total: int
    page: int
    pages: int


def employees(
    actor: Actor,
    *,
    search: str = "",
    role: str = "",
    state: str = "",
    area_path: str | None = None,
    page: int = 1,
    per_page: int = PER_PAGE,
) -> Page:
    """The employees with a posting, past or coming ones included, in the actor's area (needs `employee.view`).

    `search` looks in names and user names, `state` is one of `Employee.state` or "unprotected" (a second factor is
    missing); `area_path` narrows to an area below.
    """
    actor = require(actor, "employee.view")
    values: dict[str, Any] = {
        "patterns": actor.path_patterns(),
        "below": f"{area_path or '/'}%",
        "search": f"%{search.strip()}%",
        "role": role,
        "state": state,
        "today": timezone.localdate(),
        "strong_roles": sorted({role for verb in SECOND_FACTOR for role in MAY.get(verb, ())}),
        "strong": sorted(SECOND_FACTOR),
        "limit": per_page,
        "offset": (page - 1) * per_page,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement("haqdar.access", "employees"), values)
        found = cursor.fetchall()
    total = found[0][1] if found else 0
    rows = _employees(actor, [row[0] for row in found])
    return Page(rows, total, page, max(1, -(-total // per_page)))


def employee(actor: Actor, key: UUID) -> Employee:
    """One employee of the actor's area; refuses with `NoSuchEmployee` or `OutsideYourArea`."""
    actor = require(actor, "employee.view")
    user = User.objects.filter(key=key).first()
    if user is None:
        raise NoSuchEmployee()
    (found,) = _employees(actor, [user.pk])
    if actor.area_paths is not None and not any(post.own for post in found.posts):
        raise OutsideYourArea()
    return found


def _employees(actor: Actor, numbers: list[int]) -> list[Employee]:
    """The accounts of these ids, in their order, each with all its postings."""
    today = timezone.localdate()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.user_id, p.id, p.role, p.area_code, coalesce(a.kind, ''), coalesce(a.name_en, p.area_code),"
            " coalesce(a.name_hi, ''), a.path, p.from_on, p.to_on, p.charge, p.functions"
            " FROM access_posting p LEFT JOIN access_area a USING (area_code) WHERE p.user_id = ANY(%s)"
            " ORDER BY p.from_on DESC, p.id DESC",
            [numbers],
        )
        posts: dict[int, list[Post]] = {}
        for (
            user_id,
            number,
            role,
            code,
            kind,
            en,
            hi,
            path,
            from_on,
            to_on,
            charge,
            verbs,
        ) in cursor.fetchall():
            state = "coming" if from_on > today else "over" if to_on and to_on < today else "now"
            functions = None if verbs is None else frozenset(verbs)
            posts.setdefault(user_id, []).append(
                Post(
                    number,
                    role,
                    code,
                    kind,
                    en,
                    hi,
                    path,
                    from_on,
                    to_on,
                    charge,
                    functions,
                    state,
                    actor.sees(path),
                )
            )
        cursor.execute(
            "SELECT u.id, u.key, u.username, u.name_en, u.name_hi, u.is_active, u.is_demonstration, u.password_is_one_time,"
            " u.last_login, EXISTS (SELECT FROM mfa_authenticator m WHERE m.user_id = u.id AND m.type IN ('totp', 'webauthn'))"
            " FROM access_user u WHERE u.id = ANY(%s) ORDER BY array_position(%s, u.id::int)",
            [numbers, numbers],
        )
        return [
            Employee(
                pk=row[0],
                key=row[1],
                username=row[2],
                name_en=row[3],
                name_hi=row[4],
                is_active=row[5],
                is_demonstration=row[6],
                one_time=row[7],
                last_login=row[8],
                has_second_factor=row[9],
                posts=tuple(posts.get(row[0], ())),
            )
            for row in cursor.fetchall()
        ]


def manages(actor: Actor, found: Employee) -> bool:
    """Whether the whole account, not only a posting of it, is in the administrator's hands.

    That is so when every posting that is not over lies in the own area, or, where all are over, the last one; and never
    for the own account.
    """
    if not actor.may("employee.manage") or actor.user_id == found.pk:
        return False
    actor = actor.doing("employee.manage")
    alive = [post for post in found.posts if post.state != "over"] or list(found.posts[:1])
    return bool(alive) and all(actor.sees(post.path) for post in alive)


def roles_for(kind: str) -> list[str]:
    """The functions that exist in an area of this kind."""
    return [role for role in Role.values if kind in AREA_KINDS_OF[role]]


def verbs_of(role: str) -> list[str]:
    """The verbs that a function can be given, in the table's order."""
    return [verb for verb, roles in MAY.items() if role in roles]


@dataclass(frozen=True)
class Change:
    """One entry of the history of an account's postings."""

    at: datetime
    by: str
    what: str
    role: str
    area_en: str
    area_hi: str
    from_on: date
    to_on: date | None
    charge: str
    functions: frozenset[str] | None


def history(actor: Actor, found: Employee) -> list[Change]:
    """Every change of the employee's postings, the latest first, with who made it (needs `employee.view`)."""
    require(actor, "employee.view")
    events = apps.get_model("access", "PostingEvent").objects.filter(user_id=found.pk)
    names = _names_of_areas(event.area_code for event in events)
    return [
        Change(
            event.pgh_created_at,
            str(((event.pgh_context.metadata if event.pgh_context else None) or {}).get("user", "")),
            event.pgh_label,
            event.role,
            names.get(event.area_code, (event.area_code, ""))[0],
            names.get(event.area_code, (event.area_code, ""))[1],
            event.from_on,
            event.to_on,
            event.charge,
            None if event.functions is None else frozenset(event.functions),
        )
        for event in events.select_related("pgh_context").order_by("-pgh_id")[:200]
    ]


def _names_of_areas(codes: Iterable[str]) -> dict[str, tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT area_code, name_en, coalesce(name_hi, '') FROM access_area WHERE area_code = ANY(%s)",
            [sorted(set(codes))],
        )
        return {row[0]: (row[1], row[2]) for row in cursor.fetchall()}


def areas_named(actor: Actor, search: str, limit: int = 30) -> list[dict[str, Any]]:
    """Areas of the administrator's own area whose name or code fits, the larger ones first (needs `employee.manage`)."""
    actor = require(actor, "employee.manage")
    text = search.strip()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.area_code, a.kind, a.name_en, coalesce(a.name_hi, ''), coalesce(p.name_en, ''), coalesce(p.name_hi, '')"
            " FROM access_area a LEFT JOIN access_area p ON p.area_code = a.parent_code"
            " WHERE a.path LIKE ANY(%(patterns)s) AND a.kind NOT IN ('village')"
            " AND (a.area_code = %(text)s OR a.name_en ILIKE %(like)s OR a.name_hi ILIKE %(like)s)"
            " ORDER BY a.depth, a.name_en, a.area_code LIMIT %(limit)s",
            {"patterns": actor.path_patterns(), "text": text, "like": f"%{text}%", "limit": limit},
        )
        names = ("area_code", "kind", "name_en", "name_hi", "above_en", "above_hi")
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
