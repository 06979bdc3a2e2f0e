"""Why a payee's money is as it is this month, in sentences for the list of a proposal."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _

from haqdar.base.money import indian
from haqdar.payments.holds import REASONS
from haqdar.payments.proposal_reads import PayeeRow
from haqdar.payments.words import month_name
from haqdar.web import labels


def reasons_of(row: PayeeRow, compared_with: date | None, language: str) -> list[str]:
    """What changed for a payee since `compared_with` and why, the most telling first; empty where all is as before."""
    said = []
    if row.what == "new":
        said.append(_new(row, compared_with, language))
    elif row.what == "ended":
        said.append(_ended(row, language))
    elif row.what == "changed":
        amounts = {"before": indian(row.before_paise), "now": indian(row.regular_paise)}
        why = f" ({labels.reason('revise', row.change_reason)})" if row.change_reason else ""
        said.append(_("%(before)s before, %(now)s now") % amounts + why)
    if row.from_area_en:
        place = row.from_area_hi if language == "hi" else row.from_area_en
        said.append(_("came from %(place)s") % {"place": place})
    months = _months(row.late_months, language)
    if row.arrears_paise:
        said.append(_("arrears for %(months)s") % {"months": months})
    if row.recovery_paise:
        said.append(
            _("over-paid %(amount)s for %(months)s")
            % {"amount": indian(row.recovery_paise), "months": months}
        )
    if row.withheld_paise:
        said.append(_("%(amount)s kept back for an over-payment") % {"amount": indian(row.withheld_paise)})
    if row.hold_reason:
        held = REASONS[row.hold_reason]
        said.append(_("held: %(why)s") % {"why": held.hi if language == "hi" else held.en})
    if row.stuck:
        said.append(_("cannot be paid: %(why)s") % {"why": labels.label("left_out", row.stuck)})
    return said


def _new(row: PayeeRow, compared_with: date | None, language: str) -> str:
    if row.change == "move" and row.other_scheme:
        return _("new here, moved from %(scheme)s") % {
            "scheme": labels.scheme_name(row.other_scheme, language)
        }
    if row.change_reason:
        return _("new: %(why)s") % {"why": labels.reason("start", row.change_reason)}
    if compared_with is not None:
        return _("new: nothing was due in %(month)s") % {"month": month_name(compared_with, language)}
    return _("new this month")


def _ended(row: PayeeRow, language: str) -> str:
    if row.change == "move" and row.other_scheme:
        return _("ended here, moved to %(scheme)s") % {
            "scheme": labels.scheme_name(row.other_scheme, language)
        }
    if row.change_reason:
        return _("ended: %(why)s") % {"why": labels.reason("stop", row.change_reason)}
    return _("ended: nothing is due any more")


def _months(months: Iterable[date], language: str) -> str:
    return ", ".join(month_name(month, language) for month in months)
