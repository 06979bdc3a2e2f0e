"""The pages of pairs: the list, both records side by side, a judgement with its errors, who was quicker, the download."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client
from tests.web.pairs import pair_of

from haqdar.access.actors import platform
from haqdar.access.models import AuditEvent
from haqdar.identity import pairs
from haqdar.identity.models import Judgement, Pair

HOME, FOREIGN = "40111", "40211"
Clients = Callable[..., Client]


def text(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return str(response.content.decode())


def seen(pair: Pair) -> str:
    return pairs.pair(platform("reader"), pair.key).seen


def test_the_list_and_the_first_page_say_what_waits(state: dict[str, Any], client_of: Clients) -> None:
    client = client_of("pension")
    assert "No pair was found so far" in text(client, "/desk/pairs/")
    pair_of(*state["members"][HOME][:2], (HOME, HOME))
    pair_of(state["members"][HOME][2], state["members"][HOME][4], (HOME, HOME), weight=2.0)
    pair_of(state["members"][HOME][0], state["members"][FOREIGN][0], (HOME, FOREIGN))
    page = text(client, "/desk/pairs/")
    assert (
        page.index("2,000 to 1") < page.index("4 to 1")
        and "Given name: sounds alike, written differently" in page
    )
    assert "1 more pairs have one person outside your area" in page
    assert "No pair is in this state" in text(client, "/desk/pairs/?state=visit")
    assert "To be judged: 2" in text(client, "/desk/")
    assert "परखना बाकी: 2" in text(client_of("pension", "hi"), "/desk/")
    lines = b"".join(client.get("/desk/pairs/download?band=review").streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert (
        len(lines) == 2
        and lines[0].startswith("address,state,band,weight,name_1")
        and "Kamla Devi" in lines[1]
    )
    assert not any(str(member) in lines[1] for member in state["members"][HOME])


def test_both_records_stand_side_by_side_with_what_hangs_on_them(
    state: dict[str, Any], client_of: Clients
) -> None:
    first, second = state["members"][HOME][:2]
    pair = pair_of(first, second, (HOME, HOME))
    page = text(client_of("district"), f"/desk/pairs/{pair.key}/")
    assert "Sita Bai Malviya" in page and "Ramesh Kumar Verma" in page and "2,000 to 1" in page
    assert "Mother: different" in page and "speaks for two people" in page
    assert (
        page.count("Identity not verified") == 2
        and "₹275" in page
        and "One of the records holds or held a pension" in page
    )
    assert AuditEvent.objects.filter(verb="person.view", object_kind="resident").count() == 2
    assert "What do you judge?" not in text(client_of("auditor"), f"/desk/pairs/{pair.key}/")


def test_a_judgement_leads_to_the_next_pair_and_a_late_one_is_told_so(
    state: dict[str, Any], client_of: Clients
) -> None:
    pair = pair_of(*state["members"][HOME][:2], (HOME, HOME))
    other = pair_of(state["members"][HOME][2], state["members"][HOME][4], (HOME, HOME), weight=2.0)
    first, second = client_of("pension"), client_of("block")
    given = {"seen": seen(pair), "answer": "same:papers_seen", "note": ""}
    wrong = first.post(f"/desk/pairs/{pair.key}/judge", given | {"answer": ""}).content.decode()
    assert "Choose: one person, two people" in wrong and 'href="#verdict"' in wrong
    wrong = first.post(f"/desk/pairs/{pair.key}/judge", given | {"answer": "visit"}).content.decode()
    assert 'href="#note"' in wrong and Judgement.objects.count() == 0
    done = first.post(f"/desk/pairs/{pair.key}/judge", given)
    assert done["Location"] == f"/desk/pairs/{other.key}/?after={pair.key}"
    assert "One person; a second opinion is asked for" in text(first, done["Location"])
    late = second.post(f"/desk/pairs/{pair.key}/judge", given | {"answer": "different:both_met"})
    assert b"Nothing of yours was saved" in late.content and Judgement.objects.count() == 1
    assert "Second opinion: what do you judge?" in late.content.decode()
    pair.refresh_from_db()
    done = second.post(
        f"/desk/pairs/{pair.key}/judge", {"seen": seen(pair), "answer": "same:household_asked"}
    )
    assert done["Location"] == f"/desk/pairs/{pair.key}/"
    page = text(second, done["Location"])
    assert "Judged to be one person" in page or "Merge the two records" in page
    # the pair is closed now: whoever is late gets his words back
    late = first.post(f"/desk/pairs/{pair.key}/judge", given | {"answer": "visit", "note": "Ask the <aunt>."})
    assert (
        "What you wrote was not recorded" in late.content.decode()
        and "Ask the &lt;aunt&gt;." in late.content.decode()
    )
    back = second.post(f"/desk/pairs/{pair.key}/back", {"why": ""}).content.decode()
    assert 'href="#why"' in back
    second.post(f"/desk/pairs/{pair.key}/back", {"why": "The papers were of a neighbour."})
    pair.refresh_from_db()
    assert pair.state == "open" and [line.key for line in _listed(second)] == [pair.key, other.key]


def _listed(client: Client) -> Any:
    page: pairs.PairPage = client.get("/desk/pairs/").context["page"]
    return page.rows
