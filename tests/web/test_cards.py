"""The pages of household cards: what officers and the family see, and the check for a browser without script."""

import base64
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.cases.test_cards import code_on
from tests.web.test_orders import proven

from haqdar.access.models import AuditEvent
from haqdar.cases.cards import withdrawals
from haqdar.cases.models import CardPrint, HouseholdCard
from haqdar.jobs.cards import print_task
from haqdar.registry.models import EventBelief
from haqdar.web import assets


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> Path:
    assets.main()
    settings.HAQDAR_HOME = tmp_path
    return tmp_path


def test_an_officer_issues_and_withdraws(
    state: dict[str, Any], client_of: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of("gp")
    stem = f"/desk/families/{state['families']['40111']}/card/"
    page = client.get(stem).content.decode()
    assert "The family has no valid card" in page
    assert client.get(f"{stem}document").status_code == 302, "nothing is made by looking"
    assert client.post(f"{stem}issue").status_code == 302
    page = client.get(stem).content.decode()
    card = HouseholdCard.objects.get()
    assert card.number in page
    assert "<svg" in page
    assert client.get(f"{stem}document").content.startswith(b"%PDF")
    assert "Say why" in client.post(f"{stem}withdraw").content.decode()
    assert client.post(f"{stem}withdraw", {"reason": "lost"}).status_code == 302
    assert "lost or stolen" in client.get(stem).content.decode()
    listed = Client().get("/card/withdrawn/401").json()
    assert (base64.b64decode(listed["cards"]).hex(), listed["whole"]) == (card.key.hex[:10], True)
    assert Client().get("/card/withdrawn/nowhere").status_code == 404
    # while nobody withdraws another one, whoever holds the list is answered in a few bytes
    monkeypatch.setattr(withdrawals, "_SETTLED", timedelta(0))
    known = Client().get("/card/withdrawn/401")
    assert known.json() == listed
    again = Client().get("/card/withdrawn/401", HTTP_IF_NONE_MATCH=known["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    monkeypatch.setattr("haqdar.web.citizen.card_checks.allowed", lambda *_: False)
    assert Client().get("/card/withdrawn/401").status_code == 429


def test_the_card_of_a_family_that_is_no_more_can_be_withdrawn(
    state: dict[str, Any], client_of: Callable[..., Client]
) -> None:
    client = client_of("gp")
    stem = f"/desk/families/{state['families']['40111']}/card/"
    client.post(f"{stem}issue")
    card = HouseholdCard.objects.get()
    for number, member in enumerate(state["members"]["40111"]):
        EventBelief.objects.create(
            event_id=f"D{number}", belief_no=1, member_id=member, kind="death", happened_on=date(2016, 9, 1),
            reported_on=date(2016, 9, 2), known_from=date(2016, 9, 20), line=2, fingerprint=uuid4(),
            delivery_id=state["delivery"],
        )  # fmt: skip
    page = client.get(stem).content.decode()
    assert "Nobody living belongs to this family" in page and f'href="{stem}withdraw"' in page
    page = client.get(f"{stem}withdraw").content.decode()
    assert "the family is no more" in page and card.number in page
    assert client.post(f"{stem}withdraw", {"reason": "family_ended"}).status_code == 302
    card.refresh_from_db()
    assert card.end_reason == "family_ended"
    assert "withdraw" not in client.get(stem).content.decode()


def test_the_family_makes_its_own(state: dict[str, Any], client: Client) -> None:
    for path in ("/card", "/card/document"):
        assert client.get(path)["Location"].startswith("/prove?next=%2Fcard")
    assert client.post("/card/make")["Location"].startswith("/prove?next=%2Fcard")
    resident = state["people"]["40111"][0]
    own = proven(resident)
    assert "Make my card" in own.get("/card").content.decode()
    own.post("/card/make")
    answer = own.get("/card/document")
    assert answer["Content-Type"] == "application/pdf"
    assert "Your card is valid" in own.get("/card").content.decode()
    event = AuditEvent.objects.get(verb="own_card.issue")
    assert event.actor == f"citizen:{resident}"


def test_a_print_asked_for_on_the_page(state: dict[str, Any], client_of: Callable[..., Client]) -> None:
    client = client_of("gp")
    assert "at most 1" in client.get("/desk/cards/?area=40111").content.decode()
    stem = client.post("/desk/cards/?area=40111", {"which": "missing"})["Location"]
    assert "0 of 1 families" in client.get(stem).content.decode()
    print_task(print_id=CardPrint.objects.get().pk)
    page = client.get(stem).content.decode()
    assert "1 cards are ready" in page
    assert client.get(f"{stem}sheets/1").content.startswith(b"%PDF")
    listed = b"".join(client.get(f"{stem}download")).decode()  # type: ignore[call-overload]
    assert str(HouseholdCard.objects.get().number) in listed
    assert "Sita" not in listed
    assert client.get(f"{stem}sheets/2").status_code == 400


def test_checking_without_script(state: dict[str, Any], client_of: Callable[..., Client]) -> None:
    officer = client_of("gp")
    stem = f"/desk/families/{state['families']['40111']}/card/"
    officer.post(f"{stem}issue")
    document = officer.get(f"{stem}document").content
    code = code_on(document)
    nobody = Client(enforce_csrf_checks=True)
    page = nobody.post("/card/verify/en/", {"code": code}).content.decode()
    assert "The card is genuine and in date." in page
    assert "Mohan Singh Thakur" in page, "the eldest where nobody is named as head"
    wrong = nobody.post("/card/verify/hi/", {"code": code[:-4]}).content.decode()
    assert "यह परिवार कार्ड का कोड नहीं है" in wrong
    notes = SimpleUploadedFile("notes.txt", b"no picture", content_type="text/plain")
    assert "cannot be read" in nobody.post("/card/verify/en/", {"picture": notes}).content.decode()
    assert nobody.get("/card/verify/xx/").status_code == 404


def test_the_kept_page_knows_nobody(client_of: Callable[..., Client]) -> None:
    page = client_of("gp").get("/card/verify/en/")
    assert "Log out" not in page.content.decode()
    assert "csrf" not in page.content.decode()
    assert "camera=(self)" in page["Permissions-Policy"]
    script = Client().get("/card/verify-worker.js")
    assert script["Content-Type"].startswith("text/javascript")
    for file in ("/card/verify/hi/", "/card/verify/en/", "card.", ".woff2"):
        assert file in script.content.decode()
