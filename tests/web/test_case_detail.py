"""The case page: who, what, why, until when, what happened, what is next."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.web import open_cases

from haqdar.access.actors import platform
from haqdar.access.models import AuditEvent
from haqdar.cases.casework import Opened, advance, open_case
from haqdar.cases.models import Case


@pytest.fixture
def cases(state: dict[str, Any]) -> dict[str, Case]:
    open_cases.open_all(state["run"])
    return {case.kind: case for case in Case.objects.filter(area_code="40111")}


def test_case_detail_says_what_it_is_about(client_of: Callable[..., Client], cases: dict[str, Case]) -> None:
    page = client_of("gp").get(f"/desk/cases/{cases['start'].key}/").content.decode()
    assert cases["start"].number in page and "Sita Bai Malviya" in page
    assert "husband&#x27;s death was reported" in page and "15 days left" in page
    assert "Now with: State office" in page
    # the criteria with the person's own value, of the scheme of the case only
    assert "The woman must be a widow (recorded: married)" in page and page.count('class="scheme ') == 1
    assert "Opened by the month" in page


def test_the_next_act_is_one_button_for_those_who_may(
    client_of: Callable[..., Client], cases: dict[str, Case]
) -> None:
    for kind, who, onlooker in (("start", "gp", "block"), ("move", "block", "gp"), ("stop", "block", "gp")):
        act = reverse(f"desk:{cases[kind].awaits.replace('.', '-')}", args=[cases[kind].key])
        page = client_of(who).get(f"/desk/cases/{cases[kind].key}/").content.decode()
        assert page.count("govuk-button--next") == 1 and f'href="{act}"' in page, kind
        page = client_of(onlooker).get(f"/desk/cases/{cases[kind].key}/").content.decode()
        assert "govuk-button--next" not in page and "The case waits for:" in page, kind


def test_a_look_is_recorded(client_of: Callable[..., Client], cases: dict[str, Case]) -> None:
    client_of("gp").get(f"/desk/cases/{cases['move'].key}/")
    event = AuditEvent.objects.get(verb="case.view")
    assert (event.actor, event.object_kind, event.object_key) == ("gp", "case", str(cases["move"].key))


def test_late_cases_say_so_in_words(client_of: Callable[..., Client], cases: dict[str, Case]) -> None:
    open_cases.change(
        Case.objects.filter(pk=cases["stop"].pk), due_on=timezone.localdate() - timedelta(days=4)
    )
    page = client_of("block").get(f"/desk/cases/{cases['stop'].key}/").content.decode()
    assert "4 days over the limit" in page


def test_a_closed_case_shows_its_end_and_steps(
    client_of: Callable[..., Client], cases: dict[str, Case]
) -> None:
    advance(platform("block"), cases["move"].key, "case.note", outcome="noted", note="seen")
    page = client_of("block").get(f"/desk/cases/{cases['move'].key}/").content.decode()
    assert ">noted</strong>" in page and "seen" in page and "days left" not in page


def test_cases_about_it_are_listed_on_both(client_of: Callable[..., Client], cases: dict[str, Case]) -> None:
    stop = cases["stop"]
    objection = open_case(
        platform("gp"),
        "objection.enter",
        Opened("objection", stop.area_code, member_id=stop.member_id, about=stop, mobile="9300012345"),
    )
    client = client_of("block")
    assert objection.number in client.get(f"/desk/cases/{stop.key}/").content.decode()
    page = client.get(f"/desk/cases/{objection.key}/").content.decode()
    assert "About the case" in page and stop.number in page
    assert "•••• 2345" in page and "9300012345" not in page


def test_a_case_without_a_person(client_of: Callable[..., Client], state: dict[str, Any]) -> None:
    case = open_case(platform("public"), "grievance.enter", Opened("grievance", "40111", reason="delay"))
    page = client_of("block").get(f"/desk/cases/{case.key}/")
    assert page.status_code == 200 and "not named" in page.content.decode()


def test_foreign_cases_stay_closed(client_of: Callable[..., Client], cases: dict[str, Case]) -> None:
    foreign = Case.objects.filter(area_code="40211").first()
    assert foreign is not None
    client = client_of("gp")
    client.raise_request_exception = False
    assert client.get(f"/desk/cases/{foreign.key}/").status_code == 403
    assert client.get("/desk/cases/00000000-0000-0000-0000-000000000000/").status_code == 404
    assert client_of("ddo").get(f"/desk/cases/{foreign.key}/").status_code == 403
