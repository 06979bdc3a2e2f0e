"""Quality of the register: each look at everybody, what it found, and the score of each area."""

from typing import ClassVar

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q


class QualityLook(models.Model):
    """One look at the whole register by the rules: who asked for it, how many people, what was found, opened and closed."""

    looked_at = models.DateTimeField()
    started_by = models.TextField()
    people = models.IntegerField()
    found = models.IntegerField()
    opened = models.IntegerField()
    closed = models.IntegerField()
    seconds = models.FloatField()

    class Meta:
        db_table = "identity_quality_look"


class QualityFinding(models.Model):
    """Something found by a rule about a person (or, `member_id` empty, a family) and not yet put right.

    It closes by itself when a look does not find it any more. `accepted_by` said that it is right as it stands, with `note`; then it
    is neither a task nor counted, for as long as it is found.
    """

    key = models.UUIDField(unique=True, db_default=RandomUUID())
    rule = models.TextField(db_collation="C")
    member_id = models.IntegerField(null=True)
    family_id = models.IntegerField()
    area_code = models.TextField(db_collation="C")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    accepted_by = models.TextField(default="", db_default="")
    accepted_at = models.DateTimeField(null=True)
    note = models.TextField(default="", db_default="")

    class Meta:
        db_table = "identity_quality_finding"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["rule", "family_id", "member_id"],
                condition=Q(closed_at__isnull=True),
                nulls_distinct=False,
                name="quality_finding_once",
            ),
            models.CheckConstraint(
                condition=Q(accepted_by="", accepted_at__isnull=True, note="")
                | (~Q(accepted_by="") & ~Q(note="") & Q(accepted_at__isnull=False)),
                name="quality_accepted_with_a_note",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["area_code", "rule"], condition=Q(closed_at__isnull=True), name="quality_open_by_area"
            ),
        ]


class QualityScore(models.Model):
    """A panchayat or ward at one look: living residents, those with something to put right, and the counts by rule."""

    look = models.ForeignKey(QualityLook, on_delete=models.PROTECT, related_name="+")
    area_code = models.TextField(db_collation="C")
    people = models.IntegerField()
    faulty = models.IntegerField()
    rules = models.JSONField(default=dict)

    class Meta:
        db_table = "identity_quality_score"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["look", "area_code"], name="quality_score_once"),
        ]
