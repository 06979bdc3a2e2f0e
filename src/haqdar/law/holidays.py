"""Days on which the State's offices are closed, and counting days with and without them: law/<state>/holidays.yaml."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from haqdar.law.dated import Dated, dated_of
from haqdar.law.reading import Node, Problems, as_date
from haqdar.law.texts import Text, text_of

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ORDINALS = ("first", "second", "third", "fourth", "fifth")

#: Longest span counted day by day: beyond it a limit is no limit of a service but a mistake.
LONGEST = 4000


@dataclass(frozen=True, slots=True)
class WeeklyOff:
    """A weekday that is off: every one of the month, or only the `places` named (1 for the first)."""

    weekday: int
    places: frozenset[int]

    def falls_on(self, day: date) -> bool:
        """Whether `day` is one of them."""
        return day.weekday() == self.weekday and (not self.places or (day.day - 1) // 7 + 1 in self.places)


@dataclass(frozen=True)
class Holidays:
    """The State's holiday calendar.

    `weekly` are the weekly days off by date, `yearly` the days that are off every year (month, day), `gazetted` single dates
    by year. `listed` are the years whose single dates were entered: counting working days in another year is less exact, and
    `missing` says so.
    """

    weekly: Dated[tuple[WeeklyOff, ...]]
    yearly: tuple[tuple[tuple[int, int], Text], ...]
    gazetted: dict[date, Text]
    listed: frozenset[int]
    _fixed: frozenset[tuple[int, int]] = field(default=frozenset(), repr=False)

    def why_closed(self, day: date) -> Text | None:
        """The name of the holiday on `day`, the weekday's for a weekly off; None on a working day."""
        if day in self.gazetted:
            return self.gazetted[day]
        if (day.month, day.day) in self._fixed:
            return next(name for when, name in self.yearly if when == (day.month, day.day))
        if any(off.falls_on(day) for off in self.weekly.at(day) or ()):
            return _WEEKDAY_NAMES[day.weekday()]
        return None

    def is_working(self, day: date) -> bool:
        """Whether offices are open on `day`."""
        return self.why_closed(day) is None

    def after(self, day: date, days: int, working: bool) -> date:
        """The last day of a limit of `days` that begins to run on the day after `day`.

        Of `working` days only those on which offices are open count. A limit of 0 days ends on `day` itself.
        Raises ValueError for a negative limit, and where offices never open.
        """
        if days < 0:
            raise ValueError(f"a limit of {days} days")
        if not working:
            return day + timedelta(days=days)
        at, left = day, days
        for _ in range(LONGEST):
            if not left:
                return at
            at += timedelta(days=1)
            left -= self.is_working(at)
        raise ValueError(f"{days} working days do not fit into {LONGEST} days from {day}")

    def between(self, since: date, until: date, working: bool) -> int:
        """How many days of a limit have run from `since` (not counted) to `until` (counted); 0 where `until` is earlier."""
        span = (until - since).days
        if span <= 0:
            return 0
        if not working:
            return span
        return sum(self.is_working(since + timedelta(days=n)) for n in range(1, span + 1))

    def missing(self, since: date, until: date) -> tuple[int, ...]:
        """The years touched by the span whose single dates nobody has entered."""
        return tuple(year for year in range(since.year, until.year + 1) if year not in self.listed)


_WEEKDAY_NAMES = (
    Text("Monday", "सोमवार"),
    Text("Tuesday", "मंगलवार"),
    Text("Wednesday", "बुधवार"),
    Text("Thursday", "गुरुवार"),
    Text("Friday", "शुक्रवार"),
    Text("Saturday", "शनिवार"),
    Text("Sunday", "रविवार"),
)

NO_HOLIDAYS = Holidays(Dated(()), (), {}, frozenset())
"""The calendar of a law that has none: every day counts."""


def holidays_of(root: Node, problems: Problems) -> Holidays:
    """The calendar in holidays.yaml."""
    empty = Node(root.file, root.line)
    start_node = (root.get("holds") or empty).get("from")
    start = as_date(start_node) if start_node is not None else None
    if start is None:
        problems.add(root, "'holds: {from: YYYY-MM-DD}' is missing", "'holds: {from: YYYY-MM-DD}' नहीं है")
        start = date(1950, 1, 26)

    def read_weekly(node: Node) -> tuple[WeeklyOff, ...] | None:
        found = []
        for item in node.items or []:
            off = _weekly_off(item.text or "")
            if off is None:
                problems.add(
                    item,
                    f"'{item.text}' in 'weekly_off' is no weekday; write sunday, or second saturday",
                    f"'weekly_off' में '{item.text}' कोई दिन नहीं है; sunday या second saturday जैसा लिखें",
                )
            else:
                found.append(off)
        if {off.weekday for off in found if not off.places} == set(range(7)):
            problems.add(
                node,
                "'weekly_off' closes the offices on all days",
                "'weekly_off' से दफ़्तर हर दिन बंद हो जाते हैं",
            )
            return None
        return tuple(found)

    weekly_node = root.get("weekly_off")
    if weekly_node is None:
        problems.add(root, "the key 'weekly_off' is missing", "कुंजी 'weekly_off' नहीं है")
        weekly: Dated[tuple[WeeklyOff, ...]] = Dated(())
    else:
        weekly = dated_of(weekly_node, start, read_weekly, problems, "weekly_off")
    yearly = []
    for key, entry in (root.get("every_year") or empty).pairs():
        day = as_date(entry, f"2000-{key}")
        if day is None:
            problems.add(
                entry,
                f"'{key}' in 'every_year' is no day (MM-DD)",
                f"'every_year' में '{key}' तारीख (MM-DD) नहीं है",
            )
        else:
            yearly.append(((day.month, day.day), text_of(entry, entry, f"the holiday {key}", problems)))
    gazetted: dict[date, Text] = {}
    listed = set()
    for key, entry in (root.get("years") or empty).pairs():
        if not (key.isdigit() and len(key) == 4):
            problems.add(entry, f"'{key}' in 'years' is no year", f"'years' में '{key}' कोई वर्ष नहीं है")
            continue
        listed.add(int(key))
        for when, named in entry.pairs():
            day = as_date(named, f"{key}-{when}")
            if day is None:
                problems.add(
                    named, f"'{when}' in {key} is no day (MM-DD)", f"{key} में '{when}' तारीख (MM-DD) नहीं है"
                )
            else:
                gazetted[day] = text_of(named, named, f"the holiday {key}-{when}", problems)
    return Holidays(weekly, tuple(yearly), gazetted, frozenset(listed), frozenset(when for when, _ in yearly))


def _weekly_off(text: str) -> WeeklyOff | None:
    """A weekday ("sunday"), or one of its places in the month ("second saturday")."""
    words = text.lower().split()
    if len(words) == 1 and words[0] in WEEKDAYS:
        return WeeklyOff(WEEKDAYS.index(words[0]), frozenset())
    if len(words) == 2 and words[0] in _ORDINALS and words[1] in WEEKDAYS:
        return WeeklyOff(WEEKDAYS.index(words[1]), frozenset({_ORDINALS.index(words[0]) + 1}))
    return None
