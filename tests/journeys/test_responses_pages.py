"""The pages of answers and returned credits in a real browser: phone and desk, both languages, with their errors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext
from tests.journeys.test_clock_pages import log_in
from tests.journeys.test_pages import Look, context  # noqa: F401
from tests.payments.answers import BANK, a_month_of_people, placed, response, returns_file

from haqdar.payments.models import ResponseFile, Return
from haqdar.payments.responses.reading import read_response


@pytest.fixture
def answered(transactional_db: None) -> list[str]:
    """A month of six people went out; the bank answers, one name is strange, one line torn, one answer contradicts."""
    from haqdar.access.actions import create_demo_people
    from haqdar.web import assets

    assets.main()
    references = a_month_of_people()
    create_demo_people()
    strange = "RAMESH CHANDRA GUPTA"
    lines = [
        (references[0], 30000, "0", "01"),
        (references[1], 30000, "0", "54"),
        (references[2], 30000, "0", "60"),
        (references[3], 30000, "0", "59"),
        (references[4], 30000, "1", "00", strange),
        (references[5], 30100, "1", "00"),
    ]
    read_response(BANK, returns_file(lines, day="01102016") + placed(60, (1, "77")).encode(), "RTN.txt")
    read_response(BANK, response([(references[0], 30000, "1", "00")], day="05102016"), "late.txt")
    return references


def test_pages_of_answers_and_returns(
    context: BrowserContext,  # noqa: F811
    live_server: Any,
    answered: list[str],
    screenshots: Path | None,
    tmp_path: Path,
) -> None:
    torn, late = ResponseFile.objects.order_by("id")
    page = context.new_page()
    look = Look(page, screenshots)
    log_in(context, live_server.url, "state")
    look.at("/desk/money/responses/read", "response-read")
    page.click("main .govuk-button--next")
    look.here("response-read-error")
    path = tmp_path / "more.txt"
    path.write_bytes(response([(answered[5], 30000, "1", "00")], day="02102016"))
    page.set_input_files("#file", path)
    page.click("main .govuk-button--next")
    page.wait_for_url("**/desk/money/responses/*-*/")
    assert ResponseFile.objects.count() == 3
    look.at("/desk/money/responses/", "response-list")
    look.at(f"/desk/money/responses/{torn.key}/", "response-detail")
    look.at(f"/desk/money/responses/{late.key}/lines/2/", "response-line")
    page.click("main .govuk-button--next")
    look.here("response-line-error")
    page.check("input[name=decision][value=bank_right]")
    page.fill("#note", "शाखा प्रबंधक ने फ़ोन पर बताया।")
    page.click("main .govuk-button--next")
    page.wait_for_url(f"**/desk/money/responses/{late.key}/")
    assert Return.objects.get(reason_code="01").state == "settled"
    look.at("/desk/money/returns/", "return-list")
    look.at(f"/desk/money/returns/{Return.objects.get(reason_code='54').key}/", "return-detail")
    look.at("/desk/money/names/", "name-list")
    look.at("/desk/money/returns/again", "return-represent")
    page.click("main .govuk-button--next")
    look.here("return-represent-done")
    assert Return.objects.get(reason_code="59").state == "represented"
    assert look.problems == []
