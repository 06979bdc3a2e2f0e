"""Django app of the stage `sources`."""

from django.apps import AppConfig


class SourcesConfig(AppConfig):
    """Deliveries of registers and their rejected rows."""

    name = "haqdar.sources"
    label = "sources"
    verbose_name = "Sources"
