"""Secure QR: a decimal number → bytes → gunzip → fields parted by byte 255, the photograph, hashes, a signature of 256 bytes."""

from __future__ import annotations

import hashlib
import io
import re
import zlib
from collections.abc import Iterable

import zxingcpp
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from PIL import Image, ImageOps

from haqdar.identity.ekyc.document import SECURE_QR, Document, birth, reference, sex
from haqdar.identity.ekyc.refusals import NoQr, NotASecureQr, TooBig
from haqdar.identity.ekyc.trust import Pin, signer_of

MOST_DIGITS = 20_000
MOST_BYTES = 8 * 1024 * 1024
MOST_PIXELS = 40_000_000
_MOST_INFLATED = 64 * 1024
_SIGNATURE, _HASH = 256, 32
_AT_ONCE = 4000
"""Digits that Python turns into a number at a time: it refuses more than 4,300."""
_FIELDS = (
    "reference", "name", "dob", "gender", "careof", "dist", "landmark", "house", "loc", "pc", "po", "state", "street",
    "subdist", "vtc",
)  # fmt: skip


def read_qr(digits: str, pins: Iterable[Pin], status_one: str = "mobile") -> Document:
    """The document in the digits of a secure QR code (blanks are passed over).

    `status_one` says whose hash stands there when the status is 1: mobile or email. Raises `NotASecureQr`, ``Tampered``,
    ``NoTrustedSigner``, ``SignerNotValidThen``.
    """
    content = unpacked(digits)
    signed, signature = content[:-_SIGNATURE], content[-_SIGNATURE:]
    document = _read(signed, status_one)

    def fits(pin: Pin) -> bool:
        try:
            pin.key.verify(signature, signed, PKCS1v15(), SHA256())
        except InvalidSignature:
            return False
        return True

    pin = signer_of(pins, SECURE_QR, fits, lambda: document.made_at)
    return Document(**{**vars(document), "signer": pin.fingerprint})


def unpacked(digits: str) -> bytes:
    """The bytes behind the digits; raises `NotASecureQr`."""
    digits = "".join(digits.split())
    if not digits.isascii() or not digits.isdecimal() or not 600 <= len(digits) <= MOST_DIGITS:
        raise NotASecureQr()
    number = 0
    for at in range(0, len(digits), _AT_ONCE):
        part = digits[at : at + _AT_ONCE]
        number = number * 10 ** len(part) + int(part)
    packed = number.to_bytes((number.bit_length() + 7) // 8, "big")
    inflate = zlib.decompressobj(31)
    try:
        content = inflate.decompress(packed, _MOST_INFLATED)
    except zlib.error as error:
        raise NotASecureQr() from error
    if not inflate.eof or len(content) <= _SIGNATURE:
        raise NotASecureQr()
    return content


def packed(content: bytes) -> str:
    """The digits of a code with this content: what `unpacked` takes apart."""
    deflate = zlib.compressobj(wbits=31)
    number = int.from_bytes(deflate.compress(content) + deflate.flush(), "big")
    parts = []
    while number:
        number, rest = divmod(number, 10**_AT_ONCE)
        parts.append(str(rest).rjust(_AT_ONCE, "0"))
    return "".join(reversed(parts)).lstrip("0")


def _read(signed: bytes, status_one: str) -> Document:
    version = re.match(rb"V([0-9])\xff", signed)
    if version is not None and version[1] != b"2":
        raise NotASecureQr()
    names = ("status", *_FIELDS, *(("mobile_last4",) if version else ()))
    parts = signed[3 if version else 0 :].split(b"\xff", len(names))
    if len(parts) != len(names) + 1:
        raise NotASecureQr()
    values = dict(zip(names, (part.decode("iso-8859-1").strip() for part in parts), strict=False))
    told = reference(values.pop("reference"))
    status, name = values.pop("status"), " ".join(values.pop("name").split())
    if told is None or not name or status not in ("0", "1", "2", "3"):
        raise NotASecureQr()
    rest, mobile = parts[-1], b""
    one = "email" if (status_one == "mobile") == (status == "2") else "mobile"
    if status == "3" or (status in "12" and one == "mobile"):
        rest, mobile = rest[:-_HASH], rest[-_HASH:]
    if status == "3" or (status in "12" and one == "email"):
        rest = rest[:-_HASH]
    born_on, year = birth(values.pop("dob"))
    gender, last4 = values.pop("gender"), values.pop("mobile_last4", "")
    return Document(
        method=SECURE_QR,
        last4=told[0],
        made_at=told[1],
        name=name[:200],
        born_on=born_on,
        birth_year=year,
        sex=sex(gender),
        address={part: text[:200] for part, text in values.items() if text},
        evidence=hashlib.sha256(signed).hexdigest(),
        signer="",
        mobile_hash=mobile.hex(),
        mobile_last4=last4 if last4.isdecimal() else "",
        photo=rest,
    )


def digits_in(picture: bytes) -> str:
    """The digits of the secure QR code in a picture; raises `NoQr`, `NotASecureQr` (another code), `TooBig`."""
    if len(picture) > MOST_BYTES:
        raise TooBig(most=MOST_BYTES // 1024 // 1024)
    try:
        with Image.open(io.BytesIO(picture), formats=("JPEG", "PNG", "WEBP")) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise TooBig(most=MOST_BYTES // 1024 // 1024)
            image = ImageOps.exif_transpose(opened).convert("L")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise NoQr() from error
    texts = _codes(image)
    if not texts and image.width < 1600:
        # a photograph of a screen or a thumbnail: larger modules help the reader
        texts = _codes(image.resize((image.width * 2, image.height * 2)))
    if not texts:
        raise NoQr()
    for text in texts:
        if text.isascii() and text.isdecimal() and len(text) >= 600:
            return text
    raise NotASecureQr()


def _codes(image: Image.Image) -> list[str]:
    return [
        one.text
        for one in zxingcpp.read_barcodes(
            image, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
        )
        if one.text
    ]


def shown_photo(photo: bytes) -> bytes:
    """The photograph as a JPEG that browsers show (QR codes carry JPEG 2000), at most 480 pixels high; empty when it is none."""
    try:
        with Image.open(io.BytesIO(photo), formats=("JPEG", "JPEG2000", "PNG", "WEBP")) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                return b""
            image = opened.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return b""
    image.thumbnail((480, 480))
    target = io.BytesIO()
    image.save(target, "JPEG", quality=80)
    return target.getvalue()
