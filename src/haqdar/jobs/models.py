"""Long work asked for on a page: who asked, how far it is, how it ended."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

#: The steps of a month's run, in order; pages name them by these words.
STEPS = (
    "snapshot", "holdings", "determination", "awards", "ledger", "bills", "posting", "files",
)  # fmt: skip


class MonthJob(models.Model):
    """A month run asked for on a page; the worker reports its steps here."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    month = models.DateField()
    state = models.TextField(choices=State.choices, default=State.QUEUED)
    step = models.TextField(blank=True, help_text="the step under way, a stable word")
    steps_done = models.PositiveSmallIntegerField(default=0)
    steps = models.PositiveSmallIntegerField(default=0)
    message_en = models.TextField(blank=True)
    message_hi = models.TextField(blank=True)
    asked_by = models.TextField()
    asked_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "jobs_month_job"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["month"],
                condition=models.Q(state__in=["queued", "running"]),
                name="one_open_job_a_month",
            ),
        ]
