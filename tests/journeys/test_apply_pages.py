"""The citizen's counter in a real browser: every page and its errors looked at, by keyboard, without scripts, and weighed."""

import gzip
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response, expect
from tests.journeys.test_pages import Look, _log_in, context, state

from haqdar.registry.models import ResidentBelief

__all__ = ["context", "state"]
NUMBER = "9826012345"
NEXT = "main .govuk-button--next"


@pytest.fixture
def member(state: dict[str, Any]) -> str:
    """Sita Bai's member ID; she has a mobile."""
    from haqdar.registry.models import Resident

    member_id = Resident.objects.get(key=state["people"]["40111"][0]).member_id
    belief = ResidentBelief.objects.get(member_id=member_id, belief_no=1)
    values = {
        field.attname: getattr(belief, field.attname)
        for field in ResidentBelief._meta.concrete_fields
        if field.attname not in ("belief_no", "mobile")
    }
    ResidentBelief.objects.create(**values, belief_no=2, mobile=NUMBER)
    return f"{member_id:09d}"


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A photograph."""
    from PIL import Image

    Image.new("RGB", (300, 400), "#557799").save(tmp_path / "photo.jpg")
    return tmp_path / "photo.jpg"


def _shown_code(page: Page) -> str:
    """The code that pages over invented people show."""
    return page.locator(".note--warn strong").first.inner_text()


def _go(page: Page) -> None:
    with page.expect_navigation():
        page.click(NEXT)


def test_every_page_of_the_counter(
    context: BrowserContext,
    member: str,
    photo: Path,
    screenshots: Path | None,
) -> None:
    page = context.new_page()
    look = Look(page, screenshots)
    look.at("/", "counter")
    look.at("/prove?next=/check/member", "prove")
    _go(page)
    look.here("prove-error")
    page.fill("#number", member)
    _go(page)
    look.here("prove-code")
    page.fill("#code", "12")
    _go(page)
    look.here("prove-code-error")
    page.fill("#code", _shown_code(page))
    _go(page)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    look.here("check-member")
    with page.expect_navigation():
        page.click(".proven-bar button")
    look.at("/apply", "apply-start")
    _go(page)
    look.here("apply-who")
    _go(page)
    look.here("apply-who-error")
    page.fill("#number", member)
    _go(page)
    look.here("apply-mobile")
    page.fill("#mobile", "123")
    _go(page)
    look.here("apply-mobile-error")
    page.fill("#mobile", NUMBER)
    _go(page)
    look.here("apply-code")
    page.fill("#code", _shown_code(page))
    _go(page)
    look.here("apply-tasks")
    _go(page)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    look.here("apply-pension")
    page.locator("input[name=scheme]").first.check()
    _go(page)
    _go(page)
    look.here("apply-facts-error")
    page.check("#right-no")
    page.fill("#note", "मेरे पति का निधन मार्च में हो गया")
    _go(page)
    look.here("apply-tasks-half")
    _go(page)
    look.here("apply-paper")
    _go(page)
    look.here("apply-paper-error")
    page.set_input_files("#file", photo)
    _go(page)
    _go(page)
    page.set_input_files("#file", photo)
    _go(page)
    look.here("apply-tasks-ready")
    page.goto("/apply/papers/photograph")
    look.here("apply-paper-kept")
    page.goto("/apply/check")
    look.here("apply-check")
    _go(page)
    look.here("apply-check-error")
    page.check("#declared")
    _go(page)
    look.here("apply-done")
    look.at("/apply/resume", "apply-resume")
    page.fill("#draft", "AAAAA-AAAAA")
    _go(page)
    look.here("apply-resume-code")
    assert not look.problems, "\n".join(look.problems)


def test_pages_of_the_office(
    context: BrowserContext,
    state: dict[str, Any],
    screenshots: Path | None,
) -> None:
    from haqdar.outreach import outbox
    from haqdar.outreach.models import Message

    outbox.tell("public", "code", NUMBER, "hi", code="123456", minutes=10)
    Message.objects.update(problem="gateway-busy", tries=1)
    page = context.new_page()
    look = Look(page, screenshots)
    _log_in(page, "gp")
    look.at("/desk/applications/new", "application-enter")
    _go(page)
    look.here("application-enter-error")
    with page.expect_navigation():
        page.locator(".top form button").last.click()
    _log_in(page, "state")
    look.at("/desk/outbox/", "outbox")
    Message.objects.all().delete()
    look.at("/desk/outbox/", "outbox-empty")
    assert not look.problems, "\n".join(look.problems)


def _press(page: Page, selector: str, key: str = "Enter") -> None:
    with page.expect_navigation():
        page.locator(selector).first.press(key)


def test_check_and_apply_by_keyboard_on_a_small_phone_in_hindi(
    browser: Browser, live_server: Any, member: str, photo: Path
) -> None:
    window = browser.new_context(viewport={"width": 320, "height": 640}, base_url=live_server.url)
    page = window.new_page()
    page.goto("/")
    _press(page, "a:has-text('रजिस्टर से मेरे हक़')")
    page.locator("#number").press_sequentially(member)
    _press(page, "#number")
    page.locator("#code").press_sequentially(_shown_code(page))
    _press(page, "#code")
    expect(page.locator(".next-step").first).to_be_visible()
    page.goto("/")
    _press(page, "a:has-text('पेंशन के लिए आवेदन')")
    _press(page, NEXT)
    expect(page.locator("h1")).to_have_text("आपका आवेदन")
    _press(page, NEXT)
    page.locator("input[name=scheme]").first.press("Space")
    _press(page, "input[name=scheme]")
    page.locator("#right").press("Space")
    _press(page, "#right")
    for _ in range(2):
        _press(page, NEXT)
        page.set_input_files("#file", photo)
        _press(page, NEXT)
    _press(page, NEXT)
    page.locator("#declared").press("Space")
    _press(page, "#declared")
    expect(page.locator(".govuk-panel__title")).to_be_visible()
    focus = page.locator("a[href*=receipt]")
    focus.focus()
    assert (
        page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
        or page.evaluate("getComputedStyle(document.activeElement).boxShadow") != "none"
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    window.close()


def test_apply_without_scripts(browser: Browser, live_server: Any, member: str, photo: Path) -> None:
    window = browser.new_context(java_script_enabled=False, base_url=live_server.url)
    page = window.new_page()
    page.goto("/apply")
    _go(page)
    page.fill("#number", member)
    _go(page)
    page.fill("#mobile", NUMBER)
    _go(page)
    page.fill("#code", _shown_code(page))
    _go(page)
    _go(page)
    page.locator("input[name=scheme]").first.check(force=True)
    _go(page)
    page.check("#right", force=True)
    _go(page)
    for _ in range(2):
        _go(page)
        page.set_input_files("#file", photo)
        _go(page)
    _go(page)
    page.check("#declared", force=True)
    _go(page)
    assert page.url.endswith("/apply/done")
    window.close()


def test_the_sum_is_worked_out_while_the_person_types(
    browser: Browser, live_server: Any, member: str
) -> None:
    from haqdar.outreach.models import SpentChallenge

    window = browser.new_context(base_url=live_server.url)
    page = window.new_page()
    page.goto("/apply")
    _go(page)
    page.fill("#number", member)
    _go(page)
    page.fill("#mobile", NUMBER)
    _go(page)
    assert page.url.endswith("/apply/code")
    assert SpentChallenge.objects.count() == 1, "the form went without its proof"
    window.close()


def test_a_first_visit_is_light(browser: Browser, live_server: Any, member: str) -> None:
    for path in ("/", "/check", "/prove", "/apply", "/apply/mobile"):
        window = browser.new_context(base_url=live_server.url)
        if path == "/apply/mobile":
            page = window.new_page()
            page.goto("/apply")
            _go(page)
            page.fill("#number", member)
            _go(page)
            page.close()
        answers: list[Response] = []
        page = window.new_page()
        page.on("response", lambda answer, answers=answers: answers.append(answer))  # type: ignore[misc]
        page.goto(path, wait_until="networkidle")
        # the server of the tests sends files as they are; whitenoise and Django's middleware compress them
        sizes = {
            answer.url: len(body if answer.url.endswith(".woff2") else gzip.compress(body, 6))
            for answer in answers
            for body in [answer.body()]
        }
        fonts = sum(size for url, size in sizes.items() if url.endswith(".woff2"))
        scripts = sum(size for url, size in sizes.items() if url.endswith(".js"))
        total = sum(sizes.values())
        print(f"{path}: {total - fonts} bytes, font {fonts}, scripts {scripts}, {len(sizes)} requests")
        assert total - fonts <= 100 * 1024, path
        assert total <= 170 * 1024, path
        assert scripts <= 35 * 1024, path
        assert len(sizes) <= 10, path
        window.close()
