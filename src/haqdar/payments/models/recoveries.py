"""Getting back what was over-paid other than from later dues: asking the bank, or giving it up with authority."""

from typing import ClassVar

import pgtrigger
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import F, Q

from haqdar.payments.models.common import code, only_these_change


class Recall(models.Model):
    """The bank of a dead payee was asked to give back what was credited after the death; answered once, by another person than asked.

    `recovery` is the over-payment, `paise` what was still outstanding of it when the bank was asked, `bank` the first four
    letters of the branch code. `given_back_paise` may be less: the rest stays outstanding.
    """

    key = models.UUIDField(unique=True, db_default=RandomUUID())
    recovery = models.OneToOneField("payments.Due", on_delete=models.PROTECT, related_name="recall")
    resident_key = models.UUIDField(null=True)
    bank = code()
    account_last4 = code(blank=True, default="")
    reference = code(help_text="the end-to-end id of the credit to be given back")
    died_on = models.DateField()
    paise = models.BigIntegerField()
    asked_at = models.DateTimeField()
    asked_by = models.TextField()
    answered_at = models.DateTimeField(null=True)
    answered_by = models.TextField(blank=True, default="")
    given_back_paise = models.BigIntegerField(null=True)
    answer_note = models.TextField(blank=True, default="")

    class Meta:
        db_table = "payments_recall"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(paise__gt=0), name="recall_asks_for_something"),
            models.CheckConstraint(
                condition=Q(given_back_paise__isnull=True, answered_at__isnull=True)
                | Q(given_back_paise__gte=0, given_back_paise__lte=F("paise"), answered_at__isnull=False),
                name="recall_answered_within_what_was_asked",
            ),
            models.CheckConstraint(
                condition=Q(answered_by="") | ~Q(answered_by=F("asked_by")), name="recall_takes_two"
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            only_these_change("answered_at", "answered_by", "given_back_paise", "answer_note"),
        ]


class WriteOff(models.Model):
    """A proposal to give up what is outstanding of an over-payment; decided by another person, by an order (`authority`)."""

    class State(models.TextChoices):
        PROPOSED = "proposed"
        APPROVED = "approved"
        REFUSED = "refused"

    key = models.UUIDField(unique=True, db_default=RandomUUID())
    recovery = models.ForeignKey("payments.Due", on_delete=models.PROTECT, related_name="write_offs")
    resident_key = models.UUIDField(null=True)
    paise = models.BigIntegerField()
    reason = models.TextField()
    state = code(choices=State.choices, default=State.PROPOSED)
    proposed_at = models.DateTimeField()
    proposed_by = models.TextField()
    authority = models.TextField(blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.TextField(blank=True, default="")
    decision_note = models.TextField(blank=True, default="")

    class Meta:
        db_table = "payments_write_off"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(paise__gt=0), name="write_off_gives_up_something"),
            models.UniqueConstraint(
                fields=["recovery"], condition=Q(state="proposed"), name="one_open_write_off"
            ),
            models.CheckConstraint(
                condition=Q(state="proposed", decided_at__isnull=True)
                | Q(state__in=("approved", "refused"), decided_at__isnull=False),
                name="write_off_decided_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | ~Q(authority=""), name="write_off_approved_by_an_order"
            ),
            models.CheckConstraint(
                condition=Q(decided_by="") | ~Q(decided_by=F("proposed_by")), name="write_off_takes_two"
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            only_these_change("state", "authority", "decided_at", "decided_by", "decision_note"),
        ]
