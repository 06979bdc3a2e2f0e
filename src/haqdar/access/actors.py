"""Who is acting, and what each function may do: the one permission table."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property

import pghistory
from django.db import connection, transaction

from haqdar.access.models.people import Role
from haqdar.base.refusal import Refusal

SECRETARY = Role.SECRETARY.value
VERIFIER = Role.VERIFIER.value
SANCTIONING_OFFICER = Role.SANCTIONING_OFFICER.value
DDO = Role.DDO.value
DISTRICT = Role.DISTRICT.value
FIRST_APPELLATE = Role.FIRST_APPELLATE.value
SECOND_APPELLATE = Role.SECOND_APPELLATE.value
STATE = Role.STATE.value
AUDITOR = Role.AUDITOR.value
ADMINISTRATOR = Role.ADMINISTRATOR.value

LOCAL = frozenset({SECRETARY, VERIFIER, SANCTIONING_OFFICER})
"""Who works on the cases of the local body and of its janpad or urban body."""
APPELLATE = frozenset({FIRST_APPELLATE, SECOND_APPELLATE})
OFFICES = LOCAL | APPELLATE | {DISTRICT, STATE, AUDITOR}
"""Who may see people of the own area."""
EVERYBODY = OFFICES | {DDO}
"""Every function of casework and money; an office administrator manages accounts and sees nobody's data."""

MAY: dict[str, frozenset[str]] = {
    # the month
    "month.view": EVERYBODY,
    "month.run": frozenset({STATE}),
    "month.replay": frozenset({STATE, AUDITOR}),
    "worklist.view": EVERYBODY,
    "worklist.download": OFFICES,
    "forecast.view": EVERYBODY,
    "forecast.download": OFFICES,
    "change.view": OFFICES,
    "change.download": OFFICES,
    "run.view": frozenset({DISTRICT, STATE, AUDITOR}),
    # people and registers
    "person.view": OFFICES,
    "person.search": OFFICES,
    "family.view": OFFICES,
    "reasons.view": OFFICES,
    "document.view": OFFICES,
    "event.record": LOCAL,
    "event.withdraw": LOCAL,
    "fact.verify": LOCAL,
    "fact.correct": LOCAL,
    "fact.keep": frozenset(),
    # eKYC at a service centre, with the resident present; a citizen does it for himself after a code
    "ekyc.verify": frozenset({SECRETARY, VERIFIER}),
    "ekyc.view": OFFICES,
    "ekyc.count": frozenset(),
    "quality.view": OFFICES,
    "quality.download": OFFICES,
    "quality.accept": LOCAL,
    "quality.look": frozenset({STATE}),
    "register.propose": LOCAL,
    "register.approve": frozenset({VERIFIER, SANCTIONING_OFFICER}),
    # two member numbers of one person; between districts that is the State
    "person.merge": frozenset({VERIFIER, SANCTIONING_OFFICER, DISTRICT, STATE}),
    "person.unmerge": frozenset({SANCTIONING_OFFICER, DISTRICT, STATE}),
    "payee.change": LOCAL,
    "payee.approve": frozenset({VERIFIER, SANCTIONING_OFFICER}),
    "gramsabha.view": OFFICES,
    "gramsabha.object": frozenset({SECRETARY, VERIFIER}),
    "socialaudit.view": OFFICES,
    "socialaudit.draw": frozenset({DISTRICT, AUDITOR}),
    "socialaudit.answer": frozenset({SECRETARY, VERIFIER}),
    # who is one person: the search for duplicates
    "pair.find": frozenset({STATE}),
    "delivery.view": frozenset({DISTRICT, STATE, AUDITOR}),
    "delivery.load": frozenset({STATE}),
    "delivery.download": frozenset({STATE, AUDITOR}),
    # departments' lists tied to residents
    "seeding.view": frozenset({DISTRICT, STATE, AUDITOR}),
    "seeding.department": frozenset({STATE}),
    "seeding.upload": frozenset({DISTRICT, STATE}),
    "seeding.judge": frozenset({DISTRICT, STATE}),
    "seeding.converge": frozenset({DISTRICT, STATE}),
    "seeding.examine": frozenset({DISTRICT, STATE}),
    "seeding.download": frozenset({DISTRICT, STATE, AUDITOR}),
    # casework
    "desk.view": EVERYBODY,
    "case.view": OFFICES,
    "case.download": OFFICES,
    "application.enter": frozenset({SECRETARY, VERIFIER}),
    "case.verify": frozenset({SECRETARY, VERIFIER}),
    "case.sanction": frozenset({SANCTIONING_OFFICER}),
    "case.reject": frozenset({SANCTIONING_OFFICER}),
    "case.return": frozenset({SANCTIONING_OFFICER}),
    "case.note": frozenset({VERIFIER, SANCTIONING_OFFICER}),
    # a payee whom the register does not know has no place: only the State sees that case
    "case.examine": frozenset({VERIFIER, SANCTIONING_OFFICER, STATE}),
    "stop.confirm": frozenset({SANCTIONING_OFFICER}),
    "stop.restore": frozenset({SANCTIONING_OFFICER}),
    "objection.enter": LOCAL,
    "objection.decide": frozenset({SANCTIONING_OFFICER}),
    "appeal.enter": frozenset({SECRETARY, VERIFIER}),
    "appeal.decide": frozenset({FIRST_APPELLATE}),
    "second_appeal.decide": frozenset({SECOND_APPELLATE}),
    "penalty.impose": frozenset({SECOND_APPELLATE}),
    "grievance.answer": frozenset({VERIFIER, SANCTIONING_OFFICER, DISTRICT, STATE}),
    "order.view": OFFICES,
    "card.view": OFFICES,
    "card.issue": LOCAL,
    "card.print": LOCAL | {DISTRICT},
    "card.withdraw": LOCAL,
    "delay.view": frozenset({SANCTIONING_OFFICER, DISTRICT, STATE, AUDITOR}) | APPELLATE,
    # one person, once: whoever judges a pair of records sees both people; between districts that is the State
    "pair.view": frozenset({VERIFIER, SANCTIONING_OFFICER, DISTRICT, STATE, AUDITOR}),
    "pair.judge": frozenset({VERIFIER, SANCTIONING_OFFICER, DISTRICT, STATE}),
    "pair.confirm": frozenset({SANCTIONING_OFFICER, DISTRICT, STATE}),
    # money
    "payments.view": frozenset({SANCTIONING_OFFICER, DDO, DISTRICT, STATE, AUDITOR}) | APPELLATE,
    "payments.download": frozenset({DDO, DISTRICT, STATE, AUDITOR}),
    "month.close": frozenset({STATE}),
    "proposal.view": LOCAL | {DDO, DISTRICT, STATE, AUDITOR},
    "proposal.verify": frozenset({SECRETARY, VERIFIER}),
    "proposal.submit": frozenset({SECRETARY, VERIFIER}),
    "hold.view": LOCAL | {DDO, DISTRICT, STATE, AUDITOR},
    "hold.place": frozenset({SANCTIONING_OFFICER}),
    "hold.release": frozenset({SANCTIONING_OFFICER}),
    "bill.sanction": frozenset({SANCTIONING_OFFICER}),
    "bill.submit": frozenset({DDO}),
    "bill.cancel": frozenset({DDO}),
    # what the treasury says of a bill, typed in where no line to it exists
    "bill.answer": frozenset({DDO, STATE}),
    # the line to the treasury: what waits on it, asking again; the exchange itself is the platform's
    "treasury.view": frozenset({DDO, DISTRICT, STATE, AUDITOR}),
    "treasury.retry": frozenset({DDO, STATE}),
    "treasury.exchange": frozenset(),
    "budget.view": frozenset({DDO, DISTRICT, STATE, AUDITOR}),
    "budget.enter": frozenset({STATE}),
    "bankfile.view": frozenset({STATE, AUDITOR}),
    "bankfile.make": frozenset({STATE}),
    "bankfile.release": frozenset({STATE}),
    "bankfile.download": frozenset({STATE}),
    "response.view": frozenset({DDO, DISTRICT, STATE, AUDITOR}),
    "response.read": frozenset({STATE}),
    "return.view": LOCAL | {DDO, DISTRICT, STATE, AUDITOR},
    "return.represent": frozenset({STATE}),
    "recall.ask": frozenset({DDO, STATE}),
    "writeoff.propose": frozenset({DDO}),
    "writeoff.approve": frozenset({STATE}),
    "branch.load": frozenset({STATE}),
    "reconciliation.view": frozenset({DDO, DISTRICT, STATE, AUDITOR}),
    "report.view": frozenset({DDO, DISTRICT, STATE, AUDITOR}),
    "sample.draw": frozenset({AUDITOR}),
    # law
    "law.view": frozenset({STATE, AUDITOR}),
    "law.simulate": frozenset({STATE}),
    "law.approve": frozenset({STATE}),
    "law.enact": frozenset(),
    # offices, people, audit
    "own_account.manage": EVERYBODY | {ADMINISTRATOR},
    "employee.view": frozenset({ADMINISTRATOR, STATE, AUDITOR}),
    "employee.manage": frozenset({ADMINISTRATOR}),
    "session.end": frozenset({ADMINISTRATOR}),
    "audit.view": frozenset({STATE, AUDITOR}),
    "audit.download": frozenset({AUDITOR}),
    "audit.seal": frozenset(),
    "audit.verify": frozenset(),
    "figures.publish": frozenset(),
    "outbox.view": frozenset({STATE}),
    "key.rotate": frozenset(),
    # who asked for whose Aadhaar number, and why
    "vault.seal": frozenset(),
    "vault.audit": frozenset({STATE, AUDITOR}),
    "vault.download": frozenset({AUDITOR}),
}
"""Verb -> the functions that may do it, within their own area. A verb that is not listed is nobody's."""

SECOND_FACTOR = frozenset(
    {
        "case.sanction",
        "case.reject",
        "stop.confirm",
        "stop.restore",
        "objection.decide",
        "appeal.decide",
        "second_appeal.decide",
        "penalty.impose",
        "payee.approve",
        "register.approve",
        "person.merge",
        "person.unmerge",
        "pair.judge",
        "pair.confirm",
        "month.run",
        "month.close",
        "hold.place",
        "hold.release",
        "bill.sanction",
        "bill.submit",
        "bill.cancel",
        "bill.answer",
        "treasury.retry",
        "budget.enter",
        "bankfile.make",
        "bankfile.release",
        "response.read",
        "return.represent",
        "recall.ask",
        "writeoff.propose",
        "writeoff.approve",
        "law.approve",
        "seeding.converge",
        "employee.manage",
        "session.end",
    }
)
"""The verbs that sanction, stop, pay or give power: whoever may do one of them logs in with a second factor."""


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
class Grant:
    """One current posting: a role in one area. `path` is None for the whole State; `functions` narrows the role's verbs."""

    role: str
    path: str | None
    functions: frozenset[str] | None = None

    def includes(self, verb: str) -> bool:
        """Whether the posting allows `verb`; the own account is everybody's, whatever was delegated."""
        return self.role in MAY.get(verb, frozenset()) and (
            self.functions is None or verb in self.functions or verb == "own_account.manage"
        )


@dataclass(frozen=True)
class Actor:
    """Somebody who acts: a logged-in employee, the public, or the platform itself.

    `area_paths` are the tree paths ("/23/412/") the actor may see; None means the whole State, an empty
    tuple means nothing. `function` is the verb being exercised and goes into history and audit. `grants` are the
    postings one by one: `doing` narrows roles and areas to those that include the verb, so that a person who sanctions
    in one block and audits another never sanctions in the second.
    """

    user_id: int | None
    name: str
    roles: frozenset[str] = frozenset()
    area_paths: tuple[str, ...] | None = ()
    ip: str | None = None
    function: str = ""
    name_en: str = ""
    name_hi: str = ""
    grants: tuple[Grant, ...] = ()

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
        if self.grants:
            return frozenset(verb for verb in MAY if any(grant.includes(verb) for grant in self.grants))
        return frozenset(verb for verb, roles in MAY.items() if roles & self.roles)

    def doing(self, verb: str) -> "Actor":
        """The same actor exercising `verb`: only the roles and areas of postings that include it."""
        if not self.grants:
            return replace(self, function=verb)
        own = [grant for grant in self.grants if grant.includes(verb)]
        return replace(
            self,
            function=verb,
            roles=frozenset(grant.role for grant in own),
            area_paths=areas_of(own),
        )

    def only(self, *verbs: str) -> "Actor":
        """The same actor with nothing but these verbs, where the postings include them."""
        left = frozenset(verbs)
        narrowed = (
            replace(grant, functions=left if grant.functions is None else grant.functions & left)
            for grant in self.grants
        )
        kept = tuple(grant for grant in narrowed if any(grant.includes(verb) for verb in left))
        return replace(
            self, grants=kept, roles=frozenset(grant.role for grant in kept), area_paths=areas_of(kept)
        )

    def may(self, verb: str) -> bool:
        """Whether the actor's function includes `verb`; the area is a separate question."""
        return verb in self.verbs

    def may_in(self, verb: str, path: str | None) -> bool:
        """Whether the actor may do `verb` in the area of tree path `path`."""
        return self.may(verb) and self.doing(verb).sees(path)

    def sees(self, path: str | None) -> bool:
        """Whether an area with tree path `path` lies in the actor's area; an unknown place is the State's alone."""
        if self.area_paths is None:
            return True
        return path is not None and any(path.startswith(own) for own in self.area_paths)

    def path_patterns(self) -> list[str]:
        """LIKE patterns of the actor's area paths, for `path LIKE ANY(...)`."""
        return ["/%"] if self.area_paths is None else [below(path) for path in self.area_paths]


def areas_of(grants: Iterable[Grant]) -> tuple[str, ...] | None:
    """The paths of the grants, in order; None as soon as one covers the whole State."""
    paths = {grant.path for grant in grants}
    return None if None in paths else tuple(sorted(path for path in paths if path is not None))


ANONYMOUS = Actor(user_id=None, name="public")


def platform(name: str = "haqdar") -> Actor:
    """The command line or a job: sees the whole State and may do everything; `name` goes into the history."""
    return Actor(user_id=None, name=name, roles=frozenset({"platform"}), area_paths=None)


def require(actor: Actor, verb: str) -> Actor:
    """The actor exercising `verb`, narrowed to where that is allowed; refuses with `NotLoggedIn` or `NotYourFunction`."""
    if actor.may(verb):
        return actor.doing(verb)
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
