"""What a month's run decided: its work list, forecast and entitlements, and the changes of awards it made.

The tables of a run are written by ``jobs.month`` in one transaction and never edited: a run that is repeated with new
knowledge supersedes the earlier one of the same month and leaves it readable. ``Reaction`` and ``StandingDecision`` say
what was decided again since the run because something became known (``cases.reactions``).
"""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models


def _occasion() -> models.TextField[str, str]:
    """What a benefit is for (a death, a birth, a year …), by which nothing is given twice; empty for pensions."""
    return models.TextField(db_collation="C", default="", db_default="")


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
    occasion = _occasion()

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


#: Whatever writes it: an award ends at once only for a death or a migration, else when a notice of an earlier month has run out.
_NO_STOP_WITHOUT_NOTICE = """
    IF EXISTS (
        SELECT 1 FROM added a WHERE a.kind = 'stop' AND a.reason NOT IN ('died', 'migrated') AND NOT EXISTS (
            SELECT 1 FROM cases_notice n JOIN cases_month_run r ON r.id = n.run_id
            WHERE n.member_id = a.member_id AND n.pension_group = a.pension_group AND n.kind = 'stop'
              AND n.effective_month <= a.decided_month AND r.month < a.decided_month
              AND r.state = 'complete' AND r.posted))
    THEN
        RAISE EXCEPTION 'an award may not be stopped without a notice that has run out'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
"""


class AwardChange(models.Model):
    """A change of what a person holds: a sanctioned start, a move, a revision or a stop.

    It holds from ``decided_month``, the month of the run that made it, or that an officer's sanction or restoring stands beside;
    of two rows of one month the later counts. An adverse change is made only after its notice has run out, which the database
    holds for stops. Scheme and amount are empty for a stop.
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
    occasion = _occasion()

    class Meta:
        db_table = "cases_award_change"
        indexes: ClassVar = [
            models.Index(fields=["member_id", "pension_group"], name="award_change_by_member")
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["run", "member_id", "pension_group", "occasion", "kind"], name="one_change_a_run"
            ),
            models.UniqueConstraint(
                fields=["run", "scheme", "occasion"],
                condition=~models.Q(occasion=""),
                name="one_award_an_occasion",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="stop", scheme__isnull=True, paise__isnull=True)
                | (~models.Q(kind="stop") & models.Q(scheme__isnull=False, paise__gt=0)),
                name="change_says_what_is_held",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="stop_has_its_notice",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="added"),  # type: ignore[no-untyped-call]
                func=_NO_STOP_WITHOUT_NOTICE,
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


class Reaction(models.Model):
    """One change of the register carried on against one run: whose decisions it touches were worked out again."""

    run = models.ForeignKey(MonthRun, on_delete=models.CASCADE)
    change = models.ForeignKey("registry.Change", on_delete=models.PROTECT, related_name="+")
    day = models.DateField(help_text="the day of determination it was worked out for")
    known_on = models.DateField()
    touched = ArrayField(
        models.IntegerField(), help_text="everybody who was decided again; with the first of a file"
    )
    decided_at = models.DateTimeField()

    class Meta:
        db_table = "cases_reaction"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["change", "run"], name="one_reaction_to_a_change"),
        ]


class StandingDecision(models.Model):
    """What the next month will decide for one person and pension group, as far as anything became known since ``run``.

    ``day`` is the day of determination of the next month to be run. The ``was_…`` columns say what that day would have
    brought without what became known since the run. Action is a word of the work list, ``goes_on`` for an award that stands
    while a fact is missing, or empty for nothing; ``missing`` names the fact that leaves it undecided. The row in force has no
    ``replaced_at``; a full run of the month decides the same (property-tested).
    """

    class Effect(models.TextChoices):
        AT_ONCE = "at_once"
        SANCTION = "sanction"
        NOTICE = "notice"

    run = models.ForeignKey(MonthRun, on_delete=models.CASCADE)
    change = models.ForeignKey("registry.Change", on_delete=models.PROTECT, related_name="+", db_index=False)
    day = models.DateField()
    member_id = models.IntegerField()
    pension_group = models.SmallIntegerField()
    action = models.TextField(blank=True)
    from_scheme = models.TextField(null=True)
    from_paise = models.BigIntegerField(null=True)
    to_scheme = models.TextField(null=True)
    to_paise = models.BigIntegerField(null=True)
    reason = models.TextField(blank=True)
    missing = models.TextField(blank=True)
    effect = models.TextField(blank=True, choices=Effect.choices)
    effective_on = models.DateField(null=True)
    was_action = models.TextField(blank=True)
    was_scheme = models.TextField(null=True)
    was_paise = models.BigIntegerField(null=True)
    was_reason = models.TextField(blank=True)
    was_missing = models.TextField(blank=True)
    changed = models.BooleanField(help_text="whether it differs from what it was")
    area_code = models.TextField(null=True, db_collation="C")
    district_code = models.TextField(null=True, db_collation="C")
    resident_key = models.UUIDField()
    decided_at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "cases_standing_decision"
        indexes: ClassVar = [
            models.Index(
                fields=["run", "area_code", "member_id"],
                condition=models.Q(replaced_at__isnull=True, changed=True),
                name="standing_changes_by_area",
            ),
            models.Index(fields=["member_id"], name="standing_by_member"),
            models.Index(fields=["change"], name="standing_by_change"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["run", "member_id", "pension_group"],
                condition=models.Q(replaced_at__isnull=True),
                name="one_standing_decision",
            ),
        ]
