"""Signing documents: PAdES (ETSI EN 319 142) with a key from a file or a PKCS#11 token, held open for the next one.

In development a demonstration key is made at first use; its certificate says in its name that it proves nothing. In
production nothing is signed without a configured key. Nothing of pyHanko is loaded before the first document is signed.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import io
import os
import threading
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from django.conf import settings

from haqdar.base.refusal import Refusal

if TYPE_CHECKING:
    from pyhanko.sign.signers import Signer

_MM = 72 / 25.4
BOX = tuple(round(edge * _MM) for edge in (108, 24, 190, 46))
"""Where the signature's field lies on the first page (order.typ draws what is seen there), in points."""
FIELD = "Signature"
_ROOM = 16_384
"""Room for the signature, in hexadecimal digits: enough for a chain of four certificates and a time stamp. Left to itself the
library signs once to find out how much it needs."""
DEMONSTRATION = "Haqdar DEMONSTRATION - proves nothing"
_LOCK = threading.Lock()


class NoSigningKey(Refusal):
    """Production has no key to sign orders with."""

    code = "no_signing_key"
    en = "There is no key to sign orders with. Set HAQDAR_SIGNING_KEY or HAQDAR_PKCS11_MODULE; orders that wait are signed then."
    hi = "आदेशों पर हस्ताक्षर की कुंजी नहीं है। HAQDAR_SIGNING_KEY या HAQDAR_PKCS11_MODULE दें; रुके हुए आदेशों पर तब हस्ताक्षर होंगे।"


class BadSigningKey(Refusal):
    """The configured key or token cannot be used."""

    code = "bad_signing_key"
    en = "The key to sign orders with cannot be used ({why}). Check the file or token, its passphrase or PIN, and that the certificate belongs to it."
    hi = "आदेशों पर हस्ताक्षर की कुंजी काम नहीं कर रही ({why})। फ़ाइल या टोकन, पासफ़्रेज़ या PIN, और प्रमाणपत्र जाँचें।"


@dataclass(frozen=True)
class Seal:
    """What a document is signed with: the signer, and of its certificate the common name and SHA-256 fingerprint."""

    signer: Signer
    name: str
    fingerprint: str
    until: datetime


def seal() -> Seal:
    """The configured key, opened once a process; raises `NoSigningKey`, `BadSigningKey`."""
    key = Path(settings.HAQDAR_SIGNING_KEY) if settings.HAQDAR_SIGNING_KEY else None
    with _LOCK:
        if settings.HAQDAR_PKCS11_MODULE:
            return _token_seal(
                settings.HAQDAR_PKCS11_MODULE,
                settings.HAQDAR_PKCS11_TOKEN,
                settings.HAQDAR_PKCS11_LABEL,
                settings.HAQDAR_PKCS11_PIN,
            )
        passphrase = settings.HAQDAR_SIGNING_PASSPHRASE
        if key is None:
            if settings.PRODUCTION:
                raise NoSigningKey()
            key, passphrase = demonstration_key(Path(settings.HAQDAR_HOME) / "signing"), ""
        try:
            return _file_seal(key, key.stat().st_mtime_ns, settings.HAQDAR_SIGNING_CERTIFICATE, passphrase)
        except (OSError, ValueError, TypeError) as error:
            raise BadSigningKey(why=getattr(error, "strerror", None) or str(error)) from error


def sign(document: bytes, reason: str, place: str, box: tuple[int, ...] = BOX) -> bytes:
    """The document signed as PAdES baseline B (T with a time-stamping authority); `reason` and `place` go into the signature.

    `box` is where the signature's field lies on the first page, in points.

    Raises `NoSigningKey`, `BadSigningKey`.
    """
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers
    from pyhanko.stamp import StaticStampStyle

    own = seal()
    about = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
        reason=reason,
        location=place,
        name=own.name,
    )
    pen = signers.PdfSigner(
        about,
        signer=own.signer,
        timestamper=_timestamper(settings.HAQDAR_TIMESTAMP_URL),
        # what is seen is part of the page; the field's own appearance is empty, so that no font is missing in the archive
        stamp_style=StaticStampStyle(border_width=0),
        new_field_spec=fields.SigFieldSpec(FIELD, box=box, readable_field_name=reason),  # type: ignore[arg-type]
    )
    paper = IncrementalPdfFileWriter(io.BytesIO(document))
    signed: io.BytesIO = _run(pen.async_sign_pdf(paper, bytes_reserved=_ROOM))
    return signed.getvalue()


def _run(signing: Coroutine[Any, Any, io.BytesIO]) -> io.BytesIO:
    """The result of the library's coroutine, whether or not this thread is in an event loop already."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(signing)
    with ThreadPoolExecutor(1) as aside:
        return aside.submit(asyncio.run, signing).result()


def demonstration_key(folder: Path) -> Path:
    """The demonstration's key in `folder`, made when it is not there: a certificate authority and a signer of its own."""
    target = folder / "demonstration.p12"
    if target.exists():
        return target
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    authority, authority_key = _certificate(f"{DEMONSTRATION} (authority)", None, None)
    signer, signer_key = _certificate(f"{DEMONSTRATION} (orders)", authority, authority_key)
    content = pkcs12.serialize_key_and_certificates(
        b"orders", signer_key, signer, [authority], serialization.NoEncryption()
    )
    for path, data in (
        (folder / "demonstration-authority.pem", authority.public_bytes(serialization.Encoding.PEM)),
        (target, content),
    ):
        # written aside and linked, so that two first starts agree on one key
        draft = folder / f".{path.name}.{os.getpid()}.{threading.get_ident()}"
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        if path == target:
            with contextlib.suppress(FileExistsError):
                os.link(draft, path)
            draft.unlink()
        else:
            draft.replace(path)
    return target


def _certificate(
    name: str, issuer: x509.Certificate | None, issuer_key: rsa.RSAPrivateKey | None
) -> tuple[x509.Certificate, rsa.RSAPrivateKey]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    usage = dict.fromkeys(
        ("key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"), False
    )
    own = issuer is None
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=3650 if own else 1825))
        .add_extension(x509.BasicConstraints(ca=own, path_length=0 if own else None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=not own,
                content_commitment=not own,
                key_cert_sign=own,
                crl_sign=own,
                **usage,
            ),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(issuer_key or key, hashes.SHA256())
    )
    return built, key


@cache
def _file_seal(key: Path, changed: int, certificate: str, passphrase: str) -> Seal:
    """Key and chain from files; `changed` makes a replaced file be read anew."""
    secret = passphrase.encode() or None
    content = key.read_bytes()
    if content.lstrip().startswith(b"-----"):
        private = serialization.load_pem_private_key(content, secret)
        chain = x509.load_pem_x509_certificates(Path(certificate).read_bytes() if certificate else content)
        own, others = chain[0], chain[1:]
    else:
        loaded, first, rest = pkcs12.load_key_and_certificates(content, secret)
        if loaded is None or first is None:
            raise ValueError("no key with its certificate in the file")
        private, own, others = loaded, first, rest
    if not isinstance(private, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise ValueError("neither an RSA nor an elliptic-curve key")
    if _public(private) != _public(own):
        raise ValueError("the certificate is of another key")
    return _sealed(_held_signer(private, own, others), own)


def _held_signer(
    private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
    own: x509.Certificate,
    others: list[x509.Certificate],
) -> Signer:
    from asn1crypto import cms  # type: ignore[import-untyped]
    from asn1crypto import x509 as asn1
    from pyhanko.keys.internal import translate_pyca_cryptography_key_to_asn1
    from pyhanko.sign import signers
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    encoded: dict[str, tuple[bytes, bytes]] = {}

    class HeldSigner(signers.SimpleSigner):
        """Signs with the key object in hand; reading it anew for each document takes three times as long."""

        def sign_raw(self, data: bytes, digest_algorithm: str) -> bytes:
            digest = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}[
                digest_algorithm
            ]
            if isinstance(private, rsa.RSAPrivateKey):
                return private.sign(data, padding.PKCS1v15(), digest)
            return private.sign(data, ec.ECDSA(digest))

        async def signed_attrs(
            self, data_digest: bytes, digest_algorithm: str, *args: Any, **values: Any
        ) -> cms.CMSAttributes:
            """From one document to the next only the digest differs; encoding the rest anew is most of a signature's time."""
            if not values.get("is_pdf_sig", True):
                return await super().signed_attrs(data_digest, digest_algorithm, *args, **values)
            if digest_algorithm not in encoded:
                model = bytes(len(data_digest)) + b"the digest goes here"
                model = model[-len(data_digest) :]
                attributes = await super().signed_attrs(model, digest_algorithm, *args, **values)
                before, _, after = attributes.dump().partition(model)
                encoded[digest_algorithm] = before, after
            before, after = encoded[digest_algorithm]
            # read from its encoding, it is not encoded again wherever it is put
            return cms.CMSAttributes.load(before + data_digest + after)

        def signer_info(self, *args: Any, **values: Any) -> cms.SignerInfo:
            """Read from its encoding likewise."""
            return cms.SignerInfo.load(super().signer_info(*args, **values).dump())

    def translated(certificate: x509.Certificate) -> Any:
        return asn1.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))

    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    store.register_multiple([translated(certificate) for certificate in others])
    return HeldSigner(
        signing_cert=translated(own),
        signing_key=translate_pyca_cryptography_key_to_asn1(private),
        cert_registry=store,
    )


@cache
def _token_seal(module: str, token: str, label: str, pin: str) -> Seal:
    import pkcs11
    from pyhanko.config.pkcs11 import TokenCriteria
    from pyhanko.sign.general import SigningError
    from pyhanko.sign.pkcs11 import PKCS11Signer, open_pkcs11_session

    try:
        session = open_pkcs11_session(
            module, token_criteria=TokenCriteria(label=token) if token else None, user_pin=pin or None
        )
        signer = PKCS11Signer(session, cert_label=label, key_label=label, other_certs_to_pull=None)
        der = signer.signing_cert.dump() if signer.signing_cert is not None else b""
    except (pkcs11.exceptions.PKCS11Error, SigningError, RuntimeError, OSError) as error:
        raise BadSigningKey(why=f"{type(error).__name__} {error}".strip()) from error
    return _sealed(signer, x509.load_der_x509_certificate(der))


def _sealed(signer: Signer, certificate: x509.Certificate) -> Seal:
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    name = str(names[0].value) if names else certificate.subject.rfc4514_string()
    fingerprint = hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest()
    return Seal(signer, name, fingerprint, certificate.not_valid_after_utc)


def _public(of: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | x509.Certificate) -> bytes:
    return of.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


@cache
def _timestamper(url: str) -> Any:
    if not url:
        return None
    from pyhanko.sign.timestamps import HTTPTimeStamper

    return HTTPTimeStamper(url)
