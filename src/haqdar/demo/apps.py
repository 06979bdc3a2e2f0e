"""Django app of the stage `demo`."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """The demonstration district and scale data."""

    name = "haqdar.demo"
    label = "demo"
    verbose_name = "Demo"
