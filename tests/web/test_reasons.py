"""The page of reasons: for a month's run, in both languages, as PDF and as JSON, recorded."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from tests.reasons.village import FIRST, LATE, LATER, OLD, WIFE, decide_october, load

from haqdar.access.actions import create_demo_people
from haqdar.access.models import AuditEvent, User
from haqdar.registry.models import Resident


@pytest.fixture
def pages(transactional_db: None, tmp_path: Path, settings: Any) -> Callable[[str], Client]:
    """The village with two runs of October; gives a client in a language, of the State's account."""
    settings.HAQDAR_HOME = tmp_path / "home"
    settings.HAQDAR_HOME.mkdir()
    load(FIRST, date(2016, 1, 10), tmp_path / "first")
    decide_october(tmp_path)
    load(LATER, date(2016, 11, 20), tmp_path / "later")
    decide_october(tmp_path, LATE)
    create_demo_people()

    def client(language: str) -> Client:
        found = Client()
        found.force_login(User.objects.get(username="state"))
        found.cookies["haqdar_language"] = language
        return found

    return client


def address(member_id: int) -> str:
    return f"/desk/people/{Resident.objects.get(member_id=member_id).key}/reasons/2016-10/"


def test_the_page_shows_every_scheme_and_its_records(pages: Callable[[str], Client]) -> None:
    text = pages("en").get(address(WIFE)).content.decode()
    assert text.count('<section class="scheme') == 9
    for words in (
        "Reasons of October 2016",
        "Move from Indira Gandhi National Old Age Pension to Indira Gandhi National Widow Pension",
        "the husband&#x27;s record, death on 12 September 2016, register of events, events.csv line 2",
        "Legal order: National Social Assistance Programme",
        "October 2016, run 1",
        "replaced by a later run",
    ):
        assert words in text, words
    hindi = pages("hi").get(address(WIFE)).content.decode()
    assert "पति का रिकॉर्ड, 12 सितंबर 2016 को मृत्यु" in hindi
    assert "अक्टूबर 2016 के कारण" in hindi


def test_an_earlier_run_and_one_scheme(pages: Callable[[str], Client]) -> None:
    text = pages("en").get(address(WIFE) + "?run=1&scheme=IGNOAPS").content.decode()
    assert text.count('<section class="scheme') == 1
    assert "Entitled to ₹200 a month." in text
    assert "Indira Gandhi National Old Age Pension continues, ₹200 a month." in text


def test_json_and_pdf_stand_under_the_same_address(pages: Callable[[str], Client]) -> None:
    client = pages("hi")
    data = client.get(address(OLD) + "?format=json").json()
    assert (data["format"], data["run"]["version"], len(data["schemes"])) == ("haqdar-reasons-1", 2, 9)
    pdf = client.get(address(OLD) + "?format=pdf&scheme=IGNOAPS")
    assert pdf["Content-Type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF-")
    assert str(OLD) not in pdf["Content-Disposition"]
    assert client.get(address(OLD) + "?format=doc").status_code == 404


def test_what_cannot_be_shown_is_said(pages: Callable[[str], Client]) -> None:
    client = pages("en")
    later = address(OLD).replace("2016-10", "2016-11")
    assert "No run of 2016-11 was posted" in client.get(later).content.decode()
    answer = client.get(later + "?format=json")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_decided_yet")
    assert "has no run 9" in client.get(address(OLD) + "?run=9").content.decode()
    assert "There is no scheme NONE" in client.get(address(OLD) + "?scheme=NONE").content.decode()


def test_the_person_page_leads_there_and_every_look_is_recorded(pages: Callable[[str], Client]) -> None:
    client = pages("en")
    person = address(WIFE).split("reasons/")[0]
    assert f'href="{address(WIFE)}"' in client.get(person).content.decode()
    assert client.get(person + "reasons/")["Location"] == address(WIFE)
    client.get(address(WIFE) + "?format=json")
    event = AuditEvent.objects.filter(verb="reasons.view").latest("id")
    assert (event.actor, event.object_key, event.new) == (
        "state",
        person.split("/")[-2],
        {"month": "2016-10", "run": 2},
    )
    assert "read the reasons of a month" in client.get(person).content.decode()
