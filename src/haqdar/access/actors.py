"""Who is acting, and what each function may do: the one permission table."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import pghistory
from django.db import connection, transaction

from haqdar.access.models.people import Role
from haqdar.base.refusal import Refusal

SECRETARY = Role.SECRETARY.value
SANCTIONING_OFFICER = Role.SANCTIONING_OFFICER.value
DDO = Role.DDO.value
DISTRICT = Role.DISTRICT.value
STATE = Role.STATE.value
AUDITOR = Role.AUDITOR.value

EVERYBODY = frozenset({SECRETARY, SANCTIONING_OFFICER, DDO, DISTRICT, STATE, AUDITOR})

MAY: dict[str, frozenset[str]] = {
    "month.view": EVERYBODY,
    "month.run": frozenset({STATE}),
    "month.replay": frozenset({STATE, AUDITOR}),
    "worklist.view": EVERYBODY,
    "worklist.download": EVERYBODY - {DDO},
    "forecast.view": EVERYBODY,
    "forecast.download": EVERYBODY - {DDO},
    "person.view": EVERYBODY - {DDO},
    "reasons.view": EVERYBODY - {DDO},
    "person.search": EVERYBODY - {DDO},
    "family.view": EVERYBODY - {DDO},
    "payments.view": frozenset({SANCTIONING_OFFICER, DDO, DISTRICT, STATE, AUDITOR}),
    "payments.download": frozenset({DDO, DISTRICT, STATE, AUDITOR}),
    "delivery.load": frozenset({STATE}),
    "event.record": frozenset({SECRETARY, SANCTIONING_OFFICER}),
    "event.withdraw": frozenset({SECRETARY, SANCTIONING_OFFICER}),
    "change.view": EVERYBODY - {DDO},
    "change.download": EVERYBODY - {DDO},
    "fact.verify": frozenset({SECRETARY, SANCTIONING_OFFICER}),
    "key.rotate": frozenset(),
    "delivery.view": frozenset({DISTRICT, STATE, AUDITOR}),
    "delivery.download": frozenset({STATE, AUDITOR}),
    "run.view": frozenset({DISTRICT, STATE, AUDITOR}),
    "law.view": frozenset({STATE, AUDITOR}),
    "law.simulate": frozenset({STATE}),
    "law.approve": frozenset({STATE}),
    "law.enact": frozenset(),
    "audit.view": frozenset({STATE, AUDITOR}),
}
"""Verb -> the functions that may do it, within their own area. A verb that is not listed is nobody's."""


class NotLoggedIn(Refusal):
    """The page is for people with an account."""

    code = "not_logged_in"
    en = "Log in first. This page shows personal data and is for officers only."
    hi = "पहले लॉग इन करें। इस पन्ने पर लोगों की निजी जानकारी है, इसे केवल अधिकारी देख सकते हैं।"


class NotYourFunction(Refusal):
    """The actor's function does not include the verb."""

    code = "not_your_function"
    en = "Your function does not include this. Ask your office's administrator if you need it for your work."
    hi = "आपके पद में यह काम शामिल नहीं है। काम के लिए ज़रूरी हो तो अपने कार्यालय के प्रशासक से कहें।"


class OutsideYourArea(Refusal):
    """The object lies outside the area of the actor's postings."""

    code = "outside_your_area"
    en = "This is outside your area. You see the people and payments of your own area only."
    hi = "यह आपके क्षेत्र से बाहर है। आप केवल अपने क्षेत्र के लोग और भुगतान देख सकते हैं।"


def below(path: str) -> str:
    r"""The LIKE pattern of an area and everything below it.

    >>> below("/23/A_1/")
    '/23/A\\_1/%'
    """
    return path.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_") + "%"


@dataclass(frozen=True)
class Actor:
    """Somebody who acts: a logged-in employee, the public, or the platform itself.

    `area_paths` are the tree paths ("/23/412/") the actor may see; None means the whole State, an empty
    tuple means nothing. `function` is the verb being exercised and goes into history and audit.
    """

    user_id: int | None
    name: str
    roles: frozenset[str] = frozenset()
    area_paths: tuple[str, ...] | None = ()
    ip: str | None = None
    function: str = ""
    name_en: str = ""
    name_hi: str = ""

    @property
    def is_anonymous(self) -> bool:
        """True for the public."""
        return self.user_id is None and not self.is_platform

    @property
    def is_platform(self) -> bool:
        """True for the command line and background jobs, which act with the operator's rights."""
        return self.user_id is None and "platform" in self.roles

    @cached_property
    def verbs(self) -> frozenset[str]:
        """Everything the actor may do somewhere."""
        if self.is_platform:
            return frozenset(MAY)
        return frozenset(verb for verb, roles in MAY.items() if roles & self.roles)

    def may(self, verb: str) -> bool:
        """Whether the actor's function includes `verb`; the area is a separate question."""
        return verb in self.verbs

    def sees(self, path: str | None) -> bool:
        """Whether an area with tree path `path` lies in the actor's area; an unknown place is the State's alone."""
        if self.area_paths is None:
            return True
        return path is not None and any(path.startswith(own) for own in self.area_paths)

    def path_patterns(self) -> list[str]:
        """LIKE patterns of the actor's area paths, for `path LIKE ANY(...)`."""
        return ["/%"] if self.area_paths is None else [below(path) for path in self.area_paths]


ANONYMOUS = Actor(user_id=None, name="public")


def platform(name: str = "haqdar") -> Actor:
    """The command line or a job: sees the whole State and may do everything; `name` goes into the history."""
    return Actor(user_id=None, name=name, roles=frozenset({"platform"}), area_paths=None)


def require(actor: Actor, verb: str) -> None:
    """Refuse with `NotLoggedIn` or `NotYourFunction` unless the actor may do `verb`."""
    if actor.may(verb):
        return
    raise NotLoggedIn() if actor.is_anonymous else NotYourFunction()


def require_area(actor: Actor, path: str | None) -> None:
    """Refuse with `OutsideYourArea` unless the place lies in the actor's area."""
    if not actor.sees(path):
        raise OutsideYourArea()


def set_context(actor: Actor, function: str = "") -> None:
    """Tell PostgreSQL who is acting until the end of the transaction; history triggers read it from there."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('haqdar.actor', %s, true), set_config('haqdar.ip', %s, true),"
            " set_config('haqdar.function', %s, true)",
            [actor.name, actor.ip or "", function or actor.function],
        )


@contextmanager
def acting(actor: Actor, function: str) -> Iterator[None]:
    """One transaction in which every changed row is put down to `actor` doing `function`."""
    with transaction.atomic(), pghistory.context(user=actor.name, ip=actor.ip, function=function):
        set_context(actor, function)
        yield
