"""Words of the pages of proposals, holds and the delays of the month's money."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PROPOSAL_LABELS: dict[str, dict[str, str | Promise]] = {
    "proposal_state": {
        "generated": _("to verify"),
        "open": _("to verify"),
        "verified": _("verified, to submit"),
        "submitted": _("submitted"),
        "silent": _("went on without the body"),
    },
    "proposal_show": {
        "all": _("All"),
        "changes": _("What changed"),
        "new": _("New"),
        "ended": _("Ended"),
        "changed": _("Other amount"),
        "arrears": _("Arrears"),
        "recovery": _("Recovery"),
        "held": _("Held"),
        "unpayable": _("Cannot be paid"),
    },
    "left_out": {
        "no_ddo": _("no drawing officer is recorded for the place"),
        "no_account": _("no bank account is recorded"),
        "no_ifsc": _("the bank branch (IFSC) is missing"),
        "no_name": _("the name cannot be written for the bank"),
        "no_heir": _("the payee has died and no heir is registered"),
    },
    "money_step": {
        "close": _("Close the month"),
        "verify": _("Verify the proposals"),
        "submit": _("Submit the proposals"),
        "sanction": _("Sanction the bills"),
    },
    "money_delay": {
        "open": _("not done yet"),
        "done": _("done late"),
        "never": _("not done; the month went on"),
    },
    "hold_origin": {
        "exception": _("left out by the local body"),
        "officer": _("held by the sanctioning officer"),
    },
}
