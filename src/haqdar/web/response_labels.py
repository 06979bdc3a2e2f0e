"""The words of the pages on answers of banks and returned credits."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

RESPONSE_LABELS: dict[str, dict[str, str | Promise]] = {
    "response_profile": {
        "nach-response": _("NACH or APBS response, 306 characters"),
        "nach-return": _("NACH or APBS return, 306 characters or more"),
        "apbs-legacy-response": _("Old APBS response, 156 characters"),
        "apbs-legacy-return": _("Old APBS return, 177 characters"),
        "pain.002": _("ISO 20022 status report (pain.002)"),
        "camt.053": _("ISO 20022 account statement (camt.053)"),
        "camt.054": _("ISO 20022 notification (camt.054)"),
        "mt940": _("SWIFT statement (MT940)"),
        "treasury-jit": _("Message of the treasury"),
    },
    "response_outcome": {
        "credited": _("credited"),
        "returned": _("came back"),
        "pending": _("still being worked on"),
        "unreadable": _("cannot be read"),
    },
    "disposition": {
        "applied": _("applied"),
        "repeated": _("known already"),
        "unknown": _("no such reference was sent from here"),
        "amount": _("another amount than was sent"),
        "not_sent": _("its file was never sent"),
        "contradiction": _("contradicts an earlier answer"),
        "unreadable": _("cannot be read"),
    },
    "response_problem": {
        "short_line": _("the line is too short"),
        "unknown_record": _("it is no record of this kind of file"),
        "bad_amount": _("the amount is no number"),
        "bad_flag": _("the sign for success or failure is unknown"),
        "bad_reason": _("the reason is no code"),
        "flag_and_reason": _("success and reason contradict each other"),
        "header_totals": _("the header counts other lines or another sum: the file may be cut off"),
        "broken_off": _("the file breaks off here; ask the bank for it again"),
        "not_rupees": _("the amount is not in rupees"),
        "whole_file": _("the bank refused the whole file; ask it why"),
        "batch": _("one booking for a whole file; it says nothing of single credits"),
        "overtaken": _("the credit came back later, as is known already"),
    },
    "set_aside_decision": {
        "noted": _("looked into"),
        "stands": _("what was known stands"),
        "bank_right": _("the later answer is right"),
        "part": _("it arrived in part"),
    },
    "return_action": {
        "retry": _("goes out again by itself"),
        "beneficiary": _("the person must go to the bank"),
        "correct": _("the account must be corrected"),
        "death": _("a death must be looked into"),
        "switch_rail": _("goes to the account instead of the Aadhaar number"),
    },
    "return_state": {
        "open": _("not at its end"),
        "waiting": _("waits for somebody"),
        "ready": _("goes out next"),
        "held": _("held back"),
        "represented": _("is being sent again"),
        "settled": _("settled"),
    },
    "payment_rail": {"account": _("by account"), "aadhaar": _("by Aadhaar number")},
}
