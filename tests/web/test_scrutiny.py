"""Lists for the Gram Sabha with objections, and social audits with samples, on the pages."""

import re
from collections.abc import Callable
from typing import Any

import pypdfium2
from django.test import Client

from haqdar.access.actors import platform
from haqdar.access.models import AuditEvent, Posting
from haqdar.access.queries import place
from haqdar.cases.models import Case
from haqdar.payments import scrutiny
from haqdar.payments.models import Due, GramSabha, SocialAudit, SocialAuditEntry

HOME, FOREIGN = "40111", "40211"


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def printed(response: Any) -> str:
    """The text of a PDF, without blanks: shaping may set them anywhere."""
    assert response["Content-Type"] == "application/pdf"
    file = pypdfium2.PdfDocument(response.content)
    return "".join("".join(page.get_textpage().get_text_range().split()) for page in file)


def test_the_list_is_printed_in_hindi_without_member_numbers(
    state: dict[str, Any], client_of: Callable[..., Client]
) -> None:
    secretary = client_of("gp", "hi")
    assert secretary.get("/desk/gramsabha/")["Location"] == f"/desk/gramsabha/{HOME}/"
    page = text(secretary.get(f"/desk/gramsabha/{HOME}/"))
    assert "रमेश कुमार वर्मा" in page and "₹275" in page and "1 जनवरी 2014" in page
    number = state["members"][HOME][1]
    paper = printed(secretary.get(f"/desk/gramsabha/{HOME}/print-hi"))
    assert "ग्रामसभाकीसूची" in paper and "रमेशकुमारवर्मा" in paper and "सरपंच" in paper
    assert str(number) not in paper and str(number)[-4:] in paper
    english = printed(secretary.get(f"/desk/gramsabha/{HOME}/print-en"))
    assert "ListfortheGramSabha" in english and "RameshKumarVerma" in english
    assert secretary.get(f"/desk/gramsabha/{FOREIGN}/").status_code == 403
    assert secretary.get(f"/desk/gramsabha/{FOREIGN}/print-hi").status_code == 403


def test_an_objection_opens_a_report_and_stops_nothing(
    state: dict[str, Any], client_of: Callable[..., Client]
) -> None:
    secretary = client_of("gp")
    bad = secretary.post(f"/desk/gramsabha/{HOME}/meeting", {"held_on": "2999-01-01", "present": "3"})
    assert "Record the meeting after it was held" in text(bad)
    sent = secretary.post(
        f"/desk/gramsabha/{HOME}/meeting", {"held_on": "2016-10-02", "meeting_no": "7", "present": "45"}
    )
    meeting = GramSabha.objects.get()
    assert sent["Location"] == f"/desk/gramsabha/meetings/{meeting.key}/"
    assert (meeting.present, meeting.listed) == (45, 1)
    person = state["people"][HOME][1]
    path = f"/desk/gramsabha/meetings/{meeting.key}/{person}/IGNOAPS"
    assert "Write what was said" in text(secretary.post(path, {"said": " "}))
    before = list(Due.objects.order_by("id").values())
    secretary.post(path, {"said": "He lives in Bhopal now.", "said_by": "Kalu Ram"})
    case = Case.objects.get(kind="report")
    assert (case.reason, case.awaits, str(case.resident_key)) == ("gramsabha", "case.examine", str(person))
    assert list(Due.objects.order_by("id").values()) == before
    page = text(secretary.get(f"/desk/gramsabha/meetings/{meeting.key}/"))
    assert "He lives in Bhopal now." in page and case.number in page
    nobody = f"/desk/gramsabha/meetings/{meeting.key}/{state['people'][FOREIGN][1]}/IGNOAPS"
    assert secretary.post(nobody, {"said": "x"}).status_code == 400
    assert client_of("auditor").post(path, {"said": "x"}).status_code == 403


def test_the_lot_can_be_drawn_again_by_anybody(
    state: dict[str, Any], client_of: Callable[..., Client]
) -> None:
    district = client_of("district")
    assert "Draw a sample" in text(district.get("/desk/socialaudit/"))
    assert "whole number" in text(
        district.post("/desk/socialaudit/new?area=401", {"percent": "0", "least": "1"})
    )
    district.post("/desk/socialaudit/new?area=401", {"percent": "50", "least": "1", "seed": "abc"})
    district.post("/desk/socialaudit/new?area=401", {"percent": "50", "least": "1", "seed": "abc"})
    district.post("/desk/socialaudit/new?area=401", {"percent": "50", "least": "1"})
    first, again, other = SocialAudit.objects.order_by("id")
    payees = Due.objects.filter(area_code__in=["40111", "40112", "40121", "40131"]).count()
    assert first.payees == payees == 4 and first.entries.count() == 2
    drawn = [[entry.member_id for entry in one.entries.order_by("serial")] for one in (first, again)]
    assert drawn[0] == drawn[1]
    assert other.seed not in ("", "abc") and len(other.seed) == 16
    assert SocialAuditEntry.objects.filter(area_code=FOREIGN).count() == 0


def test_the_least_number_of_each_pension_is_drawn(state: dict[str, Any]) -> None:
    here = place(platform(), "401")
    assert here is not None
    assert scrutiny.draw(platform(), here, 1, 3).entries.count() == 3
    assert scrutiny.draw(platform(), here, 1, 500).entries.count() == 4
    assert scrutiny.draw(platform(), here, 100, 1).entries.count() == 4


def test_answers_are_counted_and_a_no_is_reported_once(
    state: dict[str, Any], client_of: Callable[..., Client]
) -> None:
    Posting.objects.filter(user__username="auditor").exists()
    client_of("auditor").post("/desk/socialaudit/new?area=401", {"percent": "100", "least": "1"})
    audit = SocialAudit.objects.get()
    secretary = client_of("gp")
    page = text(secretary.get(f"/desk/socialaudit/{audit.key}/"))
    # a secretary sees of the district's sample those of his panchayat alone
    assert page.count("to be visited") == 1 and "0 of 1 answered" in page
    entry = audit.entries.get(area_code=HOME)
    path = f"/desk/socialaudit/{audit.key}/{entry.serial}"
    assert "Answer each of the four questions" in text(secretary.post(path, {"alive": "yes"}))
    answers = {
        "alive": "yes",
        "gets_money": "no",
        "amount_right": "unsure",
        "eligible": "yes",
        "note": "=1+1",
    }
    assert secretary.post(path, answers).status_code == 302
    assert secretary.post(path, answers).status_code == 302
    case = Case.objects.get(kind="report")
    assert case.reason == "socialaudit_gets_money"
    page = text(secretary.get(f"/desk/socialaudit/{audit.key}/"))
    assert "1 of 1 answered" in page and case.number in page
    lines = b"".join(secretary.get(f"/desk/socialaudit/{audit.key}/download")).decode().splitlines()
    assert len(lines) == 2 and case.number in lines[1] and ",'=1+1," in lines[1]
    assert str(entry.member_id) not in lines[1]
    sheet = printed(secretary.get(f"/desk/socialaudit/{audit.key}/print-hi"))
    assert "सामाजिकअंकेक्षण" in sheet and audit.seed in sheet
    foreign = audit.entries.exclude(area_code=HOME).order_by("serial").first()
    assert foreign is not None
    assert secretary.post(f"/desk/socialaudit/{audit.key}/{foreign.serial}", answers).status_code == 403
    assert not AuditEvent.objects.filter(object_key__contains=str(entry.member_id)).exists()
