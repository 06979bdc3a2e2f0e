"""Queues: what waits for whom, in which order, and nothing beyond the own area."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.web import open_cases

from haqdar.access.actors import Actor, Grant, NotYourFunction
from haqdar.access.models import User
from haqdar.access.queries import actor_of, place
from haqdar.cases import caselists
from haqdar.cases.caselists import QueueFilter

pytestmark = pytest.mark.django_db


@pytest.fixture
def state(db: None, small_state: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    keys = small_state()
    open_cases.open_all(keys["run"])
    return keys


def officer(name: str) -> Actor:
    return actor_of(User.objects.get(username=name), None)


def posted(*grants: tuple[str, str | None]) -> Actor:
    own = tuple(Grant(role, path) for role, path in grants)
    paths = tuple(path for _, path in grants if path)
    return Actor(1, "several", frozenset(role for role, _ in grants), paths, grants=own)


def test_a_desk_counts_each_queue_of_the_function_in_the_own_area(state: dict[str, Any]) -> None:
    secretary = caselists.counts(officer("gp"))
    assert set(secretary) == {"starts", "applications", "facts", "returned"}
    assert secretary["starts"].all == 1 and secretary["facts"].all == 1
    ceo = caselists.counts(officer("block"))
    assert ceo["notes"].all == 4 and ceo["stops"].all == 2
    assert caselists.counts(officer("auditor")) == {}


def test_a_posting_counts_only_what_it_includes(state: dict[str, Any]) -> None:
    both = posted(("secretary", "/23/401/4011/40111/"), ("sanctioning_officer", "/23/402/"))
    found = caselists.counts(both)
    assert found["starts"].all == 1 and found["notes"].all == 2 and found["facts"].all == 2
    page = caselists.queue(both, "case.verify", QueueFilter())
    assert {row.area_code for row in page.rows} == {"40111"}


def test_days_left_decide_the_order_and_the_counts(state: dict[str, Any]) -> None:
    today = timezone.localdate()
    open_cases.more("start", 12, state, due_on=today - timedelta(days=2))
    count = caselists.counts(officer("gp"))["starts"]
    assert (count.late, count.today, count.week, count.all) == (2, 1, 7, 13)
    page = caselists.queue(officer("gp"), "case.verify", QueueFilter())
    due = [row.due_on for row in page.rows if row.due_on]
    assert due == sorted(due) and page.late == 2 and page.rows[0].days_left(today) == -2
    for when, number in (("late", 2), ("today", 1), ("soon", 4), ("week", 7)):
        assert caselists.queue(officer("gp"), "case.verify", QueueFilter(when=when)).total == number, when


def test_filters(state: dict[str, Any]) -> None:
    made = open_cases.more("start", 5, state, scheme="SSP-PWD", reason="entitled")
    gp = officer("gp")

    def total(**chosen: Any) -> int:
        return caselists.queue(gp, "case.verify", QueueFilter(**chosen)).total

    assert (
        total(scheme="SSP-PWD") == 5 and total(reason="husband_died") == 1 and total(kind="application") == 0
    )
    assert total(members=()) == 0 and total(members=(made[0].member_id,)) >= 1
    assert total(number=made[3].number) == 1 and total(since=1) == 6 and total(mine="gp") == 0
    page = caselists.queue(gp, "case.verify", QueueFilter(scheme="SSP-PWD"))
    assert page.schemes == {"SSP-PWD": 5, "IGNWPS": 1}


def test_nobody_reads_another_area(state: dict[str, Any]) -> None:
    gp = officer("gp")
    foreign = place(officer("state"), "402")
    assert caselists.queue(gp, "case.verify", QueueFilter(), foreign).total == 0
    with pytest.raises(NotYourFunction):
        caselists.queue(officer("ddo"), "case.verify", QueueFilter())
    # whoever may only look on sees the list of the own area
    district = caselists.queue(officer("district"), "case.verify", QueueFilter())
    assert {row.area_code for row in district.rows} == {"40111", "40112", "40121", "40131"}


@pytest.mark.parametrize("sort", caselists.SORTS)
def test_every_case_has_its_neighbours(state: dict[str, Any], sort: str) -> None:
    from haqdar.cases.models import Case

    open_cases.more("start", 7, state, paise=10000)
    open_cases.more("start", 3, state, area="40112", paise=20000)
    block = officer("district")
    filters = QueueFilter(sort=sort)
    keys = [row.key for row in caselists.queue(block, "case.verify", filters).rows]
    for at, key in enumerate(keys):
        case = Case.objects.get(key=key)
        before, after = caselists.neighbours(block, "case.verify", filters, None, case)
        assert before == (keys[at - 1] if at else None)
        assert after == (keys[at + 1] if at + 1 < len(keys) else None)


def test_a_case_just_dealt_with_still_leads_to_the_next(state: dict[str, Any]) -> None:
    from haqdar.cases.casework import advance

    made = open_cases.more("move", 3, state)
    block = officer("block")
    case = advance(block, made[1].key, "case.note", outcome="noted")
    before, after = caselists.neighbours(
        block, "case.note", QueueFilter(scheme="IGNOAPS", reason="age_band"), None, case
    )
    assert after == made[2].key and before is not None


def test_areas_and_overview_agree_with_the_lists(state: dict[str, Any]) -> None:
    district = officer("district")
    here = place(district, None)
    assert here is not None
    areas = caselists.areas_with_work(district, "case.verify", here)
    assert {area.area_code: area.count.all for area in areas} == {"4011": 2, "4012": 1, "4013": 1}
    verbs, children = caselists.overview(district, here)
    assert verbs["case.verify"].all == 4 and sum(area.count.all for area in children) == 20
    state_place = place(officer("state"), None)
    assert state_place is not None
    verbs, children = caselists.overview(officer("state"), state_place)
    assert {area.area_code for area in children} == {"401", "402"} and verbs["case.verify"].all == 5


def test_downloads_and_relatives(state: dict[str, Any]) -> None:
    made = open_cases.more("start", 3, state)
    gp = officer("gp")
    rows = [row for chunk in caselists.queue_rows(gp, "case.verify", QueueFilter()) for row in chunk]
    assert len(rows) == 4
    assert made[0].member_id is not None
    own = caselists.cases_of_member(gp, made[0].member_id)
    assert len(own) == 2
    assert [row.key for row in caselists.related(gp, made[0])] == [
        row.key for row in own if row.key != made[0].key
    ]


def test_query_counts_do_not_grow(state: dict[str, Any]) -> None:
    gp = officer("gp")
    with CaptureQueriesContext(connection) as few:
        caselists.counts(gp)
        caselists.queue(gp, "case.verify", QueueFilter())
    open_cases.more("start", 300, state)
    with CaptureQueriesContext(connection) as many:
        caselists.counts(gp)
        page = caselists.queue(gp, "case.verify", QueueFilter())
    assert len(few) == len(many) == 3
    assert len(page.rows) == 200 and page.pages == 2
    assert caselists.queue(gp, "case.verify", QueueFilter(page=2)).rows[0].id not in {
        row.id for row in page.rows
    }
