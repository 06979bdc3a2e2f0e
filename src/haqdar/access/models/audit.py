"""The audit trail: who did or looked at what, when and from where. Rows are only ever added.

Closed ranges of its rows, and of the rows of history, are sealed into one chain (`AuditRange`, `access.chain`).
"""

from typing import ClassVar

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models

from haqdar.access.models.history import written_in


def _only_added() -> list[pgtrigger.Trigger]:
    return [
        pgtrigger.Protect(
            name="append_only",
            operation=pgtrigger.Update | pgtrigger.Delete,
        ),
        pgtrigger.Trigger(
            name="no_truncate",
            level=pgtrigger.Statement,
            when=pgtrigger.Before,
            operation=pgtrigger.Truncate,
            # Test runners empty their own databases between tests.
            func="""
                    IF current_database() NOT LIKE 'test\\_%' THEN
                        RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = 'restrict_violation';
                    END IF;
                    RETURN NULL;
                """,
        ),
    ]


class AuditEvent(models.Model):
    """One act of one person. `seal` is a keyed hash over the row, so an edit by hand is detected."""

    at = models.DateTimeField()
    actor = models.CharField(max_length=200, db_collation="C")
    ip = models.GenericIPAddressField(null=True, blank=True)
    function = models.CharField(max_length=60, db_collation="C")
    verb = models.CharField(max_length=60, db_collation="C")
    object_kind = models.CharField(max_length=40, db_collation="C", blank=True)
    object_key = models.CharField(max_length=200, db_collation="C", blank=True)
    old = models.JSONField(null=True, blank=True)
    new = models.JSONField(null=True, blank=True)
    seal = models.BinaryField(max_length=32)
    written_in = written_in()

    class Meta:
        db_table = "access_audit_event"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["object_kind", "object_key", "at"], name="audit_by_object"),
            models.Index(fields=["actor", "at"], name="audit_by_actor"),
            models.Index(fields=["verb", "at"], name="audit_by_verb"),
            models.Index(fields=["ip", "at"], name="audit_by_address"),
            models.Index(fields=["at", "id"], name="audit_by_time"),
            models.Index(fields=["written_in", "id"], name="audit_in_order"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~models.Q(actor=""), name="audit_names_an_actor"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = _only_added()


class AuditRange(models.Model):
    """A closed range of one table's rows, in the order (`written_in`, id), sealed into the chain.

    It holds the rows from (`from_xid`, `from_id`) until before (`until_xid`, `until_id`) whose id is above `after_id`:
    transaction numbers start anew when a dump is restored into another server (`cluster`), ids do not; the range that
    closes the former count says up to which id it goes (`upto_id`). `ids` are the rows'
    ids as a multirange, `digest` the SHA-256 over their records, `leaves` eight bytes of each row's own hash where the row
    carries no seal. `chain` is the SHA-256 over all of that and the range before; `mac` is keyed.
    """

    number = models.BigIntegerField(primary_key=True)
    source = models.TextField(db_collation="C")
    columns = ArrayField(models.TextField(), default=list)
    cluster = models.BigIntegerField()
    after_id = models.BigIntegerField()
    upto_id = models.BigIntegerField(null=True)
    from_xid = models.BigIntegerField()
    from_id = models.BigIntegerField()
    until_xid = models.BigIntegerField()
    until_id = models.BigIntegerField()
    rows = models.IntegerField()
    ids = models.TextField(db_collation="C")
    digest = models.BinaryField()
    leaves = models.BinaryField()
    previous = models.BinaryField()
    chain = models.BinaryField()
    mac = models.BinaryField()
    sealed_at = models.DateTimeField()

    class Meta:
        db_table = "access_audit_range"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["source", "number"], name="audit_range_by_source"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = _only_added()


class AuditKey(models.Model):
    """The key of seals made before the master key was changed, wrapped by the present one."""

    wrapped = models.BinaryField()
    retired_at = models.DateTimeField()

    class Meta:
        db_table = "access_audit_key"
