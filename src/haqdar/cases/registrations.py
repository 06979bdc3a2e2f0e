"""Changes of the register and of payees in two hands: proposed with papers, approved or refused by somebody else.

A proposal is a case: its number, its deadline and its queue are those of every other matter. Nothing is written in the register
until it is approved; then it is checked once more and carried out in the transaction that closes the case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.utils import timezone

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting, require, require_area
from haqdar.base.month import Month
from haqdar.base.refusal import Refusal, Words
from haqdar.cases.casework import NoSuchCase, Opened, advance, case_by_key, open_case
from haqdar.cases.models import Case
from haqdar.cases.offices import office_of
from haqdar.cases.opening import FROM_A_RUN
from haqdar.outreach.outbox import tell
from haqdar.registry import household, payees, vital
from haqdar.registry.documents import documents_of, hand_over
from haqdar.registry.entries import Entry, Somebody, by_key, family_facts, people
from haqdar.registry.entries import household as everybody_of
from haqdar.registry.models import Document, ResidentBelief

ENTRIES: dict[str, type[Entry]] = {
    entry.kind: entry
    for entry in (
        vital.Birth,
        vital.Death,
        vital.Marriage,
        vital.Desertion,
        vital.Divorce,
        vital.MovedOut,
        vital.MovedIn,
        vital.MissedMember,
        household.Split,
        household.Merge,
        household.Move,
        household.Transfer,
        household.NewHead,
        payees.AccountChange,
        payees.MobileChange,
        payees.Guardian,
        payees.GuardianEnd,
        payees.Heir,
    )
}
"""What can be proposed, by kind."""
DRAFT = "register_draft"
"""What papers of a form that is not submitted yet are about."""
_MOST = 200


class PaperMissing(Refusal):
    """The entry needs a paper and none was handed in."""

    code = "paper_missing"
    en = "Attach the paper that shows it: a photograph or a PDF. Without it nobody can approve the change."
    hi = "इसे दिखाने वाला कागज़ जोड़ें: फ़ोटो या PDF। उसके बिना कोई मंज़ूरी नहीं दे सकता।"


class ProposedAlready(Refusal):
    """The same change of the same person or family waits for its approval."""

    code = "proposed_already"
    en = "The same change is already proposed in case {number} and waits for approval. Nothing was proposed again."
    hi = "यही बदलाव प्रकरण {number} में पहले से प्रस्तावित है और मंज़ूरी की राह देख रहा है। दोबारा कुछ नहीं भेजा गया।"


class WhyRefused(Refusal):
    """A refusal without a reason."""

    code = "why_refused"
    en = "Write why the change is refused: whoever proposed it must know what to put right."
    hi = "लिखें कि बदलाव क्यों नामंज़ूर है: प्रस्ताव करने वाले को पता चले कि क्या सुधारना है।"


def propose(actor: Actor, entry: Entry, draft: str) -> Case:
    """Open a case for the entry with the papers of `draft`. Nothing changes in the register.

    Raises ``NotYourFunction``, ``OutsideYourArea``, an ``EntryRefused``, `PaperMissing`, `ProposedAlready`.
    """
    actor = require(actor, entry.verb)
    facts = family_facts(entry.family_id())
    require_area(actor, facts["path"])
    _takes_in(actor, entry)
    entry.check()
    papers = documents_of(DRAFT, draft) if draft else []
    if entry.needs_paper and not papers:
        raise PaperMissing()
    one = entry.about()
    with acting(actor, entry.verb):
        family_key = str(facts["key"])
        _alone([entry.family_id()])
        same = Case.objects.filter(
            kind=entry.case_kind, closed_at=None, reason=entry.kind, member_id=one.member_id if one else None
        )
        # twins are two births; a number sealed twice is still one account
        waiting = (same if one else same.filter(details__entry=entry.details())).first()
        if waiting is not None:
            raise ProposedAlready(number=waiting.number)
        case = open_case(
            actor,
            entry.verb,
            Opened(
                kind=entry.case_kind,
                area_code=facts["area_code"],
                district_code=facts["district_code"],
                member_id=one.member_id if one else None,
                resident_key=one.key if one else None,
                reason=entry.kind,
                details={"entry": entry.details(), "family": family_key},
            ),
        )
        hand_over(papers, "case", str(case.key))
        told = _to_be_told(entry)
        if told is not None:
            tell(
                actor.name,
                "register_received",
                mobile_of(told),
                "hi",
                "case",
                str(case.key),
                number=case.number,
            )
    return case


def entry_of(case: Case) -> Entry:
    """The entry that a case proposes; raises ``NoSuchCase`` for a case of another kind."""
    made = ENTRIES.get(case.reason)
    if made is None or made.case_kind != case.kind:
        raise NoSuchCase()
    return made.of(case.details["entry"])


def proposal(actor: Actor, key: UUID | str, kind: str) -> tuple[Case, Entry, list[Document]]:
    """A proposal of `kind` (register or payee) with its entry and papers; needs ``case.view`` in its area or where it leads."""
    try:
        case = case_by_key(actor, key)
    except Refusal:
        # the office that receives a family may look at the case of the office that lets it go
        arriving = Case.objects.filter(key=key, kind="register", reason="family_transfer").first()
        if arriving is None or not _arrives_at(require(actor, "case.view"), arriving):
            raise
        case = arriving
    if case.kind != kind:
        raise NoSuchCase()
    return case, entry_of(case), documents_of("case", str(case.key))


def approve(actor: Actor, key: UUID | str) -> tuple[Case, list[int]]:
    """Carry the proposal out; returns the case and the numbers of the register's changes.

    Whoever proposed it may not approve it (``SameOfficer``). Raises what `casework.advance` and the entry's own check raise.
    """
    case = Case.objects.filter(key=key).first()
    if case is None:
        raise NoSuchCase()
    entry = entry_of(case)
    actor = require(actor, entry.approval)
    with acting(actor, entry.approval):
        case = advance(actor, key, entry.approval, outcome="approved", not_after=(entry.verb,))
        members, families = entry.touches()
        _alone([*families, *(one.family_id for one in people(members).values())])
        _takes_in(actor, entry)
        entry.check()
        about = entry.about()
        before = mobile_of(about) if about else ""
        numbers = entry.carry_out(actor)
        _follow(numbers)
        _tell_approved(actor, case, entry, before)
        kind, opaque = ("resident", str(about.key)) if about else ("family", case.details["family"])
        record(
            actor,
            entry.approval,
            kind,
            opaque,
            new={"entry": entry.kind, "case": case.number, "changes": numbers},
        )
    return case, numbers


def refuse(actor: Actor, key: UUID | str, why: str) -> Case:
    """Close the proposal without any change; `why` is for whoever proposed it. Raises `WhyRefused`."""
    case = Case.objects.filter(key=key).first()
    if case is None:
        raise NoSuchCase()
    entry = entry_of(case)
    if not why.strip():
        raise WhyRefused()
    with acting(require(actor, entry.approval), entry.approval):
        case = advance(
            actor, key, entry.approval, outcome="refused", note=why.strip()[:2000], not_after=(entry.verb,)
        )
        told = _to_be_told(entry)
        if told is not None:
            # a message is paid by its length: the whole sentence stands in the case
            short = why.strip()[:60]
            values = {"number": case.number, "reason": short}
            tell(actor.name, "register_refused", mobile_of(told), "hi", "case", str(case.key), **values)
    return case


def _to_be_told(entry: Entry) -> Somebody | None:
    """Whom messages about a proposal go to: the person it is about, and of a dead person the heir."""
    return by_key(entry.receiver) if isinstance(entry, payees.Heir) else entry.about()


def mobile_of(one: Somebody) -> str:
    """The mobile on record, to send a message to; empty where there is none. It is shown on no page."""
    last = ResidentBelief.objects.filter(member_id=one.member_id).order_by("-belief_no").first()
    return (last.mobile or "") if last is not None else ""


def _tell_approved(actor: Actor, case: Case, entry: Entry, before: str) -> None:
    """Say what changed to whom it concerns; a new mobile or account is said to the old mobile as well."""
    about = entry.about()

    def say(template: str, mobile: str, **values: object) -> None:
        tell(actor.name, template, mobile, "hi", "case", str(case.key), **values)

    if isinstance(entry, payees.AccountChange):
        since = Month.of(timezone.localdate()).next().first_day
        say("account_changed", before, since=since, last4=entry.last4)
    elif isinstance(entry, payees.MobileChange) and about is not None:
        say("mobile_changed_old", before, last4=entry.last4 or "–")
        say("mobile_changed_new", mobile_of(about))
    elif isinstance(entry, payees.Guardian):
        say("guardian_named", before, number=case.number)
    elif isinstance(entry, payees.Heir):
        say("heir_named", mobile_of(by_key(entry.receiver)), number=case.number)
    elif isinstance(entry, household.Transfer):
        office = office_of(entry.area, "case.sanction")
        for one in everybody_of(entry.family_id()).values():
            # of a family, a handful
            if one.alive:
                say("transfer_done", mobile_of(one), office=Words(office.name("en"), office.name("hi")))
    elif about is not None and not isinstance(entry, vital.Death):
        say("register_approved", before, number=case.number)


@dataclass(frozen=True)
class Listed:
    """A proposal as a line of a list; `arrives` says that it brings a family from another office's area."""

    case: Case
    arrives: bool


def proposals(actor: Actor, waiting: bool) -> list[Listed]:
    """The proposals of the actor's area that wait (or were decided last), and the transfers that lead into it; by deadline, the decided newest first."""
    actor = require(actor, "case.view")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.id, NOT coalesce(a.path LIKE ANY(%(paths)s), false) FROM cases_case c"
            " LEFT JOIN access_area a ON a.area_code = c.area_code"
            " LEFT JOIN access_area t ON c.reason = 'family_transfer' AND t.area_code = c.details -> 'entry' ->> 'area'"
            " WHERE c.kind IN ('register', 'payee') AND c.reason = ANY(%(kinds)s) AND (c.closed_at IS NULL) = %(waiting)s"
            " AND (a.path LIKE ANY(%(paths)s) OR t.path LIKE ANY(%(paths)s))"
            # what waits by its deadline, what is decided by the latest
            " ORDER BY CASE WHEN c.closed_at IS NULL THEN c.due_on END, coalesce(c.closed_at, c.opened_at) DESC, c.id"
            " LIMIT %(most)s",
            {"paths": actor.path_patterns(), "kinds": list(ENTRIES), "waiting": waiting, "most": _MOST},
        )
        found = dict(cursor.fetchall())
    cases = Case.objects.in_bulk(list(found))
    return [Listed(cases[number], arrives) for number, arrives in found.items()]


def papers_of_draft(draft: str) -> Sequence[Document]:
    """The papers handed in with a form that is not submitted yet; the caller has checked whose draft it is."""
    return documents_of(DRAFT, draft)


def _alone(families: Sequence[int]) -> None:
    """Let changes of the same families wait for each other until the transaction ends; in order, so that none locks another out."""
    with connection.cursor() as cursor:
        for family_id in sorted(set(families)):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('haqdar.register'), %s)", [family_id])


def _follow(numbers: Sequence[int]) -> None:
    """Let the open cases about people whom the changes moved lie where they live now: the new office has them from here on."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH moved AS (
                SELECT DISTINCT b.member_id FROM registry_change n
                JOIN registry_resident_belief b ON b.member_id = n.member_id OR b.family_id = n.family_id
                WHERE n.id = ANY(%(numbers)s)
            ), home AS (
                SELECT m.member_id, a.area_code, a.district_code FROM moved m
                CROSS JOIN LATERAL (SELECT family_id FROM registry_resident_belief x
                    WHERE x.member_id = m.member_id ORDER BY x.belief_no DESC LIMIT 1) r
                CROSS JOIN LATERAL (SELECT area_code FROM registry_family_belief x
                    WHERE x.family_id = r.family_id ORDER BY x.belief_no DESC LIMIT 1) f
                JOIN access_area a ON a.area_code = f.area_code
            )
            UPDATE cases_case c SET area_code = h.area_code, district_code = h.district_code FROM home h
            WHERE c.member_id = h.member_id AND c.closed_at IS NULL AND c.kind = ANY(%(kinds)s)
              AND c.area_code IS DISTINCT FROM h.area_code""",
            {"numbers": list(numbers), "kinds": [*FROM_A_RUN, "application", "payment", "register", "payee"]},
        )


def _takes_in(actor: Actor, entry: Entry) -> None:
    """Refuse with ``OutsideYourArea`` an entry that takes in a family of another office's area."""
    # one family at most
    for family_id in entry.takes_in():
        require_area(actor, family_facts(family_id)["path"])


def _arrives_at(actor: Actor, case: Case) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT path FROM access_area WHERE area_code = %s", [case.details["entry"].get("area", "")]
        )
        row = cursor.fetchone()
    return row is not None and actor.sees(row[0])
