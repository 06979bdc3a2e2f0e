"""The page of examination in a real browser: phone and desk, both languages, with its errors, over a month run for real."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext
from tests.cases.doubles import NOBODY, deliver
from tests.cases.village import GITA, Village, case_of
from tests.journeys.test_clock_pages import log_in
from tests.journeys.test_pages import Look, context  # noqa: F401


@pytest.fixture
def village(transactional_db: None, tmp_path: Path) -> Village:
    """October was run: a shared account, and a payee nobody knows."""
    from haqdar.access.actions import create_demo_people
    from haqdar.web import assets

    assets.main()
    village = Village(tmp_path)
    deliver(village)
    village.run("2016-10")
    create_demo_people()
    return village


def test_pages_of_examination(
    context: BrowserContext,  # noqa: F811
    live_server: Any,
    village: Village,
    screenshots: Path | None,
) -> None:
    double, unknown = case_of(GITA, "duplicate"), case_of(NOBODY, "ghost")
    page = context.new_page()
    look = Look(page, screenshots)
    log_in(context, live_server.url, "block")
    look.at(f"/desk/cases/{double.key}/examine", "case-examine")
    page.click("main .govuk-button--next")
    look.here("case-examine-error")
    log_in(context, live_server.url, "state")
    look.at(f"/desk/cases/{unknown.key}/examine", "case-examine-unknown")
    page.check("input[name=finding][value=visit]")
    page.fill("#note", "सचिव सोमवार को जाएँगे।")
    page.click("main .govuk-button--next")
    page.wait_for_url(f"**/desk/cases/{unknown.key}/")
    look.at(f"/desk/cases/{unknown.key}/examine", "case-examine-visited")
    assert look.problems == []
