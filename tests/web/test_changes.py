"""Recording and taking back an event on the pages, and the list of what changed since the run."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from haqdar.access.models import AuditEvent
from haqdar.cases.models import StandingDecision
from haqdar.registry.models import EventBelief

HOME, FOREIGN = "40111", "40211"
DEATH = {"kind": "death", "happened_on": "2016-10-07", "reported_on": "2016-10-20", "spouse": ""}


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


@pytest.fixture
def officer(client_of: Callable[..., Client]) -> Client:
    """The secretary of the panchayat."""
    return client_of("gp")


def test_a_death_is_previewed_recorded_shown_and_taken_back(officer: Client, state: dict[str, Any]) -> None:
    wife, husband = state["people"][HOME][:2]
    address = f"/desk/people/{husband}/event"
    number = re.search(r'name="event_id" value="([^"]+)"', officer.get(address).content.decode())
    assert number is not None
    form = DEATH | {"event_id": number[1]}
    events = EventBelief.objects.count()
    preview = text(officer.post(address, form))
    assert "Record this: Death?" in preview
    assert "Whom it touches and what changes" in preview
    assert str(wife) in preview
    assert EventBelief.objects.count() == events, "a preview writes nothing"

    answer = officer.post(address, form | {"previewed": "yes", "confirm": "yes"}, follow=True)
    assert EventBelief.objects.count() == events + 1
    shown = text(answer)
    assert "This was a mistake: take it back" in shown
    place = answer.request["PATH_INFO"]
    again = officer.post(address, form | {"previewed": "yes", "confirm": "yes"}, follow=True)
    assert again.request["PATH_INFO"] == place, "the same form again records nothing"
    assert EventBelief.objects.count() == events + 1

    member = state["members"][HOME][1]
    assert StandingDecision.objects.get(member_id=member, replaced_at=None).reason == "died"
    page = text(officer.get(f"/desk/people/{husband}/"))
    assert "Since the last run" in page
    assert "at once" in page

    back = re.search(r'href="([^"]+/withdraw)"', shown)
    assert back is not None
    assert "Take this back: Death?" in text(officer.get(back[1]))
    undone = text(officer.post(back[1], follow=True))
    assert "Taken back: Death" in undone
    # he had moved away already, so he stops all the same; what the death alone had brought is undone
    assert "was to start" in undone or "moved out of the State" in undone
    assert not StandingDecision.objects.filter(member_id=member, replaced_at=None, reason="died").exists()
    assert "Died on" not in text(officer.get(f"/desk/people/{husband}/"))
    assert officer.get(back[1]).status_code == 400, "taken back once"
    assert set(AuditEvent.objects.filter(actor="gp").values_list("verb", flat=True)) >= {
        "event.record",
        "event.withdraw",
        "change.view",
    }


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"kind": ""}, "kind"),
        ({"kind": "birthday"}, "kind"),
        ({"happened_on": ""}, "happened_on"),
        ({"happened_on": "31/10/2016"}, "happened_on"),
        ({"happened_on": "9999-12-31", "reported_on": "9999-12-31"}, "happened_on"),
        ({"reported_on": "2016-10-01"}, "reported_on"),
        ({"kind": "marriage", "spouse": "12"}, "spouse"),
        ({"kind": "marriage", "spouse": "999 999 999"}, "spouse"),
    ],
)
@pytest.mark.parametrize("language", ["en", "hi"])
def test_what_is_wrong_is_said_at_its_field(
    client_of: Callable[..., Client], state: dict[str, Any], typed: dict[str, str], field: str, language: str
) -> None:
    answer = client_of("gp", language).post(f"/desk/people/{state['people'][HOME][1]}/event", DEATH | typed)
    shown = text(answer)
    assert f'<a href="#{field}">' in shown
    assert f'id="{field}-error"' in shown
    assert f'value="{(DEATH | typed)["happened_on"]}"' in shown, "what was typed stays"


def test_the_language_button_keeps_the_form_and_records_nothing(
    officer: Client, state: dict[str, Any]
) -> None:
    events = EventBelief.objects.count()
    form = DEATH | {"previewed": "yes", "confirm": "yes", "language": "hi"}
    shown = officer.post(f"/desk/people/{state['people'][HOME][1]}/event", form).content.decode()
    assert "यह दर्ज करें" in shown
    assert EventBelief.objects.count() == events


def test_people_elsewhere_are_counted_and_not_named(officer: Client, state: dict[str, Any]) -> None:
    bride, groom = state["people"][HOME][0], state["members"][FOREIGN][1]
    # the bride is married already, so the marriage is asked for twice
    form = DEATH | {"kind": "marriage", "spouse": str(groom), "sure": "yes"}
    preview = text(officer.post(f"/desk/people/{bride}/event", form))
    assert "a person of another area" in preview
    assert "People in other areas looked at too: 1" in preview
    assert str(state["people"][FOREIGN][1]) not in preview
    recorded = text(
        officer.post(
            f"/desk/people/{bride}/event", form | {"previewed": "yes", "confirm": "yes"}, follow=True
        )
    )
    assert "People in other areas looked at too: 1" in recorded
    assert str(state["people"][FOREIGN][1]) not in recorded


def test_nobody_posts_for_a_foreign_area_or_another_function(
    client_of: Callable[..., Client], state: dict[str, Any]
) -> None:
    events = EventBelief.objects.count()
    confirmed = DEATH | {"previewed": "yes", "confirm": "yes"}
    for username, gp in (
        ("gp", FOREIGN),
        ("auditor", HOME),
        ("state", HOME),
        ("ddo", HOME),
        ("district", HOME),
    ):
        client = client_of(username)
        assert client.post(f"/desk/people/{state['people'][gp][1]}/event", confirmed).status_code == 403
        fingerprint = state["events"][gp]
        address = f"/desk/people/{state['people'][gp][0]}/events/{fingerprint}/withdraw"
        assert client.post(address).status_code == 403
    assert EventBelief.objects.count() == events


def test_the_list_is_filtered_and_downloaded(client_of: Callable[..., Client], state: dict[str, Any]) -> None:
    client = client_of("state")
    shown = text(client.get("/desk/changes/"))
    assert "moved out of the State" in shown
    assert str(state["people"][FOREIGN][1]) in shown
    assert "Nobody fits these filters" in text(client.get("/desk/changes/?action=move&reason=died"))
    narrowed = text(client.get(f"/desk/changes/?action=stop&area={HOME}&reason=migrated&scheme=IGNOAPS"))
    assert str(state["people"][HOME][1]) in narrowed
    assert str(state["people"][FOREIGN][1]) not in narrowed
    response = client_of("block").get("/desk/changes/download?reason=migrated")
    lines = b"".join(response.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert lines[0].startswith("day,member_id,group,was_action,")
    assert {line.split(",")[17] for line in lines[1:]} == {"40111", "40112"}
    assert all(line.split(",")[6] == "stop" and line.split(",")[11] == "migrated" for line in lines[1:])
