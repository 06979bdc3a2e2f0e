"""The reports on money as sheets: one shape for the page, the CSV and the paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from haqdar.access.actors import Actor
from haqdar.access.queries import Place
from haqdar.base.money import group_indian, indian, rupees
from haqdar.base.month import Month
from haqdar.payments import reports
from haqdar.payments.budget import year_text
from haqdar.payments.estimating import estimate
from haqdar.payments.models.oversight import BudgetEstimate
from haqdar.web import labels
from haqdar.web.citizen.asking import language_of_page
from haqdar.web.documents.typeset import set_pdf
from haqdar.web.templatetags.shown import day, month

MONTHLY = ("statement", "nsap")
YEARLY = ("utilisation", "estimate", "surrender")
REPORTS = (*MONTHLY, *YEARLY)

TEXT, CODE, NUMBER, MONEY, DAY = "text", "code", "number", "money", "day"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: what people read above it, the name in the CSV, and what its cells are."""

    title: str
    name: str
    kind: str = TEXT

    @property
    def is_number(self) -> bool:
        """Whether its cells stand to the right."""
        return self.kind in (NUMBER, MONEY)

    def shown(self, value: Any) -> str:
        """A cell as people read it."""
        if value is None or value == "":
            return "–"
        if self.kind == MONEY:
            return indian(value)
        if self.kind == NUMBER:
            return group_indian(value)
        return day(value) if self.kind == DAY else str(value)

    def plain(self, value: Any) -> object:
        """A cell of the CSV."""
        return rupees(value) if self.kind == MONEY and value is not None else value


@dataclass(frozen=True)
class Part:
    """One table of a sheet; `total` sums the columns that can be summed."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    empty: str
    total: Sequence[Any] = ()

    @property
    def shown(self) -> list[list[tuple[Column, str]]]:
        """The rows as people read them."""
        return [
            [(column, column.shown(value)) for column, value in zip(self.columns, row, strict=True)]
            for row in self.rows
        ]

    @property
    def shown_total(self) -> list[tuple[Column, str]]:
        """The line of sums as people read it; empty where there is none."""
        return [
            (column, "" if value is None else column.shown(value))
            for column, value in zip(self.columns, self.total, strict=False)
        ]


@dataclass(frozen=True)
class Sheet:
    """A report: what it is about, its tables, what is certified below them, and who signs."""

    slug: str
    title: str
    about: Sequence[tuple[str, str]]
    parts: Sequence[Part]
    words: Sequence[str] = ()
    signatures: Sequence[str] = field(default_factory=tuple)
    period: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to report."""
        return not any(part.rows for part in self.parts)


def summed(columns: Sequence[Column], rows: Sequence[Sequence[Any]]) -> list[Any]:
    """The line of sums: what can be summed is, the first cell says so, the rest is empty."""
    if not rows:
        return []
    sums: list[Any] = [
        # what no row knows has no sum
        sum(row[place] or 0 for row in rows)
        if column.is_number and any(row[place] is not None for row in rows)
        else None
        for place, column in enumerate(columns)
    ]
    sums[0] = _("Together")
    return sums


def sheet(
    actor: Actor, slug: str, here: Place, chosen: date | None, year: int | None, component: str
) -> Sheet | None:
    """The report `slug` of a month or of a budget year; None while there is nothing to report of."""
    if slug in MONTHLY:
        if chosen is None:
            return None
        return _statement(actor, here, chosen) if slug == "statement" else _nsap(actor, here, chosen)
    if year is None:
        return None
    if slug == "utilisation":
        return _utilisation(actor, here, year, component)
    return _surrender(actor, year) if slug == "surrender" else _estimate(actor, year)


def pdf(found: Sheet, here: Place) -> bytes:
    """The report on paper, to be signed."""
    language = language_of_page()
    data = {
        "language": language,
        "flipped": any(len(part.columns) > 5 for part in found.parts),
        "title": found.title,
        "head": here.name(language),
        "foot": _("Made on %(day)s") % {"day": day(timezone.localdate())},
        "about": list(found.about),
        "sections": [
            {
                "title": part.title,
                "columns": [column.title for column in part.columns],
                "widths": _widths(part),
                "right": [place for place, column in enumerate(part.columns) if column.is_number],
                "rows": [
                    [text for _column, text in row]
                    for row in [*part.shown, *([part.shown_total] if part.total else [])]
                ],
                "empty": part.empty,
                "total": "",
            }
            for part in found.parts
        ],
        "notes": list(found.words),
        "signatures": list(found.signatures),
    }
    return set_pdf("lists.typ", data, timezone.now())


_SHORT = 16
"""Signs up to which a column of words needs no share of what the others leave."""


def _widths(part: Part) -> list[str]:
    """Long words share the page's width; numbers, codes and short words take what they need."""
    longest = [
        max((len(row[place][1]) for row in part.shown), default=0) for place in range(len(part.columns))
    ]
    return [
        "1fr" if column.kind == TEXT and (length > _SHORT or not length) else "auto"
        for column, length in zip(part.columns, longest, strict=True)
    ]


def _names(on: date) -> dict[str, str]:
    return labels.scheme_names(translation.get_language() or "hi", on)


def _statement(actor: Actor, here: Place, chosen: date) -> Sheet:
    names = _names(chosen)
    columns = [
        Column(_("Head of account"), "head", CODE),
        Column(_("Pension"), "scheme"),
        Column(_("Bills"), "bills", NUMBER),
        Column(_("Drawn"), "drawn", MONEY),
        Column(_("Passed with a voucher"), "passed", MONEY),
        Column(_("Credited"), "credited", MONEY),
        Column(_("Came back"), "returned", MONEY),
        Column(_("Still to be credited"), "to_come", MONEY),
        Column(_("Passed in the year"), "passed_in_year", MONEY),
        Column(_("Allotted for the year"), "allotted", MONEY),
        Column(_("Available"), "available", MONEY),
    ]
    rows = [
        (
            row.head, names.get(row.scheme, row.scheme), row.bills, row.drawn, row.passed, row.credited, row.back, row.to_come,
            row.year_passed, row.allotted, row.available,
        )
        for row in reports.month_by_head(actor, chosen)
    ]  # fmt: skip
    return Sheet(
        "statement",
        _("Month-end statement by head of account"),
        [
            (_("Payments of"), month(chosen)),
            (_("Budget year"), year_text(reports.year_of(chosen))),
            (_("Of"), here.name(language_of_page())),
        ],
        [Part(_("By head of account"), columns, rows, _NOTHING(), summed(columns, rows))],
        [_("The budget is one pool of the State; what is available is the same for every drawing officer.")],
        [_("Prepared by"), _("Drawing and disbursing officer")],
        str(Month.of(chosen)),
    )


def _nsap(actor: Actor, here: Place, chosen: date) -> Sheet:
    names = _names(chosen)
    own, areas = reports.monthly_progress(actor, chosen, here)
    counted = [
        Column(_("People"), "persons", NUMBER),
        Column(_("New"), "new", NUMBER),
        Column(_("Ended"), "ended", NUMBER),
        Column(_("Women"), "women", NUMBER),
        Column(_("Scheduled castes"), "sc", NUMBER),
        Column(_("Scheduled tribes"), "st", NUMBER),
        Column(_("80 or older"), "aged_80", NUMBER),
        Column(_("Due"), "due", MONEY),
        Column(_("Credited"), "credited", MONEY),
        Column(_("Came back"), "returned", MONEY),
        Column(_("Credited in the year"), "credited_in_year", MONEY),
    ]

    def cells(one: reports.Progress) -> tuple[Any, ...]:
        return (
            one.persons, one.new, one.ended, one.women, one.sc, one.st, one.aged_80, one.due, one.credited, one.back,
            one.year_credited,
        )  # fmt: skip

    of_scheme = [Column(_("Pension"), "scheme"), *counted]
    of_area = [Column(_("Area"), "area"), *counted]
    language = language_of_page()
    rows = [(names.get(one.scheme, one.scheme), *cells(one)) for one in own]
    below = [(place.name(language), *cells(one)) for place, one in areas]
    return Sheet(
        "nsap",
        _("Monthly progress report, National Social Assistance Programme"),
        [
            (_("Payments of"), month(chosen)),
            (_("Of"), here.name(language)),
        ],
        [
            Part(_("By pension"), of_scheme, rows, _NOTHING(), summed(of_scheme, rows)),
            Part(_("By area"), of_area, below, _("No area lies below this one."), summed(of_area, below)),
        ],
        [
            _(
                "People: those with a regular due in the month. New and ended: against the month before, once the month is closed."
            ),
            _("Category, sex and age are those of the registers on the day of this report's sums."),
        ],
        [_("Prepared by"), _("Nodal officer, NSAP")],
        str(Month.of(chosen)),
    )


def _utilisation(actor: Actor, here: Place, year: int, component: str) -> Sheet:
    found = reports.utilisation(actor, year, component)
    _first, last = reports.months_of(year)
    names = _names(found.to or last)

    def named(scheme: str, share: str) -> str:
        said = labels.label("component", share) if share else "–"
        return f"{names.get(scheme, scheme)}, {said}"

    orders = [
        Column(_("Order"), "order_no"),
        Column(_("Entered on"), "entered_on", DAY),
        Column(_("For"), "for"),
        Column(_("Kind"), "kind"),
        Column(_("Amount"), "amount", MONEY),
    ]
    given = [
        (one.order_no, one.made_on, named(one.scheme, one.component), labels.label("grant_kind", one.kind), one.paise)
        for one in found.grants
    ]  # fmt: skip
    columns = [
        Column(_("For"), "for"),
        Column(_("Granted"), "granted", MONEY),
        Column(_("Passed with a voucher"), "passed", MONEY),
        Column(_("Credited to people"), "credited", MONEY),
        Column(_("On its way or come back"), "open", MONEY),
        Column(_("Surrendered"), "surrendered", MONEY),
        Column(_("Unspent"), "unspent", MONEY),
    ]
    rows = [
        (named(one.scheme, one.component), one.granted, one.passed, one.credited, one.open, one.surrendered, one.unspent)
        for one in found.used
    ]  # fmt: skip
    granted, credited, unspent = (
        sum(getattr(one, name) for one in found.used) for name in ("granted", "credited", "unspent")
    )
    surrendered = sum(one.surrendered for one in found.used)
    return Sheet(
        "utilisation",
        _("Utilisation certificate"),
        [
            (_("Budget year"), year_text(year)),
            (_("Up to the payments of"), month(found.to) if found.to else "–"),
            (_("Share"), labels.label("component", component) if component else _("all")),
            (_("Of"), here.name(language_of_page())),
        ],
        [
            Part(
                _("Orders that gave or took money"), orders, given, _("No order was entered for this year.")
            ),
            Part(_("Use"), columns, rows, _NOTHING(), summed(columns, rows)),
        ],
        [
            _(
                "Certified that of %(granted)s granted in the year %(year)s a sum of %(credited)s was used for the purpose for which it"
                " was sanctioned, by credit to the accounts of the people entitled; %(surrendered)s was surrendered and %(unspent)s is unspent."
            )
            % {
                "granted": indian(granted),
                "year": year_text(year),
                "credited": indian(credited),
                "surrendered": indian(surrendered),
                "unspent": indian(unspent),
            },
            _(
                "Checked: bills against sanction orders, vouchers of the treasury, answers of the banks for each credit, and samples"
                " of the auditor."
            ),
        ]
        if rows
        else [],
        [_("Drawing and disbursing officer"), _("Head of the department")],
        str(year),
    )


def _surrender(actor: Actor, year: int) -> Sheet:
    to, found = reports.savings(actor, year)
    _first, last = reports.months_of(year)
    names = _names(to or last)
    columns = [
        Column(_("Head of account"), "head", CODE),
        Column(_("Pension"), "scheme"),
        Column(_("Allotted"), "allotted", MONEY),
        Column(_("Surrendered"), "surrendered", MONEY),
        Column(_("Taken by bills"), "taken", MONEY),
        Column(_("Available"), "available", MONEY),
        Column(_("Needed until the end of the year"), "needed", MONEY),
        Column(_("To surrender"), "to_surrender", MONEY),
        Column(_("Short"), "short", MONEY),
    ]
    rows = [
        (
            one.head, names.get(one.scheme, one.scheme), one.allotted, one.surrendered, one.taken, one.available, one.needed,
            one.to_surrender, one.short,
        )
        for one in found
    ]  # fmt: skip
    left = found[0].months_left if found else 0
    return Sheet(
        "surrender",
        _("Surrender statement"),
        [
            (_("Budget year"), year_text(year)),
            (_("Bills counted up to"), month(to) if to else "–"),
            (_("Months left in the year"), group_indian(left)),
        ],
        [Part(_("By head of account"), columns, rows, _NOTHING(), summed(columns, rows))],
        [
            _(
                "Needed: the months left, each at the regular bills of the latest month. Bills not yet sanctioned count as taken."
            )
        ],
        [_("Prepared by"), _("Head of the department")],
        str(year),
    )


def _estimate(actor: Actor, year: int) -> Sheet:
    found: list[BudgetEstimate] = estimate(actor, year)
    names = _names(found[0].based_on.month if found else reports.months_of(year)[1])
    columns = [
        Column(_("Head of account"), "head", CODE),
        Column(_("Pension"), "scheme"),
        Column(_("People now"), "persons_now", NUMBER),
        Column(_("A month now"), "month_now", MONEY),
        Column(_("Change by the forecast"), "change"),
        Column(_("Estimate for the year"), "estimate", MONEY),
    ]
    rows = [
        (one.head, names.get(one.scheme, one.scheme), one.persons_now, one.paise_now, percent(one.growth_ppm), one.paise_year)
        for one in found
    ]  # fmt: skip
    about = [(_("Budget year"), year_text(year))]
    if found:
        about += [
            (_("From the payments of"), month(found[0].based_on.month)),
            (_("Worked out on"), day(timezone.localtime(found[0].made_at).date())),
        ]
    return Sheet(
        "estimate",
        _("Budget estimate"),
        about,
        [Part(_("By head of account"), columns, rows, _("The estimate is worked out by itself after each month's run."), summed(columns, rows))],
        [
            _("Twelve months at the regular dues of the latest month, moved by the forecast of each pension: people grow older, some die,"
              " some become widows, and the amounts of the law already decided hold from their day. Rounded up to a thousand rupees."),
        ],
        [_("Prepared by"), _("Head of the department")],
        str(year),
    )  # fmt: skip


def percent(ppm: int) -> str:
    """A change in millionths of the whole as people read it.

    >>> percent(1_034_000), percent(987_500)
    ('+3.4 %', '-1.2 %')
    """
    tenths = abs(ppm - 1_000_000) // 1000
    return f"{'-' if ppm < 1_000_000 else '+'}{tenths // 10}.{tenths % 10} %"


def _NOTHING() -> str:  # a word, not an act
    return _("Nothing to report yet: the lines appear with the first bills.")
