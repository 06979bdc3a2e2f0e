"""Applying: own data only for whoever proved to be the person, drafts that last, one application however often it is sent."""

import io
import json
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from tests.web.test_proven import NUMBER, _client, _code, citizen

from haqdar.access.models import AuditEvent
from haqdar.cases import drafts
from haqdar.cases.models import ApplicationDraft, Case
from haqdar.outreach import outbox
from haqdar.outreach.codes import MOST_AN_HOUR, send_code
from haqdar.outreach.models import Message, OneTimeCode
from haqdar.registry.documents import NotADocument, TooBig, documents_of, rewrite
from haqdar.registry.models import Document, Resident

__all__ = ["citizen"]
OTHER = "9900112233"


def picture(form: str = "JPEG", size: tuple[int, int] = (60, 80)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "#557799").save(out, form)
    return out.getvalue()


def _upload(content: bytes, name: str = "photo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "image/jpeg")


def _begin(client: Client, member_id: int, mobile: str) -> None:
    client.post("/apply")
    client.post("/apply/who", {"number": f"{member_id:09d}"})
    client.post("/apply/mobile", {"mobile": mobile})
    assert client.post("/apply/code", {"code": _code()}).status_code == 302


def _papers(client: Client) -> None:
    for kind in ("photograph", "identity"):
        answer = client.post(f"/apply/papers/{kind}", {"file": _upload(picture())})
        assert answer.status_code == 302, answer.content.decode()


def _complete(client: Client, member_id: int, mobile: str = NUMBER, scheme: str = "IGNWPS") -> None:
    _begin(client, member_id, mobile)
    client.post("/apply/pension", {"scheme": scheme})
    client.post("/apply/facts", {"right": "yes"})
    _papers(client)


@pytest.fixture(autouse=True)
def no_open_cases(db: None) -> None:
    """The small State's own cases are not what is tested here."""


def test_the_person_is_shown_the_register_and_hands_in_once(citizen: Resident) -> None:
    client = _client()
    _complete(client, citizen.member_id)
    page = client.get("/apply/check").content.decode()
    assert "Sita Bai Malviya" in page and NUMBER not in page
    assert client.post("/apply/check", {}).status_code == 200, "it went without the declaration"
    for _ in range(3):
        assert client.post("/apply/check", {"declared": "yes"})["Location"] == "/apply/done"
    (case,) = Case.objects.filter(member_id=citizen.member_id, kind="application")
    assert (case.scheme, case.awaits, case.opened_by) == ("IGNWPS", "case.verify", f"citizen:{citizen.key}")
    assert case.details["verdict"] in ("yes", "no", "unsure")
    assert {paper.kind for paper in documents_of("case", str(case.key))} == {"photograph", "identity"}
    told = [outbox.text_of(one) for one in Message.objects.filter(template="application_received")]
    assert len(told) == 1 and case.number in told[0]
    assert case.number in client.get("/apply/done").content.decode()
    receipt = client.get(f"/apply/receipt/{case.key}")
    assert receipt.content.startswith(b"%PDF-")
    assert _client().get(f"/apply/receipt/{case.key}").status_code == 404, "a receipt is the applicant's own"


def test_nothing_in_the_trail_names_a_number(citizen: Resident) -> None:
    client = _client()
    _complete(client, citizen.member_id)
    client.post("/apply/check", {"declared": "yes"})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(e::text, ' ') FROM access_audit_event e WHERE verb LIKE 'application%%'"
        )
        trail = cursor.fetchone()[0]
        cursor.execute("SELECT string_agg(d::text, ' ') FROM cases_application_draft d")
        kept = cursor.fetchone()[0]
    for secret in (NUMBER, str(citizen.member_id)):
        assert secret not in trail and secret not in kept
    assert AuditEvent.objects.filter(verb="application.submit", actor=f"citizen:{citizen.key}").exists()


def test_another_mobile_may_apply_but_sees_nothing_of_the_person(citizen: Resident) -> None:
    client = _client()
    _begin(client, citizen.member_id, OTHER)
    page = client.get("/apply/pension").content.decode()
    assert "By the register you are entitled" not in page and "years old" not in page
    assert client.get("/apply/facts")["Location"] == "/apply"
    client.post("/apply/pension", {"scheme": "IGNWPS"})
    _papers(client)
    page = client.get("/apply/check").content.decode()
    assert "Sita" not in page and str(citizen.member_id) not in page
    client.post("/apply/check", {"declared": "yes"})
    case = Case.objects.get(kind="application", member_id=citizen.member_id)
    assert case.opened_by == "public"
    assert client.get("/check/member").status_code == 302, "the mobile of somebody else opened the register"


def test_a_code_confirms_no_other_mobile_than_the_one_it_went_to(citizen: Resident) -> None:
    client = _client()
    client.post("/apply")
    client.post("/apply/who", {"number": f"{citizen.member_id:09d}"})
    client.post("/apply/mobile", {"mobile": OTHER})
    code = _code()
    # the person's own mobile has had its share of codes, so that none goes to it now
    for number in range(MOST_AN_HOUR):
        send_code("somebody", str(number), NUMBER, "hi", None)
    assert client.post("/apply/mobile", {"mobile": NUMBER}).status_code == 200
    assert client.post("/apply/code", {"code": code}).status_code == 200, "another number's code was taken"
    assert client.get("/passbook")["Location"].startswith("/prove")


def test_a_number_nobody_has_is_said_only_after_the_mobile_and_a_few_times(citizen: Resident) -> None:
    client = _client()
    client.post("/apply")
    assert client.post("/apply/who", {"number": "999999999"})["Location"] == "/apply/mobile"
    client.post("/apply/mobile", {"mobile": OTHER})
    answer = client.post("/apply/code", {"code": _code()}, follow=True)
    assert "This number is not in the register" in answer.content.decode()
    pages = [client.post("/apply/who", {"number": f"99999999{n}"}).content.decode() for n in range(6)]
    assert "not in the register" in pages[0]
    assert "Too many numbers" in pages[-1]


def test_an_open_case_takes_the_application_in(citizen: Resident) -> None:
    from haqdar.access.actors import platform
    from haqdar.cases.casework import Opened, open_case

    start = open_case(
        platform(),
        "month.post",
        Opened(
            "start",
            "40111",
            member_id=citizen.member_id,
            resident_key=citizen.key,
            pension_group=1,
            scheme="IGNWPS",
        ),
    )
    client = _client()
    _complete(client, citizen.member_id)
    client.post("/apply/check", {"declared": "yes"})
    assert not Case.objects.filter(kind="application").exists()
    start.refresh_from_db()
    assert start.contact_last4 == NUMBER[-4:]
    assert len(documents_of("case", str(start.key))) == 2
    assert "Added to your open case" in client.get("/apply/done").content.decode()
    assert Message.objects.filter(template="application_joined").count() == 1


def test_a_draft_comes_back_with_its_code_and_its_mobile(citizen: Resident) -> None:
    client = _client()
    _begin(client, citizen.member_id, NUMBER)
    client.post("/apply/pension", {"scheme": "IGNWPS"})
    client.post("/apply/facts", {"right": "no", "note": "My husband died in March"})
    kept = outbox.text_of(Message.objects.get(template="draft_kept"))
    code = kept.split("code ")[1].split(".")[0]
    later = _client()
    later.post("/apply/resume", {"draft": code.lower().replace("-", " ")})
    assert later.get("/apply").content.decode().count("Done") == 0, "the code alone opened it"
    later.post("/apply/resume/code", {"code": _code()})
    assert "My husband died in March" in later.get("/apply/facts").content.decode()
    wrong = _client()
    answer = wrong.post("/apply/resume", {"draft": "AAAAA-AAAAA"})
    assert answer["Location"] == "/apply/resume/code", "a wrong code was told from a right one"


def test_what_is_paid_already_is_not_applied_for(citizen: Resident) -> None:
    client = _client()
    _begin(client, citizen.member_id, NUMBER)
    with mock.patch("haqdar.web.citizen.apply.held_now", return_value={1: "IGNWPS"}):
        assert "paid already" in client.post("/apply/pension", {"scheme": "IGNWPS"}).content.decode()
        assert client.post("/apply/pension", {"scheme": "IGNOAPS"}).status_code == 302


def test_a_disputed_fact_reaches_the_officer(citizen: Resident) -> None:
    client = _client()
    _begin(client, citizen.member_id, NUMBER)
    client.post("/apply/pension", {"scheme": "IGNWPS"})
    assert "Write what is wrong" in client.post("/apply/facts", {"right": "no"}).content.decode()
    client.post("/apply/facts", {"right": "no", "note": "I am 61"})
    _papers(client)
    client.post("/apply/check", {"declared": "yes"})
    case = Case.objects.get(kind="application")
    assert case.steps.get(reason="facts_disputed").note == "I am 61"


def test_drafts_that_nobody_hands_in_are_destroyed_after_their_time(citizen: Resident) -> None:
    client = _client()
    _begin(client, citizen.member_id, NUMBER)
    client.post("/apply/pension", {"scheme": "IGNWPS"})
    _papers(client)
    assert drafts.sweep() == 0
    with mock.patch("django.utils.timezone.now", return_value=timezone.now() + timedelta(days=31)):
        assert drafts.sweep() == 1
    assert not ApplicationDraft.objects.exists()
    assert not Document.objects.filter(about_kind="draft", removed_at=None).exists()


def test_a_phone_laid_aside_shows_nothing_after_twenty_minutes(citizen: Resident) -> None:
    client = _client()
    _complete(client, citizen.member_id)
    session = client.session
    session["citizen"] = session["citizen"] | {"until": (timezone.now() - timedelta(seconds=1)).isoformat()}
    session.save()
    for path in ("/apply/pension", "/apply/facts", "/apply/papers/photograph/file"):
        assert client.get(path)["Location"] == "/apply/resume/code", path
        OneTimeCode.objects.all().delete()
    assert client.post("/apply/check", {"declared": "yes"})["Location"] == "/apply"
    assert not Case.objects.filter(kind="application").exists()
    client.get("/apply")
    client.post("/apply/resume/code", {"code": _code()})
    assert "Sita Bai Malviya" in client.get("/apply/check").content.decode()


def test_steps_cannot_be_skipped(citizen: Resident) -> None:
    client = _client()
    for path in ("who", "mobile", "code", "pension", "facts", "papers/photograph", "check", "done"):
        assert client.get(f"/apply/{path}").status_code == 302, path
    client.post("/apply")
    for path in ("mobile", "code", "pension", "facts", "papers/photograph", "check", "done"):
        assert client.get(f"/apply/{path}").status_code == 302, path
    client.post("/apply/check", {"declared": "yes"})
    assert not Case.objects.filter(kind="application").exists()


def test_pictures_are_given_out_to_their_owner_as_data_only(citizen: Resident) -> None:
    client = _client()
    _begin(client, citizen.member_id, NUMBER)
    client.post("/apply/pension", {"scheme": "IGNWPS"})
    _papers(client)
    answer = client.get("/apply/papers/photograph/file")
    assert answer["Content-Type"] == "image/jpeg"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff" and "no-store" in answer["Cache-Control"]
    assert _client().get("/apply/papers/photograph/file").status_code == 302


def test_an_officer_types_in_what_lies_on_the_counter(client_of: Any, state: dict[str, Any]) -> None:
    client: Client = client_of("gp")
    member_id = state["members"]["40111"][0]
    form = {
        "number": f"{member_id:09d}",
        "mobile": "",
        "scheme": "IGNWPS",
        "signed": "yes",
        "note": "no mobile",
    }
    missing = client.post("/desk/applications/new", form).content.decode()
    assert "Missing" in missing
    files = {"paper-photograph": _upload(picture()), "paper-identity": _upload(picture("PNG"))}
    answer = client.post("/desk/applications/new", {**form, **files})
    assert answer.status_code == 302, answer.content.decode()
    case = Case.objects.get(kind="application", member_id=member_id)
    assert (case.opened_by, case.contact_last4) == ("gp", "")
    paper = documents_of("case", str(case.key))[0]
    assert client.get(f"/desk/documents/{paper.key}").status_code == 200
    assert AuditEvent.objects.filter(verb="document.view", object_key=str(paper.key), actor="gp").exists()
    foreign = form | {"number": f"{state['members']['40211'][0]:09d}"}
    files = {"paper-photograph": _upload(picture()), "paper-identity": _upload(picture())}
    refused = client.post("/desk/applications/new", {**foreign, **files}).content.decode()
    assert "outside your area" in refused
    assert Case.objects.filter(kind="application").count() == 1


def test_a_draft_s_paper_is_no_officer_s_business(client_of: Any, citizen: Resident) -> None:
    client = _client()
    _begin(client, citizen.member_id, NUMBER)
    client.post("/apply/pension", {"scheme": "IGNWPS"})
    _papers(client)
    paper = Document.objects.filter(about_kind="draft")[0]
    assert client_of("state").get(f"/desk/documents/{paper.key}").status_code == 400


def _broken() -> st.SearchStrategy[bytes]:
    """Random bytes, files cut short or with bytes turned over, and files that are two things at once."""
    pdf = io.BytesIO()
    Image.new("RGB", (30, 30)).save(pdf, "PDF")
    whole = st.sampled_from(
        [picture(form) for form in ("JPEG", "PNG", "WEBP", "GIF", "BMP")] + [pdf.getvalue()]
    )

    def turned(content: bytes, places: list[int], value: int) -> bytes:
        changed = bytearray(content)
        for place in places:
            changed[place % len(changed)] = value
        return bytes(changed)

    return st.one_of(
        st.binary(max_size=3000),
        st.builds(lambda one, part: one[: int(len(one) * part)], whole, st.floats(0, 1)),
        st.builds(turned, whole, st.lists(st.integers(0, 100_000), max_size=30), st.integers(0, 255)),
        st.builds(lambda a, b: a + b, whole, whole),
        st.builds(lambda tail: b"%PDF-1.7\n" + tail, st.binary(max_size=2000)),
        st.builds(
            lambda head, one: head + one, st.sampled_from([b"<svg>", b"GIF89a", b"<?php ?>", b"MZ"]), whole
        ),
    )


@settings(max_examples=250, suppress_health_check=[HealthCheck.too_slow])
@given(content=_broken())
def test_whatever_is_uploaded_is_a_document_or_a_refusal(content: bytes) -> None:
    try:
        rewritten, kind, _ = rewrite(content)
    except (NotADocument, TooBig):
        return
    assert kind in ("image/jpeg", "application/pdf")
    assert rewritten.startswith(b"\xff\xd8" if kind == "image/jpeg" else b"%PDF-")


def test_bombs_are_refused(citizen: Resident) -> None:
    bomb = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(bomb, "PNG")
    client = _client()
    _begin(client, citizen.member_id, NUMBER)
    client.post("/apply/pension", {"scheme": "IGNWPS"})
    for content in (bomb.getvalue(), b"\xff\xd8" + bytes(6 * 1024 * 1024), b"<html><script>1</script>", b""):
        answer = client.post("/apply/papers/photograph", {"file": _upload(content)})
        assert answer.status_code == 200
        assert "govuk-error-summary" in answer.content.decode()
    assert client.post("/apply/papers/photograph", {}).status_code == 200
    assert not Document.objects.filter(about_kind="draft").exists()


def test_a_form_without_end_is_not_read(citizen: Resident) -> None:
    client = _client()
    _begin(client, citizen.member_id, NUMBER)
    client.post("/apply/pension", {"scheme": "IGNWPS"})
    answer = client.post("/apply/papers/photograph", {"file": _upload(bytes(25 * 1024 * 1024))})
    assert answer.status_code == 400
    with mock.patch(
        "tempfile.NamedTemporaryFile", side_effect=AssertionError("written to the disk in clear")
    ):
        big = io.BytesIO()
        Image.effect_noise((1200, 1200), 80).convert("RGB").save(big, "PNG")
        assert 2_700_000 < len(big.getvalue()) < 5_000_000
        assert client.post("/apply/papers/photograph", {"file": _upload(big.getvalue())}).status_code == 302


def test_whoever_has_proven_who_they_are_is_not_asked_again(citizen: Resident) -> None:
    client = _client()
    client.post("/prove", {"number": f"{citizen.member_id:09d}", "next": "/apply"})
    client.post("/prove/code", {"code": _code()})
    assert client.post("/apply?scheme=IGNWPS")["Location"] == "/apply"
    page = client.get("/apply/pension").content.decode()
    assert 'value="IGNWPS" checked' in page
    answers = ApplicationDraft.objects.get()
    assert drafts.opened(answers).answers.own


def test_check_by_member_id_shows_value_limit_order_and_next_step(citizen: Resident) -> None:
    client = _client()
    answer = client.get("/check/member")
    assert answer["Location"].startswith("/prove?next=")
    client.post("/prove", {"number": f"{citizen.member_id:09d}", "next": "/check/member"})
    client.post("/prove/code", {"code": _code()})
    page = client.get("/check/member").content.decode()
    assert page.count('class="next-step"') >= 9, "a verdict without a next step"
    assert page.count("Order: ") >= 9
    assert "Sita Bai Malviya" in page
    assert AuditEvent.objects.filter(verb="own.check", object_key=str(citizen.key)).count() == 1


def test_the_answers_of_a_draft_are_sealed(citizen: Resident) -> None:
    client = _client()
    _begin(client, citizen.member_id, OTHER)
    row = ApplicationDraft.objects.get()
    assert OTHER.encode() not in bytes(row.answers_sealed)
    assert json.dumps(OTHER) not in json.dumps(dict(client.session.items()), default=str)
