"""Every address of the site × every function × own and foreign area: allowed or refused as the table says."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from tests.web.addresses import HOME, asked_of, foreign_path, objects, own_path, unknown

from haqdar.access.actors import MAY, SECOND_FACTOR, acting, platform
from haqdar.access.models import AuditEvent, User
from haqdar.access.models.people import Role
from haqdar.web.permissions import PUBLIC, Address, addresses

ACCOUNTS = {
    "state": "state",
    "district": "district",
    "block": "sanctioning_officer",
    "ddo": "ddo",
    "gp": "secretary",
    "auditor": "auditor",
    "pension": "verifier",
    "appeal1": "first_appellate",
    "appeal2": "second_appellate",
    "admin": "administrator",
}
"""A demonstration account of each function; all are posted to areas that hold HOME and not FOREIGN, or to the State."""
WHOLE_STATE = {"state", "auditor"}
FINE = {200, 302, 400}
"""Let in: a page, an act that leads on, or a form or state of things that does not fit. Never 403, never a failure."""


@pytest.fixture
def filled(state: dict[str, Any]) -> dict[str, Any]:
    """The small State with an object of each kind in the own and in a foreign area."""
    return objects(state)


def asks(client: Client, path: str) -> Any:
    """Ask for a page, or post to one that is only posted to; whatever it did is undone."""
    with transaction.atomic():
        response = client.get(path)
        if response.status_code == 405:
            response = client.post(path)
        transaction.set_rollback(True)
    return response


def leads_away(response: Any) -> bool:
    """Whether the answer sends to the log-in or to the second factor instead of the page."""
    stems = ("/desk/log-in", "/desk/account/second-factor?", "/desk/account/second-factor/set-up")
    return response.status_code == 302 and response["Location"].startswith(stems)


def may(username: str, address: Address) -> bool:
    """Whether the table lets the account's function do what the address is for."""
    asked = asked_of(address)
    verbs = {address.verb, asked.also if asked and asked.also else address.verb}
    return all(ACCOUNTS[username] in MAY[verb] for verb in verbs)


GUARDED = [one for one in addresses() if one.verb]


def test_every_function_has_an_account() -> None:
    assert set(ACCOUNTS.values()) == set(Role.values)


def test_every_address_can_be_filled() -> None:
    assert [unknown(one) for one in addresses() if asked_of(one) is None and one.name not in PUBLIC] == []


# One filled State serves all pages of a function: filling it costs more than asking.
@pytest.mark.parametrize("username", ACCOUNTS)
def test_own_area(username: str, client_of: Callable[..., Client], filled: dict[str, Any]) -> None:
    client = client_of(username)
    filled["username"] = username
    wrong = []
    for address in GUARDED:
        response = asks(client, own_path(address, filled))
        if may(username, address):
            right = response.status_code in FINE and not leads_away(response)
        else:
            right = response.status_code == 403
        if not right:
            wrong.append((address.name, address.verb, response.status_code))
    assert wrong == []


@pytest.mark.parametrize("username", ACCOUNTS)
def test_foreign_area(username: str, client_of: Callable[..., Client], filled: dict[str, Any]) -> None:
    client = client_of(username)
    wrong = []
    for address in GUARDED:
        path = foreign_path(address, filled)
        if path is None:
            continue
        response = asks(client, path)
        if may(username, address) and username in WHOLE_STATE:
            right = response.status_code in FINE and not leads_away(response)
        else:
            right = response.status_code in (403, 404)
        if not right:
            wrong.append((address.name, address.verb, response.status_code))
    assert wrong == []


def test_nobody_gets_in_without_logging_in(client: Client, filled: dict[str, Any]) -> None:
    for address in GUARDED:
        for path in filter(None, (own_path(address, filled), foreign_path(address, filled))):
            response = asks(client, path)
            assert response.status_code == 302, address.name
            assert response["Location"].startswith("/desk/log-in?next="), address.name


def test_public_addresses_ask_nobody_to_log_in(client: Client, filled: dict[str, Any]) -> None:
    for address in addresses():
        if address.name in PUBLIC and not address.name.startswith("desk:") and asked_of(address) is not None:
            response = asks(client, own_path(address, filled))
            assert response.status_code < 500, address.name
            assert not leads_away(response), address.name


@pytest.mark.parametrize("username", ["block", "state", "appeal2", "admin"])
def test_strong_acts_ask_for_the_second_factor(
    username: str, client_of: Callable[..., Client], filled: dict[str, Any]
) -> None:
    client = client_of(username, second_factor=False)
    strong = [one for one in GUARDED if one.verb in SECOND_FACTOR and ACCOUNTS[username] in MAY[one.verb]]
    for address in strong:
        with transaction.atomic():
            response = client.get(own_path(address, filled))
            if response.status_code == 405:
                response = client.post(own_path(address, filled))
                assert b'name="second_factor_code"' in response.content, address.name
            else:
                assert response["Location"].startswith("/desk/account/second-factor?next="), address.name
            transaction.set_rollback(True)


def test_delegated_functions_narrow_what_a_function_may(
    client_of: Callable[..., Client], filled: dict[str, Any]
) -> None:
    block = User.objects.get(username="block")
    with acting(platform("test"), "posting.change"):
        block.postings.update(functions=["month.view"])
    client = client_of("block")
    allowed = {one.verb for one in GUARDED if asks(client, own_path(one, filled)).status_code != 403}
    assert allowed == {"month.view", "own_account.manage"}


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
    with acting(platform("test"), "user.create"):
        nobody = User.objects.create_user("nobody", "a long enough one", name_en="Nobody")
    client.force_login(nobody)
    assert client.get("/desk/months/2016-10/").status_code == 403
