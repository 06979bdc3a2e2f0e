"""What every belief table has in common: append-only rows that state what was believed from a day on."""

from typing import ClassVar

import pgtrigger
from django.db import models

_ONLY_VERIFY = """
    IF TG_OP = 'UPDATE' AND OLD.verified_by IS NULL AND OLD.verified_at IS NULL
       AND NEW.verified_by IS NOT NULL AND NEW.verified_at IS NOT NULL
       AND to_jsonb(NEW) - 'verified_by' - 'verified_at' = to_jsonb(OLD) - 'verified_by' - 'verified_at'
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append-only: deliver a correction instead', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
"""


def append_only() -> pgtrigger.Trigger:
    """The trigger that refuses UPDATE and DELETE, except that a belief is verified once."""
    return pgtrigger.Trigger(
        name="append_only",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=_ONLY_VERIFY,
    )


def verified_whole(name: str) -> models.CheckConstraint:
    """The constraint that a belief names both who verified it and when, or neither."""
    return models.CheckConstraint(
        condition=models.Q(verified_by__isnull=True, verified_at__isnull=True)
        | models.Q(verified_by__isnull=False, verified_at__isnull=False),
        name=name,
    )


class Belief(models.Model):
    """A belief holds from `known_from` until the next `belief_no` of the same key, so beliefs never overlap.

    `line` is the line of the delivered file (0 for none); `fingerprint` identifies the values, so that an
    identical row delivered again adds nothing.
    """

    belief_no = models.IntegerField()
    known_from = models.DateField()
    line = models.BigIntegerField()
    fingerprint = models.UUIDField()
    verified_by = models.TextField(null=True, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
        triggers: ClassVar[list[pgtrigger.Trigger]] = [append_only()]
