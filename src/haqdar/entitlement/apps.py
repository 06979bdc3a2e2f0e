"""Django app of the stage `entitlement`."""

from django.apps import AppConfig


class EntitlementConfig(AppConfig):
    """Snapshots, determination and reasons."""

    name = "haqdar.entitlement"
    label = "entitlement"
    verbose_name = "Entitlement"
