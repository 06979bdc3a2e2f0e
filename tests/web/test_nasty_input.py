"""Whatever is typed into an address or a form: an answer, never a server error."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

NASTY = (
    "\x00",
    "'; DROP TABLE access_user; --",
    "%",
    "_",
    "\\",
    "<script>alert(1)</script>",
    "९९९९९९",
    "-1",
    "0",
    "99999999999999999999999999",
    "9999-12-31",
    "0001-01-01",
    "2016-02-30",
    "NaN",
    "\ud7ff\u200d\u202e",
    "a" * 3000,
    "=cmd|' /C calc'!A0",
)
PAGES = (
    "/desk/months/2016-10/",
    "/desk/months/2016-10/work/start/",
    "/desk/months/2016-10/work/start/download",
    "/desk/months/2016-10/forecast/",
    "/desk/people/",
    "/desk/people/{person}/",
    "/desk/changes/",
    "/desk/changes/download",
    "/desk/deliveries/{delivery}/",
    "/desk/log-in",
)
NAMES = ("area", "q", "scheme", "reason", "sort", "page", "on", "file", "code", "next", "action", "language")


@pytest.mark.parametrize("page", PAGES)
def test_addresses(page: str, client_of: Callable[..., Client], state: dict[str, Any]) -> None:
    client = client_of("state")
    client.raise_request_exception = False
    path = page.format(person=state["people"]["40111"][0], delivery=state["delivery"])
    for value in NASTY:
        response = client.get(path, dict.fromkeys(NAMES[1:-1], value))
        assert response.status_code < 500, value
        for name in NAMES:
            assert client.get(path, {name: value}).status_code < 500, (name, value)
        assert "<script>alert" not in getattr(response, "content", b"").decode(errors="replace")


@pytest.mark.parametrize(
    "path",
    [
        "/desk/months/2016-13/",
        "/desk/months/0000-00/",
        "/desk/months/9999-12/",
        "/desk/months/2016-10/work/nothing/",
        "/desk/people/00000000-0000-0000-0000-000000000000/",
        "/desk/families/00000000-0000-0000-0000-000000000000/",
        "/desk/deliveries/999999/",
        "/desk/deliveries/99999999999999999999/",
        "/desk/bills/1900-01/",
        "/desk/people/100000000/",
    ],
)
def test_there_is_no_such_page(path: str, client_of: Callable[..., Client]) -> None:
    client = client_of("state")
    client.raise_request_exception = False
    assert client.get(path).status_code == 404


def test_forms(client: Client, client_of: Callable[..., Client]) -> None:
    state_client = client_of("state")
    client.raise_request_exception = state_client.raise_request_exception = False
    for value in NASTY:
        fields = dict.fromkeys(("username", "password", "next"), value)
        assert client.post("/desk/log-in", fields).status_code < 500, value
        assert state_client.post("/desk/runs/new", {"month": value}).status_code < 500, value
        answers = dict.fromkeys(("step", "go", "change", "age", "sex", "percent", "daughters"), value)
        assert client.post("/check", answers).status_code < 500, value
        assert client.post("/check", answers | {"step": "result"}).status_code < 500, value


def test_a_form_without_its_token_is_refused_in_both_languages(state: dict[str, Any]) -> None:
    client = Client(enforce_csrf_checks=True)
    for language, words in (("hi", "यह फ़ॉर्म अब मान्य नहीं है"), ("en", "This form is no longer valid")):
        client.cookies["haqdar_language"] = language
        response = client.post("/desk/log-in", {"username": "x", "password": "y"})
        assert response.status_code == 403
        assert words in response.content.decode()
