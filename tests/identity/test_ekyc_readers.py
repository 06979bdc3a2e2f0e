"""Signed documents: what is read from them, and every way in which they are not what they should be."""

from __future__ import annotations

import hashlib
import io
import random
import re
import struct
import zipfile
import zlib
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import pyzipper  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from PIL import Image, ImageFilter

from haqdar.identity.ekyc import comparing, samples
from haqdar.identity.ekyc.document import Document, accepted, contact_hash, same_mobile
from haqdar.identity.ekyc.offline_xml import MOST_BYTES, read_offline
from haqdar.identity.ekyc.refusals import (
    EkycRefusal,
    FromTheFuture,
    NoQr,
    NotAnOfflineFile,
    NotASecureQr,
    NoTrustedSigner,
    SignerNotValidThen,
    Tampered,
    TooBig,
    TooOld,
    WrongShareCode,
)
from haqdar.identity.ekyc.samples import Authority, Subject
from haqdar.identity.ekyc.secure_qr import digits_in, packed, read_qr, shown_photo, unpacked
from haqdar.identity.ekyc.trust import BadTrust, pins_of
from haqdar.law.ekyc import ekyc_on

LAW = Path(__file__).parents[2] / "law" / "mp"
AT = datetime(2026, 6, 15, 10, 20, 30, 123000, tzinfo=UTC)
CODE = "Lock@487"
SITA = Subject(
    number="234123412346",
    name="Sita Bai Malviya",
    dob="05-03-1970",
    gender="F",
    mobile="9876543210",
    email="sita@example.in",
    address={"careof": "W/O Ram Malviya", "vtc": "Amla Kheda", "dist": "Sehore", "pc": "466116"},
)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority.new(first=datetime(2020, 1, 1, tzinfo=UTC), days=3650)


@pytest.fixture(scope="module")
def xml(authority: Authority) -> bytes:
    return samples.offline_xml(authority, SITA, CODE, AT)


@pytest.fixture(scope="module")
def qr(authority: Authority) -> str:
    return samples.secure_qr(authority, SITA, AT)


def old_cipher(xml: bytes, code: str) -> bytes:
    """A ZIP locked as the real files are, by the cipher of PKWARE's APPNOTE 6.1, written here from its text."""
    table = [0] * 256
    for n in range(256):
        c = n
        for _ in range(8):
            c = (c >> 1) ^ 0xEDB88320 if c & 1 else c >> 1
        table[n] = c
    keys = [0x12345678, 0x23456789, 0x34567890]

    def update(byte: int) -> None:
        keys[0] = (keys[0] >> 8) ^ table[(keys[0] ^ byte) & 255]
        keys[1] = ((keys[1] + (keys[0] & 255)) * 134775813 + 1) & 0xFFFFFFFF
        keys[2] = (keys[2] >> 8) ^ table[(keys[2] ^ (keys[1] >> 24)) & 255]

    for byte in code.encode():
        update(byte)

    def lock(data: bytes) -> bytes:
        sealed = bytearray()
        for byte in data:
            temporary = (keys[2] | 2) & 0xFFFF
            sealed.append(byte ^ ((temporary * (temporary ^ 1)) >> 8) & 255)
            update(byte)
        return bytes(sealed)

    deflate = zlib.compressobj(wbits=-15)
    crc, plain = zlib.crc32(xml), deflate.compress(xml) + deflate.flush()
    body = lock(bytes(11) + bytes([crc >> 24]) + plain)
    name = b"offlineaadhaar20260615.xml"
    common = struct.pack("<HHHHHIIIHH", 20, 1, 8, 0, 0x5C21, crc, len(body), len(xml), len(name), 0)
    local = b"PK\x03\x04" + common + name + body
    central = b"PK\x01\x02" + struct.pack("<H", 20) + common + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name
    return local + central + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)


def test_an_offline_file_is_read_however_it_is_locked(authority: Authority, xml: bytes) -> None:
    trusted = [authority.pin(sha1=True)]
    for content in (old_cipher(xml, CODE), samples.zipped(xml, CODE), xml):
        document = read_offline(content, CODE, trusted)
        assert (document.last4, document.name, document.born_on, document.sex) == (
            "2346",
            "Sita Bai Malviya",
            date(1970, 3, 5),
            "F",
        )
        assert document.made_at == AT and document.address["vtc"] == "Amla Kheda"
        assert document.photo == samples.portrait("JPEG")
        assert Document.from_bytes(document.to_bytes()) == document
    strong = samples.offline_xml(authority, SITA, CODE, AT, sha1=False)
    assert read_offline(strong, CODE, [authority.pin()]).name == SITA.name


def test_a_wrong_share_code_never_gives_anything_else(authority: Authority, xml: bytes) -> None:
    """The old cipher checks a code by one byte, so that of 600 codes two or three get past it."""
    locked, trusted = old_cipher(xml, CODE), [authority.pin(sha1=True)]
    for number in range(600):
        with pytest.raises(WrongShareCode):
            read_offline(locked, f"{number:04d}", trusted)
    with pytest.raises(WrongShareCode):
        read_offline(samples.zipped(xml, CODE), CODE.lower(), trusted)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("Sita Bai", "Gita Bai"),
        lambda text: text.replace("05-03-1970", "05-03-1950"),
        lambda text: text.replace('referenceId="2346', 'referenceId="2347'),
        lambda text: text.replace("<Pht>", "<Pht>AAAA"),
        lambda text: text.replace("</UidData>", "<Extra/></UidData>"),
        lambda text: text[: text.index("<ds:Signature")] + "</OfflinePaperlessKyc>",
        lambda text: re.sub("(<ds:SignatureValue>)[^<]+", r"\1", text),
        lambda text: re.sub("(<ds:DigestValue>)[^<]+", r"\1", text),
        lambda text: re.sub(r"<ds:SignatureMethod[^>]*/>", "", text),
    ],
)
def test_a_changed_file_is_not_believed(
    authority: Authority, xml: bytes, change: Callable[[str], str]
) -> None:
    changed = change(xml.decode())
    assert changed != xml.decode()
    with pytest.raises(Tampered):
        read_offline(changed.encode(), CODE, [authority.pin(sha1=True)])


def test_the_certificate_inside_the_file_is_worth_nothing(authority: Authority, xml: bytes) -> None:
    stranger = Authority.new()
    with pytest.raises(Tampered):
        read_offline(samples.offline_xml(stranger, SITA, CODE, AT), CODE, [authority.pin(sha1=True)])
    # the real signature wrapped around, or beside, a person of one's own
    for wrapped in (
        "<OfflinePaperlessKyc referenceId='999920260615102030123'><UidData><Poi name='X'/></UidData>"
        f"{xml.decode()}</OfflinePaperlessKyc>",
        xml.decode().replace(
            "<UidData>", "<UidData><Poi name='X' dob='1950' gender='M' m='' e=''/></UidData><UidData>"
        ),
    ):
        with pytest.raises((Tampered, NotAnOfflineFile)):
            read_offline(wrapped.encode(), CODE, [authority.pin(sha1=True)])


def test_sha1_only_where_it_is_configured_and_certificates_only_in_their_days(
    authority: Authority, xml: bytes, qr: str
) -> None:
    with pytest.raises(Tampered):
        read_offline(xml, CODE, [authority.pin(sha1=False)])
    for days in ({"last": date(2026, 6, 14)}, {"first": date(2026, 6, 16)}):
        pin = authority.pin(sha1=True, **days)
        with pytest.raises(SignerNotValidThen):
            read_offline(xml, CODE, [pin])
        with pytest.raises(SignerNotValidThen):
            read_qr(qr, [pin])
    # an expired certificate does not hide the one that follows it
    again = [
        authority.pin(sha1=True, last=date(2025, 1, 1)),
        authority.pin(sha1=True, first=date(2025, 1, 2)),
    ]
    assert read_offline(xml, CODE, again).name == SITA.name
    with pytest.raises(NoTrustedSigner):
        read_qr(qr, [])
    expired = Authority.new(first=datetime(2015, 1, 1, tzinfo=UTC), days=365)
    late = samples.offline_xml(expired, SITA, CODE, AT)
    with pytest.raises(SignerNotValidThen, match="1 January 2015 to 1 January 2016"):
        read_offline(late, CODE, [expired.pin(sha1=True)])


def test_what_is_no_offline_file(authority: Authority, xml: bytes) -> None:
    def plain(packing: int = zipfile.ZIP_DEFLATED, /, **files: bytes) -> bytes:
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", packing) as archive:
            for name, content in files.items():
                archive.writestr(name.replace("_", "."), content)
        return target.getvalue()

    def aes_bzip2(content: bytes) -> bytes:
        target = io.BytesIO()
        with pyzipper.AESZipFile(target, "w", zipfile.ZIP_BZIP2, encryption=pyzipper.WZ_AES) as archive:
            archive.setpassword(CODE.encode())
            archive.writestr("a.xml", content)
        return target.getvalue()

    trusted = [authority.pin(sha1=True)]
    entity = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]>' + xml
    for content in (
        b"",
        b"PK\x03\x04",
        b"hello",
        plain(),
        plain(a_xml=xml, b_xml=xml),
        plain(a_txt=xml),
        # packed so that a few bytes unpack to a whole memory before the first is given
        plain(zipfile.ZIP_BZIP2, a_xml=xml),
        plain(zipfile.ZIP_LZMA, a_xml=xml),
        aes_bzip2(xml),
        b"<a>",
        b"<a/>",
        entity,
    ):
        with pytest.raises(NotAnOfflineFile):
            read_offline(content, CODE, trusted)
    for content in (b"<" + b"a" * MOST_BYTES, plain(a_xml=b"<a>" + b" " * (2 * MOST_BYTES))):
        with pytest.raises(TooBig):
            read_offline(content, CODE, trusted)


def test_secure_qr_of_both_versions_with_every_status(authority: Authority) -> None:
    for version in (1, 2):
        for mobile, email in (("9876543210", "s@x.in"), ("9876543210", ""), ("", ""), ("", "s@x.in")):
            own = Subject(SITA.number, SITA.name, SITA.dob, SITA.gender, mobile, email, SITA.address)
            digits = samples.secure_qr(authority, own, AT, version)
            document = read_qr(digits, [authority.pin()])
            assert (document.name, document.last4, document.made_at) == (SITA.name, "2346", AT)
            assert document.address == SITA.address
            assert document.photo == samples.portrait("JPEG2000")
            assert same_mobile(document, "+91 98765 43210") is (True if mobile else None)
            assert not mobile or same_mobile(document, "9876543211") is False
            assert document.mobile_last4 == ("3210" if mobile and version == 2 else "")
            assert shown_photo(document.photo)[:2] == b"\xff\xd8"


def test_a_code_with_any_byte_changed_is_refused(authority: Authority, qr: str) -> None:
    content = unpacked(qr)
    rng = random.Random(6)
    for place in [*rng.sample(range(len(content)), 60), 0, len(content) - 1]:
        changed = bytearray(content)
        changed[place] ^= 1 << rng.randrange(8)
        with pytest.raises((Tampered, NotASecureQr)):
            read_qr(packed(bytes(changed)), [authority.pin()])
    bomb = packed(b"\0" * 5_000_000)
    for digits in (
        qr[:-1],
        qr[:1000],
        qr + "7",
        "<PrintLetterBarcodeData uid='1'/>",
        "1" * 900,
        "9" * 30_000,
        "",
        bomb,
    ):
        with pytest.raises(NotASecureQr):
            read_qr(digits, [authority.pin()])


def test_a_picture_of_a_code(qr: str) -> None:
    clean = Image.open(io.BytesIO(samples.qr_picture(qr))).convert("RGB")

    def as_jpeg(image: Image.Image) -> bytes:
        target = io.BytesIO()
        image.save(target, "JPEG", quality=70)
        return target.getvalue()

    desk = Image.new("RGB", (1600, 1300), "#c9b79c")
    desk.paste(clean.resize((900, 900)).rotate(7, expand=True, fillcolor="#ffffff"), (250, 120))
    assert digits_in(as_jpeg(desk.filter(ImageFilter.GaussianBlur(0.6)))) == qr
    assert digits_in(as_jpeg(clean.rotate(180))) == qr
    blank = Image.new("RGB", (800, 600), "white")
    for content in (as_jpeg(blank), b"no picture", b"GIF89a", b""):
        with pytest.raises(NoQr):
            digits_in(content)
    other = Image.open(io.BytesIO(samples.qr_picture("12345678")))
    with pytest.raises(NotASecureQr):
        digits_in(as_jpeg(other.resize((400, 400)).convert("RGB")))


@settings(max_examples=60, deadline=None)
@given(
    content=st.binary(max_size=400),
    head=st.sampled_from([b"", b"<", b"PK\x03\x04", b"<OfflinePaperlessKyc>"]),
)
def test_anything_sent_is_refused_and_never_breaks(authority: Authority, content: bytes, head: bytes) -> None:
    trusted = [authority.pin(sha1=True)]
    with pytest.raises(EkycRefusal):
        read_offline(head + content, CODE, trusted)
    with pytest.raises(EkycRefusal):
        read_qr(packed(content + b"\xff" * 20 + bytes(300)), trusted)
    with pytest.raises(EkycRefusal):
        digits_in(head + content)


def test_contact_hashes_by_hand() -> None:
    once = hashlib.sha256(b"9876543210" + b"Lock@487").hexdigest()
    twice = hashlib.sha256(once.encode()).hexdigest()
    assert contact_hash("9876543210", CODE, "0001") == contact_hash("9876543210", CODE, "1230") == once
    assert contact_hash("9876543210", CODE, "0002") == twice


def test_age_of_a_document(authority: Authority, xml: bytes) -> None:
    rules = ekyc_on(LAW, date(2026, 6, 15))
    document = read_offline(xml, CODE, [authority.pin(sha1=True)])
    accepted(document, rules, AT + timedelta(days=rules.offline_xml_days))
    with pytest.raises(TooOld, match=str(rules.offline_xml_days)):
        accepted(document, rules, AT + timedelta(days=rules.offline_xml_days, seconds=1))
    accepted(document, rules, AT - timedelta(minutes=rules.ahead_minutes))
    with pytest.raises(FromTheFuture):
        accepted(document, rules, AT - timedelta(minutes=rules.ahead_minutes, seconds=1))


def test_pins_are_read_strictly(authority: Authority, tmp_path: Path) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding

    (tmp_path / "a.pem").write_bytes(authority.certificate.public_bytes(Encoding.PEM))
    listed = tmp_path / "trust.yaml"
    good = "- {certificate: a.pem, signs: [offline_xml], from: 2020-01-01, until: 2026-12-31, sha1: true}\n"
    listed.write_text(good)
    (pin,) = pins_of(listed)
    assert pin.sha1 and pin.held() == (date(2020, 1, 1), date(2026, 12, 31))
    for bad in (
        "",
        "a: 1",
        good.replace("a.pem", "b.pem"),
        good.replace("2026-12-31", "2019-12-31"),
        good.replace("offline_xml", "everything"),
        good.replace("sha1: true", "sha1: maybe"),
        good.replace("sha1", "weak"),
        good.replace("until: 2026-12-31, ", ""),
    ):
        listed.write_text(bad)
        with pytest.raises(BadTrust):
            pins_of(listed)


def test_a_document_beside_the_register(authority: Authority, xml: bytes) -> None:
    document = read_offline(xml, CODE, [authority.pin(sha1=True)])
    recorded = comparing.Known("Seeta Bai Malviya", "सीता बाई मालवीय", date(1971, 3, 5), "F", "2346", "", "")
    lines = {line.field: line for line in comparing.compared(document, recorded)}
    assert {name: line.verdict for name, line in lines.items()} == {
        "name": "alike",
        "born_on": "other",
        "sex": "same",
        "number": "same",
        "address": "missing",
    }
    assert [line.field for line in lines.values() if line.asks] == ["name", "born_on"]
    assert lines["born_on"].typed == {"born_on": "1970-03-05"}
    assert lines["name"].typed == {"name_en": "Sita Bai Malviya", "name_hi": "सीता बाई मालवीय"}
    assert comparing.too_different(list(lines.values()), comparing.years_apart(document, recorded), 2) == []
    # of another name nothing of the old one stays, in neither script
    renamed = comparing.Known("Ram Kishore", "राम किशोर", None, "F", "", "", "")
    typed = comparing.compared(document, renamed)[0].typed
    assert typed == {"name_en": "Sita Bai Malviya", "name_hi": ""}
    hindi = replace(document, name="मोहन लाल")
    assert comparing.compared(hindi, renamed)[0].typed == {"name_en": "मोहन लाल", "name_hi": "मोहन लाल"}
    stranger = comparing.Known("Gopal Ahirwar", "", date(1999, 11, 2), "M", "", "", "")
    told = comparing.compared(document, stranger)
    assert comparing.too_different(told, comparing.years_apart(document, stranger), 2) == [
        "name",
        "sex",
        "born_on",
    ]
    # a document with a year only has no day to give
    year = Document(**{**vars(document), "born_on": None, "birth_year": 1970})
    born = {line.field: line for line in comparing.compared(year, recorded)}["born_on"]
    assert (born.verdict, born.asks) == ("other", False)


def test_a_photograph_that_is_none_is_left_out(authority: Authority) -> None:
    root = etree.Element("OfflinePaperlessKyc", referenceId=samples.reference_of(SITA.number, AT))
    data = samples.uid_data(SITA, CODE)
    data.find("Pht").text = b64encode(b"no picture").decode()
    root.append(data)
    document = read_offline(authority.signed(root), CODE, [authority.pin()])
    assert shown_photo(document.photo) == b""
