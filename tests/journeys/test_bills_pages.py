"""Bills in a real browser: from the allotment to an objection, each page looked at in both widths."""

from pathlib import Path
from typing import Any

from django.conf import settings
from playwright.sync_api import Browser, Page, expect
from tests.journeys.test_pages import Look, state  # noqa: F401
from tests.web import clock_cases

from haqdar.access.actors import platform
from haqdar.base.month import Month
from haqdar.payments import proposals
from haqdar.payments.models import BillVersion

NEXT = "main .govuk-button--next"
OFFICE = "/desk/bills/2016-10/of/D4011/"


def test_from_the_allotment_to_an_objection(
    browser: Browser,
    live_server: Any,
    state: dict[str, Any],  # noqa: F811
    screenshots: Path | None,
) -> None:
    window = browser.new_context(viewport={"width": 320, "height": 700}, base_url=live_server.url)
    window.add_cookies([{"name": "haqdar_language", "value": "hi", "url": live_server.url}])
    page = window.new_page()
    look = Look(page, screenshots)

    def as_officer(username: str) -> Page:
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": clock_cases.session_of(username)}
        window.add_cookies([{**cookie, "url": live_server.url}])
        return page

    as_officer("state")
    look.at("/desk/budget/", "budget-empty")
    page.locator(NEXT).click()
    lines = page.input_value("#lines").splitlines()
    page.fill("#lines", "34-2235, 5\n" + lines[0] + "12x")
    page.locator(NEXT).press("Enter")
    expect(page.locator(".govuk-error-summary")).to_contain_text("लेखा शीर्ष 34-2235 नहीं है")
    look.here("budget-errors")
    page.fill("#order_no", "F.4-1/2016, 1 April 2016")
    page.fill("#lines", "\n".join(f"{line}10,000" for line in lines))
    page.locator(NEXT).press("Enter")
    look.here("budget-preview")
    page.locator(NEXT).press("Enter")
    look.here("budget")

    as_officer("block")
    page.goto(OFFICE + "sanction")
    expect(page.locator(".govuk-error-summary")).to_contain_text("बंद नहीं हुआ है")
    proposals.propose(platform("state"), Month(2016, 10))
    proposals.Proposal.objects.update(state="silent")
    look.at(OFFICE, "bill-office")
    page.locator(NEXT).click()
    look.here("bill-sanction")
    page.locator(NEXT).press("Enter")
    expect(page.locator("main")).to_contain_text("मंज़ूर")
    assert BillVersion.objects.filter(state="sanctioned").count() > 1

    as_officer("ddo")
    page.goto(OFFICE)
    page.locator(NEXT).click()
    look.here("bill-submit")
    page.locator(NEXT).press("Enter")
    look.at(OFFICE + "answer", "bill-answer")
    page.locator("input[name^='voucher-']").first.fill("V-17")
    page.locator(NEXT).press("Enter")
    expect(page.locator("main")).to_contain_text("V-17")
    page.goto(OFFICE + "answer")
    page.locator("main a[href*='/object']").first.click()
    page.locator("main button").press("Enter")
    look.here("bill-object-error")
    page.fill("#reason", "मांग संख्या गलत है")
    page.locator("main button").press("Enter")
    expect(page.locator("main")).to_contain_text("मांग संख्या गलत है")
    look.here("bill-detail")
    look.at(OFFICE + "supplementary", "bill-supplementary")

    as_officer("state")
    look.at("/desk/bills/2016-10/", "bill-list")
    page.goto("/desk/budget/2016/")
    page.locator("main table a").first.click()
    look.here("budget-head")
    window.close()
    assert look.problems == []
