"""Life events of the desk: written as the register of events would, refused in words, taken back by one more belief."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from haqdar.access.actors import Actor, NotYourFunction, OutsideYourArea, platform
from haqdar.access.models import AuditEvent
from haqdar.base.refusal import Refusal
from haqdar.registry import events
from haqdar.registry.actions import load_folder
from haqdar.registry.changes import MOST_OF_A_FILE, changes, note_file
from haqdar.registry.models import Change, EventBelief

from .folders import STATE, Table, write

pytestmark = pytest.mark.django_db
SITA, RAM, GITA = 100_000_001, 100_000_002, 3
DIED = date(2016, 10, 3)
TOLD = date(2016, 10, 20)
OFFICER = platform("officer")
Load = Callable[..., object]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Loads tables as one delivery."""
    number = 0

    def run(delivered_on: date = date(2016, 9, 25), **tables: Table) -> object:
        nonlocal number
        number += 1
        folder = write(tmp_path / f"delivery-{number}", **tables)
        return load_folder(folder, delivered_on, tmp_path / "out")

    return run


def secretary(*paths: str) -> Actor:
    return Actor(user_id=7, name="gp", roles=frozenset({"secretary"}), area_paths=paths)


def beliefs(event_id: str) -> list[tuple[int, str]]:
    return list(
        EventBelief.objects.filter(event_id=event_id).order_by("belief_no").values_list("belief_no", "kind")
    )


def test_an_event_is_noted_once_with_its_news_and_its_audit(load: Load) -> None:
    load(**STATE)
    number = events.record_event(OFFICER, RAM, "death", DIED, TOLD, event_id="desk-1")
    assert events.record_event(OFFICER, RAM, "death", DIED, TOLD, event_id="desk-1") == number
    belief = EventBelief.objects.get(event_id="desk-1")
    assert (belief.known_from, belief.delivery.code, belief.verified_by) == (TOLD, "desk", None)
    (news,) = changes([number])
    assert (news.register, news.kind, news.member_id, news.from_desk) == ("event", "death", RAM, True)
    audit = AuditEvent.objects.get(verb="event.record")
    assert audit.new == {"kind": "death", "happened_on": "2016-10-03", "reported_on": "2016-10-20"}
    assert str(RAM) not in audit.object_key


def test_the_departments_row_of_the_same_event_adds_nothing(load: Load) -> None:
    load(**STATE)
    events.record_event(OFFICER, GITA, "marriage", DIED, TOLD, SITA, event_id="desk-2")
    row = {"event_id": "desk-2", "member_id": "000000003", "kind": "marriage", "happened_on": "2016-10-03",
           "reported_on": "2016-10-20", "spouse_id": "100000001"}  # fmt: skip
    load(date(2016, 11, 1), events=[row])
    assert beliefs("desk-2") == [(1, "marriage")]
    load(date(2016, 11, 2), events=[dict(row, spouse_id="")])
    assert beliefs("desk-2") == [(1, "marriage"), (2, "marriage")]


def test_a_number_is_not_used_for_two_events(load: Load) -> None:
    load(**STATE)
    events.record_event(OFFICER, RAM, "death", DIED, TOLD, event_id="desk-3")
    with pytest.raises(events.AnotherEvent):
        events.record_event(OFFICER, RAM, "death", DIED + timedelta(1), TOLD, event_id="desk-3")
    # nor may a form correct an event of a file
    with pytest.raises(events.AnotherEvent):
        events.record_event(OFFICER, GITA, "death", DIED, TOLD, event_id="E1")


TOMORROW = timezone.localdate() + timedelta(days=1)


@pytest.mark.parametrize(
    ("given", "refusal", "code"),
    [
        ({"kind": "birthday"}, events.NoSuchKind, "not_in_list"),
        ({"happened_on": TOMORROW, "reported_on": TOMORROW}, events.InTheFuture, "date_in_future"),
        ({"reported_on": TOMORROW}, events.InTheFuture, "date_in_future"),
        ({"reported_on": DIED - timedelta(days=1)}, events.ReportedTooEarly, "end_before_start"),
        ({"member_id": 999_999_999}, events.NoSuchResident, "unknown_member"),
        ({"kind": "marriage", "spouse_id": 999_999_999}, events.NoSuchResident, "unknown_member"),
        ({"kind": "marriage", "spouse_id": RAM}, events.MarriedToOneself, "spouse_is_person"),
    ],
)
def test_what_the_contract_rejects_is_refused(
    load: Load, given: dict[str, object], refusal: type[Refusal], code: str
) -> None:
    load(**STATE)
    values = {"member_id": RAM, "kind": "death", "happened_on": DIED, "reported_on": TOLD} | given
    with pytest.raises(refusal) as caught:
        events.record_event(OFFICER, **values)  # type: ignore[arg-type]
    assert caught.value.code == code
    assert not Change.objects.exclude(belief_no=None).exists()


def test_only_in_ones_own_area_and_function(load: Load) -> None:
    load(**STATE)
    with pytest.raises(OutsideYourArea):
        events.record_event(secretary("/S/D1/B1/G2/"), RAM, "death", DIED, TOLD)
    auditor = Actor(user_id=8, name="auditor", roles=frozenset({"auditor"}), area_paths=None)
    with pytest.raises(NotYourFunction):
        events.record_event(auditor, RAM, "death", DIED, TOLD)
    number = events.record_event(secretary("/S/D1/B1/G1/"), RAM, "death", DIED, TOLD)
    fingerprint = EventBelief.objects.get(event_id=changes([number])[0].event_id).fingerprint
    with pytest.raises(OutsideYourArea):
        events.withdraw_event(secretary("/S/D1/B1/G2/"), RAM, fingerprint)
    with pytest.raises(OutsideYourArea):
        events.told(secretary("/S/D1/B1/G2/"), number)


def test_a_mistake_is_taken_back_once_and_stays_readable(load: Load) -> None:
    load(**STATE)
    fingerprint = EventBelief.objects.get(event_id="E1").fingerprint
    number = events.withdraw_event(OFFICER, GITA, fingerprint)
    assert beliefs("E1") == [(1, "death"), (2, "withdrawn")]
    with pytest.raises(events.NothingToWithdraw):
        events.withdraw_event(OFFICER, GITA, fingerprint)
    told = events.told(OFFICER, number)
    assert told is not None
    assert (told.event.kind, told.withdrawn, told.believed) == ("death", True, False)


def test_the_withdrawn_row_delivered_again_does_not_come_back_but_a_corrected_one_does(load: Load) -> None:
    load(**STATE)
    events.withdraw_event(OFFICER, GITA, EventBelief.objects.get(event_id="E1").fingerprint)
    load(date(2016, 11, 1), events=STATE["events"])
    assert beliefs("E1") == [(1, "death"), (2, "withdrawn")]
    load(timezone.localdate(), events=[dict(STATE["events"][0], happened_on="2016-03-04")])
    assert beliefs("E1")[2:] == [(3, "death")]


def test_nobody_withdraws_the_event_of_another(load: Load) -> None:
    load(**STATE)
    with pytest.raises(events.NothingToWithdraw):
        events.withdraw_event(OFFICER, SITA, EventBelief.objects.get(event_id="E1").fingerprint)


def test_a_small_file_is_news_and_a_large_one_is_left_to_the_next_run(load: Load) -> None:
    load(**STATE)
    noted = {(row.register, row.member_id, row.family_id) for row in Change.objects.all()}
    assert ("bpl", None, 10_000_001) in noted
    assert ("event", GITA, None) in noted
    assert not {register for register, _, _ in noted} & {"area", "office"}
    before = Change.objects.count()
    load(**STATE)
    assert Change.objects.count() == before, "the same delivery again is no news"
    # the table it would read is not there: it must not even look
    note_file(None, "residents", 1, OFFICER, MOST_OF_A_FILE + 1)  # type: ignore[arg-type]
    assert Change.objects.count() == before


def test_news_cannot_be_edited(load: Load) -> None:
    load(**STATE)
    with pytest.raises(DatabaseError), transaction.atomic():
        Change.objects.update(kind="death")
