"""The words of orders and of a case's public page."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PAPER_LABELS: dict[str, dict[str, str | Promise]] = {
    "order_kind": {
        "sanction": _("Pension sanction order"),
        "rejection": _("Rejection order"),
        "notice": _("Notice before a stop"),
        "stop": _("Order to stop a pension"),
        "restoration": _("Order to restore a pension"),
        "change": _("Notice of a change"),
        "transfer": _("Notice of transfer"),
        "appeal": _("Decision on an appeal"),
        "penalty": _("Penalty order"),
    },
    "order_state": {
        "valid": _("valid"),
        "cancelled": _("cancelled"),
        "superseded": _("replaced by a later order"),
    },
    "card_end": {
        "replaced": _("replaced by a newer card"),
        "lost": _("lost or stolen"),
        "wrong": _("it said something wrong"),
        "family_ended": _("the family is no more"),
    },
    "public_next": {
        "case.verify": _("An officer checks the facts, in the registers or at your home."),
        "case.sanction": _("The sanctioning officer decides. You then get an order with the reasons."),
        "case.note": _("The new pension comes by itself; the office only takes note."),
        "stop.confirm": _("The office decides whether the pension stops. Until then it is paid."),
        "fact.correct": _("The office asks you or another office for the missing fact."),
        "case.examine": _("The office looks at the evidence. No money stops before a decision."),
        "objection.decide": _("The office decides about the objection and writes to you."),
        "appeal.decide": _("The first appellate officer hears both sides and decides."),
        "second_appeal.decide": _("The second appellate authority hears both sides and decides."),
        "grievance.answer": _(
            "The office answers you. If the answer does not help, you can reopen the matter."
        ),
        "register.approve": _("A second officer checks the change of the register."),
        "payee.change": _("Give the right bank account at your panchayat or town office."),
        "payee.approve": _("A second officer checks the new account or payee."),
    },
}
