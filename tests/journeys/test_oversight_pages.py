"""The pages that watch over the money in a real browser: accessible, without sideways scroll, phone in Hindi and desk in English."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext
from tests.journeys.test_pages import Look, _log_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def state(transactional_db: None) -> dict[str, Any]:
    """The small State with its bills passed, two credits confirmed and one come back."""
    from tests.payments.on_the_way import answered, passed, sent
    from tests.web import small_state

    from haqdar.web import assets

    assets.main()
    keys = small_state.fill()
    small_state.people()
    members = [keys["members"][gp][1] for gp in ("40111", "40112", "40211")]
    passed(keys["run"])
    sent(keys["run"], members)
    answered(keys["run"], members[:2], {members[2]: "01"})
    return keys


@pytest.fixture(params=[(320, "hi"), (1280, "en")], ids=str)
def context(request: pytest.FixtureRequest, browser: Browser, live_server: Any) -> Iterator[BrowserContext]:
    """A browser window of one width in one language."""
    width, language = request.param
    window = browser.new_context(viewport={"width": width, "height": 800}, base_url=live_server.url)
    window.add_cookies([{"name": "haqdar_language", "value": language, "url": live_server.url}])
    yield window
    window.close()


def test_what_watches_over_the_money(
    context: BrowserContext, state: dict[str, Any], screenshots: Path | None
) -> None:
    page = context.new_page()
    look = Look(page, screenshots)
    _log_in(page, "auditor")
    look.at("/desk/money/", "money")
    look.at("/desk/money/standing/", "money-standing")
    look.at("/desk/money/reconciliation/", "money-reconciliation")
    look.at("/desk/money/reports/", "money-reports")
    look.at("/desk/money/reports/utilisation/", "money-report")
    look.at("/desk/money/samples/", "money-sample")
    page.fill("#size", "0")
    page.click("main .govuk-button--next")
    look.here("money-sample-error")
    page.fill("#size", "2")
    page.click("main .govuk-button--next")
    page.locator(".money-trail").first.wait_for()
    look.here("money-sample-detail")
    assert not look.problems, "\n".join(look.problems)
