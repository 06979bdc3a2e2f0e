"""The receipt of an application: Hindi and English on one page, with a QR code to its public page."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import segno
from django.utils import translation
from django.utils.translation import gettext as _

from haqdar.cases.clock import service_on
from haqdar.cases.models import Case
from haqdar.cases.offices import office_of
from haqdar.law import day_text
from haqdar.registry.models import Document
from haqdar.web.documents.typeset import set_pdf
from haqdar.web.labels import scheme_name


def receipt_pdf(case: Case, papers: Sequence[Document], address: str) -> bytes:
    """The receipt as PDF/A; `address` goes into the QR code. No name, no member ID: a receipt is shown around."""
    data = {
        "parts": [receipt_words(case, papers, language, address) for language in ("hi", "en")],
        "qr": _qr(address),
    }
    return set_pdf("receipt.typ", data, case.opened_at)


def receipt_words(case: Case, papers: Sequence[Document], language: str, address: str) -> dict[str, Any]:
    """What the receipt says in one language."""
    service = service_on(case.service, case.kind, case.opened_on)
    with translation.override(language):
        names = service.documents if service is not None else {}
        given = [names[one.kind].in_language(language) for one in papers if one.kind in names]
        due = day_text(case.due_on).in_language(language) if case.due_on else "–"
        rows = [
            (_("Number"), case.number),
            (_("Received on"), day_text(case.opened_on).in_language(language)),
            (_("Pension"), scheme_name(case.scheme, language)),
            (_("Papers handed in"), ", ".join(given) or "–"),
            *([(_("Mobile for messages"), f"•••• {case.contact_last4}")] if case.contact_last4 else []),
            (_("Decided by"), office_of(case.area_code, "case.sanction").name(language)),
            (_("Not later than"), due),
        ]
        first = service.first_appeal if service is not None else None
        steps = [
            _("An officer checks the papers and may visit you. You pay nothing to anybody."),
            _("You get a message at every step, and an order with the reason at the end."),
        ]
        if first is not None:
            steps.append(
                _("Late or refused? Appeal free of charge within %(days)d days: %(office)s.")
                % {"days": first.file_within, "office": first.post.name.in_language(language)}
            )
        return {
            "language": language,
            "title": _("Receipt of your application"),
            "rows": rows,
            "next_title": _("What happens next"),
            "steps": steps,
            "follow": _("Follow it with this code or number:"),
            "address": address,
            "service": service.source.in_language(language) if service is not None else "",
            "help": _("Help by phone: 181, free of charge"),
        }


def _qr(address: str) -> str:
    out = io.BytesIO()
    segno.make(address, error="m").save(out, kind="svg", border=0, xmldecl=False, svgns=True)
    return out.getvalue().decode()
