"""Where a case is followed by its number."""

from django.urls import NoReverseMatch, reverse

from haqdar.cases.models import Case


def follow_url(case: Case) -> str:
    """The public page of a case; empty while the house has none."""
    if case.kind in ("grievance", "report", "feedback"):
        return reverse("citizen:answer", args=[case.number])
    try:
        return reverse("citizen:case-status", args=[case.number])
    except NoReverseMatch:
        return ""
