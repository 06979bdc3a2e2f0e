"""What makes a scheme a benefit beside the pensions: who it is for, when it pays, and to whom the money goes.

    unit: person | couple | family        who has the right; one payment for each (default: person)
    pays: once | monthly | yearly         once after an event, or in the months listed (yearly: in the first of them)
    months: [7, 8, …]                     calendar months in which a periodic benefit pays
    on: {event: death, within_days: 365}  the event that a payment follows, and how late it may be reported
    payee: [spouse, child, …]             who is paid, the first of the list that lives (default: self)

A scheme without `pays` is a pension of a group, month by month.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeVar

from haqdar.base.month import Month
from haqdar.law.reading import Node, Problems

Unit = Literal["person", "couple", "family"]
Pays = Literal["once", "monthly", "yearly"]
Event = Literal["death", "birth", "marriage"]

_Word = TypeVar("_Word", bound=str)

UNITS: tuple[Unit, ...] = ("person", "couple", "family")
PAYS: tuple[Pays, ...] = ("once", "monthly", "yearly")
EVENTS: tuple[Event, ...] = ("death", "birth", "marriage")
PAYEES = ("self", "spouse", "child", "mother", "father", "sibling", "family")
"""Who may be paid; child, sibling and family only when grown up (18)."""

BENEFIT_KEYS = frozenset({"unit", "pays", "months", "on", "payee"})


@dataclass(frozen=True, slots=True)
class Benefit:
    """When and to whom a benefit pays. `event` and `within_days` are those of a one-time benefit, `months` of another."""

    unit: Unit
    pays: Pays
    event: Event | None
    within_days: int
    months: tuple[int, ...]
    payees: tuple[str, ...]

    def occasion_day(self, on: date) -> date | None:
        """The day of determination of the periodic payment that stands open on `on`; None where there is none.

        A yearly payment stays open until the next one, a monthly one for its month.

        >>> Benefit("family", "yearly", None, 0, (6,), ("self",)).occasion_day(date(2017, 3, 1))
        datetime.date(2016, 6, 1)
        """
        month = Month.of(on)
        if self.pays == "yearly":
            while month.first_day.month != self.months[0]:
                month = month.plus(-1)
            return month.first_day
        return month.first_day if self.pays == "monthly" and month.first_day.month in self.months else None


def benefit_of(root: Node, problems: Problems) -> Benefit | None:
    """The benefit that a scheme file declares; None for a pension, or with the problems noted."""
    pays = _one_of(root, "pays", PAYS, problems)
    if root.get("pays") is None:
        for key in sorted(BENEFIT_KEYS - {"pays"}):
            if root.get(key) is not None:
                problems.add(
                    root.keys[key],
                    f"'{key}' needs 'pays: once', 'monthly' or 'yearly' beside it",
                    f"'{key}' के साथ 'pays: once', 'monthly' या 'yearly' लिखें",
                )
        return None
    unit = _one_of(root, "unit", UNITS, problems) if root.get("unit") is not None else "person"
    if pays is None or unit is None:
        return None
    on = root.get("on")
    event: Event | None = None
    within = 0
    months: tuple[int, ...] = ()
    if pays == "once":
        event = _one_of(on, "event", EVENTS, problems) if on is not None else None
        days = on.get("within_days") if on is not None else None
        if event is None or days is None or not (days.text or "").isdigit():
            problems.add(
                on or root,
                "a benefit paid once must name its event: 'on: {event: death, within_days: 365}'",
                "एक बार मिलने वाली सहायता में घटना लिखें: 'on: {event: death, within_days: 365}'",
            )
            return None
        within = int(days.text or "")
    else:
        months = _months(root, problems)
        if on is not None:
            problems.add(on, "'on' goes with 'pays: once' alone", "'on' सिर्फ़ 'pays: once' के साथ चलता है")
        if not months:
            return None
    payees = _payees(root, problems)
    if event == "death" and "self" in payees:
        problems.add(
            root.get("payee") or root,
            "after a death the payee cannot be 'self': name the heirs in their order under 'payee'",
            "मृत्यु के बाद 'self' को भुगतान नहीं हो सकता: 'payee' में वारिस क्रम से लिखें",
        )
    return Benefit(unit, pays, event, within, months, payees)


def _one_of(node: Node, key: str, allowed: tuple[_Word, ...], problems: Problems) -> _Word | None:
    value = node.get(key)
    text = value.text if value is not None else None
    for word in allowed:
        if text == word:
            return word
    if value is not None:
        problems.add(
            value,
            f"'{key}' is '{text}'; allowed are {', '.join(allowed)}",
            f"'{key}' में '{text}' लिखा है; ये चल सकते हैं: {', '.join(allowed)}",
        )
    return None


def _months(root: Node, problems: Problems) -> tuple[int, ...]:
    node = root.get("months")
    found = (
        [int(item.text or "0") if (item.text or "").isdigit() else 0 for item in (node.items or ())]
        if node
        else []
    )
    if not found or any(not 1 <= number <= 12 for number in found) or len(set(found)) < len(found):
        problems.add(
            node or root,
            "a periodic benefit lists the months in which it pays: 'months: [6]', each from 1 to 12 and once",
            "नियमित सहायता के महीने लिखें: 'months: [6]', हर महीना 1 से 12 और एक ही बार",
        )
        return ()
    return tuple(found)


def _payees(root: Node, problems: Problems) -> tuple[str, ...]:
    node = root.get("payee")
    if node is None:
        return ("self",)
    words = [item.text or "" for item in node.items] if node.items is not None else [node.text or ""]
    for word in words:
        if word not in PAYEES:
            problems.add(
                node,
                f"'{word}' is no payee; allowed are {', '.join(PAYEES)}",
                f"'{word}' को भुगतान नहीं हो सकता; ये चल सकते हैं: {', '.join(PAYEES)}",
            )
    return tuple(dict.fromkeys(words))
