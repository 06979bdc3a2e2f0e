"""The words of register and payee changes, of Gram Sabha lists and of social audits."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: dict[str, dict[str, str | Promise]] = {
    "entry": {
        "birth": _("Birth of a child"),
        "death": _("Death"),
        "marriage": _("Marriage or remarriage"),
        "desertion": _("Left by the husband"),
        "divorce": _("Divorce"),
        "migration_out": _("Moved out of the State"),
        "migration_in": _("Came back to the State"),
        "member_add": _("Add somebody missed before"),
        "family_split": _("Split the family"),
        "family_merge": _("Merge with another family"),
        "person_move": _("Move to another family"),
        "family_transfer": _("Transfer to another panchayat or ward"),
        "head_change": _("Another head of the family"),
        "account_change": _("Another bank account"),
        "mobile_change": _("Another mobile, or none"),
        "guardian": _("Somebody else receives the money"),
        "heir": _("An heir receives what is owed to the deceased"),
        "guardian_end": _("Nobody else receives the money any more"),
    },
    "entry_hint": {
        "birth": _("The child gets a member number for life."),
        "death": _("The pension stops; the husband or wife is looked at for a pension at once."),
        "marriage": _("Both persons; one of them may move to the other's family."),
        "desertion": _("With her written statement."),
        "divorce": _("With the decree of the court."),
        "migration_out": _("For good, not for a season of work."),
        "migration_in": _("For somebody recorded as moved out."),
        "member_add": _("A living person whom the register does not know."),
        "family_split": _("Some members become a family of their own, with an own number."),
        "family_merge": _("Everybody of the other family comes into this one."),
        "person_move": _("For example back to the parents' house."),
        "family_transfer": _("The pension goes on without a missing month; the new office pays."),
        "head_change": _("Everybody's relation is stated anew."),
        "account_change": _("Own account, with a copy of the passbook."),
        "mobile_change": _("Also for people without a mobile of their own."),
        "guardian": _("A guardian for a minor or for one who cannot manage, or a joint account."),
        "heir": _(
            "With the paper of succession. The account of the deceased, and whoever received for them, get nothing more."
        ),
        "guardian_end": _("The own account is paid again."),
    },
    "paper": {
        "birth_certificate": _("Birth certificate, or record of the hospital or anganwadi"),
        "death_certificate": _("Death certificate, or statement with two witnesses"),
        "marriage_certificate": _("Marriage certificate, or statement of both families"),
        "statement": _("Signed statement"),
        "decree": _("Decree of the court"),
        "identity": _("Proof of identity"),
        "application": _("Signed application of the family"),
        "passbook": _("First page of the passbook, or cancelled cheque"),
        "mobile_proof": _("Consent with signature or thumb print, and identity paper"),
        "guardianship": _("Order of guardianship, medical certificate, or joint passbook"),
        "succession": _(
            "Succession certificate, legal heir certificate, or nomination, with the consent of the other heirs"
        ),
        "certificate": _("Certificate"),
    },
    "child_sex": {"F": _("Girl"), "M": _("Boy"), "T": _("Transgender")},
    "whose": {
        "own": _("The person's own mobile"),
        "family": _("Mobile of somebody in the family"),
        "other": _("Mobile of another person who agrees"),
        "none": _("No mobile: the office informs the person"),
    },
    "receives": {
        "minor": _("The person is younger than 18"),
        "cannot_manage": _("The person cannot manage money (illness or disability)"),
        "joint_account": _("Husband and wife have a joint account"),
        "heir": _("heir of the deceased"),
    },
    "not_payable": {
        "no_account": _("No bank account is recorded"),
        "no_ifsc": _("The bank branch (IFSC) is missing"),
        "no_name": _("The name is not written in letters a bank can read"),
        "no_ddo": _("No paying office is recorded for the place"),
        "no_heir": _("The payee has died: an heir must be registered"),
        "returned_account": _("The bank returned the payment: the account must be corrected"),
        "other_holder": _(
            "At the bank the account is in another person's name: the account must be corrected"
        ),
        "returned_bank": _("The bank returned the payment: the person must settle something at the bank"),
    },
    "moves": {
        "": _("Nobody moves"),
        "person": _("This person moves to the other's family"),
        "other": _("The other person moves to this family"),
    },
    "seen": {
        "new": _("New in the register"),
        "family": _("Family"),
        "relation": _("Relation"),
        "area": _("Place"),
        "address": _("Address"),
        "status": _("Marital status"),
        "died": _("Died"),
        "spouse": _("Husband or wife"),
        "account": _("Bank account"),
        "mobile": _("Mobile"),
    },
    "register_outcome": {
        "": _("waits for approval"),
        "approved": _("approved"),
        "refused": _("refused"),
    },
    "answer": {"yes": _("Yes"), "no": _("No"), "unsure": _("Not clear")},
    "asked": {
        "alive": _("Is the person alive?"),
        "gets_money": _("Does the person get the money?"),
        "amount_right": _("Is the amount right?"),
        "eligible": _("Is the person eligible?"),
    },
}
