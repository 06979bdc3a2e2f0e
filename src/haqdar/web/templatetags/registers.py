"""What pages about register changes show of one word or person."""

from django import template

from haqdar.registry.arrangements import Arrangement, arrangement_of
from haqdar.registry.entries import Somebody, people
from haqdar.web import labels

register = template.Library()


@register.filter
def register_outcome(code: str | None) -> str:
    """How a proposal stands: its outcome, or that it waits."""
    return str(labels.LABELS["register_outcome"].get(code or "", code or ""))


@register.simple_tag
def receiver_of(member_id: int) -> tuple[Arrangement, Somebody] | None:
    """Who receives a person's money by the latest arrangement, and the arrangement."""
    arrangement = arrangement_of(member_id)
    if arrangement is None:
        return None
    found = people([arrangement.receiver_id]).get(arrangement.receiver_id)
    return (arrangement, found) if found is not None else None
