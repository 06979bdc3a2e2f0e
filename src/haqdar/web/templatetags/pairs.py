"""How pairs of records are written for people."""

from typing import Any

from django import template

from haqdar.web.desk import pair_rows

register = template.Library()


@register.filter
def odds(weight: float) -> int:
    """How many to one the evidence speaks for one person; negative: for two people."""
    return pair_rows.odds(weight)


@register.filter
def opposite(many: int) -> int:
    """The number without its sign."""
    return -many


@register.filter
def both(line: Any) -> tuple[Any, Any]:
    """The two people of a line."""
    return line.first, line.second
