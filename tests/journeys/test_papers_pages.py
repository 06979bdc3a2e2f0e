"""Orders, a case's public page and the passbook in a real browser, in both languages, on a phone and a desk."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext
from tests.journeys.test_pages import WALKS, Look
from tests.web.open_cases import more

from haqdar.access.actors import acting, platform
from haqdar.cases.models import Order
from haqdar.cases.orders import cancel_order, issue_order
from haqdar.cases.papers.making import paper_of
from haqdar.payments.models import Due
from haqdar.registry.models import Resident


@pytest.fixture
def state(
    transactional_db: None, small_state: Callable[[], dict[str, Any]], tmp_path: Path, settings: Any
) -> dict[str, Any]:
    """The small State with two orders, one of them cancelled, a late case, and a person to whom something was due."""
    from haqdar.web import assets

    assets.main()
    settings.HAQDAR_HOME = tmp_path
    keys = small_state()
    actor = platform("block")
    case, late = more("start", 2, keys, scheme="IGNWPS", due_on=timezone.localdate() - timedelta(days=1))
    with acting(actor, "case.sanction"):
        order = issue_order(actor, case, "sanction", from_on=date(2016, 10, 1))
        wrong = issue_order(actor, case, "sanction", from_on=date(2016, 10, 1))
        cancel_order(actor, wrong, "issued twice")
    paper_of(order)
    due = Due.objects.order_by("id").first()
    assert due is not None
    payee = Resident.objects.get(member_id=due.member_id)
    session = SessionStore()
    until = timezone.now() + timedelta(minutes=10)
    session["citizen"] = {"resident": str(payee.key), "until": until.isoformat()}
    session.create()
    return keys | {"order": order, "wrong": wrong, "late": late, "case": case, "session": session.session_key}


@pytest.fixture(params=WALKS, ids=str)
def context(
    request: pytest.FixtureRequest, browser: Browser, live_server: Any, state: dict[str, Any]
) -> Iterator[BrowserContext]:
    """A browser window of a citizen who was proven."""
    width, language = request.param
    window = browser.new_context(viewport={"width": width, "height": 800}, base_url=live_server.url)
    window.add_cookies(
        [
            {"name": "haqdar_language", "value": language, "url": live_server.url},
            {"name": "sessionid", "value": state["session"], "url": live_server.url},
        ]
    )
    yield window
    window.close()


def test_papers_of_citizens(context: BrowserContext, state: dict[str, Any], screenshots: Path | None) -> None:
    page = context.new_page()
    look = Look(page, screenshots)
    look.at("/follow", "follow")
    page.fill("#number", "A16-48219035-51")
    page.click("main .govuk-button--next")
    look.here("follow-error")
    page.fill("#number", state["case"].number.lower().replace("-", " "))
    page.click("main .govuk-button--next")
    page.wait_for_url(f"**/status/{state['case'].number}")
    look.here("case-status")
    look.at(f"/status/{state['late'].number}", "case-status-late")
    look.at("/orders", "order-find")
    page.click("main form[method=post] button")
    look.here("order-find-error")
    order: Order = state["order"]
    page.goto(f"/o/{order.key}")
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    look.here("order")
    look.at(f"/o/{state['wrong'].key}", "order-cancelled")
    look.at("/passbook", "passbook")
    assert not look.problems, "\n".join(look.problems)
