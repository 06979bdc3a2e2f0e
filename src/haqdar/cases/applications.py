"""Applications: what a person may apply for, what must be handed in, and handing it in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils import timezone

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting, require, require_area
from haqdar.base.refusal import Refusal, Words
from haqdar.cases import merged
from haqdar.cases.casework import Opened, add_step, open_case
from haqdar.cases.clock import service_of, services
from haqdar.cases.drafts import OF_CASE, OF_DRAFT, opened
from haqdar.cases.models import ApplicationDraft, Case
from haqdar.cases.offices import HoldingOffice, office_of
from haqdar.entitlement.explain import SchemeReasons
from haqdar.entitlement.queries import own_check
from haqdar.law import Text, load_lawbook
from haqdar.outreach.outbox import tell
from haqdar.registry.documents import documents_of, hand_over, keep
from haqdar.registry.merges import survivor_of
from haqdar.registry.models import Document
from haqdar.registry.own import own_person
from haqdar.registry.queries import Person
from haqdar.registry.sealing import MOBILE, sealer

SUBMIT = "application.submit"
ENTER = "application.enter"
PHOTOGRAPH, IDENTITY = "photograph", "identity"
_ALWAYS = {
    PHOTOGRAPH: Text("A photograph", "एक फ़ोटो"),
    IDENTITY: Text("A proof of identity", "पहचान का प्रमाण"),
}
_OPEN_KINDS = ("start", "application")


class NotComplete(Refusal):
    """Something that the service asks for is still missing."""

    code = "application_not_complete"
    en = "Something is still missing in the application. Open the list of tasks and complete it."
    hi = "आवेदन में अभी कुछ बाक़ी है। कामों की सूची खोलकर पूरा करें।"


class NoSuchScheme(Refusal):
    """The law has no such pension today."""

    code = "no_such_scheme"
    en = "Choose one of the pensions."
    hi = "पेंशनों में से एक चुनें।"


class NobodyThere(Refusal):
    """The register knows nobody of this number: there is no family to decide for."""

    code = "nobody_there"
    en = "This number is not in the register. Check it. If you are in no family of the register yet, your panchayat or town office adds you."
    hi = "यह नंबर रजिस्टर में नहीं है। नंबर जाँचें। अगर आप अभी किसी परिवार में दर्ज नहीं हैं, तो पंचायत या नगर कार्यालय आपको जोड़ेगा।"


class OtherMobileEnds(Refusal):
    """Somebody else's number was tried too often."""

    code = "too_many_numbers"
    en = "Too many numbers were tried with this mobile today. Try again tomorrow or go to your panchayat or town office."
    hi = "आज इस मोबाइल से बहुत नंबर आज़माए गए। कल फिर कोशिश करें या पंचायत या नगर कार्यालय जाएँ।"


class AlreadyPaid(Refusal):
    """The person holds this very pension."""

    code = "already_paid"
    en = "This pension is paid already. If money is missing, send a grievance or look at the passbook."
    hi = "यह पेंशन पहले से मिल रही है। पैसा नहीं आया हो तो शिकायत करें या पासबुक देखें।"


@dataclass(frozen=True)
class HandedIn:
    """An application as it was received. `joined` says that it was added to a case that was already open."""

    case: Case
    joined: bool
    office: HoldingOffice


@dataclass(frozen=True)
class Scan:
    """A paper handed over at the counter: its kind and content."""

    kind: str
    content: bytes = field(repr=False)


def documents_wanted(scheme: str) -> dict[str, Text]:
    """Kind → name of every paper the service for an application to `scheme` asks for, in its order.

    A law whose services name none still asks for a photograph and a proof of identity.
    """
    found = services().serving("application", scheme or None, timezone.localdate())
    return found.documents if found is not None and found.documents else dict(_ALWAYS)


def scheme_group(scheme: str) -> int:
    """The pension group of a scheme that holds today; raises `NoSuchScheme`."""
    law = load_lawbook(settings.HAQDAR_LAW).on(timezone.localdate())
    for one in law.schemes:
        if one.code == scheme:
            return one.group
    raise NoSuchScheme()


def held_now(member_id: int) -> dict[int, str]:
    """Pension group → scheme of what a member is paid: the latest change of an award, else what the registers brought."""
    member_id = survivor_of(member_id)
    with connection.cursor() as cursor:
        changed = {group: scheme for (_, group), (scheme, _) in merged.awards_of(cursor, [member_id]).items()}
        cursor.execute(
            "SELECT scheme FROM registry_pension_belief WHERE member_id = %s AND NOT is_ghost ORDER BY belief_no",
            [member_id],
        )
        brought = [row[0] for row in cursor.fetchall()]
    groups = load_lawbook(settings.HAQDAR_LAW).scheme_groups()
    held = {groups[scheme]: scheme for scheme in brought if scheme in groups} | changed
    return {group: scheme for group, scheme in held.items() if scheme}


def open_cases_of(member_id: int) -> dict[int | None, Case]:
    """Pension group → the open start or application of a member; the caller has checked who asks."""
    found = Case.objects.filter(member_id=member_id, kind__in=_OPEN_KINDS, closed_at=None).order_by("-id")
    return {case.pension_group: case for case in found}


def submit(actor: Actor, draft_key: UUID, language: str) -> HandedIn:
    """Hand in a draft: one application, however often it is pressed. Raises `NotComplete`, `NoSuchScheme`, `NobodyThere`.

    The caller has checked that the draft is the actor's own and that the mobile answered a code.
    """
    with acting(actor, SUBMIT):
        row = (
            ApplicationDraft.objects.select_for_update(of=("self",)).select_related("case").get(key=draft_key)
        )
        if row.case is not None:
            return HandedIn(
                row.case, row.case.opened_by != actor.name, office_of(row.case.area_code, "case.sanction")
            )
        answers = opened(row).answers
        papers = documents_of(OF_DRAFT, str(row.key))
        if not (answers.resident and answers.mobile and answers.scheme):
            raise NotComplete()
        if set(documents_wanted(answers.scheme)) - {paper.kind for paper in papers}:
            raise NotComplete()
        person = own_person(answers.resident)
        if person is None:
            raise NobodyThere()
        handed = _hand_in(
            actor,
            SUBMIT,
            person,
            answers.scheme,
            answers.mobile,
            language,
            note=answers.wrong if answers.facts_right == "no" else "",
        )
        hand_over(papers, OF_CASE, str(handed.case.key))
        row.case = handed.case
        row.expires_at = timezone.now() + timedelta(days=1)
        row.save(update_fields=["case", "expires_at"])
    return handed


def enter(
    actor: Actor, person: Person, scheme: str, mobile: str, language: str, scans: Iterable[Scan], note: str
) -> HandedIn:
    """Type in an application that was handed over on paper. `mobile` may be empty: nobody is told then but by letter.

    Raises ``NotYourFunction``, ``OutsideYourArea``, `NoSuchScheme`, `AlreadyPaid`,
    `NotComplete`, ``TooBig``, ``NotADocument``.
    """
    actor = require(actor, ENTER)
    require_area(actor, person.path)
    if held_now(person.member_id).get(scheme_group(scheme)) == scheme:
        raise AlreadyPaid()
    papers = list(scans)
    if set(documents_wanted(scheme)) - {scan.kind for scan in papers}:
        raise NotComplete()
    with acting(actor, ENTER):
        handed = _hand_in(actor, ENTER, person, scheme, mobile, language, note)
        for scan in papers:
            keep(actor.name, scan.content, scan.kind, OF_CASE, str(handed.case.key))
    return handed


def papers_of(case: Case) -> list[Document]:
    """What was handed in for a case; the caller has checked who may see it."""
    return documents_of(OF_CASE, str(case.key))


def _hand_in(
    actor: Actor, verb: str, person: Person, scheme: str, mobile: str, language: str, note: str
) -> HandedIn:
    group = scheme_group(scheme)
    with connection.cursor() as cursor:
        # of two applications of one person at the same moment, the second finds the first
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [1_904_001, person.member_id])
    case = (
        Case.objects.select_for_update()
        .filter(member_id=person.member_id, pension_group=group, kind__in=_OPEN_KINDS, closed_at=None)
        .order_by("id")
        .first()
    )
    joined = case is not None
    reasons = {one.code: one for one in own_check(person.key).schemes}.get(scheme)
    if case is None:
        today = timezone.localdate()
        case = open_case(
            actor,
            verb,
            Opened(
                kind="application",
                area_code=person.area_code,
                district_code=person.district_code,
                service=service_of("application", scheme, today),
                member_id=person.member_id,
                resident_key=person.key,
                pension_group=group,
                scheme=scheme,
                paise=reasons.paise if reasons else None,
                mobile=mobile,
                language=language,
                details=_computed(reasons),
            ),
        )
    if joined or note:
        add_step(actor, case, verb, reason="joined" if joined else "facts_disputed", note=note)
    if joined:
        _reach(case, person, mobile, language)
        record(actor, verb, "case", str(case.key), new={"joined": True, "scheme": scheme})
    office = office_of(case.area_code, "case.sanction")
    tell(
        actor.name,
        "application_joined" if joined else "application_received",
        mobile,
        language,
        OF_CASE,
        str(case.key),
        number=case.number,
        office=Words(office.name("en"), office.name("hi")),
        due=case.due_on,
    )
    return HandedIn(case, joined, office)


def _reach(case: Case, person: Person, mobile: str, language: str) -> None:
    """Let messages about a case that opened by itself reach whoever added to it, unless the register knows a better mobile."""
    if mobile and not case.contact_last4 and person.mobile in (None, "", mobile):
        case.contact_sealed, case.key_version = sealer().seal_one(MOBILE, mobile)
        case.contact_last4, case.language = mobile[-4:], language
        case.save(update_fields=["contact_sealed", "key_version", "contact_last4", "language"])


def _computed(reasons: SchemeReasons | None) -> dict[str, object]:
    """What the engine says on the day, for the officer who verifies: verdict and the facts that are missing."""
    if reasons is None:
        return {}
    verdict = {True: "yes", False: "no", None: "unsure"}[reasons.verdict]
    missing = sorted({name for criterion in reasons.unknown for name in criterion.missing})
    return {"verdict": verdict, "missing": missing}
