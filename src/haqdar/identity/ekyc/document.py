"""What a verified document says: one shape for the offline file, the QR code and the authority's answer."""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone

from haqdar.base.days import in_words
from haqdar.identity.ekyc.refusals import FromTheFuture, TooOld
from haqdar.law.ekyc import EkycRules

OFFLINE_XML, SECURE_QR, ONLINE = "offline_xml", "secure_qr", "online"
METHODS = (OFFLINE_XML, SECURE_QR, ONLINE)
INDIA = timezone(timedelta(hours=5, minutes=30))
"""The clock of the documents."""


@dataclass(frozen=True)
class Document:
    """A document whose signature has been verified.

    `last4` are the last digits of the Aadhaar number (empty where the answer carries a token only), `made_at` the signer's own time,
    `evidence` the SHA-256 (hexadecimal) of what was signed: all that is kept. `born_on` is None where only `birth_year` stands in the
    document. `sex` is F, M or T. `address` has its parts under their names in the file. `mobile_hash` is
    hexadecimal, empty for none (an e-mail's hash is not kept: nothing is compared with it); `mobile_last4` comes with version 2 of the QR code. `signer` is the certificate's fingerprint.
    """

    method: str
    last4: str
    made_at: datetime
    name: str
    born_on: date | None
    birth_year: int | None
    sex: str
    address: Mapping[str, str]
    evidence: str
    signer: str
    mobile_hash: str = ""
    mobile_last4: str = ""
    photo: bytes = field(default=b"", repr=False)

    def to_bytes(self) -> bytes:
        """For the vault, where it waits for an answer."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        plain |= {
            "made_at": self.made_at.isoformat(),
            "born_on": self.born_on.isoformat() if self.born_on else None,
            "address": dict(self.address),
            "photo": b64encode(self.photo).decode(),
        }
        return json.dumps(plain, ensure_ascii=False).encode()

    @staticmethod
    def from_bytes(content: bytes) -> Document:
        """What `to_bytes` gave."""
        plain = json.loads(content)
        plain["made_at"] = datetime.fromisoformat(plain["made_at"])
        plain["born_on"] = date.fromisoformat(plain["born_on"]) if plain["born_on"] else None
        plain["photo"] = b64decode(plain["photo"])
        return Document(**plain)


def accepted(document: Document, rules: EkycRules, now: datetime) -> None:
    """Refuse what is older than the law accepts, or made ahead of now; raises `TooOld`, `FromTheFuture`."""
    most = {OFFLINE_XML: rules.offline_xml_days, SECURE_QR: rules.secure_qr_days}.get(document.method, 1)
    day = document.made_at.astimezone(INDIA).date()
    if document.made_at > now + timedelta(minutes=rules.ahead_minutes):
        raise FromTheFuture(day=in_words(day))
    if document.made_at < now - timedelta(days=most):
        raise TooOld(day=in_words(day), most=most)


def reference(text: str) -> tuple[str, datetime] | None:
    """Last four digits and time of a reference ID ("1234" + YYYYMMDDhhmmss + milliseconds); None when it is none.

    >>> reference("123420180825102030123")
    ('1234', datetime.datetime(2018, 8, 25, 10, 20, 30, 123000, tzinfo=datetime.timezone(datetime.timedelta(seconds=19800))))
    >>> reference("12") is None
    True
    """
    if not text.isascii() or not text.isdecimal() or not 18 <= len(text) <= 24:
        return None
    try:
        at = datetime.strptime(text[4:18], "%Y%m%d%H%M%S").replace(tzinfo=INDIA)
    except ValueError:
        return None
    return text[:4], at + timedelta(milliseconds=int(text[18:21].ljust(3, "0")))


def birth(text: str) -> tuple[date | None, int | None]:
    """Day and year of birth as documents write them: 31-12-1950, 31/12/1950, 1950-12-31 or the year alone.

    >>> birth("05-03-1950"), birth("1950"), birth("")
    ((datetime.date(1950, 3, 5), 1950), (None, 1950), (None, None))
    """
    text = text.strip().replace("/", "-")
    for form in ("%d-%m-%Y", "%Y-%m-%d"):
        try:
            day = datetime.strptime(text, form).date()
        except ValueError:
            continue
        return day, day.year
    if len(text) == 4 and text.isascii() and text.isdecimal():
        return None, int(text)
    return None, None


def sex(text: str) -> str:
    """F, M or T; empty for anything else."""
    first = text.strip().upper()[:1]
    return first if first in ("F", "M", "T") else ""


def contact_hash(contact: str, share_code: str, last4: str) -> str:
    """The hash of a mobile or e-mail as documents carry it, hexadecimal.

    SHA-256 of the contact followed by the share code (none in a QR code), taken again over its hexadecimal text: as often in all as the
    last digit of the Aadhaar number says, 0 counting as 1.
    """
    text = contact + share_code
    for _ in range(max(1, int(last4[-1]))):
        text = hashlib.sha256(text.encode()).hexdigest()
    return text


def same_mobile(document: Document, mobile: str, share_code: str = "") -> bool | None:
    """Whether `mobile` (any writing, its last ten digits count) is the document's; None when the document has no hash."""
    digits = "".join(letter for letter in mobile if letter.isascii() and letter.isdecimal())[-10:]
    if not document.mobile_hash or not document.last4 or len(digits) < 10:
        return None
    return contact_hash(digits, share_code, document.last4) == document.mobile_hash.lower()
