"""Every page in a real browser: no accessibility violation, no sideways scroll, both languages, phone and desk."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

# What WCAG 2.2 AA asks, and axe's best practices beside it; what is right need not be listed.
OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
# Two thirds of axe's time go into contrast. No style asks for the language, so each width's colours are looked at in one.
WITHOUT_CONTRAST = OPTIONS | {"rules": {"color-contrast": {"enabled": False}}}
AXE = Axe().axe_script
WIDTHS = (320, 1280)
LANGUAGES = ("hi", "en")
#: A path is walked on a phone in Hindi and at a desk in English; every page on it is looked at in both widths.
WALKS = tuple(zip(WIDTHS, LANGUAGES, strict=True))
# Two frames later what the page does about its new width has been done.
_SETTLED = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done())))"
_MEASURES = """() => ({
    wide: document.documentElement.scrollWidth,
    language: document.documentElement.lang,
    small: [...document.querySelectorAll(
        'main a, main button, main input:not([type=hidden]), main select, main summary'
    )].filter(e => {
        const r = e.getBoundingClientRect();
        return r.width && r.height < 24 && getComputedStyle(e).display !== 'inline';
    }).map(e => e.outerHTML.slice(0, 80)),
})"""
_VIOLATIONS = """options => axe.run(options).then(found => found.violations.map(
    one => [one.id, one.nodes.slice(0, 3).map(node => node.target)]
))"""


@pytest.fixture
def state(transactional_db: None, small_state: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The small State, visible to the server's own connections."""
    from haqdar.web import assets

    assets.main()
    return small_state()


@pytest.fixture(params=WALKS, ids=str)
def context(request: pytest.FixtureRequest, browser: Browser, live_server: Any) -> Iterator[BrowserContext]:
    """A browser window that walks a path in one width and one language."""
    width, language = request.param
    window = browser.new_context(viewport={"width": width, "height": 800}, base_url=live_server.url)
    window.add_cookies([{"name": "haqdar_language", "value": language, "url": live_server.url}])
    yield window
    window.close()


class Look:
    """Looks at the page that is open and keeps what is wrong with it."""

    def __init__(self, page: Page, screenshots: Path | None) -> None:
        self.page = page
        self.problems: list[str] = []
        self.screenshots = screenshots
        self.language = page.context.cookies()[0]["value"]
        page.on("pageerror", lambda error: self.problems.append(f"script: {error}"))
        page.on("console", self._console)

    def _console(self, line: ConsoleMessage) -> None:
        if "Content Security" in line.text:
            self.problems.append(line.text)

    def at(self, path: str, name: str) -> None:
        """Open a page and look at it."""
        self.page.goto(path)
        self.here(name)

    def here(self, name: str) -> None:
        """Look at the page that is open, on a phone and at a desk."""
        self.page.wait_for_load_state("load")
        # right after a click the old document may be gone and the new one not there yet
        self.page.locator("main").wait_for()
        assert self.page.viewport_size is not None
        walked = self.page.viewport_size["width"]
        self.page.evaluate(AXE)
        # last in the width of the path, which goes on in it
        for width in sorted(WIDTHS, key=lambda one: one == walked):
            if width != self.page.viewport_size["width"]:
                self.page.set_viewport_size({"width": width, "height": 800})
                self.page.evaluate(_SETTLED)
            self._in_one_width(name, width, OPTIONS if width == walked else WITHOUT_CONTRAST)

    def _in_one_width(self, name: str, width: int, options: dict[str, Any]) -> None:
        seen = self.page.evaluate(_MEASURES)
        if seen["wide"] > width:
            self.problems.append(f"{name}: {seen['wide']} px wide on a screen of {width}")
        if seen["language"] != self.language:
            self.problems.append(f"{name}: wrong language")
        self.problems += [
            f"{name}: target under 24 px on a screen of {width}: {one}" for one in seen["small"]
        ]
        for rule, where in self.page.evaluate(_VIOLATIONS, options):
            self.problems.append(f"{name}: {rule} {where} on a screen of {width}")
        if self.screenshots:
            self.page.screenshot(
                path=self.screenshots / f"{name}-{self.language}-{width}.png", full_page=True
            )


def test_pages_for_everybody(
    context: BrowserContext, state: dict[str, Any], screenshots: Path | None
) -> None:
    page = context.new_page()
    look = Look(page, screenshots)
    look.at("/", "home")
    look.at("/nothing-here", "not-found")
    look.at("/desk/log-in", "log-in")
    page.click("main .govuk-button--next")
    look.here("log-in-errors")
    look.at("/check", "check")
    page.click("main .govuk-button--next")
    look.here("check-error")
    page.fill("#age", "46")
    page.click("main .govuk-button--next")
    for name, choice in (
        ("sex", "#sex"),
        ("bpl", "#bpl"),
        ("marital", "#marital-widowed"),
        ("disability", "#disability"),
    ):
        look.here(f"check-{name}")
        page.check(choice)
        page.click("main .govuk-button--next")
    look.here("check-destitute")
    page.click("button[value=unknown]")
    look.here("check-children")
    page.fill("#daughters", "1")
    page.fill("#sons", "0")
    page.click("main .govuk-button--next")
    look.here("check-tax")
    page.check("#tax-no")
    page.click("main .govuk-button--next")
    look.here("check-result")
    assert not look.problems, "\n".join(look.problems)


def test_pages_for_officers(context: BrowserContext, state: dict[str, Any], screenshots: Path | None) -> None:
    page = context.new_page()
    look = Look(page, screenshots)
    _log_in(page, "state")
    look.at("/desk/months/", "month")
    look.at("/desk/months/2016-10/?area=40111", "month-gp")
    look.at("/desk/months/2015-01/", "month-none")
    for action in ("start", "move", "undecided", "ghost"):
        look.at(f"/desk/months/2016-10/work/{action}/", f"work-{action}")
    look.at("/desk/months/2016-10/forecast/", "forecast")
    for place in (0, 1, 2, 5):
        page.goto(f"/desk/people/{state['people']['40111'][place]}/")
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        look.here(f"person-{place}")
    look.at(f"/desk/families/{state['families']['40111']}/", "family")
    look.at("/desk/people/", "search")
    look.at("/desk/people/?q=x", "search-error")
    look.at("/desk/people/?q=Sita+Bai+Malviya", "search-found")
    look.at("/desk/people/?q=Zzyzx+Qwrt", "search-nobody")
    look.at("/desk/bills/2016-10/", "bills")
    look.at("/desk/deliveries/", "deliveries")
    look.at(f"/desk/deliveries/{state['delivery']}/", "delivery")
    look.at("/desk/runs/", "runs")
    page.goto("/desk/runs/new")
    _prove(page)
    look.at("/desk/runs/new", "run-month")
    page.fill("#month", "soon")
    page.click("main .govuk-button--next")
    look.here("run-month-error")
    page.fill("#month", "2016-11")
    page.click("main .govuk-button--next")
    look.here("run-month-preview")
    assert not look.problems, "\n".join(look.problems)


def test_reasons_of_a_month(
    context: BrowserContext, transactional_db: None, tmp_path: Path, settings: Any, screenshots: Path | None
) -> None:
    from tests.reasons.village import FIRST, LATE, LATER, OLD, WIFE, decide_october, load

    from haqdar.access.actions import create_demo_people
    from haqdar.registry.models import Resident
    from haqdar.web import assets

    assets.main()
    settings.HAQDAR_HOME = tmp_path / "home"
    settings.HAQDAR_HOME.mkdir()
    load(FIRST, date(2016, 1, 10), tmp_path / "first")
    load(LATER, date(2016, 11, 20), tmp_path / "later")
    decide_october(tmp_path)
    decide_october(tmp_path, LATE)
    create_demo_people()
    widow, old = (Resident.objects.get(member_id=member).key for member in (WIFE, OLD))
    page = context.new_page()
    look = Look(page, screenshots)
    _log_in(page, "state")
    look.at(f"/desk/people/{widow}/reasons/2016-10/", "reasons")
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    look.here("reasons-open")
    page.select_option("#scheme", "IGNOAPS")
    page.click(".filters button")
    look.here("reasons-one-scheme")
    look.at(f"/desk/people/{old}/reasons/2016-10/?run=1", "reasons-superseded")
    look.at(f"/desk/people/{old}/reasons/2016-11/", "reasons-none")
    assert not look.problems, "\n".join(look.problems)


def test_refusals(context: BrowserContext, state: dict[str, Any], screenshots: Path | None) -> None:
    page = context.new_page()
    look = Look(page, screenshots)
    _log_in(page, "gp")
    look.at("/desk/months/", "month-of-a-gp")
    look.at(f"/desk/people/{state['people']['40211'][0]}/", "outside-your-area")
    look.at("/desk/runs/new", "not-your-function")
    assert not look.problems, "\n".join(look.problems)


def test_pages_of_life_events(
    context: BrowserContext, state: dict[str, Any], screenshots: Path | None
) -> None:
    page = context.new_page()
    look = Look(page, screenshots)
    _log_in(page, "gp")
    husband = state["people"]["40111"][1]
    look.at(f"/desk/people/{husband}/event", "event-new")
    page.click("main .govuk-button--next")
    look.here("event-new-errors")
    page.check("#kind")
    page.fill("#happened_on", "2016-10-07")
    page.click("main .govuk-button--next")
    look.here("event-new-preview")
    page.click("main .govuk-button--next")
    look.here("change")
    page.click("main a.govuk-button--secondary")
    look.here("event-withdraw")
    look.at("/desk/changes/", "changes")
    look.at("/desk/changes/?action=undecided&reason=nothing", "changes-none")
    look.at(f"/desk/people/{husband}/", "person-since")
    assert not look.problems, "\n".join(look.problems)


def _log_in(page: Page, username: str) -> None:
    from haqdar.access.actions import DEMONSTRATION_PASSWORD

    page.goto("/desk/log-in")
    page.fill("#username", username)
    page.fill("#password", DEMONSTRATION_PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_url(re.compile(r"/desk/$"))


def _prove(page: Page) -> None:
    """Show the second factor where a page asks for it, with the code that the demonstration tells."""
    page.fill("#second_factor_code", page.inner_text("#demonstration-code"))
    page.press("#second_factor_code", "Enter")
    page.wait_for_url(re.compile(r"/desk/runs/new$"))
