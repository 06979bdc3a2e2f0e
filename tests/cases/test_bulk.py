"""Work on many cases: previewed, carried out exactly as previewed, taken back while that is allowed."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.web import open_cases

from haqdar.access.actors import Actor, NotYourFunction
from haqdar.access.models import AuditEvent, User
from haqdar.access.queries import actor_of
from haqdar.cases import bulk
from haqdar.cases.caselists import QueueFilter, queue
from haqdar.cases.casework import advance
from haqdar.cases.models import BulkJob, BulkRow, Case, CaseStep, MonthRun
from haqdar.jobs.bulk import bulk_task, carry_out

pytestmark = pytest.mark.django_db


@pytest.fixture
def state(db: None, small_state: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    keys = small_state()
    open_cases.open_all(keys["run"])
    return keys


def officer(name: str) -> Actor:
    return actor_of(User.objects.get(username=name), None)


def chosen(actor: Actor, deed: str = "note", verb: str = "case.note", **told: Any) -> BulkJob:
    return bulk.preview(
        actor,
        verb,
        deed,
        told.pop("filters", QueueFilter()),
        None,
        told.pop("keys", None),
        details=told.pop("details", None),
    )


def test_noting_all_of_a_filter_and_taking_it_back(state: dict[str, Any]) -> None:
    open_cases.more("move", 30, state, from_scheme="SSP-OLD", from_paise=15000)
    block = officer("block")
    job = chosen(block, filters=QueueFilter(kind="move"))
    figures = bulk.sums(job)
    assert (figures.total, figures.possible, figures.refused) == (32, 32, {})
    assert figures.paise == 30 * 12500 + 2 * 35000
    assert Case.objects.filter(outcome="noted").count() == 0
    carry_out(block, job)
    job.refresh_from_db()
    assert job.state == "done" and Case.objects.filter(outcome="noted").count() == 32
    assert CaseStep.objects.filter(verb="case.note", actor="block", outcome="noted").count() == 32
    assert AuditEvent.objects.filter(verb="case.note", object_kind="case", actor="block").count() == 32
    before = dict(BulkRow.objects.filter(job=job).values_list("case_id", "since_at"))
    assert bulk.undo(block, job) == 32
    assert Case.objects.filter(awaits="case.note", kind="move", area_code="40111").count() == 31
    assert dict(Case.objects.filter(pk__in=before).values_list("pk", "since_at")) == before
    assert CaseStep.objects.filter(reason="undone").count() == 32
    with pytest.raises(bulk.CannotBeUndone):
        bulk.undo(block, job)


def test_a_preview_is_carried_out_as_previewed(state: dict[str, Any]) -> None:
    made = open_cases.more("move", 4, state)
    block = officer("block")
    job = chosen(block, keys=[str(case.key) for case in made])
    advance(officer("block"), made[0].key, "case.note", outcome="noted", note="by hand")
    open_cases.more("move", 3, state)
    carry_out(block, job)
    assert sorted(BulkRow.objects.filter(job=job).values_list("outcome", flat=True)) == [
        "already_moved", "done", "done", "done",
    ]  # fmt: skip
    assert Case.objects.filter(awaits="case.note", pension_group__gte=100).count() == 3
    assert CaseStep.objects.filter(case=made[0]).count() == 1
    with pytest.raises(bulk.AlreadyCarriedOut):
        carry_out(block, job)


def test_what_moved_before_the_preview_is_named(state: dict[str, Any]) -> None:
    made = open_cases.more("move", 2, state)
    advance(officer("block"), made[0].key, "case.note", outcome="noted")
    job = chosen(officer("block"), keys=[str(case.key) for case in made])
    assert bulk.sums(job).refused == {"already_moved": 1} and bulk.sums(job).possible == 1


def test_nothing_beyond_the_own_area_and_function(state: dict[str, Any]) -> None:
    foreign = open_cases.more("move", 2, state, area="40211")
    with pytest.raises(bulk.NothingChosen):
        chosen(officer("block"), keys=[str(case.key) for case in foreign])
    with pytest.raises(NotYourFunction):
        chosen(officer("gp"))
    with pytest.raises(bulk.NotForMany):
        chosen(officer("block"), "note", "stop.confirm")
    made = open_cases.more("move", 1, state)
    job = chosen(officer("block"), keys=[str(made[0].key), "no key"])
    # moved to another panchayat between preview and confirmation
    open_cases.change(Case.objects.filter(pk=made[0].pk), area_code="40211")
    carry_out(officer("block"), job)
    assert BulkRow.objects.get(job=job).outcome == "outside_your_area"
    assert bulk.job_of(officer("district"), job.key) is None


def test_no_undo_after_a_day_or_the_next_run(state: dict[str, Any]) -> None:
    block = officer("block")
    open_cases.more("move", 2, state)
    job = chosen(block)
    carry_out(block, job)
    job.refresh_from_db()
    assert bulk.undo_until(job) is not None
    MonthRun.objects.filter(pk=state["run"]).update(finished_at=timezone.now())
    assert bulk.undo_until(job) is None
    MonthRun.objects.filter(pk=state["run"]).update(finished_at=timezone.now() - timedelta(days=9))
    BulkJob.objects.filter(pk=job.pk).update(finished_at=timezone.now() - timedelta(hours=25))
    job.refresh_from_db()
    with pytest.raises(bulk.CannotBeUndone):
        bulk.undo(block, job)


def test_marks_and_assignments_leave_the_case_waiting(state: dict[str, Any]) -> None:
    gp = officer("gp")
    made = open_cases.more("undecided", 3, state, scheme=None, paise=None, reason="born_on")
    keys = [str(case.key) for case in made]
    job = chosen(gp, "asked", "fact.correct", keys=keys)
    carry_out(gp, job)
    today = timezone.localdate().isoformat()
    page = queue(gp, "fact.correct", QueueFilter())
    assert [row.asked_on for row in page.rows].count(today) == 3 and page.total == 4
    job.refresh_from_db()
    assert bulk.undo(gp, job) == 3
    assert not Case.objects.filter(details__has_key="asked_on").exists()

    assert [one.username for one in bulk.colleagues(gp, "fact.correct")] == ["gp", "block", "pension"]
    with pytest.raises(bulk.NoSuchColleague):
        chosen(gp, "assign", "fact.correct", keys=keys, details={"to": "auditor"})
    carry_out(gp, chosen(gp, "assign", "fact.correct", keys=keys, details={"to": "gp"}))
    second = chosen(gp, "assign", "fact.correct", keys=keys[:2], details={"to": "block"})
    carry_out(gp, second)
    assert queue(gp, "fact.correct", QueueFilter(mine="gp")).total == 1
    second.refresh_from_db()
    assert bulk.undo(gp, second) == 2
    assert queue(gp, "fact.correct", QueueFilter(mine="gp")).total == 3


def test_noting_is_a_set_and_not_a_loop(state: dict[str, Any]) -> None:
    block = officer("block")

    def queries(rows: int) -> int:
        job = chosen(block, keys=[str(case.key) for case in open_cases.more("move", rows, state)])
        with CaptureQueriesContext(connection) as asked:
            carry_out(block, job)
        open_cases.change(Case.objects.filter(kind="move", pension_group__gte=100), pension_group=None)
        return len(asked)

    assert queries(5) == queries(120)


def test_a_long_job_is_done_by_the_worker_and_taken_up_again(
    state: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    block = officer("block")
    open_cases.more("move", 25, state)
    monkeypatch.setitem(bulk.DEEDS, "note", replace(bulk.DEEDS["note"], at_once=5, chunk=10))
    job = chosen(block)
    carry_out(block, job)
    job.refresh_from_db()
    assert job.state == "queued" and Case.objects.filter(outcome="noted").count() == 0
    # killed after the first chunk
    ids = list(BulkRow.objects.filter(job=job).order_by("pk").values_list("pk", flat=True)[:10])
    bulk.DEEDS["note"].carry_out(block.doing("case.note"), job, ids, timezone.now())
    bulk_task(bulk_id=job.pk)
    job.refresh_from_db()
    assert job.state == "done"
    assert set(BulkRow.objects.filter(job=job).values_list("outcome", flat=True)) == {"done"}
    assert CaseStep.objects.filter(verb="case.note").count() == 29
