"""Two records that may be one person: what the linkage found, and what people judged of it.

The machine proposes and never decides: a pair is found by a run, judged by officers, and only a judgement leads to a merge.
"""

from __future__ import annotations

from typing import ClassVar

import pghistory
import pgtrigger
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import F, Q

from haqdar.access.models.history import changed_by_somebody, tracked


class LinkRun(models.Model):
    """One run of the linkage over the register: what was compared, by which model, how much was found, how long it took.

    `scope` is the area code compared within, empty for the State. Weights are base-2 logarithms of odds (see `Pair`).
    `passes` says of each pass (a district, or the State) what it compared. A run that was killed stays `running` until
    the next one finds the linkage's lock free and marks it as failed.
    """

    class State(models.TextChoices):
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    key = models.UUIDField(unique=True, db_default=RandomUUID())
    scope = models.TextField(blank=True, db_collation="C")
    known_on = models.DateField(help_text="the last day whose knowledge of the register was compared")
    engine = models.TextField(db_collation="C")
    model = models.TextField(db_collation="C", help_text="name of the model")
    model_hash = models.TextField(db_collation="C", help_text="SHA-256 of its file")
    review_from = models.FloatField(help_text="least weight of the band of review")
    certain_from = models.FloatField(help_text="least weight of the certain band")
    state = models.TextField(choices=State.choices, default=State.RUNNING, db_collation="C")
    passes = models.JSONField(default=list, db_default=[])
    records = models.BigIntegerField(default=0, db_default=0, help_text="living residents compared")
    candidates = models.BigIntegerField(
        default=0, db_default=0, help_text="pairs that a blocking rule brought"
    )
    certain = models.BigIntegerField(default=0, db_default=0)
    review = models.BigIntegerField(default=0, db_default=0)
    opened = models.BigIntegerField(default=0, db_default=0, help_text="pairs that were not open before")
    withdrawn = models.BigIntegerField(default=0, db_default=0, help_text="open pairs no longer found")
    seconds = models.FloatField(null=True)
    actor = models.TextField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "identity_link_run"
        indexes: ClassVar = [models.Index(fields=["-started_at"], name="link_run_latest")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(certain_from__gte=F("review_from")), name="link_run_bands_in_order"
            ),
            models.CheckConstraint(condition=~Q(actor=""), name="link_run_names_an_actor"),
        ]
        triggers: ClassVar = [changed_by_somebody()]


# A run refreshes every open pair at once: only the state is worth a row of history, the judgements say the rest.
@tracked(
    pghistory.UpdateEvent(
        row=pghistory.Old, condition=pghistory.AnyChange("state"), level=pgtrigger.Statement
    ),
    pghistory.DeleteEvent(level=pgtrigger.Statement),
    exclude=["evidence"],
)
class Pair(models.Model):
    """Two residents (`first` has the smaller member ID) who may be one person; unique, whatever runs find them again.

    `weight` is the base-2 logarithm of the odds that they are one person: 0 is even, 10 a thousand to one. `evidence` is a
    list of [field, level, weight] in the model's order; `linking.words` gives each a sentence in both languages. `facts`
    identifies what was compared of both; `judged_facts` and `judged_weight` what the last judgement rested on. A judged
    pair opens again only when other facts are known and speak more for one person than at the judgement. `cluster` is the
    smallest member ID among all records held together by certain pairs (empty where a pair stands alone in review). A pair without a
    run was opened by eKYC, which met one verified number in two records: runs neither refresh nor withdraw it.
    """

    class Band(models.TextChoices):
        CERTAIN = "certain"
        REVIEW = "review"

    class State(models.TextChoices):
        OPEN = "open"
        SAME = "same"
        DIFFERENT = "different"
        VISIT = "visit"
        SECOND_OPINION = "second_opinion"
        WITHDRAWN = "withdrawn"

    id = models.BigAutoField(primary_key=True)
    key = models.UUIDField(unique=True, db_default=RandomUUID())
    first = models.ForeignKey("registry.Resident", on_delete=models.PROTECT, related_name="+", db_index=False)
    second = models.ForeignKey("registry.Resident", on_delete=models.PROTECT, related_name="+")
    first_area = models.TextField(null=True, db_collation="C", help_text="area code of the family when found")
    second_area = models.TextField(null=True, db_collation="C")
    weight = models.FloatField()
    band = models.TextField(choices=Band.choices, db_collation="C")
    evidence = models.JSONField()
    facts = models.UUIDField()
    cluster = models.IntegerField(null=True)
    state = models.TextField(choices=State.choices, default=State.OPEN, db_default="open", db_collation="C")
    since_at = models.DateTimeField(help_text="since when it is in this state")
    found_at = models.DateTimeField()
    run = models.ForeignKey(
        LinkRun,
        on_delete=models.PROTECT,
        related_name="pairs",
        null=True,
        help_text="the latest run that found it",
    )
    judged_facts = models.UUIDField(null=True)
    judged_weight = models.FloatField(null=True)

    class Meta:
        db_table = "identity_pair"
        indexes: ClassVar = [
            models.Index(fields=["state", "band", "-weight", "id"], name="pair_queue"),
            models.Index(fields=["first_area", "state"], name="pair_by_first_area"),
            models.Index(fields=["second_area", "state"], name="pair_by_second_area"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["first", "second"], name="one_pair_of_two_members"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="pair_members_in_order"),
        ]
        triggers: ClassVar = [changed_by_somebody()]


class Judgement(models.Model):
    """What one officer judged of a pair, with what was on the screen. Rows are only added.

    `opinion` is 1, or 2 where a second person judged after the first; `verdict` is a state of `Pair` (or `open`, when a
    judgement is taken back). `facts`, `weight` and `evidence` are the pair's at that moment.
    """

    pair = models.ForeignKey(Pair, on_delete=models.PROTECT, related_name="judgements")
    at = models.DateTimeField()
    actor = models.TextField()
    user_id = models.BigIntegerField(null=True)
    role = models.TextField(blank=True, db_collation="C")
    opinion = models.SmallIntegerField(default=1, db_default=1)
    verdict = models.TextField(choices=Pair.State.choices, db_collation="C")
    note = models.TextField(blank=True)
    facts = models.UUIDField()
    weight = models.FloatField()
    evidence = models.JSONField()
    details = models.JSONField(default=dict, db_default={})

    class Meta:
        db_table = "identity_judgement"
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(actor=""), name="judgement_names_an_actor"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]
