"""The words of bills and the budget."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

BILL_LABELS: dict[str, dict[str, str | Promise]] = {
    "bill_state": {
        "drawn": _("waits for the sanction"),
        "sanctioned": _("sanctioned"),
        "submitted": _("with the treasury"),
        "objected": _("objection"),
        "passed": _("passed"),
        "paid": _("paid"),
        "cancelled": _("cancelled"),
    },
    "bill_next": {
        "drawn": _("The sanctioning officer sanctions it; the sum is then taken from the budget."),
        "sanctioned": _("The drawing officer, somebody else than who sanctioned it, submits it."),
        "submitted": _("The treasury gives a token, then passes it with a voucher or objects to it."),
        "objected": _(
            "Correct what the treasury objects to. The bill is then sanctioned and submitted again as its next version."
        ),
        "passed": _("Its credits go to the bank with the next payment file."),
        "paid": _(
            "The banks have answered all its credits. What they returned goes out again without a new bill."
        ),
        "cancelled": _("Its sum is back in the budget. It can be sanctioned again as its next version."),
    },
    "bill_out": {
        "held": _("payments held"),
        "unpayable": _("no usable account"),
        "waiting": _("local body has not submitted"),
        "earlier": _("left out before"),
    },
    "budget_kind": {
        "allotment": _("allotment"),
        "additional": _("additional allotment"),
        "withdrawal": _("withdrawal"),
        "surrender": _("surrender"),
        "commitment": _("bill sanctioned"),
        "release": _("given back"),
    },
}
