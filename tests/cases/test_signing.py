"""Documents of orders: what they say can be read out again, and their signature holds by an independent tool."""

import os
import shutil
import stat
import subprocess
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pypdfium2 as pdfium
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from django.conf import settings

from haqdar.cases.papers import signing
from haqdar.cases.papers.checking import signature_of
from haqdar.cases.papers.making import set_document
from haqdar.web import assets

SOFTHSM = next(
    (
        path
        for path in ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so")
        if os.path.exists(path)
    ),
    "",
)


def an_order(kind: str = "sanction", **values: Any) -> Any:
    """An order as the database would hand it out."""
    data: dict[str, Any] = {
        "format": 1,
        "person": {"member_id": 100000017, "name": {"en": "Sita Bai Malviya", "hi": "सीता बाई मालवीय"}},
        "place": {"path": "/23/", "area": {"en": "Amla Kheda, Ashta", "hi": "आमला खेड़ा, आष्टा"}},
        "office": {
            "code": "O4011",
            "name_en": "Janpad Ashta",
            "name_hi": "जनपद आष्टा",
            "area_kind": "block",
            "area_en": "Ashta",
            "area_hi": "आष्टा",
            "role": "sanctioning_officer",
            "acting": False,
        },
        "case": {"number": "P16-10464394-80", "kind": "start", "opened_on": "2016-09-20"},
        "scheme": "IGNWPS",
        "scheme_names": {
            "IGNWPS": {
                "en": "Indira Gandhi National Widow Pension",
                "hi": "इंदिरा गांधी राष्ट्रीय विधवा पेंशन",
            }
        },
        "paise": 30000,
        "once": False,
        "from_scheme": None,
        "from_paise": None,
        "from_on": "2016-10-01",
        "until_on": None,
        "reasons": [],
        "note": "",
        "criteria": [
            {
                "verdict": True,
                "sentence": {"en": "The person must be alive.", "hi": "व्यक्ति जीवित हो।"},
                "source": {"en": "register of life events", "hi": "जीवन-घटना रजिस्टर"},
                "order": {"en": "rules", "hi": "नियम"},
            },
            {
                "verdict": True,
                "sentence": {"en": "Lives in the State.", "hi": "राज्य में रहते हैं।"},
                "source": {"en": "register of life events", "hi": "जीवन-घटना रजिस्टर"},
                "order": {"en": "rules", "hi": "नियम"},
            },
            {
                "verdict": True,
                "sentence": {
                    "en": "The age must be 40 to 79 years (now: 46 years).",
                    "hi": "उम्र 40 से 79 वर्ष होनी चाहिए (अभी: 46 वर्ष)।",
                },
                "source": {"en": "population register", "hi": "जनसंख्या रजिस्टर"},
                "order": {
                    "en": "National Social Assistance Programme",
                    "hi": "राष्ट्रीय सामाजिक सहायता कार्यक्रम",
                },
            },
        ],
        "values": {},
    }
    data["values"] = values
    return SimpleNamespace(
        key=UUID(int=7),
        number="D16-05355059-48",
        kind=kind,
        case=None,
        paise=30000,
        from_on=date(2016, 10, 1),
        issued_on=date(2016, 9, 25),
        issued_at=datetime(2016, 9, 25, 6, 0, tzinfo=UTC),
        data=data,
    )


@pytest.fixture(scope="module", autouse=True)
def fonts() -> None:
    assets.main()


@pytest.fixture(scope="module")
def unsigned() -> bytes:
    return set_document(an_order())


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> Path:
    settings.HAQDAR_HOME = tmp_path
    return tmp_path


def pdfsig(document: bytes, folder: Path) -> str:
    """What poppler's tool says of the signature."""
    assert shutil.which("pdfsig"), "pdfsig is missing: `make browser` installs poppler-utils"
    file = folder / "checked.pdf"
    file.write_bytes(document)
    done = subprocess.run(["pdfsig", "-nocert", str(file)], capture_output=True, text=True, check=False)
    return done.stdout


def text_of(document: bytes) -> str:
    """All letters in reading order, without blanks: PDFium guesses those from gaps and swallows some beside vowel signs."""
    pages = pdfium.PdfDocument(document)
    return "".join("".join(page.get_textpage().get_text_range().split()) for page in pages)


def squeezed(text: str) -> str:
    return "".join(text.split())


def words_of(document: bytes, folder: Path) -> str:
    """The text with its blanks, as poppler's tool reads it."""
    assert shutil.which("pdftotext"), "pdftotext is missing: `make browser` installs poppler-utils"
    file = folder / "read.pdf"
    file.write_bytes(document)
    done = subprocess.run(["pdftotext", str(file), "-"], capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())


def test_hindi_comes_out_of_the_document_as_it_was_written(unsigned: bytes, tmp_path: Path) -> None:
    text, words = text_of(unsigned), words_of(unsigned, tmp_path)
    # poppler puts a blank of its own after the sign below a letter, as in कृ
    assert squeezed("पेंशन स्वीकृति आदेश") in text
    for sentence in (
        "सीता बाई मालवीय",
        "आपकी इंदिरा गांधी राष्ट्रीय विधवा पेंशन मंज़ूर हो गई है।",
        "(तीन सौ रुपये)",
        "1 अक्टूबर 2016",
        "उम्र 40 से 79 वर्ष होनी चाहिए (अभी: 46 वर्ष)।",
        "मुख्य कार्यपालन अधिकारी, जनपद पंचायत आष्टा",
        "Your Indira Gandhi National Widow Pension is sanctioned.",
        "three hundred rupees",
        "Chief Executive Officer, Janpad Panchayat Ashta",
    ):
        assert squeezed(sentence) in text
        assert sentence in words
    assert "must be alive" not in words  # what everybody meets is not said


def test_document_is_a4_and_says_it_is_pdf_a(unsigned: bytes) -> None:
    width, height = pdfium.PdfDocument(unsigned)[0].get_size()
    assert (round(width), round(height)) == (595, 842)
    assert b"<pdfaid:part>2</pdfaid:part>" in unsigned
    assert b"<pdfaid:conformance>B</pdfaid:conformance>" in unsigned


def test_same_order_gives_the_same_document(unsigned: bytes) -> None:
    assert set_document(an_order()) == unsigned


@pytest.mark.parametrize(
    "kind",
    ["sanction", "rejection", "notice", "stop", "restoration", "change", "transfer", "appeal", "penalty"],
)
def test_every_kind_has_its_letter_in_both_languages(kind: str) -> None:
    from haqdar.law.letters import load_letters

    letter = load_letters(settings.HAQDAR_LAW).letters[kind]
    values = {"outcome": {"en": "reversed", "hi": "फ़ैसला बदला गया"}, "penalty_paise": 125000, "days": 5}
    text = text_of(set_document(an_order(kind, **values)))
    assert squeezed(letter.title.hi) in text
    assert squeezed(letter.title.en) in text


def test_signature_is_right_by_an_independent_tool_and_covers_the_whole_file(
    unsigned: bytes, tmp_path: Path
) -> None:
    said = pdfsig(signing.sign(unsigned, "D16-05355059-48", "Ashta"), tmp_path)
    assert "Signature is Valid." in said
    assert "Total document signed" in said
    assert "ETSI.CAdES.detached" in said
    assert "DEMONSTRATION" in said


def test_changed_document_is_found_out(unsigned: bytes, tmp_path: Path) -> None:
    signed = signing.sign(unsigned, "D16-05355059-48", "Ashta")
    assert (found := signature_of(signed)) is not None and found.whole
    changed = bytearray(signed)
    changed[signed.index(b"stream") + 40] ^= 1
    assert "Digest Mismatch" in pdfsig(bytes(changed), tmp_path)
    assert (found := signature_of(bytes(changed))) is not None and not found.whole
    longer = signature_of(signed + b"\n% more\n")
    assert longer is None or not longer.whole


@pytest.mark.parametrize("content", [b"", b"no pdf", b"%PDF-1.7\nbroken"])
def test_what_is_no_signed_document_has_no_signature(content: bytes) -> None:
    assert signature_of(content) is None


def test_unsigned_document_has_no_signature(unsigned: bytes) -> None:
    assert signature_of(unsigned) is None


def test_demonstration_key_is_made_once_and_is_its_owners_alone(home: Path) -> None:
    first = signing.demonstration_key(home / "signing")
    made = first.read_bytes()
    assert signing.demonstration_key(home / "signing").read_bytes() == made
    assert stat.S_IMODE(first.stat().st_mode) == 0o600
    assert stat.S_IMODE(first.parent.stat().st_mode) == 0o700
    assert "DEMONSTRATION" in signing.seal().name


def test_production_signs_nothing_without_a_key_of_its_own(
    unsigned: bytes, home: Path, settings: Any
) -> None:
    settings.PRODUCTION = True
    with pytest.raises(signing.NoSigningKey):
        signing.sign(unsigned, "D16-05355059-48", "Ashta")
    assert not (home / "signing").exists()


def own_key(folder: Path) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Janpad Ashta")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=9))
        .sign(key, hashes.SHA256())
    )
    return key, certificate


def test_key_and_chain_from_pem_files(unsigned: bytes, tmp_path: Path, settings: Any) -> None:
    key, certificate = own_key(tmp_path)
    encryption = serialization.BestAvailableEncryption(b"secret")
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
    (tmp_path / "key.pem").write_bytes(pem)
    (tmp_path / "chain.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    settings.HAQDAR_SIGNING_KEY = str(tmp_path / "key.pem")
    settings.HAQDAR_SIGNING_CERTIFICATE = str(tmp_path / "chain.pem")
    settings.HAQDAR_SIGNING_PASSPHRASE = "secret"
    settings.PRODUCTION = True
    said = pdfsig(signing.sign(unsigned, "D16-05355059-48", "Ashta"), tmp_path)
    assert "Signature is Valid." in said
    assert "Janpad Ashta" in said


@pytest.mark.parametrize("wrong", ["passphrase", "certificate", "missing", "rubbish"])
def test_key_that_cannot_be_used_is_refused(
    wrong: str, unsigned: bytes, tmp_path: Path, settings: Any
) -> None:
    key, certificate = own_key(tmp_path)
    other, _ = own_key(tmp_path)
    encryption = serialization.BestAvailableEncryption(b"secret")
    file = tmp_path / "key.p12"
    file.write_bytes(pkcs12.serialize_key_and_certificates(b"k", key, certificate, None, encryption))
    settings.HAQDAR_SIGNING_KEY = str(file)
    settings.HAQDAR_SIGNING_PASSPHRASE = "secret"
    if wrong == "passphrase":
        settings.HAQDAR_SIGNING_PASSPHRASE = "guess"
    elif wrong == "certificate":
        plain = serialization.NoEncryption()
        file.write_bytes(
            other.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        settings.HAQDAR_SIGNING_PASSPHRASE = ""
    elif wrong == "missing":
        file.unlink()
    else:
        file.write_bytes(b"rubbish")
    with pytest.raises(signing.BadSigningKey):
        signing.sign(unsigned, "D16-05355059-48", "Ashta")


@pytest.mark.skipif(not SOFTHSM, reason="SoftHSM2 is not installed (apt-get install softhsm2)")
def test_key_on_a_token(
    unsigned: bytes, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pkcs11
    from pkcs11.util.rsa import decode_rsa_private_key
    from pkcs11.util.x509 import decode_x509_certificate

    loaded, certificate, _ = pkcs12.load_key_and_certificates(
        signing.demonstration_key(tmp_path / "signing").read_bytes(), None
    )
    assert loaded is not None and certificate is not None
    (tmp_path / "tokens").mkdir()
    (tmp_path / "softhsm2.conf").write_text(f"directories.tokendir = {tmp_path / 'tokens'}\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(tmp_path / "softhsm2.conf"))
    subprocess.run(
        ["softhsm2-util", "--init-token", "--free", "--label", "orders", "--pin", "1234", "--so-pin", "5678"],
        check=True,
        capture_output=True,
    )
    token = pkcs11.lib(SOFTHSM).get_token(token_label="orders")
    with token.open(rw=True, user_pin="1234") as session:
        der = loaded.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        about = {pkcs11.Attribute.LABEL: "orders", pkcs11.Attribute.ID: b"1", pkcs11.Attribute.TOKEN: True}
        session.create_object(decode_rsa_private_key(der) | about | {pkcs11.Attribute.SIGN: True})
        session.create_object(
            decode_x509_certificate(certificate.public_bytes(serialization.Encoding.DER)) | about
        )
    settings.HAQDAR_PKCS11_MODULE = SOFTHSM
    settings.HAQDAR_PKCS11_TOKEN = "orders"
    settings.HAQDAR_PKCS11_LABEL = "orders"
    settings.HAQDAR_PKCS11_PIN = "9999"
    with pytest.raises(signing.BadSigningKey):
        signing.sign(unsigned, "D16-05355059-48", "Ashta")
    settings.HAQDAR_PKCS11_PIN = "1234"
    settings.PRODUCTION = True
    said = pdfsig(signing.sign(unsigned, "D16-05355059-48", "Ashta"), tmp_path)
    assert "Signature is Valid." in said
