"""Household cards in a real browser, and the check of a card with the network switched off."""

import re
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from tests.cases.test_cards import code_on
from tests.journeys.test_pages import Look
from tests.journeys.test_registers_pages import log_in

from haqdar.access.models import User
from haqdar.access.queries import actor_of
from haqdar.cases.cards import claim, issuing
from haqdar.cases.cards.keys import card_key
from haqdar.cases.models import CardPrint
from haqdar.jobs.cards import print_task


@pytest.fixture
def state(
    transactional_db: None, small_state: Callable[[], dict[str, Any]], tmp_path: Path, settings: Any
) -> dict[str, Any]:
    """The small State with a place of its own for files."""
    from haqdar.web import assets

    assets.main()
    settings.HAQDAR_HOME = tmp_path
    return small_state()


def said(page: Page, wanted: str) -> str:
    """What the page answers, once it is in the state wanted."""
    expect(page.locator("#result")).to_have_attribute("data-state", wanted)
    return page.inner_text("#result")


def test_cards_and_their_check_without_network(
    browser: Browser, live_server: Any, state: dict[str, Any], screenshots: Path | None, tmp_path: Path
) -> None:
    # a service worker needs https or localhost
    base = re.sub(r"//[^:/]+", "//localhost", live_server.url)
    window = browser.new_context(viewport={"width": 320, "height": 800}, base_url=base)
    window.add_cookies([{"name": "haqdar_language", "value": "hi", "url": base}])
    page = window.new_page()
    look = Look(page, screenshots)
    log_in(page, "gp", base)
    family = f"/desk/families/{state['families']['40111']}/card/"
    look.at(family, "card-none")
    page.click("main .govuk-button--next")
    look.here("card")
    look.at(f"{family}withdraw", "card-withdraw")
    page.click("main .govuk-button--warning")
    look.here("card-withdraw-error")
    look.at("/desk/cards/", "card-print")
    look.at("/desk/cards/?area=40111", "card-print-panchayat")
    page.check("#which-2")
    page.click("main .govuk-button--next")
    print_task(print_id=CardPrint.objects.get().pk)
    page.reload()
    look.here("card-print-done")
    session = SessionStore()
    until = timezone.now() + timedelta(minutes=10)
    session["citizen"] = {"resident": str(state["people"]["40111"][0]), "until": until.isoformat()}
    session.create()
    window.add_cookies([{"name": "sessionid", "value": str(session.session_key), "url": base}])
    look.at("/card", "own-card")

    gp = actor_of(User.objects.get(username="gp"), None)
    document = issuing.document(issuing.issue(gp, state["families"]["40111"]))
    code = code_on(document)
    with pdfium.PdfDocument(document) as file:
        file[0].render(scale=2.5).to_pil().convert("RGB").save(tmp_path / "photo.jpg", quality=70)

    look.at("/card/verify/hi/", "card-verify")
    page.wait_for_selector("body[data-kept]", state="attached")
    page.reload()
    page.select_option("#district", "401")
    page.click("#keep-list")
    expect(page.locator("#district-said")).to_contain_text("इस फ़ोन में रखी है")
    window.set_offline(True)
    page.goto("/card/verify/hi/")
    page.fill("#code", code)
    page.click("#card-form button")
    answer = said(page, "right")
    look.here("card-verify-right")
    for word in ("✔", "मोहन सिंह ठाकुर", "रद्द कार्डों की सूची में नहीं है", "ग्राम पंचायत आमला खेड़ा"):
        assert word in answer
    page.reload()
    page.set_input_files("#picture", tmp_path / "photo.jpg")
    said(page, "right")
    page.goto("/card/verify/en/")
    blank = tmp_path / "blank.jpg"
    with pdfium.PdfDocument(document) as file:
        file[0].render(scale=1).to_pil().convert("RGB").crop((0, 0, 90, 40)).save(blank)
    page.set_input_files("#picture", blank)
    assert "No code can be read" in said(page, "unsure")

    # what a forger may try, each without network
    token = zlib.decompress(claim.from_base45(code))
    name = "मोहन".encode()
    renamed = token.replace(name, "सोहन".encode())
    assert renamed != token
    own = card_key()
    seen, _ = claim.read(code, {own.trusted.kid: own.trusted.public})
    stranger = claim.token_of(seen, ec.generate_private_key(ec.SECP256R1()), b"stranger")
    forger = claim.token_of(seen, ec.generate_private_key(ec.SECP256R1()), own.trusted.kid)
    old = claim.token_of(
        replace(seen, expires_on=date.today() - timedelta(days=1)), own.private, own.trusted.kid
    )
    for wrong, verdict in (
        (claim.written(renamed), "forged"),
        (claim.written(forger), "forged"),
        (claim.written(stranger), "unsure"),
        (code[:-3], "not_a_card"),
        ("NOTHING OF OURS", "not_a_card"),
        (claim.written(old), "expired"),
    ):
        page.fill("#code", wrong)
        page.click("#card-form button")
        said(page, verdict)

    # a card that is lost afterwards is known to the device after its next moment of network
    window.set_offline(False)
    issuing.withdraw(gp, state["families"]["40111"], "lost")
    page.goto("/card/verify/en/")
    page.fill("#code", code)
    page.click("#card-form button")
    assert "withdrawn" in said(page, "withdrawn")
    assert not look.problems, "\n".join(look.problems)
    window.close()
