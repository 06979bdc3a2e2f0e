"""Second factors in a real browser: a passkey of Chromium's virtual authenticator, codes without scripts, every page looked at."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.journeys.test_pages import Look, context  # noqa: F401
from tests.web.test_accounts import PASSWORD, app_of, code_of, officer

from haqdar.access.actions import DEMONSTRATION_PASSWORD
from haqdar.access.models import User
from haqdar.access.second_factors import demonstration_code


@pytest.fixture
def state(transactional_db: None, small_state: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The small State, visible to the server's own connections."""
    from haqdar.web import assets

    assets.main()
    return small_state()


def log_in(page: Page, username: str, password: str = DEMONSTRATION_PASSWORD) -> None:
    page.goto("/desk/log-in")
    page.fill("#username", username)
    page.fill("#password", password)
    page.press("#password", "Enter")
    page.wait_for_load_state()


def test_a_passkey_is_made_and_asked_for(browser: Browser, live_server: Any, state: dict[str, Any]) -> None:
    officer()
    window = browser.new_context(base_url=live_server.url)
    window.add_cookies([{"name": "haqdar_language", "value": "en", "url": live_server.url}])
    page = window.new_page()
    devtools = window.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    authenticator = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]
    log_in(page, "meena", PASSWORD)
    expect(page.locator("h1")).to_have_text("Set up a second factor")
    page.get_by_role("button", name="Set up a passkey").click()
    page.fill("#name", "office computer")
    page.get_by_role("button", name="Make a passkey").click()
    expect(page.locator("li.code")).to_have_count(10)
    assert (
        len(devtools.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})["credentials"]) == 1
    )
    page.goto("/desk/account/")
    expect(page.locator("main")).to_contain_text("office computer")
    page.get_by_role("button", name="Log out", exact=True).click()
    log_in(page, "meena", PASSWORD)
    expect(page.locator("h1")).to_have_text("Now your second factor")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(lambda address: "second-factor" not in address)
    page.goto("/desk/account/")
    expect(page.locator("h1")).to_have_text("Your account")
    # Another device's answer is none: the key is gone, so the browser cannot answer, and the page says so.
    page.get_by_role("button", name="Log out", exact=True).click()
    devtools.send("WebAuthn.clearCredentials", {"authenticatorId": authenticator})
    log_in(page, "meena", PASSWORD)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.locator("[data-passkey-error]")).to_be_visible()
    window.close()


def test_a_code_works_without_scripts_and_by_keyboard(
    browser: Browser, live_server: Any, state: dict[str, Any]
) -> None:
    secret = app_of(officer())
    window = browser.new_context(java_script_enabled=False, base_url=live_server.url)
    page = window.new_page()
    log_in(page, "meena", PASSWORD)
    expect(page.get_by_role("button", name="पासकी से पहचान दें")).to_be_hidden()
    page.locator("#second_factor_code").type(code_of(secret))
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "second-factor" not in address)
    page.goto("/desk/account/")
    expect(page.locator("h1")).to_have_text("आपका खाता")
    window.close()


def test_pages_of_accounts(
    context: BrowserContext,  # noqa: F811
    state: dict[str, Any],
    screenshots: Path | None,
) -> None:
    page = context.new_page()
    look = Look(page, screenshots)
    officer()
    log_in(page, "meena", PASSWORD)
    look.here("second-factor-set-up")
    look.at("/desk/account/second-factor/app", "app-add")
    page.click("main .govuk-button--next")
    look.here("app-add-error")
    look.at("/desk/account/second-factor/passkey", "passkey-add")
    context.clear_cookies(name="sessionid")
    log_in(page, "admin")
    look.here("employees")
    look.at("/desk/account/", "account")
    look.at("/desk/account/second-factor?next=/desk/employees/new", "second-factor")
    page.click("main .govuk-button--next")
    look.here("second-factor-error")
    code = demonstration_code(User.objects.get(username="admin"))
    assert code is not None
    page.fill("#second_factor_code", code.code)
    page.click("main .govuk-button--next")
    page.wait_for_url("**/employees/new")
    look.here("employee-new-role")
    page.goto("/desk/employees/new?role=verifier")
    page.click("main .govuk-button--next")
    look.here("employee-new-errors")
    page.fill("#name_en", "Ramesh Patel")
    page.fill("#username", "ramesh.patel")
    page.fill("#area", "4011")
    page.click("main .govuk-button--next")
    look.here("employee-password")
    page.click("main .govuk-button--next")
    look.here("employee-detail")
    path = page.url
    for name in ("lock", "password", "postings/new", "postings/new?role=verifier"):
        look.at(path + name, f"employee-{name.replace('/', '-').partition('?')[0]}-{'role' in name}")
    number = User.objects.get(username="ramesh.patel").postings.get().pk
    for name in ("", "transfer", "end"):
        look.at(f"{path}postings/{number}/{name}", f"posting-{name or 'change'}")
    look.at("/desk/account/recovery-codes", "recovery-codes")
    page.click("main .govuk-button--next")
    look.here("recovery-codes-made")
    assert not look.problems, "\n".join(look.problems)
