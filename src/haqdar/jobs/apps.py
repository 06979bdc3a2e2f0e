"""Django app of the stage `jobs`."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """What happens by itself: schedules and reactions."""

    name = "haqdar.jobs"
    label = "jobs"
    verbose_name = "Jobs"
