"""Proposals, holds and delays in a real browser: a month closed, verified without somebody, submitted, a payee released."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext
from tests.journeys.test_pages import Look, state  # noqa: F401
from tests.journeys.test_registers_pages import log_in

from haqdar.access.actors import platform
from haqdar.base.month import Month
from haqdar.payments.models import Hold, Proposal
from haqdar.payments.proposals import propose

HOME = "40111"
NEXT = "main .govuk-button--next"


@pytest.fixture(params=[(320, "hi"), (1280, "en")], ids=str)
def window(request: pytest.FixtureRequest, browser: Browser, live_server: Any) -> Iterator[BrowserContext]:
    """A phone in Hindi and a desk in English: every page once in each language and width."""
    width, language = request.param
    made = browser.new_context(viewport={"width": width, "height": 800}, base_url=live_server.url)
    made.add_cookies([{"name": "haqdar_language", "value": language, "url": live_server.url}])
    yield made
    made.close()


def test_pages_of_proposals_and_holds(
    window: BrowserContext,
    state: dict[str, Any],  # noqa: F811
    live_server: Any,
    screenshots: Path | None,
) -> None:
    page = window.new_page()
    look = Look(page, screenshots)
    log_in(page, "state", live_server.url)
    look.at("/desk/money/proposals/", "payment-proposal-list-open-month")
    look.at("/desk/money/delays/", "money-delays-empty")
    look.at("/desk/money/readiness/", "readiness-empty")
    look.at("/desk/money/close/2016-10/", "month-close")
    propose(platform("test"), Month(2016, 10))
    Proposal.objects.filter(body_code="40112").update(state="silent")
    look.at("/desk/money/proposals/", "payment-proposal-list-state")
    look.at("/desk/money/delays/", "money-delays")
    log_in(page, "gp", live_server.url)
    look.at("/desk/money/proposals/", "payment-proposal-list-body")
    page.click("main tbody a")
    look.here("payment-proposal-detail")
    page.check("input[name=leave]")
    page.click(NEXT)
    look.here("payment-proposal-verify")
    page.click(NEXT)
    look.here("payment-proposal-verify-errors")
    page.select_option("select[name^=reason]", "moved")
    page.click(NEXT)
    look.here("payment-proposal-list-verified")
    page.click(NEXT)
    look.here("payment-proposal-submit")
    page.click(NEXT)
    log_in(page, "block", live_server.url)
    look.at("/desk/money/readiness/", "readiness")
    look.at("/desk/money/holds/", "hold-list")
    page.click("main td a[href$=release]")
    page.click(NEXT)
    look.here("hold-release-errors")
    page.fill("#note", "लौट आए")
    page.click(NEXT)
    look.here("hold-list-empty")
    look.at(f"/desk/people/{state['people'][HOME][1]}/hold", "hold-new")
    page.click(NEXT)
    look.here("hold-new-errors")
    assert not look.problems, "\n".join(look.problems)
    assert Hold.objects.get().released_at is not None
    assert Proposal.objects.get(body_code=HOME).state == "submitted"
