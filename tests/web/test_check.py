"""The public check: eight questions, reasons in both languages, nothing stored."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from haqdar.web.citizen import questions

WIDOW = {
    "age": "46",
    "sex": "F",
    "bpl": "yes",
    "marital": "widowed",
    "disability": "none",
    "percent": "",
    "destitute": "no",
    "daughters": "1",
    "sons": "1",
    "partner_age": "",
    "tax": "no",
}


def _result(client: Client, answers: dict[str, str], language: str = "en", **more: str) -> str:
    client.cookies["haqdar_language"] = language
    return client.post("/check", {"step": "result", **answers, **more}).content.decode()


def test_home_needs_no_database(client: Client) -> None:
    assert "आपकी पेंशन, बिना माँगे" in client.get("/").content.decode()


def test_at_most_eight_questions() -> None:
    assert len(questions.QUESTIONS) <= 8


def test_a_widow_is_told_what_she_gets(client: Client) -> None:
    text = _result(client, WIDOW)
    assert "You are entitled to a pension of ₹300 a month" in text
    assert "Indira Gandhi National Widow Pension" in text


def test_the_result_in_hindi(client: Client) -> None:
    assert "आपको हर महीने ₹300 पेंशन का हक़ है" in _result(client, WIDOW, "hi")


def test_unknown_is_not_no(client: Client) -> None:
    text = _result(client, WIDOW | {"age": "unknown"})
    assert "It cannot be decided yet" in text
    assert "date of birth" in text


def test_not_entitled_says_why(client: Client) -> None:
    text = _result(client, WIDOW | {"bpl": "no", "age": "30"})
    assert "By your answers there is no pension for you today" in text
    assert "BPL register" in text


def test_the_walk_through_every_question(client: Client) -> None:
    client.cookies["haqdar_language"] = "en"
    answers: dict[str, str] = {}
    for place, question in enumerate(questions.QUESTIONS):
        own = {box.name: WIDOW[box.name] for box in question.fields}
        response = client.post("/check", {"step": question.code, "go": "next", **answers, **own})
        answers |= own
        text = response.content.decode()
        if place + 1 < len(questions.QUESTIONS):
            assert f"Question {place + 2} of 8" in text
    assert "You are entitled" in text


@pytest.mark.parametrize(
    ("field", "value"),
    [("age", "abc"), ("age", "121"), ("age", "-1"), ("age", "६२"), ("sex", "Q"), ("percent", "999")],
)
def test_a_wrong_answer_is_asked_again(client: Client, field: str, value: str) -> None:
    answers = WIDOW | {field: value} | ({"disability": "other"} if field == "percent" else {})
    text = _result(client, answers)
    assert "govuk-error-message" in text or "Question" in text


def test_switching_the_language_keeps_what_was_typed(client: Client) -> None:
    response = client.post("/check", {"step": "age", "age": "77", "language": "en"})
    text = response.content.decode()
    assert 'value="77"' in text and "How old are you?" in text
    assert response.cookies["haqdar_language"].value == "en"
    assert "govuk-error-summary" not in text


def test_switching_on_a_page_keeps_the_page_and_its_filters(client: Client) -> None:
    response = client.get("/check?language=en&x=1")
    assert (response.status_code, response["Location"]) == (302, "/check?x=1")


def test_nothing_is_stored(client: Client, db: None) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        _result(client, WIDOW)
    assert len(queries) == 0


def test_broken_input_is_no_server_error(client: Client) -> None:
    posted: list[dict[str, Any]] = [
        {"step": "\x00"},
        {"step": "result", "change": "tax"},
        {"age": "1" * 5000},
        {},
    ]
    for fields in posted:
        assert client.post("/check", fields).status_code in (200, 400)
