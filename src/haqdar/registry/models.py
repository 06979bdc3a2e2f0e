"""The register: who exists, and every belief about them with its source, in two times.

Beliefs are append-only. One wide row per person and register keeps the number of rows small at State scale; the
belief in force on a day of knowledge is the one with the highest `belief_no` known by then.
"""

from typing import Any, ClassVar

import pgtrigger
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import F, Q

from haqdar.access.models.beliefs import Belief, verified_whole
from haqdar.registry.merge_belief import MergeBelief as MergeBelief
from haqdar.sources.layout import (
    CLASSES,
    DISABILITY_KINDS,
    EVENT_KINDS,
    MARITAL_STATUSES,
    SEXES,
    SOCIAL_CATEGORIES,
)

WITHDRAWN = "withdrawn"
"""The kind of a belief that takes an event back: no timeline looks at it, so it is as if nothing had happened."""


def _id_range(field: str, digits: int, name: str) -> models.CheckConstraint:
    allowed = Q(**{f"{field}__gte": 0, f"{field}__lt": 10**digits})
    return models.CheckConstraint(condition=allowed | Q(**{f"{field}__isnull": True}), name=name)


def _one_of(field: str, values: tuple[str, ...], name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(**{f"{field}__in": values}) | Q(**{f"{field}__isnull": True}), name=name
    )


def _in_order(earlier: str, later: str, name: str) -> models.CheckConstraint:
    unknown = Q(**{f"{earlier}__isnull": True}) | Q(**{f"{later}__isnull": True})
    return models.CheckConstraint(condition=unknown | Q(**{f"{later}__gte": F(earlier)}), name=name)


def _corrections(*key: str, name: str) -> models.Index:
    return models.Index(fields=list(key), condition=Q(belief_no__gt=1), name=name)


def _text(**options: Any) -> "models.TextField[Any, Any]":
    return models.TextField(db_collation="C", **options)


def _delivery() -> "models.ForeignKey[Any, Any]":
    return models.ForeignKey("sources.Delivery", on_delete=models.PROTECT, related_name="+", db_index=False)


class Family(models.Model):
    """A family's identity for life: its 8-digit number and an opaque key for addresses of pages."""

    family_id = models.IntegerField(primary_key=True)
    key = models.UUIDField(unique=True, db_default=RandomUUID())

    class Meta:
        db_table = "registry_family"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            _id_range("family_id", 8, "family_id_has_8_digits"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


class Resident(models.Model):
    """A resident's identity for life: the 9-digit member number and an opaque key for addresses of pages."""

    member_id = models.IntegerField(primary_key=True)
    key = models.UUIDField(unique=True, db_default=RandomUUID())

    class Meta:
        db_table = "registry_resident"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            _id_range("member_id", 9, "member_id_has_9_digits"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


class FamilyBelief(Belief):
    """What was believed of a family: where it lives, its address and social category."""

    pk = models.CompositePrimaryKey("family_id", "belief_no")
    family = models.ForeignKey(Family, on_delete=models.PROTECT, related_name="+", db_index=False)
    area_code = _text()
    address = models.TextField(null=True, blank=True)
    social_category = _text(null=True, blank=True)
    recorded_on = models.DateField(null=True, blank=True)
    delivery = _delivery()

    class Meta(Belief.Meta):
        db_table = "registry_family_belief"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["area_code"], name="family_by_area"),
            _corrections("family_id", name="family_corrections"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            _one_of("social_category", SOCIAL_CATEGORIES, "family_category_known"),
            verified_whole("family_verified_whole"),
        ]


class ResidentBelief(Belief):
    """What was believed of a resident.

    The Aadhaar number lies in the vault (`aadhaar_ref` is its reference key), the account number is sealed (`key_version` names
    the data key) and found by keyed hash; of both the last four digits are kept for masked display.
    """

    pk = models.CompositePrimaryKey("member_id", "belief_no")
    member = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="+", db_index=False)
    family = models.ForeignKey(Family, on_delete=models.PROTECT, related_name="+", db_index=False)
    name_en = models.TextField()
    name_hi = models.TextField(null=True, blank=True)
    sex = models.CharField(max_length=1, db_collation="C")
    born_on = models.DateField(null=True, blank=True)
    relation_to_head = models.TextField(null=True, blank=True)
    mother_id = models.IntegerField(null=True, blank=True)
    father_id = models.IntegerField(null=True, blank=True)
    spouse_id = models.IntegerField(null=True, blank=True)
    marital_status = _text(null=True, blank=True)
    marital_since = models.DateField(null=True, blank=True)
    destitute = models.BooleanField(null=True)
    income_tax_payer = models.BooleanField(null=True)
    mobile = _text(null=True, blank=True)
    aadhaar_ref = models.UUIDField(null=True, blank=True)
    aadhaar_last4 = _text(null=True, blank=True)
    ifsc = _text(null=True, blank=True)
    account_sealed = models.BinaryField(null=True, blank=True)
    account_hash = models.UUIDField(null=True, blank=True)
    account_last4 = _text(null=True, blank=True)
    key_version = models.SmallIntegerField(null=True, blank=True)
    recorded_on = models.DateField(null=True, blank=True)
    delivery = _delivery()

    class Meta(Belief.Meta):
        db_table = "registry_resident_belief"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["family_id"], name="resident_by_family"),
            models.Index(
                fields=["mother_id"], condition=Q(mother_id__isnull=False), name="resident_by_mother"
            ),
            models.Index(
                fields=["father_id"], condition=Q(father_id__isnull=False), name="resident_by_father"
            ),
            models.Index(
                fields=["spouse_id"], condition=Q(spouse_id__isnull=False), name="resident_by_spouse"
            ),
            models.Index(
                fields=["aadhaar_ref"], condition=Q(aadhaar_ref__isnull=False), name="resident_by_aadhaar"
            ),
            models.Index(
                fields=["account_hash"], condition=Q(account_hash__isnull=False), name="resident_by_account"
            ),
            _corrections("member_id", name="resident_corrections"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            _one_of("sex", SEXES, "resident_sex_known"),
            _one_of("marital_status", MARITAL_STATUSES, "resident_status_known"),
            _in_order("born_on", "marital_since", "resident_dates_in_order"),
            _id_range("mother_id", 9, "resident_mother_9_digits"),
            _id_range("father_id", 9, "resident_father_9_digits"),
            _id_range("spouse_id", 9, "resident_spouse_9_digits"),
            models.CheckConstraint(
                condition=Q(aadhaar_ref__isnull=True, aadhaar_last4__isnull=True)
                | Q(aadhaar_ref__isnull=False, aadhaar_last4__isnull=False),
                name="resident_aadhaar_referred",
            ),
            models.CheckConstraint(
                condition=Q(
                    account_sealed__isnull=True, account_hash__isnull=True, account_last4__isnull=True
                )
                | Q(
                    account_sealed__isnull=False,
                    account_hash__isnull=False,
                    account_last4__isnull=False,
                    key_version__isnull=False,
                ),
                name="resident_account_sealed",
            ),
            verified_whole("resident_verified_whole"),
        ]


class BplBelief(Belief):
    """What was believed of a family's card in the register of families below the poverty line."""

    pk = models.CompositePrimaryKey("family_id", "card_no", "valid_from", "belief_no")
    family = models.ForeignKey(Family, on_delete=models.PROTECT, related_name="+", db_index=False)
    card_no = _text()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    delivery = _delivery()

    class Meta(Belief.Meta):
        db_table = "registry_bpl_belief"
        indexes: ClassVar[list[models.Index]] = [
            _corrections("family_id", "card_no", "valid_from", name="bpl_corrections"),
            models.Index(fields=["card_no"], name="bpl_by_card"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            _in_order("valid_from", "valid_to", "bpl_dates_in_order"),
            verified_whole("bpl_verified_whole"),
        ]


class DisabilityBelief(Belief):
    """What was believed of a disability certificate: kind, percent from 0 to 100, days of validity."""

    pk = models.CompositePrimaryKey("member_id", "certificate_no", "belief_no")
    member = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="+", db_index=False)
    certificate_no = _text()
    kind = _text()
    percent = models.DecimalField(max_digits=9, decimal_places=6)
    issued_on = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    delivery = _delivery()

    class Meta(Belief.Meta):
        db_table = "registry_disability_belief"
        indexes: ClassVar[list[models.Index]] = [
            _corrections("member_id", "certificate_no", name="disability_corrections"),
            models.Index(fields=["certificate_no"], name="disability_by_certificate"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            _one_of("kind", DISABILITY_KINDS, "disability_kind_known"),
            models.CheckConstraint(condition=Q(percent__gte=0, percent__lte=100), name="disability_percent"),
            _in_order("issued_on", "valid_to", "disability_dates_in_order"),
            verified_whole("disability_verified_whole"),
        ]


class EventBelief(Belief):
    """What was believed of a life event: when it happened and when it was reported.

    An event that was recorded by mistake is followed by a belief of kind `withdrawn`. That belief keeps the fingerprint of
    the one it takes back, so that the same row delivered once more adds nothing and a corrected row counts.
    """

    pk = models.CompositePrimaryKey("event_id", "belief_no")
    event_id = _text()
    member = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = _text()
    happened_on = models.DateField()
    reported_on = models.DateField()
    spouse_id = models.IntegerField(null=True, blank=True)
    delivery = _delivery()

    class Meta(Belief.Meta):
        db_table = "registry_event_belief"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["member_id"], name="event_by_member"),
            models.Index(fields=["spouse_id"], condition=Q(spouse_id__isnull=False), name="event_by_spouse"),
            _corrections("event_id", name="event_corrections"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            _one_of("kind", (*EVENT_KINDS, WITHDRAWN), "event_kind_known"),
            _in_order("happened_on", "reported_on", "event_dates_in_order"),
            _id_range("spouse_id", 9, "event_spouse_9_digits"),
            verified_whole("event_verified_whole"),
        ]


class PensionBelief(Belief):
    """What the pension registers say that a member is paid; amount in paise a month, empty = the right one.

    A ghost is a row whose member did not exist at delivery; its `since` may be unknown.
    """

    member_id = models.IntegerField()
    scheme = _text()
    since = models.DateField(null=True, blank=True)
    amount_paise = models.BigIntegerField(null=True, blank=True)
    is_ghost = models.BooleanField(default=False)
    delivery = _delivery()

    class Meta(Belief.Meta):
        db_table = "registry_pension_belief"
        indexes: ClassVar[list[models.Index]] = [
            _corrections("member_id", "scheme", "since", name="pension_corrections"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["member_id", "scheme", "since", "belief_no"],
                nulls_distinct=False,
                name="pension_belief_once",
            ),
            _id_range("member_id", 9, "pension_member_9_digits"),
            models.CheckConstraint(
                condition=Q(amount_paise__isnull=True) | Q(amount_paise__gte=0), name="pension_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(is_ghost=True) | Q(since__isnull=False), name="pension_has_a_start"
            ),
            verified_whole("pension_verified_whole"),
        ]


class LabourBelief(Belief):
    """What was believed of a card in the register of casual labourers of the unorganised sector."""

    pk = models.CompositePrimaryKey("member_id", "card_no", "belief_no")
    member = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="+", db_index=False)
    card_no = _text()
    trade = models.TextField(null=True, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    delivery = _delivery()

    class Meta(Belief.Meta):
        db_table = "registry_labour_belief"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["card_no"], name="labour_by_card"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            _in_order("valid_from", "valid_to", "labour_dates_in_order"),
            verified_whole("labour_verified_whole"),
        ]


class Change(models.Model):
    """News for later stages: a new belief about a person or a family, noted in the transaction that stored it.

    `register` names the register, `kind` the kind of a life event. `member_id` or `family_id` says whom it is about; an event
    recorded at the desk is named by `event_id` and `belief_no`, a corrected fact by its key (`fact`, parts joined by the unit
    separator) and `belief_no`, rows of a file by `delivery`. What follows from it is
    computed by whoever reads this table (jobs.reactions); nothing here knows of it.
    """

    register = _text()
    kind = _text(blank=True)
    member_id = models.IntegerField(null=True, blank=True)
    family_id = models.IntegerField(null=True, blank=True)
    event_id = _text(null=True, blank=True)
    fact = _text(null=True, blank=True)
    belief_no = models.IntegerField(null=True, blank=True)
    delivery = _delivery()
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=200, db_collation="C")

    class Meta:
        db_table = "registry_change"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["recorded_at"], name="change_by_time"),
            models.Index(fields=["member_id"], name="change_by_member"),
            models.Index(fields=["event_id"], condition=Q(event_id__isnull=False), name="change_by_event"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(member_id__isnull=False) | Q(family_id__isnull=False),
                name="change_is_about_somebody",
            ),
            models.CheckConstraint(condition=~Q(recorded_by=""), name="change_names_an_actor"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


class StudentBelief(Belief):
    """What was believed of an enrolment: school, class (1 to 12; 13 to 17 are years of a college), marks, days."""

    pk = models.CompositePrimaryKey("member_id", "school_code", "school_class", "enrolled_on", "belief_no")
    member = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="+", db_index=False)
    school_code = _text()
    # the column is named as in the delivered file; a Python attribute cannot be
    school_class = _text(db_column="class")
    marks_percent = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    enrolled_on = models.DateField()
    left_on = models.DateField(null=True, blank=True)
    delivery = _delivery()

    class Meta(Belief.Meta):
        db_table = "registry_student_belief"
        indexes: ClassVar[list[models.Index]] = [
            _corrections(
                "member_id", "school_code", "school_class", "enrolled_on", name="student_corrections"
            ),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            _one_of("school_class", CLASSES, "student_class_known"),
            models.CheckConstraint(
                condition=Q(marks_percent__isnull=True) | Q(marks_percent__gte=0, marks_percent__lte=100),
                name="student_marks_percent",
            ),
            _in_order("enrolled_on", "left_on", "student_dates_in_order"),
            verified_whole("student_verified_whole"),
        ]


class IncomeBelief(Belief):
    """What was believed of a person's yearly income (paise), between two days."""

    pk = models.CompositePrimaryKey("member_id", "valid_from", "belief_no")
    member = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="+", db_index=False)
    annual_paise = models.BigIntegerField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    delivery = _delivery()

    class Meta(Belief.Meta):
        db_table = "registry_income_belief"
        indexes: ClassVar[list[models.Index]] = [
            _corrections("member_id", "valid_from", name="income_corrections"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(annual_paise__gte=0), name="income_not_negative"),
            _in_order("valid_from", "valid_to", "income_dates_in_order"),
            verified_whole("income_verified_whole"),
        ]


class PayeeBelief(Belief):
    """What was believed of who receives a person's money: a guardian, one of a couple on a joint account, or an heir.

    The latest belief counts. It holds from `from_on` to `to_on` (none: until further notice) and while the receiver lives;
    before and after, the person's own account is paid. With the person's death it ends. What is owed still goes to an heir (reason
    heir: the latest counts, unless it was ended), by the paper of succession that `reference` names, and else to nobody.
    """

    pk = models.CompositePrimaryKey("member_id", "belief_no")
    member = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="+", db_index=False)
    receiver = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="+", db_index=False)
    relation = _text(blank=True)
    reason = _text()
    from_on = models.DateField()
    to_on = models.DateField(null=True, blank=True)
    reference = _text(blank=True, default="", db_default="")
    delivery = _delivery()

    class Meta(Belief.Meta):
        db_table = "registry_payee_belief"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["receiver_id"], name="payee_by_receiver"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            _one_of("reason", ("minor", "cannot_manage", "joint_account", "heir"), "payee_reason_known"),
            models.CheckConstraint(
                condition=~Q(reason="heir") | ~Q(reference=""), name="heir_by_a_paper_of_succession"
            ),
            _in_order("from_on", "to_on", "payee_dates_in_order"),
            models.CheckConstraint(condition=~Q(member_id=F("receiver_id")), name="payee_is_another"),
            verified_whole("payee_verified_whole"),
        ]


class DataKey(models.Model):
    """A key that seals numbers or hashes them, itself wrapped by the master key.

    A rotation of the master key re-wraps `wrapped`; sealed history stays readable and unedited. `purpose` is
    `seal` (new versions may be added) or `hash` (one for ever: look-ups depend on it). `master` is a short
    fingerprint of the master key that wrapped it.
    """

    version = models.SmallIntegerField(primary_key=True)
    purpose = _text()
    wrapped = models.BinaryField()
    master = _text()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "registry_data_key"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(purpose__in=("seal", "hash")), name="data_key_purpose_known"),
            models.UniqueConstraint(
                fields=["purpose"], condition=Q(purpose="hash"), name="data_key_one_for_hashes"
            ),
        ]


class Document(models.Model):
    """A paper or photograph handed in: taken apart, written anew and sealed in HAQDAR_HOME/documents (`documents.py`).

    `about_kind` and `about_key` say what it belongs to ("case" and the case's key); whoever may see that may see it.
    """

    key = models.UUIDField(primary_key=True)
    kind = _text()
    about_kind = _text()
    about_key = _text()
    content_type = _text()
    pages = models.SmallIntegerField()
    size = models.IntegerField(help_text="bytes of the rewritten file")
    sha256 = _text(help_text="of the rewritten file")
    key_version = models.SmallIntegerField()
    kept_at = models.DateTimeField()
    kept_by = models.CharField(max_length=200, db_collation="C")
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "registry_document"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["about_kind", "about_key"], name="document_by_owner"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(content_type__in=("image/jpeg", "application/pdf")), name="document_type_known"
            ),
            models.CheckConstraint(condition=~Q(kept_by=""), name="document_names_who_kept_it"),
        ]


class Proof(models.Model):
    """What a verification or a correction rests on: a paper, what somebody saw on a visit, or a signed document of which only the
    hash is kept. Rows are only added.

    `about_kind` and `about_key` name a case, a resident or a family by opaque key; a correction names its belief by `register`
    and `belief_no` as well.
    """

    at = models.DateTimeField()
    actor = models.CharField(max_length=200, db_collation="C")
    about_kind = _text()
    about_key = _text()
    register = _text(blank=True)
    belief_no = models.IntegerField(null=True, blank=True)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    visited_on = models.DateField(null=True, blank=True)
    seen = models.TextField(blank=True)
    signed_sha256 = _text(blank=True, default="", db_default="")

    class Meta:
        db_table = "registry_proof"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["about_kind", "about_key"], name="proof_by_owner"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~Q(actor=""), name="proof_names_an_actor"),
            models.CheckConstraint(
                condition=Q(document__isnull=False) | Q(visited_on__isnull=False) | ~Q(signed_sha256=""),
                name="proof_is_something",
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def as_details(self) -> dict[str, str]:
        """What a case's step keeps of it: no personal number."""
        return {
            "proof": str(self.pk),
            "document": str(self.document_id or ""),
            "visited_on": self.visited_on.isoformat() if self.visited_on else "",
        } | ({"signed": self.signed_sha256} if self.signed_sha256 else {})


# files of their own, found by Django here
from haqdar.registry.lookup_tables import Lookup as Lookup  # noqa: E402
from haqdar.registry.lookup_tables import LookupTerm as LookupTerm  # noqa: E402
