"""The sum that `citizen/robot_check.html` gives to the phone."""

import json

from django import template

from haqdar.web.robot import challenge

register = template.Library()


@register.simple_tag
def robot_challenge() -> str:
    """A fresh challenge as JSON, for the script to work out."""
    return json.dumps(challenge())
