"""The words of the pages that watch over the money."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

OVERSIGHT_LABELS: dict[str, dict[str, str | Promise]] = {
    "money_card": {
        "proposals": _("Proposals of the local bodies"),
        "readiness": _("Who is ready"),
        "holds": _("Payments on hold"),
        "delays": _("Who is late"),
        "bills": _("Bills"),
        "budget": _("Budget"),
        "files": _("Files for the banks"),
        "treasury": _("Treasury"),
        "responses": _("Answers of the banks"),
        "returns": _("Returned payments"),
        "accounts": _("Checks of accounts"),
        "recoveries": _("Recoveries"),
        "dashboard": _("Paid, waiting, returned"),
        "reconciliation": _("Reconciliation"),
        "reports": _("Reports"),
        "samples": _("Auditor's samples"),
    },
    "money_hint": {
        "proposals": _("The month's list of each panchayat and town, to verify and submit."),
        "readiness": _("Which local bodies have submitted, and which are still missing."),
        "holds": _("Whose money waits, why, and who looks at it again by when."),
        "delays": _("Offices that have not verified, submitted or sanctioned in time, with days."),
        "bills": _("One bill for each drawing officer, pension and head of account."),
        "budget": _("What is allotted, committed and still available under each head."),
        "files": _("Made by one person, released by another, then sent."),
        "treasury": _("Bills sent to the treasury and what it says of them."),
        "responses": _("What the banks say of each credit, and lines that wait for a person."),
        "returns": _("Money that came back, the reason, and the next step."),
        "accounts": _("Accounts that look wrong before anything is paid into them."),
        "recoveries": _("Money to get back: recalls, recoveries, write-offs."),
        "dashboard": _("Where the month's money stands, by area, pension and reason."),
        "reconciliation": _("Bill, voucher and bank side by side, with every difference."),
        "reports": _("Utilisation, monthly progress, statement by head, estimate, surrender."),
        "samples": _("Credits drawn by lot, each with its trail back to the rule."),
    },
    "money_group": {
        "local": _("Before the bill"),
        "bill": _("Bill and budget"),
        "bank": _("Bank and treasury"),
        "watch": _("Watching over it"),
    },
}
