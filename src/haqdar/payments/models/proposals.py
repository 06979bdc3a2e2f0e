"""Whom a proposal is about: kept with it, so that the list of a local body is read without searching a State's month."""

from typing import ClassVar

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models

from haqdar.payments.models.common import append_only


class ProposalPayees(models.Model):
    """The people of one proposal, in the order of their numbers.

    `members` have something in the month (a due, arrears, a recovery), `ended` had a regular due in the month compared with and
    have nothing now. Everything else about them stands in their dues.
    """

    proposal = models.OneToOneField(
        "payments.Proposal", on_delete=models.PROTECT, primary_key=True, related_name="payees"
    )
    members = ArrayField(models.IntegerField())
    ended = ArrayField(models.IntegerField())

    class Meta:
        db_table = "payments_proposal_payees"
        triggers: ClassVar[list[pgtrigger.Trigger]] = [append_only()]
