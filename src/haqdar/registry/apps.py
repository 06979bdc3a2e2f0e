"""Django app of the stage `registry`."""

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    """Families, residents and the facts about them in two times."""

    name = "haqdar.registry"
    label = "registry"
    verbose_name = "Registry"
