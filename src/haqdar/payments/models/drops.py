"""One rupee to an account before its first payment, and what the bank answered (the trade calls it a penny drop)."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q

from haqdar.payments.models.common import ADDED, code, only_these_change


class AccountDrop(models.Model):
    """One small credit that asks a bank whether an account takes money and whose it is; a line of a payment file of its own kind.

    It pays nobody's due: it has no entry in the ledger of people, and its file's totals say what it costs. Name, branch and number are
    those of `instruction`, the credit that is to go there. `outcome`: empty until the bank has answered, credited, returned, or again
    (the bank failed in passing; a later file asks once more). Alive once for an account: withdrawn and `again` ones are not.
    """

    class Outcome(models.TextChoices):
        CREDITED = "credited"
        RETURNED = "returned"
        AGAIN = "again"

    file = models.ForeignKey(
        "payments.PaymentFile", on_delete=models.PROTECT, related_name="drops", db_index=False
    )
    account_check = models.ForeignKey("payments.AccountCheck", on_delete=models.PROTECT, related_name="drops")
    instruction = models.ForeignKey(
        "payments.Instruction", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    line_no = models.IntegerField(help_text="place in the file, from 1, without its header")
    reference = code(unique=True)
    paise = models.BigIntegerField()
    alive = models.BooleanField(default=True, db_default=True)
    outcome = code(blank=True, default="", db_default="", choices=Outcome.choices)
    answered_on = models.DateField(null=True)
    reason_code = code(blank=True, default="", db_default="")
    account_name = code(
        blank=True, default="", db_default="", help_text="the holder's name as the bank has it"
    )

    class Meta:
        db_table = "payments_account_drop"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["file", "line_no"], name="one_drop_of_a_line"),
            models.UniqueConstraint(
                fields=["account_check"], condition=Q(alive=True), name="one_drop_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=("", "credited", "returned", "again")), name="drop_outcome_known"
            ),
            models.CheckConstraint(condition=Q(paise__gt=0), name="drop_of_something"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            only_these_change("alive", "outcome", "answered_on", "reason_code", "account_name"),
            pgtrigger.Trigger(
                name="drops_add_up",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=ADDED,
                func="""
                    IF EXISTS (
                        SELECT FROM (
                            SELECT file_id, count(*) AS items, sum(paise) AS paise, min(line_no) AS first, max(line_no) AS last
                            FROM added GROUP BY 1
                        ) a LEFT JOIN payments_file f ON f.id = a.file_id
                        WHERE (f.state = 'made' AND f.items = a.items AND f.paise = a.paise AND a.first = 1
                            AND a.last = a.items) IS NOT TRUE
                    ) THEN
                        RAISE EXCEPTION 'a file does not add up to its totals' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]
