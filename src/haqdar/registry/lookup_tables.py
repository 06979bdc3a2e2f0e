"""The tables by which people are found: a number for each word and place, and each resident's numbers."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q


def _text(**options: Any) -> "models.TextField[Any, Any]":
    return models.TextField(db_collation="C", **options)


class LookupTerm(models.Model):
    """A word of somebody's name or an area, with a number that stands for it in `Lookup.terms` (lookup_keys.py).

    `kind` is word or place. `text` of a word is its vowel key, of a place the area's code; `key` is the consonant key; `near` holds
    that key and what is left of it without one of its letters, so that keys one slip apart share an entry.
    """

    # 32 bits, because it stands negative in arrays of integers
    id = models.AutoField(primary_key=True)
    kind = _text()
    text = _text()
    key = _text()
    near = ArrayField(_text())

    class Meta:
        db_table = "registry_lookup_term"
        indexes: ClassVar[list[models.Index]] = [
            GinIndex(fields=["near"], name="lookup_term_near", fastupdate=False),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["kind", "text"], name="lookup_term_once"),
            models.CheckConstraint(condition=Q(kind__in=["word", "place"]), name="lookup_term_kind_known"),
        ]


class Lookup(models.Model):
    """By what a resident is found, as believed now: made anew from the beliefs whenever one is added (lookup_keys.py).

    `terms` holds the words of the own name, with a minus sign those of the names of father, mother and spouse, the areas from the
    panchayat up, and 2,000,000,000 plus the year of birth.
    """

    member = models.OneToOneField(
        "registry.Resident", on_delete=models.PROTECT, related_name="+", primary_key=True
    )
    belief_no = models.IntegerField()
    birth_year = models.SmallIntegerField(null=True)
    mobile = _text(null=True)
    terms = ArrayField(models.IntegerField())

    class Meta:
        db_table = "registry_lookup"
        indexes: ClassVar[list[models.Index]] = [
            GinIndex(fields=["terms"], name="lookup_by_terms", fastupdate=False),
            models.Index(fields=["mobile"], condition=Q(mobile__isnull=False), name="lookup_by_mobile"),
        ]
