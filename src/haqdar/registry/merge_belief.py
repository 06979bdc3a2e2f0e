"""That two member numbers are one person: believed like any fact, from a day on, and taken back by one more belief."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from haqdar.access.models.beliefs import Belief, verified_whole


class MergeBelief(Belief):
    """What was believed of who is behind a member number: `survivor` (empty: nobody else, the merge was taken back).

    Both numbers keep every belief that was ever held about them. Whoever reads the register for decisions reads it through this
    table (`entitlement.one_person`): what the files say of `member` is said of `survivor`. A survivor is never absorbed itself, so
    one step always leads to the person. `key` names the merge, and the belief that takes it back; `taken_over` the columns that
    were empty in the survivor's record and filled from the other.
    """

    pk = models.CompositePrimaryKey("member_id", "belief_no")
    member = models.ForeignKey(
        "registry.Resident", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    survivor = models.ForeignKey("registry.Resident", on_delete=models.PROTECT, null=True, related_name="+")
    key = models.UUIDField()
    taken_over = ArrayField(models.TextField(db_collation="C"), default=list)
    record_no = models.IntegerField(
        null=True, help_text="number of the survivor's own belief written with it"
    )
    delivery = models.ForeignKey(
        "sources.Delivery", on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta(Belief.Meta):
        db_table = "registry_merge"
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["key"], name="merge_by_key")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(survivor__isnull=True) | ~Q(survivor=F("member")), name="merge_of_two"
            ),
            verified_whole("merge_verified_whole"),
        ]
