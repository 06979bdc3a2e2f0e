"""The pages of the line to the treasury in a real browser: a phone in Hindi, a desk in English."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from tests.journeys.test_clock_pages import log_in
from tests.journeys.test_pages import Look, state  # noqa: F401
from tests.web.treasury_bills import treasury_bill


@pytest.mark.journey
def test_pages_of_the_treasury(
    browser: Browser,
    live_server: Any,
    state: dict[str, Any],  # noqa: F811
    screenshots: Path | None,
) -> None:
    stuck = treasury_bill("D4011")
    paid = treasury_bill("D4011", "paid", token_no="T17", voucher_no="V1", voucher_on="2016-10-03")
    for width, language in ((320, "hi"), (1280, "en")):
        window = browser.new_context(viewport={"width": width, "height": 800}, base_url=live_server.url)
        window.add_cookies([{"name": "haqdar_language", "value": language, "url": live_server.url}])
        log_in(window, live_server.url, "ddo")
        look = Look(window.new_page(), screenshots)
        look.at("/desk/money/treasury/", "treasury")
        look.at("/desk/money/treasury/?state=closed", "treasury-none")
        look.at(f"/desk/money/treasury/{stuck.key}/", "treasury-stuck")
        look.at(f"/desk/money/treasury/{paid.key}/", "treasury-paid")
        look.at(f"/desk/money/treasury/{stuck.key}/give-back", "treasury-give-back")
        look.page.locator("main form button").click()
        look.here("treasury-give-back-error")
        assert look.problems == []
        window.close()
