"""The pages of departments' lists in a real browser: entering a department, handing a list in, judging, tying and untying, examining."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext
from tests.journeys.test_clock_pages import log_in
from tests.journeys.test_pages import Look, state  # noqa: F401
from tests.web.seed_lists import seed_list

from haqdar.identity.models import SeedFinding, SeedLink, SeedList, SeedRow
from haqdar.jobs.seeding import tie_task

LIST = "Card No;Name of Beneficiary\n"


@pytest.fixture
def context(browser: Browser, live_server: Any) -> Iterator[BrowserContext]:
    """One window as narrow as a small phone, in Hindi: where the pages break first."""
    window = browser.new_context(viewport={"width": 320, "height": 800}, base_url=live_server.url)
    window.add_cookies([{"name": "haqdar_language", "value": "hi", "url": live_server.url}])
    yield window
    window.close()


def test_pages_of_departments_lists(
    context: BrowserContext,
    live_server: Any,
    state: dict[str, Any],  # noqa: F811
    screenshots: Path | None,
    tmp_path: Path,
) -> None:
    page = context.new_page()
    look = Look(page, screenshots)
    log_in(context, live_server.url, "state")
    look.at("/desk/seeding/", "seeding-list-empty")
    look.at("/desk/seeding/departments/new", "department-new")
    page.click("main .govuk-button--next")
    look.here("department-new-error")
    for name, value in (
        ("code", "food"), ("name_hi", "खाद्य"), ("name_en", "Food"), ("identifier_hi", "राशन कार्ड"), ("identifier_en", "Ration card"),
        ("purpose_hi", "राशन"), ("purpose_en", "Rations"), ("basis", "National Food Security Act 2013"),
    ):  # fmt: skip
        page.fill(f"#{name}", value)
    page.click("main .govuk-button--next")
    page.wait_for_url("**/departments/food/")
    look.here("department-detail")
    page.click("main .govuk-button--next")
    page.click("main .govuk-button--next")
    look.here("seeding-upload-error")

    def hand_in(name: str, content: str) -> None:
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        page.set_input_files("#file", path)
        page.check("#lawful")
        page.click("main .govuk-button--next")

    hand_in("wrong.csv", LIST + "RC1;Sita\n")
    page.get_by_text("wrong.csv").first.wait_for()
    hand_in("list.csv", LIST.replace(";", ",") + "RC1,Sita Bai Malviya\nRC2,Mohan\n")
    page.wait_for_url("**/columns")
    look.here("seeding-columns")
    assert page.input_value("#column-name") == "name of beneficiary"
    page.select_option("#column-name", "")
    page.click("main .govuk-button--next")
    look.here("seeding-columns-error")
    page.select_option("#column-name", "name of beneficiary")
    page.click("main .govuk-button--next")
    page.wait_for_url("**/lists/*-*/")
    # it would look again by itself while it is looked at
    page.evaluate("for (let timer = 0; timer < 1000; timer++) clearTimeout(timer)")
    look.here("seeding-detail-waits")
    page.click("main a[href$='/aside']")
    look.here("seeding-discard")

    made = seed_list("/23/", state["members"]["40111"][:2])
    look.at(f"/desk/seeding/lists/{made.seed_list}/", "seeding-detail")
    look.at(f"/desk/seeding/lists/{made.seed_list}/tie", "seeding-converge-too-early")
    look.at(f"/desk/seeding/lists/{made.seed_list}/judge", "seeding-judge")
    page.click("main .govuk-button--next")
    look.here("seeding-judge-error")
    page.check("#who")
    page.click("main .govuk-button--next")
    look.here("seeding-judge-done")
    assert SeedRow.objects.get(key=made.seed_row).state == "same"
    look.at(f"/desk/seeding/lists/{made.seed_list}/tie", "seeding-converge")
    page.click("main .govuk-button--next")
    page.wait_for_url(f"**/lists/{made.seed_list}/")
    page.evaluate("for (let timer = 0; timer < 1000; timer++) clearTimeout(timer)")
    look.here("seeding-detail-tying")
    tie_task(list_id=SeedList.objects.get(key=made.seed_list).pk, asked_by="state")
    look.at(f"/desk/seeding/lists/{made.seed_list}/", "seeding-detail-converged")
    assert SeedLink.objects.get().domain_id == "RC00006"
    assert SeedList.objects.get(key=made.seed_list).state == "converged"
    look.at(f"/desk/people/{state['people']['40111'][0]}/", "person-with-numbers")
    page.click("main a[href$='/numbers']")
    look.here("person-untie")
    page.click("main .govuk-button--next")
    look.here("person-untie-error")
    page.check("#link")
    page.fill("#note", "यह उनकी बहन का कार्ड है।")
    page.click("main .govuk-button--next")
    page.wait_for_url("**/people/*-*/")
    assert SeedLink.objects.get().ended_by == "state"
    assert SeedRow.objects.get(key=made.seed_row).state == "open"
    look.at("/desk/seeding/departments/food/examine/", "seed-findings")
    page.click("main tbody a")
    page.click("main .govuk-button--next")
    look.here("seed-finding-error")
    page.check("#state")
    page.fill("#note", "पंचायत सचिव ने घर जाकर देखा।")
    page.click("main .govuk-button--next")
    page.wait_for_url("**/examine/")
    assert SeedFinding.objects.get(key=made.seed_finding).state == "in_order"
    assert look.problems == []
