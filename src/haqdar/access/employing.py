"""Writes of an office administrator: accounts, postings, delegated functions, locking and resetting."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from haqdar.access.actions import NoSuchArea, record, record_attempt, set_password
from haqdar.access.actors import Actor, OutsideYourArea, acting, require
from haqdar.access.employees import AREA_KINDS_OF, Employee, Post, manages, verbs_of
from haqdar.access.models.areas import Area
from haqdar.access.models.people import LoginAttempt, Posting, User
from haqdar.access.passwords import one_time_password
from haqdar.access.second_factors import SharedByAll, remove_all_factors
from haqdar.access.sessions import end_sessions
from haqdar.base.refusal import Refusal, Words

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,49}")


class NotYourself(Refusal):
    """Nobody gives powers to themselves, or takes the own account's controls."""

    code = "not_yourself"
    en = "This is your own account. Another administrator has to do this for you."
    hi = "यह आपका अपना खाता है। यह काम आपके लिए कोई दूसरा प्रशासक करेगा।"


class BadUsername(Refusal):
    """The user name does not have the form."""

    code = "bad_username"
    en = "A user name has 2 to 50 small letters a to z, digits, dots or hyphens, for example meena.verma."
    hi = "उपयोगकर्ता नाम में 2 से 50 छोटे अंग्रेज़ी अक्षर, अंक, बिंदु या हाइफ़न हों, जैसे meena.verma।"


class UsernameTaken(Refusal):
    """Another account has the name."""

    code = "username_taken"
    en = "There is already an account {username}. Choose another user name, for example with a number."
    hi = "{username} नाम का खाता पहले से है। दूसरा नाम चुनें, जैसे साथ में अंक लगाकर।"


class RoleNotThere(Refusal):
    """The function does not exist in areas of this kind."""

    code = "role_not_there"
    en = "This function does not exist in {area}. Choose the area of the office that has it."
    hi = "{area} में यह पद नहीं होता। उस कार्यालय का क्षेत्र चुनें जिसमें यह पद है।"


class FunctionNotInRole(Refusal):
    """A delegated verb is none of the role's."""

    code = "function_not_in_role"
    en = "The function does not include {verb}. Choose among the tasks shown."
    hi = "इस पद में {verb} शामिल नहीं है। दिखाए गए कामों में से चुनें।"


class NothingDelegated(Refusal):
    """A posting without any verb is none."""

    code = "nothing_delegated"
    en = "Choose at least one task, or end the posting."
    hi = "कम से कम एक काम चुनें, या पदस्थापना समाप्त करें।"


class DatesOutOfOrder(Refusal):
    """The last day lies before the first."""

    code = "dates_out_of_order"
    en = "The last day lies before the first one. Correct one of the two."
    hi = "आख़िरी दिन पहले दिन से पहले का है। दोनों में से एक सुधारें।"


class ChargeNeedsEnd(Refusal):
    """Somebody else's post is held for a time only."""

    code = "charge_needs_end"
    en = "An acting charge has a last day. Enter it; it can be extended later."
    hi = "अस्थायी प्रभार का आख़िरी दिन होता है। वह लिखें; बाद में बढ़ाया जा सकता है।"


class AlreadyPosted(Refusal):
    """The same function in the same area on the same days."""

    code = "already_posted"
    en = "The employee already holds this function in this area at that time ({dates})."
    hi = "इस समय में कर्मचारी के पास इस क्षेत्र का यही पद पहले से है ({dates})।"


class PostingOver(Refusal):
    """What is over is not changed any more."""

    code = "posting_over"
    en = "This posting is over and stays as it was. Enter a new one instead."
    hi = "यह पदस्थापना समाप्त हो चुकी है और वैसी ही रहेगी। इसके बदले नई दर्ज करें।"


class TooEarly(Refusal):
    """The day of a transfer lies before the old posting began."""

    code = "transfer_too_early"
    en = "The new posting must begin after {day}, the first day of the present one."
    hi = "नई पदस्थापना {day} के बाद शुरू हो, जो मौजूदा का पहला दिन है।"


class InThePast(Refusal):
    """Powers are not given or taken for days that are over."""

    code = "in_the_past"
    en = "Powers cannot be given or taken for days that are over. Choose today or a later day."
    hi = "बीते दिनों के लिए अधिकार न दिए जा सकते हैं न लिए। आज या आगे का दिन चुनें।"


@dataclass(frozen=True)
class Planned:
    """A posting to be made. `functions` None for all verbs of the role; `to_on` None while it lasts."""

    role: str
    area_code: str
    from_on: date
    to_on: date | None = None
    charge: str = Posting.Charge.REGULAR.value
    functions: frozenset[str] | None = None


def create_employee(
    actor: Actor, username: str, name_en: str, name_hi: str, planned: Planned
) -> tuple[User, str]:
    """A new account with its first posting and a one-time password, which is returned this once (`employee.manage`)."""
    actor = require(actor, "employee.manage")
    username = username.strip().lower()
    if not _USERNAME.fullmatch(username):
        raise BadUsername()
    with acting(actor, "employee.manage"):
        if User.objects.filter(username=username).exists():
            raise UsernameTaken(username=username)
        password = one_time_password()
        user = User(
            username=username,
            name_en=name_en.strip(),
            name_hi=name_hi.strip(),
            password_is_one_time=True,
            password_set_at=timezone.now(),
        )
        user.set_password(password)
        user.save()
        record(actor, "user.create", "user", username, new={"name_en": user.name_en, "name_hi": user.name_hi})
        start_posting(actor, user, planned)
    return user, password


def start_posting(actor: Actor, user: User, planned: Planned) -> Posting:
    """Post an employee to a function in an area of the administrator's own (`employee.manage`)."""
    actor = require(actor, "employee.manage")
    with acting(actor, "employee.manage"):
        _lock(actor, user)
        _check(actor, user, planned)
        posting = Posting.objects.create(
            user=user,
            role=planned.role,
            area_code=planned.area_code,
            charge=planned.charge,
            functions=None if planned.functions is None else sorted(planned.functions),
            from_on=planned.from_on,
            to_on=planned.to_on,
        )
        record(actor, "posting.start", "user", user.username, new=_said(posting))
    return posting


def change_posting(
    actor: Actor, user: User, post: Post, functions: frozenset[str] | None, to_on: date | None
) -> None:
    """Delegate other verbs of the role, or move the last day of a posting that is not over (`employee.manage`)."""
    actor = require(actor, "employee.manage")
    with acting(actor, "employee.manage"):
        posting = _own_posting(actor, user, post)
        _check_functions(posting.role, functions)
        if posting.charge == Posting.Charge.ACTING and to_on is None:
            raise ChargeNeedsEnd()
        if to_on is not None and to_on < posting.from_on:
            raise DatesOutOfOrder()
        if to_on is not None and to_on != posting.to_on and to_on < timezone.localdate() - timedelta(days=1):
            raise InThePast()
        _check_overlap(
            user,
            Planned(posting.role, posting.area_code, posting.from_on, to_on, posting.charge),
            but=posting.pk,
        )
        before = _said(posting)
        posting.functions = None if functions is None else sorted(functions)
        posting.to_on = to_on
        posting.save(update_fields=["functions", "to_on"])
        record(actor, "posting.change", "user", user.username, old=before, new=_said(posting))


def end_posting(actor: Actor, user: User, post: Post, last_on: date) -> None:
    """Let a posting end with the day `last_on`; one that has not begun by then is taken back (`employee.manage`)."""
    actor = require(actor, "employee.manage")
    with acting(actor, "employee.manage"):
        posting = _own_posting(actor, user, post)
        _end(actor, user, posting, last_on)


def transfer(actor: Actor, user: User, post: Post, planned: Planned) -> None:
    """End one posting with the day before another begins, so that no day is without one (`employee.manage`)."""
    actor = require(actor, "employee.manage")
    with acting(actor, "employee.manage"):
        posting = _own_posting(actor, user, post)
        if planned.from_on <= posting.from_on:
            day = posting.from_on.isoformat()
            raise TooEarly(day=day)
        _end(actor, user, posting, planned.from_on - timedelta(days=1))
        start_posting(actor, user, planned)


def lock_account(actor: Actor, found: Employee, *, locked: bool) -> None:
    """Lock an account, which ends its sessions, or open it again (`employee.manage`)."""
    actor, user = _managed(actor, found, "employee.manage")
    with acting(actor, "employee.manage"):
        user.is_active = not locked
        user.save(update_fields=["is_active"])
        verb = "user.lock" if locked else "user.unlock"
        record(actor, verb, "user", user.username, old={"active": locked}, new={"active": not locked})
        if locked:
            end_sessions(actor, user)


def sign_out(actor: Actor, found: Employee) -> int:
    """End every session of an employee now (`session.end`); returns how many there were."""
    actor, user = _managed(actor, found, "session.end")
    return end_sessions(actor, user)


def reset_password(actor: Actor, found: Employee) -> str:
    """A one-time password in place of a forgotten one; it is returned this once, and sessions end (`employee.manage`)."""
    actor, user = _managed(actor, found, "employee.manage")
    if user.is_demonstration:
        raise SharedByAll()
    password = one_time_password()
    with acting(actor, "employee.manage"):
        set_password(actor, user, password, one_time=True)
        end_sessions(actor, user)
    return password


def reset_second_factors(actor: Actor, found: Employee) -> None:
    """Forget a lost second factor; the next log-in leads to setting up another, and sessions end (`employee.manage`)."""
    actor, user = _managed(actor, found, "employee.manage")
    if user.is_demonstration:
        raise SharedByAll()
    with acting(actor, "employee.manage"):
        remove_all_factors(actor, user)
        end_sessions(actor, user)


def lift_lock_out(actor: Actor, found: Employee) -> None:
    """Let an employee try to log in again before the lock-out is over (`employee.manage`)."""
    actor, user = _managed(actor, found, "employee.manage")
    with acting(actor, "employee.manage"):
        record_attempt(user.username, actor.ip, "", LoginAttempt.Step.LIFTED, succeeded=True)
        record(actor, "user.lift_lock_out", "user", user.username)


def _managed(actor: Actor, found: Employee, verb: str) -> tuple[Actor, User]:
    if actor.user_id == found.pk:
        raise NotYourself()
    actor = require(actor, verb)
    if not manages(actor, found):
        raise OutsideYourArea()
    return actor, User.objects.get(pk=found.pk)


def _lock(actor: Actor, user: User) -> None:
    """One change of an employee's postings at a time, and never by the employee."""
    if actor.user_id == user.pk:
        raise NotYourself()
    User.objects.select_for_update().get(pk=user.pk)


def _own_posting(actor: Actor, user: User, post: Post) -> Posting:
    _lock(actor, user)
    posting = Posting.objects.select_for_update().get(pk=post.number, user=user)
    if not actor.sees(post.path):
        raise OutsideYourArea()
    if posting.to_on is not None and posting.to_on < timezone.localdate():
        raise PostingOver()
    return posting


def _check(actor: Actor, user: User, planned: Planned) -> None:
    area = Area.objects.filter(area_code=planned.area_code).first()
    if area is None:
        raise NoSuchArea(area=planned.area_code)
    if not actor.sees(area.path):
        raise OutsideYourArea()
    if area.kind not in AREA_KINDS_OF.get(planned.role, ()):
        raise RoleNotThere(area=Words(area.name_en, area.name_hi or area.name_en))
    _check_functions(planned.role, planned.functions)
    if planned.to_on is not None and planned.to_on < planned.from_on:
        raise DatesOutOfOrder()
    if planned.from_on < timezone.localdate():
        raise InThePast()
    if planned.charge == Posting.Charge.ACTING and planned.to_on is None:
        raise ChargeNeedsEnd()
    _check_overlap(user, planned)


def _check_functions(role: str, functions: frozenset[str] | None) -> None:
    if functions is not None:
        if not functions:
            raise NothingDelegated()
        foreign = sorted(functions - set(verbs_of(role)))
        if foreign:
            raise FunctionNotInRole(verb=foreign[0])


def _check_overlap(user: User, planned: Planned, but: int | None = None) -> None:
    same = Posting.objects.filter(user=user, role=planned.role, area_code=planned.area_code)
    if but is not None:
        same = same.exclude(pk=but)
    same = same.filter(Q(to_on__isnull=True) | Q(to_on__gte=planned.from_on))
    if planned.to_on is not None:
        same = same.filter(from_on__lte=planned.to_on)
    found = same.first()
    if found is not None:
        raise AlreadyPosted(
            dates=f"{found.from_on.isoformat()} – {found.to_on.isoformat() if found.to_on else '…'}"
        )


def _end(actor: Actor, user: User, posting: Posting, last_on: date) -> None:
    before = _said(posting)
    if last_on < timezone.localdate() - timedelta(days=1):
        raise InThePast()
    if last_on < posting.from_on:
        # It never came into force.
        posting.delete()
        record(actor, "posting.cancel", "user", user.username, old=before)
        return
    if posting.to_on is not None and posting.to_on < last_on:
        return
    posting.to_on = last_on
    posting.save(update_fields=["to_on"])
    record(actor, "posting.end", "user", user.username, old=before, new=_said(posting))


def _said(posting: Posting) -> dict[str, Any]:
    return {
        "role": posting.role,
        "area_code": posting.area_code,
        "from_on": posting.from_on.isoformat(),
        "to_on": posting.to_on.isoformat() if posting.to_on else None,
        "charge": posting.charge,
        "functions": posting.functions,
    }


def account_of(found: Employee) -> User:
    """The account behind an employee's page."""
    return User.objects.get(pk=found.pk)
