"""Django app of the stage `identity`."""

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    """One person, once: eKYC, linkage of lists, duplicates, quality of the register."""

    name = "haqdar.identity"
    label = "identity"
    verbose_name = "Identity"
