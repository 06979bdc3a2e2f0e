"""What a worker does for the demonstration after its start-up; the queue finds this module by its name."""

from __future__ import annotations

from contextlib import suppress

from django.conf import settings
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued


@app.task(queue="long-runs", lock="seeding", queueing_lock="demo.list", name="demo.list")
def hand_in_list_task() -> None:
    """A small department's list of the demonstration's people, compared: something to look at under Departments' lists."""
    # whoever queues this task should not load the engine for it
    from haqdar.demo.department import hand_in_list

    hand_in_list(settings.HAQDAR_HOME / "demo")


def ask_for_list() -> None:
    """Let the worker make the list soon; asked twice, it makes it once."""
    with suppress(AlreadyEnqueued):
        hand_in_list_task.defer()
