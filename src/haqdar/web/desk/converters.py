"""What stands in an address for a value: import it before the addresses that use it."""

from django.urls import register_converter

from haqdar.base.month import Month
from haqdar.base.refusal import Refusal


class MonthConverter:
    """A month in an address: 2016-10."""

    regex = "[0-9]{4}-[0-9]{2}"

    def to_python(self, value: str) -> Month:
        """The month; a text that is none is no page."""
        try:
            return Month.parse(value)
        except Refusal as problem:
            raise ValueError(str(problem)) from problem

    def to_url(self, value: Month | str) -> str:
        """The month as text."""
        return str(value)


register_converter(MonthConverter, "month")
