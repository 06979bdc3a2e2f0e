"""The passbook: for the proven person and for officers of the area, every due with its reason, totals that add up."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from tests.cases.test_signing import squeezed, text_of
from tests.web.test_orders import proven

from haqdar.access.models import AuditEvent
from haqdar.payments.models import Due
from haqdar.payments.passbook import PassbookRow
from haqdar.registry.models import Resident
from haqdar.web import assets
from haqdar.web.passbooks import passbook_words


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> Path:
    assets.main()
    settings.HAQDAR_HOME = tmp_path
    return tmp_path


@pytest.fixture
def payee(state: dict[str, Any]) -> Resident:
    """Somebody to whom something was due."""
    due = Due.objects.order_by("id").first()
    assert due is not None
    return Resident.objects.get(member_id=due.member_id)


def row(month: date, kind: str, paise: int, withheld: int, state: str) -> PassbookRow:
    payable = paise - withheld if state in ("credited", "with_bank") else 0
    return PassbookRow(month, month, "IGNWPS", kind, paise, withheld, payable, ("B1",), "R1", "1234", state)


def test_totals_and_the_last_twelve_months() -> None:
    rows = [
        row(date(2016, 10, 1), "regular", 30000, 10000, "credited"),
        row(date(2016, 10, 1), "recovery", -30000, 10000, "outstanding"),
        row(date(2016, 9, 1), "regular", 30000, 0, "no_account"),
        row(date(2015, 11, 1), "regular", 30000, 0, "with_bank"),
        row(date(2015, 10, 1), "regular", 30000, 0, "credited"),
    ]
    book = passbook_words(rows, "en")
    assert [month.month for month in book.recent] == [date(2016, 10, 1), date(2016, 9, 1), date(2015, 11, 1)]
    assert [month.month for month in book.before] == [date(2015, 10, 1)]
    assert (book.credited_paise, book.coming_paise, book.kept_paise, book.unpaid_paise, book.owed_paise) == (
        50000,
        30000,
        10000,
        30000,
        20000,
    )
    assert not book.recent[1].dues[0].paid
    assert passbook_words([], "hi").recent == ()


def test_passbook_asks_for_a_code_first(client: Client, db: None) -> None:
    for path in ("/passbook", "/passbook/document"):
        assert client.get(path)["Location"].startswith("/prove?next=%2Fpassbook")


def test_own_passbook_on_the_page_and_as_pdf(payee: Resident) -> None:
    client = proven(payee.key)
    page = client.get("/passbook").content.decode()
    assert "October 2016" in page
    assert "The last 12 months" in page
    client.cookies["haqdar_language"] = "hi"
    document = client.get("/passbook/document")
    assert document["Content-Type"] == "application/pdf"
    text = text_of(document.content)
    for said in ("पासबुक", "अक्टूबर 2016", "खाते में अब तक जमा", f"{payee.member_id:09d}"):
        assert squeezed(said) in text
    seen = AuditEvent.objects.filter(verb__startswith="own_passbook.").values_list("actor", "verb")
    assert set(seen) == {
        (f"citizen:{payee.key}", "own_passbook.view"),
        (f"citizen:{payee.key}", "own_passbook.download"),
    }


def test_officers_passbook_is_for_their_area(
    payee: Resident, state: dict[str, Any], client: Client, client_of: Callable[..., Client]
) -> None:
    path = f"/desk/people/{payee.key}/passbook"
    assert client.get(path)["Location"].startswith("/desk/log-in")
    assert client_of("state").get(path).content.startswith(b"%PDF")
    assert client_of("ddo").get(path).status_code == 403
    foreign = state["people"]["40211"][0]
    assert client_of("gp").get(f"/desk/people/{foreign}/passbook").status_code == 403
    assert AuditEvent.objects.filter(verb="passbook.download").count() == 1
