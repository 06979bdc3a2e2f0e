"""A passbook in words: months, dues, what became of each, and totals; for the page, the PDF and officers alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from django.utils.translation import gettext as _

from haqdar.base.money import indian
from haqdar.payments.passbook import ON_ITS_WAY, PassbookRow, Step
from haqdar.web import labels
from haqdar.web.documents.typeset import set_pdf
from haqdar.web.templatetags.shown import day as day_shown
from haqdar.web.templatetags.shown import member as member_shown
from haqdar.web.templatetags.shown import month as month_shown

MONTHS = 12


@dataclass(frozen=True)
class Due:
    """One line: what it is, how much (paise, negative for a recovery), why, what became of it, and details.

    `paid` is what has come to its end, `on_its_way` what goes on by itself; for anything else somebody must do something.
    """

    title: str
    paise: int
    why: str
    state: str
    paid: bool
    details: tuple[str, ...]
    on_its_way: bool = False
    steps: tuple[str, ...] = ()


@dataclass(frozen=True)
class MonthOfDues:
    """What was settled with one month; `paid_paise` is what reached the account or is on its way there."""

    month: date
    paid_paise: int
    dues: tuple[Due, ...]


@dataclass(frozen=True)
class Passbook:
    """The latest twelve months, everything before, and sums over all of it in paise."""

    recent: tuple[MonthOfDues, ...]
    before: tuple[MonthOfDues, ...]
    credited_paise: int
    coming_paise: int
    kept_paise: int
    unpaid_paise: int
    owed_paise: int


def passbook_words(rows: list[PassbookRow], language: str) -> Passbook:
    """The rows of `payments.passbook` as sentences in `language`."""
    months = [
        MonthOfDues(
            month,
            sum(row.payable_paise for row in own if row.state in ("credited", *ON_ITS_WAY)),
            tuple(_due(row, language) for row in own),
        )
        for month, group in groupby(rows, key=lambda row: row.month)
        for own in [list(group)]
    ]
    first = _months_back(months[0].month) if months else date.min
    return Passbook(
        recent=tuple(month for month in months if month.month >= first),
        before=tuple(month for month in months if month.month < first),
        credited_paise=sum(row.payable_paise for row in rows if row.state == "credited"),
        coming_paise=sum(row.payable_paise for row in rows if row.state in ON_ITS_WAY),
        kept_paise=sum(row.withheld_paise for row in rows if row.kind != "recovery"),
        unpaid_paise=sum(
            row.paise - row.withheld_paise
            for row in rows
            if row.kind != "recovery" and row.state not in ("credited", "withheld", *ON_ITS_WAY)
        ),
        owed_paise=sum(row.outstanding_paise for row in rows),
    )


def passbook_pdf(
    rows: list[PassbookRow], name: str, member_id: int, place: str, language: str, at: datetime
) -> bytes:
    """The passbook as PDF/A in `language`, made at `at`."""
    book = passbook_words(rows, language)
    data = {
        "language": language,
        "title": _("Passbook"),
        "name": name,
        "member_label": _("Member ID"),
        "member": member_shown(member_id),
        "place": place,
        "made": _("As of %(day)s") % {"day": day_shown(at.date())},
        "empty": _("Nothing was ever due to this person."),
        "sheet": _("Page"),
        "help": _("Something is wrong? Ask at your panchayat or town office, or call 181."),
        "totals": [
            (_("Credited to the account in all"), indian(book.credited_paise)),
            (_("On its way to the account"), indian(book.coming_paise)),
            (_("Kept back for over-payments"), indian(book.kept_paise)),
            (_("Owed but not yet paid"), indian(book.unpaid_paise)),
            (_("Over-payment still to be recovered"), indian(book.owed_paise)),
        ],
        "heads": [_("What for"), _("Amount"), _("What became of it")],
        "months": [
            {
                "month": month_shown(month.month),
                "sum": indian(month.paid_paise),
                "dues": [
                    {
                        "title": due.title,
                        "why": due.why,
                        "amount": indian(due.paise),
                        "state": due.state,
                        "details": [*due.details, *due.steps],
                    }
                    for due in month.dues
                ],
            }
            for month in (*book.recent, *book.before)
        ],
    }
    return set_pdf("passbook.typ", data, at)


def _due(row: PassbookRow, language: str) -> Due:
    hindi = language == "hi"
    details = []
    if row.withheld_paise:
        said = _("recovered so far: %(amount)s") if row.kind == "recovery" else _("kept back: %(amount)s")
        details.append(said % {"amount": indian(row.withheld_paise)})
    if row.recalled_paise:
        details.append(_("given back by the bank: %(amount)s") % {"amount": indian(row.recalled_paise)})
    if row.written_off_paise:
        details.append(_("given up by an order: %(amount)s") % {"amount": indian(row.written_off_paise)})
    if row.payable_paise and row.payable_paise != row.paise:
        said = _("paid: %(amount)s") if row.state == "credited" else _("to be paid: %(amount)s")
        details.append(said % {"amount": indian(row.payable_paise)})
    if row.payable_paise and row.account_last4:
        details.append(_("account ending in %(digits)s") % {"digits": row.account_last4})
    if row.bill_numbers:
        details.append(_("bill %(numbers)s") % {"numbers": ", ".join(row.bill_numbers)})
    # before it was sent, no bank knows it
    if row.reference and any(step.kind == "sent" for step in row.steps):
        details.append(_("bank reference %(reference)s") % {"reference": row.reference})
    kind = row.kind_hi if hindi else row.kind_en
    return Due(
        title=kind if row.kind == "compensation" else f"{kind}: {labels.scheme_name(row.scheme, language)}",
        paise=row.paise,
        why=row.reason_hi if hindi else row.reason_en,
        state=row.state_hi if hindi else row.state_en,
        paid=row.state in ("credited", "recovered", "given_up", "withheld"),
        details=tuple(details),
        on_its_way=row.state in ON_ITS_WAY,
        steps=tuple(_step(step, language) for step in row.steps),
    )


def _step(step: Step, language: str) -> str:
    """One step with its day, and the message that was sent about it."""
    said = f"{day_shown(step.on)}: {step.words(language)}" if step.on else step.words(language)
    if step.told_on is None:
        return said
    told = _("message sent on %(day)s to the mobile ending in %(digits)s")
    return f"{said}; {told % {'day': day_shown(step.told_on), 'digits': step.told_last4}}"


def _months_back(newest: date) -> date:
    """The first of the twelve months that end with `newest`."""
    number = newest.year * 12 + newest.month - MONTHS
    return date(number // 12, number % 12 + 1, 1)
