"""Where a person's money goes: the account, the mobile that is told, and who receives for those who cannot.

A guardian receives for a minor or for somebody who cannot manage, and one of a couple for both on a joint account. That is an
arrangement with a first and perhaps a last day (`PayeeBelief`), beside the person's own account: money follows it while it
holds and the receiver lives (`registry/sql/receiving.sql`), and comes back to the own account, or is listed as having none, when it
ends. An account that stood with both is kept with the receiver alone, so that it is no longer reported as shared by two payees.

Account and arrangements end with the person's life. What is owed to the dead is paid to an heir whom a paper of succession names.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar, Self
from uuid import UUID, uuid4

from django.utils import timezone

from haqdar.access.actors import Actor
from haqdar.base.month import completed_years
from haqdar.registry.arrangements import HEIR, arrangement_of
from haqdar.registry.entries import (
    Entry,
    EntryRefused,
    Noted,
    Somebody,
    believe_resident,
    by_key,
    must_live,
)
from haqdar.registry.models import PayeeBelief
from haqdar.registry.sealing import ACCOUNT, MOBILE, account_text, sealer
from haqdar.sources.actions import desk_delivery

IFSC = re.compile("[A-Z]{4}0[A-Z0-9]{6}")
ACCOUNT_NUMBER = re.compile("[0-9A-Za-z]{6,18}")
MOBILE_NUMBER = re.compile("[6-9][0-9]{9}")
ADULT = 18
REASONS = ("minor", "cannot_manage", "joint_account")
"""Why somebody else receives for a living person."""
WHOSE = ("own", "family", "other", "none")
"""Whose mobile is told: the person's own, that of somebody of the family or of another with consent, or none at all."""


class BadIfsc(EntryRefused):
    """No code of a bank branch."""

    code = "bad_ifsc"
    en = "The IFSC has eleven characters: four letters, a zero, six letters or digits, as on the passbook."
    hi = "IFSC में ग्यारह अक्षर होते हैं: चार अक्षर, एक शून्य, छह अक्षर या अंक, जैसा पासबुक पर लिखा है।"
    field = "ifsc"


class BadAccount(EntryRefused):
    """No number of an account."""

    code = "bad_account"
    en = "The account number has 6 to 18 digits or letters, without spaces. Copy it from the passbook."
    hi = "खाता संख्या में 6 से 18 अंक या अक्षर होते हैं, बिना खाली जगह। पासबुक से देखकर लिखें।"
    field = "account"


class AccountsDiffer(EntryRefused):
    """The number was typed twice, differently."""

    code = "accounts_differ"
    en = "The two account numbers differ. Type the number again, both times from the passbook."
    hi = "दोनों खाता संख्याएँ अलग हैं। पासबुक देखकर दोनों बार फिर से लिखें।"
    field = "account_again"


class SameAccount(EntryRefused):
    """The account is the one on record."""

    code = "same_account"
    en = "This account is already on record for {name}. Nothing would change."
    hi = "{name} का यही खाता पहले से दर्ज है। कुछ नहीं बदलेगा।"
    field = "account"


class BadMobile(EntryRefused):
    """No Indian mobile number."""

    code = "bad_mobile"
    en = "A mobile number has ten digits and begins with 6, 7, 8 or 9."
    hi = "मोबाइल नंबर में दस अंक होते हैं और वह 6, 7, 8 या 9 से शुरू होता है।"
    field = "mobile"


class HolderMissing(EntryRefused):
    """Another person's mobile without that person's name."""

    code = "holder_missing"
    en = "Write whose mobile it is. That person's consent must be among the papers."
    hi = "लिखें कि मोबाइल किसका है। कागज़ों में उस व्यक्ति की सहमति होनी चाहिए।"
    field = "holder"


class OwnGuardian(EntryRefused):
    """Nobody receives for oneself."""

    code = "own_guardian"
    en = "Person and receiver are one. Give the member ID of the other person."
    hi = "व्यक्ति और राशि पाने वाला एक ही हैं। दूसरे व्यक्ति का सदस्य क्रमांक दें।"
    field = "other"


class GuardianTooYoung(EntryRefused):
    """Only an adult receives for somebody else, and the register must know the age."""

    code = "guardian_too_young"
    en = "The register does not show that {name} is 18 or older. A receiver must be an adult; correct the date of birth first."
    hi = "रजिस्टर में {name} 18 वर्ष या उससे बड़े नहीं दिखते। राशि पाने वाला वयस्क हो; पहले जन्म तिथि सुधारें।"
    field = "other"


class GuardianWithoutAccount(EntryRefused):
    """The money would go nowhere."""

    code = "guardian_without_account"
    en = "{name} has no bank account on record. Register the account first."
    hi = "{name} का बैंक खाता दर्ज नहीं है। पहले खाता दर्ज करें।"
    field = "other"


class GuardianHasGuardian(EntryRefused):
    """A chain of receivers."""

    code = "guardian_has_guardian"
    en = "Somebody else receives for {name}, so {name} cannot receive for another person. Choose another receiver."
    hi = "{name} की राशि कोई और पाता है, इसलिए {name} किसी दूसरे की राशि नहीं पा सकते। कोई और चुनें।"
    field = "other"


class NoMinor(EntryRefused):
    """A guardian of a minor for somebody who is none."""

    code = "no_minor"
    en = "{name} is not recorded as younger than 18. Choose another reason, or correct the date of birth."
    hi = "{name} 18 वर्ष से छोटे दर्ज नहीं हैं। कोई और कारण चुनें, या जन्म तिथि सुधारें।"
    field = "reason"


class EndsBeforeItBegins(EntryRefused):
    """The last day lies before the first."""

    code = "end_before_start"
    en = "The last day {to_on} lies before the first day {from_on}. Correct one of the two."
    hi = "अंतिम दिन {to_on} पहले दिन {from_on} से पहले है। दोनों में से एक सुधारें।"
    field = "to_on"


class ReasonMissing(EntryRefused):
    """No reason of the list."""

    code = "no_reason"
    en = "Choose why another person receives the money."
    hi = "चुनें कि राशि किसी और को क्यों मिले।"
    field = "reason"


class NoArrangement(EntryRefused):
    """There is nothing to end."""

    code = "no_arrangement"
    en = "Nobody receives for {name} just now."
    hi = "अभी {name} की राशि कोई और नहीं पाता।"
    field = "person"


class StillAlive(EntryRefused):
    """An heir of somebody who lives."""

    code = "still_alive"
    en = "{name} is not recorded as dead. Record the death first; only what is owed to the dead goes to an heir."
    hi = "{name} की मृत्यु दर्ज नहीं है। पहले मृत्यु दर्ज करें; वारिस को केवल मृत व्यक्ति की बकाया राशि मिलती है।"
    field = "person"


class PaperNotNamed(EntryRefused):
    """An heir without the paper that says so."""

    code = "paper_not_named"
    en = "Write which paper names the heir: its kind, number, office and day, for example 'Succession certificate 12/2016, SDM Sehore'."
    hi = "लिखें कि कौन-सा कागज़ वारिस बताता है: प्रकार, क्रमांक, कार्यालय और दिनांक, जैसे 'उत्तराधिकार प्रमाणपत्र 12/2016, SDM सीहोर'।"
    field = "reference"


@dataclass(frozen=True)
class _PayeeEntry(Entry):
    case_kind: ClassVar[str] = "payee"
    verb: ClassVar[str] = "payee.change"
    approval: ClassVar[str] = "payee.approve"

    person: str

    def about(self) -> Somebody:
        """Whose money it is."""
        return by_key(self.person)

    def family_id(self) -> int:
        """The person's family."""
        return self.about().family_id

    def touches(self) -> tuple[list[int], list[int]]:
        """The person."""
        return [self.about().member_id], []


@dataclass(frozen=True)
class AccountChange(_PayeeEntry):
    """Another account of the person's own; the number is sealed from the moment it is typed."""

    kind: ClassVar[str] = "account_change"
    papers: ClassVar[tuple[str, ...]] = ("passbook",)

    ifsc: str
    sealed: str
    key_version: int
    account_hash: str
    last4: str

    @classmethod
    def given(cls, person: str, ifsc: str, account: str, again: str) -> Self:
        """The entry of what was typed; raises `BadIfsc`, `BadAccount`, `AccountsDiffer`."""
        if not IFSC.fullmatch(ifsc):
            raise BadIfsc()
        if not ACCOUNT_NUMBER.fullmatch(account):
            raise BadAccount()
        if account != again:
            raise AccountsDiffer()
        keys = sealer()
        sealed, version = keys.seal_one(ACCOUNT, account)
        hashed = keys.keyed_hash(ACCOUNT, account_text(ifsc, account))
        return cls(person, ifsc, b64encode(sealed).decode(), version, str(hashed), account[-4:])

    def check(self) -> None:
        """A living person and another account than before."""
        must_live(self.about())
        if self.about().account_hash == UUID(self.account_hash):
            raise SameAccount(name=self.about().name_en)

    def carry_out(self, actor: Actor) -> list[int]:
        """One belief with the new account, sealed under the present key."""
        noted = Noted(actor)
        keys = sealer()
        number = keys.unseal_one(ACCOUNT, b64decode(self.sealed), self.key_version)
        sealed, version = keys.seal_one(ACCOUNT, number)
        member_id = self.about().member_id
        believe_resident(
            noted,
            member_id,
            ifsc=self.ifsc,
            account_sealed=sealed,
            account_hash=UUID(self.account_hash),
            account_last4=self.last4,
            key_version=version,
        )
        return noted.numbers


@dataclass(frozen=True)
class MobileChange(_PayeeEntry):
    """Another mobile, or none: proven by a code sent to it, or by the paper of an officer who saw person and identity.

    `proof` is code or paper; who has no mobile, and whoever lends his own, is attested on paper.
    """

    kind: ClassVar[str] = "mobile_change"
    papers: ClassVar[tuple[str, ...]] = ("mobile_proof",)

    whose: str
    holder: str
    sealed: str
    key_version: int
    last4: str
    proof: str = "paper"

    @property
    def needs_paper(self) -> bool:
        """Only where no code came back."""
        return self.proof != "code"

    @classmethod
    def given(cls, person: str, whose: str, mobile: str, holder: str) -> Self:
        """The entry of what was typed; raises `BadMobile`, `HolderMissing`."""
        if whose == "none":
            return cls(person, whose, "", "", 0, "")
        if whose not in WHOSE or not MOBILE_NUMBER.fullmatch(mobile):
            raise BadMobile()
        if whose != "own" and not holder.strip():
            raise HolderMissing()
        sealed, version = sealer().seal_one(MOBILE, mobile)
        named = "" if whose == "own" else holder.strip()[:80]
        return cls(person, whose, named, b64encode(sealed).decode(), version, mobile[-4:])

    def check(self) -> None:
        """A living person."""
        must_live(self.about())

    def carry_out(self, actor: Actor) -> list[int]:
        """One belief with the new mobile."""
        noted = Noted(actor)
        mobile = (
            sealer().unseal_one(MOBILE, b64decode(self.sealed), self.key_version) if self.sealed else None
        )
        believe_resident(noted, self.about().member_id, mobile=mobile)
        return noted.numbers


@dataclass(frozen=True)
class Guardian(_PayeeEntry):
    """Somebody receives for the person: as guardian of a minor, for one who cannot manage, or on a joint account."""

    kind: ClassVar[str] = "guardian"
    papers: ClassVar[tuple[str, ...]] = ("guardianship",)

    receiver: str
    relation: str
    reason: str
    from_on: date
    to_on: date | None = None

    def touches(self) -> tuple[list[int], list[int]]:
        """The person and who receives."""
        return [self.about().member_id, by_key(self.receiver).member_id], []

    @property
    def ends_on(self) -> date | None:
        """The last day: as said, and for a minor at the latest the day before the eighteenth birthday."""
        born_on = self.about().born_on
        if self.reason != "minor" or born_on is None:
            return self.to_on
        # somebody born on 29 February comes of age on 1 March of a common year
        grown = _birthday(born_on, ADULT) - timedelta(days=1)
        return min(grown, self.to_on) if self.to_on else grown

    def check(self) -> None:
        """Both living; the receiver of age, with an account, and nobody's ward; a minor is one."""
        one, other = self.about(), by_key(self.receiver)
        if one.member_id == other.member_id:
            raise OwnGuardian()
        must_live(one)
        if self.reason not in REASONS:
            raise ReasonMissing()
        _may_receive(other)
        today = timezone.localdate()
        if self.reason == "minor" and (one.born_on is None or completed_years(one.born_on, today) >= ADULT):
            raise NoMinor(name=one.name_en)
        if self.ends_on is not None and self.ends_on < self.from_on:
            raise EndsBeforeItBegins(from_on=self.from_on, to_on=self.ends_on)

    def carry_out(self, actor: Actor) -> list[int]:
        """One belief of the arrangement; an account that stood with both stays with the receiver."""
        noted = Noted(actor)
        one, other = self.about(), by_key(self.receiver)
        _believe(
            noted,
            one.member_id,
            receiver_id=other.member_id,
            relation=self.relation,
            reason=self.reason,
            from_on=self.from_on,
            to_on=self.ends_on,
        )
        if one.account_hash is not None and one.account_hash == other.account_hash:
            believe_resident(
                noted, one.member_id, ifsc=None, account_sealed=None, account_hash=None, account_last4=None
            )
        return noted.numbers


@dataclass(frozen=True)
class Heir(_PayeeEntry):
    """What is owed to a dead person goes to an heir; `reference` names the paper of succession that is handed in with it.

    One account receives: of several heirs the one whom the paper, or the others by their signatures, let receive for all.
    """

    kind: ClassVar[str] = "heir"
    papers: ClassVar[tuple[str, ...]] = ("succession",)

    receiver: str
    relation: str
    reference: str

    def touches(self) -> tuple[list[int], list[int]]:
        """The dead person and the heir."""
        return [self.about().member_id, by_key(self.receiver).member_id], []

    def check(self) -> None:
        """The person is dead; the heir lives, is of age, has an account, and is nobody's ward."""
        one, other = self.about(), by_key(self.receiver)
        if one.member_id == other.member_id:
            raise OwnGuardian()
        if one.alive:
            raise StillAlive(name=one.name_en)
        if not self.reference.strip():
            raise PaperNotNamed()
        _may_receive(other)

    def carry_out(self, actor: Actor) -> list[int]:
        """One belief of the arrangement, from the day of the death."""
        noted = Noted(actor)
        one = self.about()
        _believe(
            noted,
            one.member_id,
            receiver_id=by_key(self.receiver).member_id,
            relation=self.relation,
            reason=HEIR,
            from_on=one.died_on,
            reference=self.reference.strip(),
        )
        return noted.numbers


@dataclass(frozen=True)
class GuardianEnd(_PayeeEntry):
    """Nobody receives for the person any more after a day."""

    kind: ClassVar[str] = "guardian_end"
    papers: ClassVar[tuple[str, ...]] = ("application",)

    to_on: date

    def check(self) -> None:
        """There is an arrangement, and it began before it ends."""
        arrangement = arrangement_of(self.about().member_id)
        if arrangement is None:
            raise NoArrangement(name=self.about().name_en)
        if self.to_on < arrangement.from_on:
            raise EndsBeforeItBegins(from_on=arrangement.from_on, to_on=self.to_on)

    def carry_out(self, actor: Actor) -> list[int]:
        """The arrangement once more, with its last day."""
        noted = Noted(actor)
        member_id = self.about().member_id
        last = arrangement_of(member_id)
        if last is None:
            raise NoArrangement(name=self.about().name_en)
        _believe(
            noted,
            member_id,
            receiver_id=last.receiver_id,
            relation=last.relation,
            reason=last.reason,
            from_on=last.from_on,
            to_on=self.to_on,
            reference=last.reference,
        )
        return noted.numbers


def _may_receive(other: Somebody) -> None:
    """Refuse somebody who is dead, not of age, has no account, or for whom somebody else receives."""
    must_live(other)
    today = timezone.localdate()
    if other.born_on is None or completed_years(other.born_on, today) < ADULT:
        raise GuardianTooYoung(name=other.name_en)
    if not other.account_last4:
        raise GuardianWithoutAccount(name=other.name_en)
    arrangement = arrangement_of(other.member_id)
    if arrangement is not None and arrangement.holds(today):
        raise GuardianHasGuardian(name=other.name_en)


def _believe(noted: Noted, member_id: int, **values: Any) -> None:
    last = PayeeBelief.objects.filter(member_id=member_id).order_by("-belief_no").first()
    PayeeBelief.objects.create(
        member_id=member_id,
        belief_no=last.belief_no + 1 if last else 1,
        known_from=max(noted.day, last.known_from) if last else noted.day,
        line=0,
        fingerprint=uuid4(),
        delivery=desk_delivery(noted.day),
        verified_by=noted.actor.name,
        verified_at=timezone.now(),
        **values,
    )
    noted.note("payee", member_id=member_id)


def _birthday(born_on: date, years: int) -> date:
    try:
        return born_on.replace(year=born_on.year + years)
    except ValueError:
        return date(born_on.year + years, 3, 1)
