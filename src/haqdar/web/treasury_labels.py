"""The words of the line to the treasury: where bills stand, what they are stuck at, what to do about it."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

TREASURY_LABELS: dict[str, dict[str, str | Promise]] = {
    "treasury_state": {
        "held_back": _("held back here"),
        "queued": _("to be sent"),
        "sent": _("sent to the treasury"),
        "approved": _("approved there"),
        "in_process": _("being paid"),
        "paid": _("all credits answered"),
        "closed": _("finished"),
        "refused": _("not accepted"),
        "objected": _("came back"),
        "ended": _("ended here"),
    },
    "treasury_why": {
        "held": _("A payee of this bill was held after it was submitted."),
        "sums": _("A payee of this bill has no usable account, so its credits do not add up to its sum."),
        "in_a_file": _("A credit of this bill is already in a file for the bank."),
        "came_back": _("A credit of this bill came back before and is presented again by itself."),
        "funds": _("The treasury's allotment under this head is too small."),
        "no_allotment": _("The treasury has no allotment for this drawing officer under this head."),
        "refused": _("The treasury did not accept it."),
        "differs": _("The treasury has another sum or number of people under this bill number."),
        "objected": _("The treasury gave it back."),
        "late_sent": _("The treasury has not approved it in the usual time."),
        "late_approved": _("The treasury has given no token in the usual time."),
        "late_in_process": _("Some credits have had no answer for longer than usual."),
    },
    "treasury_do": {
        "held": _("Release the hold, or object to the bill and sanction it anew without this payee."),
        "sums": _(
            "Object to the bill and sanction it anew: the payee is then left out and can go out later."
        ),
        "came_back": _(
            "Ask the treasury whether it passes the bill; enter its voucher by hand, then the credit goes out once."
        ),
        "in_a_file": _("Withdraw the file if it is not released yet; otherwise object to the bill."),
        "funds": _(
            "Ask the treasury for an additional allotment. The bill goes out by itself as soon as it is there."
        ),
        "no_allotment": _(
            "Ask the treasury for the allotment, and check its codes of officer and head in the line's settings."
        ),
        "refused": _(
            "Read what the treasury says. Ask again when it is settled there, or take the bill back and correct it."
        ),
        "differs": _(
            "Call the treasury: two different bills under one number are never paid from here. Ask again when it is settled."
        ),
        "objected": _("Read what the treasury says, then sanction and submit the bill again."),
        "late_sent": _("Call the treasury with the bill number."),
        "late_approved": _("Call the treasury with the bill number."),
        "late_in_process": _(
            "Call the treasury with token and bill number: who is neither paid nor returned waits."
        ),
    },
    "treasury_service": {
        "PI": _("Send the bill"),
        "PIS": _("Is it approved?"),
        "PAG": _("Which token does it have?"),
        "PD": _("Who was paid?"),
        "FD": _("Whose credit failed?"),
        "COR": _("Send the correction"),
        "FTPS": _("Who was paid by the correction?"),
        "FTFPS": _("Whose credit failed again?"),
    },
    "treasury_question": {
        "waiting": _("waits"),
        "done": _("answered"),
        "stuck": _("needs a person"),
    },
    "treasury_trouble": {
        "unreachable": _("the treasury cannot be reached"),
        "timeout": _("the treasury does not answer in time"),
        "tls": _("the treasury's certificate is not trusted"),
        "login_refused": _("the treasury does not accept our name and secret"),
        "not_understood": _("the treasury's answer cannot be read"),
        "too_long": _("the treasury's answer is too long"),
        "session_ended": _("the session with the treasury ends at once"),
        "duplicate": _("the treasury had it already"),
        "said_no": _("the treasury says no"),
        "refused": _("the treasury did not accept it"),
        "objected": _("the treasury gave it back"),
        "funds": _("the allotment is too small"),
        "no_allotment": _("there is no allotment"),
        "differs": _("the sums differ"),
        "ended": _("nothing more to ask"),
        "held": _("a payee is held"),
    },
    "treasury_kind": {
        "bill": _("Bill"),
        "correction": _("Correction"),
    },
}
