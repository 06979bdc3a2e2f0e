"""The open figures, the audit and the list of looks in a real browser: accessible, both languages, phone and desk."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone
from playwright.sync_api import BrowserContext
from tests.journeys.test_pages import Look, _log_in, context  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def state(transactional_db: None, small_state: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The small State with its figures published."""
    from haqdar.access.actors import platform
    from haqdar.base.month import Month
    from haqdar.outcomes.actions import publish_delays, publish_month
    from haqdar.web import assets

    assets.main()
    keys = small_state()
    publish_month(platform(), Month(2016, 10))
    publish_delays(platform())
    return keys


def test_open_pages(
    context: BrowserContext,  # noqa: F811
    state: dict[str, Any],
    screenshots: Path | None,
) -> None:
    look = Look(context.new_page(), screenshots)
    look.at("/open/", "open-home")
    look.at("/open/areas/40111/", "open-area")
    look.at("/open/schemes/IGNOAPS/", "open-scheme")
    look.at("/open/delays/", "open-delays")
    look.at("/open/about", "open-about")
    assert not look.problems, "\n".join(look.problems)


def test_who_looked(
    context: BrowserContext,  # noqa: F811
    state: dict[str, Any],
    screenshots: Path | None,
    live_server: Any,
) -> None:
    from haqdar.access.actions import record
    from haqdar.access.actors import Actor

    key = state["people"]["40111"][0]
    record(Actor(user_id=3, name="gp", ip="10.1.2.3"), "person.view", "resident", str(key))
    session = SessionStore()
    session["citizen"] = {
        "resident": str(key),
        "until": (timezone.now() + timedelta(minutes=10)).isoformat(),
    }
    session.save()
    page = context.new_page()
    look = Look(page, screenshots)
    context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": str(session.session_key), "url": live_server.url}]
    )
    look.at("/who-looked", "who-looked")
    assert page.locator(".looks__one").count() == 2
    assert not look.problems, "\n".join(look.problems)


def test_audit(
    context: BrowserContext,  # noqa: F811
    state: dict[str, Any],
    screenshots: Path | None,
) -> None:
    page = context.new_page()
    look = Look(page, screenshots)
    _log_in(page, "auditor")
    look.at(f"/desk/people/{state['people']['40111'][1]}/", "person-of-an-auditor")
    look.at("/desk/audit/", "audit")
    page.fill("#member", "123")
    page.click("form[action$=find] button")
    look.here("audit-error")
    look.at("/desk/audit/?to=1999-01-01", "audit-nothing")
    assert not look.problems, "\n".join(look.problems)
