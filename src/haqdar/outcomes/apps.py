"""Django app of the stage `outcomes`."""

from django.apps import AppConfig


class OutcomesConfig(AppConfig):
    """What everybody may know: figures by area, scheme and month."""

    name = "haqdar.outcomes"
    label = "outcomes"
    verbose_name = "Outcomes"
