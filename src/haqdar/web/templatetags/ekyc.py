"""Whether a person's identity is verified, for the pages that show a person."""

from django import template

from haqdar.identity.ekyc.verified import verified_of as _verified_of
from haqdar.identity.models import Verified

register = template.Library()


@register.simple_tag
def verified_of(member_id: int) -> Verified | None:
    """The verification in force; the page has checked who may see the person."""
    return _verified_of(member_id)
