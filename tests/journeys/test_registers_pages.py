"""A birth, an account and an objection on the way through two officers' hands, in a real browser; every page looked at."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page
from tests.journeys.test_pages import Look, context, state  # noqa: F401
from tests.payments.succeeding import dies

from haqdar.access.models import User
from haqdar.cases.models import Case
from haqdar.payments.models import Due
from haqdar.registry.models import EventBelief, ResidentBelief

PHOTO = {
    "name": "paper.png",
    "mimeType": "image/png",
    "buffer": (
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90wS\xde"
        b"\x00\x00\x00\x0cIDATx\x9cc\xf8\xcf\xc0\x00\x00\x03\x01\x01\x00\xc9\xfe\x92\xef\x00\x00\x00\x00IEND\xaeB`\x82"
    ),
}
NEXT = "main .govuk-button--next"
HOME = "40111"


def log_in(page: Page, username: str, base_url: str) -> None:
    """Be logged in as a demonstration account; the form itself is walked by the journeys of accounts."""
    client = Client()
    client.force_login(User.objects.get(username=username))
    session = client.session
    session["second_factor"] = {"at": "2026-01-01T00:00:00+00:00", "kind": "totp"}
    session.save()
    name = settings.SESSION_COOKIE_NAME
    page.context.clear_cookies(name=name)
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": base_url}])


def test_pages_of_a_birth(
    context: BrowserContext,  # noqa: F811
    state: dict[str, Any],  # noqa: F811
    live_server: Any,
    screenshots: Path | None,
) -> None:
    page = context.new_page()
    look = Look(page, screenshots)
    log_in(page, "gp", live_server.url)
    look.at("/desk/registers/", "register-list-empty")
    mother = state["people"][HOME][0]
    look.at(f"/desk/people/{mother}/register/", "register-new")
    look.at(f"/desk/people/{mother}/register/birth", "register-form")
    page.click(NEXT)
    look.here("register-form-errors")
    page.fill("#name_hi", "आशा")
    page.fill("#name_en", "Asha")
    page.check("#sex")
    page.fill("#born_on", "2001-09-01")
    page.check(f"input[name=mother][value='{mother}']")
    page.set_input_files("#paper", PHOTO)  # type: ignore[arg-type]
    page.click(NEXT)
    look.here("register-check")
    page.click(NEXT)
    look.here("register-submitted")
    look.at("/desk/registers/", "register-list")
    page.click("main td a")
    look.here("register-detail-waiting")
    case = page.url.split("/")[-2]
    look.at(f"/desk/people/{mother}/register/family_split", "register-form-split")
    look.at(f"/desk/people/{mother}/register/family_transfer", "register-form-transfer")
    page.fill("#area", "d")
    page.set_input_files("#paper", PHOTO)  # type: ignore[arg-type]
    page.click(NEXT)
    look.here("register-check-transfer")
    log_in(page, "block", live_server.url)
    look.at(f"/desk/registers/{case}/approve", "register-approve")
    page.click(NEXT)
    look.here("register-approve-errors")
    page.check("#answer")
    page.click(NEXT)
    look.here("register-detail-approved")
    assert not look.problems, "\n".join(look.problems)
    assert ResidentBelief.objects.filter(name_en="Asha").exists()


def test_pages_of_accounts_and_receivers(
    context: BrowserContext,  # noqa: F811
    state: dict[str, Any],  # noqa: F811
    live_server: Any,
    screenshots: Path | None,
) -> None:
    page = context.new_page()
    look = Look(page, screenshots)
    log_in(page, "gp", live_server.url)
    one = state["people"][HOME][1]
    look.at(f"/desk/people/{one}/payee/account_change", "payee-form")
    page.fill("#ifsc", "SBIN0001234")
    page.fill("#account", "987654321098")
    page.fill("#account_again", "987654321098")
    page.set_input_files("#paper", PHOTO)  # type: ignore[arg-type]
    page.click(NEXT)
    look.here("payee-check")
    page.click(NEXT)
    look.here("payee-submitted")
    page.goto("/desk/registers/")
    case = page.get_attribute("main td a", "href")
    assert case is not None
    look.at(f"/desk/people/{one}/payee/guardian", "payee-form-guardian")
    look.at(f"/desk/people/{one}/payee/mobile_change", "payee-form-mobile")
    page.check("#whose")
    page.fill("#mobile", "9876543210")
    page.click(NEXT)
    page.click("button[name=send_code]")
    look.here("payee-check-code")
    dies(state["members"][HOME][0], date(2016, 9, 9))
    dead = state["people"][HOME][0]
    Due.objects.create(
        run_id=state["run"], member_id=state["members"][HOME][0], pension_group=3, scheme="MRMD", kind="arrears", paise=60000,
        for_month=date(2016, 8, 1), area_code=HOME,
    )  # fmt: skip
    look.at(f"/desk/people/{dead}/register/", "register-new-dead")
    assert "₹600" in page.inner_text(".govuk-inset-text")
    look.at(f"/desk/people/{dead}/payee/heir", "payee-form-heir")
    log_in(page, "block", live_server.url)
    look.at(case.replace("registers", "payees") + "approve", "payee-approve")
    page.check("#answer")
    page.click(NEXT)
    look.here("payee-approved")
    assert not look.problems, "\n".join(look.problems)
    assert ResidentBelief.objects.filter(account_last4="1098").exists()


def test_pages_of_scrutiny(
    context: BrowserContext,  # noqa: F811
    state: dict[str, Any],  # noqa: F811
    live_server: Any,
    screenshots: Path | None,
) -> None:
    page = context.new_page()
    look = Look(page, screenshots)
    log_in(page, "gp", live_server.url)
    look.at("/desk/gramsabha/", "gramsabha-detail")
    page.click(NEXT)
    look.here("gramsabha-meeting-new")
    page.click(NEXT)
    look.here("gramsabha-meeting-new-errors")
    page.fill("#held_on", "2016-10-02")
    page.fill("#meeting_no", "7")
    page.fill("#present", "45")
    page.click(NEXT)
    look.here("gramsabha-meeting-empty")
    page.click("main table a")
    look.here("gramsabha-object")
    page.fill("#said", "वे अब भोपाल में रहते हैं।")
    page.click(NEXT)
    look.here("gramsabha-meeting")
    log_in(page, "district", live_server.url)
    look.at("/desk/gramsabha/", "gramsabha-list")
    look.at("/desk/socialaudit/", "socialaudit-list-empty")
    page.click(NEXT)
    look.here("socialaudit-new")
    page.click(NEXT)
    look.here("socialaudit-detail")
    audit = page.url
    look.at("/desk/socialaudit/", "socialaudit-list")
    log_in(page, "gp", live_server.url)
    page.goto(audit)
    page.click("main table a")
    look.here("socialaudit-answer")
    page.click(NEXT)
    look.here("socialaudit-answer-errors")
    for name, word in (
        ("alive", "yes"),
        ("gets_money", "no"),
        ("amount_right", "unsure"),
        ("eligible", "yes"),
    ):
        page.check(f"input[name={name}][value={word}]")
    page.click(NEXT)
    look.here("socialaudit-detail-answered")
    assert not look.problems, "\n".join(look.problems)
    assert sorted(Case.objects.filter(kind="report").values_list("reason", flat=True)) == [
        "gramsabha",
        "socialaudit_gets_money",
    ]


@pytest.mark.parametrize("kind", ["death"])
def test_a_death_in_hindi_by_keyboard_without_script(
    browser: Browser,
    live_server: Any,
    state: dict[str, Any],  # noqa: F811
    kind: str,
) -> None:
    window = browser.new_context(
        viewport={"width": 320, "height": 800}, base_url=live_server.url, java_script_enabled=False
    )
    page = window.new_page()
    log_in(page, "gp", live_server.url)
    one = state["people"][HOME][3]
    page.goto(f"/desk/people/{one}/register/{kind}")
    page.fill("#happened_on", "2016-10-07")
    page.set_input_files("#paper", PHOTO)  # type: ignore[arg-type]
    page.focus(NEXT)
    page.keyboard.press("Enter")
    page.wait_for_selector("button[name=confirm]")
    page.focus("button[name=confirm]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/submitted")
    case = page.url.split("/")[-2]
    log_in(page, "block", live_server.url)
    page.goto(f"/desk/registers/{case}/approve")
    page.focus("#answer")
    page.keyboard.press("Space")
    page.focus(NEXT)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/registers/{case}/")
    assert "मंज़ूर" in page.inner_text("main .govuk-tag")
    window.close()
    assert EventBelief.objects.filter(kind="death", member_id=state["members"][HOME][3]).exists()
