"""Credits that came back, and what becomes of each."""

from typing import ClassVar

import pgtrigger
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import F, Q

from haqdar.payments.models.common import append_only, code, only_these_change


class Return(models.Model):
    """One credit that a bank gave back, with its reason and next step. What it says stays; what changes is how far it has come.

    `action` is the class of the reason by the table in force on the day of the return (payments/reasons). `first` is the first
    instruction of its chain: the one that the month's run wrote; `attempt` counts how often its money came back. `state`: waiting
    (somebody must do something first), ready (goes out with the next presentation), represented (a new instruction corrects it),
    held (a death is looked into), settled (the credit is not to be made again; also after it was represented, where the new
    instruction was stopped before it went out). `lapsed_on` is set when the budget year of its bill
    ended first: then its lines left the bill, and it goes out once they stand on a supplementary bill that was passed.
    `not_paid_paise` is what of it turned out not to be owed: only the rest is presented again.
    """

    class Action(models.TextChoices):
        RETRY = "retry"
        BENEFICIARY = "beneficiary"
        CORRECT = "correct"
        DEATH = "death"
        SWITCH_RAIL = "switch_rail"

    class State(models.TextChoices):
        WAITING = "waiting"
        READY = "ready"
        REPRESENTED = "represented"
        HELD = "held"
        SETTLED = "settled"

    key = models.UUIDField(unique=True, db_default=RandomUUID())
    instruction = models.OneToOneField(
        "payments.Instruction",
        on_delete=models.PROTECT,
        related_name="returned",
        db_constraint=False,
    )
    first = models.ForeignKey(
        "payments.Instruction",
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
    )
    line = models.ForeignKey(
        "payments.ResponseLine",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    month = models.DateField(help_text="the month whose run instructed it")
    member_id = models.IntegerField()
    pension_group = models.SmallIntegerField()
    scheme = code()
    paise = models.BigIntegerField()
    area_code = code(null=True)
    ddo_code = code(null=True)
    reasons = code(help_text="the table of reason codes: nach, iso …")
    reason_code = code(blank=True)
    action = code(choices=Action.choices)
    attempt = models.SmallIntegerField()
    returned_on = models.DateField(null=True)
    read_at = models.DateTimeField()
    state = code(choices=State.choices)
    state_at = models.DateTimeField()
    state_by = models.TextField()
    note = models.TextField(blank=True, default="", db_default="")
    lapsed_on = models.DateField(null=True)
    not_paid_paise = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        db_table = "payments_return"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["month", "area_code"], name="return_by_area"),
            models.Index(fields=["member_id"], name="return_by_member"),
            models.Index(fields=["state_at"], condition=Q(attempt__gt=1), name="return_again_at"),
            models.Index(
                fields=["state"], condition=Q(state__in=("waiting", "ready", "held")), name="return_open"
            ),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(action__in=("retry", "beneficiary", "correct", "death", "switch_rail")),
                name="return_action_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("waiting", "ready", "represented", "held", "settled")),
                name="return_state_known",
            ),
            models.CheckConstraint(condition=Q(paise__gt=0, attempt__gt=0), name="return_of_something"),
            models.CheckConstraint(
                condition=Q(not_paid_paise__gte=0, not_paid_paise__lte=F("paise")),
                name="return_not_paid_within_it",
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            only_these_change("state", "state_at", "state_by", "note", "lapsed_on", "not_paid_paise"),
            pgtrigger.Trigger(
                name="ends_once",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("state"),  # type: ignore[no-untyped-call]
                func="""
                    IF OLD.state IN ('waiting', 'ready', 'held') OR OLD.state = NEW.state
                        OR (OLD.state = 'represented' AND NEW.state = 'settled')
                    THEN
                        RETURN NEW;
                    END IF;
                    RAISE EXCEPTION 'a returned credit does not go from % to %', OLD.state, NEW.state
                        USING ERRCODE = 'restrict_violation';
                """,
            ),
        ]


class SetAsideNote(models.Model):
    """What somebody found out about a line that was set aside, and what follows from it.

    `decision`: noted (nothing follows), stands (of two contradicting answers the earlier one is right), bank_right (the later one
    is; the ledger follows it), part (the line names the part of a credit that came back, or was credited; the ledger follows it).
    """

    class Decision(models.TextChoices):
        NOTED = "noted"
        STANDS = "stands"
        BANK_RIGHT = "bank_right"
        PART = "part"

    line = models.OneToOneField("payments.ResponseLine", on_delete=models.PROTECT, related_name="looked_into")
    decision = code(choices=Decision.choices)
    note = models.TextField()
    made_at = models.DateTimeField()
    made_by = models.TextField()

    class Meta:
        db_table = "payments_set_aside_note"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(decision__in=("noted", "stands", "bank_right", "part")),
                name="set_aside_decision_known",
            ),
            models.CheckConstraint(condition=~Q(note=""), name="set_aside_note_says_something"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [append_only()]


class NameDifference(models.Model):
    """The bank's name of the holder of an account is not that of the payee, nor of who receives for the payee.

    `likeness` is how much the two have in common, 0 to 100 (trigrams). An officer says whether it is the same person.
    """

    class Finding(models.TextChoices):
        OPEN = "open"
        SAME = "same"
        OTHER = "other"

    key = models.UUIDField(unique=True, db_default=RandomUUID())
    line = models.OneToOneField(
        "payments.ResponseLine", on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    instruction = models.ForeignKey(
        "payments.Instruction",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    member_id = models.IntegerField()
    scheme = code()
    area_code = code(null=True)
    account_last4 = code(null=True)
    our_name = models.TextField()
    bank_name = models.TextField()
    likeness = models.SmallIntegerField()
    found_at = models.DateTimeField()
    finding = code(choices=Finding.choices, default=Finding.OPEN)
    looked_at = models.DateTimeField(null=True)
    looked_by = models.TextField(blank=True, default="")
    note = models.TextField(blank=True, default="")

    class Meta:
        db_table = "payments_name_difference"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["member_id", "account_last4"], name="name_difference_by_member"),
            models.Index(fields=["area_code"], condition=Q(finding="open"), name="name_difference_open"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(finding__in=("open", "same", "other")), name="name_finding_known"
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            only_these_change("finding", "looked_at", "looked_by", "note"),
        ]
