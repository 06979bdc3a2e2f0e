"""A citizen's and an officer's path by keyboard alone, and with scripts switched off."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.journeys.test_pages import _log_in


@pytest.fixture
def state(transactional_db: None, small_state: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The small State, visible to the server's own connections."""
    from haqdar.web import assets

    assets.main()
    return small_state()


def test_check_by_keyboard_without_scripts(browser: Browser, live_server: Any, state: dict[str, Any]) -> None:
    window = browser.new_context(java_script_enabled=False, base_url=live_server.url)
    page = window.new_page()
    page.goto("/")
    page.get_by_role("button", name="देखें, मुझे क्या मिल सकता है").press("Enter")
    page.locator("#age").type("62")
    page.keyboard.press("Enter")
    for choice in ("#sex-M", "#bpl", "#marital", "#disability"):
        page.locator(choice).press("Space")
        page.keyboard.press("Enter")
    page.locator("#destitute-no").press("Space")
    page.keyboard.press("Enter")
    page.locator("#daughters").type("0")
    page.locator("#sons").type("2")
    page.keyboard.press("Enter")
    page.locator("#tax-no").press("Space")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("₹200")
    page.get_by_role("button", name="English").press("Enter")
    expect(page.locator("h1")).to_contain_text("₹200 a month")
    window.close()


def test_the_switch_keeps_what_was_typed(browser: Browser, live_server: Any, state: dict[str, Any]) -> None:
    window = browser.new_context(base_url=live_server.url)
    page = window.new_page()
    page.goto("/check")
    page.fill("#age", "71")
    page.get_by_role("button", name="English").click()
    expect(page.locator("h1")).to_have_text("How old are you?")
    expect(page.locator("#age")).to_have_value("71")
    window.close()


def test_an_officer_opens_a_case_by_keyboard(
    browser: Browser, live_server: Any, state: dict[str, Any]
) -> None:
    window = browser.new_context(base_url=live_server.url)
    page = window.new_page()
    _log_in(page, "gp")
    page.goto("/desk/months/2016-10/work/start/")
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert page.locator("tr.row--picked").count() == 1
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/people/**")
    expect(page.locator("h1")).to_contain_text("सीता बाई मालवीय")
    window.close()


def test_an_officer_works_without_scripts(browser: Browser, live_server: Any, state: dict[str, Any]) -> None:
    window = browser.new_context(java_script_enabled=False, base_url=live_server.url)
    page: Page = window.new_page()
    _log_in(page, "district")
    page.locator("nav.menu a[href='/desk/months/']").click()
    page.locator("main .figure a").first.click()
    page.locator("tbody a").first.click()
    assert page.locator("h1").inner_text()
    with page.expect_navigation():
        page.get_by_role("button", name="लॉग आउट").click()
    assert page.url.rstrip("/") == live_server.url
    window.close()


def test_an_officer_records_a_death_by_keyboard_and_takes_it_back(
    browser: Browser, live_server: Any, state: dict[str, Any]
) -> None:
    window = browser.new_context(java_script_enabled=False, base_url=live_server.url)
    page = window.new_page()
    _log_in(page, "gp")
    page.goto(f"/desk/people/{state['people']['40111'][1]}/")
    page.get_by_role("button", name="घटना दर्ज करें").press("Enter")
    page.locator("#kind").press("Space")
    page.locator("#happened_on").fill("2016-10-07")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("यह दर्ज करें")
    page.get_by_role("button", name="दर्ज करें", exact=True).press("Enter")
    expect(page.locator("tbody")).to_contain_text("निधन हुआ")
    page.get_by_role("button", name="यह ग़लती थी").press("Enter")
    page.get_by_role("button", name="वापस लें", exact=True).press("Enter")
    expect(page.locator("h1")).to_contain_text("वापस लिया गया")
    window.close()
