"""Pages of appeals, penalties, grievances and delays: who may open them, what is wrong in a form, downloads."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from tests.web import clock_cases

from haqdar.access.models import AuditEvent
from haqdar.cases.guarantee import run_clock
from haqdar.cases.models import Case, Compensation, PenaltyDecision

ClientOf = Callable[..., Client]


@pytest.fixture
def late(state: dict[str, Any]) -> Case:
    """An application 15 days over its limit, in a State with its offices."""
    clock_cases.offices()
    return clock_cases.application(state, days_ago=30, place=1)


def test_delays_count_by_area_and_office_down_to_the_case(late: Case, client_of: ClientOf) -> None:
    client = client_of("district")
    page = client.get("/desk/delays/").content.decode()
    assert "Ashta" in page and "1 over the limit" in page
    below = client.get("/desk/delays/?area=4011&service=pension-sanction").content.decode()
    assert "Amla Kheda" in below
    assert "Amla Kheda" not in client.get("/desk/delays/?area=4011&service=registers").content.decode()
    assert late.number in client.get("/desk/delays/cases?area=401&waits=case.verify").content.decode()
    assert client.get("/desk/delays/?area=402").status_code == 403


def test_delays_download_as_csv_and_pdf_with_an_audit_event(late: Case, client_of: ClientOf) -> None:
    client = client_of("district")
    lines = b"".join(client.get("/desk/delays/download").streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert lines[0].startswith("office_code,office_kind,office,waits_for")
    assert lines[1].split(",")[3:6] == ["case.verify", "1", "1"]
    pdf = client.get("/desk/delays/pdf")
    assert pdf.content.startswith(b"%PDF-") and pdf["Content-Type"] == "application/pdf"
    assert AuditEvent.objects.filter(verb="delay.download").count() == 2


@pytest.mark.parametrize("username", ["gp", "pension", "ddo", "admin"])
def test_delays_are_not_for_everybody(late: Case, client_of: ClientOf, username: str) -> None:
    assert client_of(username).get("/desk/delays/").status_code == 403


def test_a_penalty_is_imposed_on_its_page(late: Case, client_of: ClientOf) -> None:
    client = client_of("appeal2")
    assert late.number in client.get("/desk/penalties/").content.decode()
    address = f"/desk/cases/{late.key}/penalty"
    assert "₹3,750" in client.get(address).content.decode()
    for wrong in (
        {"penalty": ""},
        {"penalty": "imposed:no_cause", "rupees": "9999"},
        {"penalty": "imposed:no_cause", "rupees": "x"},
    ):
        assert client.post(address, wrong).status_code == 200
        assert not PenaltyDecision.objects.exists()
    assert client.post(address, {"penalty": "imposed:no_cause", "rupees": "2,500"}).status_code == 302
    assert Compensation.objects.get().paise == 250_000
    assert client_of("appeal1").get(address).status_code == 403


def test_a_second_appeal_decides_about_the_penalty_too(state: dict[str, Any], client_of: ClientOf) -> None:
    from haqdar.access.actors import platform
    from haqdar.cases.appeals import decide_appeal, file_appeal

    clock_cases.offices()
    case = clock_cases.rejected(state, days_ago=40)
    first = file_appeal(clock_cases.PUBLIC, case, "other", "x", mobile=clock_cases.MOBILE)
    decide_appeal(platform("appeal1"), first.key, "upheld", "decision_right", "x")
    second = file_appeal(clock_cases.PUBLIC, case, "other", "x")
    client = client_of("appeal2")
    address = f"/desk/cases/{second.key}/second-appeal-decide"
    form = {"decision": "reversed:law_misread", "note": "The rule says 40."}
    assert client.post(address, form).status_code == 200
    second.refresh_from_db()
    assert second.awaits == "second_appeal.decide"
    done = client.post(address, form | {"penalty": "waived:sufficient_cause", "penalty_note": "Flood."})
    assert done.status_code == 302
    case.refresh_from_db()
    assert case.awaits == "case.sanction"
    assert PenaltyDecision.objects.get().imposed_paise == 0


def test_nobody_finds_the_mobile_of_a_case_by_trying(state: dict[str, Any]) -> None:
    case = clock_cases.rejected(state)
    client = Client()
    client.cookies["haqdar_language"] = "en"
    form = {"step": "mobile", "number": case.number, "go": "next"}
    for number in range(10):
        page = client.post("/appeal", form | {"mobile": f"98260000{number:02d}"}).content.decode()
        assert "not the number" in page
    page = client.post("/appeal", form | {"mobile": clock_cases.MOBILE}).content.decode()
    assert "Too many tries" in page


def test_an_answer_is_shown_to_whoever_knows_the_mobile_only(
    state: dict[str, Any], client_of: ClientOf
) -> None:
    from haqdar.access.actors import platform
    from haqdar.cases.grievances import answer

    case = clock_cases.grievance()
    answer(platform("block"), case.key, "paid_now", "It comes on the first.")
    client = Client()
    address = f"/answer/{case.number}"
    assert "It comes on the first." not in client.get(address).content.decode()
    client.post(address, {"act": "reopen", "words": "no"})
    case.refresh_from_db()
    assert case.outcome == "answered"
    client.post(address, {"act": "mobile", "mobile": clock_cases.MOBILE})
    assert "It comes on the first." in client.get(address).content.decode()
    assert Client().get("/answer/A26-11111111-11").status_code == 404


def test_a_changed_page_cannot_smuggle_answers_in(state: dict[str, Any]) -> None:
    client = Client()
    form = {"step": "check", "go": "send", "subject": "weather", "district": "401", "words": "x"}
    assert client.post("/grievance", form).status_code == 200
    assert client.post("/grievance", form | {"subject": "died"}).status_code == 200
    assert client.post("/grievance", form | {"subject": "other", "district": "999"}).status_code == 200
    assert not Case.objects.filter(kind="grievance").exists()


def test_a_form_without_scripts_is_taken_a_few_times_an_hour(state: dict[str, Any]) -> None:
    client = Client()
    form = {
        "step": "check",
        "go": "send",
        "subject": "other",
        "district": "401",
        "block": "",
        "words": "x",
        "number": "",
        "mobile": "",
    }
    for _ in range(12):
        assert client.post("/grievance", form).status_code == 200
    assert Case.objects.filter(kind="grievance").count() == 10


def test_a_photograph_that_is_none_is_refused_on_the_page(state: dict[str, Any]) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    client = Client()
    form = {
        "step": "check",
        "subject": "other",
        "district": "401",
        "block": "",
        "words": "x",
        "number": "",
        "mobile": "",
    }
    page = client.post("/grievance", form | {"photograph": SimpleUploadedFile("x.jpg", b"MZ\x90")})
    assert page.status_code == 200 and "govuk-error-summary" in page.content.decode()
    assert not Case.objects.filter(kind="grievance").exists()


def test_the_clock_is_stopped_from_the_case(late: Case, client_of: ClientOf) -> None:
    client = client_of("gp")
    address = f"/desk/cases/{late.key}/clock"
    assert client.post(address, {"note": "age proof"}).status_code == 302
    late.refresh_from_db()
    assert late.due_on is None
    from haqdar.access.actors import platform

    assert run_clock(platform("clock"), late.opened_on.replace(year=late.opened_on.year + 1)).escalated == 0
    assert client.post(address, {"act": "resume"}).status_code == 302
    late.refresh_from_db()
    assert late.due_on is not None
    assert client_of("auditor").post(address).status_code == 403


def test_a_report_shows_no_finding_to_the_public(state: dict[str, Any]) -> None:
    from haqdar.access.actors import platform
    from haqdar.cases.grievances import examine_report

    report = clock_cases.grievance(mobile="", subject="died", person="Gopal")
    examine_report(platform("pension"), report.key, "no_ground", "He lives.")
    page = Client().get(f"/answer/{report.number}").content.decode()
    assert "He lives." not in page and "Gopal" not in page
