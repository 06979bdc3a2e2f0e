"""Matters that somebody must settle in time: applications, proactive starts, stops, appeals, grievances.

A case waits for one act at a time, named by the verb of `access.actors.MAY` that carries it out: the verb is at once the
permission, the queue on the desk and the word of the audit trail. What happened to a case is the list of its steps, to which
rows are only ever added.
"""

from __future__ import annotations

from typing import ClassVar

import pghistory
import pgtrigger
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q
from django.db.models.expressions import RawSQL

from haqdar.access.models.history import changed_by_somebody, tracked

#: Kind letter, two digits of the year, eight digits that do not count up visibly, two check digits (ISO 7064 mod 97-10 over
#: the ten digits before them), e.g. A26-48219035-50. The factor is coprime to 10^8, so no two cases share a number.
_YEAR = "mod(extract(year from opened_on)::bigint, 100)"
_SCATTERED = "mod(id * 61803399 + 27182818, 100000000)"
_NUMBER = (
    f"(letter || lpad({_YEAR}::text, 2, '0') || '-' || lpad({_SCATTERED}::text, 8, '0') || '-'"
    f" || lpad((98 - mod(({_YEAR} * 100000000 + {_SCATTERED}) * 100, 97))::text, 2, '0'))"
)


# A run opens lakhs of cases at once and refreshes those that stand: an insertion says all itself (who, when, from which
# run), and a refresh that changes nothing but the run is no change. What a case was before each change is kept.
@tracked(
    pghistory.UpdateEvent(
        row=pghistory.Old,
        condition=pghistory.AnyChange(exclude=["run"], exclude_auto=True),
        level=pgtrigger.Statement,
    ),
    pghistory.DeleteEvent(level=pgtrigger.Statement),
    exclude=["number", "contact_sealed", "key_version"],
)
class Case(models.Model):
    """One matter with a number, a deadline and the act it waits for (`awaits`); closed when `closed_at` is set.

    `scheme` and `paise` say what it would give (or what a move leads to), `from_scheme` and `from_paise` what is held. `run`
    is the latest month's run that listed it. `about` leads from an appeal or objection to the case it is against. `details`
    holds what only its kind needs and never a number of a person, an account or a telephone in clear.
    """

    class Kind(models.TextChoices):
        START = "start"
        APPLICATION = "application"
        MOVE = "move"
        REVISE = "revise"
        STOP = "stop"
        UNDECIDED = "undecided"
        GHOST = "ghost"
        DUPLICATE = "duplicate"
        OBJECTION = "objection"
        APPEAL = "appeal"
        SECOND_APPEAL = "second_appeal"
        GRIEVANCE = "grievance"
        FEEDBACK = "feedback"
        REPORT = "report"
        REGISTER = "register"
        PAYEE = "payee"
        PAYMENT = "payment"

    id = models.BigAutoField(primary_key=True)
    key = models.UUIDField(unique=True, db_default=RandomUUID())
    letter = models.CharField(max_length=1, db_collation="C", help_text="first letter of the number, by kind")
    opened_on = models.DateField()
    number = models.GeneratedField(
        expression=RawSQL(_NUMBER, ()),
        output_field=models.TextField(db_collation="C"),
        db_persist=True,
        unique=True,
    )
    kind = models.TextField(choices=Kind.choices, db_collation="C")
    service = models.TextField(
        blank=True, db_collation="C", help_text="code of a file in law/<state>/services"
    )
    member_id = models.IntegerField(null=True)
    resident_key = models.UUIDField(null=True)
    pension_group = models.SmallIntegerField(null=True)
    scheme = models.TextField(null=True, db_collation="C")
    paise = models.BigIntegerField(null=True)
    from_scheme = models.TextField(null=True, db_collation="C")
    from_paise = models.BigIntegerField(null=True)
    reason = models.TextField(
        blank=True, db_collation="C", help_text="word of the work list, or subject of a grievance"
    )
    occasion = models.TextField(db_collation="C", default="", db_default="")
    area_code = models.TextField(null=True, db_collation="C")
    district_code = models.TextField(null=True, db_collation="C")
    awaits = models.TextField(
        blank=True, db_collation="C", help_text="the verb it waits for; empty when closed"
    )
    opened_at = models.DateTimeField()
    since_at = models.DateTimeField(help_text="since when it waits for `awaits`")
    due_on = models.DateField(null=True, help_text="last day of the service's limit")
    closed_at = models.DateTimeField(null=True)
    outcome = models.TextField(blank=True, db_collation="C")
    run = models.ForeignKey("cases.MonthRun", on_delete=models.PROTECT, null=True, db_index=False)
    about = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="against_it")
    contact_sealed = models.BinaryField(null=True, help_text="mobile number of who asked")
    contact_last4 = models.TextField(blank=True, db_collation="C")
    key_version = models.SmallIntegerField(null=True)
    language = models.TextField(default="hi", db_default="hi", db_collation="C")
    opened_by = models.TextField(help_text="user name, `public`, or `platform`")
    details = models.JSONField(default=dict, db_default={})

    class Meta:
        db_table = "cases_case"
        indexes: ClassVar = [
            # carries what the filters of a queue count, so that counting a State's queue reads no rows
            models.Index(
                fields=["awaits", "area_code", "due_on"],
                include=["kind", "scheme", "from_scheme", "reason"],
                condition=Q(closed_at=None),
                name="case_queue",
            ),
            models.Index(fields=["due_on"], condition=Q(closed_at=None), name="case_by_due_day"),
            # the delay lists count a whole State from it without reading a row
            models.Index(
                fields=["area_code", "awaits", "service", "due_on"],
                condition=Q(closed_at=None),
                name="case_delays",
            ),
            models.Index(fields=["awaits", "due_on", "id"], condition=Q(closed_at=None), name="case_due"),
            models.Index(fields=["member_id", "pension_group"], name="case_by_member"),
            models.Index(fields=["area_code", "closed_at"], name="case_by_area"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["member_id", "pension_group", "kind", "from_scheme", "occasion"],
                condition=Q(
                    closed_at=None,
                    kind__in=("start", "move", "revise", "stop", "undecided", "ghost", "duplicate"),
                ),
                nulls_distinct=False,
                name="one_open_case_of_a_work_item",
            ),
            models.UniqueConstraint(
                fields=["member_id", "scheme"],
                condition=Q(closed_at=None, kind="payment"),
                name="one_open_case_of_a_payment",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, outcome="") & ~Q(awaits="")
                | Q(closed_at__isnull=False, awaits="") & ~Q(outcome=""),
                name="case_waits_or_is_closed",
            ),
            models.CheckConstraint(condition=~Q(opened_by=""), name="case_names_who_opened_it"),
        ]
        triggers: ClassVar = [changed_by_somebody()]

    def __str__(self) -> str:
        return str(self.number)


class CaseStep(models.Model):
    """What somebody did to a case: the verb, what it waited for before and after, the reason and a note.

    `reason` is a word with a sentence in both languages, `note` free text for offices, `details` what the verb needs to be told.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="steps")
    at = models.DateTimeField()
    verb = models.TextField(db_collation="C")
    actor = models.TextField()
    role = models.TextField(blank=True, db_collation="C")
    awaited = models.TextField(blank=True, db_collation="C")
    awaits = models.TextField(blank=True, db_collation="C")
    outcome = models.TextField(blank=True, db_collation="C")
    reason = models.TextField(blank=True, db_collation="C")
    note = models.TextField(blank=True)
    details = models.JSONField(default=dict, db_default={})

    class Meta:
        db_table = "cases_case_step"
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(actor=""), name="step_names_an_actor"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]
