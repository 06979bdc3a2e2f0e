"""Household cards: which were issued to whom, until when they hold, and the printing of many at once.

What a card says is not kept: it stands on the paper. Kept are the number, who issued it, a keyed hash of what it said (so that
an unchanged card is not issued anew), and for a while the sealed file to print.
"""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import RawSQL

#: Like a case's number: H, two digits of the year, eight digits that do not count up visibly, two check digits.
_YEAR = "mod(extract(year from issued_on)::bigint, 100)"
_SCATTERED = "mod(id * 87178291 + 16180339, 100000000)"
_NUMBER = (
    f"('H' || lpad({_YEAR}::text, 2, '0') || '-' || lpad({_SCATTERED}::text, 8, '0') || '-'"
    f" || lpad((98 - mod(({_YEAR} * 100000000 + {_SCATTERED}) * 100, 97))::text, 2, '0'))"
)
_ENDING = "{ended_at,ended_by,end_reason,sha256,size,key_version}"


class CardPrint(models.Model):
    """Cards of one area printed at once, in sheets (files) of many cards; the worker reports here how far it is.

    `after` is the family number up to which sheets are finished: an interrupted print goes on from there.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    key = models.UUIDField(unique=True, db_default=RandomUUID())
    area_code = models.TextField(db_collation="C")
    only_missing = models.BooleanField(
        help_text="leaves families alone whose card is valid and says the same"
    )
    user = models.ForeignKey(
        "access.User", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    ip = models.GenericIPAddressField(null=True, blank=True)
    state = models.TextField(choices=State.choices, default=State.QUEUED, db_collation="C")
    families = models.IntegerField(help_text="how many lived there when it was asked for")
    seen = models.IntegerField(default=0, help_text="families looked at")
    made = models.IntegerField(default=0, help_text="cards issued")
    after = models.IntegerField(default=0)
    message_en = models.TextField(blank=True)
    message_hi = models.TextField(blank=True)
    asked_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    files_removed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "cases_card_print"
        indexes: ClassVar = [models.Index(fields=["area_code", "-asked_at"], name="card_print_by_area")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["area_code"],
                condition=Q(state__in=["queued", "running"]),
                name="one_open_card_print_an_area",
            ),
        ]


class CardSheet(models.Model):
    """One file of a print: a signed PDF of many cards, sealed in HAQDAR_HOME/cards."""

    batch = models.ForeignKey(CardPrint, on_delete=models.PROTECT, related_name="sheets")
    number = models.IntegerField()
    cards = models.IntegerField()
    sha256 = models.TextField(db_collation="C")
    size = models.IntegerField()
    key_version = models.SmallIntegerField()

    class Meta:
        db_table = "cases_card_sheet"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["batch", "number"], name="card_sheet_once"),
        ]


class HouseholdCard(models.Model):
    """One card of one family. It holds until `expires_on` unless it was ended: replaced by another, lost, or wrong.

    `says` is a keyed hash of everything on it, `kid` the key that signed its code; the first eight bytes of `key` are the serial
    in the code. `sha256`, `size` and `key_version` are of the PDF while it is kept for a single card.
    """

    class Ended(models.TextChoices):
        REPLACED = "replaced"
        LOST = "lost"
        WRONG = "wrong"
        FAMILY_ENDED = "family_ended"

    id = models.BigAutoField(primary_key=True)
    key = models.UUIDField(unique=True)
    issued_on = models.DateField()
    number = models.GeneratedField(
        expression=RawSQL(_NUMBER, ()),
        output_field=models.TextField(db_collation="C"),
        db_persist=True,
        unique=True,
    )
    family_key = models.UUIDField()
    area_code = models.TextField(db_collation="C")
    district_code = models.TextField(db_collation="C")
    members = models.SmallIntegerField()
    expires_on = models.DateField()
    says = models.UUIDField()
    kid = models.TextField(db_collation="C")
    issued_at = models.DateTimeField()
    issued_by = models.TextField(db_collation="C")
    batch = models.ForeignKey(CardPrint, on_delete=models.PROTECT, null=True, related_name="issued")
    sha256 = models.TextField(blank=True, db_collation="C")
    size = models.IntegerField(default=0)
    key_version = models.SmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.TextField(blank=True, db_collation="C")
    end_reason = models.TextField(blank=True, choices=Ended.choices, db_collation="C")

    class Meta:
        db_table = "cases_household_card"
        indexes: ClassVar = [
            models.Index(fields=["family_key", "-id"], name="card_by_family"),
            models.Index(fields=["area_code", "-id"], name="card_by_area"),
            models.Index(
                fields=["district_code", "expires_on"],
                condition=Q(ended_at__isnull=False),
                name="card_withdrawn_by_district",
            ),
            models.Index(
                fields=["district_code", "-ended_at"],
                condition=Q(ended_at__isnull=False),
                name="card_ended_last_by_district",
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["family_key"], condition=Q(ended_at=None), name="one_standing_card_a_family"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by="", end_reason="")
                | Q(ended_at__isnull=False) & ~Q(ended_by="") & ~Q(end_reason=""),
                name="card_ended_whole",
            ),
            models.CheckConstraint(condition=Q(expires_on__gte=F("issued_on")), name="card_holds_a_day"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="kept_for_ever", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="only_ended",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                # the number is generated after this trigger and follows from columns that are compared
                func=f"""
                    IF OLD.ended_at IS NOT NULL AND NEW.ended_at IS DISTINCT FROM OLD.ended_at
                        OR to_jsonb(OLD) - 'number' - '{_ENDING}'::text[]
                        IS DISTINCT FROM to_jsonb(NEW) - 'number' - '{_ENDING}'::text[]
                    THEN
                        RAISE EXCEPTION 'a card is never changed; end it and issue another'
                            USING ERRCODE = 'restrict_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return str(self.number)
