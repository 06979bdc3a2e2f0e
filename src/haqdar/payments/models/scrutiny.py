"""What the public looks at: meetings of the Gram Sabha with their objections, and social audits with their samples."""

from typing import Any, ClassVar

import pgtrigger
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q

ANSWERS = ("yes", "no", "unsure")


def _code(**options: Any) -> "models.TextField[Any, Any]":
    return models.TextField(db_collation="C", **options)


def _answer(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(**{f"{name}__in": ("", *ANSWERS)}), name=f"audit_{name}_known")


class GramSabha(models.Model):
    """A meeting at which the list of a panchayat was read out."""

    key = models.UUIDField(unique=True, db_default=RandomUUID())
    area_code = _code()
    held_on = models.DateField()
    meeting_no = models.TextField(blank=True)
    present = models.IntegerField(help_text="people who were there")
    run = models.ForeignKey("cases.MonthRun", on_delete=models.PROTECT, null=True, related_name="+")
    listed = models.IntegerField(help_text="entries of the list that was read out")
    recorded_at = models.DateTimeField()
    recorded_by = models.TextField()

    class Meta:
        db_table = "payments_gram_sabha"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["area_code", "held_on"], name="gram_sabha_by_area")
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(present__gte=0, listed__gte=0), name="gram_sabha_counts"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


class GramSabhaObjection(models.Model):
    """What somebody said at a meeting against an entry of the list; `case` is where it is looked into."""

    meeting = models.ForeignKey(GramSabha, on_delete=models.PROTECT, related_name="objections")
    resident_key = models.UUIDField()
    scheme = _code()
    is_start = models.BooleanField(help_text="against a proposed start, not a payee")
    said_by = models.TextField(blank=True)
    said = models.TextField()
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    recorded_by = models.TextField()

    class Meta:
        db_table = "payments_gram_sabha_objection"
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


class SocialAudit(models.Model):
    """A sample of payees drawn by lot: with the same seed, rule and run anybody draws the same people again.

    Of each scheme `percent` of the payees are drawn, at least `least` (or all there are).
    """

    key = models.UUIDField(unique=True, db_default=RandomUUID())
    area_code = _code()
    run = models.ForeignKey("cases.MonthRun", on_delete=models.PROTECT, related_name="+")
    seed = _code()
    percent = models.IntegerField()
    least = models.IntegerField()
    payees = models.IntegerField(help_text="from whom the sample was drawn")
    drawn_at = models.DateTimeField()
    drawn_by = models.TextField()

    class Meta:
        db_table = "payments_social_audit"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(percent__gte=1, percent__lte=100), name="audit_percent"),
            models.CheckConstraint(condition=Q(least__gte=1), name="audit_least"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


class SocialAuditEntry(models.Model):
    """One payee of a sample, and what the visit found: empty until it was made."""

    audit = models.ForeignKey(SocialAudit, on_delete=models.PROTECT, related_name="entries")
    serial = models.IntegerField()
    member_id = models.IntegerField()
    resident_key = models.UUIDField()
    scheme = _code()
    paise = models.BigIntegerField()
    area_code = _code()
    alive = _code(blank=True, default="", db_default="")
    gets_money = _code(blank=True, default="", db_default="")
    amount_right = _code(blank=True, default="", db_default="")
    eligible = _code(blank=True, default="", db_default="")
    note = models.TextField(blank=True, default="", db_default="")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.TextField(blank=True, default="", db_default="")
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "payments_social_audit_entry"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["audit", "serial"], name="audit_serial_once"),
            _answer("alive"),
            _answer("gets_money"),
            _answer("amount_right"),
            _answer("eligible"),
        ]
