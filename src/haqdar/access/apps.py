"""Django app of the stage `access`."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """Offices, people, areas, roles and audit."""

    name = "haqdar.access"
    label = "access"
    verbose_name = "Access"
