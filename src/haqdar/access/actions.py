"""Writes of the access stage: log-in attempts, postings, audit events, demonstration people."""

from datetime import date
from typing import Any

from django.contrib.auth import authenticate
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone

from haqdar.access.actors import Actor, acting, platform
from haqdar.access.models.audit import AuditEvent
from haqdar.access.models.people import LoginAttempt, Posting, User
from haqdar.access.passwords import normal
from haqdar.access.queries import area_exists, has_postings, has_second_factor, locked_minutes
from haqdar.access.seals import present_key, seal_of
from haqdar.base.refusal import Refusal

DEMONSTRATION_PASSWORD = "haqdar-demo-2016"


class WrongLogin(Refusal):
    """Name and password do not belong together; which of the two is wrong is not said."""

    code = "wrong_login"
    en = "The user name and password do not match. Check both and try again."
    hi = "उपयोगकर्ता नाम और पासवर्ड मेल नहीं खाते। दोनों जाँचकर फिर से लिखें।"


class LockedOut(Refusal):
    """Too many failed attempts for this account or address."""

    code = "locked_out"
    en = "Too many failed attempts. Try again in {minutes} minutes, or ask your office's administrator."
    hi = "कई बार गलत कोशिश हुई। {minutes} मिनट बाद फिर कोशिश करें, या अपने कार्यालय के प्रशासक से कहें।"


class NoPosting(Refusal):
    """The account holds no function today."""

    code = "no_posting"
    en = "Your account has no current posting. Ask your office's administrator to enter it."
    hi = "आपके खाते में अभी कोई पदस्थापना नहीं है। अपने कार्यालय के प्रशासक से इसे दर्ज कराएँ।"


class NoSuchArea(Refusal):
    """Nobody can be posted to an area that is not loaded."""

    code = "no_such_area"
    en = "There is no area {area}. Load areas.csv first, or correct the code."
    hi = "क्षेत्र {area} नहीं है। पहले areas.csv लोड करें, या कोड सुधारें।"


def record(
    actor: Actor,
    verb: str,
    object_kind: str = "",
    object_key: str = "",
    old: dict[str, Any] | None = None,
    new: dict[str, Any] | None = None,
) -> AuditEvent:
    """Add one audit event; call it in the transaction of the write (or view) it stands for.

    `object_key` is an opaque key or public code, never a member ID, Aadhaar or account number.
    """
    at = timezone.now()
    return AuditEvent.objects.create(
        at=at,
        actor=actor.name,
        ip=actor.ip,
        function=actor.function or verb,
        verb=verb,
        object_kind=object_kind,
        object_key=object_key,
        old=old,
        new=new,
        seal=seal_of(
            present_key(),
            at,
            actor.name,
            actor.ip,
            actor.function or verb,
            verb,
            object_kind,
            object_key,
            old,
            new,
        ),
    )


def check_login(
    request: HttpRequest, username: str, password: str, ip: str | None, browser: str = ""
) -> User:
    """The account of a right name and password; refuses with `LockedOut`, `WrongLogin` or `NoPosting`.

    Every attempt is kept; five failures within a quarter of an hour lock the name, fifty the address. Where a second
    factor is still to be proven the attempt is not over: its success is recorded with that proof, so that a known
    password does not set the count of wrong codes back.
    """
    name = username.strip().lower()[:150]
    minutes = locked_minutes(name, ip)
    if minutes:
        raise LockedOut(minutes=minutes)
    user = authenticate(request, username=name, password=normal(password))
    if not isinstance(user, User):
        record_attempt(name, ip, browser, LoginAttempt.Step.PASSWORD, succeeded=False)
        raise WrongLogin()
    if user.is_demonstration or not has_second_factor(user):
        record_attempt(name, ip, browser, LoginAttempt.Step.PASSWORD, succeeded=True)
    if not has_postings(user):
        raise NoPosting()
    return user


def record_attempt(
    username: str, ip: str | None, browser: str, step: LoginAttempt.Step, *, succeeded: bool
) -> None:
    """Keep one attempt to log in or to prove the second factor; the lock-out counts the failed ones."""
    LoginAttempt.objects.create(
        at=timezone.now(), username=username, ip=ip, browser=browser[:200], step=step, succeeded=succeeded
    )


def set_password(actor: Actor, user: User, password: str, *, one_time: bool = False) -> None:
    """Give an account a new password that passes the validators; raises Django's ValidationError.

    The sessions of the account lose their validity with it (Django binds them to the password).
    """
    password = normal(password)
    validate_password(password, user)
    with acting(actor, "user.set_password"):
        user.set_password(password)
        user.password_set_at = timezone.now()
        user.password_is_one_time = one_time
        user.save(update_fields=["password", "password_set_at", "password_is_one_time"])
        record(actor, "user.set_password", "user", user.username, new={"one_time": one_time})


def create_account(actor: Actor, username: str, password: str, name_en: str, name_hi: str = "") -> User:
    """Create an employee's account; raises Django's ValidationError for a weak password."""
    user = User(username=username.strip().lower(), name_en=name_en, name_hi=name_hi)
    password = normal(password)
    validate_password(password, user)
    with acting(actor, "user.create"):
        user.set_password(password)
        user.password_set_at = timezone.now()
        user.save()
        record(actor, "user.create", "user", user.username, new={"name_en": name_en})
    return user


def post(actor: Actor, user: User, role: str, area_code: str, from_on: date) -> Posting:
    """Post a user to a function in an area from a day on; the same posting twice is one. Raises `NoSuchArea`."""
    if not area_exists(area_code):
        raise NoSuchArea(area=area_code)
    with acting(actor, "posting.start"):
        posting, created = Posting.objects.get_or_create(
            user=user, role=role, area_code=area_code, from_on=from_on
        )
        if created:
            record(
                actor,
                "posting.start",
                "user",
                user.username,
                new={"role": role, "area_code": area_code, "from_on": from_on.isoformat()},
            )
    return posting


_DEMONSTRATION = (
    # user name, function, kinds of area to try in turn, name in English, name in Hindi
    ("state", "state", ("state",), "State pension cell", "राज्य पेंशन प्रकोष्ठ"),
    ("district", "district", ("district",), "District Social Justice office", "जिला सामाजिक न्याय कार्यालय"),
    (
        "block",
        "sanctioning_officer",
        ("block", "ulb"),
        "CEO, Janpad Panchayat",
        "मुख्य कार्यपालन अधिकारी, जनपद पंचायत",
    ),
    ("ddo", "ddo", ("block", "ulb"), "Drawing and disbursing officer", "आहरण एवं संवितरण अधिकारी"),
    ("gp", "secretary", ("gp", "ward"), "Secretary, Gram Panchayat", "सचिव, ग्राम पंचायत"),
    ("auditor", "auditor", ("state",), "Auditor", "लेखा परीक्षक"),
    ("pension", "verifier", ("block", "ulb"), "Pension section officer", "पेंशन शाखा अधिकारी"),
    ("appeal1", "first_appellate", ("district",), "First appellate officer", "प्रथम अपीलीय अधिकारी"),
    ("appeal2", "second_appellate", ("district",), "Second appellate authority", "द्वितीय अपीलीय प्राधिकारी"),
    ("admin", "administrator", ("district",), "Office administrator", "कार्यालय प्रशासक"),
    ("state2", "state", ("state",), "State pension cell, second officer", "राज्य पेंशन प्रकोष्ठ, दूसरे अधिकारी"),
)


def create_demo_people() -> list[tuple[str, str, str]]:
    """Create the demonstration log-ins once; returns (user name, password, function and area) of each.

    Call it only where the data are demonstration data. Posts each account to the first area of its kind that
    has families; an account whose area does not exist yet is left out.
    """
    # The second factors' own module stands on this one.
    from haqdar.access.second_factors import give_demonstration_app

    actor = platform("demonstration")
    created = []
    with acting(actor, "user.create"):
        hashed = make_password(DEMONSTRATION_PASSWORD)
        inside = ""
        for username, role, kinds, name_en, name_hi in _DEMONSTRATION:
            area = _first_area(kinds, inside)
            if area is None:
                continue
            code, path, area_name, kind = area
            if kind in ("district", "block"):
                inside = path
            user, is_new = User.objects.get_or_create(
                username=username,
                defaults={
                    "name_en": name_en,
                    "name_hi": name_hi,
                    "password": hashed,
                    "is_demonstration": True,
                    "password_set_at": timezone.now(),
                },
            )
            if is_new:
                Posting.objects.create(user=user, role=role, area_code=code, from_on=date(2012, 4, 1))
                record(actor, "user.create", "user", username, new={"role": role, "area_code": code})
            if user.is_demonstration:
                give_demonstration_app(user)
                created.append((username, DEMONSTRATION_PASSWORD, f"{role}, {area_name}"))
    return created


def _first_area(kinds: tuple[str, ...], inside: str) -> tuple[str, str, str, str] | None:
    """Code, path, name and kind of the area of one of `kinds` with the most local bodies below it, in `inside` if given."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.area_code, a.path, a.name_en, a.kind FROM access_area a WHERE a.kind = ANY(%s)"
            " ORDER BY a.path LIKE %s DESC, array_position(%s, a.kind),"
            " (SELECT count(*) FROM access_area b WHERE b.path LIKE a.path || '%%' AND b.kind IN ('gp', 'ward')) DESC,"
            " a.area_code LIMIT 1",
            [list(kinds), f"{inside}%", list(kinds)],
        )
        row = cursor.fetchone()
    return (row[0], row[1], row[2], row[3]) if row else None
