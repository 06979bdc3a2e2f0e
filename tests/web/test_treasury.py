"""The pages of the line to the treasury."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from tests.web.treasury_bills import treasury_bill

pytestmark = pytest.mark.django_db
LINE = "/desk/money/treasury/"


def test_what_is_stuck_comes_first_with_its_reason_and_what_to_do(
    state: dict[str, Any], client_of: Callable[..., Client]
) -> None:
    fine = treasury_bill("D4011", "paid", voucher_no="V1", voucher_on="2016-10-03")
    stuck = treasury_bill("D4011")
    foreign = treasury_bill("D402")
    officer = client_of("ddo")
    page = officer.get(LINE).content.decode()
    assert stuck.number in page and fine.number not in page and foreign.number not in page
    assert "Wrong grantee code" in page and "₹35,200" in page
    assert "No treasury is connected." in page
    everything = officer.get(LINE, {"state": ""}).content.decode()
    assert fine.number in everything and foreign.number not in everything
    assert foreign.number in client_of("state").get(LINE).content.decode()
    rows = (
        b"".join(officer.get(f"{LINE}download", {"state": "stuck"}).streaming_content).decode().splitlines()
    )  # type: ignore[attr-defined]
    assert len(rows) == 2 and rows[1].startswith(f"{stuck.number},bill,2016-10,D4011,IGNOAPS,")
    one = officer.get(f"{LINE}{stuck.key}/").content.decode()
    assert "take the bill back and correct it" in one and "Ask again now" in one
    assert officer.get(f"{LINE}{foreign.key}/").status_code == 404
    assert officer.post(f"{LINE}{stuck.key}/retry").status_code == 302
    stuck.refresh_from_db()
    assert (stuck.state, stuck.messages.get().state) == ("queued", "waiting")
    assert "No bill stands here." in officer.get(LINE, {"state": "refused"}).content.decode()


def test_taking_a_bill_back_says_first_what_follows(
    state: dict[str, Any], client_of: Callable[..., Client]
) -> None:
    sent = treasury_bill("D4011", "sent")
    officer = client_of("ddo")
    address = f"{LINE}{sent.key}/give-back"
    assert "128 persons and ₹35,200" in officer.get(address).content.decode()
    refused = officer.post(address)
    assert refused.status_code == 400 and "has not refused bill" in refused.content.decode()


def test_an_empty_line_says_what_will_stand_here(
    state: dict[str, Any], client_of: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = client_of("state").get(LINE).content.decode()
    assert "No treasury is connected." in page and "as soon as a drawing officer has submitted them" in page
    monkeypatch.setattr(settings, "HAQDAR_TREASURY_URL", "https://treasury.example")
    monkeypatch.setattr(settings, "HAQDAR_TREASURY_KEY", "/nowhere.pem")
    assert "HAQDAR_TREASURY_KEY=/nowhere.pem cannot be used" in client_of("state").get(LINE).content.decode()
