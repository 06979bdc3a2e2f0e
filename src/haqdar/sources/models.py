"""What was delivered, file by file, and every row that was rejected with its reason."""

from typing import ClassVar

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Q

from haqdar.sources.layout import CODES


class Delivery(models.Model):
    """A folder of files handed over on a day; `code` is a short hash of the files' contents.

    The same files delivered again under the same day are the same delivery.
    """

    code = models.CharField(max_length=16, db_collation="C")
    delivered_on = models.DateField()
    folder = models.TextField()
    actor = models.CharField(max_length=200, db_collation="C")
    ip = models.GenericIPAddressField(null=True, blank=True)
    received_at = models.DateTimeField()

    class Meta:
        db_table = "sources_delivery"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["code", "delivered_on"], name="delivery_once_a_day"),
            models.CheckConstraint(condition=~Q(actor=""), name="delivery_names_an_actor"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.delivered_on}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class DeliveredFile(models.Model):
    """One file of a delivery with the counts of its latest load.

    rows = accepted + repeated + corrected + rejected; ghosts are among the rejected. A refused file has
    `refusal_code` and its sentences and changed nothing.
    """

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="files")
    name = models.CharField(max_length=40, db_collation="C")
    sha256 = models.CharField(max_length=64, db_collation="C")
    size = models.BigIntegerField()
    rows = models.BigIntegerField(default=0)
    accepted = models.BigIntegerField(default=0)
    repeated = models.BigIntegerField(default=0)
    corrected = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    ghosts = models.BigIntegerField(default=0)
    warnings = models.JSONField(default=list)
    refusal_code = models.CharField(max_length=60, blank=True, db_collation="C")
    refusal_en = models.TextField(blank=True)
    refusal_hi = models.TextField(blank=True)
    loaded_at = models.DateTimeField()

    class Meta:
        db_table = "sources_delivered_file"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["delivery", "name"], name="delivered_file_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Rejection(models.Model):
    """One bad field of one row; `line` is the record's first physical line, `field` empty for the whole row."""

    file = models.ForeignKey(DeliveredFile, on_delete=models.CASCADE, related_name="rejections")
    line = models.BigIntegerField()
    field = models.CharField(max_length=40, blank=True, db_collation="C")
    code = models.CharField(max_length=20, db_collation="C")
    message = models.TextField()

    class Meta:
        db_table = "sources_rejection"
        indexes: ClassVar[list[models.Index]] = []
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["file", "line", "field"], name="rejection_once_a_field"),
            models.CheckConstraint(condition=Q(code__in=CODES), name="rejection_code_known"),
        ]

    def __str__(self) -> str:
        return f"{self.line} {self.field} {self.code}"
