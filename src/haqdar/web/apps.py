"""Django app of the stage `web`."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Server-rendered pages."""

    name = "haqdar.web"
    label = "web"
    verbose_name = "Web"
