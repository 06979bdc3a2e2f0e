"""What the service guarantee clock leaves behind: escalations, pauses, penalties, and what is owed to applicants for lateness."""

from __future__ import annotations

from typing import ClassVar

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q

from haqdar.cases.models.casework import Case


def _append_only() -> list[pgtrigger.Trigger]:
    return [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]


class Escalation(models.Model):
    """A case whose limit passed was brought before a higher office; once for each level and limit.

    `level` counts the steps of services/offices.yaml from 0; `due_on` is the limit that passed.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="escalations")
    level = models.SmallIntegerField()
    awaits = models.TextField(db_collation="C", help_text="the act that was late")
    due_on = models.DateField()
    escalated_on = models.DateField()

    class Meta:
        db_table = "cases_escalation"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "level", "due_on"], name="escalated_once_a_level"),
            models.CheckConstraint(condition=Q(escalated_on__gt=F("due_on")), name="escalated_when_late"),
        ]
        triggers: ClassVar = _append_only()


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class ClockPause(models.Model):
    """The clock of a case stands still while the applicant must act; `ended_on` is empty while it lasts.

    A case whose clock stands still has no `due_on`; `due_on_was` keeps it until the clock runs again.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="pauses")
    reason = models.TextField(db_collation="C")
    note = models.TextField(blank=True)
    started_on = models.DateField()
    ended_on = models.DateField(null=True)
    due_on_was = models.DateField()
    started_by = models.TextField()
    ended_by = models.TextField(blank=True)

    class Meta:
        db_table = "cases_clock_pause"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case"], condition=Q(ended_on=None), name="one_open_pause"),
            models.CheckConstraint(
                condition=Q(ended_on=None, ended_by="") | Q(ended_on__gte=F("started_on")) & ~Q(ended_by=""),
                name="pause_ends_after_it_starts",
            ),
        ]


class PenaltyDecision(models.Model):
    """What the second appellate authority decided about a late case: a penalty, or none with the reason; once a case.

    Amounts in paise. `proposed_paise` is what the platform worked out from `days_late`.
    """

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="penalty")
    appeal = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="penalties_decided")
    office_code = models.TextField(db_collation="C", blank=True)
    days_late = models.IntegerField()
    proposed_paise = models.BigIntegerField()
    imposed_paise = models.BigIntegerField()
    reason = models.TextField(db_collation="C")
    note = models.TextField(blank=True)
    decided_at = models.DateTimeField()
    decided_by = models.TextField()

    class Meta:
        db_table = "cases_penalty_decision"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(days_late__gt=0, imposed_paise__gte=0, imposed_paise__lte=F("proposed_paise")),
                name="penalty_within_the_proposal",
            ),
            models.CheckConstraint(condition=~Q(reason="") & ~Q(decided_by=""), name="penalty_has_a_reason"),
        ]
        triggers: ClassVar = _append_only()


class Compensation(models.Model):
    """An entry of the compensation ledger: paise that an applicant is owed because his case was late."""

    penalty = models.OneToOneField(PenaltyDecision, on_delete=models.PROTECT, related_name="compensation")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="compensations")
    resident_key = models.UUIDField(null=True)
    member_id = models.IntegerField(null=True)
    paise = models.BigIntegerField()
    entered_at = models.DateTimeField()
    entered_by = models.TextField()

    class Meta:
        db_table = "cases_compensation"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(paise__gt=0), name="compensation_is_money"),
        ]
        triggers: ClassVar = _append_only()
