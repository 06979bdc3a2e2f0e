"""A month's run opens the cases of its work list, keeps those that go on and closes what it no longer lists."""

import itertools
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from haqdar.access.actors import acting, platform
from haqdar.cases.casework import advance, case_by_number, steps_of
from haqdar.cases.models import AwardChange, Case, MonthRun, WorkItem
from haqdar.cases.opening import open_from_run, open_payment_cases

pytestmark = pytest.mark.django_db
OFFICER = platform("officer")
TODAY = date(2016, 9, 28)


def run_of(month: int, version: int = 1) -> MonthRun:
    MonthRun.objects.filter(month=date(2016, month, 1)).update(state="superseded")
    return MonthRun.objects.create(
        month=date(2016, month, 1),
        version=version,
        known_on=TODAY,
        law_hash="",
        snapshot_hash="",
        inputs_hash="",
        state="complete",
        posted=True,
        manifest={},
        started_at=timezone.now(),
        finished_at=timezone.now(),
        actor="test",
    )


def listed(run: MonthRun, action: str, member_id: int, **columns: Any) -> None:
    start = {"to_scheme": "IGNWPS", "to_paise": 30_000} if action == "start" else {"from_scheme": "SSP-WIDOW"}
    WorkItem.objects.create(
        run=run,
        action=action,
        member_id=member_id,
        pension_group=1,
        reason="widow",
        area_code="G",
        **{**start, **columns},
    )


def opened(run: MonthRun) -> None:
    with acting(OFFICER, "month.run"), connection.cursor() as cursor:
        open_from_run(cursor.cursor, run.pk, TODAY)


def test_each_row_opens_one_case_however_often_it_is_listed() -> None:
    october = run_of(10)
    for number, action in enumerate(("start", "stop", "undecided", "ghost")):
        listed(october, action, number + 1)
    opened(october)
    opened(october)
    november = run_of(11)
    listed(november, "start", 1, to_paise=50_000)
    listed(november, "start", 9)
    opened(november)
    cases = {(case.kind, case.member_id): case for case in Case.objects.all()}
    assert len(cases) == Case.objects.count() == 5
    start = cases["start", 1]
    assert (start.awaits, start.paise, start.run_id, start.outcome) == (
        "case.verify",
        50_000,
        november.pk,
        "",
    )
    lapsed = cases["stop", 2]
    assert (lapsed.awaits, lapsed.outcome, lapsed.run_id) == ("", "lapsed", october.pk)
    assert [step.reason for step in steps_of(lapsed)] == ["not_listed_any_more"]


def test_a_number_is_found_as_it_is_typed_and_a_slip_is_noticed() -> None:
    run = run_of(10)
    for member_id in range(1, 60):
        listed(run, "start", member_id)
    opened(run)
    for case in Case.objects.all():
        typed = case.number.lower().replace("-", " ")
        found = case_by_number(typed)
        assert found is not None and found.pk == case.pk
        digits = case.number.replace("-", "")[1:]
        assert int(digits) % 97 == 1
        at = 4
        slip = digits[:at] + str((int(digits[at]) + 1) % 10) + digits[at + 1 :]
        assert int(slip) % 97 != 1
    numbers = sorted(Case.objects.values_list("number", flat=True))
    assert all(int(b[4:12]) - int(a[4:12]) != 1 for a, b in itertools.pairwise(numbers))


def test_a_sanctioned_start_opens_no_case() -> None:
    run = run_of(10)
    listed(run, "start", 1)
    AwardChange.objects.create(
        run=run,
        member_id=1,
        pension_group=1,
        kind="start",
        scheme="IGNWPS",
        paise=30_000,
        decided_month=run.month,
        reason="widow",
        actor="officer",
    )
    opened(run)
    assert Case.objects.count() == 0


def test_a_rejected_start_stays_rejected_until_something_is_learned() -> None:
    october = run_of(10)
    listed(october, "start", 1)
    opened(october)
    case = Case.objects.get()
    advance(OFFICER, case.key, "case.reject", expected="case.verify", outcome="rejected", reason="age")
    again = run_of(10, version=2)
    listed(again, "start", 1)
    opened(again)
    november = run_of(11)
    listed(november, "start", 1)
    opened(november)
    assert Case.objects.count() == 1
    december = run_of(12)
    listed(december, "start", 1, to_scheme="SSP-WIDOW")
    opened(december)
    assert Case.objects.filter(closed_at=None, scheme="SSP-WIDOW").count() == 1


def test_an_open_application_is_not_doubled_by_the_run() -> None:
    run = run_of(10)
    with acting(OFFICER, "application.submit"):
        Case.objects.create(
            letter="A",
            opened_on=TODAY,
            kind="application",
            member_id=1,
            pension_group=1,
            awaits="case.verify",
            opened_at=timezone.now(),
            since_at=timezone.now(),
            opened_by="public",
        )
    listed(run, "start", 1)
    opened(run)
    assert list(Case.objects.values_list("kind", flat=True)) == ["application"]


def test_what_could_not_be_paid_becomes_a_task_until_it_can() -> None:
    def told(run: MonthRun, *rows: tuple[int, str]) -> None:
        with acting(OFFICER, "month.run"), connection.cursor() as cursor:
            cursor.execute(
                "CREATE TEMP TABLE payment_trouble (member_id int, pension_group smallint, scheme text, paise bigint,"
                " reason text, area_code text) ON COMMIT DROP"
            )
            for row in rows:
                cursor.execute(
                    "INSERT INTO payment_trouble VALUES (%s, 1, 'IGNWPS', 30000, %s, 'G')", list(row)
                )
            open_payment_cases(cursor.cursor, run.pk, TODAY)
            cursor.execute("DROP TABLE payment_trouble")

    told(run_of(10), (1, "no_account"), (1, "no_name"), (2, "no_ifsc"))
    assert set(Case.objects.values_list("kind", "member_id", "reason", "awaits")) == {
        ("payment", 1, "no_account", "payee.change"),
        ("payment", 2, "no_ifsc", "payee.change"),
    }
    told(run_of(11), (1, "no_name"))
    assert set(Case.objects.values_list("member_id", "reason", "outcome")) == {
        (1, "no_name", ""),
        (2, "no_ifsc", "lapsed"),
    }
