"""The audit trail: who did or looked at what, when and from where. Rows are only ever added."""

from typing import ClassVar

import pgtrigger
from django.db import models


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

    class Meta:
        db_table = "access_audit_event"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["object_kind", "object_key", "at"], name="audit_by_object"),
            models.Index(fields=["actor", "at"], name="audit_by_actor"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~models.Q(actor=""), name="audit_names_an_actor"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
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
