"""Why somebody was found, in words."""

from collections.abc import Iterable

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from haqdar.registry.lookup import Reason

_WORDS: dict[str, dict[str, str | Promise]] = {
    "name": {
        "same": _("same name"),
        "sound": _("name sounds the same"),
        "near": _("name nearly the same"),
        "part": _("part of the name"),
        "other": _("other name"),
    },
    "relation": {
        "same": _("father, mother or spouse agrees"),
        "sound": _("father, mother or spouse sounds the same"),
        "near": _("father, mother or spouse nearly the same"),
        "part": _("part of the name of father, mother or spouse"),
        "other": _("father, mother or spouse differs"),
    },
    "village": {
        "same": _("same place"),
        "sound": _("place sounds the same"),
        "near": _("place nearly the same"),
        "other": _("other place"),
    },
}
_AGE: dict[str, str | Promise] = {"same": _("same age"), "other": _("age differs or is unknown")}
_YEARS = _("%(years)s years off")
_NUMBERS: dict[str, str | Promise] = {
    "member_id": _("member ID"),
    "family_id": _("family ID"),
    "mobile": _("mobile number"),
    "aadhaar": _("Aadhaar number"),
    "account": _("bank account"),
    "card": _("BPL card of the family"),
    "certificate": _("disability certificate"),
    "labour_card": _("labour card"),
    "department_number": _("number at a department"),
    "household_card": _("household card of the family"),
}


def found_because(reasons: Iterable[Reason], language: str) -> list[str]:
    """The reasons of one find, each in a few words."""
    with translation.override(language):
        return [_because(reason) for reason in reasons]


def _because(reason: Reason) -> str:
    if reason.field == "age":
        near = reason.level == "near"
        return str(_YEARS) % {"years": reason.by} if near else str(_AGE[reason.level])
    if reason.field in _WORDS:
        return str(_WORDS[reason.field][reason.level])
    return str(_NUMBERS[reason.field])
