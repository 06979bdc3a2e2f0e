"""The pages of merging: what it changes in rupees, the question which pension stays, the merge, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client
from django.utils import timezone
from tests.web.pairs import pair_of

from haqdar.access.models import AuditEvent
from haqdar.cases.models import Merging
from haqdar.identity.models import Judgement, Pair

HOME = "40111"
Clients = Callable[..., Client]


def judged(pair: Pair, actor: str, opinion: int = 1) -> None:
    Judgement.objects.create(
        pair=pair, at=timezone.now(), actor=actor, opinion=opinion, verdict="same", facts=pair.facts, weight=pair.weight,
        evidence=pair.evidence,
    )  # fmt: skip


def test_two_records_are_merged_looked_at_and_parted_again(state: dict[str, Any], client_of: Clients) -> None:
    first, second = sorted(state["members"][HOME][:2])
    pair = pair_of(first, second, (HOME, HOME), state="open")
    client, hindi = client_of("block"), client_of("block", "hi")
    numbers = {
        str(key): member
        for place, keys in state["people"].items()
        for key, member in zip(keys, state["members"][place], strict=True)
    }
    told = 0

    def looks() -> set[int | None]:
        """Whose record was looked at since this was asked last."""
        nonlocal told
        new = AuditEvent.objects.filter(pk__gt=told, verb="person.view", object_kind="resident")
        seen = dict(new.values_list("pk", "object_key"))
        told = max(seen, default=told)
        return {numbers.get(key) for key in seen.values()}

    for one in (client, hindi):
        session = one.session
        session["second_factor"] = {"at": timezone.now().isoformat(), "kind": "app"}
        session.save()
    address = f"/desk/pairs/{pair.key}/merge"
    assert b"Judge the pair first" in client.get(address).content
    Pair.objects.filter(pk=pair.pk).update(state="same")
    assert b"No records were merged here so far" in client.get("/desk/merges/").content
    page = client.get(address).content.decode()
    assert "Which record stays?" in page and "another officer must judge the pair" in page
    done = client.post(address, {"stay": "first", "shown": "stay=first"})
    assert done.status_code == 200 and not Merging.objects.exists()
    judged(pair, "verifier.one")
    assert looks() >= {first, second}
    page = client.get(f"{address}?stay=second").content.decode()
    assert 'value="second" checked' in page and "verifier.one" in page and "₹" in page
    assert "कौन सा रिकॉर्ड बना रहे?" in hindi.get(address).content.decode()
    answer = {"stay": "first", "keep_1": "first"}
    # the choice is shown at an address without anybody's number, and only what was shown is merged
    there = client.post(address, {**answer, "show": "1"})["Location"]
    assert there == f"{address}?stay=first&keep_1=first#main"
    page = client.get(there.partition("#")[0]).content.decode()
    assert 'name="shown" value="stay=first&amp;keep_1=first"' in page
    anew = client.post(address, {**answer, "stay": "second", "shown": "stay=first&keep_1=first"}).content
    assert b"You chose anew" in anew and not Merging.objects.exists()
    answer["shown"] = "stay=first&keep_1=first"
    done = client.post(address, answer)
    merging = Merging.objects.get()
    assert done["Location"] == f"/desk/merges/{merging.key}/"
    assert (merging.survivor_id, merging.absorbed_id, merging.first_opinion) == (
        first,
        second,
        "verifier.one",
    )
    late = client.post(address, answer).content.decode()
    assert "Somebody was quicker" in late and done["Location"] in late
    assert done["Location"].encode() in client.get(address).content
    looks()
    detail = client.get(done["Location"]).content.decode()
    assert looks() == {first, second}
    assert "Either number finds the person" in detail and "undo the merge" in detail
    people = dict(zip(state["members"][HOME], state["people"][HOME], strict=True))
    assert b"This record was merged into" in client.get(f"/desk/people/{people[second]}/").content
    assert b"also registered as" in client.get(f"/desk/people/{people[first]}/").content
    assert str(first) not in b"".join(client.get("/desk/merges/download").streaming_content).decode()  # type: ignore[attr-defined]
    undo = f"/desk/merges/{merging.key}/undo"
    looks()
    assert b"Whom it touches" in client.get(undo).content
    assert looks() >= {first, second}
    assert b'href="#reason"' in client.post(undo, {"reason": " "}).content
    assert client.post(undo, {"reason": "Two brothers."})["Location"] == f"/desk/merges/{merging.key}/"
    assert b"are two people again" in client.get(f"/desk/merges/{merging.key}/").content
    assert client.get(undo).status_code == 302
