"""The pages of verification, decision, stops, objections and corrections in a browser, over months run for real.

The journeys that the domain's section 6 asks for are here, too: a start verified, sanctioned and ordered; a stop objected to and
restored with arrears. Each page is looked at on a phone and a desk, in both languages, with its errors.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.cases.village import GAURI, GITA, MEENA, RAM, SECRETARY, Village, case_of, officer
from tests.journeys.test_pages import WALKS, Look

from haqdar.cases import deciding_cases as acts
from haqdar.cases.deciding_facts import deciding
from haqdar.cases.models import AwardChange, Case, Order
from haqdar.jobs import reactions
from haqdar.registry import events
from haqdar.registry.evidence import Evidence
from haqdar.registry.models import EventBelief, Resident

SEEN = Evidence(visited_on=date(2016, 9, 21), seen="Met her at home, saw the papers.")
LOST = "family_id,card_no,valid_from,valid_to\n10000002,C2,2010-01-01,2016-09-15\n"


@pytest.fixture
def village(transactional_db: None, tmp_path: Path) -> Village:
    """November was run: a start, a missing birthday, a stop under notice, a death that took effect."""
    from haqdar.access.actions import create_demo_people
    from haqdar.access.models import User
    from haqdar.web import assets

    assets.main()
    village = Village(tmp_path)
    village.load({"bpl.csv": LOST}, date(2016, 9, 18))
    village.run("2016-10", date(2016, 9, 10))
    death = events.checked(SECRETARY, RAM, "death", date(2016, 9, 25), date(2016, 9, 28))
    reactions.record_event(SECRETARY, death)
    village.run("2016-11")
    create_demo_people()
    User.objects.update(language="hi")
    return village


class Visitor:
    """A browser window, logged in as whom it is told."""

    def __init__(self, window: BrowserContext, url: str) -> None:
        self.window, self.url = window, url
        self.page: Page = window.new_page()

    def be(self, username: str) -> Page:
        """Log in without the form: how to log in is another journey."""
        from django.conf import settings
        from django.test import Client
        from django.utils import timezone

        from haqdar.access.models import User

        client = Client()
        client.force_login(User.objects.get(username=username))
        session = client.session
        session["second_factor"] = {"at": timezone.now().isoformat(timespec="seconds"), "kind": "app"}
        session.save()
        name = settings.SESSION_COOKIE_NAME
        self.window.add_cookies([{"name": name, "value": client.cookies[name].value, "url": self.url}])
        return self.page


def visitor(browser: Browser, url: str, language: str = "hi", **options: Any) -> Visitor:
    window = browser.new_context(base_url=url, **options)
    window.add_cookies([{"name": "haqdar_language", "value": language, "url": url}])
    return Visitor(window, url)


@pytest.fixture(params=WALKS, ids=str)
def at(request: pytest.FixtureRequest, browser: Browser, live_server: Any) -> Iterator[Visitor]:
    width, language = request.param
    made = visitor(browser, live_server.url, language, viewport={"width": width, "height": 800})
    yield made
    made.window.close()


def test_decide_pages(at: Visitor, village: Village, screenshots: Path | None) -> None:
    page = at.be("gp")
    look = Look(page, screenshots)
    start, undecided = case_of(GAURI, "start"), case_of(MEENA, "undecided")
    gauri = Resident.objects.get(member_id=GAURI).key
    look.at(f"/desk/cases/{start.key}/verify", "verify")
    page.click("button[value=confirm]")
    look.here("verify-nothing-ticked")
    page.goto(f"/desk/cases/{start.key}/verify")
    page.click("button[value=sanction]")
    look.here("verify-too-early")
    look.at(f"/desk/cases/{start.key}/correct", "correct-choose")
    for fact in (
        "born_on",
        "marital_status",
        "parents",
        "bpl_add",
        "bpl_end",
        "disability_add",
        "social_category",
        "name",
    ):
        look.at(f"/desk/people/{gauri}/correct?fact={fact}", f"correct-{fact}")
    page.goto(f"/desk/people/{gauri}/correct?fact=born_on")
    page.fill("#born_on", "1870-01-01")
    page.click("button[value=preview]")
    look.here("correct-doubt")
    page.click("button[value=save]")
    look.here("correct-no-evidence")
    page.goto(f"/desk/people/{gauri}/correct?fact=parents")
    page.fill("#mother_id", "12")
    page.click("button[value=preview]")
    look.here("correct-error")
    page = at.be("pension")
    look.at(f"/desk/people/{Resident.objects.get(member_id=RAM).key}/event", "event")
    page.check("#kind-desertion")
    page.fill("#happened_on", "2016-10-05")
    page.click("main .govuk-button--next")
    look.here("event-doubt")
    page.click("button[value=yes]")
    look.here("event-doubt-error")
    acts.confirm_facts(SECRETARY, start.key, [one.key for one in deciding(SECRETARY, start).to_verify], SEEN)
    acts.verify(SECRETARY, start.key, note="सब देख लिया।")
    page = at.be("block")
    look.at(f"/desk/cases/{start.key}/sanction", "sanction")
    page.fill("#note", "no")
    page.click("button[value=return]")
    look.here("sanction-error")
    for member in (GITA, RAM):
        look.at(f"/desk/cases/{case_of(member, 'stop').key}/stop", f"stop-{member}")
    page.click("button[value=confirm]")
    look.at(f"/desk/cases/{case_of(RAM, 'stop').key}/restore", "restore")
    stop = case_of(GITA, "stop")
    page.goto(f"/desk/cases/{stop.key}/stop")
    page.click("button[value=withdraw]")
    look.here("stop-withdraw-error")
    look.at(f"/desk/cases/{stop.key}/object", "objection")
    page.click("button[value=enter]")
    look.here("objection-error")
    objection = acts.object_to(officer("s", "secretary"), stop.key, "card_valid", "कार्ड अगस्त में नया बना था।")
    look.at(f"/desk/cases/{objection.key}/objection", "objection-decide")
    page.click("button[value=refuse]")
    look.here("objection-decide-error")
    acts.decide_objection(
        officer("c", "sanctioning_officer"), objection.key, True, [], "The renewed card was seen by us."
    )
    hold = Case.objects.get(about=objection)
    look.at(f"/desk/cases/{hold.key}/correct", "correct-hold")
    number = reactions.correct(
        SECRETARY, GITA, "bpl_add", {"card_no": "C2-NEW", "valid_from": "2016-09-16"}, SEEN
    )
    look.at(f"/desk/changes/{number}/", "correction")
    move = case_of(100_000_002, "move")
    look.at(f"/desk/cases/{move.key}/note", "note")
    look.at("/object", "object-start")
    page.fill("#number", "S26-1")
    page.click("main .govuk-button--next")
    look.here("object-start-error")
    assert undecided.awaits == "fact.correct"
    assert not look.problems, "\n".join(look.problems)


def test_a_start_is_verified_sanctioned_and_ordered_without_scripts_by_keyboard(
    browser: Browser, live_server: Any, village: Village
) -> None:
    at = visitor(browser, live_server.url, viewport={"width": 320, "height": 700}, java_script_enabled=False)
    page = at.be("gp")
    case = case_of(GAURI, "start")
    page.goto(f"/desk/cases/{case.key}/")
    page.get_by_role("button", name="जाँच").or_(page.locator("a[data-next]")).first.press("Enter")
    for box in page.locator("input[name=records]").all():
        box.press("Space")
    page.locator("#visited_on").fill("2016-10-25")
    page.locator("#seen").type("घर पर मिले, पति का मृत्यु प्रमाणपत्र देखा।")
    page.locator("button[value=confirm]").press("Enter")
    expect(page.locator("main")).to_contain_text("जो भी तथ्य पता है वह सत्यापित है")
    page.locator("button[value=sanction]").press("Enter")
    page.wait_for_url(f"**/desk/cases/{case.key}/")
    page = at.be("block")
    page.goto(f"/desk/cases/{case.key}/")
    page.locator("a[data-next]").press("Enter")
    expect(page.locator("main")).to_contain_text("₹300")
    page.locator("button[value=sanction]").press("Enter")
    page.wait_for_url(f"**/desk/cases/{case.key}/")
    order = Order.objects.get(case=case)
    assert (order.kind, order.from_on) == ("sanction", date(2016, 10, 1))
    assert AwardChange.objects.get(member_id=GAURI).actor == "block"
    at.window.close()
    assert ("arrears", "2016-10", "IGNWPS", "300.00") in village.dues(village.run("2016-12"), GAURI)


def test_a_stop_is_objected_to_and_a_death_is_restored_with_arrears(
    browser: Browser, live_server: Any, village: Village
) -> None:
    at = visitor(browser, live_server.url, viewport={"width": 320, "height": 700})
    page = at.be("gp")
    stop = case_of(GITA, "stop")
    page.goto(f"/desk/cases/{stop.key}/object")
    page.check("#grounds-card_valid")
    page.fill("#note", "कार्ड अगस्त में नया बना था, घर पर है।")
    page.click("button[value=enter]")
    expect(page.locator("main")).to_contain_text("आपत्ति")
    objection = case_of(GITA, "objection")
    page = at.be("block")
    page.goto(f"/desk/cases/{objection.key}/objection")
    page.fill("#note", "नया कार्ड देखा गया और दर्ज होगा।")
    page.click("button[value=accept]")
    page.wait_for_url(f"**/desk/cases/{objection.key}/")
    hold = Case.objects.get(about=objection)
    page = at.be("gp")
    page.goto(f"/desk/cases/{hold.key}/correct?fact=bpl_add")
    page.fill("#card_no", "C2-NEW")
    page.fill("#valid_from", "2016-09-16")
    page.click("button[value=preview]")
    expect(page.locator("main")).to_contain_text("C2-NEW")
    page.fill("#visited_on", "2016-10-25")
    page.fill("#seen", "नया कार्ड घर पर देखा, मुहर ठीक है।")
    page.click("button[value=save]")
    page.wait_for_url("**/desk/changes/*/")
    hold.refresh_from_db()
    assert hold.outcome == "obtained"
    death = case_of(RAM, "stop")
    page = at.be("block")
    page.goto(f"/desk/cases/{death.key}/restore")
    expect(page.locator("tfoot")).to_contain_text("₹550")
    page.fill("#note", "वे ख़ुद दफ़्तर आए।")
    page.click("button[value=restore]")
    page.wait_for_url(f"**/desk/cases/{death.key}/")
    at.window.close()
    assert EventBelief.objects.filter(member_id=RAM, kind="withdrawn").exists()
    # what was done in the browser was done today
    december = village.run("2016-12", date.today())
    assert village.dues(december, RAM) == [
        ("arrears", "2016-10", "IGNOAPS", "275.00"),
        ("arrears", "2016-11", "IGNOAPS", "275.00"),
        ("regular", "2016-12", "IGNOAPS", "275.00"),
    ]
    assert ("regular", "2016-12", "IGNWPS", "300.00") in village.dues(december, GITA)
