"""Month runs asked for on a page."""

from __future__ import annotations

import ast
from datetime import date
from importlib.resources import files

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from haqdar.access.actors import Actor, NotYourFunction, platform
from haqdar.base.month import Month
from haqdar.jobs.models import MonthJob
from haqdar.jobs.tasks import AlreadyAsked, ask_for_month, give_up_dead_jobs

OCTOBER = Month(2016, 10)


@pytest.mark.django_db
def test_a_month_is_asked_for_once() -> None:
    job = ask_for_month(platform("State cell"), OCTOBER)
    assert MonthJob.objects.get(pk=job).state == MonthJob.State.QUEUED
    with pytest.raises(AlreadyAsked):
        ask_for_month(platform("State cell"), OCTOBER)


@pytest.mark.django_db
def test_only_the_state_runs_a_month() -> None:
    secretary = Actor(user_id=7, name="secretary", roles=frozenset({"secretary"}), area_paths=("/S/",))
    with pytest.raises(NotYourFunction):
        ask_for_month(secretary, OCTOBER)
    assert not MonthJob.objects.exists()


@pytest.mark.django_db
def test_a_job_whose_worker_was_killed_is_given_up_and_can_be_asked_again() -> None:
    MonthJob.objects.create(month=date(2016, 10, 1), state=MonthJob.State.RUNNING, asked_by="State cell")
    assert ask_for_month(platform("State cell"), OCTOBER)
    assert MonthJob.objects.filter(state=MonthJob.State.FAILED).count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("state", [MonthJob.State.QUEUED, MonthJob.State.RUNNING])
def test_the_queue_does_not_wait_for_a_worker_that_was_killed(state: str) -> None:
    job = ask_for_month(platform("State cell"), OCTOBER)
    MonthJob.objects.filter(pk=job).update(state=state)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing'")
        assert give_up_dead_jobs() == 1
        ask_for_month(platform("State cell"), OCTOBER)
        cursor.execute("SELECT status::text FROM procrastinate_jobs ORDER BY id")
        assert cursor.fetchall() == [("failed",), ("todo",)]


@pytest.mark.django_db
def test_a_living_run_is_left_alone() -> None:
    MonthJob.objects.create(month=date(2016, 10, 1), state=MonthJob.State.RUNNING, asked_by="State cell")
    with psycopg.connect(settings.HAQDAR_DSN) as other:
        other.execute("SELECT pg_advisory_lock(hashtext('haqdar.month'))")
        assert give_up_dead_jobs() == 0


@pytest.mark.django_db
def test_a_worker_that_has_just_taken_a_job_is_left_alone() -> None:
    ask_for_month(platform("State cell"), OCTOBER)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id")
        worker = cursor.fetchone()
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s", worker)
    assert give_up_dead_jobs() == 0


def test_the_worker_finds_every_task() -> None:
    """A module with tasks that `tasks` does not import is one whose tasks never run, however often they are due."""
    jobs = files("haqdar.jobs")
    tree = ast.parse(jobs.joinpath("tasks.py").read_text())
    imported = {
        name.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module == "haqdar.jobs"
        for name in node.names
    }
    with_tasks = {
        file.name.removesuffix(".py")
        for file in jobs.iterdir()
        if file.name.endswith(".py") and "@app.task(" in file.read_text()
    }
    assert with_tasks - {"tasks"} <= imported
