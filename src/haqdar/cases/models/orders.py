"""Orders and letters: what an office decided, as a document with a number that anybody can check.

An order holds everything that its document says, so that the document can be made (once) after the decision is committed.
Nothing in it is ever changed; it can be cancelled, and a later order can take its place.
"""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q
from django.db.models.expressions import RawSQL

#: Like a case's number: D, two digits of the year, eight digits that do not count up visibly, two check digits.
_YEAR = "mod(extract(year from issued_on)::bigint, 100)"
_SCATTERED = "mod(id * 73939133 + 31415926, 100000000)"
_NUMBER = (
    f"('D' || lpad({_YEAR}::text, 2, '0') || '-' || lpad({_SCATTERED}::text, 8, '0') || '-'"
    f" || lpad((98 - mod(({_YEAR} * 100000000 + {_SCATTERED}) * 100, 97))::text, 2, '0'))"
)


class Order(models.Model):
    """One order or letter of an office about one person, for example the sanction of a pension.

    `key` is the opaque address of its public page (and the QR code's), `data` everything the document says in both
    languages, `office_code` the office that decided and `issued_by` the account that did, which no document names.
    `supersedes` leads to the order whose place this one takes.
    """

    class Kind(models.TextChoices):
        SANCTION = "sanction"
        REJECTION = "rejection"
        NOTICE = "notice"
        STOP = "stop"
        RESTORATION = "restoration"
        CHANGE = "change"
        TRANSFER = "transfer"
        APPEAL = "appeal"
        PENALTY = "penalty"

    id = models.BigAutoField(primary_key=True)
    key = models.UUIDField(unique=True, db_default=RandomUUID())
    issued_on = models.DateField()
    number = models.GeneratedField(
        expression=RawSQL(_NUMBER, ()),
        output_field=models.TextField(db_collation="C"),
        db_persist=True,
        unique=True,
    )
    kind = models.TextField(choices=Kind.choices, db_collation="C")
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, null=True, related_name="orders")
    resident_key = models.UUIDField(null=True)
    scheme = models.TextField(null=True, db_collation="C")
    paise = models.BigIntegerField(null=True)
    from_on = models.DateField(null=True, help_text="first day on which it holds")
    area_code = models.TextField(null=True, db_collation="C")
    office_code = models.TextField(blank=True, db_collation="C")
    issued_at = models.DateTimeField()
    issued_by = models.TextField()
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="superseded_by"
    )
    data = models.JSONField()
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = models.TextField(blank=True)
    cancel_reason = models.TextField(blank=True)

    class Meta:
        db_table = "cases_order"
        indexes: ClassVar = [
            models.Index(fields=["resident_key", "issued_on"], name="order_by_resident"),
            models.Index(fields=["area_code", "issued_on"], name="order_by_area"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(issued_by=""), name="order_names_who_issued_it"),
            models.CheckConstraint(
                condition=Q(cancelled_at=None, cancelled_by="", cancel_reason="")
                | Q(cancelled_at__isnull=False) & ~Q(cancelled_by="") & ~Q(cancel_reason=""),
                name="order_cancelled_whole",
            ),
            # the platform and an officer may want to send it at the same moment
            models.UniqueConstraint(
                fields=["case", "kind"],
                condition=Q(kind__in=("notice", "stop"), cancelled_at=None),
                name="one_standing_letter_of_a_stop",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="kept_for_ever", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="only_cancelled",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                # the number is generated after this trigger and follows from columns that are compared
                func="""
                    IF OLD.cancelled_at IS NOT NULL
                        OR to_jsonb(OLD) - '{number,cancelled_at,cancelled_by,cancel_reason}'::text[]
                        IS DISTINCT FROM to_jsonb(NEW) - '{number,cancelled_at,cancelled_by,cancel_reason}'::text[]
                    THEN
                        RAISE EXCEPTION 'an order is never changed; cancel it and issue another'
                            USING ERRCODE = 'restrict_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return str(self.number)


class OrderPaper(models.Model):
    """The signed document of an order: one PDF, sealed in HAQDAR_HOME/orders, made once.

    `sha256` is of the PDF as it is given out, `certificate` the SHA-256 fingerprint of the certificate it was signed with.
    """

    order = models.OneToOneField(Order, on_delete=models.PROTECT, primary_key=True, related_name="paper")
    sha256 = models.TextField(db_collation="C")
    size = models.IntegerField()
    key_version = models.SmallIntegerField()
    signed_at = models.DateTimeField()
    signed_by = models.TextField(help_text="common name of the certificate")
    certificate = models.TextField(db_collation="C")

    class Meta:
        db_table = "cases_order_paper"
        indexes: ClassVar = [models.Index(fields=["sha256"], name="order_paper_by_hash")]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]
