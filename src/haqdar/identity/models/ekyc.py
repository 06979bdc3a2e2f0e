"""Verified identity: consents, what waits for an answer, who is verified, and how many live where."""

from __future__ import annotations

from typing import Any, ClassVar

import pghistory
import pgtrigger
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q

from haqdar.access.models.history import changed_by_somebody, tracked

METHODS = ("offline_xml", "secure_qr", "online")
ENDED = ("death", "merge", "consent_withdrawn", "renewed", "mistake")


def _text(**options: Any) -> models.TextField[Any, Any]:
    return models.TextField(db_collation="C", **options)


def _member() -> models.ForeignKey[Any, Any]:
    return models.ForeignKey("registry.Resident", on_delete=models.PROTECT, related_name="+")


@tracked(
    pghistory.UpdateEvent(row=pghistory.Old, level=pgtrigger.Statement),
    pghistory.DeleteEvent(level=pgtrigger.Statement),
)
class Consent(models.Model):
    """A resident's consent to one reading of the own data (DPDP Act 2023, section 6): which notice, when, to whom, until when.

    `notice` is the first day of the version that was read (law/mp/ekyc.yaml), in `language`; `assisted` says that an officer read it
    out. Taking back is another row of history, never an erasure.
    """

    key = models.UUIDField(unique=True, db_default=RandomUUID())
    member = _member()
    purpose = _text(default="ekyc")
    notice = _text()
    language = _text()
    assisted = models.BooleanField()
    given_at = models.DateTimeField()
    given_by = models.CharField(max_length=200, db_collation="C")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=200, db_collation="C", null=True)

    class Meta:
        db_table = "identity_consent"
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(given_by=""), name="consent_names_who_took_it"),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="consent_withdrawn_whole",
            ),
        ]
        triggers: ClassVar = [changed_by_somebody()]


class EkycCheck(models.Model):
    """A document that was read and waits to be compared: nothing of it is here, the content lies sealed in the vault (`held`).

    `mobile` says whether the document's mobile hash was proven: registered (the number in the register), typed (a number that the
    person gave), or empty. It is over at `until`, or when `finished_at` says how (`outcome`).
    """

    key = models.UUIDField(unique=True, db_default=RandomUUID())
    member = _member()
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, related_name="+")
    method = _text()
    evidence = _text(help_text="SHA-256 of what was signed")
    made_at = models.DateTimeField()
    held = models.UUIDField(null=True)
    aadhaar_ref = models.UUIDField()
    mobile = _text(blank=True)
    started_at = models.DateTimeField()
    started_by = models.CharField(max_length=200, db_collation="C")
    until = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    outcome = _text(blank=True, default="")

    class Meta:
        db_table = "identity_ekyc_check"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(method__in=METHODS), name="ekyc_check_method_known"),
            models.CheckConstraint(condition=~Q(started_by=""), name="ekyc_check_names_an_actor"),
        ]


@tracked(
    pghistory.UpdateEvent(row=pghistory.Old, level=pgtrigger.Statement),
    pghistory.DeleteEvent(level=pgtrigger.Statement),
)
class Verified(models.Model):
    """A resident verified by a signed document: by which method, on what evidence (a hash only), when and by whom.

    One living resident per verified number and one verification per resident, enforced here; death, a merge or a consent taken back
    ends it (`ended_at`, `ended_why`). `how` says what tied the document to the person: photo (an officer compared it), mobile (the hash
    of a proven number) or authority (the authority asked the person itself). `number_proven` says whether all twelve digits were
    proven: the authority alone knows them, an offline document shows the last four. `kept_against` are the facts (name, born_on, sex)
    that were left as recorded although the document says something else.
    """

    key = models.UUIDField(unique=True, db_default=RandomUUID())
    member = _member()
    aadhaar_ref = models.UUIDField()
    aadhaar_last4 = _text()
    number_proven = models.BooleanField(default=False, db_default=False)
    method = _text()
    how = _text()
    evidence = _text()
    signer = _text(help_text="SHA-256 of the certificate")
    kept_against = models.JSONField(default=list, db_default=[])
    made_at = models.DateTimeField()
    verified_at = models.DateTimeField()
    verified_by = models.CharField(max_length=200, db_collation="C")
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=200, db_collation="C", null=True)
    ended_why = _text(null=True)

    class Meta:
        db_table = "identity_verified"
        indexes: ClassVar = [
            models.Index(fields=["evidence"], name="verified_by_evidence"),
            models.Index(
                fields=["aadhaar_last4"], condition=Q(ended_at__isnull=True), name="verified_by_last_digits"
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["aadhaar_ref"],
                condition=Q(ended_at__isnull=True),
                name="one_living_resident_per_verified_number",
            ),
            models.UniqueConstraint(
                fields=["member"], condition=Q(ended_at__isnull=True), name="verified_once"
            ),
            models.UniqueConstraint(
                fields=["evidence"], condition=~Q(method="secure_qr"), name="a_document_verifies_once"
            ),
            models.CheckConstraint(condition=Q(method__in=METHODS), name="verified_method_known"),
            models.CheckConstraint(
                condition=Q(how__in=("photo", "mobile", "authority")), name="verified_how_known"
            ),
            models.CheckConstraint(
                condition=Q(number_proven=False) | Q(method="online"),
                name="verified_number_proven_online_only",
            ),
            models.CheckConstraint(condition=~Q(verified_by=""), name="verified_names_an_actor"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_why__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_why__in=ENDED, ended_by__isnull=False),
                name="verified_ended_whole",
            ),
        ]
        triggers: ClassVar = [changed_by_somebody()]


class LivingCount(models.Model):
    """How many residents live in a local area and how many of them are verified, by method; counted as a whole, by night."""

    area = models.OneToOneField("access.Area", on_delete=models.CASCADE, primary_key=True, related_name="+")
    living = models.IntegerField()
    offline_xml = models.IntegerField(default=0, db_default=0)
    secure_qr = models.IntegerField(default=0, db_default=0)
    online = models.IntegerField(default=0, db_default=0)
    number_proven = models.IntegerField(default=0, db_default=0)
    counted_at = models.DateTimeField()

    class Meta:
        db_table = "identity_living_count"
