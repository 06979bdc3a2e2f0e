"""From a document to a verified resident: read, wait sealed in the vault, be compared, be confirmed; and the end of it.

An officer does it for a resident who is present (`ekyc.verify`), a citizen for himself after a one-time code: that actor's name is
``citizen:<key>`` (web.citizen.proven) and reaches no other resident. Only hashes are kept of a document.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings
from django.utils import timezone
from stdnum.in_ import aadhaar as aadhaar_numbers

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting, platform
from haqdar.base.refusal import Refusal, Words
from haqdar.identity.ekyc import clashes, comparing, online, samples, verified
from haqdar.identity.ekyc.comparing import FACTS, Known, Line
from haqdar.identity.ekyc.consents import agreed as consent_given
from haqdar.identity.ekyc.document import OFFLINE_XML, ONLINE, SECURE_QR, Document, accepted, same_mobile
from haqdar.identity.ekyc.held import drop
from haqdar.identity.ekyc.offline_xml import read_offline
from haqdar.identity.ekyc.persons import PURPOSE, alive, allowed, own_of, reference_of
from haqdar.identity.ekyc.refusals import (
    AnotherNumber,
    AnotherPerson,
    AnswerMissing,
    EkycRefusal,
    MobileDiffers,
    NoConsent,
    NotANumber,
    NotCompared,
    NotThisPerson,
    NumberNeeded,
    Replayed,
    Unavailable,
    VerifiedElsewhere,
)
from haqdar.identity.ekyc.secure_qr import digits_in, read_qr
from haqdar.identity.ekyc.trust import Pin, pins_of
from haqdar.identity.models import Consent, EkycCheck, Verified
from haqdar.law.ekyc import EkycRules, ekyc_on
from haqdar.registry import corrections, merges, proven
from haqdar.registry.corrections import Correction, DoubtsUnanswered
from haqdar.registry.doubts import Doubt
from haqdar.registry.evidence import Evidence
from haqdar.registry.queries import Person
from haqdar.vault import store

_FIELD_WORDS = {
    "name": Words("the name is another", "नाम दूसरा है"),
    "born_on": Words("the date of birth lies too far away", "जन्म तारीख में ज़्यादा अंतर है"),
    "sex": Words("the sex is another", "लिंग दूसरा है"),
    "mobile": Words("your mobile number is not the one linked with it", "आपका मोबाइल नंबर उससे जुड़ा हुआ नहीं है"),
    "unlikely": Words("the correction is unlikely", "सुधार असामान्य है"),
}


VERIFIED_ALIKE = Doubt(
    "verified_alike",
    "Somebody else with this name, day of birth and last four digits is verified already. Look whether it is the same person in two records.",
    "इसी नाम, जन्म तारीख और आख़िरी चार अंकों का कोई और पहले से सत्यापित है। देखें कि कहीं एक ही व्यक्ति के दो रिकॉर्ड तो नहीं।",
)


@dataclass(frozen=True)
class Given:
    """What came in by the form: a file or a picture (`content`), or the `digits` of a QR code; `number` only where it is asked for."""

    method: str
    content: bytes = b""
    digits: str = ""
    share_code: str = ""
    mobile: str = ""
    number: str = ""


@dataclass(frozen=True)
class Waiting:
    """A document that waits to be compared; `would` are the corrections it could bring, `barred` why not here.

    `alike` says that somebody else is verified who may be the same person in another record.
    """

    check: EkycCheck
    person: Person
    document: Document
    lines: list[Line]
    would: Mapping[str, Correction]
    barred: EkycRefusal | None
    alike: bool = False

    @property
    def doubts(self) -> list[Doubt]:
        """Each said once."""
        found = dict.fromkeys(doubt for one in self.would.values() for doubt in one.doubts)
        return [*([VERIFIED_ALIKE] if self.alike else []), *found]


def rules_now() -> EkycRules:
    """The law of today; raises ``NoEkycLaw``."""
    return ekyc_on(settings.HAQDAR_LAW, timezone.localdate())


def pins() -> list[Pin]:
    """The configured certificates; in development, without any, the demonstration authority's. Raises ``BadTrust``."""
    if settings.HAQDAR_EKYC_TRUST:
        return pins_of(Path(settings.HAQDAR_EKYC_TRUST))
    if settings.PRODUCTION:
        return []
    return [samples.demonstration(Path(settings.HAQDAR_HOME) / "ekyc").pin(sha1=True)]


def read(actor: Actor, resident: UUID, given: Given, language: str, agreed: bool) -> UUID:
    """Read and verify what was given, and keep it sealed until it is compared; returns the key of the check.

    Raises `EkycRefusal` of many kinds (each is counted in the audit trail), ``NoEkycLaw``, ``OutsideYourArea``.
    """
    actor, person = allowed(actor, resident)
    if not agreed:
        raise NoConsent()
    rules, now = rules_now(), timezone.now()
    # whatever comes of it: from here on the document is processed, and on this consent
    consent = consent_given(actor, person, rules, language)
    try:
        if given.method == OFFLINE_XML:
            document = read_offline(given.content, given.share_code, pins())
        else:
            digits = given.digits.strip() or digits_in(given.content)
            document = read_qr(digits, pins(), rules.qr_status_one)
        accepted(document, rules, now)
        return start(actor, person, document, given, rules, consent)
    except EkycRefusal as refusal:
        _note_refusal(actor, resident, given.method, refusal)
        raise


def line() -> online.Access | None:
    """The line to the authority, None where it is switched off (the default); raises ``BadAccess``."""
    if not settings.HAQDAR_EKYC_URL:
        return None
    return online.access_of(
        settings.HAQDAR_EKYC_URL,
        settings.HAQDAR_EKYC_AGENCY,
        settings.HAQDAR_EKYC_LICENCE,
        Path(settings.HAQDAR_EKYC_KEY),
        Path(settings.HAQDAR_EKYC_PEER_CERTIFICATE),
        settings.HAQDAR_EKYC_CA,
    )


def ask_code(actor: Actor, resident: UUID, number: str, language: str, agreed: bool) -> UUID:
    """Have the authority send a code to the mobile linked with the number; returns the key of this step, sealed in the vault.

    Raises what ``online.ask_code`` raises, `NoConsent`, `NotANumber`, `AnotherNumber`, `DeadPerson`, `MergedRecord`.
    """
    actor, person = allowed(actor, resident)
    access = line()
    if access is None:
        raise online.NotReached(why="off")
    if not agreed:
        raise NoConsent()
    digits = _digits(number)
    now = timezone.now()
    consent = consent_given(actor, person, rules_now(), language)
    try:
        alive(person.member_id)
        known = reference_of(person)
        if known is not None and store.find(actor, digits, PURPOSE) != known:
            raise AnotherNumber(given=digits[-4:])
        txn = f"UKC:{uuid4().hex}"
        online.ask_code(access, digits, txn, now)
    except EkycRefusal as refusal:
        _note_refusal(actor, resident, ONLINE, refusal)
        raise
    step = {
        "resident": str(resident),
        "actor": actor.name,
        "number": digits,
        "txn": txn,
        "consent": str(consent.key),
    }
    until = now + timedelta(minutes=10)
    return store.keep(actor, "ekyc code", json.dumps(step).encode(), until, about=resident)


def answer_code(actor: Actor, resident: UUID, step: UUID, otp: str) -> UUID:
    """Give the authority the code that the person received; what it answers waits to be compared. Returns the key of the check.

    A wrong code may be tried again; raises what ``online.ask_kyc`` raises, `Unavailable`.
    """
    actor, person = allowed(actor, resident)
    access, rules, now = line(), rules_now(), timezone.now()
    if access is None:
        raise online.NotReached(why="off")
    try:
        asked = json.loads(store.open(actor, step, PURPOSE))
    except Refusal as refusal:
        raise Unavailable() from refusal
    consent = Consent.objects.filter(key=asked.get("consent"), withdrawn_at=None).first()
    if (asked.get("resident"), asked.get("actor")) != (str(resident), actor.name) or consent is None:
        raise Unavailable()
    try:
        digits = "".join(letter for letter in otp[:20] if letter.isascii() and letter.isdecimal())
        document = online.ask_kyc(access, asked["number"], digits, asked["txn"], now, pins())
        accepted(document, rules, now)
        key = start(actor, person, document, Given(ONLINE, number=asked["number"]), rules, consent)
    except EkycRefusal as refusal:
        _note_refusal(actor, resident, ONLINE, refusal)
        raise
    store.drop(actor, step)
    return key


def _note_refusal(actor: Actor, resident: UUID, method: str, refusal: EkycRefusal) -> None:
    with acting(actor, actor.function):
        record(actor, "ekyc.refuse", "resident", str(resident), new={"method": method, "why": refusal.code})


def refused(actor: Actor, resident: UUID, key: UUID, refusal: EkycRefusal) -> None:
    """Note why a confirmation was refused, and of a number verified for somebody else make a pair for those who compare duplicates.

    In a transaction of its own, after that of the confirmation is undone. An answer that is missing is none.
    """
    if isinstance(refusal, AnswerMissing | NotCompared | Unavailable):
        return
    actor, person = allowed(actor, resident)
    check = EkycCheck.objects.get(key=key, member_id=person.member_id)
    with acting(actor, actor.function):
        _note_refusal(actor, resident, check.method, refusal)
        if isinstance(refusal, VerifiedElsewhere):
            clashes.opened(actor, check)


def start(
    actor: Actor, person: Person, document: Document, given: Given, rules: EkycRules, consent: Consent
) -> UUID:
    """Check a verified document against number, replay and mobile and keep it sealed; returns the check's key."""
    alive(person.member_id)
    if not document.last4 and given.number.strip():
        # an answer that carries a token only was given for this number
        document = replace(document, last4=_digits(given.number)[-4:])
    # nothing of a document that was used before goes into the vault
    _fresh(document, person.member_id)
    if other := _another(document, _known(person), rules):
        raise other
    reference = _reference(actor, person, document, given.number)
    _fresh(document, person.member_id, reference)
    mobile = _mobile(document, person, given)
    now = timezone.now()
    until = now + timedelta(minutes=rules.hold_minutes)
    held = store.keep(actor, PURPOSE, document.to_bytes(), until, about=person.key)
    with acting(actor, actor.function):
        check = EkycCheck.objects.create(
            key=uuid4(), member_id=person.member_id, consent=consent, method=document.method,
            evidence=document.evidence, made_at=document.made_at, held=held, aadhaar_ref=reference,
            mobile=mobile, started_at=now, started_by=actor.name, until=until,
        )  # fmt: skip
        record(
            actor, "ekyc.read", "resident", str(person.key),
            new={
                "method": document.method, "check": str(check.key), "notice": consent.notice,
                "evidence": document.evidence, "mobile": mobile,
            },
        )  # fmt: skip
    return check.key


def waiting(actor: Actor, resident: UUID, key: UUID) -> Waiting:
    """The document beside the register; raises `Unavailable`, ``OutsideYourArea``."""
    actor, person = allowed(actor, resident)
    check = EkycCheck.objects.filter(key=key, member_id=person.member_id).select_related("consent").first()
    if check is None or check.finished_at is not None or check.until < timezone.now() or check.held is None:
        raise Unavailable()
    if check.consent.withdrawn_at is not None:
        raise Unavailable()
    try:
        document = Document.from_bytes(store.open(actor, check.held, PURPOSE))
    except Refusal as refusal:
        raise Unavailable() from refusal
    known = _known(person)
    lines = comparing.compared(document, known)
    would = _would(person.member_id, lines)
    alike = verified.alike(person.member_id, document, document.last4)
    rules = rules_now()
    # also where the record became another one since the document was read
    barred: EkycRefusal | None = _another(document, known, rules)
    if barred is None and own_of(actor, person.key):
        years = comparing.years_apart(document, known)
        reasons = comparing.too_different(lines, years, rules.citizen_age_years)
        if check.mobile != "registered" and check.method != ONLINE:
            reasons.append("mobile")
        if alike or any(one.doubts for one in would.values()):
            reasons.append("unlikely")
        if reasons:
            words = [_FIELD_WORDS[reason] for reason in reasons]
            barred = NotThisPerson(
                what=Words("; ".join(one.en for one in words), "; ".join(one.hi for one in words))
            )
    return Waiting(check, person, document, lines, would, barred, alike)


def confirm(
    actor: Actor,
    resident: UUID,
    key: UUID,
    answers: Mapping[str, str],
    seen: bool = False,
    sure: bool = False,
) -> list[int]:
    """The resident is verified, and every field answered with ``take`` is corrected; returns the numbers of the changes.

    `answers`: field -> take or keep, for every line that asks. `seen`: the officer compared the photograph with the person present.
    Raises `AnswerMissing`, `NotCompared`, `NotThisPerson`, `AnotherPerson`, `VerifiedElsewhere`, `Unavailable`, `DeadPerson`, `MergedRecord`, what
    ``corrections.correct`` raises.
    """
    found = waiting(actor, resident, key)
    actor, person = allowed(actor, resident)
    own = own_of(actor, person.key)
    if found.barred is not None:
        raise found.barred
    asked = [line for line in found.lines if line.asks]
    for line in asked:
        if answers.get(line.field) not in ("take", "keep"):
            refusal = AnswerMissing()
            refusal.field = line.field
            raise refusal
    if not own and not seen and not found.check.mobile and found.check.method != ONLINE:
        raise NotCompared()
    if found.alike and not sure:
        raise DoubtsUnanswered()
    taken = [line for line in asked if answers[line.field] == "take"]
    how = "authority" if found.check.method == ONLINE else "photo" if seen and not own else "mobile"
    with acting(actor, actor.function):
        # a merge of this person that is under way is waited for and then refused below; one that comes now finds us done
        merges.hold_off()
        check = EkycCheck.objects.select_for_update().get(pk=found.check.pk)
        if check.finished_at is not None:
            raise Unavailable()
        # read once more under the lock: either may have happened since the page was opened
        if not Consent.objects.filter(pk=check.consent_id, withdrawn_at=None).exists():
            raise Unavailable()
        alive(person.member_id)
        _fresh(found.document, person.member_id, check.aadhaar_ref)
        if reference_of(person) not in (None, check.aadhaar_ref):
            # a file brought another number since the document was read
            raise AnotherNumber(given=found.document.last4)
        numbers = [_corrected(actor, person, line, found.document, own, sure) for line in taken]
        last4 = found.document.last4 or person.aadhaar[-4:]
        # a number that stood nowhere is the register's from now on: compared with others, and found
        if proved := proven.prove(
            _writer(actor, own), person.member_id, check.aadhaar_ref, last4, Evidence(signed=check.evidence)
        ):
            numbers.append(proved)
        kept = comparing.kept_against(found.lines, taken)
        verified.keep(actor, check, found.document, how, last4, kept)
        check.finished_at, check.outcome = timezone.now(), "confirmed"
        check.save(update_fields=["finished_at", "outcome"])
        record(
            actor, "ekyc.confirm", "resident", str(person.key),
            new={
                "method": check.method, "how": how, "evidence": check.evidence,
                "compared": {line.field: line.verdict for line in found.lines},
                "corrected": [line.field for line in taken], "kept": kept, "changes": numbers,
            },
        )  # fmt: skip
    drop(actor, found.check)
    return numbers


def give_up(actor: Actor, resident: UUID, key: UUID) -> None:
    """It is not this person, or nobody wants to go on: what was read is deleted at once."""
    found = waiting(actor, resident, key)
    actor, person = allowed(actor, resident)
    with acting(actor, actor.function):
        EkycCheck.objects.filter(pk=found.check.pk, finished_at=None).update(
            finished_at=timezone.now(), outcome="given_up"
        )
        record(actor, "ekyc.give_up", "resident", str(person.key), new={"check": str(key)})
    drop(actor, found.check)


def _reference(actor: Actor, person: Person, document: Document, number: str) -> UUID:
    """The reference key of the person's number, of which the document shows the last digits."""
    known = reference_of(person)
    if known is not None:
        if document.last4 and not person.aadhaar.endswith(document.last4):
            raise AnotherNumber(given=document.last4)
        return known
    if not number.strip():
        raise NumberNeeded(given=document.last4)
    digits = _digits(number)
    if document.last4 and not digits.endswith(document.last4):
        raise AnotherNumber(given=document.last4)
    return store.refer(actor, digits, PURPOSE)


def _digits(number: str) -> str:
    digits = "".join(number.split()).replace("-", "")
    if not (digits.isascii() and aadhaar_numbers.is_valid(digits)):
        raise NotANumber()
    return digits


def _fresh(document: Document, member_id: int, reference: UUID | None = None) -> None:
    """Refuse what was used before: a file or an answer once, a printed code for one resident only, and nothing after a newer one.

    Whether a newer one was used is asked where the `reference` of the number is known.
    """
    same = Verified.objects.filter(evidence=document.evidence)
    if document.method == SECURE_QR:
        used = same.exclude(member_id=member_id).exists()
    else:
        known = Verified.objects.filter(aadhaar_ref=reference) if reference else Verified.objects.none()
        newer = known.filter(method=document.method, made_at__gt=document.made_at)
        used = same.exists() or newer.exists()
    if used:
        raise Replayed()


def _mobile(document: Document, person: Person, given: Given) -> str:
    if person.mobile and same_mobile(document, person.mobile, given.share_code):
        return "registered"
    if given.mobile.strip():
        told = same_mobile(document, given.mobile, given.share_code)
        if told is False:
            raise MobileDiffers()
        # a document without a mobile, or a number too short to compare, proves nothing and refutes nothing
        return "typed" if told else ""
    return ""


def _another(document: Document, known: Known, rules: EkycRules) -> AnotherPerson | None:
    years = comparing.years_apart(document, known)
    if comparing.contradicts(comparing.compared(document, known), years, rules.citizen_age_years):
        return AnotherPerson(years=rules.citizen_age_years)
    return None


def _would(member_id: int, lines: list[Line]) -> dict[str, Correction]:
    """The corrections that the lines could bring, as they would be recorded; nothing is written."""
    found: dict[str, Correction] = {}
    for line in lines:
        if line.asks and line.field in FACTS:
            # what the register refuses outright is refused when it is taken
            with contextlib.suppress(Refusal):
                found[line.field] = corrections.checked(
                    platform(PURPOSE), member_id, FACTS[line.field], line.typed or {}
                )
    return found


def _writer(actor: Actor, own: bool) -> Actor:
    # what a citizen confirms of a signed document is written by the platform in his name
    return replace(platform(actor.name), ip=actor.ip) if own else replace(actor, function="")


def _corrected(actor: Actor, person: Person, line: Line, document: Document, own: bool, sure: bool) -> int:
    return corrections.correct(
        _writer(actor, own),
        person.member_id,
        FACTS[line.field],
        line.typed or {},
        Evidence(signed=document.evidence),
        sure=sure,
    )


def _known(person: Person) -> Known:
    return Known(
        person.name_en, person.name_hi, person.born_on, person.sex, person.aadhaar[-4:], person.mobile or "",
        person.address or "",
    )  # fmt: skip
