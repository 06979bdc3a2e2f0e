"""Lists on paper: what is read out at the Gram Sabha, and the sheets of a social audit. In Hindi unless asked otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from haqdar.access.queries import Place
from haqdar.base.money import group_indian, indian
from haqdar.payments.models.scrutiny import SocialAudit, SocialAuditEntry
from haqdar.payments.scrutiny import QUESTIONS, List, Listed
from haqdar.registry.entries import Somebody
from haqdar.web import labels
from haqdar.web.documents.typeset import set_pdf
from haqdar.web.templatetags.shown import day, ending, month


def gram_sabha_pdf(entries: List, here: Place, language: str) -> bytes:
    """The list of a panchayat with lines for the meeting and its signatures; member numbers are masked."""
    with translation.override(language):
        names = labels.scheme_names(language, entries.month)
        columns = [
            _("No."),
            _("Name"),
            _("Father or husband"),
            _("Member ID"),
            _("Pension"),
            _("A month"),
            _("Since"),
        ]
        widths = ["auto", "1.3fr", "1.2fr", "auto", "2fr", "auto", "auto"]

        def section(title: str, rows: Sequence[Listed], empty: str) -> dict[str, Any]:
            paise = sum(row.paise for row in rows)
            return {
                "title": title,
                "columns": columns,
                "widths": widths,
                "right": [0, 5],
                "rows": [_line(number, row, names) for number, row in enumerate(rows, 1)],
                "empty": empty,
                "total": _("%(number)s entries, %(amount)s a month together")
                % {"number": group_indian(len(rows)), "amount": indian(paise)}
                if rows
                else "",
            }

        place = f"{labels.label('kind', here.kind)} {here.name(language)}"
        data = {
            "language": language,
            "flipped": False,
            "title": _("List for the Gram Sabha"),
            "head": place,
            "foot": _("Printed on %(day)s. Objections are recorded; they stop no money by themselves.")
            % {"day": day(timezone.localdate())},
            "about": [
                (_("Place"), place),
                (_("Payments of"), month(entries.month) if entries.month else "–"),
                (_("Meeting held on"), "…………………………"),
                (_("Meeting no."), "…………………………"),
                (_("People present"), "…………………………"),
            ],
            "sections": [
                section(_("Who is paid"), entries.payees, _("Nobody is paid here.")),
                section(_("Proposed starts"), entries.starts, _("Nobody is proposed.")),
            ],
            "notes": [
                _("Objections heard at the meeting:"),
                "……………………………………………………………………………………………………………………………………",
                "……………………………………………………………………………………………………………………………………",
            ],
            "signatures": [_("Sarpanch"), _("Secretary"), _("For the people present")],
        }
        return set_pdf("lists.typ", data, timezone.now())


def audit_pdf(
    audit: SocialAudit,
    entries: Sequence[SocialAuditEntry],
    persons: dict[int, Somebody],
    here: Place,
    run_month: date,
    language: str,
) -> bytes:
    """The sheet of a sample: a line for each person with boxes for the four answers."""
    with translation.override(language):
        names = labels.scheme_names(language, run_month)
        asked = [labels.label("asked", question) for question in QUESTIONS]
        boxes = f"☐ {_('Yes')}  ☐ {_('No')}"
        rows = []
        for entry in entries:
            one = persons.get(entry.member_id)
            where = (one.area_hi or one.area_en if language == "hi" else one.area_en) if one else ""
            rows.append(
                [
                    str(entry.serial),
                    f"{_named(one, language)}, {where}",
                    ending(entry.member_id),
                    names.get(entry.scheme, entry.scheme),
                    indian(entry.paise),
                    *[boxes] * len(QUESTIONS),
                    "",
                ]
            )
        place = f"{labels.label('kind', here.kind)} {here.name(language)}"
        data = {
            "language": language,
            "flipped": True,
            "title": _("Social audit: sheet for visits"),
            "head": place,
            "foot": _("Drawn by lot with the seed %(seed)s. Answers stop no money by themselves.")
            % {"seed": audit.seed},
            "about": [
                (_("Place"), place),
                (_("Payments of"), month(run_month)),
                (_("Drawn on"), day(timezone.localtime(audit.drawn_at).date())),
                (
                    _("Rule"),
                    _("%(percent)s %% of the payees of each pension, at least %(least)s")
                    % {"percent": audit.percent, "least": audit.least},
                ),
            ],
            "sections": [
                {
                    "title": _("People to visit"),
                    "columns": [
                        _("No."),
                        _("Name and place"),
                        _("Member ID"),
                        _("Pension"),
                        _("A month"),
                        *asked,
                        _("Notes"),
                    ],
                    "widths": ["auto", "1.5fr", "auto", "1.5fr", "auto", "1fr", "1fr", "1fr", "1fr", "1.2fr"],
                    "right": [0, 4],
                    "rows": rows,
                    "empty": _("Nobody of this sample lives in your area."),
                    "total": "",
                }
            ],
            "notes": [],
            "signatures": [_("Visited by"), _("Secretary"), _("Member of the audit committee")],
        }
        return set_pdf("lists.typ", data, audit.drawn_at)


def _line(number: int, row: Listed, names: dict[str, str]) -> list[str]:
    language = translation.get_language() or "hi"
    return [
        str(number),
        _named(row.person, language),
        _named(row.relative, language),
        ending(row.person.member_id),
        names.get(row.scheme, row.scheme),
        indian(row.paise),
        day(row.since) if row.since else "–",
    ]


def _named(one: Somebody | None, language: str) -> str:
    if one is None:
        return "–"
    return (one.name_hi or one.name_en) if language == "hi" else one.name_en
