"""What a month's run decided: its work list, forecast and entitlements, and the changes of awards it made.

All tables are written by ``jobs.month`` in one transaction and never edited: a run that is repeated with new knowledge
supersedes the earlier one of the same month and leaves it readable.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class MonthRun(models.Model):
    """One determination of one month under one state of knowledge. ``month`` is the month's first day."""

    class State(models.TextChoices):
        COMPLETE = "complete"
        SUPERSEDED = "superseded"

    month = models.DateField()
    version = models.PositiveIntegerField()
    known_on = models.DateField(help_text="the last day whose knowledge was asked for")
    known_at = models.DateField(null=True, help_text="the day of the latest knowledge used")
    law_hash = models.TextField()
    snapshot_hash = models.TextField()
    inputs_hash = models.TextField(
        help_text="everything the run was computed from; equal inputs are posted once"
    )
    state = models.TextField(choices=State.choices)
    posted = models.BooleanField(help_text="whether awards and dues were changed by it")
    manifest = models.JSONField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        db_table = "cases_month_run"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["month", "version"], name="one_version_of_a_month_run"),
            models.UniqueConstraint(
                fields=["month"],
                condition=models.Q(state="complete", posted=True),
                name="one_posted_run_a_month",
            ),
            models.CheckConstraint(condition=models.Q(month__day=1), name="month_run_is_a_first_day"),
        ]


class WorkItem(models.Model):
    """One row of the work list: what is to be done for one person and pension group this month, and why."""

    run = models.ForeignKey(MonthRun, on_delete=models.CASCADE)
    action = models.TextField()
    member_id = models.IntegerField()
    pension_group = models.SmallIntegerField()
    from_scheme = models.TextField(null=True)
    from_paise = models.BigIntegerField(null=True)
    to_scheme = models.TextField(null=True)
    to_paise = models.BigIntegerField(null=True)
    reason = models.TextField()
    area_code = models.TextField(null=True, db_collation="C")
    district_code = models.TextField(null=True, db_collation="C")
    resident_key = models.UUIDField(null=True, help_text="opaque key of the resident; empty for a ghost")

    class Meta:
        db_table = "cases_work_item"
        indexes: ClassVar = [
            models.Index(fields=["run", "action", "area_code", "member_id"], name="work_item_by_area"),
            models.Index(fields=["member_id"], name="work_item_by_member"),
        ]


class ForecastItem(models.Model):
    """What will become due within two months on unchanged facts, with the exact day."""

    run = models.ForeignKey(MonthRun, on_delete=models.CASCADE)
    eligible_on = models.DateField()
    action = models.TextField()
    member_id = models.IntegerField()
    pension_group = models.SmallIntegerField()
    from_scheme = models.TextField(null=True)
    to_scheme = models.TextField(null=True)
    to_paise = models.BigIntegerField(null=True)
    area_code = models.TextField(null=True, db_collation="C")
    district_code = models.TextField(null=True, db_collation="C")
    resident_key = models.UUIDField(null=True)

    class Meta:
        db_table = "cases_forecast_item"
        indexes: ClassVar = [
            models.Index(fields=["run", "area_code", "eligible_on"], name="forecast_by_area")
        ]


class Entitlement(models.Model):
    """The best known scheme of a group for one person, as the law says for the day of determination."""

    run = models.ForeignKey(MonthRun, on_delete=models.CASCADE)
    member_id = models.IntegerField()
    pension_group = models.SmallIntegerField()
    scheme = models.TextField()
    paise = models.BigIntegerField()
    area_code = models.TextField(null=True, db_collation="C")
    district_code = models.TextField(null=True, db_collation="C")

    class Meta:
        db_table = "cases_entitlement"
        indexes: ClassVar = [
            models.Index(fields=["run", "area_code"], name="entitlement_by_area"),
            models.Index(fields=["member_id"], name="entitlement_by_member"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["run", "member_id", "pension_group"], name="one_entitlement_a_group"
            ),
            models.CheckConstraint(condition=models.Q(paise__gt=0), name="entitlement_pays_something"),
        ]


class AwardChange(models.Model):
    """A change of what a person holds: a sanctioned start, a move, a revision or a stop.

    It holds from ``decided_month``, the month of the run that made it. An adverse change is made only after its
    notice has run out. Scheme and amount are empty for a stop.
    """

    class Kind(models.TextChoices):
        START = "start"
        MOVE = "move"
        REVISE = "revise"
        STOP = "stop"

    run = models.ForeignKey(MonthRun, on_delete=models.CASCADE)
    member_id = models.IntegerField()
    pension_group = models.SmallIntegerField()
    kind = models.TextField(choices=Kind.choices)
    scheme = models.TextField(null=True)
    paise = models.BigIntegerField(null=True)
    decided_month = models.DateField()
    reason = models.TextField()
    actor = models.TextField()

    class Meta:
        db_table = "cases_award_change"
        indexes: ClassVar = [
            models.Index(fields=["member_id", "pension_group"], name="award_change_by_member")
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "member_id", "pension_group"], name="one_change_a_run"),
            models.CheckConstraint(
                condition=models.Q(kind="stop", scheme__isnull=True, paise__isnull=True)
                | (~models.Q(kind="stop") & models.Q(scheme__isnull=False, paise__gt=0)),
                name="change_says_what_is_held",
            ),
        ]


class Notice(models.Model):
    """An adverse change that waits for its notice: the award goes on until ``effective_month``.

    Every run repeats the notices that still stand, so a notice that a later run does not repeat is withdrawn.
    ``given_month`` is the month whose determination first found the change.
    """

    run = models.ForeignKey(MonthRun, on_delete=models.CASCADE)
    member_id = models.IntegerField()
    pension_group = models.SmallIntegerField()
    kind = models.TextField(choices=AwardChange.Kind.choices)
    given_month = models.DateField()
    effective_month = models.DateField()
    reason = models.TextField()

    class Meta:
        db_table = "cases_notice"
        indexes: ClassVar = [models.Index(fields=["member_id"], name="notice_by_member")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "member_id", "pension_group"], name="one_notice_a_run"),
            models.CheckConstraint(
                condition=models.Q(effective_month__gt=models.F("given_month")), name="notice_before_effect"
            ),
        ]
