"""Proposing, approving and refusing a change of the register on the pages."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from haqdar.access.models import AuditEvent, Posting, User
from haqdar.cases.models import Case
from haqdar.registry.entries import people
from haqdar.registry.models import Document, ResidentBelief

HOME, FOREIGN = "40111", "40211"
PHOTO = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90wS\xde"
    b"\x00\x00\x00\x0cIDATx\x9cc\xf8\xcf\xc0\x00\x00\x03\x01\x01\x00\xc9\xfe\x92\xef\x00\x00\x00\x00IEND\xaeB`\x82"
)


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def hidden(page: str) -> dict[str, str]:
    """The hidden inputs of a page's form."""
    return dict(re.findall(r'<input type="hidden" name="([a-z_0-9]+)" value="([^"]*)"', page))


def filled(client: Client, path: str, answers: dict[str, Any], paper: bytes = PHOTO) -> Any:
    """The page that follows a form filled in with a paper."""
    first = client.get(path)
    assert first.status_code == 200, first.status_code
    start = {name: value for name, value in hidden(text(first)).items() if name in ("step", "draft")}
    files = {"paper": SimpleUploadedFile("paper.png", paper)} if paper else {}
    return client.post(path, {**start, **answers, **files})


def proposed(client: Client, path: str, answers: dict[str, Any]) -> Case:
    check = filled(client, path, answers)
    assert "Send it for approval" in text(check), text(check)[:3000]
    sent = client.post(path, {**hidden(text(check)), "confirm": "yes"})
    assert sent.status_code == 302, text(sent)[:3000]
    assert "Sent for approval" in text(client.get(sent["Location"]))
    return Case.objects.filter(kind__in=("register", "payee")).latest("id")


def test_birth_in_two_hands(state: dict[str, Any], client_of: Callable[..., Client]) -> None:
    mother = state["people"][HOME][0]
    secretary, officer = client_of("gp"), client_of("block")
    path = f"/desk/people/{mother}/register/birth"
    answers = {
        "name_hi": "आशा",
        "name_en": "Asha",
        "sex": "F",
        "born_on": "2000-09-01",
        "mother": str(mother),
    }
    case = proposed(secretary, path, answers)
    assert ResidentBelief.objects.filter(name_en="Asha").count() == 0
    paper = Document.objects.get(kind="birth_certificate")
    assert (paper.about_kind, paper.about_key) == ("case", str(case.key))
    assert secretary.get(f"/desk/registers/{case.key}/approve").status_code == 403
    page = officer.get(f"/desk/registers/{case.key}/approve")
    assert "New in the register" in text(page) and "Asha" in text(page)
    shown = officer.get(f"/desk/registers/{case.key}/papers/{paper.key}")
    assert shown["Content-Type"] == "image/jpeg" and shown.content[:2] == b"\xff\xd8"
    assert AuditEvent.objects.filter(verb="document.view", object_key=str(paper.key)).count() == 1
    nothing = officer.post(f"/desk/registers/{case.key}/approve", {})
    assert "Choose whether you approve or refuse" in text(nothing)
    done = officer.post(f"/desk/registers/{case.key}/approve", {"answer": "approve"})
    assert done.status_code == 302 and "approved" in text(officer.get(done["Location"]))
    baby = ResidentBelief.objects.filter(name_en="Asha").latest("belief_no")
    assert baby.member_id == max(number for numbers in state["members"].values() for number in numbers) + 1
    again = officer.post(f"/desk/registers/{case.key}/approve", {"answer": "approve"})
    assert "dealt with meanwhile" in text(again)


def test_who_proposed_cannot_approve(state: dict[str, Any], client_of: Callable[..., Client]) -> None:
    one = state["people"][HOME][3]
    officer = client_of("block")
    case = proposed(officer, f"/desk/people/{one}/register/death", {"happened_on": "2016-10-07"})
    page = officer.get(f"/desk/registers/{case.key}/approve")
    assert "another officer must decide it" in text(page)
    refused = officer.post(f"/desk/registers/{case.key}/approve", {"answer": "approve"})
    assert "another officer must decide it" in text(refused)
    assert people([state["members"][HOME][3]])[state["members"][HOME][3]].alive


def test_an_account_is_never_on_a_page_again(state: dict[str, Any], client_of: Callable[..., Client]) -> None:
    one, number = state["people"][HOME][1], state["members"][HOME][1]
    secretary, officer = client_of("gp"), client_of("block")
    answers = {"ifsc": "sbin0001234", "account": "9876 5432 1098", "account_again": "987654321098"}
    case = proposed(secretary, f"/desk/people/{one}/payee/account_change", answers)
    page = text(officer.get(f"/desk/payees/{case.key}/approve"))
    assert "•••• 1098" in page and "987654321098" not in page
    assert officer.get(f"/desk/registers/{case.key}/approve").status_code == 400
    why = officer.post(f"/desk/payees/{case.key}/approve", {"answer": "refuse", "why": " "})
    assert "Write why the change is refused" in text(why)
    officer.post(f"/desk/payees/{case.key}/approve", {"answer": "refuse", "why": "another name"})
    assert people([number])[number].account_last4 == ""
    assert "another name" in text(secretary.get(f"/desk/registers/{case.key}/"))
    for event in AuditEvent.objects.all():
        assert "987654321098" not in f"{event.old}{event.new}{event.object_key}"


def test_a_transfer_is_seen_where_it_leads(state: dict[str, Any], client_of: Callable[..., Client]) -> None:
    one = state["people"][HOME][1]
    secretary = client_of("gp")
    several = filled(secretary, f"/desk/people/{one}/register/family_transfer", {"area": "nowhere"})
    assert "No panchayat or ward has this name" in text(several)
    case = proposed(secretary, f"/desk/people/{one}/register/family_transfer", {"area": "dudhlai"})
    receiving = User.objects.create(username="ichhawar")
    Posting.objects.create(user=receiving, role="verifier", area_code="4012", from_on=date(2012, 4, 1))
    there = client_of("ichhawar")
    assert "comes to your area" in text(there.get("/desk/registers/"))
    assert there.get(f"/desk/registers/{case.key}/").status_code == 200
    assert there.get(f"/desk/registers/{case.key}/approve").status_code == 403
    client_of("block").post(f"/desk/registers/{case.key}/approve", {"answer": "approve"})
    number = state["members"][HOME][1]
    assert people([number])[number].area_code == "40121"


@pytest.mark.parametrize(
    ("kind", "answers", "sentence"),
    [
        ("register/death", {}, "Answer this: On which day"),
        ("register/death", {"happened_on": "soon"}, "Give a day"),
        ("register/death", {"happened_on": "2999-01-01"}, "lies in the future"),
        (
            "register/marriage",
            {"other": "12", "happened_on": "2016-01-01"},
            "no resident with this member ID",
        ),
        ("register/family_merge", {"other_family": "99999999"}, "no family with this number"),
        ("payee/account_change", {"ifsc": "x", "account": "1", "account_again": "1"}, "IFSC has eleven"),
        ("payee/guardian", {"reason": "minor"}, "Answer this"),
    ],
)
def test_what_is_wrong_is_said(
    state: dict[str, Any], client_of: Callable[..., Client], kind: str, answers: dict[str, str], sentence: str
) -> None:
    page = filled(client_of("gp"), f"/desk/people/{state['people'][HOME][1]}/{kind}", answers)
    assert sentence in text(page) and "Something needs correcting" in text(page)
    assert not Case.objects.filter(kind__in=("register", "payee")).exists()


def test_a_paper_is_asked_for_and_read(state: dict[str, Any], client_of: Callable[..., Client]) -> None:
    secretary = client_of("gp")
    path = f"/desk/people/{state['people'][HOME][3]}/register/death"
    assert "Attach the paper" in text(filled(secretary, path, {"happened_on": "2016-10-07"}, b""))
    assert "cannot be read" in text(filled(secretary, path, {"happened_on": "2016-10-07"}, b"no picture"))
    # a paper once handed in stays with the form
    wrong = filled(secretary, path, {"happened_on": "never"})
    assert "Handed in already: 1" in text(wrong)
    right = secretary.post(path, {**hidden(text(wrong)), "happened_on": "2016-10-07"})
    assert "Send it for approval" in text(right)


def test_another_area_is_closed(state: dict[str, Any], client_of: Callable[..., Client]) -> None:
    foreign = state["people"][FOREIGN][0]
    secretary = client_of("gp")
    for path in ("register/", "register/death", "payee/account_change"):
        assert secretary.get(f"/desk/people/{foreign}/{path}").status_code == 403
    assert client_of("auditor").get(f"/desk/people/{state['people'][HOME][0]}/register/").status_code == 403


def test_a_code_to_the_new_mobile_takes_the_place_of_a_paper(
    state: dict[str, Any], client_of: Callable[..., Client]
) -> None:
    from haqdar.outreach.models import Message

    one, number = state["people"][HOME][3], state["members"][HOME][3]
    secretary = client_of("gp")
    path = f"/desk/people/{one}/payee/mobile_change"
    check = filled(secretary, path, {"whose": "own", "mobile": "9876543210"}, b"")
    carried = hidden(text(check))
    without = secretary.post(path, {**carried, "confirm": "yes"})
    assert "The code is not valid any more" in text(without)
    asked = secretary.post(path, {**carried, "send_code": "yes"})
    shown = re.search(r"The code for this demonstration: ([0-9]{6})", text(asked))
    assert shown is not None
    wrong = secretary.post(path, {**carried, "confirm": "yes", "code": f"{(int(shown[1]) + 1) % 10**6:06d}"})
    assert "This code is not right" in text(wrong)
    sent = secretary.post(path, {**carried, "confirm": "yes", "code": shown[1]})
    case = Case.objects.get(kind="payee")
    assert sent.status_code == 302 and case.details["entry"]["proof"] == "code"
    assert "9876543210" not in str(case.details)
    before = Message.objects.count()
    client_of("block").post(f"/desk/payees/{case.key}/approve", {"answer": "approve"})
    assert people([number])[number].mobile_last4 == "3210"
    # the old mobile and the new one are told
    told = Message.objects.order_by("pk")[before:]
    assert sorted(message.template for message in told) == ["mobile_changed_new", "mobile_changed_old"]
