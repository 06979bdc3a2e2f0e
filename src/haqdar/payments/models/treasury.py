"""The line to the treasury: bills as they were sent, the credits on them, the questions that wait for an answer, allotments."""

from typing import ClassVar

import pgtrigger
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q

from haqdar.payments.models.common import code, only_these_change

BILL_STATES = (
    "held_back", "queued", "sent", "approved", "in_process", "paid", "closed", "refused", "objected", "ended",
)  # fmt: skip
DEAD = ("objected", "ended")
"""States of a bill by which the treasury will pay nothing."""


class TreasuryBill(models.Model):
    """A version of a bill as the treasury gets it, or a correction: credits that failed, given again on the same bill.

    `held_back` (its `problem` says why), queued, sent (the treasury has it), approved (it has given its own number), in_process
    (token and advice), paid (voucher, every credit answered), closed (no failure is expected any more); `refused` waits for a person,
    `objected` came back for a new version, `ended` was cancelled here. `number` is our bill number with the treasury, the same on
    every question, by which it knows a repetition.
    """

    class Kind(models.TextChoices):
        BILL = "bill"
        CORRECTION = "correction"

    key = models.UUIDField(unique=True, db_default=RandomUUID())
    kind = code(choices=Kind.choices, default="bill")
    version = models.ForeignKey(
        "payments.BillVersion", on_delete=models.PROTECT, related_name="treasury_bills"
    )
    original = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="corrections")
    number = code(unique=True)
    dated_at = models.DateTimeField()
    ddo_code = code()
    scheme = code()
    head = code()
    month = models.DateField()
    persons = models.IntegerField()
    paise = models.BigIntegerField()
    state = code()
    since_at = models.DateTimeField(help_text="when it reached its state")
    problem = code(blank=True, default="")
    said = models.TextField(blank=True, default="", help_text="the treasury's own sentence, numbers masked")
    payment_id = code(blank=True, default="")
    payment_on = code(blank=True, default="", help_text="as the treasury wrote it")
    advice_no = code(blank=True, default="")
    bill_ref = code(blank=True, default="")
    token_no = code(blank=True, default="")
    token_on = models.DateField(null=True)
    fin_year = code(blank=True, default="")
    voucher_no = code(blank=True, default="")
    voucher_on = models.DateField(null=True)

    class Meta:
        db_table = "payments_treasury_bill"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "ddo_code"], name="treasury_bill_by_state"),
            models.Index(fields=["voucher_on"], condition=Q(state="paid"), name="treasury_bill_watched"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["version"], condition=Q(kind="bill"), name="sent_once"),
            models.CheckConstraint(
                condition=Q(kind="bill", original__isnull=True)
                | Q(kind="correction", original__isnull=False),
                name="correction_of_a_bill",
            ),
            models.CheckConstraint(condition=Q(persons__gt=0, paise__gt=0), name="treasury_bill_pays"),
            models.CheckConstraint(condition=Q(state__in=BILL_STATES), name="treasury_bill_state_known"),
            models.CheckConstraint(
                condition=~Q(state__in=("paid", "closed"))
                | (~Q(voucher_no="") & Q(voucher_on__isnull=False)),
                name="treasury_paid_by_a_voucher",
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            only_these_change(
                "state", "since_at", "problem", "said", "payment_id", "payment_on", "advice_no", "bill_ref", "token_no",
                "token_on", "fin_year", "voucher_no", "voucher_on",
            ),
        ]  # fmt: skip


class TreasuryCredit(models.Model):
    """What one instruction gets through one bill. Bills stand on heads, so a person's credit may come in parts.

    `credit_id` is what the treasury and the bank call it: the instruction's reference and the number of the part. A correction keeps
    the credit's id. `failed` may follow `paid`: banks return money late.
    """

    class State(models.TextChoices):
        PENDING = "pending"
        PAID = "paid"
        FAILED = "failed"

    bill = models.ForeignKey(
        TreasuryBill, on_delete=models.PROTECT, related_name="credits", db_index=False, db_constraint=False
    )
    instruction = models.ForeignKey(
        "payments.Instruction",
        on_delete=models.PROTECT,
        related_name="treasury_credits",
        db_constraint=False,
    )
    credit_id = code()
    paise = models.BigIntegerField()
    state = code(choices=State.choices, default="pending", db_default="pending")
    utr = code(blank=True, default="", db_default="")
    answered_on = models.DateField(null=True)
    reason_code = code(blank=True, default="", db_default="")
    reason_said = models.TextField(blank=True, default="", db_default="")
    challan_no = code(
        blank=True, default="", db_default="", help_text="by which the failed sum went to suspense"
    )

    class Meta:
        db_table = "payments_treasury_credit"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["bill", "credit_id"], name="one_credit_of_an_id"),
            models.UniqueConstraint(fields=["bill", "instruction"], name="one_credit_of_an_instruction"),
            models.CheckConstraint(condition=Q(paise__gt=0), name="treasury_credit_pays"),
            models.CheckConstraint(
                condition=Q(state__in=("pending", "paid", "failed")), name="treasury_credit_state_known"
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            only_these_change("state", "utr", "answered_on", "reason_code", "reason_said", "challan_no"),
            pgtrigger.Trigger(
                name="goes_forward",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("state"),  # type: ignore[no-untyped-call]
                func="""
                    IF (OLD.state, NEW.state) IN (('pending', 'paid'), ('pending', 'failed'), ('paid', 'failed'))
                        OR OLD.state = NEW.state
                    THEN
                        RETURN NEW;
                    END IF;
                    RAISE EXCEPTION 'a credit does not go from % to %', OLD.state, NEW.state
                        USING ERRCODE = 'restrict_violation';
                """,
            ),
        ]


class TreasuryMessage(models.Model):
    """A question to the treasury: waiting until `next_at`, done, or `stuck` until a person looks at it.

    It holds nothing personal: what is asked is put together when it is sent. `attempts` counts questions without any answer since the
    last one that had one, `asked` all of them. FD asks by voucher date (`about`: year of the treasury and date), the others by bill.
    """

    class Service(models.TextChoices):
        PI = "PI"
        PIS = "PIS"
        PAG = "PAG"
        PD = "PD"
        FD = "FD"
        COR = "COR"
        FTPS = "FTPS"
        FTFPS = "FTFPS"

    class State(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        STUCK = "stuck"

    key = models.UUIDField(unique=True, db_default=RandomUUID())
    bill = models.ForeignKey(TreasuryBill, on_delete=models.PROTECT, null=True, related_name="messages")
    service = code(choices=Service.choices)
    about = code(blank=True, default="", db_default="")
    state = code(choices=State.choices, default="waiting", db_default="waiting")
    queued_at = models.DateTimeField()
    next_at = models.DateTimeField()
    asked = models.IntegerField(default=0, db_default=0)
    attempts = models.IntegerField(default=0, db_default=0)
    last_at = models.DateTimeField(null=True)
    problem = code(blank=True, default="", db_default="")
    said = models.TextField(
        blank=True, default="", db_default="", help_text="the treasury's own sentence, numbers masked"
    )
    digest = code(blank=True, default="", db_default="", help_text="SHA-256 of the last answer")

    class Meta:
        db_table = "payments_treasury_message"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["next_at"], condition=Q(state="waiting"), name="treasury_message_next"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["bill", "service"], condition=Q(bill__isnull=False), name="one_question_of_a_bill"
            ),
            models.UniqueConstraint(
                fields=["service", "about"], condition=Q(bill__isnull=True), name="one_question_about_a_day"
            ),
            models.CheckConstraint(
                condition=Q(bill__isnull=False, about="") | (Q(bill__isnull=True) & ~Q(about="")),
                name="treasury_message_about_something",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("waiting", "done", "stuck")), name="treasury_message_state_known"
            ),
            models.CheckConstraint(
                condition=Q(service__in=("PI", "PIS", "PAG", "PD", "FD", "COR", "FTPS", "FTFPS")),
                name="treasury_message_service_known",
            ),
        ]


class TreasuryAllotment(models.Model):
    """What the treasury says it has allotted to a drawing officer under a head: as read, added when it is new.

    `balance_paise` is what the treasury said was still there after it. It is the treasury's book, not the budget's.
    """

    ddo_code = code()
    head = code()
    master_id = code()
    unit_id = code()
    serial = models.IntegerField()
    kind = models.TextField()
    allotted_on = models.DateField()
    paise = models.BigIntegerField()
    balance_paise = models.BigIntegerField()
    read_at = models.DateTimeField()

    class Meta:
        db_table = "payments_treasury_allotment"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["ddo_code", "head", "master_id", "serial"], name="one_allotment_of_a_serial"
            ),
            models.CheckConstraint(condition=Q(paise__gte=0), name="allotment_not_negative"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [only_these_change("balance_paise", "read_at")]
