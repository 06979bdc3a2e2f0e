"""Payment files in a real browser: made by one, released by another; each page looked at in both widths."""

from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Browser, expect
from tests.journeys.test_pages import Look, state  # noqa: F401
from tests.payments.examples import OCTOBER
from tests.payments.paying import a_passed_month
from tests.web import clock_cases

from haqdar.access.actors import platform
from haqdar.payments.closing import close_month
from haqdar.payments.models import AccountCheck, PaymentFile
from haqdar.payments.rails import envelope, keeping

NEXT = "main .govuk-button--next"


def test_one_makes_and_another_releases(
    browser: Browser,
    live_server: Any,
    state: dict[str, Any],  # noqa: F811
    screenshots: Path | None,
) -> None:
    window = browser.new_context(viewport={"width": 320, "height": 700}, base_url=live_server.url)
    window.add_cookies([{"name": "haqdar_language", "value": "hi", "url": live_server.url}])
    page = window.new_page()
    look = Look(page, screenshots)

    def as_officer(username: str) -> None:
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": clock_cases.session_of(username)}
        window.add_cookies([{**cookie, "url": live_server.url}])

    as_officer("state")
    look.at("/desk/money/files/", "bankfile-empty")
    close_month(platform("test"), OCTOBER)
    run_id = a_passed_month(month=OCTOBER.next())
    AccountCheck.objects.create(
        member_id=1,
        account_hash=UUID(int=1),
        ifsc="SBIN0001234",
        account_last4="0001",
        checked_at=timezone.now(),
        run_id=run_id,
    )
    look.at("/desk/money/accounts/try", "account-try")
    page.locator(NEXT).press("Enter")
    expect(page.locator("main")).to_contain_text("खाते जाँचने के रुपये")
    look.at("/desk/money/accounts/", "account-tried")
    page.goto("/desk/money/files/make?month=2016-11&profile=pfms")
    expect(page.locator(".govuk-error-summary")).to_contain_text("प्रारूप")
    look.at("/desk/money/files/make?month=2016-11", "bankfile-make")
    page.locator(NEXT).press("Enter")
    expect(page.locator("main")).to_contain_text("कोई दूसरा व्यक्ति जारी करेगा")
    assert page.locator(NEXT).count() == 0
    look.here("bankfile-detail-own")
    address = page.url
    page.locator("main a[href$='/withdraw']").click()
    look.here("bankfile-withdraw")

    as_officer("state2")
    page.goto(address)
    page.locator(NEXT).click()
    look.here("bankfile-release")
    page.locator(NEXT).press("Enter")
    expect(page.locator("main")).to_contain_text("बैंक को सौंपी")
    look.here("bankfile-detail")
    with page.expect_download() as taken:
        page.locator("main a[href$='.p7m']").click()
    file = PaymentFile.objects.get(state="sent")
    assert (file.made_by, file.released_by) == ("state", "state2")
    sealed = Path(taken.value.path()).read_bytes()
    assert sealed == (keeping.outgoing() / f"{file.name}.p7m").read_bytes()
    assert envelope.opened_by_demonstration_bank(sealed).count(b"\n") == file.items + 1
    look.at("/desk/money/files/", "bankfile-list")
    window.close()
    assert look.problems == []
