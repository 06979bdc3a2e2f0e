"""The words of the hub of the pages on who is who."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

IDENTITY_LABELS: dict[str, dict[str, str | Promise]] = {
    "identity_group": {
        "people": _("One person"),
        "once": _("Each person once"),
        "order": _("The register in order"),
    },
    "identity_card": {
        "search": _("Find a person"),
        "ekyc": _("Verified identities"),
        "cards": _("Household cards"),
        "pairs": _("Perhaps one person twice"),
        "merges": _("Merged records"),
        "lists": _("Lists of departments"),
        "quality": _("Quality of the register"),
        "vault": _("Who asked the vault"),
    },
    "identity_hint": {
        "search": _("By name in Hindi or English, father or husband, village, age, mobile or any number."),
        "ekyc": _("How many residents have shown who they are, by area."),
        "cards": _("Print the signed cards of the families of a panchayat."),
        "pairs": _("Two records that look alike, side by side, for you to judge."),
        "merges": _("Records judged to be one person; each merge can be undone."),
        "lists": _("Upload a beneficiary list and find the resident behind each row."),
        "quality": _("What cannot be right in the register, and what to do at the panchayat."),
        "vault": _("Every opening of an Aadhaar number, with its purpose."),
    },
}
