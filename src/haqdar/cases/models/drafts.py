"""Applications that a citizen has begun: kept on the server, so that a lost connection loses nothing."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class ApplicationDraft(models.Model):
    """An unfinished application. The answers are sealed; photographs and papers lie in the registry under the draft's key.

    `code_hash` finds it again by the code that its owner was told. `case` is what it has become: handing it in twice leads
    to the same case.
    """

    key = models.UUIDField(primary_key=True)
    code_hash = models.UUIDField(unique=True)
    answers_sealed = models.BinaryField()
    key_version = models.SmallIntegerField()
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, null=True, db_index=False)

    class Meta:
        db_table = "cases_application_draft"
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="draft_by_expiry")]
