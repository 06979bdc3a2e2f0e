"""Bank branches, and what was found about the account of a payee before its first payment."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from haqdar.payments.models.common import code, only_these_change


class Branch(models.Model):
    """A branch of a bank by its code (IFSC): on the list from `listed_on`, and off it from `gone_on`."""

    ifsc = code(primary_key=True)
    listed_on = models.DateField()
    gone_on = models.DateField(null=True, blank=True)

    class Meta:
        db_table = "payments_branch"


class AccountCheck(models.Model):
    """What was found about one account of one payee, once; another account or branch is another check.

    Only `findings` change: that an account is shared may be seen when the second payee comes.

    `findings` are words of `payments.accounts.checking.FINDINGS`, empty where nothing was found. No number stands here: the account is told
    apart by its keyed hash.
    """

    member_id = models.IntegerField()
    resident_key = models.UUIDField(null=True)
    account_hash = models.UUIDField()
    ifsc = code()
    account_last4 = code(blank=True, default="")
    area_code = code(null=True)
    findings = ArrayField(code(), default=list)
    checked_at = models.DateTimeField()
    run = models.ForeignKey("cases.MonthRun", on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        db_table = "payments_account_check"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["area_code"], condition=~models.Q(findings=[]), name="account_findings_by_area"
            ),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["member_id", "account_hash", "ifsc"], name="one_check_of_an_account"
            ),
        ]
        triggers: ClassVar = [only_these_change("findings")]
