"""The sealed envelope and the way a treasury speaks, without a treasury."""

from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from hypothesis import given
from hypothesis import strategies as st

from haqdar.payments.treasury import envelope
from haqdar.payments.treasury.client import Reply, Said
from haqdar.payments.treasury.line import BadLineFile, Codes, LineOff, line
from haqdar.payments.treasury.profile import CIPHERS, UnknownLineProfile, profile_named
from haqdar.payments.treasury.taking import meaning, paise, sentence

JIT = profile_named("jit-fs")


@given(st.sampled_from(CIPHERS), st.binary(max_size=200))
def test_what_is_sealed_opens_under_its_key_alone(cipher: str, content: bytes) -> None:
    key = envelope.new_key()
    sealed = envelope.seal(cipher, key, content)
    assert envelope.unseal(cipher, key, sealed) == content
    assert content.hex() == "" or content.decode("latin-1") not in sealed or len(content) < 4
    for wrong in ("", "*", sealed[:-4] or "*"):
        with pytest.raises(envelope.NotOpened):
            envelope.unseal("aes-256-gcm", key, wrong)
    with pytest.raises(envelope.NotOpened):
        envelope.unseal("aes-256-gcm", envelope.new_key(), sealed)


def test_the_first_key_is_for_the_treasury_alone() -> None:
    private = rsa.generate_private_key(65537, 2048)
    pem, der = (
        private.public_key().public_bytes(encoding, serialization.PublicFormat.SubjectPublicKeyInfo)
        for encoding in (serialization.Encoding.PEM, serialization.Encoding.DER)
    )
    key = envelope.new_key()
    for file in (pem, der):
        for wrap, digest in (("oaep-sha1", hashes.SHA1()), ("oaep-sha256", hashes.SHA256())):
            wrapped = b64decode(envelope.wrapped(key, envelope.public_key(file), wrap))
            assert private.decrypt(wrapped, padding.OAEP(padding.MGF1(digest), digest, None)) == key
    small = rsa.generate_private_key(65537, 1024).public_key()
    with pytest.raises(ValueError, match="2048"):
        envelope.public_key(
            small.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        )


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("Duplicate Payment Information Id", "duplicate"),
        ("INSUFFICIENT FUND.", "funds"),
        ("The bill 201610/D1/001 is rejected by SSU", "objected"),
        ("No valid session encryption key", "session"),
        ("The moon is full", ""),
    ],
)
def test_what_sentences_mean(said: str, means: str) -> None:
    assert JIT.meaning(said) == means


def test_a_repetition_outweighs_other_complaints_and_numbers_of_people_are_not_kept() -> None:
    errors = (
        Said("340", "Wrong IFSC for account 389201502452"),
        Said("", "Duplicate Payment Information Id"),
    )
    reply = Reply((), errors, "")
    assert meaning(JIT, reply) == "duplicate"
    assert sentence(reply) == "340 Wrong IFSC for account …52; Duplicate Payment Information Id"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (" Account does not exist", "02"),
        ("Account is Dormant", "54"),
        ("Account holder expired", "60"),
        ("Failed to Pay by RBI(Through e-Kuber) Late Ret", "04"),
    ],
)
def test_why_a_credit_failed(said: str, code: str) -> None:
    assert JIT.reason_code(said) == code


def test_rupees_are_read_to_the_paisa_or_not_at_all() -> None:
    assert [paise(text) for text in ("200", "200.00", "1,00,000.5", 7)] == [20000, 20000, 10000050, 700]
    with pytest.raises(ValueError, match="paisa"):
        paise("1.005")


def test_waiting_grows_to_its_bound() -> None:
    assert [JIT.wait_minutes(attempts) for attempts in (0, 1, 2, 7, 8, 50)] == [1, 2, 4, 128, 240, 240]


def test_the_line_is_off_until_it_is_set_up_and_says_what_is_wrong_with_it(
    settings: Any, tmp_path: Path
) -> None:
    with pytest.raises(LineOff):
        line()
    with pytest.raises(UnknownLineProfile):
        profile_named("other")
    settings.HAQDAR_TREASURY_URL = "https://treasury.example"
    settings.HAQDAR_TREASURY_KEY = str(tmp_path / "none.pem")
    with pytest.raises(BadLineFile, match="No such file"):
        line()
    private = rsa.generate_private_key(65537, 2048)
    (tmp_path / "none.pem").write_bytes(
        private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    assert line().codes == Codes()
    codes = tmp_path / "codes.yaml"
    settings.HAQDAR_TREASURY_CODES = str(codes)
    codes.write_text(
        "application: MP\nunits: {D1: {ddo: OLS1, unit: '16', grantee: G}}\nschemes: {IGNWPS: 13145}\n"
    )
    found = line().codes
    assert (found.application, found.unit("D1").ddo, found.unit("D2").ddo, found.scheme("IGNWPS")) == (
        "MP",
        "OLS1",
        "D2",
        "13145",
    )
    for wrong in ("units: [", "colour: red", "units: {D1: {ddo: x}}"):
        codes.write_text(wrong)
        with pytest.raises(BadLineFile):
            line()
