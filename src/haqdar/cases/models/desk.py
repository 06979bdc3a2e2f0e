"""What an officer keeps for the own desk: saved views of queues, and work done on many cases at once."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q


class SavedView(models.Model):
    """A queue with its filters under a name of the officer's own. `query` is the query string of the queue page.

    The default view of a queue is what the desk's line of that queue leads to.
    """

    key = models.UUIDField(unique=True, db_default=RandomUUID())
    user = models.ForeignKey("access.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    verb = models.TextField(db_collation="C")
    name = models.CharField(max_length=60)
    query = models.TextField(blank=True, db_collation="C")
    is_default = models.BooleanField(default=False)
    saved_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "cases_saved_view"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "verb", "name"], name="one_view_of_a_name"),
            models.UniqueConstraint(
                fields=["user", "verb"], condition=Q(is_default=True), name="one_default_view_of_a_queue"
            ),
        ]


class BulkJob(models.Model):
    """One act on many cases: first a preview, then carried out once, then perhaps taken back.

    `verb` is what the cases wait for, `deed` what is done to them (`cases.bulk.DEEDS`), `asked_by` the officer, who acts in
    the own name and with the own permissions in the worker too. `details` holds what the deed needs to be told.
    """

    class State(models.TextChoices):
        PREVIEW = "preview"
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        UNDONE = "undone"

    key = models.UUIDField(unique=True, db_default=RandomUUID())
    verb = models.TextField(db_collation="C")
    deed = models.TextField(db_collation="C")
    user = models.ForeignKey("access.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    ip = models.GenericIPAddressField(null=True, blank=True)
    query = models.TextField(blank=True, db_collation="C", help_text="query string of the queue it came from")
    details = models.JSONField(default=dict, db_default={})
    state = models.TextField(choices=State.choices, default=State.PREVIEW, db_collation="C")
    asked_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "cases_bulk_job"
        indexes: ClassVar = [models.Index(fields=["user", "-asked_at"], name="bulk_job_by_user")]


class BulkRow(models.Model):
    """One case of a bulk job as it was previewed (`since_at` tells whether it moved meanwhile), and what came of it.

    `refusal` is why it was not possible in the preview, `outcome` empty until carried out, then `done` or the code of a
    refusal. `before` holds what an undo restores.
    """

    job = models.ForeignKey(BulkJob, on_delete=models.CASCADE, related_name="rows", db_index=False)
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="+")
    since_at = models.DateTimeField()
    refusal = models.TextField(blank=True, db_default="", db_collation="C")
    outcome = models.TextField(blank=True, db_default="", db_collation="C")
    before = models.JSONField(default=dict, db_default={})

    class Meta:
        db_table = "cases_bulk_row"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["job", "case"], name="one_row_a_case_in_a_bulk_job"),
        ]
