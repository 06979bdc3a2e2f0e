"""Searches keep numbers of people out of addresses, and find the same."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from haqdar.web.search import in_address, typed

HOME = "40111"


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["100 000 001", "A26-48219035-71", "सीता १२३४५६७८", "12345678"])
def test_what_holds_a_number_is_sealed(text: str) -> None:
    shown = in_address(text)
    assert not any(len(part) >= 8 for part in "".join(c if c.isdigit() else " " for c in shown).split())
    assert text not in shown and typed(shown) == text
    assert typed(shown[:-3] + "AAA") == "" and typed("~") == "" and typed("~é") == ""


def test_a_name_stays_as_it_is() -> None:
    assert in_address("  सीता बाई ") == "सीता बाई" and typed("Sita") == "Sita"


def test_a_search_by_number_finds_and_leaves_no_trace(
    client_of: Callable[..., Client], state: dict[str, Any]
) -> None:
    block, member = client_of("block"), f"{state['members'][HOME][0]:09d}"
    for page in (
        "/desk/people/",
        "/desk/months/2016-10/work/start/",
        "/desk/queue/case-note/",
        "/desk/changes/",
    ):
        led = block.post("/desk/find", {"next": page, "q": member, "scheme": "IGNWPS", "sort": ""})
        address = urlsplit(led["Location"])
        assert led.status_code == 302 and address.path == page and member not in led["Location"]
        assert parse_qs(address.query)["scheme"] == ["IGNWPS"]
        shown = block.get(led["Location"])
        assert shown.status_code == 200 and f'value="{member}"' in shown.content.decode()
    found = block.get(block.post("/desk/find", {"next": "/desk/people/", "q": member})["Location"])
    assert str(state["people"][HOME][0]) in found.content.decode()


def test_a_search_leads_nowhere_else(client_of: Callable[..., Client], state: dict[str, Any]) -> None:
    for page in ("https://elsewhere.example/desk/", "//elsewhere.example", "/check", "", "/desk\\@elsewhere"):
        led = client_of("block").post("/desk/find", {"next": page, "q": "Sita"})
        assert led["Location"].startswith("/desk/people/?q=Sita")
