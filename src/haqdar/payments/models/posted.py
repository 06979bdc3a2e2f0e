"""The ledger of dues, the bills drawn for them, and what the banks were told to pay.

Everything here is added by the month's run in one transaction and never edited. Rows of a run that a later version of the
same month superseded stay readable and no longer count: whoever sums joins the run and asks for `complete` and `posted`.
Amounts are whole paise.
"""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact

from haqdar.payments.models.common import ADDED, append_only, code, run, run_stands


class Due(models.Model):
    """What one person is owed (or, as a recovery, owes) under one scheme for one month.

    `for_month` is the month the money is for, the run's month the one it is paid with. A recovery is the whole
    over-payment found, as a negative amount; `Withholding` says what has been kept back for it.

    A benefit beside the pensions is due once for an `occasion` (a death, a birth, a year …; empty for pensions), which
    should bring `occasion_paise` in all.
    """

    class Kind(models.TextChoices):
        REGULAR = "regular"
        ARREARS = "arrears"
        RECOVERY = "recovery"

    run = run(checked_by_row=False)
    member_id = models.IntegerField()
    pension_group = models.SmallIntegerField()
    scheme = code()
    kind = code(choices=Kind.choices)
    for_month = models.DateField()
    paise = models.BigIntegerField()
    area_code = code(null=True)
    ddo_code = code(null=True)
    occasion = code(default="", db_default="")
    occasion_paise = models.BigIntegerField(null=True, blank=True)

    class Meta:
        db_table = "payments_due"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["member_id", "for_month"], name="due_by_member"),
            models.Index(fields=["scheme", "occasion"], condition=~Q(occasion=""), name="due_by_occasion"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["run", "member_id", "scheme", "for_month", "kind", "occasion"],
                name="one_due_of_a_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=("regular", "arrears", "recovery")), name="due_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(kind="recovery", paise__lt=0) | (~Q(kind="recovery") & Q(paise__gt=0)),
                name="due_sign_by_kind",
            ),
            models.CheckConstraint(condition=Q(for_month__day=1), name="due_for_a_first_day"),
            models.CheckConstraint(
                condition=Q(occasion="", occasion_paise__isnull=True)
                | (~Q(occasion="") & Q(occasion_paise__isnull=False, occasion_paise__gte=0)),
                name="due_occasion_has_its_sum",
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            append_only(),
            run_stands(),
            # whatever is run again or learned late: what counts for an occasion is what it should bring, never twice
            pgtrigger.Trigger(
                name="occasion_once",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=ADDED,
                func="""
                    IF EXISTS (
                        SELECT FROM payments_due d
                        JOIN cases_month_run r ON r.id = d.run_id AND r.state = 'complete' AND r.posted
                        JOIN (SELECT scheme, occasion, max(occasion_paise) AS occasion_paise FROM added
                              WHERE occasion <> '' GROUP BY 1, 2) a USING (scheme, occasion)
                        GROUP BY d.scheme, d.occasion, a.occasion_paise
                        HAVING sum(d.paise) > a.occasion_paise
                    ) THEN
                        RAISE EXCEPTION 'more is due for an occasion than it brings' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]


class Withholding(models.Model):
    """So many paise of a due were kept back for a recovery.

    `set_off`: due and recovery correct the same month and group, so the whole may be kept; `withheld`: kept from what is
    otherwise payable, within the law's share.
    """

    class Kind(models.TextChoices):
        SET_OFF = "set_off"
        WITHHELD = "withheld"

    run = run(checked_by_row=False)
    due = models.ForeignKey(
        Due, on_delete=models.PROTECT, related_name="withholdings", db_index=False, db_constraint=False
    )
    recovery = models.ForeignKey(
        Due, on_delete=models.PROTECT, related_name="recovered_by", db_constraint=False
    )
    kind = code(choices=Kind.choices)
    paise = models.BigIntegerField()

    class Meta:
        db_table = "payments_withholding"
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["run"], name="withholding_by_run")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["due", "recovery", "kind"], name="one_withholding_of_a_kind"),
            models.CheckConstraint(
                condition=Q(kind__in=("set_off", "withheld")), name="withholding_kind_known"
            ),
            models.CheckConstraint(condition=Q(paise__gt=0), name="withholding_takes_something"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            append_only(),
            pgtrigger.Trigger(
                name="within_due_and_recovery",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=ADDED,
                func="""
                    -- whoever settles at the same moment is waited for
                    PERFORM 1 FROM payments_due WHERE id IN (SELECT recovery_id FROM added) ORDER BY id FOR UPDATE;
                    IF EXISTS (
                        SELECT FROM payments_withholding w JOIN payments_due d ON d.id = w.due_id
                        WHERE w.due_id IN (SELECT due_id FROM added)
                        GROUP BY d.id, d.paise
                        HAVING sum(w.paise) > d.paise
                    ) THEN
                        RAISE EXCEPTION 'more is withheld than is due' USING ERRCODE = 'check_violation';
                    END IF;
                    IF EXISTS (
                        SELECT FROM added a
                        LEFT JOIN payments_due d ON d.id = a.due_id
                        LEFT JOIN payments_due r ON r.id = a.recovery_id
                        WHERE (d.kind <> 'recovery' AND r.kind = 'recovery' AND d.member_id = r.member_id
                            AND d.run_id = a.run_id) IS NOT TRUE
                    ) THEN
                        RAISE EXCEPTION 'a due of the run can only settle a recovery of the same person'
                            USING ERRCODE = 'check_violation';
                    END IF;
                    IF EXISTS (
                        SELECT FROM payments_withholding w
                        JOIN payments_due r ON r.id = w.recovery_id
                        WHERE w.recovery_id IN (SELECT recovery_id FROM added)
                            AND (
                                w.run_id IN (SELECT run_id FROM added)
                                OR EXISTS (
                                    SELECT FROM cases_month_run c
                                    WHERE c.id = w.run_id AND c.state = 'complete' AND c.posted
                                        AND c.month NOT IN (
                                            SELECT month FROM cases_month_run WHERE id IN (SELECT run_id FROM added)
                                        )
                                )
                            )
                        GROUP BY r.id, r.paise
                        HAVING sum(w.paise) + coalesce(
                            (SELECT sum(s.paise) FROM payments_settlement s WHERE s.recovery_id = r.id), 0) > -r.paise
                    ) THEN
                        RAISE EXCEPTION 'more is withheld than was over-paid' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]


class Bill(models.Model):
    """One bill as the month's run drew it: drawing officer, scheme, head of account and month, with its distinct payees and sum.

    What became of it (sanctioned, submitted, passed …) is said by its versions (`BillVersion`). A supplementary bill holds lines
    that were taken out of an earlier bill of the same run; `serial` counts them.
    """

    class Kind(models.TextChoices):
        REGULAR = "regular"
        SUPPLEMENTARY = "supplementary"

    run = run()
    kind = code(choices=Kind.choices, default="regular", db_default="regular")
    serial = models.SmallIntegerField(default=0, db_default=0)
    bill_no = code()
    ddo_code = code()
    scheme = code()
    head = code()
    month = models.DateField()
    persons = models.IntegerField()
    paise = models.BigIntegerField()

    class Meta:
        db_table = "payments_bill"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["month", "ddo_code"], name="bill_by_ddo"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["run", "bill_no"], name="one_bill_of_a_number"),
            models.UniqueConstraint(
                fields=["run", "ddo_code", "scheme", "head", "serial"], name="one_bill_of_a_head"
            ),
            models.CheckConstraint(
                condition=Q(kind="regular", serial=0) | Q(kind="supplementary", serial__gt=0),
                name="bill_kind_by_serial",
            ),
            models.CheckConstraint(condition=Q(persons__gt=0, paise__gt=0), name="bill_pays_somebody"),
            models.CheckConstraint(condition=Q(month__day=1), name="bill_month_is_a_first_day"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            append_only(),
            # Deferred: a bill is added before its lines. That they agree with it is checked as they are added.
            pgtrigger.Trigger(
                name="adds_up",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                declare=[("upto", "text"), ("wrong", "text")],
                func="""
                    -- asked once for each bill, answered once for all that the transaction has added so far
                    upto := current_setting('haqdar.bills_have_lines', true);
                    IF split_part(upto, ' ', 1) = pg_current_xact_id()::text
                        AND split_part(upto, ' ', 2) = NEW.run_id::text AND NEW.id <= split_part(upto, ' ', 3)::bigint
                    THEN
                        RETURN NULL;
                    END IF;
                    EXECUTE 'SELECT bill_no FROM payments_bill b WHERE b.run_id = $1'
                        ' AND NOT EXISTS (SELECT FROM payments_bill_line l WHERE l.bill_id = b.id) LIMIT 1'
                        INTO wrong USING NEW.run_id;
                    IF wrong IS NOT NULL THEN
                        RAISE EXCEPTION 'bill % does not add up: it has no lines', wrong
                            USING ERRCODE = 'check_violation';
                    END IF;
                    PERFORM set_config(
                        'haqdar.bills_have_lines', concat_ws(' ', pg_current_xact_id(), NEW.run_id, max(id)), true)
                    FROM payments_bill WHERE run_id = NEW.run_id;
                    RETURN NULL;
                """,
            ),
        ]


class BillLine(models.Model):
    """What one due puts on one bill: the payable part of one component.

    A line is never edited but for being taken out of its bill, once, by the version of the bill that leaves it out
    (`withdrawn_in`): a payee held, excepted by the local body, or without a usable account. A line that stands on a bill is the
    only one of its due and component that does, so nothing is billed twice.

    One statement adds all lines of a bill: they are checked together, and a bill that has its lines takes no more.
    """

    bill = models.ForeignKey(Bill, on_delete=models.PROTECT, related_name="lines", db_constraint=False)
    due = models.ForeignKey(
        Due, on_delete=models.PROTECT, related_name="bill_lines", db_index=False, db_constraint=False
    )
    component = code()
    paise = models.BigIntegerField()
    withdrawn_in = models.ForeignKey(
        "payments.BillVersion",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="withdrawn",
        db_index=False,
        db_constraint=False,
    )

    class Meta:
        db_table = "payments_bill_line"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["bill"], condition=Q(withdrawn_in__isnull=False), name="bill_line_left_out"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["due", "component"],
                condition=Q(withdrawn_in__isnull=True),
                name="one_bill_line_of_a_component",
            ),
            models.CheckConstraint(condition=Q(paise__gt=0), name="bill_line_pays_something"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Trigger(
                name="only_withdrawn",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func="""
                    IF TG_OP = 'UPDATE' AND OLD.withdrawn_in_id IS NULL AND NEW.withdrawn_in_id IS NOT NULL THEN
                        OLD.withdrawn_in_id := NEW.withdrawn_in_id;
                        IF OLD IS NOT DISTINCT FROM NEW THEN
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'a bill line is never edited, only taken out of its bill once'
                        USING ERRCODE = 'restrict_violation';
                """,
            ),
            pgtrigger.Trigger(
                name="withdrawn_by_its_bill",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Update,
                referencing=ADDED,
                func="""
                    IF EXISTS (
                        SELECT FROM added a WHERE NOT EXISTS (
                            SELECT FROM payments_bill_version v WHERE v.id = a.withdrawn_in_id AND v.bill_id = a.bill_id)
                    ) THEN
                        RAISE EXCEPTION 'a line is taken out of its bill by a version of that bill'
                            USING ERRCODE = 'foreign_key_violation';
                    END IF;
                    RETURN NULL;
                """,
            ),
            # The keys and the sums of a State's month in one pass. EXECUTE plans for the rows at hand, be they ten or four millions.
            pgtrigger.Trigger(
                name="adds_up",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=ADDED,
                declare=[("wrong", "text")],
                func="""
                    EXECUTE $check$
                        SELECT coalesce(b.bill_no, '#' || s.bill_id) FROM (
                            SELECT bill_id, sum(paise) AS paise, count(*) AS persons, bool_and(fits) AS fits FROM (
                                SELECT l.bill_id, d.member_id, sum(l.paise)::bigint AS paise,
                                    bool_and((d.run_id = b.run_id AND d.scheme = b.scheme AND d.ddo_code = b.ddo_code) IS TRUE) AS fits
                                FROM payments_bill_line l
                                LEFT JOIN payments_due d ON d.id = l.due_id
                                LEFT JOIN payments_bill b ON b.id = l.bill_id
                                WHERE l.bill_id IN (SELECT bill_id FROM added)
                                GROUP BY l.bill_id, d.member_id
                            ) p GROUP BY bill_id
                        ) s LEFT JOIN payments_bill b ON b.id = s.bill_id
                        WHERE (s.fits AND s.paise = b.paise AND s.persons = b.persons) IS NOT TRUE
                        LIMIT 1
                    $check$ INTO wrong;
                    IF wrong IS NOT NULL THEN
                        RAISE EXCEPTION 'bill % does not add up', wrong USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]


class Instruction(models.Model):
    """One credit that a bank is to make. `reference` is the end-to-end id, the same in every version of a month.

    The unique reference among those in force is what makes a month pay once, whatever happens above it. What became of it (put
    into a file, sent, credited, returned) is said by `FileItem`, `ResponseLine` and the ledger, never by an edit. `destination_sealed`
    is the account number, sealed (two bytes of key version in front), or where `rail` says so the reference key of the Aadhaar
    number (16 bytes), which lies in the vault. A credit that was
    returned is presented again as a new instruction: `corrects` is the one before it and `origin` its reference. What stands on no
    bill (compensation for delay, payments.late) has an `origin` of its own and corrects nothing.
    """

    class Rail(models.TextChoices):
        ACCOUNT = "account"
        AADHAAR = "aadhaar"

    class State(models.TextChoices):
        WRITTEN = "written"
        SUPERSEDED = "superseded"

    run = run(checked_by_row=False)
    reference = code()
    member_id = models.IntegerField()
    pension_group = models.SmallIntegerField()
    scheme = code()
    paise = models.BigIntegerField()
    ifsc = code()
    account_last4 = code(null=True)
    state = code(choices=State.choices)
    rail = code(choices=Rail.choices, default="account", db_default="account")
    payee_name = code(default="", db_default="")
    destination_sealed = models.BinaryField(null=True)
    area_code = code(null=True)
    ddo_code = code(null=True)
    origin = code(default="", db_default="")
    corrects = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="corrected_by",
        db_index=False,
        db_constraint=False,
    )

    class Meta:
        db_table = "payments_instruction"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["member_id"], name="instruction_by_member"),
            models.Index(
                fields=["corrects"], condition=Q(corrects__isnull=False), name="instruction_by_corrected"
            ),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["run", "member_id", "scheme", "origin"], name="one_instruction_a_run"
            ),
            models.UniqueConstraint(
                fields=["reference"], condition=~Q(state="superseded"), name="one_instruction_of_a_reference"
            ),
            models.UniqueConstraint(
                fields=["origin"],
                condition=~Q(origin="") & Q(corrects=None),
                name="one_instruction_of_an_origin",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("written", "superseded")), name="instruction_state_known"
            ),
            models.CheckConstraint(condition=Q(paise__gt=0), name="instruction_pays_something"),
            models.CheckConstraint(
                # a pattern that counts to thirty is ten times as slow as one that only knows the signs
                condition=Q(reference__regex="^[0-9A-Z]+$") & Q(Exact(Length("reference"), 30)),
                name="instruction_reference_has_30_signs",
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            run_stands("payments_instruction"),
            pgtrigger.Trigger(
                name="only_superseded",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func="""
                    IF TG_OP = 'UPDATE' AND OLD.state = 'written' AND NEW.state = 'superseded' THEN
                        OLD.state := NEW.state;
                        IF OLD IS NOT DISTINCT FROM NEW THEN
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'an instruction is never edited; a later version of its month supersedes it'
                        USING ERRCODE = 'restrict_violation';
                """,
            ),
        ]


class NotPayable(models.Model):
    """What is payable to a person but could not be sent to a bank, with the reason."""

    class Reason(models.TextChoices):
        NO_DDO = "no_ddo"
        NO_ACCOUNT = "no_account"
        NO_IFSC = "no_ifsc"
        NO_NAME = "no_name"
        NO_HEIR = "no_heir"

    run = run(checked_by_row=False)
    member_id = models.IntegerField()
    pension_group = models.SmallIntegerField()
    scheme = code()
    paise = models.BigIntegerField()
    reason = code(choices=Reason.choices)
    area_code = code(null=True)

    class Meta:
        db_table = "payments_not_payable"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["member_id"], name="not_payable_by_member"),
            models.Index(fields=["run", "area_code"], name="not_payable_by_area"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["run", "member_id", "scheme", "reason"], name="not_payable_once"),
            models.CheckConstraint(
                condition=Q(reason__in=("no_ddo", "no_account", "no_ifsc", "no_name", "no_heir")),
                name="not_payable_reason_known",
            ),
            models.CheckConstraint(condition=Q(paise__gt=0), name="not_payable_is_something"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [append_only(), run_stands()]


class AreaTotal(models.Model):
    """The month's money of one local body by scheme, summed when it was posted so that pages need not.

    `persons` are those with a regular due; the amounts are whole paise and `recovery_paise` is not negative.
    """

    run = run(checked_by_row=False)
    area_code = code(null=True)
    scheme = code()
    persons = models.IntegerField()
    regular_paise = models.BigIntegerField()
    arrears_paise = models.BigIntegerField()
    recovery_paise = models.BigIntegerField()
    withheld_paise = models.BigIntegerField()
    instructed_paise = models.BigIntegerField()

    class Meta:
        db_table = "payments_area_total"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["run", "area_code", "scheme"], name="one_area_total", nulls_distinct=False
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [append_only(), run_stands()]
