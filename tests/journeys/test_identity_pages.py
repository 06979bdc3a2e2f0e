"""One person, once, in a real browser: two officers judge, merge and part a pair; search, quality and the vault's log beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser
from tests.journeys.test_pages import Look, state  # noqa: F401
from tests.journeys.test_registers_pages import log_in
from tests.web.pairs import pair_of

from haqdar.access.actors import acting, platform
from haqdar.cases.models import MergingUndone
from haqdar.identity.quality.looking import look as look_at_quality
from haqdar.registry.models import PensionBelief
from haqdar.vault import store

HOME = "40111"
NEXT = "main .govuk-button--next"


@pytest.fixture
def looks(browser: Browser, live_server: Any, screenshots: Path | None) -> Any:
    """A phone in Hindi and a desk in English; the path goes to and fro between them."""
    windows = []

    def window(width: int, language: str) -> Look:
        opened = browser.new_context(viewport={"width": width, "height": 800}, base_url=live_server.url)
        opened.add_cookies([{"name": "haqdar_language", "value": language, "url": live_server.url}])
        windows.append(opened)
        return Look(opened.new_page(), screenshots)

    yield window(320, "hi"), window(1280, "en")
    for opened in windows:
        opened.close()


def test_two_records_judged_merged_and_parted(
    looks: tuple[Look, Look],
    live_server: Any,
    state: dict[str, Any],  # noqa: F811
) -> None:
    phone, desk = looks
    log_in(phone.page, "pension", live_server.url)
    log_in(desk.page, "block", live_server.url)
    phone.at("/desk/pairs/", "pair-list-empty")
    members = state["members"][HOME]
    _pension_too(members[0], members[1])
    pair = pair_of(members[0], members[1], (HOME, HOME))
    pair_of(members[2], members[4], (HOME, HOME), weight=2.0)
    desk.at("/desk/pairs/", "pair-list")
    phone.page.goto("/desk/pairs/")
    phone.page.click("main tbody a")
    phone.here("pair-detail")
    phone.page.click(NEXT)
    phone.here("pair-judge-error")
    phone.page.check("#answer-same-papers_seen")
    phone.page.click(NEXT)
    phone.page.wait_for_url("**?after=*")
    phone.here("pair-next")

    desk.at(f"/desk/pairs/{pair.key}/", "pair-second-opinion")
    desk.page.check("#answer-same-household_asked")
    desk.page.click(NEXT)
    desk.page.get_by_text("Merge the two records").wait_for()
    desk.page.click(NEXT)
    desk.page.click(NEXT)
    desk.here("merge-preview-error")
    desk.page.check("#keep_1")
    desk.page.click("main button[name=show]")
    desk.here("merge-preview")
    desk.page.click(NEXT)
    desk.page.wait_for_url("**/desk/merges/*/")
    merged = desk.page.url
    phone.at("/desk/merges/", "merge-list")
    phone.page.click("main tbody a")
    phone.here("merge-detail")
    desk.page.click("main a.govuk-button--secondary")
    desk.page.click(NEXT)
    desk.here("merge-undo-error")
    desk.page.fill("#reason", "Two brothers: both were met.")
    desk.page.click(NEXT)
    desk.page.wait_for_url(merged)
    desk.here("merge-undone")
    assert MergingUndone.objects.count() == 1
    assert phone.problems == [] and desk.problems == []


def _pension_too(member: int, as_of: int) -> None:
    """Let a member draw by the register what another draws."""
    row = PensionBelief.objects.get(member_id=as_of)
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    values |= {"member_id": member, "fingerprint": uuid4()}
    with acting(platform("registry"), "delivery.load"):
        PensionBelief.objects.create(**{name: value for name, value in values.items() if name != "id"})


def test_search_quality_and_the_log_of_the_vault(
    looks: tuple[Look, Look],
    live_server: Any,
    state: dict[str, Any],  # noqa: F811
) -> None:
    phone, desk = looks
    log_in(phone.page, "gp", live_server.url)
    log_in(desk.page, "state", live_server.url)
    desk.at("/desk/quality/", "quality-empty")
    look_at_quality(platform("worker"))
    phone.at("/desk/identity/", "identity")
    phone.page.goto("/desk/people/")
    phone.page.fill("#q", "सीता")
    phone.page.click("main summary")
    phone.page.fill("#relation", "रमेश")
    phone.page.press("#relation", "Enter")
    phone.page.wait_for_url("**q=*")
    phone.here("people-found")
    phone.at("/desk/quality/", "quality-panchayat")
    phone.page.get_by_role("link", name="यह सही है").first.click()
    phone.page.wait_for_selector("#note")
    phone.page.click(NEXT)
    phone.here("quality-accept-error")
    desk.at("/desk/quality/", "quality")
    store.reveal(platform("treasurer"), [store.refer(platform("test"), "999912345604", "ekyc")], "apbs_file")
    log_in(phone.page, "auditor", live_server.url)
    phone.at("/desk/vault/", "vault-log")
    desk.at("/desk/vault/?from=yesterday", "vault-log-error")
    assert phone.problems == [] and desk.problems == []
