"""What became of the awards of two member numbers that are one person, and what undid it. Rows are only added."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.db import models


def _only_added() -> pgtrigger.Trigger:
    return pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)


class Merging(models.Model):
    """Two numbers merged: the act that `registry.merges` keeps as a belief, under the same key.

    `last_change` is the number of the last change of any award at that moment: earlier changes of the absorbed number, and of
    the survivor in the groups of `awards`, are replaced by these; later ones count. `first_opinion` is the other officer who
    judged the two to be one person, where money hung on it; `pair` the pair judged.
    """

    key = models.UUIDField(unique=True)
    survivor_id = models.IntegerField()
    absorbed_id = models.IntegerField()
    pair = models.UUIDField(null=True)
    first_opinion = models.TextField(blank=True)
    last_change = models.BigIntegerField()
    merged_on = models.DateField(help_text="the day from which it is known")
    merged_at = models.DateTimeField()
    merged_by = models.TextField()
    area_code = models.TextField(null=True, db_collation="C", help_text="of the survivor's family")

    class Meta:
        db_table = "cases_merging"
        indexes: ClassVar = [
            models.Index(fields=["survivor_id"], name="merging_by_survivor"),
            models.Index(fields=["absorbed_id"], name="merging_by_absorbed"),
            models.Index(fields=["-merged_at"], name="merging_latest"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(merged_by=""), name="merging_names_an_actor"),
            models.CheckConstraint(
                condition=~models.Q(first_opinion=models.F("merged_by")), name="merging_by_two_people"
            ),
            models.CheckConstraint(
                condition=~models.Q(survivor_id=models.F("absorbed_id")), name="merging_of_two"
            ),
        ]
        triggers: ClassVar = [_only_added()]


class MergedAward(models.Model):
    """What a merge lets each number hold from then on, instead of what it held before.

    The award that goes on stands under the survivor's number. Where both held one of a group, the other one stands under the
    absorbed number (`ends`) until its notice has run out. Amount empty: the one the law gives. `origin_id` is the number
    that held it before, `since` the first day that the registers gave it (empty: an award of the platform).
    """

    merging = models.ForeignKey(Merging, on_delete=models.PROTECT, related_name="awards")
    member_id = models.IntegerField()
    pension_group = models.SmallIntegerField()
    scheme = models.TextField()
    paise = models.BigIntegerField(null=True)
    since = models.DateField(null=True)
    origin_id = models.IntegerField()
    ends = models.BooleanField(default=False)

    class Meta:
        db_table = "cases_merged_award"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["merging", "pension_group", "ends"], name="one_award_goes_on_after_a_merge"
            ),
            models.CheckConstraint(
                condition=models.Q(ends=False) | models.Q(paise__gt=0), name="ending_award_has_an_amount"
            ),
        ]
        triggers: ClassVar = [_only_added()]


class MergingUndone(models.Model):
    """A merge taken back: from then on both numbers hold again what they held before it.

    Changes of awards between the two (`Merging.last_change` to `last_change`) belonged to the merged person and count no more.
    """

    merging = models.OneToOneField(Merging, on_delete=models.PROTECT, related_name="undone")
    last_change = models.BigIntegerField()
    undone_on = models.DateField()
    undone_at = models.DateTimeField()
    undone_by = models.TextField()
    reason = models.TextField()

    class Meta:
        db_table = "cases_merging_undone"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~models.Q(undone_by="") & ~models.Q(reason=""),
                name="undoing_names_actor_and_reason",
            ),
        ]
        triggers: ClassVar = [_only_added()]
