"""The signed documents of bills."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from haqdar.payments.models.common import append_only, code
from haqdar.payments.models.flow import BillVersion


class BillPaper(models.Model):
    """A signed document of one version: its sanction order, or the bill as submitted. Sealed in HAQDAR_HOME/bills, made once.

    `sha256` is of the PDF as it is given out, `certificate` the SHA-256 fingerprint of the certificate it was signed with.
    """

    class Kind(models.TextChoices):
        ORDER = "order"
        BILL = "bill"

    version = models.ForeignKey(BillVersion, on_delete=models.PROTECT, related_name="papers")
    kind = code(choices=Kind.choices)
    sha256 = code()
    size = models.IntegerField()
    key_version = models.SmallIntegerField()
    signed_at = models.DateTimeField()
    signed_by = models.TextField(help_text="common name of the certificate")
    certificate = code()

    class Meta:
        db_table = "payments_bill_paper"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["version", "kind"], name="one_paper_of_a_kind"),
            models.CheckConstraint(condition=Q(kind__in=("order", "bill")), name="bill_paper_kind_known"),
        ]
        triggers: ClassVar = [append_only()]
