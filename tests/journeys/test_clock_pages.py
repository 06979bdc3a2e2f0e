"""Appeals, grievances, reports and delays in a real browser: journeys without scripts, and every page looked at."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.journeys.test_pages import Look, context, state  # noqa: F401
from tests.web import clock_cases

from haqdar.cases.models import Case

NEXT = "main .govuk-button--next"


def log_in(window: BrowserContext, url: str, username: str) -> None:
    window.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": clock_cases.session_of(username), "url": url}]
    )


@pytest.fixture
def phone(browser: Browser, live_server: Any) -> Any:
    """A phone of 320 px in Hindi that runs no scripts."""
    window = browser.new_context(
        java_script_enabled=False, viewport={"width": 320, "height": 700}, base_url=live_server.url
    )
    yield window.new_page()
    window.close()


@pytest.fixture
def desk(browser: Browser, live_server: Any) -> Any:
    """A page of an officer, by user name."""
    windows = []

    def open_as(username: str) -> Page:
        window = browser.new_context(java_script_enabled=False, base_url=live_server.url)
        windows.append(window)
        log_in(window, live_server.url, username)
        return window.new_page()

    yield open_as
    for window in windows:
        window.close()


def answer(page: Page, box: str, text: str) -> None:
    page.locator(box).fill(text)
    page.keyboard.press("Enter") if "textarea" not in box else page.locator(NEXT).press("Enter")


def test_rejection_first_appeal_reversal(
    phone: Page,
    desk: Callable[[str], Page],
    state: dict[str, Any],  # noqa: F811
) -> None:
    clock_cases.offices()
    case = clock_cases.rejected(state)
    phone.goto("/appeal")
    answer(phone, "#number", case.number.replace("-", " ").lower())
    answer(phone, "#mobile", "98260 99999")
    expect(phone.locator(".govuk-error-summary")).to_contain_text("रसीद")
    answer(phone, "#mobile", "98260 12345")
    phone.locator("#ground").press("Space")
    phone.keyboard.press("Enter")
    answer(phone, "textarea#words", "मेरी उम्र 46 साल है, मतदाता पत्र में लिखी है।")
    expect(phone.locator("h1")).to_have_text("अपने जवाब जाँचें")
    phone.locator(NEXT).press("Enter")
    expect(phone.locator("h1")).to_have_text("आपकी अपील दर्ज हो गई")
    appeal = Case.objects.get(kind="appeal", about=case)
    expect(phone.locator(".govuk-panel")).to_contain_text(appeal.number)
    expect(phone.locator("main")).to_contain_text("जिला कार्यालय सीहोर")

    officer = desk("appeal1")
    officer.goto(f"/desk/cases/{appeal.key}/appeal-decide")
    expect(officer.locator("main")).to_contain_text("मतदाता पत्र")
    expect(officer.locator("main")).to_contain_text("उम्र 40 से कम")
    officer.locator(NEXT).press("Enter")
    expect(officer.locator(".govuk-error-summary li")).to_have_count(2)
    officer.locator("input[value='reversed:fact_proven']").press("Space")
    officer.fill("#note", "मतदाता पत्र से उम्र 46 साल साबित है।")
    officer.locator(NEXT).press("Enter")
    officer.wait_for_url(f"**/desk/cases/{case.key}/")
    case.refresh_from_db()
    assert (case.awaits, case.outcome) == ("case.sanction", "")
    appeal.refresh_from_db()
    assert appeal.outcome == "reversed"


def test_grievance_answer_reopen(phone: Page, desk: Callable[[str], Page], state: dict[str, Any]) -> None:  # noqa: F811
    clock_cases.offices()
    phone.goto("/")
    phone.get_by_role("link", name="शिकायत या सुझाव").press("Enter")
    phone.locator("#subject").press("Space")
    phone.keyboard.press("Enter")
    for box, text in (("#district", "सीहोर"), ("#block", "आष्टा"), ("#place", "आमला खेड़ा")):
        phone.get_by_label(text, exact=True).press("Space")
        phone.locator(NEXT).press("Enter")
        assert box
    phone.locator(NEXT).press("Enter")  # no number of a case
    answer(phone, "textarea#words", "मई से पेंशन नहीं आई")
    answer(phone, "#mobile", "9826012345")
    phone.locator(NEXT).press("Enter")
    expect(phone.locator("h1")).to_have_text("आपकी शिकायत दर्ज हो गई")
    case = Case.objects.get(kind="grievance")
    assert (case.area_code, case.reason) == ("40111", "not_paid")

    officer = desk("block")
    officer.goto(f"/desk/cases/{case.key}/grievance-answer")
    officer.locator("input[value=paid_now]").press("Space")
    officer.fill("#words", "पैसा 1 तारीख को आएगा।")
    officer.get_by_role("button", name="जवाब भेजें").press("Enter")
    officer.wait_for_url(f"**/desk/cases/{case.key}/")

    phone.goto(f"/answer/{case.number}")
    answer(phone, "#mobile", "9826012345")
    expect(phone.locator("main")).to_contain_text("पैसा 1 तारीख को आएगा।")
    phone.fill("#words", "नहीं आया")
    phone.get_by_role("button", name="फिर से खोलें").press("Enter")
    expect(phone.locator("main")).to_contain_text("जिला कार्यालय सीहोर")
    officer.goto(f"/desk/cases/{case.key}/grievance-answer")
    expect(officer.locator("main")).to_contain_text("ऊपर के दफ़्तर")
    case.refresh_from_db()
    assert (case.awaits, case.details["level"]) == ("grievance.answer", 1)


def test_an_anonymous_report_needs_no_mobile(phone: Page, state: dict[str, Any]) -> None:  # noqa: F811
    phone.goto("/report")
    phone.locator("#subject").press("Space")
    phone.keyboard.press("Enter")
    phone.get_by_label("सीहोर", exact=True).press("Space")
    phone.keyboard.press("Enter")
    phone.get_by_label("पता नहीं").press("Space")
    phone.keyboard.press("Enter")
    answer(phone, "#person", "गोपाल, बड़ा मोहल्ला")
    answer(phone, "textarea#words", "पिछले साल मृत्यु हो गई")
    phone.locator(NEXT).press("Enter")
    phone.locator(NEXT).press("Enter")
    expect(phone.locator("h1")).to_have_text("आपकी सूचना दर्ज हो गई")
    report = Case.objects.get(kind="report")
    assert (report.contact_sealed, report.area_code, report.opened_by) == (None, "401", "public")


def test_pages_for_everybody(
    context: BrowserContext,  # noqa: F811
    state: dict[str, Any],  # noqa: F811
    screenshots: Path | None,
) -> None:
    clock_cases.offices()
    case = clock_cases.rejected(state)
    page = context.new_page()
    look = Look(page, screenshots)
    look.at("/appeal", "appeal")
    page.click(NEXT)
    look.here("appeal-error")
    page.fill("#number", case.number)
    page.click(NEXT)
    look.here("appeal-mobile")
    page.fill("#mobile", clock_cases.MOBILE)
    page.click(NEXT)
    look.here("appeal-ground")
    page.check("#ground")
    page.click(NEXT)
    page.fill("#words", "मेरी उम्र 46 साल है।")
    look.here("appeal-words")
    page.click(NEXT)
    look.here("appeal-check")
    page.wait_for_selector("input[name=robot_proof]:not([value=''])", state="attached")
    page.click(NEXT)
    look.here("appeal-done")
    look.at("/grievance", "grievance")
    page.click(NEXT)
    look.here("grievance-error")
    page.check("#subject")
    page.click(NEXT)
    look.here("grievance-district")
    look.at("/report", "report")
    look.at("/feedback", "feedback")
    lodged = clock_cases.grievance()
    look.at(f"/answer/{lodged.number}", "answer-mobile")
    open_one = clock_cases.grievance(mobile="")
    look.at(f"/answer/{open_one.number}", "answer-waiting")
    from haqdar.access.actors import platform
    from haqdar.cases.grievances import answer as answered

    answered(platform("block"), open_one.key, "paid_now", "पैसा 1 तारीख को आएगा।")
    look.at(f"/answer/{open_one.number}", "answer")
    page.click("main form:last-of-type button")
    look.here("answer-error")
    assert look.problems == []


def test_pages_of_officers(
    context: BrowserContext,  # noqa: F811
    live_server: Any,
    state: dict[str, Any],  # noqa: F811
    screenshots: Path | None,
) -> None:
    from haqdar.access.actors import platform
    from haqdar.cases.appeals import decide_appeal, file_appeal

    clock_cases.offices()
    case = clock_cases.rejected(state, days_ago=40)
    appeal = file_appeal(
        clock_cases.PUBLIC, case, "wrong_fact", "मेरी उम्र 46 साल है।", mobile=clock_cases.MOBILE
    )
    late = clock_cases.application(state, days_ago=30, place=1)
    clock_cases.application(state, days_ago=60, place=2, area="40121")
    lodged = clock_cases.grievance()
    report = clock_cases.grievance(mobile="", subject="died", person="गोपाल, बड़ा मोहल्ला")
    page = context.new_page()
    look = Look(page, screenshots)
    log_in(context, live_server.url, "appeal1")
    look.at(f"/desk/cases/{appeal.key}/appeal-decide", "appeal-decide")
    page.click(NEXT)
    look.here("appeal-decide-error")
    look.at("/desk/delays/", "delay-list")
    look.at("/desk/delays/?area=4011", "delay-list-block")
    look.at("/desk/delays/cases?area=401", "delay-cases")
    decide_appeal(platform("appeal1"), appeal.key, "upheld", "decision_right", "सही है")
    second = file_appeal(clock_cases.PUBLIC, case, "wrong_fact", "मेरी उम्र 46 साल है।")
    log_in(context, live_server.url, "appeal2")
    look.at(f"/desk/cases/{second.key}/second-appeal-decide", "second-appeal-decide")
    look.at("/desk/penalties/", "penalty-list")
    look.at(f"/desk/cases/{late.key}/penalty", "penalty-decide")
    page.click(NEXT)
    look.here("penalty-decide-error")
    log_in(context, live_server.url, "block")
    look.at(f"/desk/cases/{lodged.key}/grievance-answer", "grievance-answer")
    page.click(NEXT)
    look.here("grievance-answer-error")
    look.at(f"/desk/cases/{report.key}/report-examine", "report-examine")
    page.click(NEXT)
    look.here("report-examine-error")
    look.at(f"/desk/cases/{report.key}/", "case-report")
    log_in(context, live_server.url, "gp")
    look.at(f"/desk/cases/{late.key}/appeal-enter", "appeal-enter")
    page.click(NEXT)
    look.here("appeal-enter-error")
    assert look.problems == []
