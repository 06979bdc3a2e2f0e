"""Online eKYC: the authority sends a code to the person's mobile and answers with a signed document.

It speaks the public shape of the protocol, version 2.5: a PID block with the code, sealed by AES-256-GCM under a session key (the last
12 and 16 bytes of its time are nonce and bound text), the session key wrapped for the authority by RSA, an HMAC block, and an enveloped
signature of ours; the answer is sealed to us and holds a `KycRes` with the authority's own signature. Off unless HAQDAR_EKYC_URL is set.
Which agency stands between, and how it seals its answers, differs: `_opened` is the one place for that (docs/ekyc.md).
"""

from __future__ import annotations

import hashlib
import os
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import urllib3
from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from lxml import etree
from signxml.signer import XMLSigner

from haqdar.base.refusal import Refusal
from haqdar.identity.ekyc.document import INDIA, ONLINE, Document
from haqdar.identity.ekyc.offline_xml import of_uid_data
from haqdar.identity.ekyc.refusals import EkycRefusal
from haqdar.identity.ekyc.signed_xml import parsed, verified
from haqdar.identity.ekyc.trust import Pin

VERSION = "2.5"
_MOST = 1024 * 1024
_NONCE, _BOUND, _TIME = 12, 16, 19
_AUTH = "http://www.uidai.gov.in/authentication/uid-auth-request/2.0"
_OTP = "http://www.uidai.gov.in/authentication/otp/1.0"
_KYC = "http://www.uidai.gov.in/kyc/uid-kyc-request/1.0"
_WRONG_CODE = frozenset({"400", "K-100", "K-200"})


class NotReached(EkycRefusal):
    """No answer that could be read; nothing was changed, asking again is safe."""

    code = "ekyc_not_reached"
    field = ""
    en = "The Aadhaar service does not answer just now ({why}). Nothing was changed. Use the offline file or the QR code, or try later."
    hi = (
        "आधार सेवा अभी उत्तर नहीं दे रही ({why})। कुछ बदला नहीं गया। ऑफ़लाइन फ़ाइल या QR कोड से करें, या बाद में कोशिश करें।"
    )


class AuthorityRefused(EkycRefusal):
    """The authority said no, with a number of its own."""

    code = "ekyc_authority_refused"
    field = "number"
    en = "The Aadhaar service refused (its answer: {answer}). Check the number; with a locked number or without a mobile linked, use the offline file."
    hi = "आधार सेवा ने मना किया (उसका उत्तर: {answer})। नंबर जाँचें; नंबर लॉक हो या मोबाइल न जुड़ा हो तो ऑफ़लाइन फ़ाइल से करें।"


class WrongOtp(EkycRefusal):
    """Not the code that the authority sent."""

    code = "ekyc_wrong_otp"
    field = "otp"
    en = "This is not the code that was sent. Look at the latest message, or ask for a new code."
    hi = "यह वह कोड नहीं है जो भेजा गया था। सबसे नया संदेश देखें, या नया कोड मँगाएँ।"


class BadAccess(Refusal):
    """Key or certificate of the line cannot be used."""

    code = "bad_ekyc_access"
    en = "The line to the Aadhaar service cannot be used ({why}). Check HAQDAR_EKYC_KEY and HAQDAR_EKYC_PEER_CERTIFICATE."
    hi = "आधार सेवा का संपर्क काम नहीं कर रहा ({why})। HAQDAR_EKYC_KEY और HAQDAR_EKYC_PEER_CERTIFICATE जाँचें।"


@dataclass(frozen=True)
class Access:
    """Where the authority is and who we are to it: agency code, licence, our key and certificate, its certificate."""

    url: str
    agency: str
    licence: str
    key: RSAPrivateKey = field(repr=False)
    certificate: x509.Certificate
    peer: x509.Certificate
    ca: str = ""
    connect_seconds: float = 5
    read_seconds: float = 20


def access_of(url: str, agency: str, licence: str, key: Path, peer: Path, ca: str = "") -> Access:
    """The line as configured; raises `BadAccess`."""
    try:
        content = key.read_bytes()
        private = serialization.load_pem_private_key(content, None)
        if not isinstance(private, RSAPrivateKey):
            raise ValueError("our key is no RSA key")
        theirs = x509.load_pem_x509_certificate(peer.read_bytes())
        if not isinstance(theirs.public_key(), RSAPublicKey):
            raise ValueError("their certificate holds no RSA key")
        return Access(url, agency, licence, private, x509.load_pem_x509_certificate(content), theirs, ca)
    except (OSError, ValueError, TypeError) as error:
        raise BadAccess(why=getattr(error, "strerror", None) or str(error)) from error


def ask_code(access: Access, number: str, txn: str, now: datetime) -> None:
    """Have the authority send a code to the mobile linked with the number; raises `NotReached`, `AuthorityRefused`."""
    root = etree.Element(
        f"{{{_OTP}}}Otp",
        {
            "uid": number, "ac": access.agency, "sa": access.agency, "type": "A", "ver": VERSION, "txn": txn,
            "ts": _time(now), "lk": access.licence,
        },
        nsmap={None: _OTP},
    )  # fmt: skip
    etree.SubElement(root, f"{{{_OTP}}}Opts", ch="01")
    answer = _posted(access, "otp", number, _signed(access, root))
    if answer.get("ret", "").lower() != "y" or answer.get("txn") != txn:
        raise AuthorityRefused(answer=answer.get("err") or "?")


def ask_kyc(access: Access, number: str, otp: str, txn: str, now: datetime, pins: Iterable[Pin]) -> Document:
    """The signed document of whoever holds the number and the code.

    Raises `WrongOtp`, `NotReached`, `AuthorityRefused`, ``Tampered`` (the answer is not signed by a pinned certificate or answers
    another question), ``SignerNotValidThen``.
    """
    auth = _authentication(access, number, otp, txn, now)
    root = etree.Element(
        f"{{{_KYC}}}Kyc",
        {"ver": VERSION, "ra": "O", "rc": "Y", "lr": "N", "de": "N", "pfr": "N"},
        nsmap={None: _KYC},
    )
    etree.SubElement(root, f"{{{_KYC}}}Rad").text = b64encode(auth).decode()
    answer = _posted(access, "kyc", number, etree.tostring(root))
    said = answer.get("err") or ""
    if answer.get("status") != "0" or not (answer.text or "").strip():
        raise WrongOtp() if said in _WRONG_CODE else AuthorityRefused(answer=said or "?")
    content = _opened(access, answer.text)
    signed, evidence, pin = verified(content, pins, ONLINE, _made_at)
    if etree.QName(signed).localname != "KycRes" or signed.get("txn") != txn:
        raise NotReached(why="another question was answered")
    if signed.get("ret", "").lower() != "y":
        raise AuthorityRefused(answer=signed.get("err") or "?")
    return replace(
        of_uid_data(signed.find("UidData"), ONLINE, number[-4:], _made_at(signed), evidence, pin),
        mobile_hash="",
    )


def _authentication(access: Access, number: str, otp: str, txn: str, now: datetime) -> bytes:
    """The `Auth` block: the code sealed, the session key wrapped, the whole signed."""
    time = _time(now)
    wadh = b64encode(hashlib.sha256(f"{VERSION}OYNNN".encode()).digest()).decode()
    pid = etree.Element("Pid", ts=time, ver="2.0", wadh=wadh)
    etree.SubElement(pid, "Pv", otp=otp)
    plain, session = etree.tostring(pid), os.urandom(32)
    seal, bound = AESGCM(session), time.encode()
    nonce, text = bound[-_NONCE:], bound[-_BOUND:]
    peer = access.peer.public_key()
    assert isinstance(peer, RSAPublicKey)
    root = etree.Element(
        f"{{{_AUTH}}}Auth",
        {
            "uid": number, "rc": "Y", "tid": "", "ac": access.agency, "sa": access.agency, "ver": VERSION, "txn": txn,
            "lk": access.licence,
        },
        nsmap={None: _AUTH},
    )  # fmt: skip

    def part(name: str, content: bytes, **more: str) -> None:
        etree.SubElement(root, f"{{{_AUTH}}}{name}", more).text = b64encode(content).decode()

    etree.SubElement(root, f"{{{_AUTH}}}Uses", pi="n", pa="n", pfa="n", bio="n", pin="n", otp="y")
    etree.SubElement(root, f"{{{_AUTH}}}Meta", udc="", rdsId="", rdsVer="", dpId="", dc="", mi="", mc="")
    part("Skey", peer.encrypt(session, padding.PKCS1v15()), ci=f"{access.peer.not_valid_after_utc:%Y%m%d}")
    # the same key and nonce seal the PID and its digest, as the protocol has it; the key is used for this one question
    part("Data", bound + seal.encrypt(nonce, plain, text), type="X")
    part("Hmac", seal.encrypt(nonce, hashlib.sha256(plain).digest(), text))
    return _signed(access, root)


def _signed(access: Access, root: Any) -> bytes:
    pem = access.certificate.public_bytes(serialization.Encoding.PEM).decode()
    signer = XMLSigner(c14n_algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315")
    return bytes(etree.tostring(signer.sign(root, key=access.key, cert=pem)))


def _opened(access: Access, text: str) -> bytes:
    """The answer sealed to us: a session key wrapped by RSA-OAEP (SHA-256), a nonce, then AES-256-GCM."""
    try:
        sealed = b64decode("".join(text.split()), validate=True)
        size = access.key.key_size // 8
        oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
        session = access.key.decrypt(sealed[:size], oaep)
        return AESGCM(session).decrypt(sealed[size : size + _NONCE], sealed[size + _NONCE :], None)
    except (ValueError, InvalidTag) as error:
        raise NotReached(why="the answer does not open") from error


def _posted(access: Access, service: str, number: str, body: bytes) -> Any:
    """The root of the answer. The path has the first two digits of the number, by which the authority spreads its load."""
    pool = urllib3.PoolManager(
        timeout=urllib3.Timeout(connect=access.connect_seconds, read=access.read_seconds),
        retries=False,
        cert_reqs="CERT_REQUIRED",
        ca_certs=access.ca or None,
    )
    url = f"{access.url}/{service}/{VERSION}/{access.agency}/{number[0]}/{number[1]}/{access.licence}"
    try:
        response = pool.request(
            "POST", url, body=body, headers={"Content-Type": "application/xml"}, redirect=False, preload_content=False
        )  # fmt: skip
        content = response.read(_MOST + 1)
        response.close()
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise NotReached(why=type(error).__name__) from error
    if response.status != 200 or len(content) > _MOST:
        raise NotReached(why=f"HTTP {response.status}")
    try:
        return parsed(content)
    except EkycRefusal as error:
        raise NotReached(why="the answer is no XML") from error


def _time(now: datetime) -> str:
    return now.astimezone(INDIA).strftime("%Y-%m-%dT%H:%M:%S")


def _made_at(signed: Any) -> datetime:
    try:
        at = datetime.fromisoformat(signed.get("ts", ""))
    except ValueError as error:
        raise NotReached(why="the answer has no time") from error
    return at if at.tzinfo else at.replace(tzinfo=INDIA)
