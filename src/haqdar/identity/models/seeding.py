"""Departments' beneficiary lists: what was uploaded, what people judge one by one, and which identifier is tied to whom.

The rows of a list lie sealed and columnar in the data folder (`identity.seeding.keeping`); only what a person must look at is a
row here, with what the department wrote sealed. Nothing in these tables stops or deletes anybody.
"""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q

_FOR_EVER = pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)


class Department(models.Model):
    """A department whose lists are tied to residents: for which purpose, on which basis in law, and for how long.

    `identifier_en`/`identifier_hi` is what the department calls its own number of a beneficiary ("Ration card number").
    """

    key = models.UUIDField(unique=True, db_default=RandomUUID())
    code = models.TextField(unique=True, db_collation="C")
    name_en = models.TextField()
    name_hi = models.TextField()
    identifier_en = models.TextField()
    identifier_hi = models.TextField()
    purpose_en = models.TextField()
    purpose_hi = models.TextField()
    basis = models.TextField(help_text="the law, rule or order on which the list is shared")
    months_kept = models.PositiveSmallIntegerField(default=12)
    entered_by = models.TextField()
    entered_at = models.DateTimeField()

    class Meta:
        db_table = "identity_department"
        constraints: ClassVar = [
            # Digital Personal Data Protection Rules 2025: data and logs at least one year
            models.CheckConstraint(
                condition=Q(months_kept__gte=12, months_kept__lte=120), name="department_keeps_a_year"
            ),
        ]
        triggers: ClassVar = [_FOR_EVER]


class SeedMapping(models.Model):
    """Which column of a department's file is what, for one header; the latest one is offered next time.

    `columns` is {field: column as in the header}, `day_order` how its dates are written: dmy, mdy or ymd.
    """

    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+", db_index=False)
    header = models.TextField(db_collation="C", help_text="hash of the header's columns in order")
    columns = models.JSONField()
    day_order = models.CharField(max_length=3, db_collation="C", default="dmy")
    entered_by = models.TextField()
    entered_at = models.DateTimeField()

    class Meta:
        db_table = "identity_seed_mapping"
        indexes: ClassVar = [models.Index(fields=["department", "header", "-id"], name="seed_mapping_latest")]
        triggers: ClassVar = [_FOR_EVER]


class SeedList(models.Model):
    """One uploaded list and how far it is.

    `area_code`/`path` is the area whose residents it is compared with: that of the uploader's posting. `counts` holds the figures
    of the report and how far the list is tied, `details` the mapping as it was used. A `supplement` says nothing of those it does not name; of a complete
    list, whoever is missing has left it.
    """

    class State(models.TextChoices):
        RECEIVED = "received"
        QUEUED = "queued"
        RUNNING = "running"
        REFUSED = "refused"
        FAILED = "failed"
        REVIEW = "review"
        TYING = "tying"
        CONVERGED = "converged"
        DISCARDED = "discarded"

    key = models.UUIDField(unique=True, db_default=RandomUUID())
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+")
    area_code = models.TextField(db_collation="C")
    path = models.TextField(db_collation="C")
    file_name = models.TextField()
    kind = models.CharField(max_length=8, db_collation="C", help_text="csv, xlsx or parquet")
    sha256 = models.CharField(max_length=64, db_collation="C")
    size = models.BigIntegerField()
    supplement = models.BooleanField(default=False)
    header = models.JSONField(default=list)
    details = models.JSONField(default=dict, db_default={})
    state = models.TextField(choices=State.choices, default=State.RECEIVED, db_collation="C")
    step = models.TextField(blank=True, db_collation="C")
    steps_done = models.PositiveSmallIntegerField(default=0)
    counts = models.JSONField(default=dict, db_default={})
    problem_en = models.TextField(blank=True)
    problem_hi = models.TextField(blank=True)
    asked_by = models.TextField()
    asked_at = models.DateTimeField()
    run_at = models.DateTimeField(null=True)
    converged_by = models.TextField(blank=True)
    converged_at = models.DateTimeField(null=True)
    erase_on = models.DateField()
    erased_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "identity_seed_list"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["department", "area_code", "sha256"],
                condition=~Q(state="discarded"),
                name="one_list_of_a_file",
            ),
        ]


class SeedRow(models.Model):
    """A row that the machine leaves to people: who of `candidates` is it, or nobody?

    `candidates` is a list of {member, weight, probability, evidence: {field: word}}, the likeliest first. `fingerprint` stands
    for what the department wrote, so that an unchanged row is never asked about twice.
    """

    class State(models.TextChoices):
        OPEN = "open"
        SAME = "same"
        NOBODY = "nobody"
        VISIT = "visit"

    key = models.UUIDField(unique=True, db_default=RandomUUID())
    list = models.ForeignKey(SeedList, on_delete=models.PROTECT, related_name="rows", db_index=False)
    line = models.BigIntegerField()
    domain_id = models.TextField(db_collation="C")
    path = models.TextField(
        db_collation="C", help_text="of the likeliest resident's area: whose officers judge it"
    )
    fingerprint = models.UUIDField()
    reason = models.TextField(db_collation="C")
    weight = models.FloatField(db_default=0)
    candidates = models.JSONField()
    written_sealed = models.BinaryField(null=True)
    key_version = models.SmallIntegerField(null=True)
    state = models.TextField(choices=State.choices, db_default=State.OPEN, db_collation="C")
    member_id = models.IntegerField(null=True)
    note = models.TextField(db_default="")
    judged_by = models.TextField(db_default="")
    judged_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "identity_seed_row"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["list", "line"], name="one_seed_row_of_a_line"),
            models.CheckConstraint(
                condition=Q(state="same", member_id__isnull=False)
                | (~Q(state="same") & Q(member_id__isnull=True)),
                name="seed_row_same_as_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state="open") | ~Q(judged_by=""), name="seed_row_judged_by_somebody"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["list", "-weight", "line"], condition=Q(state="open"), name="seed_rows_to_judge"
            ),
        ]


class SeedLink(models.Model):
    """A department's identifier on a resident.

    `how` is member_id, aadhaar, family_id, likeness or person (somebody judged it). `gone_list` is the complete list that no
    longer named it; `ended_at` says that it was found to be somebody else's.
    """

    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+", db_index=False)
    domain_id = models.TextField(db_collation="C")
    member_id = models.IntegerField()
    how = models.TextField(db_collation="C")
    weight = models.FloatField(null=True)
    fingerprint = models.UUIDField()
    tied_list = models.ForeignKey(SeedList, on_delete=models.PROTECT, related_name="+", db_index=False)
    seen_list = models.ForeignKey(SeedList, on_delete=models.PROTECT, related_name="+", db_index=False)
    gone_list = models.ForeignKey(
        SeedList, on_delete=models.PROTECT, related_name="+", db_index=False, null=True
    )
    tied_by = models.TextField()
    tied_at = models.DateTimeField()
    ended_by = models.TextField(db_default="")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "identity_seed_link"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["department", "domain_id"],
                condition=Q(ended_at__isnull=True),
                name="one_resident_of_an_identifier",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["member_id"], name="seed_link_by_member"),
            models.Index(
                fields=["domain_id"], condition=Q(ended_at__isnull=True), name="seed_link_by_domain_id"
            ),
        ]


class SeedFinding(models.Model):
    """A payee of a department who is *to be examined*: not found, dead, moved away, listed twice. Never a reason to stop by itself.

    `list` is the newest list in which it was found, `earlier_list` the one before, `settled_list` the later one in which it was no
    longer so: a list that is put aside takes back what it changed.
    """

    class State(models.TextChoices):
        OPEN = "open"
        IN_ORDER = "in_order"
        CORRECTED = "corrected"
        PASSED_ON = "passed_on"
        SETTLED = "settled"

    key = models.UUIDField(unique=True, db_default=RandomUUID())
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+", db_index=False)
    list = models.ForeignKey(SeedList, on_delete=models.PROTECT, related_name="+")
    earlier_list = models.ForeignKey(
        SeedList, on_delete=models.PROTECT, related_name="+", db_index=False, null=True
    )
    settled_list = models.ForeignKey(
        SeedList, on_delete=models.PROTECT, related_name="+", db_index=False, null=True
    )
    line = models.BigIntegerField()
    domain_id = models.TextField(db_collation="C")
    path = models.TextField(db_collation="C", help_text="of the resident's area, or of the list's")
    kind = models.TextField(db_collation="C")
    member_id = models.IntegerField(null=True)
    other_line = models.BigIntegerField(null=True)
    paise = models.BigIntegerField(null=True)
    written_sealed = models.BinaryField(null=True)
    key_version = models.SmallIntegerField(null=True)
    state = models.TextField(choices=State.choices, db_default=State.OPEN, db_collation="C")
    note = models.TextField(db_default="")
    decided_by = models.TextField(db_default="")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "identity_seed_finding"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["department", "domain_id", "kind", "member_id"],
                nulls_distinct=False,
                name="one_finding_of_a_kind",
            ),
        ]
