"""Months of determination and completed years of age."""

import re
from dataclasses import dataclass
from datetime import date

from haqdar.base.refusal import WrongUsage


class BadMonth(WrongUsage):
    """The text is no month of the form YYYY-MM."""

    code = "bad_month"
    en = "'{text}' is no month; write it as year-month, for example 2016-10."
    hi = "'{text}' कोई महीना नहीं है; इसे वर्ष-महीना लिखें, जैसे 2016-10।"


@dataclass(frozen=True, order=True, slots=True)
class Month:
    """A calendar month; months compare by time.

    >>> Month.parse("2016-10").next()
    Month(year=2016, month=11)
    >>> str(Month(2016, 1).previous())
    '2015-12'
    """

    year: int
    month: int

    def __post_init__(self) -> None:
        if not (1 <= self.year <= 9999 and 1 <= self.month <= 12):
            raise BadMonth(text=f"{self.year}-{self.month:02d}")

    @classmethod
    def parse(cls, text: str) -> "Month":
        """The month written as YYYY-MM; raises `BadMonth`."""
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}", text):
            raise BadMonth(text=text)
        try:
            return cls(int(text[:4]), int(text[5:]))
        except BadMonth:
            raise BadMonth(text=text) from None

    @classmethod
    def of(cls, day: date) -> "Month":
        """The month that `day` lies in."""
        return cls(day.year, day.month)

    @property
    def first_day(self) -> date:
        """The first of the month, the day of determination."""
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        """The last day of the month."""
        return date.fromordinal(self.next().first_day.toordinal() - 1)

    def plus(self, months: int) -> "Month":
        """The month `months` later (earlier when negative)."""
        index = self.year * 12 + self.month - 1 + months
        return Month(index // 12, index % 12 + 1)

    def next(self) -> "Month":
        """The month after this one."""
        return self.plus(1)

    def previous(self) -> "Month":
        """The month before this one."""
        return self.plus(-1)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"


def completed_years(born_on: date, day: date) -> int:
    """Completed years of age on `day`; negative before the birth.

    A person born on 29 February completes a year on 1 March of a common year.

    >>> completed_years(date(1976, 2, 29), date(2015, 2, 28))
    38
    >>> completed_years(date(1976, 2, 29), date(2015, 3, 1))
    39
    """
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))
