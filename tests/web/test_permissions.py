"""Every officers' page × every function × own and foreign area: allowed or refused as the table says."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern

from haqdar.access.actors import MAY
from haqdar.access.models import AuditEvent, User
from haqdar.web.desk import urls

HOME = "40111"
FOREIGN = "40211"
ROLES = {
    "state": "state",
    "district": "district",
    "block": "sanctioning_officer",
    "ddo": "ddo",
    "gp": "secretary",
    "auditor": "auditor",
}
WHOLE_STATE = {"state", "auditor"}

# route name -> (verb, path of an object in the gram panchayat of the demonstration secretary, path of a foreign one)
PAGES: dict[str, tuple[str, str, str | None]] = {
    "month-latest": ("month.view", "/desk/months/", None),
    "month-detail": (
        "month.view",
        "/desk/months/2016-10/?area={home}",
        "/desk/months/2016-10/?area={foreign}",
    ),
    "work-list": (
        "worklist.view",
        "/desk/months/2016-10/work/start/?area={home}",
        "/desk/months/2016-10/work/start/?area={foreign}",
    ),
    "work-download": (
        "worklist.download",
        "/desk/months/2016-10/work/start/download?area={home}",
        "/desk/months/2016-10/work/start/download?area={foreign}",
    ),
    "forecast-list": (
        "forecast.view",
        "/desk/months/2016-10/forecast/?area={home}",
        "/desk/months/2016-10/forecast/?area={foreign}",
    ),
    "forecast-download": (
        "forecast.download",
        "/desk/months/2016-10/forecast/download?area={home}",
        "/desk/months/2016-10/forecast/download?area={foreign}",
    ),
    "person-search": ("person.search", "/desk/people/?q=sita", None),
    "person-detail": ("person.view", "/desk/people/{person}/", "/desk/people/{foreign_person}/"),
    "reasons-latest": ("reasons.view", "/desk/people/{person}/reasons/", None),
    "reasons-detail": (
        "reasons.view",
        "/desk/people/{person}/reasons/2016-10/",
        "/desk/people/{foreign_person}/reasons/2016-10/",
    ),
    "event-new": ("event.record", "/desk/people/{person}/event", "/desk/people/{foreign_person}/event"),
    "event-withdraw": (
        "event.withdraw",
        "/desk/people/{person}/events/{event}/withdraw",
        "/desk/people/{foreign_person}/events/{foreign_event}/withdraw",
    ),
    "change-list": ("change.view", "/desk/changes/?area={home}", "/desk/changes/?area={foreign}"),
    "change-download": (
        "change.download",
        "/desk/changes/download?area={home}",
        "/desk/changes/download?area={foreign}",
    ),
    "change-detail": ("change.view", "/desk/changes/{change}/", "/desk/changes/{foreign_change}/"),
    "family-detail": ("family.view", "/desk/families/{family}/", "/desk/families/{foreign_family}/"),
    "bill-latest": ("payments.view", "/desk/bills/", None),
    "bill-list": ("payments.view", "/desk/bills/2016-10/", None),
    "bill-download": ("payments.download", "/desk/bills/2016-10/download", None),
    "delivery-list": ("delivery.view", "/desk/deliveries/", None),
    "delivery-detail": ("delivery.view", "/desk/deliveries/{delivery}/", None),
    "rejection-download": ("delivery.download", "/desk/deliveries/{delivery}/rejections", None),
    "outbox": ("outbox.view", "/desk/outbox/", None),
    "run-list": ("run.view", "/desk/runs/", None),
    "run-month": ("month.run", "/desk/runs/new", None),
    "proposal-list": ("law.view", "/desk/proposals/", None),
    "proposal-detail": ("law.view", "/desk/proposals/widow-500/", None),
    "simulation-detail": ("law.view", "/desk/simulations/{simulation}/", None),
    "simulation-download": ("law.view", "/desk/simulations/{simulation}/download?table=district", None),
    "simulation-people": (
        "law.view",
        "/desk/simulations/{simulation}/people/?area={home}",
        "/desk/simulations/{simulation}/people/?area={foreign}",
    ),
}
OPEN = {"desk", "log-in", "log-out"}


def _filled(path: str, state: dict[str, Any]) -> str:
    return path.format(
        home=HOME,
        foreign=FOREIGN,
        person=state["people"][HOME][0],
        foreign_person=state["people"][FOREIGN][0],
        family=state["families"][HOME],
        foreign_family=state["families"][FOREIGN],
        delivery=state["delivery"],
        simulation=state["simulation"],
        event=state["events"][HOME],
        foreign_event=state["events"][FOREIGN],
        change=state["changes"][HOME],
        foreign_change=state["changes"][FOREIGN],
    )


def test_every_page_is_in_the_table() -> None:
    routes = {pattern.name for pattern in urls.urlpatterns if isinstance(pattern, URLPattern)}
    assert routes == set(PAGES) | OPEN


# One filled State serves all pages of a function: filling it costs more than asking.
@pytest.mark.parametrize("username", ROLES)
def test_own_area(username: str, client_of: Callable[..., Client], state: dict[str, Any]) -> None:
    client = client_of(username)
    for page, (verb, own, _) in PAGES.items():
        status = client.get(_filled(own, state)).status_code
        assert status in ({200, 302} if ROLES[username] in MAY[verb] else {403}), page


@pytest.mark.parametrize("username", ROLES)
def test_foreign_area(username: str, client_of: Callable[..., Client], state: dict[str, Any]) -> None:
    client = client_of(username)
    for page, (verb, _, foreign) in PAGES.items():
        if foreign is not None:
            status = client.get(_filled(foreign, state)).status_code
            allowed = ROLES[username] in MAY[verb] and username in WHOLE_STATE
            assert status == (200 if allowed else 403), page


def test_nobody_gets_in_without_logging_in(client: Client, state: dict[str, Any]) -> None:
    for _, own, foreign in PAGES.values():
        for path in filter(None, (own, foreign)):
            response = client.get(_filled(path, state))
            assert response.status_code == 302
            assert response["Location"].startswith("/desk/log-in?next=")


def test_a_panchayat_sees_its_own_people_only(
    client_of: Callable[..., Client], state: dict[str, Any]
) -> None:
    text = client_of("gp").get("/desk/months/2016-10/work/start/").content.decode()
    assert str(state["people"][HOME][0]) in text
    for gp, keys in state["people"].items():
        if gp != HOME:
            assert not any(str(key) in text for key in keys)


def test_a_download_holds_the_own_area_only(client_of: Callable[..., Client], state: dict[str, Any]) -> None:
    response = client_of("block").get("/desk/months/2016-10/work/start/download")
    lines = b"".join(response.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert lines[0].startswith("action,member_id,group,")
    assert {line.split(",")[8] for line in lines[1:]} == {"40111", "40112"}


def test_looking_at_personal_data_is_recorded(
    client_of: Callable[..., Client], state: dict[str, Any]
) -> None:
    key = state["people"][HOME][0]
    client_of("gp").get(f"/desk/people/{key}/", REMOTE_ADDR="10.1.2.3")
    event = AuditEvent.objects.get(verb="person.view")
    assert (event.actor, event.object_key, event.ip) == ("gp", str(key), "10.1.2.3")


def test_an_address_never_carries_a_member_id(
    client_of: Callable[..., Client], state: dict[str, Any]
) -> None:
    text = client_of("gp").get("/desk/months/2016-10/work/start/").content.decode()
    for member_id in state["members"][HOME]:
        assert f"/{member_id}" not in text and f"={member_id}" not in text


def test_an_account_without_a_posting_sees_nothing(state: dict[str, Any]) -> None:
    client = Client()
    client.force_login(User.objects.create_user("nobody", "a long enough one", name_en="Nobody"))
    assert client.get("/desk/months/2016-10/").status_code == 403
