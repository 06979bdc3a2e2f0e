"""Messages: sealed, sent once each, tried again, and never with a number in clear where somebody could read it."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from haqdar.base.refusal import Words
from haqdar.law import LawRefused
from haqdar.law.messages import load_messages, long_messages, placeholders
from haqdar.outreach import outbox, senders
from haqdar.outreach.models import Message
from haqdar.outreach.numbers import NotAMobile, mobile_number

ROOT = Path(__file__).resolve().parents[2]
NUMBER = "9826012345"


def _tell(mobile: str = NUMBER, language: str = "hi") -> Message | None:
    return outbox.tell(
        "public",
        "application_received",
        mobile,
        language,
        "case",
        "5c0ffee0-0000-4000-8000-000000000001",
        number="A26-00000001-11",
        office=Words("Janpad Ashta", "जनपद आष्टा"),
        due=date(2016, 10, 16),
    )


def test_every_message_fits_two_parts_and_both_languages_fill_the_same() -> None:
    messages = load_messages(ROOT / "law" / "mp")
    assert len(messages) >= 40
    assert long_messages(messages) == []
    assert all(placeholders(text.en) == placeholders(text.hi) for text in messages.values())
    assert load_messages(ROOT / "law" / "mp-welfare") == messages


def test_a_message_file_with_a_mistake_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "state.yaml").write_text("code: xx\n")
    for wrong in ("{en: 'a {number}', hi: 'क {due}'}", "{en: 'a {0}', hi: 'क {0}'}", "{en: only English}"):
        file = tmp_path / "letters" / "messages.yaml"
        file.write_text(f"messages:\n  hello: {wrong}\n# {len(wrong)}\n", encoding="utf-8")
        with pytest.raises(LawRefused):
            load_messages(tmp_path)


@pytest.mark.django_db
def test_a_message_is_sealed_and_worded_in_its_language() -> None:
    message = _tell()
    assert message is not None
    with connection.cursor() as cursor:
        cursor.execute("SELECT outreach_message::text FROM outreach_message")
        row = cursor.fetchone()[0]
    assert NUMBER not in row and "A26-" not in row
    assert outbox.text_of(message).startswith("आवेदन A26-00000001-11 मिल गया। जनपद आष्टा 16 अक्टूबर 2016 तक")
    english = _tell(language="en")
    assert english is not None
    assert "Janpad Ashta decides by 16 October 2016" in outbox.text_of(english)


@pytest.mark.django_db
def test_without_a_mobile_nobody_is_told() -> None:
    assert _tell(mobile="") is None
    assert not Message.objects.exists()


@pytest.mark.django_db
def test_a_text_that_lacks_something_or_does_not_exist_is_refused() -> None:
    with pytest.raises(outbox.MessageLacks):
        outbox.tell("public", "application_received", NUMBER, "hi", number="1")
    with pytest.raises(outbox.UnknownMessage):
        outbox.tell("public", "no_such_text", NUMBER, "hi")


@pytest.mark.django_db
def test_waiting_messages_are_sent_once_to_a_file_only_the_owner_reads(tmp_path: Path, settings: Any) -> None:
    settings.HAQDAR_HOME = tmp_path
    for _ in range(3):
        _tell()
    outbox.tell("public", "code", NUMBER, "en", code="123456", minutes=10)
    assert outbox.send_waiting() == 4
    assert outbox.send_waiting() == 0
    (file,) = (tmp_path / "outbox").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [line["message"] for line in lines] == ["code"] + ["application_received"] * 3
    assert {line["to"] for line in lines} == {NUMBER}


@pytest.mark.django_db
def test_a_message_that_fails_is_tried_later_and_given_up_at_last(monkeypatch: pytest.MonkeyPatch) -> None:
    class Deaf:
        def send(self, mobile: str, text: str, template: str) -> None:
            raise senders.NotSent("gateway-busy")

    monkeypatch.setattr(outbox, "sender", Deaf)
    message = _tell()
    assert message is not None
    assert outbox.send_waiting() == 0
    message.refresh_from_db()
    assert (message.tries, message.problem, message.state) == (1, "gateway-busy", "waiting")
    outbox.send_waiting()
    message.refresh_from_db()
    assert message.tries == 1, "it was tried again before its time"
    Message.objects.update(queued_at=timezone.now() - timedelta(hours=9))
    for _ in range(outbox.MOST_TRIES):
        outbox.send_waiting()
    message.refresh_from_db()
    assert (message.tries, message.state) == (outbox.MOST_TRIES, "failed")


@pytest.mark.django_db
def test_a_mobile_the_register_takes_stops_no_decision() -> None:
    # of a series that is not given out, as far as the list of series knows
    unknown = "7123456789"
    with pytest.raises(NotAMobile):
        mobile_number(unknown)
    message = _tell(mobile=unknown)
    assert message is not None and message.to_last4 == "6789"


def test_what_is_a_mobile_number() -> None:
    assert mobile_number("+91 98260 12345") == NUMBER
    for wrong in (
        "12345",
        "0755 2551234",
        "98260 123456",
        "+1 202 555 0100",
        "९८२६",
        "98260 12345 ext 3",
        "",
    ):
        with pytest.raises(NotAMobile):
            mobile_number(wrong)


def test_the_page_of_the_outbox_shows_counts_and_no_number(client_of: Any) -> None:
    _tell()
    Message.objects.update(problem="gateway-busy", state="failed", tries=9)
    client: Client = client_of("state")
    text = client.get("/desk/outbox/").content.decode()
    assert "gateway-busy" in text and "Application received" in text
    assert NUMBER not in text and NUMBER[-4:] not in text
