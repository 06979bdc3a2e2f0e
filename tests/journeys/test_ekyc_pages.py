"""eKYC in a real browser: the camera reads a code, the document beside the register, receipt, withdrawal, shares; a citizen's page."""

import re
from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone
from playwright.sync_api import Browser, expect
from tests.journeys.test_pages import Look
from tests.journeys.test_registers_pages import log_in

from haqdar.identity.ekyc import samples
from haqdar.identity.models import Verified
from haqdar.jobs import ekyc

#: A camera that shows one picture: what a phone held over a card sees.
CAMERA = """
navigator.mediaDevices.getUserMedia = async () => {
  const image = new Image();
  image.src = "data:image/png;base64,%s";
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: 1280, height: 960 });
  const paint = () => { const c = canvas.getContext("2d"); c.fillStyle = "#b9a98c"; c.fillRect(0, 0, 1280, 960); c.drawImage(image, 220, 60, 840, 840); };
  paint(); setInterval(paint, 100);
  return canvas.captureStream(10);
};
"""


@pytest.fixture
def state(
    transactional_db: None, small_state: Callable[[], dict[str, Any]], tmp_path: Path, settings: Any
) -> dict[str, Any]:
    """The small State with a place of its own for files."""
    from haqdar.web import assets

    assets.main()
    settings.HAQDAR_HOME = tmp_path
    return small_state()


def test_the_camera_verifies_a_resident(
    browser: Browser, live_server: Any, state: dict[str, Any], screenshots: Path | None, tmp_path: Path
) -> None:
    # cameras need https or localhost
    base = re.sub(r"//[^:/]+", "//localhost", live_server.url)
    key = state["people"]["40111"][0]
    subject = samples.Subject(
        "234123412346", "Seeta Bai Malviya", "05-03-1969", "F", address={"vtc": "Amla Kheda"}
    )
    digits = samples.secure_qr(samples.demonstration(tmp_path / "ekyc"), subject, timezone.now())
    window = browser.new_context(viewport={"width": 320, "height": 800}, base_url=base)
    window.add_cookies([{"name": "haqdar_language", "value": "hi", "url": base}])
    page = window.new_page()
    page.add_init_script(CAMERA % b64encode(samples.qr_picture(digits)).decode())
    look = Look(page, screenshots)
    log_in(page, "gp", base)
    look.at(f"/desk/people/{key}/ekyc/", "ekyc-begin")
    page.click(".door__link >> nth=1")
    page.click("main .govuk-button--next")
    look.here("ekyc-qr-error")
    page.check("#consent")
    page.fill("#digits", digits)
    page.click("main .govuk-button--next")
    # the register has no number, so the page asks for it; then the camera takes over
    page.fill("#number", "2341 2341 2346")
    look.here("ekyc-number")
    page.click("[data-camera] button")
    page.wait_for_url("**/ekyc/checks/**")
    look.here("ekyc-compare")
    page.check("#born_on")
    page.click("button[value=confirm]")
    look.here("ekyc-compare-error")
    page.check("#seen")
    page.check("#born_on")
    page.click("button[value=confirm]")
    expect(page.locator(".note--good")).to_be_visible()
    look.here("ekyc-receipt")
    assert Verified.objects.get(ended_at=None).how == "photo"
    ekyc.nightly()
    look.at("/desk/ekyc/", "ekyc-dashboard-panchayat")
    look.at(f"/desk/people/{key}/ekyc/withdraw", "ekyc-withdraw")
    page.click("main .govuk-button--warning")
    expect(page.locator(".note--good")).to_have_count(0)

    assert look.problems == []

    own = browser.new_context(viewport={"width": 320, "height": 800}, base_url=base)
    own.add_cookies([{"name": "haqdar_language", "value": "en", "url": base}])
    session = SessionStore()
    until = (timezone.now() + timedelta(minutes=9)).isoformat()
    session["citizen"] = {"resident": str(key), "until": until}
    session.create()
    own.add_cookies(
        [{"name": configured.SESSION_COOKIE_NAME, "value": str(session.session_key), "url": base}]
    )
    citizen = own.new_page()
    seen = Look(citizen, screenshots)
    seen.at("/ekyc", "citizen-ekyc")
    seen.at("/ekyc/give/offline_xml", "citizen-ekyc-file")
    assert seen.problems == []
