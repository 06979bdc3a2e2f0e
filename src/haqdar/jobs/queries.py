"""Reads of the work under way."""

from haqdar.access.actors import Actor, require
from haqdar.jobs.models import MonthJob


def latest_jobs(actor: Actor, limit: int = 5) -> list[MonthJob]:
    """The latest month runs asked for on a page, newest first; needs `run.view`."""
    require(actor, "run.view")
    return list(MonthJob.objects.order_by("-asked_at", "-id")[:limit])
