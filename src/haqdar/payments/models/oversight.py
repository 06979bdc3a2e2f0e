"""What watches over the money: where each month's money stands, summed for pages; samples of auditors; estimates.

The sums are made anew from bills, files, answers and the ledger (`haqdar.payments.standing`): nothing is decided by them.
"""

from typing import ClassVar

import pgtrigger
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q

from haqdar.payments.models.common import append_only, code, run

OUTCOMES = (
    "unpayable",
    "held",
    "unbilled",
    "ready",
    "filed",
    "sent",
    "again",
    "returned",
    "credited",
    "credited_later",
)
"""Where a credit can stand, in the order of its way; each credit of a month stands in exactly one place.

unpayable: no usable account · held: kept back by a hold · unbilled: waits for its bill · ready: billed, in no file · filed: in a
file that nobody released · sent: with the bank · again: came back and was presented again, unanswered · returned: came back, the
next step is open · credited · credited_later: credited after it had come back.
"""


class StandingOf(models.Model):
    """Up to what the sums of a month are: `mark` says what they were made from, `payees_run` whose payees were counted."""

    month = models.DateField(primary_key=True)
    mark = code()
    summed_at = models.DateTimeField()
    payees_run = models.BigIntegerField(null=True)

    class Meta:
        db_table = "payments_standing_of"


class Standing(models.Model):
    """Credits and paise of a month by local body, drawing officer, scheme and where they stand, returns by reason."""

    month = models.DateField()
    area_code = code(null=True)
    ddo_code = code(null=True)
    scheme = code()
    outcome = code()
    reason = code(help_text="the bank's reason of a return, why it is not payable; else empty")
    credits = models.IntegerField()
    paise = models.BigIntegerField()

    class Meta:
        db_table = "payments_standing"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["month", "area_code", "ddo_code", "scheme", "outcome", "reason"],
                name="one_standing_of_a_place",
                nulls_distinct=False,
            ),
        ]


class BillStanding(models.Model):
    """What became of the lines of a bill: persons and paise by where they stand; `left_out` lines stand on no bill."""

    month = models.DateField()
    bill = models.ForeignKey("payments.Bill", on_delete=models.CASCADE, related_name="standings")
    outcome = code()
    persons = models.IntegerField()
    paise = models.BigIntegerField()
    value_from = models.DateField(null=True, help_text="first day on which the bank credited")
    value_to = models.DateField(null=True, help_text="last day on which the bank credited")
    without_utr = models.IntegerField(help_text="persons credited without a reference of the bank")

    class Meta:
        db_table = "payments_bill_standing"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["month"], name="bill_standing_by_month"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["bill", "outcome"], name="one_bill_standing"),
        ]


class PayeeCount(models.Model):
    """Who was owed a regular pension in a month: by block or town, scheme, sex, category and whether 80 or older."""

    month = models.DateField()
    area_code = code(null=True, help_text="the block or town; empty where the payee has no place")
    scheme = code()
    sex = code()
    category = code()
    aged_80 = models.BooleanField()
    persons = models.IntegerField()
    paise = models.BigIntegerField()

    class Meta:
        db_table = "payments_payee_count"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["month", "area_code", "scheme", "sex", "category", "aged_80"],
                name="one_payee_count",
                nulls_distinct=False,
            ),
        ]


class BudgetEstimate(models.Model):
    """What a head will need in a budget year: what it needs now, moved by the forecast of entitled persons."""

    year = models.SmallIntegerField()
    head = code()
    scheme = code()
    based_on = run()
    persons_now = models.IntegerField()
    paise_now = models.BigIntegerField(help_text="regular dues of one month, before recoveries")
    growth_ppm = models.IntegerField(help_text="the year's cost of the scheme to that of now, in millionths")
    paise_year = models.BigIntegerField()
    made_at = models.DateTimeField()

    class Meta:
        db_table = "payments_budget_estimate"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["year", "head", "scheme"], name="one_estimate_of_a_head"),
        ]


class Sample(models.Model):
    """Credits of a month drawn by lot: with the same seed and size anybody draws the same again from the same month.

    `frame_*` are the credits from which it was drawn. `method`: every credit weighs the same (`credits`), or by its
    rupees (`money`: each credit's chance is its amount).
    """

    class Method(models.TextChoices):
        CREDITS = "credits"
        MONEY = "money"

    key = models.UUIDField(unique=True, db_default=RandomUUID())
    month = models.DateField()
    area_code = code()
    seed = code()
    method = code(choices=Method.choices)
    size = models.IntegerField()
    frame_credits = models.IntegerField()
    frame_paise = models.BigIntegerField()
    drawn_at = models.DateTimeField()
    drawn_by = models.TextField()

    class Meta:
        db_table = "payments_sample"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(size__gte=1, size__lte=500), name="sample_size"),
            models.CheckConstraint(condition=Q(method__in=("credits", "money")), name="sample_method_known"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [append_only()]


class SampleItem(models.Model):
    """One credit of a sample, in the order in which it was drawn."""

    sample = models.ForeignKey(Sample, on_delete=models.PROTECT, related_name="items")
    serial = models.IntegerField()
    instruction = models.ForeignKey(
        "payments.Instruction", on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        db_table = "payments_sample_item"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["sample", "serial"], name="one_item_of_a_serial"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [append_only()]
