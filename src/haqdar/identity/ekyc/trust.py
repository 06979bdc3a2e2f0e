"""The certificates that may sign: pinned in configuration with dates, never taken from the document itself.

HAQDAR_EKYC_TRUST names a YAML file with a list:

    - certificate: offline-2024.pem      # PEM, beside the list
      signs: [offline_xml, secure_qr]    # and online
      from: 2024-06-01                   # documents made within these days only; the certificate's own days count as well
      until: 2027-05-31
      sha1: true                         # the issuer still signs with RSA-SHA1: accepted for this certificate alone

Without it nothing is accepted in production; in development the demonstration authority's certificate is pinned (`samples`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import yaml
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding

from haqdar.base.days import in_words
from haqdar.base.refusal import Refusal
from haqdar.identity.ekyc.document import INDIA, METHODS
from haqdar.identity.ekyc.refusals import NoTrustedSigner, SignerNotValidThen, Tampered


class BadTrust(Refusal):
    """The list of certificates cannot be understood: nothing is trusted then."""

    code = "bad_ekyc_trust"
    en = "The list of eKYC certificates {path} cannot be used: {why}. Nothing is verified until it is corrected (docs/ekyc.md)."
    hi = "eKYC प्रमाणपत्रों की सूची {path} काम नहीं कर रही: {why}। इसे सुधारने तक कोई जाँच नहीं होगी (docs/ekyc.md)।"


@dataclass(frozen=True)
class Pin:
    """One certificate, what it signs, and the days on which documents signed with it were made."""

    certificate: x509.Certificate
    signs: frozenset[str]
    first: date
    last: date
    sha1: bool = False

    @property
    def key(self) -> RSAPublicKey:
        """The public half; RSA, as `pins_of` has checked."""
        key = self.certificate.public_key()
        assert isinstance(key, RSAPublicKey)
        return key

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, hexadecimal."""
        return hashlib.sha256(self.certificate.public_bytes(Encoding.DER)).hexdigest()

    def held(self) -> tuple[date, date]:
        """First and last day on which both the pin and the certificate hold, in India."""
        own = self.certificate
        return (
            max(self.first, own.not_valid_before_utc.astimezone(INDIA).date()),
            min(self.last, own.not_valid_after_utc.astimezone(INDIA).date()),
        )


def pins_of(path: Path) -> list[Pin]:
    """The pinned certificates; raises `BadTrust`."""
    try:
        listed = yaml.safe_load(path.read_text(encoding="utf-8"))
        if not isinstance(listed, list) or not listed:
            raise ValueError("it is no list")
        return [_pin(one, path.parent) for one in listed]
    except OSError as error:
        raise BadTrust(path=path.name, why=error.strerror) from error
    except (yaml.YAMLError, ValueError, TypeError, KeyError, AttributeError) as error:
        why = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise BadTrust(path=path.name, why=" ".join(why.split())) from error


def _pin(one: dict[str, object], folder: Path) -> Pin:
    unknown = set(one) - {"certificate", "signs", "from", "until", "sha1"}
    if unknown:
        raise ValueError(f"unknown word {sorted(unknown)[0]}")
    certificate = x509.load_pem_x509_certificate((folder / str(one["certificate"])).read_bytes())
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey) or key.key_size < 2048:
        raise ValueError(f"{one['certificate']} holds no RSA key of 2048 bits or more")
    signs, first, last = one["signs"], one["from"], one["until"]
    if not isinstance(signs, list) or not signs or not set(signs) <= set(METHODS):
        raise ValueError(f"signs must list some of {', '.join(METHODS)}")
    if not isinstance(first, date) or not isinstance(last, date) or last < first:
        raise ValueError("from and until must be days in order")
    if not isinstance(one.get("sha1", False), bool):
        raise ValueError("sha1 must be true or false")
    return Pin(certificate, frozenset(signs), first, last, bool(one.get("sha1", False)))


def signer_of(
    pins: Iterable[Pin], method: str, fits: Callable[[Pin], bool], made_at: Callable[[], datetime]
) -> Pin:
    """The pin whose key made the signature, and which held when the document was made.

    `fits` tells whether the signature is by this pin's key, `made_at` the time that the document gives: it is read only once a
    signature fits. Raises `NoTrustedSigner`, `Tampered`, `SignerNotValidThen`.
    """
    able = [pin for pin in pins if method in pin.signs]
    if not able:
        raise NoTrustedSigner()
    found = [pin for pin in able if fits(pin)]
    if not found:
        raise Tampered()
    day = made_at().astimezone(INDIA).date()
    for pin in found:
        first, last = pin.held()
        if first <= day <= last:
            return pin
    first, last = found[-1].held()
    raise SignerNotValidThen(day=in_words(day), first=in_words(first), last=in_words(last))
