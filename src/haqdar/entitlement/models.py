"""Trials of proposed law and their approval; the decisions themselves are files (snapshot, runs), not rows."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.db import models


class SimulationRun(models.Model):
    """One trial of a proposal on a month: who asked, how far it is, its numbers. Rows are never reused or deleted."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    proposal = models.TextField(help_text="the name of the proposal's folder")
    proposal_hash = models.TextField()
    month = models.DateField(help_text="the first day of the month tried, the day of determination")
    state = models.TextField(choices=State.choices, default=State.QUEUED)
    step = models.TextField(blank=True, help_text="the step under way, a stable word")
    steps_done = models.PositiveSmallIntegerField(default=0)
    steps = models.PositiveSmallIntegerField(default=0)
    message_en = models.TextField(blank=True)
    message_hi = models.TextField(blank=True)
    known_on = models.DateField(null=True, help_text="the last day whose knowledge the snapshot holds")
    law_hash = models.TextField(blank=True)
    proposed_hash = models.TextField(blank=True, help_text="the law with the proposal laid over it")
    snapshot_hash = models.TextField(blank=True)
    result = models.JSONField(null=True)
    asked_by = models.TextField()
    asked_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "entitlement_simulation_run"
        indexes: ClassVar = [models.Index(fields=["proposal", "-asked_at"], name="simulations_of_a_proposal")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(month__day=1), name="simulation_month_is_a_first_day"),
        ]


class LawApproval(models.Model):
    """One person's approval of exactly this content: the proposal's files over exactly this law. Rows are only added."""

    proposal = models.TextField()
    content_hash = models.TextField(help_text="hash of the law and the proposal's files together")
    user_id = models.BigIntegerField()
    actor = models.TextField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "entitlement_law_approval"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["content_hash", "user_id"], name="one_approval_a_person"),
            models.UniqueConstraint(fields=["content_hash", "actor"], name="one_approval_a_name"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]
