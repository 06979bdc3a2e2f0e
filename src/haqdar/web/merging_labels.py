"""The words of merging two records of one person."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MERGING_LABELS: dict[str, dict[str, str | Promise]] = {
    "taken_over": {
        "name_hi": _("name in Hindi"),
        "born_on": _("date of birth"),
        "marital_status": _("marital status"),
        "destitute": _("whether the person has support"),
        "income_tax_payer": _("whether the person pays income tax"),
        "mobile": _("mobile number"),
        "mother_id": _("mother"),
        "father_id": _("father"),
        "spouse_id": _("husband or wife"),
        "account_last4": _("bank account"),
        "aadhaar_last4": _("Aadhaar number"),
    },
}
