"""What leaves the house: a file sealed to the bank (CMS EnvelopedData, RFC 5652) and a detached signature beside it (CMS SignedData).

The file is sealed with AES-256 under a fresh key that only the holder of the bank's certificate can open; the signature is over the
plain file, by the key that signs orders (`cases.papers.signing`: a file or a PKCS#11 token). In development a demonstration bank
with a key of its own is made at first use; in production nothing is sealed without the bank's certificate.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID
from django.conf import settings

from haqdar.base.refusal import Refusal
from haqdar.cases.papers.signing import seal
from haqdar.payments.rails import keeping

SEALED = ".p7m"
SIGNATURE = ".p7s"
DEMONSTRATION = "Haqdar DEMONSTRATION bank - pays nothing"


class NoBankCertificate(Refusal):
    """Production has nobody to seal payment files to."""

    code = "no_bank_certificate"
    en = "There is no certificate of the bank to seal payment files to. Set HAQDAR_BANK_CERTIFICATE; released files wait until then."
    hi = "भुगतान फ़ाइलें बंद करने के लिए बैंक का प्रमाणपत्र नहीं है। HAQDAR_BANK_CERTIFICATE दें; जारी फ़ाइलें तब तक रुकी रहेंगी।"


class BadBankCertificate(Refusal):
    """The configured certificate cannot be used."""

    code = "bad_bank_certificate"
    en = "The certificate of the bank cannot be used ({why}). Payment files need a valid PEM certificate with an RSA key."
    hi = "बैंक का प्रमाणपत्र काम नहीं कर रहा ({why})। भुगतान फ़ाइलों के लिए RSA कुंजी वाला मान्य PEM प्रमाणपत्र चाहिए।"


def sealed(content: bytes) -> bytes:
    """The content as DER of a CMS EnvelopedData that only the bank can open; raises `NoBankCertificate`, `BadBankCertificate`."""
    builder = pkcs7.PKCS7EnvelopeBuilder().set_data(content).add_recipient(bank_certificate())
    builder = builder.set_content_encryption_algorithm(AES256)
    return builder.encrypt(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])


def signature(content: bytes) -> bytes:
    """DER of a CMS SignedData over the content, detached; raises `NoSigningKey`, `BadSigningKey`."""
    digest = hashlib.sha256(content).digest()
    signing = seal().signer.async_sign(digest, digest_algorithm="sha256", is_pdf_sig=False)
    signed: bytes = _run(signing).dump()
    return signed


def _run(signing: Coroutine[Any, Any, Any]) -> Any:
    """The result of the library's coroutine, whether or not this thread is in an event loop already."""
    with ThreadPoolExecutor(1) as aside:
        return aside.submit(asyncio.run, signing).result()


def bank_certificate() -> x509.Certificate:
    """The certificate to which files are sealed."""
    path = Path(settings.HAQDAR_BANK_CERTIFICATE) if settings.HAQDAR_BANK_CERTIFICATE else None
    if path is None:
        if settings.PRODUCTION:
            raise NoBankCertificate()
        return demonstration_bank()[0]
    try:
        found = x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError) as error:
        raise BadBankCertificate(why=getattr(error, "strerror", None) or str(error)) from error
    if not isinstance(found.public_key(), rsa.RSAPublicKey):
        raise BadBankCertificate(why="its key is not an RSA key")
    if not found.not_valid_before_utc <= datetime.now(UTC) <= found.not_valid_after_utc:
        raise BadBankCertificate(why=f"it is valid until {found.not_valid_after_utc:%Y-%m-%d}")
    return found


def demonstration_bank() -> tuple[x509.Certificate, rsa.RSAPrivateKey]:
    """Certificate and key of the demonstration's bank, made when they are not there."""
    folder = Path(settings.HAQDAR_HOME) / "signing"
    path = folder / "demonstration-bank.pem"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, DEMONSTRATION)])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=3650))
            .sign(key, hashes.SHA256())
        )
        plain = serialization.NoEncryption()
        pem = serialization.Encoding.PEM
        keeping.write(
            path,
            key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain),
            certificate.public_bytes(pem),
        )
    content = path.read_bytes()
    private = serialization.load_pem_private_key(content, None)
    assert isinstance(private, rsa.RSAPrivateKey)
    return x509.load_pem_x509_certificate(content), private


def opened_by_demonstration_bank(envelope: bytes) -> bytes:
    """What the demonstration's bank reads out of an envelope."""
    return pkcs7.pkcs7_decrypt_der(envelope, *demonstration_bank(), [])
