"""Whose case it is: somebody is let into a case by the mobile that was given with it, or as the proven person it is about."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext as _

from haqdar.base.refusal import Refusal
from haqdar.cases.appeals import belongs_to_mobile
from haqdar.cases.models import Case
from haqdar.outreach.limits import allowed, network_of
from haqdar.outreach.numbers import mobile_number
from haqdar.web.citizen.asking import language_of_page
from haqdar.web.citizen.proven import proven_resident
from haqdar.web.limits import per_day, per_hour
from haqdar.web.middleware import address_of

_TRIES_A_DAY = 10
_TRIES_FROM_NETWORK = 60
_KEPT = 10


def is_own(request: HttpRequest, case: Case) -> bool:
    """Whether this browser was let into the case."""
    if case.resident_key is not None and proven_resident(request) == case.resident_key:
        return True
    return str(case.key) in request.session.get("own_cases", [])


def wrong_mobile(request: HttpRequest, case: Case, typed: str) -> str:
    """Let this browser into the case if the mobile was given with it; what is wrong otherwise.

    Tries are counted by case and by network before anything is compared, so that nobody finds a number by trying.
    """
    if is_own(request, case):
        return ""
    try:
        digits = mobile_number(typed)
    except Refusal as refusal:
        return refusal.sentence(language_of_page())
    network = network_of(address_of(request))
    if not allowed("own-case", str(case.key), _TRIES_A_DAY, per_day) or not allowed(
        "own-case-from", network, _TRIES_FROM_NETWORK, per_hour
    ):
        return _("Too many tries for this case today. Your panchayat or town office, or 181, can help.")
    if not belongs_to_mobile(case, digits):
        return _("This is not the number that was given with the case. Look at the receipt.")
    request.session["own_cases"] = [*request.session.get("own_cases", []), str(case.key)][-_KEPT:]
    return ""
