"""What went to banks and treasury and what came back: files of instructions, files of answers."""

from typing import ClassVar

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q

from haqdar.payments.models.common import ADDED, append_only, code, only_these_change


class PaymentFile(models.Model):
    """A file of instructions: made by one person, released by another, then sent. It stands complete on disk, or not at all.

    `profile` and `profile_from` name the layout's version, `sequence` counts the files of a profile and month. `sha256` and `size`
    are of the plain file; what leaves the house is the sealed and signed envelope beside it. A file withdrawn before its release
    frees its instructions for another.
    """

    class State(models.TextChoices):
        MADE = "made"
        RELEASED = "released"
        SENT = "sent"
        WITHDRAWN = "withdrawn"

    key = models.UUIDField(unique=True, db_default=RandomUUID())
    profile = code()
    profile_from = models.DateField()
    month = models.DateField()
    sequence = models.IntegerField()
    name = models.TextField(unique=True)
    settlement_on = models.DateField()
    items = models.IntegerField()
    paise = models.BigIntegerField()
    sha256 = code()
    size = models.BigIntegerField()
    state = code(choices=State.choices, default=State.MADE)
    made_at = models.DateTimeField()
    made_by = models.TextField()
    released_at = models.DateTimeField(null=True)
    released_by = models.TextField(blank=True, default="")
    sent_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.TextField(blank=True, default="")

    class Meta:
        db_table = "payments_file"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["profile", "month", "sequence"], name="one_file_of_a_sequence"),
            models.CheckConstraint(condition=Q(items__gt=0, paise__gt=0), name="file_pays_somebody"),
            models.CheckConstraint(
                condition=Q(state__in=("made", "released", "sent", "withdrawn")), name="file_state_known"
            ),
            models.CheckConstraint(
                condition=Q(released_by="") | ~Q(released_by=models.F("made_by")), name="maker_is_not_checker"
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            only_these_change(
                "state", "released_at", "released_by", "sent_at", "withdrawn_at", "withdrawn_by"
            ),
            pgtrigger.Trigger(
                name="goes_forward",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("state"),  # type: ignore[no-untyped-call]
                func="""
                    IF (OLD.state, NEW.state) IN (('made', 'released'), ('made', 'withdrawn'), ('released', 'sent'))
                        OR OLD.state = NEW.state
                    THEN
                        RETURN NEW;
                    END IF;
                    RAISE EXCEPTION 'a payment file does not go from % to %', OLD.state, NEW.state
                        USING ERRCODE = 'restrict_violation';
                """,
            ),
        ]


class FileItem(models.Model):
    """One instruction in one file. Alive in at most one file: a due is never instructed twice.

    One statement adds all items of a file, numbered without a gap: together they are what the file's control totals say.
    """

    file = models.ForeignKey(
        PaymentFile, on_delete=models.PROTECT, related_name="items_of", db_index=False, db_constraint=False
    )
    instruction = models.ForeignKey(
        "payments.Instruction",
        on_delete=models.PROTECT,
        related_name="files",
        db_index=False,
        db_constraint=False,
    )
    line_no = models.IntegerField(help_text="place in the file, from 1, without its header")
    paise = models.BigIntegerField()
    alive = models.BooleanField(default=True, db_default=True)

    class Meta:
        db_table = "payments_file_item"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["file", "line_no"], name="one_item_of_a_line"),
            models.UniqueConstraint(fields=["instruction"], condition=Q(alive=True), name="instructed_once"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Trigger(
                name="only_freed",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func="""
                    IF TG_OP = 'UPDATE' AND OLD.alive AND NOT NEW.alive
                        AND to_jsonb(NEW) - 'alive' = to_jsonb(OLD) - 'alive'
                        AND (SELECT state FROM payments_file WHERE id = NEW.file_id) = 'withdrawn'
                    THEN
                        RETURN NEW;
                    END IF;
                    RAISE EXCEPTION 'an instruction leaves its file only when the file is withdrawn'
                        USING ERRCODE = 'restrict_violation';
                """,
            ),
            pgtrigger.Trigger(
                name="adds_up",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=ADDED,
                func="""
                    IF EXISTS (
                        SELECT FROM (
                            SELECT file_id, count(*) AS items, sum(paise) AS paise, min(line_no) AS first, max(line_no) AS last
                            FROM added WHERE alive GROUP BY 1
                        ) a LEFT JOIN payments_file f ON f.id = a.file_id
                        WHERE (f.state = 'made' AND f.items = a.items AND f.paise = a.paise AND a.first = 1
                            AND a.last = a.items) IS NOT TRUE
                    ) THEN
                        RAISE EXCEPTION 'a file does not add up to its totals' USING ERRCODE = 'check_violation';
                    END IF;
                    IF EXISTS (
                        SELECT FROM added a LEFT JOIN payments_instruction i ON i.id = a.instruction_id
                        WHERE (a.alive AND i.state = 'written' AND i.paise = a.paise) IS NOT TRUE
                    ) THEN
                        RAISE EXCEPTION 'an item of a file is an instruction in force, with its amount'
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]


class ResponseFile(models.Model):
    """A file of answers as it was read. The same bytes are read once, however often they are handed in."""

    key = models.UUIDField(unique=True, db_default=RandomUUID())
    profile = code()
    name = models.TextField()
    sha256 = code(unique=True)
    lines = models.IntegerField()
    applied = models.IntegerField(help_text="lines that told us something new")
    repeated = models.IntegerField(help_text="lines that said what was known already")
    set_aside = models.IntegerField(help_text="lines that wait for a person")
    months = ArrayField(
        models.DateField(),
        default=list,
        help_text="the months whose credits it answered, that of the first credit where one was presented again",
    )
    read_at = models.DateTimeField()
    read_by = models.TextField()

    class Meta:
        db_table = "payments_response_file"
        triggers: ClassVar[list[pgtrigger.Trigger]] = [append_only()]


class ResponseLine(models.Model):
    """One line of a file of answers and what was made of it.

    `outcome` is what the bank says, `reason_code` its reason as it stands in the file, `paise` the amount it names. `disposition`:
    applied, repeated (known already), and set aside as unknown (no such reference), amount (another amount), not_sent (its file was
    never sent), contradiction (another outcome was final), unreadable. Set aside lines say why in `problem` and never stop a file.
    """

    class Outcome(models.TextChoices):
        CREDITED = "credited"
        RETURNED = "returned"
        PENDING = "pending"
        UNREADABLE = "unreadable"

    class Disposition(models.TextChoices):
        APPLIED = "applied"
        REPEATED = "repeated"
        UNKNOWN = "unknown"
        AMOUNT = "amount"
        NOT_SENT = "not_sent"
        CONTRADICTION = "contradiction"
        UNREADABLE = "unreadable"

    file = models.ForeignKey(
        ResponseFile, on_delete=models.PROTECT, related_name="lines_of", db_index=False, db_constraint=False
    )
    line_no = models.IntegerField()
    reference = code(blank=True)
    outcome = code(choices=Outcome.choices)
    reason_code = code(blank=True)
    paise = models.BigIntegerField(null=True)
    value_on = models.DateField(null=True)
    utr = code(blank=True, default="", db_default="", help_text="the bank's own reference")
    account_name = code(
        blank=True, default="", db_default="", help_text="the holder's name as the bank has it"
    )
    disposition = code(choices=Disposition.choices)
    problem = models.TextField(blank=True, default="", db_default="")
    instruction = models.ForeignKey(
        "payments.Instruction",
        on_delete=models.PROTECT,
        null=True,
        related_name="answers",
        db_index=False,
        db_constraint=False,
    )
    drop = models.ForeignKey(
        "payments.AccountDrop",
        on_delete=models.PROTECT,
        null=True,
        related_name="answers",
        db_index=False,
        db_constraint=False,
        help_text="of a line that answers one rupee sent to try an account",
    )

    class Meta:
        db_table = "payments_response_line"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["instruction"], name="response_by_instruction"),
            models.Index(fields=["drop"], condition=Q(drop__isnull=False), name="response_by_drop"),
            models.Index(
                fields=["file"],
                condition=~Q(disposition__in=("applied", "repeated")),
                name="response_set_aside",
            ),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["file", "line_no"], name="one_response_of_a_line"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [append_only()]
