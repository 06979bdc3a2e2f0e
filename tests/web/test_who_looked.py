"""A person sees which offices looked; an officer's page shows cases, withdrawn events and no stranger's name."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from haqdar.access.actors import platform
from haqdar.cases.casework import Opened, open_case
from haqdar.registry.models import EventBelief, ResidentBelief

HOME, FOREIGN = "40111", "40211"


def citizen(key: object) -> Client:
    client = Client()
    client.cookies["haqdar_language"] = "en"
    session = client.session
    session["citizen"] = {
        "resident": str(key),
        "until": (timezone.now() + timedelta(minutes=10)).isoformat(),
    }
    session.save()
    return client


def test_who_looked_names_offices_and_no_person(
    client_of: Callable[..., Client], state: dict[str, Any]
) -> None:
    key = state["people"][HOME][1]
    client_of("gp").get(f"/desk/people/{key}/")
    client_of("block").get(f"/desk/families/{state['families'][HOME]}/")
    client_of("gp").get(f"/desk/people/{state['people'][HOME][3]}/")
    assert client_of("block").get(reverse("desk:passbook-pdf", args=[key])).status_code == 200
    text = citizen(key).get("/who-looked").content.decode()
    assert text.count("downloaded a person") == 1
    assert "Secretary, panchayat or ward" in text and "Amla Kheda" in text
    assert "looked at a person" in text and "looked at a family" in text
    assert "You yourself" in text
    assert text.count("looked at a person") == 1, "another person's page is not about me"
    assert ">gp<" not in text and "Secretary, Gram Panchayat" not in text


def test_who_looked_asks_for_a_code_first(client: Client, state: dict[str, Any]) -> None:
    response = client.get("/who-looked")
    assert response.status_code == 302 and "next=%2Fwho-looked" in response["Location"]


def test_a_relative_outside_the_area_is_not_named(
    client_of: Callable[..., Client], state: dict[str, Any]
) -> None:
    child, mother = state["members"][FOREIGN][5], state["members"][HOME][0]
    earlier = ResidentBelief.objects.get(member_id=child)
    earlier.pk = (child, 2)
    values = {
        field.attname: getattr(earlier, field.attname) for field in ResidentBelief._meta.concrete_fields
    }
    values |= {
        "belief_no": 2,
        "mother_id": mother,
        "name_en": "Far Away",
        "name_hi": "दूर का",
        "fingerprint": uuid4(),
    }
    ResidentBelief.objects.create(**values)
    path = f"/desk/people/{state['people'][HOME][0]}/"
    text = client_of("gp").get(path).content.decode()
    assert "lives outside your area" in text
    assert "Far Away" not in text and str(state["people"][FOREIGN][5]) not in text
    whole = client_of("state").get(path).content.decode()
    assert "Far Away" in whole and str(state["people"][FOREIGN][5]) in whole


def test_person_detail_shows_cases_and_what_was_taken_back(
    client_of: Callable[..., Client], state: dict[str, Any]
) -> None:
    member = state["members"][HOME][1]
    case = open_case(
        platform("test"), "application.submit", Opened(kind="application", area_code=HOME, member_id=member)
    )
    event = EventBelief.objects.filter(member_id=member).latest("belief_no")
    values = {field.attname: getattr(event, field.attname) for field in EventBelief._meta.concrete_fields}
    values |= {
        "belief_no": event.belief_no + 1,
        "kind": "withdrawn",
        "fingerprint": uuid4(),
        "known_from": date(2016, 11, 1),
    }
    EventBelief.objects.create(**values)
    client = client_of("gp")
    text = client.get(f"/desk/people/{state['people'][HOME][1]}/").content.decode()
    assert str(case.number) in text and f"/desk/cases/{case.key}/" in text
    assert "taken back" in text and "1 November 2016" in text


def test_open_figures_and_their_api_answer_for_everybody(client: Client, state: dict[str, Any]) -> None:
    from haqdar.base.month import Month
    from haqdar.outcomes.actions import publish_delays, publish_month

    assert client.get("/open/").status_code == 200
    publish_month(platform(), Month(2016, 10))
    publish_delays(platform())
    for path in ("/open/", "/open/areas/23/", "/open/schemes/IGNOAPS/", "/open/delays/", "/open/about"):
        assert client.get(path).status_code == 200, path
    assert client.get("/open/areas/nowhere/").status_code == 404
    assert client.get("/open/?month=1999-01").status_code == 404
    lines = (
        b"".join(client.get("/open/download/pensions-2016-10.csv").streaming_content).decode().splitlines()
    )  # type: ignore[attr-defined]
    assert lines[0].startswith("month,area_code") and any(",<5," in line for line in lines)
    answer = client.get("/api/open/v1/pensions/2016-10/figures?kind=state")
    # five bodies of one pensioner each: the sum of five would say that each hidden count is 1
    assert (answer.json()["figures"][0]["count"], answer.json()["figures"][0]["state"]) == (None, "kept")
    assert answer["Access-Control-Allow-Origin"] == "*" and "public" in answer["Cache-Control"]
    assert client.get("/api/open/v1/pensions/1999-01/figures").status_code == 404
