"""eKYC on the pages: an officer with the resident present, a citizen alone; every bad day; who is verified, once."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from haqdar.access.actors import acting, platform
from haqdar.access.models import AuditEvent
from haqdar.base.sql import statement
from haqdar.identity.ekyc import coverage, online, samples, verifying
from haqdar.identity.ekyc.document import Document
from haqdar.identity.ekyc.held import sweep
from haqdar.identity.ekyc.offline_xml import read_offline
from haqdar.identity.ekyc.samples import Authority, Subject
from haqdar.identity.ekyc.verified import verified_of
from haqdar.identity.models import Consent, EkycCheck, Pair, Verified
from haqdar.jobs import ekyc as nightly
from haqdar.registry import merges
from haqdar.registry.models import Change, EventBelief, Proof, Resident, ResidentBelief
from haqdar.vault.rooms import inside

HOME, FOREIGN = "40111", "40211"
CODE = "Lock@487"
NUMBER, OTHER = "234123412346", "987654321012"
MOBILE = "9826012345"


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority.new()


@pytest.fixture
def trusted(authority: Authority, tmp_path: Path, settings: Any) -> Authority:
    (tmp_path / "a.pem").write_bytes(authority.certificate.public_bytes(Encoding.PEM))
    (tmp_path / "trust.yaml").write_text(
        "- {certificate: a.pem, signs: [offline_xml, secure_qr], from: 2000-01-01, until: 2099-12-31, sha1: true}\n"
    )
    settings.HAQDAR_EKYC_TRUST = str(tmp_path / "trust.yaml")
    return authority


def with_mobile(key: UUID, mobile: str = MOBILE) -> int:
    """The resident believed to have this mobile; gives the member ID."""
    resident = Resident.objects.get(key=key)
    belief = ResidentBelief.objects.filter(member_id=resident.member_id).latest("belief_no")
    values = {
        field.attname: getattr(belief, field.attname)
        for field in ResidentBelief._meta.concrete_fields
        if field.attname not in ("pk", "belief_no", "mobile")
    }
    ResidentBelief.objects.create(**values, belief_no=belief.belief_no + 1, mobile=mobile)
    return int(resident.member_id)


def sita(**other: str) -> Subject:
    values = {
        "number": NUMBER, "name": "Sita Bai Malviya", "dob": "05-03-1970", "gender": "F", "mobile": MOBILE, **other,
    }  # fmt: skip
    return Subject(**values, address={"vtc": "Amla Kheda"})


def zipped(authority: Authority, subject: Subject, at: datetime | None = None) -> SimpleUploadedFile:
    xml = samples.offline_xml(authority, subject, CODE, at or timezone.now())
    return SimpleUploadedFile("offline.zip", samples.zipped(xml, CODE))


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def test_assisted_from_notice_to_receipt(
    state: dict[str, Any], client_of: Callable[..., Client], trusted: Authority
) -> None:
    key = state["people"][HOME][0]
    member = with_mobile(key)
    officer = client_of("gp")
    base = f"/desk/people/{key}/ekyc/"
    assert "Identity not verified" in text(officer.get(f"/desk/people/{key}/"))
    begin = text(officer.get(base))
    assert "It is your choice" in begin and "offline eKYC file" in begin
    path = base + "give/offline_xml"
    subject = sita(dob="05-03-1969")
    at = timezone.now() - timedelta(hours=1)
    good = {"consent": "yes", "share_code": CODE, "number": NUMBER}
    for answers, said in (
        ({"consent": ""}, "Nothing is read without consent"),
        ({"share_code": "lock@487"}, "does not open this file"),
        ({"document": SimpleUploadedFile("a.zip", b"hello")}, "not an offline eKYC file"),
        ({"number": ""}, "Enter the twelve digits, ending in 2346"),
        ({"number": "234123412347"}, "not an Aadhaar number"),
        ({"number": OTHER}, "Aadhaar number"),
        (
            {"mobile": "9000000000", "document": zipped(trusted, sita(mobile="9111111111"), at)},
            "not the one linked",
        ),
        ({"document": zipped(trusted, subject, at - timedelta(days=91))}, "at most 90 days old"),
        ({"document": zipped(trusted, subject, timezone.now() + timedelta(hours=2))}, "has not come yet"),
        ({"document": zipped(Authority.new(), subject, at)}, "The signature does not fit"),
    ):
        page = officer.post(path, {"document": zipped(trusted, subject, at), **good, **answers})
        assert page.status_code == 200 and said in text(page), (said, text(page)[-3000:])
    # a reading that was tried again rests on the one consent that was given for it, also where it was refused
    assert not EkycCheck.objects.exists() and Consent.objects.get().notice
    assert "Take the consent back" in text(officer.get(base))
    assert "nothing was verified on it" in text(officer.get(base + "withdraw"))
    # nothing of the document or the numbers is in the trail
    trail = str(list(AuditEvent.objects.filter(verb="ekyc.refuse").values_list("new", flat=True)))
    assert "wrong_share_code" in trail and NUMBER not in trail and "Sita" not in trail

    read = officer.post(path, {"document": zipped(trusted, subject, at), **good})
    assert read.status_code == 302, text(read)[-2000:]
    compare = read["Location"]
    page = text(officer.get(compare))
    assert "The signature is genuine" in page and "The mobile number linked with it was proven" in page
    assert "5 March 1969" in page and "5 March 1970" in page and "Which is right? Date of birth" in page
    shown = officer.get(f"{compare}photo")
    assert shown["Content-Type"] == "image/jpeg" and shown.content[:2] == b"\xff\xd8"
    assert "Choose for every difference" in text(officer.post(compare, {"act": "confirm"}))
    done = officer.post(compare, {"act": "confirm", "born_on": "take", "seen": "yes"})
    assert done.status_code == 302, text(done)[-3000:]
    receipt = text(officer.get(done["Location"]))
    assert "Identity verified" in receipt and "only its fingerprint" in receipt
    verified = Verified.objects.get(member_id=member)
    assert (verified.how, verified.aadhaar_last4, verified.consent.assisted) == ("photo", "2346", True)
    assert ResidentBelief.objects.filter(member_id=member).latest("belief_no").born_on == date(1969, 3, 5)
    # the number that stood nowhere is the register's now, by the signed document as the other correction is
    assert (
        ResidentBelief.objects.filter(member_id=member).latest("belief_no").aadhaar_ref
        == verified.aadhaar_ref
    )
    assert {one.about_key for one in Proof.objects.filter(signed_sha256=verified.evidence)} == {str(key)}
    assert Change.objects.filter(member_id=member, kind="aadhaar").count() == 1
    assert not verified.number_proven and "proves the last four digits" in receipt
    assert Change.objects.filter(member_id=member, kind="born_on").count() == 1
    event = AuditEvent.objects.get(verb="ekyc.confirm")
    assert event.new["corrected"] == ["born_on"] and "1969" not in str(event.new)
    # it is used once, and what was read is gone
    assert EkycCheck.objects.get(member_id=member).held is None
    assert "has been deleted" in text(officer.get(compare))
    again = officer.post(path, {"document": zipped(trusted, subject, at), **good})
    assert "was used before" in text(again)
    older = officer.post(path, {"document": zipped(trusted, subject, at - timedelta(days=1)), **good})
    assert "a newer one was" in text(older)
    # taken back as easily as given
    officer.post(base + "withdraw")
    assert Verified.objects.get(member_id=member).ended_why == "consent_withdrawn"
    assert {one.withdrawn_by for one in Consent.objects.filter(member_id=member)} == {"gp"}
    assert "Identity not verified" in text(officer.get(f"/desk/people/{key}/"))
    foreign = state["people"][FOREIGN][0]
    assert officer.get(f"/desk/people/{foreign}/ekyc/").status_code == 403
    assert officer.get(f"/desk/people/{uuid4()}/ekyc/").status_code == 404


def test_one_living_resident_for_one_verified_number(
    state: dict[str, Any], client_of: Callable[..., Client], trusted: Authority
) -> None:
    first, stranger, second = state["people"][HOME][:3]
    officer = client_of("gp")

    looked_twice: list[UUID] = []

    def confirmed(key: UUID, digits: str) -> Any:
        base = f"/desk/people/{key}/ekyc/give/secure_qr"
        read = officer.post(base, {"consent": "yes", "digits": digits, "number": NUMBER})
        assert read.status_code == 302, text(read)[-3000:]
        page = officer.get(read["Location"])
        answers = dict.fromkeys(re.findall(r'name="([a-z_]+)" value="keep"', page.content.decode()), "keep")
        assert "Say that you compared" in text(officer.post(read["Location"], {"act": "confirm", **answers}))
        once = {"act": "confirm", "seen": "yes", **answers}
        if "Somebody else with this name, day of birth and last four digits is verified already" in text(
            page
        ):
            looked_twice.append(key)
            assert "Tick that you have checked it" in text(officer.post(read["Location"], once))
        return officer.post(read["Location"], {**once, "sure": "yes"})

    old = samples.secure_qr(trusted, sita(mobile=""), timezone.now() - timedelta(days=900))
    assert confirmed(first, old).status_code == 302
    newer = samples.secure_qr(trusted, sita(mobile=""), timezone.now())
    # a man born in 1950: neither photograph nor "as recorded" makes this document his
    page = officer.post(
        f"/desk/people/{stranger}/ekyc/give/secure_qr", {"consent": "yes", "digits": newer, "number": OTHER}
    )
    assert "another name and a birth more than 2 years away" in text(page)
    noted = AuditEvent.objects.filter(verb="ekyc.refuse").latest("id")
    assert (noted.object_key, noted.new["why"]) == (str(stranger), "ekyc_of_another_person")
    assert not EkycCheck.objects.filter(member__key=stranger).exists()

    for _again in range(2):
        assert "Another living resident is already verified" in text(confirmed(second, newer))
    # what the sentence says is so: whoever compares duplicates finds the two, once, and no run of the linkage takes that away
    pair = Pair.objects.get()
    with acting(platform("test"), "test"), connection.cursor() as cursor:
        cursor.execute(
            statement("haqdar.identity", "pairs_withdrawn"), {"run": 1, "now": timezone.now(), "scope": ""}
        )
    pair.refresh_from_db()
    assert {pair.first.key, pair.second.key} == {first, second} and (pair.state, pair.run) == ("open", None)
    refused = AuditEvent.objects.filter(verb="ekyc.refuse", object_key=str(second))
    assert {one.new["why"] for one in refused} == {"verified_elsewhere"}
    assert AuditEvent.objects.filter(verb="pair.clash", object_key=str(pair.key)).exists()
    shown = text(client_of("district").get(f"/desk/pairs/{pair.key}/"))
    assert "the same verified Aadhaar number" in shown and NUMBER not in shown
    with acting(platform("test"), "test"):
        Pair.objects.update(state="different", judged_facts=pair.facts, judged_weight=pair.weight)
    confirmed(second, newer)
    assert Pair.objects.get().state == "different", "judged on the very same facts"
    # the code of somebody else, whatever number is typed
    stolen = officer.post(
        f"/desk/people/{second}/ekyc/give/secure_qr", {"consent": "yes", "digits": old, "number": NUMBER}
    )
    assert "was used before" in text(stolen)
    held = Verified.objects.get(ended_at=None)
    with pytest.raises(IntegrityError, match="one_living_resident_per_verified_number"), transaction.atomic():
        with acting(platform("test"), "test"):
            Verified.objects.create(
                **{
                    name: getattr(held, name)
                    for name in ("aadhaar_ref", "aadhaar_last4", "method", "how", "signer", "made_at", "verified_at")
                },
                member_id=Resident.objects.get(key=second).member_id, evidence="x", verified_by="test", consent=held.consent,
            )  # fmt: skip
    # a printed code may be shown again by the person it belongs to
    officer.post(f"/desk/people/{first}/ekyc/withdraw")
    assert confirmed(first, old).status_code == 302
    # death frees the number
    died = EventBelief.objects.filter(kind="death").first()
    delivery = died.delivery_id if died else state["delivery"]
    EventBelief.objects.create(
        event_id="X1", belief_no=1, member_id=held.member_id, kind="death", happened_on=date(2016, 9, 1),
        reported_on=date(2016, 9, 2), known_from=date(2016, 9, 20), line=2, fingerprint=uuid4(), delivery_id=delivery,
    )  # fmt: skip
    assert "recorded as dead" in text(
        officer.post(
            f"/desk/people/{first}/ekyc/give/secure_qr", {"consent": "yes", "digits": old, "number": NUMBER}
        )
    )
    assert confirmed(second, newer).status_code == 302
    assert verified_of(Resident.objects.get(key=second).member_id).kept_against == ["name"]
    for path, said in (("ekyc/", "Left as recorded"), ("", "left as recorded although")):
        assert re.search(f"{said}.{{0,200}}Name", text(officer.get(f"/desk/people/{second}/{path}")))
    # the document of somebody who is verified and lives, for another record
    assert set(looked_twice) == {second}
    assert [row.ended_why for row in Verified.objects.filter(member_id=held.member_id).order_by("id")] == [
        "consent_withdrawn",
        "death",
    ]


def test_pictures_and_the_camera(
    state: dict[str, Any], client_of: Callable[..., Client], trusted: Authority
) -> None:
    key = state["people"][HOME][0]
    officer = client_of("gp")
    base = f"/desk/people/{key}/ekyc/"
    for way, said in (
        ("offline_xml", "Choose the ZIP file"),
        ("secure_qr", "Choose a picture of the QR code"),
    ):
        assert said in officer.post(base + f"give/{way}", {"consent": "yes"}).content.decode()
    page = officer.get(base + "give/secure_qr")
    assert "camera=(self)" in page["Permissions-Policy"] and "data-camera" in page.content.decode()
    assert "camera=()" in officer.get(base)["Permissions-Policy"]
    digits = samples.secure_qr(trusted, sita(), timezone.now())
    picture, empty = samples.qr_picture(digits), samples.qr_picture("12345678")
    refused = officer.post(
        base + "give/secure_qr",
        {"consent": "yes", "document": SimpleUploadedFile("a.png", samples.portrait("JPEG"))},
    )
    assert "No QR code can be read" in text(refused)

    def frame(content: bytes, **more: str) -> Any:
        return officer.post(
            base + "frame", {"document": SimpleUploadedFile("f.png", content), "number": NUMBER, **more}
        ).json()

    assert frame(empty, consent="yes") == {"wait": True} == officer.post(base + "frame").json()
    assert "consent" in frame(picture)["error"]
    assert frame(picture, consent="yes")["next"].startswith(base + "checks/")
    changed = samples.secure_qr(Authority.new(), sita(), timezone.now())
    assert "signature does not fit" in frame(samples.qr_picture(changed), consent="yes")["error"]


def citizen_of(key: UUID) -> Client:
    client = Client()
    client.cookies["haqdar_language"] = "en"
    session = client.session
    session["citizen"] = {"resident": str(key), "until": (timezone.now() + timedelta(minutes=9)).isoformat()}
    session.save()
    return client


def test_a_citizen_alone_confirms_what_is_near_and_goes_to_the_office_with_the_rest(
    state: dict[str, Any], trusted: Authority
) -> None:
    key = state["people"][HOME][0]
    member = with_mobile(key)
    assert Client().get("/ekyc")["Location"].startswith("/prove")
    citizen = citizen_of(key)
    assert "Verify my identity" in text(citizen.get("/ekyc"))

    def read(subject: Subject) -> Any:
        return citizen.post(
            "/ekyc/give/offline_xml",
            {"consent": "yes", "share_code": CODE, "number": NUMBER, "document": zipped(trusted, subject)},
        )

    for subject, why in (
        (sita(dob="05-03-1950"), "the date of birth lies too far away"),
        (sita(name="Gopal Ahirwar", gender="M"), "the name is another; the sex is another"),
        (sita(mobile="9111111111"), "your mobile number is not the one linked"),
        (sita(mobile=""), "your mobile number is not the one linked"),
    ):
        compare = read(subject)["Location"]
        assert why in text(citizen.get(compare))
        answers = dict.fromkeys(("name", "born_on", "sex"), "take")
        assert "Take it to your panchayat" in text(citizen.post(compare, {"act": "confirm", **answers}))
        assert citizen.post(compare, {"act": "give_up"}).status_code == 302
    assert not Verified.objects.exists()
    compare = read(sita(name="Seeta Bai Malvia", dob="05-03-1971"))["Location"]
    page = text(citizen.get(compare))
    assert "written otherwise" in page and "compared the photograph" not in page
    done = citizen.post(compare, {"act": "confirm", "name": "keep", "born_on": "take"})
    assert done.status_code == 302, text(done)[-3000:]
    verified = Verified.objects.get(member_id=member)
    assert (verified.how, verified.verified_by) == ("mobile", f"citizen:{key}")
    # found by that number from now on; who typed it at the door, and where, the vault wrote down
    assert Client().post("/prove", {"number": NUMBER}).status_code == 302
    with inside() as cursor:
        cursor.execute(
            "SELECT actor, host(ip), act, given FROM vault.access WHERE purpose = 'own_service' ORDER BY id DESC LIMIT 1"
        )
        assert cursor.fetchone() == ("public", "127.0.0.1", "find", 1)
    assert not verified.consent.assisted
    belief = ResidentBelief.objects.filter(member_id=member).latest("belief_no")
    assert (belief.name_en, belief.born_on) == ("Sita Bai Malviya", date(1971, 3, 5))
    # nobody else's check can be opened
    stranger = citizen_of(state["people"][HOME][1])
    assert "has been deleted" in text(stranger.get(compare))
    citizen.post("/ekyc/withdraw")
    assert verified_of(member) is None


def test_online_is_off_by_default_and_asks_twice_where_it_is_on(
    state: dict[str, Any],
    client_of: Callable[..., Client],
    trusted: Authority,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The line itself is tried over a real peer in tests/identity/test_ekyc_online.py."""
    key, officer = state["people"][HOME][0], client_of("gp")
    path = f"/desk/people/{key}/ekyc/give/online"
    assert officer.get(path).status_code == 404
    settings.HAQDAR_EKYC_URL = "http://127.0.0.1:9"
    monkeypatch.setattr(verifying, "line", lambda: object())
    asked: list[str] = []
    monkeypatch.setattr(online, "ask_code", lambda access, number, txn, now: asked.append(txn))

    def answered(access: Any, number: str, otp: str, txn: str, now: datetime, pins: Any) -> Document:
        if otp != "123456":
            raise online.WrongOtp()
        xml = samples.offline_xml(trusted, sita(), "", now)
        return replace(read_offline(xml, "", pins), method="online", mobile_hash="", evidence=txn)

    monkeypatch.setattr(online, "ask_kyc", answered)
    assert "not an Aadhaar number" in text(officer.post(path, {"consent": "yes", "number": "1234"}))
    first = officer.post(path, {"consent": "yes", "number": NUMBER})
    (step,) = re.findall(r'name="step" value="([0-9a-f-]+)"', first.content.decode())
    assert asked and NUMBER not in text(first)
    wrong = officer.post(path, {"step": step, "otp": "000000"})
    assert "not the code that was sent" in text(wrong) and step in text(wrong)
    # the step is of this officer and this person
    other = state["people"][HOME][1]
    assert "has been deleted" in text(
        officer.post(f"/desk/people/{other}/ekyc/give/online", {"step": step, "otp": "123456"})
    )
    done = officer.post(path, {"step": step, "otp": "123 456"})
    assert officer.post(done["Location"], {"act": "confirm"}).status_code == 302
    assert (Verified.objects.get().how, Verified.objects.get().number_proven) == ("authority", True)
    assert "has been deleted" in text(officer.post(path, {"step": step, "otp": "123456"}))


def test_what_was_read_is_gone_after_its_time(
    state: dict[str, Any], client_of: Callable[..., Client], trusted: Authority
) -> None:
    key, officer = state["people"][HOME][0], client_of("gp")
    answer = officer.post(
        f"/desk/people/{key}/ekyc/give/offline_xml",
        {"consent": "yes", "share_code": CODE, "number": NUMBER, "document": zipped(trusted, sita())},
    )
    held = EkycCheck.objects.get().held
    EkycCheck.objects.update(until=datetime(2020, 1, 1, tzinfo=UTC))
    with inside() as cursor:
        cursor.execute("UPDATE vault.content SET until = '2020-01-01' WHERE key = %s", [held])
    assert "the time was over" in text(officer.get(answer["Location"]))
    assert sweep() == 1
    assert EkycCheck.objects.get().outcome == "over"
    with inside() as cursor:
        cursor.execute("SELECT count(*) FROM vault.content WHERE key = %s", [held])
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT act, given, refs FROM vault.access WHERE ref = %s ORDER BY id", [held])
        assert cursor.fetchall() == [(act, 1, [key]) for act in ("keep ekyc", "drop")]
    # whoever audits finds by the person whose data were kept and removed
    log = text(client_of("auditor").get(f"/desk/vault/?person={key}&act=drop"))
    assert "removed eKYC data" in log and f"/desk/people/{key}/" in log


def test_nothing_is_confirmed_on_a_consent_that_was_taken_back(
    state: dict[str, Any], client_of: Callable[..., Client], trusted: Authority
) -> None:
    key, officer = state["people"][HOME][0], client_of("gp")
    base = f"/desk/people/{key}/ekyc/"
    answers = {
        "consent": "yes",
        "digits": samples.secure_qr(trusted, sita(), timezone.now()),
        "number": NUMBER,
    }
    compare = officer.post(base + "give/secure_qr", answers)["Location"]
    held = EkycCheck.objects.get().held
    officer.post(base + "withdraw")
    assert (EkycCheck.objects.get().outcome, EkycCheck.objects.get().held) == ("withdrawn", None)
    with inside() as cursor:
        cursor.execute("SELECT count(*) FROM vault.content WHERE key = %s", [held])
        assert cursor.fetchone() == (0,)
    assert "has been deleted" in text(officer.post(compare, {"act": "confirm", "seen": "yes"}))
    # nor on one that another window took back between the page and the press
    compare = officer.post(base + "give/secure_qr", answers)["Location"]
    with acting(platform("test"), "test"):
        Consent.objects.update(withdrawn_at=timezone.now(), withdrawn_by="test")
    assert "has been deleted" in text(officer.post(compare, {"act": "confirm", "seen": "yes"}))
    assert not Verified.objects.exists()


def test_a_number_that_was_merged_is_not_verified_and_lives_no_more(
    state: dict[str, Any],
    client_of: Callable[..., Client],
    trusted: Authority,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = state["people"][HOME][1:3]
    officer = client_of("gp")
    before = coverage.count(platform("ekyc"))

    def read(key: UUID) -> Any:
        return officer.post(
            f"/desk/people/{key}/ekyc/give/secure_qr",
            {
                "consent": "yes", "digits": samples.secure_qr(trusted, sita(mobile=""), timezone.now()),
                # a document without a mobile does not say that this one is wrong
                "mobile": "9000000000", "number": NUMBER,
            },
        )  # fmt: skip

    compare = read(second)["Location"]
    assert EkycCheck.objects.get().mobile == ""
    members = [Resident.objects.get(key=key).member_id for key in (first, second)]
    answers = {"act": "confirm", "seen": "yes", **dict.fromkeys(("name", "born_on", "sex"), "keep")}

    def merged() -> None:
        with acting(platform("test"), "test"):
            merges.join(platform("test"), *members, uuid4())

    # a merge that was under way when the button was pressed is waited for, and seen
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(merges, "hold_off", merged)
        assert "was merged into another one" in text(officer.post(compare, answers))
    merged()
    assert "was merged into another one" in text(read(second))
    assert "was merged into another one" in text(officer.post(compare, answers))
    assert not Verified.objects.exists()
    assert coverage.count(platform("ekyc")) == before - 1


def test_share_of_verified_residents(
    state: dict[str, Any], client_of: Callable[..., Client], trusted: Authority
) -> None:
    district = client_of("district")
    assert "the shares appear after the first count" in text(district.get("/desk/ekyc/"))
    key = state["people"][HOME][0]
    officer = client_of("gp")
    read = officer.post(
        f"/desk/people/{key}/ekyc/give/secure_qr",
        {"consent": "yes", "digits": samples.secure_qr(trusted, sita(), timezone.now()), "number": NUMBER},
    )
    officer.post(read["Location"], {"act": "confirm", "seen": "yes"})
    ended, living = nightly.nightly()
    assert ended == 0
    people = Resident.objects.count()
    gone = (
        EventBelief.objects.filter(kind__in=("death", "migration_out")).values("member_id").distinct().count()
    )
    assert gone and living == people - gone
    assert nightly.nightly() == (0, living)
    page = text(district.get("/desk/ekyc/?area=4011"))
    assert "counted anew every night" in page and "proven for 0:" in page
    assert "Amla Kheda" in page and "Bhaukhedi" in page and "<svg" in page
    rows = district.get("/desk/ekyc/download?area=4011").getvalue().decode().splitlines()
    home = next(row.split(",") for row in rows if row.startswith(f"{HOME},"))
    whole = next(row.split(",") for row in rows if row.startswith("4011,"))
    assert home[5] == "1" and home[8] == "1" and home[6] == f"{1000 // int(home[4]) / 10}"
    assert int(whole[4]) == sum(int(row.split(",")[4]) for row in rows[1:] if not row.startswith("4011,"))
    assert officer.get("/desk/ekyc/?area=40211").status_code == 403
    assert [row.area_code for row in coverage.coverage(platform("test"), _place("23"))[0]] == ["402", "401"]


def _place(code: str) -> Any:
    from haqdar.access.queries import place

    return place(platform("test"), code)
