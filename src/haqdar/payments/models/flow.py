"""The way of a month's money through the offices: closing, proposals of local bodies, holds, bills and the budget.

    month closed → proposal verified, submitted → bill sanctioned, submitted → passed with a voucher → credits answered

Amounts are whole paise. Every row keeps what it says; what changes is how far it has come, and the database holds the order.
"""

from typing import ClassVar

import pgtrigger
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q

from haqdar.payments.models.common import ADDED, append_only, code, only_these_change, run

KEPT_OF_A_PROPOSAL = (
    "key",
    "run_id",
    "month",
    "body_code",
    "ddo_code",
    "scheme",
    "persons",
    "new_persons",
    "ended_persons",
    "changed_persons",
    "regular_paise",
    "arrears_paise",
    "recovery_paise",
    "withheld_paise",
    "payable_paise",
    "held_persons",
    "held_paise",
    "unpayable_persons",
    "unpayable_paise",
    "due_on",
)
"""What a proposal says once and for all; its other columns tell how far it has come."""


def _of(row: str, columns: tuple[str, ...]) -> str:
    return ", ".join(f"{row}.{column}" for column in columns)


class MonthClosing(models.Model):
    """The month's computation was closed: its dues stand in the ledger and its proposals went to the local bodies.

    From then on no later run supersedes the one named here; what becomes known is paid or recovered with the next month.
    """

    month = models.DateField(primary_key=True)
    run = models.OneToOneField("cases.MonthRun", on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField()
    closed_by = models.TextField()

    class Meta:
        db_table = "payments_month_closing"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(month__day=1), name="closing_of_a_first_day"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [append_only()]


class Proposal(models.Model):
    """A month's proposal of one local body (a panchayat, or an urban body) for one scheme, generated from the ledger.

    Persons are distinct payees: `persons` all with something payable, `new_persons` those without regular due in the month
    before, `ended_persons` those who had one then and have none now, `changed_persons` those with another amount.
    `payable_paise` is regular and arrears less what is withheld; `held_*` and `unpayable_*` are parts of it that cannot go out.
    `silent` proposals were nobody's until the day of the bill and went on by the law's rule for silent bodies.
    """

    class State(models.TextChoices):
        GENERATED = "generated"
        VERIFIED = "verified"
        SUBMITTED = "submitted"
        SILENT = "silent"

    key = models.UUIDField(unique=True, db_default=RandomUUID())
    run = run()
    month = models.DateField()
    body_code = code(help_text="area code of the panchayat or urban body")
    ddo_code = code(null=True)
    scheme = code()
    persons = models.IntegerField()
    new_persons = models.IntegerField()
    ended_persons = models.IntegerField()
    changed_persons = models.IntegerField()
    regular_paise = models.BigIntegerField()
    arrears_paise = models.BigIntegerField()
    recovery_paise = models.BigIntegerField()
    withheld_paise = models.BigIntegerField()
    payable_paise = models.BigIntegerField()
    held_persons = models.IntegerField()
    held_paise = models.BigIntegerField()
    unpayable_persons = models.IntegerField()
    unpayable_paise = models.BigIntegerField()
    due_on = models.DateField(help_text="the law's last day for verification and submission")
    state = code(choices=State.choices, default=State.GENERATED)
    verified_at = models.DateTimeField(null=True)
    verified_by = models.TextField(blank=True, default="")
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.TextField(blank=True, default="")

    class Meta:
        db_table = "payments_proposal"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["month", "ddo_code"], name="proposal_by_ddo"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["month", "body_code", "scheme"], name="one_proposal_of_a_body"),
            models.CheckConstraint(
                condition=Q(state__in=("generated", "verified", "submitted", "silent")),
                name="proposal_state_known",
            ),
            models.CheckConstraint(
                condition=Q(
                    payable_paise=models.F("regular_paise")
                    + models.F("arrears_paise")
                    - models.F("withheld_paise")
                ),
                name="proposal_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(state="submitted", submitted_at__isnull=False)
                | (~Q(state="submitted") & Q(submitted_at__isnull=True)),
                name="proposal_submitted_at_a_time",
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            # statement by statement: a State verifies, submits or lets go on two lakh of them in a day
            pgtrigger.Trigger(
                name="goes_forward",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Update,
                referencing=pgtrigger.Referencing(old="was", new="became"),  # type: ignore[no-untyped-call]
                declare=[("changed", "bigint"), ("back", "bigint")],
                # counted, not asked whether there is one: for the first row found the database would compare each with each
                func=f"""
                    SELECT count(*) FILTER (WHERE ({_of("w", KEPT_OF_A_PROPOSAL)}) IS DISTINCT FROM ({_of("b", KEPT_OF_A_PROPOSAL)})),
                        count(*) FILTER (WHERE w.state <> b.state AND (w.state, b.state) NOT IN (('generated', 'verified'),
                            ('generated', 'silent'), ('verified', 'submitted'), ('verified', 'generated'), ('verified', 'silent')))
                    FROM was w FULL JOIN became b USING (id) INTO changed, back;
                    IF changed > 0 THEN
                        RAISE EXCEPTION 'a proposal keeps what it says; only its progress is written down'
                            USING ERRCODE = 'restrict_violation';
                    END IF;
                    IF back > 0 THEN
                        RAISE EXCEPTION 'a proposal does not go back, nor past a step' USING ERRCODE = 'restrict_violation';
                    END IF;
                    RETURN NULL;
                """,
            ),
            pgtrigger.Protect(name="is_kept", operation=pgtrigger.Delete),
        ]


class Hold(models.Model):
    """Nothing goes out to one payee under one scheme, until it is released: the money stays owed.

    Placed by an officer, by the local body as a named exception to its proposal, or where a bank reports a death. Instructions
    already released are not called back by it.
    """

    class Origin(models.TextChoices):
        EXCEPTION = "exception"
        OFFICER = "officer"
        BANK = "bank"

    key = models.UUIDField(unique=True, db_default=RandomUUID())
    member_id = models.IntegerField()
    resident_key = models.UUIDField(null=True)
    pension_group = models.SmallIntegerField()
    scheme = code()
    area_code = code(null=True)
    origin = code(choices=Origin.choices)
    reason = code(help_text="a word of payments.holds.REASONS")
    note = models.TextField(blank=True, default="")
    placed_at = models.DateTimeField()
    placed_by = models.TextField()
    review_on = models.DateField(help_text="by when somebody must look at it again")
    released_at = models.DateTimeField(null=True)
    released_by = models.TextField(blank=True, default="")
    release_note = models.TextField(blank=True, default="")

    class Meta:
        db_table = "payments_hold"
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["area_code"], name="hold_by_area")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["member_id", "scheme"],
                condition=Q(released_at__isnull=True),
                name="one_hold_at_a_time",
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            only_these_change("released_at", "released_by", "release_note"),
        ]


class ProposalException(models.Model):
    """A payee whom the local body left out of its proposal, by name and with a reason; `hold` is what it did."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="exceptions")
    member_id = models.IntegerField()
    reason = code()
    note = models.TextField(blank=True, default="")
    hold = models.OneToOneField(Hold, on_delete=models.PROTECT, related_name="exception")
    made_at = models.DateTimeField()
    made_by = models.TextField()

    class Meta:
        db_table = "payments_proposal_exception"
        # a proposal that was taken back may name the same payee again: that one is held once at a time says `Hold`
        triggers: ClassVar[list[pgtrigger.Trigger]] = [append_only()]


class BillVersion(models.Model):
    """What is sanctioned and submitted of a bill. Sums never change; an objection or an exception makes a new version.

    `persons` and `paise` are those of the lines that stand; `left_out_*` of those taken out (held, excepted, not payable).
    `content_hash` is over the lines that stand (payments.billing). Its document is immutable from the submission on. At most
    one version of a bill is alive: neither objected to nor cancelled.
    """

    class State(models.TextChoices):
        SANCTIONED = "sanctioned"
        SUBMITTED = "submitted"
        PASSED = "passed"
        PAID = "paid"
        OBJECTED = "objected"
        CANCELLED = "cancelled"

    key = models.UUIDField(unique=True, db_default=RandomUUID())
    bill = models.ForeignKey("payments.Bill", on_delete=models.PROTECT, related_name="versions")
    version = models.SmallIntegerField()
    persons = models.IntegerField()
    paise = models.BigIntegerField()
    left_out_persons = models.IntegerField()
    left_out_paise = models.BigIntegerField()
    content_hash = code()
    state = code(choices=State.choices, default=State.SANCTIONED)
    sanction_no = code(unique=True)
    sanctioned_at = models.DateTimeField()
    sanctioned_by = models.TextField()
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.TextField(blank=True, default="")
    token_no = code(blank=True, default="")
    token_on = models.DateField(null=True)
    voucher_no = code(blank=True, default="")
    voucher_on = models.DateField(null=True)
    ended_at = models.DateTimeField(null=True, help_text="when it was objected to or cancelled")
    ended_by = models.TextField(blank=True, default="")
    end_reason = models.TextField(
        blank=True, default="", help_text="the objection or the reason of cancelling, in words"
    )

    class Meta:
        db_table = "payments_bill_version"
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["state"], name="bill_version_by_state")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["bill", "version"], name="one_version_of_a_number"),
            models.UniqueConstraint(
                fields=["bill"], condition=~Q(state__in=("objected", "cancelled")), name="one_living_version"
            ),
            models.CheckConstraint(condition=Q(persons__gt=0, paise__gt=0), name="version_pays_somebody"),
            models.CheckConstraint(
                condition=Q(left_out_persons__gte=0, left_out_paise__gte=0),
                name="version_leaves_out_nothing_negative",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("sanctioned", "submitted", "passed", "paid", "objected", "cancelled")),
                name="version_state_known",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("passed", "paid"))
                | (~Q(voucher_no="") & Q(voucher_on__isnull=False)),
                name="passed_with_a_voucher",
            ),
            models.CheckConstraint(
                condition=Q(submitted_by="") | ~Q(submitted_by=models.F("sanctioned_by")),
                name="sanctioner_does_not_submit",
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            only_these_change(
                "state",
                "submitted_at",
                "submitted_by",
                "token_no",
                "token_on",
                "voucher_no",
                "voucher_on",
                "ended_at",
                "ended_by",
                "end_reason",
            ),
            pgtrigger.Trigger(
                name="goes_forward",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("state"),  # type: ignore[no-untyped-call]
                func="""
                    IF (OLD.state, NEW.state) IN (('sanctioned', 'submitted'), ('sanctioned', 'cancelled'),
                        ('submitted', 'passed'), ('submitted', 'objected'), ('submitted', 'cancelled'),
                        ('passed', 'paid'), ('passed', 'cancelled')) OR OLD.state = NEW.state
                    THEN
                        RETURN NEW;
                    END IF;
                    RAISE EXCEPTION 'a bill does not go from % to %', OLD.state, NEW.state
                        USING ERRCODE = 'restrict_violation';
                """,
            ),
        ]


class BudgetHead(models.Model):
    """The State's pool under one head of account in one budget year; `year` is the year in which it begins.

    `balance_paise` is what is still available: the sum of its entries, kept by the database and never below nothing.
    """

    year = models.SmallIntegerField()
    head = code()
    balance_paise = models.BigIntegerField(default=0)

    class Meta:
        db_table = "payments_budget_head"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["year", "head"], name="one_budget_of_a_head"),
            models.CheckConstraint(condition=Q(balance_paise__gte=0), name="budget_is_not_overdrawn"),
        ]


class BudgetYearEnd(models.Model):
    """A budget year that ended: nothing is taken from its heads any more, what was not paid is drawn on bills of a later year.

    `year` is the year in which it began; `begins_on` and `ends_on` are its first and last day by the law.
    """

    year = models.SmallIntegerField(unique=True)
    begins_on = models.DateField()
    ends_on = models.DateField()
    ended_at = models.DateTimeField()
    ended_by = models.TextField()

    class Meta:
        db_table = "payments_budget_year_end"
        triggers: ClassVar[list[pgtrigger.Trigger]] = [append_only()]


class BudgetEntry(models.Model):
    """What was added to or taken from a head's budget; negative takes away.

    allotment and additional add, withdrawal and surrender take; a sanctioned bill takes (`commitment`) and gives back
    (`release`) when it is cancelled, objected to, or its returned credits lapse with the year.
    """

    class Kind(models.TextChoices):
        ALLOTMENT = "allotment"
        ADDITIONAL = "additional"
        WITHDRAWAL = "withdrawal"
        SURRENDER = "surrender"
        COMMITMENT = "commitment"
        RELEASE = "release"

    budget = models.ForeignKey(BudgetHead, on_delete=models.PROTECT, related_name="entries")
    kind = code(choices=Kind.choices)
    paise = models.BigIntegerField()
    version = models.ForeignKey(
        BillVersion, on_delete=models.PROTECT, null=True, related_name="budget_entries"
    )
    order_no = models.TextField(blank=True, default="")
    note = models.TextField(blank=True, default="")
    made_at = models.DateTimeField()
    made_by = models.TextField()

    class Meta:
        db_table = "payments_budget_entry"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(kind__in=("allotment", "additional", "release"), paise__gt=0)
                | Q(kind__in=("withdrawal", "surrender", "commitment"), paise__lt=0),
                name="budget_entry_sign_by_kind",
            ),
            models.UniqueConstraint(
                fields=["version"], condition=Q(kind="commitment"), name="one_commitment_of_a_version"
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            append_only(),
            pgtrigger.Trigger(
                name="moves_balance",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=ADDED,
                func="""
                    -- one order for all, so that two bills never wait for each other in a circle
                    PERFORM 1 FROM payments_budget_head WHERE id IN (SELECT budget_id FROM added) ORDER BY id FOR UPDATE;
                    UPDATE payments_budget_head h SET balance_paise = h.balance_paise + a.paise
                    FROM (SELECT budget_id, sum(paise) AS paise FROM added GROUP BY 1) a WHERE h.id = a.budget_id;
                    RETURN NULL;
                """,
            ),
        ]
