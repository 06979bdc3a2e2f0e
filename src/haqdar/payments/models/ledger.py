"""The ledger: every movement of money of a person, double entry, append-only, partitioned by month.

One row moves `paise` from the account `credit` to the account `debit`, so it balances by itself. The same movement of the same
source cannot be written twice: (month, kind, source) is the key. Which kinds there are and what they move is said once, in
``haqdar.payments.entries``.
"""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q

from haqdar.payments.models.common import ADDED, append_only, code


class Entry(models.Model):
    """One movement. `month` is that of the run whose money moves, `source_id` the row that caused it, by `kind`."""

    pk = models.CompositePrimaryKey("month", "kind", "source_id")
    month = models.DateField()
    kind = code()
    source_id = models.BigIntegerField()
    member_id = models.IntegerField()
    pension_group = models.SmallIntegerField()
    scheme = code()
    debit = code()
    credit = code()
    paise = models.BigIntegerField()
    posted_at = models.DateTimeField()

    class Meta:
        db_table = "payments_entry"
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["member_id"], name="entry_by_member")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(paise__gt=0), name="entry_moves_something"),
            models.CheckConstraint(condition=~Q(debit=F("credit")), name="entry_has_two_sides"),
            models.CheckConstraint(condition=Q(month__day=1), name="entry_month_is_a_first_day"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [append_only()]


class Settlement(models.Model):
    """How a part of an over-payment was settled other than from later dues: recalled from the bank, or written off.

    `not_paid`: the over-paid money came back or never went out (payments.not_paid); `note` is then its reference. `authority` names the order of a write-off; `recovery` is the due of kind recovery that it settles.
    """

    class Kind(models.TextChoices):
        RECALLED = "recalled"
        WRITTEN_OFF = "written_off"
        NOT_PAID = "not_paid"

    recovery = models.ForeignKey("payments.Due", on_delete=models.PROTECT, related_name="settlements")
    kind = code(choices=Kind.choices)
    paise = models.BigIntegerField()
    authority = models.TextField(blank=True, default="")
    note = models.TextField(blank=True, default="")
    made_at = models.DateTimeField()
    made_by = models.TextField()

    class Meta:
        db_table = "payments_settlement"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(paise__gt=0), name="settlement_settles_something"),
            models.CheckConstraint(
                condition=Q(kind__in=("recalled", "not_paid")) | (Q(kind="written_off") & ~Q(authority="")),
                name="write_off_names_its_order",
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            append_only(),
            pgtrigger.Trigger(
                name="within_over_payment",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=ADDED,
                func="""
                    -- whoever keeps back or settles at the same moment is waited for
                    PERFORM 1 FROM payments_due WHERE id IN (SELECT recovery_id FROM added) ORDER BY id FOR UPDATE;
                    IF EXISTS (
                        SELECT FROM payments_due d
                        WHERE d.id IN (SELECT recovery_id FROM added) AND (d.kind <> 'recovery' OR -d.paise
                            < (SELECT coalesce(sum(s.paise), 0) FROM payments_settlement s WHERE s.recovery_id = d.id)
                            + (SELECT coalesce(sum(w.paise), 0) FROM payments_withholding w
                               JOIN cases_month_run r ON r.id = w.run_id AND r.state = 'complete' AND r.posted
                               WHERE w.recovery_id = d.id))
                    ) THEN
                        RAISE EXCEPTION 'more is settled than was over-paid' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]
