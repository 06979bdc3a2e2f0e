"""The key that signs cards, and every key whose cards are still out: one source for the server and for the page without network.

In development a demonstration key is made at first use; its certificate says in its name that it proves nothing. In production
no card is signed without HAQDAR_CARD_KEY. The certificates of earlier keys stay in HAQDAR_CARD_FORMER until their last card ends.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import threading
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings

from haqdar.base.refusal import Refusal, Words
from haqdar.law import day_text

DEMONSTRATION = "Haqdar DEMONSTRATION (cards) - proves nothing"
_KID_BYTES = 8


class NoCardKey(Refusal):
    """Production has no key to sign cards with."""

    code = "no_card_key"
    en = "There is no key to sign household cards with. Set HAQDAR_CARD_KEY; nothing was issued."
    hi = "परिवार कार्ड पर हस्ताक्षर की कुंजी नहीं है। HAQDAR_CARD_KEY दें; कुछ जारी नहीं हुआ।"


class BadCardKey(Refusal):
    """The configured key or a certificate cannot be used."""

    code = "bad_card_key"
    en = "The key to sign household cards with cannot be used ({why}). Check HAQDAR_CARD_KEY, its passphrase and HAQDAR_CARD_FORMER."
    hi = "परिवार कार्ड की कुंजी काम नहीं कर रही ({why})। HAQDAR_CARD_KEY, उसका पासफ़्रेज़ और HAQDAR_CARD_FORMER जाँचें।"


class CardKeyEnded(Refusal):
    """The certificate of the key that signs cards does not hold on the day."""

    code = "card_key_ended"
    en = (
        "No card can be made: the certificate of the key that signs them holds from {from} to {to} only. Cards that families have stay"
        " as they are. Ask the State's office for a new key (HAQDAR_CARD_KEY)."
    )
    hi = (
        "अभी कोई कार्ड नहीं बन सकता: जिस कुंजी से उन पर हस्ताक्षर होते हैं उसका प्रमाणपत्र केवल {from} से {to} तक मान्य है। परिवारों के पास जो"
        " कार्ड हैं वे वैसे ही रहेंगे। राज्य कार्यालय से नई कुंजी माँगें (HAQDAR_CARD_KEY)।"
    )


@dataclass(frozen=True)
class TrustedKey:
    """A public key that verifies cards: its ID, the certificate's name and days, the point of the curve P-256."""

    kid: bytes
    name: str
    from_on: date
    to_on: date
    public: ec.EllipticCurvePublicKey

    def plain(self) -> dict[str, str]:
        """The key as a browser imports it (JSON Web Key), with its ID and days."""
        point = self.public.public_numbers()
        return {
            "kid": self.kid.hex(),
            "name": self.name,
            "from": self.from_on.isoformat(),
            "to": self.to_on.isoformat(),
            "x": _base64url(point.x),
            "y": _base64url(point.y),
        }


@dataclass(frozen=True)
class CardKey:
    """The key that signs now."""

    private: ec.EllipticCurvePrivateKey
    trusted: TrustedKey


def signing_key(day: date) -> CardKey:
    """The configured key, to sign cards on a day; raises `NoCardKey`, `BadCardKey`, `CardKeyEnded`.

    A card signed outside the certificate's days would be none anywhere, and would end a good one.
    """
    own = card_key()
    if not own.trusted.from_on <= day <= own.trusted.to_on:
        raise CardKeyEnded(**{"from": _words(own.trusted.from_on), "to": _words(own.trusted.to_on)})
    return own


def _words(day: date) -> Words:
    said = day_text(day)
    return Words(said.en, said.hi)


def card_key() -> CardKey:
    """The configured key, opened once a process, whether it holds today or not; raises `NoCardKey`, `BadCardKey`."""
    path = Path(settings.HAQDAR_CARD_KEY) if settings.HAQDAR_CARD_KEY else None
    passphrase = settings.HAQDAR_CARD_PASSPHRASE
    if path is None:
        if settings.PRODUCTION:
            raise NoCardKey()
        path, passphrase = _demonstration(Path(settings.HAQDAR_HOME) / "cards"), ""
    try:
        return _opened(path, path.stat().st_mtime_ns, passphrase)
    except (OSError, ValueError, TypeError) as error:
        raise BadCardKey(why=getattr(error, "strerror", None) or str(error)) from error


def trusted_keys() -> list[TrustedKey]:
    """The present key and the former ones, newest first; empty in production without a key. Raises `BadCardKey`."""
    found: dict[bytes, TrustedKey] = {}
    with contextlib.suppress(NoCardKey):
        own = card_key().trusted
        found[own.kid] = own
    if settings.HAQDAR_CARD_FORMER:
        try:
            content = Path(settings.HAQDAR_CARD_FORMER).read_bytes()
            former = [_trusted(one) for one in x509.load_pem_x509_certificates(content)]
        except (OSError, ValueError, TypeError) as error:
            raise BadCardKey(why=getattr(error, "strerror", None) or str(error)) from error
        for one in sorted(former, key=lambda key: key.to_on, reverse=True):
            found.setdefault(one.kid, one)
    return list(found.values())


@cache
def _opened(path: Path, changed: int, passphrase: str) -> CardKey:
    """Key and certificate from one PEM file; `changed` makes a replaced file be read anew."""
    content = path.read_bytes()
    private = serialization.load_pem_private_key(content, passphrase.encode() or None)
    trusted = _trusted(x509.load_pem_x509_certificates(content)[0])
    if not isinstance(private, ec.EllipticCurvePrivateKey):
        raise ValueError("not an elliptic-curve key")
    if private.public_key() != trusted.public:
        raise ValueError("the certificate is of another key")
    return CardKey(private, trusted)


def _trusted(certificate: x509.Certificate) -> TrustedKey:
    public = certificate.public_key()
    if not isinstance(public, ec.EllipticCurvePublicKey) or not isinstance(public.curve, ec.SECP256R1):
        raise ValueError("the certificate is not of a key on the curve P-256")
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return TrustedKey(
        hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).digest()[:_KID_BYTES],
        str(names[0].value) if names else certificate.subject.rfc4514_string(),
        certificate.not_valid_before_utc.date(),
        certificate.not_valid_after_utc.date(),
        public,
    )


def new_key(name: str, years: int = 6) -> bytes:
    """A new key with a certificate of its own in one PEM text, for the demonstration and for tests."""
    private = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365 * years))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(private, hashes.SHA256())
    )
    return private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ) + certificate.public_bytes(serialization.Encoding.PEM)


def _demonstration(folder: Path) -> Path:
    target = folder / "demonstration.pem"
    if target.exists():
        return target
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    # written aside and linked, so that two first starts agree on one key
    draft = folder / f".demonstration.{os.getpid()}.{threading.get_ident()}"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(new_key(DEMONSTRATION))
    with contextlib.suppress(FileExistsError):
        os.link(draft, target)
    draft.unlink()
    return target


def _base64url(coordinate: int) -> str:
    return base64.urlsafe_b64encode(coordinate.to_bytes(32, "big")).rstrip(b"=").decode()
