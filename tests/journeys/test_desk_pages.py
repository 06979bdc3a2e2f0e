"""Desk, queues, cases and work on many in a real browser: both languages, phone and desk, errors included."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.journeys.test_pages import Look, _log_in, context, state  # noqa: F401
from tests.web import open_cases

from haqdar.access.actors import platform
from haqdar.cases.casework import Opened, advance, open_case
from haqdar.cases.models import Case


def _fill(state: dict[str, Any], rows: int) -> list[Case]:  # noqa: F811
    """The run's own cases, some late ones, and `rows` moves to note in the secretary's panchayat."""
    open_cases.open_all(state["run"])
    open_cases.more("start", 4, state, due_on=timezone.localdate() - timedelta(days=2))
    return open_cases.more(
        "move",
        rows,
        state,
        from_scheme="SSP-OLD",
        from_paise=15000,
        due_on=timezone.localdate() - timedelta(days=3),
    )


def test_pages_of_the_desk(
    context: BrowserContext,  # noqa: F811
    state: dict[str, Any],  # noqa: F811
    screenshots: Path | None,
) -> None:
    page = context.new_page()
    look = Look(page, screenshots)
    made = _fill(state, 12)
    stop = Case.objects.get(kind="stop", area_code="40111")
    advance(platform("block"), made[-1].key, "case.note", outcome="noted", note="देखा")
    objection = open_case(
        platform("gp"), "objection.enter", Opened("objection", "40111", member_id=stop.member_id, about=stop)
    )
    _log_in(page, "block")
    look.at("/desk/", "desk")
    look.at("/desk/queue/case-note/", "queue")
    page.locator("button[name=deed][value=note]").click()
    look.here("queue-error")
    look.at("/desk/queue/case-note/?q=Nobody+Atall", "queue-nothing")
    look.at("/desk/queue/stop-confirm/", "queue-one-by-one")
    look.at("/desk/queue/case-verify/", "queue-looking-on")
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    look.here("queue-all-open")
    look.at("/desk/queue/case-note/print", "queue-print")
    look.at(f"/desk/cases/{stop.key}/?in=stop-confirm", "case")
    look.at(f"/desk/cases/{made[0].key}/?in=case-note", "case-late")
    look.at(f"/desk/cases/{made[-1].key}/", "case-closed")
    look.at(f"/desk/cases/{objection.key}/", "case-objection")
    page.goto("/desk/queue/case-note/")
    page.locator("button[name=deed][value='note:all']").click()
    look.here("bulk-preview")
    page.locator("button[value=confirm]").click()
    look.here("bulk-done")
    page.locator("button[value=undo]").click()
    look.here("bulk-undone")
    assert not look.problems, "\n".join(look.problems)


def test_desk_of_those_who_oversee_and_of_those_without_work(
    context: BrowserContext,  # noqa: F811
    state: dict[str, Any],  # noqa: F811
    screenshots: Path | None,
) -> None:
    page = context.new_page()
    look = Look(page, screenshots)
    _log_in(page, "gp")
    look.here("desk-empty")
    look.at("/desk/queue/case-verify/", "queue-empty")
    _fill(state, 3)
    page.goto("/desk/")
    page.locator("header form button").click()
    _log_in(page, "district")
    look.here("desk-district")
    look.at("/desk/?area=4011", "desk-block")
    assert not look.problems, "\n".join(look.problems)


def _morning(page: Page) -> None:
    """Desk, queue, choose all but two, preview, confirm, take back: by keys alone."""
    expect(page.locator("h1")).to_have_text("आज का काम")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/queue/case-note/**")
    assert page.locator("input[name=key]").count() == 200
    page.keyboard.press("a")
    for key in "jxjjx":
        page.keyboard.press(key)
    expect(page.locator(".work-bar__count")).to_have_text("चुने हुए: 198")
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/work/**")
    expect(page.locator("h1")).to_have_text("देख लिया: 198 प्रकरण?")
    assert Case.objects.filter(outcome="noted").count() == 0
    page.locator("button[value=confirm]").press("Enter")
    expect(page.locator("h1")).to_have_text("देख लिया: 198 प्रकरण हो गए")
    assert Case.objects.filter(outcome="noted").count() == 198
    page.locator("button[value=undo]").press("Enter")
    expect(page.locator("h1")).to_have_text("वापस लिया")
    assert Case.objects.filter(outcome="noted").count() == 0


@pytest.mark.parametrize("width", [320, 1280])
def test_a_morning_of_200_cases_by_keyboard(
    browser: Browser,
    live_server: Any,
    state: dict[str, Any],  # noqa: F811
    width: int,
) -> None:
    _fill(state, 230)
    window = browser.new_context(base_url=live_server.url, viewport={"width": width, "height": 800})
    page = window.new_page()
    _log_in(page, "block")
    _morning(page)
    # on with single cases: the first, the next, back to the queue, search, home
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/queue/case-note/**")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/cases/**")
    first = page.url
    page.keyboard.press("n")
    page.wait_for_function("before => location.href !== before", arg=first)
    page.keyboard.press("p")
    page.wait_for_url(first)
    page.keyboard.press("u")
    page.wait_for_url("**/desk/queue/case-note/**")
    page.keyboard.press("/")
    page.keyboard.type("Mohan Singh Thakur")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=Mohan**")
    assert page.locator("tbody tr").count() < 200
    page.keyboard.press("g")
    page.keyboard.press("d")
    page.wait_for_url("**/desk/")
    # the keys can be switched off
    if width > 800:
        page.keyboard.press("?")
        page.locator("[data-keys-off]").press("Enter")
        page.locator("h1").click()
        page.keyboard.press("j")
        assert page.locator(".row--current").count() == 0
    window.close()


def test_a_morning_without_scripts(browser: Browser, live_server: Any, state: dict[str, Any]) -> None:  # noqa: F811
    made = _fill(state, 30)
    window = browser.new_context(
        java_script_enabled=False, base_url=live_server.url, viewport={"width": 320, "height": 800}
    )
    page = window.new_page()
    _log_in(page, "block")
    page.locator(".queues a", has_text="बदली पेंशन").first.click()
    for number in range(3):
        page.locator("input[name=key]").nth(number).press("Space")
    page.locator("button[name=deed][value=note]").press("Enter")
    expect(page.locator("h1")).to_have_text("देख लिया: 3 प्रकरण?")
    page.locator("button[value=confirm]").press("Enter")
    expect(page.locator("h1")).to_have_text("देख लिया: 3 प्रकरण हो गए")
    page.get_by_role("button", name="सूची पर लौटें").press("Enter")
    page.locator("#name").locator("xpath=ancestor::details/summary").press("Enter")
    page.locator("#name").fill("सुबह")
    page.locator("button[name=save_view]").press("Enter")
    page.goto("/desk/")
    expect(page.locator("main")).to_contain_text("सुबह")
    page.goto(f"/desk/cases/{made[5].key}/?in=case-note")
    page.locator("a[rel=next]").press("Enter")
    assert str(made[5].key) not in page.url
    window.close()
