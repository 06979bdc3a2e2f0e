"""A body's proposal on paper: its sums, its people with what changed, lines to sign."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from haqdar.access.queries import Place
from haqdar.base.money import group_indian, indian
from haqdar.payments.models import Proposal
from haqdar.payments.proposal_reads import PayeeRow
from haqdar.web import labels
from haqdar.web.desk.proposal_words import reasons_of
from haqdar.web.documents.typeset import set_pdf
from haqdar.web.templatetags.shown import day, ending, month


def proposal_pdf(proposal: Proposal, here: Place, rows: Sequence[PayeeRow], language: str) -> bytes:
    """The proposal as PDF; member numbers are masked, and without `rows` it is the sums alone."""
    with translation.override(language):
        place = f"{labels.label('kind', here.kind)} {here.name(language)}"
        data: dict[str, Any] = {
            "language": language,
            "flipped": False,
            "title": _("Proposal: %(scheme)s")
            % {"scheme": labels.scheme_name(proposal.scheme, language, proposal.month)},
            "head": f"{place}, {month(proposal.month)}",
            "foot": _("Printed on %(day)s") % {"day": day(timezone.localdate())},
            "about": [
                (_("Place"), place),
                (_("Month"), month(proposal.month)),
                (_("State of things"), labels.label("proposal_state", proposal.state)),
                (_("Pensions"), group_indian(proposal.persons)),
                (
                    _("New, ended, other amount"),
                    f"{group_indian(proposal.new_persons)}, {group_indian(proposal.ended_persons)},"
                    f" {group_indian(proposal.changed_persons)}",
                ),
                (_("Pension of the month"), indian(proposal.regular_paise)),
                (_("Arrears"), indian(proposal.arrears_paise)),
                (_("Kept back for over-payments"), indian(proposal.withheld_paise)),
                (_("To be paid"), indian(proposal.payable_paise)),
            ],
            "sections": [
                {
                    "title": _("People of this proposal"),
                    "columns": [
                        _("No."),
                        _("Name"),
                        _("Member ID"),
                        _("Before"),
                        _("Now"),
                        _("To be paid"),
                        _("What and why"),
                    ],
                    "widths": ["auto", "1.3fr", "auto", "auto", "auto", "auto", "2fr"],
                    "right": [0, 3, 4, 5],
                    "rows": [_line(number, row, language) for number, row in enumerate(rows, 1)],
                    "empty": _("The list of people is not part of this copy."),
                    "total": "",
                }
            ],
            "notes": [],
            "signatures": [
                _("Secretary"),
                _("Sarpanch or chairperson"),
                _("Received by the drawing officer"),
            ],
        }
        return set_pdf("lists.typ", data, timezone.now())


def _line(number: int, row: PayeeRow, language: str) -> list[str]:
    return [
        str(number),
        (row.name_hi or row.name_en) if language == "hi" else row.name_en,
        ending(row.member_id),
        indian(row.before_paise) if row.before_paise else "–",
        indian(row.regular_paise) if row.regular_paise else "–",
        indian(row.payable_paise),
        "; ".join(reasons_of(row, None, language)),
    ]
