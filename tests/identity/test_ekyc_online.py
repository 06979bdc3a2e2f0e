"""The line to the authority, over a real loopback peer: what it answers, and every way in which it fails."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from django.utils import timezone
from tests.identity import ekyc_peer

from haqdar.identity.ekyc import online, samples
from haqdar.identity.ekyc.online import AuthorityRefused, BadAccess, NotReached, WrongOtp, ask_code, ask_kyc
from haqdar.identity.ekyc.refusals import Tampered
from haqdar.identity.ekyc.trust import Pin, pins_of

NUMBER = ekyc_peer.NUMBER


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[online.Access, list[Pin]]]:
    folder = tmp_path_factory.mktemp("line")
    own = samples.Authority.new("client")
    certificate = own.certificate.public_bytes(serialization.Encoding.PEM)
    (folder / "client.pem").write_bytes(certificate)
    (folder / "own.pem").write_bytes(
        own.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + certificate
    )
    (folder / "trust.yaml").write_text(
        "- {certificate: signer.pem, signs: [online], from: 2000-01-01, until: 2099-12-31}\n"
    )
    peer = subprocess.Popen(
        [sys.executable, ekyc_peer.__file__, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env={"PYTHONPATH": "src"},
    )
    assert peer.stdout is not None
    url = f"http://127.0.0.1:{int(peer.stdout.readline())}"
    access = online.access_of(
        url, ekyc_peer.AGENCY, ekyc_peer.LICENCE, folder / "own.pem", folder / "peer.pem"
    )
    yield access, pins_of(folder / "trust.yaml")
    peer.kill()
    peer.wait()


def test_a_code_is_sent_and_brings_the_signed_document(line: tuple[online.Access, list[Pin]]) -> None:
    access, pins = line
    ask_code(access, NUMBER, "HAQDAR-1", timezone.now())
    with pytest.raises(AuthorityRefused, match="998"):
        ask_code(access, "239999999996", "HAQDAR-2", timezone.now())
    document = ask_kyc(access, NUMBER, "123456", "HAQDAR-3", timezone.now(), pins)
    assert (document.method, document.last4, document.name) == ("online", "2346", "Sita Bai Malviya")
    assert document.born_on == date(1970, 3, 5) and len(document.evidence) == 64
    assert abs((timezone.now() - document.made_at).total_seconds()) < 60


@pytest.mark.parametrize(
    ("code", "refusal"),
    [
        ("000000", WrongOtp),
        ("111111", Tampered),
        ("222222", NotReached),
        ("333333", AuthorityRefused),
        ("444444", NotReached),
        ("555555", NotReached),
    ],
)
def test_every_way_it_fails(
    line: tuple[online.Access, list[Pin]], code: str, refusal: type[Exception]
) -> None:
    access, pins = line
    with pytest.raises(refusal):
        ask_kyc(replace(access, read_seconds=0.8), NUMBER, code, "HAQDAR-4", timezone.now(), pins)


def test_nobody_there_and_no_key(line: tuple[online.Access, list[Pin]], tmp_path: Path) -> None:
    access, _pins = line
    with pytest.raises(NotReached):
        ask_code(replace(access, url="http://127.0.0.1:9"), NUMBER, "HAQDAR-5", timezone.now())
    (tmp_path / "no.pem").write_text("no key")
    with pytest.raises(BadAccess):
        online.access_of("http://localhost:1", "A", "L", tmp_path / "no.pem", tmp_path / "no.pem")
