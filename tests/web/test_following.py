"""Following a case by its number: masked, in plain words, with the office that has it and what one can do."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.web.open_cases import more
from tests.web.test_orders import proven

from haqdar.access.actors import acting, platform
from haqdar.cases.casework import add_step, advance
from haqdar.cases.models import Case

TODAY = timezone.localdate()


@pytest.fixture
def client(client: Client) -> Client:
    client.cookies["haqdar_language"] = "en"
    return client


def page_of(client: Client, case: Case) -> str:
    answer = client.get(f"/status/{case.number}")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_open_case_says_who_has_it_until_when_and_what_comes_next(
    state: dict[str, Any], client: Client
) -> None:
    case = more("start", 1, state, scheme="IGNWPS", due_on=TODAY + timedelta(days=9))[0]
    page = page_of(client, case)
    assert "9 days left" in page
    assert "An officer checks the facts" in page
    assert "S… B… Malviya" in page
    assert "Sita" not in page
    assert f"{case.member_id:09d}" not in page.replace(" ", "")
    assert "citizen:appeal" not in page


def test_number_is_taken_however_it_was_typed(state: dict[str, Any], client: Client) -> None:
    case = more("application", 1, state)[0]
    bare = case.number.replace("-", " ").lower()
    assert client.get("/follow", {"number": bare})["Location"] == f"/status/{case.number}"
    assert client.get(f"/status/{case.number.lower()}")["Location"] == f"/status/{case.number}"
    assert client.get("/status/nonsense")["Location"] == "/follow?number=nonsense"


def test_steps_are_shown_with_offices_and_without_officers_or_notes(
    state: dict[str, Any], client: Client
) -> None:
    case = more("application", 1, state, scheme="IGNWPS")[0]
    actor = platform("gita.verma")
    with acting(actor, "case.verify"):
        add_step(actor, case, "application.submit")
        advance(actor, case.key, "case.verify", awaits="case.sanction", note="neighbour says otherwise")
    page = page_of(client, case)
    assert "Application received" in page
    assert "Verified" in page
    assert "gita.verma" not in page
    assert "neighbour" not in page
    assert "Janpad Ashta" in page


def test_late_case_is_said_to_be_late(state: dict[str, Any], client: Client) -> None:
    case = more("application", 1, state, due_on=TODAY - timedelta(days=3))[0]
    assert "3 days over the limit" in page_of(client, case)


def test_a_stop_can_be_objected_to_before_and_after_it_is_confirmed(
    state: dict[str, Any], client: Client
) -> None:
    case = more("stop", 1, state)[0]
    way = f"/object/{case.number}"
    assert way in page_of(client, case)
    actor = platform("block")
    with acting(actor, "stop.confirm"):
        advance(actor, case.key, "stop.confirm", outcome="confirmed")
    assert way in page_of(client, case)
    assert client.get(way)["Location"].startswith("/prove")


def test_report_about_a_payee_names_nobody(state: dict[str, Any], client: Client) -> None:
    page = page_of(client, more("report", 1, state)[0])
    assert "Malviya" not in page


def test_own_case_shows_the_own_name(state: dict[str, Any]) -> None:
    case = more("start", 1, state, scheme="IGNWPS")[0]
    assert "Sita Bai Malviya" in page_of(proven(case.resident_key), case)
    assert "Sita" not in page_of(proven(state["people"]["40111"][1]), case)


def test_money_of_a_sanctioned_case_is_followed_to_the_bank(state: dict[str, Any], client: Client) -> None:
    from haqdar.payments.models import Due

    due = Due.objects.filter(kind="regular").order_by("id").first()
    assert due is not None
    member = next(place for place, number in enumerate(state["members"]["40111"]) if number == due.member_id)
    case = more(
        "start",
        member + 1,
        state,
        scheme=due.scheme,
        awaits="case.sanction",
    )[member]
    actor = platform("block")
    with acting(actor, "case.sanction"):
        advance(actor, case.key, "case.sanction", outcome="sanctioned")
    page = page_of(client, case)
    assert "Finished: sanctioned" in page
    assert "Bill drawn" in page


def test_sanctioned_case_without_money_yet_says_when_it_comes(state: dict[str, Any], client: Client) -> None:
    case = more("start", 1, state, scheme="KANYA", awaits="case.sanction")[0]
    actor = platform("block")
    with acting(actor, "case.sanction"):
        advance(actor, case.key, "case.sanction", outcome="sanctioned")
    assert "paid with the next month" in page_of(client, case)
