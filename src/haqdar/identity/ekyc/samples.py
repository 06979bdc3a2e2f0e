"""A demonstration authority: makes and signs the documents of invented people, so that everything can be tried without a real one.

Its key lies in the data folder and its certificate says in its name that it proves nothing; production never trusts it.
"""

from __future__ import annotations

import contextlib
import io
import os
import threading
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyzipper  # type: ignore[import-untyped]
import zxingcpp
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID
from lxml import etree
from PIL import Image, ImageDraw
from signxml.algorithms import DigestAlgorithm, SignatureConstructionMethod, SignatureMethod
from signxml.signer import XMLSigner

from haqdar.identity.ekyc.document import INDIA, METHODS, contact_hash
from haqdar.identity.ekyc.secure_qr import packed
from haqdar.identity.ekyc.trust import Pin

NAME = "Haqdar DEMONSTRATION eKYC authority - proves nothing"


@dataclass(frozen=True)
class Subject:
    """Whom a sample is about; the texts of `address` stand under their names in the file."""

    number: str
    name: str
    dob: str
    gender: str
    mobile: str = ""
    email: str = ""
    address: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Authority:
    """A key and its certificate."""

    key: rsa.RSAPrivateKey = field(repr=False)
    certificate: x509.Certificate

    @staticmethod
    def new(name: str = NAME, first: datetime | None = None, days: int = 7300) -> Authority:
        """A self-signed one, valid from `first` (default: ten years ago, so that samples may be dated back)."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        begin = first or datetime.now(UTC) - timedelta(days=3650)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(own)
            .issuer_name(own)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begin)
            .not_valid_after(begin + timedelta(days=days))
            .sign(key, hashes.SHA256())
        )
        return Authority(key, certificate)

    def pin(self, sha1: bool = False, first: date = date.min, last: date = date.max) -> Pin:
        """The certificate as pinned for everything."""
        return Pin(self.certificate, frozenset(METHODS), first, last, sha1)

    def signed(self, root: Any, sha1: bool = False) -> bytes:
        """The element with an enveloped signature, as a file."""

        class Signer(XMLSigner):
            """Signs with SHA-1, too: real files do, and the readers must be tried with them."""

            def check_deprecated_methods(self) -> None:
                """Nothing is deprecated in a sample."""

        signer = Signer(
            SignatureConstructionMethod.enveloped,
            SignatureMethod.RSA_SHA1 if sha1 else SignatureMethod.RSA_SHA256,
            DigestAlgorithm.SHA1 if sha1 else DigestAlgorithm.SHA256,
            "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
        )
        pem = self.certificate.public_bytes(serialization.Encoding.PEM).decode()
        return bytes(etree.tostring(signer.sign(root, key=self.key, cert=pem), encoding="UTF-8"))


def demonstration(folder: Path) -> Authority:
    """The demonstration's authority in `folder`, made when it is not there."""
    path = folder / "demonstration-authority.pem"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = Authority.new()
        content = made.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ) + made.certificate.public_bytes(serialization.Encoding.PEM)
        # written aside and linked, so that two first starts agree on one key
        draft = folder / f".{path.name}.{os.getpid()}.{threading.get_ident()}"
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    content = path.read_bytes()
    key = serialization.load_pem_private_key(content, None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return Authority(key, x509.load_pem_x509_certificate(content))


def reference_of(number: str, at: datetime) -> str:
    """The reference ID: the last four digits and the time to the millisecond."""
    local = at.astimezone(INDIA)
    return f"{number[-4:]}{local:%Y%m%d%H%M%S}{local.microsecond // 1000:03d}"


def uid_data(subject: Subject, share_code: str = "", photo: bytes = b"") -> Any:
    """The `UidData` element."""
    last4 = subject.number[-4:]
    data = etree.Element("UidData")
    hashed = {
        name: contact_hash(value, share_code, last4) if value else ""
        for name, value in (("e", subject.email), ("m", subject.mobile))
    }
    etree.SubElement(data, "Poi", dob=subject.dob, gender=subject.gender, name=subject.name, **hashed)
    etree.SubElement(data, "Poa", country="India", **subject.address)
    etree.SubElement(data, "Pht").text = b64encode(photo or portrait("JPEG")).decode()
    return data


def offline_xml(
    authority: Authority,
    subject: Subject,
    share_code: str,
    at: datetime,
    sha1: bool = True,
    photo: bytes = b"",
) -> bytes:
    """The signed XML of a subject."""
    root = etree.Element("OfflinePaperlessKyc", referenceId=reference_of(subject.number, at))
    root.append(uid_data(subject, share_code, photo))
    return authority.signed(root, sha1)


def zipped(xml: bytes, share_code: str, aes: bool = True, name: str = "offlineaadhaar.xml") -> bytes:
    """A ZIP locked with the share code, by AES or not at all (no library at hand writes the old cipher)."""
    target = io.BytesIO()
    lock = {"encryption": pyzipper.WZ_AES} if aes else {}
    with pyzipper.AESZipFile(target, "w", compression=pyzipper.ZIP_DEFLATED, **lock) as archive:
        if aes:
            archive.setpassword(share_code.encode())
        archive.writestr(name, xml)
    return target.getvalue()


def secure_qr(
    authority: Authority, subject: Subject, at: datetime, version: int = 2, photo: bytes = b""
) -> str:
    """The digits of a signed QR code."""
    last4 = subject.number[-4:]
    own = subject.address
    order = (
        "careof", "dist", "landmark", "house", "loc", "pc", "po", "state", "street", "subdist", "vtc",
    )  # fmt: skip
    status = (
        "3" if subject.mobile and subject.email else "1" if subject.mobile else "2" if subject.email else "0"
    )
    texts = [
        *(["V2"] if version == 2 else []),
        status,
        reference_of(subject.number, at),
        subject.name,
        subject.dob,
    ]
    texts += [subject.gender, *(own.get(name, "") for name in order)]
    texts += [subject.mobile[-4:]] if version == 2 else []
    content = b"".join(text.encode("iso-8859-1") + b"\xff" for text in texts) + (
        photo or portrait("JPEG2000")
    )
    for contact in (subject.email, subject.mobile):
        content += bytes.fromhex(contact_hash(contact, "", last4)) if contact else b""
    return packed(content + authority.key.sign(content, padding.PKCS1v15(), hashes.SHA256()))


def qr_picture(digits: str, size: int = 1200) -> bytes:
    """A picture (PNG) of a QR code with these digits."""
    code = zxingcpp.create_barcode(digits, zxingcpp.BarcodeFormat.QRCode, ec_level="L")
    image = Image.fromarray(zxingcpp.write_barcode_to_image(code, scale=4, add_quiet_zones=True))
    image = image.resize((size, size), Image.Resampling.NEAREST) if image.width > size else image
    target = io.BytesIO()
    image.save(target, "PNG")
    return target.getvalue()


def portrait(kind: str) -> bytes:
    """A drawn face in place of a photograph, small as in a QR code."""
    image = Image.new("RGB", (60, 76), "#dfe7e6")
    draw = ImageDraw.Draw(image)
    draw.ellipse((16, 14, 44, 46), fill="#8a6a52")
    draw.ellipse((4, 52, 56, 120), fill="#0b5d5b")
    target = io.BytesIO()
    options: dict[str, Any] = {"quality_mode": "rates", "quality_layers": [20]} if kind == "JPEG2000" else {}
    image.save(target, kind, **options)
    return target.getvalue()
