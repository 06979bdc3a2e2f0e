"""The words of the desk at which two records are judged to be one person or two."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PAIR_LABELS: dict[str, dict[str, str | Promise]] = {
    "pair_state": {
        "open": _("to be judged"),
        "second_opinion": _("second opinion"),
        "visit": _("visit needed"),
        "same": _("one person"),
        "different": _("two people"),
        "withdrawn": _("no longer found"),
    },
    "pair_band": {
        "certain": _("almost certain"),
        "review": _("to be looked at"),
    },
    "pair_verdict": {
        "open": _("The judgement was taken back"),
        "second_opinion": _("One person; a second opinion is asked for"),
        "visit": _("A visit is needed"),
        "same": _("One person"),
        "different": _("Two different people"),
    },
    "pair_reason": {
        "papers_seen": _("papers of both records were seen"),
        "household_asked": _("the household was asked"),
        "records_say": _("the records leave no doubt"),
        "both_met": _("both people were met"),
        "siblings": _("brothers, sisters or twins"),
        "other_family": _("another family or village"),
        "records_differ": _("the records leave no doubt"),
        "taken_back": _("looked at again"),
    },
    "pair_strength": {
        "much": _("speaks strongly for one person"),
        "some": _("speaks for one person"),
        "little": _("says little"),
        "against": _("speaks for two people"),
        "much_against": _("speaks strongly for two people"),
    },
}
